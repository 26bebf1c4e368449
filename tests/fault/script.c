#include "script.h"

#include <stdio.h>
#include <string.h>

#include "../lib/store_dir.h"
#include "syndicated/base/mem.h"

#define NOW ((int64_t)1700000000000)
#define MINUTE ((int64_t)60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

enum { BIG_TEXT_BYTES = 30000, SOURCES = 4, HOOKS = 2, ITEM_BYTES = 1500 };

static char hook_names[HOOKS][8] = {"desk", "radio"};

/* ---- jobs; a, b and c are named in each ---- */

static int sync_sources(struct store *s, const struct job *j, struct err *err) /* a: when, b: how many sources */
{
	static char urls[SOURCES][32] = {"https://a.test/f", "https://b.test/f", "https://b.test/g", "https://c.test/f"};
	static char names[SOURCES][8] = {"a", "b", "b2", "c"};
	struct store_sync_rules rules = {.now_ms = j->a, .due_ms = j->a, .host_of = store_dir_host_of};
	struct source_spec specs[SOURCES];
	struct webhook_spec hooks[HOOKS] = {{.name = hook_names[0]}, {.name = hook_names[1]}};
	struct store_sync ret;
	int rc;

	for (size_t i = 0; i < SOURCES; i++)
		specs[i] = (struct source_spec){.url = urls[i], .name = names[i], .priority = (int64_t)i, .poll_min_ms = MINUTE, .poll_max_ms = DAY};
	rc = store_sync_sources(s, specs, (size_t)j->b, &rules, &ret, err);
	return rc < 0 ? rc : store_sync_webhooks(s, hooks, HOOKS, j->a, err);
}

static void limit(const char *host, int64_t learned_gap_ms, struct store_host_limit *ret, void *ctx)
{
	(void)host;
	(void)ctx;
	*ret = (struct store_host_limit){.concurrent = 2, .gap_ms = learned_gap_ms};
}

