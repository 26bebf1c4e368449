#include "daemon_internal.h"

#include "syndicated/base/clock.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

enum {
	PURGE_ITEMS = 500,           /* of one transaction, so that polls are not held up */
	PURGE_GAP_MS = 15 * 60000,
	PURGE_AGAIN_MS = 200,        /* while there is more to remove */
};

struct purge {
	struct daemon *daemon;
	int64_t age_ms;
	int64_t items;
	size_t removed;
};

static int purge_run(void *store, void *arg, struct err *err)
{
	struct purge *p = arg;

	return store_purge(store, clock_unix_ms(&clock_system), p->age_ms, p->items, PURGE_ITEMS, &p->removed, err);
}

static void purge_done(int result, const struct err *err, void *arg)
{
	struct purge *p = arg;
	struct daemon *d = p->daemon;

	if (result < 0)
		log_error("old items could not be removed: %s; next try in %d min", err->message, PURGE_GAP_MS / 60000);
	else if (p->removed)
		log_debug("purge removed %zu items", p->removed);
	if (d->purge_timer && !d->stopping)
		loop_timer_set(d->purge_timer, p->removed >= PURGE_ITEMS ? PURGE_AGAIN_MS : PURGE_GAP_MS);
	mem_free(p);
}

static void timer_fired(void *ctx)
{
	struct daemon *d = ctx;
	struct purge *p = mem_new(struct purge);

	p->daemon = d;
	p->age_ms = d->plan->config->keep_age_ms;
	p->items = d->plan->config->keep_items;
	job_thread_submit(d->writer, &(struct job){purge_run, purge_done, p});
}

void housekeeping_start(struct daemon *d)
{
	d->purge_timer = loop_timer_new(d->loop, timer_fired, d);
	loop_timer_set(d->purge_timer, PURGE_GAP_MS);
}

void housekeeping_stop(struct daemon *d)
{
	d->purge_timer = loop_timer_free(d->purge_timer);
}
