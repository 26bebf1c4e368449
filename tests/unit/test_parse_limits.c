/* What is past a limit is cut or left out, is said once, and harms nothing that is not (REL-5 to REL-9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/parse.h"

static struct buf in;

static void begin(void)
{
	buf_done(&in);
	buf_init(&in, 2 * (size_t)LIMIT_FEED_BYTES);
	buf_append_str(&in, "<rss version='2.0'><channel><title>T</title>");
}

static void put_n(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_append_str(&in, s);
}

static size_t count(const struct raw_feed *f, const char *code)
{
	size_t n = 0;

	for (size_t i = 0; i < f->problems.n; i++)
		n += strcmp(f->problems.items[i].code, code) == 0;
	return n;
}

/* The end of the document; it was read with the problem (NULL: none), and whole but where a limit of XML ended it. */
static struct raw_feed *end(const char *code)
{
	struct raw_feed *f = NULL;
	struct err err = { 0 };

	buf_append_str(&in, "</channel></rss>");
	assert_int_equal(parse_feed(buf_str(&in), in.len, NULL, &f, &err), PARSE_OK);
	assert_int_equal(f->complete, !code || strcmp(code, "beyond-limit") != 0);
	if (code)
		assert_int_equal(count(f, code), 1);
	else
		assert_int_equal(f->problems.n, 0);
	return f;
}

static const struct raw_item *last_item(const struct raw_feed *f)
{
	return &f->items[f->n_items - 1];
}

static void test_items(void **state)
{
	struct raw_feed *f;

	(void)state;
	begin();
	put_n("<item><title>x</title></item>", LIMIT_FEED_ITEMS);
	put_n("<item><title>y</title><guid>lost</guid><link>http://e.example/</link></item>", 3);
	buf_append_str(&in, "<ttl>5</ttl>");
	f = end("too-many-items");
	assert_int_equal(f->n_items, LIMIT_FEED_ITEMS);
	assert_string_equal(last_item(f)->title.value, "x");
	assert_string_equal(f->title.value, "T");
	assert_null(f->id); /* What is refused does not fall to the feed. */
	assert_int_equal(f->links.n, 0);
	assert_string_equal(f->ttl_minutes, "5");
	raw_feed_free(f);
}

static bool yes(const struct raw_feed *first)
{
	assert_int_equal(first->n_items, LIMIT_FEED_ITEMS);
	assert_string_equal(first->items[0].id, "0");
	assert_string_equal(first->items[LIMIT_FEED_ITEMS - 1].id, "9999");
	return true;
}

static bool no(const struct raw_feed *first)
{
	return !yes(first);
}

/* R8: of too many the last are kept when they are the newest, in each format and when it has to be read leniently. */
static void test_last_items(void **state)
{
	static const struct {
		const char *begin, *item, *behind_id, *between, *end;
	} rows[] = {
		{ "<rss><channel><title>T</title>", "<item><guid>", "</guid><title>t</title></item>", "", "</channel></rss>" },
		{ "<rss><channel><title>T</title>", "<item><guid>", "</guid><title>t</item>", "", "</channel>" },
		{ "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>", "<entry><id>", "</id><title>t</title></entry>", "", "</feed>" },
		{ "{\"version\": \"https://jsonfeed.org/version/1\", \"title\": \"T\", \"items\": [", "{\"id\": \"", "\", \"title\": \"t\"}", ",", "]}" },
	};

	(void)state;
	for (size_t r = 0; r < 2 * sizeof(rows) / sizeof(*rows); r++) {
		bool last = r % 2;
		struct parse_input input = { .runs_oldest_first_cb = last ? yes : no };
		struct raw_feed *f = NULL;
		struct err err = { 0 };

		buf_clear(&in);
		buf_append_str(&in, rows[r / 2].begin);
		for (unsigned n = 0; n < LIMIT_FEED_ITEMS + 7; n++) {
			buf_append_str(&in, n ? rows[r / 2].between : "");
			buf_append_printf(&in, "%s%u%s", rows[r / 2].item, n, rows[r / 2].behind_id);
		}
		buf_append_str(&in, rows[r / 2].end);
		input.bytes = buf_str(&in);
		input.len = in.len;
		assert_int_equal(parse_input(&input, &f, &err), PARSE_OK);
		assert_int_equal(f->n_items, LIMIT_FEED_ITEMS);
		assert_string_equal(f->items[0].id, last ? "7" : "0");
		assert_string_equal(last_item(f)->id, last ? "10006" : "9999");
		assert_string_equal(f->title.value, "T");
		assert_int_equal(count(f, "too-many-items"), 1);
		raw_feed_free(f);
	}
}

static struct raw_feed *read_for_last(void)
{
	const struct parse_input input = { .bytes = buf_str(&in), .len = in.len, .runs_oldest_first_cb = yes };
	struct raw_feed *f = NULL;
	struct err err = { 0 };

	assert_int_equal(parse_input(&input, &f, &err), PARSE_OK);
	return f;
}

