#ifndef STORY_INTERNAL_H
#define STORY_INTERNAL_H
/* What the files of this folder say to each other: features.c makes, codec.c keeps, compare.c holds two beside each other. */
#include "syndicated/story.h"
#include "words.h"

enum {
	WEIGHT_UNIT = 240,     /* the length of an item's weights together */
	MAGNITUDE_APART = 30,  /* hundredths: agencies differ by less about one earthquake */
	SHINGLE_WORDS = 4,
	SHINGLE_KEYS = 12,     /* of the sample, that others are found by */
	WIRE_WORDS = 50,       /* a body of fewer is no wire copy */
};

/* ---- numbers.c ---- */

/* Reads numbers from the words of a text, one after the other. */
struct number_reader {
	const char *last_end; /* behind the number read last; NULL: none waits for its other half */
	uint32_t last;
};
/* True with a number that the word ends; a score is known at its second half. */
bool number_next(struct number_reader *r, const struct word *w, struct story_number *ret);
/* Adds to a sorted set; of too many those that say least go. */
void number_add(struct story_features *f, struct story_number n);

/* ---- compare.c ---- */

/* Share of the shorter body that is in the other, and how many samples say so. */
double story_copied(const struct story_features *f, const uint32_t *b, size_t n_b, unsigned *ret_common);
/* What the numbers of both say against one story; STORY_TAKEN: nothing. */
enum story_veto story_numbers_differ(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b);
/* Both have numbers, and of the fewer less than `share` are with the other. */
bool story_numbers_apart(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b, double share);

#endif
