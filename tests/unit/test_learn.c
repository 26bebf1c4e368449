/* What the schedule learns of a source, and how long it then waits: polling.md sections 2c, 2e and 3.2. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "syndicated/base/limits.h"
#include "syndicated/model/time.h"
#include "syndicated/schedule.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NOON   ((int64_t)1795435200 * SECOND) /* Monday 2026-11-23 12:00:00 GMT */

static const struct schedule_policy open_wide = {.min_ms = 1 * SECOND, .max_ms = 30 * DAY};
static const struct schedule_policy usual = {.min_ms = 15 * MINUTE, .max_ms = 24 * HOUR};

enum { DATES = 2000 };

/* A source that was first seen at now and shows n items, one every gap, the last one half a gap ago. */
static struct schedule_learned steady(int64_t now, int64_t gap, size_t n)
{
	struct schedule_learned l = {0};
	int64_t dates[DATES];
	struct schedule_poll p = {.outcome = POLL_OK, .started_ms = now, .ended_ms = now, .has_validators = true,
				  .new_items = n, .item_ms = dates};

	for (size_t i = 0; i < n; i++)
		dates[i] = now - gap / 2 - (int64_t)i * gap;
	schedule_learn(&l, &p);
	return l;
}

static int64_t wait_of(const struct schedule_policy *policy, const struct schedule_learned *l, int64_t now)
{
	const char *reason;

	return schedule_interval_ms(policy, l, now, &reason);
}

static void poll_again(struct schedule_learned *l, int64_t now, const int64_t *dates, size_t n)
{
	struct schedule_poll p = {.outcome = n ? POLL_OK : POLL_NOT_MODIFIED, .started_ms = now, .ended_ms = now,
				  .has_validators = true, .was_conditional = true, .new_items = n, .item_ms = dates};

	schedule_learn(l, &p);
}

