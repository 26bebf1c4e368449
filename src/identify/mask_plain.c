/*
 * Nearly all of a text is words of no table, with a space between two of them or a comma. It is read 32 bytes a look:
 * what each byte is, a bit each, tells where words begin and end and how far it goes on like that. What is found here is
 * what mask.c finds byte by byte; whatever may be more than plain is left to it.
 */
#include "mask_internal.h"

#include <string.h>

enum { LOOK = 32, STEP = 16 };
_Static_assert(LOOK == 2 * STEP, "a word has two steps at most");

/* The first byte in the lowest bit. */
struct look {
	uint64_t word; /* may be part of one: also each apostrophe */
	uint64_t apostrophe;
	uint64_t space;
	uint64_t stop; /* a digit, a tag, the end, or a space behind another */
};

#ifdef __SSE2__
/* Copies the bytes, white space as one sort of it. */
static inline void look_at(const char *s, char *to, struct look *ret)
{
	ret->word = ret->apostrophe = ret->space = ret->stop = 0;
#pragma GCC unroll 2
	for (unsigned at = 0; at < LOOK; at += STEP) {
		__m128i v = mask_step(s + at);
		__m128i letters = mask_letters(v), apostrophes = _mm_cmpeq_epi8(v, _mm_set1_epi8('\''));
		__m128i blank = _mm_set1_epi8(' '), spaces = _mm_or_si128(_mm_cmpeq_epi8(v, blank), mask_among(v, '\t', 5));
		__m128i stops = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_setzero_si128()), _mm_cmpeq_epi8(v, _mm_set1_epi8('<')));

		_mm_storeu_si128((__m128i *)(void *)(to + at), _mm_or_si128(_mm_andnot_si128(spaces, v), _mm_and_si128(spaces, blank)));
		ret->word |= mask_bits(_mm_or_si128(_mm_or_si128(letters, apostrophes), v), at); /* beyond ASCII the high bit is set */
		ret->apostrophe |= mask_bits(apostrophes, at);
		ret->space |= mask_bits(spaces, at);
		ret->stop |= mask_bits(_mm_or_si128(stops, mask_among(v, '0', 10)), at);
	}
}
#else
static void look_at(const char *s, char *to, struct look *ret)
{
	ret->word = ret->apostrophe = ret->space = ret->stop = 0;
	for (unsigned at = 0; at < LOOK; at++) {
		char c = s[at];

		to[at] = text_is_space(c) ? ' ' : c;
		ret->word |= (uint64_t)is_class(c, WORD | APOSTROPHE) << at;
		ret->apostrophe |= (uint64_t)is_class(c, APOSTROPHE) << at;
		ret->space |= (uint64_t)text_is_space(c) << at;
		ret->stop |= (uint64_t)(is_class(c, DIGIT) || c == '<' || c == '\0') << at;
	}
}
#endif

static size_t lowest(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits);
}

/* How much of it is before the first stop. A word that ends where a digit stands or the look does is left out, since it may be longer. */
static size_t plain_bytes(const char *s, const struct look *l)
{
	size_t n = l->stop ? lowest(l->stop) : LOOK;
	uint64_t gaps;

	if (n < LOOK && !is_class(s[n], DIGIT))
		return n;
	gaps = ~l->word & mask_bits_below(n);
	return gaps ? 64 - (size_t)__builtin_clzll(gaps) : 0;
}

/* No word begins with an apostrophe. */
static uint64_t without_leading(uint64_t word, uint64_t apostrophe)
{
	uint64_t leading;

	while ((leading = word & apostrophe & ~(word << 1)) != 0)
		word &= ~leading;
	return word;
}

static inline char *append_word(const char *s, size_t len, char *to)
{
	memcpy(to, s, STEP);
	if (len > STEP)
		memcpy(to + STEP, s + STEP, STEP);
	return to + len;
}

/* Words of a look, a bit where each begins and one behind its end. */
struct words {
	uint64_t begins, ends;
};

static struct words words_of(const struct look *l, size_t n)
{
	uint64_t word = without_leading(l->word & mask_bits_below(n), l->apostrophe);

