#include "poller.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/schedule.h"
#include "syndicated/store.h"
#include "poll.h"

enum {
	WINDOW_FACTOR = 4,         /* claimed and waiting for their host, as a multiple of fetch.concurrent */
	LONGEST_SLEEP_MS = 30000,  /* wake at least this often: suspend and clock steps (polling.md R68) */
	LONGEST_WAIT_MS = 30000,   /* a host that must wait longer gives its claim back, so that the window moves on */
	RETRY_LOCAL_MS = 60000,    /* our own trouble: the claim waits this long (polling.md section 4, "local") */
};

/* A claimed source: waiting for its host, then polled. */
struct entry {
	struct poller *poller;
	struct entry *prev, *next; /* in the list of those in flight, or of those waiting */
	struct source_task task;
	struct poll *poll; /* NULL: waiting */
};

struct entry_list {
	struct entry *first, *last;
	size_t n;
};

struct poller {
	struct poller_env env;
	struct poll_env poll_env;
	struct plan *plan;
	struct pacing *pacing;
	struct loop_timer *timer;
	struct entry_list waiting, in_flight;
	bool claiming;   /* a claim is on its way */
	bool claim_again; /* and something happened since */
	bool stopping;
};

static void start_waiting(struct poller *p);
static void claim(struct poller *p);

/* ---- lists ---- */

static void list_append(struct entry_list *l, struct entry *e)
{
	e->prev = l->last;
	e->next = NULL;
	if (l->last)
		l->last->next = e;
	else
		l->first = e;
	l->last = e;
	l->n++;
}

static void list_remove(struct entry_list *l, struct entry *e)
{
	if (e->prev)
		e->prev->next = e->next;
	else
		l->first = e->next;
	if (e->next)
		e->next->prev = e->prev;
	else
		l->last = e->prev;
	e->prev = e->next = NULL;
	l->n--;
}

static void free_entry(struct entry *e)
{
	source_task_done(&e->task);
	mem_free(e);
}

/* ---- giving a claim back ---- */

struct give_back {
	int64_t source_id;
	int64_t due_ms;
};

static int give_back_run(void *store, void *arg, struct err *err)
{
	const struct give_back *g = arg;

	return store_unclaim(store, g->source_id, g->due_ms, err);
}

static void give_back_done(int result, const struct err *err, void *arg)
{
	if (result < 0 && result != ERR_NOT_FOUND)
		log_debug("a claim could not be given back: %s; its lease will end by itself", err->message);
	mem_free(arg);
}

static void give_back(struct poller *p, struct entry *e, int64_t due_ms)
{
	struct give_back *g = mem_new(struct give_back);

	g->source_id = e->task.source_id;
	g->due_ms = due_ms;
	job_thread_submit(p->env.writer, &(struct job){give_back_run, give_back_done, g});
}

/* ---- the end of a poll ---- */

static void answered(int64_t pause_ms, void *ctx)
{
	struct entry *e = ctx;
	struct poller *p = e->poller;
	int64_t now = clock_mono_ms(p->env.clock);

	pacing_done(p->pacing, e->task.url, now);
	if (pause_ms > 0)
		pacing_pause(p->pacing, e->task.url, now + pause_ms, now); /* polling.md R43 */
	start_waiting(p);
}

static void done(size_t n_events, void *ctx)
{
	struct entry *e = ctx;
	struct poller *p = e->poller;

	if (n_events)
		p->env.log_grew(p->env.ctx);
	list_remove(&p->in_flight, e);
	free_entry(e);
	if (p->stopping) {
		if (p->in_flight.n == 0)
			p->env.idle(p->env.ctx);
		return;
	}
	start_waiting(p);
	claim(p);
}

/* ---- claiming and starting ---- */

static void set_timer(struct poller *p, int64_t delay_ms)
{
	if (p->stopping)
		return;
	if (delay_ms < 0)
		delay_ms = 0;
	loop_timer_set(p->timer, delay_ms < LONGEST_SLEEP_MS ? delay_ms : LONGEST_SLEEP_MS);
}

static bool window_is_full(const struct poller *p)
{
	return p->waiting.n + p->in_flight.n >= (size_t)p->plan->config->fetch_concurrent * WINDOW_FACTOR;
}

/*
 * Many sources of one host could fill the window while they wait for each other, and keep everybody else out
 * (polling.md R81). So when it is full, the younger half of those that wait goes back, spread over the host's gap.
 */
static void make_room(struct poller *p)
{
	int64_t gap = p->plan->config->host_gap_ms > 1000 ? p->plan->config->host_gap_ms : 1000;
	int64_t now = clock_unix_ms(p->env.clock);

	if (!window_is_full(p) || p->waiting.n < 2)
		return;
	for (size_t n = p->waiting.n / 2; n > 0; n--) {
		struct entry *e = p->waiting.last;

		list_remove(&p->waiting, e);
		give_back(p, e, now + (int64_t)n * gap);
		free_entry(e);
	}
	set_timer(p, 0);
}

static void start(struct entry *e)
{
	struct poller *p = e->poller;

	list_append(&p->in_flight, e);
	e->poll = poll_start(&p->poll_env, p->plan, &e->task, e);
}

