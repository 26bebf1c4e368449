/* What many polls say of one source: polling.md R46 to R58 and the last column of section 4; events with hold-down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/base/mem.h"
#include "syndicated/schedule.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NOON   ((int64_t)1795435200 * SECOND)

static const char old_url[] = "http://a.test/feed?x=1";

struct world {
	struct source_health health;
	struct schedule_state state;
	struct schedule_decision d;
	struct schedule_news news;
	char *told; /* everything, "failing recovered " */
	int64_t now;
	int64_t hold_down_ms;
	const char *url;
};

static struct world world_new(void)
{
	return (struct world){.now = NOON, .hold_down_ms = DAY, .url = old_url, .told = mem_dup_str("")};
}

static void world_done(struct world *w)
{
	source_health_done(&w->health);
	mem_free(w->told);
}

static void poll(struct world *w, enum poll_outcome outcome, int status, const char *final_url, const char *permanent_url)
{
	const struct schedule_policy policy = {.min_ms = 15 * MINUTE, .max_ms = DAY};
	const struct schedule_poll p = {.outcome = outcome, .status = status, .started_ms = w->now, .ended_ms = w->now};
	const struct schedule_sight sight = {.url = w->url, .final_url = final_url, .permanent_url = permanent_url,
	                                     .hold_down_ms = w->hold_down_ms, .min_ms = policy.min_ms};

	w->d = schedule_next(&policy, &w->state, &p, 0);
	schedule_judge(&w->health, &w->state, &p, &sight, &w->d, &w->news);
	for (size_t i = 0; i < w->news.n; i++) {
		char *longer = mem_printf("%s%s ", w->told, event_type_name(w->news.types[i]) + strlen("source."));

		mem_free(w->told);
		w->told = longer;
	}
}

static void plain(struct world *w, enum poll_outcome outcome, int status)
{
	poll(w, outcome, status, w->url, NULL);
}

/* Polls as the scheduler says, with one and the same failure, until it is given up or a year has gone. */
static int64_t fail_until_given_up(struct world *w, enum poll_outcome outcome, int status, int64_t *ret_polls)
{
	*ret_polls = 0;
	while (w->now < NOON + 365 * DAY) {
		plain(w, outcome, status);
		++*ret_polls;
		if (source_state_is_given_up(w->health.state))
			return w->now - NOON;
		w->now = w->d.due_ms;
	}
	return 0;
}

/* Section 4, last column, and R56. */
static void test_give_up(void **state)
{
	static const struct {
		enum poll_outcome outcome;
		int status;
		int64_t days; /* 0: never */
	} rows[] = {
		{POLL_NOT_A_FEED, 200, 30}, {POLL_HTTP_PROTOCOL, 204, 30}, {POLL_REDIRECT_BAD, 302, 30}, {POLL_BLOCKED, 0, 30},
		{POLL_CLIENT_ERROR, 400, 30}, {POLL_AUTH, 401, 30}, {POLL_FORBIDDEN, 403, 60}, {POLL_CHALLENGE, 403, 0},
		{POLL_MISSING, 404, 30}, {POLL_TRANSIENT, 408, 0}, {POLL_LIMITED, 429, 0}, {POLL_LIMITED, 503, 60},
		{POLL_SERVER_ERROR, 500, 60}, {POLL_SERVER_ODD, 501, 60}, {POLL_DNS_TEMPORARY, 0, 60}, {POLL_DNS_PERMANENT, 0, 30},
		{POLL_CONNECT, 0, 60}, {POLL_TLS_CERT, 0, 60}, {POLL_TLS, 0, 60}, {POLL_STALL, 0, 60}, {POLL_HTTP2, 0, 0},
		{POLL_OVERSIZE, 200, 30}, {POLL_ENCODING, 200, 30}, {POLL_WORKER, 200, 30},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct world w = world_new();
		int64_t polls, after = fail_until_given_up(&w, rows[i].outcome, rows[i].status, &polls);

		if (rows[i].days ? after < rows[i].days * DAY || after > (rows[i].days + 8) * DAY : after != 0)
			print_error("%s %d: given up after %.1f days\n", poll_outcome_name(rows[i].outcome), rows[i].status, (double)after / DAY);
		assert_true(rows[i].days ? after >= rows[i].days * DAY && after <= (rows[i].days + 8) * DAY : after == 0);
		assert_int_equal(w.health.state, rows[i].days ? SOURCE_DORMANT : rows[i].outcome == POLL_CHALLENGE ? SOURCE_CHALLENGE : SOURCE_FAILING);
		assert_string_equal(w.told, rows[i].days ? "failing dormant " : "failing ");
		if (rows[i].outcome == POLL_MISSING)
			assert_true(polls >= 20);
		if (rows[i].days)
			assert_true(w.d.due_ms >= w.now + 7 * DAY && strcmp(w.d.reason, "dormant") == 0);
		world_done(&w);
	}
}

