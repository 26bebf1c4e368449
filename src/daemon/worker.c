#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/clean.h"
#include "syndicated/daemon.h"
#include "syndicated/identify.h"
#include "syndicated/ingest.h"
#include "syndicated/parse.h"
#include "sandbox.h"
#include "wire.h"
#include "worker.h"

static long cpu_seconds(void)
{
	struct timespec t;

	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0 ? (long)t.tv_sec : 0;
}

enum { RESULT_HEAD_BYTES = 4 * 4 }; /* status, retires, no message, length of the document */

static void keep_small(struct buf *b)
{
	if (b->capacity > LIMIT_WORKER_KEPT_BYTES)
		buf_done(b);
	else
		buf_clear(b);
}

static void release_job(void *ctx)
{
	keep_small(ctx);
}

/* Appends the document to out. The job's bytes go before it is cleaned: with a big one, there would be no room for both. */
static enum ingest_status run_job(struct buf *payload, struct identify_memo *memo, struct buf *out, struct err *message)
{
	struct unpack u = {.p = payload->bytes, .len = payload->len};
	auto_free char *url = unpack_str(&u);
	auto_free char *content_type = unpack_str(&u);
	auto_free char *content_encoding = unpack_str(&u);
	size_t max_bytes = unpack_u32(&u);
	int64_t story_since_ms = unpack_i64(&u);
	struct ingest_request request = {.url = url, .content_type = content_type, .content_encoding = content_encoding, .max_bytes = max_bytes,
	                                 .story_since_ms = story_since_ms, .memo = memo, .release_cb = release_job, .release_ctx = payload};
	struct feed_document *d = NULL;
	enum ingest_status status;

	request.bytes = unpack_bytes(&u, &request.len);
	if (!unpack_finished(&u)) {
		(void)err_set(message, ERR_CORRUPT, "the job sent to the worker makes no sense");
		return INGEST_NOT_A_FEED;
	}
	status = ingest_run(&request, &d, message);
	if (status == INGEST_OK) {
		feed_document_drop_twins(d);
		feed_document_encode_items_away(d, out);
	}
	feed_document_free(d);
	return status;
}

/* What stands before the document, which is in out already, behind room for it; or the whole answer without one. */
static void put_head(struct buf *out, enum ingest_status status, bool last, const char *message)
{
	struct buf head = BUF_INIT(RESULT_HEAD_BYTES + 4 * ERR_MESSAGE_BYTES);

	pack_u32(&head, (uint32_t)status);
	pack_u32(&head, last);
	wire_pack_text(&head, message);
	if (status == INGEST_OK) {
		pack_u32(&head, (uint32_t)(out->len - RESULT_HEAD_BYTES));
		memcpy(out->bytes, head.bytes, RESULT_HEAD_BYTES);
	} else {
		pack_u32(&head, 0);
		buf_clear(out);
		buf_append(out, head.bytes, head.len);
	}
	buf_done(&head);
}

/* One job: read, work, answer. Returns 0 to go on, 1 to retire, negative when the parent is gone. */
static int serve_one(struct buf *in, struct identify_memo *memo, struct buf *out, bool last)
{
	static const char room[RESULT_HEAD_BYTES];
	struct err message = {0};
	enum ingest_status status;
	size_t job_bytes;
	uint32_t type;
	int rc;

	rc = frame_read(WORKER_FD, LIMIT_WORKER_FRAME_BYTES, &type, in);
	if (rc < 0 || type != WIRE_JOB)
		return rc < 0 ? rc : ERR_CORRUPT;
	job_bytes = in->len;
	buf_append(out, room, sizeof(room));
	status = run_job(in, memo, out, &message);
	if (buf_error(out) < 0) {
		status = INGEST_NOT_A_FEED;
		(void)err_set(&message, ERR_TOO_BIG, "what the document holds is more than a result may carry");
	}
	last = last || status == INGEST_NO_MEMORY || cpu_seconds() >= LIMIT_WORKER_CPU_S;
	put_head(out, status, last, status == INGEST_OK ? NULL : message.message);
	rc = frame_write(WORKER_FD, WIRE_RESULT, out->bytes, out->len);
	keep_small(in);
	keep_small(out);
	if (job_bytes > LIMIT_WORKER_KEPT_BYTES)
		mem_trim();
	return rc < 0 ? rc : last;
}

/*
 * Libraries make their tables, read their settings and fetch their random seeds at first use; inside the sandbox they
 * could not. So each does its work once before.
 */
static void warm_up(void)
{
	static const char *const documents[] = {
		"<?xml version=\"1.0\" encoding=\"windows-1251\"?><rss version=\"2.0\"><channel><item><title>a</title><link>http://a.example/b?c=d</link>"
		"<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate><description>&lt;p&gt;a&amp;nbsp;b&lt;/p&gt;</description></item></channel></rss>",
		"{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": [{\"id\": \"1\", \"content_html\": \"<p>a</p>\"}]}",
		"<!DOCTYPE html><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/b\" title=\"&eacute;\">",
	};
	struct err err;

	ingest_init();
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		const struct ingest_request request = {.url = "http://a.example/", .bytes = documents[i], .len = strlen(documents[i])};
		struct feed_document *d = NULL;

		(void)ingest_run(&request, &d, &err);
		feed_document_free(d);
	}
}

int worker_enter_box(int keep_fd, const char *name, struct err *err)
{
	/* Ctrl-C and some service managers signal the whole group; the parent decides when a worker ends. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)prctl(PR_SET_NAME, name, 0, 0, 0);
	warm_up();
	return sandbox_enter(keep_fd, err);
}

int worker_main(void)
{
	struct buf in = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
	struct buf out = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
	struct identify_memo *memo;
	struct err err = {0};
	int rc = 0;

	log_init(LOG_LEVEL_INFO);
	memo = identify_memo_new(); /* which asks for random bytes, as nothing can from within */
	if (worker_enter_box(WORKER_FD, "ingest", &err) < 0) {
		log_error("ingest worker: %s; it ends", err.message);
		identify_memo_free(memo);
		return EXIT_FAILURE;
	}
	for (unsigned jobs = 1; rc == 0; jobs++)
		rc = serve_one(&in, memo, &out, jobs >= LIMIT_WORKER_JOBS);
	identify_memo_free(memo);
	buf_done(&in);
	buf_done(&out);
	return rc >= 0 || rc == ERR_CLOSED ? EXIT_SUCCESS : EXIT_FAILURE;
}
