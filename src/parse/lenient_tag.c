/*
 * Start tags as people write them. A value is quoted, bare, or missing; a tag ends at ">", "/>", or at the next "<",
 * since no tag holds one outside of quotes. A quote that never ends is no quote.
 */
#include "lenient_internal.h"

#include <string.h>

#include "syndicated/base/text.h"

static bool ends_name(char c)
{
	return text_is_space(c) || c == '>' || c == '/' || c == '=' || c == '<';
}

/* Behind the closing quote for one at `at`, or 0 when there is none or it is not this value's. */
static size_t closing_quote(struct lenient *l, size_t at)
{
	char quote = l->s[at];
	size_t end = lenient_find(l, at + 1, quote == '"' ? "\"" : "'", quote == '"' ? &l->next_double : &l->next_single);

	return end < l->len && end - at <= LIMIT_XML_TAG_BYTES ? end : 0;
}

static void add_value(struct lenient *l, const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		const char *ampersand = memchr(s, '&', (size_t)(end - s));
		char out[8];
		size_t n;

		if (!ampersand)
			break;
		buf_append(&l->values, s, (size_t)(ampersand - s));
		s = ampersand + lenient_reference(l, ampersand, (size_t)(end - ampersand), out, &n);
		buf_append(&l->values, out, n);
	}
	buf_append(&l->values, s, (size_t)(end - s));
	buf_append_char(&l->values, '\0');
}

static bool known_attribute(const struct lenient *l, const char *local, const char *prefix)
{
	for (size_t i = 0; i < l->n_attributes; i++) {
		if (l->attributes[i].name.local == local && l->attributes[i].name.prefix == prefix)
			return true;
	}
	return false;
}

static void add_attribute(struct lenient *l, const char *raw, size_t raw_len, const char *value, size_t value_len)
{
	const char *colon = memchr(raw, ':', raw_len);
	struct xml_attribute *a;
	const char *local, *prefix = NULL;

	if (l->n_attributes == LIMIT_XML_ATTRIBUTES || raw_len == 0)
		return;
	if (colon && colon > raw && colon + 1 < raw + raw_len) {
		prefix = lenient_intern(l, raw, (size_t)(colon - raw));
		raw_len -= (size_t)(colon + 1 - raw);
		raw = colon + 1;
	}
	local = lenient_intern(l, raw, raw_len);
	if (known_attribute(l, local, prefix)) {
		lenient_repair(l, REPAIR_ATTRIBUTE, (size_t)(raw - l->s));
		return;
	}
	a = &l->attributes[l->n_attributes];
	a->name = (struct xml_name){ .local = local, .prefix = prefix };
	l->offsets[l->n_attributes++] = l->values.len;
	add_value(l, value, value_len);
}

static size_t skip_space(const struct lenient *l, size_t at)
{
	while (at < l->len && text_is_space(l->s[at]))
		at++;
	return at;
}

/* One attribute at `at`; returns where the next thing is. */
static size_t read_attribute(struct lenient *l, size_t at)
{
	size_t from = at, name_len, value, end;

	while (at < l->len && !ends_name(l->s[at]))
		at++;
	name_len = at - from;
	value = skip_space(l, at);
	if (value >= l->len || l->s[value] != '=') {
		lenient_repair(l, REPAIR_ATTRIBUTE, from);
		add_attribute(l, l->s + from, name_len, "", 0);
		return name_len ? at : at + 1;
	}
	value = skip_space(l, value + 1);
	if (value < l->len && (l->s[value] == '"' || l->s[value] == '\'') && (end = closing_quote(l, value))) {
		add_attribute(l, l->s + from, name_len, l->s + value + 1, end - value - 1);
		return end + 1;
	}
	lenient_repair(l, REPAIR_ATTRIBUTE, from);
	for (end = value; end < l->len && !text_is_space(l->s[end]) && l->s[end] != '>' && l->s[end] != '<'; end++)
		;
	add_attribute(l, l->s + from, name_len, l->s + value, end - value);
	return end > at ? end : at + 1;
}

void lenient_start_tag(struct lenient *l)
{
	size_t tag = l->at, at = l->at + 1, from = at, name_len;
	bool closed = false;

	while (at < l->len && !ends_name(l->s[at]))
		at++;
	name_len = at - from;
	l->n_attributes = 0;
	buf_clear(&l->values);
	for (;;) {
		at = skip_space(l, at);
		if (at >= l->len || l->s[at] == '>' || l->s[at] == '<')
			break;
		closed = l->s[at] == '/' && at + 1 < l->len && l->s[at + 1] == '>';
		if (l->s[at] == '/')
			at++;
		else
			at = read_attribute(l, at);
	}
	if (at < l->len && l->s[at] == '>') {
		at++;
	} else if (at >= l->len) { /* cut off inside a tag: it never was one */
		l->cut = true;
		l->at = l->len;
		return;
	} else {
		lenient_repair(l, REPAIR_TAG, tag);
	}
	l->at = at;
	for (size_t i = 0; i < l->n_attributes; i++)
		l->attributes[i].value = buf_error(&l->values) ? "" : l->values.bytes + l->offsets[i];
	lenient_open(l, l->s + from, name_len, closed, tag);
}
