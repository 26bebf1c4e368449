/* Dublin Core, plain and qualified: what blogs wrote before RSS had authors' names and usable dates. */
#include "reader.h"

static const struct rule rows[] = {
	{ "title", PLACE_BOTH, HOLDS_GUESS, SLOT_TITLE, RANK_TITLE_DC, PLACE_NONE, NULL, NULL },
	{ "creator", PLACE_BOTH, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_OWN, PLACE_NONE, NULL, NULL },
	{ "author", PLACE_BOTH, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_DC_AUTHOR, PLACE_NONE, NULL, NULL },
	{ "publisher", PLACE_FEED, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_WEBMASTER, PLACE_NONE, NULL, NULL },
	{ "subject", PLACE_BOTH, HOLDS_PLAIN, SLOT_CATEGORY, RANK_ANY, PLACE_NONE, NULL, NULL },
	{ "date", PLACE_BOTH, HOLDS_PLAIN, SLOT_UPDATED, RANK_UPDATED_DC, PLACE_NONE, NULL, NULL },
	{ "description", PLACE_BOTH, HOLDS_HTML, SLOT_SUMMARY, RANK_SUMMARY_DC, PLACE_NONE, NULL, NULL },
	{ "language", PLACE_BOTH, HOLDS_PLAIN, SLOT_LANGUAGE, RANK_LANGUAGE_DC, PLACE_NONE, NULL, NULL },
	{ "rights", PLACE_BOTH, HOLDS_PLAIN, SLOT_RIGHTS, RANK_RIGHTS_DC, PLACE_NONE, NULL, NULL },
	{ "identifier", PLACE_ITEM, HOLDS_PLAIN, SLOT_ID, RANK_ID_DC, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/", "http://purl.org/metadata/dublin_core", NULL };
static const char *const prefixes[] = { "dc", NULL };
const struct namespace_table ns_dc = { uris, prefixes, rows };

static const struct rule term_rows[] = {
	{ "issued", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, RANK_PUBLISHED_ISSUED, PLACE_NONE, NULL, NULL },
	{ "available", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, RANK_PUBLISHED_ISSUED, PLACE_NONE, NULL, NULL },
	{ "created", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, RANK_PUBLISHED_CREATED, PLACE_NONE, NULL, NULL },
	{ "modified", PLACE_BOTH, HOLDS_PLAIN, SLOT_UPDATED, RANK_UPDATED_MODIFIED, PLACE_NONE, NULL, NULL },
	{ "abstract", PLACE_ITEM, HOLDS_HTML, SLOT_SUMMARY, RANK_SUMMARY_ABSTRACT, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const term_uris[] = { "http://purl.org/dc/terms/", NULL };
static const char *const term_prefixes[] = { "dcterms", "dct", NULL };
const struct namespace_table ns_dcterms = { term_uris, term_prefixes, term_rows };
