/* When to look again: polling.md sections 2c, 2d, 2e and 4, a row a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/schedule.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NOON   ((int64_t)1795435200 * SECOND) /* Monday 2026-11-23 12:00:00 GMT */

static const struct schedule_policy usual = {.min_ms = 15 * MINUTE, .max_ms = 24 * HOUR};
static const struct schedule_policy quick = {.min_ms = 1 * SECOND, .max_ms = 5 * SECOND};

static struct schedule_poll poll_at_noon(enum poll_outcome outcome)
{
	return (struct schedule_poll){
	    .outcome = outcome, .started_ms = NOON - SECOND, .ended_ms = NOON, .has_document = outcome == POLL_OK};
}

/* A source that has published every five minutes for two days: poll.min is all that holds the next poll back. */
static struct schedule_state busy(void)
{
	struct schedule_state s = {0};
	int64_t dates[576];
	struct schedule_poll p = {.outcome = POLL_OK, .started_ms = NOON - 2 * SECOND, .ended_ms = NOON - SECOND,
				  .has_validators = true, .new_items = 576, .item_ms = dates};

	for (int i = 0; i < 576; i++)
		dates[i] = NOON - SECOND - i * 5 * MINUTE;
	schedule_learn(&s.learned, &p);
	return s;
}

/* Section 4: the wait after the first, the second and the ninth failure in a row. */
static const struct {
	enum poll_outcome outcome;
	int status;
	int64_t first, second, ninth;
} rows[] = {
    {POLL_OK, 200, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE},
    {POLL_UNCHANGED, 200, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE},
    {POLL_NOT_MODIFIED, 304, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE},
    {POLL_DAMAGED, 200, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE},
    {POLL_NOT_A_FEED, 200, 2 * HOUR, 4 * HOUR, 24 * HOUR},
    {POLL_HTTP_PROTOCOL, 204, 1 * HOUR, 2 * HOUR, 24 * HOUR},
    {POLL_REDIRECT_BAD, 302, 2 * HOUR, 4 * HOUR, 24 * HOUR},
    {POLL_BLOCKED, 0, 24 * HOUR, 48 * HOUR, 7 * DAY},
    {POLL_CLIENT_ERROR, 400, 2 * HOUR, 4 * HOUR, 24 * HOUR},
    {POLL_AUTH, 401, 12 * HOUR, 24 * HOUR, 7 * DAY},
    {POLL_FORBIDDEN, 403, 4 * HOUR, 8 * HOUR, 24 * HOUR},
    {POLL_CHALLENGE, 403, 24 * HOUR, 48 * HOUR, 7 * DAY}, /* R58 */
    {POLL_MISSING, 404, 1 * HOUR, 2 * HOUR, 24 * HOUR},
    {POLL_TRANSIENT, 408, 30 * MINUTE, 1 * HOUR, 24 * HOUR},
    {POLL_GONE, 410, 7 * DAY, 7 * DAY, 7 * DAY},        /* R55 */
    {POLL_LIMITED, 429, 1 * HOUR, 4 * HOUR, 24 * HOUR}, /* R45 */
    {POLL_LIMITED, 503, 1 * HOUR, 2 * HOUR, 24 * HOUR},
    {POLL_SERVER_ERROR, 500, 1 * HOUR, 2 * HOUR, 24 * HOUR},
    {POLL_SERVER_ODD, 501, 6 * HOUR, 12 * HOUR, 24 * HOUR},
    {POLL_DNS_TEMPORARY, 0, 30 * MINUTE, 1 * HOUR, 12 * HOUR},
    {POLL_DNS_PERMANENT, 0, 2 * HOUR, 4 * HOUR, 24 * HOUR},
    {POLL_CONNECT, 0, 30 * MINUTE, 1 * HOUR, 24 * HOUR},
    {POLL_TLS_CERT, 0, 4 * HOUR, 8 * HOUR, 24 * HOUR},
    {POLL_TLS, 0, 1 * HOUR, 2 * HOUR, 24 * HOUR},
    {POLL_STALL, 0, 1 * HOUR, 2 * HOUR, 24 * HOUR},
    {POLL_HTTP2, 0, 30 * MINUTE, 1 * HOUR, 24 * HOUR},
    {POLL_OVERSIZE, 200, 24 * HOUR, 48 * HOUR, 7 * DAY},
    {POLL_ENCODING, 200, 1 * HOUR, 2 * HOUR, 24 * HOUR},
    {POLL_WORKER, 200, 2 * HOUR, 4 * HOUR, 24 * HOUR},
    {POLL_LOCAL, 0, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE},
};

