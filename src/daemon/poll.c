#include "poll.h"

#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/fetch.h"
#include "syndicated/schedule.h"
#include "poll_report.h"

struct parking { /* of one that waits for another host */
	struct store_parked parked;
	char *trail, next_host[HOST_NAME_BYTES];
};

struct poll {
	const struct poll_env *env;
	const struct source_task *task;
	struct plan *plan;
	void *ctx;
	struct fetch *fetch;
	struct pool_job *job;
	struct poll_record record;
	bool is_with_store;
	struct store_host host;
	struct poll_effect effect;
	struct schedule_policy policy;
	struct schedule_poll shown;
	struct poll_figures figures;
	int64_t used_up_ms; /* until a counter of requests begins again; 0: something is left */
	size_t max_bytes;
	bool is_delta;
	uint64_t random;
	unsigned char learned[SCHEDULE_LEARNED_BYTES];
	struct poll_due decision;
	enum source_state old_state, new_state;
	/* owned copies of what the fetch found */
	char *message, *final_url, *permanent_url, *etag, *last_modified;
	struct parking *parking; /* NULL: it goes on */
	/* the URLs of a move, as they may be shown */
	char *old_url, *new_url;
	char *new_host;
	struct digest body_digest;
	struct feed_document *document;
};
/* There is one for every poll under way: malloc keeps blocks up to this at hand, and searches for what is larger. */
_Static_assert(sizeof(struct poll) <= 1032, "of what few polls need, let struct poll have a pointer");

