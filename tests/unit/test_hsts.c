/* HSTS alone (polling.md R61, RFC 6797), and hosts with which HTTP/2 fails (R91). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/net/hsts.h"
#include "../../src/net/http2_trouble.h"
#include "syndicated/base/limits.h"

struct row {
	const char *host, *field, *asked;
	int64_t when_ms;
	bool covered;
};

static void test_fields(void **state)
{
	static const struct row rows[] = {
		{"a.example", "max-age=60", "a.example", 59999, true},
		{"a.example", "max-age=60", "a.example", 60000, false},
		{"a.example", "max-age=60", "A.Example.", 0, true},
		{"A.EXAMPLE.", "MAX-AGE=60", "a.example", 0, true},
		{"a.example", "max-age=\"60\"", "a.example", 0, true},
		{"a.example", " max-age = 60 ; preload", "a.example", 0, true},
		{"a.example", "max-age=60", "b.a.example", 0, false},
		{"a.example", "max-age=60; includeSubDomains", "b.a.example", 0, true},
		{"a.example", "includesubdomains;max-age=60", "c.b.a.example", 0, true},
		{"a.example", "max-age=60; includeSubDomains", "xa.example", 0, false},
		{"a.example", "max-age=60; includeSubDomains", "example", 0, false},
		{"a.example", "max-age=0", "a.example", 0, false},
		{"a.example", "includeSubDomains", "a.example", 0, false},
		{"a.example", "max-age=", "a.example", 0, false},
		{"a.example", "max-age", "a.example", 0, false},
		{"a.example", "max-age=-1", "a.example", 0, false},
		{"a.example", "max-age=6x", "a.example", 0, false},
		{"a.example", "max-age=1; max-age=60", "a.example", 0, false},
		{"a.example", "max-age=99999999999999999999999999", "a.example", INT64_C(400) * 86400000, true},
		{"a.example", "max-age=99999999999999999999999999", "a.example", INT64_C(800) * 86400000, false},
		{"a.example", "", "a.example", 0, false},
		{"a.example", ";;=;", "a.example", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hsts *h = hsts_new(10);

		hsts_learn(h, rows[i].host, rows[i].field, 0);
		if (hsts_covers(h, rows[i].asked, rows[i].when_ms) != rows[i].covered)
			fail_msg("row %zu: %s of %s", i, rows[i].field, rows[i].host);
		hsts_learn(h, rows[i].host, "max-age=0", 0);
		assert_false(hsts_covers(h, rows[i].asked, 0));
		assert_int_equal(hsts_count(h), 0);
		hsts_free(h);
	}
}

static void test_limit(void **state)
{
	struct hsts *h = hsts_new(100);
	char host[32], field[32];

	(void)state;
	for (int i = 0; i < 500; i++) {
		(void)snprintf(host, sizeof host, "h%d.example", i);
		(void)snprintf(field, sizeof field, "max-age=%d", 1000 + i);
		hsts_learn(h, host, field, 0);
		assert_true(hsts_count(h) <= 100);
	}
	assert_true(hsts_covers(h, "h499.example", 0));
	assert_false(hsts_covers(h, "h0.example", 0));
	hsts_free(h);
}

/* it lasts over a restart; nothing that may stand there hurts. */
static void test_saved(void **state)
{
	struct hsts *h = hsts_new(4), *other = hsts_new(4);
	struct buf text = BUF_INIT(4096);
	static const char junk[] = "\n\n \nx\nlong.example 99999999999999999999999999 0\nneg.example -5 0\nover.example 10 1\ntwo.example 2000 1 9\n"
				   "a.example 3000 0\na.example 4000 1\n.. 5 \nforever.example 999999999999999999 1\nc.example 3000 0\nd.example 3000 0\ne.example 3000 0";

	(void)state;
	assert_false(hsts_has_changed(h));
	hsts_learn(h, "a.example", "max-age=200000", 0);
	hsts_learn(h, "b.example", "max-age=600000; includeSubDomains", 0);
	assert_true(hsts_has_changed(h));
	hsts_save(h, &text);
	assert_false(hsts_has_changed(h));
	hsts_learn(h, "a.example", "max-age=200000", 3600000); /* as at every poll */
	assert_false(hsts_has_changed(h));
	hsts_learn(h, "a.example", "max-age=200000", 90000000);
	assert_true(hsts_has_changed(h));
	hsts_restore(other, buf_str(&text), 100000000);
	assert_false(hsts_has_changed(other));
	assert_true(hsts_covers(other, "a.example", 199999000));
	assert_false(hsts_covers(other, "a.example", 200000000));
	assert_true(hsts_covers(other, "x.b.example", 599999000));
	assert_false(hsts_covers(other, "x.a.example", 0));
	hsts_learn(other, "b.example", "max-age=0", 0);
	assert_true(hsts_has_changed(other));
	hsts_free(other);

	other = hsts_new(4);
	hsts_restore(other, junk, 1000000);
	assert_int_equal(hsts_count(other), 4); /* the limit holds */
	assert_true(hsts_covers(other, "x.two.example", 1999000));
	assert_false(hsts_covers(other, "over.example", 0));
	assert_false(hsts_covers(other, "x.a.example", 0));
	assert_true(hsts_covers(other, "forever.example", INT64_C(700) * 86400000));
	assert_false(hsts_covers(other, "forever.example", INT64_C(800) * 86400000));
	buf_done(&text);
	hsts_free(other);
	hsts_free(h);
}