/* At a steady rate the wait is sqrt(2 * price / rate): doc/schedule.md, 0.05 hours a poll. */
static void test_steady_rates(void **state)
{
	static const struct {
		int64_t gap;
		size_t n;
		int64_t least, most;
	} cases[] = {
	    {5 * MINUTE, DATES, 5 * MINUTE, 7 * MINUTE},
	    {61 * MINUTE, 1500, 18 * MINUTE, 21 * MINUTE},
	    {6 * HOUR + 7 * MINUTE, 300, 43 * MINUTE, 52 * MINUTE},
	    {25 * HOUR, 100, 85 * MINUTE, 110 * MINUTE},
	    {7 * DAY, 50, 4 * HOUR, 6 * HOUR},
	    {30 * DAY, 50, 7 * HOUR, 12 * HOUR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct schedule_learned l = steady(NOON, cases[i].gap, cases[i].n);

		assert_in_range(wait_of(&open_wide, &l, NOON), cases[i].least, cases[i].most);
	}
}

/* A new source without dates is looked at some times a day; one that was silent for years at least twice. */
static void test_nothing_to_go_by(void **state)
{
	struct schedule_learned unknown = {0}, silent = {0};
	const char *reason;

	(void)state;
	assert_int_equal(schedule_interval_ms(&usual, &unknown, NOON, &reason), usual.min_ms);
	assert_string_equal(reason, "poll.min");
	assert_true(schedule_rate(&unknown, NOON) == 0);
	poll_again(&unknown, NOON, NULL, 5);
	assert_in_range(wait_of(&usual, &unknown, NOON), 5 * HOUR, 8 * HOUR);
	poll_again(&silent, NOON - 3 * 365 * DAY, NULL, 1);
	for (int64_t day = 3 * 365; day >= 0; day -= 30)
		poll_again(&silent, NOON - day * DAY, NULL, 0);
	assert_in_range(wait_of(&usual, &silent, NOON), 12 * HOUR, 20 * HOUR);
}

/* More items, a cheaper poll, a lighter answer: never later. The bounds of the operator hold, and are named. */
static void test_monotone(void **state)
{
	(void)state;
	for (int64_t start = NOON; start < NOON + DAY; start += 97 * MINUTE) {
		int64_t before = INT64_MAX;

		for (size_t n = 1; n <= 512; n *= 2) {
			struct schedule_learned l = steady(start, 14 * DAY / (int64_t)n, n);
			int64_t wait = wait_of(&open_wide, &l, start), light = wait;

			assert_true(wait <= before);
			before = wait;
			for (int kib = 1; kib < 2000; kib *= 3) {
				int64_t heavy;

				l.wire_bytes = kib * 1024.0;
				heavy = wait_of(&open_wide, &l, start);
				assert_true(heavy >= light);
				light = heavy;
			}
			l.wire_bytes = 0;
			for (double price = 0.001, last = 0; price < 100; price *= 3) {
				struct schedule_policy p = open_wide;
				double got;

				p.poll_price_h = price;
				got = (double)wait_of(&p, &l, start);
				assert_true(got >= last);
				last = got;
			}
		}
	}
}

static void test_bounds_are_named(void **state)
{
	struct schedule_learned busy = steady(NOON, MINUTE, DATES), slow = steady(NOON, 60 * DAY, 5), middling = steady(NOON, DAY, 50);
	struct schedule_policy short_max = {.min_ms = MINUTE, .max_ms = HOUR};
	const char *reason;

	(void)state;
	assert_int_equal(schedule_interval_ms(&usual, &busy, NOON, &reason), usual.min_ms);
	assert_string_equal(reason, "poll.min");
	assert_int_equal(schedule_interval_ms(&short_max, &slow, NOON, &reason), short_max.max_ms);
	assert_string_equal(reason, "poll.max");
	(void)schedule_interval_ms(&usual, &middling, NOON, &reason);
	assert_string_equal(reason, "rate");
}

/* The cost of a poll in bytes, polling.md T36: 304s are nearly free, 200 KiB every time is 3.7 times as rare. */
static void test_weight(void **state)
{
	struct schedule_learned light = steady(NOON, DAY, 50), heavy = light;
	double ratio;

	(void)state;
	for (int i = 1; i <= 40; i++) {
		struct schedule_poll p = {.outcome = POLL_UNCHANGED, .ended_ms = NOON, .has_validators = true, .was_conditional = true,
					  .wire_bytes = 500};

		schedule_learn(&light, &p);
		p.wire_bytes = 200 * 1024;
		schedule_learn(&heavy, &p);
	}
	ratio = (double)wait_of(&open_wide, &heavy, NOON) / (double)wait_of(&open_wide, &light, NOON);
	assert_true(ratio > 2.8 && ratio < 3.9);
}

/* The first answer is whole, whatever the later ones will be; without validators they will be whole, too. */
static void test_first_answer_has_no_weight(void **state)
{
	struct schedule_poll p = {.outcome = POLL_OK, .ended_ms = NOON, .has_validators = true, .wire_bytes = 300000};
	struct schedule_learned offers = {0}, offers_none = {0};

	(void)state;
	schedule_learn(&offers, &p);
	p.has_validators = false;
	schedule_learn(&offers_none, &p);
	assert_true(offers.wire_bytes == 0 && offers_none.wire_bytes == 300000);
	assert_true(offers.offers_validators && !offers_none.offers_validators);
}

/* A source that publishes from 8 to 10 GMT: in the evening there is time, in the morning there is none. */
static void test_hours_of_the_day(void **state)
{
	struct schedule_learned l = {0};
	int64_t dates[400], midnight = NOON - 12 * HOUR, evening, morning;
	struct schedule_poll p = {.outcome = POLL_OK, .ended_ms = midnight, .has_validators = true, .new_items = 400, .item_ms = dates};

	(void)state;
	for (int i = 0; i < 400; i++)
		dates[i] = midnight - (i / 4 + 1) * DAY + 8 * HOUR + (i % 4) * 30 * MINUTE;
	schedule_learn(&l, &p);
	evening = wait_of(&open_wide, &l, midnight - 2 * HOUR);
	morning = wait_of(&open_wide, &l, midnight + 8 * HOUR);
	assert_true(evening > 3 * morning && morning < 30 * MINUTE);
	assert_true(schedule_rate(&l, midnight + 9 * HOUR) > 10 * schedule_rate(&l, midnight + 20 * HOUR));
}

/* An item just now makes more of them likely: the burst, which is over after two days. */
static void test_burst(void **state)
{
	struct schedule_learned l = steady(NOON, DAY, 50);
	int64_t calm = wait_of(&open_wide, &l, NOON), dates[] = {NOON - MINUTE, NOON - 2 * MINUTE, NOON - 3 * MINUTE};

	(void)state;
	poll_again(&l, NOON, dates, 3);
	assert_true(wait_of(&open_wide, &l, NOON) < calm * 7 / 10);
	assert_true(wait_of(&open_wide, &l, NOON + 2 * DAY) > calm * 8 / 10);
}

/* Section 3.2: dates are clamped to the time since the last poll; without one an item counts in the middle. */
static void test_dates_of_news(void **state)
{
	static const struct {
		int64_t said, counts_as;
	} cases[] = {
	    {NOON - 30 * MINUTE, NOON - 30 * MINUTE}, {NOON + 365 * DAY, NOON}, {0, NOON - 2 * HOUR},     {-5 * DAY, NOON - 2 * HOUR},
	    {TIME_UNKNOWN, NOON - HOUR},              {INT64_MAX, NOON},        {TIME_UNKNOWN + 1, NOON - 2 * HOUR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct schedule_learned a = steady(NOON - 2 * HOUR, DAY, 20), b = a;

		poll_again(&a, NOON, &cases[i].said, 1);
		poll_again(&b, NOON, &cases[i].counts_as, 1);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

/* The first window is taken as it is dated; what is dated in the future or before 1970 is left out. */
static void test_first_window(void **state)
{
	const int64_t good[] = {NOON - DAY, NOON - 9 * DAY}, mixed[] = {NOON + HOUR, NOON - DAY, TIME_UNKNOWN, -1, NOON - 9 * DAY, INT64_MAX};
	struct schedule_learned a = {0}, b = {0};

	(void)state;
	poll_again(&a, NOON, good, 2);
	poll_again(&b, NOON, mixed, 6);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(a.exposure_days > 7 && a.exposure_days < 9);
}

/* T31: a clock that jumps makes a poll neither endless nor at once, and what was learned stays a number. */
static void test_clock_jumps(void **state)
{
	static const int64_t jumps[] = {-365 * DAY, 365 * DAY, -40 * 365 * DAY, 4000 * 365 * DAY, -1, 1, HOUR, -HOUR};

	(void)state;
	for (size_t i = 0; i < sizeof(jumps) / sizeof(*jumps); i++) {
		struct schedule_learned l = steady(NOON, HOUR, 200);
		int64_t now = NOON + jumps[i];

		assert_in_range(wait_of(&usual, &l, now), usual.min_ms, usual.max_ms);
		poll_again(&l, now, &now, 1);
		assert_in_range(wait_of(&usual, &l, now), usual.min_ms, usual.max_ms);
		assert_true(isfinite(schedule_rate(&l, now)) && schedule_rate(&l, now) > 0);
		poll_again(&l, NOON, NULL, 0);
		assert_in_range(wait_of(&usual, &l, NOON), usual.min_ms, usual.max_ms);
	}
}

/* R69: what was learned by a clock that was set goes along with it. */
static void test_shift(void **state)
{
	struct schedule_learned l = steady(NOON, HOUR, 200), nothing = {0};
	double rate = schedule_rate(&l, NOON + DAY);

	(void)state;
	schedule_learned_shift(&l, 365 * DAY);
	assert_true(schedule_rate(&l, NOON + 366 * DAY) == rate);
	schedule_learned_shift(&l, -365 * DAY);
	assert_true(l.at_ms == NOON && schedule_rate(&l, NOON + DAY) == rate);
	schedule_learned_shift(&l, -100 * 365 * DAY);
	assert_true(l.at_ms == 1); /* something is known */
	schedule_learned_shift(&nothing, DAY);
	assert_true(nothing.at_ms == 0);
}

static void test_stored_form(void **state)
{
	struct schedule_learned l = steady(NOON, HOUR, 200), back;
	unsigned char a[SCHEDULE_LEARNED_BYTES], b[SCHEDULE_LEARNED_BYTES];

	(void)state;
	l.ttl_ms = 3 * HOUR;
	l.skip_hours = 0x00ffffff;
	l.skip_days = 0x7f;
	l.wire_bytes = 12345;
	schedule_learned_encode(&l, a);
	assert_true(schedule_learned_decode(a, sizeof(a), &back));
	schedule_learned_encode(&back, b);
	assert_memory_equal(a, b, sizeof(a));
	assert_true(back.at_ms == l.at_ms && back.ttl_ms == l.ttl_ms && back.skip_hours == l.skip_hours && back.skip_days == l.skip_days);
	assert_true(back.offers_validators && fabs(back.items / l.items - 1) < 1e-6);
	assert_in_range(wait_of(&usual, &back, NOON), wait_of(&usual, &l, NOON) - SECOND, wait_of(&usual, &l, NOON) + SECOND);
	assert_true(SCHEDULE_LEARNED_BYTES <= LIMIT_LEARNED_BYTES);
}

/* What is not ours is as if nothing was known; what passes for ours by chance still gives a wait within bounds. */
static void test_garbage(void **state)
{
	struct schedule_learned l = steady(NOON, HOUR, 200), back;
	const struct schedule_learned nothing = {0};
	unsigned char good[SCHEDULE_LEARNED_BYTES], bad[SCHEDULE_LEARNED_BYTES + 1] = {0};
	uint64_t random = 42;

	(void)state;
	schedule_learned_encode(&l, good);
	assert_false(schedule_learned_decode(NULL, 0, &back));
	for (size_t len = 0; len <= sizeof(bad); len++)
		assert_true(!schedule_learned_decode(memcpy(bad, good, sizeof(good)), len, &back) || len == sizeof(good));
	for (size_t bit = 0; bit < 8 * sizeof(good); bit++) {
		memcpy(bad, good, sizeof(good));
		bad[bit / 8] ^= (unsigned char)(1u << (bit % 8));
		assert_false(schedule_learned_decode(bad, sizeof(good), &back));
		assert_memory_equal(&back, &nothing, sizeof(nothing));
	}
	for (int i = 0; i < 20000; i++) {
		for (size_t k = 0; k < sizeof(good); k++) {
			random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
			bad[k] = k == 0 ? good[0] : (unsigned char)(random >> 56);
		}
		(void)schedule_learned_decode(bad, sizeof(good), &back);
		assert_in_range(wait_of(&usual, &back, NOON), usual.min_ms, usual.max_ms);
	}
}

static struct schedule_decision after(struct schedule_state *s, const struct schedule_policy *policy, struct schedule_poll p)
{
	p.started_ms = p.ended_ms = s->learned.at_ms ? s->learned.at_ms + MINUTE : NOON;
	return schedule_next(policy, s, &p, 0);
}

/* R35, R36, R38, R39: what the document said holds over 304s and failures, until a document says something else. */
static void test_hints_hold(void **state)
{
	const struct schedule_poll told = {.outcome = POLL_OK, .has_document = true, .ttl_ms = 10 * HOUR, .has_validators = true},
				   quiet = {.outcome = POLL_OK, .has_document = true, .has_validators = true},
				   same = {.outcome = POLL_NOT_MODIFIED, .has_validators = true},
				   broken = {.outcome = POLL_SERVER_ERROR};
	struct schedule_policy ignores = usual;
	struct schedule_state s = {0};
	struct schedule_poll later = same;

	(void)state;
	ignores.ignores_hints = true;
	assert_string_equal(after(&s, &usual, told).reason, "ttl");
	assert_string_equal(after(&s, &usual, same).reason, "ttl");
	assert_string_equal(after(&s, &usual, broken).reason, "ttl");
	assert_int_equal(after(&s, &usual, same).interval_ms, 10 * HOUR);
	assert_true(after(&s, &ignores, same).interval_ms < 9 * HOUR);
	later.retry_after_ms = 2 * DAY;
	later.fresh_ms = 20 * HOUR;
	assert_string_equal(after(&s, &ignores, later).reason, "Retry-After");
	assert_string_equal(after(&s, &usual, quiet).reason, "rate");
	assert_string_equal(after(&s, &usual, same).reason, "rate");
}

static void test_skip_windows_hold(void **state)
{
	const struct schedule_poll told = {.outcome = POLL_OK, .has_document = true, .skip_days = 1u << 0, .has_validators = true},
				   same = {.outcome = POLL_NOT_MODIFIED, .has_validators = true};
	struct schedule_policy ignores = usual;
	struct schedule_state s = {0};

	(void)state;
	ignores.ignores_hints = true;
	(void)after(&s, &usual, told);
	assert_string_equal(after(&s, &usual, same).reason, "skipHours");
	assert_string_equal(after(&s, &ignores, same).reason, "rate");
}

/* Section 1: who never offers validators is asked once an hour, unless poll.min of this very source says otherwise. */
static void test_no_validators(void **state)
{
	const struct schedule_poll plain = {.outcome = POLL_OK, .has_document = true}, offers = {.outcome = POLL_OK, .has_validators = true};
	struct schedule_policy own = usual, quick = {.min_ms = SECOND, .max_ms = 5 * SECOND};
	struct schedule_state s = {.learned = steady(NOON, MINUTE, DATES)};

	(void)state;
	own.min_is_own = true;
	s.learned.offers_validators = false;
	assert_string_equal(after(&s, &usual, plain).reason, "no validators");
	assert_int_equal(after(&s, &usual, plain).interval_ms, HOUR);
	assert_int_equal(after(&s, &own, plain).interval_ms, usual.min_ms);
	assert_int_equal(after(&s, &quick, plain).interval_ms, quick.max_ms);
	assert_int_equal(after(&s, &usual, offers).interval_ms, usual.min_ms);
	assert_int_equal(after(&s, &usual, plain).interval_ms, usual.min_ms); /* it did once */
}

/* A failed poll teaches nothing. */
static void test_failures_teach_nothing(void **state)
{
	(void)state;
	for (int o = 0; o < POLL_OUTCOMES; o++) {
		struct schedule_state s = {.learned = steady(NOON, HOUR, 100)};
		struct schedule_learned before = s.learned;
		struct schedule_poll p = {.outcome = (enum poll_outcome)o, .ended_ms = NOON + HOUR, .wire_bytes = 5000, .has_document = true, .ttl_ms = DAY};

		(void)schedule_next(&usual, &s, &p, 0);
		assert_int_equal(memcmp(&before, &s.learned, sizeof(before)) == 0, !poll_outcome_is_success(p.outcome));
	}
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* A poll has about 100 us; its schedule takes 1 to 3 of them. Sanitizers make it ten times as slow, hence the bound. */
static void test_is_quick(void **state)
{
	struct schedule_state s = {.learned = steady(NOON, 60 * DAY, 5)};
	double least = INFINITY;

	(void)state;
	for (int round = 0; round < 3; round++) {
		double start = cpu_us();

		for (int i = 0; i < 1000; i++) {
			unsigned char bytes[SCHEDULE_LEARNED_BYTES];

			schedule_learned_encode(&s.learned, bytes);
			assert_true(schedule_learned_decode(bytes, sizeof(bytes), &s.learned));
			(void)after(&s, &open_wide, (struct schedule_poll){.outcome = POLL_NOT_MODIFIED, .has_validators = true});
		}
		least = fmin(least, (cpu_us() - start) / 1000);
	}
	print_message("a decision takes %.2f us\n", least);
	assert_true(least < 50);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_steady_rates),
	    cmocka_unit_test(test_nothing_to_go_by),
	    cmocka_unit_test(test_monotone),
	    cmocka_unit_test(test_bounds_are_named),
	    cmocka_unit_test(test_weight),
	    cmocka_unit_test(test_first_answer_has_no_weight),
	    cmocka_unit_test(test_hours_of_the_day),
	    cmocka_unit_test(test_burst),
	    cmocka_unit_test(test_dates_of_news),
	    cmocka_unit_test(test_first_window),
	    cmocka_unit_test(test_clock_jumps),
	    cmocka_unit_test(test_shift), cmocka_unit_test(test_stored_form),
	    cmocka_unit_test(test_garbage),
	    cmocka_unit_test(test_hints_hold),
	    cmocka_unit_test(test_skip_windows_hold),
	    cmocka_unit_test(test_no_validators),
	    cmocka_unit_test(test_failures_teach_nothing),
	    cmocka_unit_test(test_is_quick),
	};

	return cmocka_run_group_tests_name("learn", tests, NULL, NULL);
}
