/*
 * What real feeds do, as documents of one source one after the other, through the real parser, cleaner, identify/ and
 * store; and how many items are new, changed and the same after each. Numbers in front: features.md (A, B, section 4),
 * push.md (F-n). The table is tests/unit/identity_table.h.
 */
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
#include "syndicated/base/text.h"
#include "syndicated/ingest.h"
#include "syndicated/store.h"

#define HOUR ((int64_t)3600000)
#define BEGIN ((int64_t)1764547200000) /* 2025-12-01 */

enum { POLLS = 8, FIELDS = 5 };

struct poll {
	/*
	 * One item a line: guid | link | title | text | date, "-" for none. A link that begins with "/" is on https://e.org. A
	 * date is minutes after (or before) the first poll.
	 * "*30 TEXT" is the line TEXT thirty times, with every "%" in it replaced by the number of the line.
	 */
	const char *items;
	int n_new, n_changed, n_same;
	int announced;     /* events of items; -1: of every new and changed one */
	int hours;         /* after the poll before; 0: one */
};

struct row {
	const char *name;
	enum identity_rule rule;
	const char *site; /* the feed's own link; NULL: https://e.org/ */
	struct poll polls[POLLS];
};

#define ALL (-1)
static const struct row table[] = {
#include "identity_table.h"
};

/* ---- documents ---- */

static void append_escaped(struct buf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '&')
			buf_append_str(b, "&amp;");
		else if (s[i] == '<')
			buf_append_str(b, "&lt;");
		else
			buf_append_char(b, s[i]);
	}
}

static void append_field(struct buf *b, size_t n, const char *s, size_t len)
{
	static const char *const names[FIELDS] = {"guid", "link", "title", "description", "pubDate"};
	char date[TEXT_RFC3339_BYTES];

	if (len == 1 && s[0] == '-')
		return;
	buf_append_printf(b, "<%s%s>", names[n], n == 0 && strncmp(s, "http", 4) != 0 ? " isPermaLink=\"false\"" : "");
	if (n == 1 && s[0] == '/' && (len < 2 || s[1] != '/'))
		buf_append_str(b, "https://e.org");
	if (n == 4) {
		text_http_date(BEGIN + 60000 * strtoll(s, NULL, 10), date);
		buf_append_str(b, date);
	} else {
		append_escaped(b, s, len);
	}
	buf_append_printf(b, "</%s>", names[n]);
}

static void append_item(struct buf *b, const char *line, size_t len)
{
	const char *end = line + len;

	buf_append_str(b, "<item>");
	for (size_t n = 0; n < FIELDS && line < end; n++) {
		const char *bar = memmem(line, (size_t)(end - line), " | ", 3);
		size_t field = bar ? (size_t)(bar - line) : (size_t)(end - line);

		append_field(b, n, line, field);
		line += field + (bar ? 3 : 0);
	}
	buf_append_str(b, "</item>\n");
}

static void append_many(struct buf *b, const char *line, size_t len)
{
	char *rest;
	long n = strtol(line + 1, &rest, 10), from = 0;

	if (*rest == '+')
		from = strtol(rest + 1, &rest, 10);
	for (long i = from; i < from + n; i++) {
		struct buf one = BUF_INIT(65536);

		for (const char *s = rest + 1; s < line + len; s++) {
			if (*s == '%')
				buf_append_printf(&one, "%ld", i);
			else
				buf_append_char(&one, *s);
		}
		append_item(b, buf_str(&one), one.len);
		buf_done(&one);
	}
}

static struct feed_document *read_document(const struct row *row, const char *items)
{
	struct buf xml = BUF_INIT(1 << 22);
	struct feed_document *d = NULL, *sent;
	struct err message = {0};

