"""What a newcomer reads when the configuration is wrong: place, line, caret, advice; and a bad reload changes nothing."""
import re
import signal

import pytest

from daemon import wait_for

BROKEN = {
    "unknown key": ("soruces:\n  - http://example.org/a\n", 1, [r"soruces", r"did you mean .?sources"]),
    "bad duration": ("poll: {min: 15 minutes}\nsources: [http://example.org/a]\n", 1, [r"15 minutes", r"such as|for example"]),
    "no such feed": ("sources: [http://example.org/a]\nwebhooks:\n  - {name: w, feed: desk, url: 'http://example.org/', secret-file: /nonexistent}\n", 3,
                     [r"desk"]),
    "bad url": ("sources:\n  - url: ftp://example.org/feed\n", 2, [r"http"]),
    "syntax": ("sources:\n  - url: http://example.org/a\n   name: x\n", 3, [r"error"]),
    "twice": ("title: a\ntitle: b\nsources: [http://example.org/a]\n", 2, [r"title"]),
    "bad pattern": ("feeds:\n  - {name: x, match: '(unclosed'}\nsources: [http://example.org/a]\n", 2, [r"unclosed|parenthes"]),
    "wrong type": ("sources: 7\n", 1, [r"list"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_mistake_has_a_place_and_a_caret(name, daemon):
    text, line, words = BROKEN[name]
    d = daemon(start=False)
    with open(d.config_path, "w") as f:
        f.write(text)
    r = d.check_config()
    assert r.returncode == 1
    place = re.escape(d.config_path) + r":%d:\d+: error: " % line
    assert re.search(place, r.stderr), r.stderr
    assert re.search(r"^\s*(\d+ ?\|)?\s*\^", r.stderr, re.M), r.stderr
    for word in words:
        assert re.search(word, r.stderr), r.stderr
    # Running says the same and starts nothing.
    d.process = None
    started = d.start(wait=False).process
    assert started.wait(10) == 1
    assert re.search(place, d.log())


def test_all_mistakes_at_once(daemon):
    d = daemon(start=False)
    with open(d.config_path, "w") as f:
        f.write("listn: x\npoll: {min: never}\nsources:\n  - url: nonsense\n  - {url: 'http://example.org/', prio: 3}\nfeeds: 3\n")
    r = d.check_config()
    assert r.returncode == 1 and len(re.findall(r": error: ", r.stderr)) >= 5, r.stderr


def test_a_missing_file_is_named(daemon):
    d = daemon(start=False)
    d.config_path = "/nonexistent/syndicated.yaml"
    r = d.check_config()
    assert r.returncode == 1 and "/nonexistent/syndicated.yaml" in r.stderr and "No such file" in r.stderr


def test_print_config_loads_again(origin, receiver, daemon, tmp_path):
    d = daemon("title: \"Quotes ' and \\\" and: colons\"\nfeeds:\n  - {name: x, tags: [a, b], match: 'a|b', duplicates: keep}\n"
               "webhooks:\n  - {name: w, feed: x, url: \"%s\", secret-file: \"%s\", initial: 7}\n" % (receiver.url, receiver.secret_file),
               ["{url: \"%s/a?x=1&y=#z\", tags: [a], priority: 3, poll: {min: 30s, max: 7h}}" % origin.url], start=False)
    assert d.check_config().returncode == 0
    first = d.check_config("--print-config").stdout
    assert receiver.secret not in first
    with open(d.config_path, "w") as f:
        f.write(first)
    second = d.check_config("--print-config")
    assert second.returncode == 0 and second.stdout == first


@pytest.mark.parametrize("how", ["signal", "ctl"])
def test_a_bad_reload_changes_nothing(origin, daemon, how):
    site = origin.site("/a.xml")
    site.publish("one")
    d = daemon("", [("a", origin.url + "/a.xml")])
    wait_for(d.entries, "the item")
    good = open(d.config_path).read()
    with open(d.config_path, "w") as f:
        f.write(good + "tilte: oops\n")
    if how == "signal":
        d.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "the old configuration stays in force" in d.log(), "the complaint")
        assert "did you mean" in d.log()
    else:
        r = d.ctl("reload", check=False)
        assert r.returncode == 1 and "tilte" in r.stderr and "did you mean" in r.stderr
    site.publish("two")
    wait_for(lambda: "two" in d.titles(), "the daemon to go on")


def test_reload_adds_and_removes(origin, receiver, daemon):
    a, b = origin.site("/a.xml"), origin.site("/b.xml")
    a.publish("from a"), b.publish("from b")
    d = daemon("", [("a", origin.url + "/a.xml")])
    wait_for(lambda: d.titles() == ["from a"], "a")
    d.write("title: Renamed\nfeeds:\n  - {name: extra}\nwebhooks:\n  - {name: w, feed: all, url: \"%s\", secret-file: \"%s\"}\n"
            % (receiver.url, receiver.secret_file), [("b", origin.url + "/b.xml")])
    changes = d.ctl("reload")["message"]
    assert "+ source b" in changes and "- source a" in changes and "+ webhook w" in changes and "+ feed extra" in changes
    wait_for(lambda: sorted(d.titles()) == ["from a", "from b"], "b beside what a brought")
    wait_for(lambda: b"Renamed" in d.get("/feed.atom")[2], "the new title")
    assert d.get("/feeds/extra.atom")[0] == 200
    assert [s["name"] for s in d.ctl("sources")["sources"]] == ["b"]
    b.publish("news from b")
    wait_for(lambda: receiver.titles() == ["news from b"], "the new webhook")
    d.write("", [("b", origin.url + "/b.xml")])
    d.ctl("reload")
    wait_for(lambda: d.get("/feeds/extra.atom")[0] == 404, "the feed to go")
