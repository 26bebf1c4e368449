"""RFC 3229 through the whole daemon (polling.md R24): a 226 brings what is new, and what it leaves out is not gone."""
from daemon import wait_for
from origin import Reply

ITEM = "<item><title>%s</title><guid>%s</guid></item>"
FEED = "<rss version=\"2.0\"><channel><title>t</title>%s</channel></rss>"


class Delta:
    """Knows versions 1, 2, 3, ... of a feed with one item more each; version n has the ETag "n"."""

    def __init__(self):
        self.version, self.im = 2, "feed"

    def __call__(self, request):
        tag = request.headers.get("if-none-match", "")
        headers = {"ETag": '"%d"' % self.version, "Content-Type": "application/rss+xml"}
        if tag == headers["ETag"]:
            return Reply(304, headers=headers)
        have = int(tag.strip('"')) if tag and request.headers.get("a-im") == "feed" else 0
        body = FEED % "".join(ITEM % ("Item %d" % i, i) for i in range(self.version, have, -1))
        if have:
            headers["IM"] = self.im
        return Reply(226 if have else 200, body.encode(), headers)


def start(daemon, origin):
    feed = Delta()
    origin.play("/d.xml", feed)
    d = daemon("poll: {min: 1s, max: 1s}\n", ["{name: d, url: \"%s/d.xml\", deltas: yes}" % origin.url])
    wait_for(lambda: d.source("d")["outcome"] == "not-modified", "304")
    return feed, d


def test_what_is_new_is_taken_and_the_rest_stays(daemon, origin):
    feed, d = start(daemon, origin)
    for version in (3, 5):
        feed.version = version
        wait_for(lambda: "Item %d" % version in d.titles(), "the new item")
        wait_for(lambda: d.source("d")["outcome"] == "not-modified", "304 to the new ETag")
    assert sorted(d.titles()) == ["Item %d" % i for i in range(1, 6)]
    sent = origin.requests("/d.xml")
    assert not [r for r in sent if "a-im" in r.headers and "if-none-match" not in r.headers]
    assert "a-im" not in sent[0].headers and [r.status for r in sent].count(226) == 2
    d.restart()
    wait_for(lambda: len(origin.requests("/d.xml")) > len(sent) + 1, "polls")
    assert origin.requests("/d.xml")[-1].headers["if-none-match"] == '"5"' and len(d.titles()) == 5


def test_another_manipulation_is_an_error_and_not_asked_for_again(daemon, origin):
    feed, d = start(daemon, origin)
    feed.im, feed.version = "diffe", 3
    wait_for(lambda: [r.status for r in origin.requests("/d.xml")].count(226) == 1, "the 226")
    wait_for(lambda: "Item 3" in d.titles(), "the item by a whole answer")
    sent = origin.requests("/d.xml")
    after = sent[[r.status for r in sent].index(226) + 1]
    assert "a-im" not in after.headers and after.status == 200 and after.headers["if-none-match"] == '"2"'
