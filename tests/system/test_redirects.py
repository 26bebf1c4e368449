"""Redirects are requests like others: each hop waits for its host's turn (polling.md R52 with R77; doc/decisions/023).

Every address of 127.0.0.0/8 is a host group of its own, so thirty of them are thirty sites."""
import statistics
import threading
import time

import pytest

from daemon import SLOW, wait_for
from origin import Origin, Reply

FEED = b"<rss version=\"2.0\"><channel><title>F</title><item><guid>1</guid><title>One</title></item></channel></rss>"
RSS = {"Content-Type": "application/rss+xml"}
GAP = 0.15
CONFIG = "poll: {min: 1s, max: 1s}\nfetch: {rate: 10000, timeout: 2s}\nhost: {concurrent: 1, gap: 150ms}\n"


class Site:
    """A host that notes what it is asked, when, and how many at once."""

    def __init__(self, address, answer, seconds=0.0):
        self.origin = Origin(address=address)
        self.origin.behaviours = self
        self.url, self.answer, self.seconds = self.origin.url, answer, seconds
        self.times, self.requests, self.at_once, self.most_at_once = [], [], 0, 0
        self.lock = threading.Lock()

    def get(self, path):
        return self.play

    def play(self, request):
        with self.lock:
            self.times.append(request.time)
            self.requests.append(request)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.seconds)
        answer = self.answer(request)
        with self.lock:
            self.at_once -= 1
        return answer

    def gaps(self):
        times = sorted(self.times)
        return [b - a for a, b in zip(times, times[1:])]

    def was_spaced(self):
        """GAP apart. A request that this busy machine noted late makes the gap behind it short; most are not."""
        return min(self.gaps()) > GAP / 2 and statistics.median(self.gaps()) > GAP - 0.03


def feed(request):
    return Reply(200, FEED, dict(RSS))


def to(url, status=302, **headers):
    return lambda r: Reply(status, b"", {"Location": url + r.path, **headers})


@pytest.fixture
def sites():
    made = []

    def make(n, answer, seconds=0.0):
        made.append(Site("127.0.7.%d" % n, answer, seconds))
        return made[-1]
    yield make
    for s in made:
        s.origin.close()


def entry(name, site, more=""):
    return "{name: %s, url: \"%s/%s\"%s}" % (name, site.url, name, more)


def test_thirty_sites_that_redirect_to_one(daemon, sites):
    """That one is asked one at a time and as far apart as the gap says, its own source among them; waiting takes neither a slot nor
    the time of the transfer (30 of them wait longer than fetch.timeout); nobody else is late."""
    hub = sites(250, feed, seconds=0.02)
    fronts = [sites(i, to(hub.url)) for i in range(1, 31)]
    others = [sites(i, feed) for i in range(41, 46)]
    rare = ", poll: {min: 30s, max: 30s}"
    sources = ([entry("f%d" % i, s, rare) for i, s in enumerate(fronts)] + [entry("o%d" % i, s) for i, s in enumerate(others)]
               + [entry("own", hub)])
    d = daemon(CONFIG.replace("timeout: 2s", "timeout: 2s, concurrent: 4"), sources)
    began = time.monotonic()
    wait_for(lambda: all(d.source("f%d" % i)["outcome"] == "ok" for i in range(30)), "all that are redirected", 30)
    assert time.monotonic() - began > 30 * GAP > 2
    assert hub.most_at_once == 1 and hub.was_spaced(), hub.gaps()
    # Those that were redirected before it was due again come before it: then it is the next.
    wait_for(lambda: len([r for r in hub.requests if r.path == "/own"]) >= 2, "its own source, in its turn", 2)
    assert hub.most_at_once == 1 and hub.was_spaced(), hub.gaps()
    assert all(len(s.times) == 1 for s in fronts)
    for s in others:  # as in test_scenarios.py: up to 10 % jitter, and a tenth longer
        assert len(s.gaps()) >= 3 and statistics.median(s.gaps()) < 1.1 * 1.1 + 0.2 * SLOW, s.gaps()


def test_a_hop_to_the_same_host_keeps_its_gap(daemon, sites):
    """http to https, or with a www: two requests to one host are two starts."""
    site = sites(1, lambda r: feed(r) if r.path == "/b" else Reply(302, b"", {"Location": "/b"}))
    d = daemon(CONFIG, [entry("a", site)])
    wait_for(lambda: len(site.times) >= 6, "three polls")
    assert d.source("a")["outcome"] in ("ok", "unchanged")
    assert site.was_spaced() and site.most_at_once == 1
    assert [r.path for r in site.requests[:6]] == ["/a", "/b"] * 3


