/* Who may be asked now: polling.md R43, R44, R76 to R78. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/schedule.h"

/* R76: whether two URLs share one limit. */
static void test_groups(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
	    {"https://a.example.com/1", "https://b.example.com/2", true},
	    {"https://a.example.com/1", "http://EXAMPLE.com:8080", true},
	    {"https://a.example.com./1", "https://user:p@w@example.com/", true},
	    {"https://a.example.co.uk/", "https://a.other.co.uk/", false},
	    {"https://a.tumblr.com/rss", "https://b.tumblr.com/rss", true},
	    {"https://a.example.com/", "https://a.example.org/", false},
	    {"http://127.0.0.1:8001/", "http://127.0.0.1:8002/", false},
	    {"http://127.0.0.1:8001/a", "http://127.0.0.1:8001/b", true},
	    {"http://127.0.0.1/", "http://127.0.0.1:80/", true},
	    {"https://127.0.0.1/", "http://127.0.0.1:443/", true},
	    {"http://10.0.0.1/", "http://11.0.0.1/", false},
	    {"http://[::1]:8001/", "http://[::1]:8002/", false},
	    {"http://[::1]/", "http://[::1]:80/?x", true},
	    {"http://2130706433/", "http://2130706433:81/", false},
	    {"http://localhost:1/", "http://localhost:2/", false},
	    {"http://a.internal/", "http://b.internal/", false},
	    {"http://wiki.lan:1/", "http://wiki.lan:2/", false},
	    {"https://example.com/?u=http://example.org/", "https://example.com/", true},
	};

	struct host_rules *rules = host_rules_new(1, 0, NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char a[HOST_NAME_BYTES], b[HOST_NAME_BYTES];

		host_rules_name(rules, cases[i].a, a);
		host_rules_name(rules, cases[i].b, b);
		if ((strcmp(a, b) == 0) != cases[i].same)
			print_error("%s and %s\n", cases[i].a, cases[i].b);
		assert_int_equal(strcmp(a, b) == 0, cases[i].same);
	}
	host_rules_free(rules);
}

/* Section 8 and R76: what is known of a host, what the configuration says of it, and hosts of a domain that is split. */
static void test_rules(void **state)
{
	static const struct host_spec specs[] = {
	    {.name = (char *)(uintptr_t)"farm.example", .gap_ms = 500, .concurrent = -1, .split = true},
	    {.name = (char *)(uintptr_t)"127.0.0.1", .gap_ms = -1, .concurrent = 4, .limits = HOST_LIMITS_OF_HOST},
	    {.name = (char *)(uintptr_t)"127.0.0.1:81", .gap_ms = 7, .concurrent = 5},
	    {.name = (char *)(uintptr_t)"shared.example", .gap_ms = -1, .concurrent = -1, .limits = HOST_LIMITS_OF_SOURCE},
	};
	static const struct {
		const char *url, *group;
		int64_t concurrent, gap_ms;
		enum host_limits limits;
	} cases[] = {
	    {"https://www.reddit.com/r/x/.rss", "reddit.com", 1, 65000, HOST_LIMITS_OF_HOST},
	    {"https://old.reddit.com/", "reddit.com", 1, 65000, HOST_LIMITS_OF_HOST},
	    {"https://blog.example.org/", "example.org", 2, 2000, HOST_LIMITS_OF_HOST},
	    {"https://a.farm.example/", "a.farm.example", 2, 500, HOST_LIMITS_OF_HOST},
	    {"https://b.a.farm.example:8443/", "b.a.farm.example", 2, 500, HOST_LIMITS_OF_HOST},
	    {"https://farm.example/", "farm.example", 2, 500, HOST_LIMITS_OF_HOST},
	    {"http://127.0.0.1:80/", "127.0.0.1:80", 4, 2000, HOST_LIMITS_OF_HOST},
	    {"http://127.0.0.1:81/", "127.0.0.1:81", 5, 7, HOST_LIMITS_OF_SOURCE},
	    {"http://127.0.0.2:81/", "127.0.0.2:81", 2, 2000, HOST_LIMITS_OF_SOURCE},
	    {"http://[::1]:81/", "[::1]:81", 2, 2000, HOST_LIMITS_OF_SOURCE},
	    {"https://shared.example/", "shared.example", 2, 2000, HOST_LIMITS_OF_SOURCE},
	};
	struct host_rules *rules = host_rules_new(2, 2000, specs, sizeof(specs) / sizeof(*specs));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char name[HOST_NAME_BYTES];
		struct host_rule rule;

		host_rules_name(rules, cases[i].url, name);
		rule = host_rules_get(rules, name);
		assert_string_equal(name, cases[i].group);
		assert_int_equal(rule.concurrent, cases[i].concurrent);
		assert_int_equal(rule.gap_ms, cases[i].gap_ms);
		assert_int_equal(rule.limits, cases[i].limits);
	}
	host_rules_free(rules);
}

