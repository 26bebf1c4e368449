#include "repair.h"

#include <stdbool.h>
#include <stdint.h>

#include "syndicated/base/text.h"

enum { ENOUGH_FAULTS = 4096 };

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* Two encoded surrogates, or half of one pair: ED A0..AF xx ED B0..BF xx. */
static bool is_surrogate(const char *s, size_t len, unsigned char low)
{
	return len >= 3 && s[0] == '\xED' && ((unsigned char)s[1] & 0xF0) == low && is_continuation(s[2]);
}

/*
 * Whether the sequence of n bytes at s[at], which lacks some, was UTF-8 cut short rather than windows-1252. It was when
 * it follows other UTF-8, or begins a curly quote, or would be a capital behind a small letter.
 */
static bool was_cut(const char *s, size_t len, size_t at, size_t n)
{
	char before = at ? s[at - 1] : ' ';

	if (at + n == len)
		return true;
	if (n >= 2 && s[at] == '\xE2' && s[at + 1] == '\x80')
		return true;
	if (at >= 2 && is_continuation(before) && text_is_clean(s + at - 2, 2))
		return true;
	if (at >= 3 && is_continuation(before) && text_is_clean(s + at - 3, 3))
		return true;
	return before >= 'a' && before <= 'z' && (s[at] == '\xC3' || s[at] == '\xC2');
}

/* What is wrong with the bytes at s[at], which are not clean, and how many belong to it. */
static enum fault judge_fault(const char *s, size_t len, size_t at, size_t *n)
{
	unsigned char c = (unsigned char)s[at];
	size_t need = c < 0xC2 || c > 0xF4 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4, have = 1;

	*n = 1;
	if (c < 0x20)
		return FAULT_CONTROL;
	if (is_surrogate(s + at, len - at, 0xA0) && is_surrogate(s + at + 3, len - at - 3, 0xB0)) {
		*n = 6;
		return FAULT_PAIR;
	}
	while (have < need && at + have < len && is_continuation(s[at + have]))
		have++;
	if (c == 0xC0 && at + 1 < len && s[at + 1] == '\x80') { /* Java's way to write NUL */
		*n = 2;
		return FAULT_CONTROL;
	}
	if (need == 1)
		return FAULT_BYTE;
	/* A whole sequence that is not allowed: a lone surrogate, U+FFFE; or overlong, which nobody writes by mistake. */
	if (have == need && need == 3 && (c == 0xED || c == 0xEF)) {
		*n = have;
		return FAULT_CUT;
	}
	if (have < need && was_cut(s, len, at, have)) {
		*n = have;
		return FAULT_CUT;
	}
	return FAULT_BYTE;
}

size_t repair_count_characters(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += (unsigned char)s[i] >= 0xC0;
	return n;
}

/* What a fault's first byte, or the pair, was meant to be. */
static uint32_t mend(const char *s, enum fault fault)
{
	if (fault == FAULT_CUT)
		return 0xFFFD;
	if (fault == FAULT_PAIR)
		return 0x10000 + (((uint32_t)s[1] & 0x0F) << 16 | ((uint32_t)s[2] & 0x3F) << 10 | ((uint32_t)s[4] & 0x0F) << 6 | ((uint32_t)s[5] & 0x3F));
	return text_meant((unsigned char)s[0]);
}

void repair_utf8(const char *s, size_t len, struct repair *m, struct buf *out)
{
	for (size_t at = 0, n; at < len; at += n) {
		enum fault fault;
		char utf8[4];

		n = text_clean_prefix(s + at, len - at);
		m->characters += repair_count_characters(s + at, n);
		if (out)
			buf_append(out, s + at, n);
		at += n;
		if (at == len)
			return;
		fault = judge_fault(s, len, at, &n);
		if (m->faults[fault]++ == 0)
			m->first[fault] = at;
		if (out && fault != FAULT_CONTROL)
			buf_append(out, utf8, text_encode(mend(s + at, fault), utf8));
		if (!out && m->faults[FAULT_BYTE] > ENOUGH_FAULTS && m->characters < m->faults[FAULT_BYTE] / 2)
			return;
	}
}
