"""What the flood guard holds comes out when somebody says so (features.md B16, push.md F-2; doc/decisions/014)."""
import time

from daemon import wait_for
from test_spine import hook

OLD = time.time() - 90 * 86400


def renumbered(site, n, when):
    """The same site with other ids and links, as after a move."""
    site.items.clear()
    for i in range(n):
        site.publish("archive %d" % i, link="http://elsewhere.example/%d" % i, guid="new-%d" % i, when=when + i * 3600,
                     content="<p>Number %d tells of %s, which nothing else does.</p>" % (i, "abcdefghijklmnopqrstuvwxyz"[i % 26] * 9))


def told(d):
    return [s for s in d.ctl("explain", "source", "r")["because"] if "syndicatectl release r" in s]


def test_what_is_held_is_released(origin, receiver, daemon):
    site = origin.site("/r.xml")
    for i in range(12):
        site.publish("known %d" % i, when=OLD + 40 * 86400 + i)
    d = daemon(hook(receiver), [("r", origin.url + "/r.xml")])
    wait_for(lambda: len(d.titles()) == 12, "the first items")
    renumbered(site, 30, OLD)
    held = wait_for(lambda: "30 of 30 items were new at once" in d.log(), "them to be held")
    assert held and "syndicatectl release r announces them" in d.log()
    time.sleep(1)
    assert not [t for t in receiver.titles() if t.startswith("archive")]
    # They are kept and shown at their own dates, below what was known.
    wait_for(lambda: len(d.titles()) == 42, "them to be shown")
    assert all(t.startswith("known") for t in d.titles()[:12])
    assert told(d)

    assert "30 items are announced now" in str(d.ctl("release", "r"))
    wait_for(lambda: len([t for t in receiver.titles() if t.startswith("archive")]) == 30, "their webhooks")
    assert sorted(set(receiver.titles())) == sorted(receiver.titles())
    wait_for(lambda: d.titles()[0].startswith("archive"), "them to be published as news")
    assert not told(d)
    assert "none of its items is held" in str(d.ctl("release", "r"))  # once only
    r = d.ctl("release", "nobody", check=False)
    assert r.returncode == 1 and "there is no source named 'nobody'" in r.stderr
    time.sleep(1)
    assert len([t for t in receiver.titles() if t.startswith("archive")]) == 30
