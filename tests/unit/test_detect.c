#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/buf.h"
#include "../../src/parse/detect.h"

static void test_format(void **state)
{
	static const struct { const char *in; enum detected want; } rows[] = {
		{"", DETECT_EMPTY},
		{" \r\n\t", DETECT_EMPTY},
		{"{\"a\": 1}", DETECT_JSON},
		{"<rss>", DETECT_XML},
		{"<!-- c --><?pi ?><!DOCTYPE rss [ <!ELEMENT a ANY> ]><rss>", DETECT_XML},
		{"<!DOCTYPE html><html>", DETECT_HTML},
		{"<HTML>", DETECT_HTML},
		{"<!-- never closed", DETECT_XML},
		{"hello", DETECT_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("# %s\n", rows[i].in);
		assert_int_equal(detect_format(rows[i].in, strlen(rows[i].in)), rows[i].want);
	}
}

/* What is left of the document, and where the junk was: -1 for none. */
static void test_start(void **state)
{
	static const struct { const char *name, *in, *want; int junk; } rows[] = {
		{"plain", "<rss>a</rss>", "<rss>a</rss>", -1},
		{"declaration", "<?xml version='1.0'?>\n<rss>", "\n<rss>", -1},
		{"white space", "\n \t<?xml version='1.0'?><rss>", "<rss>", -1},
		{"a declaration in capitals", "<?XML VERSION=\"1.0\"?><rss>", "<rss>", -1},
		{"a declaration without its second question mark", "<?xml version='1.0'><rss>", "<rss>", -1},
		{"two declarations", "<?xml version='1.0'?><?xml version='1.0'?><rss>", "<rss>", 21},
		{"style sheet and comment stay", "<?xml version='1.0'?><?xml-stylesheet href='a'?><!-- c --><rss>",
		 "<?xml-stylesheet href='a'?><!-- c --><rss>", -1},
		{"document type stays, entities in it are refused later", "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss>", "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss>", -1},
		{"comment before the declaration", "<!-- cache -->\n<?xml version='1.0'?><rss>", "<rss>", 0},
		{"warning of PHP", "<br />\n<b>Warning</b>: foo() in <b>/a.php</b> on line <b>3</b><br />\n<?xml version='1.0'?><rss>", "<rss>", 0},
		{"notice behind the declaration", "<?xml version='1.0'?>\nNotice: Undefined index\n<rss>", "<rss>", 22},
		{"notices at both places", "Notice: a\n<?xml version='1.0'?>\nNotice: b\n<feed>", "<feed>", 0},
		{"text", "hello\n<feed xmlns='a'>", "<feed xmlns='a'>", 0},
		{"a prefix", "x <atom:feed xmlns:atom='a'>", "<atom:feed xmlns:atom='a'>", 0},
		{"RDF", "x <rdf:RDF>", "<rdf:RDF>", 0},
		{"CDF", "x <CHANNEL HREF='a'>", "<CHANNEL HREF='a'>", 0},
		{"names that only begin like it", "x <rssfoo> <feeds> <channels>", "x <rssfoo> <feeds> <channels>", -1},
		{"head of HTTP", "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<?xml version='1.0'?><rss>", "<rss>", 0},
		{"length of a chunk", "1f40\r\n<rss>", "<rss>", 0},
		{"script that writes a feed's tag", "<script>document.write('<rss>')</script><?xml version='1.0'?><rss/>", "<rss/>", 0},
		{"comment that holds a feed's tag", "x <!-- <rss> --><feed>", "<feed>", 0},
		{"two marks", "\xEF\xBB\xBF\xEF\xBB\xBF<rss>", "<rss>", 0},
		{"a mark through windows-1252", "\xC3\xAF\xC2\xBB\xC2\xBF<rss>", "<rss>", 0},
		{"a mark behind the declaration", "<?xml version='1.0'?>\xEF\xBB\xBF<rss>", "<rss>", 21},
		{"a mark behind a comment", "<?xml version='1.0'?><!-- c -->\xEF\xBB\xBF<rss>", "<rss>", 31},
		{"page", "<!DOCTYPE html><html><body><rss></body></html>", "<!DOCTYPE html><html><body><rss></body></html>", -1},
		{"page with a feed as text", "<html><body><pre>&lt;rss></pre></body></html>", "<html><body><pre>&lt;rss></pre></body></html>", -1},
		{"page, then a feed", "<html><body>Error</body></html>\n<?xml version='1.0'?><rss>", "<rss>", 0},
		{"page whose text names JSON Feed", "<html><body>{\"a\" https://jsonfeed.org</body></html>", "<html><body>{\"a\" https://jsonfeed.org</body></html>", -1},
		{"other XML is left alone", "<soap><rss></rss></soap>", "<soap><rss></rss></soap>", -1},
		{"JSON", "{\"title\": \"<rss>\"}", "{\"title\": \"<rss>\"}", -1},
		{"guard", ")]}',\n{\"a\": 1}", "{\"a\": 1}", 0},
		{"loop", "while(1);{\"a\": 1}", "{\"a\": 1}", 0},
		{"JSONP", "cb_1.b( {\"a\": \"<rss>\"});", "{\"a\": \"<rss>\"});", 0},
		{"JSONP with a comment", "/**/cb({\"a\": 1})", "{\"a\": 1})", 0},
		{"warning, then JSON", "<br />Notice: a {b}\n{ \"version\": \"https://jsonfeed.org/version/1.1\"}", "{ \"version\": \"https://jsonfeed.org/version/1.1\"}", 0},
		{"a call of something else", "cb(1, 2)", "cb(1, 2)", -1},
		{"nothing", "", "", -1},
		{"a declaration that never ends", "<?xml version='1.0'", "<?xml version='1.0'", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct document_start start;

		print_message("# %s\n", rows[i].name);
		detect_start(rows[i].in, strlen(rows[i].in), &start);
		assert_string_equal(rows[i].in + start.at, rows[i].want);
		assert_int_equal(start.has_junk ? (int)start.junk : -1, rows[i].junk);
	}
}

/* Hostile beginnings of a megabyte: no step may look at the whole again and again. Quadratic ones would take minutes. */
static void test_linear(void **state)
{
	static const char *const rows[] = {"<!--", "<script", "<br>", "<", "{ ", "<?xml ", "\xEF\xBB\xBF", "<!DOCTYPE a [", "<html></html>", "x jsonfeed.org/version {\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT(2 << 20);
		struct document_start start;

		print_message("# %s\n", rows[i]);
		buf_append_str(&b, "x");
		while (b.len < 1 << 20)
			buf_append_str(&b, rows[i]);
		detect_start(b.bytes, b.len, &start);
		assert_true(start.at <= b.len);
		detect_start(b.bytes + 1, b.len - 1, &start);
		(void)detect_format(b.bytes + 1, b.len - 1);
		buf_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_format), cmocka_unit_test(test_start), cmocka_unit_test(test_linear)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
