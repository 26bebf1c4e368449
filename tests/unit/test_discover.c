#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "syndicated/ingest.h"
#include "syndicated/parse.h"

#define PAGE "https://example.org/blog/"
#define BYTES(s) s, sizeof(s) - 1

/* want: one line a feed, "how url type title", with "-" for what is not known. */
struct row {
	const char *name, *url, *content_type, *html;
	size_t len;
	const char *want;
};

static const struct row rows[] = {
	{ "a link", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" type=\"application/rss+xml\" title=\"All news\" href=\"/feed\"></head><body>"),
	  "link https://example.org/feed application/rss+xml All news\n" },
	{ "order of attributes, no quotes", PAGE, NULL,
	  BYTES("<html><head><link href=/feed title=News type=application/rss+xml rel=alternate>"),
	  "link https://example.org/feed application/rss+xml News\n" },
	{ "single quotes, capitals", PAGE, NULL,
	  BYTES("<HTML><HEAD><LINK REL='ALTERNATE' TYPE='Application/ATOM+XML' HREF='atom.xml'>"),
	  "link https://example.org/blog/atom.xml application/atom+xml -\n" },
	{ "XHTML", PAGE, "application/xhtml+xml",
	  BYTES("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"x\"><html xmlns=\"http://www.w3.org/1999/xhtml\"><head><script src=\"x\"/><link rel=\"alternate\" type=\"application/atom+xml\" href=\"a\"/></head></html>"),
	  "link https://example.org/blog/a application/atom+xml -\n" },
	{ "type with parameters", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" type=\"application/atom+xml;type=feed; charset=utf-8\" href=\"/a\"></head><body>"),
	  "link https://example.org/a application/atom+xml -\n" },
	{ "references in address and title", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=alternate type=\"application/rss+xml\" href=\"/f?a=1&amp;b=2&copy=3\" title=\"Caf&eacute; &#8211; &#x41;&amp;B\"></head><body>"),
	  "link https://example.org/f?a=1&b=2&copy=3 application/rss+xml Caf\xC3\xA9 \xE2\x80\x93 A&B\n" },
	{ "white space", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\" alternate  home \" type=\" application/rss+xml \" href=\"\n /feed\n\" title=\" A \n B \"></head><body>"),
	  "link https://example.org/feed application/rss+xml A B\n" },
	{ "rel=feed without a type", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"feed\" href=\"/stories\"></head><body>"),
	  "link https://example.org/stories - -\n" },
	{ "rel=feed of an h-feed page", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"feed\" type=\"text/html\" href=\"/stories\"></head><body>"),
	  "" },
	{ "rel missing", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link type=\"application/rss+xml\" href=\"/feed\"></head><body>"),
	  "link https://example.org/feed application/rss+xml -\n" },
	{ "a stylesheet is none", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate stylesheet\" type=\"text/css\" title=\"RSS\" href=\"/feed.css\"></head><body>"),
	  "" },
	{ "where to post is none", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"service.post\" type=\"application/atom+xml\" title=\"x\" href=\"/feeds/1/posts/default\"></head><body>"),
	  "" },
	{ "a search description is none", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"search\" type=\"application/opensearchdescription+xml\" href=\"/feed.xml\"></head><body>"),
	  "" },
	{ "oEmbed is none", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" type=\"application/json+oembed\" href=\"/oembed?url=/feed/\"></head><body>"),
	  "" },
	{ "the REST interface is none", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" title=\"JSON\" type=\"application/json\" href=\"/wp-json/wp/v2/posts/7\"></head><body>"),
	  "" },
	{ "a translation is none", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" hreflang=\"de\" href=\"/de/\"></head><body>"),
	  "" },
	{ "an application is none", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" href=\"android-app://org.example/http/example.org/feed\"></head><body>"),
	  "" },
	{ "JSON with the address of a feed", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" type=\"application/json\" href=\"/feed.json\"></head><body>"),
	  "link https://example.org/feed.json application/json -\n" },
	{ "XML with a title", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" type=\"text/xml\" title=\"RSS 0.92\" href=\"/x/rss092\"></head><body>"),
	  "link https://example.org/x/rss092 text/xml RSS 0.92\n" },
	{ "XML without either", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" type=\"application/xml\" title=\"Export\" href=\"/export\"></head><body>"),
	  "" },
	{ "no type, the address says it", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" href=\"/index.xml\"></head><body>"),
	  "link https://example.org/index.xml application/rss+xml -\n" },
	{ "RDF", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=\"alternate\" type=\"application/rdf+xml\" href=\"/index.rdf\"></head><body>"),
	  "link https://example.org/index.rdf application/rdf+xml -\n" },
	{ "comments come last, JSON behind Atom", PAGE, NULL,
	  BYTES("<html><link rel=alternate type=application/rss+xml href=/comments/feed/ title=\"Comments Feed\"><link rel=alternate type=application/feed+json href=/feed.json><link rel=alternate type=application/atom+xml href=/atom.xml><link rel=alternate type=application/rss+xml href=/feed/>"),
	  "link https://example.org/atom.xml application/atom+xml -\n"
	  "link https://example.org/feed/ application/rss+xml -\n"
	  "link https://example.org/feed.json application/feed+json -\n"
	  "link https://example.org/comments/feed/ application/rss+xml Comments Feed\n" },
	{ "comments by a title in another language", PAGE, NULL,
	  BYTES("<html><link rel=alternate type=application/rss+xml href=/c title=\"Kommentar-Feed\"><link rel=alternate type=application/rss+xml href=/f title=\"Beitr\xC3\xA4ge\">"),
	  "link https://example.org/f application/rss+xml Beitr\xC3\xA4ge\n"
	  "link https://example.org/c application/rss+xml Kommentar-Feed\n" },
	{ "the same twice", PAGE, NULL,
	  BYTES("<html><link rel=alternate type=application/rss+xml href=/f title=a><link rel=alternate type=application/rss+xml href=https://example.org/f title=b>"),
	  "link https://example.org/f application/rss+xml a\n" },
	{ "base", PAGE, NULL,
	  BYTES("<html><head><base href=\"https://cdn.example.net/x/\"><base href=\"/second\"><link rel=alternate type=application/rss+xml href=f>"),
	  "link https://cdn.example.net/x/f application/rss+xml -\n" },
	{ "base behind the link, relative", PAGE, NULL,
	  BYTES("<html><head><link rel=alternate type=application/rss+xml href=f><base href=\"/y/\">"),
	  "link https://example.org/y/f application/rss+xml -\n" },
	{ "feed: and protocol-relative", PAGE, NULL,
	  BYTES("<html><link rel=alternate type=application/rss+xml href=\"feed://example.org/a\"><link rel=alternate type=application/rss+xml href=\"//example.net/b\">"),
	  "link http://example.org/a application/rss+xml -\n"
	  "link https://example.net/b application/rss+xml -\n" },
	{ "a host without a scheme", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=alternate type=application/rss+xml href=\"www.example.org/feed\"></head><body>"),
	  "link https://www.example.org/feed application/rss+xml -\n" },
	{ "no http", PAGE, NULL,
	  BYTES("<html><link rel=alternate type=application/rss+xml href=\"javascript:alert(1)\"><link rel=alternate type=application/rss+xml href=\"file:///etc/passwd\"><link rel=alternate type=application/rss+xml href=\"ftp://example.org/f\">"),
	  "" },
	{ "credentials do not show", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=alternate type=application/rss+xml href=\"https://u:p@example.org/f\"></head><body>"),
	  "link https://example.org/f application/rss+xml -\n" },
	{ "a link in the body", PAGE, NULL,
	  BYTES("<html><body><p>x<link rel=alternate type=application/rss+xml href=/f>"),
	  "link https://example.org/f application/rss+xml -\n" },
	{ "comments and scripts hold no tags", PAGE, NULL,
	  BYTES("<html><!-- <link rel=alternate type=application/rss+xml href=/1> --><!--[if IE]><link rel=alternate type=application/rss+xml href=/2><![endif]--><script>var a = \"<link rel=alternate type=application/rss+xml href=/3>\";</script><style><link rel=alternate type=application/rss+xml href=/4></style><title><link rel=alternate type=application/rss+xml href=/5></title><textarea><link rel=alternate type=application/rss+xml href=/6></textarea><link rel=alternate type=application/rss+xml href=/7>"),
	  "link https://example.org/7 application/rss+xml -\n" },
	{ "short comments", PAGE, NULL,
	  BYTES("<html><!--><!---><link rel=alternate type=application/rss+xml href=/f><!-- --!><link rel=alternate type=application/rss+xml href=/g>"),
	  "link https://example.org/f application/rss+xml -\n"
	  "link https://example.org/g application/rss+xml -\n" },
	{ "stray less-than signs", PAGE, NULL,
	  BYTES("<html><p>1 < 2 <3 </ <link rel=alternate type=application/rss+xml href=/f>"),
	  "link https://example.org/f application/rss+xml -\n" },
	{ "cut off inside a tag", PAGE, NULL,
	  BYTES("<html><link rel=alternate type=application/rss+xml href=/f><link rel=alternate type=application/rss+xml href=/g"),
	  "link https://example.org/f application/rss+xml -\n" },
	{ "a quote without end", PAGE, NULL,
	  BYTES("<html><link rel=alternate type=application/rss+xml href=/f><link rel=alternate type=application/rss+xml href=\"/g>"),
	  "link https://example.org/f application/rss+xml -\n" },
	{ "no html element", PAGE, NULL,
	  BYTES("<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/f\"><p>Hello"),
	  "link https://example.org/f application/rss+xml -\n" },
	{ "text before the page", PAGE, NULL,
	  BYTES("Warning: foo in x.php on line 3\n<html><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/f\">"),
	  "link https://example.org/f application/rss+xml -\n" },
	{ "a title for a terminal", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><link rel=alternate type=application/rss+xml href=/f title=\"a&#x9b;31mb&#x202e;c&#7;d\"></head><body>"),
	  "link https://example.org/f application/rss+xml a31mbcd\n" },
	{ "windows-1251 by meta", PAGE, NULL,
	  BYTES("<html><head><meta charset=\"windows-1251\"><link rel=alternate type=application/rss+xml href=/f title=\"\xCD\xEE\xE2\xEE\xF1\xF2\xE8\">"),
	  "link https://example.org/f application/rss+xml \xD0\x9D\xD0\xBE\xD0\xB2\xD0\xBE\xD1\x81\xD1\x82\xD0\xB8\n" },
	{ "Shift_JIS by http-equiv", PAGE, NULL,
	  BYTES("<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=Shift_JIS\"><link rel=alternate type=application/rss+xml href=/f title=\"\x93\xFA\x96{\">"),
	  "link https://example.org/f application/rss+xml \xE6\x97\xA5\xE6\x9C\xAC\n" },
	{ "the header before the meta", PAGE, "text/html; charset=iso-8859-2",
	  BYTES("<html><head><meta charset=\"utf-8\"><link rel=alternate type=application/rss+xml href=/f title=\"\xBElu\xBB\">"),
	  "link https://example.org/f application/rss+xml \xC5\xBElu\xC5\xA5\n" },
	{ "UTF-16 with a mark", PAGE, NULL,
	  BYTES("\xFF\xFE<\x00h\x00t\x00m\x00l\x00>\x00<\x00l\x00i\x00n\x00k\x00 \x00r\x00""e\x00l\x00=\x00""a\x00l\x00t\x00""e\x00r\x00n\x00""a\x00t\x00""e\x00 \x00t\x00y\x00p\x00""e\x00=\x00""a\x00p\x00p\x00l\x00i\x00""c\x00""a\x00t\x00i\x00o\x00n\x00/\x00r\x00s\x00s\x00+\x00x\x00m\x00l\x00 \x00h\x00r\x00""e\x00""f\x00=\x00/\x00""f\x00 \x00t\x00i\x00t\x00l\x00""e\x00=\x00\"\x00\xE4\x00\"\x00>\x00"),
	  "link https://example.org/f application/rss+xml \xC3\xA4\n" },
	{ "an anchor", PAGE, NULL,
	  BYTES("<html><body><a href=\"/about\">About</a> <a href=\"/feed.xml\">Subscribe</a>"),
	  "anchor https://example.org/feed.xml - Subscribe\n" },
	{ "not when there is a link", PAGE, NULL,
	  BYTES("<html><link rel=alternate type=application/rss+xml href=/f><a href=\"/feed.xml\">RSS</a>"),
	  "link https://example.org/f application/rss+xml -\n" },
	{ "anchors by address", PAGE, NULL,
	  BYTES("<html><a href=\"/x.rss\">a</a><a href=\"/y.atom\">b</a><a href=\"http://feeds.feedburner.com/Name\">c</a><a href=\"/?feed=rss2\">d</a><a href=\"/blog?format=rss\">e</a><a href=\"/news/rss/\">f</a>"),
	  "anchor https://example.org/x.rss application/rss+xml a\n"
	  "anchor https://example.org/y.atom application/atom+xml b\n"
	  "anchor http://feeds.feedburner.com/Name - c\n"
	  "anchor https://example.org/?feed=rss2 application/rss+xml d\n"
	  "anchor https://example.org/blog?format=rss application/rss+xml e\n"
	  "anchor https://example.org/news/rss/ application/rss+xml f\n" },
	{ "an anchor by its words", PAGE, NULL,
	  BYTES("<html><a href=\"/news.cgi\">RSS</a> <a href=\"/x\">The Rossi family</a>"),
	  "anchor https://example.org/news.cgi - RSS\n" },
	{ "by the words of its picture", PAGE, NULL,
	  BYTES("<html><a href=\"/out\"><img src=i.png alt=\"RSS feed\"></a>"),
	  "anchor https://example.org/out - RSS feed\n" },
	{ "by its label", PAGE, NULL,
	  BYTES("<html><a href=\"/out\" aria-label=\"RSS\"><svg><path d=\"M0\"/></svg></a>"),
	  "anchor https://example.org/out - RSS\n" },
	{ "address before words", PAGE, NULL,
	  BYTES("<html><a href=\"/out\">RSS</a><a href=\"/feed/\">x</a>"),
	  "anchor https://example.org/feed/ - x\n"
	  "anchor https://example.org/out - RSS\n" },
	{ "a typed anchor first", PAGE, NULL,
	  BYTES("<html><a href=\"/rss\">x</a><a rel=alternate type=application/atom+xml href=\"/z\">y</a>"),
	  "anchor https://example.org/z application/atom+xml y\n"
	  "anchor https://example.org/rss application/rss+xml x\n" },
	{ "anchors that are none", PAGE, NULL,
	  BYTES("<html><a href=\"https://en.wikipedia.org/wiki/RSS\">RSS</a><a href=\"/rss.html\">RSS</a><a href=\"https://feedly.com/i/subscription/feed/http://example.org/rss\">RSS</a><a href=\"mailto:a@example.org\">RSS</a><a href=\"#rss\">RSS</a><a href=\"javascript:void(0)\">RSS</a><a href=\"https://www.linkedin.com/feed/\">in</a><a href=\"/feedback\">Feedback</a><a href=\"/atomic\">Atomic power</a><a href=\"/press\">Press</a><a href=\"/sitemap.xml\">Sitemap</a>"),
	  "" },
	{ "an anchor that is never closed", PAGE, NULL,
	  BYTES("<html><a href=\"/rss\">RSS<a href=\"/b\">b"),
	  "anchor https://example.org/rss application/rss+xml RSS\n" },
	{ "WordPress", PAGE, NULL,
	  BYTES("<html><head><meta name=\"generator\" content=\"WordPress 6.4.2\">"),
	  "guess https://example.org/feed/ application/rss+xml -\n"
	  "guess https://example.org/?feed=rss2 application/rss+xml -\n" },
	{ "Blogger", PAGE, NULL,
	  BYTES("<html><meta content='blogger' name='generator'/>"),
	  "guess https://example.org/feeds/posts/default application/atom+xml -\n" },
	{ "Ghost", PAGE, NULL,
	  BYTES("<html><head><meta name=\"generator\" content=\"Ghost 5.75\">"),
	  "guess https://example.org/rss/ application/rss+xml -\n" },
	{ "Hugo", PAGE, NULL,
	  BYTES("<html><head><meta name=\"generator\" content=\"Hugo 0.121.1\">"),
	  "guess https://example.org/index.xml application/rss+xml -\n" },
	{ "Jekyll", PAGE, NULL,
	  BYTES("<html><head><meta name=\"generator\" content=\"Jekyll v4.3.2\">"),
	  "guess https://example.org/feed.xml application/atom+xml -\n" },
	{ "not when there is an anchor", PAGE, NULL,
	  BYTES("<html><head><meta name=\"generator\" content=\"Hugo\"><a href=\"/rss\">x</a>"),
	  "anchor https://example.org/rss application/rss+xml x\n" },
	{ "a guess is of the site, not of its base", PAGE, NULL,
	  BYTES("<html><head><meta name=\"generator\" content=\"Hugo\"><base href=\"https://cdn.example.net/\">"),
	  "guess https://example.org/index.xml application/rss+xml -\n" },
	{ "Medium", "https://medium.com/@name?source=x", NULL,
	  BYTES("<html><meta property=\"og:site_name\" content=\"Medium\">"),
	  "guess https://medium.com/feed/@name application/rss+xml -\n"
	  "guess https://medium.com/feed application/rss+xml -\n" },
	{ "Substack", PAGE, NULL,
	  BYTES("<html><script src=\"https://substackcdn.com/bundle/main.js\"></script>"),
	  "guess https://example.org/feed application/rss+xml -\n" },
	{ "a YouTube channel", "https://www.youtube.com/@name", NULL,
	  BYTES("<html><meta itemprop=\"identifier\" content=\"UCabcdefghijklmnopqrstuv\">"),
	  "guess https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrstuv application/atom+xml -\n" },
	{ "a YouTube channel by its canonical address", NULL, NULL,
	  BYTES("<html><meta property=\"og:site_name\" content=\"YouTube\"><link rel=\"canonical\" href=\"https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv\">"),
	  "guess https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrstuv application/atom+xml -\n" },
	{ "YouTube without a channel", "https://www.youtube.com/", NULL,
	  BYTES("<html><meta itemprop=\"identifier\" content=\"UCtooshort\">"),
	  "" },
	{ "Reddit", "https://www.reddit.com/r/C_Programming/", NULL,
	  BYTES("<html>"),
	  "guess https://www.reddit.com/r/C_Programming/.rss application/atom+xml -\n" },
	{ "a GitHub project", "https://github.com/o/r/tree/main", NULL,
	  BYTES("<html>"),
	  "guess https://github.com/o/r/releases.atom application/atom+xml -\n"
	  "guess https://github.com/o/r/commits.atom application/atom+xml -\n"
	  "guess https://github.com/o/r/tags.atom application/atom+xml -\n" },
	{ "a GitHub person", "https://github.com/o/", NULL,
	  BYTES("<html>"),
	  "guess https://github.com/o.atom application/atom+xml -\n" },
	{ "GitLab", "https://git.example.org/g/p", NULL,
	  BYTES("<html><meta content=\"GitLab\" property=\"og:site_name\">"),
	  "guess https://git.example.org/g/p/-/releases.atom application/atom+xml -\n"
	  "guess https://git.example.org/g/p.atom application/atom+xml -\n" },
	{ "Mastodon", "https://social.example/@who", NULL,
	  BYTES("<html><script src=\"/packs/js/common-0a1b.js\"></script>"),
	  "guess https://social.example/@who.rss application/rss+xml -\n" },
	{ "Mastodon, no person", "https://social.example/explore", NULL,
	  BYTES("<html><script src=\"/packs/js/common-0a1b.js\"></script>"),
	  "" },
	{ "Tumblr", "https://who.tumblr.com/", NULL,
	  BYTES("<html>"),
	  "guess https://who.tumblr.com/rss application/rss+xml -\n" },
	{ "MediaWiki", PAGE, NULL,
	  BYTES("<html><head><meta name=\"generator\" content=\"MediaWiki 1.39\">"),
	  "guess https://example.org/index.php?title=Special:RecentChanges&feed=atom application/atom+xml -\n" },
	{ "another host that ends alike", "https://notgithub.com/o/r", NULL,
	  BYTES("<html>"),
	  "" },
	{ "a file: whole addresses only", NULL, NULL,
	  BYTES("<html><link rel=alternate type=application/rss+xml href=/f><link rel=alternate type=application/rss+xml href=https://example.org/g>"),
	  "link https://example.org/g application/rss+xml -\n" },
	{ "a file: its own word", NULL, NULL,
	  BYTES("<html><link rel=canonical href=https://example.org/a/b><link rel=alternate type=application/rss+xml href=f>"),
	  "link https://example.org/a/f application/rss+xml -\n" },
	{ "nothing", PAGE, NULL,
	  BYTES("<!DOCTYPE html><html><head><title>RSS</title></head><body><p>RSS</p></body></html>"),
	  "" },
	{ "a feed itself", PAGE, NULL,
	  BYTES("<rss version=\"2.0\"><channel><title>T &amp;amp; U</title><item><title>a</title></item></channel></rss>"),
	  "feed https://example.org/blog/ application/rss+xml T & U\n" },
	{ "an Atom feed without a URL", NULL, NULL,
	  BYTES("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title></feed>"),
	  "feed  application/atom+xml T\n" },
};

