"""What is served: ready documents with validators, and nothing else (push.md A29, REL-30, REL-38, REL-57)."""
import gzip
import html.parser
import time
import xml.etree.ElementTree as xml

from daemon import ATOM, wait_for


def start(origin, daemon, config=""):
    site = origin.site("/r.xml", title="Source <&> \"One\"")
    site.publish("A <b>bold</b> & \"quoted\" title", when=time.time() - 7200)
    site.publish("Another", content="<p>x<script>alert(1)</script><img src=\"/pic.jpg\" onerror=\"x()\"></p>")
    d = daemon(config, ["{name: r, url: \"%s/r.xml\", tags: [t]}" % origin.url])
    wait_for(lambda: len(d.entries()) == 2, "the items")
    return site, d


def test_conditional_requests(origin, daemon):
    site, d = start(origin, daemon)
    status, headers, body = d.get("/feed.atom")
    assert status == 200 and headers["Content-Type"].startswith("application/atom+xml")
    etag, modified = headers["ETag"], headers["Last-Modified"]
    for conditions, expected in [
        ({"If-None-Match": etag}, 304), ({"If-None-Match": "W/" + etag}, 304), ({"If-None-Match": '"x", ' + etag}, 304),
        ({"If-None-Match": "*"}, 304), ({"If-None-Match": '"x"'}, 200), ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}, 200), ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": modified}, 200),
    ]:
        got, h, b = d.get("/feed.atom", conditions)
        assert got == expected, conditions
        assert h["ETag"] == etag and (b == b"" if expected == 304 else b == body)
    site.publish("A third")
    wait_for(lambda: d.get("/feed.atom", {"If-None-Match": etag})[0] == 200, "another ETag")


def test_an_unchanged_feed_keeps_its_bytes(origin, daemon):
    """push.md A21: rendering again after polls and a restart gives the same document."""
    _, d = start(origin, daemon)
    before = d.get("/feed.atom")
    wait_for(lambda: len(origin.requests("/r.xml")) >= 4, "more polls")
    d.restart()
    after = d.get("/feed.atom")
    assert after[2] == before[2] and after[1]["ETag"] == before[1]["ETag"]


def test_gzip(origin, daemon):
    site, d = start(origin, daemon)
    for i in range(20):
        site.publish("Filler %d" % i)
    wait_for(lambda: len(d.entries()) == 22, "the filler")
    _, _, plain = d.get("/feed.atom")
    for accept, compressed in [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=0", False), ("identity", False), ("x-gzip-not", False)]:
        status, headers, body = d.get("/feed.atom", {"Accept-Encoding": accept})
        assert status == 200 and (headers["Content-Encoding"] == "gzip") == compressed, accept
        assert (gzip.decompress(body) if compressed else body) == plain
        assert "Accept-Encoding" in headers["Vary"]
    etag = d.get("/feed.atom", {"Accept-Encoding": "gzip"})[1]["ETag"]
    assert etag != d.get("/feed.atom")[1]["ETag"]
    assert d.get("/feed.atom", {"Accept-Encoding": "gzip", "If-None-Match": etag})[0] == 304


def test_head_and_methods_and_paths(origin, daemon):
    _, d = start(origin, daemon, "feeds:\n  - {name: tagged, tags: [t]}\n  - {name: empty, tags: [nothing]}")
    status, headers, body = d.get("/feed.atom", method="HEAD")
    assert status == 200 and body == b"" and int(headers["Content-Length"]) > 500
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        assert d.get("/feed.atom", method=method)[0] == 405
    for path in ("/nothing", "/feeds/nothing.atom", "/../etc/passwd", "/feeds/../feed.atom", "/feed.atom/", "//feed.atom", "/%2e%2e/x"):
        assert d.get(path)[0] in (400, 404), path
    assert d.get("/healthz")[2] == b"ok\n"
    assert d.titles("/feeds/all.atom") == d.titles("/feed.atom")
    assert len(d.entries("/feeds/tagged.atom")) == 2
    assert d.entries("/feeds/empty.atom") == []
    for path in ("/", "/feeds/tagged/", "/feed.atom", "/nothing"):
        headers = d.get(path)[1]
        assert headers["X-Content-Type-Options"] == "nosniff" and "default-src 'none'" in headers["Content-Security-Policy"]
        assert not headers["Server"]


def test_the_atom_is_valid(origin, daemon):
    """RFC 4287 sections 4.1.1, 4.1.2: what must be there once is there once; HTML is clean (push.md A2 to A25)."""
    _, d = start(origin, daemon)
    feed = xml.fromstring(d.get("/feed.atom")[2])
    for name in ("id", "title", "updated"):
        assert len(feed.findall(ATOM + name)) == 1
    assert [link.get("href") for link in feed.findall(ATOM + "link") if link.get("rel") == "self"]
    entries = feed.findall(ATOM + "entry")
    assert len({e.findtext(ATOM + "id") for e in entries}) == len(entries)
    for e in entries:
        for name in ("id", "title", "updated", "source"):
            assert len(e.findall(ATOM + name)) == 1
        assert e.find(ATOM + "author") is not None
        assert [link for link in e.findall(ATOM + "link") if link.get("rel") == "alternate"]
        assert e.findtext(ATOM + "source/" + ATOM + "title") == "Source <&> \"One\""
        assert "script" not in (e.findtext(ATOM + "content") or "") and "onerror" not in (e.findtext(ATOM + "content") or "")
    assert "A bold & \"quoted\" title" in [e.findtext(ATOM + "title") for e in entries]
    assert any(origin.url + "/pic.jpg" in (e.findtext(ATOM + "content") or "") for e in entries)


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.feeds, self.tags = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.tags.append(tag)
        if tag == "a":
            self.links.append(a.get("href"))
        if tag == "link" and a.get("rel") == "alternate":
            self.feeds.append((a.get("type"), a.get("href")))


def test_the_page_lists_the_newest_stories(origin, daemon):
    site, d = start(origin, daemon)
    status, headers, body = d.get("/")
    page = Page(body.decode())
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert site.items[0]["link"] in page.links and site.items[1]["link"] in page.links
    assert ("application/atom+xml", d.url + "/feeds/all.atom") in page.feeds
    assert "script" not in page.tags and b"A bold &amp; " in body
