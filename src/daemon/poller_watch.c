/*
 * What happens to all sources at once and is the fault of none: the network is down or captive, the clock was set, the
 * machine slept.
 */
#include "poller_internal.h"

#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"

enum {
	CLOCK_STEP_MS = 5000, /* R69 */
	SLEPT_MS = 30000,     /* that much later than asked for: the machine was suspended (R70) */
	RESUME_MS = 5000,     /* until the network is there again */
};

/* ---- our own trouble (polling.md R50, R67) ---- */

struct wronged {
	int64_t ids[WEATHER_WRONGED];
	size_t n;
	int64_t now_ms;
};

static int forgive_run(void *store, void *arg, struct err *err)
{
	const struct wronged *w = arg;

	return store_forgive(store, w->ids, w->n, w->now_ms, err);
}

static void forgive_done(int result, const struct err *err, void *arg)
{
	if (result < 0)
		log_error("sources that failed because of our own network keep the failure: %s", err->message);
	mem_free(arg);
}

static void forgive_wronged(struct poller *p)
{
	struct wronged *w = mem_new(struct wronged);

	w->n = weather_take_wronged(p->weather, w->ids, WEATHER_WRONGED);
	w->now_ms = clock_unix_ms(&p->clock);
	if (w->n)
		job_thread_submit(p->env.writer, &(struct job){.run = forgive_run, .done = forgive_done, .arg = w});
	else
		mem_free(w);
}

static int forget_run(void *store, void *arg, struct err *err)
{
	struct poller *p = arg;

	return store_forget_trails(store, clock_unix_ms(p->env.clock), err);
}

static void forget_done(int result, const struct err *err, void *arg)
{
	(void)arg;
	if (result < 0)
		log_error("polls that were redirected are not begun anew: %s; they go on where they were", err->message);
}

/* After each poll: tells when the weather has changed, and rights what was counted before it was known. */
void poller_watch_weather(struct poller *p)
{
	const char *trouble = weather_trouble(p->weather);

	if (trouble)
		forgive_wronged(p);
	if (trouble == p->trouble)
		return;
	p->trouble = trouble;
	if (!trouble) {
		log_info("the network is there again; polling goes on");
		return;
	}
	log_warning("%s; no source is counted as failing for it, and one at a time tries whether it is over", trouble);
	poller_give_back_waiting(p);
	/* Where a captive network led them there is nothing to be found. */
	job_thread_submit(p->env.writer, &(struct job){.run = forget_run, .done = forget_done, .arg = p});
}

/* In trouble one source at a time is asked, and not before the weather says so. */
bool poller_may_poll(struct poller *p)
{
	bool is_probe;
	int64_t wait = weather_wait(p->weather, clock_mono_ms(p->env.clock), &is_probe);

	if (wait > 0)
		poller_wake_within(p, wait);
	return wait == 0 && !(is_probe && p->in_flight.n > 0);
}

/* ---- clocks that were set, and suspend ---- */

struct step {
	struct poller *poller;
	int64_t by_ms;
};

static int step_run(void *store, void *arg, struct err *err)
{
	return store_clock_stepped(store, ((const struct step *)arg)->by_ms, err);
}

static void step_done(int result, const struct err *err, void *arg)
{
	struct step *s = arg;

	if (result < 0) {
		log_error("cannot move the schedule by what the clock was set by: %s; the next look tries again", err->message);
		poller_move_clock(s->poller, -s->by_ms);
	}
	mem_free(s);
}

/* R69. The wall clock went its own way, so due times go with it: seen from now they stay where they were. */
void poller_look_at_clock(struct poller *p)
{
	int64_t less = clock_unix_ms(p->env.clock) - clock_mono_ms(p->env.clock), by = less - p->wall_less_mono_ms;
	struct step *step;

	if (by >= -CLOCK_STEP_MS && by <= CLOCK_STEP_MS)
		return;
	log_info("the clock was set by %lld s; sources stay due when they were", (long long)(by / 1000));
	step = mem_new(struct step);
	*step = (struct step){p, by};
	job_thread_submit(p->env.writer, &(struct job){.run = step_run, .done = step_done, .arg = step});
	poller_move_clock(p, by);
}

/* R70: after a suspend connections are dead and the network takes a moment; that is no fault of the sources. */
void poller_look_for_suspend(struct poller *p)
{
	int64_t late = clock_mono_ms(p->env.clock) - p->wake_ms;

	if (p->wake_ms == INT64_MAX || late < SLEPT_MS)
		return;
	log_info("slept for %lld s; polls go on in %d s", (long long)(late / 1000), RESUME_MS / 1000);
	poller_drop_in_flight(p);
	client_network_changed(p->env.client);
	poller_be_quiet(p, RESUME_MS);
}
