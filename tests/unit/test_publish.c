/* Atom, page and snapshot: whatever origins wrote, the documents are whole (REL-28; push.md A1 to A29). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <zlib.h>

#include "syndicated/base/mem.h"
#include "syndicated/publish.h"

/* The views hold char *, since they own what they point to; here it is literals, which nobody writes to. */
#pragma GCC diagnostic ignored "-Wdiscarded-qualifiers"

#define HOSTILE "</title><script>alert(1)</script>]]>&amp;&<!--\"'\t\r\n\xc3\xbc\xf0\x9f\x99\x82<![CDATA[<a href=\"javascript:x\">"
#define HOUR_MS 3600000LL
#define START_MS 1795424400000LL /* 2026-11-23T09:00:00Z */

enum { OUT_BYTES = 1 << 20 };

static struct source_view lwn = {.uid = "src_1", .name = "lwn", .url = "https://lwn.net/feed", .title = "LWN",
                                 .site_url = "https://lwn.net/", .feed_id = "tag:lwn.net,2026:feed",
                                 .feed_updated_ms = START_MS};
static struct source_view heise = {.uid = "src_2", .name = "heise", .url = "https://heise.de/rss", .title = "heise & co",
                                   .author = "Redaktion", .feed_updated_ms = TIME_UNKNOWN};
static struct source_view hostile_source = {.uid = "src_3", .name = HOSTILE, .url = "https://x.example/?" HOSTILE,
                                            .title = HOSTILE, .site_url = HOSTILE, .feed_id = HOSTILE,
                                            .feed_updated_ms = INT64_MAX};

static struct person hostile_persons[] = {{HOSTILE, HOSTILE, HOSTILE}, {NULL, HOSTILE, NULL}, {NULL, NULL, NULL}};
static struct category hostile_categories[] = {{HOSTILE, HOSTILE, HOSTILE}, {NULL, NULL, NULL}};
static struct enclosure hostile_enclosures[] = {
	{HOSTILE, HOSTILE, -1, -1, -1, -1, HOSTILE, HOSTILE}, {"https://e.example/a.mp3", HOSTILE, INT64_MAX, 1, 640, 480, HOSTILE, HOSTILE}};
static struct person ada[] = {{"Ada", "ada@example.org", "https://ada.example/"}};
static struct enclosure song[] = {{"https://e.example/s.mp3", "audio/mpeg", 1234, -1, -1, -1, NULL, NULL},
                                  {"https://e.example/t.mp3", "audio/mpeg", -1, -1, -1, -1, NULL, NULL}};

#define NO_DATES .published_ms = TIME_UNKNOWN, .updated_ms = TIME_UNKNOWN

static struct item_view two_sources[] = {
	{.uid = "itm_a", .first_seen_ms = START_MS, .source = &lwn,
	 .item = {.title = "Kernel 7.0", .link = "https://lwn.net/1", .content = "<p>It is <b>out</b>.</p>", .summary = "It is out.",
	          .authors = ada, .n_authors = 1, .enclosures = song, .n_enclosures = 2, .language = "en",
	          .published_ms = START_MS - HOUR_MS, .updated_ms = TIME_UNKNOWN}},
	{.uid = "itm_b", .first_seen_ms = START_MS + HOUR_MS, .source = &heise,
	 .item = {.title = "Kernel 7.0 da", .link = "https://heise.de/1", NO_DATES}},
};
static struct item_view from_the_future[] = {
	{.uid = "itm_c", .first_seen_ms = START_MS, .source = &heise,
	 .item = {.title = "Tomorrow", .published_ms = START_MS + 1000 * HOUR_MS, .updated_ms = START_MS + 1000 * HOUR_MS}},
};
static struct item_view bare[] = {{.uid = "itm_d", .first_seen_ms = START_MS, .source = &heise, .item = {NO_DATES}}};
static struct item_view hostile[] = {
	{.uid = "itm_e", .first_seen_ms = START_MS, .source = &hostile_source,
	 .item = {.guid = HOSTILE, .link = HOSTILE, .canonical_url = HOSTILE, .title = HOSTILE, .summary = HOSTILE,
	          .content = "<p>]]&gt; &amp; \xc3\xbc</p>" HOSTILE, .authors = hostile_persons, .n_authors = 3,
	          .categories = hostile_categories, .n_categories = 2, .enclosures = hostile_enclosures, .n_enclosures = 2,
	          .published_ms = INT64_MAX, .updated_ms = INT64_MIN + 1, .language = HOSTILE, .comments_url = HOSTILE,
	          .thumbnail = HOSTILE, .rights = HOSTILE}},
	{.uid = "itm_f", .first_seen_ms = START_MS, .source = &lwn,
	 .item = {.title = HOSTILE, .link = "https://x.example/\"><script>", NO_DATES}},
};

