#include "poller_internal.h"

#include "syndicated/base/digest.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/schedule.h"
#include "syndicated/store.h"
#include "poll.h"
#include "poll_report.h"

enum {
	LONGEST_SLEEP_MS = 30000, /* wake at least this often: suspend and clock steps (polling.md R68) */
	LONGEST_WAIT_MS = 5000,   /* a host that must wait longer gives its claim back */
	RETRY_LOCAL_MS = 60000,   /* our own trouble: nothing starts for so long (polling.md section 4, "local") */
	PROBES_LOOKED_AT = 16,    /* in trouble: claimed, so that one may be chosen; the others are given back */
	BUCKET_LOOK_MS = 250,     /* how often tokens are spent while some are behind */
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

void entry_remove(struct entry_list *l, struct entry *e)
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

static const char *group_of(const struct entry *e)
{
	return e->group ? e->group : e->task.host;
}

static void free_entry(struct entry *e)
{
	source_task_done(&e->task);
	mem_free(e->group);
	mem_free(e);
}

/* ---- the timer ---- */

void poller_wake_within(struct poller *p, int64_t delay_ms)
{
	int64_t at;

	if (p->stopping)
		return;
	delay_ms = delay_ms < 0 ? 0 : delay_ms > LONGEST_SLEEP_MS ? LONGEST_SLEEP_MS : delay_ms;
	at = clock_mono_ms(p->env.clock) + delay_ms;
	if (at >= p->wake_ms && delay_ms > 0)
		return;
	p->wake_ms = at < p->wake_ms ? at : p->wake_ms;
	loop_timer_set(p->timer, delay_ms);
}

void poller_be_quiet(struct poller *p, int64_t for_ms)
{
	int64_t until = clock_mono_ms(p->env.clock) + for_ms;

	if (until > p->quiet_until_ms)
		p->quiet_until_ms = until;
	poller_give_back_waiting(p); /* a claim that waits long would count as a request (polling.md R62) */
}

static bool is_quiet(struct poller *p)
{
	int64_t left = p->quiet_until_ms - clock_mono_ms(p->env.clock);

	if (left > 0)
		poller_wake_within(p, left);
	return left > 0;
}

/* ---- giving a claim back ---- */

struct give_back {
	struct poller *poller;
	struct give_back *next;
	int64_t source_id;
	int64_t due_ms;
	int64_t now_ms;
	bool was_started; /* then a request was sent, and a look that was on its way begins anew */
	bool has_host;
	struct store_host host;
};

static int give_back_run(void *store, void *arg, struct err *err)
{
	const struct give_back *g = arg;
	int rc = store_unclaim(store, g->source_id, g->due_ms, g->has_host ? &g->host : NULL, g->now_ms, err);

	return rc < 0 || !g->was_started ? rc : store_note_request(store, g->source_id, g->now_ms, err);
}

/* What the store did not take is offered again before the next claim: the lease is far longer than a disk is full for a moment. */
static void give_back_done(int result, const struct err *err, void *arg)
{
	struct give_back *g = arg;
	struct poller *p = g->poller;

	if (result < 0 && result != ERR_NOT_FOUND && !p->stopping) {
		log_debug("a claim could not be given back: %s; it is tried again", err->message);
		g->next = p->kept_back;
		p->kept_back = g;
		return;
	}
	mem_free(g);
}

static void give_back_kept(struct poller *p)
{
	while (p->kept_back) {
		struct give_back *g = p->kept_back;

		p->kept_back = g->next;
		job_thread_submit(p->env.writer, &(struct job){.run = give_back_run, .done = give_back_done, .arg = g, .repeats = true});
	}
}

/* host_wait_ms: the host may not be asked before that is over; 0: nothing is known of that. Frees e. */
void poller_give_back(struct poller *p, struct entry *e, int64_t due_ms, int64_t host_wait_ms)
{
	struct give_back *g = mem_new(struct give_back);

	g->poller = p;
	g->source_id = e->task.source_id;
	g->due_ms = due_ms;
	g->was_started = e->was_started;
	g->has_host = host_wait_ms > 0;
	g->now_ms = clock_unix_ms(&p->clock);
	g->host = (struct store_host){g->now_ms + host_wait_ms, e->task.host_gap_ms, e->task.host_successes};
	job_thread_submit(p->env.writer, &(struct job){.run = give_back_run, .done = give_back_done, .arg = g, .is_patient = true, .repeats = true});
	free_entry(e);
}

void poller_give_back_waiting(struct poller *p)
{
	struct entry *e;

	while ((e = p->waiting.first)) {
		entry_remove(&p->waiting, e);
		poller_give_back(p, e, e->task.due_ms, 0);
	}
}

/* Drops what is in flight; a request was sent, so the source's minimum gap counts from now (polling.md R62). */
void poller_drop_in_flight(struct poller *p)
{
	struct entry *next;

	for (struct entry *e = p->in_flight.first; e; e = next) {
		next = e->next;
		if (poll_is_with_store(e->poll))
			continue; /* it comes back by itself */
		if (poll_is_fetching(e->poll))
			(void)pacing_done(p->pacing, group_of(e), NULL, clock_mono_ms(p->env.clock));
		e->poll = poll_drop(e->poll);
		entry_remove(&p->in_flight, e);
		poller_give_back(p, e, clock_unix_ms(&p->clock) + e->task.poll_min_ms, 0);
	}
}

/* ---- the wall clock ---- */

static int64_t seen_unix_ms(void *ctx)
{
	const struct poller *p = ctx;

	return clock_mono_ms(p->env.clock) + p->wall_less_mono_ms;
}

static int64_t seen_mono_ms(void *ctx)
{
	return clock_mono_ms(((const struct poller *)ctx)->env.clock);
}

void poller_move_clock(struct poller *p, int64_t by_ms)
{
	p->wall_less_mono_ms += by_ms;
	for (struct entry *e = p->waiting.first; e; e = e->next)
		e->task.due_ms += by_ms;
	for (struct entry *e = p->in_flight.first; e; e = e->next) {
		if (poll_is_with_store(e->poll))
			continue;
		e->task.due_ms += by_ms;
		poll_clock_was_set(e->poll, by_ms);
	}
	for (struct give_back *g = p->kept_back; g; g = g->next) {
		g->due_ms += by_ms;
		g->now_ms += by_ms;
		g->host.not_before_ms += by_ms;
	}
}

/* ---- the hops of a poll (decision 023) ---- */

/*
 * A turn of another group comes by the store, which knows its gap, its pause and who else waits. But one that tries whether
 * our own trouble is over has to come to its end: nothing else is asked then.
 */
static bool may_go_on(const char *group, void *ctx)
{
	struct entry *e = ctx;
	struct poller *p = e->poller;
	int64_t now = clock_mono_ms(p->env.clock);

	if (strcmp(group, group_of(e)) == 0)
		return pacing_go_on(p->pacing, group, now) == 0;
	if (!p->trouble || pacing_try(p->pacing, group, NULL, now) > 0)
		return false;
	(void)pacing_done(p->pacing, group_of(e), NULL, now);
	mem_set_str(&e->group, group);
	return true;
}

/* ---- the end of a poll ---- */

static void answered(const struct poll_answer *answer, struct store_host *ret, void *ctx)
{
	struct entry *e = ctx;
	struct poller *p = e->poller;
	struct pacing_after after = pacing_done(p->pacing, group_of(e), &answer->host, clock_mono_ms(p->env.clock));

	poller_look_at_clock(p); /* before any of its times is stored */

	if (e->group) /* it ended elsewhere: nothing new of the one it was claimed with */
		after = (struct pacing_after){.learned = {e->task.host_gap_ms, e->task.host_successes}};
	ret->not_before_ms = clock_unix_ms(&p->clock) + after.wait_ms;
	ret->gap_ms = after.learned.gap_ms;
	ret->successes = after.learned.successes;
	if (answer->is_local)
		poller_be_quiet(p, RETRY_LOCAL_MS);
	start_waiting(p);
}

/* Polls sample sources by how often they are polled, so the plain mean of their intervals is sources / demand. */
static void note_interval(struct bucket *b, int64_t interval_ms)
{
	if (interval_ms > 0)
		b->mean_interval_ms += ((double)interval_ms - b->mean_interval_ms) / (b->mean_interval_ms > 0 ? 100 : 1);
}

static void go_on(struct poller *p)
{
	if (p->stopping) {
		if (p->in_flight.n == 0)
			p->env.idle(p->env.ctx);
		return;
	}
	poller_watch_weather(p);
	poller_wake(p); /* many end in one commit: what follows is done once, behind the last of them */
}

/* It goes behind the others that are due, so that each probe is another source. */
static void uncounted(void *ctx)
{
	struct entry *e = ctx;
	struct poller *p = e->poller;

	entry_remove(&p->in_flight, e);
	poller_give_back(p, e, clock_unix_ms(&p->clock), 0);
	go_on(p);
}

static void done(const struct poll_end *end, void *ctx)
{
	struct entry *e = ctx;
	struct poller *p = e->poller;

	if (end->n_events)
		p->env.log_grew(p->env.ctx);
	note_interval(&p->bucket, end->interval_ms);
	entry_remove(&p->in_flight, e);
	if (end->store_failed) {
		poller_be_quiet(p, RETRY_LOCAL_MS);
		poller_give_back(p, e, clock_unix_ms(&p->clock) + e->task.poll_min_ms, 0);
	} else {
		free_entry(e);
	}
	go_on(p);
}

/* ---- starting what is claimed ---- */

static void start(struct entry *e)
{
	struct poller *p = e->poller;

	list_append(&p->in_flight, e);
	e->was_started = true;
	e->poll = poll_start(&p->poll_env, p->plan, &e->task, e);
}

/*
 * A claim is made when its host may be asked, so nearly all start at once. What has to wait (the host asked for peace just
 * now, or its rule is another since a reload) waits here for a moment, or is given back with what is known of the host.
 */
static void start_waiting(struct poller *p)
{
	int64_t now = clock_mono_ms(p->env.clock);
	size_t slots = (size_t)p->plan->config->fetch_concurrent;
	struct entry *next;

	if (!p->waiting.first || p->stopping || is_quiet(p))
		return;
	for (struct entry *e = p->waiting.first; e && p->in_flight.n < slots && poller_may_poll(p); e = next) {
		const struct pacing_learned known = {e->task.host_gap_ms, e->task.host_successes};
		int64_t wait = pacing_try(p->pacing, e->task.host, &known, now);

		next = e->next;
		if (wait > 0 && now + wait <= e->wait_until_ms) {
			poller_wake_within(p, wait);
			continue;
		}
		entry_remove(&p->waiting, e);
		if (wait == 0)
			start(e);
		else
			poller_give_back(p, e, e->task.due_ms, wait);
	}
}

/* ---- claiming ---- */

static size_t fill_bucket(struct poller *p)
{
	struct bucket *b = &p->bucket;
	int64_t now = clock_mono_ms(p->env.clock);
	double rate = (double)p->plan->config->fetch_rate, burst = rate;
	double demand = b->mean_interval_ms > 0 ? (double)p->plan->n_sources * 1000.0 / b->mean_interval_ms : 0;

	if (2 * demand > rate)
		rate = 2 * demand;
	b->tokens += rate * (double)(now - b->filled_ms) / 1000.0;
	if (b->tokens > burst)
		b->tokens = burst;
	b->filled_ms = now;
	return (size_t)b->tokens;
}

struct claim {
	struct poller *poller;
	struct plan *plan;
	struct store_claim rules;
	struct source_task *tasks;
	size_t n;
	int64_t next_due_ms;
	int64_t wall_less_mono_ms; /* the clock's, when it was asked for */
};

/* On the store's thread. */
static void limit_of(const char *host, int64_t learned_gap_ms, struct store_host_limit *ret, void *ctx)
{
	const struct claim *c = ctx;
	struct host_rule rule = host_rules_get(c->plan->hosts, host);

	ret->concurrent = rule.concurrent;
	ret->gap_ms = pacing_gap_ms(&rule, &(struct pacing_learned){.gap_ms = learned_gap_ms});
}

/* Tasks of a claim that was undone. */
static void drop_tasks(struct claim *c)
{
	for (size_t i = 0; i < c->n; i++)
		source_task_done(&c->tasks[i]);
	mem_free(c->tasks);
	c->tasks = NULL;
	c->n = 0;
}

static int claim_run(void *store, void *arg, struct err *err)
{
	struct claim *c = arg;
	int rc;

	drop_tasks(c); /* of the first time, when this is the second */
	rc = store_claim_due(store, &c->rules, &c->tasks, &c->n, err);
	return rc < 0 ? rc : store_next_due(store, c->rules.now_ms, &c->next_due_ms, err);
}

static void claim_free(struct claim *c)
{
	mem_free(c->tasks);
	plan_unref(c->plan);
	mem_free(c);
}

/* Who tells best whether the network is there again is one that worked when it was. */
static size_t choose_probe(const struct claim *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->tasks[i].failures == 0 && c->tasks[i].validators_url)
			return i;
	return 0;
}

