/* Who is claimed, when and in which order: polling.md R10, R62, R65, R66, R69, R77, R81, against a real database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../src/store/store_internal.h"
#include "../lib/store_dir.h"
#include "syndicated/base/mem.h"

#define NOW    ((int64_t)1700000000000)
#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

enum { MANY = 100, LEASE_MS = 600000 };

struct world {
	char dir[64];
	struct store *s;
	struct err err;
	int64_t concurrent;
	struct source_task *tasks;
	size_t n;
};

static void must(struct world *w, int rc)
{
	if (rc < 0)
		fail_msg("%d: %s", rc, w->err.message);
}

static int set_up(void **state)
{
	struct world *w = mem_new(struct world);

	w->concurrent = 1;
	(void)snprintf(w->dir, sizeof(w->dir), "claims-test-XXXXXX");
	if (!mkdtemp(w->dir) || !(w->s = store_open(w->dir, &w->err)))
		return -1;
	*state = w;
	return 0;
}

static void forget(struct world *w)
{
	for (size_t i = 0; i < w->n; i++)
		source_task_done(&w->tasks[i]);
	mem_free(w->tasks);
	w->tasks = NULL;
	w->n = 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	forget(w);
	w->s = store_close(w->s);
	(void)store_dir_remove(w->dir);
	mem_free(w);
	return 0;
}

static void limit(const char *host, int64_t learned_gap_ms, struct store_host_limit *ret, void *ctx)
{
	(void)host;
	*ret = (struct store_host_limit){.concurrent = ((struct world *)ctx)->concurrent, .gap_ms = learned_gap_ms};
}

/* "h3-7" is the eighth of the fourth host; the first host has `more` on top. */
static void subscribe_uneven(struct world *w, size_t hosts, size_t each, size_t more, int64_t due_ms)
{
	size_t n = hosts * each + more;
	struct source_spec *specs = mem_new_array(struct source_spec, n);
	const struct store_sync_rules rules = {.now_ms = NOW, .due_ms = due_ms, .host_of = store_dir_host_of};
	struct store_sync ret;

	for (size_t i = 0; i < n; i++) {
		size_t host = i < each + more ? 0 : (i - more) / each, nth = host == 0 ? i : (i - more) % each;

		specs[i] = (struct source_spec){.url = mem_printf("https://h%zu/%zu", host, nth), .name = mem_printf("h%zu-%zu", host, nth),
		                                .poll_min_ms = 15 * MINUTE, .poll_max_ms = 24 * HOUR};
	}
	must(w, store_begin(w->s, &w->err));
	must(w, store_sync_sources(w->s, specs, n, &rules, &ret, &w->err));
	must(w, store_commit(w->s, &w->err));
	for (size_t i = 0; i < n; i++) {
		mem_free(specs[i].url);
		mem_free(specs[i].name);
	}
	mem_free(specs);
}

static void subscribe(struct world *w, size_t hosts, size_t each, int64_t due_ms)
{
	subscribe_uneven(w, hosts, each, 0, due_ms);
}

static size_t claim(struct world *w, int64_t now, size_t max, size_t max_late)
{
	const struct store_claim rules = {.now_ms = now, .lease_ms = LEASE_MS, .max = max, .max_late = max_late,
	                                  .limit = limit, .ctx = w};

	forget(w);
	must(w, store_begin(w->s, &w->err));
	must(w, store_claim_due(w->s, &rules, &w->tasks, &w->n, &w->err));
	must(w, store_commit(w->s, &w->err));
	return w->n;
}

struct next { /* what a poll decides */
	int64_t due_ms;
	double items_a_day;
};

static void decide(const struct poll_record *r, const struct poll_effect *e, struct poll_due *ret, void *ctx)
{
	const struct next *next = ctx;

	(void)r;
	(void)e;
	*ret = (struct poll_due){.due_ms = next->due_ms, .interval_ms = HOUR, .reason = "test", .items_a_day = next->items_a_day};
}

