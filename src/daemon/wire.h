#ifndef DAEMON_WIRE_H
#define DAEMON_WIRE_H
/* The frames between daemon and ingest worker (base/frame.h), both sides trusting nothing of the other's. */

#include "syndicated/base/buf.h"
#include "syndicated/ingest.h"

#define WORKER_FD 3

enum {
	WIRE_JOB = 1,    /* str url, str content type or NULL, str content encoding or NULL, u32 most bytes, bytes document */
	WIRE_RESULT = 2, /* u32 enum ingest_status, u32 1 when the worker retires after this, str message or NULL, bytes feed_document */
};

/* pack_str() of s made clean first: the other side refuses text that is not. */
void wire_pack_text(struct buf *b, const char *s);
void wire_pack_job(struct buf *b, const struct ingest_request *request);

#endif
