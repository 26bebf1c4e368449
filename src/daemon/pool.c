#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "wire.h"

struct pool_job {
	struct pool_job *next;
	struct buf frame; /* ready to be written */
	pool_done_cb *cb; /* NULL: forgotten */
	void *ctx;
};

struct worker {
	struct pool *pool;
	pid_t pid; /* 0: not running */
	int fd;
	struct loop_fd *watch;
	struct loop_timer *deadline; /* of the job; or, with no process, when to start one again */
	struct pool_job *job;
	size_t sent; /* of job->frame */
	struct buf in;
};

struct pool {
	struct loop *loop;
	struct pool_options options;
	struct worker *workers;
	struct pool_job *first, *last; /* waiting */
	int64_t restarts;
};

static void worker_event(int fd, int what, void *ctx);
static void start_worker(struct worker *w);

/* Sanitizer runtimes take their options from the environment; nothing else of it reaches a worker. */
static void child_environment(char **ret, size_t max)
{
	size_t n = 0;

	for (char **e = environ; *e && n + 1 < max; e++)
		if (text_has_prefix(*e, "ASAN_OPTIONS=") || text_has_prefix(*e, "UBSAN_OPTIONS=") || text_has_prefix(*e, "LSAN_OPTIONS=") ||
		    text_has_prefix(*e, "TSAN_OPTIONS="))
			ret[n++] = *e;
	ret[n] = NULL;
}

/* In the child, between fork and exec of a process that has threads: async-signal-safe calls only. */
static void become_worker(const struct pool_options *o, int fd, char **argv, char **environment)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(fd, WORKER_FD) < 0)
		_exit(127);
	if (fd == WORKER_FD) /* dup2 onto itself keeps close-on-exec */
		(void)fcntl(fd, F_SETFD, 0);
	(void)execve(o->program, argv, environment);
	_exit(127);
}

static int spawn(struct worker *w, struct err *err)
{
	const struct pool_options *o = &w->pool->options;
	char *argv[] = {mem_dup_str("syndicated"), mem_dup_str(o->argument), NULL};
	char *environment[8];
	int pair[2];
	int rc = 0;

	child_environment(environment, sizeof(environment) / sizeof(environment[0]));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		rc = err_set(err, ERR_IO, "cannot start an ingest worker: %s", strerror(errno));
		goto out;
	}
	w->pid = fork();
	if (w->pid == 0)
		become_worker(o, pair[1], argv, environment);
	(void)close(pair[1]);
	if (w->pid < 0) {
		w->pid = 0;
		(void)close(pair[0]);
		rc = err_set(err, ERR_IO, "cannot start an ingest worker: %s", strerror(errno));
		goto out;
	}
	w->fd = pair[0];
	w->watch = loop_fd_new(w->pool->loop, w->fd, LOOP_READ, worker_event, w);
out:
	mem_free(argv[0]);
	mem_free(argv[1]);
	return rc;
}

/* ---- giving out work ---- */

