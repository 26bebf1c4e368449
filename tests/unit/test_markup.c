#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/text.h"

static void test_xml(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct markup m;

	(void)state;
	markup_init(&m, &b, MARKUP_XML);
	markup_prologue(&m);
	markup_begin(&m, "feed");
	markup_attr(&m, "a", "<\"'&>\t\r\n");
	markup_attr(&m, "none", NULL);
	markup_element(&m, "title", "a<b & c]]>\r");
	markup_element(&m, "skipped", NULL);
	markup_element(&m, "empty", "");
	markup_begin(&m, "link");
	markup_attr(&m, "href", "x");
	markup_end(&m);
	markup_text_n(&m, "tail", 2);
	markup_begin(&m, "open");
	markup_finish(&m);
	assert_string_equal(buf_str(&b), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                                 "<feed a=\"&lt;&#34;&#39;&amp;&gt;&#9;&#13;&#10;\"><title>a&lt;b &amp; c]]&gt;&#13;</title>"
	                                 "<empty/><link href=\"x\"/>ta<open/></feed>");
	buf_done(&b);
}

static void test_html(void **state)
{
	static const char *const voids[] = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
	                                    "wbr", NULL};
	struct buf b = BUF_INIT(1000);
	struct markup m;

	(void)state;
	markup_init(&m, &b, MARKUP_HTML);
	markup_prologue(&m);
	markup_begin(&m, "p");
	markup_begin(&m, "img");
	markup_attr(&m, "alt", "");
	markup_end(&m);
	markup_element(&m, "b", "");
	markup_safe_html(&m, (struct safe_html){"<i>x</i>", 8});
	markup_finish(&m);
	assert_string_equal(buf_str(&b), "<!doctype html>\n<p><img alt=\"\"><b></b><i>x</i></p>");
	for (size_t i = 0; voids[i] != NULL; i++) {
		char want[32];
		buf_clear(&b);
		markup_begin(&m, voids[i]);
		markup_end(&m);
		snprintf(want, sizeof(want), "<%s>", voids[i]);
		assert_string_equal(buf_str(&b), want);
	}
	buf_done(&b);
}

static void test_limit(void **state)
{
	struct buf b = BUF_INIT(16);
	struct markup m;

	(void)state;
	markup_init(&m, &b, MARKUP_XML);
	markup_element(&m, "title", "<<<<<<<<<<<<");
	assert_int_equal(buf_error(&b), ERR_TOO_BIG);
	buf_done(&b);
}

static void end_unbalanced(struct markup *m)
{
	markup_end(m);
}

static void add_late_attribute(struct markup *m)
{
	markup_begin(m, "a");
	markup_text(m, "x");
	markup_attr(m, "b", "c");
}

static void nest_too_deep(struct markup *m)
{
	for (int i = 0; i <= MARKUP_MAX_DEPTH; i++)
		markup_begin(m, "a");
}

static void put_raw_html_in_xml(struct markup *m)
{
	markup_safe_html(m, (struct safe_html){"<b>", 3});
}

/* Bugs abort, each in a child of its own. */
static void test_misuse_aborts(void **state)
{
	void (*const misuses[])(struct markup *) = {end_unbalanced, add_late_attribute, nest_too_deep, put_raw_html_in_xml};

	(void)state;
	for (size_t i = 0; i < sizeof(misuses) / sizeof(misuses[0]); i++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct buf b = BUF_INIT(10000);
			struct markup m;
			signal(SIGABRT, SIG_DFL);
			close(STDERR_FILENO);
			markup_init(&m, &b, MARKUP_XML);
			misuses[i](&m);
			_exit(0);
		}
		int status = 0;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}

/* Whatever bytes come in: scrubbed and written, a strict reader gives the same text back. */
static void test_any_bytes_come_back(void **state)
{
	uint64_t seed;
	const char *given = getenv("SEED");

	(void)state;
	digest_random(&seed, sizeof(seed));
	if (given != NULL)
		seed = strtoull(given, NULL, 0);
	print_message("# SEED=0x%llx\n", (unsigned long long)seed);
	for (int round = 0; round < 3000; round++) {
		static const char spice[] = "<>&\"'\r\n\t]]>\0\xC2\xA0\xEF\xBF\xBE\xF0\x9F\x98\x80\xED\xA0\x80";
		char raw[200];
		struct buf text = BUF_INIT(1000), xml = BUF_INIT(10000);
		struct markup m;
		size_t len = 0;
		do {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			raw[len++] = seed >> 62 ? spice[(seed >> 40) % (sizeof(spice) - 1)] : (char)(seed >> 33);
		} while (len < sizeof(raw) && seed >> 57 != 5);
		text_scrub(&text, raw, len);
		assert_int_equal(buf_error(&text), 0);
		markup_init(&m, &xml, MARKUP_XML);
		markup_prologue(&m);
		markup_begin(&m, "r");
		markup_attr(&m, "a", buf_str(&text));
		markup_text(&m, buf_str(&text));
		markup_finish(&m);
		assert_int_equal(buf_error(&xml), 0);
		xmlDocPtr doc = xmlReadMemory(xml.bytes, (int)xml.len, NULL, NULL, XML_PARSE_NONET);
		assert_non_null(doc);
		xmlNodePtr root = xmlDocGetRootElement(doc);
		xmlChar *content = xmlNodeGetContent(root), *attribute = xmlGetProp(root, (const xmlChar *)"a");
		assert_string_equal((char *)content, buf_str(&text));
		assert_string_equal((char *)attribute, buf_str(&text));
		xmlFree(content);
		xmlFree(attribute);
		xmlFreeDoc(doc);
		buf_done(&text);
		buf_done(&xml);
	}
	xmlCleanupParser();
}

static void test_plain_text(void **state)
{
	static const struct {
		const char *html, *want;
	} cases[] = {
		{"", ""},
		{"a <b>b</b>c", "a bc"},
		{"<p>One &amp; two</p><p>3 &lt; 4 &gt; 2</p>", "One & two\n3 < 4 > 2"},
		{"<div>\n <h1>Head</h1>\n\n<ul><li>x</li><li>y z</li></ul></div>", "Head\nx\ny z"},
		{"a<br>b<hr>c", "a\nb\nc"},
		{"a<img src=\"x\" alt=\"1 &gt; 0\">b<wbr>c", "abc"},
		{"<table><tr><td>1</td><td>2</td></tr></table>", "1\n2"},
		{"&#38; stays", "&#38; stays"},
		{"cut <a href=", "cut"},
		{"  \t\n ", ""},
		{"привет<br>мир", "привет\nмир"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf out = BUF_INIT(1000);

		buf_append_str(&out, "|");
		markup_plain_text((struct safe_html){cases[i].html, strlen(cases[i].html)}, &out);
		assert_string_equal(buf_str(&out) + 1, cases[i].want);
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_xml), cmocka_unit_test(test_html), cmocka_unit_test(test_limit),
	                                   cmocka_unit_test(test_misuse_aborts), cmocka_unit_test(test_any_bytes_come_back), cmocka_unit_test(test_plain_text)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