static void take_claimed(struct poller *p, struct claim *c)
{
	size_t n_late = 0, probe = choose_probe(c);

	for (size_t i = 0; i < c->n; i++) {
		struct entry *e = mem_new(struct entry);

		e->poller = p;
		e->task = c->tasks[i];
		e->task.due_ms += p->wall_less_mono_ms - c->wall_less_mono_ms;
		e->wait_until_ms = clock_mono_ms(p->env.clock) + LONGEST_WAIT_MS;
		n_late += e->task.is_late && (!p->trouble || i == probe);
		if (p->stopping || (p->trouble && (i != probe || p->waiting.n + p->in_flight.n > 0)))
			poller_give_back(p, e, e->task.due_ms, 0);
		else
			list_append(&p->waiting, e);
	}
	p->bucket.tokens -= (double)n_late;
	if (n_late >= c->rules.max_late && c->rules.max_late < c->rules.max)
		poller_wake_within(p, BUCKET_LOOK_MS); /* more of them may be behind */
}

static void claim_failed(struct poller *p, struct claim *c, const struct err *err)
{
	log_error("cannot read which sources are due: %s; next try in %d s", err->message, RETRY_LOCAL_MS / 1000);
	drop_tasks(c);
	poller_be_quiet(p, RETRY_LOCAL_MS);
	poller_wake_within(p, RETRY_LOCAL_MS);
}

