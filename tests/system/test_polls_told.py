"""What the operator is told of polls: a line each in the debug log (polling.md R117) and counters (R118)."""
import hashlib
import re
import subprocess
import time

import pytest
from daemon import free_port, wait_for
from origin import Origin, Reply

LINE = re.compile(r"^\S+ debug: poll source='(?P<source>[^']*)' outcome=(?P<outcome>\S+) class=(?P<cls>\S+) status=(?P<status>\d+) new=(?P<new>\d+) "
                  r"changed=\d+ same=\d+ next=(?P<next>\S+) reason='(?P<reason>[^']*)' host=(?P<host>\S+) gap_ms=(?P<gap>\d+) late_ms=-?\d+ "
                  r"first=(?P<first>[01]) url=(?P<url>[0-9a-f]{8}) curl=(?P<curl>\d+) conditional=(?P<conditional>[yn]) wire=(?P<wire>\d+) "
                  r"decoded=(?P<decoded>\d+) dns_ms=(?P<dns>\d+) connect_ms=(?P<connect>\d+) tls_ms=(?P<tls>\d+) ttfb_ms=(?P<ttfb>\d+) "
                  r"total_ms=(?P<total>\d+) floor='(?P<floor>[^']+)'$", re.M)


def lines(d, source=None):
    log = d.log().rpartition("\n")[0]  # whole lines
    found = [m.groupdict() for m in LINE.finditer(log)]
    assert len(found) == len(re.findall(r" debug: poll source='[^']*' outcome=\S+ class=", log))  # each line has all fields
    return [m for m in found if source in (None, m["source"])]


def body(title="F", ttl=""):
    return ("<rss version=\"2.0\"><channel><title>%s</title>%s<item><guid>1</guid><title>One</title></item></channel></rss>" % (title, ttl)).encode()


def slow(request):
    time.sleep(0.3)
    return Reply(304) if request.is_conditional else Reply(200, body(), {"ETag": '"s"', "Cache-Control": "max-age=3"})


@pytest.fixture
def second():
    o = Origin()
    yield o
    o.close()


def test_a_line_each(origin, second, daemon):
    """R117: all fields, true ones; the URL and what it holds are in none."""
    secret = "/s?key=unutterable"
    origin.play(secret, slow)
    origin.play("/ttl", lambda r: Reply(200, body(ttl="<ttl>60</ttl>"), {"ETag": '"t"'}))
    origin.play("/moved", lambda r: Reply(302, headers={"Location": origin.url + secret}))
    dead = free_port()
    url = origin.url.replace("http://", "http://user:unspeakable@") + secret
    second.play("/gone", lambda r: Reply(410))
    d = daemon("host: {concurrent: 16, gap: 50ms}", [
        ("s", url), ("ttl", origin.url + "/ttl"), ("moved", origin.url + "/moved"), ("gone", second.url + "/gone"), ("dead", "http://127.0.0.1:%d/x" % dead)])
    first, later = wait_for(lambda: len(lines(d, "s")) >= 2 and lines(d, "s")[:2], "two polls", 20)
    gone, moved, down, ttl = [wait_for(lambda: lines(d, name), name, 20)[0] for name in ("gone", "moved", "dead", "ttl")]

    assert (first["outcome"], first["cls"], first["status"], first["new"], first["conditional"]) == ("ok", "ok", "200", "1", "n")
    assert (first["first"], first["curl"], first["floor"], first["gap"]) == ("1", "0", "max-age", "50")
    assert (later["outcome"], later["status"], later["new"], later["conditional"], later["decoded"]) == ("not-modified", "304", "0", "y", "0")
    assert int(first["decoded"]) == len(body()) and int(first["wire"]) > len(body()) > int(later["wire"]) > 0
    assert 250 <= int(first["ttfb"]) <= int(first["total"]) < 3000 and int(first["tls"]) == 0 and int(first["dns"]) < 250  # an address: no look-up to wait for
    assert first["url"] == hashlib.sha256((origin.url + secret).encode()).hexdigest()[:8]  # neither user nor password
    assert (gone["status"], gone["cls"], gone["outcome"]) == ("410", "gone", "gone")
    assert (down["status"], down["curl"], down["cls"], down["conditional"], down["wire"]) == ("0", "7", "connect", "n", "0")
    assert ttl["floor"] == "ttl" and ttl["reason"] == "ttl"
    assert moved["outcome"] == "ok" and int(moved["wire"]) > int(first["wire"])  # both hops
    assert "unutterable" not in d.log() and "unspeakable" not in d.log()


