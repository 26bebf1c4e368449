#ifndef SYNDICATED_INGEST_H
#define SYNDICATED_INGEST_H
/*
 * The work of an ingest worker: parse, clean, identify. The same function runs in the sandboxed worker process, in
 * `syndicated parse`, in tests and in fuzz targets. Pure; no I/O.
 */
#include <stdbool.h>
#include <stddef.h>

#include "syndicated/base/err.h"
#include "syndicated/model/document.h"

struct ingest_request {
	const char *url;          /* of the document, after redirects */
	const char *content_type; /* HTTP header or NULL */
	const char *bytes;
	size_t len;
	/* Called once, when bytes are not looked at any more and may be freed; or NULL. */
	void (*release_cb)(void *ctx);
	void *release_ctx;
	bool raw_html; /* leave HTML as it is, for measuring only: what comes out is not safe to show */
};

enum ingest_status {
	INGEST_OK,
	INGEST_NOT_A_FEED, /* the message says what it is instead */
	INGEST_CRASHED,    /* only from the pool: the worker died on it */
	INGEST_OVERRAN,    /* only from the pool: the worker took too long and was killed */
};

/* *ret is set on INGEST_OK and owned by the caller; message otherwise. */
enum ingest_status ingest_run(const struct ingest_request *request, struct feed_document **ret, struct err *message);

#endif
