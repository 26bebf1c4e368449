/* Stories in the store: told once, over restarts and undone transactions, and moved by people (features.md A1 to A10, section 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/store_dir.h"
#include "syndicated/base/mem.h"
#include "syndicated/identify.h"
#include "syndicated/model/selection.h"
#include "syndicated/store.h"
#include "syndicated/story.h"

#define NOW ((int64_t)1700000000000)
#define HOUR ((int64_t)3600000)
#define DAY (24 * HOUR)

enum { SOURCES = 4 };

static const struct story_spec rules = {.window_ms = 4 * DAY, .merge_permille = 370, .related_permille = 210};

#define FERRY "Ferry with sixty passengers runs aground near Bergen", \
	"A car ferry with sixty passengers aboard ran aground on rocks near Bergen early on Tuesday, the coast guard said. Nobody was hurt."
#define FERRY_RETOLD "Sixty passengers rescued as car ferry runs aground on rocks near Bergen", \
	"The coast guard rescued sixty passengers from a car ferry that ran aground on rocks near Bergen on Tuesday; nobody was hurt."
#define BUDGET "Parliament passes the budget after a long night", \
	"Members of parliament voted for the government's budget with a narrow majority after fourteen hours of debate in the capital."

struct world {
	char dir[64];
	struct store *s;
	struct store_reader *r;
	struct err err;
	int64_t ids[SOURCES];
	struct poll_effect effect;
};

static void must(struct world *w, int rc)
{
	if (rc < 0)
		fail_msg("%d: %s", rc, w->err.message);
}

static void limit(const char *host, int64_t learned_gap_ms, struct store_host_limit *ret, void *ctx)
{
	(void)host;
	(void)ctx;
	*ret = (struct store_host_limit){.concurrent = 1, .gap_ms = learned_gap_ms};
}

static void learn_ids(struct world *w)
{
	const struct store_claim all = {.now_ms = NOW, .lease_ms = 1000, .max = 10, .max_late = 10, .limit = limit};
	struct source_task *tasks = NULL;
	size_t n = 0;

	must(w, store_claim_due(w->s, &all, &tasks, &n, &w->err));
	for (size_t i = 0; i < n; i++) {
		w->ids[tasks[i].name[0] - 'a'] = tasks[i].source_id;
		source_task_done(&tasks[i]);
	}
	mem_free(tasks);
}

static int set_up(void **state)
{
	static char urls[SOURCES][32] = {"https://a.test/f", "https://b.test/f", "https://c.test/f", "https://d.test/f"};
	static char names[SOURCES][8] = {"a", "b", "c", "d"};
	struct world *w = mem_new(struct world);
	struct source_spec specs[SOURCES] = {0};
	struct store_sync ret;

	(void)snprintf(w->dir, sizeof(w->dir), "store-stories-XXXXXX");
	if (!mkdtemp(w->dir) || !(w->s = store_open(w->dir, &w->err)) || !(w->r = store_reader_open(w->dir, &w->err)))
		return -1;
	for (size_t i = 0; i < SOURCES; i++)
		specs[i] = (struct source_spec){.url = urls[i], .name = names[i], .poll_min_ms = 60000, .poll_max_ms = DAY};
	must(w, store_begin(w->s, &w->err));
	must(w, store_sync_sources(w->s, specs, SOURCES, &(struct store_sync_rules){.now_ms = NOW, .due_ms = NOW, .host_of = store_dir_host_of}, &ret, &w->err));
	must(w, store_set_story_rules(w->s, &rules, NOW, &w->err));
	must(w, store_commit(w->s, &w->err));
	learn_ids(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	w->r = store_reader_close(w->r);
	w->s = store_close(w->s);
	(void)store_dir_remove(w->dir);
	mem_free(w);
	return 0;
}

static void in_an_hour(const struct poll_record *r, const struct poll_effect *e, struct poll_due *ret, void *ctx)
{
	(void)e;
	(void)ctx;
	*ret = (struct poll_due){.due_ms = r->ended_ms + HOUR, .interval_ms = HOUR, .reason = "test"};
}

/* One new item of a source, as a worker hands it on; in an open transaction. */
static void take(struct world *w, size_t source, uint32_t key, int64_t now, const char *title, const char *summary)
{
	struct feed_document *d = feed_document_new();
	struct item *i = feed_document_add_item(d);
	struct buf blob = BUF_INIT(STORY_BLOB_BYTES);
	struct story_features f;
	const struct poll_record r = {.source_id = w->ids[source], .outcome = POLL_OK, .started_ms = now, .ended_ms = now, .status = 200,
	                              .document = d, .decide = in_an_hour};

	d->complete = true;
	i->title = arena_dup_str(d->arena, title);
	i->summary = arena_dup_str(d->arena, summary);
	i->guid = arena_printf(d->arena, "g%u-%zu", key, source);
	memcpy(i->key.bytes, &key, sizeof(key));
	memcpy(i->digest.bytes, &key, sizeof(key));
	story_features_make(&(struct story_text){.title = title, .summary = summary}, &f);
	story_features_encode(&f, &blob);
	i->features = arena_dup(d->arena, blob.bytes, blob.len);
	i->features_len = blob.len;
	must(w, store_record_poll(w->s, &r, &w->effect, &w->err));
	buf_done(&blob);
	feed_document_free(d);
}

