"""Little memory and few descriptors (REL-77): it works, slower perhaps."""
import email.utils
import json
import os
import subprocess

from daemon import BUILD, SLOW, wait_for
from test_spine import hook

import pytest


def limited(*limits):
    return lambda command: ["prlimit", *limits, *command]


@pytest.mark.skipif(SLOW > 1, reason="a sanitizer maps terabytes of addresses")
def test_a_thousand_feeds_in_128_megabytes(origin, receiver, daemon):
    sites = [origin.site("/%d" % i, ("rss", "atom", "json")[i % 3]) for i in range(1000)]
    for s in sites:
        s.publish("of " + s.path)
    config = hook(receiver, initial="all") + "feeds:\n  - {name: all, limit: 2000}\npoll: {min: 60s, max: 60s}\ningest-workers: 2\n"
    d = daemon(config, [("s%d" % i, origin.url + s.path) for i, s in enumerate(sites)], inside=limited("--as=%d" % (128 << 20)))
    wait_for(lambda: len(d.entries()) == 1000, "a thousand items", 60)
    wait_for(lambda: len({x["id"] for x in receiver.deliveries()}) == 1000, "a thousand webhooks", 60)
    with open("/proc/%d/limits" % d.process.pid) as f:
        assert any("Max address space" in line and str(128 << 20) in line for line in f)


def test_sixty_four_descriptors(origin, receiver, daemon):
    """Nobody is blamed, and everything comes."""
    sites = [origin.site("/%d" % i) for i in range(150)]
    for s in sites:
        s.publish("of " + s.path)
    config = hook(receiver, initial="all")
    d = daemon(config, [("s%d" % i, origin.url + s.path) for i, s in enumerate(sites)], inside=limited("--nofile=64:64"))
    wait_for(lambda: len(d.entries()) == 150, "all items", 100)
    wait_for(lambda: len({x["id"] for x in receiver.deliveries()}) == 150, "all webhooks", 60)
    assert len(os.listdir("/proc/%d/fd" % d.process.pid)) < 64
    assert all(s["state"] == "ok" for s in d.ctl("sources")["sources"])


@pytest.mark.parametrize("kind", ["newest-first", "oldest-first", "no-dates"])
def test_of_too_many_items_the_newest(kind, tmp_path):
    """R8: whichever way the document runs; without dates the first are thought to be the newest."""
    def item(n):
        when = "" if kind == "no-dates" else "<pubDate>%s</pubDate>" % email.utils.formatdate(1700000000 + 60 * n)
        return "<item><guid>%d</guid><title>Item</title>%s</item>" % (n, when)

    numbers = list(range(10050))
    if kind == "newest-first":
        numbers.reverse()
    file = tmp_path / "f.xml"
    file.write_text("<rss version='2.0'><channel><title>F</title>%s</channel></rss>" % "".join(map(item, numbers)))
    parsed = json.loads(subprocess.run([os.path.join(BUILD, "syndicated"), "parse", str(file)], capture_output=True, check=True, timeout=60).stdout)
    kept = [int(i["id"]) for i in parsed["entries"]]
    assert kept == (numbers[50:] if kind == "oldest-first" else numbers[:10000])
