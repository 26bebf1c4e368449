/*
 * The lenient reader alone: what it calls for broken text and what it says about that; that it reads what is XML as an
 * XML parser does; and that no storm of openings makes it slow (REL-13).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../lib/golden.h"
#include "../../src/parse/lenient.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* ---- a trace: (name@attribute=value text ) with {uri} before names; characters between calls are joined ---- */

static void trace_name(struct buf *out, const struct xml_name *n)
{
	if (n->uri)
		buf_append_printf(out, "{%s}", n->uri);
	else if (n->prefix)
		buf_append_printf(out, "%s:", n->prefix);
	buf_append_str(out, n->local);
}

static void on_start(const struct xml_element *e, void *ctx)
{
	struct buf *out = ctx;

	buf_append_char(out, '(');
	trace_name(out, &e->name);
	for (size_t i = 0; i < e->n_attributes; i++) {
		buf_append_str(out, " @");
		trace_name(out, &e->attributes[i].name);
		buf_append_printf(out, "=%s", e->attributes[i].value);
	}
	buf_append_char(out, '|');
}

static void on_end(const struct xml_name *name, void *ctx)
{
	(void)name;
	buf_append_char(ctx, ')');
}

static void on_text(const char *s, size_t len, void *ctx)
{
	buf_append(ctx, s, len);
}

/* Stands for the tables: an "item" ends whatever is in the way to the first element, a "field" a "field". */
static bool must_end(const struct xml_element *e, void *ctx)
{
	const char *out = buf_str(ctx), *open = NULL;
	size_t closed = 0;

	for (size_t i = strlen(out); i-- > 0 && !open;) {
		if (out[i] == ')')
			closed++;
		else if (out[i] == '(' && closed-- == 0)
			open = out + i + 1;
	}
	if (strcmp(e->name.local, "item") == 0)
		return open && !text_has_prefix(open, "r|");
	return strcmp(e->name.local, "field") == 0 && open && text_has_prefix(open, "field");
}

static const struct xml_handler handler = { .start_cb = on_start, .end_cb = on_end, .text_cb = on_text };
static const struct xml_handler asking = { .start_cb = on_start, .end_cb = on_end, .text_cb = on_text, .must_end_cb = must_end };

static void read_all(const char *in, size_t len, const struct xml_handler *h, struct buf *out, struct problem_list *problems, struct lenient_result *result)
{
	struct xml_sink none = { NULL, NULL };

	buf_append_str(out, "");
	lenient_parse(in, len, 1, false, h, out, &none, problems, result);
}

struct row {
	const char *in;
	const char *trace;
	const char *problems; /* "code@line code@line" */
	bool cut;
};

static void check_row(const struct row *row, const struct xml_handler *h)
{
	struct buf out = BUF_INIT(1 << 16), said = BUF_INIT(1 << 16);
	struct problem_list problems = { 0 };
	struct lenient_result result;

	print_message("# %s\n", row->in);
	read_all(row->in, strlen(row->in), h, &out, &problems, &result);
	for (size_t i = 0; i < problems.n; i++)
		buf_append_printf(&said, "%s%s@%u", i ? " " : "", problems.items[i].code, problems.items[i].line);
	assert_string_equal(buf_str(&out), row->trace);
	assert_string_equal(buf_str(&said), row->problems);
	assert_int_equal(result.complete, !row->cut);
	problem_list_done(&problems);
	buf_done(&out);
	buf_done(&said);
}

