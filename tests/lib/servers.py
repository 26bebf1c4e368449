"""Servers and proxies as they are installed out there, each a process of its own on loopback.

    pki = Pki(directory)                       # a CA and a certificate for the addresses in ADDRESSES
    nginx = Nginx(directory, pki)              # nginx with TLS and HTTP/2 over a directory of files
    h2 = Http2Origin(directory, pki)           # an HTTP/2 server that misbehaves by path: tests/lib/h2_origin.js
    proxy = Tinyproxy(directory, login=None)   # HTTP proxy with CONNECT
    socks = Microsocks(directory, login=None)

    Daemon(..., inside=pki.trusted)            # a daemon for which this CA is the system's; needs root

Each has .port, .close(), and says what it was asked: requests() or log().
"""
import json
import os
import socket
import subprocess
import time

from daemon import free_port
from json_lines import json_lines

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {"one.example.net": "127.7.1.1", "two.example.net": "127.7.1.2"}  # for daemons that are Pki.trusted()
ADDRESSES = ["127.7.0.%d" % i for i in range(1, 40)]


class Pki:
    def __init__(self, directory):
        self.ca, self.key, self.cert = (os.path.join(str(directory), n) for n in ("ca.pem", "server.key", "server.pem"))
        extensions = os.path.join(str(directory), "server.ext")
        with open(extensions, "w") as f:
            f.write("subjectAltName=" + ",".join(["IP:" + a for a in ADDRESSES] + ["DNS:" + n for n in NAMES]) + "\n")
        with open(self.ca + ".hosts", "w") as f:
            f.write("127.0.0.1 localhost\n" + "".join("%s %s\n" % (a, n) for n, a in NAMES.items()))
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self._openssl("req", "-x509", *key, "-keyout", self.ca + ".key", "-out", self.ca, "-days", "2", "-subj", "/CN=Test CA")
        self._openssl("req", *key, "-keyout", self.key, "-out", self.cert + ".csr", "-subj", "/CN=servers")
        self._openssl("x509", "-req", "-in", self.cert + ".csr", "-CA", self.ca, "-CAkey", self.ca + ".key", "-CAcreateserial", "-days", "2",
                      "-out", self.cert, "-extfile", extensions)

    def trusted(self, command):
        """The command line that runs command where the system's file of trusted certificates is our CA's."""
        return ["unshare", "--mount", "sh", "-c", "mount --bind \"$0\" /etc/ssl/certs/ca-certificates.crt && mount --bind \"$0.hosts\" /etc/hosts && exec \"$@\"", self.ca, *command]

    def _openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True)


class Server:
    """A process that is there when its port accepts."""

    def __init__(self, directory, name, command, port, address="127.0.0.1"):
        self.port = port
        self.output = os.path.join(str(directory), "%s-%d.log" % (name, port))
        with open(self.output, "w") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        end = time.monotonic() + 20
        while True:
            assert self.process.poll() is None and time.monotonic() < end, "%s did not start:\n%s" % (name, self.log())
            try:
                socket.create_connection((address, port), 1).close()
                return
            except OSError:
                time.sleep(0.05)

    def log(self):
        with open(self.output, errors="replace") as f:
            return f.read()

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Nginx(Server):
    """Serves the files in .root by HTTP/2 over TLS; feeds have the type of RSS. requests(): what its own log says."""

    def __init__(self, directory, pki):
        directory = str(directory)
        self.root = os.path.join(directory, "www")
        self.access = os.path.join(directory, "nginx-access.log")
        os.makedirs(self.root)
        for d in (directory, self.root):
            os.chmod(d, 0o755)
        port, conf = free_port(), os.path.join(directory, "nginx.conf")
        temp = "".join("%s_temp_path %s/nginx-%s;\n" % (n, directory, n) for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;\n" if os.geteuid() == 0 else ""  # pytest's directories are its owner's alone
        with open(conf, "w") as f:
            f.write("""daemon off; master_process off; pid %s/nginx.pid; error_log stderr warn; %s
events { worker_connections 64; }
http {
    %s
    log_format seen escape=json '{"protocol":"$server_protocol","status":$status,"path":"$uri","tag":"$http_if_none_match","agent":"$http_user_agent"}';
    access_log %s seen;
    types { application/rss+xml xml; }
    gzip on; gzip_types application/rss+xml; gzip_min_length 1; gzip_vary on;
    server {
        listen 0.0.0.0:%d ssl http2;
        ssl_certificate %s; ssl_certificate_key %s;
        http2_max_concurrent_streams 1;
        location / { root %s; }
        location /moved/ { return 301 https://$http_host/feed.xml; }
        location /busy/ { add_header Retry-After 7200 always; return 429; }
        location /gone/ { return 410; }
        location /strict/ { alias %s/; add_header Strict-Transport-Security "max-age=600000"; }
    }
}
""" % (directory, user, temp, self.access, port, pki.cert, pki.key, self.root, self.root))
        super().__init__(directory, "nginx", ["nginx", "-c", conf, "-p", directory], port)

    def requests(self, path):
        return [r for r in json_lines(self.access) if r["path"] == path]


class Http2Origin(Server):
    def __init__(self, directory, pki):
        port = free_port()
        super().__init__(directory, "h2", ["node", os.path.join(HERE, "h2_origin.js"), pki.key, pki.cert, str(port)], port)

    def requests(self, path):
        return [r for r in (json.loads(line) for line in self.log().split("\n")[:-1] if line.startswith("{")) if r["path"] == path]


class Tinyproxy(Server):
    def __init__(self, directory, login=None, connect_ports=()):
        port = free_port()
        conf = os.path.join(str(directory), "tinyproxy-%d.conf" % port)
        with open(conf, "w") as f:
            f.write("Port %d\nListen 127.0.0.1\nTimeout 30\nMaxClients 64\nLogLevel Connect\nAllow 127.0.0.1\n" % port)
            f.write("".join("ConnectPort %d\n" % p for p in connect_ports))
            if login:
                f.write("BasicAuth %s %s\n" % tuple(login.split(":")))
        super().__init__(directory, "tinyproxy", ["tinyproxy", "-d", "-c", conf], port)

    def connects(self, port):
        """How often it was asked for a tunnel to this port."""
        return len([line for line in self.log().splitlines() if "CONNECT " in line and ":%d HTTP" % port in line])


class Microsocks(Server):
    def __init__(self, directory, login=None):
        port = free_port()
        user = ["-u", login.split(":")[0], "-P", login.split(":")[1]] if login else []
        super().__init__(directory, "microsocks", ["microsocks", "-i", "127.0.0.1", "-p", str(port), *user], port)

    def connects(self, port):
        return len([line for line in self.log().splitlines() if "connected to" in line and ":%d" % port in line.replace(" port ", ":")])
