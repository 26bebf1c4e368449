#include "poller.h"

#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/fetch.h"
#include "syndicated/schedule.h"
#include "syndicated/store.h"

enum {
	WINDOW_FACTOR = 4,         /* claimed and waiting for their host, as a multiple of fetch.concurrent */
	LONGEST_SLEEP_MS = 30000,  /* wake at least this often: suspend and clock steps (polling.md R68) */
	LONGEST_WAIT_MS = 30000,   /* a host that must wait longer gives its claim back, so that the window moves on */
	RETRY_LOCAL_MS = 60000,    /* our own trouble: the claim waits this long (polling.md section 4, "local") */
};

struct poll {
	struct poller *poller;
	struct poll *prev, *next; /* in the list of polls in flight, or of those waiting */
	struct source_task task;
	struct fetch *fetch;
	struct pool_job *job;
	bool paced; /* holds a slot of its host group */
	struct poll_record record;
	struct poll_effect effect;
	struct schedule_policy policy;
	struct schedule_poll shown;
	uint64_t random;
	struct poll_due decision;
	/* owned copies of what the fetch found */
	char *message, *final_url, *content_type, *etag, *last_modified;
	struct digest body_digest;
	struct feed_document *document;
};

struct poll_list {
	struct poll *first, *last;
	size_t n;
};

struct poller {
	struct poller_env env;
	struct plan *plan;
	struct pacing *pacing;
	struct loop_timer *timer;
	struct poll_list waiting, in_flight;
	bool claiming;   /* a claim is on its way */
	bool claim_again; /* and something happened since */
	bool stopping;
};

static void start_waiting(struct poller *p);
static void claim(struct poller *p);

/* ---- lists ---- */

static void list_append(struct poll_list *l, struct poll *poll)
{
	poll->prev = l->last;
	poll->next = NULL;
	if (l->last)
		l->last->next = poll;
	else
		l->first = poll;
	l->last = poll;
	l->n++;
}

static void list_remove(struct poll_list *l, struct poll *poll)
{
	if (poll->prev)
		poll->prev->next = poll->next;
	else
		l->first = poll->next;
	if (poll->next)
		poll->next->prev = poll->prev;
	else
		l->last = poll->prev;
	poll->prev = poll->next = NULL;
	l->n--;
}

