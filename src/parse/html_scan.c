/* The states of the HTML standard's tokenizer (section 13.2.5) as far as they decide where a tag begins and ends. */
#include "html_scan.h"

#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "xml.h"

/* Nothing inside is a tag but their own end. */
static const char *const raw_elements[] = { "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes" };

void html_scan_init(struct html_scan *scan, const char *text, size_t len, bool xhtml)
{
	*scan = (struct html_scan){ .s = text, .len = len, .xhtml = xhtml };
}

static bool is_letter(char c)
{
	return text_lower(c) >= 'a' && text_lower(c) <= 'z';
}

static bool starts(const struct html_scan *scan, size_t at, const char *word)
{
	size_t n = strlen(word);

	return scan->len - at >= n && memcmp(scan->s + at, word, n) == 0;
}

static bool equal_nocase(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && text_has_prefix_nocase(s, word);
}

static size_t skip_space(const struct html_scan *scan, size_t at)
{
	while (at < scan->len && text_is_space(scan->s[at]))
		at++;
	return at;
}

/* The next c at or behind `at`, or the end of the text. */
static size_t find(const struct html_scan *scan, size_t at, char c)
{
	const char *found = at < scan->len ? memchr(scan->s + at, c, scan->len - at) : NULL;

	return found ? (size_t)(found - scan->s) : scan->len;
}

static size_t skip_past_greater(const struct html_scan *scan, size_t at)
{
	size_t end = find(scan, at, '>');

	return end < scan->len ? end + 1 : end;
}

/* A comment may end at once ("<!-->"), or with an exclamation mark; everything else in "<!" ends at the next ">". */
static size_t skip_declaration(const struct html_scan *scan, size_t at)
{
	if (!starts(scan, at, "<!--"))
		return skip_past_greater(scan, at);
	for (at = find(scan, at + 2, '-'); at < scan->len; at = find(scan, at + 1, '-')) {
		if (starts(scan, at, "-->"))
			return at + 3;
		if (starts(scan, at, "--!>"))
			return at + 4;
	}
	return scan->len;
}

static void keep_attribute(struct html_tag *tag, const struct html_attribute *a)
{
	if (tag->n_attributes < HTML_ATTRIBUTES && a->name_len)
		tag->attributes[tag->n_attributes++] = *a;
}

/* One attribute at `at`, which is no space, ">" or "/"; returns what is behind it. */
static size_t read_attribute(const struct html_scan *scan, size_t at, struct html_attribute *a)
{
	const char *s = scan->s;
	size_t from = at, value, end;

	do /* even "=" may begin a name */
		at++;
	while (at < scan->len && !text_is_space(s[at]) && s[at] != '=' && s[at] != '>' && s[at] != '/');
	*a = (struct html_attribute){ .name = s + from, .name_len = at - from, .value = "" };
	value = skip_space(scan, at);
	if (value == scan->len || s[value] != '=')
		return at;
	value = skip_space(scan, value + 1);
	if (value < scan->len && (s[value] == '"' || s[value] == '\'')) {
		const char *quote = memchr(s + value + 1, s[value], scan->len - value - 1);

		end = quote ? (size_t)(quote - s) : scan->len;
		a->value = s + value + 1;
		a->value_len = quote ? end - value - 1 : 0;
		return quote ? end + 1 : scan->len;
	}
	for (end = value; end < scan->len && !text_is_space(s[end]) && s[end] != '>'; end++)
		;
	a->value = s + value;
	a->value_len = end - value;
	return end;
}

/* The tag at scan->at, "<" or "</" and a letter. False when the text ends in it: then it is none. */
static bool read_tag(struct html_scan *scan, struct html_tag *tag)
{
	const char *s = scan->s;
	size_t at = scan->at + 1;
	bool closed = false;

	tag->is_end = s[at] == '/';
	at += tag->is_end;
	tag->name = s + at;
	tag->n_attributes = 0;
	while (at < scan->len && !text_is_space(s[at]) && s[at] != '>' && s[at] != '/')
		at++;
	tag->name_len = (size_t)(s + at - tag->name);
	for (;;) {
		struct html_attribute a;

		at = skip_space(scan, at);
		if (at >= scan->len || s[at] == '>')
			break;
		closed = s[at] == '/';
		if (closed) {
			at++;
			continue;
		}
		at = read_attribute(scan, at, &a);
		keep_attribute(tag, &a);
	}
	scan->at = at < scan->len ? at + 1 : scan->len;
	for (size_t i = 0; !tag->is_end && !(closed && scan->xhtml) && i < sizeof(raw_elements) / sizeof(raw_elements[0]); i++) {
		if (html_tag_is(tag, raw_elements[i]))
			scan->raw = raw_elements[i];
	}
	return at < scan->len;
}

