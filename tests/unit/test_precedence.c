/* Every row of the table of precedence wins against every weaker one of its slot, in either order in the document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/base/buf.h"
#include "syndicated/parse.h"

enum where { IN_ITEM, IN_FEED, ITEM_TAG, ROOT_TAG };

struct sample {
	const char *slot;
	const char *row; /* the first word of the row's elements */
	enum where where;
	const char *xml; /* "%" stands for the value */
};

static const struct sample samples[] = {
	{ "TITLE", "media:title", IN_ITEM, "<media:title>%</media:title>" },
	{ "TITLE", "media:title", IN_ITEM, "<media:group><media:title>%</media:title></media:group>" },
	{ "TITLE", "itunes:title", IN_ITEM, "<itunes:title>%</itunes:title>" },
	{ "TITLE", "dc:title", IN_ITEM, "<dc:title>%</dc:title>" },
	{ "TITLE", "atom:title", IN_ITEM, "<atom:title>%</atom:title>" },
	{ "TITLE", "title", IN_ITEM, "<title>%</title>" },
	{ "SUMMARY", "media:description", IN_ITEM, "<media:description>%</media:description>" },
	{ "SUMMARY", "itunes:subtitle", IN_ITEM, "<itunes:subtitle>%</itunes:subtitle>" },
	{ "SUMMARY", "itunes:subtitle", IN_ITEM, "<googleplay:description>%</googleplay:description>" },
	{ "SUMMARY", "dcterms:abstract", IN_ITEM, "<dcterms:abstract>%</dcterms:abstract>" },
	{ "SUMMARY", "dc:description", IN_ITEM, "<dc:description>%</dc:description>" },
	{ "SUMMARY", "itunes:summary", IN_ITEM, "<itunes:summary>%</itunes:summary>" },
	{ "SUMMARY", "atom:summary", IN_ITEM, "<atom:summary>%</atom:summary>" },
	{ "SUMMARY", "description,", IN_ITEM, "<description>%</description>" },
	{ "CONTENT", "fullitem,", IN_ITEM, "<fullitem>%</fullitem>" },
	{ "CONTENT", "fullitem,", IN_ITEM, "<full-text>%</full-text>" },
	{ "CONTENT", "fullitem,", IN_ITEM, "<content>%</content>" },
	{ "CONTENT", "xhtml:body,", IN_ITEM, "<xhtml:body>%</xhtml:body>" },
	{ "CONTENT", "xhtml:body,", IN_ITEM, "<xhtml:div>%</xhtml:div>" },
	{ "CONTENT", "content:encoded", IN_ITEM, "<content:encoded>%</content:encoded>" },
	{ "CONTENT", "atom:content", IN_ITEM, "<atom:content>%</atom:content>" },
	{ "ID", "dc:identifier", IN_ITEM, "<dc:identifier>%</dc:identifier>" },
	{ "ID", "rdf:about", ITEM_TAG, " rdf:about='%'" },
	{ "ID", "atom:id", IN_ITEM, "<atom:id>%</atom:id>" },
	{ "ID", "atom:id", IN_ITEM, "<id>%</id>" },
	{ "ID", "guid,", IN_ITEM, "<guid>%</guid>" },
	{ "PUBLISHED", "prism:publicationDate", IN_ITEM, "<prism:publicationDate>%</prism:publicationDate>" },
	{ "PUBLISHED", "dcterms:created,", IN_ITEM, "<dcterms:created>%</dcterms:created>" },
	{ "PUBLISHED", "dcterms:created,", IN_ITEM, "<atom:created>%</atom:created>" },
	{ "PUBLISHED", "dcterms:issued,", IN_ITEM, "<dcterms:issued>%</dcterms:issued>" },
	{ "PUBLISHED", "dcterms:issued,", IN_ITEM, "<dcterms:available>%</dcterms:available>" },
	{ "PUBLISHED", "atom:published,", IN_ITEM, "<atom:published>%</atom:published>" },
	{ "PUBLISHED", "atom:published,", IN_ITEM, "<atom:issued>%</atom:issued>" },
	{ "PUBLISHED", "pubDate", IN_ITEM, "<pubDate>%</pubDate>" },
	{ "UPDATED", "dc:date", IN_FEED, "<dc:date>%</dc:date>" },
	{ "UPDATED", "atom:modified,", IN_FEED, "<atom:modified>%</atom:modified>" },
	{ "UPDATED", "atom:modified,", IN_FEED, "<dcterms:modified>%</dcterms:modified>" },
	{ "UPDATED", "atom:updated", IN_FEED, "<atom:updated>%</atom:updated>" },
	{ "UPDATED", "lastBuildDate", IN_FEED, "<lastBuildDate>%</lastBuildDate>" },
	{ "AUTHOR", "webMaster,", IN_FEED, "<webMaster>%</webMaster>" },
	{ "AUTHOR", "webMaster,", IN_FEED, "<dc:publisher>%</dc:publisher>" },
	{ "AUTHOR", "podcast:person,", IN_FEED, "<podcast:person>%</podcast:person>" },
	{ "AUTHOR", "podcast:person,", IN_FEED, "<googleplay:author>%</googleplay:author>" },
	{ "AUTHOR", "itunes:author", IN_FEED, "<itunes:author>%</itunes:author>" },
	{ "AUTHOR", "dc:author", IN_FEED, "<dc:author>%</dc:author>" },
	{ "AUTHOR", "author,", IN_FEED, "<managingEditor>%</managingEditor>" },
	{ "AUTHOR", "atom:author", IN_FEED, "<atom:author><atom:name>%</atom:name></atom:author>" },
	{ "AUTHOR", "media:credit", IN_ITEM, "<media:credit role='author'>%</media:credit>" },
	{ "AUTHOR", "podcast:person,", IN_ITEM, "<podcast:person>%</podcast:person>" },
	{ "AUTHOR", "itunes:author", IN_ITEM, "<itunes:author>%</itunes:author>" },
	{ "AUTHOR", "dc:author", IN_ITEM, "<dc:author>%</dc:author>" },
	{ "AUTHOR", "author,", IN_ITEM, "<author>%</author>" },
	{ "AUTHOR", "author,", IN_ITEM, "<author><name>%</name></author>" },
	{ "AUTHOR", "author,", IN_ITEM, "<dc:creator>%</dc:creator>" },
	{ "AUTHOR", "atom:author", IN_ITEM, "<atom:author><atom:name>%</atom:name></atom:author>" },
	{ "RIGHTS", "media:copyright", IN_ITEM, "<media:copyright>%</media:copyright>" },
	{ "RIGHTS", "dc:rights", IN_ITEM, "<dc:rights>%</dc:rights>" },
	{ "RIGHTS", "copyright,", IN_ITEM, "<copyright>%</copyright>" },
	{ "RIGHTS", "copyright,", IN_ITEM, "<atom:rights>%</atom:rights>" },
	{ "LANGUAGE", "xml:lang", ROOT_TAG, " xml:lang='%'" },
	{ "LANGUAGE", "dc:language", IN_FEED, "<dc:language>%</dc:language>" },
	{ "LANGUAGE", "language", IN_FEED, "<language>%</language>" },
	{ "COMMENTS", "wfw:comment", IN_ITEM, "<wfw:comment>%</wfw:comment>" },
	{ "COMMENTS", "comments", IN_ITEM, "<comments>%</comments>" },
	{ "COMMENTS_FEED", "wfw:commentRss", IN_ITEM, "<wfw:commentRss>%</wfw:commentRss>" },
	{ "COMMENTS_COUNT", "slash:comments", IN_ITEM, "<slash:comments>%</slash:comments>" },
	{ "COMMENTS_COUNT", "thr:count", IN_ITEM, "<atom:link rel='replies' href='http://e.org/r' thr:count='%'/>" },
	{ "COMMENTS_COUNT", "thr:total", IN_ITEM, "<thr:total>%</thr:total>" },
	{ "IN_REPLY_TO", "thr:in-reply-to", IN_ITEM, "<thr:in-reply-to ref='%'/>" },
	{ "ORIGINAL_URL", "feedburner:origLink,", IN_ITEM, "<feedburner:origLink>%</feedburner:origLink>" },
	{ "ORIGINAL_URL", "feedburner:origLink,", IN_ITEM, "<pheedo:origLink>%</pheedo:origLink>" },
	{ "THUMBNAIL", "itunes:image", IN_ITEM, "<itunes:image href='%'/>" },
	{ "THUMBNAIL", "itunes:image", IN_ITEM, "<itunes:image>%</itunes:image>" },
	{ "THUMBNAIL", "media:content", IN_ITEM, "<media:content medium='image' url='%'/>" },
	{ "THUMBNAIL", "media:content", IN_ITEM, "<media:content type='image/png' url='%'/>" },
	{ "THUMBNAIL", "image", IN_ITEM, "<image>%</image>" },
	{ "THUMBNAIL", "image", IN_ITEM, "<image><url>%</url></image>" },
	{ "THUMBNAIL", "image", IN_ITEM, "<image url='%'/>" },
	{ "THUMBNAIL", "media:thumbnail", IN_ITEM, "<media:thumbnail url='%'/>" },
	{ "SEASON", "itunes:season", IN_ITEM, "<itunes:season>%</itunes:season>" },
	{ "SEASON", "podcast:season", IN_ITEM, "<podcast:season>%</podcast:season>" },
	{ "EPISODE", "itunes:episode", IN_ITEM, "<itunes:episode>%</itunes:episode>" },
	{ "EPISODE", "podcast:episode", IN_ITEM, "<podcast:episode>%</podcast:episode>" },
	{ "DURATION", "itunes:duration", IN_ITEM, "<itunes:duration>%</itunes:duration>" },
	{ "LATITUDE", "geo:lat", IN_ITEM, "<geo:lat>%</geo:lat>" },
	{ "LATITUDE", "georss:point,", IN_ITEM, "<georss:point>%,0</georss:point>" },
	{ "LATITUDE", "georss:point,", IN_ITEM, "<georss:where><gml:Point><gml:pos>% 0</gml:pos></gml:Point></georss:where>" },
	{ "LONGITUDE", "geo:long", IN_ITEM, "<geo:Point><geo:long>%</geo:long></geo:Point>" },
	{ "LONGITUDE", "georss:point,", IN_ITEM, "<georss:point> 0 %</georss:point>" },
	{ "GENERATOR", "admin:generatorAgent", IN_FEED, "<admin:generatorAgent rdf:resource='%'/>" },
	{ "GENERATOR", "generator", IN_FEED, "<generator>%</generator>" },
	{ "ICON", "atom:icon,", IN_FEED, "<atom:icon>%</atom:icon>" },
	{ "LOGO", "itunes:image,", IN_FEED, "<itunes:image href='%'/>" },
	{ "LOGO", "itunes:image,", IN_FEED, "<googleplay:image href='%'/>" },
	{ "LOGO", "image/url,", IN_FEED, "<image><url>%</url></image>" },
	{ "LOGO", "image/url,", IN_FEED, "<atom:logo>%</atom:logo>" },
	{ "TTL", "ttl", IN_FEED, "<ttl>%</ttl>" },
	{ "PERIOD", "sy:updatePeriod", IN_FEED, "<sy:updatePeriod>%</sy:updatePeriod>" },
	{ "FREQUENCY", "sy:updateFrequency", IN_FEED, "<sy:updateFrequency>%</sy:updateFrequency>" },
	{ "BASE", "sy:updateBase", IN_FEED, "<sy:updateBase>%</sy:updateBase>" },
};
enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static const char namespaces[] =
	" xmlns:media='http://search.yahoo.com/mrss/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:dc='http://purl.org/dc/elements/1.1/'"
	" xmlns:dcterms='http://purl.org/dc/terms/' xmlns:atom='http://www.w3.org/2005/Atom' xmlns:googleplay='http://www.google.com/schemas/play-podcasts/1.0'"
	" xmlns:xhtml='http://www.w3.org/1999/xhtml' xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:geo='http://www.w3.org/2003/01/geo/wgs84_pos#'"
	" xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:prism='http://prismstandard.org/namespaces/basic/2.0/'"
	" xmlns:podcast='https://podcastindex.org/namespace/1.0' xmlns:wfw='http://wellformedweb.org/CommentAPI/' xmlns:gml='http://www.opengis.net/gml'"
	" xmlns:slash='http://purl.org/rss/1.0/modules/slash/' xmlns:thr='http://purl.org/syndication/thread/1.0' xmlns:georss='http://www.georss.org/georss'"
	" xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0' xmlns:pheedo='http://www.pheedo.com/namespace/pheedo'"
	" xmlns:admin='http://webns.net/mvcb/' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'";

