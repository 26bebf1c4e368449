#ifndef IDENTIFY_MASK_INTERNAL_H
#define IDENTIFY_MASK_INTERNAL_H
/* What the files of masking share: bytes and their classes, the text that is read, the tables of words, addresses. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "mask.h"
#include "syndicated/base/text.h"

struct span {
	const char *s;
	size_t len;
};

/* What a byte may be part of; a NUL, which ends each text, of nothing. */
enum { DIGIT = 1, LETTER = 2, BEYOND_ASCII = 4, APOSTROPHE = 8, HYPHEN = 16, WORD = LETTER | BEYOND_ASCII, ALNUM = DIGIT | LETTER };

/* This is asked of each byte of each text. */
extern const unsigned char mask_classes[256];

static inline bool is_class(char c, unsigned any)
{
	return mask_classes[(unsigned char)c] & any;
}

static inline size_t run_of(const char *s, unsigned any)
{
	const char *from = s;

	while (is_class(*s, any))
		s++;
	return (size_t)(s - from);
}

/* A text that is being read, and what is written of it. */
struct mask {
	char *to; /* in out. Not beside words: compilers load the two as one, which waits for what has just been stored */
	const char *begin, *at, *end;
	char *out;              /* room for as much as is read: what is masked is never longer, and a look ends before the text does */
	char *words;            /* the same for the words alone, which become lower case at the end */
	const char *words_from; /* behind the last number or mark: letters since then were read as words, and written */
	struct span before;     /* the last word */
	bool has_colon;         /* nothing but a colon and space since it */
	unsigned words_to_ask;  /* of the next ones each may be one of ONES that an AGO_BEFORE is in front of */
	bool in_stamp;          /* in a line that says when the page was made */
	unsigned stamp_left;
	char *block_begins; /* in out, */
	char *block_words;  /* and in words */
	bool block_is_ad;
	bool block_has_words;
};

/* Whether a word opens a stamp, or says with what stands around it how long ago something was, or may. */
bool mask_says_when(const struct mask *m, struct span w);

/* ---- mask_plain.c ---- */

/* Takes what is plain behind m->at: words of no table, single spaces, punctuation. The block has words, and no stamp is open. */
void mask_read_plain(struct mask *m);

/* ---- several bytes at once ---- */

static inline uint64_t mask_bits_below(size_t n) /* 64 at most */
{
	return n < 64 ? ((uint64_t)1 << n) - 1 : UINT64_MAX;
}

#ifdef __SSE2__
static inline __m128i mask_step(const char *s)
{
	return _mm_loadu_si128((const __m128i *)(const void *)s);
}

/* A bit for each byte of v that is all ones, the first of them `at` bits up. */
static inline uint64_t mask_bits(__m128i v, size_t at)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(v) << at;
}

/* Which bytes are among the n from `from` on: shifted so that those are the lowest, as signed bytes are compared. */
static inline __m128i mask_among(__m128i v, char from, char n)
{
	return _mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8((char)(0x80 - from))), _mm_set1_epi8((char)(0x80 + n)));
}

static inline __m128i mask_letters(__m128i v)
{
	return mask_among(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 26);
}
#endif

/* The length of the word that begins at s, in a text that ends there. */
static inline size_t mask_word(const char *s, const char *end)
{
	const char *from = s;

#ifdef __SSE2__
	for (; end - s >= 16; s += 16) {
		__m128i v = mask_step(s), in = _mm_or_si128(_mm_or_si128(mask_letters(v), _mm_cmpeq_epi8(v, _mm_set1_epi8('\''))), v);
		uint64_t out = mask_bits(in, 0) ^ 0xFFFF; /* beyond ASCII the high bit is set */

		if (out)
			return (size_t)(s - from) + (size_t)__builtin_ctzll(out);
	}
#else
	(void)end;
#endif
	return (size_t)(s - from) + run_of(s, WORD | APOSTROPHE);
}

/* ---- mask_words.c ---- */

enum { COUNTED, LABELS, STAMPS, ONES, IL, AGO_AFTER, AGO_BEFORE, ADVERTISEMENTS, BLOCKS, PLACES, PICTURES, TABLES };
enum { WORD_BYTES = 40 /* longer ones are in no table */, NAME_BYTES = 8 /* names up to that are compared at once */, TABLE_NAMES = 32 };
_Static_assert(WORD_BYTES <= 64, "a length has a bit");

/* Nearly all words are in no table, and most of them are told by their length and first letter. */
struct mask_table {
	const char *const *words;
	size_t n;
	uint64_t lengths[256]; /* of the words that begin with a byte, a bit each; */
	uint8_t from[256], to[256]; /* and where they stand */
	uint64_t names[TABLE_NAMES]; /* the first words once more, for names_one_of() */
};
extern struct mask_table mask_tables[TABLES];
/* Lengths of the words that are looked for everywhere, STAMPS, IL and those around "an hour", by the low bits of their first two bytes. */
enum { LETTER_BITS = 5, LETTERS = 1 << LETTER_BITS };
extern uint32_t mask_in_text[LETTERS * LETTERS];
void mask_read_tables(void); /* before anything else; from any thread, as often as one likes */

bool mask_table_has(const struct mask_table *t, struct span w);

static inline bool one_of(int table, struct span w)
{
	const struct mask_table *t = &mask_tables[table];

	return w.len > 0 && w.len < WORD_BYTES && (t->lengths[(unsigned char)text_lower(*w.s)] >> w.len & 1) && mask_table_has(t, w);
}

/* Up to NAME_BYTES bytes as a number, letters in lower case, when as many can be read. */
static inline uint64_t name_number(struct span name)
{
	const uint64_t lower = 0x2020202020202020;
	const unsigned behind = 64 - 8 * (unsigned)name.len; /* bits of what is behind the name: the high ones, or the low */
	uint64_t bytes;

	memcpy(&bytes, name.s, sizeof(bytes));
	return (bytes | lower) & (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? UINT64_MAX >> behind : UINT64_MAX << behind);
}

bool mask_table_has_name(const struct mask_table *t, struct span name);

/* The same of names in tags, in a text that ends there: BLOCKS, PLACES and PICTURES. */
static inline bool names_one_of(int table, struct span name, const char *end)
{
	const struct mask_table *t = &mask_tables[table];

	if (name.len == 0 || name.len > NAME_BYTES || end - name.s < NAME_BYTES)
		return one_of(table, name);
	return (t->lengths[(unsigned char)text_lower(*name.s)] >> name.len & 1) && mask_table_has_name(t, name);
}

/* Whether it may be one of those. */
static inline bool may_be_in_text(const char *s, size_t len)
{
	size_t letters = (size_t)(s[0] & (LETTERS - 1)) << LETTER_BITS | (size_t)(s[1] & (LETTERS - 1));

	return mask_in_text[letters] >> (len & 31) & 1;
}

bool mask_begins_ago(struct span w); /* "5" and w, which are written as one word, say how long ago it was */

/* ---- mask_url.c ---- */

enum { RANDOM_HEX_BYTES = 8 /* shorter ones are never random */ };
bool mask_is_random(struct span w);
void mask_read_advertisers(void); /* before it, by mask_read_tables() */
bool mask_is_advertiser(struct span url);
/* Writes at most len bytes, and returns the end of them. */
char *mask_put_url(const char *s, size_t len, char *to);

#endif
