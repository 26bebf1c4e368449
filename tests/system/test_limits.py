"""Little memory and few descriptors (REL-77): it works, slower perhaps."""
import os

from daemon import SLOW, wait_for
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
