/* Slashdot's module: how many comments an item has, and its desk. */
#include "reader.h"

static const struct rule rows[] = {
	{ "comments", PLACE_ITEM, HOLDS_PLAIN, SLOT_COMMENTS_COUNT, RANK_COMMENTS_COUNT_SLASH, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://purl.org/rss/1.0/modules/slash/", NULL };
static const char *const prefixes[] = { "slash", NULL };
const struct namespace_table ns_slash = { uris, prefixes, rows };