def settle(d, origins):
    """Nothing is due any more; what was under way is over, and told."""
    def count():
        return sum(len(o.requests()) for o in origins)

    def at_rest():
        n = count()
        time.sleep(2.5)
        return count() == n and d.ctl("status")["in_flight"] == 0

    wait_for(at_rest, "rest", 30)


def scrape(d):
    status, headers, text = d.get("/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {k: int(v) for k, v in (line.rsplit(" ", 1) for line in text.decode().splitlines() if not line.startswith("#"))}


def test_counters_add_up(origin, second, daemon):
    """R118: to what the origin saw; a reload changes nothing, a restart begins at zero."""
    site = origin.site("/site")
    site.publish("old", when=time.time() - 86400)
    origin.play("/bare", lambda r: Reply(200, body("B")))
    origin.play("/moved", lambda r: Reply(302, headers={"Location": origin.url + "/site"}))
    second.play("/many", lambda r: Reply(429))
    own = ", poll: {min: %ds, max: %ds}}"
    names = {"site": origin.url + "/site", "bare": origin.url + "/bare", "moved": origin.url + "/moved", "missing": origin.url + "/none",
             "many": second.url + "/many", "dead": "http://127.0.0.1:%d/x" % free_port()}

    def sources(s):
        return ["{name: %s, url: \"%s\"" % (n, u) + own % ((s if n != "site" or s > 3 else 3,) * 2) for n, u in names.items()]

    d = daemon("", sources(1))
    n = len(wait_for(lambda: lines(d, "site"), "its first poll"))
    wait_for(lambda: len(lines(d, "site")) > n, "another", 20)
    time.sleep(1.2)  # dates have whole seconds
    site.publish("news", when=time.time())
    site.publish("late", when=time.time() - 3600)
    wait_for(lambda: any(m["new"] == "2" for m in lines(d, "site")), "both", 20)
    before = d.ctl("status")["polls"]["total"]
    d.write("", sources(3600))
    d.ctl("reload")
    settle(d, [origin, second])

    seen, told, polls = origin.requests() + second.requests(), lines(d), d.ctl("status")["polls"]
    assert polls["total"] == len(told) >= before > 10
    assert polls["requests"] == len(seen) > len(told) - len(lines(d, "dead"))
    assert polls["received_bytes"] == sum(int(m["wire"]) for m in told)
    redirects = len(origin.requests("/moved"))
    assert polls["status_200"] == sum(r.status == 200 for r in seen) and polls["status_304"] == sum(r.status == 304 for r in seen)
    assert polls["status_429"] == len(second.requests("/many")) == 1
    assert polls["unconditional"] == sum(len(v) - 1 for v in (origin.requests("/bare"), origin.requests("/none")))
    assert polls["errors"] == {"missing": len(origin.requests("/none")), "limited": 1, "connect": len(lines(d, "dead"))}
    assert sum(polls["successes"].values()) + sum(polls["errors"].values()) == polls["total"] and polls["uncounted"] == 0
    assert polls["successes"]["ok"] + polls["successes"]["unchanged"] == polls["status_200"] and redirects > 0
    news = sum(int(m["new"]) for m in told if m["first"] == "0")
    assert (polls["first_items"], polls["new_items"]) == (3, news) and news >= 4  # two sources read the site
    assert polls["polls_per_new_item"] == pytest.approx(polls["total"] / news)
    assert polls["bytes_per_new_item"] == pytest.approx(polls["received_bytes"] / news)
    waited = [(x["up_to_seconds"], x["items"]) for x in polls["delays"]]
    assert waited[0][0] == 60 and waited[-1][0] is None and 1 <= waited[0][1] <= 2  # "late" is older than the poll before
    assert sum(n for _, n in waited) == waited[0][1]

    m = scrape(d)
    assert m["syndicated_poll_requests_total"] == polls["requests"] and m["syndicated_polls_unconditional_total"] == polls["unconditional"]
    assert m['syndicated_polls_total{outcome="missing"}'] == polls["errors"]["missing"] and m['syndicated_polls_total{outcome="gone"}'] == 0
    assert sum(v for k, v in m.items() if k.startswith("syndicated_polls_total")) == polls["total"]
    assert m["syndicated_item_delay_seconds_count"] == waited[0][1]
    assert not [k for k in m if "site" in k or "127.0.0.1" in k]  # no names of sources, no addresses
    assert d.get("/metrics", method="POST")[0] == 405

    text = subprocess.run([d.program("syndicatectl"), "--socket", d.socket, "status"], capture_output=True, text=True).stdout
    assert "polls     %d since the start" % polls["total"] in text and "%d missing" % polls["errors"]["missing"] in text
    assert "news      %d items" % news in text and "100 % within 1 min" in text

    assert d.restart().ctl("status")["polls"]["total"] == 0
