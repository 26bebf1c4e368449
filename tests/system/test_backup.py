"""Backup of a store under load, restore, check (features.md I45, reliability.md I1, I2, I4, I5)."""
import os
import random

from daemon import ATOM, wait_for
from invariants import Publisher
from test_spine import hook


def ids_of(d, publisher):
    """Of stories in one source: one in two is named after the copy that came first, which may be the other one next time."""
    return {e.findtext(ATOM + "id") for e in d.entries() if e.findtext(ATOM + "title") not in publisher.shared}


def test_backup_under_load_restores_to_a_consistent_state(origin, receiver, daemon, tmp_path):
    sites = [origin.site("/rss"), origin.site("/atom", "atom")]
    d = daemon(hook(receiver) + "feeds:\n  - {name: all, limit: 10000}\n", [(s.path.strip("/"), origin.url + s.path) for s in sites])
    publisher = Publisher(sites, random.Random(1), (0.02, 0.3))
    publisher.start()
    wait_for(lambda: len(d.titles()) >= 5, "some stories")
    backups = [str(tmp_path / ("backup-%d.db" % i)) for i in range(5)]
    for file in backups:  # polls and webhooks go on meanwhile
        d.ctl("backup", file)
        assert os.stat(file).st_mode & 0o777 == 0o600
    assert "is there already" in d.ctl("backup", backups[0], check=False).stderr
    d.ctl("backup", backups[0], "--force")
    wait_for(lambda: len(d.titles()) >= 15, "more stories")
    assert "stop it first" in d.check_config("--restore", backups[0]).stderr
    check = d.check_config("--check-store")
    assert check.returncode == 0, check.stdout + check.stderr
    publisher.running = False
    publisher.join()
    wait_for(lambda: set(publisher.titles) <= set(d.titles()), "every story")
    wait_for(lambda: d.ctl("status")["webhooks"][0]["pending"] == 0, "nothing waiting")
    before = ids_of(d, publisher)
    told = {x["id"] for x in receiver.deliveries()}
    seq = d.ctl("status")["last_seq"]
    d.stop()

    for file in backups:
        done = d.check_config("--restore", file)
        assert done.returncode == 0, done.stderr
        check = d.check_config("--check-store")
        assert check.returncode == 0 and "is sound" in check.stdout, check.stdout + check.stderr
    assert not [n for n in os.listdir(d.state) if "restoring" in n]

    d.start()
    wait_for(lambda: set(publisher.titles) <= set(d.titles()), "every story again")
    assert ids_of(d, publisher) == before  # nothing is unread once more
    wait_for(lambda: d.ctl("status")["webhooks"][0]["pending"] == 0, "nothing waiting")
    assert {x["id"] for x in receiver.deliveries()} == told  # nothing is told under another id
    assert d.ctl("status")["last_seq"] >= seq


def test_a_damaged_store_is_refused_with_what_to_do(origin, daemon, tmp_path):
    site = origin.site("/rss")
    site.publish("one")
    d = daemon("", [("rss", origin.url + site.path)])
    wait_for(lambda: d.titles() == ["one"], "the story")
    file = str(tmp_path / "backup.db")
    d.ctl("backup", file)
    d.stop()
    with open(os.path.join(d.state, "syndicated.db"), "r+b") as f:
        f.write(b"no database")
    d.start(wait=False)
    assert d.process.wait(10) == 1
    assert "damaged" in d.log() and "--restore" in d.log()
    assert d.check_config("--restore", file).returncode == 0
    d.start()
    assert d.titles() == ["one"]
