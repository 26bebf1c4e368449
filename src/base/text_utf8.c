/* UTF-8: the border where foreign bytes become text, and walking through text. */
#include "syndicated/base/text.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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
 * How many bytes from here are plain ASCII, without controls but those that end and indent lines (or without any): most text
 * is. Sixteen at a time where SSE2 is (every
 * x86-64); elsewhere eight, where a byte under 0x20 borrows into the high bit of its own or a neighbour's lane, so a
 * step is taken only when all eight are in 0x20..0x7F.
 */
#ifdef __SSE2__
/* Of each of 16 bytes all bits when it is plain, or ends or indents a line, which would cut most runs short. */
static __m128i plain_mask(const unsigned char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i breaks = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));

	/* Signed: bytes from 0x80 are negative, so they fail as well. */
	return _mm_or_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8(0x1F)), _mm_or_si128(breaks, _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'))));
}

static size_t plain_run(const unsigned char *p, size_t len)
{
	size_t n = 0;

	for (; len - n >= 32; n += 32) {
		if (_mm_movemask_epi8(_mm_and_si128(plain_mask(p + n), plain_mask(p + n + 16))) != 0xFFFF)
			break;
	}
	for (; len - n >= 16; n += 16) {
		unsigned plain = (unsigned)_mm_movemask_epi8(plain_mask(p + n));

		if (plain != 0xFFFF)
			return n + (size_t)__builtin_ctz(~plain);
	}
	while (n < len && p[n] >= 0x20 && p[n] < 0x80)
		n++;
	return n;
}
#else
static size_t plain_run(const unsigned char *p, size_t len)
{
	const uint64_t high = UINT64_C(0x8080808080808080), space = UINT64_C(0x2020202020202020);
	size_t n = 0;

	for (uint64_t w; len - n >= sizeof(w); n += sizeof(w)) {
		memcpy(&w, p + n, sizeof(w));
		if ((w & high) || ((w - space) & high))
			break;
	}
	while (n < len && p[n] >= 0x20 && p[n] < 0x80)
		n++;
	return n;
}
#endif

/*
 * Bytes of a run of characters that are clear at a glance: of two bytes (four characters in one look, as Greek and
 * Cyrillic words have them), or of three bytes without a special case (most of CJK and of the Indic scripts).
 */
static size_t common_run(const unsigned char *p, size_t len)
{
	/* Byte by byte, so that the order of bytes in a word does not matter; compilers make constants of them. */
	static const unsigned char shape2[8] = { 0xE0, 0xC0, 0xE0, 0xC0, 0xE0, 0xC0, 0xE0, 0xC0 };
	static const unsigned char want2[8] = { 0xC0, 0x80, 0xC0, 0x80, 0xC0, 0x80, 0xC0, 0x80 };
	static const unsigned char value2[8] = { 0x1E, 0, 0x1E, 0, 0x1E, 0, 0x1E, 0 };
	static const unsigned char carry2[8] = { 0x20, 0, 0x20, 0, 0x20, 0, 0x20, 0 };
	static const unsigned char shape3[4] = { 0xF0, 0xC0, 0xC0, 0 };
	static const unsigned char want3[4] = { 0xE0, 0x80, 0x80, 0 };
	const unsigned simple_leads = 0x5FFE; /* E1 to EC and EE; E0 may be overlong, ED a surrogate, EF U+FFFE */
	uint64_t shape, want, value, carry, w;
	uint32_t shape_of_3, want_of_3, w3;
	size_t n = 0;

	memcpy(&shape, shape2, sizeof(shape));
	memcpy(&want, want2, sizeof(want));
	memcpy(&value, value2, sizeof(value));
	memcpy(&carry, carry2, sizeof(carry));
	for (; len - n >= sizeof(w); n += sizeof(w)) {
		memcpy(&w, p + n, sizeof(w));
		/* C0 and C1 are overlong: their lead has none of the bits 0x1E, so adding 0x1E to those does not carry. */
		if ((w & shape) != want || (((w & value) + value) & carry) != carry)
			break;
	}
	memcpy(&shape_of_3, shape3, sizeof(shape_of_3));
	memcpy(&want_of_3, want3, sizeof(want_of_3));
	for (; len - n >= sizeof(w3); n += 3) {
		memcpy(&w3, p + n, sizeof(w3));
		if ((w3 & shape_of_3) != want_of_3 || !(simple_leads >> (p[n] & 0x0F) & 1))
			break;
	}
	while (len - n >= 2 && p[n] >= 0xC2 && p[n] <= 0xDF && (p[n + 1] & 0xC0) == 0x80)
		n += 2;
	return n;
}

