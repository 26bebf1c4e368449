/*
 * RSS 0.9x and 2.0: elements in no namespace, or in one that somebody took for RSS's. Also the home-made elements that
 * are met often enough. RSS 1.1 has the same names inside a list.
 */
#include "ns_common.h"

#include <string.h>

#include "syndicated/base/text.h"

static void start_rss(struct reader *r, const struct xml_element *e)
{
	const char *version = xml_attribute(e, "version");

	reader_set_format(r, version && text_has_prefix(version, "0.9") ? "rss09x" : "rss20");
	common_fill_language(r, e);
}

/* RSS 1.1 begins with <Channel>; so does CDF, which alone has an address there. */
static void start_bare_channel(struct reader *r, const struct xml_element *e)
{
	static const char *const cdf[] = { "HREF", "BASE", "LASTMOD", "SELF" };
	bool is_cdf = strcmp(e->name.local, "CHANNEL") == 0;

	for (size_t i = 0; !e->name.uri && i < sizeof(cdf) / sizeof(cdf[0]); i++)
		is_cdf |= xml_attribute(e, cdf[i]) != NULL;
	if (!is_cdf) {
		reader_set_format(r, "rss20");
		common_fill_language(r, e);
		common_fill_about(r, e);
		return;
	}
	reader_set_format(r, "cdf");
	cdf_start_channel(r, e);
}

static void start_item(struct reader *r, const struct xml_element *e)
{
	reader_begin_item(r, e);
	if (reader_item(r))
		common_fill_about(r, e); /* RSS 1.1 */
}

static void start_guid(struct reader *r, const struct xml_element *e)
{
	reader_remember(r, REMEMBER_TYPE, xml_attribute(e, "isPermaLink"));
}

/* RSS 2.0: a guid is a permalink unless it says not. */
static void end_guid(struct reader *r, const char *text)
{
	struct raw_item *i = reader_item(r);
	const char *permalink = reader_remembered(r, REMEMBER_TYPE), *before = i ? i->id : NULL;

	if (!i)
		return;
	reader_fill(r, SLOT_ID, RANK_ID_OWN, text, RAW_TEXT_PLAIN);
	if (i->id == before)
		return;
	i->id_is_said_link = permalink && text_equal_nocase(permalink, "true");
	i->id_is_link = !permalink || i->id_is_said_link;
}

static void start_category(struct reader *r, const struct xml_element *e)
{
	const char *term = xml_attribute(e, "term");

	reader_remember(r, REMEMBER_SCHEME, xml_attribute(e, "domain"));
	if (term) /* Atom's, put into RSS by mistake */
		reader_add_category(r, term, xml_attribute(e, "scheme"), xml_attribute(e, "label"));
}