/* R56: thirty days alone are not enough, nor twenty polls; a success in between starts again, and so does who is there. */
static void test_missing_needs_both(void **state)
{
	struct world w = world_new();

	(void)state;
	for (int i = 0; i < 19; i++, w.now += 2 * DAY)
		plain(&w, POLL_MISSING, 404);
	assert_int_equal(w.health.state, SOURCE_FAILING); /* 36 days, 19 polls */
	plain(&w, POLL_MISSING, 404);
	assert_int_equal(w.health.state, SOURCE_DORMANT);
	world_done(&w);

	w = world_new();
	for (int i = 0; i < 700; i++, w.now += HOUR)
		plain(&w, POLL_MISSING, 404);
	assert_int_equal(w.health.state, SOURCE_FAILING); /* 700 polls, 29.1 days */
	plain(&w, POLL_NOT_MODIFIED, 304);
	for (int i = 0; i < 700; i++, w.now += HOUR)
		plain(&w, POLL_MISSING, 404);
	assert_int_equal(w.health.state, SOURCE_FAILING);
	plain(&w, POLL_LIMITED, 429);
	for (int i = 0; i < 700; i++, w.now += HOUR)
		plain(&w, POLL_MISSING, 404);
	assert_int_equal(w.health.state, SOURCE_FAILING);
	world_done(&w);
}

/* The row that waits longest decides when failures of several kinds follow each other. */
static void test_mixed_failures(void **state)
{
	struct world w = world_new();

	(void)state;
	for (; w.now < NOON + 59 * DAY; w.now += DAY)
		plain(&w, (w.now - NOON) / DAY % 2 ? POLL_MISSING : POLL_SERVER_ERROR, (w.now - NOON) / DAY % 2 ? 404 : 500);
	assert_int_equal(w.health.state, SOURCE_FAILING);
	for (; w.now < NOON + 62 * DAY; w.now += DAY)
		plain(&w, POLL_MISSING, 404);
	assert_int_equal(w.health.state, SOURCE_DORMANT);
	world_done(&w);
}

/* A daemon that slept for months between two failures knows nothing. */
static void test_long_sleep(void **state)
{
	struct world w = world_new();

	(void)state;
	plain(&w, POLL_CONNECT, 0);
	w.now += 100 * DAY;
	plain(&w, POLL_CONNECT, 0);
	assert_int_equal(w.health.state, SOURCE_FAILING);
	world_done(&w);
}

/* Section 4: dormant is one probe a week, any success revives; after 180 days it ends. */
static void test_dormant(void **state)
{
	struct world w = world_new();
	int64_t polls, since;

	(void)state;
	(void)fail_until_given_up(&w, POLL_MISSING, 404, &polls);
	since = w.now;
	for (polls = 0; w.health.state == SOURCE_DORMANT; polls++) {
		assert_true(w.d.due_ms - w.now >= 7 * DAY && w.d.due_ms - w.now < 8 * DAY);
		w.now = w.d.due_ms;
		plain(&w, polls % 2 ? POLL_MISSING : POLL_CONNECT, 0);
	}
	assert_in_range(polls, 24, 27);
	assert_true(w.now - since >= 180 * DAY);
	assert_int_equal(w.health.state, SOURCE_DISABLED);
	assert_int_equal(w.d.due_ms, NEVER_DUE_MS);
	assert_string_equal(w.told, "failing dormant ");
	plain(&w, POLL_OK, 200);
	assert_int_equal(w.health.state, SOURCE_OK);
	assert_true(w.d.due_ms < w.now + DAY);
	assert_string_equal(w.told, "failing dormant recovered ");
	world_done(&w);
}

