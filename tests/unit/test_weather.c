/* Is it the source, or is it us: polling.md R50 and R67, with a clock of the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "syndicated/schedule.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

static int64_t now;

static int make_weather(void **state)
{
	*state = weather_new();
	now = 1000000;
	return 0;
}

static int drop_weather(void **state)
{
	weather_free(*state);
	return 0;
}

/* Source n, at a host of its own. */
static enum weather_verdict saw(struct weather *w, int n, enum poll_outcome outcome, bool was_well, const char *final_group)
{
	char group[64];
	const struct weather_sight s = {.source_id = n, .group = group, .final_group = final_group ? final_group : group, .known_group = group,
	                                .outcome = outcome, .was_well = was_well};

	(void)snprintf(group, sizeof(group), "host%d.com", n);
	now += SECOND;
	return weather_saw(w, &s, now);
}

static int64_t wait_for(struct weather *w)
{
	bool probe;

	return weather_wait(w, now, &probe);
}

/* R67: five different host groups, nothing else. */
static void test_offline(void **state)
{
	static const enum poll_outcome kinds[] = {POLL_CONNECT, POLL_DNS_TEMPORARY, POLL_DNS_PERMANENT, POLL_CONNECT, POLL_DNS_TEMPORARY};
	struct weather *w = *state;
	int64_t wronged[WEATHER_WRONGED];

	for (int i = 0; i < 4; i++) {
		assert_int_equal(saw(w, i, kinds[i], true, NULL), WEATHER_COUNTS);
		assert_int_equal(saw(w, i, kinds[i], false, NULL), WEATHER_COUNTS); /* the same host is no other */
	}
	assert_null(weather_trouble(w));
	assert_int_equal(weather_take_wronged(w, wronged, WEATHER_WRONGED), 0);
	assert_int_equal(saw(w, 4, kinds[4], true, NULL), WEATHER_UNCOUNTED);
	assert_non_null(weather_trouble(w));
	assert_int_equal(weather_take_wronged(w, wronged, WEATHER_WRONGED), 5);
	assert_int_equal(wronged[0], 0);
	assert_int_equal(weather_take_wronged(w, wronged, WEATHER_WRONGED), 0);
	assert_int_equal(saw(w, 9, POLL_CONNECT, false, NULL), WEATHER_UNCOUNTED); /* also who failed before */
	assert_int_equal(saw(w, 9, POLL_STALL, true, NULL), WEATHER_UNCOUNTED);
}

/* R67: one probe at 15 s, 30 s .. 5 min; what was in flight does not make it wait longer; the first answer ends it. */
static void test_probes(void **state)
{
	static const int64_t waits[] = {30, 60, 120, 240, 300, 300};
	struct weather *w = *state;
	bool probe;

	for (int i = 0; i < 5; i++)
		(void)saw(w, i, POLL_CONNECT, true, NULL);
	assert_int_equal(wait_for(w), 15 * SECOND);
	(void)saw(w, 5, POLL_CONNECT, true, NULL);
	assert_int_equal(wait_for(w), 14 * SECOND);
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		now += wait_for(w);
		assert_int_equal(weather_wait(w, now, &probe), 0);
		assert_true(probe);
		assert_int_equal(saw(w, 10 + (int)i, POLL_CONNECT, true, NULL), WEATHER_UNCOUNTED);
		assert_int_equal(wait_for(w), waits[i] * SECOND);
	}
	assert_int_equal(saw(w, 2, POLL_SERVER_ERROR, true, NULL), WEATHER_COUNTS); /* a server that fails is there */
	assert_null(weather_trouble(w));
	assert_int_equal(weather_wait(w, now, &probe), 0);
	assert_false(probe);
}

/* Not offline: somebody answers in between; they failed before; they are not reached for another reason. */
static void test_not_offline(void **state)
{
	struct weather *w = *state;

	for (int i = 0; i < 40; i++) {
		assert_int_equal(saw(w, i, POLL_CONNECT, true, NULL), WEATHER_COUNTS);
		if (i % 4 == 3)
			assert_int_equal(saw(w, 1000, POLL_NOT_MODIFIED, true, NULL), WEATHER_COUNTS);
	}
	for (int i = 0; i < 40; i++)
		assert_int_equal(saw(w, i, POLL_CONNECT, false, NULL), WEATHER_COUNTS);
	for (int i = 0; i < 40; i++)
		assert_int_equal(saw(w, i, i % 2 ? POLL_BLOCKED : POLL_STALL, true, NULL), WEATHER_COUNTS);
	assert_null(weather_trouble(w));
}

/* Five new sources that are dead do not stop the living twice. */
static void test_dead_sources_are_found_out(void **state)
{
	struct weather *w = *state;

	for (int i = 0; i < 5; i++)
		(void)saw(w, i, POLL_DNS_PERMANENT, true, NULL);
	assert_non_null(weather_trouble(w));
	(void)saw(w, 77, POLL_OK, true, NULL);
	assert_null(weather_trouble(w));
	for (int i = 0; i < 5; i++)
		assert_int_equal(saw(w, i, POLL_DNS_PERMANENT, true, NULL), WEATHER_COUNTS);
	assert_null(weather_trouble(w));
	/* Once they were well they are believed again. */
	for (int i = 0; i < 5; i++)
		(void)saw(w, i, POLL_OK, false, NULL);
	for (int i = 0; i < 5; i++)
		(void)saw(w, i, POLL_CONNECT, true, NULL);
	assert_non_null(weather_trouble(w));
}