static void test_every_outcome(void **state)
{
	bool seen[POLL_OUTCOMES] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct schedule_state s = busy();

		seen[rows[i].outcome] = true;
		for (int n = 1; n <= 9; n++) {
			struct schedule_poll p = poll_at_noon(rows[i].outcome);
			struct schedule_decision d;
			int64_t want = n == 1 ? rows[i].first : n == 2 ? rows[i].second : rows[i].ninth;

			p.status = rows[i].status;
			d = schedule_next(&usual, &s, &p, 0);
			if ((n <= 2 || n == 9) && d.interval_ms != want)
				print_error("%s, failure %d\n", poll_outcome_name(rows[i].outcome), n);
			if (n <= 2 || n == 9)
				assert_int_equal(d.interval_ms, want);
			assert_int_equal(d.due_ms, NOON + d.interval_ms);
			assert_string_equal(d.reason, d.interval_ms == usual.min_ms ? "poll.min" : "back-off");
		}
	}
	for (int o = 0; o < POLL_OUTCOMES; o++)
		assert_true(seen[o]);
}

/* R73: consecutive failures count, one success forgives them all; our own faults do neither. */
static void test_failures_in_a_row(void **state)
{
	static const struct {
		enum poll_outcome outcome;
		int64_t failures;
	} steps[] = {{POLL_STALL, 1},   {POLL_CONNECT, 2}, {POLL_LOCAL, 2}, {POLL_TLS, 3},  {POLL_NOT_MODIFIED, 0},
		     {POLL_MISSING, 1}, {POLL_DAMAGED, 0}, {POLL_LOCAL, 0}, {POLL_AUTH, 1}, {POLL_OK, 0}};
	struct schedule_state s = busy();

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct schedule_poll p = poll_at_noon(steps[i].outcome);

		(void)schedule_next(&usual, &s, &p, 0);
		assert_int_equal(s.failures, steps[i].failures);
	}
}

/* R62, R74: never sooner than poll.min, whatever happened; back-off never later than poll.max. */
static void test_bounds(void **state)
{
	(void)state;
	for (int o = 0; o < POLL_OUTCOMES; o++) {
		struct schedule_state s = busy();
		struct schedule_policy slow = {.min_ms = 20 * HOUR, .max_ms = 30 * HOUR};

		for (int n = 0; n < 40; n++) {
			struct schedule_poll p = poll_at_noon((enum poll_outcome)o);
			struct schedule_decision d = schedule_next(&quick, &s, &p, 0);

			assert_true(d.interval_ms >= quick.min_ms);
			assert_true(d.interval_ms <= 7 * quick.max_ms || o == POLL_GONE || o == POLL_LIMITED); /* those two the server said */
			assert_true(schedule_next(&slow, &s, &p, UINT64_MAX).due_ms >= NOON + slow.min_ms);
		}
	}
}

static void test_429_is_not_shortened(void **state)
{
	struct schedule_state s = busy();
	struct schedule_poll p = poll_at_noon(POLL_LIMITED);

	(void)state;
	p.status = 429;
	assert_int_equal(schedule_next(&quick, &s, &p, 0).interval_ms, 1 * HOUR);
	assert_int_equal(schedule_next(&quick, &s, &p, 0).interval_ms, 4 * HOUR);
}

