/* RSS's content module, and XHTML in an item: the whole text, where description is often only its beginning. */
#include "reader.h"

static const struct rule rows[] = {
	{ "encoded", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, 5, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://purl.org/rss/1.0/modules/content/", NULL };
const struct namespace_table ns_content = { uris, "content", rows };

static void start_xhtml(struct reader *r, const struct xml_element *e)
{
	(void)e;
	reader_set_xhtml(r);
}

static const struct rule xhtml_rows[] = {
	{ "body", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, 4, PLACE_NONE, start_xhtml, NULL },
	{ "div", PLACE_ITEM, HOLDS_HTML, SLOT_CONTENT, 4, PLACE_NONE, start_xhtml, NULL },
	{ 0 },
};
static const char *const xhtml_uris[] = { "http://www.w3.org/1999/xhtml", NULL };
const struct namespace_table ns_xhtml = { xhtml_uris, "xhtml", xhtml_rows };
