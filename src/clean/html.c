/*
 * Foreign HTML to safe HTML. libxml2's HTML parser reads; nothing of what it says is believed but text and names that
 * are on our list, and nothing of the source is copied (style.md 4.5). The walk is iterative: depth is the attacker's.
 */
#include "html.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"

struct html_attribute_list {
	xmlNodePtr node;
};

char *html_attribute_get(const struct html_attribute_list *l, const char *name)
{
	for (xmlAttrPtr a = l->node->properties; a; a = a->next) {
		struct buf value = BUF_INIT(LIMIT_FIELD_BYTES), clean = BUF_INIT(LIMIT_FIELD_BYTES);
		char *ret = NULL;

		if (strcmp((const char *)a->name, name) != 0)
			continue;
		for (xmlNodePtr t = a->children; t; t = t->next) {
			if (t->content)
				buf_append_str(&value, (const char *)t->content);
		}
		text_scrub(&clean, buf_str(&value), value.len);
		buf_done(&value);
		if (clean.len == 0)
			buf_append_char(&clean, '\0');
		if (buf_take(&clean, &ret, NULL) < 0)
			ret = NULL;
		return ret;
	}
	return NULL;
}

static htmlDocPtr read_document(const char *html, size_t len)
{
	struct buf clean = BUF_INIT(3 * (size_t)LIMIT_FIELD_BYTES);
	htmlDocPtr doc = NULL;

	/* A body around it, so that nothing in it can be taken for a head. */
	buf_append_str(&clean, "<html><body>");
	text_scrub(&clean, html, len);
	if (buf_error(&clean) == 0)
		doc = htmlReadMemory(clean.bytes, (int)clean.len, NULL, "UTF-8",
		                     HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_RECOVER);
	buf_done(&clean);
	return doc;
}

static const struct element_policy *policy_of(xmlNodePtr n)
{
	return html_policy_find((const char *)n->name);
}

/*
 * A node is entered, its children follow, it is left. `_private` of a node (libxml2 leaves it to the application)
 * remembers that the visitor opened it.
 */
void html_walk(const char *html, size_t len, const struct html_visitor *v, void *ctx)
{
	static char opened;
	htmlDocPtr doc = read_document(html, len);
	xmlNodePtr n = doc ? xmlDocGetRootElement(doc) : NULL, root = n;

	while (n) {
		bool down = false;

		if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) {
			if (n->content)
				v->text_cb((const char *)n->content, strlen((const char *)n->content), ctx);
		} else if (n->type == XML_ELEMENT_NODE && policy_of(n)->fate != FATE_DROP) {
			struct html_attribute_list attributes = { n };

			n->_private = v->enter_cb(policy_of(n), &attributes, ctx) ? &opened : NULL;
			down = true;
		}
		if (down && n->children) {
			n = n->children;
			continue;
		}
		for (;;) {
			if (n->type == XML_ELEMENT_NODE && policy_of(n)->fate != FATE_DROP)
				v->leave_cb(policy_of(n), n->_private != NULL, ctx);
			if (n == root || n->next)
				break;
			n = n->parent;
		}
		n = n == root ? NULL : n->next;
	}
	if (doc)
		xmlFreeDoc(doc);
}

/* ---- the writer ---- */

struct writer {
	struct markup markup;
	const char *base;
	bool in_link;
	struct buf *text; /* the same as plain text; NULL: not wanted */
};

static bool is_number(const char *s)
{
	return *s && strlen(s) <= 5 && strspn(s, "0123456789") == strlen(s);
}

/* What may be written for an attribute, or NULL. */
static char *clean_value(const struct writer *w, enum attribute_kind kind, char *value)
{
	char *ret = NULL;

	switch (kind) {
	case ATTRIBUTE_TEXT:
		return value;
	case ATTRIBUTE_NUMBER:
		if (is_number(value))
			return value;
		break;
	case ATTRIBUTE_DIRECTION:
		if (text_equal_nocase(value, "ltr") || text_equal_nocase(value, "rtl") || text_equal_nocase(value, "auto"))
			return value;
		break;
	case ATTRIBUTE_LINK:
		if (text_has_prefix_nocase(value, "mailto:") && strlen(value) < LIMIT_SHORT_BYTES && value[strcspn(value, " \t\r\n<>\"")] == '\0')
			return value;
		ret = clean_url(value, w->base);
		break;
	case ATTRIBUTE_PICTURE:
		ret = clean_url(value, w->base);
		break;
	}
	mem_free(value);
	return ret;
}

