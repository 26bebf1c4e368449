#ifndef IDENTIFY_MASK_INTERNAL_H
#define IDENTIFY_MASK_INTERNAL_H
/* What the files of masking share: bytes and their classes, the tables of words (mask_words.c), addresses (mask_url.c). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* ---- mask_words.c ---- */

enum { COUNTED, LABELS, STAMPS, ONES, AGO_AFTER, AGO_BEFORE, ADVERTISEMENTS, BLOCKS, PLACES, PICTURES, TABLES };
enum { WORD_BYTES = 40 }; /* longer ones are in no table */
_Static_assert(WORD_BYTES <= 64, "a length has a bit");

/* Nearly all words are in no table, and most of them are told by their length and first letter. */
struct mask_table {
	const char *const *words;
	size_t n;
	uint64_t lengths[256]; /* of the words that begin with a byte, a bit each */
};
extern struct mask_table mask_tables[TABLES];
extern uint64_t mask_in_text[256]; /* the same of the words that are looked for everywhere: ONES and STAMPS */
void mask_read_tables(void); /* before anything else; from any thread, as often as one likes */

bool mask_table_has(const struct mask_table *t, struct span w);

static inline bool one_of(int table, struct span w)
{
	const struct mask_table *t = &mask_tables[table];

	return w.len > 0 && w.len < WORD_BYTES && (t->lengths[(unsigned char)text_lower(*w.s)] >> w.len & 1) && mask_table_has(t, w);
}

/* Whether it may be in ONES or STAMPS. */
static inline bool may_be_in_text(struct span w)
{
	return w.len < WORD_BYTES && (mask_in_text[(unsigned char)*w.s] >> w.len & 1);
}

bool mask_begins_ago(struct span w); /* "5" and w, which are written as one word, say how long ago it was */

/* ---- mask_url.c ---- */

enum { RANDOM_HEX_BYTES = 8 /* shorter ones are never random */ };
bool mask_is_random(struct span w);
bool mask_is_advertiser(struct span url);
/* Writes at most len bytes, and returns the end of them. */
char *mask_put_url(const char *s, size_t len, char *to);

#endif