/* The same of an item that says nothing but where it links to and which id it has. */
static void take_link(struct world *w, size_t source, uint32_t key, const char *url, const char *id, bool shared)
{
	struct feed_document *d = feed_document_new();
	struct item *i = feed_document_add_item(d);
	const struct poll_record r = {.source_id = w->ids[source], .outcome = POLL_OK, .started_ms = NOW, .ended_ms = NOW, .status = 200,
	                              .document = d, .decide = in_an_hour};

	d->complete = true;
	i->title = arena_printf(d->arena, "item %u", key);
	i->link = i->canonical_url = arena_dup_str(d->arena, url);
	i->guid = arena_dup_str(d->arena, id);
	identify_document(d, NULL);
	i->link_is_shared = shared;
	must(w, store_begin(w->s, &w->err));
	must(w, store_record_poll(w->s, &r, &w->effect, &w->err));
	must(w, store_commit(w->s, &w->err));
	feed_document_free(d);
}

static void take_in(struct world *w, size_t source, uint32_t key, int64_t now, const char *title, const char *summary)
{
	must(w, store_begin(w->s, &w->err));
	take(w, source, key, now, title, summary);
	must(w, store_commit(w->s, &w->err));
}

enum { OTHERS = 100 }; /* story_rules.related_from: until then nothing is related */

static void take_in_others(struct world *w)
{
	char title[128];

	for (uint32_t i = 0; i < OTHERS; i++) {
		(void)snprintf(title, sizeof(title), "alpha%u beta%u gamma%u delta%u epsilon%u zeta%u", i, i, i, i, i, i);
		take_in(w, 1, 1000 + i, NOW - HOUR, title, NULL);
	}
}

/* "aba|c": the sources of each story, newest story first. */
static const char *told(struct world *w)
{
	static char out[64];
	struct story_list *list = NULL;
	size_t n = 0;

	must(w, store_read_stories(w->r, NULL, 100, &list, &w->err));
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			out[n++] = '|';
		for (size_t k = 0; k < list->stories[i].n_items; k++)
			out[n++] = list->stories[i].items[k].source->name[0];
	}
	out[n] = '\0';
	story_list_free(list);
	return out;
}

static int64_t newest_item(struct world *w)
{
	struct item_list *list = NULL;
	int64_t id;

	must(w, store_read_items(w->r, NULL, 1, &list, &w->err));
	id = list->items[0].id;
	item_list_free(list);
	return id;
}

