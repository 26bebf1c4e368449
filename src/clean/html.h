#ifndef SYNDICATED_CLEAN_HTML_H
#define SYNDICATED_CLEAN_HTML_H
/* What the reader of foreign HTML, its allow-list and the two writers (HTML and text) share. */
#include <stdbool.h>
#include <stddef.h>

#include "syndicated/base/buf.h"

enum fate {
	FATE_UNWRAP, /* the tag goes, its children stay */
	FATE_KEEP,
	FATE_DROP,   /* goes with all that is in it */
};

enum attribute_kind { ATTRIBUTE_TEXT, ATTRIBUTE_LINK, ATTRIBUTE_PICTURE, ATTRIBUTE_NUMBER, ATTRIBUTE_DIRECTION };

struct allowed_attribute {
	const char *element; /* NULL: of every kept element */
	const char *name;
	enum attribute_kind kind;
};

struct element_policy {
	const char *name; /* the literal that is written */
	enum fate fate;
	bool block;       /* ends a line in plain text */
};

/* Never NULL: unknown elements have a row of their own, without name. */
const struct element_policy *html_policy_find(const char *name);
const struct allowed_attribute *html_policy_attributes(size_t *ret_n);

/* One walk over foreign HTML. Called in document order; enter_cb says what becomes of an element. */
struct html_attribute_list;
struct html_visitor {
	/* True when the element was opened; leave_cb is told so. */
	bool (*enter_cb)(const struct element_policy *p, const struct html_attribute_list *attributes, void *ctx);
	void (*leave_cb)(const struct element_policy *p, bool opened, void *ctx);
	void (*text_cb)(const char *s, size_t len, void *ctx);
};
void html_walk(const char *html, size_t len, const struct html_visitor *visitor, void *ctx);

/* Plain text while one walks: a block is apart from what is around it. html_text_end() collapses and appends to out. */
void html_text_gap(struct buf *text, const struct element_policy *p);
void html_text_end(struct buf *text, struct buf *out);

/* The first attribute of that name, or NULL; owned by the caller. */
char *html_attribute_get(const struct html_attribute_list *l, const char *name);

#endif