static void free_poll(struct poll *poll)
{
	source_task_done(&poll->task);
	mem_free(poll->message);
	mem_free(poll->final_url);
	mem_free(poll->content_type);
	mem_free(poll->etag);
	mem_free(poll->last_modified);
	feed_document_free(poll->document);
	mem_free(poll);
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

static void give_back(struct poller *p, struct poll *poll, int64_t due_ms)
{
	struct give_back *g = mem_new(struct give_back);

	g->source_id = poll->task.source_id;
	g->due_ms = due_ms;
	job_thread_submit(p->env.writer, &(struct job){give_back_run, give_back_done, g});
}

/* ---- the end of a poll: one transaction ---- */

static void decide(const struct poll_record *record, const struct poll_effect *effect, struct poll_due *ret, void *ctx)
{
	struct poll *poll = ctx;
	struct schedule_state state = {.failures = effect->failures};
	struct schedule_decision d;

	(void)record;
	poll->shown.new_items = effect->n_new;
	d = schedule_next(&poll->policy, &state, &poll->shown, poll->random);
	ret->due_ms = d.due_ms;
	ret->interval_ms = d.interval_ms;
	ret->reason = d.reason;
	ret->failures = state.failures;
	poll->decision = *ret;
}

static int record_run(void *store, void *arg, struct err *err)
{
	struct poll *poll = arg;

	return store_record_poll(store, &poll->record, &poll->effect, err);
}

/* The operator hears of a source when its state changes; every poll is in the debug log (polling.md R117). */
static void tell(const struct poll *poll)
{
	const struct poll_record *r = &poll->record;
	const char *name = poll->task.name;
	char due[TEXT_RFC3339_BYTES];

	text_from_time_ms(poll->decision.due_ms, false, due);
	if (!poll_outcome_is_success(r->outcome) && poll->effect.failures == 0)
		log_warning("source '%s': %s; next try %s; its items stay", name, r->message, due);
	else if (poll_outcome_is_success(r->outcome) && poll->effect.failures > 0)
		log_info("source '%s': works again after %lld failed polls", name, (long long)poll->effect.failures);
	if (poll->effect.n_new || poll->effect.n_changed)
		log_info("source '%s': %zu new, %zu changed%s", name, poll->effect.n_new, poll->effect.n_changed,
		         poll->effect.first_fetch ? " (first fetch)" : "");
	log_debug("poll source='%s' outcome=%s status=%d new=%zu changed=%zu same=%zu next=%s reason='%s'", name,
	          poll_outcome_name(r->outcome), r->status, poll->effect.n_new, poll->effect.n_changed, poll->effect.n_same, due,
	          poll->decision.reason ? poll->decision.reason : "");
}

static void finish(struct poll *poll)
{
	struct poller *p = poll->poller;

	list_remove(&p->in_flight, poll);
	free_poll(poll);
	if (p->stopping) {
		if (p->in_flight.n == 0)
			p->env.idle(p->env.ctx);
		return;
	}
	start_waiting(p);
	claim(p);
}

static void record_done(int result, const struct err *err, void *arg)
{
	struct poll *poll = arg;
	struct poller *p = poll->poller;

	if (result == 0)
		tell(poll);
	else if (result != ERR_NOT_FOUND)
		log_error("source '%s': what the poll brought could not be stored: %s; it will be fetched again", poll->task.name, err->message);
	if (result == 0 && poll->effect.n_events)
		p->env.log_grew(p->env.ctx);
	finish(poll);
}

static void record(struct poll *poll)
{
	struct poll_record *r = &poll->record;

	r->source_id = poll->task.source_id;
	r->message = poll->message;
	r->validators_url = poll->final_url;
	r->etag = poll->etag;
	r->last_modified = poll->last_modified;
	r->document = poll->document;
	r->decide = decide;
	r->ctx = poll;
	poll->shown.outcome = r->outcome;
	poll->shown.started_ms = r->started_ms;
	poll->shown.ended_ms = r->ended_ms;
	poll->shown.has_validators = poll->etag || poll->last_modified;
	job_thread_submit(poll->poller->env.writer, &(struct job){record_run, record_done, poll});
}

/* ---- fetch, then ingest ---- */

static void fail(struct poll *poll, enum poll_outcome outcome, const char *message)
{
	poll->record.outcome = outcome;
	poll->record.keep_validators = true; /* a bad body must not be frozen in by 304s (polling.md R11) */
	poll->record.body_digest = NULL;
	mem_set_str(&poll->message, message);
}

static void ingested(enum ingest_status status, struct feed_document *document, const char *message, void *ctx)
{
	struct poll *poll = ctx;

	poll->job = NULL;
	if (status == INGEST_OK) {
		poll->document = document;
		poll->shown.ttl_ms = document->ttl_ms;
		poll->shown.skip_hours = document->skip_hours;
		poll->shown.skip_days = document->skip_days;
		if (!document->complete)
			fail(poll, POLL_DAMAGED, "the document is damaged; the items that could be read were taken in");
	} else {
		fail(poll, status == INGEST_NOT_A_FEED ? POLL_NOT_A_FEED : POLL_WORKER, message);
	}
	record(poll);
}

static void remember(struct poll *poll, struct fetch_result *r)
{
	struct poll_record *record = &poll->record;
	bool answered = r->outcome == POLL_OK || r->outcome == POLL_UNCHANGED || r->outcome == POLL_NOT_MODIFIED;

	record->outcome = r->outcome;
	record->status = r->status;
	poll->shown.status = r->status;
	record->started_ms = r->started_ms;
	record->ended_ms = r->ended_ms;
	record->keep_validators = !answered;
	if (r->message[0])
		mem_set_str(&poll->message, r->message);
	mem_set_str(&poll->final_url, r->final_url);
	mem_set_str(&poll->content_type, r->content_type);
	mem_set_str(&poll->etag, r->etag);
	mem_set_str(&poll->last_modified, r->last_modified);
	if (r->outcome == POLL_OK) {
		poll->body_digest = r->body_digest;
		record->body_digest = &poll->body_digest;
	}
	poll->shown.fresh_ms = schedule_fresh_ms(r->cache_control, r->age, r->expires, r->date, r->ended_ms);
	poll->shown.retry_after_ms = schedule_retry_after_ms(r->retry_after, r->ended_ms);
}

/* Relative references of the document begin at its URL; credentials in it must not get into links. */
static void read_document(struct poll *poll, struct buf *body)
{
	auto_free char *base = text_without_userinfo(poll->final_url);

	poll->job = pool_submit(poll->poller->env.pool, base, poll->content_type, body, ingested, poll);
}

static void fetched(struct fetch_result *result, void *ctx)
{
	struct poll *poll = ctx;
	struct poller *p = poll->poller;
	int64_t now = clock_mono_ms(p->env.clock);

	poll->fetch = NULL;
	poll->paced = false;
	pacing_done(p->pacing, poll->task.url, now);
	remember(poll, result);
	if (result->outcome == POLL_LIMITED && poll->shown.retry_after_ms > 0)
		pacing_pause(p->pacing, poll->task.url, now + poll->shown.retry_after_ms, now); /* polling.md R43 */
	if (result->outcome == POLL_OK)
		read_document(poll, &result->body);
	else
		record(poll);
	start_waiting(p);
}

static void start(struct poll *poll)
{
	struct poller *p = poll->poller;
	const struct source_task *t = &poll->task;
	const struct config *c = p->plan->config;
	const struct fetch_request request = {
		.url = t->url,
		.validators_url = t->validators_url,
		.etag = t->etag,
		.last_modified = t->last_modified,
		.has_body_digest = t->has_body_digest,
		.body_digest = t->body_digest,
		.user_agent = p->plan->user_agent,
		.timeout_ms = c->fetch_timeout_ms,
		.max_bytes = (size_t)c->fetch_max_bytes,
	};

	poll->policy = (struct schedule_policy){.min_ms = t->poll_min_ms, .max_ms = t->poll_max_ms};
	digest_random(&poll->random, sizeof(poll->random));
	poll->paced = true;
	list_append(&p->in_flight, poll);
	poll->fetch = fetch_start(p->env.client, &request, fetched, poll);
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
		struct poll *poll = p->waiting.last;

		list_remove(&p->waiting, poll);
		give_back(p, poll, now + (int64_t)n * gap);
		free_poll(poll);
	}
	set_timer(p, 0);
}

