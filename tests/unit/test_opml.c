#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/parse.h"

/* REL-24, REL-25 */
static void test_opml(void **state)
{
	static const char in[] = "<?xml version=\"1.0\"?><opml version=\"2.0\"><body><outline text=\"Tech\">"
				 "<outline text=\"A &amp; B\" xmlUrl=\"http://a.org/f\" category=\"x,/y/z\"/>"
				 "<outline text=\"evil\" xmlUrl=\"exec:rm -rf /\"/></outline>"
				 "<outline title=\"C\" text=\"c\" xmlUrl=\" https://c.org/f\"/></body></opml>";
	struct opml_source *s = NULL;
	struct err err = {0};
	size_t n = 0;

	(void)state;
	assert_int_equal(parse_opml(in, sizeof(in) - 1, &s, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(s[0].url, "http://a.org/f");
	assert_string_equal(s[0].title, "A & B");
	assert_int_equal(s[0].tags.n, 4);
	assert_string_equal(s[0].tags.items[0], "Tech");
	assert_string_equal(s[0].tags.items[3], "z");
	assert_string_equal(s[1].url, "https://c.org/f");
	assert_string_equal(s[1].title, "C");
	assert_int_equal(s[1].tags.n, 0);
	opml_sources_free(s, n);
}

static void test_bad(void **state)
{
	static const char *const rows[] = { "", "<rss/>", "<opml><body>", "<!DOCTYPE o [<!ENTITY a \"b\">]><opml>&a;</opml>" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct opml_source *s = NULL;
		struct err err = {0};
		size_t n = 0;

		assert_true(parse_opml(rows[i], strlen(rows[i]), &s, &n, &err) < 0);
		assert_null(s);
		assert_true(strlen(err.message) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_opml), cmocka_unit_test(test_bad) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