static void record(struct world *w, int64_t source_id, int64_t now, int64_t due_ms, double items_a_day, const struct store_host *host)
{
	struct next next = {due_ms, items_a_day};
	struct poll_record r = {.source_id = source_id, .outcome = POLL_NOT_MODIFIED, .started_ms = now, .ended_ms = now, .status = 304,
	                        .keep_validators = true, .decide = decide, .ctx = &next, .host = host};
	struct poll_effect e;

	must(w, store_begin(w->s, &w->err));
	must(w, store_record_poll(w->s, &r, &e, &w->err));
	must(w, store_commit(w->s, &w->err));
}

static void record_all(struct world *w, int64_t now, int64_t due_ms)
{
	for (size_t i = 0; i < w->n; i++)
		record(w, w->tasks[i].source_id, now, due_ms, 0, NULL);
}

static int64_t next_due(struct world *w, int64_t after)
{
	int64_t ret = 0;

	must(w, store_next_due(w->s, after, &ret, &w->err));
	return ret;
}

static void reopen(struct world *w)
{
	w->s = store_close(w->s);
	w->s = store_open(w->dir, &w->err);
	assert_non_null(w->s);
}

/* R77: of a host no more is claimed than may be in flight; the next when one of them has ended. */
static void test_one_of_a_host(void **state)
{
	struct world *w = *state;

	subscribe(w, 3, 10, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 3);
	assert_int_equal(next_due(w, NOW - HOUR), INT64_MAX);
	record_all(w, NOW, NOW + HOUR);
	assert_int_equal(claim(w, NOW, 2, MANY), 2);
	record_all(w, NOW, NOW + HOUR);
	w->concurrent = 4;
	assert_int_equal(claim(w, NOW, MANY, MANY), 12);
	assert_int_equal(claim(w, NOW, MANY, MANY), 0);
}

/* R81: a host with many due sources takes one claim a turn and holds up nobody. */
static void test_a_big_host_holds_up_nobody(void **state)
{
	struct world *w = *state;
	size_t of_others = 0;

	subscribe_uneven(w, 400, 1, 5000, NOW - HOUR);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(claim(w, NOW, MANY, MANY), MANY);
		for (size_t j = 0; j < w->n; j++)
			of_others += strcmp(w->tasks[j].host, "h0") != 0;
		record_all(w, NOW, NOW + HOUR);
	}
	assert_true(of_others >= 4 * (MANY - 1));
}

/* R43, R44, R78: a pause and a learned gap are the host's, not the source's, and last over a restart. */
static void test_pause_and_gap_last(void **state)
{
	struct world *w = *state;
	const struct store_host paused = {.not_before_ms = NOW + 10 * MINUTE, .gap_ms = 5 * SECOND, .successes = 3};

	subscribe(w, 2, 3, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 2);
	record(w, w->tasks[0].source_id, NOW, NOW + HOUR, 0, &paused);
	record(w, w->tasks[1].source_id, NOW, NOW + HOUR, 0, NULL);
	reopen(w);
	assert_int_equal(claim(w, NOW + SECOND, MANY, MANY), 1); /* of the other host */
	record_all(w, NOW, NOW + HOUR);
	assert_int_equal(next_due(w, NOW + SECOND), NOW + 10 * MINUTE);
	assert_int_equal(claim(w, NOW + 10 * MINUTE - 1, MANY, MANY), 1);
	record_all(w, NOW, NOW + HOUR);
	w->concurrent = 2;
	assert_int_equal(claim(w, NOW + 10 * MINUTE, MANY, MANY), 1); /* a gap: one claim, whatever may be in flight */
	assert_int_equal(w->tasks[0].host_gap_ms, 5 * SECOND);
	assert_int_equal(w->tasks[0].host_successes, 3);
	assert_int_equal(claim(w, NOW + 10 * MINUTE + 4999, MANY, MANY), 0);
	assert_int_equal(claim(w, NOW + 10 * MINUTE + 5000, MANY, MANY), 1);
}

/* R65: who is behind is let in by the bucket; who is on time is not held up by them. */
static void test_late_ones_wait_for_tokens(void **state)
{
	struct world *w = *state;

	subscribe(w, 100, 1, NOW - HOUR);
	assert_int_equal(claim(w, NOW, MANY, 20), 20);
	assert_true(w->tasks[0].is_late);
	record_all(w, NOW, NOW + 2 * MINUTE);
	assert_int_equal(claim(w, NOW, MANY, 0), 0);
	assert_int_equal(claim(w, NOW + 2 * MINUTE, MANY, 0), 20);
	assert_false(w->tasks[0].is_late);
	assert_int_equal(claim(w, NOW + 2 * MINUTE, MANY, 7), 7);
}