static void claim_done(int result, const struct err *err, void *arg)
{
	struct claim *c = arg;
	struct poller *p = c->poller;
	bool again = p->claim_again;

	p->claiming = false;
	p->claim_again = false;
	if (result < 0) {
		claim_failed(p, c, err);
		claim_free(c);
		return;
	}
	take_claimed(p, c);
	poller_wake_within(p, c->next_due_ms == INT64_MAX ? LONGEST_SLEEP_MS : c->next_due_ms - c->wall_less_mono_ms - clock_mono_ms(p->env.clock));
	claim_free(c);
	start_waiting(p);
	if (again)
		claim(p);
}

/* How long a poll can take at most, and longer: until then nobody else takes the claim. */
static int64_t lease_ms(const struct config *c)
{
	return c->fetch_timeout_ms * (LIMIT_REDIRECTS + 1) + 2 * LONGEST_WAIT_MS + 10 * LIMIT_WORKER_JOB_MS;
}

/*
 * Asks the store for what can start right now, when a slot is free and no such question is open. Nothing is claimed ahead:
 * a claim that did not start costs its source a minimum interval after a crash, since a request may have been sent.
 */
static void claim(struct poller *p)
{
	size_t slots = (size_t)p->plan->config->fetch_concurrent, held = p->waiting.n + p->in_flight.n;
	struct claim *c;

	if (p->stopping || held >= slots || is_quiet(p) || !poller_may_poll(p))
		return;
	poller_look_at_clock(p);
	if (p->claiming) {
		p->claim_again = true;
		return;
	}
	p->claiming = true;
	give_back_kept(p);
	c = mem_new(struct claim);
	c->poller = p;
	c->plan = plan_ref(p->plan);
	c->wall_less_mono_ms = p->wall_less_mono_ms;
	c->rules = (struct store_claim){
		.now_ms = clock_unix_ms(&p->clock),
		.lease_ms = lease_ms(p->plan->config),
		.max = !p->trouble || slots - held < PROBES_LOOKED_AT ? slots - held : PROBES_LOOKED_AT,
		.max_late = fill_bucket(p),
		.limit = limit_of,
		.ctx = c,
	};
	job_thread_submit(p->env.writer, &(struct job){.run = claim_run, .done = claim_done, .arg = c, .is_patient = true, .repeats = true});
}

