#include "job_thread.h"

#include <pthread.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/queue.h"
#include "syndicated/store.h"

enum { REST_AFTER_MS = 1000 };

struct result {
	struct job job;
	int code;
	struct err *err; /* NULL: it went well */
	struct result *next; /* of its batch */
};

struct job_thread {
	struct loop *loop;
	struct job_thread_ops ops;
	void *resource;
	struct queue *queue;
	pthread_t thread;
	bool joined;
};

/* Of one batch, the first of them. */
static void deliver_results(void *arg)
{
	static const struct err none;
	struct result *next;

	for (struct result *r = arg; r; r = next) {
		next = r->next;
		r->job.done(r->code, r->err ? r->err : &none, r->job.arg);
		mem_free(r->err);
		mem_free(r);
	}
}

static void set_result(struct result *r, int code, const struct err *err)
{
	r->code = code;
	if (code >= 0)
		return;
	if (!r->err)
		r->err = mem_new(struct err);
	*r->err = *err;
}

/* ---- what is undone together ---- */

static int begin_part(struct job_thread *t, bool is_first, struct err *err)
{
	return is_first || !t->ops.mark ? 0 : t->ops.mark(t->resource, err);
}

static int keep_part(struct job_thread *t, bool is_first, struct err *err)
{
	return is_first || !t->ops.keep ? 0 : t->ops.keep(t->resource, err);
}

static void undo_part(struct job_thread *t, bool is_first)
{
	if (is_first && t->ops.begin_again)
		t->ops.begin_again(t->resource);
	else if (!is_first && t->ops.undo)
		t->ops.undo(t->resource);
}

/* The result is that of the last one that ran. */
static int run_part(struct job_thread *t, struct result **results, size_t n, bool is_first, struct err *err)
{
	int rc = begin_part(t, is_first, err), kept = 0;

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc >= 0 && i < n; i++)
		results[i]->code = rc = results[i]->job.run(t->resource, results[i]->job.arg, err);
	if (rc >= 0)
		kept = keep_part(t, is_first, err);
	if (kept < 0)
		rc = kept;
	if (rc < 0)
		undo_part(t, is_first);
	return rc;
}

/* How many from the first on may be undone together. */
static size_t count_group(const struct job_thread *t, struct result *const *results, size_t n)
{
	size_t group = 0;

	while (group < n && results[group]->job.repeats && t->ops.undo)
		group++;
	return group > 1 ? group : 1;
}

static void run_group(struct job_thread *t, struct result **results, size_t n, bool is_first)
{
	struct err err;

	err.code = 0;
	err.message[0] = '\0'; /* not the rest of it, which is long */
	if (n > 1) {
		if (run_part(t, results, n, is_first, &err) >= 0)
			return;
		is_first = false; /* whatever fails now, the others' parts stay */
	}
	for (size_t i = 0; i < n; i++)
		set_result(results[i], run_part(t, &results[i], 1, is_first, &err), &err);
}

/* A batch that cannot begin or end fails all its jobs alike: nothing of it was made durable. */
static void run_batch(struct job_thread *t, struct result **batch, size_t n)
{
	struct err err = {0};
	int rc = t->ops.begin ? t->ops.begin(t->resource, &err) : 0;

	if (rc == 0) {
		for (size_t i = 0, group; i < n; i += group) {
			group = count_group(t, batch + i, n - i);
			run_group(t, batch + i, group, i == 0);
		}
		rc = t->ops.end ? t->ops.end(t->resource, &err) : 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (rc < 0)
			set_result(batch[i], rc, &err);
		batch[i]->next = i + 1 < n ? batch[i + 1] : NULL;
	}
	loop_post(t->loop, deliver_results, batch[0]);
}

static void *serve_queue(void *arg)
{
	struct job_thread *t = arg;
	void *items[LIMIT_STORE_BATCH];
	size_t max = t->ops.batch < LIMIT_STORE_BATCH ? t->ops.batch : LIMIT_STORE_BATCH;
	bool tired = false;
	size_t n;

	while ((n = queue_take_batch(t->queue, items, max, max / 2, tired ? REST_AFTER_MS : -1, t->ops.gather_ms)) > 0 ||
	       (tired && !queue_is_closed(t->queue))) {
		if (n)
			run_batch(t, (struct result **)items, n);
		else
			t->ops.rest(t->resource);
		tired = n > 0 && t->ops.rest;
	}
	if (t->ops.close)
		t->ops.close(t->resource);
	return NULL;
}

