/* Namespaces of which one element matters: who generated an RSS 1.0 feed, licences, journals' dates. */
#include "ns_common.h"

static void start_generator(struct reader *r, const struct xml_element *e)
{
	reader_fill(r, SLOT_GENERATOR, RANK_GENERATOR_ADMIN, xml_attribute_ns(e, RDF_URI, "resource"), RAW_TEXT_PLAIN);
}

static const struct rule admin_rows[] = {
	{ "generatorAgent", PLACE_FEED, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_generator, NULL },
	{ 0 },
};
static const char *const admin_uris[] = { "http://webns.net/mvcb/", NULL };
static const char *const admin_prefixes[] = { "admin", NULL };
const struct namespace_table ns_admin = { admin_uris, admin_prefixes, admin_rows };

static void start_license(struct reader *r, const struct xml_element *e)
{
	reader_add_link(r, NULL, xml_attribute_ns(e, RDF_URI, "resource"), "license");
}

static void end_license(struct reader *r, const char *text)
{
	reader_add_link(r, NULL, text, "license");
}

static const struct rule cc_rows[] = {
	{ "license", PLACE_BOTH, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, start_license, end_license },
	{ 0 },
};
static const char *const cc_uris[] = { "http://backend.userland.com/creativeCommonsRssModule", "http://web.resource.org/cc/", "http://creativecommons.org/ns#",
	                               "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html", NULL };
static const char *const cc_prefixes[] = { "creativeCommons", "cc", NULL };
const struct namespace_table ns_cc = { cc_uris, cc_prefixes, cc_rows };

static const struct rule prism_rows[] = {
	{ "publicationDate", PLACE_ITEM, HOLDS_PLAIN, SLOT_PUBLISHED, RANK_PUBLISHED_PRISM, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const prism_uris[] = { "http://prismstandard.org/namespaces/basic/2.0/", "http://prismstandard.org/namespaces/1.2/basic/",
	                                  "http://purl.org/rss/1.0/modules/prism/", "http://prismstandard.org/namespaces/basic/3.0/", NULL };
static const char *const prism_prefixes[] = { "prism", NULL };
const struct namespace_table ns_prism = { prism_uris, prism_prefixes, prism_rows };
