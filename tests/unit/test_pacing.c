/* Who may be asked now: polling.md R76 and R77. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pacing *p = pacing_new(1, 0);

		assert_int_equal(pacing_try(p, cases[i].a, 0), 0);
		if ((pacing_try(p, cases[i].b, 0) > 0) != cases[i].same)
			print_error("%s and %s\n", cases[i].a, cases[i].b);
		assert_int_equal(pacing_groups(p), cases[i].same ? 1 : 2);
		pacing_free(p);
	}
}

/* R77: one in flight and a gap between the starts. */
static void test_gap_and_slots(void **state)
{
	struct pacing *p = pacing_new(1, 2000);
	const char *url = "https://example.com/";

	(void)state;
	assert_int_equal(pacing_try(p, url, 1000), 0);
	assert_int_equal(pacing_try(p, url, 1500), 1500);
	assert_true(pacing_try(p, url, 9000) > 0); /* past the gap, but the slot is taken */
	pacing_done(p, url, 9000);
	assert_int_equal(pacing_try(p, url, 9000), 0);
	pacing_done(p, url, 9001);
	assert_int_equal(pacing_try(p, url, 9001), 1999);
	pacing_set(p, 2, 0);
	assert_int_equal(pacing_try(p, url, 11000), 0);
	assert_int_equal(pacing_try(p, url, 11000), 0);
	assert_true(pacing_try(p, url, 11000) > 0);
	pacing_free(p);
}

/* R43: a pause holds back the whole group and no other. */
static void test_pause(void **state)
{
	struct pacing *p = pacing_new(1, 0);

	(void)state;
	pacing_pause(p, "https://a.example.com/", 70000, 10000);
	assert_int_equal(pacing_try(p, "https://b.example.com/", 10000), 60000);
	assert_int_equal(pacing_try(p, "https://example.org/", 10000), 0);
	pacing_pause(p, "https://a.example.com/", 20000, 11000); /* a shorter one does not end a longer one */
	assert_int_equal(pacing_try(p, "https://b.example.com/", 69999), 1);
	assert_int_equal(pacing_try(p, "https://b.example.com/", 70000), 0);
	pacing_free(p);
}

/* Memory follows work in flight, not the number of hosts ever seen. */
static void test_idle_groups_are_forgotten(void **state)
{
	struct pacing *p = pacing_new(1, 2000);
	char url[64];
	int64_t now = 0;

	(void)state;
	for (int i = 0; i < 20000; i++, now += 10) {
		(void)snprintf(url, sizeof(url), "https://host%d.example%d.com/", i, i);
		assert_int_equal(pacing_try(p, url, now), 0);
		pacing_done(p, url, now + 5);
		assert_true(pacing_groups(p) <= 400);
	}
	assert_int_equal(pacing_try(p, "https://example.org/", now + 10000), 0);
	assert_int_equal(pacing_groups(p), 1);
	pacing_done(p, "https://example.org/", now + 10000);
	pacing_free(p);
}

static void test_any_text(void **state)
{
	static const char *const urls[] = {"",          "x",          "//",        "http://",  "http://[",
					   "http://]:", "http://:80", "http://a@", "http://.", "http://..com"};
	struct pacing *p = pacing_new(0, -5);
	char longest[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		(void)pacing_try(p, urls[i], 1);
		pacing_done(p, urls[i], 1);
		pacing_done(p, urls[i], 1);
	}
	(void)snprintf(longest, sizeof(longest), "http://%0900d.com:123456789/", 7);
	assert_int_equal(pacing_try(p, longest, 1), 0);
	pacing_free(p);
	assert_null(pacing_free(NULL));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_groups),   cmocka_unit_test(test_gap_and_slots),
	    cmocka_unit_test(test_pause),    cmocka_unit_test(test_idle_groups_are_forgotten),
	    cmocka_unit_test(test_any_text),
	};

	return cmocka_run_group_tests_name("pacing", tests, NULL, NULL);
}
