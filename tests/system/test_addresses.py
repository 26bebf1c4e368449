"""Nothing inside is ever contacted, whoever names it and however (polling.md R98 to R108, section 6, T20 to T23).

The real daemon and `syndicated discover` in a network namespace whose other side answers on every address. What counts is
SYNs on the wire, not error messages: zero to anything forbidden, on first request, redirect, webhook and discovery alike.
"""
import os
import re
import urllib.parse

import pytest

from daemon import BUILD, Daemon, wait_for
from internet import OURS, OURS6, THEIRS, THEIRS6, Internet

PUBLIC, PUBLIC6 = "1.1.1.1", "2606:4700::1111"
# (host as written in a URL, the port): T20 and section 6. Each must lead nowhere.
HOSTS = """
127.0.0.1 127.1 127.0.0.1. 0x7f.1 0x7f000001 2130706433 0177.0.0.1 017700000001 0 0.0.0.0 127.255.255.254 %s
10.0.0.1 10.255.255.255 0xa.1 012.0.0.1 167772161 172.16.0.1 172.31.255.255 192.168.1.1 192.168.257 3232235777 100.64.0.1 100.100.100.200
169.254.169.254 0xA9FEA9FE 2852039166 169.254.170.2 168.63.129.16 192.0.0.8 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.175.48.1
198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255
[::1] [::] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:a00:1] [0:0:0:0:0:ffff:c0a8:101] [::ffff:0:127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe]
[64:ff9b:1::1] [2002:7f00:1::] [2002:a9fe:a9fe::1] [2002:c0a8:101::1] [2001::1] [2001:2::1] [2001:10::1] [2001:20::1] [2001:db8::1] [3fff::1]
[5f00::1] [fc00::1] [fd00:ec2::254] [fe80::1] [fe80::1%%25wire0] [fec0::1] [ff02::1] [100::1] [100:0:0:1::1] [4000::1] [e000::1]
[2a00:1450::5efe:10.0.0.1] [%s] localhost LOCALHOST localhost. a.localhost printer.local metadata.google.internal
\uff11\uff12\uff17.0.0.1 \u2460\u2461\u2466.0.0.1 127\u30020\u30020\u30021 l\u24deCALHOST
""" % (OURS, OURS6)
HOSTS = HOSTS.split()
PORTS = [22, 25, 111, 3306, 6379, 9200, 11211]
# Names: what they resolve to, in turn.
NAMES = {
    "private.example.net": [["10.0.0.7"]],
    "loopback.example.net": [["127.0.0.1", "::1"]],
    "cloud.example.net": [["169.254.169.254", "fd00:ec2::254"]],
    "mapped.example.net": [["::ffff:10.0.0.8", "64:ff9b::a00:9"]],
    "six.example.net": [["fd00::7", "fe80::9", "2002:a00:1::1"]],
    "ours.example.net": [[OURS, OURS6]],
}
# Names that are partly or sometimes public: only those addresses may be contacted.
MIXED = {
    "mixed.example.net": [[PUBLIC, "10.0.0.11", "fd00::11"]],
    "mixed6.example.net": [["10.0.0.12", PUBLIC6]],
    "rebinding.example.net": [[PUBLIC], ["10.0.0.13"]],                # another answer each time it is asked
    "rebinding6.example.net": [[PUBLIC6], ["fd00::13"], [PUBLIC6]],
}
ALLOWED = {PUBLIC, PUBLIC6, THEIRS, THEIRS6}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes network namespaces, which needs root")


@pytest.fixture
def net(tmp_path):
    with Internet(tmp_path) as n:
        n.names.update(NAMES)
        n.names.update(MIXED)
        n.names["site.example.net"] = [[THEIRS, THEIRS6]]
        n.save_names()
        yield n


def urls():
    return (["http://%s/in/feed.xml" % h for h in HOSTS] + ["http://%s:8080/in/feed.xml" % h for h in HOSTS[:20]]
            + ["https://%s/in/feed.xml" % h for h in HOSTS[:4]] + ["http://%s/in/feed.xml" % n for n in NAMES]
            + ["http://%s:%d/in/feed.xml" % (THEIRS, p) for p in PORTS])


def only_allowed(net):
    wrong = {s for s in net.syns() if s[0] not in ALLOWED or s[1] not in (80, 443, 8080)}
    assert not wrong, "forbidden addresses were contacted: %s" % sorted(wrong)


def config(hooks=(), secret=""):
    """A network that has nothing to do with any of it is allowed, so that polls may be a second apart."""
    lines = ["  - {name: h%d, url: \"%s\", secret-file: \"%s\"}" % (i, u, secret) for i, u in enumerate(hooks)]
    return "allow-networks: [10.99.99.0/24]\nfetch: {timeout: 5s}\n" + ("webhooks:\n" + "\n".join(lines) + "\n" if lines else "")


def test_there_are_enough():
    assert len(set(urls())) >= 60


