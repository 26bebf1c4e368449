#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/identify/mask.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/identify.h"

static void add(struct feed_document *d, const char *guid, const char *url, const char *title)
{
	struct item *i = feed_document_add_item(d);

	i->guid = arena_dup_str(d->arena, guid);
	i->canonical_url = arena_dup_str(d->arena, url);
	i->link = arena_dup_str(d->arena, url);
	i->title = arena_dup_str(d->arena, title);
}

static int same(const struct item_key *a, const struct item_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void test_keys(void **state)
{
	struct feed_document *d = feed_document_new();
	struct item *i;

	(void)state;
	add(d, "g", "https://e.org/1", "a");
	add(d, NULL, "https://e.org/1", "a");
	add(d, NULL, NULL, "a");
	add(d, "shared", "https://e.org/2", "b");
	add(d, "shared", "https://e.org/3", "c");
	add(d, "g", "https://e.org/1", "a");  /* a twin */
	add(d, "g", "https://e.org/1", "a2"); /* another item with the same guid and link (B14) */
	identify_document(d, NULL);
	assert_true(d->items[5].twin);
	feed_document_drop_twins(d);
	i = d->items;
	assert_int_equal(d->n_items, 6);
	assert_string_equal(i[0].key_rule, "guid+link");
	assert_string_equal(i[1].key_rule, "link");
	assert_string_equal(i[2].key_rule, "digest");
	assert_false(same(&i[0].key, &i[1].key));
	assert_true(i[0].has_url_key && same(&i[0].url_key, &i[1].url_key));
	assert_false(i[2].has_url_key);
	assert_false(same(&i[3].key, &i[4].key));
	assert_false(same(&i[0].key, &i[5].key));
	assert_true(i[0].guid_is_shared && i[5].guid_is_shared && !i[1].guid_is_shared);
	assert_false(same(&i[0].digest, &i[5].digest));
	feed_document_free(d);
}

/* For measuring only, and so the same as those of items that stand alone. */
static void test_keys_alone(void **state)
{
	static const char *const rows[][3] = {{ "tag:e.org,2024:1", "https://e.org/1", "a" }, { NULL, "https://e.org/2", "b" }, { NULL, NULL, "c" }};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct feed_document *whole = feed_document_new(), *alone = feed_document_new();
		const struct item *a, *b;

		add(whole, rows[n][0], rows[n][1], rows[n][2]);
		add(alone, rows[n][0], rows[n][1], rows[n][2]);
		identify_document(whole, NULL);
		identify_keys(alone);
		a = whole->items;
		b = alone->items;
		assert_true(same(&a->key, &b->key) && same(&a->url_key, &b->url_key) && same(&a->id_key, &b->id_key));
		assert_string_equal(a->key_rule, b->key_rule);
		assert_true(a->has_url_key == b->has_url_key && a->has_id_key == b->has_id_key && a->marks.link == b->marks.link);
		feed_document_free(whole);
		feed_document_free(alone);
	}
}

/* ---- what a worker remembers ---- */

static void assert_same_identity(const struct item *a, const struct item *b)
{
	assert_string_equal(a->key_rule, b->key_rule);
	assert_true(same(&a->key, &b->key) && same(&a->digest, &b->digest));
	assert_true(a->has_url_key == b->has_url_key && a->has_id_key == b->has_id_key);
	assert_true((!a->has_url_key || same(&a->url_key, &b->url_key)) && (!a->has_id_key || same(&a->id_key, &b->id_key)));
	assert_memory_equal(&a->marks, &b->marks, sizeof(a->marks));
	assert_true(a->twin == b->twin && a->guid_is_shared == b->guid_is_shared && a->link_is_shared == b->link_is_shared);
}

static char *text(struct feed_document *d, const char *s)
{
	return arena_dup_str(d->arena, s);
}

/* Enough of it to be worth knowing. */
#define LONG(who) \
	"<p>" who " has written so much of it, 5 minutes ago, that it says what it is. It goes on for several lines, since what is short is read" \
	" again and not remembered; a memory that is never asked would be a test of nothing. So there is more of it than anybody wants to read," \
	" and still some more, with 12 comments.</p>"

/* Items that differ in one thing each, which a memory that does not look at it would take for the first one. */
static void write_variants(struct feed_document *d, unsigned from, unsigned n)
{
	static char names[][20] = {"Ann", "0123456789abcdef", "https://e.org/a.mp3"};
	static struct person ann = {.name = names[0]}, code = {.name = names[1]};
	static struct enclosure file = {.url = names[2]}, code_file = {.url = names[1]};

	for (unsigned v = from; v < from + n; v++) {
		auto_free char *title = mem_printf("Number %u", v / 16);
		struct item *i;

		add(d, "tag:e.org,2026:1", "https://e.org/1", title);
		i = &d->items[d->n_items - 1];
		i->content = text(d, LONG("Somebody"));
		switch (v % 16) {
		case 1: i->guid = NULL; break;
		case 2: i->guid = text(d, "2"); break;
		case 3: i->canonical_url = NULL; break;
		case 4: i->canonical_url = text(d, "https://e.org/2?sid=0123456789abcdef"); break;
		case 5: i->link = text(d, "https://e.org/1#part"); break;
		case 6: i->title[0] = 'n'; break;
		case 7: i->summary = text(d, "In short: 12 comments."); break;
		case 8: i->summary = text(d, "In short: 12 comments."), i->summary_is_made = true; break;
		case 9: i->content = NULL, i->summary = text(d, LONG("Somebody")); break;
		case 10: i->content = text(d, LONG("Another")); break;
		case 11: i->authors = &ann, i->n_authors = 1; break;
		case 12: i->authors = &code, i->n_authors = 1; break;
		case 13: i->enclosures = &file, i->n_enclosures = 1; break;
		case 14: i->enclosures = &code_file, i->n_enclosures = 1; break;
		case 15: i->content = text(d, "<p>This is short.</p>"); break;
		default: break;
		}
	}
}

