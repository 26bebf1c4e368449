#ifndef DAEMON_POOL_H
#define DAEMON_POOL_H
/*
 * The ingest workers: processes that are given one document at a time and may be killed at any moment. A worker that
 * crashes or overruns costs the job it had, nothing else, and is replaced. Loop thread only.
 */
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/loop.h"
#include "syndicated/ingest.h"

struct pool;

struct pool_options {
	size_t workers;
	const char *program;     /* run with the argument below and a socket as descriptor 3 */
	const char *argument;
	int64_t job_ms;          /* a job that takes longer ends with its worker killed */
};

struct pool *pool_start(struct loop *loop, const struct pool_options *options, struct err *err);
struct pool *pool_free(struct pool *p); /* kills the workers; jobs that wait are dropped without calling back */

/* document is the callee's to take, on INGEST_OK; message is for people otherwise. Never called from within pool_submit(). */
typedef void pool_done_cb(enum ingest_status status, struct feed_document *document, const char *message, void *ctx);

/*
 * Takes the bytes out of body; the rest of request (its bytes, len and release_cb are not looked at) is borrowed during the
 * call. The caller bounds how many jobs wait: fetch admission does.
 */
struct pool_job;
struct pool_job *pool_submit(struct pool *p, const struct ingest_request *request, struct buf *body, pool_done_cb *cb, void *ctx);
void pool_forget(struct pool_job *job); /* its callback will not be called; the work may still be done */

size_t pool_workers(const struct pool *p);
int64_t pool_restarts(const struct pool *p); /* since the start: crashed, overran or retired */

#endif
