"""What a site owner sees in the log (polling.md sections 1 and 2)."""
import signal
import time

from daemon import wait_for
from origin import Reply


def feed(title="F"):
    return ("<rss version=\"2.0\"><channel><title>%s</title><item><guid>1</guid><title>One</title></item></channel></rss>" % title).encode()


def wait_requests(origin, path, n):
    return wait_for(lambda: len(origin.requests(path)) >= n and origin.requests(path), "%d requests" % n)


def stay_well(d, name):
    s = d.source(name)
    assert s["failures"] == 0, s


def test_first_without_then_byte_for_byte(origin, daemon):
    """R1, R2, R3, R7, R19, R22, R16 to R18: whatever the validators look like."""
    pairs = {
        "/weak": ('W/"a"', "Mon, 23 Nov 2026 09:00:00 GMT"), "/bare": ("unquoted", None), "/empty": ('""', None),
        "/gz": ('"a-gzip"', None), "/comma": ('"a,b"', None), "/junk": (None, "yesterday"), "/old": (None, "Thu, 01 Jan 1970 00:00:00 GMT"),
        "/future": ('"x;br"', "Fri, 01 Jan 2099 00:00:00 GMT"),
    }
    for path, (etag, modified) in pairs.items():
        headers = {k: v for k, v in (("ETag", etag), ("Last-Modified", modified)) if v}
        headers["Set-Cookie"] = "track=1"
        origin.play(path, lambda r, h=headers: Reply(304, headers=dict(h)) if r.is_conditional else Reply(200, feed(), dict(h)))
    daemon("", [(p.strip("/"), origin.url + p) for p in pairs])
    for path, (etag, modified) in pairs.items():
        first, *later = wait_requests(origin, path, 3)
        assert not first.is_conditional
        for r in later:
            assert r.headers.get("if-none-match") == etag and r.headers.get("if-modified-since") == modified, path
        for r in [first] + later:
            assert r.method == "GET" and r.path == path
            assert not {"cookie", "referer", "range", "authorization", "from"} & set(r.headers)
            assert r.headers["user-agent"].startswith("syndicated/") and "+http" in r.headers["user-agent"]
            assert "application/atom+xml" in r.headers["accept"] and "gzip" in r.headers["accept-encoding"]
        gaps = [b.time - a.time for a, b in zip([first] + later, later)]
        assert min(gaps) >= 1.0, gaps  # R62, R63: never under the minimum; jitter only adds


def test_touch_brings_new_validators(origin, daemon):
    """R4, R6 (T2, T3): the same body with another ETag each time; the next request carries the newest."""
    n = [0]

    def touched(request):
        n[0] += 1
        return Reply(200, feed(), {"ETag": '"v%d"' % n[0], "Last-Modified": "Mon, 23 Nov 2026 09:00:00 GMT"})

    origin.play("/t", touched)
    d = daemon("", [("t", origin.url + "/t")])
    requests = wait_requests(origin, "/t", 4)
    assert [r.headers.get("if-none-match") for r in requests[:4]] == [None, '"v1"', '"v2"', '"v3"']
    wait_for(lambda: d.source("t")["outcome"] == "unchanged", "the unchanged outcome")


def test_validators_that_vanish_are_forgotten(origin, daemon):
    """R4, R5: a 200 without validators deletes them; a 304 with a new ETag replaces it."""
    answers = [Reply(200, feed("a"), {"ETag": '"1"'}), Reply(304, headers={"ETag": '"2"'}), Reply(200, feed("b")), Reply(200, feed("c"), {"ETag": '"3"'}),
               Reply(304)]
    origin.play("/v", lambda r: answers.pop(0) if len(answers) > 1 else answers[0])
    daemon("", [("v", origin.url + "/v")])
    requests = wait_requests(origin, "/v", 6)
    assert [r.headers.get("if-none-match") for r in requests[:6]] == [None, '"1"', '"2"', None, '"3"', '"3"']


def test_a_bad_body_does_not_replace_validators(origin, daemon):
    """R11: a 200 that is no feed must not be frozen in by 304s."""
    answers = [Reply(200, feed(), {"ETag": '"good"'}), Reply(200, b"<html><body>Down for maintenance</body></html>", {"ETag": '"bad"'})]
    origin.play("/b", lambda r: answers.pop(0) if answers else Reply(304))
    d = daemon("", [("b", origin.url + "/b")])
    requests = wait_requests(origin, "/b", 3)
    assert [r.headers.get("if-none-match") for r in requests[:3]] == [None, '"good"', '"good"']
    assert d.titles() == ["One"]


def test_no_unconditional_and_no_early_request_after_a_restart(origin, daemon):
    """R10, R62 (T10): clean and by kill -9, at any moment, the stored validators are sent and the gap is kept."""
    site = origin.site("/s")
    site.publish("One")
    d = daemon("poll: {min: 2s, max: 4s}", [("s", origin.url + "/s")])
    wait_requests(origin, "/s", 1)
    wait_for(lambda: d.source("s")["polls"] >= 1, "the first poll to be stored")
    for i in range(6):
        d.kill(signal.SIGKILL if i % 2 else signal.SIGTERM)
        d.start()
        wait_requests(origin, "/s", len(origin.requests("/s")) + i % 2)
    wait_requests(origin, "/s", len(origin.requests("/s")) + 2)
    first, *later = origin.requests("/s")
    assert not first.is_conditional and all("if-none-match" in r.headers for r in later)
    gaps = [b.time - a.time for a, b in zip([first] + later, later)]
    assert min(gaps) >= 1.95, gaps


