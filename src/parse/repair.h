#ifndef SYNDICATED_PARSE_REPAIR_H
#define SYNDICATED_PARSE_REPAIR_H
/* Bytes that are UTF-8, or nearly: what is wrong with them, and what they were meant to be. Linear. */
#include <stddef.h>

#include "syndicated/base/buf.h"

/* Faults of bytes taken as UTF-8, by what is done with them. */
enum fault {
	FAULT_BYTE,    /* no UTF-8: a character of windows-1252 */
	FAULT_CUT,     /* a sequence cut short, half a pair: U+FFFD */
	FAULT_PAIR,    /* two surrogates: the character they mean */
	FAULT_CONTROL, /* nothing */
	FAULTS,
};

struct repair {
	size_t characters; /* right ones beyond ASCII */
	size_t faults[FAULTS];
	size_t first[FAULTS]; /* offset of each kind's first */
};

/*
 * Takes the bytes as UTF-8 and counts into m, which the caller zeroed. With out, also appends them repaired (clean, at
 * most 3 times as long). Without, it stops as soon as it is clear that they are no UTF-8; the counts are then a sample.
 */
void repair_utf8(const char *s, size_t len, struct repair *m, struct buf *out);

/* Bytes that begin a character beyond ASCII, in UTF-8. */
size_t repair_count_characters(const char *s, size_t len);

#endif
