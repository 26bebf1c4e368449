/* Services that put a counting redirector before every link, and say where it leads: FeedBurner and Pheedo. */
#include "reader.h"

static void end_original_file(struct reader *r, const char *text)
{
	reader_add_link(r, NULL, text, "canonical-enclosure");
}

static const struct rule rows[] = {
	{ "origLink", PLACE_ITEM, HOLDS_PLAIN, SLOT_ORIGINAL_URL, RANK_ORIGINAL_URL_FEEDBURNER, PLACE_NONE, NULL, NULL },
	{ "origEnclosureLink", PLACE_ITEM, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_original_file },
	{ 0 },
};
static const char *const uris[] = { "http://rssnamespace.org/feedburner/ext/1.0", NULL };
static const char *const prefixes[] = { "feedburner", NULL };
const struct namespace_table ns_feedburner = { uris, prefixes, rows };

static const char *const pheedo_uris[] = { "http://www.pheedo.com/namespace/pheedo", NULL };
static const char *const pheedo_prefixes[] = { "pheedo", NULL };
const struct namespace_table ns_pheedo = { pheedo_uris, pheedo_prefixes, rows };