/* ---- the timer fires ---- */

static void timer_fired(void *ctx)
{
	struct poller *p = ctx;

	poller_look_for_suspend(p);
	poller_look_at_clock(p);
	p->wake_ms = INT64_MAX;
	poller_wake_within(p, LONGEST_SLEEP_MS);
	start_waiting(p);
	claim(p);
}

/* ---- the poller ---- */

struct poller *poller_new(const struct poller_env *env, struct plan *plan)
{
	struct poller *p = mem_new(struct poller);

	p->env = *env;
	p->clock = (struct clock){.unix_ms = seen_unix_ms, .mono_ms = seen_mono_ms, .ctx = p};
	p->weather = weather_new();
	p->counts = poll_counts_new();
	p->poll_env = (struct poll_env){
		.writer = env->writer,
		.client = env->client,
		.pool = env->pool,
		.may_go_on = may_go_on,
		.answered = answered,
		.uncounted = uncounted,
		.done = done,
		.weather = p->weather,
		.clock = &p->clock,
		.counts = p->counts,
		.random = &p->random,
	};
	digest_random(&p->random, sizeof(p->random));
	p->plan = plan_ref(plan);
	p->pacing = pacing_new(plan->hosts);
	p->timer = loop_timer_new(env->loop, timer_fired, p);
	p->wake_ms = INT64_MAX;
	p->wall_less_mono_ms = clock_unix_ms(env->clock) - clock_mono_ms(env->clock);
	p->bucket = (struct bucket){.tokens = (double)plan->config->fetch_rate, .filled_ms = clock_mono_ms(env->clock)};
	return p;
}