/* Starts what its host allows; the rest waits, or is given back when that takes long. */
static void start_waiting(struct poller *p)
{
	int64_t now = clock_mono_ms(p->env.clock);
	int64_t soonest = LONGEST_SLEEP_MS;
	size_t slots = (size_t)p->plan->config->fetch_concurrent;
	struct entry *next;

	for (struct entry *e = p->waiting.first; e && p->in_flight.n < slots && !p->stopping; e = next) {
		int64_t wait = pacing_try(p->pacing, e->task.url, now);

		next = e->next;
		if (wait > 0 && wait <= LONGEST_WAIT_MS) {
			soonest = wait < soonest ? wait : soonest;
			continue;
		}
		list_remove(&p->waiting, e);
		if (wait == 0) {
			start(e);
		} else {
			give_back(p, e, clock_unix_ms(p->env.clock) + wait);
			free_entry(e);
		}
	}
	if (p->waiting.first)
		set_timer(p, soonest);
	if (p->in_flight.n < slots)
		make_room(p);
}

struct claim {
	struct poller *poller;
	int64_t now_ms;
	int64_t lease_ms;
	size_t max;
	struct source_task *tasks;
	size_t n;
	int64_t next_due_ms;
};

static int claim_run(void *store, void *arg, struct err *err)
{
	struct claim *c = arg;
	int rc = store_claim_due(store, c->now_ms, c->lease_ms, c->max, &c->tasks, &c->n, err);

	return rc < 0 ? rc : store_next_due(store, &c->next_due_ms, err);
}

static void take_claimed(struct poller *p, struct claim *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct entry *e = mem_new(struct entry);

		e->poller = p;
		e->task = c->tasks[i];
		if (p->stopping) {
			give_back(p, e, e->task.due_ms);
			free_entry(e);
		} else {
			list_append(&p->waiting, e);
		}
	}
	mem_free(c->tasks);
}

static void claim_done(int result, const struct err *err, void *arg)
{
	struct claim *c = arg;
	struct poller *p = c->poller;
	bool again = p->claim_again;

	p->claiming = false;
	p->claim_again = false;
	if (result < 0) {
		log_error("cannot read which sources are due: %s; next try in %d s", err->message, RETRY_LOCAL_MS / 2000);
		set_timer(p, RETRY_LOCAL_MS);
		mem_free(c);
		return;
	}
	take_claimed(p, c);
	if (c->next_due_ms != INT64_MAX)
		set_timer(p, c->next_due_ms - clock_unix_ms(p->env.clock));
	else
		set_timer(p, LONGEST_SLEEP_MS);
	start_waiting(p);
	if (again)
		claim(p);
	mem_free(c);
}

/* Asks the store for due sources when the window has room and no such question is open. */
static void claim(struct poller *p)
{
	size_t window = (size_t)p->plan->config->fetch_concurrent * WINDOW_FACTOR;
	size_t held = p->waiting.n + p->in_flight.n;
	struct claim *c;

	if (p->stopping || held >= window)
		return;
	if (p->claiming) {
		p->claim_again = true;
		return;
	}
	p->claiming = true;
	c = mem_new(struct claim);
	c->poller = p;
	c->now_ms = clock_unix_ms(p->env.clock);
	c->lease_ms = p->plan->config->fetch_timeout_ms * (LIMIT_REDIRECTS + 1) + 2 * LONGEST_WAIT_MS + 10 * LIMIT_WORKER_JOB_MS;
	c->max = window - held;
	job_thread_submit(p->env.writer, &(struct job){claim_run, claim_done, c});
}

static void timer_fired(void *ctx)
{
	struct poller *p = ctx;

	start_waiting(p);
	claim(p);
}

/* ---- the poller ---- */

struct poller *poller_new(const struct poller_env *env, struct plan *plan)
{
	struct poller *p = mem_new(struct poller);
	const struct config *c = plan->config;

	p->env = *env;
	p->poll_env = (struct poll_env){env->writer, env->client, env->pool, answered, done};
	p->plan = plan_ref(plan);
	p->pacing = pacing_new(c->host_concurrent, c->host_gap_ms);
	p->timer = loop_timer_new(env->loop, timer_fired, p);
	return p;
}

void poller_set_plan(struct poller *p, struct plan *plan)
{
	plan_ref(plan);
	plan_unref(p->plan);
	p->plan = plan;
	pacing_set(p->pacing, plan->config->host_concurrent, plan->config->host_gap_ms);
	poller_wake(p);
}

void poller_wake(struct poller *p)
{
	set_timer(p, 0);
}

void poller_stop(struct poller *p)
{
	struct entry *e;

	p->stopping = true;
	loop_timer_set(p->timer, -1);
	while ((e = p->waiting.first)) {
		list_remove(&p->waiting, e);
		give_back(p, e, e->task.due_ms);
		free_entry(e);
	}
	if (p->in_flight.n == 0)
		p->env.idle(p->env.ctx);
}

/* A request was sent, so the source's minimum gap counts from now, also over the restart (polling.md R62). */
void poller_abandon(struct poller *p)
{
	struct entry *next;

	for (struct entry *e = p->in_flight.first; e; e = next) {
		next = e->next;
		if (poll_is_with_store(e->poll))
			continue; /* it comes back by itself */
		e->poll = poll_drop(e->poll);
		list_remove(&p->in_flight, e);
		give_back(p, e, clock_unix_ms(p->env.clock) + e->task.poll_min_ms);
		free_entry(e);
	}
}

size_t poller_in_flight(const struct poller *p)
{
	return p->in_flight.n;
}

struct poller *poller_free(struct poller *p)
{
	if (!p)
		return NULL;
	while (p->in_flight.first) {
		struct entry *e = p->in_flight.first;

		list_remove(&p->in_flight, e);
		e->poll = poll_drop(e->poll);
		free_entry(e);
	}
	while (p->waiting.first) {
		struct entry *e = p->waiting.first;

		list_remove(&p->waiting, e);
		free_entry(e);
	}
	pacing_free(p->pacing);
	loop_timer_free(p->timer);
	plan_unref(p->plan);
	mem_free(p);
	return NULL;
}