static void test_one_story_of_two_sources(void **state)
{
	struct world *w = *state;
	struct item_story s;

	take_in(w, 0, 1, NOW, FERRY);
	take_in(w, 1, 2, NOW + HOUR, BUDGET);
	take_in(w, 2, 3, NOW + 2 * HOUR, FERRY_RETOLD);
	assert_string_equal(told(w), "b|ac");
	must(w, store_read_item_story(w->r, newest_item(w), &s, &w->err));
	assert_int_equal(s.story->stories[0].n_items, 2);
	assert_int_equal(s.story->stories[0].items[1].placed, PLACED_SIMILAR);
	assert_true(s.story->stories[0].items[1].likeness_permille >= rules.merge_permille);
	assert_true(s.is_in_window && s.n_candidates >= 1);
	assert_int_equal(s.candidates[0].story_id, s.story->stories[0].id);
	assert_string_equal(s.candidates[0].source, "a");
	item_story_done(&s);
	assert_int_equal(store_read_item_story(w->r, 999, &s, &w->err), ERR_NOT_FOUND);
}

/* A1, A2, A8: the same page, or an id that is unique in the world; but no front page, and no page that all items link to. */
static void test_same_page_and_same_id(void **state)
{
	static const struct {
		const char *name, *url[2], *id[2];
		bool shared, is_one;
	} rows[] = {
		{"page", {"http://x.test/a1", "http://x.test/a1"}, {"1", "2"}, false, true},
		{"tag URI", {"http://x.test/b1", "http://y.test/b2"}, {"tag:x.test,2026:story-1", "tag:x.test,2026:story-1"}, false, true},
		{"UUID", {"http://x.test/c1", "http://y.test/c2"},
		 {"urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6", "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6"}, false, true},
		{"a number is nobody's", {"http://x.test/d1", "http://y.test/d2"}, {"4711", "4711"}, false, false},
		{"front page", {"http://x.test/", "http://x.test/"}, {"5", "6"}, false, false},
		{"page behind a question", {"http://x.test/?p=1", "http://x.test/?p=1"}, {"7", "8"}, false, true},
		{"a page that all link to", {"http://x.test/news", "http://x.test/news"}, {"9", "10"}, true, false},
	};
	struct world *w = *state;

	for (uint32_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct item_story s;

		take_link(w, 0, 2 * k, rows[k].url[0], rows[k].id[0], rows[k].shared);
		take_link(w, 1, 2 * k + 1, rows[k].url[1], rows[k].id[1], rows[k].shared);
		must(w, store_read_item_story(w->r, newest_item(w), &s, &w->err));
		if ((s.story->stories[0].n_items == 2) != rows[k].is_one)
			fail_msg("%s: %zu", rows[k].name, s.story->stories[0].n_items);
		item_story_done(&s);
	}
}

/* Feedly's and Henzinger's finding: a site's own items are like each other and are not the same. */
static void test_never_inside_one_source(void **state)
{
	struct world *w = *state;

	take_in(w, 0, 1, NOW, FERRY);
	take_in(w, 0, 2, NOW + HOUR, FERRY_RETOLD);
	assert_string_equal(told(w), "a|a");
	take_in(w, 1, 3, NOW + 2 * HOUR, FERRY);
	take_in(w, 1, 4, NOW + 3 * HOUR, FERRY_RETOLD);
	assert_int_equal(strlen(told(w)), 5); /* two stories of two */
}

static void test_over_a_restart(void **state)
{
	struct world *w = *state;

	take_in(w, 0, 1, NOW, FERRY);
	w->s = store_close(w->s);
	w->s = store_open(w->dir, &w->err);
	assert_non_null(w->s);
	must(w, store_set_story_rules(w->s, &rules, NOW + HOUR, &w->err));
	take_in(w, 1, 2, NOW + HOUR, FERRY_RETOLD);
	assert_string_equal(told(w), "ab");
	/* And long after, when the window has moved on, it is news again. */
	w->s = store_close(w->s);
	w->s = store_open(w->dir, &w->err);
	must(w, store_set_story_rules(w->s, &rules, NOW + 9 * DAY, &w->err));
	take_in(w, 2, 3, NOW + 9 * DAY, FERRY);
	assert_string_equal(told(w), "c|ab");
}

