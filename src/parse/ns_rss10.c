/* RSS 0.90, 1.0 and the RDF around them. */
#include "ns_common.h"

#include <string.h>

#include "syndicated/base/text.h"

void rss_start_enclosure(struct reader *r, const struct xml_element *e)
{
	const char *url = xml_attribute(e, "url");

	reader_add_enclosure(r, e, url ? url : xml_attribute(e, "href"), xml_attribute(e, "length"));
}

/* RSS 1.0 until an element of the older namespace shows. */
static void start_rdf(struct reader *r, const struct xml_element *e)
{
	reader_set_format(r, "rss10");
	common_fill_language(r, e);
}

/* RSS 0.90 is RDF too; its channel is in Netscape's namespace. */
static void start_channel(struct reader *r, const struct xml_element *e)
{
	if (e->name.uri && strstr(e->name.uri, "netscape.com"))
		reader_set_format(r, "rss09x");
	common_fill_about(r, e);
}

static void start_item(struct reader *r, const struct xml_element *e)
{
	reader_begin_item(r, e);
	if (reader_item(r))
		common_fill_about(r, e);
}

static void end_image_url(struct reader *r, const char *text)
{
	reader_fill(r, SLOT_LOGO, RANK_LOGO_OWN, text, RAW_TEXT_PLAIN);
}

static const struct rule rows[] = {
	{ "channel", PLACE_TOP, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_FEED, start_channel, NULL },
	{ "item", PLACE_FEED | PLACE_TOP | PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_ITEM, start_item, NULL },
	RSS_COMMON_ROWS,
	{ "url", PLACE_IMAGE, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_image_url },
	/* Of RSS 2.0, put into RSS 1.0 by tools that write both. */
	{ "pubDate", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, RANK_PUBLISHED_OWN, PLACE_NONE, NULL, NULL },
	{ "author", PLACE_ITEM, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_OWN, PLACE_NONE, NULL, NULL },
	{ "category", PLACE_ITEM, HOLDS_PLAIN, SLOT_CATEGORY, RANK_ANY, PLACE_NONE, NULL, NULL },
	{ "language", PLACE_FEED, HOLDS_PLAIN, SLOT_LANGUAGE, RANK_LANGUAGE_OWN, PLACE_NONE, NULL, NULL },
	{ "copyright", PLACE_FEED, HOLDS_PLAIN, SLOT_RIGHTS, RANK_RIGHTS_OWN, PLACE_NONE, NULL, NULL },
	{ 0 },
};

static const char *const uris[] = { "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/",
	                            "http://channel.netscape.com/rdf/simple/0.9/", "http://my.netscape.com/publish/formats/rss-0.91.dtd",
	                            NULL };
static const char *const prefixes[] = { "rss", "rss10", NULL };
const struct namespace_table ns_rss10 = { uris, prefixes, rows };

static const struct rule rdf_rows[] = {
	{ "RDF", PLACE_ROOT, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_TOP, start_rdf, NULL },
	{ 0 },
};

static const char *const rdf_uris[] = { RDF_URI, NULL };
static const char *const rdf_prefixes[] = { "rdf", NULL };
const struct namespace_table ns_rdf = { rdf_uris, rdf_prefixes, rdf_rows };
