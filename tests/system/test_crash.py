"""kill -9 and power cuts while sources publish and webhooks are received (REL-70, REL-71; invariants I1 to I7).

SYNDICATED_KILLS and SYNDICATED_CUTS say how many (200 and 50; scripts/campaign makes more), in rounds of as many, each with a
store of its own that is looked at when it ends. The seed of each is printed; given back in SYNDICATED_SEED it makes the same lifetimes.
"""
import contextlib
import os
import subprocess
import time

import pytest

from daemon import SLOW
from invariants import Scene

ROUND_KILLS, ROUND_CUTS = 200, 50
# A sanitizer's daemon starts ten times as slowly, and would die before it does anything.
KILLS = int(os.environ.get("SYNDICATED_KILLS", ROUND_KILLS if SLOW == 1 else 20))
CUTS = int(os.environ.get("SYNDICATED_CUTS", ROUND_CUTS if SLOW == 1 else 5))


def rounds(n, of):
    return [min(of, n - i) for i in range(0, n, of)]


def report(what, n, since, figures):
    print(what, n, "seconds=%d" % (time.monotonic() - since), *("%s=%s" % f for f in figures.items()), flush=True)


def waited_for_a_cpu(pid):
    """Seconds in which it could have run, and others did: what a busy machine takes is not what a start takes."""
    with open("/proc/%s/schedstat" % pid) as f:
        return int(f.read().split()[1]) / 1e9


class Lives:
    """Lifetimes of 5 to 500 ms; longer ones on a machine so busy that fewer than a third of them get to a poll."""

    def __init__(self, d, rng):
        self.daemon, self.rng, self.stretch = d, rng, 1.0
        self.reached = {"ready": 0, "polled": 0, "delivered": 0}
        self.log_bytes = os.path.getsize(d.log_path)

    def live(self):
        time.sleep(self.rng.uniform(0.005, 0.5) * SLOW * self.stretch)
        self.daemon.kill()
        with open(self.daemon.log_path, "rb") as f:
            f.seek(self.log_bytes)
            log = f.read()
        self.log_bytes += len(log)
        polled = b"debug: poll " in log
        self.stretch = min(30.0, max(1.0, self.stretch * (0.82 if polled else 1.1)))
        for what, is_so in (("ready", b"is ready" in log), ("polled", polled), ("delivered", b"debug: deliver " in log)):
            self.reached[what] += is_so


@pytest.mark.parametrize("kills", rounds(KILLS, ROUND_KILLS))
def test_kill_minus_nine_loses_and_doubles_nothing(kills, origin, receiver, daemon):
    """While it starts, opens its store, polls, ingests, commits, delivers."""
    scene = Scene(origin, receiver, kills * 0.3 * SLOW)
    d = daemon(scene.config, scene.sources)
    scene.begin(d)
    receiver.behave(status=204, delay=100)  # so that some kills fall between a delivery and its acknowledgement
    lives = Lives(d, scene.rng)
    began = time.monotonic()
    for _ in range(kills):
        lives.live()
        d.start(wait=False)
        scene.slow_down(lives.stretch)
    d.kill()
    started, waited = time.monotonic(), waited_for_a_cpu("self")
    d.start()
    ready = time.monotonic() - started - (waited_for_a_cpu("self") - waited) - waited_for_a_cpu(d.process.pid)
    receiver.behave(status=204)
    report("kills", kills, began, {**lives.reached, **scene.end(d, 90)})
    assert lives.reached["polled"] > kills / 5 and lives.reached["delivered"] > kills / 20, "what was killed had hardly begun: %s" % lives.reached
    assert ready < 2 * SLOW  # I7, and I6: nothing left behind stops it


def copy_disk(image, copy):
    """As it is at one instant: the system's own journal goes on, so a copy in which it wrote meanwhile is none.

    It is a new file each time. When anybody (losetup -a, another mount) has the loop device of the last copy open while that is
    unmounted, the device stays; mount takes it again for the same file, and shows what it remembers of the last copy.
    """
    for _ in range(50):
        with contextlib.suppress(FileNotFoundError):
            os.remove(copy)
        subprocess.run(["cp", "--sparse=always", image, copy], check=True)
        if subprocess.run(["cmp", "-s", image, copy]).returncode == 0:
            return
    raise AssertionError("the disk never stands still")


@pytest.mark.parametrize("cuts", rounds(CUTS, ROUND_CUTS))
def test_a_power_cut_loses_nothing_that_was_acknowledged(cuts, origin, receiver, daemon, mounts, look_at, tmp_path):
    """The disk as it is at some moment, without what the system had not written yet, is what a power cut leaves.

    Nothing is reordered: that is what tests/fault/store_faults.c is for.
    """
    scene = Scene(origin, receiver, cuts * 0.8)
    disk, image, copy = str(tmp_path / "disk"), str(tmp_path / "disk.img"), str(tmp_path / "copy.img")
    mounts.image(image, disk, 64)
    d = daemon(scene.config, scene.sources, start=False, inside=mounts.inside)
    d.state = os.path.join(disk, "state")
    d.write(scene.config, scene.sources)
    d.start()
    scene.begin(d)
    began = time.monotonic()
    for _ in range(cuts):
        time.sleep(scene.rng.uniform(0.1, 0.7))
        acknowledged, seen = scene.acknowledged(), set(scene.witness.seen)
        d.freeze()
        copy_disk(image, copy)
        d.thaw()
        after = str(tmp_path / "after")
        mounts.attach(copy, after)
        look_at(after + "/state/syndicated.db", events=sorted(acknowledged), titles=sorted(seen))
        mounts.detach(after)
    report("cuts", cuts, began, scene.end(d, 90, look_at))


def test_a_copy_of_the_disk_is_never_taken_for_the_one_before(mounts, tmp_path):
    """The means, not the daemon: what held up the device of an old copy made a power cut lose what was on the disk."""
    disk, image, copy, after = (str(tmp_path / name) for name in ("disk", "disk.img", "copy.img", "after"))
    mounts.image(image, disk, 16)
    with contextlib.ExitStack() as held:
        for n in range(4):
            mounts.run("sh", "-c", "echo %d > %s/%d && sync %s/%d" % (n, disk, n, disk, n))
            copy_disk(image, copy)
            mounts.attach(copy, after)
            mounts.run("grep", "-qx", str(n), "%s/%d" % (after, n))
            device = subprocess.run(mounts.inside(["findmnt", "-n", "-o", "SOURCE", after]), capture_output=True, text=True, check=True).stdout.strip()
            held.enter_context(open(device, "rb"))
            mounts.detach(after)
