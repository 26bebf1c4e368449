/* Answers of the control socket: what the daemon says, as JSON. Each ends its call. */
#include "control_internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* ---- values ---- */

static void set(json_t *o, const char *key, json_t *value)
{
	(void)json_object_set_new(o, key, value ? value : json_null());
}

/* A message may quote bytes of a server or a file that are not UTF-8: they are replaced, the message stays. */
static json_t *text(const char *s)
{
	struct buf clean = BUF_INIT(4 << 20);
	json_t *o;

	if (!s)
		return json_null();
	text_scrub(&clean, s, strlen(s));
	o = json_string(buf_str(&clean));
	buf_done(&clean);
	return o;
}

static json_t *number(int64_t n)
{
	return json_integer(n);
}

static json_t *moment(int64_t ms)
{
	char out[TEXT_RFC3339_BYTES];

	if (ms == TIME_UNKNOWN || ms >= NEVER_DUE_MS)
		return json_null();
	text_from_time_ms(ms, false, out);
	return json_string(out);
}

static json_t *list_of(const struct string_list *l)
{
	json_t *a = json_array();

	for (size_t i = 0; i < l->n; i++)
		(void)json_array_append_new(a, json_string(l->items[i]));
	return a;
}

/* ---- answers: each ends its call ---- */

static void send_json(struct control_call *call, int status, json_t *o)
{
	char *body = json_dumps(o, JSON_COMPACT);

	if (body)
		exchange_reply(call->exchange, status, "application/json", body, strlen(body));
	else
		exchange_reply_error(call->exchange, 500);
	free(body);
	json_decref(o);
	mem_free(call);
}

static void send_message(struct control_call *call, int status, const char *key, const char *message)
{
	json_t *o = json_object();

	set(o, key, text(message));
	send_json(call, status, o);
}

void control_answer_done(struct control_call *call, const char *message)
{
	send_message(call, 200, "message", message);
}

void control_answer_error(struct control_call *call, int http_status, const char *message)
{
	send_message(call, http_status, "error", message);
}

static json_t *webhook(const struct control_webhook *w)
{
	json_t *o = json_object();

	set(o, "name", text(w->name));
	set(o, "feed", text(w->feed));
	set(o, "state", text(w->state));
	set(o, "cursor", number(w->cursor));
	set(o, "pending", number(w->pending));
	set(o, "dead", number(w->dead));
	set(o, "next", moment(w->next_ms));
	set(o, "last_attempt", moment(w->last_attempt_ms));
	set(o, "last_success", moment(w->last_success_ms));
	set(o, "last_status", number(w->last_status));
	set(o, "last_message", text(w->last_message));
	return o;
}

/* By outcome, either those that are a success or the others. Those that never happened are left out. */
static json_t *outcomes(const struct control_polls *p, bool success)
{
	json_t *o = json_object();

	for (size_t i = 0; i < POLL_OUTCOMES; i++)
		if (p->outcomes[i] && poll_outcome_is_success((enum poll_outcome)i) == success)
			set(o, poll_outcome_name((enum poll_outcome)i), number(p->outcomes[i]));
	return o;
}

static json_t *delays(const struct control_polls *p)
{
	static const int64_t bounds[CONTROL_DELAYS - 1] = CONTROL_DELAY_BOUNDS_S;
	json_t *a = json_array();

	for (size_t i = 0; i < CONTROL_DELAYS; i++) {
		json_t *o = json_object();

		set(o, "up_to_seconds", i + 1 < CONTROL_DELAYS ? number(bounds[i]) : json_null());
		set(o, "items", number(p->delays[i]));
		(void)json_array_append_new(a, o);
	}
	return a;
}

static json_t *per_new_item(const struct control_polls *p, int64_t n)
{
	return p->new_items ? json_real((double)n / (double)p->new_items) : json_null();
}

static json_t *polls(const struct control_polls *p)
{
	json_t *o = json_object();

	set(o, "total", number(p->total));
	set(o, "successes", outcomes(p, true));
	set(o, "errors", outcomes(p, false));
	set(o, "uncounted", number(p->uncounted));
	set(o, "requests", number(p->requests));
	set(o, "status_200", number(p->status_200));
	set(o, "status_304", number(p->status_304));
	set(o, "status_429", number(p->status_429));
	set(o, "unconditional", number(p->unconditional));
	set(o, "received_bytes", number(p->received_bytes));
	set(o, "first_items", number(p->first_items));
	set(o, "new_items", number(p->new_items));
	set(o, "changed_items", number(p->changed_items));
	set(o, "polls_per_new_item", per_new_item(p, p->total));
	set(o, "bytes_per_new_item", per_new_item(p, p->received_bytes));
	set(o, "delays", delays(p));
	return o;
}

