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
		{"{\"a\":", PARSE_BROKEN, NULL},
		{"<rss><chan", PARSE_BROKEN, NULL},
		{"<rss version='2.0'><channel/></rss>", PARSE_OK, "rss20"},
		{"\n<?xml version='1.0'?><rss version='0.91'><channel/></rss>", PARSE_OK, "rss09x"},
		{"<feed xmlns='http://www.w3.org/2005/Atom'/>", PARSE_OK, "atom10"},
		{"<feed xmlns='http://purl.org/atom/ns#'/>", PARSE_OK, "atom03"},
		{"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", PARSE_OK, "rss10"},
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
	assert_int_equal(f->items[0].categories.n, 1);
	raw_feed_free(f);
}

#define JSON_HEAD "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"items\":["

static void fill(struct buf *b, const char *piece, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_append_str(b, piece);
}

/* One row one document: before, a piece many times, behind; what comes of it (REL-8, REL-10, REL-13). */
static void test_limits(void **state)
{
	static const struct {
		const char *name, *before, *piece;
		size_t n;
		const char *behind;
		enum parse_status want;
		size_t items;
		bool complete;
		const char *problem; /* the first, or a word of the message */
	} rows[] = {
		{"values of a JSON item", JSON_HEAD "{\"id\":\"1\",\"tags\":[", "1,", LIMIT_JSON_VALUES + 1, "2]},{\"id\":\"2\"}]}", PARSE_OK, 1, true, "item-too-big"},
		{"values that are allowed", JSON_HEAD "{\"id\":\"1\",\"tags\":[", "1,", LIMIT_JSON_VALUES / 2, "2]},{\"id\":\"2\"}]}", PARSE_OK, 2, true, NULL},
		{"bytes of a JSON item", JSON_HEAD "{\"id\":\"", "0123456789abcdef", LIMIT_JSON_BYTES / 16, "\"},{\"id\":\"2\"}]}", PARSE_OK, 1, true, "item-too-big"},
		{"values around the items", "{\"x\":[", "1,", LIMIT_JSON_VALUES + 1, "1],\"items\":[{\"id\":\"1\"}]}", PARSE_NOT_FEED, 0, false, "beside its items"},
		{"bytes around the items", "{\"items\":[{\"id\":\"1\"}],\"x\":\"", "0123456789abcdef", LIMIT_JSON_BYTES / 16, "\"}", PARSE_NOT_FEED, 0, false, "beside its items"},
		{"a damaged item costs itself", JSON_HEAD, "{\"id\":\"1\"},", 2, "{\"id\":},{\"id\":\"3\",\"title\":\"] } \\\" ,\"}]}", PARSE_OK, 3, false, "damaged"},
		{"cut off in an item", JSON_HEAD, "{\"id\":\"1\"},", 2, "{\"id\":\"3", PARSE_OK, 2, false, "damaged"},
		{"damage behind the items", JSON_HEAD, "{\"id\":\"1\"},", 2, "null],oops}", PARSE_OK, 2, false, "damaged"},
		{"garbage behind the document", JSON_HEAD, "{\"id\":\"1\"},", 2, "[{}]]}}}}}} x", PARSE_OK, 2, true, NULL},
		{"the head behind the items", "{\"items\":[", "{\"id\":\"1\"},", 2, "{}],\"version\":\"https://jsonfeed.org/version/1.1\"}", PARSE_OK, 3, true, NULL},
		{"RSS in JSON", "{\"rss\":{\"channel\":{\"title\":\"T\",\"item\":[", "{\"title\":\"a\"},", 3, "7]}}}", PARSE_OK, 3, true, NULL},
		{"RSS in JSON, cut off", "{\"rss\":{\"channel\":{\"title\":\"T\",\"item\":[", "{\"title\":\"a\"},", 3, "{\"title\"", PARSE_OK, 3, false, "damaged"},
		{"different names", "<rss><channel><item><title>a</title></item>", NULL, LIMIT_XML_NAMES + 9000, "</channel></rss>", PARSE_OK, 1, false, "damaged"},
		{"text of all items", "<rss><channel>", "<item><title>0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef</title></item>", LIMIT_FEED_ITEMS + 1,
		 "</channel></rss>", PARSE_OK, LIMIT_FEED_ITEMS, true, "too-many-items"},
		{"as UTF-8", "<?xml version='1.0' encoding='windows-1252'?><rss><channel><title>", "\x80\x80\x80\x80", 1500000, "</title></channel></rss>", PARSE_BROKEN, 0,
		 false, "as UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf in = BUF_INIT(LIMIT_FEED_BYTES);
		struct raw_feed *f = NULL;
		struct err err = {0};

		print_message("# %s\n", rows[i].name);
		buf_append_str(&in, rows[i].before);
		if (rows[i].piece)
			fill(&in, rows[i].piece, rows[i].n);
		for (size_t k = 0; !rows[i].piece && k < rows[i].n; k++)
			buf_append_printf(&in, "<e%zu/>", k);
		buf_append_str(&in, rows[i].behind);
		assert_int_equal(parse_feed(in.bytes, in.len, NULL, &f, &err), rows[i].want);
		if (f) {
			assert_int_equal(f->n_items, rows[i].items);
			assert_int_equal(f->complete, rows[i].complete);
			assert_int_equal(f->problems.n, rows[i].problem ? 1 : 0);
			if (rows[i].problem)
				assert_string_equal(f->problems.items[0].code, rows[i].problem);
		} else {
			assert_non_null(strstr(err.message, rows[i].problem));
		}
		raw_feed_free(f);
		buf_done(&in);
	}
}

/* LIMIT_FEED_TEXT_BYTES: the first items are kept, and the document was read to its end. */
static void test_text_of_all_items(void **state)
{
	struct buf in = BUF_INIT(LIMIT_FEED_BYTES);
	struct raw_feed *f;

	(void)state;
	buf_append_str(&in, "<rss><channel>");
	for (size_t i = 0; i < 120; i++) {
		buf_append_str(&in, "<item><description>");
		fill(&in, "0123456789abcde ", 100000 / 16);
		buf_append_str(&in, "</description></item>");
	}
	buf_append_str(&in, "</channel></rss>");
	f = read(buf_str(&in));
	assert_true(f->complete && f->full);
	assert_in_range(f->n_items, LIMIT_FEED_TEXT_BYTES / 100000, LIMIT_FEED_TEXT_BYTES / 100000 + 2);
	assert_int_equal(f->problems.n, 1);
	assert_string_equal(f->problems.items[0].code, "document-too-big");
	assert_true(f->problems.items[0].line == 1);
	raw_feed_free(f);
	buf_done(&in);
}

/* Control characters that JSON's escapes name are as little text as those that are written out. */
static void test_json_escapes(void **state)
{
	struct raw_feed *f = read(JSON_HEAD "{\"id\":\"1\",\"title\":\"a\\u000bb\",\"tags\":[\"c\\u0001d\"]}]}");

	(void)state;
	assert_string_equal(f->items[0].title.value, "ab");
	assert_string_equal(raw_list_at(&f->items[0].categories, struct raw_category, 0)->term, "cd");
	raw_feed_free(f);
}

static void count_call(void *ctx)
{
	++*(int *)ctx;
}

/* The bytes are given back once, whatever becomes of them. */
static void test_release(void **state)
{
	static const char *const rows[] = {"<rss><channel><title>T</title></channel></rss>", "no feed", "", "<?xml version='1.0' encoding='windows-1252'?><rss><channel><title>\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int calls = 0;
		const struct parse_input in = {.bytes = rows[i], .len = strlen(rows[i]), .release_cb = count_call, .release_ctx = &calls};
		struct raw_feed *f = NULL;
		struct err err = {0};

		(void)parse_input(&in, &f, &err);
		assert_int_equal(calls, 1);
		raw_feed_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_limits), cmocka_unit_test(test_text_of_all_items),
		                            cmocka_unit_test(test_json_escapes), cmocka_unit_test(test_release), cmocka_unit_test(test_status), cmocka_unit_test(test_damaged), cmocka_unit_test(test_tables),
		                            cmocka_unit_test(test_json) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