static void assert_same_as_without(struct identify_memo *memo, const char *site, unsigned from, unsigned n)
{
	struct feed_document *with = feed_document_new(), *without = feed_document_new();

	write_variants(with, from, n);
	write_variants(without, from, n);
	with->link = text(with, site);
	without->link = text(without, site);
	identify_document(with, memo);
	identify_document(without, NULL);
	assert_int_equal(with->n_items, n);
	for (size_t k = 0; k < n; k++)
		assert_same_identity(&with->items[k], &without->items[k]);
	feed_document_free(with);
	feed_document_free(without);
}

/* Cold, warm, of another site, and when others have taken all places. */
static void test_memo_says_the_same(void **state)
{
	struct identify_memo *memo = identify_memo_new();
	size_t hits;
	unsigned n = 0;

	(void)state;
	for (int round = 0; round < 3; round++)
		assert_same_as_without(memo, "https://e.org/", 0, 400);
	assert_int_equal(identify_memo_hits(memo), 2 * 400 / 16 * 15); /* the short ones were never asked for */
	assert_same_as_without(memo, "https://e.org/1", 0, 400); /* the page of which the feed is, is no item's */
	assert_same_as_without(memo, NULL, 0, 400);
	assert_int_equal(identify_memo_hits(memo), 2 * 400 / 16 * 15);
	for (; n < 2 * LIMIT_MEMO_ITEMS; n += 4096)
		assert_same_as_without(memo, "https://e.org/", n, 4096);
	hits = identify_memo_hits(memo);
	assert_same_as_without(memo, "https://e.org/", 0, 400);
	assert_int_equal(identify_memo_hits(memo), hits); /* they were pushed out */
	assert_same_as_without(memo, "https://e.org/", n - 400, 400);
	assert_int_equal(identify_memo_hits(memo), hits + 400 / 16 * 15);
	assert_null(identify_memo_free(memo));
	assert_null(identify_memo_free(NULL));
}

/* ---- masking ---- */

/* An item of this content, whose digest and marks alone may be looked at. */
static struct item read_content(const char *content)
{
	struct feed_document *d = feed_document_new();
	struct item i;

	add(d, NULL, NULL, NULL);
	d->items[0].content = text(d, content);
	identify_document(d, NULL);
	i = d->items[0];
	feed_document_free(d);
	return i;
}

static void append_dashed(struct buf *b, size_t len)
{
	for (size_t n = 0; n < len; n++)
		buf_append_char(b, "ab-"[n % 3]);
}

/* The letters of that. */
static void append_undashed(struct buf *b, size_t len)
{
	for (size_t n = 0; n < len; n++)
		buf_append_str(b, (const char *[]){ "a", "b", "" }[n % 3]);
}

static void assert_masked(const char *in, const char *want, const char *want_words, size_t before, size_t behind)
{
	struct buf text = BUF_INIT(1000), out = BUF_INIT(1000), words = BUF_INIT(1000), all = BUF_INIT(1000), letters = BUF_INIT(1000);

	append_dashed(&text, before);
	buf_append_str(&text, in);
	append_dashed(&text, behind);
	append_dashed(&all, before);
	buf_append_str(&all, want);
	append_dashed(&all, behind);
	append_undashed(&letters, before);
	buf_append_str(&letters, want_words);
	append_undashed(&letters, behind);
	mask_volatile(buf_str(&text), &out, &words);
	assert_string_equal(buf_str(&out), buf_str(&all));
	assert_string_equal(buf_str(&words), buf_str(&letters));
	buf_done(&text), buf_done(&out), buf_done(&words), buf_done(&all), buf_done(&letters);
}

