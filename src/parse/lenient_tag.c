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

	if (end == l->len || end - at > LIMIT_XML_TAG_BYTES)
		return 0;
	/* A value with an end tag in it is one whose quote was forgotten: the next quote belongs to another tag. */
	return memmem(l->s + at, end - at, "</", 2) ? 0 : end;
}

/* Blanks of any kind are spaces in a value, as XML reads them. */
static void add_piece(struct lenient *l, const char *s, size_t len)
{
	size_t from = l->values.len;

	text_append_meant(&l->values, s, len);
	for (size_t i = from; !buf_error(&l->values) && i < l->values.len; i++) {
		if (text_is_space(l->values.bytes[i]))
			l->values.bytes[i] = ' ';
	}
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
		add_piece(l, s, (size_t)(ampersand - s));
		s = ampersand + lenient_reference(l, ampersand, (size_t)(end - ampersand), out, &n);
		text_append_meant(&l->values, out, n);
	}
	add_piece(l, s, (size_t)(end - s));
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

/* The length of a quotation mark of typesetters at `at`, which word processors put where XML wants a straight one; or 0. */
static size_t typographic_quote(const struct lenient *l, size_t at)
{
	static const char *const marks[] = { "\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x9E", "\xE2\x80\x98", "\xE2\x80\x99", "\xE2\x80\xB3" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (l->len - at >= 3 && memcmp(l->s + at, marks[i], 3) == 0)
			return 3;
	}
	return 0;
}

/* A value without quotes, with one, or in typographic ones: up to a blank or the end of the tag. */
static size_t read_bare_value(struct lenient *l, const char *name, size_t name_len, size_t at)
{
	bool straight = at < l->len && (l->s[at] == '"' || l->s[at] == '\'');
	size_t from = straight ? at + 1 : at + typographic_quote(l, at), end = from, len;

	while (end < l->len && !text_is_space(l->s[end]) && l->s[end] != '>' && l->s[end] != '<' && !(from > at && typographic_quote(l, end)))
		end++;
	len = end - from;
	if (from > at && end < l->len)
		end += typographic_quote(l, end);
	add_attribute(l, name, name_len, l->s + from, len);
	return end;
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
	end = read_bare_value(l, l->s + from, name_len, value);
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
