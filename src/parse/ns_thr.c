/* Atom threading, RFC 4685: what an item answers, and how many answer it. */
#include "ns_common.h"

static void start_in_reply_to(struct reader *r, const struct xml_element *e)
{
	const char *href = xml_attribute(e, "href");

	reader_fill(r, SLOT_IN_REPLY_TO, RANK_IN_REPLY_TO_THR, href ? href : xml_attribute(e, "ref"), RAW_TEXT_PLAIN);
}

static const struct rule rows[] = {
	{ "in-reply-to", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_in_reply_to, NULL },
	{ "total", PLACE_ITEM, HOLDS_PLAIN, SLOT_COMMENTS_COUNT, RANK_COMMENTS_COUNT_THR, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { THR_URI, NULL };
static const char *const prefixes[] = { "thr", NULL };
const struct namespace_table ns_thr = { uris, prefixes, rows };