def test_redirects(origin, daemon):
    """R8, R46, R51, R60 (T15, T17, T18): followed by us; validators belong to the URL they came from."""
    origin.play("/moved", lambda r: Reply(301, headers={"Location": "/target", "ETag": '"redirect"'}))
    origin.play("/target", lambda r: Reply(304) if r.is_conditional else Reply(200, feed(), {"ETag": '"target"'}))
    origin.play("/loop", lambda r: Reply(302, headers={"Location": "/loop2"}))
    origin.play("/loop2", lambda r: Reply(302, headers={"Location": "/loop"}))
    origin.play("/file", lambda r: Reply(302, headers={"Location": "file:///etc/passwd"}))
    d = daemon("", [(n, origin.url + "/" + n) for n in ("moved", "loop", "file")])
    requests = wait_requests(origin, "/target", 3)
    assert [r.headers.get("if-none-match") for r in requests[:3]] == [None, '"target"', '"target"']
    assert all(not r.is_conditional for r in origin.requests("/moved"))
    stay_well(d, "moved")
    for name in ("loop", "file"):
        s = wait_for(lambda n=name: d.source(n)["failures"] and d.source(n), "the refusal")
        assert s["outcome"] in ("redirect-bad", "blocked") and s["message"], s


def test_retry_after_is_obeyed(origin, daemon):
    """R40, R42, R43: 429 with Retry-After pauses, and never asks sooner."""
    origin.play("/busy", lambda r: Reply(429, b"slow down", {"Retry-After": "120"}))
    d = daemon("", [("busy", origin.url + "/busy")])
    s = wait_for(lambda: d.source("busy")["failures"] and d.source("busy"), "the answer")
    due = time.mktime(time.strptime(s["next_poll"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    assert s["outcome"] == "limited" and s["next_poll_reason"] == "Retry-After"
    assert 119 <= due - time.time() + 3 and due - time.time() <= 135


def test_max_age_is_a_floor(origin, daemon):
    """R27, R35: do not ask before what the server promised."""
    origin.play("/slow", lambda r: Reply(200, feed(), {"ETag": '"1"', "Cache-Control": "max-age=7200"}))
    d = daemon("", [("slow", origin.url + "/slow")])
    s = wait_for(lambda: d.source("slow")["polls"] and d.source("slow"), "the first poll")
    assert s["interval_seconds"] == 7200 and s["next_poll_reason"] == "max-age"


def test_a_304_may_lengthen_max_age(origin, daemon):
    """R27, R35: what a 304 promises counts as much as what the 200 before it did not say."""
    origin.play("/m", lambda r: Reply(304, headers={"ETag": '"1"', "Cache-Control": "max-age=7200"}) if r.is_conditional
                else Reply(200, feed(), {"ETag": '"1"'}))
    d = daemon("", [("m", origin.url + "/m")])
    s = wait_for(lambda: d.source("m")["outcome"] == "not-modified" and d.source("m"), "the 304")
    assert s["interval_seconds"] == 7200 and s["next_poll_reason"] == "max-age"
    assert len(origin.requests("/m")) == 2


def test_credentials_reach_the_source_and_nobody_else(origin, receiver, daemon):
    """R26, REL-40: sent as Basic to that origin only; not in feed, page, webhook, log, lists, nor after a redirect."""
    import base64
    from test_spine import hook
    body = (b"<rss version=\"2.0\"><channel><title>F</title><link>/</link><item><guid>%d</guid><title>One %d</title><link>rel/%d</link>"
            b"<description>&lt;a href=\"x\"&gt;y&lt;/a&gt;</description></item></channel></rss>")
    n = [0]

    def grows(request):
        n[0] += 1
        return Reply(200, body % (n[0], n[0], n[0]))

    other = type(origin)()
    other.play("/moved", lambda r: Reply(200, feed()))
    origin.play("/private", grows)
    origin.play("/leaves", lambda r: Reply(302, headers={"Location": other.url + "/moved"}))
    base = "http://user:s3cr3t@127.0.0.1:%d" % origin.port
    d = daemon(hook(receiver), [("p", base + "/private"), ("l", base + "/leaves")])
    wait_for(lambda: receiver.deliveries() and len(d.entries()) >= 3, "items and a webhook")
    expected = "Basic " + base64.b64encode(b"user:s3cr3t").decode()
    assert all(r.headers.get("authorization") == expected for r in origin.requests())
    assert other.requests() and all("authorization" not in r.headers for r in other.requests())
    shown = d.log() + str(d.get("/feed.atom")[2]) + str(d.get("/")[2]) + str(d.ctl("sources")) + str(d.ctl("items")) + open(receiver.log).read()
    assert "s3cr3t" not in shown and "user:" not in shown
    other.close()
