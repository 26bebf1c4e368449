/* RSS 0.9x and 2.0 (elements in no namespace), RSS 0.90 and 1.0, and the RDF around the latter. */
#include "reader.h"

#include <string.h>

#include "syndicated/base/text.h"

static void start_rss(struct reader *r, const struct xml_element *e)
{
	const char *version = xml_attribute(e, "version");

	reader_set_format(r, version && text_has_prefix(version, "0.9") ? "rss09x" : "rss20");
}

/* RSS 1.0 until an element of the older namespace shows. */
static void start_rdf(struct reader *r, const struct xml_element *e)
{
	(void)e;
	reader_set_format(r, "rss10");
}

static void start_bare_channel(struct reader *r, const struct xml_element *e)
{
	(void)e;
	reader_set_format(r, "rss20");
}

static void start_item10(struct reader *r, const struct xml_element *e)
{
	const char *about = xml_attribute_ns(e, "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "about");

	reader_begin_item(r, e);
	reader_fill(r, SLOT_ID, 3, about, RAW_TEXT_PLAIN);
}

static void start_guid(struct reader *r, const struct xml_element *e)
{
	reader_remember(r, xml_attribute(e, "isPermaLink"));
}

/* RSS 2.0: a guid is a permalink unless it says not. */
static void end_guid(struct reader *r, const char *text)
{
	struct raw_item *i = reader_item(r);
	const char *permalink = reader_remembered(r);

	if (!i || i->id)
		return;
	reader_fill(r, SLOT_ID, 5, text, RAW_TEXT_PLAIN);
	i->id_is_link = i->id && (!permalink || text_equal_nocase(permalink, "true"));
}

static void end_link(struct reader *r, const char *text)
{
	reader_add_link(r, NULL, text, NULL);
}

static void start_link(struct reader *r, const struct xml_element *e)
{
	/* <link href="..."/> without namespace is Atom's, put into RSS by mistake. */
	const char *href = xml_attribute(e, "href");

	if (href)
		reader_add_link(r, e, href, xml_attribute(e, "rel"));
}

static void start_enclosure(struct reader *r, const struct xml_element *e)
{
	reader_add_enclosure(r, e, xml_attribute(e, "url"), xml_attribute(e, "length"));
}

static void start_category(struct reader *r, const struct xml_element *e)
{
	reader_remember(r, xml_attribute(e, "domain"));
}

static void end_category(struct reader *r, const char *text)
{
	reader_add_category(r, text, reader_remembered(r), NULL);
}

static void start_source(struct reader *r, const struct xml_element *e)
{
	if (reader_item(r))
		reader_item(r)->source.url = reader_keep(r, xml_attribute(e, "url"));
}

static void end_source(struct reader *r, const char *text)
{
	if (reader_item(r))
		reader_item(r)->source.title = reader_keep(r, text);
}

static void end_image_url(struct reader *r, const char *text)
{
	reader_fill(r, SLOT_LOGO, 2, text, RAW_TEXT_PLAIN);
}

static void end_hour(struct reader *r, const char *text)
{
	auto_free char *kept = mem_dup_str(text);
	int64_t hour;

	kept[text_collapse(kept, strlen(kept))] = '\0';
	if (text_to_int64(kept, 0, 24, &hour)) /* 24 is midnight in RSS 0.91 */
		reader_feed(r)->skip_hours |= 1u << (hour % 24);
}

static void end_day(struct reader *r, const char *text)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

	text += strspn(text, " \t\r\n");
	for (unsigned d = 0; d < 7; d++) {
		if (text_has_prefix_nocase(text, days[d]))
			reader_feed(r)->skip_days |= 1u << d;
	}
}

/* RSS 0.90 is RDF too; its channel is in Netscape's namespace. */
static void start_channel10(struct reader *r, const struct xml_element *e)
{
	if (e->name.uri && strstr(e->name.uri, "netscape.com"))
		reader_set_format(r, "rss09x");
}

#define COMMON_ROWS(channel_start, item_start, item_places) \
	{ "channel", PLACE_TOP, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_FEED, channel_start, NULL }, \
	{ "item", item_places, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_ITEM, item_start, NULL }, \
	{ "title", PLACE_BOTH, HOLDS_GUESS, SLOT_TITLE, 5, PLACE_NONE, NULL, NULL }, \
	{ "link", PLACE_BOTH, HOLDS_PLAIN, SLOT_LINK, 0, PLACE_NONE, start_link, end_link }, \
	{ "description", PLACE_BOTH, HOLDS_HTML, SLOT_SUMMARY, 5, PLACE_NONE, NULL, NULL }, \
	{ "image", PLACE_FEED | PLACE_TOP, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_IMAGE, NULL, NULL }, \
	{ "url", PLACE_IMAGE, HOLDS_PLAIN, SLOT_NONE, 0, PLACE_NONE, NULL, end_image_url }

