#ifndef SYNDICATED_PARSE_CODING_H
#define SYNDICATED_PARSE_CODING_H
/*
 * One compression format each, as a stream: a table, so that a format more is a row more. Used by parse_decode().
 */
#include <stdbool.h>
#include <stddef.h>

enum coding_step {
	CODING_MORE,  /* took all input or filled all room */
	CODING_END,   /* the stream is whole; what is left of the input is behind it */
	CODING_BAD,   /* damaged, or none of this format */
};

struct coding_io {
	const unsigned char *in;
	size_t in_len;
	unsigned char *out;
	size_t room;
};

struct coding {
	const char *name, *alias; /* of Content-Encoding, lower case; alias NULL: none */
	void *(*begin)(const unsigned char *first, size_t len); /* NULL: no memory */
	enum coding_step (*step)(void *state, struct coding_io *io);
	bool (*again)(void *state, const struct coding_io *rest); /* true: another stream follows and is begun; NULL: never */
	void (*end)(void *state);
};

extern const struct coding codings[]; /* ends with a NULL name */

/* So much more unpacked than packed as no honest text is (polling.md R110). */
bool coding_is_bomb(size_t unpacked, size_t packed);

#endif