static char *describe(const struct found_feed *feeds, size_t n)
{
	struct buf b = BUF_INIT(1 << 20);
	char *ret = NULL;

	buf_append(&b, "", 0);
	for (size_t i = 0; i < n; i++)
		buf_append_printf(&b, "%s %s %s %s\n", feeds[i].how, feeds[i].url, feeds[i].type ? feeds[i].type : "-", feeds[i].title ? feeds[i].title : "-");
	ret = mem_dup_str(buf_str(&b));
	buf_done(&b);
	return ret;
}

static void test_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		const struct ingest_request request = { .url = r->url, .content_type = r->content_type, .bytes = r->html, .len = r->len };
		struct found_feed *feeds = NULL;
		struct err err = { 0 };
		size_t n = 0;
		int rc = discover_run(&request, &feeds, &n, &err);
		auto_free char *got = describe(feeds, n);

		if (rc != 0 || strcmp(got, r->want) != 0)
			fail_msg("%s: %d %s\nwanted\n%sgot\n%s", r->name, rc, err.message, r->want, got);
		found_feeds_free(feeds, n);
	}
}

/* What is neither page nor feed says so. */
static void test_others(void **state)
{
	static const char *const others[] = { "", " \n", "{\"a\": 1}", "<opml><body/></opml>", "just text", "\x89PNG\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const struct ingest_request request = { .url = PAGE, .bytes = others[i], .len = strlen(others[i]) };
		struct found_feed *feeds = NULL;
		struct err err = { 0 };
		size_t n = 0;

		if (discover_run(&request, &feeds, &n, &err) != ERR_INVALID || n || !err.message[0])
			fail_msg("row %zu: %zu %s", i, n, err.message);
		found_feeds_free(feeds, n);
	}
}