/* As wired: what the limits allow fits what may be saved. */
static void test_saved_limit(void **state)
{
	struct hsts *h = hsts_new(LIMIT_HSTS_HOSTS);
	struct buf text = BUF_INIT(LIMIT_HSTS_BYTES);
	char host[260];

	(void)state;
	memset(host, 'x', sizeof host);
	for (unsigned i = 0; i < LIMIT_HSTS_HOSTS + 100; i++) {
		(void)snprintf(host + 240, sizeof host - 240, "%06u.example", i);
		hsts_learn(h, host + 1, "max-age=60000000; includeSubDomains", 0);
	}
	assert_int_equal(hsts_count(h), LIMIT_HSTS_HOSTS);
	hsts_save(h, &text);
	assert_int_equal(buf_error(&text), 0);
	buf_done(&text);
	hsts_free(h);
}

static void test_http2(void **state)
{
	struct http2_trouble *t = http2_trouble_new();
	char host[32];
	size_t avoided = 0;

	(void)state;
	http2_failed(t, "a:443", 0);
	assert_false(http2_is_avoided(t, "a:443", 0));
	http2_worked(t, "a:443", 0);
	http2_failed(t, "a:443", 0);
	assert_false(http2_is_avoided(t, "a:443", 0)); /* not in a row */
	http2_failed(t, "a:443", 0);
	assert_true(http2_is_avoided(t, "a:443", 0));
	assert_false(http2_is_avoided(t, "b:443", 0));
	http2_worked(t, "a:443", 1); /* by HTTP/1.1, which says nothing of HTTP/2 */
	assert_true(http2_is_avoided(t, "a:443", LIMIT_HTTP2_AVOID_MS - 1));
	assert_false(http2_is_avoided(t, "a:443", LIMIT_HTTP2_AVOID_MS));
	http2_failed(t, "a:443", LIMIT_HTTP2_AVOID_MS);
	assert_false(http2_is_avoided(t, "a:443", LIMIT_HTTP2_AVOID_MS));
	http2_failed(t, "a:443", LIMIT_HTTP2_AVOID_MS);
	assert_true(http2_is_avoided(t, "a:443", LIMIT_HTTP2_AVOID_MS));
	for (unsigned i = 0; i < 3 * LIMIT_HTTP2_HOSTS; i++) {
		(void)snprintf(host, sizeof host, "h%u:443", i);
		for (int k = 0; k < LIMIT_HTTP2_FAILURES; k++)
			http2_failed(t, host, LIMIT_HTTP2_AVOID_MS);
		assert_true(http2_is_avoided(t, host, LIMIT_HTTP2_AVOID_MS));
	}
	for (unsigned i = 0; i < 3 * LIMIT_HTTP2_HOSTS; i++) {
		(void)snprintf(host, sizeof host, "h%u:443", i);
		avoided += http2_is_avoided(t, host, LIMIT_HTTP2_AVOID_MS);
	}
	assert_in_range(avoided, 1, LIMIT_HTTP2_HOSTS); /* those that were there first were forgotten */
	http2_trouble_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fields), cmocka_unit_test(test_limit), cmocka_unit_test(test_saved), cmocka_unit_test(test_saved_limit),
	                                   cmocka_unit_test(test_http2)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
