"""The scenarios of polling.md section 7 and REL-75, all at once, against one daemon: each ends in its outcome, nothing crashes,
nothing is logged as an error, and healthy sources keep their pace beside them."""
import statistics
import time

import pytest

from daemon import SLOW, Daemon, wait_for
from origin import Origin, Reply
from scenarios import BODY, CASES, RSS


class Stage:
    """Every case at an address of its own, played from its list."""

    def __init__(self):
        self.origin = Origin(address="0.0.0.0")
        self.requests = {c.name: [] for c in CASES}
        self.by_host = {}
        for i, c in enumerate(CASES):
            self.by_host["127.%d.%d.1" % (10 + i // 200, 1 + i % 200)] = c
        self.healthy = ["127.9.1.%d" % i for i in range(1, 6)]
        self.times = {h: [] for h in self.healthy}
        self.origin.behaviours = self  # any path

    def get(self, path):
        return self.play

    def play(self, request):
        host = request.headers.get("host", "").split(":")[0]
        if host in self.times:
            self.times[host].append(time.monotonic())
            return Reply(200, BODY, dict(RSS))
        case = self.by_host[host]
        seen = self.requests[case.name]
        seen.append(request)
        if isinstance(case.play, list):
            return case.play[min(len(seen), len(case.play)) - 1](request)
        return case.play(request)

    def sources(self):
        port = self.origin.port
        return ([(c.name, "http://%s:%d/feed" % (h, port)) for h, c in self.by_host.items()]
                + [("healthy%d" % i, "http://%s:%d/feed" % (h, port)) for i, h in enumerate(self.healthy)])


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """(stage, sources as they stood when each case had its polls, the daemon's log)"""
    stage = Stage()
    d = Daemon(tmp_path_factory.mktemp("scenarios"), "fetch: {timeout: 3s, concurrent: 128, max-size: 4MiB, rate: 10000}\npoll: {min: 1s, max: 2s}\n", stage.sources())
    d.start()
    shown, waiting, began = {}, {c.name: c for c in CASES}, time.monotonic()
    while time.monotonic() - began < (60 * SLOW if waiting else 8):
        for s in d.ctl("sources")["sources"]:
            if s["name"] in waiting and s["polls"] >= waiting[s["name"]].polls:
                shown[s["name"]] = s
                del waiting[s["name"]]
        time.sleep(0.2)
    d.stop()
    stage.origin.close()
    yield stage, shown, d.log()


def test_there_are_enough():
    assert len(CASES) >= 80 and len({c.name for c in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_case(played, case):
    stage, shown, _ = played
    source = shown.get(case.name)
    assert source, "it was not polled %d times" % case.polls
    assert source["outcome"] in case.outcomes, (source["outcome"], source["message"])
    assert source["message"] or source["outcome"] in ("ok", "unchanged", "not-modified")
    if case.check:
        case.check(stage.requests[case.name], source)


def test_the_log_has_no_error(played):
    """A foreign server never is an error of ours."""
    assert not [line for line in played[2].splitlines() if " error: " in line]


def test_the_others_were_on_time(played):
    """REL-75: poll.min 1 s, up to 10 % jitter; the middle gap may be a tenth longer than that."""
    for times in played[0].times.values():
        gaps = [b - a for a, b in zip(times, times[1:])]
        assert len(gaps) >= 5 and statistics.median(gaps) < 1.1 * 1.1 + 0.2 * SLOW, gaps
