"""The invariants I1 to I5 of reliability.md section 5, for every test that cuts, kills or starves the daemon.

A Scene is sites that publish, a receiver, and a witness who reads the merged feed all the time. It knows what was published,
what was seen and what was acknowledged; holds() then says of a store that is at rest whether nothing is lost, doubled or damaged.
"""
import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as xml

from daemon import ATOM, TOP, wait_for


def sql_invariants():
    """(name, query) pairs; each query finds rows only where the invariant does not hold."""
    with open(os.path.join(TOP, "tests", "lib", "invariants.sql")) as f:
        return [tuple(line.strip().split(": ", 1)) for line in f if not line.startswith("--") and ": " in line]


def check_database(path):
    """I4 and I5 of a database file. Returns its connection, for more questions."""
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path
    assert db.execute("PRAGMA foreign_key_check").fetchall() == [], path
    for name, query in sql_invariants():
        broken = db.execute(query).fetchmany(3)
        assert not broken, "%s: not so for %s in %s" % (name, broken, path)
    return db


class Publisher(threading.Thread):
    """Publishes in all sites, one story in five in two of them, until told to stop."""

    def __init__(self, sites, rng, gap):
        super().__init__(daemon=True)
        self.sites, self.rng, self.gap = sites, rng, gap
        self.titles, self.shared = [], []
        self.running = True

    def publish(self, n):
        title = "story %d" % n
        if n % 5 == 4:
            a, b = self.rng.sample(self.sites, 2)
            link = a.base + "/shared/%d" % n
            a.publish(title, link=link + "?utm_source=a", guid="s%d-a" % n)
            b.publish(title, link=link + "?gclid=b", guid="s%d-b" % n)
            self.shared.append(title)
        else:
            self.rng.choice(self.sites).publish(title)
        self.titles.append(title)

    def run(self):
        n = 0
        while self.running:
            self.publish(n)
            n += 1
            time.sleep(self.rng.uniform(*self.gap))

    def stop(self):
        self.running = False
        self.join()


