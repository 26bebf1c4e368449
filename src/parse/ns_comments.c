/* Where the comments of an item are: the page is RSS's <comments>; wfw names their feed, which is second choice. */
#include "reader.h"

static const struct rule wfw_rows[] = {
	{ "commentRss", PLACE_ITEM, HOLDS_PLAIN, SLOT_COMMENTS, 1, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const wfw_uris[] = { "http://wellformedweb.org/CommentAPI/", NULL };
const struct namespace_table ns_wfw = { wfw_uris, "wfw", wfw_rows };
