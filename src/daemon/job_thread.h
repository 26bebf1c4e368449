#ifndef DAEMON_JOB_THREAD_H
#define DAEMON_JOB_THREAD_H
/*
 * A thread that owns one blocking resource (the store's writer or a reader) and does jobs on it in order. Jobs come
 * from the loop thread through a bounded queue; their results go back to it. Jobs taken together form a batch: the
 * resource's begin and end bracket it, so that the store commits many polls at once (group commit).
 */
#include <stdbool.h>
#include <stddef.h>

#include "syndicated/base/err.h"
#include "syndicated/base/loop.h"

struct job {
	/* On the job thread; between begin and end of its batch. resource is what the thread was started with. */
	int (*run)(void *resource, void *arg, struct err *err);
	/* On the loop thread, after the batch ended. result is run's, or the batch's failure. Frees arg when it is done with it. */
	void (*done)(int result, const struct err *err, void *arg);
	void *arg;
	bool is_patient; /* nobody waits for it: it may be kept back, up to the thread's gather_ms, for others to share its batch */
	bool repeats;    /* run may be called once more when what it did to the resource was undone, its success included */
};

struct job_thread_ops {
	const char *name; /* at most 15 characters: the thread's name */
	size_t queue_length;
	size_t batch;
	int64_t gather_ms; /* 0: a batch is what is there */
	int (*begin)(void *resource, struct err *err); /* NULL: jobs are not bracketed */
	/*
	 * A job, or neighbours that all repeat, can be undone without the rest of the batch. When one of those fails all are undone
	 * and done again one by one, which nearly never happens. What comes first in a batch needs no mark for that, since nothing is
	 * before it: all is undone and the batch begins again; if it cannot, whatever follows in it has to fail. Others stand between
	 * mark and keep, or undo. NULL: nothing can be undone.
	 */
	void (*begin_again)(void *resource);
	int (*mark)(void *resource, struct err *err);
	int (*keep)(void *resource, struct err *err);
	void (*undo)(void *resource);
	int (*end)(void *resource, struct err *err);
	void (*rest)(void *resource);  /* when no job came for REST_AFTER_MS after one was done; NULL: nothing */
	void (*close)(void *resource); /* on the job thread, at its end */
};

struct job_thread;
struct job_thread *job_thread_start(struct loop *loop, const struct job_thread_ops *ops, void *resource, struct err *err);

/* Never blocks. When the queue is full or closed, done is called soon with ERR_FULL or ERR_CLOSED. */
void job_thread_submit(struct job_thread *t, const struct job *job);
size_t job_thread_waiting(const struct job_thread *t);

/* Takes no more jobs, finishes what is queued, ends the thread and waits for it. The done calls are still to be run by the loop. */
void job_thread_stop(struct job_thread *t);
struct job_thread *job_thread_free(struct job_thread *t); /* after job_thread_stop(); NULL-safe */

/* The two we have. The resource is opened by the caller and closed by the thread. */
struct store;
struct store_reader;
struct job_thread *store_thread_start(struct loop *loop, struct store *store, struct err *err);
struct job_thread *reader_thread_start(struct loop *loop, struct store_reader *reader, struct err *err);

#endif
