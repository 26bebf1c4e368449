/*
 * Foreign HTML cut into tokens as HTML 13.2.5 cuts it, in one pass. Comments, doctypes, processing instructions, CDATA
 * sections, unknown elements and unknown attributes end here (REL-21). Two things are read as XHTML means them, since
 * feeds are full of it: <x/> has no content, and a raw element that is never closed swallows nothing but itself
 * (scripts and styles excepted: code is no text).
 */
#include "html.h"

#include <string.h>

#include "syndicated/base/text.h"

enum { C_SPACE = 1, C_LETTER = 2, C_TAG_END = 4, C_NAME = 8 };

/* HTML's white space; FF never comes, text is clean. */
static unsigned class_of(char c)
{
	static const uint8_t classes[256] = {
		[' '] = C_SPACE, ['\t'] = C_SPACE, ['\n'] = C_SPACE, ['/'] = C_TAG_END, ['>'] = C_TAG_END,
		['a' ... 'z'] = C_LETTER | C_NAME, ['A' ... 'Z'] = C_LETTER | C_NAME, ['0' ... '9'] = C_NAME, ['-'] = C_NAME, ['_'] = C_NAME, [':'] = C_NAME,
	};

	return classes[(unsigned char)c];
}

void html_tokens_init(struct html_tokens *t, const char *s, size_t len, struct buf *scratch)
{
	t->at = s;
	t->end = s + len;
	t->next_lt = NULL;
	t->scratch = scratch;
	(void)buf_reserve(scratch, len); /* values are pointed at: it must not move */
	t->in_svg = false;
	t->unclosed[0] = t->unclosed[1] = 0;
}

static size_t left(const struct html_tokens *t)
{
	return (size_t)(t->end - t->at);
}

static const char *find_char(const struct html_tokens *t, char c)
{
	const char *p = left(t) ? memchr(t->at, c, left(t)) : NULL;

	return p ? p : t->end;
}

static void skip_past(struct html_tokens *t, char c)
{
	t->at = find_char(t, c);
	t->at += t->at < t->end;
}

/* ---- what is no element ---- */

static bool starts_with(const struct html_tokens *t, const char *s)
{
	size_t n = strlen(s);

	return left(t) >= n && memcmp(t->at, s, n) == 0;
}

static void skip_comment(struct html_tokens *t, struct html_token *ret)
{
	t->at += 4;
	if (starts_with(t, ">") || starts_with(t, "->")) {
		ret->odd = true;
		skip_past(t, '>');
		return;
	}
	while (t->at < t->end) {
		t->at = find_char(t, '-');
		if (starts_with(t, "-->")) {
			t->at += 3;
			return;
		}
		if (starts_with(t, "--!>")) {
			ret->odd = true;
			t->at += 4;
			return;
		}
		t->at += t->at < t->end;
	}
	ret->odd = true;
}

static void skip_declaration(struct html_tokens *t, struct html_token *ret)
{
	if (starts_with(t, "<!--")) {
		skip_comment(t, ret);
		return;
	}
	ret->odd = true;
	skip_past(t, '>');
}

/* ---- tags ---- */

/* At the first byte of a name; stops behind it. Bytes of other alphabets make a name unknown. */
static struct html_name read_name(struct html_tokens *t, bool in_tag_name)
{
	struct html_name n = { { 0, 0 } };
	size_t i = 0;

	for (; t->at < t->end; t->at++, i++) {
		unsigned class = class_of(*t->at);

		if (class & (C_SPACE | C_TAG_END) || (*t->at == '=' && !in_tag_name && i))
			break;
		if (i < sizeof(n.words))
			n.words[i / 8] |= (uint64_t)(unsigned char)text_lower(*t->at) << i % 8 * 8;
	}
	if (i > sizeof(n.words))
		n = (struct html_name){ { 0, 0 } };
	return n;
}

static void skip_space(struct html_tokens *t)
{
	while (t->at < t->end && class_of(*t->at) & C_SPACE)
		t->at++;
}

static struct html_slice decode(struct html_tokens *t, struct html_slice raw)
{
	const char *p = raw.s, *end = raw.s + raw.len, *amp = memchr(p, '&', raw.len);
	char *room, *to;

