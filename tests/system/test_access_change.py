"""Validators belong to who asked (polling.md R9): another login or other request fields begin anew, everything else keeps them."""
import subprocess

import pytest

from daemon import wait_for

CONFIG = "poll: {min: 1s, max: 1s}\n"


def source(origin, access):
    return "{name: s, url: \"%s/a.xml\"%s}" % (origin.url, access)


def polls(d, origin):
    return len(origin.requests("/a.xml"))


@pytest.fixture
def told(daemon, origin, tmp_path):
    origin.site("/a.xml").publish("One")
    (tmp_path / "login").write_text("reader:one\n")
    (tmp_path / "login").chmod(0o600)
    d = daemon(CONFIG, [source(origin, ", login: {basic-file: \"%s/login\"}, headers: [\"X-Version: 1\"]" % tmp_path)])
    wait_for(lambda: len([r for r in origin.requests("/a.xml") if r.is_conditional]) >= 2, "conditional requests")
    return d


def change(d, origin, access, how):
    """The requests that were sent after the change."""
    d.write(CONFIG, [source(origin, access)])
    if how == "reload":
        d.ctl("reload")
        wait_for(lambda: d.source("s")["polls"], "a poll")
        before = polls(d, origin)
    else:
        d.stop()
        before = polls(d, origin)
        d.start()
    wait_for(lambda: polls(d, origin) >= before + 3, "three polls more")
    return origin.requests("/a.xml")


def unconditional(requests):
    return len([r for r in requests if not r.is_conditional])


@pytest.mark.parametrize("how", ["reload", "restart"])
@pytest.mark.parametrize("what", ["password", "field", "nothing-left"])
def test_another_reader_begins_anew(told, origin, tmp_path, what, how):
    version = 2 if what == "field" else 1
    if what == "password":
        (tmp_path / "login").write_text("reader:two\n")
    access = ", login: {basic-file: \"%s/login\"}, headers: [\"X-Version: %d\"]" % (tmp_path, version)
    seen = change(told, origin, "" if what == "nothing-left" else access, how)
    assert unconditional(seen) == 2 and seen[-1].is_conditional, [r.headers for r in seen]


def test_what_changes_no_answer_keeps_them(told, origin, tmp_path):
    access = ", login: {basic-file: \"%s/login\"}, headers: [\"X-Version: 1\"], user-agent: other/1, tags: [new]" % tmp_path
    seen = change(told, origin, access, "reload")
    wait_for(lambda: origin.requests("/a.xml")[-1].headers["user-agent"] == "other/1", "the new name")
    assert unconditional(origin.requests("/a.xml")) == 1 and seen


def test_believing_any_certificate_shows(daemon, origin, tmp_path):
    """R96: in the log once a start and a reload, in status, sources and explain for as long as it is so."""
    origin.site("/a.xml").publish("One")
    origin.site("/b.xml").publish("One")
    entry = "{name: %s, url: \"%s/%s.xml\"%s}"
    both = [entry % ("loose", origin.url, "a", ", tls: {verify: no}"), entry % ("strict", origin.url, "b", "")]
    d = daemon(CONFIG, both)
    wait_for(lambda: all(s["polls"] >= 3 for s in d.ctl("sources")["sources"]), "polls")
    assert d.ctl("status")["sources_unverified"] == 1
    assert not d.source("loose")["certificate_verified"] and d.source("strict")["certificate_verified"]
    assert not d.ctl("explain", "source", "loose")["source"]["certificate_verified"]
    assert d.log().count("tls.verify: no: whoever is on the way") == 1

    def told(*command):
        return subprocess.run([d.program("syndicatectl"), "--socket", d.socket, *command], capture_output=True, text=True, timeout=30).stdout
    for command in (["status"], ["sources"], ["explain", "source", "loose"]):
        assert told(*command).count("tls.verify: no") == 1, command
    d.write(CONFIG, both[1:])
    d.ctl("reload")
    assert d.ctl("status")["sources_unverified"] == 0 and "tls.verify" not in told("status")
