"""A web server that does what a test says, also what no web server should.

    origin = Origin()
    site = origin.site("/a.xml", format="rss")      # a feed that grows
    site.publish("Title", link=..., guid=...)
    origin.play("/bad", lambda request: Reply(500)) # or any behaviour
    origin.requests("/a.xml")                       # what was asked: headers as sent, and when

A behaviour is called with a Request and returns a Reply, or bytes that are sent as they are, or None after having used
request.socket itself. Every connection is closed after one answer, so that each request shows as a connection of its own.
"""
import email.utils
import hashlib
import html
import json
import socket
import threading
import time


class Request:
    def __init__(self, head, sock):
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.method, self.path = lines[0].split(" ")[:2]
        self.raw_headers = [tuple(line.split(": ", 1)) for line in lines[1:] if ": " in line]
        self.headers = {k.lower(): v for k, v in self.raw_headers}
        self.socket = sock
        self.time = time.monotonic()
        self.status = None

    @property
    def is_conditional(self):
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


class Reply:
    def __init__(self, status=200, body=b"", headers=None):
        self.status, self.body, self.headers = status, body, headers or {}

    def encode(self):
        head = "HTTP/1.1 %d X\r\nConnection: close\r\n" % self.status
        if self.status not in (204, 304):
            self.headers.setdefault("Content-Length", str(len(self.body)))
        head += "".join("%s: %s\r\n" % kv for kv in self.headers.items())
        return head.encode("latin-1") + b"\r\n" + (b"" if self.status in (204, 304) else self.body)


class Site:
    """A feed with a strong ETag of its content and 304s, in one of three formats."""

    def __init__(self, base, path, format, title):
        self.base, self.path, self.format, self.title = base, path, format, title
        self.items = []
        self.lock = threading.Lock()
        self.keep = 10000
        self.etag_suffix = ""  # changes the ETag without changing the body: somebody touched the file

    def publish(self, title, link=None, guid=None, content=None, when=None):
        with self.lock:
            n = len(self.items)
            self.items.append({
                "title": title, "link": link or "%s%s/item-%d" % (self.base, self.path, n), "guid": guid or "%s-%d" % (self.path, n),
                "content": content or "<p>%s, told at length.</p>" % html.escape(title), "time": when or time.time()})
            return self.items[-1]

    def render(self):
        with self.lock:
            items = self.items[-self.keep:][::-1]
        return {"rss": self._rss, "atom": self._atom, "json": self._json}[self.format](items)

    def _rss(self, items):
        e = html.escape
        parts = ["<item><title>%s</title><link>%s</link><guid isPermaLink=\"false\">%s</guid><pubDate>%s</pubDate><description>%s</description></item>"
                 % (e(i["title"]), e(i["link"]), e(i["guid"]), email.utils.formatdate(i["time"], usegmt=True), e(i["content"])) for i in items]
        return ("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>%s</title><link>%s/</link><description/>%s</channel></rss>"
                % (e(self.title), self.base, "".join(parts))).encode(), "application/rss+xml"

    def _atom(self, items):
        e = html.escape
        stamp = lambda t: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))
        parts = ["<entry><id>urn:x:%s</id><title>%s</title><updated>%s</updated><link href=\"%s\"/><content type=\"html\">%s</content></entry>"
                 % (e(i["guid"]), e(i["title"]), stamp(i["time"]), e(i["link"]), e(i["content"])) for i in items]
        return ("<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:x:%s</id><title>%s</title><updated>%s</updated>"
                "<author><name>A. Author</name></author>%s</feed>" % (e(self.path), e(self.title), stamp(time.time()), "".join(parts))).encode(), \
            "application/atom+xml"

    def _json(self, items):
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": self.title, "items": [
            {"id": i["guid"], "url": i["link"], "title": i["title"], "content_html": i["content"],
             "date_published": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(i["time"]))} for i in items]}).encode(), "application/feed+json"

    def __call__(self, request):
        with self.lock:
            seed = repr([self.items[-self.keep:], self.etag_suffix])
        tag = '"%s"' % hashlib.sha256(seed.encode()).hexdigest()[:20]
        if request.headers.get("if-none-match") == tag:
            return Reply(304, headers={"ETag": tag})
        body, kind = self.render()
        return Reply(200, body, {"ETag": tag, "Content-Type": kind})


class Origin:
    def __init__(self, port=0, address="127.0.0.1"):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, port))
        self.listener.listen(256)
        self.port = self.listener.getsockname()[1]
        self.url = "http://%s:%d" % (address, self.port)
        self.behaviours = {}
        self.log = []
        self.lock = threading.Lock()
        self.closing = False
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def site(self, path, format="rss", title=None):
        site = Site(self.url, path, format, title or path.strip("/"))
        self.behaviours[path] = site
        return site

    def play(self, path, behaviour):
        self.behaviours[path] = behaviour

    def requests(self, path=None):
        with self.lock:
            return [r for r in self.log if path is None or r.path == path]

    def close(self):
        """Its thread is gone then: one that still waits in accept() may take a connection of the next listener with the same number."""
        self.closing = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def _accept(self):
        while not self.closing:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                more = sock.recv(65536)
                if not more:
                    return
                head += more
            request = Request(head.split(b"\r\n\r\n")[0], sock)
            with self.lock:
                self.log.append(request)
            behaviour = self.behaviours.get(request.path)
            answer = behaviour(request) if behaviour else Reply(404, b"not here")
            if answer is not None:
                request.status = answer.status if isinstance(answer, Reply) else None
                sock.sendall(answer.encode() if isinstance(answer, Reply) else answer)
        except OSError:
            pass
        finally:
            sock.close()


def never_answers(request):
    """Holds the connection until the other side gives up."""
    try:
        while request.socket.recv(4096):
            pass
    except OSError:
        pass


def html_page(request):
    return Reply(200, b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Log in</p></body></html>", {"Content-Type": "text/html"})
