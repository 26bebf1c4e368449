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
#include "syndicated/base/limits.h"
#include "syndicated/model/document.h"
#include "syndicated/model/raw_feed.h"

enum clean_html {
	CLEAN_HTML_SAFE,
	CLEAN_HTML_RAW, /* left as the feed has it, and no summaries: for measuring what the rest costs, never for anything that is shown */
};

/* document_url: what answered; a base for relative references. "" when there was none. Never NULL, never fails. */
struct feed_document *clean_feed(const struct raw_feed *raw, const char *document_url, enum clean_html html);

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

/*
 * Loads what the cleaning needs from ICU's data: once, before the sandbox, in which no file can be opened. Any thread.
 * The first localised date and the first IDN host would do it too.
 */
void clean_init(void);

/* Whether later items of a feed have later dates than those before them, more often than not. */
bool clean_runs_oldest_first(const struct raw_feed *raw);

/*
 * A date in any of the ways feeds write it, in ms; TIME_UNKNOWN for what is no date or could be two. A missing zone is UTC.
 * language: of the text, as a BCP 47 tag, or NULL; it decides what languages write differently (listopad, 10/11/2026),
 * but English words are always English. No allocation.
 */
int64_t clean_date_in(const char *text, const char *language);
int64_t clean_date(const char *text); /* language unknown */

/*
 * The reference made absolute; NULL when it is not http or https afterwards (REL-22), and for an empty one. Read as
 * browsers do, written as RFC 3986 wants it: bytes that may not stand in a URL are percent-encoded, but the host stays as
 * published. At most LIMIT_URL_BYTES. clean_url() of a result gives the same bytes. Caller frees. base may be NULL.
 */
char *clean_url(const char *reference, const char *base);
/*
 * The same without a copy of its own: appends the absolute URL to out. False, and out as it was, when there is none.
 * base is NULL or what clean_url() returned.
 */
bool clean_url_append(const char *reference, size_t len, const char *base, struct buf *out);
/*
 * The same for links that people type: "www.example.org/x", "example.org" and the domain of the base without a scheme are
 * hosts here, which they are not in HTML or xml:base.
 */
char *clean_url_guess(const char *reference, const char *base);
bool clean_url_lacks_scheme(const char *reference, const char *base); /* whether it is such a one */
bool clean_url_guess_append(const char *reference, const char *base, struct buf *out); /* base and result as in clean_url_append() */
/*
 * The form that identifies a page, by the rules at the top of clean/url_canonical.c; part of stored keys and not for
 * display. Canonical again gives the same bytes. Caller frees; NULL for none.
 */
char *clean_url_canonical(const char *url);
/* The same without a copy of its own: appends it to out, which has to allow for CLEAN_CANONICAL_BYTES more; false for none. */
#define CLEAN_CANONICAL_BYTES (8 * LIMIT_URL_BYTES)
bool clean_url_canonical_append(const char *url, struct buf *out);

#endif
