#include "dispatch.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/deliver.h"
#include "syndicated/store.h"
#include "webhook_news.h"

enum {
	CONCURRENT = 4,         /* attempts in flight to one webhook (push.md 8.6) */
	LEASE_SLACK_MS = 30000, /* push.md D-2 */
	RETRY_STORE_MS = 5000,
	LONGEST_SLEEP_MS = 30000,
};

struct hook {
	struct dispatch *dispatch;
	struct hook *next;
	struct webhook_spec *spec; /* borrowed from the plan */
	struct plan *plan;         /* the one that spec is of */
	size_t feed;               /* index in the plan */
	struct loop_timer *timer;
	size_t in_flight;  /* attempts, and their recording */
	size_t unrecorded; /* of these, attempts whose result the store did not take: it is offered again */
	size_t jobs;       /* with a job thread: this hook must not be freed */
	bool fanning_out;
	bool fan_out_again;
	bool claiming;
	bool claim_again;
	bool failing;      /* the last attempt did not succeed */
	bool disabled;     /* it answered 410: nothing more until a reload or restart */
	bool removed;      /* no longer configured; freed when nothing is in flight */
};

struct attempt_job {
	struct hook *hook;
	struct attempt_job *prev, *next;
	struct delivery delivery;
	struct deliver *deliver;
	struct attempt record;
	bool unrecorded;
	char *message;
	enum deliver_verdict verdict;
};

struct dispatch {
	struct dispatch_env env;
	struct plan *plan;
	struct hook *hooks;
	struct attempt_job *attempts;
	size_t in_flight;
	bool stopping;
};

static void fan_out(struct hook *h);
static void claim(struct hook *h);
static void record_again(struct hook *h);

/* ---- a hook's life ---- */

static void free_hook(struct hook *h)
{
	loop_timer_free(h->timer);
	plan_unref(h->plan);
	mem_free(h);
}

static void drop_if_unused(struct hook *h)
{
	struct dispatch *d = h->dispatch;

	if (!h->removed || h->jobs || h->in_flight)
		return;
	for (struct hook **at = &d->hooks; *at; at = &(*at)->next) {
		if (*at == h) {
			*at = h->next;
			break;
		}
	}
	free_hook(h);
}

static bool is_resting(const struct hook *h)
{
	return h->removed || h->disabled || h->dispatch->stopping;
}

static void timer_fired(void *ctx)
{
	struct hook *h = ctx;

	record_again(h);
	fan_out(h);
	claim(h);
}

static void retry_later(struct hook *h, const char *what, const struct err *err)
{
	log_error("webhook '%s': %s: %s; next try in %d s, nothing is lost", h->spec->name, what, err->message, RETRY_STORE_MS / 1000);
	if (!is_resting(h))
		loop_timer_set(h->timer, RETRY_STORE_MS);
}

/* ---- from the log to delivery rows ---- */

struct fan_out_job {
	struct hook *hook;
	struct plan *plan;
	int64_t from;
	struct webhook_news news;
};

static void free_fan_out(struct fan_out_job *j)
{
	webhook_news_done(&j->news);
	plan_unref(j->plan);
	mem_free(j);
}

static void fan_out_finished(struct fan_out_job *j)
{
	struct hook *h = j->hook;
	bool more = h->fan_out_again || j->news.last_seq > j->from;

	free_fan_out(j);
	h->jobs--;
	h->fanning_out = false;
	h->fan_out_again = false;
	if (more)
		fan_out(h);
	drop_if_unused(h);
}

static int fan_out_run(void *store, void *arg, struct err *err)
{
	struct fan_out_job *j = arg;
	const struct store_fan_out f = {.webhook = j->hook->spec->name, .from = j->from, .to = j->news.last_seq, .deliveries = j->news.deliveries,
	                                .n = j->news.n, .told = j->news.told, .n_told = j->news.n_told};

	return store_fan_out(store, &f, clock_unix_ms(j->hook->dispatch->env.clock), err);
}

static void fan_out_done(int result, const struct err *err, void *arg)
{
	struct fan_out_job *j = arg;

	if (result < 0 && result != ERR_EXISTS) {
		retry_later(j->hook, "its deliveries could not be written", err);
		j->news.last_seq = 0;
	} else if (j->news.n) {
		claim(j->hook);
	}
	fan_out_finished(j);
}

static int read_log_run(void *reader, void *arg, struct err *err)
{
	struct fan_out_job *j = arg;

	return webhook_news_read(&j->news, reader, j->from, err);
}

