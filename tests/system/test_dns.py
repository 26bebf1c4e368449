"""DNS that fails in every way that T29 and REL-75 name, by a real server in a network of its own: what each poll comes to, and
that nobody else waits for it (polling.md R67, R85, T29)."""
import os
import re
import socket
import time

import pytest

from daemon import SLOW, Daemon, wait_for
from internet import Internet

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes network namespaces, which needs root")
WELL = ["93.184.220.34"]
LONG = ".".join(["a" * 59] * 4) + ".example.net"  # 251 bytes
PERMANENT, TEMPORARY = {"dns-permanent"}, {"dns-temporary"}
OK = {"ok"}
CASES = {
    # name: (answers in turn, what the polls come to after each start: answers are kept for minutes)
    "nx.example.net": (["NXDOMAIN"], [PERMANENT]),
    "servfail.example.net": (["SERVFAIL"], [TEMPORARY]),
    "refused.example.net": (["REFUSED"], [TEMPORARY]),
    "timeout.example.net": (["TIMEOUT"], [TEMPORARY]),
    "empty.example.net": ([[]], [PERMANENT | TEMPORARY]),
    "many.example.net": ([["93.184.%d.%d" % (i // 200 + 1, i % 200 + 1) for i in range(100)]], [OK]),
    "too-many.example.net": ([["93.184.%d.%d" % (i // 200 + 1, i % 200 + 1) for i in range(2000)]], [OK]),
    "six-is-dead.example.net": ([["2a02:dead::1"] + WELL], [OK]),
    "many-dead.example.net": ([["2a02:dead::%d" % i for i in range(1, 20)] + WELL], [OK]),
    "all-dead.example.net": ([["2a02:dead::1"]], [{"connect"}]),
    "recovers.example.net": (["SERVFAIL", WELL], [TEMPORARY, OK]),
    "comes.example.net": (["NXDOMAIN", WELL], [PERMANENT, OK]),
    "flips.example.net": ([WELL, "TIMEOUT", WELL], [OK, TEMPORARY, OK]),
    "goes.example.net": ([WELL, "NXDOMAIN"], [OK, PERMANENT]),
    LONG: ([WELL], [OK]),
}
# Allowed, though nothing is there, so that polls may be a second apart.
CONFIG = "allow-networks: [10.99.99.0/24]\nfetch: {timeout: 8s, rate: 10000, concurrent: 64}\npoll: {min: 1s, max: 2s}\n"


@pytest.fixture
def net(tmp_path):
    with Internet(tmp_path) as n:
        yield n


def late_ms(d, prefix):
    """Since the last start, without the first polls, which were due while it was not running."""
    seen = re.findall(r"poll source='(%s\w*)' .* late_ms=(\d+) " % prefix, d.log().rsplit(" is ready: ", 1)[1])
    return [int(ms) for i, (name, ms) in enumerate(seen) if name in [n for n, _ in seen[:i]]]


def play_turn(d, names, turn):
    """One poll of each since the start, and what came of it."""
    began = d.ctl("status")["started"]
    for n, (_, turns) in CASES.items():
        outcomes = turns[min(turn, len(turns) - 1)]
        s = wait_for(lambda: (d.source(names[n])["last_poll"] or "") >= began and d.source(names[n]), "a poll of " + n, 20)
        assert s["outcome"] in outcomes, (turn, n, s["outcome"], s["message"], s)
        assert s["message"] or s["outcome"] == "ok", s


def test_each_comes_to_its_outcome_and_nobody_waits(net, tmp_path):
    healthy = ["healthy%d.example.org" % i for i in range(6)]
    net.names.update({n: answers for n, (answers, _) in CASES.items()})
    net.names.update({n: [["93.184.217.%d" % (i + 1)]] for i, n in enumerate(healthy)})
    net.save_names()
    names = {n: "case%d" % i for i, n in enumerate(CASES)}
    # Each under a domain of its own: hosts of one domain take turns.
    rules = "hosts:\n  - {name: example.net, split: yes}\n  - {name: example.org, split: yes}\n"
    d = Daemon(tmp_path, CONFIG + rules, [(names[n], "http://%s/in/feed.xml" % n) for n in CASES]
               + [("healthy%d" % i, "http://%s/in/feed.xml" % n) for i, n in enumerate(healthy)], inside=net.inside)
    d.start()
    try:
        for turn in range(3):
            if turn:
                d.restart()
            play_turn(d, names, turn)
        wait_for(lambda: len(late_ms(d, "healthy")) >= 40, "polls of the healthy", 40)
        late = sorted(late_ms(d, "healthy"))
        assert late[int(len(late) * 0.95)] < 500 * SLOW, late
        assert not d.ctl("status")["trouble"], "a few bad names are not the network"
    finally:
        d.stop()
    assert not [line for line in d.log().splitlines() if " error: " in line]


def ask(d):
    """How long the daemon takes to answer, in seconds."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(d.socket)
        s.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        while s.recv(65536):
            pass
    return time.monotonic() - began


def threads(d):
    with open("/proc/%d/status" % d.process.pid) as f:
        return int(re.search(r"Threads:\s+(\d+)", f.read()).group(1))


def test_a_resolver_that_is_down_holds_up_nothing(net, tmp_path):
    """Hundreds of sources whose names time out: threads stay bounded, the loop turns, no source is blamed, and it all goes on."""
    n = 300
    net.names.update({"s%d.example%d.net" % (i, i): [["93.184.%d.%d" % (i // 250, i % 250 + 1)]] for i in range(n)})
    net.save_names()
    d = Daemon(tmp_path, CONFIG.replace("max: 2s", "max: 5s"), [("s%d" % i, "http://s%d.example%d.net/in/feed.xml" % (i, i)) for i in range(n)], inside=net.inside)
    d.start()
    try:
        wait_for(lambda: all(s["polls"] for s in d.ctl("sources")["sources"]), "a poll of each", 60)
        d.stop()  # it has the answers for some minutes
        net.names["*"] = ["TIMEOUT"]
        net.save_names()
        d.start()
        wait_for(lambda: d.ctl("status")["trouble"], "the trouble to be seen", 60)
        took = []
        for _ in range(40):
            took.append(ask(d))
            assert threads(d) <= 16 + 8
            time.sleep(0.1)
        assert sorted(took)[20] < 0.05 * SLOW and max(took) < 1 * SLOW, took
        failing = [s for s in d.ctl("sources")["sources"] if s["failures"]]
        assert len(failing) <= 5, [s["name"] for s in failing]
        del net.names["*"]
        net.save_names()
        wait_for(lambda: not d.ctl("status")["trouble"], "it to be over", 90)
        polls = {s["name"]: s["polls"] for s in d.ctl("sources")["sources"]}
        wait_for(lambda: all(s["polls"] > polls[s["name"]] and s["outcome"] == "ok" for s in d.ctl("sources")["sources"]), "all to be polled again", 150)  # failures are kept for a minute
    finally:
        d.stop()
    assert not [line for line in d.log().splitlines() if " error: " in line]
