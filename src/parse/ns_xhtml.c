/* XHTML as elements in an RSS item, which some wrote before content:encoded was usual. */
#include "reader.h"

static void start_xhtml(struct reader *r, const struct xml_element *e)
{
	(void)e;
	reader_set_xhtml(r);
}

static const struct rule rows[] = {
	{ "body", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, RANK_CONTENT_XHTML, PLACE_NONE, start_xhtml, NULL },
	{ "div", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, RANK_CONTENT_XHTML, PLACE_NONE, start_xhtml, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://www.w3.org/1999/xhtml", NULL };
static const char *const prefixes[] = { "xhtml", NULL };
const struct namespace_table ns_xhtml = { uris, prefixes, rows };