static const char *group_of(const struct poll *poll, const char *url, char out[HOST_NAME_BYTES])
{
	if (!url)
		return NULL;
	host_rules_name(poll->plan->hosts, url, out);
	return out;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct poll *poll_free(struct poll *poll)
{
	plan_unref(poll->plan);
	mem_free(poll->message);
	mem_free(poll->final_url);
	mem_free(poll->permanent_url);
	if (poll->parking)
		mem_free(poll->parking->trail);
	mem_free(poll->parking);
	mem_free(poll->old_url);
	mem_free(poll->new_url);
	mem_free(poll->new_host);
	mem_free(poll->etag);
	mem_free(poll->last_modified);
	poll_figures_done(&poll->figures);
	feed_document_free(poll->document);
	mem_free(poll);
	return NULL;
}

/* ---- the end of a poll: one transaction ---- */

/* What is told of this poll, should it be told. */
static void report(struct poll *poll, const struct source_health *health, const struct schedule_news *news, struct poll_due *ret)
{
	memcpy(ret->events, news->types, sizeof(ret->events));
	ret->n_events = news->n;
	ret->has_moved = news->has_moved;
	if (news->has_moved) {
		char host[HOST_NAME_BYTES];

		mem_free(poll->old_url); /* of a run that was undone */
		mem_free(poll->new_url);
		mem_free(poll->new_host);
		poll->old_url = text_without_userinfo(poll->task->url);
		poll->new_url = text_without_userinfo(health->poll_url);
		poll->new_host = mem_dup_str(group_of(poll, health->poll_url, host));
		ret->moved_host = poll->new_host;
	}
	ret->report = (struct source_report){
		.outcome = poll->record.outcome,
		.status = poll->record.status,
		.message = poll->message,
		.old_url = poll->old_url,
		.new_url = poll->new_url,
	};
}

static void judge(struct poll *poll, const struct poll_effect *effect, struct schedule_state *state, struct schedule_decision *d,
                  struct poll_due *ret)
{
	const struct schedule_sight sight = {
		.url = poll->task->url,
		.final_url = poll->final_url,
		.permanent_url = poll->permanent_url,
		.hold_down_ms = poll->plan->config->poll_hold_down_ms,
		.min_ms = poll->policy.min_ms,
		.random = poll->random,
	};
	struct schedule_news news;

	poll->old_state = effect->health->state;
	schedule_judge(effect->health, state, &poll->shown, &sight, d, &news);
	poll->new_state = effect->health->state;
	report(poll, effect->health, &news, ret);
}

static void decide(const struct poll_record *record, const struct poll_effect *effect, struct poll_due *ret, void *ctx)
{
	struct poll *poll = ctx;
	struct schedule_state state = {.failures = effect->failures};
	struct schedule_decision d;

	(void)record;
	(void)schedule_learned_decode(poll->task->learned, poll->task->learned_len, &state.learned);
	schedule_learned_shift(&state.learned, effect->clock_shift_ms);
	poll->shown.new_items = effect->n_new;
	poll->shown.item_ms = effect->new_ms;
	poll_note_delays(&poll->figures, effect, state.learned.at_ms, poll->shown.ended_ms);
	d = schedule_next(&poll->policy, &state, &poll->shown, poll->random);
	poll->figures.floor = d.floor;
	judge(poll, effect, &state, &d, ret);
	ret->due_ms = d.due_ms;
	ret->interval_ms = d.interval_ms;
	ret->reason = d.reason;
	ret->failures = state.failures;
	ret->items_a_day = schedule_rate(&state.learned, d.due_ms == NEVER_DUE_MS ? poll->shown.ended_ms : d.due_ms);
	schedule_learned_shift(&state.learned, -effect->clock_shift_ms);
	schedule_learned_encode(&state.learned, poll->learned);
	ret->learned = poll->learned;
	ret->learned_len = sizeof(poll->learned);
	poll->decision = *ret;
}

static int record_run(void *store, void *arg, struct err *err)
{
	struct poll *poll = arg;
	int rc = store_record_poll(store, &poll->record, &poll->effect, err);

	if (rc == 0) {
		poll->decision.due_ms = poll->effect.due_ms;
		poll->decision.interval_ms = poll->effect.interval_ms;
		poll->decision.reason = poll->effect.due_reason;
	}
	return rc;
}

static void tell_of_change(const struct poll *poll, const char *due)
{
	const struct poll_record *r = &poll->record;
	const char *name = poll->task->name;
	bool ok = poll_outcome_is_success(r->outcome);

	if (poll->decision.has_moved)
		log_warning("source '%s': moved for good from %s to %s, where it is polled from now on; put the new address into the configuration",
		            name, poll->old_url, poll->new_url ? poll->new_url : poll->old_url);
	else if (!ok && poll->new_state != poll->old_state && source_state_is_given_up(poll->new_state))
		log_warning("source '%s': %s; %s; syndicatectl poll %s tries again; its items stay", name, r->message,
		            source_state_text(poll->new_state), name);
	else if (!ok && poll->effect.failures == 0)
		log_warning("source '%s': %s; next try %s; its items stay", name, r->message, due);
	else if (ok && poll->effect.failures > 0)
		log_info("source '%s': works again after %lld failed polls", name, (long long)poll->effect.failures);
}

/* The gap that is in force. */
static int64_t host_gap_ms(const struct poll *poll)
{
	struct host_rule rule = host_rules_get(poll->plan->hosts, poll->task->host);

	return pacing_gap_ms(&rule, &(struct pacing_learned){.gap_ms = poll->host.gap_ms});
}

/* The operator hears of a source when its state changes; every poll is in the debug log (polling.md R117), and counted (R118). */
static void tell(const struct poll *poll)
{
	const struct poll_record *r = &poll->record;
	const struct poll_report report = {.task = poll->task, .record = r, .effect = &poll->effect, .figures = &poll->figures};
	const char *name = poll->task->name;
	char due[TEXT_RFC3339_BYTES] = "never";

	if (poll->decision.due_ms != NEVER_DUE_MS && (!poll_outcome_is_success(r->outcome) || log_enabled(LOG_LEVEL_DEBUG)))
		text_from_time_ms(poll->decision.due_ms, false, due);
	tell_of_change(poll, due);
	if (poll->effect.n_new || poll->effect.n_changed)
		log_info("source '%s': %zu new, %zu changed%s", name, poll->effect.n_new, poll->effect.n_changed,
		         poll->effect.first_fetch ? " (first fetch)" : "");
	if (poll->effect.n_held)
		log_warning("source '%s': %zu of %zu items were new at once, more than it brings in that time; %zu are kept and not announced; "
		            "syndicatectl release %s announces them", name, poll->effect.n_new,
		            poll->effect.n_new + poll->effect.n_changed + poll->effect.n_same, poll->effect.n_held, name);
	if (poll->effect.n_quiet)
		log_info("source '%s': %zu changes are stored and not announced, being too many for a day or all at once", name,
		         poll->effect.n_quiet);
	poll_count(poll->env->counts, &report);
	if (log_enabled(LOG_LEVEL_DEBUG))
		poll_log(&report, due, host_gap_ms(poll));
}

static void record_done(int result, const struct err *err, void *arg)
{
	struct poll *poll = arg;
	const struct poll_env *env = poll->env;
	void *ctx = poll->ctx;
	const struct poll_end end = {
		.n_events = result == 0 ? poll->effect.n_events : 0,
		.interval_ms = result == 0 ? poll->decision.interval_ms : 0,
		.store_failed = result < 0 && result != ERR_NOT_FOUND,
	};

	if (result == 0)
		tell(poll);
	else if (end.store_failed)
		log_error("source '%s': what the poll brought could not be stored: %s; it will be fetched again", poll->task->name, err->message);
	poll_free(poll);
	env->done(&end, ctx);
}

/* Polling.md R50, R67: whether what happened says something about this source at all. */
static bool counts(const struct poll *poll)
{
	const struct source_task *t = poll->task;
	char home_group[HOST_NAME_BYTES], final_group[HOST_NAME_BYTES], known_group[HOST_NAME_BYTES];
	bool as_ever = is_same(poll->final_url, t->validators_url);
	const char *group = group_of(poll, poll->final_url, final_group);
	const struct weather_sight sight = {
		.source_id = t->source_id,
		.group = t->trail ? group_of(poll, t->url, home_group) : t->host,
		.final_group = group,
		.known_group = as_ever ? group : group_of(poll, t->validators_url, known_group),
		.outcome = poll->record.outcome,
		.was_well = t->failures == 0,
	};

	return weather_saw(poll->env->weather, &sight, clock_mono_ms(poll->env->clock)) == WEATHER_COUNTS;
}

static void leave_uncounted(struct poll *poll)
{
	const struct poll_env *env = poll->env;
	void *ctx = poll->ctx;

	log_debug("poll source='%s' outcome=%s uncounted: %s", poll->task->name, poll_outcome_name(poll->record.outcome),
	          poll->message ? poll->message : "");
	poll_count_uncounted(env->counts);
	poll_free(poll);
	env->uncounted(ctx);
}

static void give_to_store(struct poll *poll, const struct job *job)
{
	poll->is_with_store = true;
	job_thread_submit(poll->env->writer, job);
}

static void record(struct poll *poll)
{
	struct poll_record *r = &poll->record;

	if (!counts(poll)) {
		leave_uncounted(poll);
		return;
	}
	r->source_id = poll->task->source_id;
	r->message = poll->message;
	r->validators_url = poll->final_url;
	r->etag = poll->etag;
	r->last_modified = poll->last_modified;
	r->document = poll->document;
	r->decide = decide;
	r->ctx = poll;
	r->fresh_ms = poll->shown.fresh_ms;
	r->retry_after_ms = poll->shown.retry_after_ms;
	r->is_redirected = poll->final_url && strcmp(poll->final_url, poll->task->url) != 0;
	poll->shown.outcome = r->outcome;
	poll->shown.started_ms = r->started_ms;
	poll->shown.ended_ms = r->ended_ms;
	poll->shown.has_validators = poll->etag || poll->last_modified;
	/* With a document there may be news. */
	give_to_store(poll, &(struct job){.run = record_run, .done = record_done, .arg = poll, .is_patient = !poll->document, .repeats = true});
}

/* ---- fetch, then ingest ---- */

static void fail(struct poll *poll, enum poll_outcome outcome, const char *message)
{
	poll->record.outcome = outcome;
	poll->record.keep_validators = true; /* a bad body must not be frozen in by 304s (polling.md R11) */
	poll->record.body_digest = NULL;
	mem_set_str(&poll->message, message);
}

static enum poll_outcome outcome_of(enum ingest_status status)
{
	static const enum poll_outcome table[] = {
		[INGEST_OK] = POLL_OK,
		[INGEST_NOT_A_FEED] = POLL_NOT_A_FEED,
		[INGEST_TOO_BIG] = POLL_OVERSIZE,
		[INGEST_ENCODING] = POLL_ENCODING,
		[INGEST_NO_MEMORY] = POLL_WORKER,
		[INGEST_CRASHED] = POLL_WORKER,
		[INGEST_OVERRAN] = POLL_WORKER,
	};

	return table[status];
}

static void ingested(enum ingest_status status, struct feed_document *document, const char *message, void *ctx)
{
	struct poll *poll = ctx;

	poll->job = NULL;
	if (status == INGEST_OK) {
		poll->document = document;
		poll->shown.has_document = true;
		poll->shown.ttl_ms = document->ttl_ms;
		poll->shown.skip_hours = document->skip_hours;
		poll->shown.skip_days = document->skip_days;
		poll->figures.unpacked_bytes = document->unpacked_bytes;
		if (poll->is_delta)
			document->complete = false; /* what is not in it is not gone */
		else if (!document->complete)
			fail(poll, POLL_DAMAGED, "the document is damaged; the items that could be read were taken in");
	} else {
		fail(poll, outcome_of(status), message);
	}
	record(poll);
}

/* What nearly every poll brings: nothing that is not stored already. Then the row is written once. */
static bool has_news(const struct poll *poll, const struct fetch_result *r)
{
	const struct source_task *t = poll->task;

	return r->outcome != POLL_NOT_MODIFIED || !is_same(r->final_url, t->validators_url) || !is_same(r->etag, t->etag) ||
	       !is_same(r->last_modified, t->last_modified);
}

/* How long the server wants to be left alone. Where it does not say so, a counter that is used up does (R44). */
static void read_pleas(struct poll *poll, const struct fetch_result *r)
{
	const struct schedule_counters counters = {
		.remaining = r->rate_remaining, .reset = r->rate_reset, .rate_limit = r->rate_limit, .date = r->date, .status = r->status};
	int64_t asked_ms = schedule_retry_after_ms(r->retry_after, r->date, poll->record.ended_ms);

	poll->used_up_ms = schedule_rate_limit_ms(&counters, poll->record.ended_ms);
	poll->shown.retry_after_ms = asked_ms > 0 ? asked_ms : poll->used_up_ms;
}

static char *take_str(char **slot)
{
	char *s = *slot;

	*slot = NULL;
	return s;
}

static void remember(struct poll *poll, struct fetch_result *r)
{
	struct poll_record *record = &poll->record;
	bool answered = r->outcome == POLL_OK || r->outcome == POLL_UNCHANGED || r->outcome == POLL_NOT_MODIFIED;

	record->outcome = r->outcome;
	record->status = r->status;
	poll->shown.status = r->status;
	record->ended_ms = clock_unix_ms(poll->env->clock);
	record->keep_validators = !answered || !has_news(poll, r);
	poll->message = take_str(&r->message);
	poll->final_url = mem_dup_str(r->final_url);
	poll->permanent_url = mem_dup_str(r->permanent_url);
	poll->etag = take_str(&r->etag);
	poll->last_modified = take_str(&r->last_modified);
	poll->is_delta = r->is_delta;
	if (r->outcome == POLL_OK && !r->is_delta) {
		poll->body_digest = r->body_digest;
		record->body_digest = &poll->body_digest;
	}
	poll->shown.fresh_ms = schedule_fresh_ms(r->cache_control, r->age, r->expires, r->date, record->ended_ms);
	poll->shown.was_conditional = r->conditional;
	poll->shown.wire_bytes = r->wire_bytes;
	poll_note_fetch(&poll->figures, r);
	read_pleas(poll, r);
}

/* Relative references of the document begin at its URL; credentials in it must not get into links. */
static void read_document(struct poll *poll, struct fetch_result *r)
{
	auto_free char *base = text_without_userinfo(r->final_url);
	const struct ingest_request request = {
		.url = base,
		.content_type = r->content_type,
		.content_encoding = r->content_encoding,
		.max_bytes = poll->max_bytes,
		.story_since_ms = poll->record.ended_ms - poll->plan->config->stories.window_ms,
	};

	poll->job = pool_submit(poll->env->pool, &request, &r->body, ingested, poll);
}

static struct poll_answer answer_of(const struct poll *poll, const struct fetch_result *r)
{
	const struct outcome_rule *rule = outcome_rule(r->outcome, r->status);

	return (struct poll_answer){
		.host = outcome_for_host(rule, r->status, r->is_calm, poll->shown.retry_after_ms, poll->used_up_ms),
		.is_local = rule->scope == PAUSE_EVERYTHING,
	};
}

/* ---- the host of a redirect has turns of its own ---- */

static bool may_follow(const struct fetch_hop *hop, void *ctx)
{
	struct poll *poll = ctx;
	char group[HOST_NAME_BYTES];

	return !hop->retry_after && poll->env->may_go_on(group_of(poll, hop->to, group), poll->ctx);
}

static int park_run(void *store, void *arg, struct err *err)
{
	return store_park(store, &((const struct poll *)arg)->parking->parked, err);
}

static void park_done(int result, const struct err *err, void *arg)
{
	struct poll *poll = arg;
	const struct poll_env *env = poll->env;
	void *ctx = poll->ctx;
	const struct poll_end end = {.store_failed = result < 0 && result != ERR_NOT_FOUND};

	if (end.store_failed)
		log_error("source '%s': that it is redirected could not be stored: %s; it will be fetched again", poll->task->name, err->message);
	poll_free(poll);
	env->done(&end, ctx);
}

static void park(struct poll *poll, const struct fetch_result *r)
{
	static const struct poll_answer content = {.host.success = true};
	struct parking *p;
	int64_t now;

	poll->env->answered(&content, &poll->host, poll->ctx);
	now = clock_unix_ms(poll->env->clock); /* as the store will know it */
	if (weather_trouble(poll->env->weather)) { /* who knows who redirects it */
		mem_set_str(&poll->message, "redirected");
		leave_uncounted(poll);
		return;
	}
	poll->parking = p = mem_new(struct parking);
	p->trail = mem_dup_str(r->trail);
	p->parked = (struct store_parked){
		.source_id = poll->task->source_id,
		.trail = p->trail,
		.host_name = group_of(poll, r->next_url, p->next_host),
		.due_ms = now + schedule_retry_after_ms(r->retry_after, r->date, now),
		.host = &poll->host,
		.now_ms = now,
	};
	log_debug("poll source='%s' is redirected and waits for host=%s", poll->task->name, p->next_host);
	give_to_store(poll, &(struct job){.run = park_run, .done = park_done, .arg = poll, .is_patient = true, .repeats = true});
}

static void fetched(struct fetch_result *result, void *ctx)
{
	struct poll *poll = ctx;
	struct poll_answer answer;

	poll->fetch = NULL;
	poll_count_fetch(poll->env->counts, result);
	if (result->trail) {
		park(poll, result);
		return;
	}
	remember(poll, result);
	answer = answer_of(poll, result);
	poll->env->answered(&answer, &poll->host, poll->ctx);
	poll->record.host = &poll->host;
	if (result->outcome == POLL_OK)
		read_document(poll, result);
	else
		record(poll);
}

/* splitmix64: jitter has to be different everywhere, not secret. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

struct poll *poll_start(const struct poll_env *env, struct plan *plan, const struct source_task *t, void *ctx)
{
	struct poll *poll = mem_new(struct poll);
	const struct config *c = plan->config;
	const struct source_access *access = plan_access(plan, t->name);
	int asked_as = source_access_mark(access);
	bool is_same_reader = asked_as == t->asked_as; /* another one may be shown something else: R9 */
	const struct fetch_request request = {
		.url = t->url,
		.trail = t->trail,
		.may_follow = may_follow,
		.validators_url = t->validators_url,
		.etag = is_same_reader ? t->etag : NULL,
		.last_modified = is_same_reader ? t->last_modified : NULL,
		.has_body_digest = t->has_body_digest,
		.body_digest = t->body_digest,
		.user_agent = plan->user_agent,
		.access = access,
		.proxy = c->fetch_proxy && strcmp(c->fetch_proxy, "none") != 0 ? c->fetch_proxy : NULL,
		.proxy_login = c->fetch_proxy_login,
		.has_previous = t->has_last_outcome,
		.previous = t->last_outcome,
		.timeout_ms = c->fetch_timeout_ms,
		.max_bytes = (size_t)c->fetch_max_bytes,
		.wants_times = log_enabled(LOG_LEVEL_DEBUG),
	};

	poll->env = env;
	poll->task = t;
	poll->plan = plan_ref(plan);
	poll->ctx = ctx;
	poll->policy = (struct schedule_policy){
		.min_ms = t->poll_min_ms, .max_ms = t->poll_max_ms, .min_is_own = t->poll_min_is_own, .ignores_hints = t->ignores_hints};
	poll->record.started_ms = clock_unix_ms(env->clock);
	poll->record.asked_as = asked_as;
	poll->random = next_random(env->random);
	poll->max_bytes = request.max_bytes;
	poll->fetch = fetch_start(env->client, &request, fetched, poll);
	return poll;
}

bool poll_is_fetching(const struct poll *poll)
{
	return poll->fetch != NULL;
}

bool poll_is_with_store(const struct poll *poll)
{
	return poll->is_with_store;
}

void poll_clock_was_set(struct poll *poll, int64_t by_ms)
{
	poll->record.started_ms += by_ms;
	if (poll->record.ended_ms)
		poll->record.ended_ms += by_ms;
}

struct poll *poll_drop(struct poll *poll)
{
	if (poll->fetch)
		fetch_cancel(poll->fetch);
	if (poll->job)
		pool_forget(poll->job);
	return poll_free(poll);
}
