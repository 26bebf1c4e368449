/* RSS's content module: the whole text, where description is often only its beginning. */
#include "reader.h"

static const struct rule rows[] = {
	{ "encoded", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, RANK_CONTENT_ENCODED, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://purl.org/rss/1.0/modules/content/", NULL };
static const char *const prefixes[] = { "content", NULL };
const struct namespace_table ns_content = { uris, prefixes, rows };