	buf_append_printf(&xml, "<rss version=\"2.0\"><channel><title>T</title><link>%s</link>\n", row->site ? row->site : "https://e.org/");
	while (*items) {
		size_t len = strcspn(items, "\n");

		if (*items == '*')
			append_many(&xml, items, len);
		else
			append_item(&xml, items, len);
		items += len + (items[len] == '\n');
	}
	buf_append_str(&xml, "</channel></rss>");
	assert_int_equal(ingest_run(&(struct ingest_request){.url = "https://e.org/feed", .bytes = xml.bytes, .len = xml.len}, &d, &message), INGEST_OK);
	buf_clear(&xml);
	feed_document_drop_twins(d); /* as a worker does */
	feed_document_encode(d, &xml);
	sent = feed_document_decode(xml.bytes, xml.len);
	assert_non_null(sent);
	feed_document_free(d);
	buf_done(&xml);
	return sent;
}

/* ---- the store ---- */

static void decide(const struct poll_record *r, const struct poll_effect *e, struct poll_due *ret, void *ctx)
{
	(void)e;
	(void)ctx;
	*ret = (struct poll_due){.due_ms = r->ended_ms + HOUR, .interval_ms = HOUR, .reason = "test"};
}

static void begin_source(struct store *s, const struct row *row, struct err *err)
{
	char url[] = "https://e.org/feed", name[] = "e";
	const struct source_spec spec = {.url = url, .name = name, .poll_min_ms = HOUR, .poll_max_ms = HOUR, .identity = row->rule};
	const struct store_sync_rules rules = {.now_ms = BEGIN, .due_ms = BEGIN, .host_of = store_dir_host_of};
	struct store_sync sync;

	assert_int_equal(store_begin(s, err), 0);
	assert_int_equal(store_sync_sources(s, &spec, 1, &rules, &sync, err), 0);
	assert_int_equal(store_commit(s, err), 0);
}

static void record(struct store *s, const struct feed_document *d, int64_t now, struct poll_effect *effect, struct err *err)
{
	const struct poll_record r = {.source_id = 1, .outcome = POLL_OK, .status = 200, .started_ms = now, .ended_ms = now,
	                              .keep_validators = true, .document = d, .decide = decide};

	assert_int_equal(store_begin(s, err), 0);
	if (store_record_poll(s, &r, effect, err) < 0)
		fail_msg("%s", err->message);
	assert_int_equal(store_commit(s, err), 0);
}

static bool as_wanted(const struct poll *p, const struct poll_effect *e, size_t n)
{
	size_t announced = e->n_events - (e->n_held > 0), wanted = p->announced == ALL ? e->n_new + e->n_changed : (size_t)p->announced;

	if ((int)e->n_new == p->n_new && (int)e->n_changed == p->n_changed && (int)e->n_same == p->n_same && announced == wanted)
		return true;
	print_error("poll %zu: new %zu changed %zu same %zu announced %zu (held %zu), wanted %d %d %d %zu\n", n + 1, e->n_new, e->n_changed,
	            e->n_same, announced, e->n_held, p->n_new, p->n_changed, p->n_same, wanted);
	return false;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	char dir[] = "identity-XXXXXX";
	struct err err = {0};
	int64_t now = BEGIN;
	bool good = true;
	struct store *s;

	assert_non_null(mkdtemp(dir));
	s = store_open(dir, &err);
	assert_non_null(s);
	begin_source(s, row, &err);
	for (size_t n = 0; n < POLLS && row->polls[n].items; n++) {
		struct feed_document *d = read_document(row, row->polls[n].items);
		struct poll_effect effect;

		now += n ? HOUR * (row->polls[n].hours ? row->polls[n].hours : 1) : 0;
		record(s, d, now, &effect, &err);
		good &= as_wanted(&row->polls[n], &effect, n);
		feed_document_free(d);
	}
	(void)store_close(s);
	(void)store_dir_remove(dir);
	assert_true(good);
}

/* ---- floods and caps, beyond their counts ---- */

struct world {
	char dir[24];
	struct store *s;
	struct store_reader *r;
	struct err err;
	int64_t now;
	struct poll_effect effect;
};

