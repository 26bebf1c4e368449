"""What servers do to pollers, one row a case: polling.md section 7 (T1 to T29, as far as it needs no virtual clock and no TLS)
and REL-75. A row is played by an Origin at an address of its own (127.x.y.z), so that no case shares a host group with another.

    Case(name, play, outcomes, polls=1, check=None)

play: a behaviour of the origin, or a list of behaviours, one a request, of which the last one stays. outcomes: the names that
`syndicatectl sources` may show after so many polls. check(requests, source): more that must hold.
"""
import gzip
import io
import socket
import struct
import time
import zlib
from email.utils import formatdate

import brotli
import zstandard

from origin import Reply, html_page, never_answers

CASES = []
ITEM = b"<item><title>news</title><guid>g1</guid></item>"
FEED = b"<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>t</title>%s</channel></rss>"
BODY = FEED % ITEM
RSS = {"Content-Type": "application/rss+xml"}
OK = "ok"


class Case:
    def __init__(self, name, play, outcomes, polls=1, check=None):
        self.name, self.play, self.polls, self.check = name, play, polls, check
        self.outcomes = {outcomes} if isinstance(outcomes, str) else set(outcomes)
        if "ok" in self.outcomes:
            self.outcomes.add("unchanged")  # polled once more before anybody looked


def case(name, play, outcomes, polls=1, check=None):
    CASES.append(Case(name, play, outcomes, polls, check))


def feed(headers=None, body=BODY, status=200):
    return lambda r: Reply(status, body, {**RSS, **(headers or {})})


def answer(status, headers=None, body=b""):
    return lambda r: Reply(status, body, dict(headers or {}))


def raw(*parts, pause=0.0):
    """Sends the bytes as they are, with a pause between the parts."""
    def play(request):
        for p in parts:
            request.socket.sendall(p)
            if pause:
                time.sleep(pause)
    return play


def document(extra):
    return FEED % (extra + ITEM)


# ---- validators: T2 to T6 ----

def conditional(**wanted):
    """The second request carries exactly these validators."""
    def check(requests, source):
        got = {k: requests[1].headers[k] for k in ("if-none-match", "if-modified-since") if k in requests[1].headers}
        assert got == {k.replace("_", "-"): v for k, v in wanted.items()}, got
        assert not any(k in requests[0].headers for k in ("if-none-match", "if-modified-since"))
    return check


LM = "Tue, 24 Nov 2026 10:00:00 GMT"
for name, tag in (("weak", 'W/"a"'), ("unquoted", "a"), ("empty", '""'), ("gzip", '"a-gzip"'), ("comma", '"a,b"'), ("brotli", '"a;br"'),
                  ("utf8", '"\u00c3\u00a9"'), ("long", '"%s"' % ("x" * 1000))):
    case("etag-" + name, feed({"ETag": tag}), OK, 2, conditional(if_none_match=tag))
case("etag-too-long", feed({"ETag": '"%s"' % ("x" * 8192)}), OK, 2, conditional())
case("etag-tab", lambda r: b"HTTP/1.1 200 OK\r\nETag: \"a\tb\"\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY), OK, 2, conditional())
case("etag-twice", lambda r: b"HTTP/1.1 200 OK\r\nETag: \"one\"\r\nETag: \"two\"\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY), OK, 2,
     conditional(if_none_match='"two"'))
case("etag-in-trailer", raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: ETag\r\n\r\n%x\r\n%s\r\n0\r\nETag: \"t\"\r\n\r\n" % (len(BODY), BODY)),
     OK, 2, conditional())
for name, date in (("junk", "yesterday"), ("1970", "Thu, 01 Jan 1970 00:00:00 GMT"), ("2099", "Thu, 01 Jan 2099 00:00:00 GMT"), ("zero", "0")):
    case("last-modified-" + name, feed({"Last-Modified": date}), OK, 2, conditional(if_modified_since=date))
case("both-validators", feed({"ETag": '"a"', "Last-Modified": LM}), OK, 2, conditional(if_none_match='"a"', if_modified_since=LM))


def third(**wanted):
    def check(requests, source):
        got = {k: requests[2].headers[k] for k in ("if-none-match", "if-modified-since") if k in requests[2].headers}
        assert got == {k.replace("_", "-"): v for k, v in wanted.items()}, got
    return check


