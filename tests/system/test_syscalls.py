"""System calls that fail (REL-74): the daemon stays, and goes on within two polls of the fault's end.

strace puts the errors in. By default there is one error for each call, and those that once did harm; SYNDICATED_FAULTS=all
(scripts/campaign syscalls) plays every row.
"""
import http.client
import os
import re
import signal
import subprocess
import time
import urllib.request

import pytest

from daemon import SLOW, wait_for
from test_spine import hook

# What a kernel says when it has not enough of something, or the disk is bad, or a signal came.
ROWS = [(call, error) for call, errors in (
    ("openat", "EMFILE ENFILE ENOMEM EIO"),
    ("socket", "EMFILE ENFILE ENOMEM"),
    ("connect", "ENOMEM EAGAIN EINTR"),
    ("accept4", "EMFILE ENFILE ENOMEM EINTR"),
    ("pwrite64", "ENOSPC EIO EINTR"),
    ("pread64", "EIO EINTR"),
    ("fdatasync", "ENOSPC EIO EINTR"),
    ("ftruncate", "EIO ENOSPC EINTR"),
    ("recvfrom", "EINTR ENOMEM EIO"),
    ("sendto", "EINTR ENOMEM EIO"),
    ("sendmsg", "EINTR ENOMEM"),
    ("write", "EINTR EIO"),
    ("read", "EINTR EIO"),
    ("clone", "EAGAIN ENOMEM"),
    ("fcntl", "EINTR ENOMEM"),
    ("socketpair", "EMFILE ENOMEM"),
) for error in errors.split()]
# A loop that was not woken slept for good; a disk that could not be read was called a damaged database.
HARMFUL = [("write", "EIO"), ("pread64", "EIO")]
FIRST_OF_EACH = [row for n, row in enumerate(ROWS) if row[0] != ROWS[n - 1][0]]
if os.environ.get("SYNDICATED_FAULTS") == "all":
    CHOSEN = ROWS
else:
    CHOSEN = HARMFUL + (FIRST_OF_EACH if SLOW == 1 else [])
FAULT_S = 1.5


class Fault:
    def __init__(self, pid, call, error, log):
        self.log = log
        self.process = subprocess.Popen(["strace", "-f", "-qq", "-o", log, "-e", "trace=" + call, "-e", "inject=%s:error=%s" % (call, error), "-p", str(pid)])

    def end(self):
        """How often it struck."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        with open(self.log) as f:
            return f.read().count("(INJECTED)")


def ask_for(d, seconds):
    """Much goes on meanwhile, so that there is something to fail: a worker dies, a backup is made, somebody reads. What they get is theirs."""
    end = time.monotonic() + seconds
    for worker in d.children()[:1]:
        os.kill(worker, signal.SIGKILL)
    backup = subprocess.Popen([d.program("syndicatectl"), "--socket", d.socket, "backup", "--force", d.state + "/backup"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(d.url + "/healthz", timeout=0.3).read()
        except OSError:
            pass
        except http.client.HTTPException:
            pass
        time.sleep(0.1)
    backup.kill()
    backup.wait()


def can_trace():
    r = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True)
    return r.returncode == 0


def test_every_error_is_survived(origin, receiver, daemon, tmp_path):
    try:
        if not can_trace():
            pytest.skip("strace may not trace here")
    except FileNotFoundError:
        pytest.skip("strace is not installed")
    sites = [origin.site("/%d" % i) for i in range(4)]
    for s in sites:
        s.publish(s.path)
    d = daemon(hook(receiver), [("s%d" % i, origin.url + s.path) for i, s in enumerate(sites)])
    wait_for(lambda: len(d.entries()) == 4, "the first fetches")
    bad = []
    for n, (call, error) in enumerate(CHOSEN):
        title = "%s %s" % (call, error)
        fault = Fault(d.process.pid, call, error, str(tmp_path / "strace"))
        sites[n % 4].publish("during " + title)
        ask_for(d, FAULT_S * SLOW)
        struck = fault.end()
        if d.process.poll() is not None:
            bad.append((title, "ended with %s" % d.process.returncode, d.log()[-1500:]))
            d.start()
        sites[n % 4].publish("after " + title)
        d.ctl("poll", "s%d" % (n % 4))  # ends the minute's pause for trouble of its own
        began = time.monotonic()
        try:
            wait_for(lambda: {"during " + title, "after " + title} <= set(d.titles()), title, 8)
        except AssertionError:
            bad.append((title, "does not go on", re.sub(r"(?m)^.*debug: .*\n", "", d.log())[-1500:]))
            d.restart()
        print(title, "struck %d times, on after %.1f s" % (struck, time.monotonic() - began), flush=True)
    assert not bad, "\n\n".join("%s: %s\n%s" % b for b in bad)
    events = ["%s %s %s" % (when, call, error) for call, error in CHOSEN for when in ("during", "after")]
    wait_for(lambda: sorted({x["id"]: x["title"] for x in receiver.deliveries()}.values()) == sorted(events), "each webhook", 60)