	if (!amp)
		return raw;
	room = to = buf_reserve(t->scratch, raw.len); /* a reference is never shorter than its character */
	if (!room)
		return (struct html_slice){ "", 0 };
	while (amp) {
		uint32_t c;
		size_t n = html_reference(amp, (size_t)(end - amp), &c);

		memcpy(to, p, (size_t)(amp - p));
		to += amp - p;
		p = amp + (n ? n : 1);
		if (n)
			to += text_encode(c, to);
		else
			*to++ = '&';
		amp = memchr(p, '&', (size_t)(end - p));
	}
	memcpy(to, p, (size_t)(end - p));
	to += end - p;
	buf_grew(t->scratch, (size_t)(to - room));
	return (struct html_slice){ room, (size_t)(to - room) };
}

/* Behind "=". False at the end of input. */
static bool read_value(struct html_tokens *t, struct html_slice *ret, bool *odd)
{
	char quote;

	if (t->at < t->end && class_of(*t->at) & C_SPACE) {
		*odd = true;
		skip_space(t);
	}
	if (t->at == t->end)
		return false;
	quote = *t->at;
	if (quote == '"' || quote == '\'') {
		ret->s = ++t->at;
		t->at = find_char(t, quote);
		ret->len = (size_t)(t->at - ret->s);
		if (t->at == t->end)
			return false;
		t->at++;
		*odd |= t->at < t->end && !(class_of(*t->at) & (C_SPACE | C_TAG_END));
		return true;
	}
	ret->s = t->at;
	for (; t->at < t->end && !(class_of(*t->at) & C_SPACE) && *t->at != '>'; t->at++)
		*odd |= *t->at == '"' || *t->at == '\'' || *t->at == '<' || *t->at == '`';
	ret->len = (size_t)(t->at - ret->s);
	*odd |= ret->len == 0 || t->at[-1] == '/';
	return true;
}

/* At the first byte of its name. False at the end of input. */
static bool read_attribute(struct html_tokens *t, struct html_token *ret)
{
	struct html_slice value = { "", 0 };
	enum html_attribute a;

	ret->odd |= !(class_of(*t->at) & C_LETTER);
	a = html_attribute_find(read_name(t, false));
	if (t->at < t->end && class_of(*t->at) & C_SPACE) {
		skip_space(t);
		ret->odd |= t->at < t->end && *t->at == '=';
	}
	if (t->at < t->end && *t->at == '=') {
		t->at++;
		if (!read_value(t, &value, &ret->odd))
			return false;
	}
	if (a == AT_COUNT || html_has(&ret->values, a))
		return true;
	ret->values.mask |= UINT32_C(1) << a;
	ret->values.of[a] = decode(t, value);
	return true;
}

/* Attributes and the end of the tag. False when the input ends before: then there was no tag. */
static bool read_attributes(struct html_tokens *t, struct html_token *ret)
{
	for (;;) {
		skip_space(t);
		if (t->at == t->end)
			return false;
		if (*t->at == '>') {
			t->at++;
			return true;
		}
		if (*t->at == '/') {
			t->at++;
			ret->empty = t->at < t->end && *t->at == '>';
			ret->odd |= !ret->empty;
			continue;
		}
		if (!read_attribute(t, ret))
			return false;
	}
}

/* Not inlined: where locals are cleared, this one costs more than most tags. */
static __attribute__((noinline)) bool skip_attributes(struct html_tokens *t)
{
	struct html_token ignored;

	ignored.odd = false; /* |= reads it */
	ignored.values.mask = UINT32_MAX; /* all there already: nothing is kept */
	return read_attributes(t, &ignored);
}

/* Behind the name in an end tag: attributes there mean nothing. False when the input ends before the tag does. */
static bool skip_end_tag(struct html_tokens *t, struct html_token *ret)
{
	skip_space(t);
	if (t->at < t->end && *t->at == '>') {
		t->at++;
		return true;
	}
	ret->odd = true;
	return skip_attributes(t);
}

/* ---- raw text ---- */

/* The end tag of e from here on; NULL when there is none. */
static const char *find_end_tag(struct html_tokens *t, enum html_element e)
{
	const char *name = html_policies[e].name;
	size_t n = html_policies[e].name_len;

	for (const char *p = t->at; (p = memchr(p, '<', (size_t)(t->end - p))); p++) {
		if ((size_t)(t->end - p) < n + 3)
			break;
		if (p[1] == '/' && text_has_prefix_nocase(p + 2, name) && class_of(p[2 + n]) & (C_SPACE | C_TAG_END))
			return p;
	}
	return NULL;
}