case("touch", [feed({"ETag": '"1"', "Last-Modified": LM}), feed({"ETag": '"2"', "Last-Modified": "later"})], OK, 3,
     third(if_none_match='"2"', if_modified_since="later"))
case("etag-alone-changes", [feed({"ETag": '"1"', "Last-Modified": LM}), feed({"ETag": '"2"', "Last-Modified": LM})], OK, 3,
     third(if_none_match='"2"', if_modified_since=LM))
case("date-alone-changes", [feed({"ETag": '"1"', "Last-Modified": LM}), feed({"ETag": '"1"', "Last-Modified": "later"})], OK, 3,
     third(if_none_match='"1"', if_modified_since="later"))
case("etag-disappears", [feed({"ETag": '"1"', "Last-Modified": LM}), feed({"Last-Modified": LM})], OK, 3, third(if_modified_since=LM))
case("date-disappears", [feed({"ETag": '"1"', "Last-Modified": LM}), feed({"ETag": '"1"'})], OK, 3, third(if_none_match='"1"'))
case("304-renews-etag", [feed({"ETag": '"1"'}), answer(304, {"ETag": '"2"'})], "not-modified", 3, third(if_none_match='"2"'))
case("304-keeps-etag", [feed({"ETag": '"1"'}), answer(304)], "not-modified", 3, third(if_none_match='"1"'))
case("304-unasked", answer(304), "http-protocol")
case("304-with-body", [feed({"ETag": '"1"'}), raw(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nHello")], "not-modified", 3)
case("bad-body-keeps-validators", [feed({"ETag": '"1"'}), answer(200, {"ETag": '"bad"'}, b"<html>")], "not-a-feed", 3, third(if_none_match='"1"'))
case("cut-body-keeps-validators", [feed({"ETag": '"1"'}), raw(b"HTTP/1.1 200 OK\r\nETag: \"bad\"\r\nContent-Length: 999\r\n\r\n<rss")], "stall", 3,
     third(if_none_match='"1"'))


# ---- other fields: T7 ----

def no_cookie(requests, source):
    assert not [r for r in requests if "cookie" in r.headers or "referer" in r.headers or "?" in r.path]


case("cookie", feed({"Set-Cookie": "a=b; Path=/"}), OK, 3, no_cookie)
case("cookie-wall", answer(302, {"Set-Cookie": "a=b", "Location": "/feed"}), "redirect-bad", 1, no_cookie)


# ---- hints: T8, T9. The interval is at least so long and, where it must not count, short ----

def interval(at_least=0, at_most=None):
    def check(requests, source):
        assert source["interval_seconds"] >= at_least, source["interval_seconds"]
        assert at_most is None or source["interval_seconds"] <= at_most, (source["interval_seconds"], source["next_poll_reason"])
    return check


def lines(head):
    """A feed with fields that a dictionary cannot hold: several lines of one name."""
    return lambda r: b"HTTP/1.1 200 OK\r\n%sContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n%s" % (head, len(BODY), BODY)


SHORT = interval(at_most=60)
case("max-age-in-the-first-line", lines(b"Cache-Control: max-age=7200\r\nCache-Control: public\r\n"), OK, 1, interval(7200, 7300))
case("no-store-in-the-first-line", lines(b"Cache-Control: no-store\r\nCache-Control: max-age=7200\r\n"), OK, 1, SHORT)
for name, headers, check in (
        ("max-age-0", {"Cache-Control": "max-age=0"}, SHORT),
        ("max-age-600", {"Cache-Control": "max-age=600"}, interval(600, 700)),
        ("max-age-7200", {"Cache-Control": "public, max-age=7200"}, interval(7200, 7300)),
        ("max-age-a-year", {"Cache-Control": "max-age=31536000"}, interval(86400, 86400)),
        ("max-age-negative", {"Cache-Control": "max-age=-1"}, SHORT),
        ("max-age-quoted", {"Cache-Control": 'max-age="600"'}, interval(600, 700)),
        ("max-age-twice", {"Cache-Control": "max-age=60, max-age=600"}, interval(600, 700)),
        ("max-age-upper-case", {"Cache-Control": "MAX-AGE=600"}, interval(600, 700)),
        ("max-age-overflow", {"Cache-Control": "max-age=99999999999999999999"}, interval(at_most=86400)),
        ("max-age-garbage", {"Cache-Control": "max-age=1e9"}, SHORT),
        ("age-counts", {"Cache-Control": "max-age=600", "Age": "300"}, interval(300, 310)),
        ("age-of-a-week", {"Cache-Control": "max-age=31536000", "Age": "700000"}, interval(86400, 86400)),
        ("age-over-max-age", {"Cache-Control": "max-age=600", "Age": "900"}, SHORT),
        ("s-maxage", {"Cache-Control": "s-maxage=7200"}, SHORT),
        ("no-store", {"Cache-Control": "no-store"}, SHORT),
        ("no-cache-of-a-field", {"Cache-Control": 'no-cache="Set-Cookie", max-age=600'}, interval(600, 700)),
        ("swr", {"Cache-Control": "max-age=60, stale-while-revalidate=86400, immutable"}, interval(60, 70)),
        ("expires-0", {"Expires": "0"}, SHORT),
        ("expires-past", {"Date": "Tue, 24 Nov 2026 10:00:00 GMT", "Expires": "Mon, 23 Nov 2026 10:00:00 GMT"}, SHORT),
        ("expires-skewed", {"Date": "Sun, 01 Jan 2040 10:00:00 GMT", "Expires": "Sun, 01 Jan 2040 10:10:00 GMT"}, interval(600, 601)),
        ("max-age-beats-expires", {"Cache-Control": "max-age=0", "Date": LM, "Expires": "Wed, 25 Nov 2026 10:00:00 GMT"}, SHORT)):
    case(name, feed(headers), "ok", 1, check)
for name, extra, check in (
        ("ttl-0", b"<ttl>0</ttl>", SHORT), ("ttl-10", b"<ttl>10</ttl>", interval(600, 610)), ("ttl-1440", b"<ttl>1440</ttl>", interval(86400, 86400)),
        ("ttl-abc", b"<ttl>abc</ttl>", SHORT), ("ttl-huge", b"<ttl>99999999</ttl>", interval(86400, 86400)), ("ttl-negative", b"<ttl>-5</ttl>", SHORT),
        ("skip-everything", b"<skipDays>" + b"".join(b"<day>%s</day>" % d for d in (b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday",
                                                                              b"Saturday", b"Sunday")) + b"</skipDays>", SHORT),
        ("sy-hourly", b"<sy:updatePeriod xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">hourly</sy:updatePeriod>", interval(3600, 3610)),
        ("sy-daily-4", b"<sy:updatePeriod xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">daily</sy:updatePeriod>"
                       b"<sy:updateFrequency xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">4</sy:updateFrequency>", interval(21600, 21610)),
        ("sy-yearly", b"<sy:updatePeriod xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">yearly</sy:updatePeriod>", interval(86400, 86400)),
        ("sy-frequency-0", b"<sy:updateFrequency xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">0</sy:updateFrequency>", interval(at_most=86400))):
    case(name, feed(body=document(extra)), "ok", 1, check)


# ---- Retry-After and limits: T12 to T14 ----

def waits(at_least, at_most=8 * 86400):
    return interval(at_least, at_most)


for status in (429, 503):
    for name, value, check in (("120", "120", waits(120)), ("date", "Fri, 01 Jan 2100 00:00:00 GMT", waits(7 * 86400)), ("absurd", "9999999999", waits(7 * 86400)),
                               ("past", "Thu, 01 Jan 1970 00:00:00 GMT", None), ("garbage", "120abc", None), ("fraction", "1.5", None)):
        case("%d-retry-after-%s" % (status, name), answer(status, {"Retry-After": value}), "limited", 1, check)


def by_its_own_clock(days):
    """R41: a server whose clock is days off says when to come back, by that clock: in an hour."""
    def play(request):
        then = time.time() + days * 86400
        return Reply(429, b"", {"Date": formatdate(then, usegmt=True), "Retry-After": formatdate(then + 3600, usegmt=True)})
    return play


for name, days in (("ahead", 1), ("behind", -1)):
    case("429-clock-%s" % name, by_its_own_clock(days), "limited", 1, waits(3600, 3602))
case("429-bare", answer(429), "limited", 1, waits(3600))
USED_UP = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "300"}
case("ratelimit-on-200", feed(USED_UP), "ok", 1, interval(300, 301))
case("ratelimit-on-304", [feed({"ETag": '"1"'}), answer(304, USED_UP)], "not-modified", 2, interval(300, 301))
case("ratelimit-with-some-left", feed({"x-ratelimit-remaining": "9", "x-ratelimit-reset": "300"}), "ok", 1, SHORT)
case("ratelimit-of-the-draft", lines(b"RateLimit: \"burst\";r=10;t=5\r\nRateLimit: \"daily\";r=0;t=3600\r\n"), "ok", 1, interval(3600, 3601))
case("429-ratelimit", answer(429, USED_UP), "limited", 1, interval(300, 301))
case("429-reset-alone", answer(429, {"x-ratelimit-reset": "300"}), "limited", 1, interval(300, 301))
case("429-reset-soon", answer(429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "3"}), "limited", 1, interval(60, 61))
case("429-retry-after-beats-reset", answer(429, {**USED_UP, "Retry-After": "120"}), "limited", 1, interval(120, 121))
case("503-ratelimit", answer(503, USED_UP), "limited", 1, interval(300, 301))
case("challenge-without-type", answer(403, {"cf-mitigated": "challenge"}), "challenge")
case("challenge-503", answer(503, {"Content-Type": "text/html", "cf-mitigated": "challenge"}, b"<html>"), "challenge")
case("challenge-403", answer(403, {"Content-Type": "text/html", "cf-mitigated": "challenge"}, b"<html>"), "challenge")

# ---- statuses: R55 to R59, REL-75 ----

for status, outcome in ((204, "http-protocol"), (205, "http-protocol"), (206, "http-protocol"), (207, "http-protocol"), (299, "http-protocol"),
                        (300, ("redirect-bad", "http-protocol")), (305, ("redirect-bad", "http-protocol")), (400, "client-error"), (401, "auth"),
                        (402, "forbidden"), (403, "forbidden"), (404, "missing"), (405, "client-error"), (406, "client-error"), (407, ("client-error", "auth")),
                        (408, "transient"), (409, "client-error"), (410, "gone"), (418, "client-error"), (421, ("client-error", "transient")), (425, "transient"),
                        (431, "client-error"), (451, ("client-error", "forbidden")), (500, "server-error"), (501, "server-odd"), (502, "server-error"),
                        (503, "limited"), (504, "server-error"), (505, ("server-odd", "server-error")), (507, ("server-odd", "server-error")),
                        (511, ("server-odd", "server-error", "challenge")), (520, ("server-odd", "server-error")), (526, ("server-odd", "server-error")),
                        (530, ("server-odd", "server-error")), (599, ("server-odd", "server-error")), (999, ("server-odd", "http-protocol", "client-error", "stall", "limited"))):
    case("status-%d" % status, answer(status, body=b"x" if status > 299 else b""), outcome)
case("status-99", raw(b"HTTP/1.1 99 Odd\r\nContent-Length: 0\r\n\r\n"), ("http-protocol", "stall"))
case("empty", feed(body=b""), "not-a-feed")
case("spaces", feed(body=b" \r\n\t "), "not-a-feed")
case("login-page", html_page, "not-a-feed")
case("json-error", answer(200, {"Content-Type": "application/json"}, b'{"error": "no such feed"}'), "not-a-feed")
case("picture", answer(200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n" + bytes(500)), "not-a-feed")


# ---- redirects: T15 to T19 ----

def chain(length, status=301, end=feed()):
    """/feed -> /1 -> ... -> the feed behind so many hops."""
    def play(request):
        n = int(request.path[1:]) if request.path[1:].isdigit() else 0
        return Reply(status, headers={"Location": "/%d" % (n + 1)}) if n < length else end(request)
    return play


def to(location, status=302):
    return lambda r: b"HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % (status, location)


case("redirects-5", chain(5), "ok")
case("redirects-6", chain(6), "redirect-bad")
case("redirects-30", chain(30), "redirect-bad")
for status in (301, 302, 303, 307, 308):
    case("redirect-%d" % status, chain(1, status), "ok")
case("redirect-loop", to(b"/feed"), "redirect-bad")
case("redirect-a-b", lambda r: Reply(301, headers={"Location": "/b" if r.path == "/feed" else "/feed"}), "redirect-bad")
case("redirect-to-a-page", chain(1, 301, html_page), "not-a-feed")
case("redirect-without-location", answer(302), "redirect-bad")
for name, location, outcome in (
        ("relative", b"next", "ok"), ("query", b"?q=1", "ok"), ("fragment", b"/next#part", "ok"), ("dots", b"/a/../next", "ok"),
        ("spaces", b"/with space", ("ok", "redirect-bad")), ("utf8", "/é".encode(), ("ok", "redirect-bad")), ("empty", b"", "redirect-bad"),
        ("javascript", b"javascript:alert(1)", "redirect-bad"), ("file", b"file:///etc/passwd", ("blocked", "redirect-bad")), ("ftp", b"ftp://127.0.0.1/x", ("blocked", "redirect-bad")),
        ("gopher", b"gopher://127.0.0.1:6379/_x", ("blocked", "redirect-bad")), ("userinfo", b"http://user:pw@127.0.0.1/", "redirect-bad"),
        ("no-host", b"http:///x", ("redirect-bad", "dns-permanent", "dns-temporary")), ("private", b"http://10.0.0.1/", "blocked"), ("port-22", b"http://93.184.216.34:22/", "blocked"),
        ("8-kib", b"/" + b"x" * 9000, "redirect-bad"), ("nul", b"/a\0b", ("redirect-bad", "stall", "http-protocol", "missing", "ok"))):
    case("location-" + name, [to(location), feed()], outcome)


def validators_stay_at_home(requests, source):
    """R8: what /feed said is not told to /b, and the other way round."""
    for r in requests:
        tag = r.headers.get("if-none-match")
        assert tag in (None, '"b"' if r.path == "/b" else '"a"'), (r.path, tag)


case("validators-of-a-redirect", lambda r: Reply(200, BODY, {**RSS, "ETag": '"b"'}) if r.path == "/b" else
     Reply(302, headers={"Location": "/b", "ETag": '"a"'}), OK, 3, validators_stay_at_home)


# ---- encodings and bombs: T24 ----

def packed(coding, body):
    return feed({"Content-Encoding": coding}, body)


def raw_deflate(data):
    c = zlib.compressobj(wbits=-15)
    return c.compress(data) + c.flush()


def stream(data, count, make):
    """count times data, compressed piece by piece: what a bomb is made of, without needing it in memory."""
    out = io.BytesIO()
    with make(out) as f:
        for _ in range(count):
            f.write(data)
    return out.getvalue()


GZ = gzip.compress(BODY)
ZEROS = bytes(1 << 20)
BOMB = stream(ZEROS, 200, lambda out: gzip.GzipFile(fileobj=out, mode="wb"))
BAD = ("oversize", "encoding", "not-a-feed")
case("gzip", packed("gzip", GZ), "ok")
case("x-gzip", packed("x-gzip", GZ), "ok")
case("gzip-upper-case", packed("GZIP", GZ), "ok")
case("gzip-bad-crc", packed("gzip", GZ[:-8] + b"\0\0\0\0" + GZ[-4:]), ("encoding", "damaged"))
case("gzip-cut", packed("gzip", GZ[:len(GZ) // 2]), ("encoding", "damaged", "stall", "not-a-feed"))
case("gzip-not", packed("gzip", BODY), ("encoding", "ok"))
case("gzip-empty", packed("gzip", gzip.compress(b"")), "not-a-feed")
case("gzip-bomb", packed("gzip", BOMB), BAD)
case("gzip-twice", packed("gzip, gzip", gzip.compress(GZ)), "ok")
case("gzip-6", packed(", ".join(["gzip"] * 6), gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(GZ)))))), "encoding")
case("gzip-bomb-twice", packed("gzip, gzip", gzip.compress(BOMB)), BAD)
case("deflate-zlib", packed("deflate", zlib.compress(BODY)), "ok")
case("deflate-raw", packed("deflate", raw_deflate(BODY)), "ok")
case("br", packed("br", brotli.compress(BODY)), "ok")
case("br-bomb", packed("br", brotli.compress(bytes(100 << 20), quality=1)), BAD)
case("zstd", packed("zstd", zstandard.compress(BODY)), "ok")
case("zstd-bomb", packed("zstd", zstandard.compress(bytes(100 << 20))), BAD)
case("identity", packed("identity", BODY), "ok")
case("coding-unknown", packed("snake-oil", BODY), ("encoding", "ok"))


# ---- transport: T25 to T27 ----

def endless(head, piece):
    """Until the other side has had enough."""
    def play(request):
        request.socket.sendall(head)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            request.socket.sendall(piece)
    return play


def drip(head, piece, pause=0.3):
    def play(request):
        request.socket.sendall(head)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            request.socket.sendall(piece)
            time.sleep(pause)
    return play


def reset(request):
    request.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss")
    time.sleep(0.2)
    request.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


HEAD, CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CUT = ("stall", "http-protocol", "oversize", "connect")
case("endless-chunks", endless(CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"), ("oversize",))
case("endless-body", endless(HEAD + b"\r\n", b"x" * 65536), ("oversize",))
case("endless-headers", endless(HEAD, b"X-Y: z\r\n" * 1000), CUT)
case("10000-continues", raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 10000, HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)), CUT + ("ok",))
case("103-early-hints", raw(b"HTTP/1.1 103 Early Hints\r\nETag: \"hint\"\r\n\r\n", HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)), OK, 2, conditional())
case("chunk-size-overflow", raw(CHUNKED + b"FFFFFFFFFFFFFFFFFF\r\n" + BODY), CUT)
case("chunk-size-garbage", raw(CHUNKED + b"zz\r\n" + BODY), CUT)
case("chunk-extension", raw(CHUNKED + b"%x;" % len(BODY) + b"e" * (1 << 20) + b"\r\n" + BODY + b"\r\n0\r\n\r\n"), CUT + ("ok",))
case("chunks-cut", raw(CHUNKED + b"%x\r\n" % len(BODY) + BODY), CUT)
case("chunks-of-one", raw(CHUNKED + b"".join(b"1\r\n%c\r\n" % c for c in BODY) + b"0\r\n\r\n"), "ok")
case("silent", never_answers, "stall")
case("slow-headers", drip(HEAD, b"X"), "stall")
case("slow-body", drip(HEAD + b"Content-Length: 100000\r\n\r\n", b"x"), "stall")
case("reset", reset, CUT)
case("fin-at-once", lambda r: b"", CUT)
case("fin-early", raw(HEAD + b"Content-Length: 1000\r\n\r\n<rss"), CUT)
case("length-short", raw(HEAD + b"Content-Length: 20\r\n\r\n" + BODY), ("damaged", "not-a-feed", "http-protocol", "stall"))
case("length-negative", raw(HEAD + b"Content-Length: -5\r\n\r\n" + BODY), CUT + ("ok",))
case("length-twice", raw(HEAD + b"Content-Length: 5\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY), CUT + ("ok", "not-a-feed", "damaged"))
case("length-garbage", raw(HEAD + b"Content-Length: many\r\n\r\n" + BODY), CUT + ("ok",))
case("http-09", raw(BODY), CUT)
case("http-10", raw(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)), "ok")
case("lf-only", raw(b"HTTP/1.1 200 OK\nContent-Length: %d\n\n%s" % (len(BODY), BODY)), "ok")
case("obs-fold", raw(HEAD + b"X-Long: a\r\n  b\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)), ("ok", "stall", "http-protocol"))
case("no-reason", raw(b"HTTP/1.1 200\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)), "ok")
case("header-without-colon", raw(HEAD + b"nonsense\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)), ("ok", "stall", "http-protocol"))
case("not-http", raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), CUT)
case("http-3-0", raw(b"HTTP/3.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)), CUT + ("ok",))
case("cut-feed", feed(body=BODY[:-20]), "damaged")
case("gzip-5", packed(", ".join(["gzip"] * 5), gzip.compress(gzip.compress(gzip.compress(gzip.compress(GZ))))), "ok")
case("a-long-header", raw(HEAD + b"X: " + b"x" * (1 << 20) + b"\r\n\r\n" + BODY), CUT)
case("gzip-members", packed("gzip", gzip.compress(BODY[:50]) + gzip.compress(BODY[50:])), "ok")
