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

enum { MAX_TYPE = 64 };

/* What the attribute says, in small letters, without blanks around it and parameters behind it; "" for nothing. */
static const char *type_of(const struct xml_element *e, const char *name, char out[MAX_TYPE])
{
	const char *s = xml_attribute(e, name);
	size_t n = 0;

	while (s && text_is_space(*s))
		s++;
	for (; s && *s && *s != ';' && !text_is_space(*s) && n < MAX_TYPE - 1; s++)
		out[n++] = text_lower(*s);
	out[n] = '\0';
	return out;
}

static bool is_html_type(const char *type)
{
	return strcmp(type, "html") == 0 || strcmp(type, "text/html") == 0;
}

static bool is_xhtml_type(const char *type)
{
	return strcmp(type, "xhtml") == 0 || strcmp(type, "application/xhtml+xml") == 0;
}

/* What is shown or played and never read, unless it is written as XML. */
static bool is_picture(const char *type)
{
	static const char *const kinds[] = { "image/", "audio/", "video/", "font/" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (text_has_prefix(type, kinds[i]))
			return !strstr(type, "+xml");
	}
	return false;
}

/* Atom 0.3 said by its mode how the media type is written. */
static void start_old_text(struct reader *r, const char *type, const char *mode)
{
	if (!*mode || strcmp(mode, "xml") == 0) {
		if (is_xhtml_type(type) || strcmp(type, "text/html") == 0)
			reader_set_xhtml(r);
		else if (strcmp(type, "html") == 0)
			reader_set_kind(r, RAW_TEXT_HTML);
	} else if (!*type || is_html_type(type) || strcmp(type, "application/xhtml+xml") == 0) {
		reader_set_kind(r, strcmp(mode, "escaped") == 0 ? RAW_TEXT_HTML : RAW_TEXT_GUESS);
	}
}

/* A text construct, RFC 4287 section 3.1.1. */
static void start_text(struct reader *r, const struct xml_element *e)
{
	char type_room[MAX_TYPE], mode_room[MAX_TYPE];
	const char *type = type_of(e, "type", type_room), *mode = type_of(e, "mode", mode_room), *slash = strchr(type, '/');

	if (strcmp(mode, "base64") == 0)
		reader_set_base64(r);
	if (is_old(e)) {
		start_old_text(r, type, mode);
		return;
	}
	if (is_html_type(type))
		reader_set_kind(r, RAW_TEXT_HTML);
	else if (is_xhtml_type(type))
		reader_set_xhtml(r);
	else if (is_picture(type))
		reader_drop_field(r);
	else if (slash && !text_has_prefix(type, "text/") && !text_has_prefix(type, "multipart/") && !text_has_prefix(slash, "/xml") && !strstr(type, "+xml"))
		reader_set_base64(r); /* section 4.1.3.3: other media types are base64 */
}

static void start_content(struct reader *r, const struct xml_element *e)
{
	const char *src = xml_attribute(e, "src");

	if (src)
		reader_add_link(r, e, src, "content");
	start_text(r, e);
}

/* One of several forms of the same content (Atom 0.3, multipart/alternative): HTML before plain text, else the first. */
static void start_part(struct reader *r, const struct xml_element *e)
{
	char type[MAX_TYPE];

	start_text(r, e);
	type_of(e, "type", type);
	if (is_html_type(type) || is_xhtml_type(type))
		reader_yield(r, SLOT_CONTENT);
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
	{ "content", PLACE_ITEM, HOLDS_TYPED, SLOT_CONTENT, RANK_CONTENT_ATOM, PLACE_PARTS, start_content, NULL },
	{ "content", PLACE_PARTS, HOLDS_TYPED, SLOT_CONTENT, RANK_CONTENT_ATOM, PLACE_NONE, start_part, NULL },
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