/* The configuration stands above what we know of a host. */
static void test_known_host_is_overridden(void **state)
{
	static const struct host_spec spec = {.name = (char *)(uintptr_t)"reddit.com", .gap_ms = 30000, .concurrent = -1};
	static const struct host_spec two = {.name = (char *)(uintptr_t)"reddit.com", .gap_ms = -1, .concurrent = 2};
	struct host_rules *rules = host_rules_new(1, 2000, &spec, 1);

	(void)state;
	assert_int_equal(host_rules_get(rules, "reddit.com").gap_ms, 30000);
	host_rules_free(rules);
	rules = host_rules_new(4, 2000, &two, 1); /* what it does not say is still known */
	assert_int_equal(host_rules_get(rules, "reddit.com").gap_ms, 65000);
	assert_int_equal(host_rules_get(rules, "reddit.com").concurrent, 2);
	host_rules_free(rules);
}

/* R77: one in flight and a gap between the starts. */
static void test_gap_and_slots(void **state)
{
	struct host_rules *slow = host_rules_new(1, 2000, NULL, 0), *two = host_rules_new(2, 0, NULL, 0);
	struct pacing *p = pacing_new(slow);
	const char *group = "example.com";

	(void)state;
	assert_int_equal(pacing_try(p, group, NULL, 1000), 0);
	assert_int_equal(pacing_try(p, group, NULL, 1500), 1500);
	assert_true(pacing_try(p, group, NULL, 9000) > 0); /* past the gap, but the slot is taken */
	assert_int_equal(pacing_done(p, group, NULL, 9000).wait_ms, 0);
	assert_int_equal(pacing_try(p, group, NULL, 9000), 0);
	assert_int_equal(pacing_done(p, group, NULL, 9001).wait_ms, 1999);
	assert_int_equal(pacing_try(p, group, NULL, 9001), 1999);
	pacing_set_rules(p, two);
	assert_int_equal(pacing_try(p, group, NULL, 11000), 0);
	assert_int_equal(pacing_try(p, group, NULL, 11000), 0);
	assert_true(pacing_try(p, group, NULL, 11000) > 0);
	pacing_free(p);
	host_rules_free(slow);
	host_rules_free(two);
}

/* R52, R77: the next hop of a look to the same group is a start like others, in the slot that the look has. */
static void test_next_hop(void **state)
{
	struct host_rules *rules = host_rules_new(1, 2000, NULL, 0);
	struct pacing *p = pacing_new(rules);

	(void)state;
	assert_int_equal(pacing_try(p, "example.com", NULL, 9000), 0);
	assert_int_equal(pacing_go_on(p, "example.com", 9300), 1700);
	assert_int_equal(pacing_go_on(p, "example.com", 11000), 0);
	assert_true(pacing_try(p, "example.com", NULL, 13000) > 0); /* its slot is taken still */
	assert_int_equal(pacing_done(p, "example.com", NULL, 12000).wait_ms, 1000);
	assert_int_equal(pacing_try(p, "example.com", NULL, 13000), 0);
	pacing_free(p);
	host_rules_free(rules);
}

/* R43, R44: a pause holds back the whole group and no other; a shorter one does not end a longer one. */
static void test_pause(void **state)
{
	static const struct pacing_answer minute = {.pause_ms = 60000}, second = {.success = true, .pause_ms = 1000};
	struct host_rules *rules = host_rules_new(1, 0, NULL, 0);
	struct pacing *p = pacing_new(rules);

	(void)state;
	assert_int_equal(pacing_try(p, "example.com", NULL, 9000), 0);
	assert_int_equal(pacing_done(p, "example.com", &minute, 10000).wait_ms, 60000);
	assert_int_equal(pacing_try(p, "example.com", NULL, 10000), 60000);
	assert_int_equal(pacing_try(p, "example.org", NULL, 10000), 0);
	assert_int_equal(pacing_done(p, "example.com", &second, 11000).wait_ms, 59000);
	assert_int_equal(pacing_try(p, "example.com", NULL, 69999), 1);
	assert_int_equal(pacing_try(p, "example.com", NULL, 70000), 0);
	pacing_free(p);
	host_rules_free(rules);
}