/* Up to the end tag of the raw element; to the end of the text when it has none. */
static size_t find_raw_end(const struct html_scan *scan)
{
	size_t n = strlen(scan->raw), at = find(scan, scan->at, '<');

	for (; at < scan->len; at = find(scan, at + 1, '<')) {
		const char *s = scan->s + at;

		if (scan->len - at > n + 2 && s[1] == '/' && equal_nocase(s + 2, n, scan->raw) && !is_letter(s[2 + n]))
			return at;
	}
	return at;
}

/* Where the text at scan->at ends: at the next "<" that begins something. */
static size_t find_markup(const struct html_scan *scan)
{
	size_t at = find(scan, scan->at, '<');

	for (; at < scan->len; at = find(scan, at + 1, '<')) {
		char next = at + 1 < scan->len ? scan->s[at + 1] : '\0', after = at + 2 < scan->len ? scan->s[at + 2] : '\0';

		if (is_letter(next) || next == '!' || next == '?' || (next == '/' && (is_letter(after) || after == '>')))
			return at;
	}
	return at;
}

enum html_token html_scan_next(struct html_scan *scan, struct html_tag *tag, const char **ret_text, size_t *ret_len)
{
	while (scan->at < scan->len) {
		size_t end = scan->raw ? find_raw_end(scan) : find_markup(scan);

		scan->raw = NULL;
		if (end > scan->at) {
			*ret_text = scan->s + scan->at;
			*ret_len = end - scan->at;
			scan->at = end;
			return HTML_TEXT;
		}
		if (scan->s[end + 1] == '!')
			scan->at = skip_declaration(scan, end);
		else if (scan->s[end + 1] == '?' || starts(scan, end, "</>"))
			scan->at = skip_past_greater(scan, end);
		else if (read_tag(scan, tag))
			return HTML_TAG;
	}
	return HTML_END;
}

bool html_tag_is(const struct html_tag *tag, const char *name)
{
	return equal_nocase(tag->name, tag->name_len, name);
}

/* The code point of "#233" or "#xE9", or of a name; *ret_used counts what belongs to it. 0: it is none. */
static uint32_t read_reference(const char *s, size_t len, size_t *ret_used)
{
	bool number = len > 1 && s[0] == '#', hex = number && text_lower(s[1]) == 'x';
	size_t from = hex ? 2 : number, at = from;
	uint32_t c = 0;

	for (; at < len && at < 32; at++) {
		char lower = text_lower(s[at]);
		uint32_t digit = lower >= '0' && lower <= '9' ? (uint32_t)(lower - '0') : lower >= 'a' && lower <= 'z' ? (uint32_t)(lower - 'a') + 10 : 99;

		if (digit >= (hex ? 16u : number ? 10u : 36u))
			break;
		if (number && c <= 0x10FFFF)
			c = c * (hex ? 16u : 10u) + digit;
	}
	*ret_used = at + (at < len && s[at] == ';');
	if (at == from || (!number && *ret_used == at))
		return 0;
	if (number)
		return c ? c : 0xFFFD;
	return at == 4 && memcmp(s, "apos", 4) == 0 ? '\'' : xml_entity(s, at);
}

char *html_decode(const char *s, size_t len, size_t max_bytes)
{
	/* No reference is shorter than what it stands for, but white space may collapse: a little more than is kept is enough. */
	size_t take = len < 4 * max_bytes ? len : 4 * max_bytes;
	struct buf out = BUF_INIT(4 * take + 4), clean = BUF_INIT(12 * take + 16);
	size_t n = 0;
	char *ret;

	for (size_t i = 0; i < take;) {
		size_t used = 0;
		uint32_t c = s[i] == '&' ? read_reference(s + i + 1, take - i - 1, &used) : 0;
		char utf8[4];

		if (c) {
			buf_append(&out, utf8, text_encode(c, utf8));
			i += used + 1;
		} else {
			buf_append_char(&out, s[i++]);
		}
	}
	text_scrub(&clean, buf_str(&out), out.len);
	if (clean.len)
		n = text_collapse(clean.bytes, clean.len);
	ret = mem_dup_bytes(buf_str(&clean), n > max_bytes ? text_cut(buf_str(&clean), n, max_bytes) : n);
	buf_done(&out);
	buf_done(&clean);
	return ret;
}

char *html_tag_get(const struct html_tag *tag, const char *name, size_t max_bytes)
{
	for (size_t i = 0; i < tag->n_attributes; i++) {
		const struct html_attribute *a = &tag->attributes[i];

		if (equal_nocase(a->name, a->name_len, name))
			return html_decode(a->value, a->value_len, max_bytes);
	}
	return NULL;
}