static struct story_view stories[] = {
	{.uid = "urn:uuid:00000000-0000-8000-8000-000000000001", .updated_ms = START_MS + HOUR_MS, .items = two_sources, .n_items = 2},
	{.uid = "urn:uuid:00000000-0000-8000-8000-000000000002", .updated_ms = START_MS, .items = from_the_future, .n_items = 1},
	{.uid = "urn:uuid:00000000-0000-8000-8000-000000000003", .updated_ms = START_MS, .items = bare, .n_items = 1},
	{.uid = "urn:uuid:00000000-0000-8000-8000-000000000004", .updated_ms = START_MS, .items = hostile, .n_items = 2},
	{.uid = "urn:uuid:00000000-0000-8000-8000-000000000001", .updated_ms = START_MS, .items = two_sources, .n_items = 2},
};
static struct story_list all_stories = {.stories = stories, .n = 5};
static struct story_list no_stories = {0};

static struct story_brief briefs[] = {
	{.title = "Kernel 7.1 \"in\" sight", .url = "https://lwn.net/2", .source = "LWN"},
	{.title = HOSTILE, .url = HOSTILE, .source = HOSTILE},
	{.title = HOSTILE, .url = "https://x.example/2", .source = HOSTILE},
	{.title = "the other report again", .url = "https://heise.de/1", .source = "heise & co"},
	{.title = NULL, .url = "https://lwn.net/3", .source = "LWN"},
};
static struct story_view with_related[] = {{.uid = "urn:uuid:00000000-0000-8000-8000-000000000001", .updated_ms = START_MS + HOUR_MS,
                                            .items = two_sources, .n_items = 2, .related = {briefs, 5}}};
static struct story_list related_stories = {.stories = with_related, .n = 1};

static struct feed_spec feeds[] = {
	{.name = "all", .merge_duplicates = true, .limit = 100},
	{.name = "kept apart", .title = HOSTILE, .merge_duplicates = false, .limit = 100},
	{.name = "short", .merge_duplicates = true, .limit = 2},
};

static struct publish_context context(const struct feed_spec *feed, const struct story_list *list)
{
	return (struct publish_context){.base_url = "https://news.example.org", .site_title = "My news " HOSTILE, .feed = feed,
	                                .stories = list, .feeds = feeds, .n_feeds = 3};
}

static void write_format(const char *name, const struct feed_spec *feed, const struct story_list *list, struct buf *out)
{
	struct publish_context c = context(feed, list);

	for (const struct publish_format *f = publish_formats; f->name != NULL; f++) {
		if (strcmp(f->name, name) == 0)
			f->write(&c, out);
	}
	assert_int_equal(buf_error(out), 0);
	assert_true(out->len > 0);
}

/* Atom of one feed, parsed again without any leniency. */
struct parsed {
	struct buf bytes;
	xmlDoc *document;
	xmlXPathContext *xpath;
};

static void ignore_error(void *ctx, const char *format, ...)
{
	(void)ctx;
	(void)format;
}

static struct parsed parse_atom(const struct feed_spec *feed, const struct story_list *list)
{
	struct parsed p = {.bytes = BUF_INIT(OUT_BYTES)};

	write_format("atom", feed, list, &p.bytes);
	p.document = xmlReadMemory(buf_str(&p.bytes), (int)p.bytes.len, "atom", NULL, XML_PARSE_NONET | XML_PARSE_PEDANTIC);
	assert_non_null(p.document);
	p.xpath = xmlXPathNewContext(p.document);
	xmlXPathRegisterNs(p.xpath, (const xmlChar *)"a", (const xmlChar *)"http://www.w3.org/2005/Atom");
	return p;
}

static void parsed_done(struct parsed *p)
{
	xmlXPathFreeContext(p->xpath);
	xmlFreeDoc(p->document);
	buf_done(&p->bytes);
}

