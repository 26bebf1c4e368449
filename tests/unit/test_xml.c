#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "../../src/parse/xml.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"

#ifdef SYN_SANITIZED
enum { SLOWNESS = 20 };
#else
enum { SLOWNESS = 1 };
#endif

static void on_start(const struct xml_element *e, void *ctx)
{
	const char *a = xml_attribute(e, "a");

	if (a)
		buf_append_printf(ctx, "[%s]", a);
}

static void on_end(const struct xml_name *name, void *ctx)
{
	(void)name;
	(void)ctx;
}

static void on_text(const char *s, size_t len, void *ctx)
{
	buf_append(ctx, s, len);
}

static const struct xml_handler handler = { on_start, on_end, on_text, NULL };

/* REL-3, REL-4, REL-10: entities are characters or the end; NULL: not complete. */
static void test_documents(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{"<r>caf&eacute;&nbsp;&amp;&lt;&#233;</r>", "caf\xC3\xA9\xC2\xA0&<\xC3\xA9"},
		{"<r>&nope; x</r>", "&nope; x"},
		{"<r a='&eacute;&amp;eacute;&nope;&#38;lt;'/>", "[\xC3\xA9&eacute;&nope;&lt;]"},
		{"<!DOCTYPE rss PUBLIC \"-//N//EN\" \"http://127.0.0.1:9/x.dtd\"><r>&eacute;</r>", "\xC3\xA9"},
		{"<r><![CDATA[<b>]]></r>", "<b>"},
		{"<!DOCTYPE r [<!ENTITY a \"x\">]><r>&a;</r>", NULL},
		{"<!DOCTYPE r [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]><r/>", NULL},
		{"<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>", NULL},
		{"<r><a>x</a>", NULL},
		{"<r></a>", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT(1000);
		struct xml_result result;

		print_message("# %s\n", rows[i].in);
		xml_parse(rows[i].in, strlen(rows[i].in), &handler, &out, NULL, &result);
		assert_int_equal(result.complete, rows[i].want != NULL);
		if (rows[i].want)
			assert_string_equal(buf_str(&out), rows[i].want);
		else
			assert_true(strlen(result.reason) > 0);
		buf_done(&out);
	}
	assert_int_equal(xml_external_requests(), 0); /* REL-2 */
}

/* REL-5, 6, 7, 13: before, n times the middle, behind; whole or stopped, and soon. */
static void test_limits(void **state)
{
	static const struct { const char *name, *before, *middle; size_t n; const char *behind; int complete; } rows[] = {
		{"depth 256", "", "<a>", 256, NULL, 0},
		{"depth 100000", "", "<a>", 100000, "", 0},
		{"256 attributes", "<r", " x%zu='1'", LIMIT_XML_ATTRIBUTES, "/>", 1},
		{"257 attributes", "<r", " x%zu='1'", LIMIT_XML_ATTRIBUTES + 1, "/>", 0},
		{"100000 attributes", "<r", " x%zu='1'", 100000, "/>", 0},
		{"attribute of 3 MB", "<r a='", "vvvvvvvvvv", 300000, "'/>", 0},
		{"comment of 1 MB", "<r><!--", "cccccccccc", 100000, "--></r>", 1},
		{"comment of 4 MB", "<r><!--", "cccccccccc", 400000, "--></r>", 0},
		{"text of 10 MB", "<r>", "tttttttttt", 1000000, "</r>", 1},
		{"storm of <", "<r>", "<", 1000000, "", 0},
		{"entities", "<r>", "&eacute;", 300000, "</r>", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf in = BUF_INIT(LIMIT_FEED_BYTES), out = BUF_INIT(LIMIT_FEED_BYTES);
		struct xml_result result;
		clock_t start;

		print_message("# %s\n", rows[i].name);
		buf_append_str(&in, rows[i].before);
		for (size_t k = 0; k < rows[i].n; k++) {
			if (strstr(rows[i].middle, "%zu"))
				buf_append_printf(&in, " x%zu='1'", k);
			else
				buf_append_str(&in, rows[i].middle);
		}
		for (size_t k = 0; !rows[i].behind && k < rows[i].n; k++)
			buf_append_str(&in, "</a>");
		buf_append_str(&in, rows[i].behind ? rows[i].behind : "");
		start = clock();
		xml_parse(buf_str(&in), in.len, &handler, &out, NULL, &result);
		assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 0.5 * SLOWNESS);
		assert_int_equal(result.complete, rows[i].behind ? rows[i].complete : 1);
		buf_done(&in);
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_documents), cmocka_unit_test(test_limits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