	return (struct words){ word & ~(word << 1), ~word & (word << 1) };
}

/* Appends them all, unless one of them may be of a table. That is asked without a branch for each, since nothing would foretell it. */
static bool append_words(const char *s, struct words w, char **to)
{
	unsigned in_table = 0;
	char *at = *to;

	for (; w.begins; w.begins &= w.begins - 1, w.ends &= w.ends - 1) {
		const char *word = s + lowest(w.begins);
		size_t len = lowest(w.ends) - lowest(w.begins);

		in_table |= may_be_in_text(word, len);
		at = append_word(word, len, at);
	}
	if (!in_table)
		*to = at;
	return !in_table;
}

/* What is read in one go, until it is known of the mask. */
struct stretch {
	const char *behind; /* it is known of what is before that */
	struct span last;   /* word, if any was behind that */
};

/* The last word, unless something else stands behind it, and whether a colon does. */
static void remember(struct mask *m, struct stretch *r, const char *end)
{
	if (r->last.s) {
		m->before = r->last;
		m->has_colon = false;
		r->behind = r->last.s + r->last.len;
	}
	for (; r->behind < end; r->behind++) {
		if (*r->behind == ':' || *r->behind == '(')
			m->has_colon = true;
		else if (!text_is_space(*r->behind))
			m->before = (struct span){ NULL, 0 };
	}
	r->last = (struct span){ NULL, 0 };
}

/* Appends them until one says more than its letters; returns where that is, or n. */
static size_t append_some_words(const struct mask *m, struct stretch *r, const char *s, struct words w, size_t n, char **to)
{
	for (; w.begins; w.begins &= w.begins - 1, w.ends &= w.ends - 1) {
		size_t begin = lowest(w.begins);
		struct span word = { m->at + begin, lowest(w.ends) - begin };

		if (may_be_in_text(word.s, word.len) && mask_says_when(m, word))
			return begin;
		*to = append_word(s + begin, word.len, *to);
		r->last = word;
	}
	return n;
}

static struct span last_of(const struct mask *m, struct words w)
{
	size_t begin = 63 - (size_t)__builtin_clzll(w.begins), end = 63 - (size_t)__builtin_clzll(w.ends);

	return (struct span){ m->at + begin, end - begin };
}

/* Reads a look at s, which is m->at or a copy of what is there. True when it may go on like that behind it. */
static bool read_look(struct mask *m, struct stretch *r, const char *s, char *to, char **words)
{
	struct look l;
	struct words w;
	size_t plain, n;

	look_at(s, to, &l);
	l.stop |= l.space & (l.space << 1 | (m->to == m->out || m->to[-1] == ' ')); /* of several spaces one stays */
	n = plain = plain_bytes(s, &l);
	w = words_of(&l, n);
	if (!append_words(s, w, words))
		n = append_some_words(m, r, s, w, n, words);
	else if (w.begins)
		r->last = last_of(m, w);
	m->at += n;
	m->to += n;
	return l.stop == 0 && n == plain && n > 0;
}

/* The same where a whole look would read and write too far. */
static bool read_last_look(struct mask *m, struct stretch *r)
{
	char text[LOOK + STEP] = "", to[LOOK], words[LOOK + STEP], *words_end = words, *room = m->to;
	size_t left = (size_t)(m->end - m->at);
	bool goes_on;

	memcpy(text, m->at, left < LOOK ? left : LOOK);
	goes_on = read_look(m, r, text, to, &words_end);
	memcpy(room, to, (size_t)(m->to - room));
	memcpy(m->words, words, (size_t)(words_end - words));
	m->words += words_end - words;
	return goes_on;
}

void mask_read_plain(struct mask *m)
{
	struct stretch r = { m->at, { NULL, 0 } };
	bool goes_on = true;

	while (goes_on && m->end - m->at >= LOOK + STEP)
		goes_on = read_look(m, &r, m->at, m->to, &m->words);
	while (goes_on && m->at < m->end)
		goes_on = read_last_look(m, &r);
	remember(m, &r, m->at);
}