static void skip_raw(struct html_tokens *t, struct html_token *ret)
{
	enum html_element e = ret->element;
	bool known_unclosed = t->unclosed[e / 64] >> e % 64 & 1; /* looked for once: a million of them stay linear */
	const char *p = known_unclosed ? NULL : find_end_tag(t, e);

	if (p) {
		ret->odd |= find_char(t, '<') != p;
		t->at = p + 2 + html_policies[e].name_len;
		(void)skip_end_tag(t, ret);
		return;
	}
	ret->odd = true;
	t->unclosed[e / 64] |= UINT64_C(1) << e % 64;
	if (e == EL_SCRIPT || e == EL_STYLE)
		t->at = t->end;
}

/* At "<" and a letter. False when it made no token. */
static bool read_start_tag(struct html_tokens *t, struct html_token *ret)
{
	t->at++;
	ret->element = html_element_find(read_name(t, true));
	ret->empty = false;
	ret->values.mask = 0;
	buf_clear(t->scratch);
	if (!read_attributes(t, ret)) {
		ret->odd = true;
		return false;
	}
	if (ret->element == EL_NONE)
		return false;
	ret->kind = TOKEN_OPEN;
	t->in_svg |= ret->element == EL_SVG;
	if (html_policies[ret->element].flags & IS_VOID) {
		ret->empty = true;
	} else if (ret->empty) {
		ret->odd = true;
	} else if (html_policies[ret->element].flags & IS_RAW && !(ret->element == EL_TITLE && t->in_svg)) {
		skip_raw(t, ret);
		ret->empty = true;
	}
	return true;
}

static bool read_end_tag(struct html_tokens *t, struct html_token *ret)
{
	t->at += 2;
	ret->element = html_element_find(read_name(t, true));
	if (!skip_end_tag(t, ret)) {
		ret->odd = true;
		return false;
	}
	if (ret->element == EL_BR) { /* the one that is read as a start tag */
		ret->kind = TOKEN_OPEN;
		ret->empty = ret->odd = true;
		ret->values.mask = 0;
		return true;
	}
	ret->kind = TOKEN_CLOSE;
	t->in_svg &= ret->element != EL_SVG;
	return ret->element != EL_NONE && !(html_policies[ret->element].flags & IS_VOID);
}

/* ---- text ---- */

static void take_text(struct html_tokens *t, struct html_token *ret, const char *end)
{
	ret->kind = TOKEN_TEXT;
	ret->text = (struct html_slice){ t->at, (size_t)(end - t->at) };
	t->at = end;
}

static void take_reference(struct html_tokens *t, struct html_token *ret)
{
	uint32_t c;
	size_t n = html_reference(t->at, left(t), &c);

	if (n == 0) {
		take_text(t, ret, t->at + 1);
		return;
	}
	ret->kind = TOKEN_TEXT;
	ret->text = (struct html_slice){ t->character, text_encode(c, t->character) };
	t->at += n;
}

static const char *end_of_text(struct html_tokens *t)
{
	const char *amp;

	if (!t->next_lt || t->next_lt < t->at)
		t->next_lt = find_char(t, '<');
	amp = memchr(t->at, '&', (size_t)(t->next_lt - t->at));
	return amp ? amp : t->next_lt;
}

/* At "<". False when it made no token. */
static bool take_markup(struct html_tokens *t, struct html_token *ret)
{
	char c = left(t) > 1 ? t->at[1] : '\0', d = left(t) > 2 ? t->at[2] : '\0';

	if (class_of(c) & C_LETTER)
		return read_start_tag(t, ret);
	if (c == '/' && class_of(d) & C_LETTER)
		return read_end_tag(t, ret);
	if (c == '!') {
		skip_declaration(t, ret);
		return false;
	}
	ret->odd = true;
	if (c == '?' || (c == '/' && d)) {
		skip_past(t, '>');
		return false;
	}
	take_text(t, ret, t->at + 1);
	return true;
}

void html_token_next(struct html_tokens *t, struct html_token *ret)
{
	ret->odd = false;
	while (t->at < t->end) {
		if (*t->at == '&') {
			take_reference(t, ret);
			return;
		}
		if (*t->at != '<') {
			take_text(t, ret, end_of_text(t));
			return;
		}
		if (take_markup(t, ret))
			return;
	}
	ret->kind = TOKEN_END;
}