void control_answer_status(struct control_call *call, const struct control_status *s)
{
	json_t *o = json_object(), *webhooks = json_array();

	set(o, "version", text(s->version));
	set(o, "config", text(s->config_path));
	set(o, "started", moment(s->started_ms));
	set(o, "now", moment(s->now_ms));
	set(o, "sources", number(s->sources));
	set(o, "sources_failing", number(s->sources_failing));
	set(o, "sources_unverified", number(s->sources_unverified));
	set(o, "items", number(s->items));
	set(o, "stories", number(s->stories));
	set(o, "last_seq", number(s->last_seq));
	set(o, "database_bytes", number(s->database_bytes));
	set(o, "in_flight", number(s->in_flight));
	set(o, "ingest_workers", number(s->ingest_workers));
	set(o, "worker_restarts", number(s->worker_restarts));
	for (size_t i = 0; i < s->n_webhooks; i++)
		(void)json_array_append_new(webhooks, webhook(&s->webhooks[i]));
	set(o, "trouble", text(s->trouble));
	set(o, "polls", polls(&s->polls));
	set(o, "webhooks", webhooks);
	send_json(call, 200, o);
}

static json_t *problems(const struct problem_list *l)
{
	json_t *a = json_array();

	for (size_t i = 0; i < l->n; i++) {
		json_t *o = json_object();

		set(o, "code", text(l->items[i].code));
		set(o, "text", text(l->items[i].text));
		set(o, "line", number(l->items[i].line));
		(void)json_array_append_new(a, o);
	}
	return a;
}

static json_t *source(const struct source_view *v)
{
	json_t *o = json_object();
	bool polled = v->last_start_ms != TIME_UNKNOWN;

	set(o, "name", text(v->name));
	set(o, "id", text(v->uid));
	set(o, "url", text(v->url));
	set(o, "title", text(v->title));
	set(o, "site_url", text(v->site_url));
	set(o, "tags", list_of(&v->tags));
	set(o, "priority", number(v->priority));
	set(o, "last_poll", moment(v->last_start_ms));
	set(o, "last_success", moment(v->last_success_ms));
	set(o, "next_poll", moment(v->next_due_ms));
	set(o, "next_poll_reason", text(v->due_reason));
	set(o, "interval_seconds", number(v->interval_ms / 1000));
	set(o, "outcome", polled ? text(poll_outcome_name(v->last_outcome)) : json_null());
	set(o, "outcome_text", polled ? text(poll_outcome_text(v->last_outcome)) : json_null());
	set(o, "http_status", number(v->last_status));
	set(o, "message", text(v->last_message));
	set(o, "certificate_verified", v->unverified ? json_false() : json_true());
	set(o, "state", text(source_state_name(v->health.state)));
	set(o, "state_text", text(source_state_text(v->health.state)));
	set(o, "moved_to", text(v->health.poll_url));
	set(o, "joined", text(v->joined));
	set(o, "failures", number(v->failures));
	set(o, "polls", number(v->polls));
	set(o, "items", number(v->items));
	set(o, "problems", problems(&v->problems));
	return o;
}

void control_answer_sources(struct control_call *call, const struct source_list *sources)
{
	json_t *o = json_object(), *a = json_array();

	for (size_t i = 0; i < sources->n; i++)
		(void)json_array_append_new(a, source(sources->sources[i]));
	set(o, "sources", a);
	send_json(call, 200, o);
}

static json_t *moment_or_null(int64_t ms)
{
	return ms == 0 ? json_null() : moment(ms);
}

static json_t *glimpse(const struct poll_glimpse *g)
{
	json_t *o = json_object();

	set(o, "started", moment(g->started_ms));
	set(o, "duration_ms", number(g->duration_ms));
	set(o, "outcome", text(poll_outcome_name(g->outcome)));
	set(o, "http_status", g->status ? number(g->status) : json_null());
	set(o, "new_items", number(g->new_items));
	set(o, "fresh_seconds", g->fresh_ms ? number(g->fresh_ms / 1000) : json_null());
	set(o, "retry_after_seconds", g->retry_after_ms ? number(g->retry_after_ms / 1000) : json_null());
	set(o, "redirected", json_boolean(g->is_redirected));
	return o;
}

static json_t *event(const struct event_view *e)
{
	json_t *o = json_object();

	set(o, "seq", number(e->seq));
	set(o, "id", text(e->id));
	set(o, "type", text(event_type_name(e->type)));
	set(o, "time", moment(e->time_ms));
	set(o, "message", text(e->report.message));
	set(o, "old_url", text(e->report.old_url));
	set(o, "new_url", text(e->report.new_url));
	set(o, "joined", text(e->report.joined));
	return o;
}

/* The streak of permanent redirects, which is no move yet. */
static json_t *moving(const struct source_health *h)
{
	json_t *o = json_object();

	set(o, "to", text(h->moving_to));
	set(o, "polls", number(h->moving_polls));
	set(o, "since", moment_or_null(h->moving_since_ms));
	return o;
}

