#ifndef DAEMON_POLL_H
#define DAEMON_POLL_H
/*
 * One poll of one source, from the request to its transaction: fetch, ingest, decide when next, record. It knows nothing of
 * other polls, of hosts or of the window; the poller does. Loop thread only.
 *
 * A redirect to a host whose turn it is not ends the poll halfway: it is parked in the store, and the source's next task
 * goes on where it was (decision 023).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/metrics.h"
#include "syndicated/net/client.h"
#include "syndicated/schedule.h"
#include "syndicated/store.h"
#include "job_thread.h"
#include "plan.h"
#include "pool.h"

struct poll_answer {
	struct pacing_answer host;
	bool is_local; /* the trouble is ours: out of descriptors or memory */
};

struct poll_end {
	size_t n_events;     /* appended to the log */
	int64_t interval_ms; /* until the next poll, as decided; 0: nothing was */
	bool store_failed;
};

struct poll_env { /* outlives every poll */
	const struct clock *clock; /* its wall clock jumps when poll_clock_was_set() says so, and at no other time */
	struct job_thread *writer;
	struct client *client;
	struct pool *pool;
	/* Whether a redirect may be followed to that group now; if not, the poll is parked. */
	bool (*may_go_on)(const char *group, void *ctx);
	/* The transfer is over and its host free; *ret is what the host's row is to keep. Comes before done. */
	void (*answered)(const struct poll_answer *answer, struct store_host *ret, void *ctx);
	/* In place of done: it was our own trouble (weather), nothing was recorded, and the poll is gone. */
	void (*uncounted)(void *ctx);
	/* The transaction is over, well or not, and the poll is gone. */
	void (*done)(const struct poll_end *end, void *ctx);
	struct weather *weather; /* is asked after answered */
	struct metrics *counts;  /* poll_report.h */
	uint64_t *random;        /* begins as real randomness; goes on with each poll */
};

struct poll;
/* task is borrowed until done or poll_drop(). Never calls back from within. */
struct poll *poll_start(const struct poll_env *env, struct plan *plan, const struct source_task *task, void *ctx);
bool poll_is_fetching(const struct poll *poll); /* answered() is still to come */
/* True once the store has it: then it ends by itself, within a transaction, and must not be dropped before the writer is idle. */
bool poll_is_with_store(const struct poll *poll);
/* The wall clock was set while it was under way: its times are what that clock would have shown. Not once the store has it. */
void poll_clock_was_set(struct poll *poll, int64_t by_ms);
struct poll *poll_drop(struct poll *poll); /* without calling back */

#endif
