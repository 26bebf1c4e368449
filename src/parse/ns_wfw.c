/* Where the comments of an item are: their feed, and the place that takes new ones. */
#include "reader.h"

static const struct rule rows[] = {
	{ "comment", PLACE_ITEM, HOLDS_PLAIN, SLOT_COMMENTS, RANK_COMMENTS_WFW, PLACE_NONE, NULL, NULL },
	{ "commentRss", PLACE_ITEM, HOLDS_PLAIN, SLOT_COMMENTS_FEED, RANK_COMMENTS_FEED_WFW, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://wellformedweb.org/CommentAPI/", NULL };
static const char *const prefixes[] = { "wfw", NULL };
const struct namespace_table ns_wfw = { uris, prefixes, rows };
