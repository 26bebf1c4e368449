"""Too few descriptors or too little memory of ours is no fault of a feed (T38): none is counted, and it goes on by itself."""
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from daemon import SLOW, wait_for

CONFIG = "poll: {min: 1s, max: 1s}\n"
COUNTED = re.compile(r"poll source='\w+' outcome=(?!ok|unchanged|not-modified)(\S+) class")


@pytest.fixture
def running(origin, daemon):
    sites = [origin.site("/%d" % i) for i in range(6)]
    for s in sites:
        s.publish(s.path)
    d = daemon(CONFIG, [("s%d" % i, origin.url + s.path) for i, s in enumerate(sites)])
    wait_for(lambda: len(d.entries()) == 6, "the first fetches")
    return d, sites


def goes_on(d, sites):
    """The pause for trouble of our own is a minute; who asks for a poll ends it."""
    sites[0].publish("after it")
    d.ctl("poll", "s0")
    wait_for(lambda: "after it" in d.titles(), "it to go on", 20)
    counts = {s["name"]: s["polls"] for s in d.ctl("sources")["sources"]}
    wait_for(lambda: all(s["polls"] > counts[s["name"]] for s in d.ctl("sources")["sources"]), "all the others", 20)
    assert all(s["failures"] == 0 and s["state"] == "ok" for s in d.ctl("sources")["sources"])
    assert not [m[1] for m in COUNTED.finditer(d.log()) if m[1] != "local"], "a feed was blamed"


def test_no_descriptor_is_left(running):
    """EMFILE in the middle of its work: the limit goes down to what is open."""
    d, sites = running
    pid = str(d.process.pid)
    limit = subprocess.run(["prlimit", "--pid", pid, "--nofile", "--output", "SOFT,HARD", "--noheadings"], capture_output=True, text=True, check=True).stdout
    top = max(int(f) for f in os.listdir("/proc/%s/fd" % pid))
    subprocess.run(["prlimit", "--pid", pid, "--nofile=%d:" % max(4, top - 3)], check=True)
    wait_for(lambda: "outcome=local" in d.log(), "it to be noticed")
    time.sleep(2 * SLOW)
    assert d.process.poll() is None
    subprocess.run(["prlimit", "--pid", pid, "--nofile=%s:" % limit.split()[0]], check=True)
    goes_on(d, sites)


@pytest.mark.skipif(not shutil.which("strace"), reason="strace puts the errors in")
@pytest.mark.parametrize("call,error", [("socket", "ENOMEM"), ("socket", "ENFILE"), ("pwrite64", "ENOSPC")])
def test_the_kernel_has_none(running, tmp_path, call, error):
    d, sites = running
    log = str(tmp_path / "strace")
    fault = subprocess.Popen(["strace", "-f", "-qq", "-o", log, "-e", "trace=" + call, "-e", "inject=%s:error=%s" % (call, error), "-p", str(d.process.pid)])
    time.sleep(1)
    if fault.poll() is not None:
        pytest.skip("strace may not trace here")
    sites[1].publish("meanwhile")
    time.sleep(3 * SLOW)
    fault.send_signal(signal.SIGINT)
    fault.wait(30)
    assert open(log).read().count("(INJECTED)") and d.process.poll() is None
    goes_on(d, sites)
