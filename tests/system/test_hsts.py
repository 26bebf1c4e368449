"""Who said that he wants https only is asked so over a restart and a crash too (polling.md R61)."""
import os
import signal

import pytest

from daemon import Daemon, wait_for
from servers import Nginx, Pki

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes its CA the system's in a mount namespace, which needs root")
CONFIG = "fetch: {rate: 1000, timeout: 5s}\npoll: {min: 1s, max: 1s}\n"


@pytest.fixture
def world(tmp_path):
    pki = Pki(tmp_path)
    nginx = Nginx(tmp_path, pki)
    with open(nginx.root + "/feed.xml", "w") as f:
        f.write("<rss version=\"2.0\"><channel><title>t</title><item><title>news</title><guid>1</guid></item></channel></rss>")
    d = Daemon(tmp_path, CONFIG, [("teacher", "https://one.example.net:%d/strict/feed.xml" % nginx.port)], inside=pki.trusted)
    d.http = [("taught", "http://one.example.net:%d/feed.xml" % nginx.port), ("other", "http://two.example.net:%d/feed.xml" % nginx.port)]
    d.start()
    wait_for(lambda: d.source("teacher")["outcome"] == "not-modified", "the policy")
    yield d
    d.stop()
    nginx.close()


def kept(d):
    import sqlite3
    with sqlite3.connect("file:%s/syndicated.db?mode=ro" % d.state, uri=True) as db:
        return db.execute("SELECT value FROM fact WHERE name = 'text-hsts'").fetchone()


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGKILL])
def test_it_lasts(world, signo):
    """nginx answers plain HTTP on that port with 400, so that a request in the open shows as a client error."""
    if signo == signal.SIGKILL:
        wait_for(lambda: kept(world), "it to be saved", 15)
    world.kill(signo)
    world.write(CONFIG, world.http)
    world.start()
    taught = wait_for(lambda: world.source("taught")["outcome"] and world.source("taught"), "an outcome")
    assert taught["outcome"] in ("ok", "not-modified") and taught["url"].startswith("http:"), taught
    assert wait_for(lambda: world.source("other")["outcome"], "an outcome") == "client-error"


def test_what_is_broken_is_learned_again(world):
    import sqlite3
    world.stop()
    with sqlite3.connect(world.state + "/syndicated.db") as db:
        db.execute("UPDATE fact SET value = 'one.example.net nonsense\n\n\x01 9 9' WHERE name = 'text-hsts'")
    world.start()
    wait_for(lambda: world.source("teacher")["polls"] >= 3, "polls")
    world.stop()
    assert kept(world)[0].startswith("one.example.net 1")