size_t text_clean_prefix(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t at = 0, n;
	uint32_t c;

	while (at < len) {
		if (p[at] >= 0x80) {
			n = common_run(p + at, len - at);
			if (n == 0 && (!decode(p + at, len - at, &n, &c) || !is_xml_char(c)))
				break;
		} else if (p[at] < 0x20) {
			if (!is_xml_char(p[at]))
				break;
			n = 1;
		} else if (at + 1 < len && p[at + 1] >= 0x80) {
			n = 1; /* the space between two words */
		} else {
			n = plain_run(p + at, len - at);
		}
		at += n;
	}
	return at;
}

size_t text_count_lines(const char *s, size_t len)
{
	size_t n = 0, at = 0;

#ifdef __SSE2__
	const __m128i feed = _mm_set1_epi8('\n'), none = _mm_setzero_si128();

	/* Equal bytes are -1, so a lane counts the line feeds in it, at most 255; then the lanes' sum is taken. */
	while (len - at >= 16) {
		__m128i lanes = none, sum;

		for (size_t looks = 0; looks < 255 && len - at >= 16; looks++, at += 16)
			lanes = _mm_sub_epi8(lanes, _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(s + at)), feed));
		sum = _mm_sad_epu8(lanes, none);
		n += (size_t)_mm_cvtsi128_si32(sum) + (size_t)_mm_extract_epi16(sum, 4);
	}
#endif
	for (; at < len; at++)
		n += s[at] == '\n';
	return n;
}

bool text_is_clean(const char *s, size_t len)
{
	return text_clean_prefix(s, len) == len;
}

void text_scrub(struct buf *out, const char *s, size_t len)
{
	while (out->error == 0) {
		size_t clean = text_clean_prefix(s, len), n;
		uint32_t c = 0;

		if (clean)
			buf_append(out, s, clean);
		if (clean == len)
			return;
		if (!decode((const unsigned char *)s + clean, len - clean, &n, &c) || c >= 0x20)
			buf_append_str(out, REPLACEMENT);
		s += clean + n;
		len -= clean + n;
	}
}

size_t text_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)s[max] & 0xC0) == 0x80)
		max--;
	return max;
}

/* How much from the start is collapsed already: most texts are as a whole. Ends before what is not, or might not be. */
static size_t collapsed_prefix(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0;

	for (; i < len; i++) {
		if (p[i] > ' ' && p[i] != 0xC2)
			continue;
		if (p[i] == ' ' ? i == 0 || i + 1 == len || p[i + 1] <= ' ' || p[i + 1] == 0xC2 : i + 1 == len || p[i + 1] == 0xA0 || p[i] < ' ')
			break;
		i++;
	}
	return i;
}

size_t text_collapse(char *s, size_t len)
{
	size_t out = collapsed_prefix(s, len);
	bool pending = false;

	for (size_t i = out; i < len;) {
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

/* The C1 controls were never meant: who writes them counts in windows-1252, as browsers do. */
uint32_t text_meant(uint32_t c)
{
	static const uint16_t windows_1252[32] = {
		0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
		0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
	};

	return c >= 0x80 && c < 0xA0 ? windows_1252[c - 0x80] : c;
}

/* The first at s or behind it, or `end`. No other character's first byte is 0xC2 but those to U+00BF. */
static const char *find_c1(const char *s, const char *end)
{
	while (s < end && (s = memchr(s, 0xC2, (size_t)(end - s)))) {
		if (s + 1 < end && (unsigned char)s[1] < 0xA0)
			return s;
		s++;
	}
	return end;
}

bool text_has_c1(const char *s, size_t len)
{
	return find_c1(s, s + len) < s + len;
}

void text_append_meant(struct buf *out, const char *s, size_t len)
{
	const char *end = s + len, *c1;

	for (; (c1 = find_c1(s, end)) < end; s = c1 + 2) {
		char utf8[4];

		buf_append(out, s, (size_t)(c1 - s));
		buf_append(out, utf8, text_encode(text_meant((unsigned char)c1[1]), utf8));
	}
	buf_append(out, s, (size_t)(end - s));
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
