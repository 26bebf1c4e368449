/*
 * JSON that a strict reader refuses, made into JSON of the same meaning in one pass over its tokens: what programs that
 * glue strings together get wrong. Numbers that fit no machine's type become strings, which is how they are kept anyway.
 */
#include "jsonfeed_internal.h"

#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/text.h"

enum { MAX_OPEN = 64 };

struct repair {
	const char *s;
	size_t len;
	size_t at;
	struct buf *out;
	bool comma_due; /* a value ended, and no comma came yet */
	char open[MAX_OPEN];
	size_t depth;
};

/* The text ends with its length, not with a NUL. */
static size_t span_of(const char *s, size_t len, const char *set)
{
	size_t n = 0;

	while (n < len && strchr(set, s[n]))
		n++;
	return n;
}

static size_t span_without(const char *s, size_t len, const char *set)
{
	size_t n = 0;

	while (n < len && !strchr(set, s[n]))
		n++;
	return n;
}

static bool is_hex4(const char *s, size_t len)
{
	return len >= 4 && span_of(s, 4, "0123456789abcdefABCDEF") == 4;
}

static bool is_surrogate(const char *s, size_t len, const char *second)
{
	return len >= 6 && s[0] == '\\' && s[1] == 'u' && text_lower(s[2]) == 'd' && strchr(second, text_lower(s[3])) && is_hex4(s + 2, len - 2);
}

/* The escape at r->at, which the string's bounds hold; what is none loses its backslash's meaning. */
static void put_escape(struct repair *r)
{
	const char *s = r->s + r->at;
	size_t left = r->len - r->at;

	if (is_surrogate(s, left, "89ab") && is_surrogate(s + 6, left - 6, "cdef")) {
		buf_append(r->out, s, 12);
		r->at += 12;
	} else if (is_surrogate(s, left, "89abcdef")) {
		buf_append_str(r->out, "\\ufffd");
		r->at += 6;
	} else if (left >= 6 && s[1] == 'u' && is_hex4(s + 2, left - 2)) {
		buf_append(r->out, s, 6);
		r->at += 6;
	} else if (left >= 2 && s[1] && strchr("\"\\/bfnrt", s[1])) {
		buf_append(r->out, s, 2);
		r->at += 2;
	} else if (left >= 2 && s[1] == '\'') {
		r->at += 1;
	} else {
		buf_append_str(r->out, "\\\\");
		r->at += 1;
	}
}

/* A quotation mark in a text, whose backslash was forgotten, is followed by no punctuation of JSON. */
static bool ends_string(const struct repair *r, size_t at)
{
	bool new_line = false;

	for (at++; at < r->len && text_is_space(r->s[at]); at++)
		new_line |= r->s[at] == '\n';
	return at >= r->len || strchr(",:}]", r->s[at]) || (new_line && strchr("\"'{[", r->s[at]));
}

/* Line feeds and tabs stand bare in strings of feeds made by templates; Python prints strings in single quotes. */
static void put_string(struct repair *r)
{
	char quote = r->s[r->at++];

	buf_append_char(r->out, '"');
	while (r->at < r->len && !(r->s[r->at] == quote && ends_string(r, r->at))) {
		char c = r->s[r->at];
		size_t n = 1;

		if (c == '\\') {
			put_escape(r);
			continue;
		}
		if ((unsigned char)c < 0x20 || c == '"') {
			buf_append_printf(r->out, "\\u%04x", (unsigned char)c);
		} else {
			while (r->at + n < r->len && (unsigned char)r->s[r->at + n] >= 0x20 && !strchr("\"'\\", r->s[r->at + n]))
				n++;
			buf_append(r->out, r->s + r->at, n);
		}
		r->at += n;
	}
	buf_append_char(r->out, '"');
	r->at++;
}

static void begin_value(struct repair *r)
{
	if (r->comma_due)
		buf_append_char(r->out, ',');
	r->comma_due = false;
}

static bool is_name(const struct repair *r, size_t at)
{
	while (at < r->len && text_is_space(r->s[at]))
		at++;
	return at < r->len && r->s[at] == ':';
}

static size_t digits(const char *s, size_t len)
{
	return span_of(s, len, "0123456789");
}

/* As JSON writes numbers, and none that is too big to be read: such a one is to come out as it does where nothing is repaired. */
static bool is_number(const char *s, size_t len)
{
	size_t at = len && s[0] == '-', whole = digits(s + at, len - at), n;

	if (whole == 0 || whole > 18 || (whole > 1 && s[at] == '0'))
		return false;
	at += whole;
	if (at < len && s[at] == '.') {
		n = digits(s + at + 1, len - at - 1);
		if (n == 0)
			return false;
		at += 1 + n;
	}
	if (at < len && (s[at] == 'e' || s[at] == 'E')) {
		at++;
		at += at < len && (s[at] == '-' || s[at] == '+');
		n = digits(s + at, len - at);
		if (n == 0 || n > 2) /* up to e99 */
			return false;
		at += n;
	}
	return at == len;
}

/* true, null, a number, a name without quotes; NaN, None, undefined are nothing. */
static void put_word(struct repair *r)
{
	static const char *const words[] = { "true", "false", "null" };
	const char *s = r->s + r->at;
	size_t n = span_without(s, r->len - r->at, ",:]}[{\"' \t\r\n");

	n = n ? n : 1;
	r->at += n;
	for (size_t i = 0; i < 3; i++) {
		if (n == strlen(words[i]) && text_has_prefix_nocase(s, words[i])) {
			buf_append_str(r->out, words[i]);
			return;
		}
	}
	if (!is_name(r, r->at) && is_number(s, n)) {
		buf_append(r->out, s, n);
		return;
	}
	if (!is_name(r, r->at) && span_of(s, n, "+-.0123456789eE") < n) {
		buf_append_str(r->out, "null");
		return;
	}
	buf_append_char(r->out, '"');
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)s[i] >= 0x20 && s[i] != '\\')
			buf_append_char(r->out, s[i]);
	}
	buf_append_char(r->out, '"');
}

static void open_one(struct repair *r, char c)
{
	begin_value(r);
	buf_append_char(r->out, c);
	r->open[r->depth++] = c;
	r->at++;
}

static void close_one(struct repair *r, char c)
{
	r->at++;
	if (r->depth == 0 || r->open[r->depth - 1] != (c == '}' ? '{' : '['))
		return;
	r->depth--;
	buf_append_char(r->out, c);
	r->comma_due = true;
}

/* Commas are written when the next value comes, so one too many or too few does not matter. */
static void put_token(struct repair *r)
{
	char c = r->s[r->at];

	switch (c) {
	case '{':
	case '[':
		open_one(r, c);
		break;
	case '}':
	case ']':
		close_one(r, c);
		break;
	case '"':
	case '\'':
		begin_value(r);
		put_string(r);
		r->comma_due = true;
		break;
	case ':':
		buf_append_char(r->out, c);
		r->comma_due = false;
		r->at++;
		break;
	default:
		if (c != ',' && !text_is_space(c)) {
			begin_value(r);
			put_word(r);
			r->comma_due = true;
		} else {
			r->at++;
		}
		break;
	}
}

bool json_repair(const char *text, size_t len, struct buf *out)
{
	struct repair r = { .s = text, .len = len, .out = out };

	do {
		put_token(&r);
	} while (r.at < r.len && r.depth && r.depth < MAX_OPEN);
	return r.depth == 0 && !buf_error(out);
}