/* R55: 410 stops at once; one probe a week later; the second 410 is for good; a success at any time revives. */
static void test_gone(void **state)
{
	static const struct {
		enum poll_outcome outcome;
		int status;
		int64_t after;
		enum source_state want;
		const char *told;
	} rows[] = {
		{POLL_GONE, 410, 7 * DAY, SOURCE_DISABLED, "gone "},
		{POLL_GONE, 410, HOUR, SOURCE_GONE, "gone "}, /* somebody asked by hand: not yet the probe */
		{POLL_MISSING, 404, 7 * DAY, SOURCE_GONE, "gone "},
		{POLL_CONNECT, 0, 7 * DAY, SOURCE_GONE, "gone "},
		{POLL_OK, 200, 7 * DAY, SOURCE_OK, "gone recovered "},
		{POLL_NOT_MODIFIED, 304, HOUR, SOURCE_OK, "gone recovered "},
		{POLL_LOCAL, 0, 7 * DAY, SOURCE_GONE, "gone "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct world w = world_new();

		plain(&w, POLL_GONE, 410);
		assert_int_equal(w.health.state, SOURCE_GONE);
		assert_true(w.d.due_ms >= NOON + 7 * DAY && w.d.due_ms < NOON + 8 * DAY);
		w.now += rows[i].after;
		plain(&w, rows[i].outcome, rows[i].status);
		assert_int_equal(w.health.state, rows[i].want);
		assert_string_equal(w.told, rows[i].told);
		if (rows[i].want == SOURCE_DISABLED)
			assert_int_equal(w.d.due_ms, NEVER_DUE_MS);
		if (rows[i].want == SOURCE_GONE && rows[i].outcome != POLL_LOCAL)
			assert_true(w.d.due_ms >= NOON + 7 * DAY && w.d.due_ms > w.now);
		world_done(&w);
	}
}

/* features.md G39: no alarm for a blip, one alarm for a spell, and its end only when the beginning was told. */
static void test_hold_down(void **state)
{
	struct world w = world_new();

	(void)state;
	plain(&w, POLL_CONNECT, 0);
	w.now += 23 * HOUR;
	plain(&w, POLL_SERVER_ERROR, 500);
	assert_string_equal(w.told, "");
	plain(&w, POLL_OK, 200);
	assert_string_equal(w.told, "");
	plain(&w, POLL_CONNECT, 0);
	for (int i = 0; i < 10; i++, w.now += DAY)
		plain(&w, POLL_CONNECT, 0);
	assert_string_equal(w.told, "failing ");
	plain(&w, POLL_DAMAGED, 200);
	plain(&w, POLL_NOT_MODIFIED, 304);
	assert_string_equal(w.told, "failing recovered ");
	w.hold_down_ms = 0;
	plain(&w, POLL_STALL, 0);
	assert_string_equal(w.told, "failing recovered failing ");
	world_done(&w);
}

/* R58: at once a day, then rarer, never given up, and shown for what it is. */
static void test_challenge(void **state)
{
	struct world w = world_new();

	(void)state;
	plain(&w, POLL_CHALLENGE, 403);
	assert_int_equal(w.health.state, SOURCE_CHALLENGE);
	assert_int_equal(w.d.interval_ms, DAY);
	for (int i = 0; i < 400; i++, w.now += DAY)
		plain(&w, POLL_CHALLENGE, 403);
	assert_int_equal(w.health.state, SOURCE_CHALLENGE);
	assert_int_equal(w.d.interval_ms, 7 * DAY);
	world_done(&w);
}

/* ---- moving ---- */

struct step {
	int64_t after;
	enum poll_outcome outcome;
	int status;
	const char *final_url, *permanent_url; /* NULL: the old one, and none */
};

static const char b[] = "https://b.test/new", c[] = "https://c.test/", https_a[] = "https://a.test/feed?x=1";
#define SEEN(after, url) {after, POLL_OK, 200, url, url}

static const struct {
	const char *name;
	struct step steps[8]; /* ends with a zeroed one */
	const char *want;     /* poll_url at the end; NULL: none */
	const char *streak;
} moves[] = {
	{"R47: five polls over seven days", {SEEN(0, b), SEEN(DAY, b), SEEN(2 * DAY, b), SEEN(2 * DAY, b), SEEN(2 * DAY, b)}, b, NULL},
	{"R47: five polls, six days", {SEEN(0, b), SEEN(DAY, b), SEEN(2 * DAY, b), SEEN(2 * DAY, b), SEEN(DAY, b)}, NULL, b},
	{"R47: four polls, eight days", {SEEN(0, b), SEEN(3 * DAY, b), SEEN(3 * DAY, b), SEEN(2 * DAY, b)}, NULL, b},
	{"R47: 304 and the same bytes at the target count", {{0, POLL_OK, 200, b, b}, {2 * DAY, POLL_NOT_MODIFIED, 304, b, b},
	 {2 * DAY, POLL_UNCHANGED, 200, b, b}, {2 * DAY, POLL_DAMAGED, 200, b, b}, {2 * DAY, POLL_NOT_MODIFIED, 304, b, b}}, b, NULL},
	{"R46: one hop of the chain is temporary", {{0, POLL_OK, 200, b, NULL}, {3 * DAY, POLL_OK, 200, b, NULL}, {3 * DAY, POLL_OK, 200, b, NULL},
	 {3 * DAY, POLL_OK, 200, b, NULL}, {3 * DAY, POLL_OK, 200, b, NULL}}, NULL, NULL},
	{"R49: a direct answer clears", {SEEN(0, b), SEEN(2 * DAY, b), SEEN(2 * DAY, b), {2 * DAY, POLL_NOT_MODIFIED, 304, NULL, NULL}, SEEN(DAY, b),
	 SEEN(DAY, b)}, NULL, b},
	{"R49: a temporary redirect clears", {SEEN(0, b), {DAY, POLL_OK, 200, c, NULL}}, NULL, NULL},
	{"R49: another target starts again", {SEEN(0, b), SEEN(2 * DAY, b), SEEN(2 * DAY, b), SEEN(2 * DAY, b), SEEN(2 * DAY, c)}, NULL, c},
	{"R49: a target that is no feed clears", {SEEN(0, b), SEEN(2 * DAY, b), {DAY, POLL_NOT_A_FEED, 200, b, b}}, NULL, NULL},
	{"R49: a target that is not there clears", {SEEN(0, b), {DAY, POLL_MISSING, 404, b, b}}, NULL, NULL},
	{"R49: a portal never counts", {{0, POLL_NOT_A_FEED, 200, c, c}, {3 * DAY, POLL_NOT_A_FEED, 200, c, c}, {3 * DAY, POLL_NOT_A_FEED, 200, c, c},
	 {3 * DAY, POLL_NOT_A_FEED, 200, c, c}, {3 * DAY, POLL_NOT_A_FEED, 200, c, c}}, NULL, NULL},
	{"a failure on the way neither counts nor clears", {SEEN(0, b), SEEN(2 * DAY, b), {DAY, POLL_STALL, 0, NULL, NULL}, SEEN(DAY, b), SEEN(2 * DAY, b),
	 {HOUR, POLL_SERVER_ERROR, 500, b, b}, SEEN(2 * DAY, b)}, b, NULL},
	{"R48: http to https of the same after one", {SEEN(0, https_a)}, https_a, NULL},
	{"R48: https with another query is a move like any other", {SEEN(0, "https://a.test/feed")}, NULL, "https://a.test/feed"},
	{"R48: not when it is temporary", {{0, POLL_OK, 200, https_a, NULL}}, NULL, NULL},
	{"R48: the old one is missing now", {SEEN(0, b), {HOUR, POLL_MISSING, 404, NULL, NULL}}, b, NULL},
	{"R48: the old one is gone now", {SEEN(0, b), {HOUR, POLL_GONE, 410, NULL, NULL}}, b, NULL},
	{"R48: missing without a redirect before", {{0, POLL_OK, 200, NULL, NULL}, {HOUR, POLL_MISSING, 404, NULL, NULL}}, NULL, NULL},
};

static void test_moves(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++) {
		struct world w = world_new();

		for (const struct step *s = moves[i].steps; s->final_url || s->status || s->outcome; s++) {
			w.now += s->after;
			poll(&w, s->outcome, s->status, s->final_url ? s->final_url : old_url, s->permanent_url);
			assert_true(w.d.due_ms >= w.now + 15 * MINUTE); /* R62 */
		}
		if ((w.health.poll_url ? !moves[i].want || strcmp(w.health.poll_url, moves[i].want) != 0 : moves[i].want != NULL))
			print_error("%s\n", moves[i].name);
		if (moves[i].want) {
			assert_string_equal(w.health.poll_url, moves[i].want);
			assert_string_equal(w.told, "moved ");
			assert_true(w.news.has_moved);
			assert_int_equal(w.state.failures, 0); /* also when the old one was missing at the end */
			assert_int_equal(w.health.state, SOURCE_OK);
		} else {
			assert_null(w.health.poll_url);
		}
		if (moves[i].streak)
			assert_string_equal(w.health.moving_to, moves[i].streak);
		else
			assert_null(w.health.moving_to);
		world_done(&w);
	}
}

