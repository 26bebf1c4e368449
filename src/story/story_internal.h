#ifndef STORY_INTERNAL_H
#define STORY_INTERNAL_H
/* What the files of this folder say to each other: features.c makes, codec.c keeps, compare.c holds two beside each other. */
#include "syndicated/story.h"
#include "words.h"

enum {
	WEIGHT_UNIT = 240,     /* the length of an item's weights together */
	MAGNITUDE_APART = 20,  /* hundredths: agencies differ by less about one earthquake */
	SHINGLE_WORDS = 5,
	SHINGLE_KEYS = 12,     /* of the sample, that others are found by */
	WIRE_WORDS = 50,       /* a body of fewer is no wire copy */
};

/* ---- numbers.c ---- */

/* Reads numbers from the words of a text, one word after the other. */
struct number_reader {
	struct story_number waiting; /* for its other half: 2 of 2:1 */
	bool waits;
	const char *last_end; /* behind it; NULL: it has no other half */
};
/* True with a number that is known to be over now that the word is there. */
bool number_next(struct number_reader *r, const struct word *w, struct story_number *ret);
bool number_end(struct number_reader *r, struct story_number *ret);
/* Adds to a sorted set; of too many those that say least go. */
void number_add(struct story_features *f, struct story_number n);

/* ---- compare.c ---- */

/* Share of the shorter body that is in the other, and how many samples say so. */
double story_copied(const struct story_features *f, const uint32_t *b, size_t n_b, unsigned *ret_common);
/* What scores and magnitudes of both say against one story; STORY_TAKEN: nothing. *ret_same: they speak for it. */
enum story_veto story_numbers_differ(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b, bool *ret_same);
/* Both have at least so many numbers, over 0, and of the fewer less than `share` are with the other. */
bool story_numbers_apart(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b, size_t least, double share);
/* Both have large or fractional numbers, and none is with the other. */
bool story_telling_numbers_apart(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b);

#endif
