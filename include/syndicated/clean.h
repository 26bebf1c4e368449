#ifndef SYNDICATED_CLEAN_H
#define SYNDICATED_CLEAN_H
/*
 * Raw feed to document: dates, URLs, text and HTML made safe to store and to publish again. Pure; runs in the ingest
 * worker. HTML is read by libxml2's HTML parser, or by a strict reader where all parsers agree, and written by our
 * allow-list writer only (REL-20 to REL-42, REL-90 to 93).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/model/document.h"
#include "syndicated/model/raw_feed.h"

/* document_url: what answered; base of last resort for relative references. Never NULL, never fails. */
struct feed_document *clean_feed(const struct raw_feed *raw, const char *document_url);

/*
 * Appends safe HTML. Output is stable: cleaning it again gives the same bytes; and any HTML parser reads it to the very
 * elements that were written. html is any bytes, not NULL. Output over LIMIT_ITEM_BYTES or the room in out is cut, with
 * all elements closed: out does not fail. base_url as in clean_url_append().
 */
void clean_html(const char *html, size_t len, const char *base_url, struct buf *out);
/* Both at once, for one reading of the HTML; text may be NULL. */
void clean_html_with_text(const char *html, size_t len, const char *base_url, struct buf *out, struct buf *text);
/*
 * Appends the plain text of foreign HTML: references decoded, block elements apart, white space (also NBSP) collapsed,
 * soft hyphens gone, pictures in a link without words by their alt text. Cut, between characters, at the room in out.
 */
void clean_html_to_text(const char *html, size_t len, struct buf *out);

/* TIME_UNKNOWN for what is no date. */
int64_t clean_date(const char *text);

/* The reference made absolute; NULL when it is not http or https afterwards (REL-22). Caller frees. base may be NULL. */
char *clean_url(const char *reference, const char *base);
/*
 * The same without a copy of its own: appends the absolute URL to out. False, and out as it was, when there is none.
 * base is NULL or what clean_url() returned.
 */
bool clean_url_append(const char *reference, size_t len, const char *base, struct buf *out);
/* The form that identifies a page: no fragment, no tracking parameters, lower-case host, default port and trailing slash gone, https. Caller frees; NULL for none. */
char *clean_url_canonical(const char *url);

#endif
