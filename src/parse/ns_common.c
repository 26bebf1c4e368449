#include "ns_common.h"

#include "syndicated/base/text.h"

/* The registry's full form of a relation means its name (RFC 4287 section 4.2.7.2). */
static const char *relation(const char *rel)
{
	static const char *const registries[] = { "http://www.iana.org/assignments/relation/", "http://www.iana.org/assignments/link-relations/" };

	for (size_t i = 0; rel && i < sizeof(registries) / sizeof(registries[0]); i++) {
		const char *p = registries[i], *s = rel;

		while (*p && *p == *s) {
			p++;
			s++;
		}
		if (!*p)
			return s;
	}
	return rel;
}

static void add_link(struct reader *r, const struct xml_element *e, const char *rel, const char *type, const char *href)
{
	if (reader_item(r) && rel && text_equal_nocase(rel, "enclosure")) {
		struct raw_enclosure *n = reader_add_enclosure(r, e, href, e ? xml_attribute(e, "length") : NULL);

		if (n && !n->type)
			n->type = reader_keep(r, type);
	} else {
		struct raw_link *l = reader_add_link(r, e, href, rel ? rel : "alternate");

		if (l && !l->type)
			l->type = reader_keep(r, type);
	}
}

void common_fill_language(struct reader *r, const struct xml_element *e)
{
	reader_fill(r, SLOT_LANGUAGE, RANK_LANGUAGE_XML, xml_attribute_ns(e, XML_URI, "lang"), RAW_TEXT_PLAIN);
}

void common_fill_about(struct reader *r, const struct xml_element *e)
{
	struct raw_item *i = reader_item(r);

	reader_fill(r, SLOT_ID, RANK_ID_ABOUT, xml_attribute_ns(e, RDF_URI, "about"), RAW_TEXT_PLAIN);
	if (i && i->id)
		i->id_is_link = true;
}

void common_start_link(struct reader *r, const struct xml_element *e)
{
	const char *href = xml_attribute(e, "href"), *rel = relation(xml_attribute(e, "rel"));

	if (href) {
		reader_remember(r, REMEMBER_HREF, ""); /* that there was one */
		add_link(r, e, rel, NULL, href);
		if (rel && text_equal_nocase(rel, "replies") && reader_item(r))
			reader_fill(r, SLOT_COMMENTS_COUNT, RANK_COMMENTS_COUNT_LINK, xml_attribute_ns(e, THR_URI, "count"), RAW_TEXT_PLAIN);
		return;
	}
	reader_remember(r, REMEMBER_REL, rel);
	reader_remember(r, REMEMBER_TYPE, xml_attribute(e, "type"));
}

/* <link>address</link> is RSS's way; in Atom it is a mistake, but meant. */
void common_end_link(struct reader *r, const char *text)
{
	if (!reader_remembered(r, REMEMBER_HREF))
		add_link(r, NULL, reader_remembered(r, REMEMBER_REL), reader_remembered(r, REMEMBER_TYPE), text);
}
