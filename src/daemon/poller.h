#ifndef DAEMON_POLLER_H
#define DAEMON_POLLER_H
/*
 * The left half of the pipe: claims due sources from the store, starts them as their hosts allow, hands bodies to the
 * ingest workers and the outcome to the store, in one transaction a poll. Memory follows the polls in
 * flight, not the number of sources. Loop thread only.
 */
#include <stdbool.h>
#include <stddef.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/loop.h"
#include "syndicated/base/metrics.h"
#include "syndicated/net/client.h"
#include "job_thread.h"
#include "plan.h"
#include "pool.h"

struct poller_env {
	struct loop *loop;
	const struct clock *clock;
	struct job_thread *writer;
	struct client *client;
	struct pool *pool;
	void (*log_grew)(void *ctx); /* after a commit that appended events */
	void (*idle)(void *ctx);     /* after poller_stop(), when nothing is in flight any more */
	void *ctx;
};

struct poller;
struct poller *poller_new(const struct poller_env *env, struct plan *plan);
struct poller *poller_free(struct poller *p); /* drops fetches in flight; after the loop's last turn */
void poller_set_plan(struct poller *p, struct plan *plan);
void poller_wake(struct poller *p); /* something may be due now */
/* The same, and a pause for trouble of our own is over: somebody asks for a poll, perhaps because he ended the trouble. */
void poller_try_now(struct poller *p);
void poller_stop(struct poller *p); /* starts nothing more; what waits is given back */
void poller_abandon(struct poller *p); /* drops fetches in flight and gives their sources back */
const char *poller_trouble(const struct poller *p); /* why nothing is polled but to try; NULL when all is well */
const struct metrics *poller_counts(const struct poller *p); /* for poll_counts_show(); live as long as p, through every reload */
size_t poller_in_flight(const struct poller *p);

#endif