/* The rank of a sample's row: its place in the table; fails when the table has no such row. */
static size_t rank_of(const struct sample *s)
{
	size_t n;
	const struct precedence_row *rows = parse_precedence(&n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].slot, s->slot) == 0 && strcspn(rows[i].elements, " ") == strlen(s->row) && strncmp(rows[i].elements, s->row, strlen(s->row)) == 0)
			return i;
	}
	fail_msg("no row %s of %s", s->row, s->slot);
	return n;
}

static void put_sample(struct buf *b, const struct sample *s, enum where where, const char *value)
{
	for (const char *p = s->xml; *p && s->where == where; p++) {
		if (*p == '%')
			buf_append_str(b, value);
		else
			buf_append_char(b, *p);
	}
}

static struct raw_feed *read_both(const struct sample *first, const struct sample *second)
{
	static const enum where places[] = { ROOT_TAG, IN_FEED, ITEM_TAG, IN_ITEM };
	static const char *const behind[] = { "><channel>", "<item", ">", "</item></channel></rss>" };
	struct buf b = BUF_INIT(1 << 16);
	struct raw_feed *f = NULL;
	struct err err = { 0 };

	buf_append_printf(&b, "<rss version='2.0'%s", namespaces);
	for (size_t i = 0; i < 4; i++) {
		put_sample(&b, first, places[i], "first");
		put_sample(&b, second, places[i], "second");
		buf_append_str(&b, behind[i]);
	}
	if (parse_feed(buf_str(&b), b.len, NULL, &f, &err) != PARSE_OK || !f->complete)
		fail_msg("%s", buf_str(&b));
	buf_done(&b);
	return f;
}

