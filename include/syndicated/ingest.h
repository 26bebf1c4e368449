#ifndef SYNDICATED_INGEST_H
#define SYNDICATED_INGEST_H
/*
 * The work of an ingest worker: parse, clean, identify. The same function runs in the sandboxed worker process, in
 * `syndicated parse`, in tests and in fuzz targets. Pure; no I/O. And which feeds a page names, for people whose source
 * is an HTML page.
 */
#include <stdbool.h>
#include <stddef.h>

#include "syndicated/base/err.h"
#include "syndicated/model/document.h"

struct ingest_request {
	const char *url;          /* of the document, after redirects */
	const char *content_type; /* HTTP header or NULL */
	const char *content_encoding; /* HTTP header or NULL: bytes are as they came over the wire */
	size_t max_bytes;         /* of the unpacked document; 0 or more than that: LIMIT_FEED_BYTES */
	const char *bytes;
	size_t len;
	/* Called once, when bytes are not looked at any more and may be freed; or NULL. */
	void (*release_cb)(void *ctx);
	void *release_ctx;
	/* Items that are not older, by what they say, get features for stories (story.h); 0: none does. */
	int64_t story_since_ms;
	struct identify_memo *memo; /* borrowed, of this thread; NULL: each item is read as if it was the first */
	bool raw_html;   /* leave HTML as it is, for measuring only: what comes out is not safe to show */
	bool keys_alone; /* identify_keys(), for measuring only */
};

enum ingest_status {
	INGEST_OK,
	INGEST_NOT_A_FEED, /* the message says what it is instead */
	INGEST_TOO_BIG,    /* unpacked, it is larger than allowed; or a bomb */
	INGEST_ENCODING,   /* it cannot be unpacked */
	INGEST_NO_MEMORY,  /* a library was refused some, so that nothing of it can be trusted; the process had better end */
	INGEST_CRASHED,    /* only from the pool: the worker died on it */
	INGEST_OVERRAN,    /* only from the pool: the worker took too long and was killed */
};

/* Once a process, before the first run and before the sandbox: what libraries read from files is read here. */
void ingest_init(void);

/* *ret is set on INGEST_OK and owned by the caller; message otherwise. */
enum ingest_status ingest_run(const struct ingest_request *request, struct feed_document **ret, struct err *message);

/*
 * The first step of ingest_run() and discover_run(): *ret is the request with its document unpacked, into `unpacked`, which
 * the caller ends in any case. Negative when that cannot be done, with status and message.
 */
struct buf;
must_check int ingest_unpack(const struct ingest_request *request, struct buf *unpacked, struct ingest_request *ret,
                             enum ingest_status *ret_status, struct err *message);

struct found_feed {
	char *url;       /* absolute, http or https, without userinfo; "" for a document that is a feed itself and has no URL */
	char *title;     /* one line of text, safe for a terminal, or NULL */
	char *type;      /* media type, or NULL when neither page nor address says it */
	const char *how; /* "feed": the document is one itself; "link", "anchor", "guess": parse.h; a literal */
};

/*
 * The feeds that an HTML page names, the most likely one first, each once, at most LIMIT_ITEM_LIST. 0, also when there
 * is none; ERR_INVALID with what the document is instead.
 */
must_check int discover_run(const struct ingest_request *request, struct found_feed **ret, size_t *ret_n, struct err *message);
void found_feeds_free(struct found_feed *feeds, size_t n);
/* The literal of `how` that equals s, or NULL. */
const char *found_how(const char *s);

/*
 * The same of a document that is no feed, as the one sentence that a source's operator needs: what it is, and the feed to
 * take instead. False, and the message as it was, when it names none.
 */
bool discover_say(const struct ingest_request *request, struct err *message);

#endif