static void put_items(const char *begin, unsigned from, unsigned to, const char *end)
{
	for (unsigned n = from; n < to; n++)
		buf_append_printf(&in, "%s%u%s", begin, n, end);
}

/* More than twice as many; items in an item that is pushed out by them and goes on behind; what is no item among them. */
static void test_last_of_many(void **state)
{
	static const char whole[] = "</guid><title>t</title></item>";
	struct raw_feed *f;

	(void)state;
	begin();
	put_items("<item><guid>", 0, 3 * LIMIT_FEED_ITEMS + 5, whole);
	buf_append_str(&in, "</channel></rss>");
	f = read_for_last();
	assert_int_equal(f->n_items, LIMIT_FEED_ITEMS);
	assert_string_equal(f->items[0].id, "20005");
	assert_string_equal(last_item(f)->id, "30004");
	raw_feed_free(f);

	begin();
	buf_append_str(&in, "<item><guid>0</guid>");
	put_items("<item><guid>", 1, 2 * LIMIT_FEED_ITEMS + 5, whole);
	buf_append_str(&in, "<title>of the outer one</title><category>a</category></item></channel></rss>");
	f = read_for_last();
	assert_int_equal(f->n_items, LIMIT_FEED_ITEMS);
	assert_true(f->complete);
	assert_string_equal(f->items[0].id, "10005");
	assert_string_equal(last_item(f)->id, "20004");
	assert_string_equal(last_item(f)->title.value, "t");
	assert_string_equal(f->title.value, "T");
	raw_feed_free(f);

	buf_clear(&in);
	buf_append_str(&in, "{\"version\": \"https://jsonfeed.org/version/1\", \"title\": \"T\", \"items\": [{\"x\": 1}, null, ");
	put_items("{\"x\": ", 0, 40, "},");
	put_items("{\"id\": \"", 0, LIMIT_FEED_ITEMS + 7, "\", \"title\": \"t\"},");
	put_items("{\"x\": ", 0, 4000, "},");
	buf_append_str(&in, "null]}");
	f = read_for_last();
	assert_int_equal(f->n_items, LIMIT_FEED_ITEMS);
	assert_string_equal(f->items[0].id, "7");
	assert_string_equal(last_item(f)->id, "10006");
	assert_int_equal(count(f, "too-many-items"), 1);
	raw_feed_free(f);
}

/* A field ends on a whole character, and what comes behind it is read. */
static void test_field(void **state)
{
	static const struct {
		const char *before, *piece, *behind;
	} rows[] = {
		{ "<description>", "\xE2\x82\xAC", "</description>" },
		{ "<description>a<![CDATA[", "0123456789abcdef", "]]></description>" },
		{ "<body xmlns='http://www.w3.org/1999/xhtml'>", "<p class='x'>words &amp; words</p>", "</body>" },
		{ "<description>", "<b class='c'>bold</b>", "</description>" },
	};
	struct raw_feed *f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct raw_item *item;
		const char *value;
		size_t len;

		begin();
		buf_append_str(&in, "<item><title>A</title>");
		buf_append_str(&in, rows[i].before);
		put_n(rows[i].piece, LIMIT_FIELD_BYTES / strlen(rows[i].piece) + 100);
		buf_append_printf(&in, "%s<guid>g</guid></item><item><title>B</title></item>", rows[i].behind);
		f = end("field-too-long");
		item = &f->items[0];
		value = item->summary.value ? item->summary.value : item->content.value;
		len = strlen(value);
		print_message("# %s: %zu\n", rows[i].before, len);
		assert_true(len <= LIMIT_FIELD_BYTES && len > LIMIT_FIELD_BYTES - 64);
		assert_string_equal(item->id, "g");
		assert_string_equal(last_item(f)->title.value, "B");
		raw_feed_free(f);
	}
}

static void test_item_bytes(void **state)
{
	struct raw_feed *f;

	(void)state;
	begin();
	buf_append_str(&in, "<item><guid>g</guid>");
	for (unsigned i = 0; i < 4; i++) {
		static const char *const fields[] = { "description", "content", "title", "copyright" };

		buf_append_printf(&in, "<%s>", fields[i]);
		put_n("0123456789abcdef", (LIMIT_FIELD_BYTES - 1000) / 16);
		buf_append_printf(&in, "</%s>", fields[i]);
	}
	buf_append_str(&in, "<link>http://e.example/</link></item><item><title>B</title><author>Ann</author></item>");
	f = end("item-too-big");
	assert_string_equal(f->items[0].id, "g");
	assert_non_null(f->items[0].content.value);
	assert_null(f->items[0].title.value);
	assert_null(f->items[0].rights);
	assert_string_equal(last_item(f)->title.value, "B"); /* counted anew for each item */
	assert_int_equal(last_item(f)->authors.n, 1);
	raw_feed_free(f);
}

