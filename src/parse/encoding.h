#ifndef SYNDICATED_PARSE_ENCODING_H
#define SYNDICATED_PARSE_ENCODING_H
/*
 * Whatever bytes came to clean UTF-8 from where the document begins: the only place that decides about encodings
 * (REL-11, REL-12). Behind it there is one encoding and nothing to guess.
 */
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/model/problem.h"

struct utf8_text {
	const char *s;       /* not NUL-terminated; borrowed from the bytes when they were clean, else from owned */
	size_t len;
	uint32_t first_line; /* of s in the document, 1-based */
	struct buf owned;
};

/* Once a process, before the sandbox. */
void encoding_init(void);

/*
 * The document behind byte order mark, white space, junk (detect.h) and XML declaration, so that nothing behind sees or
 * believes one. content_type is the HTTP header or NULL. ret->s lives as long as both bytes and ret. Each kind of
 * repair is one problem, with the line of its first place. When owned has failed, the text is more than LIMIT_FEED_BYTES.
 */
void encoding_to_utf8(const char *bytes, size_t len, const char *content_type, struct utf8_text *ret, struct problem_list *problems);
void utf8_text_done(struct utf8_text *t);

#endif