static void expect_xpath(const struct parsed *p, const char *path, const char *want)
{
	auto_free char *call = mem_printf("string(%s)", path);
	xmlXPathObject *o = xmlXPathEvalExpression((const xmlChar *)call, p->xpath);

	assert_non_null(o);
	if (strcmp((const char *)o->stringval, want) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", path, (const char *)o->stringval, want);
	xmlXPathFreeObject(o);
}

static void expect_number(const struct parsed *p, const char *path, int want)
{
	xmlXPathObject *o = xmlXPathEvalExpression((const xmlChar *)path, p->xpath);

	assert_non_null(o);
	double got = xmlXPathCastToNumber(o);
	if (got != want)
		fail_msg("%s is %g, not %d", path, got, want);
	xmlXPathFreeObject(o);
}

/* The rules of RFC 4287 that a schema would check, for every entry of every feed (A2, A4, A6, A8, A9, A14, A16). */
static void check_rules(const struct parsed *p)
{
	static const char *const none[] = {
		"count(//a:entry[count(a:id) != 1 or count(a:title) != 1 or count(a:updated) != 1])",
		"count(//a:entry[count(a:content) > 1 or count(a:published) > 1 or count(a:source) != 1 or count(a:summary) > 1])",
		"count(//a:entry[not(a:author/a:name)])",
		"count(//a:author[normalize-space(a:name) = ''])",
		"count(//a:entry[not(a:content) and not(a:link[@rel='alternate'])])",
		"count(//a:entry[count(a:link[@rel='alternate']) > 1])",
		"count(//a:entry[a:id = preceding::a:entry/a:id])",
		"count(//a:source[not(a:title) or not(a:updated)])",
		"count(//a:id[contains(., ' ') or contains(., '<') or not(contains(., ':'))])",
		"count(//a:entry/*[(self::a:updated or self::a:published) and (starts-with(., '0000') or starts-with(., '9999'))])",
		"count(//a:category[not(@term)])",
		"count(//a:link[not(starts-with(@href, 'http'))])",
		"count(//*[namespace-uri() != 'http://www.w3.org/2005/Atom'])",
		"count(//a:feed/*/*[not(self::a:*)])",
		"count(//a:content[@type='html']/* | //a:title/* | //a:summary/*)",
		"count(//a:updated[not(contains(., 'T')) or substring(., string-length(.)) != 'Z'])",
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		expect_number(p, none[i], 0);
	expect_number(p, "count(/a:feed/a:id) + count(/a:feed/a:title) + count(/a:feed/a:updated) + count(/a:feed/a:author)", 4);
}

static void test_hostile_text_reparses(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct parsed p = parse_atom(&feeds[i], &all_stories);
		check_rules(&p);
		parsed_done(&p);
	}
	struct parsed p = parse_atom(&feeds[0], &all_stories);
	expect_xpath(&p, "//a:entry[4]/a:title", HOSTILE);
	expect_xpath(&p, "//a:entry[4]/a:category[1]/@term", HOSTILE);
	expect_xpath(&p, "//a:entry[4]/a:author[1]/a:name", HOSTILE);
	expect_number(&p, "count(//a:entry[4]/a:link[@rel='alternate' or @rel='related'])", 0);
	expect_number(&p, "count(//a:entry[4]/@xml:lang)", 0);
	parsed_done(&p);
}

static void test_head(void **state)
{
	struct parsed p = parse_atom(&feeds[0], &all_stories);

	(void)state;
	expect_xpath(&p, "/a:feed/a:id", "https://news.example.org/feeds/all.atom");
	expect_xpath(&p, "/a:feed/a:link[@rel='self']/@href", "https://news.example.org/feeds/all.atom");
	expect_xpath(&p, "/a:feed/a:link[@rel='alternate']/@href", "https://news.example.org/");
	expect_xpath(&p, "/a:feed/a:updated", "2026-11-23T10:00:00Z");
	expect_xpath(&p, "/a:feed/a:author/a:name", "My news " HOSTILE);
	expect_number(&p, "count(/a:feed/a:generator)", 1);
	parsed_done(&p);
	p = parse_atom(&feeds[1], &no_stories);
	expect_xpath(&p, "/a:feed/a:id", "https://news.example.org/feeds/kept%20apart.atom");
	expect_xpath(&p, "/a:feed/a:link[@rel='alternate']/@href", "https://news.example.org/feeds/kept%20apart/");
	expect_xpath(&p, "/a:feed/a:title", HOSTILE);
	expect_xpath(&p, "/a:feed/a:updated", "1970-01-01T00:00:00Z");
	expect_number(&p, "count(//a:entry)", 0);
	parsed_done(&p);
}

static void test_two_sources_one_entry(void **state)
{
	struct parsed p = parse_atom(&feeds[0], &all_stories);

	(void)state;
	expect_number(&p, "count(//a:entry)", 4); /* the fifth story has the id of the first (A14) */
	expect_xpath(&p, "//a:entry[1]/a:id", "urn:uuid:00000000-0000-8000-8000-000000000001");
	expect_xpath(&p, "//a:entry[1]/@xml:lang", "en");
	expect_xpath(&p, "//a:entry[1]/a:link[@rel='alternate']/@href", "https://lwn.net/1");
	expect_xpath(&p, "//a:entry[1]/a:link[@rel='related']/@href", "https://heise.de/1");
	expect_xpath(&p, "//a:entry[1]/a:link[@rel='related']/@title", "heise & co");
	expect_xpath(&p, "//a:entry[1]/a:content",
	              "<p>It is <b>out</b>.</p><p>Also reported by <a href=\"https://heise.de/1\">heise &amp; co</a>.</p>");
	expect_xpath(&p, "//a:entry[1]/a:summary", "It is out.");
	expect_xpath(&p, "//a:entry[1]/a:author/a:email", "ada@example.org");
	expect_xpath(&p, "//a:entry[1]/a:link[@rel='enclosure'][1]/@length", "1234");
	expect_number(&p, "count(//a:entry[1]/a:link[@rel='enclosure'][2]/@length)", 0);
	expect_xpath(&p, "//a:entry[1]/a:source/a:id", "tag:lwn.net,2026:feed");
	expect_xpath(&p, "//a:entry[1]/a:source/a:link[@rel='self']/@href", "https://lwn.net/feed");
	expect_xpath(&p, "//a:entry[1]/a:source/a:link[@rel='alternate']/@href", "https://lwn.net/");
	parsed_done(&p);
}

/* design.md section 5: other stories are named behind the other sources, each page once; the entry's dates are its own. */
static void test_related(void **state)
{
	struct parsed p = parse_atom(&feeds[0], &related_stories);
	struct buf page = BUF_INIT(OUT_BYTES);

	(void)state;
	expect_number(&p, "count(//a:link[@rel='related'])", 4);
	expect_xpath(&p, "//a:link[@rel='related'][1]/@title", "heise & co");
	expect_xpath(&p, "//a:link[@rel='related'][2]/@href", "https://lwn.net/2");
	expect_xpath(&p, "//a:link[@rel='related'][2]/@title", "Kernel 7.1 \"in\" sight (LWN)");
	expect_xpath(&p, "//a:link[@rel='related'][3]/@title", HOSTILE " (" HOSTILE ")");
	expect_xpath(&p, "//a:link[@rel='related'][4]/@title", "(no title) (LWN)");
	expect_xpath(&p, "//a:entry/a:updated", "2026-11-23T10:00:00Z");
	parsed_done(&p);

	write_format("page", &feeds[0], &related_stories, &page);
	xmlSetGenericErrorFunc(NULL, ignore_error);
	p = (struct parsed){.document = htmlReadMemory(buf_str(&page), (int)page.len, "page", "UTF-8", HTML_PARSE_NONET | HTML_PARSE_NOERROR)};
	p.xpath = xmlXPathNewContext(p.document);
	expect_xpath(&p, "//article/details/summary", "Related: 5");
	expect_number(&p, "count(//article/details//li)", 5);
	expect_xpath(&p, "//article/details//li[1]/a[@href='https://lwn.net/2']", "Kernel 7.1 \"in\" sight");
	expect_number(&p, "count(//details//a)", 4);
	expect_number(&p, "count(//script | //details//@onclick)", 0);
	parsed_done(&p);
	buf_done(&page);
}

static void test_kept_apart(void **state)
{
	struct parsed p = parse_atom(&feeds[1], &all_stories);

	(void)state;
	expect_number(&p, "count(//a:entry)", 6);
	expect_number(&p, "count(//a:entry[starts-with(a:id, 'urn:uuid:')])", 6);
	expect_number(&p, "count(//a:link[@rel='related'])", 0);
	expect_xpath(&p, "//a:entry[2]/a:author/a:name", "Redaktion"); /* of the source (A4) */
	expect_xpath(&p, "//a:entry[2]/a:source/a:id", "https://heise.de/rss");
	parsed_done(&p);
}

/* A19, A20: dates come from what is stored; one from the future is when we first saw the item, none is, too. */
static void test_dates(void **state)
{
	struct parsed p = parse_atom(&feeds[0], &all_stories);

	(void)state;
	expect_xpath(&p, "//a:entry[1]/a:published", "2026-11-23T08:00:00Z");
	expect_xpath(&p, "//a:entry[1]/a:updated", "2026-11-23T10:00:00Z");
	expect_xpath(&p, "//a:entry[2]/a:published", "2026-11-23T09:00:00Z");
	expect_xpath(&p, "//a:entry[3]/a:published", "2026-11-23T09:00:00Z");
	expect_xpath(&p, "//a:entry[3]/a:source/a:updated", "2026-11-23T09:00:00Z");
	parsed_done(&p);
	p = parse_atom(&feeds[1], &all_stories);
	expect_xpath(&p, "//a:entry[3]/a:updated", "2026-11-23T09:00:00Z");
	parsed_done(&p);
}

/* A9: nothing known but that there is something. */
static void test_bare_item(void **state)
{
	struct parsed p = parse_atom(&feeds[0], &all_stories);

	(void)state;
	expect_xpath(&p, "//a:entry[3]/a:title", "(no title)");
	expect_xpath(&p, "//a:entry[3]/a:content", "<p>(no title)</p>");
	expect_number(&p, "count(//a:entry[3]/a:link)", 0);
	parsed_done(&p);
}

static void test_limit(void **state)
{
	struct parsed p = parse_atom(&feeds[2], &all_stories);

	(void)state;
	expect_number(&p, "count(//a:entry)", 2);
	parsed_done(&p);
}

/* A21: nothing changed, so not a byte does. */
static void test_same_bytes(void **state)
{
	(void)state;
	for (const struct publish_format *f = publish_formats; f->name != NULL; f++) {
		struct buf first = BUF_INIT(OUT_BYTES), second = BUF_INIT(OUT_BYTES);
		write_format(f->name, &feeds[1], &all_stories, &first);
		write_format(f->name, &feeds[1], &all_stories, &second);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(buf_str(&first), buf_str(&second), first.len);
		buf_done(&first);
		buf_done(&second);
	}
}

/* No scripts, no handlers, no addresses but http and https, whatever the text is. */
static void test_page(void **state)
{
	struct buf b = BUF_INIT(OUT_BYTES);
	struct parsed p = {0};

	(void)state;
	write_format("page", &feeds[0], &all_stories, &b);
	xmlSetGenericErrorFunc(NULL, ignore_error);
	p.document = htmlReadMemory(buf_str(&b), (int)b.len, "page", "UTF-8", HTML_PARSE_NONET | HTML_PARSE_NOERROR);
	p.xpath = xmlXPathNewContext(p.document);
	expect_number(&p, "count(//script | //@onclick | //iframe | //img)", 0);
	expect_number(&p, "count(//a[not(starts-with(@href, 'http://') or starts-with(@href, 'https://'))])", 0);
	expect_number(&p, "count(//article)", 4);
	expect_xpath(&p, "//head/link[@rel='alternate'][@type='application/atom+xml']/@href",
	              "https://news.example.org/feeds/all.atom");
	expect_xpath(&p, "//article[1]//h2/a/@href", "https://lwn.net/1");
	expect_xpath(&p, "//article[1]//time", "23 Nov 2026 08:00 UTC");
	expect_xpath(&p, "//article[1]//time/@datetime", "2026-11-23T08:00:00Z");
	expect_xpath(&p, "//article[1]/p[@class='by']/a[2]", "heise & co");
	expect_xpath(&p, "//article[1]/h2/@dir", "auto");
	expect_number(&p, "count(//article//@lang)", 2); /* of the first; what the hostile one says is no language */
	expect_number(&p, "count(//nav//li)", 3);
	expect_xpath(&p, "//nav//a[@aria-current='page']/@href", "https://news.example.org/");
	expect_number(&p, "count(//style[contains(., '--bg') and not(contains(., '&'))])", 1); /* the escaper left it alone */
	parsed_done(&p);
	buf_done(&b);
}

static void test_page_without_stories(void **state)
{
	struct buf b = BUF_INIT(OUT_BYTES);

	(void)state;
	write_format("page", &feeds[2], &no_stories, &b);
	assert_non_null(strstr(buf_str(&b), "No stories yet"));
	buf_done(&b);
}

/* A writer whose buffer is full ends in a failure, not in half a document. */
static void test_full_buffer(void **state)
{
	struct publish_context c = context(&feeds[0], &all_stories);

	(void)state;
	for (const struct publish_format *f = publish_formats; f->name != NULL; f++) {
		struct buf whole = BUF_INIT(OUT_BYTES);
		f->write(&c, &whole);
		for (size_t max = 1; max < whole.len; max += 97) {
			struct buf b = BUF_INIT(max);
			f->write(&c, &b);
			assert_int_equal(buf_error(&b), ERR_TOO_BIG);
			assert_null(snapshot_new("x", &b, 0));
			buf_done(&b);
		}
		buf_done(&whole);
	}
}

static struct snapshot *make_snapshot(const char *bytes, size_t len)
{
	struct buf b = BUF_INIT(OUT_BYTES);

	buf_append(&b, bytes, len);
	struct snapshot *s = snapshot_new("text/plain", &b, START_MS);
	assert_non_null(s);
	buf_done(&b);
	return s;
}

static void check_gzip(const struct snapshot *s)
{
	static char plain[OUT_BYTES];
	z_stream z = {.next_in = (Bytef *)s->gzip_bytes, .avail_in = (uInt)s->gzip_len, .next_out = (Bytef *)plain,
	              .avail_out = sizeof(plain)};

	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, s->len);
	assert_int_equal(z.avail_in, 0);
	assert_memory_equal(plain, s->bytes, s->len);
	inflateEnd(&z);
	assert_memory_equal(s->gzip_bytes + 4, "\0\0\0\0", 4); /* no time inside (RFC 1952 section 2.3.1) */
}

