"""kill -9 and power cuts while sources publish and webhooks are received (REL-70, REL-71; invariants I1 to I7).

SYNDICATED_KILLS and SYNDICATED_CUTS say how many (200 and 50; scripts/campaign makes more). The seed is printed; given back in
SYNDICATED_SEED it makes the same lifetimes.
"""
import contextlib
import os
import subprocess
import time

from daemon import SLOW
from invariants import Scene

# A sanitizer's daemon starts ten times as slowly, and would die before it does anything.
KILLS = int(os.environ.get("SYNDICATED_KILLS", 200 if SLOW == 1 else 20))
CUTS = int(os.environ.get("SYNDICATED_CUTS", 50 if SLOW == 1 else 5))


def say(what, n, since):
    if n % 50 == 0 and n:
        print("%s %d after %d s" % (what, n, time.monotonic() - since), flush=True)


def test_kill_minus_nine_loses_and_doubles_nothing(origin, receiver, daemon):
    """Lifetimes of 5 to 500 ms: while it starts, opens its store, polls, ingests, commits, delivers."""
    scene = Scene(origin, receiver, KILLS * 0.3 * SLOW)
    d = daemon(scene.config, scene.sources)
    scene.begin(d)
    receiver.behave(status=204, delay=100)  # so that some kills fall between a delivery and its acknowledgement
    began = time.monotonic()
    for n in range(KILLS):
        time.sleep(scene.rng.uniform(0.005, 0.5) * SLOW)
        d.kill()
        d.start(wait=False)
        say("kills", n, began)
    started = time.monotonic()
    d.kill()
    d.start()
    ready = time.monotonic() - started
    receiver.behave(status=204)
    told = scene.end(d, 90)
    print("kills", KILLS, "in", round(time.monotonic() - began), "s; ready after", round(ready, 2), "s;", told)
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


def test_a_power_cut_loses_nothing_that_was_acknowledged(origin, receiver, daemon, mounts, look_at, tmp_path):
    """The disk as it is at some moment, without what the system had not written yet, is what a power cut leaves.

    Nothing is reordered: that is what tests/fault/store_faults.c is for.
    """
    scene = Scene(origin, receiver, CUTS * 0.8)
    disk, image, copy = str(tmp_path / "disk"), str(tmp_path / "disk.img"), str(tmp_path / "copy.img")
    mounts.image(image, disk, 64)
    d = daemon(scene.config, scene.sources, start=False, inside=mounts.inside)
    d.state = os.path.join(disk, "state")
    d.write(scene.config, scene.sources)
    d.start()
    scene.begin(d)
    began = time.monotonic()
    for n in range(CUTS):
        time.sleep(scene.rng.uniform(0.1, 0.7))
        acknowledged, seen = scene.acknowledged(), set(scene.witness.seen)
        d.freeze()
        copy_disk(image, copy)
        d.thaw()
        after = str(tmp_path / "after")
        mounts.attach(copy, after)
        look_at(after + "/state/syndicated.db", events=sorted(acknowledged), titles=sorted(seen))
        mounts.detach(after)
        say("cuts", n, began)
    print("cuts", CUTS, "in", round(time.monotonic() - began), "s;", scene.end(d, 90, look_at))


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
