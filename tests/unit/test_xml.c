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
#include "../../src/parse/xml_run.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"

#ifdef SYN_SANITIZED
enum { SLOWNESS = 20 };
#else
enum { SLOWNESS = 1 };
#endif

#define TEN "tttttttttt"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

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
		{"<!DOCTYPE rss SYSTEM '<r>" LONG "'><r>&eacute;</r>", "\xC3\xA9"}, /* libxml2 is wrong when it is cut short in there, */
		{"<!DOCTYPE r [<?p ]><a>" LONG "<b> ?>]><r>&eacute;</r>", "\xC3\xA9"}, /* and there */
		{"<!DOCTYPE r [<!-- ]><a>" LONG "<b> -->]><r>" LONG "&eacute;</r>", LONG "\xC3\xA9"},
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
		{"texts in a comment of 1.9 MB", "<r><!--", "<a>" LONG, 17000, "--></r>", 1},
		{"sections in a comment of 1.9 MB", "<r><!--", "<![CDATA[" LONG, 16000, "--><![CDATA[]]></r>", 1},
		{"sections in comments, one end", "<r>", "<!-- <![CDATA[" LONG " -->", 100000, "<![CDATA[]]></r>", 1},
		{"section of 10 MB", "<r><![CDATA[", "]]]]]]]]]]", 1000000, "]]></r>", 1},
		{"references that are none", "<r>", "&no" LONG ";", 40000, "</r>", 0},
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

/* ---- long texts are read as short ones are, which libxml2 reads alone ---- */

static void say_start(const struct xml_element *e, void *ctx)
{
	buf_append_printf(ctx, "<%s %u>", e->name.local, e->line);
}

static void say_end(const struct xml_name *name, void *ctx)
{
	buf_append_printf(ctx, "</%s>", name->local);
}

/* Without the padding. */
static void say_text(const char *s, size_t len, void *ctx)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] != '_')
			buf_append_char(ctx, s[i]);
	}
}

/* What comes of the template with n bytes of padding at each "@". */
static void read_padded(struct buf *out, const char *template, size_t n)
{
	static const struct xml_handler says = { say_start, say_end, say_text, NULL };
	struct buf in = BUF_INIT(LIMIT_FEED_BYTES);
	struct xml_result result;

	for (const char *c = template; *c; c++) {
		if (*c != '@')
			buf_append_char(&in, *c);
		for (size_t i = 0; *c == '@' && i < n; i++)
			buf_append_char(&in, '_');
	}
	xml_parse(buf_str(&in), in.len, &says, out, NULL, &result);
	if (result.reason[0])
		buf_clear(out); /* how far it got does not count: it is read again by another reader */
	buf_append_printf(out, " complete %d, line %u, %s", result.complete, result.line, result.reason);
	buf_done(&in);
}

static void test_long_texts(void **state)
{
	static const char *const templates[] = {
		"<r><a>@&lt;&gt;&amp;&quot;&apos;&lt;@</a><b/></r>",
		"<r><a>@&#233;@&#xE9;&#x1F600;@&#128512;&#x00041;@</a></r>",
		"<r><a>@&#xd7ff;&#xE000;&#xFFFD;&#x10FFFF;&#9;&#10;&#13;&#x80;@</a></r>",
		"<r><a>@&eacute;&nbsp;@&nope;@&amp;nope;</a></r>",
		"<r><a>@]@]]@]</a><a>@]]</a></r>",
		"<r><a>@x]]>y</a></r>",
		"<r><a>@\r\n@\r\n\r\n@\n</a><b/></r>",
		"<r><a>@\ra\r\rb@\r</a><b/></r>",
		"<r><a>@\n\n&#10;@\n</a><b/>\n<c>@</c><d/></r>",
		"<r><a>@caf\xC3\xA9@\xF0\x9F\x98\x80@</a></r>",
		"<r><a>@& @</a></r>", "<r><a>@&;@</a></r>", "<r><a>\n@&lt @</a></r>", "<r><a>@&#;@</a></r>", "<r><a>@&#x;@</a></r>",
		"<r><a>@&#0;@</a></r>", "<r><a>@&#8;@</a></r>", "<r><a>@\n&#xD800;@</a></r>", "<r><a>@&#xFFFE;@</a></r>",
		"<r><a>@&#x110000;@</a></r>", "<r><a>@&#99999999999;@</a></r>", "<r><a>@&#XE9;@</a></r>", "<r><a>@&#1a;@</a></r>",
		"<r><a>@&b:c;&d-e;@&_;@</a></r>", "<r><a>@&averyveryverylongnamethatisnoentity;@</a></r>",
		"<r><a><![CDATA[@<b>&lt;&amp;]]]]@]]></a><b/></r>",
		"<r><a><![CDATA[@\r\n@\n@\r@]]>@\n@<![CDATA[@]]></a><b/></r>",
		"<r><a><![CDATA[@]]@</a></r>", "<r><a><![CDATA[@", "<r><a>@", "<r><a>@</b></r>", "<r>\n<a>@</a>", "<a>@</a>@", "<a/>@<b>@</b>",
		"<r><!-- <b>@&x</b> <![CDATA[@ -->@]]&gt;@<a/></r>",
		"<r><!-- <b>@\n -- > </b> --><a/></r>",
		"<r><?x <b>@&y</b> <![CDATA[@]]> ?><a/></r>",
		"<r><b t='>@' u='\"@>'>@</b>@<c d='@<'>@</c></r>",
		"<r><b t=\"'>@'>@\n\">@</b>@</r>",
		"<!DOCTYPE r [<!ENTITY a '<b>@</b>'>]><r>@</r>", "@<r/>",
		"<!DOCTYPE r PUBLIC \"a\" 'b'><r>@<b/></r>", "<!DOCTYPE r [",
	};

	static const size_t longs[] = { 95, 96, 97, 200, 4081, 4088, 4090, 4091, 4092, 4093, 4094, 4095, 4096, 4097, 20000 };

	(void)state;
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
		struct buf want = BUF_INIT(4096);

		read_padded(&want, templates[i], 3);
		print_message("# %s: %s\n", templates[i], buf_str(&want));
		for (size_t k = 0; k < 3 * sizeof(longs) / sizeof(longs[0]); k++) {
			struct buf got = BUF_INIT(4096);

			xml_set_chunk_bytes(k % 3 == 0 ? 0 : k % 3 == 1 ? 1000 : 7);
			read_padded(&got, templates[i], longs[k / 3]);
			assert_string_equal(buf_str(&got), buf_str(&want));
			buf_done(&got);
		}
		xml_set_chunk_bytes(0);
		buf_done(&want);
	}
}