static int set_up(void **state)
{
	static const struct row row = {.name = "e"};
	struct world *w = mem_new(struct world);

	memcpy(w->dir, "identity-XXXXXX", sizeof("identity-XXXXXX"));
	if (!mkdtemp(w->dir) || !(w->s = store_open(w->dir, &w->err)))
		return -1;
	begin_source(w->s, &row, &w->err);
	w->r = store_reader_open(w->dir, &w->err);
	w->now = BEGIN;
	*state = w;
	return w->r ? 0 : -1;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	(void)store_reader_close(w->r);
	(void)store_close(w->s);
	(void)store_dir_remove(w->dir);
	mem_free(w);
	return 0;
}

static void poll_items(struct world *w, const char *items)
{
	static const struct row row = {.name = "e"};
	struct feed_document *d = read_document(&row, items);

	w->now += HOUR;
	record(w->s, d, w->now, &w->effect, &w->err);
	feed_document_free(d);
}

static size_t count_events(struct world *w, enum event_type type)
{
	struct event_list *l = NULL;
	size_t n = 0;

	assert_int_equal(store_read_events(w->r, 0, 10000, &l, &w->err), 0);
	for (size_t i = 0; i < l->n; i++)
		n += l->events[i].type == type;
	(void)event_list_free(l);
	return n;
}

static char *title_on_top(struct world *w)
{
	struct story_list *l = NULL;
	char *title;

	assert_int_equal(store_read_stories(w->r, NULL, 1, &l, &w->err), 0);
	title = mem_dup_str(l->stories[0].items[0].item.title);
	(void)story_list_free(l);
	return title;
}

static int64_t held(struct world *w)
{
	struct source_story story = {0};
	int64_t n;

	assert_int_equal(store_read_source(w->r, "e", &story, &w->err), 0);
	n = story.identity.held;
	source_story_done(&story);
	return n;
}

/* push.md F-2, features.md section 4 rank 5: held is kept, told once, below what is newer, and announced when released. */
static void test_held_and_released(void **state)
{
	struct world *w = *state;
	size_t n = 0;
	auto_free char *before = NULL, *during = NULL, *after = NULL;
	struct buf findings = BUF_INIT(1 << 20);
	bool all = false;

	poll_items(w, "*20 g% | /a/% | Story % | " LONG_A " | -%");
	before = title_on_top(w);
	poll_items(w, "*20 h% | /b/% | Tale % | " LONG_B " | -");
	assert_int_equal(w->effect.n_held, 20);
	assert_int_equal(count_events(w, EVENT_ITEM_CREATED), 20);
	assert_int_equal(count_events(w, EVENT_SOURCE_HELD), 1);
	assert_int_equal(held(w), 20);
	during = title_on_top(w);
	assert_string_equal(during, before);
	assert_int_equal(store_check(w->dir, &findings, &all, &w->err), 0); /* never announced, and sound all the same */
	assert_string_equal(buf_str(&findings), "");
	assert_int_equal(store_begin(w->s, &w->err), 0);
	assert_int_equal(store_release_held(w->s, "e", w->now, &n, &w->err), 0);
	assert_int_equal(store_release_held(w->s, "nobody", w->now, &n, &w->err), ERR_NOT_FOUND);
	assert_int_equal(store_commit(w->s, &w->err), 0);
	assert_int_equal(n, 20);
	assert_int_equal(count_events(w, EVENT_ITEM_CREATED), 40);
	assert_int_equal(held(w), 0);
	after = title_on_top(w);
	assert_true(text_has_prefix(after, "Tale"));
	buf_done(&findings);
}

