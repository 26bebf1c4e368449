"""Start, stop, and what the service manager is told (design.md section 3; REL-61, REL-63)."""
import os
import re
import signal
import socket
import stat
import time

from daemon import SLOW, wait_for
from origin import Reply, never_answers
from test_spine import hook


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, directory):
        self.path = os.path.join(str(directory), "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(0.2)
        self.seen = []

    def heard(self, word):
        try:
            while True:
                self.seen.append(self.socket.recv(4096).decode())
        except (socket.timeout, BlockingIOError):
            pass
        return [m for m in self.seen if word in m]


def test_the_service_manager_is_told(origin, daemon, tmp_path):
    manager = Manager(tmp_path)
    d = daemon("", [("a", origin.url + "/a.xml")], start=False)
    d.start({"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"})
    wait_for(lambda: manager.heard("READY=1"), "READY=1")
    wait_for(lambda: len(manager.heard("WATCHDOG=1")) >= 4, "pings")
    assert manager.heard("STATUS=")
    d.process.send_signal(signal.SIGHUP)
    reloading = wait_for(lambda: manager.heard("RELOADING=1"), "RELOADING=1")
    assert re.search(r"MONOTONIC_USEC=\d+", reloading[0])
    wait_for(lambda: len(manager.heard("READY=1")) == 2, "READY=1 again")
    d.stop()
    assert manager.heard("STOPPING=1")


def test_the_watchdog_stays_silent_when_the_daemon_hangs(origin, daemon, tmp_path):
    manager = Manager(tmp_path)
    d = daemon("", [("a", origin.url + "/a.xml")], start=False)
    d.start({"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"})
    wait_for(lambda: manager.heard("WATCHDOG=1"), "a ping")
    d.process.send_signal(signal.SIGSTOP)
    time.sleep(0.3)
    manager.heard("")
    before = len(manager.heard("WATCHDOG=1"))
    time.sleep(1.5)
    assert len(manager.heard("WATCHDOG=1")) == before
    d.process.send_signal(signal.SIGCONT)
    wait_for(lambda: len(manager.heard("WATCHDOG=1")) > before, "pings again")


def test_sighup_adds_and_removes_sources(origin, daemon):
    """design.md section 8: a reload takes effect without a restart; a retired source is asked no more and keeps its items."""
    origin.site("/a.xml").publish("from a")
    origin.site("/b.xml").publish("from b")
    d = daemon("", [("a", origin.url + "/a.xml")])
    wait_for(lambda: d.titles() == ["from a"], "the first source")
    pid, workers = d.process.pid, d.children()
    d.write("", [("b", origin.url + "/b.xml")])
    d.process.send_signal(signal.SIGHUP)
    wait_for(lambda: sorted(d.titles()) == ["from a", "from b"], "the source that was added")
    assert [s["name"] for s in d.ctl("sources")["sources"]] == ["b"]
    time.sleep(0.5)  # a fetch that was on its way may still have ended
    asked, others = len(origin.requests("/a.xml")), len(origin.requests("/b.xml"))
    wait_for(lambda: len(origin.requests("/b.xml")) >= others + 3, "b's pace")
    assert len(origin.requests("/a.xml")) == asked
    assert d.process.poll() is None and d.process.pid == pid and d.children() == workers


def test_sigterm_ends_within_five_seconds_whatever_hangs(origin, receiver, daemon):
    origin.play("/never", never_answers)
    site = origin.site("/a.xml")
    site.publish("before")
    d = daemon(hook(receiver), [("never", origin.url + "/never"), ("a", origin.url + "/a.xml")])
    wait_for(lambda: origin.requests("/never") and d.entries(), "the hanging fetch")
    receiver.behave(status=204, delay=30000)
    site.publish("stuck")
    wait_for(lambda: "stuck" in d.titles(), "the hanging delivery")
    time.sleep(0.3)
    began = time.monotonic()
    assert d.kill(signal.SIGTERM) == 0
    assert time.monotonic() - began < 5 * SLOW
    assert "dropping 1 polls and 1 deliveries" in d.log() and d.log().rstrip().endswith("stopped")
    receiver.behave(status=204)
    d.start()
    wait_for(lambda: "stuck" in receiver.titles(), "what was dropped")


def test_two_sigterms_end_at_once(origin, daemon):
    origin.play("/never", never_answers)
    d = daemon("", [("never", origin.url + "/never")])
    wait_for(lambda: origin.requests("/never"), "the hanging fetch")
    began = time.monotonic()
    d.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    d.kill(signal.SIGTERM)
    assert time.monotonic() - began < 1.5 * SLOW


def test_signals_to_the_whole_group_leave_the_workers_alone(origin, daemon):
    """Ctrl-C in a terminal, and service managers that signal every process of a service."""
    d = daemon("", [("a", origin.url + "/a.xml")])
    workers = wait_for(d.children, "workers")
    time.sleep(0.5)
    for pid in workers:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGHUP)
    time.sleep(0.3)
    assert d.children() == workers
    d.stop()
    assert "is replaced" not in d.log()