/* A29. */
static void test_snapshot(void **state)
{
	struct buf atom = BUF_INIT(OUT_BYTES);

	(void)state;
	write_format("atom", &feeds[0], &all_stories, &atom);
	struct snapshot *first = make_snapshot(buf_str(&atom), atom.len);
	struct snapshot *again = make_snapshot(buf_str(&atom), atom.len);
	atom.bytes[atom.len / 2] ^= 1;
	struct snapshot *changed = make_snapshot(buf_str(&atom), atom.len);
	struct snapshot *small = make_snapshot("a", 1);
	check_gzip(first);
	check_gzip(changed);
	check_gzip(small);
	assert_true(first->gzip_len < first->len);
	assert_string_equal(first->etag, again->etag);
	assert_int_equal(first->gzip_len, again->gzip_len);
	assert_memory_equal(first->gzip_bytes, again->gzip_bytes, first->gzip_len);
	assert_string_not_equal(first->etag, changed->etag);
	assert_string_not_equal(first->etag, first->gzip_etag);
	assert_true(first->etag[0] == '"' && first->etag[strlen(first->etag) - 1] == '"');
	assert_int_equal(first->last_modified_ms, START_MS);
	assert_string_equal(first->content_type, "text/plain");
	assert_ptr_equal(snapshot_ref(first), first);
	assert_null(snapshot_unref(first));
	check_gzip(first); /* still there: the sanitizer would tell */
	snapshot_unref(first);
	snapshot_unref(again);
	snapshot_unref(changed);
	snapshot_unref(small);
	assert_null(snapshot_unref(NULL));
	buf_done(&atom);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_text_reparses), cmocka_unit_test(test_head),
		cmocka_unit_test(test_two_sources_one_entry), cmocka_unit_test(test_related),
		cmocka_unit_test(test_kept_apart),
		cmocka_unit_test(test_dates), cmocka_unit_test(test_bare_item), cmocka_unit_test(test_limit),
		cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_page), cmocka_unit_test(test_page_without_stories),
		cmocka_unit_test(test_full_buffer), cmocka_unit_test(test_snapshot),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xmlCleanupParser();
	return failed;
}
