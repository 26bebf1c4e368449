#ifndef DAEMON_POLL_H
#define DAEMON_POLL_H
/*
 * One poll of one source, from the request to its transaction: fetch, ingest, decide when next, record. It knows nothing of
 * other polls, of hosts or of the window; the poller does. Loop thread only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/net/client.h"
#include "syndicated/store.h"
#include "job_thread.h"
#include "plan.h"
#include "pool.h"

struct poll_env { /* outlives every poll */
	struct job_thread *writer;
	struct client *client;
	struct pool *pool;
	/* The transfer is over and its host free. pause_ms: how long the host asked for peace; 0: it did not. Comes before done. */
	void (*answered)(int64_t pause_ms, void *ctx);
	/* The transaction is over, well or not, and the poll is gone. n_events: how many it appended to the log. */
	void (*done)(size_t n_events, void *ctx);
};

struct poll;
/* task is borrowed until done or poll_drop(); plan only during the call. Never calls back from within. */
struct poll *poll_start(const struct poll_env *env, const struct plan *plan, const struct source_task *task, void *ctx);
/* True once the store has it: then it ends by itself, within a transaction, and must not be dropped before the writer is idle. */
bool poll_is_with_store(const struct poll *poll);
struct poll *poll_drop(struct poll *poll); /* without calling back */

#endif
