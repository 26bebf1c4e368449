/*
 * What is done to the whole store while everything else goes on, in a thread of its own with connections of its own: the
 * backup that syndicatectl asks for, and the rest of the check that the start had no time for.
 */
#include "daemon_internal.h"

#include <stdatomic.h>

#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

struct care {
	struct job_thread *thread;
	struct job_thread *checker; /* NULL: nothing was left to check */
	atomic_bool stop;
	char *state_dir;
};

static struct job_thread *start_thread(struct daemon *d, const char *name, struct err *err)
{
	const struct job_thread_ops ops = {.name = name, .queue_length = 4, .batch = 1};

	return job_thread_start(d->loop, &ops, d->care, err);
}

/* ---- the check ---- */

static bool must_stop(void *ctx)
{
	struct care *c = ctx;

	return atomic_load(&c->stop);
}

static int check_run(void *care, void *arg, struct err *err)
{
	struct care *c = care;

	(void)arg;
	return store_check_slowly(c->state_dir, must_stop, c, err);
}

static void check_done(int result, const struct err *err, void *arg)
{
	(void)arg;
	if (result == 0)
		log_info("the rest of the database was checked and is sound");
	else if (result != ERR_CLOSED)
		log_error("%s", err->message);
}

/* ---- the backup ---- */

struct backup {
	struct control_call *call;
	char *file;
	bool force;
};

static int backup_run(void *care, void *arg, struct err *err)
{
	const struct care *c = care;
	const struct backup *b = arg;

	return store_backup(c->state_dir, b->file, b->force, err);
}

static void backup_done(int result, const struct err *err, void *arg)
{
	struct backup *b = arg;
	auto_free char *message = mem_printf("%s holds the store as it is now", b->file);

	if (result < 0)
		control_answer_error(b->call, result == ERR_EXISTS ? 409 : 500, err->message);
	else
		control_answer_done(b->call, message);
	mem_free(b->file);
	mem_free(b);
}

void care_backup(struct control_call *call, const char *file, bool force, void *ctx)
{
	struct daemon *d = ctx;
	struct backup *b = mem_new(struct backup);

	b->call = call;
	b->file = mem_dup_str(file);
	b->force = force;
	job_thread_submit(d->care->thread, &(struct job){.run = backup_run, .done = backup_done, .arg = b});
}

/* ---- the threads ---- */

int care_start(struct daemon *d, bool check_more, struct err *err)
{
	d->care = mem_new(struct care);
	d->care->state_dir = mem_dup_str(d->plan->config->state_dir);
	d->care->thread = start_thread(d, "care", err);
	if (d->care->thread && check_more && (d->care->checker = start_thread(d, "check", err))) {
		log_info("the database is large: the rest of its check goes on in the background");
		job_thread_submit(d->care->checker, &(struct job){.run = check_run, .done = check_done, .arg = NULL});
	}
	return d->care->thread && (!check_more || d->care->checker) ? 0 : err->code;
}

void care_stop(struct daemon *d)
{
	if (!d->care)
		return;
	atomic_store(&d->care->stop, true);
	job_thread_stop(d->care->checker);
	job_thread_stop(d->care->thread);
}

void care_free(struct daemon *d)
{
	if (!d->care)
		return;
	job_thread_free(d->care->checker);
	job_thread_free(d->care->thread);
	mem_free(d->care->state_dir);
	mem_free(d->care);
	d->care = NULL;
}
