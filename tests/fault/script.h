#ifndef TESTS_FAULT_SCRIPT_H
#define TESTS_FAULT_SCRIPT_H
/*
 * What a daemon asks of its store, as scripts: batches of jobs, each batch one transaction and each job a savepoint in it,
 * as src/daemon/job_thread.c runs them. A job does the same to the same store, whenever it is run.
 */
#include <stdbool.h>
#include <stddef.h>

#include "syndicated/store.h"

struct job;
typedef int job_run(struct store *s, const struct job *j, struct err *err);
struct job {
	job_run *run;
	int64_t a, b, c; /* what they mean depends on run */
};

enum { JOBS_MAX = 6, BATCHES_MAX = 12 };
struct script {
	const char *name;
	const struct script *after; /* is played before it, undisturbed; NULL: begins with nothing */
	struct job batches[BATCHES_MAX][JOBS_MAX];
};

enum { SCRIPTS = 3 };
extern const struct script *const scripts[SCRIPTS];
size_t script_batches(const struct script *s);

/*
 * Runs jobs of a batch, all that `wanted` has a bit for. Sets a bit of *ret_done for each that is now done: it succeeded, or
 * was refused for a reason of its own. The result is the batch's: with a failure none is done.
 */
int script_run(struct store *s, const struct job *batch, unsigned wanted, unsigned *ret_done, struct err *err);

#endif