static void read_log_done(int result, const struct err *err, void *arg)
{
	struct fan_out_job *j = arg;

	if (result < 0)
		retry_later(j->hook, "the event log could not be read", err);
	else if (j->news.last_seq > j->from) {
		job_thread_submit(j->hook->dispatch->env.writer, &(struct job){.run = fan_out_run, .done = fan_out_done, .arg = j, .repeats = true});
		return;
	}
	fan_out_finished(j);
}

static int cursor_run(void *store, void *arg, struct err *err)
{
	struct fan_out_job *j = arg;

	return store_get_cursor(store, j->hook->spec->name, &j->from, err);
}

static void cursor_done(int result, const struct err *err, void *arg)
{
	struct fan_out_job *j = arg;

	if (result < 0) {
		retry_later(j->hook, "its place in the event log could not be read", err);
		fan_out_finished(j);
		return;
	}
	job_thread_submit(j->hook->dispatch->env.reader, &(struct job){.run = read_log_run, .done = read_log_done, .arg = j});
}

/* The cursor is asked for each time: the store is the only one that knows it, and it is one look-up. */
static void fan_out(struct hook *h)
{
	struct fan_out_job *j;

	if (is_resting(h))
		return;
	if (h->fanning_out) {
		h->fan_out_again = true;
		return;
	}
	h->fanning_out = true;
	h->jobs++;
	j = mem_new(struct fan_out_job);
	j->hook = h;
	j->plan = plan_ref(h->plan);
	j->news = (struct webhook_news){.spec = h->spec, .selection = j->plan->selections[h->feed], .base_url = j->plan->config->base_url};
	job_thread_submit(h->dispatch->env.writer, &(struct job){.run = cursor_run, .done = cursor_done, .arg = j, .repeats = true});
}

/* ---- from a delivery row to an answer, and back ---- */

static void free_attempt(struct attempt_job *a)
{
	struct dispatch *d = a->hook->dispatch;

	if (a->prev)
		a->prev->next = a->next;
	else
		d->attempts = a->next;
	if (a->next)
		a->next->prev = a->prev;
	delivery_done(&a->delivery);
	mem_free(a->message);
	mem_free(a);
}

static void finish_attempt(struct attempt_job *a)
{
	struct hook *h = a->hook;
	struct dispatch *d = h->dispatch;

	free_attempt(a);
	h->in_flight--;
	d->in_flight--;
	if (d->stopping && d->in_flight == 0)
		d->env.idle(d->env.ctx);
	claim(h);
	drop_if_unused(h);
}

static int record_run(void *store, void *arg, struct err *err)
{
	struct attempt_job *a = arg;

	return store_record_attempt(store, &a->record, err);
}

/*
 * What the store did not take is kept and offered again: it would be sent once more otherwise, and not before its lease is
 * over. With all slots so taken nothing more is sent until the store works.
 */
static void record_done(int result, const struct err *err, void *arg)
{
	struct attempt_job *a = arg;
	struct hook *h = a->hook;

	if (result < 0 && !h->dispatch->stopping) {
		log_error("webhook '%s': the result for %s could not be stored: %s; next try in %d s", h->spec->name, a->delivery.event_id,
		          err->message, RETRY_STORE_MS / 1000);
		a->unrecorded = true;
		h->unrecorded++;
		loop_timer_set(h->timer, RETRY_STORE_MS);
		return;
	}
	if (result < 0)
		log_error("webhook '%s': the result for %s could not be stored: %s; it may be sent again", h->spec->name, a->delivery.event_id,
		          err->message);
	finish_attempt(a);
}

static void record(struct attempt_job *a)
{
	job_thread_submit(a->hook->dispatch->env.writer, &(struct job){.run = record_run, .done = record_done, .arg = a, .repeats = true});
}

static void record_again(struct hook *h)
{
	for (struct attempt_job *a = h->unrecorded ? h->dispatch->attempts : NULL; a; a = a->next) {
		if (a->hook != h || !a->unrecorded)
			continue;
		a->unrecorded = false;
		h->unrecorded--;
		record(a);
	}
}