struct job_thread *job_thread_start(struct loop *loop, const struct job_thread_ops *ops, void *resource, struct err *err)
{
	struct job_thread *t = mem_new(struct job_thread);

	t->loop = loop;
	t->ops = *ops;
	t->resource = resource;
	t->queue = queue_new(ops->queue_length);
	if (pthread_create(&t->thread, NULL, serve_queue, t) != 0) {
		(void)err_set(err, ERR_IO, "cannot start the %s thread: the system has no more threads", ops->name);
		queue_free(t->queue);
		mem_free(t);
		return NULL;
	}
	(void)pthread_setname_np(t->thread, ops->name);
	return t;
}

void job_thread_submit(struct job_thread *t, const struct job *job)
{
	struct result *r = mem_new(struct result);
	int rc;

	r->job = *job;
	rc = job->is_patient ? queue_push_patient(t->queue, r) : queue_push(t->queue, r);
	if (rc < 0) {
		struct err err;

		set_result(r, err_set(&err, rc, "the queue of the %s thread is %s", t->ops.name, rc == ERR_FULL ? "full" : "closed"), &err);
		loop_post(t->loop, deliver_results, r);
	}
}

size_t job_thread_waiting(const struct job_thread *t)
{
	return queue_length(t->queue);
}

void job_thread_stop(struct job_thread *t)
{
	if (!t || t->joined)
		return;
	queue_close(t->queue);
	(void)pthread_join(t->thread, NULL);
	t->joined = true;
}

struct job_thread *job_thread_free(struct job_thread *t)
{
	if (!t)
		return NULL;
	job_thread_stop(t);
	queue_free(t->queue);
	mem_free(t);
	return NULL;
}

/* ---- the store's writer: a batch is a transaction, later jobs or groups of them a savepoint in it ---- */

static int begin_transaction(void *resource, struct err *err)
{
	return store_begin(resource, err);
}

/* Outside a transaction no savepoint can be set and nothing be committed, each with its reason. */
static void begin_transaction_again(void *resource)
{
	struct err err;

	store_rollback(resource);
	if (store_begin(resource, &err) < 0)
		log_debug("a transaction could not begin again: %s", err.message);
}

static int set_savepoint(void *resource, struct err *err)
{
	return store_savepoint(resource, err);
}

static int release_savepoint(void *resource, struct err *err)
{
	return store_release(resource, err);
}

static void undo_to_savepoint(void *resource)
{
	store_rollback_to(resource);
}

static int commit_transaction(void *resource, struct err *err)
{
	return store_commit(resource, err);
}

static void rest_store(void *resource)
{
	store_rest(resource);
}

static void close_store(void *resource)
{
	store_close(resource);
}

struct job_thread *store_thread_start(struct loop *loop, struct store *store, struct err *err)
{
	static const struct job_thread_ops ops = {
		.name = "store",
		.queue_length = LIMIT_STORE_QUEUE,
		.batch = LIMIT_STORE_BATCH,
		.gather_ms = LIMIT_STORE_GATHER_MS,
		.begin = begin_transaction,
		.begin_again = begin_transaction_again,
		.mark = set_savepoint,
		.keep = release_savepoint,
		.undo = undo_to_savepoint,
		.end = commit_transaction,
		.rest = rest_store,
		.close = close_store,
	};

	return job_thread_start(loop, &ops, store, err);
}

static void close_reader(void *resource)
{
	store_reader_close(resource);
}

struct job_thread *reader_thread_start(struct loop *loop, struct store_reader *reader, struct err *err)
{
	static const struct job_thread_ops ops = {
		.name = "reader",
		.queue_length = LIMIT_READER_QUEUE,
		.batch = 1,
		.close = close_reader,
	};

	return job_thread_start(loop, &ops, reader, err);
}
