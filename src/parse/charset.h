#ifndef SYNDICATED_PARSE_CHARSET_H
#define SYNDICATED_PARSE_CHARSET_H
/*
 * Encodings by name, and their bytes to UTF-8: the only place that knows ICU's converters and its detector. What a
 * document is in is decided in encoding.c. Works inside the sandbox once charset_init() has run.
 */
#include <stddef.h>

#include "syndicated/base/buf.h"

enum charset_kind {
	CHARSET_UTF8,
	CHARSET_ASCII,   /* says nothing about bytes from 0x80 */
	CHARSET_LATIN,   /* iso-8859-1, windows-1252: what servers and tools say without having looked */
	CHARSET_SINGLE,  /* one byte a character, ASCII below 0x80 */
	CHARSET_DOUBLE,  /* more bytes a character, ASCII below 0x80 */
	CHARSET_ESCAPED, /* seven bits: ISO-2022-JP */
	CHARSET_WIDE,    /* UTF-16, UTF-32 */
	CHARSET_EBCDIC,
	CHARSET_REFUSED, /* UTF-7 and the like, where ASCII bytes hide other text (REL-11) */
};

struct charset {
	const char *name; /* ICU's for the converter, and for messages */
	enum charset_kind kind;
	const char *labels; /* lower case, letters and digits only, with a space between */
};

void charset_init(void);

/* The encoding a label means, in any case and punctuation, or NULL for none on the list. Static. */
const struct charset *charset_find(const char *label, size_t len);
/* By the exact name in the table; it must be there. */
const struct charset *charset_get(const char *name);
/* The i-th row of the table, NULL behind the last. */
const struct charset *charset_at(size_t i);

/*
 * Appends the bytes to out as valid UTF-8 (control characters are still in it) and returns how many sequences meant
 * nothing; each became one U+FFFD. Not for UTF-8, ASCII and refused ones. out grows to at most 3 times len.
 */
size_t charset_convert(const struct charset *c, const char *bytes, size_t len, struct buf *out);

/* What bytes that are not UTF-8 are most probably in, by the statistics of ICU; windows-1252 when they do not say. */
const struct charset *charset_guess(const char *bytes, size_t len);

#endif