def test_the_wire_shows_what_is_contacted(net, tmp_path):
    """The counters work: with the network allowed, the very same private address is contacted, and so is a public one."""
    d = Daemon(tmp_path, "allow-networks: [10.0.0.0/8, 127.0.0.0/8]\n", [("a", "http://10.0.0.1/a/feed.xml"), ("b", "http://127.1/b/feed.xml"),
                                                            ("c", "http://site.example.net/c/feed.xml")], inside=net.inside)
    d.start()
    try:
        wait_for(lambda: {a for a, _ in net.syns()} >= {"10.0.0.1", "127.0.0.1"} and {a for a, _ in net.syns()} & {THEIRS, THEIRS6}, "all three")
    finally:
        d.stop()


def checked(tmp_path, net, lines):
    """The sources of these lines that the configuration takes: what it refuses at once can do no harm either."""
    good = list(lines)
    for _ in range(20):
        d = Daemon(tmp_path, config(), good, name="check", inside=net.inside)
        r = d.check_config()
        bad = {int(n) for n in re.findall(r"check\.yaml:(\d+):", r.stderr)}
        if not bad:
            return good
        with open(d.config_path) as f:
            text = f.read().split("\n")
        good = [g for g in good if "  - " + g not in {text[n - 1] for n in bad}]
    raise AssertionError(r.stderr)


def test_a_source_and_a_redirect(net, tmp_path):
    lines = ["{name: s%d, url: \"%s\"}" % (i, u) for i, u in enumerate(urls())]
    lines += ["{name: r%d, url: \"http://%s/to/%s\"}" % (i, THEIRS, urllib.parse.quote(u, safe="")) for i, u in enumerate(urls())]
    good = checked(tmp_path, net, lines)
    assert len([g for g in good if "{name: r" in g]) == len(urls()) and len(good) > 1.5 * len(urls())
    d = Daemon(tmp_path, config(), [*good, "{name: good, url: \"http://site.example.net/x/feed.xml\"}"], inside=net.inside).start()
    try:
        wait_for(lambda: all(s["last_poll"] for s in d.ctl("sources")["sources"]), "one poll of each", 60)
        sources = {s["name"]: s for s in d.ctl("sources")["sources"]}
        assert sources.pop("good")["outcome"] == "ok"
        assert not [s["name"] for s in sources.values() if s["outcome"] in ("ok", "unchanged", "not-modified")]
        only_allowed(net)
        # R107: whether something listens there is not told.
        assert not [s["message"] for s in sources.values() if "refused by" in s["message"] and THEIRS not in s["message"]]
    finally:
        d.stop()


def test_rebinding(net, tmp_path):
    """T21: the address that was checked is the one that is contacted; at the next look-up the name is checked again."""
    sources = [("m%d" % i, "http://%s/x/feed.xml" % n) for i, n in enumerate(MIXED)]
    d = Daemon(tmp_path, config(), sources, inside=net.inside).start()
    try:
        wait_for(lambda: all(s["outcome"] in ("ok", "unchanged") for s in d.ctl("sources")["sources"]), "the public answers")
        for _ in range(3):  # each start asks anew
            polls = sum(s["polls"] for s in d.ctl("sources")["sources"])
            d.restart()
            wait_for(lambda: sum(s["polls"] for s in d.ctl("sources")["sources"]) >= polls + 2 * len(sources), "more polls", 40)
        only_allowed(net)
        assert {a for a, _ in net.syns()} & {PUBLIC, PUBLIC6}
    finally:
        d.stop()


def test_a_webhook(net, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    secret.chmod(0o600)
    hooks = [u.replace("/in/feed.xml", "/hook") for u in urls()]
    probe = Daemon(tmp_path, config(hooks, secret), [("good", "http://site.example.net/x/feed.xml")], name="check", inside=net.inside)
    bad = {int(n) for n in re.findall(r"check\.yaml:(\d+):", probe.check_config().stderr)}
    with open(probe.config_path) as f:
        text = f.read().split("\n")
    hooks = [h for h in hooks if not [n for n in bad if "\"%s\"" % h in text[n - 1]]]
    good = "http://%s/hook" % PUBLIC
    d = Daemon(tmp_path, config([*hooks, good], secret), [("good", "http://site.example.net/x/feed.xml")], inside=net.inside).start()
    try:
        def tried():
            states = d.ctl("status")["webhooks"]
            return len(states) == len(hooks) + 1 and all(w["last_attempt"] or w["last_message"] for w in states)
        wait_for(tried, "an attempt of each", 60)
        assert [w for w in d.ctl("status")["webhooks"] if w["last_status"] == 204] != []
        only_allowed(net)
    finally:
        d.stop()


def test_discovery(net):
    for url in urls()[::3] + ["http://%s/to/%s" % (THEIRS, urllib.parse.quote(u, safe="")) for u in urls()[1::6]]:
        r = net.run([os.path.join(BUILD, "syndicated"), "discover", url], capture_output=True, text=True, timeout=30)
        assert r.returncode != 0 and r.stdout == "" and r.stderr, (url, r)
    only_allowed(net)
