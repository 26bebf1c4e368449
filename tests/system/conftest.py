import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from daemon import Daemon, Receiver  # noqa: E402
from invariants import Looker  # noqa: E402
from mounts import Mounts  # noqa: E402
from origin import Origin  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures the time of a processor, so nothing else should run meanwhile")


@pytest.fixture
def origin():
    o = Origin()
    yield o
    o.close()


@pytest.fixture
def receiver(tmp_path):
    r = Receiver(str(tmp_path))
    yield r
    r.close()


@pytest.fixture
def daemon(tmp_path):
    """A factory: daemon(config, sources) starts one; all are stopped, cleanly, at the end."""
    started = []

    def make(config="", sources=(), start=True, **kw):
        d = Daemon(tmp_path, config, sources, name="d%d" % len(started), **kw)
        started.append(d)
        return d.start() if start else d

    yield make
    for d in started:
        d.stop()
        log = d.log() if os.path.exists(d.log_path) else ""
        for bad in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:", "Assertion"):
            assert bad not in log, log[-6000:]


@pytest.fixture
def mounts():
    m = Mounts()
    yield m
    m.close()


@pytest.fixture
def look_at(mounts):
    """invariants.look_at() of what is mounted there."""
    looker = Looker(mounts.inside)
    yield looker.look_at
    looker.close()
