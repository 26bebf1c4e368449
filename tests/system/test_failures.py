"""When others fail: messages a newcomer understands, and nobody else pays for it."""
import subprocess

from daemon import free_port, wait_for
from origin import Reply, html_page, never_answers
from test_spine import hook


def test_bad_sources_say_why_and_the_others_keep_their_pace(origin, daemon):
    site = origin.site("/good.xml")
    site.publish("good")
    origin.play("/html", html_page)
    origin.play("/never", never_answers)
    origin.play("/500", lambda r: Reply(500, b"boom"))
    origin.play("/404", lambda r: Reply(404))
    origin.play("/410", lambda r: Reply(410))
    origin.play("/empty", lambda r: Reply(200, b""))
    origin.play("/reset", lambda r: b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss")
    names = ["html", "never", "500", "404", "410", "empty", "reset"]
    d = daemon("fetch: {timeout: 3s}\n", [("good", origin.url + "/good.xml"), ("dead", "http://127.0.0.1:%d/" % free_port())]
               + [("bad-" + n, origin.url + "/" + n) for n in names])
    expected = {
        "dead": ("connect", "refused"), "bad-html": ("not-a-feed", "HTML"), "bad-never": ("stall", "3 s"), "bad-500": ("server-error", "500"),
        "bad-404": ("missing", "404"), "bad-410": ("gone", "410"), "bad-empty": ("not-a-feed", "empty"), "bad-reset": ("stall", "ended early"),
    }
    for name, (outcome, word) in expected.items():
        s = wait_for(lambda n=name: d.source(n)["failures"] and d.source(n), name + " to have failed", 15)
        assert s["outcome"] == outcome and word in s["message"] and s["next_poll"], s
    # The log said each once, as a warning and never as an error, with what happens next.
    log = d.log()
    assert " error: " not in log
    for name in expected:
        assert log.count("warning: source '%s'" % name) == 1 and "next try" in log
    before = len(origin.requests("/good.xml"))
    wait_for(lambda: len(origin.requests("/good.xml")) >= before + 3, "the good source's pace", 8)
    gaps = [b.time - a.time for a, b in zip(origin.requests("/good.xml"), origin.requests("/good.xml")[1:])]
    assert max(gaps) < 4, gaps  # poll.min 1 s, jitter 10 %, and no source held it up
    text = subprocess.run([d.program("syndicatectl"), "-s", d.socket, "sources"], capture_output=True, text=True).stdout
    assert "connection refused" in text and "HTML page" in text


def test_a_failing_source_keeps_its_items_and_recovers(origin, daemon):
    site = origin.site("/a.xml")
    site.publish("kept")
    d = daemon("", [("a", origin.url + "/a.xml")])
    wait_for(lambda: d.titles() == ["kept"], "the item")
    origin.play("/a.xml", lambda r: Reply(503))
    wait_for(lambda: d.source("a")["failures"] >= 2, "failures")
    assert d.titles() == ["kept"]
    origin.play("/a.xml", site)
    site.publish("news")
    wait_for(lambda: sorted(d.titles()) == ["kept", "news"], "recovery", 15)
    assert d.source("a")["failures"] == 0 and "works again" in d.log()


def test_private_addresses_are_refused_unless_allowed(origin, daemon):
    """polling.md R98 to R104: no connection at all, and a message that says what to do."""
    origin.play("/x", html_page)
    d = daemon("", [("x", origin.url + "/x"), ("y", "http://localhost:%d/x" % origin.port), ("z", "http://2130706433:%d/x" % origin.port)], start=False)
    text = open(d.config_path).read().replace("allow-networks: [127.0.0.0/8]\n", "").replace("poll: {min: 1s, max: 1s}", "poll: {min: 15m}")
    open(d.config_path, "w").write(text)
    d.start()
    for name in ("x", "y", "z"):
        s = wait_for(lambda n=name: d.source(n)["failures"] and d.source(n), "the refusal")
        assert s["outcome"] == "blocked" and "allow-networks" in s["message"], s
    assert origin.requests() == []


def test_a_webhook_that_answers_500_gets_the_same_bytes_again(origin, receiver, daemon):
    """push.md W3, W4, W20, W25: same id and body, new timestamp, over a restart; nothing is lost and the others go on."""
    site = origin.site("/r.xml")
    site.publish("before")
    second = "  - {name: other, feed: all, url: \"%s/other\", secret-file: \"%s\"}\n" % (receiver.url, receiver.secret_file)
    d = daemon(hook(receiver) + second, [("r", origin.url + "/r.xml")])
    wait_for(d.entries, "the first item")
    receiver.behave(status=500, count=2)
    site.publish("important")
    wait_for(lambda: len(receiver.deliveries()) >= 2, "the failed attempts")
    wait_for(lambda: "will be sent again at" in d.log(), "the message")
    w = [w for w in d.ctl("status")["webhooks"] if w["pending"]]
    assert w and w[0]["last_status"] == 500 and "500" in w[0]["last_message"]
    d.kill()
    d.start()
    wait_for(lambda: receiver.titles("/hook") == ["important"] and receiver.titles("/hook/other") == ["important"], "the retry", 30)
    for path in ("/hook", "/hook/other"):
        tries = [x for x in receiver.deliveries() if x["path"] == path]
        assert len(tries) >= 2 and len({t["id"] for t in tries}) == 1 and len({t["sha256"] for t in tries}) == 1
        assert all(t["verified"] for t in tries)
        assert int(tries[-1]["timestamp"]) > int(tries[0]["timestamp"])
    wait_for(lambda: all(w["pending"] == 0 and w["state"] == "active" for w in d.ctl("status")["webhooks"]), "calm")


def test_410_disables(origin, receiver, daemon):
    """push.md W22."""
    site = origin.site("/r.xml")
    site.publish("before")
    d = daemon(hook(receiver), [("r", origin.url + "/r.xml")])
    wait_for(d.entries, "the first item")
    receiver.behave(status=410)
    site.publish("gone")
    wait_for(lambda: d.ctl("status")["webhooks"][0]["state"] == "disabled", "the webhook to be disabled")
    site.publish("and more")
    wait_for(lambda: "and more" in d.titles(), "the feed to go on")
    assert len(receiver.deliveries()) == 1


def test_a_second_daemon_does_not_touch_the_first(origin, daemon):
    site = origin.site("/a.xml")
    site.publish("one")
    d = daemon("", [("a", origin.url + "/a.xml")])
    wait_for(d.entries, "the item")
    again = subprocess.run([d.program(), "-c", d.config_path], capture_output=True, text=True, timeout=20)
    assert again.returncode == 1 and "another syndicated" in again.stderr
    assert d.is_healthy() and d.ctl("status")["items"] == 1


def test_many_sources_of_one_host_do_not_keep_others_out(origin, daemon):
    """polling.md R77, R81: one request at a time and a gap for the crowded host, and the other host on time."""
    crowd = ["/crowd-%d" % i for i in range(60)]
    for path in crowd:
        origin.site(path).publish(path)
    other = type(origin)(address="127.0.0.2")
    other.site("/b").publish("b")
    d = daemon("fetch: {concurrent: 4}\nhost: {concurrent: 1, gap: 300ms}\npoll: {min: 1s, max: 1s}\n",
               [(p.strip("/"), origin.url + p) for p in crowd] + [("other", other.url + "/b")])
    wait_for(lambda: len(other.requests("/b")) >= 6, "the other host's pace", 12)
    times = [r.time for r in other.requests("/b")]
    assert max(b - a for a, b in zip(times, times[1:])) < 4
    times = sorted(r.time for r in origin.requests())
    assert len(times) > 10 and min(b - a for a, b in zip(times, times[1:])) >= 0.28
    other.close()
    d.stop()