/* Which texts the parser is spared. */
static void test_runs(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{"<r>" LONG "<a/>" LONG "</r>", "text 100, text 100"},
		{"<r><a>short</a><b><![CDATA[short]]>" LONG "</b><c t='>'>" LONG "</c></r>", "text 100"},
		{"<r><![CDATA[<b>" LONG "</b>]]></r>", "section 107"},
		{"<r><![CDATA[<b>" LONG "</b>]] ></r>", ""},
		{"<r><!--" LONG "--></r>", ""},
		{"<r><a t='" LONG "'/></r>", ""},
		{"<r>" LONG, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *end = rows[i].in + strlen(rows[i].in);
		struct xml_run run = { .to = rows[i].in };
		struct buf got = BUF_INIT(1000);

		while (xml_find_run(run.to, end, 96, &run))
			buf_append_printf(&got, "%s%s %zu", got.len ? ", " : "", run.cdata ? "section" : "text", (size_t)(run.to - run.from));
		assert_string_equal(buf_str(&got), rows[i].want);
		buf_done(&got);
	}
}

/* Tags are gone through 64 bytes at a time: a run is seen wherever it begins and however much is around it, and no other thing for one. */
static void test_runs_at_every_place(void **state)
{
	enum { MIN = 96 };

	(void)state;
	for (size_t before = 0; before < 140; before++) {
		for (size_t len = MIN - 20; len < MIN + 80; len += 3) {
			struct buf in = BUF_INIT(4000);
			struct xml_run run;
			size_t text, section;

			buf_append_str(&in, "<r a='>'>");
			for (size_t n = 0; n < before; n++)
				buf_append_str(&in, n % 7 == 6 ? "<b/>" : "y");
			buf_append_str(&in, "<t>");
			text = in.len;
			for (size_t n = 0; n < len; n++)
				buf_append_char(&in, 'x');
			buf_append_str(&in, "</t><!-- " LONG "<b>" LONG "</b> --><?pi " LONG "?><b>z</b><![CDATA[<");
			section = in.len - 1;
			buf_append_str(&in, LONG "<b>" LONG "]]></r>");
			run.to = in.bytes;
			if (len >= MIN) {
				assert_true(xml_find_run(run.to, in.bytes + in.len, MIN, &run));
				assert_true(!run.cdata && run.from == in.bytes + text && run.to == run.from + len);
			}
			while (xml_find_run(run.to, in.bytes + in.len, MIN, &run) && !run.cdata) /* what looks like one in the comment */
				;
			assert_true(run.cdata && run.from == in.bytes + section && memcmp(run.to, "]]></r>", 7) == 0);
			assert_false(xml_find_run(run.to, in.bytes + in.len, MIN, &run));
			buf_done(&in);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_documents), cmocka_unit_test(test_limits), cmocka_unit_test(test_long_texts),
		                            cmocka_unit_test(test_runs), cmocka_unit_test(test_runs_at_every_place) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
