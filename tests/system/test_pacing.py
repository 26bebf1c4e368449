"""Who is asked when, and how hosts are spared: polling.md R43, R44, R65, R77, R81 (T12, T13, T30, T33)."""
import time

from daemon import SLOW, wait_for
from lateness import measure
from origin import Reply


def feed(title="F"):
    return ("<rss version=\"2.0\"><channel><title>%s</title><item><guid>1</guid><title>One</title></item></channel></rss>" % title).encode()


def busy_host(origin, n, answer):
    """n sources of one host, the first of which gets `answer`; the others count what they are asked."""
    origin.play("/0", lambda r: answer)
    for i in range(1, n):
        origin.play("/%d" % i, lambda r: Reply(200, feed()))
    return [("s%d" % i, origin.url + "/%d" % i) for i in range(n)]


CONFIG = "poll: {min: 1s, max: 2s}\nhost: {concurrent: 1, gap: 50ms}\n"


def paused(origin, daemon, answer, hosts=""):
    """What each path was asked after the first answer of /0; the daemon."""
    other = type(origin)(address="127.0.0.2")
    other.play("/o", lambda r: Reply(200, feed()))
    d = daemon(CONFIG + hosts, busy_host(origin, 5, answer) + [("other", other.url + "/o")])
    wait_for(lambda: origin.requests("/0"), "the first answer")
    time.sleep(0.3 * SLOW)
    before = len(origin.requests())
    n = len(other.requests("/o"))
    wait_for(lambda: len(other.requests("/o")) >= n + 2, "the other host, which nobody holds back")
    return len(origin.requests()) - before, d, other


def shared(origin):
    return "hosts:\n  - {name: \"127.0.0.1:%d\", pause: host}\n" % origin.port


def test_retry_after_pauses_the_host_and_lasts(origin, daemon):
    """T12, R43: 429 with Retry-After on one of its sources holds back all of the host, over a restart, and nobody else."""
    asked, d, other = paused(origin, daemon, Reply(429, b"", {"Retry-After": "120"}), shared(origin))
    assert asked == 0
    d.kill()
    d.start()
    n = len(other.requests("/o"))
    wait_for(lambda: len(other.requests("/o")) >= n + 2, "the other host after the restart")
    assert len([r for r in origin.requests() if r.path != "/0"]) <= 5
    other.close()


def test_a_used_up_counter_pauses_the_host(origin, daemon):
    """T13, R44: x-ratelimit-remaining: 0 with a reset, on a 200."""
    asked, _, other = paused(origin, daemon, Reply(200, feed(), {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}), shared(origin))
    assert asked == 0
    other.close()


def test_a_used_up_counter_of_a_private_host_is_its_source_s(origin, daemon):
    """R44 under R43's exception: the others of 127.0.0.1:port go on, the source that was told waits."""
    asked, d, other = paused(origin, daemon, Reply(200, feed(), {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}))
    assert asked >= 4
    assert len(origin.requests("/0")) == 1
    assert d.source("s0")["interval_seconds"] == 60
    other.close()


def test_a_reset_of_429_pauses_the_host(origin, daemon):
    """Section 4, row 429: where there is no Retry-After, the reset stands for it, and not an hour's back-off."""
    asked, d, other = paused(origin, daemon, Reply(429, b"", {"x-ratelimit-reset": "90"}), shared(origin))
    assert asked == 0
    assert d.source("s0")["interval_seconds"] == 90
    other.close()


def test_private_hosts_are_not_paused_as_a_whole(origin, daemon):
    """R43: without saying so, 127.0.0.1:port is many servers; only the source that was refused waits."""
    asked, d, other = paused(origin, daemon, Reply(429, b"", {"Retry-After": "120"}))
    assert asked >= 4
    assert d.source("s0")["failures"] == 1
    other.close()


def test_an_import_is_let_in_slowly(origin, daemon):
    """T30, R65: no second with more starts than the bucket holds and gets."""
    n, rate = 120, 20
    for i in range(n):
        origin.play("/%d" % i, lambda r: Reply(200, feed()))
    d = daemon("fetch: {rate: %d}\npoll: {min: 1h, max: 2h}\nhost: {concurrent: 64, gap: 0s}\n" % rate,
               [("s%d" % i, origin.url + "/%d" % i) for i in range(n)])
    times = sorted(r.time for r in wait_for(lambda: len(origin.requests()) >= n and origin.requests(), "all of them", 30))
    d.stop()
    assert len(times) == n
    assert times[-1] - times[0] >= (n - rate) / rate - 0.5
    for first in times:
        assert len([t for t in times if first <= t < first + 1]) <= 2 * rate + 2


def test_black_holes_do_not_make_others_late(tmp_path):
    """R81, T33, bounded: 5 % drop every SYN, 5 % take two seconds. tests/lib/lateness.py is the whole of it.

    Somebody answers all the time, so that holes that time out together do not look like being offline (R67)."""
    result = measure(str(tmp_path), sources=500, poll="4s", rate=100, seconds=30 * SLOW, timeout="5s", slow_seconds=2)
    assert result["polls"]["healthy"] > 900 and result["first_polls"]["hole"] > 0, result
    assert result["healthy_late_s"]["p99"] < 8, result  # two intervals