/* R40, R42: Retry-After counts on any answer, replaces the back-off of 429 and 503, and is not cut by poll.max. */
static void test_retry_after(void **state)
{
	static const struct {
		enum poll_outcome outcome;
		int64_t retry_after, want;
		const char *reason;
	} cases[] = {
	    {POLL_LIMITED, 60 * SECOND, 60 * SECOND, "Retry-After"},
	    {POLL_LIMITED, 3 * DAY, 3 * DAY, "Retry-After"},
	    {POLL_SERVER_ERROR, 60 * SECOND, 60 * SECOND, "Retry-After"},
	    {POLL_OK, 2 * HOUR, 2 * HOUR, "Retry-After"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct schedule_state s = busy();
		struct schedule_poll p = poll_at_noon(cases[i].outcome);
		struct schedule_decision d;

		p.retry_after_ms = cases[i].retry_after;
		d = schedule_next(&quick, &s, &p, 0);
		assert_int_equal(d.interval_ms, cases[i].want);
		assert_string_equal(d.reason, cases[i].reason);
		assert_true(schedule_next(&quick, &s, &p, 12345).due_ms >= NOON + cases[i].want);
	}
}

/* R34, R35, R36, R39: the longest hint is a floor, cut at a day; it never makes a poll come sooner. */
static void test_hints(void **state)
{
	static const struct {
		enum poll_outcome outcome;
		int64_t fresh, ttl, want;
		const char *reason;
	} cases[] = {
	    {POLL_OK, 1 * HOUR, 0, 1 * HOUR, "max-age"},
	    {POLL_NOT_MODIFIED, 1 * HOUR, 0, 1 * HOUR, "max-age"},
	    {POLL_OK, 1 * MINUTE, 1 * MINUTE, 15 * MINUTE, "poll.min"},
	    {POLL_OK, 1 * HOUR, 3 * HOUR, 3 * HOUR, "ttl"},
	    {POLL_OK, 90 * DAY, 0, 24 * HOUR, "max-age"},
	    {POLL_OK, 0, 90 * DAY, 24 * HOUR, "ttl"},
	    {POLL_MISSING, 12 * HOUR, 0, 1 * HOUR,
	     "back-off"}, /* the caching of an error page says nothing of the feed */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct schedule_state s = busy();
		struct schedule_poll p = poll_at_noon(cases[i].outcome);
		struct schedule_decision d;

		p.fresh_ms = cases[i].fresh;
		p.ttl_ms = cases[i].ttl;
		d = schedule_next(&usual, &s, &p, 0);
		assert_int_equal(d.interval_ms, cases[i].want);
		assert_string_equal(d.reason, cases[i].reason);
	}
}

/* R63: jitter is between nothing and a tenth of the interval, and both ends are reached. */
static void test_jitter(void **state)
{
	struct schedule_state s = busy();
	struct schedule_poll p = poll_at_noon(POLL_OK);
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (uint64_t i = 0; i < 4000; i++) {
		int64_t extra =
		    schedule_next(&usual, &s, &p, i * UINT64_C(0x9e3779b97f4a7c15)).due_ms - NOON - usual.min_ms;

		least = extra < least ? extra : least;
		most = extra > most ? extra : most;
	}
	assert_in_range(least, 0, 1 * SECOND);
	assert_in_range(most, 89 * SECOND, 90 * SECOND);
}

/* R38, GMT, Monday is day 0: the next allowed instant, at most 72 hours away; an element that skips all is ignored. */
static void test_skip_windows(void **state)
{
	static const struct {
		uint32_t hours, days;
		int64_t want; /* after noon on Monday */
	} cases[] = {
	    {0, 0, 15 * MINUTE},
	    {1u << 12, 0, 1 * HOUR},
	    {1u << 13, 0, 15 * MINUTE},
	    {0xfffu << 12, 0, 12 * HOUR},
	    {(1u << 24) - 1, 0, 15 * MINUTE},
	    {0, 1u << 0, 12 * HOUR},
	    {1u << 0, 1u << 0, 13 * HOUR},
	    {0, 0x7f, 15 * MINUTE},
	    {0, 0x3f, 15 * MINUTE + 72 * HOUR},
	    {0, 1u << 1, 15 * MINUTE},
	    {0xff000000u, 0xffffff80u, 15 * MINUTE}, /* bits that mean nothing */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct schedule_state s = busy();
		struct schedule_poll p = poll_at_noon(POLL_OK);
		struct schedule_decision d;

		p.skip_hours = cases[i].hours;
		p.skip_days = cases[i].days;
		d = schedule_next(&usual, &s, &p, 0);
		assert_int_equal(d.due_ms - NOON, cases[i].want);
		assert_string_equal(d.reason, cases[i].want == 15 * MINUTE ? "poll.min" : "skipHours");
	}
}

/* R62: from the later of start and end; a clock that stepped back between them does not make a poll sooner. */
static void test_from_the_later(void **state)
{
	struct schedule_state s = busy();
	struct schedule_poll p = {.outcome = POLL_OK, .started_ms = NOON, .ended_ms = NOON - DAY};

	(void)state;
	assert_int_equal(schedule_next(&usual, &s, &p, 0).due_ms, NOON + 15 * MINUTE);
}

/* R40, R41: relative to the Date of the answer; 60 s to 7 days; garbage is nothing. */
static void test_retry_after_header(void **state)
{
	static const char ahead[] = "Tue, 24 Nov 2026 12:00:00 GMT", behind[] = "Sun, 22 Nov 2026 12:00:00 GMT";
	const struct {
		const char *value;
		int64_t want;
		const char *date; /* of the answer, that came at noon by our clock */
	} cases[] = {
	    {"Tue, 24 Nov 2026 13:00:00 GMT", 1 * HOUR, ahead},
	    {"Sun, 22 Nov 2026 13:00:00 GMT", 1 * HOUR, behind},
	    {"Sunday, 22-Nov-26 13:00:00 GMT", 1 * HOUR, behind},
	    {"Mon, 23 Nov 2026 13:00:00 GMT", 60 * SECOND, ahead},
	    {"Mon, 23 Nov 2026 13:00:00 GMT", 25 * HOUR, behind},
	    {"Mon, 23 Nov 2026 13:00:00 GMT", 1 * HOUR, "garbage"},
	    {"Mon, 23 Nov 2026 13:00:00 GMT", 7 * DAY, "Thu, 01 Jan 1970 00:00:00 GMT"},
	    {"120", 120 * SECOND, ahead},
	    {NULL, 0, ahead},
	    {"soon", 0, behind},
	    {NULL, 0, NULL},
	    {"", 0, NULL},
	    {"120", 120 * SECOND, NULL},
	    {" 120 ", 120 * SECOND, NULL},
	    {"0", 60 * SECOND, NULL},
	    {"59", 60 * SECOND, NULL},
	    {"604800", 7 * DAY, NULL},
	    {"604801", 7 * DAY, NULL},
	    {"99999999999999999999999999", 7 * DAY, NULL},
	    {"-1", 0, NULL},
	    {"120abc", 0, NULL},
	    {"1.5", 0, NULL},
	    {"soon", 0, NULL},
	    {"Mon, 23 Nov 2026 13:00:00 GMT", 1 * HOUR, NULL},
	    {"Monday, 23-Nov-26 13:00:00 GMT", 1 * HOUR, NULL},
	    {"Mon Nov 23 13:00:00 2026", 1 * HOUR, NULL},
	    {"Mon, 23 Nov 2026 11:00:00 GMT", 60 * SECOND, NULL},
	    {"Fri, 31 Dec 9999 23:59:59 GMT", 7 * DAY, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t got = schedule_retry_after_ms(cases[i].value, cases[i].date, NOON);

		if (got != cases[i].want)
			print_error("Retry-After: %s\nDate: %s\n", cases[i].value, cases[i].date);
		assert_int_equal(got, cases[i].want);
	}
}

/* R27 to R34. */
static void test_fresh(void **state)
{
	static const char noon[] = "Mon, 23 Nov 2026 12:00:00 GMT", one[] = "Mon, 23 Nov 2026 13:00:00 GMT";
	const struct {
		const char *cache_control, *age, *expires, *date;
		int64_t want;
	} cases[] = {
	    {NULL, NULL, NULL, NULL, 0},
	    {"max-age=600", NULL, NULL, NULL, 600 * SECOND},
	    {"max-age=600", "100", NULL, NULL, 500 * SECOND},
	    {"max-age=600", "700", NULL, NULL, 0},
	    {"max-age=600", "-5", NULL, NULL, 600 * SECOND},
	    {"max-age=31536000", "700000", NULL, NULL, 24 * HOUR}, /* R27: Age is subtracted first, then R34 cuts */
	    {"max-age=31536000", "31535000", NULL, NULL, 1000 * SECOND},
	    {"max-age=700000", "697000", NULL, NULL, 3000 * SECOND},
	    {"max-age=31536000", "99999999999999999999", NULL, NULL, 0},
	    {"max-age=99999999999999999999", "700000", NULL, NULL, 24 * HOUR},
	    {"max-age=99999999999999999999", "99999999999999999999", NULL, NULL, 0},
	    {"MAX-AGE=600", NULL, NULL, NULL, 600 * SECOND},
	    {"public, max-age=\"600\" , must-revalidate", NULL, NULL, NULL, 600 * SECOND},
	    {"max-age=60, max-age=600", NULL, NULL, NULL, 600 * SECOND},
	    {"max-age=600", NULL, one, noon, 600 * SECOND}, /* R28 */
	    {"max-age=0", NULL, one, noon, 0},
	    {"s-maxage=600", NULL, NULL, NULL, 0},     /* R28 */
	    {"max-age=-1", NULL, one, noon, 1 * HOUR}, /* R31 */
	    {"max-age=1e9", NULL, NULL, NULL, 0},
	    {"max-age=99999999999999999999", NULL, NULL, NULL, 24 * HOUR}, /* R34 */
	    {"max-age=31536000, immutable", NULL, NULL, NULL, 24 * HOUR},
	    {"max-age", NULL, NULL, NULL, 0},
	    {"max-age=", NULL, NULL, NULL, 0},
	    {"=, ,,\"max-age=5, x", NULL, NULL, NULL, 0},
	    {"no-cache, max-age=600", NULL, one, noon, 0}, /* R30 */
	    {"no-store", NULL, one, noon, 0},
	    {"NO-CACHE , max-age=600", NULL, NULL, NULL, 0},
	    {"no-cache=\"Set-Cookie\", max-age=600", NULL, NULL, NULL, 600 * SECOND}, /* R30; RFC 9111 5.2.2.4 */
	    {"max-age=600, No-Cache=\"set-cookie, x\"", NULL, NULL, NULL, 600 * SECOND},
	    {"no-cache=Set-Cookie, max-age=600", NULL, NULL, NULL, 600 * SECOND},
	    {"no-cache=\"Set-Cookie\"", NULL, one, noon, 1 * HOUR},
	    {"no-cache=\"Set-Cookie\", no-cache, max-age=600", NULL, NULL, NULL, 0},
	    {"no-cache=\"no-store\", max-age=600", NULL, NULL, NULL, 600 * SECOND},
	    {"stale-while-revalidate=600, stale-if-error=600", NULL, NULL, NULL, 0}, /* R32 */
	    {NULL, NULL, one, noon, 1 * HOUR},                                       /* R29 */
	    {NULL, NULL, one, NULL, 1 * HOUR},
	    {NULL, NULL, one, "garbage", 1 * HOUR},
	    {NULL, NULL, noon, noon, 0},
	    {NULL, NULL, noon, one, 0},
	    {NULL, NULL, "0", noon, 0},
	    {NULL, NULL, "-1", noon, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t got =
		    schedule_fresh_ms(cases[i].cache_control, cases[i].age, cases[i].expires, cases[i].date, NOON);

		if (got != cases[i].want)
			print_error("Cache-Control: %s\n", cases[i].cache_control);
		assert_int_equal(got, cases[i].want);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_outcome),  cmocka_unit_test(test_failures_in_a_row),
	    cmocka_unit_test(test_bounds),         cmocka_unit_test(test_429_is_not_shortened),
	    cmocka_unit_test(test_retry_after),    cmocka_unit_test(test_hints),
	    cmocka_unit_test(test_jitter),         cmocka_unit_test(test_skip_windows),
	    cmocka_unit_test(test_from_the_later), cmocka_unit_test(test_retry_after_header),
	    cmocka_unit_test(test_fresh),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
