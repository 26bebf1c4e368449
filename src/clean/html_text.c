/*
 * HTML to plain text: what a reader would see, blocks apart by a space, white space (also NBSP) collapsed. Soft hyphens
 * and zero-width spaces are hints to a line breaker and go; joiners (ZWJ, ZWNJ) change letters and emoji and stay. The
 * text is cut at the limit of the buf, between characters.
 */
#include "html.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH EACH(0x80)

void html_text_init(struct html_text *t, struct buf *out)
{
	t->out = out;
	t->start = out ? out->len : 0;
	t->full = !out || out->error != 0;
}

static bool ends_in_space(const struct html_text *t)
{
	return t->out->len == t->start || t->out->bytes[t->out->len - 1] == ' ';
}

static void add_space(struct html_text *t)
{
	if (ends_in_space(t))
		return;
	t->full = t->out->len == t->out->max_bytes;
	if (!t->full)
		buf_append_char(t->out, ' ');
}

void html_text_gap(struct html_text *t)
{
	if (!t->full)
		add_space(t);
}

/* How many bytes of s can be copied as they are (there may be more): printable ASCII, no two spaces in a row. */
static size_t plain_run(const char *s, size_t len, bool after_space)
{
	uint64_t before = after_space ? ' ' : 0;
	size_t n = 0;

#ifdef __SSE2__
	for (unsigned blanks, stop; len - n >= 16; n += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + n));

		blanks = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));
		stop = (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(v, _mm_set1_epi8(' '))); /* signed: from 0x80 on, too */
		stop |= blanks & (blanks << 1 | (before == ' '));
		if (stop)
			return n + (size_t)__builtin_ctz(stop);
		before = (unsigned char)s[n + 15];
	}
#endif
	for (uint64_t w, spaces; len - n >= sizeof(w); n += sizeof(w)) {
		memcpy(&w, s + n, sizeof(w));
		if (((w - EACH(0x20)) | w) & HIGH)
			break;
		spaces = ~(((w ^ EACH(' ')) + EACH(0x7F)) | w) & HIGH; /* exact: no byte is over 0x7F */
		if (spaces & (spaces << 8 | (before == ' ' ? 0x80 : 0)))
			break;
		before = w >> 56;
	}
	return n;
}

/* Length of the white space or invisible hint at s, 0 for others. */
static size_t space_at(const unsigned char *s, size_t len, bool *ret_hint)
{
	*ret_hint = false;
	if (s[0] <= ' ')
		return 1;
	if (s[0] == 0xC2 && len > 1 && (s[1] == 0xA0 || s[1] == 0xAD)) {
		*ret_hint = s[1] == 0xAD;
		return 2;
	}
	if (len < 3 || s[0] < 0xE2)
		return 0;
	*ret_hint = memcmp(s, "\xE2\x80\x8B", 3) == 0 || memcmp(s, "\xE2\x81\xA0", 3) == 0 || memcmp(s, "\xEF\xBB\xBF", 3) == 0;
	return *ret_hint ? 3 : 0;
}

/* Up to the next byte that could begin white space; whole characters. */
static size_t word_at(const unsigned char *s, size_t len)
{
	size_t n = 1;

	while (n < len && s[n] > ' ' && s[n] != 0xC2 && s[n] != 0xE2 && s[n] != 0xEF)
		n++;
	return n;
}

static void copy(struct html_text *t, const char *s, size_t len)
{
	size_t room = t->out->max_bytes - t->out->len;

	if (len > room) {
		t->full = true;
		for (len = room; len && ((unsigned char)s[len] & 0xC0) == 0x80; len--)
			;
	}
	buf_append(t->out, s, len);
}

void html_text_add(struct html_text *t, const char *s, size_t len)
{
	for (size_t i = 0, n; i < len && !t->full; i += n) {
		bool hint;

		n = plain_run(s + i, len - i, ends_in_space(t));
		if (n) {
			copy(t, s + i, n);
			continue;
		}
		n = space_at((const unsigned char *)s + i, len - i, &hint);
		if (n == 0) {
			n = word_at((const unsigned char *)s + i, len - i);
			copy(t, s + i, n);
		} else if (!hint) {
			add_space(t);
		}
	}
}

void html_text_end(struct html_text *t)
{
	if (!t->out)
		return;
	if (t->out->len > t->start && ends_in_space(t))
		t->out->len--;
	buf_grew(t->out, 0);
}

void html_text_undo(struct html_text *t)
{
	if (!t->out)
		return;
	t->out->len = t->start;
	buf_grew(t->out, 0);
	t->full = t->out->error != 0;
}