static const char *item_value(const struct raw_feed *f, const char *slot)
{
	const struct raw_item *i = &f->items[0];
	const struct { const char *slot, *value; } values[] = {
		{ "TITLE", i->title.value }, { "SUMMARY", i->summary.value }, { "CONTENT", i->content.value }, { "ID", i->id },
		{ "PUBLISHED", i->published }, { "RIGHTS", i->rights }, { "COMMENTS", i->comments_url }, { "COMMENTS_FEED", i->comments_feed },
		{ "COMMENTS_COUNT", i->comments_count }, { "IN_REPLY_TO", i->in_reply_to }, { "ORIGINAL_URL", i->original_url },
		{ "THUMBNAIL", i->thumbnail }, { "SEASON", i->season }, { "EPISODE", i->episode }, { "LATITUDE", i->latitude }, { "LONGITUDE", i->longitude },
		{ "AUTHOR", i->authors.n ? raw_list_at(&i->authors, struct raw_person, 0)->name : NULL },
		{ "DURATION", i->duration },
	};

	for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
		if (strcmp(values[k].slot, slot) == 0)
			return values[k].value;
	}
	return NULL;
}

static const char *feed_value(const struct raw_feed *f, const char *slot)
{
	const struct { const char *slot, *value; } values[] = {
		{ "UPDATED", f->updated }, { "LANGUAGE", f->language }, { "GENERATOR", f->generator }, { "ICON", f->icon }, { "LOGO", f->logo },
		{ "TTL", f->ttl_minutes }, { "PERIOD", f->update_period }, { "FREQUENCY", f->update_frequency }, { "BASE", f->update_base },
		{ "AUTHOR", f->authors.n ? raw_list_at(&f->authors, struct raw_person, 0)->name : NULL },
	};

	for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
		if (strcmp(values[k].slot, slot) == 0)
			return values[k].value;
	}
	return NULL;
}