/* Tokens are for sources, not for hosts: one host that may have many in flight does not get them all for one. */
static void test_tokens_are_for_sources(void **state)
{
	struct world *w = *state;

	w->concurrent = 64;
	subscribe(w, 2, 50, NOW - HOUR);
	assert_int_equal(claim(w, NOW, MANY, 20), 20);
	for (size_t i = 0; i < w->n; i++) /* nor is one on time because its host has just been asked for another */
		record(w, w->tasks[i].source_id, NOW, NOW + HOUR, 0, &(struct store_host){.not_before_ms = NOW});
	assert_int_equal(claim(w, NOW, MANY, 0), 0);
	assert_int_equal(claim(w, NOW, MANY, 7), 7);
}

/* R66: after an outage those come first that have most to tell: expected items a day, times how long they wait. */
static void test_order_by_expected_items(void **state)
{
	static const struct {
		double items_a_day;
		int64_t behind_ms;
	} sources[] = {{0.001, 20 * HOUR}, {1, 5 * HOUR}, {0.2, 10 * HOUR}, {60, 1 * HOUR}, {9, 2 * HOUR}, {9, 3 * HOUR}};
	static const char *const want[] = {"h3-0", "h5-0", "h4-0", "h1-0", "h2-0", "h0-0"};
	struct world *w = *state;

	subscribe(w, 6, 1, NOW - HOUR);
	assert_int_equal(claim(w, NOW, MANY, MANY), 6);
	for (size_t i = 0; i < 6; i++) {
		size_t source = (size_t)(w->tasks[i].name[1] - '0');

		record(w, w->tasks[i].source_id, NOW, NOW + 24 * HOUR - sources[source].behind_ms, sources[source].items_a_day, NULL);
	}
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(claim(w, NOW + 24 * HOUR, MANY, 1), 1);
		assert_string_equal(w->tasks[0].name, want[i]);
	}
}

/* R10, R62: what was claimed when we were killed keeps its minimum interval; what was not is as it was. */
static void test_killed(void **state)
{
	struct world *w = *state;

	subscribe(w, 4, 2, NOW);
	assert_int_equal(claim(w, NOW, 2, MANY), 2);
	reopen(w);
	assert_int_equal(claim(w, NOW + SECOND, MANY, MANY), 4); /* also the second source of the hosts that were asked */
	record_all(w, NOW, NOW + HOUR);
	assert_int_equal(claim(w, NOW + 14 * MINUTE, MANY, MANY), 2);
	record_all(w, NOW, NOW + HOUR);
	assert_int_equal(claim(w, NOW + 15 * MINUTE + 4 * SECOND, MANY, MANY), 0); /* the request may have begun after the claim */
	assert_int_equal(claim(w, NOW + 15 * MINUTE + 5 * SECOND, MANY, MANY), 2);
}

/* A claim that nobody ended (what the poll brought could not be stored) comes back when its lease is over. */
static void test_lost_claims(void **state)
{
	struct world *w = *state;

	subscribe(w, 70, 1, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 70);
	assert_int_equal(claim(w, NOW + LEASE_MS, MANY, MANY), 0);
	assert_int_equal(claim(w, NOW + 15 * MINUTE + 5 * SECOND, MANY, MANY), 70);
}

static void test_give_back(void **state)
{
	struct world *w = *state;
	const struct store_host busy = {.not_before_ms = NOW + MINUTE};
	struct store_wish wish;
	int64_t id;

	subscribe(w, 1, 1, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 1);
	id = w->tasks[0].source_id;
	must(w, store_unclaim(w->s, id, NOW, &busy, NOW, &w->err));
	assert_int_equal(store_unclaim(w->s, id, NOW, NULL, NOW, &w->err), ERR_NOT_FOUND);
	assert_int_equal(claim(w, NOW + MINUTE - 1, MANY, MANY), 0);
	assert_int_equal(claim(w, NOW + MINUTE, MANY, MANY), 1);
	must(w, store_unclaim(w->s, id, NOW + HOUR, NULL, NOW, &w->err));
	assert_int_equal(next_due(w, NOW), NOW + HOUR);
	/* R72: by hand it is due at once, but a pause of its host stands. */
	must(w, store_make_due(w->s, "h0-0", NOW, &wish, &w->err));
	assert_int_equal(next_due(w, NOW), NOW + MINUTE);
	assert_int_equal(wish.why, WISH_HOST_PAUSED);
	assert_int_equal(wish.due_ms, NOW + MINUTE);
}

