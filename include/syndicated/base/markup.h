#ifndef SYNDICATED_BASE_MARKUP_H
#define SYNDICATED_BASE_MARKUP_H
/*
 * The one writer of XML and HTML text: Atom and the pages use it. Besides it only the sanitiser makes markup, whose
 * writer (clean/html_write.c) has a content model for foreign HTML.
 *
 * Element and attribute names come from literals. Text and attribute values pass one escaper each (& < > " ', and tab,
 * LF, CR in attributes as character references). There is no raw-markup call except markup_safe_html(), which takes
 * what only the sanitiser makes. Never writes CDATA or comments. Knows HTML's void elements. Misuse (unbalanced end,
 * attribute after text) is a bug and aborts. Output is bounded by the buf; check buf_error() at the end.
 */
#include <stddef.h>

#include "syndicated/base/buf.h"

enum markup_kind { MARKUP_XML, MARKUP_HTML };
enum { MARKUP_MAX_DEPTH = 256 };

/* HTML that the sanitiser wrote. Only clean/ and the store's decoder fill one. */
struct safe_html {
	const char *bytes;
	size_t len;
};

struct markup {
	struct buf *out;
	enum markup_kind kind;
	int in_tag;
	int depth;
	const char *stack[MARKUP_MAX_DEPTH];
};

void markup_init(struct markup *m, struct buf *out, enum markup_kind kind);
void markup_prologue(struct markup *m); /* <?xml ...?> or <!doctype html> */
void markup_begin(struct markup *m, const char *name);
void markup_attr(struct markup *m, const char *name, const char *value);   /* skipped when value is NULL */
void markup_text(struct markup *m, const char *s);                         /* NULL is nothing */
void markup_text_n(struct markup *m, const char *s, size_t len);
void markup_safe_html(struct markup *m, struct safe_html html);            /* HTML only: as it is */
void markup_end(struct markup *m);                                         /* writes </name>, or nothing for a void element */
void markup_element(struct markup *m, const char *name, const char *text); /* begin, text, end; skipped when text is NULL */
void markup_finish(struct markup *m);                                      /* ends everything that is open */

/* Appends the words of safe HTML: no tags, one line for each block, no white space twice. For searching and matching, not for showing. */
void markup_plain_text(struct safe_html html, struct buf *out);

/* The escapers by themselves. */
void markup_escape_text(struct buf *out, const char *s, size_t len);
void markup_escape_attr(struct buf *out, const char *s, size_t len);

#endif