/* Credentials stay with their server (R26): such a source is only moved by its operator. */
static void test_credentials_do_not_move(void **state)
{
	struct world w = world_new();

	(void)state;
	w.url = "http://me:secret@a.test/f";
	poll(&w, POLL_OK, 200, "https://a.test/f", "https://a.test/f");
	assert_null(w.health.poll_url);
	assert_null(w.health.moving_to);
	world_done(&w);
}

/* ---- encodings ---- */

static void test_history(void **state)
{
	struct poll_history back;
	struct buf out = BUF_INIT(POLL_HISTORY_BYTES);

	(void)state;
	for (int i = 0; i < 15; i++) {
		const struct poll_glimpse g = {.started_ms = NOON + i * HOUR, .duration_ms = 1230, .outcome = (enum poll_outcome)i, .status = 200 + i,
		                               .new_items = i == 14 ? 1000000 : i, .fresh_ms = 90 * SECOND, .retry_after_ms = 7 * DAY,
		                               .is_redirected = i % 2};

		struct buf next = BUF_INIT(POLL_HISTORY_BYTES);

		poll_history_encode_newest(&g, out.bytes, out.len, &next);
		buf_done(&out);
		out = next;
	}
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(out.len, POLL_HISTORY_BYTES);
	poll_history_decode(out.bytes, out.len, &back);
	assert_int_equal(back.n, POLL_HISTORY);
	for (size_t i = 0; i < back.n; i++) {
		assert_int_equal(back.polls[i].started_ms, NOON + (14 - (int64_t)i) * HOUR);
		assert_int_equal(back.polls[i].outcome, 14 - i);
		assert_int_equal(back.polls[i].status, 214 - (int)i);
		assert_int_equal(back.polls[i].duration_ms, 1230);
		assert_int_equal(back.polls[i].fresh_ms, 2 * MINUTE);
		assert_int_equal(back.polls[i].retry_after_ms, 7 * DAY);
		assert_int_equal(back.polls[i].is_redirected, (14 - i) % 2);
	}
	assert_int_equal(back.polls[0].new_items, 65535);
	for (size_t len = 0; len < out.len; len++) /* anything is tolerated */
		poll_history_decode(out.bytes, len, &back);
	memset(out.bytes, 0xff, out.len);
	poll_history_decode(out.bytes, out.len, &back);
	assert_int_equal(back.n, 0);
	buf_done(&out);
}