/* The operator hears of a webhook when it begins to fail, when it works again, and when something is given up. */
static void tell(const struct attempt_job *a)
{
	struct hook *h = a->hook;
	bool ok = a->verdict == DELIVER_OK;
	char next[TEXT_RFC3339_BYTES];

	if (a->verdict == DELIVER_DISABLE)
		log_warning("webhook '%s': %s; it is disabled until the next reload", h->spec->name, a->message);
	else if (a->verdict == DELIVER_GIVE_UP)
		log_warning("webhook '%s': %s; %s is given up after %lld attempts and kept as dead", h->spec->name, a->message,
		            a->delivery.event_id, (long long)a->delivery.attempts + 1);
	else if (!ok && !h->failing) {
		text_from_time_ms(a->record.next_ms, false, next);
		log_warning("webhook '%s': %s; %s will be sent again at %s, nothing is lost", h->spec->name, a->message,
		            a->delivery.event_id, next);
	} else if (ok && h->failing)
		log_info("webhook '%s': works again", h->spec->name);
	log_debug("deliver webhook='%s' event=%s attempt=%lld status=%d ms=%lld %s", h->spec->name, a->delivery.event_id,
	          (long long)a->delivery.attempts + 1, a->record.status, (long long)a->record.duration_ms, a->message ? a->message : "ok");
	h->failing = !ok;
}

static void attempted(const struct deliver_result *r, void *ctx)
{
	static const enum delivery_state states[] = {
		[DELIVER_OK] = DELIVERY_ACKNOWLEDGED,
		[DELIVER_AGAIN] = DELIVERY_RETRY,
		[DELIVER_GIVE_UP] = DELIVERY_DEAD,
		[DELIVER_DISABLE] = DELIVERY_DEAD,
	};
	struct attempt_job *a = ctx;

	a->deliver = NULL;
	a->verdict = r->verdict;
	if (r->verdict != DELIVER_OK)
		mem_set_str(&a->message, r->message);
	a->record = (struct attempt){
		.delivery_id = a->delivery.id,
		.started_ms = r->started_ms,
		.duration_ms = r->duration_ms,
		.status = r->status,
		.message = a->message,
		.state = states[r->verdict],
		.next_ms = r->next_ms,
	};
	tell(a);
	if (r->verdict == DELIVER_DISABLE)
		a->hook->disabled = true;
	record(a);
}

static void release(struct attempt_job *a)
{
	a->record = (struct attempt){
		.delivery_id = a->delivery.id,
		.state = DELIVERY_RELEASED,
		.next_ms = clock_unix_ms(a->hook->dispatch->env.clock),
	};
	record(a);
}

static void attempt(struct hook *h, const struct delivery *delivery)
{
	struct dispatch *d = h->dispatch;
	struct attempt_job *a = mem_new(struct attempt_job);
	struct deliver_attempt request;

	a->hook = h;
	a->delivery = *delivery;
	a->next = d->attempts;
	if (a->next)
		a->next->prev = a;
	d->attempts = a;
	h->in_flight++;
	d->in_flight++;
	if (is_resting(h)) {
		release(a);
		return;
	}
	request = (struct deliver_attempt){
		.url = h->spec->url,
		.secret = h->spec->secret,
		.event_id = a->delivery.event_id,
		.body = a->delivery.body,
		.body_len = a->delivery.body_len,
		.attempts = a->delivery.attempts,
		.created_ms = a->delivery.created_ms,
		.timeout_ms = h->spec->timeout_ms,
		.user_agent = h->plan->user_agent,
	};
	a->deliver = deliver_start(d->env.client, &request, attempted, a);
}

struct claim_job {
	struct hook *hook;
	size_t max;
	int64_t now_ms;
	struct delivery *deliveries;
	size_t n;
	int64_t next_ms;
};

static void drop_claimed(struct claim_job *c)
{
	for (size_t i = 0; i < c->n; i++)
		delivery_done(&c->deliveries[i]);
	mem_free(c->deliveries);
	c->deliveries = NULL;
	c->n = 0;
}

static int claim_run(void *store, void *arg, struct err *err)
{
	struct claim_job *c = arg;
	const struct webhook_spec *spec = c->hook->spec;
	int rc;

	drop_claimed(c); /* of the first time, when this is the second */
	rc = store_claim_deliveries(store, spec->name, c->now_ms, spec->timeout_ms + LEASE_SLACK_MS, c->max, &c->deliveries, &c->n, err);

	return rc < 0 ? rc : store_next_delivery(store, spec->name, &c->next_ms, err);
}

static void sleep_until(struct hook *h, int64_t next_ms)
{
	int64_t wait = next_ms - clock_unix_ms(h->dispatch->env.clock);

	if (next_ms == INT64_MAX || is_resting(h))
		return;
	if (wait < 0)
		wait = 0;
	if (h->unrecorded && wait > RETRY_STORE_MS)
		wait = RETRY_STORE_MS;
	loop_timer_set(h->timer, wait < LONGEST_SLEEP_MS ? wait : LONGEST_SLEEP_MS);
}

