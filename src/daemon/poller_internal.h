#ifndef DAEMON_POLLER_INTERNAL_H
#define DAEMON_POLLER_INTERNAL_H
/* What the poller's files share: poller.c claims and starts, poller_watch.c looks after what concerns all sources at once. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "poll.h"
#include "poller.h"
#include "syndicated/schedule.h"
#include "syndicated/store.h"

/* A claimed source: waiting for its host, then polled. */
struct entry {
	struct poller *poller;
	struct entry *prev, *next; /* in the list of those in flight, or of those waiting */
	struct source_task task;
	struct poll *poll; /* NULL: waiting */
	int64_t wait_until_ms; /* then it is given back, monotonic */
	bool was_started;
	char *group; /* whose slot it has, when that is not the one it was claimed with; NULL */
};

struct entry_list {
	struct entry *first, *last;
	size_t n;
};

/*
 * Lets in those that are behind, after an import, a restart or an outage (R65): at fetch.rate a second, or twice what the
 * schedule asks for when that is more, so that being behind never lasts.
 */
struct bucket {
	double tokens;
	int64_t filled_ms;
	double mean_interval_ms; /* of the polls that ended: sources / this is the schedule's own demand; 0: not known */
};

struct poller {
	struct poller_env env;
	struct poll_env poll_env;
	struct plan *plan;
	struct pacing *pacing;
	struct weather *weather;
	struct metrics *counts;
	const char *trouble; /* what the operator was told of, or NULL */
	struct loop_timer *timer;
	int64_t wake_ms; /* when the timer fires, monotonic */
	int64_t quiet_until_ms; /* nothing starts before, monotonic */
	/*
	 * The wall clock as the store's schedule knows it: what it is set by shows here when poller_look_at_clock() has told the store, and all
	 * times on their way have been moved. For the poller and its polls; on the loop's thread.
	 */
	struct clock clock;
	int64_t wall_less_mono_ms;
	struct bucket bucket;
	struct entry_list waiting, in_flight;
	uint64_t random; /* of the polls */
	struct give_back *kept_back; /* claims that the store did not take back yet */
	bool claiming;   /* a claim is on its way */
	bool claim_again; /* and something happened since */
	bool stopping;
};

void entry_remove(struct entry_list *l, struct entry *e);

/* poller.c */
void poller_wake_within(struct poller *p, int64_t delay_ms);
void poller_be_quiet(struct poller *p, int64_t for_ms); /* nothing starts for so long */
void poller_give_back(struct poller *p, struct entry *e, int64_t due_ms, int64_t host_wait_ms); /* frees e */
void poller_give_back_waiting(struct poller *p);
void poller_drop_in_flight(struct poller *p);
void poller_move_clock(struct poller *p, int64_t by_ms); /* with all times that the store does not have yet */

/* poller_watch.c */
void poller_watch_weather(struct poller *p);
bool poller_may_poll(struct poller *p);
void poller_look_at_clock(struct poller *p);
void poller_look_for_suspend(struct poller *p);

#endif
