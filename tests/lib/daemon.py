"""The real daemon, started with a configuration of the test's, and its receiver."""
import base64
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as xml

from json_lines import json_lines

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("SYNDICATED_BUILD", os.path.join(TOP, "build"))
ATOM = "{http://www.w3.org/2005/Atom}"
# With a sanitizer things take longer; what is waited for stays the same.
SLOW = 4 if "asan" in BUILD or "tsan" in BUILD else 1


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(condition, what, timeout=10.0):
    """Returns the first true value of condition(); fails the test with `what` after timeout seconds."""
    end = time.monotonic() + timeout * SLOW
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "waited in vain for " + what
        time.sleep(0.05)


def _state(task):
    with open(os.path.join(task, "stat")) as f:
        return f.read().rsplit(")", 1)[1].split()[0]


class Receiver:
    """tests/lib/receiver.js: verifies with npm standardwebhooks."""

    def __init__(self, directory):
        self.secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
        self.secret_file = os.path.join(directory, "receiver.secret")
        self.log = os.path.join(directory, "receiver.log")
        with open(os.open(self.secret_file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
            f.write(self.secret + "\n")
        open(self.log, "w").close()
        self.process = subprocess.Popen(["node", os.path.join(HERE, "receiver.js"), self.secret, self.log], stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "NODE_PATH": os.path.join(TOP, "tests", "node_modules")})
        self.port = int(self.process.stdout.readline())
        self.url = "http://127.0.0.1:%d/hook" % self.port

    def behave(self, **mode):
        request = urllib.request.Request("http://127.0.0.1:%d/control" % self.port, json.dumps(mode).encode(), method="POST")
        urllib.request.urlopen(request).read()

    def deliveries(self):
        return json_lines(self.log)

    def titles(self, path=None):
        return [d["title"] for d in self.deliveries() if d["status"] < 300 and (path is None or d["path"] == path)]

    def close(self):
        self.process.kill()
        self.process.wait()


class Daemon:
    def __init__(self, directory, config="", sources=(), name="d", inside=None):
        """config: YAML to add; sources: (name, url) pairs or ready YAML lines. inside: wraps the command (Internet.inside)."""
        self.inside = inside
        self.directory = str(directory)
        self.port = free_port()
        self.url = "http://127.0.0.1:%d" % self.port
        self.state = os.path.join(self.directory, name + "-state")
        self.socket = os.path.join(self.directory, name + "-run", "control.sock")  # the daemon makes the directory
        self.config_path = os.path.join(self.directory, name + ".yaml")
        self.log_path = os.path.join(self.directory, name + ".log")
        self.process = None
        self.write(config, sources)

    def write(self, config="", sources=()):
        lines = []
        for s in sources:
            lines.append("  - {name: %s, url: \"%s\"}" % s if isinstance(s, tuple) else "  - " + s)
        with open(self.config_path, "w") as f:
            f.write("listen: 127.0.0.1:%d\nstate-dir: %s\ncontrol: %s\nlog-level: debug\n" % (self.port, self.state, self.socket))
            if "allow-networks:" not in config:
                f.write("allow-networks: [127.0.0.0/8]\n")
            if "poll:" not in config:
                f.write("poll: {min: 1s, max: 1s}\n")
            if "fetch:" not in config:
                f.write("fetch: {rate: 10000}\n")
            if "host:" not in config:
                f.write("host: {concurrent: 16, gap: 0s}\n")
            f.write(config + "\n")
            if lines:
                f.write("sources:\n" + "\n".join(lines) + "\n")

    def program(self, name="syndicated"):
        return os.path.join(BUILD, name)

    def start(self, env=None, wait=True):
        log = open(self.log_path, "a")
        self.process = subprocess.Popen((self.inside or list)([self.program(), "-c", self.config_path]), stderr=log, stdin=subprocess.DEVNULL,
                                        env={**os.environ, **(env or {})})
        log.close()
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        wait_for(lambda: self.process.poll() is not None or self.is_healthy(), "the daemon to be ready")
        assert self.process.poll() is None, "the daemon ended:\n" + self.log()

    def is_healthy(self):
        if self.inside:  # its port is in another namespace
            return self.ctl("status", check=False).returncode == 0
        try:
            return urllib.request.urlopen(self.url + "/healthz", timeout=2).read() == b"ok\n"
        except OSError:
            return False

    def kill(self, signo=signal.SIGKILL):
        self.process.send_signal(signo)
        self.process.wait(20 * SLOW)
        return self.process.returncode

    def freeze(self):
        """Stops all its threads, and returns when the last of them is out of the system call it was in."""
        self.process.send_signal(signal.SIGSTOP)
        tasks = "/proc/%d/task" % self.process.pid
        wait_for(lambda: all(_state(os.path.join(tasks, t)) == "T" for t in os.listdir(tasks)), "the daemon to stand still")

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.process and self.process.poll() is None:
            code = self.kill(signal.SIGTERM)
            assert code == 0, "exit status %s\n%s" % (code, self.log()[-3000:])

    def restart(self):
        self.stop()
        return self.start()

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def get(self, path, headers=None, method="GET"):
        """(status, headers, body); never raises for a status."""
        request = urllib.request.Request(self.url + path, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as r:
                return r.status, r.headers, r.read()
        except urllib.error.HTTPError as e:
            return e.code, e.headers, e.read()

    def entries(self, path="/feed.atom"):
        status, _, body = self.get(path)
        assert status == 200, (status, body)
        return xml.fromstring(body).findall(ATOM + "entry")

    def titles(self, path="/feed.atom"):
        return [e.findtext(ATOM + "title") for e in self.entries(path)]

    def ctl(self, *args, check=True):
        r = subprocess.run([self.program("syndicatectl"), "--socket", self.socket, "--json", *args], capture_output=True, text=True, timeout=30 * SLOW)
        if check:
            assert r.returncode == 0, (args, r.returncode, r.stdout, r.stderr)
            return json.loads(r.stdout)
        return r

    def source(self, name):
        return next(s for s in self.ctl("sources")["sources"] if s["name"] == name)

    def children(self):
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as f:
            return [int(p) for p in f.read().split()]

    def check_config(self, *args):
        return subprocess.run([self.program(), "-c", self.config_path, *(args or ["--check-config"])], capture_output=True, text=True, timeout=30 * SLOW)
