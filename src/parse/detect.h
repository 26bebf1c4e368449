#ifndef SYNDICATED_PARSE_DETECT_H
#define SYNDICATED_PARSE_DETECT_H
/* What a document is, from its first bytes. Content types lie too often to be asked. */
#include <stddef.h>

enum detected {
	DETECT_EMPTY,
	DETECT_JSON,
	DETECT_HTML,
	DETECT_XML,  /* some XML; its reader says whether a feed */
	DETECT_OTHER,
};

/* s is clean UTF-8 without byte order mark. */
enum detected detect_format(const char *s, size_t len);

#endif
