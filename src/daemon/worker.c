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

static enum ingest_status run_job(const struct buf *payload, struct buf *document, struct err *message)
{
	struct unpack u = {.p = payload->bytes, .len = payload->len};
	auto_free char *url = unpack_str(&u);
	auto_free char *content_type = unpack_str(&u);
	struct ingest_request request = {.url = url, .content_type = content_type};
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
		feed_document_encode(d, document);
	}
	feed_document_free(d);
	return status;
}

/* One job: read, work, answer. Returns 0 to go on, 1 to retire, negative when the parent is gone. */
static int serve_one(struct buf *in, struct buf *document, struct buf *out, bool last)
{
	struct err message = {0};
	enum ingest_status status;
	uint32_t type;
	int rc;

	buf_clear(in);
	buf_clear(document);
	buf_clear(out);
	rc = frame_read(WORKER_FD, LIMIT_WORKER_FRAME_BYTES, &type, in);
	if (rc < 0 || type != WIRE_JOB)
		return rc < 0 ? rc : ERR_CORRUPT;
	status = run_job(in, document, &message);
	if (buf_error(document) < 0) {
		status = INGEST_NOT_A_FEED;
		(void)err_set(&message, ERR_TOO_BIG, "what the document holds is more than a result may carry");
		buf_clear(document);
	}
	last = last || cpu_seconds() >= LIMIT_WORKER_CPU_S;
	pack_u32(out, (uint32_t)status);
	pack_u32(out, last);
	wire_pack_text(out, status == INGEST_OK ? NULL : message.message);
	pack_bytes(out, document->bytes ? document->bytes : "", document->len);
	rc = frame_write(WORKER_FD, WIRE_RESULT, out->bytes, out->len);
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
	struct buf document = BUF_INIT(LIMIT_WORKER_FRAME_BYTES - (1u << 20));
	struct buf out = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
	struct err err = {0};
	int rc = 0;

	log_init(LOG_LEVEL_INFO);
	if (worker_enter_box(WORKER_FD, "ingest", &err) < 0) {
		log_error("ingest worker: %s; it ends", err.message);
		return EXIT_FAILURE;
	}
	for (unsigned jobs = 1; rc == 0; jobs++)
		rc = serve_one(&in, &document, &out, jobs >= LIMIT_WORKER_JOBS);
	buf_done(&in);
	buf_done(&document);
	buf_done(&out);
	return rc >= 0 || rc == ERR_CLOSED ? EXIT_SUCCESS : EXIT_FAILURE;
}