/* Starts what its host allows; the rest waits, or is given back when that takes long. */
static void start_waiting(struct poller *p)
{
	int64_t now = clock_mono_ms(p->env.clock);
	int64_t soonest = LONGEST_SLEEP_MS;
	size_t slots = (size_t)p->plan->config->fetch_concurrent;
	struct poll *next;

	for (struct poll *poll = p->waiting.first; poll && p->in_flight.n < slots && !p->stopping; poll = next) {
		int64_t wait = pacing_try(p->pacing, poll->task.url, now);

		next = poll->next;
		if (wait > 0 && wait <= LONGEST_WAIT_MS) {
			soonest = wait < soonest ? wait : soonest;
			continue;
		}
		list_remove(&p->waiting, poll);
		if (wait == 0) {
			start(poll);
		} else {
			give_back(p, poll, clock_unix_ms(p->env.clock) + wait);
			free_poll(poll);
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
		struct poll *poll = mem_new(struct poll);

		poll->poller = p;
		poll->task = c->tasks[i];
		if (p->stopping) {
			give_back(p, poll, poll->task.due_ms);
			free_poll(poll);
		} else {
			list_append(&p->waiting, poll);
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
	struct poll *poll;

	p->stopping = true;
	loop_timer_set(p->timer, -1);
	while ((poll = p->waiting.first)) {
		list_remove(&p->waiting, poll);
		give_back(p, poll, poll->task.due_ms);
		free_poll(poll);
	}
	if (p->in_flight.n == 0)
		p->env.idle(p->env.ctx);
}

/* A request was sent, so the source's minimum gap counts from now, also over the restart (polling.md R62). */
void poller_abandon(struct poller *p)
{
	struct poll *next;

	for (struct poll *poll = p->in_flight.first; poll; poll = next) {
		next = poll->next;
		if (!poll->fetch && !poll->job)
			continue; /* with the store: it comes back by itself */
		if (poll->fetch)
			fetch_cancel(poll->fetch);
		if (poll->job)
			pool_forget(poll->job);
		list_remove(&p->in_flight, poll);
		give_back(p, poll, clock_unix_ms(p->env.clock) + poll->task.poll_min_ms);
		free_poll(poll);
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
		struct poll *poll = p->in_flight.first;

		list_remove(&p->in_flight, poll);
		if (poll->fetch)
			fetch_cancel(poll->fetch);
		if (poll->job)
			pool_forget(poll->job);
		free_poll(poll);
	}
	while (p->waiting.first) {
		struct poll *poll = p->waiting.first;

		list_remove(&p->waiting, poll);
		free_poll(poll);
	}
	pacing_free(p->pacing);
	loop_timer_free(p->timer);
	plan_unref(p->plan);
	mem_free(p);
	return NULL;
}
