#include "poll_report.h"

#include "syndicated/base/mem.h"
#include "syndicated/model/time.h"

/* ---- what is kept of one ---- */

void poll_note_fetch(struct poll_figures *f, const struct fetch_result *r)
{
	f->conditional = r->conditional;
	f->was_sent = r->was_sent;
	f->curl_code = r->curl_code;
	f->wire_bytes = r->wire_bytes;
	f->duration_ms = r->duration_ms;
	f->times = r->times;
	if (!r->content_encoding)
		f->unpacked_bytes = (int64_t)r->body.len;
}

void poll_note_delays(struct poll_figures *f, const struct poll_effect *effect, int64_t previous_ms, int64_t fetched_ms)
{
	poll_figures_done(f);
	if (effect->n_new == 0 || previous_ms == 0)
		return;
	f->delays_ms = mem_new_array(int64_t, effect->n_new);
	for (size_t i = 0; i < effect->n_new; i++) { /* TIME_UNKNOWN is before all */
		if (effect->new_ms[i] > previous_ms && effect->new_ms[i] <= fetched_ms)
			f->delays_ms[f->n_delays++] = fetched_ms - effect->new_ms[i];
	}
}

void poll_figures_done(struct poll_figures *f)
{
	mem_free(f->delays_ms);
	f->delays_ms = NULL;
	f->n_delays = 0;
}

/* ---- the table ---- */

enum { POLLS, UNCOUNTED, ANSWERS, REQUESTS, UNCONDITIONAL, BYTES, ITEMS, DELAY, METRICS };
enum answer { ANSWER_200, ANSWER_304, ANSWER_429, ANSWER_OTHER, ANSWER_NONE, ANSWERS_KNOWN };
enum item_kind { ITEM_FIRST, ITEM_NEW, ITEM_CHANGED, ITEM_KINDS };

static const char *outcome_name(size_t value)
{
	return poll_outcome_name((enum poll_outcome)value);
}

static const char *answer_name(size_t value)
{
	static const char *const names[ANSWERS_KNOWN] = {"200", "304", "429", "other", "none"};

	return names[value];
}

static const char *kind_name(size_t value)
{
	static const char *const names[ITEM_KINDS] = {"first", "new", "changed"};

	return names[value];
}

static const int64_t delay_bounds_s[CONTROL_DELAYS - 1] = CONTROL_DELAY_BOUNDS_S;

static const struct metric table[METRICS] = {
	[POLLS] = {.name = "syndicated_polls_total", .help = "Polls by what they came to.",
	           .label = "outcome", .value_name = outcome_name, .n_values = POLL_OUTCOMES},
	[UNCOUNTED] = {.name = "syndicated_polls_uncounted_total", .help = "Polls that failed for trouble of our own network and count nowhere else."},
	[ANSWERS] = {.name = "syndicated_poll_answers_total", .help = "Polls by the status of the last answer.",
	             .label = "status", .value_name = answer_name, .n_values = ANSWERS_KNOWN},
	[REQUESTS] = {.name = "syndicated_poll_requests_total", .help = "Requests sent to sources, each redirect that was followed too."},
	[UNCONDITIONAL] = {.name = "syndicated_polls_unconditional_total",
	                   .help = "Polls after a source's first whose last request carried no validator."},
	[BYTES] = {.name = "syndicated_poll_received_bytes_total", .help = "Bytes of the answers with their heads, as they came over the wire."},
	[ITEMS] = {.name = "syndicated_items_total", .help = "Items taken in: those of a source's first document, later ones, and changes.",
	           .label = "kind", .value_name = kind_name, .n_values = ITEM_KINDS},
	[DELAY] = {.name = "syndicated_item_delay_seconds", .help = "From an item's own date to its fetch, of items younger than the poll before.",
	           .bounds = delay_bounds_s, .n_bounds = CONTROL_DELAYS - 1},
};

struct metrics *poll_counts_new(void)
{
	return metrics_new(table, METRICS);
}

/* ---- counting ---- */

static enum answer answer_of(int status)
{
	switch (status) {
	case 0:
		return ANSWER_NONE;
	case 200:
		return ANSWER_200;
	case 304:
		return ANSWER_304;
	case 429:
		return ANSWER_429;
	default:
		return ANSWER_OTHER;
	}
}

void poll_count_fetch(struct metrics *m, const struct fetch_result *r)
{
	metrics_add(m, REQUESTS, 0, r->n_requests);
	metrics_add(m, BYTES, 0, (uint64_t)r->wire_bytes);
}

void poll_count(struct metrics *m, const struct poll_report *r)
{
	const struct poll_effect *e = r->effect;
	const struct poll_figures *f = r->figures;

	metrics_add(m, POLLS, r->record->outcome, 1);
	metrics_add(m, ANSWERS, answer_of(r->record->status), 1);
	if (f->was_sent && !f->conditional && !r->task->is_first)
		metrics_add(m, UNCONDITIONAL, 0, 1);
	if (e->n_new)
		metrics_add(m, ITEMS, e->first_fetch ? ITEM_FIRST : ITEM_NEW, e->n_new);
	if (e->n_changed)
		metrics_add(m, ITEMS, ITEM_CHANGED, e->n_changed);
	for (size_t i = 0; i < f->n_delays; i++)
		metrics_observe(m, DELAY, (f->delays_ms[i] + 999) / 1000);
}

void poll_count_uncounted(struct metrics *m)
{
	metrics_add(m, UNCOUNTED, 0, 1);
}

static int64_t figure(const struct metrics *m, size_t metric, size_t value)
{
	return (int64_t)metrics_get(m, metric, value);
}

void poll_counts_show(const struct metrics *m, struct control_polls *ret)
{
	*ret = (struct control_polls){
		.total = (int64_t)metrics_total(m, POLLS),
		.uncounted = figure(m, UNCOUNTED, 0),
		.requests = figure(m, REQUESTS, 0),
		.status_200 = figure(m, ANSWERS, ANSWER_200),
		.status_304 = figure(m, ANSWERS, ANSWER_304),
		.status_429 = figure(m, ANSWERS, ANSWER_429),
		.unconditional = figure(m, UNCONDITIONAL, 0),
		.received_bytes = figure(m, BYTES, 0),
		.first_items = figure(m, ITEMS, ITEM_FIRST),
		.new_items = figure(m, ITEMS, ITEM_NEW),
		.changed_items = figure(m, ITEMS, ITEM_CHANGED),
	};
	for (size_t i = 0; i < POLL_OUTCOMES; i++)
		ret->outcomes[i] = figure(m, POLLS, i);
	for (size_t i = 0; i < CONTROL_DELAYS; i++)
		ret->delays[i] = figure(m, DELAY, i);
}
