"""HTTP/2 by the real daemon: nginx as it is installed, and a server whose HTTP/2 is broken in every way that T27 names
(polling.md R80, R91, T27). Healthy sources beside them stay on time."""
import os
import time

import pytest

from daemon import SLOW, Daemon, wait_for
from servers import ADDRESSES, Http2Origin, Nginx, Pki

FEED = "<rss version=\"2.0\"><channel><title>t</title><item><title>%s</title><guid>%s</guid></item></channel></rss>"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes its CA the system's in a mount namespace, which needs root")
PATHS = ["plain", "reset", "refused", "calm", "goaway-calm", "goaway-error", "goaway-after", "reset-in-body", "pings", "silent"]
CALM = ["calm", "goaway-calm"]


class World:
    """All at once against one daemon, each case at an address of its own."""

    def __init__(self, directory):
        self.pki = Pki(directory)
        self.nginx, self.h2 = Nginx(directory, self.pki), Http2Origin(directory, self.pki)
        self.write_feed("One")
        spare = iter(ADDRESSES)
        homes = {p: next(spare) for p in PATHS}
        sources = [self.source(p, homes[p], self.h2.port, p) for p in PATHS]
        sources += [self.source("beside-" + p, homes[p], self.h2.port, "beside-" + p) for p in CALM]
        hosts = "hosts: [%s]\n" % ", ".join("{name: \"%s:%d\", pause: host, gap: 100ms}" % (homes[p], self.h2.port) for p in CALM)
        sources += [self.source(n, next(spare), self.nginx.port, p) for n, p in (
            ("nginx", "feed.xml"), ("nginx-moved", "moved/"), ("nginx-busy", "busy/"), ("nginx-gone", "gone/"), ("nginx-404", "none"))]
        self.healthy = ["healthy%d" % i for i in range(4)]
        sources += [self.source(n, next(spare), self.nginx.port, n + ".xml") for n in self.healthy]
        self.daemon = Daemon(directory, "fetch: {timeout: 3s, concurrent: 64, rate: 1000}\npoll: {min: 1s, max: 2s}\n" + hosts, sources, inside=self.pki.trusted)

    def write_feed(self, item):
        for name in ["feed"] + ["healthy%d" % i for i in range(4)]:
            with open(self.nginx.root + "/%s.xml" % name, "w") as f:
                f.write(FEED % (item, item))

    def source(self, name, address, port, path):
        return "{name: %s, url: \"https://%s:%d/%s\", poll: {min: 1s, max: 2s}}" % (name, address, port, path)

    def close(self):
        self.daemon.stop()
        self.nginx.close()
        self.h2.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    w = World(tmp_path_factory.mktemp("http2"))
    try:
        w.daemon.start()
        wait_for(lambda: len(w.h2.requests("/reset")) >= 6 and len(w.nginx.requests("/feed.xml")) >= 6, "six polls of each", 40)
        wait_for(lambda: all(s["polls"] for s in w.daemon.ctl("sources")["sources"] if not s["name"].startswith("beside-")), "a poll of each", 20)
        yield w
    finally:
        w.close()
    assert not [line for line in w.daemon.log().splitlines() if " error: " in line]


def versions(world, path):
    return [r["version"] for r in world.h2.requests("/" + path)]


def test_nginx_is_asked_by_http2_and_only_once_without_validators(world):
    seen = world.nginx.requests("/feed.xml")
    direct = [r for r in seen if r["tag"]]
    assert {r["protocol"] for r in seen} == {"HTTP/2.0"}
    assert len([r for r in seen if not r["tag"]]) == 2  # nginx and nginx-moved, once each
    assert {r["status"] for r in direct} == {304}
    assert {r["tag"].removeprefix("W/") for r in direct} == {direct[0]["tag"].removeprefix("W/")}  # packed it is a weak one, R7
    assert world.daemon.source("nginx")["outcome"] == "not-modified"


def test_nginx_changes_and_is_read_again(world):
    world.write_feed("Two")
    wait_for(lambda: "Two" in world.daemon.titles(), "the new item")
    assert wait_for(lambda: world.nginx.requests("/feed.xml")[-1]["status"] == 304, "304 again")


@pytest.mark.parametrize("name,outcome", [("nginx-moved", "not-modified"), ("nginx-busy", "limited"), ("nginx-gone", "gone"), ("nginx-404", "missing")])
def test_statuses_over_http2(world, name, outcome):
    s = wait_for(lambda: world.daemon.source(name), name)
    assert s["outcome"] in (outcome, "ok"), s
    if name == "nginx-busy":
        assert s["interval_seconds"] >= 7200


@pytest.mark.parametrize("path", ["reset", "goaway-error", "reset-in-body"])
def test_two_failures_by_http2_and_the_host_is_asked_by_http1(world, path):
    """R91. After each failure the source itself is asked by HTTP/1.1 once; after two nobody tries HTTP/2 there again."""
    seen = wait_for(lambda: len(versions(world, path)) >= 5 and versions(world, path), "five requests for " + path, 30)
    assert seen.count("2.0") == 2 and seen[-1] == "1.1", seen
    assert world.daemon.source(path)["outcome"] in ("ok", "unchanged", "not-modified")


@pytest.mark.parametrize("path", CALM)
def test_calm_is_a_429(world, path):
    """R91, CURL-KB: libcurl alone would begin again at once."""
    s = world.daemon.source(path)
    assert s["outcome"] == "limited" and s["interval_seconds"] >= 3600 - 1, s
    assert len(versions(world, path)) == 1
    assert len(versions(world, "beside-" + path)) <= 1  # whoever was first; then the whole host has its hour


@pytest.mark.parametrize("path", ["plain", "goaway-after", "pings"])
def test_http2_that_works_stays(world, path):
    seen = wait_for(lambda: len(versions(world, path)) >= 3 and versions(world, path), "three requests for " + path, 20)
    assert set(seen) == {"2.0"}
    assert world.daemon.source(path)["outcome"] == "not-modified"


def test_a_refused_stream_is_not_a_storm(world):
    """R75: libcurl alone would ask six times at once. It is repeated once, and after two polls by HTTP/1.1."""
    seen = wait_for(lambda: len(versions(world, "refused")) >= 8 and versions(world, "refused"), "the polls by HTTP/1.1")
    assert seen.count("2.0") == 4 and seen[-1] == "1.1", seen


def test_a_silent_stream_stalls(world):
    assert wait_for(lambda: world.daemon.source("silent")["outcome"] == "stall" and "3 s" in world.daemon.source("silent")["message"], "the stall")


def test_the_others_were_on_time(world):
    """min 1 s and never offered a reason for more; the middle gap of each as in test_scenarios.py."""
    counts = {n: len(world.nginx.requests("/%s.xml" % n)) for n in world.healthy}
    time.sleep(6)
    for n in world.healthy:
        assert len(world.nginx.requests("/%s.xml" % n)) - counts[n] >= 2, n
