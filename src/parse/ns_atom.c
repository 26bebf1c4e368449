/* Atom 1.0 (RFC 4287) and the 0.3 before it, and Atom's elements inside RSS. */
#include "ns_common.h"

#include <string.h>

#include "syndicated/base/text.h"

static bool is_old(const struct xml_element *e)
{
	return e->name.uri && text_has_prefix_nocase(e->name.uri, "http://purl.org/atom/");
}

static void start_feed(struct reader *r, const struct xml_element *e)
{
	const char *version = xml_attribute(e, "version");

	reader_set_format(r, is_old(e) || (!e->name.uri && version && text_has_prefix(version, "0.")) ? "atom03" : "atom10");
	common_fill_language(r, e);
}

static void start_single_entry(struct reader *r, const struct xml_element *e)
{
	start_feed(r, e);
	reader_begin_item(r, e);
}

/* A text construct, RFC 4287 section 3.1.1; Atom 0.3 said the same by mode and a media type. */
static void start_text(struct reader *r, const struct xml_element *e)
{
	const char *type = xml_attribute(e, "type"), *mode = xml_attribute(e, "mode");
	const char *slash = type ? strchr(type, '/') : NULL;

	if (mode && text_equal_nocase(mode, "base64"))
		reader_set_base64(r);
	if (is_old(e) && (!mode || text_equal_nocase(mode, "xml"))) {
		if (type && (text_equal_nocase(type, "application/xhtml+xml") || text_equal_nocase(type, "text/html") || text_equal_nocase(type, "xhtml")))
			reader_set_xhtml(r);
		else if (type && text_equal_nocase(type, "html"))
			reader_set_kind(r, RAW_TEXT_HTML);
		return;
	}
	if (is_old(e)) {
		if (!type || text_has_prefix_nocase(type, "text/html") || text_equal_nocase(type, "html") ||
		    text_equal_nocase(type, "application/xhtml+xml"))
			reader_set_kind(r, mode && text_equal_nocase(mode, "escaped") ? RAW_TEXT_HTML : RAW_TEXT_GUESS);
		return;
	}
	if (!type || text_equal_nocase(type, "text"))
		return;
	if (text_equal_nocase(type, "html") || text_has_prefix_nocase(type, "text/html"))
		reader_set_kind(r, RAW_TEXT_HTML);
	else if (text_equal_nocase(type, "xhtml") || text_equal_nocase(type, "application/xhtml+xml"))
		reader_set_xhtml(r);
	else if (slash && !text_has_prefix_nocase(type, "text/") && !text_has_prefix_nocase(slash, "/xml") && !strstr(type, "+xml"))
		reader_set_base64(r); /* section 4.1.3.3: other media types are base64 */
}

static void start_content(struct reader *r, const struct xml_element *e)
{
	const char *src = xml_attribute(e, "src");

	if (src)
		reader_add_link(r, e, src, "content");
	start_text(r, e);
}

static void start_category(struct reader *r, const struct xml_element *e)
{
	const char *term = xml_attribute(e, "term");

	reader_remember(r, REMEMBER_LABEL, term);
	reader_add_category(r, term, xml_attribute(e, "scheme"), xml_attribute(e, "label"));
}

/* <category>word</category>, as in RSS. */
static void end_category(struct reader *r, const char *text)
{
	if (!reader_remembered(r, REMEMBER_LABEL))
		reader_add_category(r, text, NULL, NULL);
}

static void end_name(struct reader *r, const char *text)
{
	reader_set_person(r, "name", text);
}

static void end_email(struct reader *r, const char *text)
{
	reader_set_person(r, "email", text);
}

static void end_uri(struct reader *r, const char *text)
{
	reader_set_person(r, "url", text);
}

static void end_source_id(struct reader *r, const char *text)
{
	if (reader_item(r))
		reader_item(r)->source.id = reader_keep(r, text);
}

static void end_source_title(struct reader *r, const char *text)
{
	if (reader_item(r))
		reader_item(r)->source.title = reader_keep(r, text);
}

static void start_source_link(struct reader *r, const struct xml_element *e)
{
	const char *rel = xml_attribute(e, "rel");

	if (!reader_item(r))
		return;
	if (rel && text_equal_nocase(rel, "self"))
		reader_item(r)->source.url = reader_keep(r, xml_attribute(e, "href"));
	else if (!rel || text_equal_nocase(rel, "alternate"))
		reader_item(r)->source.link = reader_keep(r, xml_attribute(e, "href"));
}