static int claim(struct store *s, const struct job *j, struct err *err) /* a: when */
{
	const struct store_claim rules = {.now_ms = j->a, .lease_ms = HOUR, .max = 10, .max_late = 10, .limit = limit};
	struct source_task *tasks = NULL;
	size_t n = 0;
	int64_t next;
	int rc = store_claim_due(s, &rules, &tasks, &n, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		source_task_done(&tasks[i]);
	mem_free(tasks);
	return store_next_due(s, j->a, &next, err);
}

static int unclaim(struct store *s, const struct job *j, struct err *err) /* a: when, b: source */
{
	return store_unclaim(s, j->b, j->a + MINUTE, &(struct store_host){.not_before_ms = j->a + 1000, .gap_ms = 500}, j->a, err);
}

static int make_due(struct store *s, const struct job *j, struct err *err) /* a: when */
{
	struct store_wish wish;

	return store_make_due(s, "b2", j->a, &wish, err);
}

static int forgive(struct store *s, const struct job *j, struct err *err) /* a: when, b: source */
{
	return store_forgive(s, &j->b, 1, j->a, err);
}

static int step_clock(struct store *s, const struct job *j, struct err *err) /* a: by how much */
{
	return store_clock_stepped(s, j->a, err);
}

static void in_an_hour(const struct poll_record *r, const struct poll_effect *e, struct poll_due *ret, void *ctx)
{
	static const unsigned char learned[] = "what was learned of it";
	static char message[] = "no answer";

	(void)ctx;
	*ret = (struct poll_due){.due_ms = r->ended_ms + HOUR, .interval_ms = HOUR, .reason = "an hour", .learned = learned, .learned_len = sizeof(learned),
	                         .items_a_day = (double)e->n_new};
	if (r->outcome == POLL_OK || r->outcome == POLL_NOT_MODIFIED)
		return;
	ret->failures = e->failures + 1;
	e->health->state = SOURCE_FAILING;
	ret->events[ret->n_events++] = EVENT_SOURCE_FAILING;
	ret->report = (struct source_report){.outcome = r->outcome, .status = r->status, .message = message};
}

static struct poll_record record_of(const struct job *j)
{
	static const struct store_host host = {.gap_ms = 0, .successes = 3};

	return (struct poll_record){.source_id = j->b, .outcome = POLL_OK, .started_ms = j->a - 300, .ended_ms = j->a, .status = 200,
	                            .validators_url = "https://a.test/f", .etag = "\"tag\"", .decide = in_an_hour, .host = &host};
}

/* The item has key and page by its number; its text changes with the edition. */
static void write_item(struct feed_document *d, int64_t number, int64_t edition, size_t text_bytes)
{
	struct item *i = feed_document_add_item(d);
	char *text = arena_alloc(d->arena, text_bytes + 1);

	memset(text, (int)('a' + number % 26), text_bytes);
	memcpy(i->key.bytes, &number, sizeof(number));
	memcpy(i->digest.bytes, &edition, sizeof(edition));
	memcpy(i->url_key.bytes, &(int64_t){number / 100 == 9 ? number : 5000 + number % 100}, sizeof(int64_t)); /* sources share pages */
	i->has_url_key = true;
	i->guid = arena_printf(d->arena, "guid-%d", (int)number);
	i->title = arena_printf(d->arena, "item %d, edition %d", (int)number, (int)edition);
	i->content = text;
	i->published_ms = NOW + number;
}

/* a: when, b: source, c: 100 * edition + how many items. Items of a later edition than 1 are new, changed and the same in turn. */
static int poll(struct store *s, const struct job *j, struct err *err)
{
	struct feed_document *d = feed_document_new();
	struct poll_record r = record_of(j);
	struct poll_effect effect;
	int64_t edition = j->c / 100, n = j->c % 100;
	int rc;

	d->complete = true;
	d->title = arena_dup_str(d->arena, "A feed");
	for (int64_t i = 0; i < n; i++)
		write_item(d, 100 * j->b + i, i % 3 == 1 ? edition : 1, i == 2 ? BIG_TEXT_BYTES : ITEM_BYTES);
	r.document = d;
	rc = store_record_poll(s, &r, &effect, err);
	feed_document_free(d);
	return rc;
}

static int unchanged(struct store *s, const struct job *j, struct err *err) /* a: when, b: source */
{
	struct poll_record r = record_of(j);
	struct poll_effect effect;

	r.outcome = POLL_NOT_MODIFIED;
	r.status = 304;
	r.keep_validators = true;
	return store_record_poll(s, &r, &effect, err);
}

static int failed(struct store *s, const struct job *j, struct err *err) /* a: when, b: source */
{
	struct poll_record r = record_of(j);
	struct poll_effect effect;

	r.outcome = POLL_STALL;
	r.status = 0;
	r.message = "no answer";
	r.keep_validators = true;
	return store_record_poll(s, &r, &effect, err);
}

static int fan_out(struct store *s, const struct job *j, struct err *err) /* a: when, b: webhook */
{
	struct delivery_new news[64];
	char ids[64][24];
	const char *hook = hook_names[j->b];
	int64_t from, to;
	size_t n = 0;
	int rc = store_get_cursor(s, hook, &from, err);

	if (rc == 0)
		rc = store_last_seq(s, &to, err);
	for (int64_t seq = from + 1; rc == 0 && seq <= to && n < 64; seq++, n++) {
		(void)snprintf(ids[n], sizeof(ids[n]), "evt_%lld", (long long)seq);
		news[n] = (struct delivery_new){.seq = seq, .event_id = ids[n], .body = "{\"type\":\"item.created\"}", .body_len = 23};
	}
	return rc < 0 ? rc : store_fan_out(s, &(struct store_fan_out){.webhook = hook, .from = from, .to = to, .deliveries = news, .n = n}, j->a, err);
}

static int claim_deliveries(struct store *s, const struct job *j, struct err *err) /* a: when, b: webhook */
{
	struct delivery *found = NULL;
	size_t n = 0;
	int64_t next;
	int rc = store_claim_deliveries(s, hook_names[j->b], j->a, MINUTE, 4, &found, &n, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		delivery_done(&found[i]);
	mem_free(found);
	return store_next_delivery(s, hook_names[j->b], &next, err);
}

static int attempt(struct store *s, const struct job *j, struct err *err) /* a: when, b: delivery, c: state */
{
	return store_record_attempt(s, &(struct attempt){.delivery_id = j->b, .started_ms = j->a, .duration_ms = 30, .status = 200, .next_ms = j->a + HOUR,
	                                                 .state = (enum delivery_state)j->c}, err);
}

/* a: when, b: items to keep. There is time for a whole round, so that it does not depend on the machine. */
static int purge(struct store *s, const struct job *j, struct err *err)
{
	struct store_purged purged;

	return store_purge(s, &(struct store_purge_rules){.now_ms = j->a, .keep_age_ms = 30 * DAY, .keep_items = j->b, .max_ms = HOUR}, &purged, err);
}

/* ---- scripts ---- */

#define LATER (NOW + 40 * DAY)

static const struct script import = {
	.name = "import",
	.batches = {
		{{sync_sources, NOW, SOURCES, 0}},
		{{claim, NOW, 0, 0}},
		{{poll, NOW, 1, 106}, {poll, NOW, 2, 106}, {poll, NOW, 3, 104}},
		{{fan_out, NOW, 0, 0}, {fan_out, NOW, 1, 0}, {poll, NOW, 4, 103}},
		{{claim, NOW + 2 * HOUR, 0, 0}},
		{{poll, NOW + 2 * HOUR, 1, 209}, {poll, NOW + 2 * HOUR, 2, 208}, {poll, NOW + 2 * HOUR, 3, 204}, {claim_deliveries, NOW, 0, 0}},
		{{fan_out, NOW + 2 * HOUR, 0, 0}, {attempt, NOW, 1, DELIVERY_ACKNOWLEDGED}},
		{{sync_sources, NOW + 2 * HOUR, 3, 0}},
	},
};

static const struct script quiet = {
	.name = "unchanged",
	.after = &import,
	.batches = {
		{{claim, NOW + 5 * HOUR, 0, 0}},
		{{unchanged, NOW + 5 * HOUR, 1, 0}, {unclaim, NOW + 5 * HOUR, 2, 0}},
		{{poll, NOW + 5 * HOUR, 3, 204}},
		{{make_due, NOW + 6 * HOUR, 0, 0}, {step_clock, -HOUR, 0, 0}},
		{{claim, NOW + 6 * HOUR, 0, 0}},
		{{failed, NOW + 6 * HOUR, 2, 0}, {unchanged, NOW + 6 * HOUR, 3, 0}},
		{{forgive, NOW + 7 * HOUR, 2, 0}, {claim, NOW + 7 * HOUR, 0, 0}},
		{{sync_sources, NOW + 7 * HOUR, SOURCES, 0}, {unclaim, NOW + 7 * HOUR, 1, 0}},
	},
};

static const struct script sweep = {
	.name = "purge",
	.after = &import,
	.batches = {
		{{claim, NOW + 20 * DAY, 0, 0}}, /* time passes: after a leap nothing goes by age */
		{{claim, LATER, 0, 0}, {poll, LATER, 1, 303}, {poll, LATER, 2, 302}},
		{{fan_out, LATER, 0, 0}, {fan_out, LATER, 1, 0}},
		{{claim_deliveries, LATER, 0, 0}, {claim_deliveries, LATER, 1, 0}},
		{{attempt, LATER, 2, DELIVERY_ACKNOWLEDGED}, {attempt, LATER, 3, DELIVERY_RETRY}, {attempt, LATER, 4, DELIVERY_DEAD}, {attempt, LATER, 5, DELIVERY_RELEASED}},
		{{purge, LATER + 2 * DAY, 1000, 0}},
		{{purge, LATER + 2 * DAY, 1000, 0}, {poll, LATER + 2 * DAY, 3, 401}},
		{{fan_out, LATER + 2 * DAY, 0, 0}, {fan_out, LATER + 2 * DAY, 1, 0}, {poll, LATER + 4 * DAY, 1, 301}},
		{{purge, LATER + 4 * DAY, 1, 0}, {attempt, LATER, 6, DELIVERY_ACKNOWLEDGED}},
	},
};

const struct script *const scripts[SCRIPTS] = {&import, &quiet, &sweep};

size_t script_batches(const struct script *s)
{
	size_t n = 0;

	while (n < BATCHES_MAX && s->batches[n][0].run)
		n++;
	return n;
}

/* ---- as the store's thread runs jobs that do not repeat: the first of a batch without a savepoint ---- */

static int undo_first(struct store *s, int result)
{
	struct err err;

	store_rollback(s);
	(void)!store_begin(s, &err); /* if it cannot, the others fail, and the commit */
	return result;
}

static int run_job(struct store *s, const struct job *j, bool is_first, struct err *err)
{
	int rc = is_first ? 0 : store_savepoint(s, err);

	if (rc < 0)
		return rc;
	rc = j->run(s, j, err);
	if (rc < 0 && is_first)
		return undo_first(s, rc);
	if (rc == 0 && !is_first)
		rc = store_release(s, err);
	if (rc < 0)
		store_rollback_to(s);
	return rc;
}

int script_run(struct store *s, const struct job *batch, unsigned wanted, unsigned *ret_done, struct err *err)
{
	int rc = store_begin(s, err), first = 0;
	bool is_first = true;

	*ret_done = 0;
	if (rc < 0)
		return rc;
	for (unsigned i = 0; i < JOBS_MAX && batch[i].run; i++) {
		struct err of_job = {0};
		int result = ERR_CLOSED;

		if (wanted & 1u << i) {
			result = run_job(s, &batch[i], is_first, &of_job);
			is_first = false;
		}
		if (result == 0 || (result == ERR_NOT_FOUND || result == ERR_EXISTS))
			*ret_done |= 1u << i;
		else if (wanted & 1u << i && first == 0) {
			first = result;
			*err = of_job;
		}
	}
	rc = store_commit(s, err);
	if (rc < 0)
		*ret_done = 0;
	return rc;
}