/* What was undone leaves nothing behind that another could be compared with. */
static void test_undone(void **state)
{
	struct world *w = *state;

	must(w, store_begin(w->s, &w->err));
	take(w, 0, 1, NOW, FERRY);
	store_rollback(w->s);
	take_in(w, 1, 2, NOW + 1, FERRY_RETOLD);
	assert_string_equal(told(w), "b");
	must(w, store_begin(w->s, &w->err));
	must(w, store_savepoint(w->s, &w->err));
	take(w, 2, 3, NOW + 2, BUDGET);
	store_rollback_to(w->s);
	must(w, store_savepoint(w->s, &w->err));
	take(w, 3, 4, NOW + 3, BUDGET);
	must(w, store_release(w->s, &w->err));
	must(w, store_commit(w->s, &w->err));
	assert_string_equal(told(w), "d|b");
	take_in(w, 0, 5, NOW + 4, BUDGET);
	assert_string_equal(told(w), "da|b");
}

static void test_split_and_join(void **state)
{
	struct world *w = *state;
	struct buf report = BUF_INIT(1 << 16);
	int64_t retold, budget;
	bool all;

	take_in(w, 0, 1, NOW, FERRY);
	take_in(w, 1, 2, NOW + HOUR, FERRY_RETOLD);
	retold = newest_item(w);
	take_in(w, 2, 3, NOW + 2 * HOUR, BUDGET);
	budget = newest_item(w);
	must(w, store_begin(w->s, &w->err));
	must(w, store_split_item(w->s, retold, NOW + 3 * HOUR, &w->err));
	must(w, store_commit(w->s, &w->err));
	assert_string_equal(told(w), "c|b|a");
	must(w, store_begin(w->s, &w->err));
	assert_int_equal(store_split_item(w->s, retold, NOW + 3 * HOUR, &w->err), ERR_INVALID); /* alone already */
	assert_int_equal(store_split_item(w->s, 999, NOW, &w->err), ERR_NOT_FOUND);
	must(w, store_join_items(w->s, retold, budget, NOW + 4 * HOUR, &w->err));
	assert_int_equal(store_join_items(w->s, retold, budget, NOW, &w->err), ERR_INVALID);
	store_rollback(w->s);
	assert_string_equal(told(w), "c|b|a");
	must(w, store_begin(w->s, &w->err));
	must(w, store_join_items(w->s, retold, budget, NOW + 4 * HOUR, &w->err));
	must(w, store_commit(w->s, &w->err));
	assert_string_equal(told(w), "bc|a");
	/* What a person put together stays, and a restart sees it as it is. */
	w->s = store_close(w->s);
	if (store_check(w->dir, &report, &all, &w->err) < 0)
		fail_msg("%s", buf_str(&report));
	w->s = store_open(w->dir, &w->err);
	assert_string_equal(told(w), "bc|a");
	buf_done(&report);
}

static void test_other_thresholds(void **state)
{
	struct world *w = *state;
	struct story_spec strict = rules;
	struct story_replay r;

	take_in(w, 0, 1, NOW, FERRY);
	take_in(w, 1, 2, NOW + HOUR, FERRY_RETOLD);
	take_in(w, 2, 3, NOW + 2 * HOUR, BUDGET);
	must(w, store_replay_stories(w->r, &rules, 10, &r, &w->err));
	assert_int_equal(r.n_items, 3);
	assert_int_equal(r.n_stories, 2);
	assert_int_equal(r.n_stored_stories, 2);
	assert_int_equal(r.n_differing, 0);
	story_replay_done(&r);
	strict.merge_permille = 1000;
	must(w, store_replay_stories(w->r, &strict, 10, &r, &w->err));
	assert_int_equal(r.n_stories, 3);
	assert_int_equal(r.n_differing, 1);
	assert_null(r.changes[0].joins);
	assert_non_null(strstr(r.changes[0].item, "b: Sixty passengers"));
	assert_non_null(strstr(r.changes[0].leaves, "a: Ferry with sixty"));
	story_replay_done(&r);
	assert_string_equal(told(w), "c|ab"); /* nothing was changed */
}