@pytest.mark.parametrize("hops,outcome", [(5, "ok"), (6, "redirect-bad"), (0, "redirect-bad")])
def test_a_way_over_many_hosts(daemon, sites, hops, outcome):
    """R51, T15: five hops over five hosts, six; and two that send to each other (0), which no wait between them hides."""
    end = sites(10, feed)
    if hops:
        first = end
        for i in range(hops):
            first = sites(20 + i, to(first.url, 301))
    else:
        first = sites(20, lambda r: Reply(302, b"", {"Location": second.url + r.path}))
        second = sites(21, to(first.url))
    d = daemon(CONFIG + "", [entry("a", first, ", poll: {min: 30s, max: 30s}")])
    wait_for(lambda: d.source("a")["polls"] == 1, "its poll")
    assert d.source("a")["outcome"] == outcome
    assert len(first.times) == 1 and len(end.times) == (1 if hops == 5 else 0)
    if hops == 5:
        assert any("permanent redirects lead to %s/a" % end.url in s for s in d.ctl("explain", "source", "a")["because"])


def test_nothing_of_the_first_host_goes_to_the_next(daemon, sites, tmp_path):
    """R8, R26: neither validators nor login, at a hop that had to wait as at any."""
    (tmp_path / "login").write_text("reader:secret\n")
    (tmp_path / "login").chmod(0o600)
    hub = sites(10, lambda r: Reply(200, FEED, {"ETag": "\"of-hub\"", **RSS}))
    front = sites(1, to(hub.url, ETag="\"of-front\""))
    daemon(CONFIG, [entry("a", front, ", login: {basic-file: \"%s/login\"}" % tmp_path)])
    wait_for(lambda: len(hub.times) >= 3, "three polls")
    assert all("authorization" in r.headers and "if-none-match" not in r.headers for r in front.requests)
    assert not [r for r in hub.requests if "authorization" in r.headers]
    assert [r.headers.get("if-none-match") for r in hub.requests[:3]] == [None, "\"of-hub\"", "\"of-hub\""]


def test_a_redirect_may_ask_for_time(daemon, sites):
    """R40: Retry-After on a redirect is how long to wait before following it, and no failure."""
    hub = sites(10, feed)
    front = sites(1, to(hub.url, **{"Retry-After": "90"}))
    d = daemon(CONFIG, [entry("a", front)])
    wait_for(lambda: front.times, "its first request")
    time.sleep(1.5 * SLOW)
    assert len(front.times) == 1 and not hub.times
    source = d.source("a")
    assert source["failures"] == 0 and source["polls"] == 0
    assert any("waits for the turn of 127.0.7.10:" in s for s in d.ctl("explain", "source", "a")["because"])


def test_what_the_next_host_says_is_its_own(daemon, sites):
    """R43: 429 with Retry-After of the host that it was redirected to pauses that one, not the one that redirects."""
    hub = sites(10, lambda r: Reply(429, b"", {"Retry-After": "120"}))
    front = sites(1, lambda r: to(hub.url)(r) if r.path == "/a" else feed(r))
    pause = "hosts:\n" + "".join("  - {name: \"%s\", pause: host}\n" % s.url.split("//")[1] for s in (hub, front))
    d = daemon(CONFIG + pause, [entry("a", front), entry("own", hub), entry("b", front)])
    wait_for(lambda: d.source("a")["outcome"] == "limited" or d.source("own")["outcome"] == "limited", "the complaint")
    n = len([r for r in front.requests if r.path == "/b"])
    wait_for(lambda: len([r for r in front.requests if r.path == "/b"]) >= n + 2, "the other source of the first host")
    assert len(hub.times) == 1


def test_killed_between_two_hops(daemon, sites):
    """R10, R62: what waits for its next hop lasts over kill -9; the first host is not asked again for it."""
    hub = sites(10, feed)
    fronts = [sites(i, to(hub.url)) for i in range(20, 40)]
    d = daemon(CONFIG, [entry("f%d" % i, s, ", poll: {min: 60s, max: 60s}") for i, s in enumerate(fronts)])
    wait_for(lambda: all(s.times for s in fronts), "all to be redirected")
    time.sleep(0.2 * SLOW)  # what was asked last is stored as well
    d.kill()
    before = len(hub.times)
    assert before < 18
    d.start()
    wait_for(lambda: sum(s["polls"] for s in d.ctl("sources")["sources"]) >= 18, "the rest of them")
    assert all(len(s.times) == 1 for s in fronts)
    assert hub.was_spaced() and 18 <= len(hub.times) <= 20