/* R50, T16: a portal takes all requests, and it has no feed. */
static void test_captive(void **state)
{
	struct weather *w = *state;
	const char portal[] = "portal.example";
	int64_t wronged[WEATHER_WRONGED];

	for (int i = 0; i < 100; i++)
		assert_int_equal(saw(w, i, POLL_NOT_MODIFIED, true, NULL), WEATHER_COUNTS);
	for (int i = 0; i < 20; i++)
		assert_int_equal(saw(w, i, i % 2 ? POLL_FORBIDDEN : POLL_NOT_A_FEED, true, portal), WEATHER_COUNTS); /* 20 of 100 */
	assert_int_equal(saw(w, 20, POLL_NOT_A_FEED, true, portal), WEATHER_UNCOUNTED);
	assert_non_null(weather_trouble(w));
	assert_int_equal(weather_take_wronged(w, wronged, WEATHER_WRONGED), 21);
	assert_int_equal(saw(w, 21, POLL_CLIENT_ERROR, true, portal), WEATHER_UNCOUNTED);
	for (int i = 30; i < 40; i++) { /* long enough for the first ones to leave the window */
		now += 5 * MINUTE;
		assert_int_equal(saw(w, i, POLL_NOT_A_FEED, true, portal), WEATHER_UNCOUNTED);
		assert_true(wait_for(w) > 0);
	}
	assert_int_equal(saw(w, 22, POLL_OK, true, NULL), WEATHER_COUNTS);
	assert_null(weather_trouble(w));
}

/* Hosts that never answered may not be there at all, unless nobody has answered yet. */
static void test_new_hosts(void **state)
{
	struct weather_sight s = {.outcome = POLL_CONNECT, .was_well = true};
	struct weather *w = *state;
	char group[64];

	s.group = group;
	for (int answered = 1; answered >= 0; answered--) {
		if (answered)
			assert_int_equal(saw(w, 0, POLL_MISSING, true, NULL), WEATHER_COUNTS);
		for (int i = 0; i < 20; i++) {
			(void)snprintf(group, sizeof(group), "new%d.com", i);
			now += SECOND;
			(void)weather_saw(w, &s, now);
		}
		assert_int_equal(weather_trouble(w) == NULL, answered);
		weather_free(w);
		*state = w = weather_new();
	}
}

static void test_not_captive(void **state)
{
	struct weather *w = *state;
	const char elsewhere[] = "new.example";
	struct weather_sight s = {.source_id = 1, .group = "host1.com", .final_group = elsewhere, .outcome = POLL_NOT_A_FEED};

	for (int i = 0; i < 2; i++) /* of two sources both: no portal */
		assert_int_equal(saw(w, i, POLL_NOT_A_FEED, true, elsewhere), WEATHER_COUNTS);
	now += 11 * MINUTE; /* the window is ten minutes */
	assert_int_equal(saw(w, 3, POLL_NOT_A_FEED, true, elsewhere), WEATHER_COUNTS);
	for (int i = 0; i < 50; i++) /* a service has moved, and its feeds are there */
		assert_int_equal(saw(w, i, POLL_OK, true, elsewhere), WEATHER_COUNTS);
	for (int i = 0; i < 50; i++) /* an import of many that live at one place */
		assert_int_equal(weather_saw(w, &s, now), WEATHER_COUNTS);
	s.known_group = "new.example"; /* it always led there */
	for (int i = 0; i < 50; i++)
		assert_int_equal(weather_saw(w, &s, now), WEATHER_COUNTS);
	for (int i = 10; i < 60; i++) { /* each to a place of its own, or within its own domain */
		char target[64];

		(void)snprintf(target, sizeof(target), i % 2 ? "host%d.com" : "other%d.com", i);
		assert_int_equal(saw(w, i, POLL_MISSING, true, target), WEATHER_COUNTS);
	}
	assert_null(weather_trouble(w));
}

/* Many hosts that redirect to one that is dead are one dead host; they answered themselves. */
static void test_many_lead_to_a_dead_one(void **state)
{
	struct weather *w = *state;

	for (int i = 0; i < 50; i++)
		assert_int_equal(saw(w, i, POLL_CONNECT, true, "hub.example"), WEATHER_COUNTS);
	assert_null(weather_trouble(w));
	for (int i = 0; i < 3; i++)
		assert_int_equal(saw(w, i, POLL_CONNECT, true, NULL), WEATHER_COUNTS);
	assert_int_equal(saw(w, 3, POLL_CONNECT, true, NULL), WEATHER_UNCOUNTED); /* the fifth host */
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, make_weather, drop_weather)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ROW(test_offline), ROW(test_new_hosts), ROW(test_probes), ROW(test_not_offline), ROW(test_dead_sources_are_found_out),
		ROW(test_captive), ROW(test_not_captive), ROW(test_many_lead_to_a_dead_one),
	};

	return cmocka_run_group_tests_name("weather", tests, NULL, NULL);
}
