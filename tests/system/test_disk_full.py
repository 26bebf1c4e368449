"""A disk that is full (REL-74, REL-77): the daemon says so, goes on serving, and goes on with everything when there is room again."""
import os
import subprocess

import pytest

from daemon import wait_for
from invariants import Scene

FULL = "no space left for the database"


def fill(mounts, path):
    """Takes all that is left."""
    subprocess.run(mounts.inside(["dd", "if=/dev/zero", "of=" + path, "bs=4096"]), stderr=subprocess.DEVNULL)


class Disk:
    """A daemon whose state is on a small disk, in the middle of its work."""

    def __init__(self, origin, receiver, daemon, mounts, tmp_path):
        self.mounts, self.receiver = mounts, receiver
        self.scene = Scene(origin, receiver, 80)
        self.path = str(tmp_path / "small")
        mounts.tmpfs(self.path, "8m")
        self.d = daemon(self.scene.config, self.scene.sources, start=False, inside=mounts.inside)
        self.d.state = os.path.join(self.path, "state")
        self.d.write(self.scene.config, self.scene.sources)
        self.d.start()
        self.scene.begin(self.d)
        wait_for(lambda: len(receiver.deliveries()) > 20, "things to run")

    def fill(self):
        ballast = os.path.join(self.path, "ballast")
        fill(self.mounts, ballast)
        wait_for(lambda: FULL in self.d.log(), "the daemon to meet the end of the disk", 30)
        fill(self.mounts, ballast + "2")

    def free(self):
        self.mounts.run("rm", os.path.join(self.path, "ballast"), os.path.join(self.path, "ballast2"))


@pytest.fixture
def disk(origin, receiver, daemon, mounts, tmp_path):
    return Disk(origin, receiver, daemon, mounts, tmp_path)


def test_a_full_disk_costs_nothing_but_time(disk, look_at):
    """By itself: its pause for trouble of its own is a minute, and then the claims it could not give back are given back."""
    d = disk.d
    disk.fill()
    assert d.is_healthy() and len(d.entries()) >= len(disk.scene.sites)  # it serves what it has
    assert d.ctl("status")["webhooks"][0]["name"] == "desk"
    pid = d.process.pid
    disk.free()
    print(disk.scene.end(d, 120, look_at))
    assert d.process.pid == pid


def test_a_poll_that_is_asked_for_ends_the_pause(disk):
    d = disk.d
    disk.fill()
    disk.free()
    disk.scene.publisher.stop()
    disk.scene.sites[0].publish("there is room again")
    d.ctl("poll", disk.scene.sources[0][0])
    wait_for(lambda: "there is room again" in d.titles(), "its item", 15)
    disk.scene.witness.stop()


def test_a_start_on_a_full_disk_is_a_start_or_says_why_not(disk, look_at):
    d = disk.d
    disk.fill()
    d.kill()
    d.start(wait=False)
    wait_for(lambda: d.process.poll() is not None or d.is_healthy(), "a start or an end", 20)
    if d.process.poll() is not None:
        assert d.process.returncode == 1 and FULL in d.log().splitlines()[-1], d.log()[-500:]
    disk.free()
    if d.process.poll() is not None:
        d.start()
    print(disk.scene.end(d, 120, look_at))