/* R69: the clock is set a year on and back; nobody is early, nobody is silenced, also after a restart. */
static void test_clock_steps(void **state)
{
	const int64_t year = 365 * 24 * HOUR;
	struct world *w = *state;

	subscribe(w, 2, 1, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 2);
	record_all(w, NOW, NOW + HOUR);
	must(w, store_clock_stepped(w->s, year, &w->err));
	assert_int_equal(next_due(w, NOW), NOW + year + HOUR);
	assert_int_equal(claim(w, NOW + year + HOUR - 1, MANY, MANY), 0);
	reopen(w);
	assert_int_equal(claim(w, NOW + year + HOUR, 1, MANY), 1);
	must(w, store_begin(w->s, &w->err));
	must(w, store_clock_stepped(w->s, -3 * year, &w->err));
	store_rollback(w->s); /* the disk was full: nothing has stepped */
	assert_int_equal(next_due(w, NOW), NOW + year + HOUR);
	must(w, store_clock_stepped(w->s, -2 * year, &w->err));
	record_all(w, NOW - year, NOW - year + HOUR);
	assert_int_equal(claim(w, NOW - year + HOUR, MANY, MANY), 2);
}

/* R64: set back while we were away, a year or a century: sources come when they are due from the last time we were there. */
static void test_clock_set_back_while_away(void **state)
{
	const int64_t century = 100 * 365 * 24 * HOUR;
	struct world *w = *state;

	subscribe(w, 3, 1, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 3);
	record_all(w, NOW, NOW + HOUR);
	reopen(w);
	assert_int_equal(claim(w, NOW - century, MANY, MANY), 0);
	assert_int_equal(next_due(w, NOW - century), NOW - century + HOUR);
	assert_int_equal(claim(w, NOW - century + HOUR, MANY, MANY), 3);
	record_all(w, NOW - century + HOUR, NOW - century + 2 * HOUR);
	reopen(w); /* forward again: that cannot be told from a long time away; all are late, and come once */
	assert_int_equal(claim(w, NOW, MANY, 2), 2);
}

/* The configuration may put a host apart (R76): its sources move, also while one of them is claimed. */
static void split_host_of(const char *url, char out[STORE_HOST_BYTES], void *ctx)
{
	(void)ctx;
	(void)snprintf(out, STORE_HOST_BYTES, "%.20s", strstr(url, "//") + 2);
}

static void test_sources_change_hosts(void **state)
{
	struct world *w = *state;
	char url[2][32] = {"https://h0/0", "https://h0/1"}, name[2][8] = {"h0-0", "h0-1"};
	struct source_spec specs[2] = {0};
	const struct store_sync_rules rules = {.now_ms = NOW, .due_ms = NOW, .host_of = split_host_of};
	struct store_sync ret;

	for (size_t i = 0; i < 2; i++)
		specs[i] = (struct source_spec){.url = url[i], .name = name[i], .poll_min_ms = 15 * MINUTE, .poll_max_ms = 24 * HOUR};
	subscribe(w, 1, 2, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 1);
	must(w, store_sync_sources(w->s, specs, 2, &rules, &ret, &w->err));
	assert_int_equal(ret.changed, 2);
	record_all(w, NOW, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 2);
	assert_string_not_equal(w->tasks[0].host, w->tasks[1].host);
	record_all(w, NOW, NOW + HOUR);
	assert_int_equal(claim(w, NOW + HOUR, MANY, MANY), 2);
}

