#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/mem.h"
#include "syndicated/clean.h"

static void check(const char *got, const char *want)
{
	if (!want)
		assert_null(got);
	else
		assert_string_equal(got ? got : "(null)", want);
}

/* REL-20, REL-22, REL-25: http and https only, whatever hides the scheme. */
static void test_resolve(void **state)
{
	static const struct { const char *reference, *base, *want; } rows[] = {
		{"http://e.org/a", NULL, "http://e.org/a"},
		{"../x?q#f", "https://e.org/a/b/c", "https://e.org/a/x?q#f"},
		{"//o.org/p", "https://e.org/a", "https://o.org/p"},
		{"/p q", "http://e.org/", "http://e.org/p%20q"},
		{"a", NULL, NULL},
		{"javascript:alert(1)", "http://e.org/", NULL},
		{" java\tscript:alert(1)", "http://e.org/", NULL},
		{"\x01javascript:alert(1)", "http://e.org/", NULL},
		{"data:text/html,x", "http://e.org/", NULL},
		{"file:///etc/passwd", NULL, NULL},
		{"ftp://e.org/", "http://e.org/", NULL},
		{"a", "file:///etc/", NULL},
		{"", "http://e.org/", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_free char *got = clean_url(rows[i].reference, rows[i].base);

		print_message("# %s\n", rows[i].reference);
		check(got, rows[i].want);
	}
}

static void test_canonical(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{"HTTP://WWW.E.org:80/a/#x", "https://www.e.org/a"},
		{"https://e.org:8443/a/../b", "https://e.org:8443/b"},
		{"https://e.org/a?utm_source=x&id=3&fbclid=1&b=2&UTM_medium=y", "https://e.org/a?id=3&b=2"},
		{"https://e.org/?gclid=1", "https://e.org"},
		{"https://e.org/a?utm=1", "https://e.org/a?utm=1"},
		{"http://\xC3\xA4.org/", "https://\xC3\xA4.org"},
		{"mailto:a@b", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_free char *got = clean_url_canonical(rows[i].in);

		print_message("# %s\n", rows[i].in);
		check(got, rows[i].want);
	}
	assert_null(clean_url_canonical(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_resolve), cmocka_unit_test(test_canonical) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