static const struct rule rss_rows[] = {
	{ "rss", PLACE_ROOT, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_TOP, start_rss, NULL },
	{ "channel", PLACE_ROOT, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_FEED, start_bare_channel, NULL },
	COMMON_ROWS(NULL, reader_begin_item, PLACE_FEED | PLACE_TOP | PLACE_ITEM),
	{ "guid", PLACE_ITEM, HOLDS_PLAIN, SLOT_ID, 5, PLACE_NONE, start_guid, end_guid },
	{ "pubDate", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, 5, PLACE_NONE, NULL, NULL },
	{ "lastBuildDate", PLACE_FEED, HOLDS_PLAIN, SLOT_UPDATED, 5, PLACE_NONE, NULL, NULL },
	{ "author", PLACE_ITEM, HOLDS_PLAIN, SLOT_AUTHOR, 5, PLACE_NONE, NULL, NULL },
	{ "managingEditor", PLACE_FEED, HOLDS_PLAIN, SLOT_AUTHOR, 5, PLACE_NONE, NULL, NULL },
	{ "webMaster", PLACE_FEED, HOLDS_PLAIN, SLOT_AUTHOR, 1, PLACE_NONE, NULL, NULL },
	{ "category", PLACE_BOTH, HOLDS_PLAIN, SLOT_CATEGORY, 0, PLACE_NONE, start_category, end_category },
	{ "enclosure", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_NONE, start_enclosure, NULL },
	{ "comments", PLACE_ITEM, HOLDS_PLAIN, SLOT_COMMENTS, 5, PLACE_NONE, NULL, NULL },
	{ "fullitem", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, 3, PLACE_NONE, NULL, NULL },
	{ "source", PLACE_ITEM, HOLDS_PLAIN, SLOT_NONE, 0, PLACE_NONE, start_source, end_source },
	{ "copyright", PLACE_BOTH, HOLDS_PLAIN, SLOT_RIGHTS, 5, PLACE_NONE, NULL, NULL },
	{ "language", PLACE_BOTH, HOLDS_PLAIN, SLOT_LANGUAGE, 5, PLACE_NONE, NULL, NULL },
	{ "generator", PLACE_FEED, HOLDS_PLAIN, SLOT_GENERATOR, 5, PLACE_NONE, NULL, NULL },
	{ "ttl", PLACE_FEED, HOLDS_PLAIN, SLOT_TTL, 5, PLACE_NONE, NULL, NULL },
	{ "skipHours", PLACE_FEED, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_SKIP_HOURS, NULL, NULL },
	{ "hour", PLACE_SKIP_HOURS, HOLDS_PLAIN, SLOT_NONE, 0, PLACE_NONE, NULL, end_hour },
	{ "skipDays", PLACE_FEED, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_SKIP_DAYS, NULL, NULL },
	{ "day", PLACE_SKIP_DAYS, HOLDS_PLAIN, SLOT_NONE, 0, PLACE_NONE, NULL, end_day },
	{ 0 },
};

/* The last ones are what feeds write that took the address of a specification for a namespace. */
static const char *const rss_uris[] = { "http://backend.userland.com/rss2", "http://blogs.law.harvard.edu/tech/rss",
	                                "http://backend.userland.com/rss", "http://www.rssboard.org/rss-specification",
	                                "http://purl.org/rss/2.0", "http://purl.org/net/rss1.1", "", NULL };
const struct namespace_table ns_rss = { rss_uris, NULL, rss_rows };

static const struct rule rss10_rows[] = {
	COMMON_ROWS(start_channel10, start_item10, PLACE_FEED | PLACE_TOP),
	{ 0 },
};

static const char *const rss10_uris[] = { "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/",
	                                  "http://channel.netscape.com/rdf/simple/0.9/", "http://my.netscape.com/publish/formats/rss-0.91.dtd",
	                                  NULL };
const struct namespace_table ns_rss10 = { rss10_uris, "rss", rss10_rows };

static const struct rule rdf_rows[] = {
	{ "RDF", PLACE_ROOT, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_TOP, start_rdf, NULL },
	{ 0 },
};

static const char *const rdf_uris[] = { "http://www.w3.org/1999/02/22-rdf-syntax-ns", NULL };
const struct namespace_table ns_rdf = { rdf_uris, "rdf", rdf_rows };