/* A "#" of the unit becomes its number. */
static struct buf repeated(const char *before, const char *unit, size_t bytes)
{
	struct buf b = BUF_INIT(LIMIT_FEED_BYTES + 1024);

	buf_append_str(&b, before);
	for (size_t i = 0; b.len < bytes; i++) {
		const char *number = strchr(unit, '#');

		buf_append(&b, unit, number ? (size_t)(number - unit) : strlen(unit));
		if (number)
			buf_append_printf(&b, "%zu%s", i, number + 1);
	}
	return b;
}

/* LIMIT_ITEM_LIST: the first ones are kept. */
static void test_limit(void **state)
{
	struct buf b = repeated("<html>", "<link rel=alternate type=application/rss+xml href=/f#>", 64 << 10);
	const struct ingest_request request = { .url = PAGE, .bytes = b.bytes, .len = b.len };
	struct found_feed *feeds = NULL;
	struct err err = { 0 };
	size_t n = 0;

	(void)state;
	assert_int_equal(discover_run(&request, &feeds, &n, &err), 0);
	assert_int_equal(n, LIMIT_ITEM_LIST);
	assert_string_equal(feeds[63].url, "https://example.org/f63");
	found_feeds_free(feeds, n);
	buf_done(&b);
}

/*
 * Linear, whatever comes in: 8 MiB each. What libxml2's HTML parser takes minutes for must not take
 * seconds here.
 */
