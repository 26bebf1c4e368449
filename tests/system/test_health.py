"""How sources are doing, with the real daemon: moves, 410, offline, events to webhooks, explain (polling.md 2d, R54 to R67)."""
import signal
import subprocess
import time

from daemon import free_port, wait_for
from origin import Origin, Reply, html_page
from test_spine import hook

ALL = "[item.created, source.failing, source.recovered, source.moved, source.gone, source.dormant]"


def told(receiver, *types):
    return [d["event"] for d in receiver.deliveries() if d["status"] < 300 and (not types or d["type"] in types)]


def people(d, *args):
    r = subprocess.run([d.program("syndicatectl"), "-s", d.socket, *args], capture_output=True, text=True)
    return r.returncode, r.stdout, r.stderr


def test_failing_and_recovered_are_told_once(origin, receiver, daemon):
    """features.md G38, G39: after the hold-down, not at a blip; one event for a spell, one for its end; W1 to W17 as for items."""
    site = origin.site("/a.xml")
    site.publish("first")
    d = daemon("poll: {min: 1s, max: 1s, hold-down: 3s}\n" + hook(receiver, events=ALL), [("a", origin.url + "/a.xml")])
    wait_for(lambda: d.titles() == ["first"], "the item")
    origin.play("/a.xml", lambda r: Reply(500))
    started = time.time()
    wait_for(lambda: d.source("a")["failures"], "a failure")
    event = wait_for(lambda: told(receiver, "source.failing"), "source.failing", 15)[0]
    assert time.time() - started >= 3
    health = event["data"]["health"]
    assert health["state"] == "failing" and health["outcome"] == "server-error" and health["http_status"] == 500 and health["failures"] >= 2
    assert health["failing_since"] and health["next_poll"] and health["new_url"] is None and event["data"]["source"]["name"] == "a"
    assert "item" not in event["data"] and event["id"].startswith("evt_") and event["data"]["feed"]["name"] == "all"
    n = d.source("a")["polls"]
    wait_for(lambda: d.source("a")["polls"] >= n + 3, "more failures")
    origin.play("/a.xml", site)
    wait_for(lambda: told(receiver, "source.recovered"), "source.recovered")
    site.publish("second")
    wait_for(lambda: told(receiver, "item.created"), "items go on")
    assert [e["type"] for e in told(receiver)] == ["source.failing", "source.recovered", "item.created"]
    assert all(x["verified"] for x in receiver.deliveries())


def test_a_blip_is_not_told_and_webhooks_get_what_they_ask_for(origin, receiver, daemon):
    site = origin.site("/a.xml")
    site.publish("first")
    d = daemon("poll: {min: 1s, max: 1s, hold-down: 0s}\n" + hook(receiver), [("a", origin.url + "/a.xml")])
    wait_for(lambda: d.titles() == ["first"], "the item")
    origin.play("/a.xml", lambda r: Reply(500))
    wait_for(lambda: d.source("a")["failures"], "a failure")
    origin.play("/a.xml", site)
    site.publish("second")
    wait_for(lambda: told(receiver), "the item")
    assert [e["type"] for e in told(receiver)] == ["item.created"]
    kinds = [e["type"] for e in d.ctl("explain", "source", "a")["events"]]
    assert kinds == ["source.recovered", "source.failing"]  # in the log all the same, newest first


def test_kill_neither_loses_nor_doubles_an_event(origin, receiver, daemon):
    """The event is in the transaction of its poll, with a derived id."""
    origin.play("/gone", lambda r: Reply(410))
    origin.play("/bad", lambda r: Reply(500))
    d = daemon("poll: {min: 1s, max: 1s, hold-down: 1s}\n" + hook(receiver, events=ALL), [("gone", origin.url + "/gone"), ("bad", origin.url + "/bad")])
    for wait in (0.1, 0.4, 0.9, 1.3, 0.6):
        time.sleep(wait)
        d.kill(signal.SIGKILL)
        d.start()
    wait_for(lambda: {e["type"] for e in told(receiver)} == {"source.gone", "source.failing"}, "both", 20)
    n = d.source("bad")["polls"]
    wait_for(lambda: d.source("bad")["polls"] >= n + 2, "more failures")
    assert len({e["id"] for e in told(receiver)}) == 2
    assert len(d.ctl("explain", "source", "gone")["events"]) == 1 and len(d.ctl("explain", "source", "bad")["events"]) == 1


