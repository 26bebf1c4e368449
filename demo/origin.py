#!/usr/bin/env python3
"""The demo's web sites: four invented sources that publish something new every few seconds.

RSS 2.0 (CDATA), Atom, JSON Feed and an Azerbaijani RSS. Every third round the harbour paper and the wire tell the same
story, each under a link with its own tracking parameters. What was published is kept in STATE, so a second start goes on
from there. Conditional requests are answered with 304.

usage: origin.py PORT STATE [SECONDS-BETWEEN-ITEMS]
"""
import email.utils
import hashlib
import html
import http.server
import json
import os
import sys
import threading
import time

KEEP = 40  # items a source shows

HARBOUR = ["Ferry line seven runs again", "Night market moves to the quay", "Eastern pier reopens after repairs",
           "New tram stop at the lighthouse", "Harbour swim draws a record crowd", "Fish auction goes digital"]
WIRE = ["Parliament passes the budget", "Central bank holds its rate", "Rain expected in the north",
        "Rail link to be electrified", "Museum shows its cellar", "Chess league opens its season"]
BLOG = ["How we index a million feeds", "A week without JavaScript", "Notes on cursors", "Why our tests got faster",
        "Small tools, sharp edges", "Reading the RFC again"]
XEBER = ["Bakıda yeni metro stansiyası açıldı", "Gəncədə kitab yarmarkası başladı", "Şəkidə ipək festivalı keçirilir",
         "Xəzərdə külək güclənəcək", "Lənkəranda çay mövsümü başlayır", "Naxçıvanda arxeoloqlar yeni tapıntı aşkar etdilər"]
SHARED = ["Bridge over the sound to open on Friday", "Two cities agree on a joint ticket", "Old brewery becomes a school"]

SOURCES = {
    "harbour": ("/harbour/rss.xml", HARBOUR, "Harbour Courier"),
    "wire": ("/wire/atom.xml", WIRE, "The Wire"),
    "blog": ("/blog/feed.json", BLOG, "Sharp Edges"),
    "xeber": ("/xeber/rss.xml", XEBER, "Xəbər Lenti"),
}


class State:
    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.items = {name: [] for name in SOURCES}
        self.round = 0
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                saved = json.load(f)
            self.items, self.round = saved["items"], saved["round"]

    def save(self):
        with open(self.path + ".new", "w", encoding="utf-8") as f:
            json.dump({"items": self.items, "round": self.round}, f)
        os.replace(self.path + ".new", self.path)

    def add(self, name, title, path, tracking=""):
        self.items[name].append({"title": title, "path": path, "tracking": tracking, "time": int(time.time())})

    def publish(self):
        """One item from one source in turn; every ninth time the shared story in two of them."""
        with self.lock:
            n = self.round
            self.round += 1
            if n % 9 == 8:
                title = "%s (%d)" % (SHARED[n // 9 % len(SHARED)], n)
                self.add("harbour", title, "/story/shared-%d" % n, "utm_source=harbour&utm_medium=rss")
                self.add("wire", title, "/story/shared-%d" % n, "fbclid=wire%d" % n)
            else:
                name = list(SOURCES)[n % len(SOURCES)]
                titles = SOURCES[name][1]
                self.add(name, "%s (%d)" % (titles[n // len(SOURCES) % len(titles)], n), "/story/%s-%d" % (name, n))
            self.save()


def link(base, item):
    return base + item["path"] + ("?" + item["tracking"] if item["tracking"] else "")


def body_html(title, language="en"):
    if language == "az":
        return "<p>%s. <b>Təfərrüatlar</b> burada geniş izah olunur; <a href=\"/haqqinda\">haqqımızda</a> &amp; əlaqə.</p>" % html.escape(title)
    return "<p>%s. <b>The details</b> are told here at some length, with a <a href=\"/about\">link</a> and an &amp; sign.</p>" % html.escape(title)


def rss(base, title, items, language):
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>%s</title><link>%s/</link>'
             '<description>Demo</description><language>%s</language>' % (html.escape(title), base, language)]
    for i in items:
        parts.append("<item><title><![CDATA[%s]]></title><link>%s</link><guid isPermaLink=\"false\">%s</guid><pubDate>%s</pubDate>"
                     "<description><![CDATA[%s]]></description></item>"
                     % (i["title"], html.escape(link(base, i)), html.escape(title + i["path"]),
                        email.utils.formatdate(i["time"], usegmt=True), body_html(i["title"], language)))
    return "".join(parts) + "</channel></rss>\n", "application/rss+xml"


def stamp(t):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


def atom(base, title, items):
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>%s/wire</id><title>%s</title>'
             '<updated>%s</updated><link href="%s/"/><author><name>Wire desk</name></author>'
             % (base, html.escape(title), stamp(items[0]["time"] if items else 0), base)]
    for i in items:
        parts.append('<entry><id>%s%s</id><title>%s</title><updated>%s</updated><link href="%s"/><content type="html">%s</content></entry>'
                     % (base, i["path"], html.escape(i["title"]), stamp(i["time"]), html.escape(link(base, i)),
                        html.escape(body_html(i["title"]))))
    return "".join(parts) + "</feed>\n", "application/atom+xml"


def jsonfeed(base, title, items):
    return json.dumps({
        "version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": base + "/",
        "items": [{"id": i["path"], "url": link(base, i), "title": i["title"], "content_html": body_html(i["title"]),
                   "date_published": stamp(i["time"])} for i in items]}, ensure_ascii=False), "application/feed+json"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        state = self.server.state
        base = "http://127.0.0.1:%d" % self.server.server_address[1]
        name = next((n for n, s in SOURCES.items() if s[0] == self.path), None)
        if not name:
            self.send_error(404)
            return
        with state.lock:
            items = state.items[name][-KEEP:][::-1]
        title = SOURCES[name][2]
        if name == "wire":
            text, kind = atom(base, title, items)
        elif name == "blog":
            text, kind = jsonfeed(base, title, items)
        else:
            text, kind = rss(base, title, items, "az" if name == "xeber" else "en")
        data = text.encode()
        tag = '"%s"' % hashlib.sha256(data).hexdigest()[:16]
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", kind + "; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def main():
    port, path = int(sys.argv[1]), sys.argv[2]
    pause = float(sys.argv[3]) if len(sys.argv) > 3 else 3.0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.state = State(path)
    while not all(server.state.items.values()):
        server.state.publish()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while True:
        time.sleep(pause)
        server.state.publish()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