def test_files_are_private_and_stale_sockets_no_obstacle(origin, daemon):
    site = origin.site("/a.xml")
    site.publish("one")
    d = daemon("", [("a", origin.url + "/a.xml")])
    wait_for(d.entries, "the item")
    assert stat.S_IMODE(os.stat(d.socket).st_mode) == 0o660
    assert stat.S_IMODE(os.stat(d.state).st_mode) == 0o700
    d.kill()  # leaves its socket behind
    assert os.path.exists(d.socket)
    began = time.monotonic()
    d.start()
    assert time.monotonic() - began < 2 * SLOW  # I7
    d.stop()
    assert not os.path.exists(d.socket)


def test_sockets_from_the_service_manager_take_precedence(origin, daemon):
    """LISTEN_FDS (systemd socket activation)."""
    import subprocess
    import urllib.request
    d = daemon("", [("a", origin.url + "/a.xml")], start=False)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(16)
        port = s.getsockname()[1]
        script = "exec 3<&%d; LISTEN_FDS=1 LISTEN_PID=$$ exec %s -c %s" % (s.fileno(), d.program(), d.config_path)
        os.set_inheritable(s.fileno(), True)
        d.process = subprocess.Popen(["bash", "-c", script], pass_fds=[s.fileno()], stderr=open(d.log_path, "a"))
    wait_for(lambda: "is ready" in d.log(), "the daemon")
    assert urllib.request.urlopen("http://127.0.0.1:%d/healthz" % port).read() == b"ok\n"
    assert not d.is_healthy()


def test_poll_now(origin, daemon):
    site = origin.site("/a.xml")
    site.publish("one")
    """By hand no sooner than poll.min, here two seconds, and never before a Retry-After is over; the answer says which (R62, R72)."""
    d = daemon("poll: {min: 2s, max: 2h}\n", [("a", origin.url + "/a.xml")])
    wait_for(d.entries, "the item")
    site.publish("two")
    time.sleep(0.5)
    assert d.titles() == ["one"]
    assert "will be polled at 2" in d.ctl("poll", "a")["message"]
    wait_for(lambda: sorted(d.titles()) == ["one", "two"], "the poll")
    origin.play("/a.xml", lambda r: Reply(404, headers={"Retry-After": "90"}))
    time.sleep(2)
    d.ctl("poll", "a")
    wait_for(lambda: d.source("a")["outcome"] == "missing", "the complaint")
    n = d.source("a")["polls"]
    assert "(Retry-After)" in d.ctl("poll", "a")["message"]
    d.write("poll: {min: 2s, max: 2h}\n", ["{name: b, url: \"%s/a.xml\", poll: {hints: ignore}}" % origin.url])
    d.ctl("reload")
    time.sleep(1)
    assert d.source("b")["polls"] == n
    d.write("poll: {min: 2s, max: 2h}\n", [("a", origin.url + "/a.xml")])
    d.ctl("reload")
    r = d.ctl("poll", "nobody", check=False)
    assert r.returncode == 1 and "no source named 'nobody'" in r.stderr
    assert [i["title"] for i in d.ctl("items", "--source", "a", "--limit", "1")["items"]] == ["two"]


def test_the_control_socket_answers_nonsense_with_reasons(origin, daemon):
    d = daemon("", [("a", origin.url + "/a.xml")])
    for args, word in [(("items", "--limit", "0"), "between 1 and 1000"), (("items", "--limit", "9999"), "between"),
                       (("items", "--source", "nobody"), "no source named")]:
        r = d.ctl(*args, check=False)
        assert r.returncode == 1 and word in r.stderr, r.stderr
    for args, word in [(("stauts",), "did you mean 'status'"), (("dance",), "--help"), (("poll",), "usage:"), ((), "Usage:")]:
        r = d.ctl(*args, check=False)
        assert r.returncode == 2 and word in r.stderr, r.stderr
    d.stop()
    r = d.ctl("status", check=False)
    assert r.returncode == 1 and "is the daemon running" in r.stderr