static bool is_pixel(const struct html_attribute_list *l)
{
	auto_free char *width = html_attribute_get(l, "width"), *height = html_attribute_get(l, "height");
	auto_free char *src = html_attribute_get(l, "src");

	if (!src)
		return true;
	return width && height && strlen(width) == 1 && strlen(height) == 1 && width[0] <= '1' && height[0] <= '1';
}

static void write_attributes(struct writer *w, const char *element, const struct html_attribute_list *l)
{
	size_t n;
	const struct allowed_attribute *a = html_policy_attributes(&n);

	for (size_t i = 0; i < n; i++) {
		char *value;

		if (a[i].element && strcmp(a[i].element, element) != 0)
			continue;
		value = html_attribute_get(l, a[i].name);
		if (!value)
			continue;
		value = clean_value(w, a[i].kind, value);
		if (value && strcmp(a[i].name, "href") == 0) {
			markup_attr(&w->markup, "href", value);
			markup_attr(&w->markup, "rel", "nofollow noopener noreferrer"); /* REL-29 */
		} else {
			markup_attr(&w->markup, a[i].name, value);
		}
		mem_free(value);
	}
	if (strcmp(element, "img") == 0) {
		markup_attr(&w->markup, "loading", "lazy");
		markup_attr(&w->markup, "referrerpolicy", "no-referrer");
	}
}

static bool enter(const struct element_policy *p, const struct html_attribute_list *l, void *ctx)
{
	struct writer *w = ctx;
	bool picture = p->name && strcmp(p->name, "img") == 0, link = p->name && strcmp(p->name, "a") == 0;

	if (w->text)
		html_text_gap(w->text, p);
	if (p->fate != FATE_KEEP || w->markup.depth >= (int)LIMIT_HTML_DEPTH) /* REL-92: deeper ones are flattened */
		return false;
	if (picture) {
		auto_free char *src = html_attribute_get(l, "src");
		auto_free char *url = src ? clean_url(src, w->base) : NULL;

		if (!url || is_pixel(l))
			return false;
	}
	if (link && w->in_link) /* HTML has no link in a link; parsers would tear them apart */
		return false;
	w->in_link |= link;
	markup_begin(&w->markup, p->name);
	write_attributes(w, p->name, l);
	return true;
}

static void leave(const struct element_policy *p, bool opened, void *ctx)
{
	struct writer *w = ctx;

	if (w->text)
		html_text_gap(w->text, p);
	if (!opened)
		return;
	if (strcmp(p->name, "a") == 0)
		w->in_link = false;
	markup_end(&w->markup);
}

static void write_text(const char *s, size_t len, void *ctx)
{
	struct writer *w = ctx;
	struct buf clean = BUF_INIT(3 * len + 1);

	if (!text_is_clean(s, len)) { /* a character reference may stand for what XML cannot hold */
		text_scrub(&clean, s, len);
		s = buf_str(&clean);
		len = clean.len;
	}
	markup_text_n(&w->markup, s, len);
	if (w->text)
		buf_append(w->text, s, len);
	buf_done(&clean);
}

void clean_html_with_text(const char *html, size_t len, const char *base_url, struct buf *out, struct buf *ret_text)
{
	static const struct html_visitor visitor = { enter, leave, write_text };
	struct buf text = BUF_INIT(ret_text ? ret_text->max_bytes : 1);
	struct writer w = { .base = base_url, .text = ret_text ? &text : NULL };

	markup_init(&w.markup, out, MARKUP_HTML);
	html_walk(html, len, &visitor, &w);
	markup_finish(&w.markup);
	if (ret_text)
		html_text_end(&text, ret_text);
	buf_done(&text);
}

void clean_html(const char *html, size_t len, const char *base_url, struct buf *out)
{
	clean_html_with_text(html, len, base_url, out, NULL);
}
