/* Podcasts. Everything here is second choice to what plain RSS says. */
#include "reader.h"

static void start_image(struct reader *r, const struct xml_element *e)
{
	reader_fill(r, reader_item(r) ? SLOT_THUMBNAIL : SLOT_LOGO, 1, xml_attribute(e, "href"), RAW_TEXT_PLAIN);
}

static void start_category(struct reader *r, const struct xml_element *e)
{
	reader_add_category(r, xml_attribute(e, "text"), "http://www.itunes.com/", NULL);
}

static const struct rule rows[] = {
	{ "author", PLACE_BOTH, HOLDS_PLAIN, SLOT_AUTHOR, 2, PLACE_NONE, NULL, NULL },
	{ "duration", PLACE_ITEM, HOLDS_PLAIN, SLOT_DURATION, 1, PLACE_NONE, NULL, NULL },
	{ "image", PLACE_BOTH, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_NONE, start_image, NULL },
	{ "category", PLACE_BOTH, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_NONE, start_category, NULL },
	{ "title", PLACE_ITEM, HOLDS_PLAIN, SLOT_TITLE, 1, PLACE_NONE, NULL, NULL },
	{ "subtitle", PLACE_BOTH, HOLDS_GUESS, SLOT_SUMMARY, 1, PLACE_NONE, NULL, NULL },
	{ "summary", PLACE_BOTH, HOLDS_HTML, SLOT_SUMMARY, 2, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://www.itunes.com/dtds/podcast-1.0.dtd", NULL };
const struct namespace_table ns_itunes = { uris, "itunes", rows };