static void test_lists(void **state)
{
	static const char many[] = "<category>c</category><dc:creator>a</dc:creator><author><name>n</name></author><enclosure url='u'/><link>l</link>";
	struct raw_feed *f;
	struct err err = { 0 };
	const struct raw_item *i;

	(void)state;
	begin();
	buf_append_str(&in, "<item>");
	put_n(many, LIMIT_ITEM_LIST + 10);
	buf_append_str(&in, "</item></channel></rss>");
	assert_int_equal(parse_feed(buf_str(&in), in.len, NULL, &f, &err), PARSE_OK);
	i = &f->items[0];
	assert_int_equal(i->categories.n, LIMIT_ITEM_LIST);
	assert_int_equal(i->authors.n, LIMIT_ITEM_LIST);
	assert_int_equal(i->enclosures.n, LIMIT_ITEM_LIST);
	assert_int_equal(i->links.n, LIMIT_ITEM_LIST);
	assert_int_equal(f->problems.n, 1);
	assert_string_equal(f->problems.items[0].code, "list-too-long");
	raw_feed_free(f);
}

/* xml:base in xml:base grows no further than a URL may. */
static void test_base(void **state)
{
	struct raw_feed *f;
	struct err err = { 0 };

	(void)state;
	buf_done(&in);
	buf_init(&in, LIMIT_FEED_BYTES);
	buf_append_str(&in, "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='http://e.example/'><entry xml:base='");
	put_n("abcdefgh/", LIMIT_URL_BYTES / 9 + 1);
	buf_append_str(&in, "'><id>i</id><link href='x'/></entry></feed>");
	assert_int_equal(parse_feed(buf_str(&in), in.len, NULL, &f, &err), PARSE_OK);
	assert_string_equal(f->items[0].base, "http://e.example/");
	raw_feed_free(f);
}

/* REL-8: a document that is too big is refused whole; by its size on the wire and by its size in UTF-8. */
static void test_document(void **state)
{
	struct raw_feed *f = NULL;
	struct err err = { 0 };
	char *bytes = mem_alloc_zero(LIMIT_FEED_BYTES + 1, 1);

	(void)state;
	assert_int_equal(parse_feed(bytes, LIMIT_FEED_BYTES + 1, NULL, &f, &err), PARSE_TOO_BIG);
	assert_null(f);
	assert_non_null(strstr(err.message, "16 MiB"));
	mem_free(bytes);
}

/* REL-5: deeper than is read, in a document that is well-formed: what stands behind it is still read. */
static void test_depth(void **state)
{
	struct raw_feed *f;

	(void)state;
	for (size_t depth = LIMIT_XML_DEPTH - 8; depth < LIMIT_XML_DEPTH + 100; depth += 4) {
		begin();
		buf_append_str(&in, "<item><title>A</title><description>");
		put_n("<div>", depth);
		buf_append_str(&in, "text");
		put_n("</div>", depth);
		buf_append_str(&in, "</description></item><item><title>B</title></item>");
		f = end(depth + 4 <= LIMIT_XML_DEPTH ? NULL : "beyond-limit");
		assert_int_equal(f->n_items, 2);
		assert_non_null(strstr(f->items[0].summary.value, "text"));
		raw_feed_free(f);
	}
}

/* A JSON feed is cut by the same limits. */
static void test_json(void **state)
{
	struct raw_feed *f;
	struct err err = { 0 };

	(void)state;
	buf_done(&in);
	buf_init(&in, LIMIT_FEED_BYTES);
	buf_append_str(&in, "{\"items\":[{\"id\":1,\"tags\":[");
	put_n("\"t\",", LIMIT_ITEM_LIST + 9);
	buf_append_str(&in, "\"t\"],\"content_html\":\"");
	put_n("\xE2\x82\xAC", LIMIT_FIELD_BYTES / 3 + 10);
	buf_append_str(&in, "\"}");
	put_n(",{\"id\":2}", LIMIT_FEED_ITEMS + 5);
	buf_append_str(&in, "]}");
	assert_int_equal(parse_feed(buf_str(&in), in.len, NULL, &f, &err), PARSE_OK);
	assert_int_equal(f->n_items, LIMIT_FEED_ITEMS);
	assert_int_equal(f->items[0].categories.n, LIMIT_ITEM_LIST);
	assert_true(strlen(f->items[0].content.value) <= LIMIT_FIELD_BYTES);
	raw_feed_free(f);
	/* Nested deeper than any feed: refused, and not by a crash. */
	buf_clear(&in);
	buf_append_str(&in, "{\"items\":");
	put_n("[", 100000);
	assert_int_equal(parse_feed(buf_str(&in), in.len, NULL, &f, &err), PARSE_BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items), cmocka_unit_test(test_last_items), cmocka_unit_test(test_last_of_many), cmocka_unit_test(test_field), cmocka_unit_test(test_item_bytes), cmocka_unit_test(test_lists),
		cmocka_unit_test(test_base), cmocka_unit_test(test_document), cmocka_unit_test(test_depth), cmocka_unit_test(test_json),
	};
	int r;

	parse_init();
	r = cmocka_run_group_tests(tests, NULL, NULL);
	buf_done(&in);
	return r;
}
