"""Validators belong to who asked (polling.md R9): another login or other request fields begin anew, everything else keeps them."""
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
