"""How late polls start, by what kind of site they go to: polling.md R81, T33.

    python3 tests/lib/lateness.py [--sources 10000] [--poll 5m] [--rate 20] [--seconds 900] [--timeout 60s] [--slow 10]

The real daemon against tests/lib/crowd.py; a line of JSON at the end. Lateness is what the daemon says of every poll in its
debug log: when it started less when it was due. A source's first poll is not counted: those are spread on purpose (R65).
"""
import argparse
import json
import os
import re
import sys
import tempfile
import time

from crowd import Crowd
from daemon import Daemon

POLL = re.compile(r"poll source='(\w+)-\d+' .*late_ms=(-?\d+) first=(\d)")


def quantile(values, q):
    return sorted(values)[min(len(values) - 1, int(len(values) * q))] if values else None


def read_log(path):
    late = {"healthy": [], "slow": [], "hole": []}
    first = {"healthy": 0, "slow": 0, "hole": 0}
    with open(path, errors="replace") as f:
        for line in f:
            m = POLL.search(line)
            if m and m[3] == "1":
                first[m[1]] += 1
            elif m:
                late[m[1]].append(int(m[2]))
    return late, first


def resident_kb(pid):
    total = 0
    for p in [pid] + [int(c) for c in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()]:
        total += int(re.search(r"VmRSS:\s+(\d+)", open("/proc/%d/status" % p).read())[1])
    return total


def measure(directory, sources, poll, rate, seconds, timeout, slow_seconds, concurrent=64):
    with Crowd(sources, slow_seconds=slow_seconds) as crowd:
        config = "poll: {min: %s, max: %s}\nfetch: {concurrent: %d, rate: %d, timeout: %s}\nhost: {concurrent: 1, gap: 2s}\n" % (
            poll, poll, concurrent, rate, timeout)
        d = Daemon(directory, config, [("%s-%d" % (kind, i), url) for i, (kind, url) in enumerate(crowd.urls)])
        d.start()
        try:
            cpu = os.times()
            time.sleep(seconds)
            stat = open("/proc/%d/stat" % d.process.pid).read().rsplit(")", 1)[1].split()
            memory = resident_kb(d.process.pid)
        finally:
            d.kill()
        late, first = read_log(d.log_path)
    healthy = late["healthy"]
    return {
        "sources": sources, "poll": poll, "rate": rate, "seconds": seconds, "in_flight": concurrent,
        "first_polls": first, "polls": {k: len(v) for k, v in late.items()},
        "healthy_late_s": {"p50": _s(quantile(healthy, .5)), "p99": _s(quantile(healthy, .99)), "max": _s(max(healthy, default=None))},
        "cpu_s": (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"), "resident_mb": round(memory / 1024, 1),
        "load": os.getloadavg()[0],
    }


def _s(ms):
    return None if ms is None else ms / 1000


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--sources", type=int, default=10000)
    p.add_argument("--poll", default="5m")
    p.add_argument("--rate", type=int, default=20)
    p.add_argument("--seconds", type=float, default=900)
    p.add_argument("--timeout", default="60s")
    p.add_argument("--slow", type=float, default=10)
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        result = measure(directory, a.sources, a.poll, a.rate, a.seconds, a.timeout, a.slow)
    print(json.dumps(result))
    sys.exit(0 if (result["healthy_late_s"]["p99"] or 1e9) < 60 else 1)


if __name__ == "__main__":
    main()