static void end_category(struct reader *r, const char *text)
{
	reader_add_category(r, text, reader_remembered(r, REMEMBER_SCHEME), NULL);
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

static void start_body(struct reader *r, const struct xml_element *e)
{
	(void)e;
	reader_set_xhtml(r);
}

static void end_name(struct reader *r, const char *text)
{
	reader_set_person(r, "name", text);
}

/* Of an item: <image>address</image>, <image url="..."/>, or with a <url> inside. */
static void start_item_image(struct reader *r, const struct xml_element *e)
{
	reader_fill(r, SLOT_THUMBNAIL, RANK_THUMBNAIL_IMAGE, xml_attribute(e, "url"), RAW_TEXT_PLAIN);
	reader_fill(r, SLOT_THUMBNAIL, RANK_THUMBNAIL_IMAGE, xml_attribute(e, "href"), RAW_TEXT_PLAIN);
}

static void end_item_image_url(struct reader *r, const char *text)
{
	reader_fill(r, reader_item(r) ? SLOT_THUMBNAIL : SLOT_LOGO, reader_item(r) ? RANK_THUMBNAIL_IMAGE : RANK_LOGO_OWN, text, RAW_TEXT_PLAIN);
}

static const struct rule rows[] = {
	{ "rss", PLACE_ROOT, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_TOP, start_rss, NULL },
	{ "channel", PLACE_ROOT, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_FEED, start_bare_channel, NULL },
	{ "channel", PLACE_TOP, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_FEED, NULL, NULL },
	{ "item", PLACE_FEED | PLACE_TOP | PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_ITEM, start_item, NULL },
	{ "items", PLACE_FEED, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_FEED, NULL, NULL }, /* RSS 1.1 */
	RSS_COMMON_ROWS,
	{ "guid", PLACE_ITEM, HOLDS_PLAIN, SLOT_ID, RANK_ID_OWN, PLACE_NONE, start_guid, end_guid },
	{ "pubDate", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, RANK_PUBLISHED_OWN, PLACE_NONE, NULL, NULL },
	{ "lastBuildDate", PLACE_FEED, HOLDS_PLAIN, SLOT_UPDATED, RANK_UPDATED_OWN, PLACE_NONE, NULL, NULL },
	{ "author", PLACE_BOTH, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_OWN, PLACE_PERSON, NULL, NULL },
	{ "managingEditor", PLACE_FEED, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_OWN, PLACE_NONE, NULL, NULL },
	{ "webMaster", PLACE_FEED, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_WEBMASTER, PLACE_NONE, NULL, NULL },
	{ "category", PLACE_BOTH, HOLDS_PLAIN, SLOT_CATEGORY, RANK_ANY, PLACE_NONE, start_category, end_category },
	{ "comments", PLACE_ITEM, HOLDS_PLAIN, SLOT_COMMENTS, RANK_COMMENTS_OWN, PLACE_NONE, NULL, NULL },
	{ "fullitem", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, RANK_CONTENT_FULL, PLACE_NONE, NULL, NULL },
	{ "full-text", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, RANK_CONTENT_FULL, PLACE_NONE, NULL, NULL },
	{ "content", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, RANK_CONTENT_FULL, PLACE_NONE, NULL, NULL },
	{ "body", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, RANK_CONTENT_XHTML, PLACE_NONE, start_body, NULL },
	{ "name", PLACE_PERSON, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_name },
	{ "source", PLACE_ITEM, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, start_source, end_source },
	{ "copyright", PLACE_BOTH, HOLDS_PLAIN, SLOT_RIGHTS, RANK_RIGHTS_OWN, PLACE_NONE, NULL, NULL },
	{ "language", PLACE_BOTH, HOLDS_PLAIN, SLOT_LANGUAGE, RANK_LANGUAGE_OWN, PLACE_NONE, NULL, NULL },
	{ "generator", PLACE_FEED, HOLDS_PLAIN, SLOT_GENERATOR, RANK_GENERATOR_OWN, PLACE_NONE, NULL, NULL },
	{ "ttl", PLACE_FEED, HOLDS_PLAIN, SLOT_TTL, RANK_TTL_OWN, PLACE_NONE, NULL, NULL },
	{ "skipHours", PLACE_FEED, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_SKIP_HOURS, NULL, NULL },
	{ "hour", PLACE_SKIP_HOURS, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_hour },
	{ "skipDays", PLACE_FEED, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_SKIP_DAYS, NULL, NULL },
	{ "day", PLACE_SKIP_DAYS, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_day },
	{ "image", PLACE_ITEM, HOLDS_PLAIN, SLOT_THUMBNAIL, RANK_THUMBNAIL_IMAGE, PLACE_IMAGE, start_item_image, NULL },
	{ "url", PLACE_IMAGE, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_item_image_url },
	{ 0 },
};

/* The last ones are what feeds write that took the address of a specification for a namespace. */
static const char *const uris[] = { "http://backend.userland.com/rss2", "http://blogs.law.harvard.edu/tech/rss",
	                            "http://backend.userland.com/rss", "http://www.rssboard.org/rss-specification",
	                            "http://purl.org/rss/2.0", "http://purl.org/net/rss1.1", "http://backend.userland.com/rss091",
	                            "http://backend.userland.com/rss092", "http://cyber.law.harvard.edu/rss/rss.html", "", NULL };
const struct namespace_table ns_rss = { uris, NULL, rows };