/* Text is read 32 bytes a look: what is found (features.md B15) is found wherever in one it stands, and wherever the text ends. */
static void test_marks_at_every_place(void **state)
{
	static const struct { const char *in, *want, *words; } rows[] = {
		{ " an hour ago, ", " ~, ", "" },
		{ " 'One minute  ago: it's ", " '~: it's ", "it's" },
		{ " (a) minute ago ", " (a) minute ago ", "aminuteago" },
		{ " 5 a minute ago ", " 5 ~ ", "" },
		{ " vor 5 one minute ago ", " vor ~ minute ago ", "vorminuteago" },
		{ " 7k'one minute ago ", " 7k'~ ", "" },
		{ " an 'ago that ", " an 'ago that ", "anagothat" },
		{ " an updated ago, 12 ", " ~, 12 ", "" },
		{ " one \xE5\xA4\xA9\xE5\x89\x8D, 5\xE5\xA4\xA9\xE5\x89\x8D ", " one \xE5\xA4\xA9\xE5\x89\x8D, ~ ", "one\xE5\xA4\xA9\xE5\x89\x8D" },
		{ " vor einem Tag. ", " vor ~. ", "vor" },
		{ " il y a un an. ", " il y a ~. ", "ilya" },
		{ " Chicago and Iago are ", " Chicago and Iago are ", "chicagoandiagoare" },
		{ " 12 Views, 3 (likes). ", " # Views, # (likes). ", "viewslikes" },
		{ " Stand: 12. Mai 7 ", " Stand: #. Mai 7 ", "standmai" },
		{ " standing: 12 ", " standing: 12 ", "standing" },
		{ " id DEADBEEF12345678 ", " id * ", "id" },
		{ "  two\n\tlines ", " two lines ", "twolines" },
		{ " '' don't ''X' ", " '' don't ''X' ", "don'tx'" },
		{ "<b class=\"x\">bold</b> <!-- ", "<b>bold <!-- ", "bold" },
		{ "<A HREF=\"https://e.org/a-long-path-to-it/0123456789abcdef/and-more-of-it/42/x?y=1\">ab</a>-", "<Ahttps://e.org/a-long-path-to-it/*/and-more-of-it/42/x>ab-", "ab" },
		{ " \xC3\x9C" "ber \xE4\xBD\xA0\xE5\xA5\xBD ", " \xC3\x9C" "ber \xE4\xBD\xA0\xE5\xA5\xBD ", "\xC3\x9C" "ber\xE4\xBD\xA0\xE5\xA5\xBD" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t before = 1; before < 80; before++)
			for (size_t behind = 0; behind < 80; behind++)
				if (before % 3 != 0) /* a word is in front of it, and no dash */
					assert_masked(rows[i].in, rows[i].want, rows[i].words, before, behind);
}

/* A word may be longer than what is looked at in one go; wherever it stands and however long it is, what is masked beside it is the same. */
static void test_words_at_every_place(void **state)
{
	static const char word[] = "Donaudampfschifffahrtsgesellschaftskapit\xC3\xA4nsm\xC3\xBCtzenfabrikantenstochter's";

	(void)state;
	for (size_t len = 1; len < sizeof(word); len++) {
		auto_free char *a = mem_printf("<p>%.*s said to everybody who was there that day for it: 12 views</p>", (int)len, word);
		auto_free char *b = mem_printf("<p>%.*s said to everybody who was there that day for it: 34 views</p>", (int)len, word);
		auto_free char *c = mem_printf("<div>%.*s said to everybody who was there that day for it; 12 views", (int)len, word);
		auto_free char *other = mem_printf("<p>%.*sx said to everybody who was there that day for it: 12 views</p>", (int)len, word);
		struct item x = read_content(a), y = read_content(b), z = read_content(c), w = read_content(other);

		assert_true(same(&x.digest, &y.digest) && !same(&x.digest, &w.digest));
		assert_true(x.marks.text != 0 && x.marks.text == y.marks.text && x.marks.text == z.marks.text && x.marks.text != w.marks.text);
	}
}

/* Texts as long as they may be, in room that ends where they do: nothing is read behind them, and what changed in them is seen. */
static void test_no_byte_too_many(void **state)
{
	static const char piece[] = "It's <p>5 views, \xC3\xA4 <a href=\"https://e.org/a.b/\">an hour ago</a> Advertisement 0123456789abcdef";

	(void)state;
	for (size_t len = 0; len < 4 * sizeof(piece); len++) {
		char *exact = mem_new_array(char, len + 1);
		struct buf out = BUF_INIT(len), words = BUF_INIT(len);

		for (size_t n = 0; n < len; n++)
			exact[n] = piece[n % (sizeof(piece) - 1)];
		mask_volatile(exact, &out, &words);
		assert_true(out.len <= len && words.len <= len && !buf_error(&out) && !buf_error(&words));
		buf_done(&out);
		buf_done(&words);
		mem_free(exact);
	}
	for (size_t len = LIMIT_ITEM_BYTES - 20; len <= LIMIT_ITEM_BYTES; len++) {
		char *text = mem_new_array(char, len + 1);
		struct item one, other;

		memset(text, 'a', len);
		one = read_content(text);
		text[len / 2] = 'b';
		other = read_content(text);
		assert_false(same(&one.digest, &other.digest));
		assert_true(one.marks.text && one.marks.text != other.marks.text);
		mem_free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_keys_alone),
		cmocka_unit_test(test_memo_says_the_same),
		cmocka_unit_test(test_marks_at_every_place),
		cmocka_unit_test(test_words_at_every_place),
		cmocka_unit_test(test_no_byte_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
