#include "daemon_internal.h"

#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

/*
 * A piece of the purge is one job of the store's thread among the others, so it shares their commit and holds nobody up for
 * longer than PIECE_MS. While there is more to do the next follows at once when the thread is idle, and after BUSY_GAP_MS
 * when it is not: that still removes some thousands of items a second, more than polls bring.
 */
enum {
	PIECE_MS = 5,
	BUSY_GAP_MS = 20,
	ROUND_GAP_MS = 5 * 60000,
};

struct purge {
	struct daemon *daemon;
	struct store_purge_rules rules;
	struct store_purged purged;
};

static int purge_run(void *store, void *arg, struct err *err)
{
	struct purge *p = arg;

	return store_purge(store, &p->rules, &p->purged, err);
}

static void say_round(struct daemon *d)
{
	if (d->purged_items)
		log_debug("purge removed %lld items", (long long)d->purged_items);
	d->purged_items = 0;
}

static void purge_done(int result, const struct err *err, void *arg)
{
	struct purge *p = arg;
	struct daemon *d = p->daemon;
	bool more = result == 0 && p->purged.more;

	d->purged_items += (int64_t)p->purged.items;
	if (result < 0)
		log_error("old items could not be removed: %s; next try in %d min", err->message, ROUND_GAP_MS / 60000);
	else if (!more)
		say_round(d);
	if (result == 0 && p->purged.held_ms > 0 && d->purge_held_ms == 0)
		log_warning("the clock is at least %d days later than when it was read before; should it be wrong, put it right: nothing is "
		            "removed by age for %lld hours", LIMIT_LEAP_DAYS, (long long)(p->purged.held_ms / 3600000 + 1));
	if (result == 0)
		d->purge_held_ms = p->purged.held_ms;
	if (d->purge_timer && !d->stopping)
		loop_timer_set(d->purge_timer, !more ? ROUND_GAP_MS : job_thread_waiting(d->writer) ? BUSY_GAP_MS : 0);
	mem_free(p);
}

static void timer_fired(void *ctx)
{
	struct daemon *d = ctx;
	struct purge *p = mem_new(struct purge);

	p->daemon = d;
	p->rules = (struct store_purge_rules){
		.now_ms = clock_unix_ms(&clock_system),
		.keep_age_ms = d->plan->config->keep_age_ms,
		.keep_items = d->plan->config->keep_items,
		.max_ms = PIECE_MS,
	};
	job_thread_submit(d->writer, &(struct job){.run = purge_run, .done = purge_done, .arg = p});
}

void housekeeping_start(struct daemon *d)
{
	d->purge_timer = loop_timer_new(d->loop, timer_fired, d);
	loop_timer_set(d->purge_timer, ROUND_GAP_MS);
}

void housekeeping_stop(struct daemon *d)
{
	d->purge_timer = loop_timer_free(d->purge_timer);
}
