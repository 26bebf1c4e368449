#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* Unicode 15, table 3-8 and section 3.9: one U+FFFD for each maximal subpart. R is U+FFFD. */
#define R "\xEF\xBF\xBD"
static void test_scrub(void **state)
{
	static const struct { const char *name, *in; size_t len; const char *want; } rows[] = {
		{"plain", "abc", 3, "abc"},
		{"empty", "", 0, ""},
		{"umlaut", "\xC3\xA4", 2, "\xC3\xA4"},
		{"overlong slash, two bytes", "\xC0\xAF", 2, R R},
		{"overlong, three bytes", "\xE0\x80\xAF", 3, R R R},
		{"overlong, four bytes", "\xF0\x80\x80\xAF", 4, R R R R},
		{"surrogate", "\xED\xA0\x80", 3, R R R},
		{"last before the surrogates", "\xED\x9F\xBF", 3, "\xED\x9F\xBF"},
		{"U+10FFFD", "\xF4\x8F\xBF\xBD", 4, "\xF4\x8F\xBF\xBD"},
		{"U+110000", "\xF4\x90\x80\x80", 4, R R R R},
		{"cut off", "\xF0\x9F\x98", 3, R},
		{"cut off, then text", "\xE2\x82" "a", 3, R "a"},
		{"lone continuation", "a\x80" "b", 3, "a" R "b"},
		{"U+FFFE", "\xEF\xBF\xBE", 3, R},
		{"U+FFFF", "\xEF\xBF\xBF", 3, R},
		{"controls are dropped", "a\x01\x1F" "b", 4, "ab"},
		{"NUL is dropped", "a\0b", 3, "ab"},
		{"white space stays", "\t\n\r", 3, "\t\n\r"},
		{"DEL is legal", "\x7F", 1, "\x7F"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT(100);
		print_message("# %s\n", rows[i].name);
		text_scrub(&b, rows[i].in, rows[i].len);
		assert_string_equal(buf_str(&b), rows[i].want);
		assert_true(text_is_clean(buf_str(&b), b.len));
		assert_int_equal(text_is_clean(rows[i].in, rows[i].len), b.len == rows[i].len && memcmp(buf_str(&b), rows[i].in, b.len) == 0);
		buf_done(&b);
	}
}

static void test_every_codepoint(void **state)
{
	(void)state;
	for (uint32_t c = 1; c <= 0x110000; c++) {
		char s[4];
		size_t len = text_encode(c, s), pos = 0;
		uint32_t want = (c >= 0xD800 && c <= 0xDFFF) || c == 0x110000 ? 0xFFFD : c;
		assert_int_equal(text_next(s, len, &pos), want);
		assert_int_equal(pos, len);
	}
}

static void test_cut_and_collapse(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{"", ""}, {" ", ""}, {"a", "a"}, {"  a \t\n b  ", "a b"}, {"\xC2\xA0" "a\xC2\xA0 b\xC2\xA0", "a b"}, {"\xC2\xA1", "\xC2\xA1"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char s[32];
		snprintf(s, sizeof(s), "%s", rows[i].in);
		size_t len = text_collapse(s, strlen(s));
		assert_int_equal(len, strlen(rows[i].want));
		assert_memory_equal(s, rows[i].want, len);
	}
	const char *s = "a\xE2\x82\xAC" "b"; /* a, euro, b */
	static const size_t want[] = {0, 1, 1, 1, 4, 5, 5};
	for (size_t max = 0; max < 7; max++)
		assert_int_equal(text_cut(s, 5, max), want[max]);
}

static void test_numbers(void **state)
{
	int64_t v = 42;
	static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "0x1", "1.0", "9223372036854775808", "-9223372036854775809", NULL};

	(void)state;
	for (int i = 0; bad[i] != NULL; i++)
		assert_false(text_to_int64(bad[i], INT64_MIN, INT64_MAX, &v));
	assert_false(text_to_int64(NULL, 0, 1, &v));
	assert_false(text_to_int64("11", 0, 10, &v));
	assert_false(text_to_int64("-1", 0, 10, &v));
	assert_int_equal(v, 42);
	assert_true(text_to_int64("-9223372036854775808", INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MIN);
	assert_true(text_to_int64("9223372036854775807", INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MAX);
}

static void test_capped_numbers(void **state)
{
	static const struct { const char *in; int64_t max, want; } rows[] = {
		{"0", 9, 0}, {"7", 9, 7}, {"9", 9, 9}, {"10", 9, 9}, {"100", 9, 9}, {"0000000000000000000000012", 99, 12}, {"0009", 8, 8},
		{"99999999999999999999999999999999", 525600, 525600}, {"99999999999999999999999999999999", INT64_MAX, INT64_MAX},
		{"9223372036854775807", INT64_MAX, INT64_MAX}, {"9223372036854775808", INT64_MAX, INT64_MAX}, {"9223372036854775806", INT64_MAX, INT64_MAX - 1},
		{"", 9, -1}, {"-1", 9, -1}, {"+1", 9, -1}, {" 1", 9, -1}, {"1x", 9, -1}, {"99x", 9, -1}, {"1.0", 9, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t v = -1;

		assert_int_equal(text_to_capped(rows[i].in, strlen(rows[i].in), rows[i].max, &v), rows[i].want >= 0);
		assert_int_equal(v, rows[i].want);
	}
}

static void test_units(void **state)
{
	static const struct { const char *in; int64_t want; const char *again; } times[] = {
		{"500ms", 500, "500ms"}, {"30s", 30000, "30s"}, {"15m", 900000, "15m"}, {"24h", 86400000, "1d"}, {"90d", 7776000000, "90d"},
		{"0s", 0, "0s"}, {"1500ms", 1500, "1500ms"}, {"90s", 90000, "90s"}, {"5", -1, NULL}, {"m", -1, NULL}, {"-1s", -1, NULL},
		{"1 s", -1, NULL}, {"1S", -1, NULL}, {"999999999999d", -1, NULL}, {"1h30m", -1, NULL}};
	static const struct { const char *in; int64_t want; const char *again; } sizes[] = {
		{"64KiB", 65536, "64KiB"}, {"16MiB", 16 << 20, "16MiB"}, {"1GiB", 1 << 30, "1GiB"}, {"1025", 1025, "1025"}, {"0", 0, "0"},
		{"1KB", -1, NULL}, {"99999999999GiB", -1, NULL}};
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t v = -1;
		assert_int_equal(text_to_duration_ms(times[i].in, &v), times[i].again != NULL);
		assert_true(v == times[i].want);
		if (times[i].again == NULL)
			continue;
		text_from_duration_ms(v, out);
		assert_string_equal(out, times[i].again);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int64_t v = -1;
		assert_int_equal(text_to_size_bytes(sizes[i].in, &v), sizes[i].again != NULL);
		assert_true(v == sizes[i].want);
		if (sizes[i].again == NULL)
			continue;
		text_from_size_bytes(v, out);
		assert_string_equal(out, sizes[i].again);
	}
}

static void test_rfc3339(void **state)
{
	static const struct { int64_t ms; const char *plain, *with_ms, *http; } rows[] = {
		{0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
		{-1, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
		{784111777000, "1994-11-06T08:49:37Z", "1994-11-06T08:49:37.000Z", "Sun, 06 Nov 1994 08:49:37 GMT"},
		{951782400123, "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.123Z", "Tue, 29 Feb 2000 00:00:00 GMT"},
		{INT64_MAX, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z", "Fri, 31 Dec 9999 23:59:59 GMT"},
		{INT64_MIN, "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z", "Sat, 01 Jan 0000 00:00:00 GMT"}};
	char out[TEXT_RFC3339_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_from_time_ms(rows[i].ms, false, out);
		assert_string_equal(out, rows[i].plain);
		text_from_time_ms(rows[i].ms, true, out);
		assert_string_equal(out, rows[i].with_ms);
		text_http_date(rows[i].ms, out);
		assert_string_equal(out, rows[i].http);
	}
}

/* RFC 9110 section 5.6.7. */
static void test_http_date(void **state)
{
	static const struct { const char *in; int64_t want; } rows[] = {
		{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777000},
		{"Sunday, 06-Nov-94 08:49:37 GMT", 784111777000},
		{"Sun Nov  6 08:49:37 1994", 784111777000},
		{"Tue Nov 16 08:49:37 2021", 1637052577000},
		{"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800000},
		{"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800000},
		{"Thu, 29 Feb 2023 00:00:00 GMT", -1}, {"Sun, 06 Nov 1994 24:00:00 GMT", -1}, {"Sun, 06 Nov 1994 08:49:37", -1},
		{"Sun, 06 Nov 1994 08:49:37 GMT ", -1}, {"Sun, 6 Nov 1994 08:49:37 GMT", -1}, {"Sun, 00 Nov 1994 08:49:37 GMT", -1},
		{"sun, 06 Nov 1994 08:49:37 GMT", -1}, {"Sun, 06 Nox 1994 08:49:37 GMT", -1}, {"", -1}, {"0", -1}, {"Sun", -1}};

	(void)state;
	assert_false(text_parse_http_date(NULL, NULL));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t v = -1;
		print_message("# %s\n", rows[i].in);
		assert_int_equal(text_parse_http_date(rows[i].in, &v), rows[i].want != -1);
		assert_true(v == rows[i].want);
	}
	/* What we write we read, on every day of 400 years. */
	for (int64_t ms = -11644473600000; ms < 978307200000; ms += 86400000 + 1000) {
		char out[TEXT_RFC3339_BYTES];
		int64_t v = 1;
		text_http_date(ms, out);
		assert_true(text_parse_http_date(out, &v));
		assert_true(v == ms);
	}
}

static void test_distance_and_case(void **state)
{
	(void)state;
	assert_int_equal(text_distance("title", "title", 2), 0);
	assert_int_equal(text_distance("title", "titel", 2), 1);
	assert_int_equal(text_distance("", "ab", 2), 2);
	assert_int_equal(text_distance("abc", "xyz", 2), 3);
	assert_int_equal(text_distance("kitten", "sitting", 5), 3);
	assert_true(text_equal_nocase(NULL, NULL));
	assert_false(text_equal_nocase("a", NULL));
	assert_true(text_equal_nocase("ETag", "etAG"));
	assert_false(text_equal_nocase("a", "ab"));
	assert_false(text_equal_nocase("[", "{")); /* 0x20 apart, no letters */
	assert_true(text_has_prefix_nocase("HTTPS://x", "https://"));
	assert_false(text_has_prefix_nocase("htt", "https"));
	assert_false(text_has_prefix(NULL, "a"));
	assert_true(text_is_empty("") && text_is_empty(NULL) && !text_is_empty(" "));
}

/* REL-40. */
static void test_redact(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{"https://example.org/feed", "https://example.org/feed"},
		{"https://user:secret@example.org/feed", "https://example.org/feed"},
		{"https://a@b:secret@example.org/", "https://example.org/"},
		{"https://example.org/?key=secret&x=1", "https://example.org/?key=...&x=..."},
		{"https://example.org/?secret", "https://example.org/?..."},
		{"https://example.org/?a=b=secret#tok", "https://example.org/?a=...#..."},
		{"https://example.org/@name", "https://example.org/@name"},
		{"https://example.org?u=http://a:secret@b/", "https://example.org?u=..."},
		{"user:secret@example.org/x", "example.org/x"},
		{"//user:secret@example.org/x", "//example.org/x"},
		{"https:/user:secret@example.org/x", "https:/example.org/x"},
		{"https:\\\\user:secret@example.org/x", "https:\\\\example.org/x"},
		{"https:user:secret@example.org/x", "example.org/x"},
		{"example.org?u=http://a:secret@b/", "example.org?u=..."},
		{"", ""}};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_redact_url(rows[i].in, out, sizeof(out));
		assert_string_equal(out, rows[i].want);
		for (size_t size = 1; size < sizeof(out); size++) {
			text_redact_url(rows[i].in, out, size);
			assert_true(strlen(out) < size);
			assert_memory_equal(out, rows[i].want, strlen(out));
		}
	}
	text_redact_url(NULL, out, sizeof(out));
	assert_string_equal(out, "");
}

static void test_without_userinfo(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"http://user:secret@a.example/f?x=1#y", "http://a.example/f?x=1#y"}, {"http://a.example/f", "http://a.example/f"},
		{"https://u@a.example:8443", "https://a.example:8443"}, {"http://a.example/x@y", "http://a.example/x@y"},
		{"http://u:p@q@a.example/", "http://a.example/"}, {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_free char *out = text_without_userinfo(rows[i].in);

		assert_string_equal(out, rows[i].out);
	}
	assert_null(text_without_userinfo(NULL));
}

static void test_count_lines(void **state)
{
	enum { MOST = 5000 };
	char *s = mem_new_array(char, MOST);

	(void)state;
	memset(s, '\n', MOST); /* more than a byte can count, in each place of a look */
	assert_int_equal(text_count_lines(s, MOST), MOST);
	for (size_t i = 0; i < MOST; i++)
		s[i] = i % 7 == 0 || i % 11 == 3 ? '\n' : '\r';
	for (size_t from = 0; from < 40; from++) {
		size_t want = 0;

		for (size_t len = 0; len < 200; len++) {
			assert_int_equal(text_count_lines(s + from, len), want);
			want += s[from + len] == '\n';
		}
	}
	mem_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scrub), cmocka_unit_test(test_every_codepoint), cmocka_unit_test(test_cut_and_collapse),
		cmocka_unit_test(test_count_lines), cmocka_unit_test(test_numbers), cmocka_unit_test(test_capped_numbers), cmocka_unit_test(test_units), cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_http_date), cmocka_unit_test(test_distance_and_case), cmocka_unit_test(test_redact), cmocka_unit_test(test_without_userinfo)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
