"""One ingest worker as the daemon starts it (src/daemon/pool.c), spoken to over its socket with real frames (src/daemon/wire.h)."""
import os
import signal
import socket
import struct
import subprocess
import time

from daemon import BUILD, SLOW

MAGIC, JOB, RESULT = b"SDF1", 1, 2
OK, NOT_A_FEED = 0, 1
NULL = 0xFFFFFFFF
JOB_S = 10  # LIMIT_WORKER_JOB_MS: then the daemon kills it
MAX_FEED_BYTES = 16 << 20  # LIMIT_FEED_BYTES: the fetcher lets nothing larger through
WARM = b'<rss version="2.0"><channel><title>w</title><item><title>w</title><guid>1</guid></item></channel></rss>'


def pack(s):
    if s is None:
        return struct.pack("<I", NULL)
    s = s if isinstance(s, bytes) else s.encode()
    return struct.pack("<I", len(s)) + s


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, form):
        v = struct.unpack_from(form, self.data, self.at)[0]
        self.at += struct.calcsize(form)
        return v

    def string(self):
        n = self.number("<I")
        if n == NULL:
            return None
        self.at += n
        return self.data[self.at - n:self.at]


class Result:
    """What came back, as far as a test asks: status, message, and of a document whether it is complete and its items."""

    def __init__(self, payload):
        r = Reader(payload)
        self.status, self.retires, self.message, self.document = r.number("<I"), r.number("<I"), r.string(), r.string()
        self.complete, self.items, self.title = False, 0, None
        if self.status == OK:
            self._read(Reader(self.document))

    def _read(self, r):  # the order of feed_document_encode()
        head = [r.string() for _ in range(13)]
        self.title = head[2]
        for _ in range(r.number("<I")):  # links of five strings
            for _ in range(5):
                r.string()
        r.number("<q"), r.number("<q"), r.number("<I"), r.number("<I")
        self.complete = bool(r.number("<I"))
        r.number("<q")  # unpacked_bytes
        n = r.number("<I")
        r.number("<I")
        self.problems = [(r.string(), r.string(), r.number("<I"))[0] for _ in range(n)]
        self.items = r.number("<I")

    @property
    def outcome(self):
        return "none" if self.status != OK else "feed" if self.complete else "cut"


class Worker:
    def __init__(self, prefix=(), warm=True):
        """prefix: a command in front, such as strace. warm: wait until it is ready; else warm_up() is to be called."""
        self.socket, child = socket.socketpair()
        n = child.fileno()
        redirect = "" if n == 3 else "3<&%d %d<&-" % (n, n)
        # LeakSanitizer looks into the process with ptrace, which the box does not allow.
        options = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
        self.process = subprocess.Popen(["/bin/bash", "-c", 'exec "$@" %s' % redirect, "bash", *prefix, os.path.join(BUILD, "syndicated"), "--ingest-worker"],
                                        pass_fds=(n,), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **options})
        child.close()
        self.socket.settimeout(JOB_S * SLOW)
        if warm:
            self.warm_up()

    def warm_up(self):
        assert self.job(WARM).outcome == "feed"
        self.idle_kb = self._status("VmRSS")
        self.reset()

    def _read(self, n):
        parts = []
        while n > 0:
            got = self.socket.recv(min(n, 1 << 20))
            if not got:
                raise EOFError("the worker ended")
            parts.append(got)
            n -= len(got)
        return b"".join(parts)

    def job(self, data, content_type=None, url="https://example.org/feed", content_encoding=None, max_bytes=0):
        payload = pack(url) + pack(content_type) + pack(content_encoding) + struct.pack("<Iq", max_bytes, 0) + pack(data)
        self.socket.sendall(MAGIC + struct.pack("<II", JOB, len(payload)))
        self.socket.sendall(payload)
        header = self._read(12)
        assert header[:4] == MAGIC and struct.unpack("<I", header[4:8])[0] == RESULT
        return Result(self._read(struct.unpack("<I", header[8:])[0]))

    def measure(self, *args):
        """(result, wall seconds, CPU seconds, peak of resident memory over the idle worker's in MiB)"""
        self.reset()
        cpu, wall = self.cpu_s(), time.monotonic()
        result = self.job(*args)
        wall = time.monotonic() - wall
        return result, wall, self.cpu_s() - cpu, max(0, self._status("VmHWM") - self.idle_kb) / 1024

    def reset(self):
        """The peak begins anew. Needs root, since the worker is not dumpable; without, a new worker's peak is its own."""
        try:
            with open("/proc/%d/clear_refs" % self.process.pid, "w") as f:
                f.write("5")
        except OSError:
            pass

    def cpu_s(self):
        with open("/proc/%d/schedstat" % self.process.pid) as f:
            return int(f.read().split()[0]) / 1e9

    def _status(self, key):
        with open("/proc/%d/status" % self.process.pid) as f:
            return next(int(line.split()[1]) for line in f if line.startswith(key + ":"))

    def close(self):
        """(exit status, standard error); a worker ends when its socket does."""
        self.socket.close()
        try:
            _, err = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            _, err = self.process.communicate()
        return self.process.returncode, err.decode(errors="replace")