static void test_repairs(void **state)
{
	static const struct row rows[] = {
		/* References */
		{ "<r>a & b</r>", "(r|a & b)", "bare-ampersand@1", false },
		{ "<r>\n&x</r>", "(r|\n&x)", "bare-ampersand@2", false },
		{ "<r>&nosuch;&eacute;&apos;&amp;lt;</r>", "(r|&nosuch;é'&lt;)", "unknown-entity@1", false },
		{ "<r>&#65;&#x42;&#X43;&#233</r>", "(r|ABC&#233)", "unknown-entity@1", false },
		{ "<r>&#146;&#0;&#1;&#xFFFE;&#x110000;&#9;</r>", "(r|\xC2\x92\uFFFD\uFFFD\uFFFD\uFFFD\t)", "bad-character@1", false },
		{ "<r>&#55357;&#56832;&#xD83D;&#xde00;</r>", "(r|\U0001F600\U0001F600)", "", false },
		{ "<r>&#55357;&#65;&#56832;&#55357;</r>", "(r|\uFFFDA\uFFFD\uFFFD)", "bad-character@1", false },
		{ "<r>&#;&#x;&;&</r>", "(r|&#;&#x;&;&)", "bare-ampersand@1 unknown-entity@1", false },
		{ "<r>&abcdefghijklmnopqrstuvwxyzabcdefghijk;</r>", "(r|&abcdefghijklmnopqrstuvwxyzabcdefghijk;)", "bare-ampersand@1", false },
		{ "<r a='x & y &eacute; &#65;'/>", "(r @a=x & y é A|)", "bare-ampersand@1", false },
		/* Text that looks like tags */
		{ "<r>1 < 2 <3 <> << </r>", "(r|1 < 2 <3 <> << )", "bare-less-than@1", false },
		{ "<r><!x <![y[z]]> </r>", "(r|<!x <![y[z]]> )", "bare-less-than@1", false },
		{ "<r></></r>", "(r|</>)", "bare-less-than@1", false },
		/* Tags */
		{ "<r\n<a>x</a></r>", "(r|(a|x))", "broken-tag@1", false },
		{ "<r><a>x</a<b/></r>", "(r|(a|x)(b|))", "broken-tag@1", false },
		{ "<r><a>x</ a ></r>", "(r|(a|x))", "", false },
		{ "<r><A>x</a></R>", "(r|(A|x))", "", false },
		{ "<r/ ><a/></r>", "(r|(a|))", "", false },
		/* Attributes */
		{ "<r a=1 b='2' c=\"3\"d=4/>", "(r @a=1 @b=2 @c=3 @d=4/|", "broken-attribute@1 unclosed-tag@1", true },
		{ "<r a b =\n'x'\t/>", "(r @a= @b=x|)", "broken-attribute@1", false },
		{ "<r a='1' a='2'/>", "(r @a=1|)", "broken-attribute@1", false },
		{ "<r =x><a ''/></r>", "(r|(a @''=|))", "broken-attribute@1", false },
		{ "<r a='1\n2\t3&#10;'/>", "(r @a=1 2 3\n|)", "", false },
		{ "<r a=\u201cx y\u201d b=\u2019z\u2019 c=\u201cq/>", "(r @a=x @y\u201d= @b=z @c=q/|", "broken-attribute@1 unclosed-tag@1", true },
		{ "<r><a b='x>1</a><a b='y'>2</a></r>", "(r|(a @b=x|1)(a @b=y|2))", "broken-attribute@1", false },
		{ "<r a='<b>'/>", "(r @a=<b>|)", "", false },
		/* What is open */
		{ "<r><a>x</r>", "(r|(a|x))", "unclosed-tag@1", false },
		{ "<r>\n<a><b>x</a></b></r>", "(r|\n(a|(b|x)))", "unclosed-tag@2 stray-end-tag@2", false },
		{ "<r></x></r></r>", "(r|)", "stray-end-tag@1", false },
		{ "<r>a<br>b<hr><img src='x'>c</img></r>", "(r|a(br|)b(hr|)(img @src=x|)c)", "stray-end-tag@1", false },
		{ "<br><r/>", "(br|)(r|)", "several-documents@1", false },
		{ "<r><p>1<p>2<li>3<li>4</r>", "(r|(p|1)(p|2(li|3)(li|4)))", "unclosed-tag@1", false },
		/* CDATA */
		{ "<r><![CDATA[a<b&c]]></r>", "(r|a<b&c)", "", false },
		{ "<r><![cdata[a]]></r>", "(r|a)", "", false },
		{ "<r><a><![CDATA[x <b>y</b></a>z</r>", "(r|(a|x <b>y</b>)z)", "unclosed-cdata@1", false },
		{ "<r><a><![CDATA[x]] ></a><a><![CDATA[y]]&gt;</A ></r>", "(r|(a|x)(a|y))", "unclosed-cdata@1", false },
		{ "<r><a><![CDATA[x</a><a><![CDATA[y]]></a></r>", "(r|(a|x)(a|y))", "unclosed-cdata@1", false },
		{ "<r><a><![CDATA[x<![CDATA[y]]></a></r>", "(r|(a|x<![CDATA[y))", "", false },
		{ "<r><a><![CDATA[x</b> and no more", "(r|(a|x</b> and no more", "unclosed-tag@1 unclosed-cdata@1", true },
		{ "<![CDATA[x]]><![CDATA[y<r/>", "(r|)", "unclosed-cdata@1 text-outside@1", false },
		/* Comments and instructions */
		{ "<!-- a -- b --><r><!-- <x> --></r>", "(r|)", "", false },
		{ "<r><!-- a <a>x</a></r>", "(r|(a|x))", "unclosed-comment@1", false },
		{ "<r><!-- a > b</r>", "(r| b)", "unclosed-comment@1", false },
		{ "<r><a><!-- x</a><!-- y --></r>", "(r|(a|))", "unclosed-comment@1", false },
		{ "<r>a<?php x > y ?>b<?php ></r>", "(r|ab)", "", false },
		{ "<?xml version='1.0'><r><?x ?></r>", "(r|)", "", false },
		{ "<r><!--", "(r|", "unclosed-tag@1 unclosed-comment@1", true },
		{ "<r/><?x", "(r|)", "", true },
		/* Declarations */
		{ "<!DOCTYPE r [ <!ENTITY a \"]>\"> <!-- it's --> ]><r>&a;</r>", "(r|&a;)", "unknown-entity@1 document-type@1", false },
		{ "<!DOCTYPE r [ <!ENTITY a 'b'>\n<r/>", "(r|)", "document-type@1", false },
		{ "<!doctype r><!x><r/>", "(r|)", "document-type@1", false },
		{ "<!DOCTYPE r [ 'x", "", "document-type@1", true },
		{ "<!DOCTYPE r [ 'x><!y><r/>", "(r|)", "document-type@1", false },
		{ "<r><!DOCTYPE x>a</r>", "(r|a)", "document-type@1", false },
		/* Namespaces */
		{ "<r xmlns='u' xmlns:p='v'><p:a p:b='1' c='2'/><q:d q:e='3'/><f xmlns=''/></r>", "({u}r|({v}a @{v}b=1 @c=2|)(q:d @q:e=3|)(f|))", "undeclared-prefix@1", false },
		{ "<r xml:lang='de'><:a b:='1'/></r>", "(r @{http://www.w3.org/XML/1998/namespace}lang=de|(:a @b:=1|))", "", false },
		{ "<r><a xmlns='u'/><b/></r>", "(r|({u}a|)(b|))", "", false },
		/* Around the document element */
		{ "x<r/>\ny&amp;z<r/>", "(r|)(r|)", "several-documents@2 text-outside@1", false },
		{ "", "", "", true },
		{ "<r", "", "", true },
		{ "<r><a b='x", "(r|", "broken-attribute@1 unclosed-tag@1", true },
		{ "<r>x", "(r|x", "unclosed-tag@1", true },
		{ "<r>x</r", "(r|x)", "broken-tag@1", false }, /* all was said */
		/* Line ends, as XML reads them */
		{ "<r a='x\r\ny'>1\r\n2\r3\n&#13;</r>", "(r @a=x y|1\n2\n3\n\r)", "", false },
	};
	static const struct row asked[] = {
		{ "<r><item><field>a<item>b</item></r>", "(r|(item|(field|a))(item|b))", "unclosed-tag@1", false },
		{ "<r><item><field>a<field>b</r>", "(r|(item|(field|a)(field|b)))", "unclosed-tag@1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], &handler);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		check_row(&asked[i], &asking);
}

static void append_n(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_append_str(b, s);
}

/* REL-5: what is nested too deep is read as part of what is around it, and its end tags end nothing else. */
static void test_depth(void **state)
{
	struct buf in = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct problem_list problems = { 0 };
	struct lenient_result result;

	(void)state;
	buf_append_str(&in, "<r><item>");
	append_n(&in, "<d>", 300);
	buf_append_str(&in, "x<br>y</z><z/>");
	append_n(&in, "</d>", 300);
	buf_append_str(&in, "</item><item>");
	append_n(&in, "<d>", 300); /* never closed */
	buf_append_str(&in, "</item><item>");
	append_n(&in, "<d>", 300);
	buf_append_str(&in, "<item>z</item></r>");
	read_all(buf_str(&in), in.len, &asking, &out, &problems, &result);
	assert_true(result.complete);
	assert_non_null(strstr(buf_str(&out), "xy"));
	assert_true(text_has_prefix(buf_str(&out) + out.len - 10, ")(item|z))"));
	assert_int_equal(problems.n, 3);
	assert_string_equal(problems.items[0].code, "unclosed-tag");
	assert_string_equal(problems.items[1].code, "stray-end-tag");
	assert_string_equal(problems.items[2].code, "too-deep");
	problem_list_done(&problems);
	buf_done(&in);
	buf_done(&out);
}

/* More attributes, namespaces and longer names than are kept do no harm. */
static void test_many(void **state)
{
	struct buf in = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct problem_list problems = { 0 };
	struct lenient_result result;

	(void)state;
	buf_append_str(&in, "<r");
	for (unsigned i = 0; i < 2 * LIMIT_XML_ATTRIBUTES; i++)
		buf_append_printf(&in, " xmlns:p%u='u%u' a%u='%u'", i, i, i, i);
	buf_append_str(&in, "><");
	append_n(&in, "n", LIMIT_SHORT_BYTES + 1);
	buf_append_str(&in, ">x</r>");
	read_all(buf_str(&in), in.len, &handler, &out, &problems, &result);
	assert_true(result.complete);
	assert_non_null(strstr(buf_str(&out), " @a0=0 @a1=1 "));
	assert_non_null(strstr(buf_str(&out), "(?|x))"));
	problem_list_done(&problems);
	buf_done(&in);
	buf_done(&out);
}

/* ---- the same as an XML parser ---- */

static void compare_readers(const char *name, const char *in, size_t len, size_t *ret_compared)
{
	struct buf strict = BUF_INIT(1 << 22), lenient = BUF_INIT(1 << 22);
	struct problem_list problems = { 0 };
	struct xml_result result;
	struct lenient_result repaired;

	buf_append_str(&strict, "");
	xml_parse(in, len, &handler, &strict, NULL, &result);
	if (result.complete) {
		read_all(in, len, &handler, &lenient, &problems, &repaired);
		if (strcmp(buf_str(&strict), buf_str(&lenient)) != 0)
			fail_msg("%s\n%s\nstrict:  %s\nlenient: %s", name, in, buf_str(&strict), buf_str(&lenient));
		assert_true(repaired.complete);
		*ret_compared += 1;
	}
	problem_list_done(&problems);
	buf_done(&strict);
	buf_done(&lenient);
}

static unsigned pick(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % n;
}

/* Well-formed by construction. */
static void generate(struct buf *out, unsigned *seed, unsigned depth)
{
	static const char *const names[] = { "item", "title", "p:x", "A", "content", "q:link" };
	static const char *const attributes[] = { "", " a='1'", " p:b=\"x &lt; &quot;y\ny\"", " xmlns='urn:d'", " xmlns:p='urn:other'", " c = '\xC3\xA9&#10;'" };
	static const char *const texts[] = { "", "text", " \n ", "&amp;&lt;&gt;", "<![CDATA[<b>&amp;]]>", "<!-- <c> & -->", "<?pi <d> ?>", "&#65;&#x20AC;", "]]&gt;", "\r\n\r", "\xF0\x9F\x98\x80", "&eacute;&nosuch;" };
	const char *name = names[pick(seed, 6)];

	buf_append_printf(out, "<%s%s", name, attributes[pick(seed, 6)]);
	if (pick(seed, 5) == 0) {
		buf_append_str(out, "/>");
		return;
	}
	buf_append_char(out, '>');
	for (unsigned n = pick(seed, 5); n > 0; n--) {
		buf_append_str(out, texts[pick(seed, 12)]);
		if (depth < 6)
			generate(out, seed, depth + 1);
	}
	buf_append_printf(out, "</%s%s>", name, pick(seed, 4) ? "" : " ");
}

static void test_same_as_xml(void **state)
{
	enum { DOCUMENTS = 2000 };
	const char *given = getenv("TEST_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	size_t n, compared = 0;
	struct golden *all = golden_load(&n);

	(void)state;
	print_message("# TEST_SEED=%u\n", seed);
	for (unsigned i = 0; i < DOCUMENTS; i++) {
		struct buf in = BUF_INIT(1 << 22);

		buf_append_str(&in, "<r xmlns:p='urn:p' xmlns:q='urn:q'>");
		generate(&in, &seed, 0);
		buf_append_str(&in, "</r>");
		compare_readers("generated", buf_str(&in), in.len, &compared);
		buf_done(&in);
	}
	assert_int_equal(compared, DOCUMENTS);
	for (size_t i = 0; i < n; i++)
		compare_readers(all[i].name, all[i].bytes, all[i].len, &compared);
	assert_true(compared > DOCUMENTS + 30);
	golden_free(all, n);
}

/* ---- time ---- */

/* The sanitizers' memmem() looks at all of the text each time, also where it finds something at once. */
#ifdef SYN_SANITIZED
enum { LINEAR = 10000 };
#else
enum { LINEAR = 64 };
#endif

static double seconds_for(const char *before, const char *storm, size_t bytes)
{
	struct buf in = BUF_INIT(8 << 20), out = BUF_INIT(16 << 20);
	struct problem_list problems = { 0 };
	struct lenient_result result;
	struct timespec a, b;

	buf_append_str(&in, before);
	append_n(&in, storm, bytes / strlen(storm));
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	read_all(buf_str(&in), in.len, &handler, &out, &problems, &result);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	problem_list_done(&problems);
	buf_done(&in);
	buf_done(&out);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* Sixteen times the bytes take less than 64 times as long, at best of some tries: a busy machine does not do that, and 256 would be quadratic. */
static void test_storms(void **state)
{
	static const char *const storms[] = {
		"<", "&", "&#", "&#x", "&a", "<![CDATA[", "<!--", "<!x[", "<!DOCTYPE[<!--", "</x>", "<a>", "<a b=\"", "<a b='<a b=\"", "\"", "'", "<?", "<?xml ",
		"<a b=", "</", "<p>", "</r><r>", "<![CDATA[</r", "<!--</r><!--", "<!---->", "<item>", "<a b='</", "<a \xE2\x80\x9C", "<br>", "]]>", "<a/>", "\r",
		"<!DOCTYPE [\"", "<x:y>", "<a xmlns:b='c'>", "<r>",
	};
	static const char *const before[] = { "", "<r>" };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(storms) / sizeof(storms[0]); i++) {
		double small = 1e9, big = 1e9;

		for (unsigned k = 0; k < 10; k++) {
			double s = seconds_for(before[i % 2], storms[i / 2], 1 << 16), b = seconds_for(before[i % 2], storms[i / 2], 1 << 20);

			small = s < small ? s : small;
			big = b < big ? b : big;
			if (big < LINEAR * small || big < 0.02)
				break;
		}
		print_message("# %s%s: %.4f s, %.4f s\n", before[i % 2], storms[i / 2], small, big);
		/* Below 20 ms a MiB the clock measures the machine. */
		if (big >= LINEAR * small && big >= 0.02)
			fail_msg("%s%s: %.4f s, but %.4f s for sixteen times as much", before[i % 2], storms[i / 2], small, big);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repairs),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_same_as_xml),
		cmocka_unit_test(test_storms),
	};

	xml_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
