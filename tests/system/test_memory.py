"""The idle daemon with a thousand sources: at most 48 MB in all its processes (acceptance of the spine)."""
import re

import pytest

from daemon import BUILD, wait_for


def pss_kib(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        return int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M).group(1))


@pytest.mark.skipif("asan" in BUILD or "tsan" in BUILD, reason="a sanitizer has memory of its own")
def test_a_thousand_idle_sources(origin, daemon):
    for i in range(1000):
        site = origin.site("/%d.xml" % i)
        for k in range(10):
            site.publish("story %d of source %d" % (k, i))
    d = daemon("poll: {min: 1h, max: 24h}\nhost: {concurrent: 64, gap: 0s}\n", [("s%d" % i, "%s/%d.xml" % (origin.url, i)) for i in range(1000)])
    wait_for(lambda: d.ctl("status")["items"] == 10000, "ten thousand items", 150)
    wait_for(lambda: d.ctl("status")["in_flight"] == 0, "rest")
    parts = {pid: pss_kib(pid) for pid in [d.process.pid] + d.children()}
    print("PSS KiB", parts, "sum", sum(parts.values()))
    assert sum(parts.values()) <= 48 * 1024
