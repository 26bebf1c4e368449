"""kill -9 at random moments while sources publish (REL-70; invariants I1, I2, I4 of reliability.md section 5).

SYNDICATED_KILLS sets how often (20). The seed is printed and can be given back in
SYNDICATED_SEED.
"""
import os
import random
import sqlite3
import threading
import time

from daemon import ATOM, SLOW, wait_for
from test_spine import hook


class Publisher(threading.Thread):
    """Publishes in all sites, some stories in two, until told to stop."""

    def __init__(self, sites, rng):
        super().__init__(daemon=True)
        self.sites, self.rng = sites, rng
        self.titles, self.shared = [], []
        self.running = True

    def run(self):
        n = 0
        while self.running:
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
            n += 1
            time.sleep(self.rng.uniform(0.02, 0.3))


def test_kill_minus_nine_loses_and_doubles_nothing(origin, receiver, daemon):
    kills = int(os.environ.get("SYNDICATED_KILLS", "20"))
    seed = int(os.environ.get("SYNDICATED_SEED", random.randrange(1 << 30)))
    print("seed", seed, "kills", kills)
    rng = random.Random(seed)
    sites = [origin.site("/%s" % f, f) for f in ("rss", "atom", "json")] + [origin.site("/more")]
    for s in sites:
        s.publish("%s seeded" % s.path)
    config = hook(receiver) + "feeds:\n  - {name: all, limit: 10000}\n"
    d = daemon(config, [(s.path.strip("/"), origin.url + s.path) for s in sites])
    wait_for(lambda: len(d.entries()) == 4, "the first fetches")

    publisher = Publisher(sites, rng)
    publisher.start()
    receiver.behave(status=204, delay=150)  # so that some kills fall between a delivery and its acknowledgement
    for _ in range(kills):
        time.sleep(rng.uniform(0.005, 1.5) * SLOW)
        d.kill()
        d.start(wait=False)
    d.wait_ready()
    publisher.running = False
    publisher.join()
    receiver.behave(status=204)

    expected = sorted(publisher.titles + ["%s seeded" % s.path for s in sites])
    wait_for(lambda: len(d.titles()) >= len(expected), "every story in the feed", 60)
    assert sorted(d.titles()) == expected  # I1: each once
    ids = [e.findtext(ATOM + "id") for e in d.entries()]
    assert len(set(ids)) == len(ids)

    # I2: an event for each item (a shared story has two), each with one id and one body, however often it came.
    events = sorted(publisher.titles + publisher.shared)
    wait_for(lambda: len({x["id"] for x in receiver.deliveries()}) >= len(events), "every webhook", 60)
    wait_for(lambda: d.ctl("status")["webhooks"][0]["pending"] == 0, "nothing waiting", 60)
    deliveries = receiver.deliveries()
    assert all(x["verified"] for x in deliveries)
    bodies = {}
    for x in deliveries:
        bodies.setdefault(x["id"], set()).add(x["sha256"])
    assert all(len(b) == 1 for b in bodies.values())
    by_id = {x["id"]: x["title"] for x in deliveries}
    assert sorted(by_id.values()) == events
    print("items", len(expected), "events", len(events), "deliveries", len(deliveries), "of which again", len(deliveries) - len(by_id))

    d.stop()
    with sqlite3.connect(os.path.join(d.state, "syndicated.db")) as db:  # I4
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("SELECT count(*) FROM story WHERE n_items != (SELECT count(*) FROM item WHERE story_id = story.id)").fetchone() == (0,)
