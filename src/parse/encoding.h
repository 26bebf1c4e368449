#ifndef SYNDICATED_PARSE_ENCODING_H
#define SYNDICATED_PARSE_ENCODING_H
/*
 * Whatever bytes came to clean UTF-8 without an XML declaration: the only place of the program that knows other
 * encodings (REL-11, REL-12). Behind it there is one encoding and nothing to guess.
 */
#include <stddef.h>

#include "syndicated/base/buf.h"
#include "syndicated/model/problem.h"

/*
 * Appends the document to out as scrubbed UTF-8; its XML declaration becomes spaces, so that nothing behind believes
 * it. content_type may be NULL. What had to be guessed or repaired goes to problems. Fails never but by out's limit.
 */
void encoding_to_utf8(const char *bytes, size_t len, const char *content_type, struct buf *out, struct problem_list *problems);

/* The converter's name for a label from outside, or NULL for what REL-11 does not allow ("UTF-7", nonsense). */
const char *encoding_find(const char *label, size_t len);

#endif