/* R43: on a private host, where each path may be a server of its own, a complaint is the source's affair alone. */
static void test_private_host_is_not_held_back(void **state)
{
	static const struct pacing_answer complaint = {.limited = true, .pause_ms = 60000};
	struct host_rules *rules = host_rules_new(1, 100, NULL, 0);
	struct pacing *p = pacing_new(rules);
	struct pacing_after after;

	(void)state;
	assert_int_equal(pacing_try(p, "10.0.0.1:80", NULL, 0), 0);
	after = pacing_done(p, "10.0.0.1:80", &complaint, 100);
	assert_int_equal(after.wait_ms, 0);
	assert_int_equal(after.learned.gap_ms, 0);
	pacing_free(p);
	host_rules_free(rules);
}

/* One request that is answered so; what is learned goes through the caller, as through a restart. */
static int64_t ask(const struct host_rules *rules, struct pacing_learned *learned, const struct pacing_answer *answer, int64_t *now)
{
	struct pacing *p = pacing_new(rules);
	struct pacing_after after;

	assert_int_equal(pacing_try(p, "example.com", learned, *now), 0);
	after = pacing_done(p, "example.com", answer, *now);
	*learned = after.learned;
	*now += after.wait_ms;
	pacing_free(p);
	return after.wait_ms;
}

/* R78: 2, 5, 11, 23, 47, 95 s with complaints; back by a fifth after twenty good answers, not below the configured gap. */
static void test_gap_adapts(void **state)
{
	static const int64_t up[] = {5, 11, 23, 47, 95, 191, 383, 767, 1535, 3071, 3600, 3600};
	static const struct pacing_answer complaint = {.limited = true}, good = {.success = true}, bad = {0};
	struct host_rules *rules = host_rules_new(1, 2000, NULL, 0);
	struct pacing_learned learned = {0};
	int64_t now = 0, gap = 95000;

	(void)state;
	for (size_t i = 0; i < sizeof(up) / sizeof(*up); i++)
		assert_int_equal(ask(rules, &learned, &complaint, &now), up[i] * 1000);
	learned = (struct pacing_learned){.gap_ms = gap};
	for (int i = 0; i < 19; i++)
		assert_int_equal(ask(rules, &learned, &good, &now), gap);
	assert_int_equal(ask(rules, &learned, &bad, &now), gap); /* neither good nor a complaint */
	(void)ask(rules, &learned, &good, &now);
	assert_int_equal(learned.gap_ms, 76000);
	for (int i = 0; i < 20 * 20; i++)
		(void)ask(rules, &learned, &good, &now);
	assert_int_equal(learned.gap_ms, 0);
	assert_int_equal(ask(rules, &learned, &good, &now), 2000);
	host_rules_free(rules);
}

/* Memory follows work in flight, not the number of hosts ever seen. */
static void test_idle_groups_are_forgotten(void **state)
{
	struct host_rules *rules = host_rules_new(1, 2000, NULL, 0);
	struct pacing *p = pacing_new(rules);
	char group[64];
	int64_t now = 0;

	(void)state;
	for (int i = 0; i < 20000; i++, now += 10) {
		(void)snprintf(group, sizeof(group), "example%d.com", i);
		assert_int_equal(pacing_try(p, group, NULL, now), 0);
		pacing_done(p, group, NULL, now + 5);
		assert_true(pacing_groups(p) <= 400);
	}
	assert_int_equal(pacing_try(p, "example.org", NULL, now + 10000), 0);
	assert_int_equal(pacing_groups(p), 1);
	pacing_done(p, "example.org", NULL, now + 10000);
	pacing_free(p);
	host_rules_free(rules);
}

static void test_any_text(void **state)
{
	static const char *const urls[] = {"",          "x",          "//",        "http://",  "http://[",
					   "http://]:", "http://:80", "http://a@", "http://.", "http://..com"};
	struct host_rules *rules = host_rules_new(0, -5, NULL, 0);
	struct pacing *p = pacing_new(rules);
	char longest[1000], group[HOST_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		host_rules_name(rules, urls[i], group);
		(void)pacing_try(p, group, NULL, 1);
		pacing_done(p, group, NULL, 1);
		pacing_done(p, group, NULL, 1);
	}
	(void)snprintf(longest, sizeof(longest), "http://%0900d.com:123456789/", 7);
	host_rules_name(rules, longest, group);
	assert_int_equal(pacing_try(p, group, NULL, 1), 0);
	pacing_free(p);
	host_rules_free(rules);
	assert_null(pacing_free(NULL));
	assert_null(host_rules_free(NULL));
}