static void claim_done(int result, const struct err *err, void *arg)
{
	struct claim_job *c = arg;
	struct hook *h = c->hook;
	bool again = h->claim_again;

	h->jobs--;
	h->claiming = false;
	h->claim_again = false;
	if (result < 0) {
		retry_later(h, "its deliveries could not be read", err);
		drop_claimed(c);
	}
	for (size_t i = 0; i < c->n; i++)
		attempt(h, &c->deliveries[i]);
	/* With all slots taken the end of an attempt claims the next; the timer is for what is due later. */
	if (result == 0 && h->in_flight < CONCURRENT)
		sleep_until(h, c->next_ms);
	mem_free(c->deliveries);
	mem_free(c);
	if (again)
		claim(h);
	drop_if_unused(h);
}

static void claim(struct hook *h)
{
	struct claim_job *c;

	if (is_resting(h) || h->in_flight >= CONCURRENT)
		return;
	if (h->claiming) {
		h->claim_again = true;
		return;
	}
	h->claiming = true;
	h->jobs++;
	c = mem_new(struct claim_job);
	c->hook = h;
	c->max = CONCURRENT - h->in_flight;
	c->now_ms = clock_unix_ms(h->dispatch->env.clock);
	job_thread_submit(h->dispatch->env.writer, &(struct job){.run = claim_run, .done = claim_done, .arg = c, .repeats = true});
}

/* ---- the dispatch ---- */

static void add_hook(struct dispatch *d, struct webhook_spec *spec)
{
	struct hook *h = mem_new(struct hook);

	h->dispatch = d;
	h->plan = plan_ref(d->plan);
	h->spec = spec;
	h->feed = plan_feed_index(d->plan, spec->feed);
	h->timer = loop_timer_new(d->env.loop, timer_fired, h);
	h->next = d->hooks;
	d->hooks = h;
	loop_timer_set(h->timer, 0);
}

struct dispatch *dispatch_new(const struct dispatch_env *env, struct plan *plan)
{
	struct dispatch *d = mem_new(struct dispatch);

	d->env = *env;
	dispatch_set_plan(d, plan);
	return d;
}

/* A hook belongs to one plan for its whole life: the old ones end when their last attempt has, new ones begin. */
void dispatch_set_plan(struct dispatch *d, struct plan *plan)
{
	struct hook *next;

	for (struct hook *h = d->hooks; h; h = next) {
		next = h->next;
		h->removed = true;
		loop_timer_set(h->timer, -1);
		record_again(h);
		drop_if_unused(h);
	}
	plan_ref(plan);
	plan_unref(d->plan);
	d->plan = plan;
	for (size_t i = 0; i < plan->config->n_webhooks; i++)
		add_hook(d, &plan->config->webhooks[i]);
}

void dispatch_log_grew(struct dispatch *d)
{
	for (struct hook *h = d->hooks; h; h = h->next)
		fan_out(h);
}

void dispatch_stop(struct dispatch *d)
{
	d->stopping = true;
	for (struct hook *h = d->hooks; h; h = h->next) {
		loop_timer_set(h->timer, -1);
		record_again(h);
	}
	if (d->in_flight == 0)
		d->env.idle(d->env.ctx);
}

void dispatch_abandon(struct dispatch *d)
{
	for (struct attempt_job *a = d->attempts; a; a = a->next) {
		if (!a->deliver)
			continue;
		deliver_cancel(a->deliver);
		a->deliver = NULL;
		release(a);
	}
}

size_t dispatch_in_flight(const struct dispatch *d)
{
	return d->in_flight;
}

const char *dispatch_state(const struct dispatch *d, const char *webhook, const char **ret_feed)
{
	for (const struct hook *h = d->hooks; h; h = h->next) {
		if (h->removed || strcmp(h->spec->name, webhook) != 0)
			continue;
		*ret_feed = h->spec->feed;
		return h->disabled ? "disabled" : h->failing ? "waiting" : "active";
	}
	return NULL;
}

struct dispatch *dispatch_free(struct dispatch *d)
{
	if (!d)
		return NULL;
	while (d->attempts) {
		struct attempt_job *a = d->attempts;

		if (a->deliver)
			deliver_cancel(a->deliver);
		free_attempt(a);
	}
	while (d->hooks) {
		struct hook *h = d->hooks;

		d->hooks = h->next;
		free_hook(h);
	}
	plan_unref(d->plan);
	mem_free(d);
	return NULL;
}