void poller_set_plan(struct poller *p, struct plan *plan)
{
	plan_ref(plan);
	pacing_set_rules(p->pacing, plan->hosts);
	plan_unref(p->plan);
	p->plan = plan;
	poller_wake(p);
}

void poller_wake(struct poller *p)
{
	poller_wake_within(p, 0);
}

void poller_try_now(struct poller *p)
{
	p->quiet_until_ms = 0;
	poller_wake(p);
}

void poller_stop(struct poller *p)
{
	p->stopping = true;
	loop_timer_set(p->timer, -1);
	poller_give_back_waiting(p);
	if (p->in_flight.n == 0)
		p->env.idle(p->env.ctx);
}

void poller_abandon(struct poller *p)
{
	poller_drop_in_flight(p);
}

const char *poller_trouble(const struct poller *p)
{
	return p->trouble;
}

const struct metrics *poller_counts(const struct poller *p)
{
	return p->counts;
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

		entry_remove(&p->in_flight, e);
		e->poll = poll_drop(e->poll);
		free_entry(e);
	}
	while (p->waiting.first) {
		struct entry *e = p->waiting.first;

		entry_remove(&p->waiting, e);
		free_entry(e);
	}
	while (p->kept_back) {
		struct give_back *g = p->kept_back;

		p->kept_back = g->next;
		mem_free(g);
	}
	pacing_free(p->pacing);
	weather_free(p->weather);
	metrics_free(p->counts);
	loop_timer_free(p->timer);
	plan_unref(p->plan);
	mem_free(p);
	return NULL;
}