/* R44: what Reddit, GitHub and the drafts of RateLimit say; anything else is not said. */
static void test_rate_limit_headers(void **state)
{
	static const struct {
		struct schedule_counters counters;
		int64_t want;
	} cases[] = {
	    {{"0", "30", NULL, NULL, 0}, 30000},
	    {{"0.0", "537.2", NULL, NULL, 0}, 537000},
	    {{" 0 ", " 30 ", NULL, NULL, 0}, 30000},
	    {{"1", "30", NULL, NULL, 0}, 0},
	    {{"0", NULL, NULL, NULL, 0}, 0},
	    {{NULL, "30", NULL, NULL, 0}, 0},
	    {{"0", "0", NULL, NULL, 0}, 0},
	    {{"0", "1700000090", NULL, NULL, 0}, 90000}, /* a Unix time */
	    {{"0", "1600000000", NULL, NULL, 0}, 0},
	    {{"0", "99999999999999999999", NULL, NULL, 0}, 7 * 86400000LL},
	    {{"0", "-5", NULL, NULL, 0}, 0},
	    {{"zero", "30", NULL, NULL, 0}, 0},
	    {{"", "", "", NULL, 0}, 0},
	    {{NULL, NULL, "limit=100, remaining=0, reset=50", NULL, 0}, 50000},
	    {{NULL, NULL, "limit=100, remaining=3, reset=50", NULL, 0}, 0},
	    {{"0", "1700000030000", NULL, NULL, 0}, 30000}, /* milliseconds of the clock */
	    {{NULL, NULL, "\"default\";r=0;t=12", NULL, 0}, 12000},
	    {{NULL, NULL, "\"default\";r=7;t=12", NULL, 0}, 0},
	    {{NULL, NULL, "r=,t=;=;;,", NULL, 0}, 0},
	    {{NULL, NULL, NULL, NULL, 0}, 0},
	    /* Of several policies the one that is used up, and of those the one that lasts. */
	    {{NULL, NULL, "\"burst\";r=10;t=5, \"daily\";r=0;t=3600", NULL, 0}, 3600000},
	    {{NULL, NULL, "\"daily\";r=0;t=3600, \"burst\";r=10;t=5", NULL, 0}, 3600000},
	    {{NULL, NULL, "\"burst\";r=0;t=5, \"daily\";r=0;t=3600, \"hourly\";t=60;r=0", NULL, 0}, 3600000},
	    {{NULL, NULL, "\"burst\";r=0;t=5,\"daily\";r=9;t=3600", NULL, 0}, 5000},
	    {{NULL, NULL, "\"a\";r=0, \"b\";t=3600;r=7", NULL, 0}, 0},
	    {{NULL, NULL, "\"a, b;r=0;t=9\";r=5;t=60, \"c\\\"\";r=0;t=7;pk=:cGs=:", NULL, 0}, 7000},
	    {{NULL, NULL, "burst; r=1; t=5, daily ; R=0 ; T=30", NULL, 0}, 30000},
	    {{NULL, NULL, "\"a\";r=0;;t=5", NULL, 0}, 5000},
	    {{NULL, NULL, "limit=5, remaining=0, reset=9, limit=100, remaining=50, reset=3600", NULL, 0}, 9000},
	    {{NULL, NULL, "\"unclosed;r=0;t=5", NULL, 0}, 0},
	    /* One header does not hide the other. */
	    {{"0", NULL, "\"default\";r=0;t=12", NULL, 0}, 12000},
	    {{"0", "soon", "limit=1, remaining=0, reset=12", NULL, 0}, 12000},
	    {{"0", "0", "\"default\";r=0;t=12", NULL, 0}, 12000},
	    {{"7", "30", "\"default\";r=0;t=12", NULL, 0}, 12000},
	    {{"0", "30", "\"default\";r=5;t=12", NULL, 0}, 30000},
	    {{"0", "30", "\"default\";r=0;t=12", NULL, 0}, 30000},
	    {{"0", NULL, "\"default\";r=5;t=12", NULL, 0}, 0},
	    /* A time is by the clock of the server, R41. */
	    {{"0", "1700086490", NULL, "Wed, 15 Nov 2023 22:13:20 GMT", 0}, 90000},
	    {{"0", "90", NULL, "Wed, 15 Nov 2023 22:13:20 GMT", 0}, 90000},
	    {{"0", "1700000090", NULL, "garbage", 0}, 90000},
	    /* Section 4, row 429: the reset stands for Retry-After, within the bounds of R41. */
	    {{"0", "300", NULL, NULL, 429}, 300000},
	    {{NULL, "300", NULL, NULL, 429}, 300000},
	    {{NULL, "1700000090", NULL, NULL, 429}, 90000},
	    {{NULL, NULL, "\"default\";t=300", NULL, 429}, 300000},
	    {{NULL, NULL, "\"burst\";r=9;t=900, \"daily\";r=0;t=300", NULL, 429}, 300000},
	    {{"0", "5", NULL, NULL, 429}, 60000},
	    {{"0", "5", NULL, NULL, 503}, 60000},
	    {{"0", "5", NULL, NULL, 200}, 5000},
	    {{"9", "300", NULL, NULL, 429}, 0}, /* another limit than this one refused it */
	    {{NULL, "300", NULL, NULL, 503}, 0},
	    {{NULL, "300", NULL, NULL, 200}, 0},
	    {{"0", "0", NULL, NULL, 429}, 0},
	    {{"0", "99999999", NULL, NULL, 429}, 7 * 86400000LL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(schedule_rate_limit_ms(&cases[i].counters, 1700000000000), cases[i].want);
}

/* R43, R44, R78, R91: what the host is told; pauses are for the whole of it. */
static void test_what_a_host_is_told(void **state)
{
	static const struct {
		enum poll_outcome outcome;
		int status;
		bool is_calm;
		int64_t asked, used_up;
		struct pacing_answer want;
	} cases[] = {
	    {POLL_OK, 200, false, 0, 0, {.success = true}},
	    {POLL_OK, 200, false, 600, 0, {.success = true}}, /* Retry-After of who is content is for the source alone */
	    {POLL_OK, 200, false, 300, 300, {.success = true, .pause_ms = 300}},
	    {POLL_NOT_MODIFIED, 304, false, 600, 300, {.success = true, .pause_ms = 300}},
	    {POLL_MISSING, 404, false, 300, 300, {.pause_ms = 300}},
	    {POLL_LIMITED, 429, false, 0, 0, {.limited = true}},
	    {POLL_LIMITED, 429, false, 600, 0, {.limited = true, .pause_ms = 600}},
	    {POLL_LIMITED, 429, false, 600, 900, {.limited = true, .pause_ms = 900}},
	    {POLL_LIMITED, 429, false, 300, 300, {.limited = true, .pause_ms = 300}},
	    {POLL_LIMITED, 503, false, 0, 0, {.limited = true}},
	    {POLL_LIMITED, 503, false, 600, 0, {.pause_ms = 600}},
	    {POLL_LIMITED, 0, true, 0, 0, {.limited = true, .pause_ms = 3600000}},
	    {POLL_LIMITED, 200, true, 0, 0, {.limited = true, .pause_ms = 3600000}},
	    {POLL_LIMITED, 503, true, 0, 0, {.limited = true, .pause_ms = 3600000}},
	    {POLL_CONNECT, 0, false, 0, 0, {0}},
	    {POLL_LOCAL, 0, false, 0, 0, {0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct pacing_answer *want = &cases[i].want,
					   got = outcome_for_host(outcome_rule(cases[i].outcome, cases[i].status), cases[i].status, cases[i].is_calm,
								  cases[i].asked, cases[i].used_up);

		if (got.success != want->success || got.limited != want->limited || got.pause_ms != want->pause_ms)
			fail_msg("row %zu: %d %d %lld", i, got.success, got.limited, (long long)got.pause_ms);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_known_host_is_overridden),
	    cmocka_unit_test(test_gap_and_slots),
	    cmocka_unit_test(test_next_hop),
	    cmocka_unit_test(test_pause),
	    cmocka_unit_test(test_private_host_is_not_held_back),
	    cmocka_unit_test(test_gap_adapts),
	    cmocka_unit_test(test_idle_groups_are_forgotten),
	    cmocka_unit_test(test_any_text),
	    cmocka_unit_test(test_rate_limit_headers),
	    cmocka_unit_test(test_what_a_host_is_told),
	};

	return cmocka_run_group_tests_name("pacing", tests, NULL, NULL);
}
