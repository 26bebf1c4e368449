"""Hostile feed documents, each made when asked for, with what a worker must make of it (REL-14).

An outcome is one or more of: feed (all of it read), cut (what came before the damage or a limit is kept), none (refused with
a sentence). Where several are named, a lenient and a strict reader may differ and both are right.
"""
import gzip
import json
from collections import namedtuple

# items: at least so many in the result; never: bytes that must not be in it
Hostile = namedtuple("Hostile", "name make outcome content_type items never")
ALL = []
H = b'<?xml version="1.0"?>\n'


def add(name, make, outcome, content_type=None, items=0, never=()):
    ALL.append(Hostile(name, make, outcome, content_type, items, never))


def b(s):
    return s if isinstance(s, bytes) else s.encode()


def rss(inner, head=H, attributes=b""):
    return head + b'<rss version="2.0"' + b(attributes) + b"><channel><title>t</title>" + b(inner) + b"</channel></rss>"


def item(inner, title=b"i"):
    return b"<item><guid>1</guid><title>" + b(title) + b"</title>" + b(inner) + b"</item>"


def html(markup):
    """One item whose description is this HTML, escaped."""
    return rss(item(b"<description>" + b(markup).replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;") + b"</description>"))


def html_cdata(markup):
    return rss(item(b"<description><![CDATA[" + b(markup) + b"]]></description>"))


def atom(inner, attributes=b""):
    return b'<feed xmlns="http://www.w3.org/2005/Atom"' + b(attributes) + b"><title>t</title><id>f</id>" + b(inner) + b"</feed>"


def xhtml(markup):
    return atom(b'<entry><id>1</id><title>i</title><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">' + b(markup) + b"</div></content></entry>")


def jsonfeed(items, **more):
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": items, **more}).encode()


def fill(piece, size):
    piece = b(piece)
    return piece * (size // len(piece))


def many(n, before, after):
    """n pieces that differ, since equal items become one."""
    before, after = b(before), b(after)
    return b"".join(before + b"%d" % i + after for i in range(n))


MB = 1 << 20

# ---- entities ----
LAUGHS = '<!ENTITY l0 "lol">' + "".join('<!ENTITY l%d "%s">' % (i, ("&l%d;" % (i - 1)) * 10) for i in range(1, 10))
BOMB = '<!DOCTYPE rss [' + LAUGHS + ']><rss version="2.0"><channel><title>&l9;</title><item><title>&l9;</title></item></channel></rss>'
NO_LAUGHS = (b"lollollol",)
add("entity-laughs-utf16le", lambda: ('\ufeff<?xml version="1.0" encoding="UTF-16"?>' + BOMB).encode("utf-16-le"), "feed cut none", never=NO_LAUGHS)
add("entity-laughs-utf16be", lambda: ('\ufeff<?xml version="1.0" encoding="UTF-16"?>' + BOMB).encode("utf-16-be"), "feed cut none", never=NO_LAUGHS)
add("entity-laughs-cp1252", lambda: ('<?xml version="1.0" encoding="windows-1252"?>' + BOMB).encode("cp1252"), "feed cut none", never=NO_LAUGHS)
add("entity-laughs-header-says-latin1", lambda: H + BOMB.encode(), "feed cut none", "text/xml; charset=iso-8859-1", never=NO_LAUGHS)
add("entity-laughs-in-description", lambda: H + b"<!DOCTYPE rss [" + LAUGHS.encode() + b"]>" + rss(item("<description>&l9;</description>"), b""), "feed cut none", never=NO_LAUGHS)
add("entity-laughs-in-attribute", lambda: H + b"<!DOCTYPE rss [" + LAUGHS.encode() + b"]>" + rss(item('<enclosure url="http://a.example/&l9;"/>'), b""), "feed cut none", never=NO_LAUGHS)
add("entity-quadratic-title", lambda: H + b'<!DOCTYPE rss [<!ENTITY a "' + b"A" * 50000 + b'">]>' + rss(item(b"", b"&a;" * 20000), b""), "feed cut none", never=(b"A" * 5000,))
add("entity-xxe-file", lambda: H + b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item(b"<description>&x;</description>", b"&x;"), b""), "feed cut none", never=(b"root:",))
add("entity-xxe-parameter", lambda: H + b'<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p; <!ENTITY x "&y;">]>' + rss(item(b"", b"&x;"), b""), "feed cut none", never=(b"root:",))
add("entity-shadows-amp", lambda: H + b'<!DOCTYPE rss [<!ENTITY lt "<![CDATA[<script>]]&gt;">]>' + rss(item(b"<description>&lt;b></description>"), b""), "feed cut none", never=(b"<script",))
add("entity-declarations-100k", lambda: H + b"<!DOCTYPE rss [" + b"".join(b'<!ENTITY e%d "x">' % i for i in range(100000)) + b"]>" + rss(item(b""), b""), "feed cut none")
add("entity-references-undeclared-1M", lambda: rss(item(b"<description>" + b"&nope;" * 1000000 + b"</description>")), "feed cut none")
add("entity-references-html-500k", lambda: rss(item(b"<description>" + b"&eacute;" * 500000 + b"</description>")), "feed cut none")
add("charrefs-in-title-2M", lambda: rss(item(b"", b"&#x41;" * 2000000)), "feed cut none")
add("charrefs-forbidden", lambda: rss(item(b"<description>&#0;zq9&#1;&#xD800;&#xFFFE;&#x110000;&#99999999999999;&#x;&#;</description>")), "feed cut none", never=(b"\x00zq9", b"\xed\xa0\x80"))
add("charref-of-a-million-digits", lambda: rss(item(b"", b"&#" + b"0" * 1000000 + b"65;")), "feed cut none")
add("ampersand-storm-4M", lambda: rss(item(b"<description>" + b"&" * (4 * MB) + b"</description>")), "feed cut none")
add("entity-in-entity-in-json", lambda: jsonfeed([{"id": "1", "content_html": "&amp;" * 200000}]), "feed", items=1)
add("doctype-nested-brackets", lambda: H + b"<!DOCTYPE rss [" + b"[" * 1000000 + b"]>" + rss(item(b""), b""), "feed cut none")
add("doctype-unclosed-8M", lambda: H + b"<!DOCTYPE rss [" + fill('<!ATTLIST a b CDATA "c">', 8 * MB), "cut none")

# ---- attributes and names ----
add("attributes-10k-on-item", lambda: rss(b"<item " + b" ".join(b'a%d="1"' % i for i in range(10000)) + b"><title>i</title></item>"), "feed cut none")
add("attributes-250-each-on-4k", lambda: rss((b"<x " + b" ".join(b'a%d="1"' % i for i in range(250)) + b"/>") * 4000), "feed cut")
add("attributes-same-name-100k", lambda: rss(b"<item " + b'a="1" ' * 100000 + b"/>"), "feed cut none")
add("attributes-without-values-1M", lambda: rss(b"<item " + b"a " * 1000000 + b"/>"), "feed cut none")
add("attribute-8M", lambda: rss(b'<item a="' + b"v" * (8 * MB) + b'"/>'), "feed cut none")
add("attribute-url-4M", lambda: rss(item(b'<enclosure url="http://a.example/' + b"u" * (4 * MB) + b'"/>')), "feed cut none")
add("attribute-quote-never-closed", lambda: rss(b'<item a="' + fill("<item><title>x</title></item>", 8 * MB)), "feed cut none")  # a quote without end is none
add("attribute-quotes-storm", lambda: rss(b"<item " + b"\"'" * 2000000), "cut none")
add("attribute-equals-storm", lambda: rss(b"<item " + b"=" * 4000000), "cut none")
add("attribute-charrefs-1M", lambda: rss(b'<item a="' + b"&#65;" * 1000000 + b'"/>'), "feed cut none")
add("name-4M", lambda: rss(b"<" + b"n" * (4 * MB) + b">x"), "cut none")
add("name-colons-1M", lambda: rss(b"<" + b"n:" * 1000000 + b"/>"), "feed cut none")
add("names-300k-different", lambda: rss(b"".join(b"<e%d/>" % i for i in range(300000))), "feed cut")
add("end-tag-4M", lambda: rss(b"<item></" + b"n" * (4 * MB)), "cut none")

# ---- namespaces ----
add("namespaces-5k-on-root", lambda: rss(item(b""), attributes=b"".join(b' xmlns:n%d="urn:%d"' % (i, i) for i in range(5000))), "feed cut none")
add("namespaces-redeclared-200k", lambda: rss(b"".join(b'<x xmlns="urn:%d"/>' % i for i in range(200000))), "feed cut")
add("namespaces-redeclared-at-depth", lambda: rss(b"".join(b'<x xmlns:a="urn:%d" xmlns:b="urn:%d">' % (i, i) for i in range(250)) + b"</x>" * 250), "feed cut")
add("namespaces-200-each-at-depth-200", lambda: rss((b"<x" + b"".join(b' xmlns:p%d="urn:%d"' % (i, i) for i in range(200)) + b">") * 200 + b"</x>" * 200), "feed cut")
add("namespaces-200-in-force-50k-elements", lambda: rss(b"<a:x/>" * 50000, attributes=b"".join(b' xmlns:n%d="urn:%d"' % (i, i) for i in range(200)) + b' xmlns:a="urn:a"'), "feed cut")
add("namespace-uri-4M", lambda: rss(item(b""), attributes=b' xmlns:a="' + b"u" * (4 * MB) + b'"'), "feed cut none")
add("namespace-prefixes-undeclared-200k", lambda: rss(b"".join(b"<p%d:x/>" % i for i in range(200000))), "feed cut")
add("namespace-xmlns-abuse", lambda: rss(item(b'<x xmlns:xml="urn:x" xmlns:xmlns="urn:y" xmlns=""/>')), "feed cut none")
add("xml-base-chain-256", lambda: atom(b"".join(b'<x xml:base="b%d/">' % i for i in range(200)) + b'<entry><id>1</id><link href="l"/></entry>' + b"</x>" * 200), "feed cut none")
add("xml-base-chain-long", lambda: atom(b"".join(b'<x xml:base="' + b"b" * 5000 + b'%d/">' % i for i in range(200)) + b'<entry><id>1</id><link href="l"/></entry>' + b"</x>" * 200), "feed cut none")
add("xml-base-on-10k-items", lambda: atom(many(10000, '<entry xml:base="../a/"><id>', '</id><link href="l"/><content type="html" xml:base="x/">&lt;a href="y">z&lt;/a></content></entry>')), "feed cut", items=10000)
add("xml-base-javascript", lambda: atom(b'<entry xml:base="javascript:x//"><id>1</id><link href="alert(1)"/></entry>'), "feed", never=(b"javascript",))

# ---- depth ----
add("depth-2M", lambda: rss(b"<a>" * 2000000), "cut none")
add("depth-2M-of-items", lambda: rss(b"<item>" * 2000000), "cut none")
add("depth-255-50-times", lambda: rss((b"<a>" * 240 + b"</a>" * 240) * 2000), "feed cut")
add("depth-xhtml-content", lambda: xhtml(b"<b>" * 200 + b"x" + b"</b>" * 200), "feed cut")
add("depth-up-and-down", lambda: rss(b"<a><b></b>" * 500000), "cut none")
add("end-tags-2M", lambda: rss(b"</a>" * 2000000), "feed cut none")
add("misnested-at-depth", lambda: rss(b"<a><b></a></b>" * 300000), "feed cut none")
add("misnested-200-levels-200-times", lambda: rss((b"".join(b"<e%d>" % i for i in range(200)) + b"".join(b"</e%d>" % i for i in range(200))) * 500), "feed cut none")
add("unclosed-names-and-one-end", lambda: rss(b"<a>" * 200 + b"</b>" * 1000000), "feed cut none")

# ---- storms for a tokenizer ----
for name, piece in (("lt", "<"), ("cdata", "<![CDATA["), ("comment", "<!--"), ("comment-dashes", "<!---"), ("cdata-end", "]]>"), ("pi", "<?x "), ("bang", "<!"),
                    ("lt-slash", "</"), ("lt-letter", "<a"), ("tag-quote", "<a b='"), ("xml-declarations", "<?xml version='1.0'?>"), ("doctype", "<!DOCTYPE rss ["),
                    ("crlf", "\r\n"), ("tabs", "\t"), ("nbsp", "\u00a0"), ("zero-width", "\u200b")):
    add("storm-" + name, lambda piece=piece: rss(item(b"<description>" + fill(piece, 4 * MB))), "feed cut none")
add("storm-cdata-sections", lambda: rss(item(b"<description>" + b"<![CDATA[x]]>" * 300000 + b"</description>")), "feed cut")
add("storm-comments", lambda: rss(item(b"<description>" + b"x<!-- y -->" * 300000 + b"</description>")), "feed cut")
add("storm-pis", lambda: rss(item(b"<description>" + b"x<?y z?>" * 300000 + b"</description>")), "feed cut")
add("cdata-brackets", lambda: rss(item(b"<description><![CDATA[" + b"]" * 4000000 + b"]]></description>")), "feed cut none")
add("cdata-nested", lambda: rss(item(b"<description>" + b"<![CDATA[" * 1000 + b"x" + b"]]>" * 1000 + b"</description>")), "feed cut none")
add("cdata-15M", lambda: rss(item(b"<description><![CDATA[" + b"t" * (15 * MB) + b"]]></description>")), "feed cut none")
add("comment-15M", lambda: rss(b"<!--" + b"t" * (15 * MB) + b"-->" + item(b"")), "feed cut none")
add("text-15M", lambda: rss(b"t" * (15 * MB) + item(b"")), "feed cut none")
add("pi-15M", lambda: rss(b"<?x " + b"t" * (15 * MB) + b"?>" + item(b"")), "feed cut none")
add("leading-space-15M", lambda: b" " * (15 * MB) + rss(item(b"")), "feed cut none")
add("only-space-15M", lambda: b"\n" * (15 * MB), "none")
add("only-lt-15M", lambda: b"<" * (15 * MB), "none")
add("zeros-15M", lambda: b"\0" * (15 * MB), "none")
add("ff-15M", lambda: b"\xff" * (15 * MB), "none")
add("truncated-everywhere", lambda: rss(item(b"<description>&lt;p&gt;x"))[:-40], "cut none")
add("garbage-after-the-feed", lambda: rss(item(b"")) + fill("<x>&", 4 * MB), "feed cut", items=1)

# ---- many things ----
add("items-10k-of-a-line", lambda: rss(many(10000, "<item><title>", "</title></item>")), "feed", items=10000)
add("items-10k-of-1kB", lambda: rss(many(10000, "<item><title>", b"</title><description>" + b"d" * 1000 + b"</description></item>")), "feed", items=4000)
add("items-10k-of-1500B-html", lambda: rss(many(8000, "<item><title>", b"</title><description>" + b"&lt;p>d &lt;a href='/x'>y&lt;/a>&lt;/p>" * 40 + b"</description></item>")), "feed", items=2400)
add("items-450k", lambda: rss(many(450000, "<item><title>", "</title></item>")), "feed cut", items=10000)
add("items-2M-empty", lambda: rss(b"<item/>" * 2000000), "feed cut")
add("items-10k-of-ampersands", lambda: rss(many(10000, "<item><title>", b"</title><description>" + b"&amp;amp;" * 150 + b"</description></item>")), "feed", items=4000)
add("items-13k-as-big-as-may-be", lambda: rss(many(13000, "<item><title>", b"</title><description>&lt;" + b"&amp; " * 190 + b"</description></item>")), "feed", items=4000)
add("entries-300k", lambda: atom(many(300000, "<entry><id>", "</id></entry>")), "feed cut", items=10000)
add("categories-500k-in-one-item", lambda: rss(item(b"<category>c</category>" * 500000)), "feed cut", items=1)
add("categories-on-the-channel-500k", lambda: rss(b"<category>c</category>" * 500000 + item(b"")), "feed cut")
add("categories-64-each-on-10k", lambda: rss(many(10000, "<item><title>", b"</title>" + b"<category>c</category>" * 64 + b"</item>")), "feed", items=2000)
add("enclosures-100k", lambda: rss(item(b'<enclosure url="http://a.example/x" length="1"/>' * 100000)), "feed cut", items=1)
add("enclosures-different-100k", lambda: rss(item(b"".join(b'<enclosure url="http://a.example/%d"/>' % i for i in range(100000)))), "feed cut", items=1)
add("links-100k", lambda: atom(b"<entry><id>1</id>" + b'<link href="l" rel="related"/>' * 100000 + b"</entry>"), "feed cut", items=1)
add("authors-100k", lambda: atom(b"<entry><id>1</id>" + b"<author><name>n</name></author>" * 100000 + b"</entry>"), "feed cut", items=1)
add("titles-200k-in-one-item", lambda: rss(b"<item>" + b"<title>t</title>" * 200000 + b"</item>"), "feed cut")
add("descriptions-growing", lambda: rss(b"<item>" + (b"<description>" + b"d" * 50000 + b"</description>") * 200 + b"</item>"), "feed cut")
add("dates-bad-on-10k", lambda: rss(many(10000, "<item><title>", "</title><pubDate>the day before yesterday</pubDate></item>")), "feed", items=10000)
add("skip-hours-500k", lambda: rss(b"<skipHours>" + b"<hour>3</hour>" * 500000 + b"</skipHours>" + item(b"")), "feed cut")

# ---- huge fields ----
add("title-8M", lambda: rss(item(b"", b"t" * (8 * MB))), "feed cut none")
add("title-8M-escaped-html", lambda: rss(item(b"", b"&lt;b&gt;" * (MB - 1000))), "feed cut none")
add("guid-2M", lambda: rss(b"<item><guid>" + b"g" * (2 * MB) + b"</guid><title>t</title></item>"), "feed cut none")
add("link-2M", lambda: rss(b"<item><link>http://a.example/" + b"l" * (2 * MB) + b"</link><title>t</title></item>"), "feed cut none")
add("link-dots-300k", lambda: rss(b"<item><link>/" + b"../" * 100000 + b"</link><title>t</title></item>"), "feed cut", items=1)
add("links-of-8K-dots-on-2k", lambda: rss(many(1900, b"<item><link>/" + b"a/../" * 1600, "</link><title>t</title></item>")), "feed cut", items=1000)
add("link-percent-300k", lambda: rss(b"<item><link>http://a.example/?" + b"%" * 300000 + b"</link><title>t</title></item>"), "feed cut", items=1)
add("link-trackers-8k", lambda: rss(many(800, b"<item><link>http://a.example/?" + b"&amp;".join(b"utm_%d=1" % i for i in range(500)) + b"&amp;x=", "</link></item>")), "feed cut", items=800)
add("date-1M", lambda: rss(item(b"<pubDate>" + b"1" * MB + b"</pubDate>")), "feed cut", items=1)
add("date-words-1M", lambda: rss(item(b"<pubDate>" + b"Mon, " * 200000 + b"</pubDate>")), "feed cut", items=1)
add("date-garbage-10k", lambda: rss(b"".join(b"<item><title>%d</title><pubDate>%d-%d-99T%d:99:99+%d</pubDate></item>" % (i, i, i, i, i) for i in range(10000))), "feed", items=10000)
add("number-garbage", lambda: rss(b"<ttl>" + b"9" * 100000 + b"</ttl>" + item(b'<enclosure url="http://a.example/" length="-' + b"9" * 30000 + b'"/>')), "feed cut", items=1)
add("author-parentheses", lambda: rss(item(b"<author>" + b"(" * 300000 + b"@" + b")" * 300000 + b"</author>")), "feed cut", items=1)

# ---- HTML inside ----
add("html-div-1M", lambda: html(b"<div>" * 200000), "feed cut", items=1)
add("html-div-closed-1M", lambda: html(b"<div>" * 60000 + b"</div>" * 60000), "feed cut", items=1)
add("html-a-href-1M", lambda: html(b"<a href=" * 100000), "feed cut", items=1)
add("html-b-p-misnested", lambda: html(b"<b><p>" * 100000), "feed cut", items=1)
add("html-formatting-reopened", lambda: html(b"<b><i><u><s><code>" * 40 + b"<p>x" * 150000), "feed cut", items=1)
add("html-adoption-agency", lambda: html(b"<a><b><div>x</a>" * 50000), "feed cut", items=1)
add("html-tables-nested", lambda: html(b"<table><tr><td>" * 50000), "feed cut", items=1)
add("html-table-foster", lambda: html(b"<table>" + b"<b>x<tr>" * 80000), "feed cut", items=1)
add("html-lt-storm", lambda: html_cdata(b"<" * 900000), "feed cut", items=1)
add("html-amp-storm", lambda: html_cdata(b"&" * 900000), "feed cut", items=1)
add("html-entity-storm", lambda: html_cdata(b"&CounterClockwiseContourIntegral;" * 30000), "feed cut", items=1)
add("html-entity-never-ends", lambda: html_cdata(b"&" + b"a" * 900000), "feed cut", items=1)
add("html-comment-storm", lambda: html_cdata(b"<!--" * 200000), "feed cut", items=1)
add("html-comment-dash-storm", lambda: html_cdata(b"<!--" + b"--!" * 300000), "feed cut", items=1)
add("html-attributes-100k", lambda: html(b"<p " + b" ".join(b"a%d=1" % i for i in range(100000)) + b">x</p>"), "feed cut", items=1)
add("html-attribute-same-100k", lambda: html(b"<p " + b"title=1 " * 100000 + b">x</p>"), "feed cut", items=1)
add("html-attribute-quote-unclosed", lambda: html(b"<p title='" + b"<b>" * 300000), "feed cut", items=1)
add("html-attribute-900k", lambda: html(b"<img src='http://a.example/i' alt='" + b'"' * 900000 + b"'>"), "feed cut", items=1)
add("html-img-base-long", lambda: atom(b'<entry xml:base="http://a.example/' + b"b" * 7000 + b'/"><id>1</id><content type="html">' + b"&lt;img src=i>" * 20000 + b"</content></entry>"), "feed cut", items=1)
add("html-end-tags", lambda: html(b"</p>" * 200000), "feed cut", items=1)
add("html-br-storm", lambda: html(b"<br>" * 200000), "feed cut", items=1)
add("html-script-unclosed-storm", lambda: html_cdata(b"<script>" * 100000), "feed cut", items=1, never=(b"<script",))
add("html-script-ends", lambda: html_cdata(b"<script>" + b"</scrip" * 100000), "feed cut", items=1, never=(b"<script",))
add("html-svg-math-nest", lambda: html_cdata(b"<svg><math><foreignObject><mtext>" * 25000), "feed cut", items=1, never=(b"<svg", b"<math"))
add("html-select-options", lambda: html_cdata(b"<select>" + b"<option>" * 100000), "feed cut", items=1)
add("html-nested-lists", lambda: html_cdata(b"<ul><li>" * 100000), "feed cut", items=1)
add("html-template-nest", lambda: html_cdata(b"<template>" * 90000), "feed cut", items=1)
add("html-plaintext", lambda: html_cdata(b"<plaintext>" + b"<script>x</script>" * 40000), "feed cut", items=1, never=(b"<script",))
add("html-javascript-hidden", lambda: html_cdata(b"<a href='java\tscript:x'>1</a><a href='&#106;avascript:x'>2</a><a href='\x01javascript:x'>3</a>"), "feed cut none", never=(b"javascript:", b"script:x"))
add("html-in-title-1M", lambda: rss(item(b"", b"&lt;div&gt;" * 90000)), "feed cut", items=1)
add("html-3M-on-300-items", lambda: rss(many(600, "<item><title>", b"</title><description>" + b"&lt;b>&lt;i>x" * 600 + b"</description></item>")), "feed cut", items=600)
add("xhtml-attribute-storm", lambda: xhtml(b"<p " + b" ".join(b'a%d="1"' % i for i in range(200)) + b">x</p>" + b"<p title='y'>z</p>" * 20000), "feed cut", items=1)
add("xhtml-text-pieces-300k", lambda: xhtml(b"x<b/>" * 200000), "feed cut", items=1)

# ---- encodings ----
T = '<rss version="2.0"><channel><title>t</title><item><title>%s</title></item></channel></rss>'
add("encoding-utf7", lambda: b'<?xml version="1.0" encoding="UTF-7"?>' + (T % "+ADw-script+AD4-").encode(), "feed cut none", never=(b"<script",))
add("encoding-lies-utf16", lambda: b'<?xml version="1.0" encoding="UTF-16"?>' + (T % "x").encode(), "feed cut none")
add("encoding-lies-utf32-header", lambda: (T % "x").encode(), "feed cut none", "text/xml; charset=utf-32")
add("encoding-header-against-mark", lambda: b"\xef\xbb\xbf" + (T % "é").encode(), "feed", "text/xml; charset=utf-16le", items=1)
add("encoding-lone-surrogates", lambda: "\ufeff".encode("utf-16-le") + (T % "x").encode("utf-16-le").replace(b"x\0", b"\x00\xd8\x00\xdc\x00\xdc" * 1000), "feed cut none", never=(b"\xed\xa0\x80",))
add("encoding-surrogates-in-utf8", lambda: (T % "x").encode().replace(b"<title>x", b"<title>" + b"\xed\xa0\x80" * 100000), "feed cut none", never=(b"\xed\xa0\x80",))
add("encoding-overlong-utf8", lambda: (T % "x").encode().replace(b"<title>x", b"<title>\xc0\xbcscript\xc0\xbe\xe0\x80\xbc"), "feed cut none", never=(b"<script",))
add("encoding-utf16-odd-length", lambda: ("\ufeff" + T % "x").encode("utf-16-le")[:-1], "feed cut none")
add("encoding-utf32-out-of-range", lambda: ("\ufeff" + T % "x").encode("utf-32-le").replace(b"x\0\0\0", b"\xff\xff\xff\x7f" * 1000), "feed cut none")
add("encoding-iso2022jp-escapes-4M", lambda: b'<?xml version="1.0" encoding="iso-2022-jp"?>' + (T % "x").encode().replace(b"<title>x", b"<title>" + b"\x1b$B\x1b(B" * 600000), "feed cut none")
add("encoding-gb18030-4M", lambda: b'<?xml version="1.0" encoding="gb18030"?>' + (T % "x").encode().replace(b"<title>x", b"<title>" + b"\x84\x31\xa4\x37" * MB), "feed cut none")
add("encoding-cp1252-growing-5M", lambda: b'<?xml version="1.0" encoding="windows-1252"?>' + (T % "x").encode().replace(b"<title>x", b"<title>" + b"\x80" * (5 * MB)), "feed cut none")
add("encoding-one-wrong-byte-15M", lambda: rss(item(b"", b"\xff") + b"<!-- -->" * (15 * MB // 8)), "feed cut none")
add("encoding-name-1M", lambda: b'<?xml version="1.0" encoding="' + b"x" * MB + b'"?>' + (T % "x").encode(), "feed cut none")
add("encoding-marks-5M", lambda: b"\xef\xbb\xbf" * 1700000 + (T % "x").encode(), "feed cut none")
add("encoding-continuations-8M", lambda: (T % "x").encode().replace(b"<title>x", b"<title>" + b"\x80" * (8 * MB)), "feed cut none")
add("encoding-truncated-leads-8M", lambda: (T % "x").encode().replace(b"<title>x", b"<title>" + b"\xf0\x9f" * (4 * MB)), "feed cut none")
add("encoding-utf16-15M", lambda: ("\ufeff" + T % ("\u4e00" * 7500000)).encode("utf-16-le"), "feed cut none")
add("control-characters-8M", lambda: (T % "x").encode().replace(b"<title>x", b"<title>" + b"\x01\x02\x0b" * 2700000), "feed cut none")

# ---- not what it says ----
add("gzip-without-header-of-it", lambda: gzip.compress(rss(item(b""))), "feed", items=1)
add("gzip-bomb", lambda: gzip.compress(b"\0" * (50 * MB)), "none")
add("gzip-nested", lambda: gzip.compress(gzip.compress(gzip.compress(rss(b" " * MB)))), "none")
add("zip-magic", lambda: b"PK\x03\x04" + b"\0" * 100000, "none")
add("html-page-8M", lambda: b"<!DOCTYPE html><html><body>" + b"<p>x" * (2 * MB), "none", "application/rss+xml")
add("xml-in-json", lambda: b'{"items": "' + rss(item(b"")).replace(b'"', b"'").replace(b"\n", b"") + b'"}', "feed none")
add("opml-8M", lambda: b"<opml><body>" + fill('<outline xmlUrl="http://a.example/"/>', 8 * MB) + b"</body></opml>", "none")
add("svg-with-script", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>', "none")

# ---- JSON ----
J = b'{"version":"https://jsonfeed.org/version/1.1","title":"t","items":['
add("json-depth-1M", lambda: b"[" * 1000000, "none")
add("json-depth-objects-1M", lambda: J + b'{"a":' * 1000000, "cut none")
add("json-depth-2000-inside", lambda: J + b'{"id":"1","_x":' + b"[" * 2000 + b"]" * 2000 + b"}]}", "feed cut none")
add("json-number-1M", lambda: J + b'{"id":' + b"9" * 1000000 + b"}]}", "feed cut none")
add("json-number-exponent", lambda: J + b'{"id":1e999999999,"title":"t"}]}', "feed cut none")
add("json-real-1M", lambda: J + b'{"id":0.' + b"3" * 1000000 + b"}]}", "feed cut none")
add("json-string-8M", lambda: J + b'{"id":"1","title":"' + b"s" * (8 * MB) + b'"}]}', "feed cut none")
add("json-string-escapes-4M", lambda: J + b'{"id":"1","title":"' + b"\\u0041" * 700000 + b'"}]}', "feed cut none")
add("json-string-surrogates", lambda: J + b'{"id":"1","title":"\\ud800\\ud800\\udc00\\udc00"}]}', "feed cut none", never=(b"\xed\xa0\x80",))
add("json-string-nul", lambda: J + b'{"id":"1\\u0000","title":"a\\u0000b"}]}', "feed cut none")
add("json-string-never-ends", lambda: J + b'{"id":"' + b"s" * (8 * MB), "cut none")
add("json-backslashes-8M", lambda: J + b'{"id":"' + b"\\" * (8 * MB), "cut none")
add("json-items-500k", lambda: J + many(500000, '{"id":"', '"},') + b"null]}", "feed cut", items=10000)
add("json-items-10k", lambda: J + b",".join(b'{"id":"%d","content_html":"<p>x</p>"}' % i for i in range(10000)) + b"]}", "feed", items=10000)
add("json-items-nulls-2M", lambda: J + b",".join([b"null"] * 2000000) + b"]}", "feed cut none")
add("json-keys-300k", lambda: J + b"{" + b",".join(b'"k%d":1' % i for i in range(300000)) + b',"id":"1"}]}', "feed cut none")
add("json-keys-same-hash-100k", lambda: J + b"{" + b",".join([b'"k":1'] * 500000) + b',"id":"1"}]}', "feed cut none")
add("json-tags-500k", lambda: J + b'{"id":"1","tags":[' + b",".join([b'"t"'] * 500000) + b"]}]}", "feed cut")
add("json-attachments-200k", lambda: J + b'{"id":"1","attachments":[' + b",".join([b'{"url":"http://a.example/"}'] * 200000) + b"]}]}", "feed cut")
add("json-unfinished", lambda: J + b'{"id":"1","title":"t"},', "cut none")
add("json-commas-4M", lambda: J + b"," * (4 * MB), "cut none")
add("json-spaces-15M", lambda: J + b" " * (15 * MB) + b"]}", "feed cut none")
add("json-items-of-1kB-15M", lambda: J + many(14000, '{"id":"', b'","content_text":"' + b"<" * 1000 + b'"},') + b"null]}", "feed", items=1000)
add("json-damaged-items-100k", lambda: J + b'{"id":"1"},' + b'{"id":},' * 100000 + b'{"id":"2"}]}', "cut", items=2)
add("json-keys-on-10k-items", lambda: J + many(10000, '{"id":"', b'"' + b"".join(b',"k%d":1' % i for i in range(100)) + b"},") + b"null]}", "feed", items=10000)
add("json-garbage-after", lambda: J + b'{"id":"1"}]}' + b"}" * MB, "feed cut none")
add("json-content-html-bomb", lambda: jsonfeed([{"id": "1", "content_html": "<div>" * 180000}]), "feed cut", items=1)
add("json-wrong-types", lambda: J + b'{"id":{"a":[1]},"title":7,"content_html":[],"tags":"x","authors":3,"url":{}},5,"x",null,[[]]]}', "feed cut none")
