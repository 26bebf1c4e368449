#include "xml_run.h"

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "syndicated/base/text.h"
#include "xml.h"

enum { MAX_REFERENCE = 12 }; /* bytes, with "&" and ";": the longest names of HTML 4 have eight letters */

/* ---- finding ---- */

static const char *find_byte(const char *s, const char *end, char c)
{
	const char *found = s < end ? memchr(s, c, (size_t)(end - s)) : NULL;

	return found ? found : end;
}

/* "]" is rare in what sections hold, ">" is not. */
static const char *find_section_end(const char *s, const char *end)
{
	while ((s = find_byte(s, end, ']')) < end && (end - s < 3 || s[1] != ']' || s[2] != '>'))
		s++;
	return s;
}

/* Behind the ">" of what begins at s, or NULL when there is none before `end`. A ">" in quotes ends nothing. */
static const char *behind_tag(const char *s, const char *end)
{
	char quote = 0;

	for (; s < end; s++) {
		if (quote)
			quote = *s == quote ? 0 : quote;
		else if (*s == '>')
			return s + 1;
		else if (*s == '"' || *s == '\'')
			quote = *s;
	}
	return NULL;
}

/* Behind a declaration; the end when it has declarations in it, since libxml2 must not be cut short anywhere in those. */
static const char *behind_doctype(const char *s, const char *end)
{
	const char *behind = behind_tag(s, end);

	if (!behind || memchr(s, '[', (size_t)(behind - s)))
		return end;
	return find_byte(behind, end, '<');
}

static bool begins_with(const char *s, const char *end, const char *what, size_t n)
{
	return (size_t)(end - s) >= n && memcmp(s, what, n) == 0;
}

/* Where the look-out for a run goes on, of the markup that begins at s; a run that begins behind it is *ret. next: the next "<", or NULL. */
static const char *behind_markup(const char *s, const char *next, const char *end, size_t min, struct xml_run *ret)
{
	const char *from;

	*ret = (struct xml_run){ s, s, false };
	if (begins_with(s, end, "<![CDATA[", 9)) {
		next = find_section_end(s + 9, end);
		*ret = (struct xml_run){ s + 9, next, true };
		return find_byte(next, end, '<');
	}
	if (begins_with(s, end, "<!DOCTYPE", 9))
		return behind_doctype(s, end);
	if (!next)
		next = find_byte(s + 1, end, '<');
	if ((size_t)(next - s) > min && s[1] != '!' && s[1] != '?' && (from = behind_tag(s, next)))
		*ret = (struct xml_run){ from, next, false };
	return next;
}

#ifdef __SSE2__
/* Which of 64 bytes are c, a bit each, the first in the lowest. */
static uint64_t bits_of(const char *s, char c)
{
	uint64_t bits = 0;

#pragma GCC unroll 4
	for (unsigned at = 0; at < 64; at += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + at));

		bits |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(c))) << at;
	}
	return bits;
}

/*
 * From the "<" at s on, the first that is worth a look: a declaration, comment or section, or that has no other near. Of
 * documents nearly all is tags close to each other, and here they are not gone through one by one. *ret_next is the one
 * behind that, or NULL when it is not known yet.
 */
static const char *next_worth_a_look(const char *s, const char *end, size_t min, const char **ret_next)
{
	const char *last = s;

	*ret_next = NULL;
	if (min < 64 || (end - s > 1 && s[1] == '!'))
		return s;
	for (; end - s > 64; s += 64) {
		uint64_t opens = bits_of(s, '<'), marks = opens ? opens & bits_of(s + 1, '!') : 0;

		if (opens && (size_t)(s + __builtin_ctzll(opens) - last) > min) {
			*ret_next = s + __builtin_ctzll(opens);
			return last;
		}
		if (marks)
			return s + __builtin_ctzll(marks);
		if (opens)
			last = s + 63 - __builtin_clzll(opens);
	}
	return last;
}
#else
static const char *next_worth_a_look(const char *s, const char *end, size_t min, const char **ret_next)
{
	(void)end, (void)min;
	*ret_next = NULL;
	return s;
}
#endif