/* With merge: 1 nothing is put together by likeness. */
static void test_switched_off(void **state)
{
	struct world *w = *state;
	struct story_spec off = rules;

	off.merge_permille = 1000;
	must(w, store_set_story_rules(w->s, &off, NOW, &w->err));
	take_in(w, 0, 1, NOW, FERRY);
	take_in(w, 1, 2, NOW + HOUR, FERRY_RETOLD);
	assert_string_equal(told(w), "b|a");
}

/* The rows of the window go with it, and a purged item is no candidate. */
static void test_window_is_trimmed(void **state)
{
	struct world *w = *state;
	struct item_story s;
	int64_t first;

	take_in(w, 0, 1, NOW, FERRY);
	first = newest_item(w);
	take_in(w, 0, 2, NOW + 6 * DAY, BUDGET);
	assert_true(store_dir_purge(w->s, NOW + 6 * DAY, 90 * DAY, 1000, &w->err) >= 0);
	must(w, store_read_item_story(w->r, first, &s, &w->err));
	assert_false(s.is_in_window);
	item_story_done(&s);
	must(w, store_read_item_story(w->r, newest_item(w), &s, &w->err));
	assert_true(s.is_in_window);
	item_story_done(&s);
}

/* "2: 5 4 3 1 0": the story of the n-th item taken in, and those that are named beside it. */
static const char *related_to(struct world *w, const struct selection *selection, size_t story)
{
	static char out[128];
	struct story_list *list = NULL;
	size_t len = 0;

	must(w, store_read_stories(w->r, selection, 100, &list, &w->err));
	out[0] = '\0';
	for (size_t i = 0; i < list->n; i++) {
		struct story_briefs again;

		if ((size_t)list->stories[i].id != OTHERS + story + 1)
			continue;
		for (size_t k = 0; k < list->stories[i].related.n; k++)
			len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%lld", k ? " " : "",
			                        (long long)list->stories[i].related.list[k].story_id - 1 - OTHERS);
		must(w, store_read_related(w->r, selection, list->stories[i].id, &again, &w->err));
		assert_int_equal(again.n, list->stories[i].related.n);
		for (size_t k = 0; k < again.n; k++)
			assert_string_equal(again.list[k].uid, list->stories[i].related.list[k].uid);
		story_briefs_done(&again);
	}
	story_list_free(list);
	return out;
}

/* Two thresholds, two actions (features.md section 5): what is only related is named, the newest first and no more than a limit. */
static void test_related_are_named(void **state)
{
	struct world *w = *state;
	struct story_list *list = NULL;
	const struct story_brief *b;

	take_in_others(w);
	take_in(w, 0, 1, NOW, FERRY);
	take_in(w, 1, 2, NOW + 1, BUDGET);
	assert_string_equal(related_to(w, NULL, 0), "");
	take_in(w, 0, 3, NOW + HOUR, FERRY_RETOLD); /* of one source: another story */
	assert_string_equal(related_to(w, NULL, 0), "2");
	assert_string_equal(related_to(w, NULL, 2), "0");
	assert_string_equal(related_to(w, NULL, 1), "");

	must(w, store_read_stories(w->r, NULL, 100, &list, &w->err));
	assert_int_equal(list->stories[2].updated_ms, NOW); /* being named is no change of the entry */
	b = &list->stories[2].related.list[0];
	assert_string_equal(b->uid, list->stories[0].uid);
	assert_string_equal(b->title, "Sixty passengers rescued as car ferry runs aground on rocks near Bergen");
	assert_string_equal(b->source, "a");
	assert_null(b->url);
	story_list_free(list);
	for (uint32_t k = 4; k < 10; k++)
		take_in(w, 0, k, NOW + k * HOUR, FERRY);
	assert_string_equal(related_to(w, NULL, 2), "8 7 6 5 4");
	assert_string_equal(related_to(w, NULL, 8), "7 6 5 4 3");
}