void control_answer_explain(struct control_call *call, const struct control_explain *e)
{
	const struct source_health *h = &e->source->health;
	json_t *o = json_object(), *polls = json_array(), *events = json_array();

	for (size_t i = 0; i < e->history->n; i++)
		(void)json_array_append_new(polls, glimpse(&e->history->polls[i]));
	for (size_t i = 0; i < e->events->n; i++)
		(void)json_array_append_new(events, event(&e->events->events[i]));
	set(o, "source", source(e->source));
	set(o, "because", list_of(e->because));
	set(o, "state_since", moment_or_null(h->state_since_ms));
	set(o, "failing_since", moment_or_null(h->failing_since_ms));
	set(o, "moving", h->moving_to ? moving(h) : json_null());
	set(o, "host", text(e->host_group));
	set(o, "host_pause_seconds", number((e->host_pause_ms + 999) / 1000));
	set(o, "trouble", text(e->trouble));
	set(o, "polls", polls);
	set(o, "events", events);
	send_json(call, 200, o);
}

static json_t *item(const struct item_view *v)
{
	json_t *o = json_object();

	set(o, "id", number(v->id));
	set(o, "uid", text(v->uid));
	set(o, "story", number(v->story_id));
	set(o, "source", text(v->source->name));
	set(o, "source_title", text(v->source->title));
	set(o, "title", text(v->item.title));
	set(o, "link", text(v->item.link));
	set(o, "published", moment(v->item.published_ms));
	set(o, "first_seen", moment(v->first_seen_ms));
	set(o, "revision", number(v->revision));
	return o;
}

void control_answer_items(struct control_call *call, const struct item_list *items)
{
	json_t *o = json_object(), *a = json_array();

	for (size_t i = 0; i < items->n; i++)
		(void)json_array_append_new(a, item(&items->items[i]));
	set(o, "items", a);
	send_json(call, 200, o);
}

/* ---- stories ---- */

static json_t *share(int64_t permille)
{
	return permille ? json_real((double)permille / 1000) : json_null();
}

static json_t *notes(const struct control_note *list, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		set(o, "story", number(list[i].story_id));
		set(o, "item", list[i].item_id ? number(list[i].item_id) : json_null());
		set(o, "title", text(list[i].title));
		set(o, "source", text(list[i].source));
		set(o, "likeness", share(list[i].likeness_permille));
		set(o, "copied", share(list[i].copied_permille));
		set(o, "why", text(list[i].why));
		(void)json_array_append_new(a, o);
	}
	return a;
}

static json_t *placed_item(const struct item_view *v)
{
	json_t *o = item(v);

	set(o, "placed", text(item_placed_name(v->placed)));
	set(o, "likeness", share(v->likeness_permille));
	return o;
}

void control_answer_item(struct control_call *call, const struct control_item *c)
{
	json_t *o = json_object(), *items = json_array();

	for (size_t i = 0; i < c->story->n_items; i++) {
		(void)json_array_append_new(items, placed_item(&c->story->items[i]));
		if (c->story->items[i].id == c->id)
			set(o, "item", placed_item(&c->story->items[i]));
	}
	set(o, "story", number(c->story->id));
	set(o, "story_uid", text(c->story->uid));
	set(o, "items", items);
	set(o, "candidates", c->candidates ? notes(c->candidates, c->n_candidates) : json_null());
	set(o, "related", notes(c->related, c->n_related));
	send_json(call, 200, o);
}

void control_answer_replay(struct control_call *call, const struct control_replay *r)
{
	json_t *o = json_object(), *a = json_array();

	for (size_t i = 0; i < r->n; i++) {
		json_t *c = json_object();

		set(c, "id", number(r->changes[i].item_id));
		set(c, "item", text(r->changes[i].item));
		set(c, "joins", text(r->changes[i].joins));
		set(c, "leaves", text(r->changes[i].leaves));
		set(c, "likeness", share(r->changes[i].likeness_permille));
		(void)json_array_append_new(a, c);
	}
	set(o, "merge", json_real(r->merge));
	set(o, "related", json_real(r->related));
	set(o, "items", number(r->items));
	set(o, "stories_now", number(r->stories_now));
	set(o, "stories_then", number(r->stories_then));
	set(o, "differing", number(r->differing));
	set(o, "changes", a);
	send_json(call, 200, o);
}

/* ---- what a feed takes ---- */

static json_t *trial(const struct control_trial *t)
{
	json_t *o = item(t->item);

	set(o, "taken", json_boolean(t->verdict->rule == SELECTION_TAKEN));
	set(o, "rule", text(selection_rule_name(t->verdict->rule)));
	set(o, "field", text(item_field_name(t->verdict->field)));
	set(o, "quote", t->verdict->quote[0] ? text(t->verdict->quote) : json_null());
	return o;
}

void control_answer_trials(struct control_call *call, const char *feed, const struct control_trial *trials, size_t n)
{
	json_t *o = json_object(), *a = json_array();
	int64_t taken = 0;

	for (size_t i = 0; i < n; i++) {
		(void)json_array_append_new(a, trial(&trials[i]));
		taken += trials[i].verdict->rule == SELECTION_TAKEN;
	}
	set(o, "feed", text(feed));
	set(o, "taken", number(taken));
	set(o, "items", a);
	send_json(call, 200, o);
}