static void test_report(void **state)
{
	char message[] = "no \xff\xfe \x01", from[] = "http://a.test/", to[] = "http://b.test/";
	const struct source_report r = {.state = SOURCE_DORMANT, .outcome = POLL_MISSING, .status = 404, .message = message, .failures = 30,
	                                .failing_since_ms = NOON, .next_poll_ms = NEVER_DUE_MS, .old_url = from, .new_url = to};
	struct source_report back;
	struct buf out = BUF_INIT(1 << 10);

	(void)state;
	source_report_encode(&r, &out);
	assert_int_equal(source_report_decode(out.bytes, out.len, &back), 0);
	assert_int_equal(back.state, SOURCE_DORMANT);
	assert_int_equal(back.outcome, POLL_MISSING);
	assert_int_equal(back.next_poll_ms, NEVER_DUE_MS);
	assert_string_equal(back.new_url, to);
	assert_null(back.joined);
	source_report_done(&back);
	for (size_t len = 0; len < out.len; len++)
		assert_int_equal(source_report_decode(out.bytes, len, &back), ERR_CORRUPT);
	buf_done(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_give_up), cmocka_unit_test(test_missing_needs_both), cmocka_unit_test(test_mixed_failures),
		cmocka_unit_test(test_long_sleep), cmocka_unit_test(test_dormant), cmocka_unit_test(test_gone),
		cmocka_unit_test(test_hold_down), cmocka_unit_test(test_challenge), cmocka_unit_test(test_moves),
		cmocka_unit_test(test_credentials_do_not_move), cmocka_unit_test(test_history), cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