/* No claim reads what is not due: no statement scans a table or sorts. */
static void test_claims_use_indexes(void **state)
{
	struct world *w = *state;
	const struct db *db = &w->s->db;

	subscribe(w, 300, 2, NOW);
	for (size_t i = 0; i < db->n_statements; i++) {
		(void)sqlite3_stmt_status(db->statements[i].stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
		(void)sqlite3_stmt_status(db->statements[i].stmt, SQLITE_STMTSTATUS_SORT, 1);
	}
	for (int i = 0; i < 6; i++) {
		assert_int_equal(claim(w, NOW, MANY, MANY), MANY);
		record_all(w, NOW, NOW + HOUR);
		(void)next_due(w, NOW);
	}
	assert_int_equal(claim(w, NOW, MANY, MANY), 0);
	for (size_t i = 0; i < db->n_statements; i++) {
		if (sqlite3_stmt_status(db->statements[i].stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) ||
		    sqlite3_stmt_status(db->statements[i].stmt, SQLITE_STMTSTATUS_SORT, 0))
			fail_msg("scans or sorts: %s", db->statements[i].sql);
	}
}

/* LIMIT_START_CHECK_MS: a check that would take longer is cut, which is no fault; one with time enough is not. */
static void test_the_check_at_start_has_a_limit(void **state)
{
	struct world *w = *state;
	struct db *db = &w->s->db;
	struct err err = {0};
	bool cut;

	assert_int_equal(db_exec(db, "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
	                             " INSERT INTO fact (name, value) SELECT 'n' || i, i FROM n", &err), 0);
	assert_int_equal(db_quick_check(db, 0, &cut, &err), 0);
	assert_true(cut);
	assert_int_equal(db_quick_check(db, 60000, &cut, &err), 0);
	assert_false(cut);
}

/* ---- looks that wait for another host (R52, R77; decision 023) ---- */

static void park(struct world *w, const struct source_task *t, const char *host_name, int64_t now, int64_t due_ms)
{
	const struct store_host learned = {.not_before_ms = now + 2 * SECOND};
	const struct store_parked p = {.source_id = t->source_id, .trail = "9 9\n302 https://hub/x\n", .host_name = host_name, .due_ms = due_ms,
	                               .host = &learned, .now_ms = now};

	must(w, store_begin(w->s, &w->err));
	must(w, store_park(w->s, &p, &w->err));
	must(w, store_commit(w->s, &w->err));
}

static void park_all(struct world *w, const char *host_name, int64_t now)
{
	for (size_t i = 0; i < w->n; i++)
		park(w, &w->tasks[i], host_name, now, now);
}

/* Whatever hosts they come from, they are that host's: one at a time, its gap between them, in the order in which they came. */
static void test_parked_wait_for_the_next_host(void **state)
{
	struct world *w = *state;
	const struct store_host gap = {.not_before_ms = NOW + 10 * SECOND, .gap_ms = 10 * SECOND};

	subscribe(w, 5, 2, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 5);
	park_all(w, "hub", NOW);
	assert_int_equal(claim(w, NOW + SECOND, MANY, MANY), 1); /* the first hosts keep their gap */
	assert_string_equal(w->tasks[0].host, "hub");
	assert_string_equal(w->tasks[0].url, "https://h0/0");
	assert_string_equal(w->tasks[0].trail, "9 9\n302 https://hub/x\n");
	record(w, w->tasks[0].source_id, NOW, NOW + HOUR, 0, &gap);
	assert_int_equal(claim(w, NOW + 3 * SECOND, MANY, MANY), 5); /* the second ones of the five */
	assert_null(w->tasks[0].trail);
	record_all(w, NOW, NOW + HOUR);
	assert_int_equal(claim(w, NOW + 10 * SECOND, MANY, MANY), 1);
	assert_string_equal(w->tasks[0].url, "https://h1/0");
	assert_int_equal(w->tasks[0].host_gap_ms, 10 * SECOND);
}

/* A look that is over is at home again: with its record, and when it goes from one host to the next. */
static void test_parked_come_home(void **state)
{
	struct world *w = *state;

	subscribe(w, 1, 1, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 1);
	park(w, &w->tasks[0], "hub", NOW, NOW + MINUTE);
	assert_int_equal(claim(w, NOW + MINUTE - 1, MANY, MANY), 0);
	assert_int_equal(next_due(w, NOW), NOW + MINUTE);
	assert_int_equal(claim(w, NOW + MINUTE, MANY, MANY), 1);
	park(w, &w->tasks[0], "far", NOW + MINUTE, NOW + MINUTE);
	assert_int_equal(claim(w, NOW + MINUTE, MANY, MANY), 1);
	assert_string_equal(w->tasks[0].host, "far");
	record_all(w, NOW + MINUTE, NOW + HOUR);
	assert_int_equal(claim(w, NOW + HOUR - 1, MANY, MANY), 0);
	assert_int_equal(claim(w, NOW + HOUR, MANY, MANY), 1);
	assert_string_equal(w->tasks[0].host, "h0");
	assert_null(w->tasks[0].trail);
}

/* Killed while it waits it goes on; killed in a request, or forgotten, it begins anew, no sooner than poll.min after the last (R62). */
static void test_parked_and_lost(void **state)
{
	struct world *w = *state;
	int64_t again = NOW + 5 * SECOND + 15 * MINUTE;

	subscribe(w, 2, 1, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 2);
	park_all(w, "hub", NOW);
	reopen(w);
	assert_int_equal(claim(w, NOW, MANY, MANY), 1);
	assert_non_null(w->tasks[0].trail);
	reopen(w);
	assert_int_equal(claim(w, NOW, 1, MANY), 1); /* the other one */
	assert_non_null(w->tasks[0].trail);
	must(w, store_unclaim(w->s, w->tasks[0].source_id, NOW, NULL, NOW, &w->err));
	must(w, store_forget_trails(w->s, NOW, &w->err));
	assert_int_equal(claim(w, again - 1, MANY, MANY), 0);
	assert_int_equal(claim(w, again, MANY, MANY), 2);
	assert_null(w->tasks[0].trail);
	assert_null(w->tasks[1].trail);
	assert_string_not_equal(w->tasks[0].host, "hub");
}

/* A source that leaves the configuration, or moves within it, leaves nothing behind at the other host. */
static void test_parked_and_configured(void **state)
{
	struct world *w = *state;
	char url[] = "https://h0/0", name[] = "h0-0", other[] = "h0-other";
	struct source_spec spec = {.url = url, .name = other, .poll_min_ms = 15 * MINUTE, .poll_max_ms = 24 * HOUR};
	struct store_sync_rules rules = {.now_ms = NOW, .due_ms = NOW, .host_of = store_dir_host_of};
	struct store_sync ret;

	subscribe(w, 1, 1, NOW);
	assert_int_equal(claim(w, NOW, MANY, MANY), 1);
	park_all(w, "hub", NOW);
	must(w, store_sync_sources(w->s, &spec, 1, &rules, &ret, &w->err)); /* another name is no reason to begin anew */
	assert_int_equal(ret.changed, 1);
	assert_int_equal(claim(w, NOW, MANY, MANY), 1);
	assert_non_null(w->tasks[0].trail);
	rules.host_of = split_host_of;
	spec.name = name;
	must(w, store_sync_sources(w->s, &spec, 1, &rules, &ret, &w->err)); /* its own host is another now */
	must(w, store_unclaim(w->s, w->tasks[0].source_id, NOW, NULL, NOW, &w->err));
	assert_int_equal(claim(w, NOW, MANY, MANY), 1);
	assert_string_equal(w->tasks[0].host, "h0/0");
	assert_null(w->tasks[0].trail);
	park_all(w, "hub", NOW);
	must(w, store_sync_sources(w->s, NULL, 0, &rules, &ret, &w->err));
	assert_int_equal(claim(w, NOW, MANY, MANY), 0);
	must(w, store_sync_sources(w->s, &spec, 1, &rules, &ret, &w->err));
	assert_int_equal(claim(w, NOW + 15 * MINUTE + 5 * SECOND - 1, MANY, MANY), 0); /* the first request was sent (R62) */
	assert_int_equal(claim(w, NOW + 15 * MINUTE + 5 * SECOND, MANY, MANY), 1);
	assert_null(w->tasks[0].trail);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_parked_wait_for_the_next_host, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parked_come_home, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parked_and_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parked_and_configured, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_check_at_start_has_a_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_of_a_host, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_big_host_holds_up_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pause_and_gap_last, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_late_ones_wait_for_tokens, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tokens_are_for_sources, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_order_by_expected_items, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lost_claims, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_give_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_clock_steps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_clock_set_back_while_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sources_change_hosts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_claims_use_indexes, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