/* Inside RSS these stand beside RSS's own, which were written for the readers of it (precedence.h). */
static const struct rule rows[] = {
	{ "feed", PLACE_ROOT, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_FEED, start_feed, NULL },
	{ "entry", PLACE_ROOT, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_ITEM, start_single_entry, NULL },
	{ "entry", PLACE_FEED | PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_ITEM, reader_begin_item, NULL },
	{ "title", PLACE_BOTH, HOLDS_TYPED, SLOT_TITLE, RANK_TITLE_ATOM, PLACE_NONE, start_text, NULL },
	{ "subtitle", PLACE_FEED, HOLDS_TYPED, SLOT_SUMMARY, RANK_SUMMARY_ATOM, PLACE_NONE, start_text, NULL },
	{ "tagline", PLACE_FEED, HOLDS_TYPED, SLOT_SUMMARY, RANK_SUMMARY_ATOM, PLACE_NONE, start_text, NULL },
	{ "summary", PLACE_ITEM, HOLDS_TYPED, SLOT_SUMMARY, RANK_SUMMARY_ATOM, PLACE_NONE, start_text, NULL },
	{ "content", PLACE_ITEM, HOLDS_TYPED, SLOT_CONTENT, RANK_CONTENT_ATOM, PLACE_NONE, start_content, NULL },
	{ "id", PLACE_BOTH, HOLDS_PLAIN, SLOT_ID, RANK_ID_ATOM, PLACE_NONE, NULL, NULL },
	{ "link", PLACE_BOTH, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, common_start_link, common_end_link },
	{ "published", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, RANK_PUBLISHED_ATOM, PLACE_NONE, NULL, NULL },
	{ "issued", PLACE_BOTH, HOLDS_PLAIN, SLOT_PUBLISHED, RANK_PUBLISHED_ATOM, PLACE_NONE, NULL, NULL },
	{ "created", PLACE_ITEM, HOLDS_PLAIN, SLOT_PUBLISHED, RANK_PUBLISHED_CREATED, PLACE_NONE, NULL, NULL },
	{ "updated", PLACE_BOTH, HOLDS_PLAIN, SLOT_UPDATED, RANK_UPDATED_ATOM, PLACE_NONE, NULL, NULL },
	{ "modified", PLACE_BOTH, HOLDS_PLAIN, SLOT_UPDATED, RANK_UPDATED_MODIFIED, PLACE_NONE, NULL, NULL },
	{ "author", PLACE_BOTH, HOLDS_NOTHING, SLOT_AUTHOR, RANK_AUTHOR_ATOM, PLACE_PERSON, NULL, NULL },
	{ "name", PLACE_PERSON, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_name },
	{ "email", PLACE_PERSON, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_email },
	{ "uri", PLACE_PERSON, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_uri },
	{ "url", PLACE_PERSON, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_uri },
	{ "category", PLACE_BOTH, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, start_category, end_category },
	{ "rights", PLACE_BOTH, HOLDS_TYPED, SLOT_RIGHTS, RANK_RIGHTS_OWN, PLACE_NONE, start_text, NULL },
	{ "copyright", PLACE_BOTH, HOLDS_TYPED, SLOT_RIGHTS, RANK_RIGHTS_OWN, PLACE_NONE, start_text, NULL },
	{ "generator", PLACE_FEED, HOLDS_PLAIN, SLOT_GENERATOR, RANK_GENERATOR_OWN, PLACE_NONE, NULL, NULL },
	{ "icon", PLACE_FEED, HOLDS_PLAIN, SLOT_ICON, RANK_ICON_OWN, PLACE_NONE, NULL, NULL },
	{ "logo", PLACE_FEED, HOLDS_PLAIN, SLOT_LOGO, RANK_LOGO_OWN, PLACE_NONE, NULL, NULL },
	{ "source", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_SOURCE, NULL, NULL },
	{ "id", PLACE_SOURCE, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_source_id },
	{ "title", PLACE_SOURCE, HOLDS_TYPED, SLOT_NONE, RANK_ANY, PLACE_NONE, start_text, end_source_title },
	{ "link", PLACE_SOURCE, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_source_link, NULL },
	{ 0 },
};

static const char *const uris[] = { "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns", "http://purl.org/atom/ns#",
	                            "http://example.com/newformat#", "http://example.com/necho", "http://purl.org/echo/",
	                            "uri/of/echo/namespace#", NULL };
static const char *const prefixes[] = { "atom", "atom10", "a10", "atom03", NULL };
const struct namespace_table ns_atom = { uris, prefixes, rows };