class Witness(threading.Thread):
    """Reads the merged feed all the time, whenever there is one: I3."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.daemon_, self.seen, self.broken, self.reads = daemon, set(), [], 0
        self.running = True

    def look(self):
        try:
            status, _, body = self.daemon_.get("/feed.atom")
        except OSError:
            return  # it is not there just now, or went away while it answered
        except Exception as e:  # http.client says it in many ways when an answer ends early
            if type(e).__module__ == "http.client":
                return
            raise
        if status != 200:
            self.broken.append("status %d" % status)
            return
        entries = xml.fromstring(body).findall(ATOM + "entry")
        ids = [e.findtext(ATOM + "id") for e in entries]
        titles = {e.findtext(ATOM + "title") for e in entries}
        self.reads += 1
        if len(ids) != len(set(ids)):
            self.broken.append("an id is there twice")
        if not self.seen <= titles:
            self.broken.append("these were served and are gone: %s" % sorted(self.seen - titles)[:5])
        self.seen |= titles

    def run(self):
        while self.running:
            began = time.monotonic()
            try:
                self.look()
            except xml.ParseError as e:
                self.broken.append("not well-formed: %s" % e)
            time.sleep(max(0.05, time.monotonic() - began))  # to look is not all that the machine has to do

    def stop(self):
        self.running = False
        self.join()
        assert not self.broken, self.broken[:3]


class Scene:
    def __init__(self, origin, receiver, seconds, n_sites=12, seed=None):
        """seconds: how long it will be, so that a long one does not publish more than a feed can hold."""
        self.seed = seed if seed is not None else int(os.environ.get("SYNDICATED_SEED", random.randrange(1 << 30)))
        print("SYNDICATED_SEED=%d" % self.seed)
        self.rng = random.Random(self.seed)
        self.receiver = receiver
        self.sites = [origin.site("/s%d" % i, ("rss", "atom", "json")[i % 3]) for i in range(n_sites)]
        for s in self.sites:
            s.keep = 200
            s.publish("%s seeded" % s.path)
        self.sources = [(s.path.strip("/"), origin.url + s.path) for s in self.sites]
        self.config = ("feeds:\n  - {name: all, limit: 10000}\n"
                       "webhooks:\n  - {name: desk, feed: all, url: \"%s\", secret-file: \"%s\"}\n" % (receiver.url, receiver.secret_file))
        slow = max(1, seconds / 400)
        self.gap = (0.02 * slow, 0.12 * slow)

    def begin(self, daemon):
        """When it is ready and everything that is not news was fetched."""
        wait_for(lambda: len(daemon.entries()) == len(self.sites), "the first fetches", 30)
        self.publisher = Publisher(self.sites, self.rng, self.gap)
        self.witness = Witness(daemon)
        self.publisher.start()
        self.witness.start()

    def slow_down(self, times):
        self.publisher.gap = tuple(times * gap for gap in self.gap)

    def acknowledged(self):
        """Numbers in the log of the events that were answered with 2xx: each was committed before it was sent."""
        return {x["seq"] for x in self.receiver.deliveries() if x["status"] < 300}

    def published(self):
        return self.publisher.titles + ["%s seeded" % s.path for s in self.sites]

    def events(self):
        """One for each item; a shared story has two."""
        return sorted(self.publisher.titles + self.publisher.shared)

    def end(self, daemon, timeout=60, look=None):
        """Everything arrives, once (I1, I2, I3); then the daemon is stopped and its store is looked at (I4, I5)."""
        self.publisher.stop()
        expected, events = sorted(self.published()), self.events()
        wait_for(lambda: len(daemon.titles()) >= len(expected), "every story in the feed", timeout)
        wait_for(lambda: len(self.acknowledged()) >= len(events), "every webhook", timeout)
        wait_for(lambda: daemon.ctl("status")["webhooks"][0]["pending"] == 0, "nothing waiting", timeout)
        self.witness.stop()
        assert sorted(daemon.titles()) == expected
        deliveries = self.receiver.deliveries()
        assert all(x["verified"] for x in deliveries)
        bodies = {}
        for x in deliveries:
            bodies.setdefault(x["id"], set()).add(x["sha256"])
        assert all(len(b) == 1 for b in bodies.values()), "an event was sent with two bodies"
        assert sorted({x["id"]: x["title"] for x in deliveries}.values()) == events
        daemon.stop()
        (look or look_at)(os.path.join(daemon.state, "syndicated.db"), items=len(events) + len(self.sites))
        return {"stories": len(expected), "events": len(events), "deliveries": len(deliveries), "again": len(deliveries) - len(bodies),
                "feed_reads": self.witness.reads}


def look_at(path, **want):
    """What must be in a store that is at rest: items=how many, events=numbers, titles=..., each if it is asked."""
    with contextlib.closing(check_database(path)) as db:
        _look(db, want)


def _look(db, want):
    if "items" in want:
        assert db.execute("SELECT count(*), count(DISTINCT source_id || ' ' || hex(key)) FROM item").fetchone() == (want["items"], want["items"])
    for what, query in (("events", "SELECT seq FROM event"), ("titles", "SELECT title FROM item")):
        lost = set(want.get(what, [])) - {row[0] for row in db.execute(query)}
        assert not lost, "acknowledged or shown, and lost: %d %s, such as %s" % (len(lost), what, sorted(lost)[:5])


class Looker:
    """Looks at stores where they are mounted, as a process of its own."""

    def __init__(self, inside):
        self.process = subprocess.Popen(inside([sys.executable, os.path.abspath(__file__)]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def look_at(self, path, **want):
        self.process.stdin.write(json.dumps([path, want]) + "\n")
        self.process.stdin.flush()
        complaint = json.loads(self.process.stdout.readline())
        assert not complaint, complaint

    def close(self):
        self.process.stdin.close()
        self.process.wait()


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            path, want = json.loads(line)
            look_at(path, **want)
            print("\"\"", flush=True)
        except Exception as e:
            print(json.dumps("%s: %s" % (type(e).__name__, e)), flush=True)
