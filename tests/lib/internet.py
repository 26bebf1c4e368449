"""A small internet: the daemon in one network namespace, everybody else in another, with a wire between them.

    with Internet(directory) as net:
        net.names["news.example.net"] = [["93.184.216.34"]]           # answers, in turn; the last one stays
        net.names["bad.example.net"] = ["SERVFAIL", "TIMEOUT"]        # or what goes wrong with it: _Names.FAULTS
        net.run([...])                                                # a process on the daemon's side
        net.syns()                                                    # every connection that was begun, on any address

The other side answers on every address there is (private ones, loopback of the cloud, all of IPv6), on ports 80 and 8080,
so that nothing but the program's own policy keeps it from talking to them. Connections are counted on the wire and on the
daemon's own loopback by what a SYN is, not by who accepts it. Needs root; both sides end with the object.

    /SLUG/feed.xml     a feed of one item, another one at each request
    /to/URL            302 with that Location (percent-encoded)
    /hook              204
"""
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from json_lines import json_lines

OURS, THEIRS, OURS6, THEIRS6 = "93.184.216.2", "93.184.216.1", "2606:2800:220:1::2", "2606:2800:220:1::1"
DEAD6 = "2a02:dead::/32"  # where nobody answers
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>%s</title><link>http://%s/</link>
<item><title>One of %s</title><guid>%s</guid></item></channel></rss>"""


# ---- what runs inside the namespaces ----

def _say(out, **what):
    os.write(out, (json.dumps(what) + "\n").encode())


def _count_syns(out, device):
    """Every first SYN that leaves or arrives at the device: an Ethernet frame, IPv4 or IPv6 without extension headers."""
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sniffer.bind((device, 0))
    while True:
        frame = sniffer.recv(65536)
        kind = struct.unpack("!H", frame[12:14])[0]
        if kind == 0x0800 and frame[23] == 6:
            tcp, to = frame[14 + (frame[14] & 15) * 4:], socket.inet_ntop(socket.AF_INET, frame[30:34])
        elif kind == 0x86DD and frame[20] == 6:
            tcp, to = frame[54:], socket.inet_ntop(socket.AF_INET6, frame[38:54])
        else:
            continue
        if tcp[13] & 0x12 == 0x02:
            _say(out, syn=to, port=struct.unpack("!H", tcp[2:4])[0])


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", urllib.parse.unquote(self.path[4:], "latin-1"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        host = self.headers.get("Host", "")
        body = (FEED % (host, host, host, time.monotonic_ns())).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


class _Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


class _Names:
    """DNS out of the file {name: [answer...]}; answers are given in turn, the last one stays. An answer is a list of addresses,
    or one of FAULTS. "*" is said to everybody, whatever else there is. A name that is not there does not exist."""

    FAULTS = {"NXDOMAIN": 3, "SERVFAIL": 2, "REFUSED": 5, "TIMEOUT": None}

    def __init__(self, names_file):
        self.names_file, self.asked = names_file, {}

    def _next(self, name, kind):
        with open(self.names_file) as f:
            names = json.load(f)
        answers = names.get("*") or names.get(name) or ["NXDOMAIN"]
        turn = self.asked.setdefault((name, kind), 0)
        self.asked[name, kind] += 1
        return answers[min(turn, len(answers) - 1)]

    def reply(self, query, limit):
        """None: silence. What is longer than limit is cut, so that it is asked for again over TCP."""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
            at += 1 + query[at]
        question, kind = query[12:at + 5], struct.unpack("!H", query[at + 1:at + 3])[0]
        answer = self._next(".".join(labels).lower(), kind)
        code, records = (self.FAULTS[answer], []) if isinstance(answer, str) else (0, [])
        if code is None:
            return None
        family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
        for a in answer if code == 0 else ():
            if family and (":" in a) == (kind == 28):
                packed = socket.inet_pton(family, a)
                records.append(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(packed)) + packed)
        cut = 12 + len(question) + sum(map(len, records)) > limit
        records = [] if cut else records
        return query[:2] + struct.pack("!HHHHH", 0x8180 | cut << 9 | code, 1, len(records), 0, 0) + question + b"".join(records)


def _answer_names(names):
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.bind(("::", 53))
    while True:
        query, peer = server.recvfrom(512)
        reply = names.reply(query, 512)
        if reply:
            server.sendto(reply, peer)


def _answer_names_by_tcp(names):
    server = socket.create_server(("::", 53), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        client, _ = server.accept()
        with client, client.makefile("rb") as f:
            client.settimeout(5)
            try:
                while head := f.read(2):
                    reply = names.reply(f.read(struct.unpack("!H", head)[0]), 65535)
                    if reply:
                        client.sendall(struct.pack("!H", len(reply)) + reply)
            except OSError:
                pass


def _sh(*commands):
    for c in commands:
        subprocess.run(c.split(), check=True)


def _world(directory):
    """The others' side: begins when the wire is there."""
    out = os.open(os.path.join(directory, "wire.log"), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    _sh("ip link set lo up", "ip link set wire1 up", "ip addr add %s/24 dev wire1" % THEIRS, "ip addr add %s/64 dev wire1 nodad" % THEIRS6,
        "ip route add local default dev lo table main", "ip -6 route add local default dev lo table main metric 1",
        "ip -6 route add blackhole %s" % DEAD6)
    threading.Thread(target=_count_syns, args=(out, "wire1"), daemon=True).start()
    names = _Names(os.path.join(directory, "names.json"))
    for serve in (_answer_names, _answer_names_by_tcp):
        threading.Thread(target=serve, args=(names,), daemon=True).start()
    for port in (80, 8080):
        threading.Thread(target=_Server(("::", port), _Handler).serve_forever, daemon=True).start()
    _say(out, ready=True)
    signal.pause()


def _home(directory):
    """The daemon's side. Its resolver is the other side's; its loopback is watched as well."""
    out = os.open(os.path.join(directory, "wire.log"), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    _sh("mount --bind %s /etc/resolv.conf" % os.path.join(directory, "resolv.conf"), "ip link set lo up", "ip link set wire0 up",
        "ip addr add %s/24 dev wire0" % OURS, "ip addr add %s/64 dev wire0 nodad" % OURS6, "ip route add default via %s" % THEIRS,
        "ip -6 route add default via %s" % THEIRS6)
    threading.Thread(target=_count_syns, args=(out, "lo"), daemon=True).start()
    for port in (80, 8080):  # something listens on loopback as well
        threading.Thread(target=_Server(("::", port), _Handler).serve_forever, daemon=True).start()
    _say(out, ready=True)
    signal.pause()


# ---- the test's side ----

class Internet:
    def __init__(self, directory):
        self.directory = str(directory)
        self.names = {}
        self.sides = []

    def __enter__(self):
        with open(self._path("wire.log"), "w"):
            pass
        with open(self._path("resolv.conf"), "w") as f:
            f.write("nameserver %s\noptions timeout:2 attempts:1\n" % THEIRS)
        self.save_names()
        try:
            self.sides = [self._side("home"), self._side("world")]
            home, world = (s.pid for s in self.sides)
            _sh("ip link add wire0 netns %d type veth peer name wire1 netns %d" % (home, world))
            for s in self.sides:
                s.stdin.write(b"\n")
                s.stdin.flush()
            end = time.monotonic() + 20
            while len([1 for line in self._log() if "ready" in line]) < 2:
                assert all(s.poll() is None for s in self.sides) and time.monotonic() < end, "the namespaces did not come up"
                time.sleep(0.05)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for s in self.sides:
            s.kill()
            s.wait()
            s.stdin.close()

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _side(self, role):
        s = subprocess.Popen(["unshare", "--net", "--mount", sys.executable, os.path.abspath(__file__), role, self.directory],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert s.stdout.readline() == b"here\n", "no namespace for " + role
        s.stdout.close()
        return s

    def _log(self):
        return json_lines(self._path("wire.log"))

    def save_names(self):
        with open(self._path("names.json.new"), "w") as f:
            json.dump(self.names, f)
        os.rename(self._path("names.json.new"), self._path("names.json"))

    def inside(self, command):
        """The command line that runs command on the daemon's side."""
        return ["nsenter", "--target", str(self.sides[0].pid), "--net", "--mount", *command]

    def run(self, command, **kw):
        return subprocess.run(self.inside(command), **kw)

    def syns(self):
        """{(address, port)} of all connections that were begun so far."""
        return {(line["syn"], line["port"]) for line in self._log() if "syn" in line}


if __name__ == "__main__":
    print("here", flush=True)
    if sys.stdin.readline():  # the wire is laid
        {"home": _home, "world": _world}[sys.argv[1]](sys.argv[2])