static void send_more(struct worker *w)
{
	struct buf *frame = &w->job->frame;

	while (w->sent < frame->len) {
		ssize_t n = send(w->fd, frame->bytes + w->sent, frame->len - w->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break; /* EAGAIN: the watch tells when; anything else shows as the end of the stream */
		w->sent += (size_t)n;
	}
	if (w->sent == frame->len)
		buf_done(frame);
	loop_fd_set(w->watch, LOOP_READ | (w->sent < frame->len ? LOOP_WRITE : 0));
}

static void give_work(struct worker *w)
{
	struct pool *p = w->pool;

	if (w->job || !w->pid || !p->first)
		return;
	w->job = p->first;
	p->first = w->job->next;
	if (!p->first)
		p->last = NULL;
	w->job->next = NULL;
	w->sent = 0;
	loop_timer_set(w->deadline, p->options.job_ms);
	send_more(w);
}

static void give_work_to_all(void *arg)
{
	struct pool *p = arg;

	for (size_t i = 0; i < p->options.workers; i++)
		give_work(&p->workers[i]);
}

/* ---- the end of a job, and of a worker ---- */

static void finish_job(struct worker *w, enum ingest_status status, struct feed_document *document, const char *message)
{
	struct pool_job *job = w->job;

	w->job = NULL;
	loop_timer_set(w->deadline, -1);
	if (job->cb)
		job->cb(status, document, message, job->ctx);
	else
		feed_document_free(document);
	buf_done(&job->frame);
	mem_free(job);
}

static void bury(struct worker *w)
{
	w->watch = loop_fd_free(w->watch);
	(void)close(w->fd);
	w->fd = -1;
	(void)kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
	buf_done(&w->in);
}

/* One that died while it had nothing to do did not die of a document: start the next with a pause, not in a loop. */
static void replace(struct worker *w, enum ingest_status status, const char *message)
{
	bool had_job = w->job != NULL;

	bury(w);
	w->pool->restarts++;
	if (had_job)
		finish_job(w, status, NULL, message);
	if (had_job)
		start_worker(w);
	else
		loop_timer_set(w->deadline, LIMIT_WORKER_RESTART_MS);
}

static void deadline_passed(void *ctx)
{
	struct worker *w = ctx;

	if (!w->pid) {
		start_worker(w);
		return;
	}
	log_warning("ingest worker %d took longer than %lld ms over one document; it is killed and replaced", (int)w->pid,
	            (long long)w->pool->options.job_ms);
	replace(w, INGEST_OVERRAN, "reading the document took too long and was given up; its items were not taken in");
}

static void start_worker(struct worker *w)
{
	struct err err = {0};

	if (spawn(w, &err) < 0) {
		log_error("%s; next try in a second", err.message);
		loop_timer_set(w->deadline, LIMIT_WORKER_RESTART_MS);
		return;
	}
	give_work(w);
}

/* ---- results ---- */

static int take_result(struct worker *w, const char *payload, size_t len)
{
	struct unpack u = {.p = payload, .len = len};
	uint32_t status = unpack_u32(&u);
	uint32_t retires = unpack_u32(&u);
	auto_free char *message = unpack_str(&u);
	size_t document_len;
	const char *bytes = unpack_bytes(&u, &document_len);
	struct feed_document *document = NULL;

	if (!unpack_finished(&u) || !w->job || status >= INGEST_CRASHED)
		return ERR_CORRUPT;
	if (status == INGEST_OK) {
		document = feed_document_decode(bytes, document_len);
		if (!document)
			return ERR_CORRUPT;
	}
	finish_job(w, status, document, message ? message : "");
	if (retires) {
		bury(w);
		w->pool->restarts++;
		start_worker(w);
	}
	return 0;
}

static int take_frames(struct worker *w)
{
	const char *payload;
	uint32_t type;
	size_t len, used;
	int rc = frame_peek(buf_str(&w->in), w->in.len, LIMIT_WORKER_FRAME_BYTES, &type, &payload, &len, &used);

	if (rc <= 0)
		return rc;
	if (type != WIRE_RESULT || used != w->in.len)
		return ERR_CORRUPT;
	rc = take_result(w, payload, len);
	if (rc == 0)
		buf_done(&w->in);
	return rc;
}

static int receive(struct worker *w)
{
	for (;;) {
		char *room = buf_reserve(&w->in, 64 << 10);
		ssize_t n;

		if (!room)
			return ERR_TOO_BIG;
		n = recv(w->fd, room, 64 << 10, MSG_DONTWAIT);
		if (n == 0)
			return ERR_CLOSED;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : ERR_IO;
		buf_grew(&w->in, (size_t)n);
	}
}

static void worker_event(int fd, int what, void *ctx)
{
	struct worker *w = ctx;
	pid_t pid = w->pid; /* one that retired with its last result is replaced in between */
	int rc = 0;

	(void)fd;
	if ((what & LOOP_WRITE) && w->job)
		send_more(w);
	if (what & LOOP_READ) {
		int end = receive(w);

		rc = take_frames(w);
		if (rc == 0 && end < 0 && w->pid == pid)
			rc = end;
	}
	if (rc < 0) {
		log_warning("ingest worker %d %s; it is replaced", (int)w->pid,
		            rc == ERR_CLOSED ? "ended unexpectedly" : "sent something that is no result");
		replace(w, INGEST_CRASHED, "reading the document made the ingest worker crash; its items were not taken in");
	} else {
		give_work(w);
	}
}

/* ---- the pool ---- */

struct pool *pool_start(struct loop *loop, const struct pool_options *options, struct err *err)
{
	struct pool *p = mem_new(struct pool);

	p->loop = loop;
	p->options = *options;
	p->workers = mem_new_array(struct worker, options->workers);
	for (size_t i = 0; i < options->workers; i++) {
		struct worker *w = &p->workers[i];

		w->pool = p;
		w->fd = -1;
		w->in = BUF_INIT(LIMIT_WORKER_FRAME_BYTES + FRAME_HEADER_BYTES + (64u << 10));
		w->deadline = loop_timer_new(loop, deadline_passed, w);
		if (spawn(w, err) < 0)
			return pool_free(p);
	}
	return p;
}

static void free_job(struct pool_job *job)
{
	buf_done(&job->frame);
	mem_free(job);
}

struct pool *pool_free(struct pool *p)
{
	if (!p)
		return NULL;
	for (size_t i = 0; i < p->options.workers; i++) {
		struct worker *w = &p->workers[i];

		if (w->pid)
			bury(w);
		if (w->job)
			free_job(w->job);
		loop_timer_free(w->deadline);
		buf_done(&w->in);
	}
	while (p->first) {
		struct pool_job *job = p->first;

		p->first = job->next;
		free_job(job);
	}
	mem_free(p->workers);
	mem_free(p);
	return NULL;
}

struct pool_job *pool_submit(struct pool *p, const struct ingest_request *request, struct buf *body, pool_done_cb *cb, void *ctx)
{
	struct pool_job *job = mem_new(struct pool_job);
	struct buf payload = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
	struct ingest_request whole = *request;

	job->cb = cb;
	job->ctx = ctx;
	whole.bytes = buf_str(body);
	whole.len = body->len;
	wire_pack_job(&payload, &whole);
	buf_done(body);
	buf_init(&job->frame, LIMIT_WORKER_FRAME_BYTES + FRAME_HEADER_BYTES);
	frame_append(&job->frame, WIRE_JOB, payload.bytes, payload.len);
	buf_done(&payload);
	if (p->last)
		p->last->next = job;
	else
		p->first = job;
	p->last = job;
	loop_post(p->loop, give_work_to_all, p);
	return job;
}

void pool_forget(struct pool_job *job)
{
	job->cb = NULL;
}

size_t pool_workers(const struct pool *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->options.workers; i++)
		n += p->workers[i].pid != 0;
	return n;
}

int64_t pool_restarts(const struct pool *p)
{
	return p->restarts;
}