/* The same: news of a page that was only held so far is on top, as other news is (features.md E35). */
static void test_news_lift_what_is_held(void **state)
{
	struct world *w = *state;
	auto_free char *top = NULL;

	poll_items(w, "*20 g% | /a/% | Story % | " LONG_A " | -%");
	poll_items(w, "*20 h% | /b/% | Tale % | " LONG_B " | -");
	assert_int_equal(w->effect.n_held, 20);
	poll_items(w, "*20 h% | /b/% | Tale % | " LONG_B " | -\nnews | /b/7 | Told anew | " LONG_A " | -");
	assert_int_equal(w->effect.n_new, 1);
	assert_int_equal(w->effect.n_held, 0);
	assert_int_equal(count_events(w, EVENT_ITEM_CREATED), 21);
	top = title_on_top(w);
	assert_true(text_has_prefix(top, "Tale 7") || text_has_prefix(top, "Told"));
}

/* push.md F-2: somebody who fills a new feed gets all of it; a feed that is another one a minute later is none that is filled. */
static void test_the_first_minutes(void **state)
{
	static const struct {
		const char *then;
		size_t held;
	} table_of_minutes[] = {
		{"g1 | /a/1 | Story 1 | " LONG_A " | -\n*20 h% | /b/% | Tale % | " LONG_B " | -", 0},
		{"*20 h% | /b/% | Tale % | " LONG_B " | -", 20},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(table_of_minutes) / sizeof(table_of_minutes[0]); i++) {
		poll_items(w, "g1 | /a/1 | Story 1 | " LONG_A " | -");
		w->now -= HOUR - 60000;
		poll_items(w, table_of_minutes[i].then);
		assert_int_equal(w->effect.n_held, table_of_minutes[i].held);
		(void)tear_down(state);
		assert_int_equal(set_up(state), 0);
		w = *state;
	}
}

/* features.md section 4 rank 13: LIMIT_SOURCE_UPDATES_A_DAY. Half of the items change at a time, so nothing hushes them. */
static void test_updates_of_a_source_have_a_cap(void **state)
{
	struct world *w = *state;

	poll_items(w, "*120 g% | /a/% | Story % | " LONG_A " | -%");
	poll_items(w, "*60 g% | /a/% | Story % | " LONG_A " edited | -%\n*60+60 g% | /a/% | Story % | " LONG_A " | -%");
	assert_int_equal(w->effect.n_quiet, 0);
	poll_items(w, "*60 g% | /a/% | Story % | " LONG_A " edited | -%\n*60+60 g% | /a/% | Story % | " LONG_A " edited | -%");
	assert_int_equal(w->effect.n_changed, 60);
	assert_int_equal(w->effect.n_quiet, 60 + 60 - LIMIT_SOURCE_UPDATES_A_DAY);
	assert_int_equal(count_events(w, EVENT_ITEM_UPDATED), LIMIT_SOURCE_UPDATES_A_DAY);
}

/* features.md B12: an operator who changes the rule gets nothing twice. */
static void test_a_changed_rule_makes_nothing_new(void **state)
{
	static const enum identity_rule rules[] = {IDENTITY_LINK, IDENTITY_DIGEST, IDENTITY_LINK_TITLE, IDENTITY_GUID, IDENTITY_AUTO};
	struct world *w = *state;

	poll_items(w, "*12 g% | /a/% | Story % | " LONG_A " | -%");
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct row row = {.name = "e", .rule = rules[i]};

		begin_source(w->s, &row, &w->err);
		poll_items(w, "*12 g% | /a/% | Story % | " LONG_A " | -%");
		assert_int_equal(w->effect.n_same, 12);
	}
}

int main(void)
{
	enum { ROWS = sizeof(table) / sizeof(*table), MORE = 5 };
	static const struct CMUnitTest more[MORE] = {
		cmocka_unit_test_setup_teardown(test_held_and_released, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_news_lift_what_is_held, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_first_minutes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_updates_of_a_source_have_a_cap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_changed_rule_makes_nothing_new, set_up, tear_down),
	};
	struct CMUnitTest tests[ROWS + MORE];

	ingest_init();
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){.name = table[i].name, .test_func = test_row, .initial_state = (void *)(uintptr_t)&table[i]};
	memcpy(tests + ROWS, more, sizeof(more));
	return _cmocka_run_group_tests("identity", tests, ROWS + MORE, NULL, NULL);
}
