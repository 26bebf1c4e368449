"""File systems that only the daemon under test sees: a mount namespace of its own, which ends with all its mounts. Root only."""
import os
import shutil
import subprocess

import pytest


class Mounts:
    def __init__(self):
        if os.geteuid() != 0:
            pytest.skip("mounting needs root")
        self.holder = subprocess.Popen(["unshare", "-m", "--propagation", "private", "sh", "-c", "echo; exec sleep 100000"], stdout=subprocess.PIPE)
        if not self.holder.stdout.readline():
            pytest.skip("this system allows no mount namespace")

    def inside(self, command):
        """The command, run where the mounts are; for Daemon(inside=...). It keeps its process id."""
        return ["nsenter", "-t", str(self.holder.pid), "-m", *command]

    def run(self, *command):
        r = subprocess.run(self.inside(command), capture_output=True, text=True)
        assert r.returncode == 0, (command, r.stderr)

    def tmpfs(self, directory, size):
        os.makedirs(directory, exist_ok=True)
        self.run("mount", "-t", "tmpfs", "-o", "size=%s,mode=755" % size, "tmpfs", directory)

    def image(self, image, directory, megabytes):
        """A new ext4 in a file, its journal written every second."""
        if not os.path.exists("/dev/loop-control") or not shutil.which("mkfs.ext4"):
            pytest.skip("no loop devices here, or no mkfs.ext4: the power cannot be cut")
        os.makedirs(directory, exist_ok=True)
        with open(image, "wb") as f:
            f.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
        self.attach(image, directory)

    def attach(self, image, directory):
        os.makedirs(directory, exist_ok=True)
        r = subprocess.run(self.inside(["mount", "-o", "loop,commit=1", image, directory]), capture_output=True, text=True)
        if r.returncode != 0 and "loop" in r.stderr:
            pytest.skip("no loop device can be had: " + r.stderr.strip())
        assert r.returncode == 0, r.stderr

    def detach(self, directory):
        self.run("umount", directory)

    def close(self):
        self.holder.kill()
        self.holder.wait()
