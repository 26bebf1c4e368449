#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/parse.h"

#define RDF "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"

/* What is no feed says what it is instead; formats are told by their document element. */
static void test_status(void **state)
{
	static const struct { const char *in; enum parse_status want; const char *format; } rows[] = {
		{"", PARSE_EMPTY, NULL},
		{" \n", PARSE_EMPTY, NULL},
		{"<!doctype html><html></html>", PARSE_HTML, NULL},
		{"<html><body>x</body></html>", PARSE_HTML, NULL},
		{"hello", PARSE_NOT_FEED, NULL},
		{"<svg/>", PARSE_NOT_FEED, NULL},
		{"{\"a\":1}", PARSE_NOT_FEED, NULL},
		{"{\"items\":[{\"a\":1},{\"b\":2}],\"total\":2}", PARSE_NOT_FEED, NULL},
		{"{\"items\":[1, 2]}", PARSE_NOT_FEED, NULL},
		{"{\"items\":[{\"a\":1},{\"id\":2}]}", PARSE_OK, "json10"},
		{"{\"items\":[{\"content_text\":\"x\"}]}", PARSE_OK, "json10"},
		{"{\"items\":[ ]}", PARSE_OK, "json10"},
		{"{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{\"a\":1}]}", PARSE_OK, "json10"},
		{"{\"a\":", PARSE_BROKEN, NULL},
		{"<rss><chan", PARSE_BROKEN, NULL},
		{"<rss version='2.0'><channel/></rss>", PARSE_OK, "rss20"},
		{"\n<?xml version='1.0'?><rss version='0.91'><channel/></rss>", PARSE_OK, "rss09x"},
		{"<feed xmlns='http://www.w3.org/2005/Atom'/>", PARSE_OK, "atom10"},
		{"<feed xmlns='http://purl.org/atom/ns#'/>", PARSE_OK, "atom03"},
		{RDF "/>", PARSE_OK, "rss10"},
		{RDF " xmlns='http://xmlns.com/foaf/0.1/'><Person rdf:about='#me'><name>x</name></Person></rdf:RDF>", PARSE_NOT_FEED, NULL},
		{RDF " xmlns='http://xmlns.com/foaf/0.1/'><Person rdf:about='#me'><na", PARSE_BROKEN, NULL},
		{RDF " xmlns='http://purl.org/rss/1.0/'><channel/></rdf:RDF>", PARSE_OK, "rss10"},
		{RDF "><channel/></rdf:RDF>", PARSE_OK, "rss10"},
		{RDF "><item/></rdf:RDF>", PARSE_OK, "rss10"},
		{RDF " xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel/></rdf:RDF>", PARSE_OK, "rss09x"},
		{"{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[]}", PARSE_OK, "json11"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct raw_feed *f = NULL;
		struct err err = {0};

		print_message("# %s\n", rows[i].in);
		assert_int_equal(parse_feed(rows[i].in, strlen(rows[i].in), NULL, &f, &err), rows[i].want);
		if (rows[i].format)
			assert_string_equal(f->format, rows[i].format);
		else
			assert_true(strlen(err.message) > 0 && !f);
		raw_feed_free(f);
	}
}

static struct raw_feed *read(const char *in)
{
	struct raw_feed *f = NULL;
	struct err err = {0};

	assert_int_equal(parse_feed(in, strlen(in), NULL, &f, &err), PARSE_OK);
	return f;
}

/* REL-10: what was whole before the damage is kept, and the feed says that it is not complete. */
static void test_damaged(void **state)
{
	struct raw_feed *f = read("<rss version='2.0'><channel><item><title>one</title></item><item><title>tw");

	(void)state;
	assert_false(f->complete);
	assert_int_equal(f->n_items, 1);
	assert_string_equal(f->items[0].title.value, "one");
	assert_int_equal(f->problems.n, 3); /* what the parser said, what was open at the end, what was kept */
	assert_string_equal(f->problems.items[2].code, "damaged");
	raw_feed_free(f);
}

/* The row of higher rank wins in either order; xhtml comes out as HTML source; prefixes do not matter. */
/* What a script appends makes the document no XML, and nothing else of what it says: nothing ends in it that is not ended there. */
static void test_appended(void **state)
{
	static const char *const behind[] = { "", "\n<script>x</script>\n", "</p>", "\n<br>\nWarning: 3 < 4 & so on", "<!-- 0.3 s -- -->", "<rss><channel/></rss>" };
	static const char feed[] = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><source><title>S</title><entry/></source><id>i</id><title>T</title>"
				   "<category term='c'/><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>a<img src='b'></img>c</p></div>"
				   "</content></entry></feed>";
	static const char rss[] = "<rss version='2.0'><channel><item><category>news <image><url>http://e.org/u</url></image></category><guid>g</guid>"
				  "</item></channel></rss>";

	(void)state;
	for (size_t n = 0; n < sizeof(behind) / sizeof(behind[0]); n++) {
		auto_free char *a = mem_printf("%s%s", feed, behind[n]), *b = mem_printf("%s%s", rss, behind[n]);
		struct raw_feed *f = read(a), *r = read(b);
		const struct raw_item *i;

		assert_true(f->n_items >= 1 && r->n_items == 1);
		for (i = f->items; !i->id && i < f->items + f->n_items - 1; i++)
			;
		assert_string_equal(i->id, "i");
		assert_string_equal(i->title.value, "T");
		assert_string_equal(i->content.value, "<p>a<img src=\"b\">c</p>");
		assert_string_equal(r->items[0].id, "g");
		assert_string_equal(raw_list_at(&r->items[0].categories, struct raw_category, 0)->term, "news http://e.org/u");
		assert_null(r->items[0].thumbnail);
		assert_int_equal(f->problems.n > 0, n > 0);
		raw_feed_free(f);
		raw_feed_free(r);
	}
}

static void test_tables(void **state)
{
	struct raw_feed *f = read("<feed xmlns:a='x' xmlns='http://www.w3.org/2005/Atom' xml:base='http://e.org/' xml:lang='de'>"
				  "<author><name>F</name></author><entry xml:base='d/'><id>i</id><author><name>A</name><email>a@b</email></author>"
				  "<title type='html'>&lt;b></title><a:title>no</a:title><link href='l'/><link rel='enclosure' href='e' length='3'/>"
				  "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p class='x'>1 &lt; 2<br/></p></div></content>"
				  "</entry></feed>");
	struct raw_item *i = &f->items[0];

	(void)state;
	assert_true(f->complete);
	assert_int_equal(i->title.kind, RAW_TEXT_HTML);
	assert_string_equal(i->title.value, "<b>");
	assert_string_equal(i->content.value, "<p class=\"x\">1 &lt; 2<br></p>");
	assert_string_equal(i->content.language, "de");
	assert_string_equal(i->content.base, "http://e.org/ d/");
	assert_int_equal(i->authors.n, 1);
	assert_string_equal(raw_list_at(&i->authors, struct raw_person, 0)->email, "a@b");
	assert_int_equal(i->links.n, 1);
	assert_int_equal(i->enclosures.n, 1);
	raw_feed_free(f);

	f = read("<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><ttl>60</ttl><skipHours><hour>3</hour></skipHours>"
		 "<item><dc:title>low</dc:title><title>high</title><guid isPermaLink='false'>g</guid></item>"
		 "<item><title>high</title><dc:title>low</dc:title><guid>g</guid></item></channel></rss>");
	assert_string_equal(f->items[0].title.value, "high");
	assert_string_equal(f->items[1].title.value, "high");
	assert_false(f->items[0].id_is_link);
	assert_true(f->items[1].id_is_link);
	assert_int_equal(f->skip_hours, 8);
	raw_feed_free(f);
}

/* In a damaged document too, the text behind a tag of xhtml is escaped, and the buffer it goes into grows (REL-8). */
static void test_damaged_xhtml(void **state)
{
	enum { PIECES = 9000 };
	struct buf in = BUF_INIT(1 << 20);
	struct raw_feed *f;
	const char *value;

	(void)state;
	buf_append_str(&in, "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>i</id><content type='xhtml'>"
			    "<div xmlns='http://www.w3.org/1999/xhtml'><p>");
	for (int i = 0; i < PIECES; i++)
		buf_append_str(&in, "1 &lt; 2 ");
	buf_append_str(&in, "</p></div></content></entry></feed");
	f = read(buf_str(&in));
	assert_int_equal(f->n_items, 1);
	value = f->items[0].content.value;
	assert_true(strlen(value) > PIECES * strlen("1 &lt; 2"));
	assert_memory_equal(value, "<p>1 &lt; 2 1 &lt; 2 ", 20);
	raw_feed_free(f);
	buf_done(&in);
}

/* JSON Feed 1.1: ids that are numbers are taken. */
static void test_json(void **state)
{
	struct raw_feed *f = read("{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"T\",\"items\":[{\"id\":7,\"title\":5,"
				  "\"content_text\":\"<x>\",\"author\":{\"name\":\"N\"},\"tags\":[\"a\",3]},\"junk\"]}");

	(void)state;
	assert_int_equal(f->n_items, 1);
	assert_string_equal(f->items[0].id, "7");
	assert_int_equal(f->items[0].content.kind, RAW_TEXT_PLAIN);
	assert_int_equal(f->items[0].authors.n, 1);
	assert_int_equal(f->items[0].categories.n, 2);
	assert_string_equal(raw_list_at(&f->items[0].categories, struct raw_category, 1)->term, "3");
	raw_feed_free(f);
}

/* Escapes say what the bytes of a document may not, or mean windows-1252's: text inside is clean all the same, in both kinds of JSON. */
static void test_json_escapes(void **state)
{
#define BAD "a\\u000f\\u0000b\\ufffe\\u0092\\u0085\\u00a9"
#define GOOD "ab\xEF\xBF\xBD\xE2\x80\x99\xE2\x80\xA6\xC2\xA9"
	struct raw_feed *f = read("{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"" BAD "\",\"items\":[{\"id\":\"" BAD "\",\"title\":\"\\u0001 \","
				  "\"content_html\":\"" BAD "\",\"author\":{\"name\":\"" BAD "\"},\"tags\":[\"" BAD "\",\"\\u0002\"]}]}");
	struct raw_item *i = &f->items[0];

	(void)state;
	assert_string_equal(f->title.value, GOOD);
	assert_string_equal(i->id, GOOD);
	assert_null(i->title.value);
	assert_string_equal(i->content.value, GOOD);
	assert_string_equal(raw_list_at(&i->authors, struct raw_person, 0)->name, GOOD);
	assert_int_equal(i->categories.n, 1);
	assert_string_equal(raw_list_at(&i->categories, struct raw_category, 0)->term, GOOD);
	raw_feed_free(f);

	f = read("{\"rss\":{\"channel\":{\"title\":\"" BAD "\",\"item\":{\"guid\":{\"#value\":\"" BAD "\"},\"category\":[\"" BAD "\"]}}}}");
	assert_string_equal(f->title.value, GOOD);
	assert_string_equal(f->items[0].id, GOOD);
	assert_string_equal(raw_list_at(&f->items[0].categories, struct raw_category, 0)->term, GOOD);
	raw_feed_free(f);
#undef BAD
#undef GOOD
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_status), cmocka_unit_test(test_damaged), cmocka_unit_test(test_appended), cmocka_unit_test(test_tables), cmocka_unit_test(test_damaged_xhtml),
		                            cmocka_unit_test(test_json), cmocka_unit_test(test_json_escapes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