/* A feed names only what it takes, also when that is no longer in its document; of another story that is the item it takes. */
static void test_related_of_a_selection(void **state)
{
	struct world *w = *state;
	char name[] = "f", search[] = "passengers NOT rescued";
	struct feed_spec feed = {.name = name, .merge_duplicates = true, .search = search};
	struct selection *selection = selection_new(&feed, &w->err);
	struct story_list *list = NULL;

	assert_non_null(selection);
	take_in_others(w);
	take_in(w, 0, 1, NOW, FERRY);
	take_in(w, 0, 2, NOW + HOUR, FERRY_RETOLD);
	take_in(w, 0, 3, NOW + 2 * HOUR, FERRY);
	assert_string_equal(related_to(w, NULL, 2), "1 0");
	assert_string_equal(related_to(w, selection, 2), "0");
	must(w, store_read_stories(w->r, selection, 1, &list, &w->err));
	assert_int_equal(list->n, 1);
	assert_int_equal(list->stories[0].related.n, 1);
	story_list_free(list);
	selection_free(selection);
}

static bool has_told(struct world *w, const char *webhook, int64_t story_id)
{
	bool told;

	must(w, store_has_told(w->r, webhook, story_id, &told, &w->err));
	return told;
}

/* Which stories a webhook has heard of lasts as long as they do, each for itself. */
static void test_told_stories(void **state)
{
	struct world *w = *state;
	char names[2][8] = {"desk", "other"};
	const struct webhook_spec hooks[] = {{.name = names[0]}, {.name = names[1]}};
	const int64_t told[] = {1, 2, 99};
	struct store_fan_out f = {.webhook = "desk", .to = 2, .told = told, .n_told = 3};
	struct buf report = BUF_INIT(1 << 16);
	bool all;

	take_in(w, 0, 1, NOW, FERRY);
	take_in(w, 1, 2, NOW + HOUR, BUDGET);
	must(w, store_begin(w->s, &w->err));
	must(w, store_sync_webhooks(w->s, hooks, 2, NOW, &w->err));
	must(w, store_commit(w->s, &w->err));
	f.from = f.to = 2;
	must(w, store_begin(w->s, &w->err));
	must(w, store_fan_out(w->s, &f, NOW, &w->err));
	store_rollback(w->s);
	assert_false(has_told(w, "desk", 1));
	must(w, store_begin(w->s, &w->err));
	must(w, store_fan_out(w->s, &f, NOW, &w->err));
	must(w, store_fan_out(w->s, &f, NOW, &w->err)); /* a story told twice is told */
	must(w, store_commit(w->s, &w->err));
	assert_true(has_told(w, "desk", 1) && has_told(w, "desk", 2));
	assert_false(has_told(w, "desk", 99) || has_told(w, "other", 1)); /* 99 went before it was told */
	must(w, store_begin(w->s, &w->err));
	must(w, store_join_items(w->s, 2, 1, NOW + HOUR, &w->err)); /* story 2 goes with its last item */
	must(w, store_commit(w->s, &w->err));
	assert_true(has_told(w, "desk", 1) && !has_told(w, "desk", 2));
	w->s = store_close(w->s);
	if (store_check(w->dir, &report, &all, &w->err) < 0)
		fail_msg("%s", buf_str(&report));
	w->s = store_open(w->dir, &w->err);
	buf_done(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_told_stories, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_related_are_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_related_of_a_selection, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_story_of_two_sources, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_same_page_and_same_id, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_never_inside_one_source, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_over_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_undone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_split_and_join, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_thresholds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_switched_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_window_is_trimmed, set_up, tear_down),
	};

	story_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
