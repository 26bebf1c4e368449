#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/buf.h"
#include "syndicated/clean.h"

/* REL-20, 21, 29, 32, 42, 90; and cleaning again changes nothing (REL-23). */
static void test_html(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{"<p onclick=x>Hi</p>", "<p>Hi</p>"},
		{"a<script>alert(1)</script>b", "ab"},
		{"<style>x{}</style><svg><p>x</p></svg><b>y</b>", "<b>y</b>"},
		{"<a href=\"javascript:alert(1)\">x</a>", "<a>x</a>"},
		{"<a href=\"java\tscript:alert(1)\">x</a>", "<a>x</a>"},
		{"<a href=\"y\">x</a>", "<a href=\"http://e.org/y\" rel=\"nofollow noopener noreferrer\">x</a>"},
		{"<a href=\"mailto:a@b.org\">x</a>", "<a href=\"mailto:a@b.org\" rel=\"nofollow noopener noreferrer\">x</a>"},
		{"<img src=data:image/svg+xml,x>", ""},
		{"<img src=/t.gif width=1 height=1>", ""},
		{"<img src=/t.gif alt='a\"b'>", "<img src=\"http://e.org/t.gif\" alt=\"a&#34;b\" loading=\"lazy\" referrerpolicy=\"no-referrer\">"},
		{"<blink id=x style=y>t</blink>", "t"},
		{"<!-- c --><!doctype html><?php x ?>x", "x"},
		{"1 &lt; 2 &amp; 3", "1 &lt; 2 &amp; 3"},
		{"<form><input value=x><button formaction=javascript:1>b</button></form>", "b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf once = BUF_INIT(10000), twice = BUF_INIT(10000);

		print_message("# %s\n", rows[i].in);
		clean_html(rows[i].in, strlen(rows[i].in), "http://e.org/", &once);
		assert_string_equal(buf_str(&once), rows[i].want);
		clean_html(buf_str(&once), once.len, "http://e.org/", &twice);
		assert_string_equal(buf_str(&twice), buf_str(&once));
		buf_done(&once);
		buf_done(&twice);
	}
}

/* REL-92: deep nesting is flattened, in time. */
static void test_deep(void **state)
{
	struct buf in = BUF_INIT(2u << 20), out = BUF_INIT(8u << 20);

	(void)state;
	while (in.len < (1u << 20) - 5)
		buf_append_str(&in, "<div>");
	clean_html(buf_str(&in), in.len, NULL, &out);
	assert_int_equal(buf_error(&out), 0);
	assert_true(out.len <= 128 * strlen("<div></div>"));
	buf_done(&in);
	buf_done(&out);
}

static void test_text(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{"<p>a</p><p>b</p>", "a b"},
		{"x<script>y</script>&eacute;&nbsp; z", "x\xC3\xA9 z"},
		{"a<b>b</b>c<br>d", "abc d"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT(1000);

		clean_html_to_text(rows[i].in, strlen(rows[i].in), &out);
		assert_string_equal(buf_str(&out), rows[i].want);
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_html), cmocka_unit_test(test_deep), cmocka_unit_test(test_text) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
