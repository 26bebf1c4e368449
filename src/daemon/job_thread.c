#include "job_thread.h"

#include <pthread.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/queue.h"
#include "syndicated/store.h"

enum { REST_AFTER_MS = 1000 };

struct result {
	struct job job;
	int code;
	struct err *err; /* NULL: it went well */
};

struct job_thread {
	struct loop *loop;
	struct job_thread_ops ops;
	void *resource;
	struct queue *queue;
	pthread_t thread;
	bool joined;
};

static void deliver_result(void *arg)
{
	static const struct err none;
	struct result *r = arg;

	r->job.done(r->code, r->err ? r->err : &none, r->job.arg);
	mem_free(r->err);
	mem_free(r);
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

static void run_one(struct job_thread *t, struct result *r)
{
	struct err err;

	err.code = 0;
	err.message[0] = '\0'; /* not the rest of it, which is long */
	if (t->ops.each)
		set_result(r, t->ops.each(t->resource, &r->job, &err), &err);
	else
		set_result(r, r->job.run(t->resource, r->job.arg, &err), &err);
}

/* A batch that cannot begin or end fails all its jobs alike: nothing of it was made durable. */
static void run_batch(struct job_thread *t, struct result **batch, size_t n)
{
	struct err err = {0};
	int rc = t->ops.begin ? t->ops.begin(t->resource, &err) : 0;

	if (rc == 0) {
		for (size_t i = 0; i < n; i++)
			run_one(t, batch[i]);
		rc = t->ops.end ? t->ops.end(t->resource, &err) : 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (rc < 0)
			set_result(batch[i], rc, &err);
		loop_post(t->loop, deliver_result, batch[i]);
	}
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

static void submit(struct job_thread *t, const struct job *job, int (*push)(struct queue *q, void *item))
{
	struct result *r = mem_new(struct result);
	int rc;

	r->job = *job;
	rc = push(t->queue, r);
	if (rc < 0) {
		struct err err;

		set_result(r, err_set(&err, rc, "the queue of the %s thread is %s", t->ops.name, rc == ERR_FULL ? "full" : "closed"), &err);
		loop_post(t->loop, deliver_result, r);
	}
}

void job_thread_submit(struct job_thread *t, const struct job *job)
{
	submit(t, job, queue_push);
}

void job_thread_submit_patient(struct job_thread *t, const struct job *job)
{
	submit(t, job, queue_push_patient);
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

/* ---- the store's writer: a batch is a transaction, a job is a savepoint in it ---- */

static int begin_transaction(void *resource, struct err *err)
{
	return store_begin(resource, err);
}

static int run_in_savepoint(void *resource, const struct job *job, struct err *err)
{
	int rc = store_savepoint(resource, err);

	if (rc < 0)
		return rc;
	rc = job->run(resource, job->arg, err);
	if (rc == 0)
		rc = store_release(resource, err);
	if (rc < 0)
		store_rollback_to(resource);
	return rc;
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
		.each = run_in_savepoint,
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
