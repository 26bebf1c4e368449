"""The network goes and comes back (polling.md R67, REL-75): nobody is blamed, one source at a time tries, and they come back spread."""
import os
import re
import time
from datetime import datetime

import pytest

from daemon import Daemon, wait_for
from internet import THEIRS, Internet

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes network namespaces, which needs root")
N, RATE = 24, 5
CONFIG = "fetch: {timeout: 5s, rate: %d}\npoll: {min: 8s, max: 8s}\nallow-networks: [10.99.99.0/24]\n" % RATE
LINE = re.compile(r"^(\S+Z) debug: poll source='(s\d+)' outcome=(\S+) (uncounted)?", re.M)


def polls(text):
    """[(time, source, outcome, counted)]"""
    return [(datetime.fromisoformat(m[1].replace("Z", "+00:00")).timestamp(), m[2], m[3], not m[4]) for m in LINE.finditer(text)]


@pytest.mark.parametrize("what", ["interface", "resolver-and-hosts"])
def test_offline(tmp_path, what):
    with Internet(tmp_path) as net:
        names = ["s%d.example%d.net" % (i, i) for i in range(N)]
        net.names.update({n: [["93.184.221.%d" % (i + 1)]] for i, n in enumerate(names)})
        net.save_names()
        d = Daemon(tmp_path, CONFIG, [("s%d" % i, "http://%s/f%d/feed.xml" % (n, i)) for i, n in enumerate(names)], inside=net.inside)
        d.start()
        try:
            play(d, net, what)
        finally:
            d.stop()


def go(net, what):
    if what == "interface":
        net.run(["ip", "link", "set", "wire0", "down"], check=True)
    else:  # everybody is out of reach at once, and says so
        net.run(["ip", "route", "replace", "unreachable", "default"], check=True)
        net.run(["ip", "addr", "del", "93.184.216.2/24", "dev", "wire0"], check=True)


def come_back(net, what):
    if what == "interface":
        net.run(["ip", "link", "set", "wire0", "up"], check=True)
        net.run(["ip", "route", "add", "default", "via", THEIRS], check=True)
    else:
        net.run(["ip", "addr", "add", "93.184.216.2/24", "dev", "wire0"], check=True)
        net.run(["ip", "route", "replace", "default", "via", THEIRS], check=True)


def play(d, net, what):
    wait_for(lambda: all(s["polls"] >= 2 for s in d.ctl("sources")["sources"]), "two polls of each", 40)
    before = {s["name"]: s["polls"] for s in d.ctl("sources")["sources"]}
    go(net, what)
    wait_for(lambda: "the network is down" in d.log(), "it to be noticed", 30)
    noticed = time.time()
    assert "the network is down" in d.ctl("status")["trouble"]
    time.sleep(24)  # the first probe is after 15 s, the second after 30 more
    sources = d.ctl("sources")["sources"]
    # Before five hosts had failed a few were counted; they are forgiven.
    assert all(s["failures"] == 0 and s["state"] == "ok" for s in sources), [s for s in sources if s["failures"]]
    tried = [p for p in polls(d.log()) if p[0] > noticed + 6]  # what was in flight has ended
    assert len(tried) == 1 and not tried[0][3], tried
    come_back(net, what)
    wait_for(lambda: "the network is there again" in d.log(), "an answer to the next probe", 40)
    wait_for(lambda: all(s["polls"] > before[s["name"]] + 1 for s in d.ctl("sources")["sources"]), "everybody", 40)
    back = polls(d.log().split("the network is there again")[1])
    # Once each, let in by the bucket: no second has more than it holds and gets.
    times = [t for t, *_ in back]
    busiest = max(len([u for u in times if t <= u < t + 1]) for t in times)
    assert busiest <= 3 * RATE, busiest  # it holds RATE, gets RATE, or twice the demand of the schedule (3 a second)
    for i in range(N):
        mine = [t for t, name, *_ in back if name == "s%d" % i]
        assert all(b - a >= 8 for a, b in zip(mine, mine[1:])), mine
    assert all(p[3] and p[2] in ("ok", "unchanged") for p in back), [p for p in back if p[2] not in ("ok", "unchanged")]
    assert all(s["failures"] == 0 for s in d.ctl("sources")["sources"]) and "trouble" not in {k for k, v in d.ctl("status").items() if v}
