/* Dublin Core, plain and qualified: what blogs wrote before RSS had authors' names and usable dates. */
#include "reader.h"

static const struct rule rows[] = {
	{ "title", PLACE_BOTH, HOLDS_GUESS, SLOT_TITLE, 2, PLACE_NONE, NULL, NULL },
	{ "creator", PLACE_BOTH, HOLDS_PLAIN, SLOT_AUTHOR, 5, PLACE_NONE, NULL, NULL }, /* a name, while RSS's author is an address */
	{ "author", PLACE_BOTH, HOLDS_PLAIN, SLOT_AUTHOR, 3, PLACE_NONE, NULL, NULL },
	{ "publisher", PLACE_FEED, HOLDS_PLAIN, SLOT_AUTHOR, 1, PLACE_NONE, NULL, NULL },
	{ "subject", PLACE_BOTH, HOLDS_PLAIN, SLOT_CATEGORY, 0, PLACE_NONE, NULL, NULL },
	{ "date", PLACE_BOTH, HOLDS_PLAIN, SLOT_UPDATED, 3, PLACE_NONE, NULL, NULL },
	{ "description", PLACE_BOTH, HOLDS_HTML, SLOT_SUMMARY, 2, PLACE_NONE, NULL, NULL },
	{ "language", PLACE_BOTH, HOLDS_PLAIN, SLOT_LANGUAGE, 3, PLACE_NONE, NULL, NULL },
	{ "rights", PLACE_BOTH, HOLDS_PLAIN, SLOT_RIGHTS, 3, PLACE_NONE, NULL, NULL },
	{ "identifier", PLACE_ITEM, HOLDS_PLAIN, SLOT_ID, 2, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/", NULL };
const struct namespace_table ns_dc = { uris, "dc", rows };

static const struct rule term_rows[] = {
	{ "issued", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, 3, PLACE_NONE, NULL, NULL },
	{ "created", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, 2, PLACE_NONE, NULL, NULL },
	{ "modified", PLACE_BOTH, HOLDS_PLAIN, SLOT_UPDATED, 4, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const term_uris[] = { "http://purl.org/dc/terms/", NULL };
const struct namespace_table ns_dcterms = { term_uris, "dcterms", term_rows };
