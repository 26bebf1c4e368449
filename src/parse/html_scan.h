#ifndef SYNDICATED_PARSE_HTML_SCAN_H
#define SYNDICATED_PARSE_HTML_SCAN_H
/*
 * The tags of an HTML page in the order of the document, without a tree: for what needs a few elements of a page whose
 * rest nobody wants. Linear whatever comes in. libxml2's HTML parser is not: 200 kB of attributes in one tag, or of
 * open elements, take it more than a second, and four times that for twice as much. Comments and the insides of
 * scripts, styles and other raw text hold no tags here, as in browsers.
 */
#include <stdbool.h>
#include <stddef.h>

enum { HTML_ATTRIBUTES = 32 }; /* of one tag; what follows is read and not kept */

struct html_attribute { /* into the scanned text, not decoded */
	const char *name, *value;
	size_t name_len, value_len;
};

struct html_tag {
	const char *name;
	size_t name_len;
	bool is_end;
	struct html_attribute attributes[HTML_ATTRIBUTES];
	size_t n_attributes;
};

enum html_token { HTML_END, HTML_TEXT, HTML_TAG };

struct html_scan {
	const char *s;
	size_t len, at;
	bool xhtml;       /* <script/> is an element without content, which it is not in HTML */
	const char *raw;  /* the element whose raw text comes next, or NULL */
};

/* Text is UTF-8, or ASCII where it matters. It must outlive what is returned. */
void html_scan_init(struct html_scan *scan, const char *text, size_t len, bool xhtml);
/* Fills tag on HTML_TAG, text otherwise. */
enum html_token html_scan_next(struct html_scan *scan, struct html_tag *tag, const char **ret_text, size_t *ret_len);

bool html_tag_is(const struct html_tag *tag, const char *name);
/* The attribute decoded, white space collapsed and trimmed; longer ones are cut at max_bytes. NULL when there is none. Caller frees. */
char *html_tag_get(const struct html_tag *tag, const char *name, size_t max_bytes);
/* Text with references decoded, collapsed, cut at max_bytes. Caller frees; never NULL. */
char *html_decode(const char *s, size_t len, size_t max_bytes);

#endif
