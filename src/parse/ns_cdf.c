/* The Channel Definition Format of 1997: everything is in attributes, in capitals, and titles stand beside. */
#include "ns_common.h"

void cdf_start_channel(struct reader *r, const struct xml_element *e)
{
	const char *self = xml_attribute(e, "SELF");

	reader_add_link(r, NULL, xml_attribute(e, "HREF"), NULL);
	reader_add_link(r, NULL, self, "self");
	reader_fill(r, SLOT_UPDATED, RANK_UPDATED_OWN, xml_attribute(e, "LASTMOD"), RAW_TEXT_PLAIN);
	if (!reader_feed(r)->base)
		reader_feed(r)->base = reader_keep(r, xml_attribute(e, "BASE"));
}

static void start_item(struct reader *r, const struct xml_element *e)
{
	reader_begin_item(r, e);
	if (!reader_item(r))
		return;
	reader_add_link(r, NULL, xml_attribute(e, "HREF"), NULL);
	reader_fill(r, SLOT_UPDATED, RANK_UPDATED_OWN, xml_attribute(e, "LASTMOD"), RAW_TEXT_PLAIN);
}

static void start_anchor(struct reader *r, const struct xml_element *e)
{
	reader_add_link(r, NULL, xml_attribute(e, "HREF"), NULL);
}

static void start_logo(struct reader *r, const struct xml_element *e)
{
	const char *href = xml_attribute(e, "HREF");

	if (reader_item(r))
		reader_fill(r, SLOT_THUMBNAIL, RANK_THUMBNAIL_IMAGE, href, RAW_TEXT_PLAIN);
	else
		reader_fill(r, SLOT_LOGO, RANK_LOGO_OWN, href, RAW_TEXT_PLAIN);
}

/* Both may have their text in an attribute instead. */
static void start_title(struct reader *r, const struct xml_element *e)
{
	reader_fill(r, SLOT_TITLE, RANK_TITLE_OWN, xml_attribute(e, "VALUE"), RAW_TEXT_GUESS);
}

static void start_abstract(struct reader *r, const struct xml_element *e)
{
	reader_fill(r, SLOT_SUMMARY, RANK_SUMMARY_OWN, xml_attribute(e, "VALUE"), RAW_TEXT_HTML);
}

static const struct rule rows[] = {
	/* Channels in channels are sections: their items are the feed's. */
	{ "channel", PLACE_FEED, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_FEED, NULL, NULL },
	{ "item", PLACE_FEED | PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_ITEM, start_item, NULL },
	{ "a", PLACE_BOTH, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_anchor, NULL },
	{ "logo", PLACE_BOTH, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_logo, NULL },
	{ "title", PLACE_BOTH, HOLDS_GUESS, SLOT_TITLE, RANK_TITLE_OWN, PLACE_NONE, start_title, NULL },
	{ "abstract", PLACE_BOTH, HOLDS_HTML, SLOT_SUMMARY, RANK_SUMMARY_OWN, PLACE_NONE, start_abstract, NULL },
	{ 0 },
};

const struct namespace_table ns_cdf = { NULL, NULL, rows };