static void test_hostile(void **state)
{
	static const struct {
		const char *name, *before, *unit;
	} hostile[] = {
		{ "attributes", "<html><link ", "a#=b " },
		{ "attributes of an end tag", "<html></a ", "a# " },
		{ "depth", "<html>", "<b></i>" },
		{ "quotes", "<html>", "<a href=\"" },
		{ "comments", "<html>", "<!--" },
		{ "dashes", "<html><!--", "-" },
		{ "declarations", "<html>", "<!" },
		{ "instructions", "<html>", "<?" },
		{ "less-than", "<html>", "<" },
		{ "end tags", "<html>", "</" },
		{ "scripts", "<html>", "<script>" },
		{ "script ends", "<html><script>", "</scrip" },
		{ "ampersands", "<html><a href=/rss>", "&#" },
		{ "a long word", "<html><a href=/x>", "RSSRSSRSS" },
		{ "anchors", "<html>", "<a href=/rss>RSS" },
		{ "texts of an anchor", "<html><a href=/x>", "RSS<b>" },
		{ "titles", "<html>", "<title>" },
		{ "links", "<html>", "<link rel=alternate type=application/rss+xml href=/f#>" },
		{ "a long address", "<html><link rel=alternate type=application/rss+xml href=/", "feed/" },
		{ "a long base", "<html><base href=/", "x/" },
		{ "spaces", "<html><a", " " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct buf b = repeated(hostile[i].before, hostile[i].unit, 8 << 20);
		const struct ingest_request request = { .url = PAGE, .bytes = b.bytes, .len = b.len };
		struct found_feed *feeds = NULL;
		struct err err = { 0 };
		size_t n = 0;
		clock_t begin = clock(), took; /* processor time: a busy machine fails nothing */

		assert_int_equal(discover_run(&request, &feeds, &n, &err), 0);
		took = (clock() - begin) / (CLOCKS_PER_SEC / 1000);
		if (took > 8000)
			fail_msg("%s: %ld ms", hostile[i].name, (long)took);
		found_feeds_free(feeds, n);
		buf_done(&b);
	}
}

/* Every place to cut a page is survived, and nothing behind the cut is read (the sanitizer builds see to it). */
static void test_cuts(void **state)
{
	static const char page[] = "<!DOCTYPE html><!-- a --><html><base href='/b/'><script>x</script><meta name=generator content='Hugo &eacute;'>"
				   "<link rel=alternate type='application/rss+xml' href=\"f?a&#38;b\" title='t'/><a href=/rss><img alt=RSS>x</a></html>";

	(void)state;
	for (size_t len = 0; len < sizeof(page); len++) {
		char *copy = mem_alloc_zero(len + 1, 1);
		struct discovered *d = NULL;
		size_t n = 0;

		memcpy(copy, page, len);
		assert_int_equal(parse_discover(copy, len, "text/html", NULL, &d, &n), 0);
		discovered_free(d, n);
		mem_free(copy);
	}
}

/* The sentence of a source whose document is a page: what to do instead, within bounds. */
static void test_sentence(void **state)
{
	static char long_href[2000], long_title[4000];
	static const struct {
		const char *html, *want;
	} said[] = {
		{ "<html>", "this is an HTML page, not a feed, and it names none" },
		{ "<html><link rel=alternate type=application/rss+xml href=/f title='All &amp; more'>",
		  "this is an HTML page, not a feed; it names the feed https://example.org/f (All & more)" },
		{ "<html><link rel=alternate type=application/rss+xml href=/f><link rel=alternate type=application/rss+xml href=/g>",
		  "this is an HTML page, not a feed; it names the feed https://example.org/f and 1 more" },
		{ "<html><a href=/rss>Subscribe</a>",
		  "this is an HTML page, not a feed; it links to what looks like the feed https://example.org/rss (Subscribe)" },
		{ "<html><meta name=generator content=Hugo>",
		  "this is an HTML page, not a feed; it names none, but a site like this usually has one at https://example.org/index.xml" },
		{ long_href, "this is an HTML page, not a feed; it names 1, with an address too long for here: 'syndicated discover' shows it" },
		{ long_title, NULL },
		{ "Warning: x in y.php\n<html><link rel=alternate type=application/rss+xml href=/f>",
		  "this is an HTML page, not a feed; it names the feed https://example.org/f" },
		{ "<div><a href=/rss>RSS</a></div>", "this is an HTML page, not a feed; it links to what looks like the feed https://example.org/rss (RSS)" },
		{ "hello", "this is neither XML nor JSON, so it is no feed" },
	};

	(void)state;
	(void)snprintf(long_href, sizeof(long_href), "<html><link rel=alternate type=application/rss+xml href=/%01000d>", 0);
	(void)snprintf(long_title, sizeof(long_title), "<html><link rel=alternate type=application/rss+xml href=/f title='\xC3\xA9%03000d'>", 0);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		const struct ingest_request request = {
			.url = PAGE, .content_type = "text/html", .bytes = said[i].html, .len = strlen(said[i].html)
		};
		struct feed_document *d = NULL;
		struct err err = { 0 };

		assert_int_equal(ingest_run(&request, &d, &err), INGEST_NOT_A_FEED);
		if (said[i].want)
			assert_string_equal(err.message, said[i].want);
		assert_true(strlen(err.message) < 300);
		assert_true(text_is_clean(err.message, strlen(err.message)));
	}
}

static int set_up(void **state)
{
	(void)state;
	parse_init();
	clean_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),  cmocka_unit_test(test_others), cmocka_unit_test(test_limit),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_cuts),  cmocka_unit_test(test_sentence),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