def test_gone_stops_at_once_and_refresh_revives(origin, receiver, daemon):
    """R55, T34."""
    site = origin.site("/a.xml")
    site.publish("kept")
    d = daemon(hook(receiver, events=ALL), [("a", origin.url + "/a.xml"), ("b", origin.url + "/b.xml")])
    origin.site("/b.xml")
    wait_for(lambda: d.titles() == ["kept"], "the item")
    origin.play("/a.xml", lambda r: Reply(410))
    event = wait_for(lambda: told(receiver, "source.gone"), "source.gone")[0]
    assert event["data"]["health"]["state"] == "gone"
    asked = len(origin.requests("/a.xml"))
    s = d.source("a")
    assert s["state"] == "gone" and s["next_poll_reason"] == "gone" and d.titles() == ["kept"]
    due = time.mktime(time.strptime(s["next_poll"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    assert 6.9 * 86400 < due - time.time() < 8 * 86400
    time.sleep(2.5)
    assert len(origin.requests("/a.xml")) == asked
    d.restart()
    time.sleep(1.5)
    assert len(origin.requests("/a.xml")) == asked
    origin.play("/a.xml", site)
    site.publish("back")
    d.ctl("refresh", "a")
    wait_for(lambda: sorted(d.titles()) == ["back", "kept"], "revival")
    wait_for(lambda: told(receiver, "source.recovered"), "source.recovered")
    assert d.source("a")["state"] == "ok"


def test_a_person_revives_and_an_edit_does_not(origin, daemon):
    """R55, R39: what said 410 waits out its week, whatever is edited or put back; who asks for a poll gets one."""
    origin.play("/a.xml", lambda r: Reply(410))
    d = daemon("", [("a", origin.url + "/a.xml")])
    wait_for(lambda: d.source("a")["state"] == "gone", "gone")
    d.write("", [("a", origin.url + "/a.xml")])
    d.ctl("reload")
    assert d.source("a")["state"] == "gone"  # nothing changed
    origin.site("/a.xml").publish("back")
    d.write("", ["{name: a, url: \"%s\", tags: [new]}" % (origin.url + "/a.xml")])
    d.ctl("reload")
    d.write("", [])
    d.ctl("reload")
    d.write("", [("a", origin.url + "/a.xml")])
    d.ctl("reload")
    time.sleep(1.5)
    assert d.source("a")["state"] == "gone" and d.titles() == []
    d.ctl("poll", "a")
    wait_for(lambda: d.titles() == ["back"], "revival")


def test_old_address_missing_after_a_tracked_301_moves_at_once(origin, receiver, daemon):
    """R48, R8, R2: polled at the new one with its own validators; the file stays the operator's; following the advice keeps all."""
    target = origin.site("/new.xml")
    target.publish("one")
    origin.play("/old", lambda r: Reply(301, headers={"Location": "/new.xml"}))
    d = daemon(hook(receiver, events=ALL), [("a", origin.url + "/old")])
    wait_for(lambda: d.titles() == ["one"], "the item")
    moving = d.ctl("explain", "source", "a")["moving"]
    assert moving["to"] == origin.url + "/new.xml" and moving["polls"] >= 1
    origin.play("/old", lambda r: Reply(404))
    event = wait_for(lambda: told(receiver, "source.moved"), "source.moved")[0]
    health = event["data"]["health"]
    assert health["old_url"] == origin.url + "/old" and health["new_url"] == origin.url + "/new.xml" and health["failures"] == 0
    asked = len(origin.requests("/old"))
    uid = d.source("a")["id"]
    target.publish("two")
    wait_for(lambda: sorted(d.titles()) == ["one", "two"], "news at the new address")
    assert len(origin.requests("/old")) == asked
    assert [r.is_conditional for r in origin.requests("/new.xml")].count(False) == 1  # R10: never unconditional again
    assert d.source("a")["moved_to"] == origin.url + "/new.xml" and "put the new address into the configuration" in d.log()
    d.restart()  # kept in the store
    n = len(origin.requests("/new.xml"))
    wait_for(lambda: len(origin.requests("/new.xml")) > n, "polls at the new address")
    assert len(origin.requests("/old")) == asked
    d.write(hook(receiver, events=ALL), [("a", origin.url + "/new.xml")])
    d.ctl("reload")
    target.publish("three")
    wait_for(lambda: sorted(d.titles()) == ["one", "three", "two"], "the same source")
    s = d.source("a")
    assert s["id"] == uid and s["moved_to"] is None and s["items"] == 3
    assert [r.is_conditional for r in origin.requests("/new.xml")].count(False) == 1
    assert [e["data"]["item"]["title"] for e in told(receiver, "item.created")] == ["two", "three"]


def test_a_source_that_moves_to_another_joins_it(origin, receiver, daemon):
    """R54: not polled twice, told to the operator; removing either leaves one that is polled."""
    target = origin.site("/b.xml")
    target.publish("one")
    origin.play("/a", lambda r: Reply(301, headers={"Location": "/b.xml"}))
    both = [("a", origin.url + "/a"), ("b", origin.url + "/b.xml")]
    d = daemon(hook(receiver, events=ALL), both)
    wait_for(lambda: d.source("a")["polls"] and d.source("b")["polls"], "polls")
    origin.play("/a", lambda r: Reply(410))
    event = wait_for(lambda: told(receiver, "source.moved"), "source.moved")[0]
    assert event["data"]["health"]["joined"] == "b" and event["data"]["health"]["next_poll"] is None
    s = d.source("a")
    assert s["state"] == "joined" and s["joined"] == "b" and s["next_poll"] is None
    assert "source 'b'" in d.ctl("poll", "a", check=False).stdout
    assert "joined" in people(d, "sources", "--failing")[1]
    d.write(hook(receiver, events=ALL), both[:1])  # the other is removed: this one is polled at the new address
    d.ctl("reload")
    target.publish("two")
    wait_for(lambda: d.source("a")["state"] == "ok" and d.source("a")["items"] == 2, "polls of the one that stayed")


def test_permanent_redirects_are_not_believed_at_once(origin, daemon):
    """R47, R49: five polls in a second are no seven days; a direct answer clears the streak."""
    site = origin.site("/new.xml")
    site.publish("one")
    origin.play("/old", lambda r: Reply(301, headers={"Location": "/new.xml"}))
    d = daemon("poll: {min: 1s, max: 1s}\n", [("a", origin.url + "/old")])
    wait_for(lambda: d.source("a")["polls"] >= 6, "six polls", 20)
    assert d.source("a")["moved_to"] is None and d.ctl("explain", "source", "a")["moving"]["polls"] >= 6
    origin.play("/old", site)
    wait_for(lambda: d.ctl("explain", "source", "a")["moving"] is None, "the streak to be cleared")


def test_offline_counts_nothing_against_the_sources(daemon):
    """R67: five hosts that worked cannot be reached: nobody fails for it, one at a time tries, all go on when one answers."""
    origins = [Origin() for _ in range(6)]
    ports = [o.port for o in origins]
    for o in origins:
        o.site("/f.xml").publish("at %d" % o.port)
    d = daemon("poll: {min: 1s, max: 1s}\n", [("s%d" % i, o.url + "/f.xml") for i, o in enumerate(origins)])
    wait_for(lambda: len(d.titles()) == 6, "all items")
    for o in origins:
        o.close()
    wait_for(lambda: d.ctl("status")["trouble"], "the daemon to see that it is offline", 20)
    wait_for(lambda: all(s["failures"] == 0 and s["state"] == "ok" for s in d.ctl("sources")["sources"]), "no failure to be counted")
    assert d.ctl("sources", "--failing")["sources"] == [] and "network is down" in d.log()
    again = [Origin(p) for p in ports]
    for o in again:
        o.site("/f.xml").publish("back at %d" % o.port)
    wait_for(lambda: len([t for t in d.titles() if t.startswith("back")]) == 6, "all to go on", 40)  # the first probe comes after 15 s
    assert not d.ctl("status")["trouble"] and "polling goes on" in d.log()
    for o in again:
        o.close()


def test_captive_portal_rewrites_and_counts_nothing(origin, daemon):
    """R50, T16: all hosts redirect to one new host."""
    origins = [Origin() for _ in range(6)]
    for o in origins:
        o.site("/f.xml").publish("at %d" % o.port)
    origin.play("/login", html_page)
    d = daemon("poll: {min: 1s, max: 1s}\n", [("s%d" % i, o.url + "/f.xml") for i, o in enumerate(origins)])
    wait_for(lambda: len(d.titles()) == 6, "all items")
    sites = [o.behaviours["/f.xml"] for o in origins]
    for o in origins:
        o.play("/f.xml", lambda r: Reply(301, headers={"Location": origin.url + "/login"}))
    wait_for(lambda: d.ctl("status")["trouble"], "the portal to be seen", 20)
    wait_for(lambda: all(s["failures"] == 0 and s["moved_to"] is None for s in d.ctl("sources")["sources"]), "nothing to be counted")
    for o, site in zip(origins, sites):
        o.play("/f.xml", site)
        site.publish("back at %d" % o.port)
    wait_for(lambda: len([t for t in d.titles() if t.startswith("back")]) == 6, "all to go on", 40)
    for o in origins:
        o.close()


def test_explain_says_why_to_people_and_programs(origin, daemon):
    """features.md C23, G38: rule, header and history; a name that is nearly right gets the right one."""
    origin.site("/good.xml").publish("x")
    other = Origin()
    other.play("/busy", lambda r: Reply(429, b"", {"Retry-After": "1200"}))
    origin.play("/old", lambda r: Reply(301, headers={"Location": "/good.xml"}))
    d = daemon("", [("good", origin.url + "/good.xml"), ("busy", other.url + "/busy"), ("moving", origin.url + "/old"),
                    ("dead", "http://127.0.0.1:%d/" % free_port())])
    wait_for(lambda: d.source("good")["polls"] >= 3 and d.source("dead")["failures"] and d.source("busy")["polls"] and d.source("moving")["polls"],
             "polls", 15)
    code, text, _ = people(d, "explain", "source", "busy")
    assert code == 0 and "Retry-After" in text and "20 min of peace" in text and "limited" in text and "never given up" in text
    assert "host       127.0.0.1:%d" % other.port in text
    answer = d.ctl("explain", "source", "good")
    assert answer["source"]["state"] == "ok" and "after the last poll, because" in answer["because"][0] and len(answer["polls"]) >= 3
    assert answer["polls"][-1]["new_items"] == 1 and answer["polls"][0]["http_status"] == 304 and answer["host"] == "127.0.0.1:%d" % origin.port
    code, text, _ = people(d, "explain", "source", "dead")
    assert "connection refused" in text and "asked once a week only after 60 d" in text
    assert "permanent redirects lead to %s/good.xml" % origin.url in people(d, "explain", "source", "moving")[1]
    code, text, error = people(d, "explain", "source", "goood")
    assert code == 1 and "did you mean 'good'" in error
    assert "did you mean 'dead'" in people(d, "poll", "daed")[2]
    failing = d.ctl("sources", "--failing")["sources"]
    assert [s["name"] for s in failing] == ["busy", "dead"]
    assert d.ctl("status")["sources_failing"] == 2


def test_a_gap_is_no_pause(origin, daemon):
    """What `explain` calls a pause is one that the server asked for, not the gap that every host gets."""
    origin.site("/a.xml").publish("x")
    d = daemon("host: {concurrent: 1, gap: 20s}\n", [("a", origin.url + "/a.xml")])
    wait_for(lambda: d.source("a")["polls"], "a poll")
    assert d.ctl("explain", "source", "a")["host_pause_seconds"] == 0
