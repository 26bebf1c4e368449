"""A feed that is a search is its own trouble only: what takes too long, or is not understood, holds up no other feed."""
import random
import time

import pytest

from daemon import SLOW, wait_for

LETTERS = "abcdefgh"
# Near each other, of all words: slow on any index that holds more than a few pages.
SLOW_QUERY = " OR ".join("NEAR(%s* %s*, 4000)" % (LETTERS[i], LETTERS[(i + gap) % 8]) for gap in range(1, 6) for i in range(8))


def pages(n, words=2000):
    dice = random.Random(1)
    return ["".join("%s%s " % (dice.choice(LETTERS), dice.randrange(99999)) for _ in range(words)) for _ in range(n)]


@pytest.mark.skipif(SLOW > 1, reason="a sanitizer takes long for what only has to be slow")
def test_a_search_that_takes_too_long_costs_its_own_feed_only(origin, daemon):
    """publisher.c: the other feeds are made anew, that one keeps its last documents, and the log says what is wrong with it."""
    site = origin.site("/r.xml")
    texts = iter(pages(300))
    for i in range(299):
        site.publish("page %d" % i, content=next(texts))
    feeds = "feeds:\n  - {name: all, limit: 1000}\n  - {name: slow, search: '%s'}\n  - {name: quick, search: 'quick*'}\n" % SLOW_QUERY
    d = daemon("poll: {min: 2s, max: 2s}\n" + feeds, [("r", origin.url + "/r.xml")])
    wait_for(lambda: len(d.titles()) == 299, "all items", 60)
    wait_for(lambda: "feed 'slow' was not made anew: the search '" in d.log(), "the slow one to give up", 30)
    assert "took longer than 1000 ms" in d.log()
    site.publish("quick news", content=next(texts))
    wait_for(lambda: "quick news" in d.titles(), "the feed of all", 20)
    wait_for(lambda: d.titles("/feeds/quick.atom") == ["quick news"], "the quick one", 20)
    assert d.is_healthy()
    began = time.monotonic()
    found = d.ctl("search", SLOW_QUERY, check=False)
    assert found.returncode == 1 and "took longer than 1000 ms" in found.stderr and time.monotonic() - began < 10