static bool of_feed(const struct sample *s)
{
	return s->where == IN_FEED || s->where == ROOT_TAG;
}

static void check_pair(const struct sample *first, const struct sample *second)
{
	struct raw_feed *f = read_both(first, second);
	const char *got = of_feed(first) ? feed_value(f, first->slot) : item_value(f, first->slot);
	/* Where a place in the document decides, the tag comes before what is in it. */
	const char *want = rank_of(first) >= rank_of(second) ? "first" : "second";

	if (!got || strcmp(got, want) != 0)
		fail_msg("%s: of %s and %s the %s should stay, not \"%s\"", first->slot, first->xml, second->xml, want, got ? got : "nothing");
	if (rank_of(first) != rank_of(second) && strcmp(first->slot, "AUTHOR") == 0)
		assert_int_equal(of_feed(first) ? f->authors.n : f->items[0].authors.n, 1);
	raw_feed_free(f);
}

static void test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		for (size_t k = 0; k < SAMPLES; k++) {
			if (i != k && strcmp(samples[i].slot, samples[k].slot) == 0 && of_feed(&samples[i]) == of_feed(&samples[k]))
				check_pair(&samples[i], &samples[k]);
		}
	}
}

/* Alone, each fills its slot; and no row is without a sample. */
static void test_rows(void **state)
{
	static const struct sample none = { "", "", IN_ITEM, "" };
	bool seen[256] = { false };
	size_t n;
	const struct precedence_row *rows = parse_precedence(&n);

	(void)state;
	assert_true(n <= 256);
	for (size_t i = 0; i < SAMPLES; i++) {
		struct raw_feed *f = read_both(&samples[i], &none);
		const char *got = of_feed(&samples[i]) ? feed_value(f, samples[i].slot) : item_value(f, samples[i].slot);

		if (!got || strcmp(got, "first") != 0)
			fail_msg("%s alone fills no %s", samples[i].xml, samples[i].slot);
		seen[rank_of(&samples[i])] = true;
		raw_feed_free(f);
	}
	for (size_t i = 0; i < n; i++) {
		if (!seen[i])
			fail_msg("no sample of %s: %s", rows[i].slot, rows[i].elements);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_pairs) };

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
