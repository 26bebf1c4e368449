/* UTF-8: the border where foreign bytes become text, and walking through text. */
#include "syndicated/base/text.h"

#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

/*
 * Decodes one character by table 3-7 of the Unicode Standard (RFC 3629 section 4). Returns false for an ill-formed
 * one; *ret_len is then its maximal subpart, so that each gives one replacement character, as browsers do.
 */
static bool decode(const unsigned char *s, size_t len, size_t *ret_len, uint32_t *ret_codepoint)
{
	unsigned char lowest = 0x80, highest = 0xBF;
	size_t need;
	uint32_t c = s[0];

	*ret_len = 1;
	if (c < 0x80) {
		*ret_codepoint = c;
		return true;
	}
	if (c < 0xC2 || c > 0xF4)
		return false;
	need = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
	if (c == 0xE0)
		lowest = 0xA0; /* else overlong */
	else if (c == 0xED)
		highest = 0x9F; /* else a surrogate */
	else if (c == 0xF0)
		lowest = 0x90; /* else overlong */
	else if (c == 0xF4)
		highest = 0x8F; /* else beyond U+10FFFF */
	c &= 0x3Fu >> need;
	for (size_t i = 1; i <= need; i++) {
		if (i >= len || s[i] < lowest || s[i] > highest)
			return false;
		c = c << 6 | (s[i] & 0x3F);
		*ret_len = i + 1;
		lowest = 0x80;
		highest = 0xBF;
	}
	*ret_codepoint = c;
	return true;
}

/* Production [2] Char of XML 1.0. Surrogates never come out of decode(). */
static bool is_xml_char(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c != 0xFFFE && c != 0xFFFF;
}

/*
 * How many bytes from here are plain ASCII without controls, in steps of eight; most text is. A byte under 0x20 borrows
 * into the high bit of its own or a neighbour's lane, so a step is taken only when all eight are in 0x20..0x7F.
 */
static size_t plain_run(const unsigned char *p, size_t len)
{
	const uint64_t high = UINT64_C(0x8080808080808080), space = UINT64_C(0x2020202020202020);
	size_t n = 0;

	for (uint64_t w; len - n >= sizeof(w); n += sizeof(w)) {
		memcpy(&w, p + n, sizeof(w));
		if ((w & high) || ((w - space) & high))
			break;
	}
	return n;
}

bool text_is_clean(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	for (size_t pos = 0, n; pos < len; pos += n) {
		uint32_t c;
		if ((n = plain_run(p + pos, len - pos)))
			continue;
		if (!decode(p + pos, len - pos, &n, &c) || !is_xml_char(c))
			return false;
	}
	return true;
}

void text_scrub(struct buf *out, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t start = 0; /* of the clean run not yet appended */

	for (size_t pos = 0, n; pos < len && out->error == 0; pos += n) {
		uint32_t c = 0;
		bool valid;
		if ((n = plain_run(p + pos, len - pos)))
			continue;
		valid = decode(p + pos, len - pos, &n, &c);
		if (valid && is_xml_char(c))
			continue;
		buf_append(out, s + start, pos - start);
		if (!valid || c >= 0x20)
			buf_append_str(out, REPLACEMENT);
		start = pos + n;
	}
	if (len > start)
		buf_append(out, s + start, len - start);
}

size_t text_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)s[max] & 0xC0) == 0x80)
		max--;
	return max;
}

size_t text_collapse(char *s, size_t len)
{
	size_t out = 0;
	bool pending = false;

	for (size_t i = 0; i < len;) {
		bool nbsp = i + 1 < len && s[i] == '\xC2' && s[i + 1] == '\xA0';
		if (nbsp || text_is_space(s[i])) {
			pending = out > 0;
			i += nbsp ? 2 : 1;
			continue;
		}
		if (pending)
			s[out++] = ' ';
		pending = false;
		s[out++] = s[i++];
	}
	/* Nothing is written behind the old end: the bytes need not be a C string. */
	if (out < len)
		s[out] = '\0';
	return out;
}

uint32_t text_next(const char *s, size_t len, size_t *pos)
{
	uint32_t c;
	size_t n;

	if (*pos >= len)
		return 0;
	if (!decode((const unsigned char *)s + *pos, len - *pos, &n, &c))
		c = 0xFFFD;
	*pos += n;
	return c;
}

size_t text_encode(uint32_t c, char out[4])
{
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = 0xFFFD;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)(0xF00 >> len | c);
	return len;
}