bool xml_find_run(const char *s, const char *end, size_t min, struct xml_run *ret)
{
	const char *next;

	s = find_byte(s, end, '<');
	while (s < end) {
		s = next_worth_a_look(s, end, min, &next);
		s = behind_markup(s, next, end, min, ret);
		if (ret->to < end && (size_t)(ret->to - ret->from) >= min)
			return true;
	}
	return false;
}

/* ---- decoding ---- */

/* How far nothing in [s, end) is special: no reference, no CR, no "]". Copies that much. */
static size_t copy_plain(char *out, const char *s, size_t len)
{
	size_t n = 0;

#ifdef __SSE2__
	for (; len - n >= 16; n += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + n));
		__m128i special = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('&')),
		                               _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(']')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'))));
		unsigned mask = (unsigned)_mm_movemask_epi8(special);

		_mm_storeu_si128((__m128i *)(void *)(out + n), v);
		if (mask)
			return n + (size_t)__builtin_ctz(mask);
	}
#endif
	for (; n < len && s[n] != '&' && s[n] != ']' && s[n] != '\r'; n++)
		out[n] = s[n];
	return n;
}

static bool is_allowed(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c < 0xD800 || (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && c <= 0x10FFFF);
}

/* The number between "&#" and ";", or 0. At most MAX_REFERENCE digits, of which seven tell. */
static uint32_t decode_number(const char *s, const char *end)
{
	bool hex = s < end && *s == 'x';
	uint32_t c = 0;

	for (s += hex; s < end && c <= 0x10FFFF; s++) {
		if (text_is_digit(*s))
			c = c * (hex ? 16 : 10) + (uint32_t)(*s - '0');
		else if (hex && text_lower(*s) >= 'a' && text_lower(*s) <= 'f')
			c = c * 16 + (uint32_t)(text_lower(*s) - 'a' + 10);
		else
			return 0;
	}
	return is_allowed(c) ? c : 0;
}

/* Nearly all are of these: told without looking for where they end. 0: it is none of them, or near the end. */
static uint32_t decode_common(const char *s, const char *end, const char **ret_behind)
{
	if (end - s < 6)
		return 0;
	*ret_behind = s + 4;
	if (memcmp(s, "&lt;", 4) == 0)
		return '<';
	if (memcmp(s, "&gt;", 4) == 0)
		return '>';
	*ret_behind = s + 5;
	if (memcmp(s, "&amp;", 5) == 0)
		return '&';
	*ret_behind = s + 6;
	return memcmp(s, "&quot;", 6) == 0 ? '"' : 0;
}

/* The character that the reference at s means, which ends at *ret_behind; 0 for what the parser has to look at. */
static uint32_t decode_reference(const char *s, const char *end, const char **ret_behind)
{
	const char *name = s + 1, *behind = name;
	uint32_t c = decode_common(s, end, ret_behind);

	if (c)
		return c;
	while (behind < end && *behind != ';' && behind - s < MAX_REFERENCE)
		behind++;
	if (behind == end || *behind != ';')
		return 0;
	*ret_behind = behind + 1;
	return *name == '#' ? decode_number(name + 1, behind) : xml_entity(name, (size_t)(behind - name));
}

size_t xml_decode_slice(const char **s, const char *end, char *out)
{
	const char *at = *s, *stop = end - at > XML_SLICE_BYTES ? at + XML_SLICE_BYTES : end, *behind;
	char *to = out;
	uint32_t c;

	/* Nothing grows by being decoded, so what is left of the slice has room. */
	while (at < stop) {
		size_t n = copy_plain(to, at, (size_t)(stop - at));

		to += n;
		at += n;
		if (at == stop)
			break;
		if (*at == '&') {
			c = decode_reference(at, end, &behind);
			if (c == 0 || behind > stop)
				break;
			if (c < 0x80)
				*to++ = (char)c;
			else
				to += text_encode(c, to);
			at = behind;
		} else if (*at == ']') {
			if (end - at >= 3 && at[1] == ']' && at[2] == '>')
				break;
			*to++ = *at++;
		} else {
			at++;
			if (at == end || *at != '\n')
				*to++ = '\n';
		}
	}
	*s = at;
	return (size_t)(to - out);
}
