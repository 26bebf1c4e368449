#include "syndicated/base/markup.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "syndicated/base/text.h"

static bool is_void(const struct markup *m, const char *name)
{
	static const char *const names[] = {"area", "base", "br",   "col",  "embed",  "hr",    "img",
	                                    "input", "link", "meta", "source", "track", "wbr", NULL};

	if (m->kind != MARKUP_HTML)
		return false;
	for (size_t i = 0; names[i] != NULL; i++)
		if (text_equal_nocase(name, names[i]))
			return true;
	return false;
}

static void close_tag(struct markup *m)
{
	if (m->in_tag)
		buf_append_char(m->out, '>');
	m->in_tag = 0;
}

/* Content inside a void element is a bug: a browser would put it behind. */
static void begin_content(struct markup *m)
{
	assert(m->depth == 0 || !is_void(m, m->stack[m->depth - 1]));
	close_tag(m);
}

void markup_init(struct markup *m, struct buf *out, enum markup_kind kind)
{
	m->out = out;
	m->kind = kind;
	m->in_tag = 0;
	m->depth = 0;
}

void markup_prologue(struct markup *m)
{
	assert(m->depth == 0);
	if (m->kind == MARKUP_XML)
		buf_append_str(m->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	else
		buf_append_str(m->out, "<!doctype html>\n");
}

void markup_begin(struct markup *m, const char *name)
{
	assert(m->depth < MARKUP_MAX_DEPTH);
	begin_content(m);
	m->stack[m->depth++] = name;
	buf_append_char(m->out, '<');
	buf_append_str(m->out, name);
	m->in_tag = 1;
}

void markup_attr(struct markup *m, const char *name, const char *value)
{
	assert(m->in_tag);
	if (value == NULL)
		return;
	buf_append_char(m->out, ' ');
	buf_append_str(m->out, name);
	buf_append_str(m->out, "=\"");
	markup_escape_attr(m->out, value, strlen(value));
	buf_append_char(m->out, '"');
}

void markup_text_n(struct markup *m, const char *s, size_t len)
{
	if (s == NULL || len == 0)
		return;
	begin_content(m);
	markup_escape_text(m->out, s, len);
}

void markup_text(struct markup *m, const char *s)
{
	if (s != NULL)
		markup_text_n(m, s, strlen(s));
}

void markup_safe_html(struct markup *m, struct safe_html html)
{
	assert(m->kind == MARKUP_HTML);
	if (html.len == 0)
		return;
	begin_content(m);
	buf_append(m->out, html.bytes, html.len);
}

void markup_end(struct markup *m)
{
	assert(m->depth > 0);
	const char *name = m->stack[--m->depth];

	if (m->in_tag && m->kind == MARKUP_XML) {
		buf_append_str(m->out, "/>");
		m->in_tag = 0;
		return;
	}
	close_tag(m);
	if (is_void(m, name))
		return;
	buf_append_str(m->out, "</");
	buf_append_str(m->out, name);
	buf_append_char(m->out, '>');
}

void markup_element(struct markup *m, const char *name, const char *text)
{
	if (text == NULL)
		return;
	markup_begin(m, name);
	markup_text(m, text);
	markup_end(m);
}

void markup_finish(struct markup *m)
{
	while (m->depth > 0)
		markup_end(m);
}

/* One table for both: CR in text would come back as LF (XML 1.0 section 2.11); tab and LF in attributes as blanks (3.3.3). */
static const char *reference_for(char c, bool in_attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&#34;";
	case '\'':
		return "&#39;";
	case '\r':
		return "&#13;";
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	default:
		return NULL;
	}
}

static void escape(struct buf *out, const char *s, size_t len, bool in_attribute)
{
	size_t start = 0;

	for (size_t i = 0; i < len && out->error == 0; i++) {
		const char *reference = reference_for(s[i], in_attribute);
		if (reference == NULL)
			continue;
		buf_append(out, s + start, i - start);
		buf_append_str(out, reference);
		start = i + 1;
	}
	buf_append(out, s + start, len - start);
}

void markup_escape_text(struct buf *out, const char *s, size_t len)
{
	escape(out, s, len, false);
}

void markup_escape_attr(struct buf *out, const char *s, size_t len)
{
	escape(out, s, len, true);
}
