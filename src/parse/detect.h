#ifndef SYNDICATED_PARSE_DETECT_H
#define SYNDICATED_PARSE_DETECT_H
/*
 * What a document is, from its first bytes, and where it begins: servers put warnings, scripts and marks in front.
 * Content types lie too often to be asked. Linear in what is looked at.
 */
#include <stdbool.h>
#include <stddef.h>

enum detected {
	DETECT_EMPTY,
	DETECT_JSON,
	DETECT_HTML,
	DETECT_XML,  /* some XML; its reader says whether a feed */
	DETECT_OTHER,
};

/* s is clean UTF-8 from where the document begins. */
enum detected detect_format(const char *s, size_t len);

struct document_start {
	size_t at;              /* the document without its XML declaration; white space and marks in front are skipped */
	size_t declaration;     /* where the XML declaration stands */
	size_t declaration_len; /* 0: there is none */
	bool has_junk;          /* something was skipped that does not belong there: then junk is its first byte */
	size_t junk;
	bool has_space;         /* only white space stood in front of an XML declaration, which XML does not allow either */
};

/* s is in any encoding whose bytes below 0x80 are ASCII. Junk is looked for in the first 64 KiB. */
void detect_start(const char *s, size_t len, struct document_start *ret);

#endif
