#ifndef SYNDICATED_PARSE_H
#define SYNDICATED_PARSE_H
/*
 * Bytes to raw feed: encoding, format, one reader a format, one table of namespaces. libxml2 is set up as
 * reliability.md section 1.2 measured it (REL-1 to REL-12). Runs in the ingest worker; no I/O; nothing aborts on what
 * is in the bytes. Also reads OPML, and the feeds that an HTML page names.
 */
#include <stdbool.h>
#include <stddef.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/err.h"
#include "syndicated/model/raw_feed.h"
#include "syndicated/model/spec.h"

/* Once a process, before the first parse (and before the sandbox): libxml2 and ICU make their tables. */
void parse_init(void);

enum parse_status {
	PARSE_OK,        /* a feed; raw_feed.complete says whether to its end */
	PARSE_HTML,      /* an HTML page */
	PARSE_EMPTY,     /* nothing, or white space */
	PARSE_NOT_FEED,  /* something else; the message says what it looked like */
	PARSE_BROKEN,    /* meant to be a feed, nothing in it could be read; the message says what and where */
	PARSE_TOO_BIG,   /* beyond a limit, packed or not, or a compression bomb */
	PARSE_ENCODING,  /* packed in a way that cannot be undone */
};

/* True when a Content-Encoding says more than identity, also something unknown. NULL is none. */
bool parse_is_packed(const char *content_encoding);
/*
 * Undoes a Content-Encoding: appends the unpacked bytes to out, which is empty, within its limit and the others of
 * polling.md R109 to R112. PARSE_OK; PARSE_TOO_BIG or PARSE_ENCODING with a message, and nothing of use in out: what is
 * damaged or ends early is not taken for a document.
 */
enum parse_status parse_decode(const char *content_encoding, const char *bytes, size_t len, struct buf *out, struct err *message);

struct parse_input {
	const char *bytes;
	size_t len;
	const char *content_type; /* the HTTP header or NULL */
	/* Called at most once, when bytes are not looked at any more, so that what is large can be freed early; or NULL. On PARSE_OK always. */
	void (*release_cb)(void *ctx);
	void *release_ctx;
	bool (*runs_oldest_first_cb)(const struct raw_feed *first); /* raw_feed.h; or NULL */
};

/* *ret is set only on PARSE_OK and owned by the caller. message gets one sentence otherwise. */
enum parse_status parse_input(const struct parse_input *in, struct raw_feed **ret, struct err *message);
enum parse_status parse_feed(const char *bytes, size_t len, const char *content_type, struct raw_feed **ret, struct err *message);

/* Which of competing elements wins: rows of one slot from the weakest to the strongest, each with its reason. */
struct precedence_row {
	const char *slot;
	const char *elements;
	const char *reason;
};
const struct precedence_row *parse_precedence(size_t *ret_n);

/* Sources named by an OPML document (REL-24): url, title and category as tag. Appends to a counted array the caller frees. */
struct opml_source {
	char *url;
	char *title;
	struct string_list tags;
};
must_check int parse_opml(const char *bytes, size_t len, struct opml_source **ret, size_t *ret_n, struct err *err);
void opml_sources_free(struct opml_source *sources, size_t n);

/*
 * The feeds an HTML page names, the most likely one first: those of the site before those of comments, Atom and RSS
 * before JSON. From its <link> elements; only without those, from its anchors; only without both, guesses from the
 * software that made it. At most LIMIT_ITEM_LIST. Any bytes are taken for HTML; linear in their number.
 */
struct discovered {
	char *href;      /* as written, never NULL; relative ones begin at base, and that at the page */
	char *title;     /* or NULL */
	char *type;      /* lower case, without parameters; as written or, where that is missing, as the address has it; or NULL */
	char *base;      /* of <base href>; of a page that no page_url is known of also its own word for it; or NULL */
	const char *how; /* "link", "anchor", "guess"; a literal */
};
/* content_type and page_url may be NULL. 0, also when none is found; ERR_TOO_BIG beyond LIMIT_FEED_BYTES. */
must_check int parse_discover(const char *bytes, size_t len, const char *content_type, const char *page_url, struct discovered **ret,
                              size_t *ret_n);
void discovered_free(struct discovered *d, size_t n);

#endif
