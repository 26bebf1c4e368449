/* The flat form of documents against round trips, cuts and bit flips: what a worker sends is not trusted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/model/document.h"
#include "syndicated/model/raw_feed.h"

/* xorshift: the same documents in every run unless another seed is given. */
static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint32_t next_random(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % below;
}

/* What follows is made in the arena of a document, or on the heap for an item that stands alone. */
static char *random_text(struct arena *a)
{
	static const char *const parts[] = {"a", "Zeitung ", "ü", "日本", "<b>", "\n", "🙂", "&amp;", "\t", "0"};
	struct buf b = BUF_INIT(1024);
	char *text = NULL;

	if (next_random(4) == 0)
		return NULL;
	for (uint32_t n = next_random(6); n > 0; n--)
		buf_append_str(&b, parts[next_random(10)]);
	text = a != NULL ? arena_dup(a, buf_str(&b), b.len) : mem_dup_bytes(buf_str(&b), b.len);
	buf_done(&b);
	return text;
}

static char *same_text(struct arena *a, const char *s)
{
	return a != NULL ? arena_dup_str(a, s) : mem_dup_str(s);
}

static void *new_list(struct arena *a, size_t n, size_t size)
{
	return a != NULL ? arena_alloc(a, n * size) : mem_alloc_zero(n, size);
}

static struct link *random_links(struct arena *a, size_t *ret_n)
{
	struct link *links;

	*ret_n = next_random(3);
	links = *ret_n > 0 ? new_list(a, *ret_n, sizeof(struct link)) : NULL;
	for (size_t k = 0; k < *ret_n; k++)
		links[k] = (struct link){same_text(a, "https://e.org/"), same_text(a, "related"), random_text(a), random_text(a), random_text(a)};
	return links;
}

static void fill_lists(struct arena *a, struct item *i)
{
	i->n_authors = next_random(3);
	i->authors = i->n_authors > 0 ? new_list(a, i->n_authors, sizeof(struct person)) : NULL;
	for (size_t k = 0; k < i->n_authors; k++)
		i->authors[k] = (struct person){random_text(a), random_text(a), random_text(a)};
	i->n_categories = next_random(3);
	i->categories = i->n_categories > 0 ? new_list(a, i->n_categories, sizeof(struct category)) : NULL;
	for (size_t k = 0; k < i->n_categories; k++)
		i->categories[k] = (struct category){random_text(a), random_text(a), random_text(a)};
	i->n_enclosures = next_random(3);
	i->enclosures = i->n_enclosures > 0 ? new_list(a, i->n_enclosures, sizeof(struct enclosure)) : NULL;
	for (size_t k = 0; k < i->n_enclosures; k++)
		i->enclosures[k] = (struct enclosure){.url = random_text(a), .type = random_text(a), .length_bytes = (int64_t)next_random(9) - 1,
		                                      .duration_s = -1, .width = (int64_t)next_random(3) - 1, .height = 9, .title = random_text(a),
		                                      .medium = random_text(a)};
	i->links = random_links(a, &i->n_links);
	i->origin = (struct origin){random_text(a), random_text(a), random_text(a), random_text(a)};
	i->in_reply_to = random_text(a);
	i->season = random_text(a);
	i->episode = random_text(a);
	i->location = random_text(a);
	i->comments_count = (int64_t)next_random(5) - 1;
}

static void fill_item(struct arena *a, struct item *i)
{
	char **const strings[] = {&i->guid,    &i->link,     &i->canonical_url, &i->title,     &i->summary,
	                          &i->content, &i->language, &i->comments_url,  &i->thumbnail, &i->rights};

	for (size_t k = 0; k < sizeof(strings) / sizeof(*strings); k++)
		*strings[k] = random_text(a);
	fill_lists(a, i);
	i->published_ms = next_random(2) ? TIME_UNKNOWN : (int64_t)next_random(1000000) - 500000;
	i->updated_ms = INT64_MAX - next_random(3);
	for (int k = 0; k < ITEM_KEY_BYTES; k++) {
		i->key.bytes[k] = (uint8_t)next_random(256);
		i->digest.bytes[k] = (uint8_t)next_random(256);
		i->url_key.bytes[k] = (uint8_t)next_random(256);
	}
	snprintf(i->key_rule, sizeof(i->key_rule), "%s", next_random(2) ? "guid" : "fifteen-letters");
	i->has_url_key = next_random(2);
}

static struct feed_document *random_document(uint32_t max_items)
{
	struct feed_document *d = feed_document_new();
	char **const strings[] = {&d->format,  &d->id,   &d->title,    &d->subtitle, &d->link,  &d->self_url,
	                          &d->hub_url, &d->icon, &d->language, &d->rights,   &d->author};

	for (size_t k = 0; k < sizeof(strings) / sizeof(*strings); k++)
		*strings[k] = random_text(d->arena);
	d->ttl_ms = next_random(1000);
	d->skip_hours = next_random(1u << 24);
	d->skip_days = next_random(128);
	d->complete = next_random(2);
	for (uint32_t n = next_random(4); n > 0; n--)
		problem_add(&d->problems, "bad-date", n, "line %u: \"%s\"", (unsigned)n, "gestern");
	for (uint32_t n = next_random(max_items + 1); n > 0; n--)
		fill_item(d->arena, feed_document_add_item(d));
	return d;
}

/* Encoding names every field, so equal bytes are equal documents; test_fields shows that it does name them. */
static void test_round_trip(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct buf first = BUF_INIT(1 << 20), second = BUF_INIT(1 << 20);
		struct feed_document *d = random_document(7);
		feed_document_encode(d, &first);
		assert_int_equal(buf_error(&first), 0);
		struct feed_document *copy = feed_document_decode(buf_str(&first), first.len);
		assert_non_null(copy);
		assert_int_equal(copy->n_items, d->n_items);
		feed_document_encode(copy, &second);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(buf_str(&first), buf_str(&second), first.len);
		buf_clear(&second);
		feed_document_encode_items_away(copy, &second);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(buf_str(&first), buf_str(&second), first.len);
		feed_document_free(d);
		feed_document_free(copy);
		buf_done(&first);
		buf_done(&second);
	}
}

static void test_fields(void **state)
{
	struct feed_document *d = feed_document_new();
	struct buf b = BUF_INIT(1 << 16);

	(void)state;
	d->title = arena_dup_str(d->arena, "Ünterwegs");
	d->complete = true;
	d->updated_ms = -5;
	struct item *i = feed_document_add_item(d);
	assert_true(i->published_ms == TIME_UNKNOWN && i->updated_ms == TIME_UNKNOWN);
	i->link = arena_dup_str(d->arena, "https://example.org/1");
	i->content = arena_dup_str(d->arena, "");
	i->has_url_key = true;
	i->url_key.bytes[15] = 9;
	i->categories = arena_alloc(d->arena, sizeof(struct category));
	i->n_categories = 1;
	i->categories[0].label = arena_dup_str(d->arena, "l");
	for (int n = 0; n < 40; n++)
		problem_add(&d->problems, "c", 3, "number %d", n);
	feed_document_encode(d, &b);
	struct feed_document *copy = feed_document_decode(buf_str(&b), b.len);
	assert_non_null(copy);
	assert_string_equal(copy->title, "Ünterwegs");
	assert_null(copy->id);
	assert_true(copy->complete);
	assert_int_equal(copy->updated_ms, -5);
	assert_string_equal(copy->items[0].link, "https://example.org/1");
	assert_string_equal(copy->items[0].content, "");
	assert_null(copy->items[0].title);
	assert_int_equal(copy->items[0].published_ms, TIME_UNKNOWN);
	assert_true(copy->items[0].has_url_key);
	assert_int_equal(copy->items[0].url_key.bytes[15], 9);
	assert_null(copy->items[0].categories[0].term);
	assert_string_equal(copy->items[0].categories[0].label, "l");
	assert_int_equal(copy->problems.n, LIMIT_PROBLEMS);
	assert_int_equal(copy->problems.total, 40);
	assert_string_equal(copy->problems.items[31].text, "number 31");
	assert_int_equal(copy->problems.items[0].line, 3);
	feed_document_free(d);
	feed_document_free(copy);
	buf_done(&b);
}

static void test_every_cut_is_refused(void **state)
{
	struct buf b = BUF_INIT(1 << 20);
	struct feed_document *d = random_document(7);

	(void)state;
	fill_item(d->arena, feed_document_add_item(d));
	feed_document_encode(d, &b);
	for (size_t len = 0; len < b.len; len++) {
		char *cut = mem_dup_bytes(buf_str(&b), len); /* of its own, so that the sanitizer sees reads behind it */
		assert_null(feed_document_decode(cut, len));
		mem_free(cut);
	}
	buf_append_char(&b, '\0');
	assert_null(feed_document_decode(buf_str(&b), b.len));
	feed_document_free(d);
	buf_done(&b);
}

static void check_clean(const char *s)
{
	if (s != NULL)
		assert_true(text_is_clean(s, strlen(s)));
}

static void check_document(const struct feed_document *d)
{
	check_clean(d->title);
	check_clean(d->author);
	for (size_t i = 0; i < d->n_items; i++) {
		const struct item *item = &d->items[i];
		check_clean(item->guid);
		check_clean(item->title);
		check_clean(item->summary);
		check_clean(item->content);
		check_clean(item->rights);
		check_clean(item->key_rule);
		assert_true(item->n_authors <= LIMIT_ITEM_LIST);
		for (size_t k = 0; k < item->n_authors; k++)
			check_clean(item->authors[k].name);
	}
	for (size_t i = 0; i < d->problems.n; i++)
		check_clean(d->problems.items[i].text);
}

static void test_bit_flips(void **state)
{
	unsigned accepted = 0, refused = 0;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		struct buf b = BUF_INIT(1 << 20);
		struct feed_document *d = random_document(3);
		feed_document_encode(d, &b);
		for (uint32_t flips = 1 + next_random(3); flips > 0; flips--)
			b.bytes[next_random((uint32_t)b.len)] ^= (char)(1u << next_random(8));
		struct feed_document *flipped = feed_document_decode(buf_str(&b), b.len);
		if (flipped != NULL) {
			check_document(flipped);
			accepted++;
		} else {
			refused++;
		}
		feed_document_free(flipped);
		feed_document_free(d);
		buf_done(&b);
	}
	assert_true(accepted > 100 && refused > 100); /* else the flips do not reach both ways */
}

/* A count over its limit is refused before anything is allocated for it, also when the bytes for it might follow. */
static void test_counts_over_limits(void **state)
{
	struct item i = {.n_authors = LIMIT_ITEM_LIST};
	struct buf b = BUF_INIT(1 << 20);

	(void)state;
	i.authors = mem_new_array(struct person, LIMIT_ITEM_LIST + 1);
	item_details_encode(&i, &b);
	struct item copy = {0};
	assert_int_equal(item_details_decode(&copy, buf_str(&b), b.len), 0);
	assert_int_equal(copy.n_authors, LIMIT_ITEM_LIST);
	buf_clear(&b);
	i.n_authors = LIMIT_ITEM_LIST + 1;
	item_details_encode(&i, &b);
	assert_int_equal(item_details_decode(&copy, buf_str(&b), b.len), ERR_CORRUPT);
	assert_int_equal(copy.n_authors, 0);
	assert_null(copy.authors);
	buf_clear(&b);
	pack_u32(&b, UINT32_MAX);
	assert_int_equal(item_details_decode(&copy, buf_str(&b), b.len), ERR_CORRUPT);
	mem_free(i.authors);
	buf_done(&b);
}

static void test_lists_round_trip(void **state)
{
	(void)state;
	for (int round = 0; round < 100; round++) {
		struct buf first = BUF_INIT(1 << 16), second = BUF_INIT(1 << 16);
		struct item i = {0}, copy = {0};
		fill_lists(NULL, &i);
		item_details_encode(&i, &first);
		assert_int_equal(item_details_decode(&copy, buf_str(&first), first.len), 0);
		item_details_encode(&copy, &second);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(buf_str(&first), buf_str(&second), first.len);
		item_done(&i);
		item_done(&copy);
		buf_done(&first);
		buf_done(&second);
	}
}

/* A blob of the version before links were kept: people, categories, enclosures, and nothing else. */
static void test_first_form_of_details(void **state)
{
	struct buf b = BUF_INIT(1 << 16);
	struct item i = {0};

	(void)state;
	pack_u32(&b, 1);
	pack_str(&b, "Ada");
	pack_str(&b, NULL);
	pack_str(&b, NULL);
	pack_u32(&b, 0);
	pack_u32(&b, 1);
	pack_str(&b, "https://e.org/a.mp3");
	pack_str(&b, "audio/mpeg");
	pack_i64(&b, 7);
	pack_i64(&b, 60);
	pack_str(&b, NULL);
	assert_int_equal(item_details_decode(&i, buf_str(&b), b.len), 0);
	assert_string_equal(i.authors[0].name, "Ada");
	assert_int_equal(i.enclosures[0].duration_s, 60);
	assert_int_equal(i.enclosures[0].width, -1);
	assert_int_equal(i.comments_count, -1);
	assert_int_equal(i.n_links, 0);
	item_done(&i);
	buf_done(&b);
}

static void test_item_limits(void **state)
{
	struct feed_document *d = feed_document_new();
	struct raw_feed *raw = raw_feed_new();
	struct raw_list list = {0};

	(void)state;
	for (uint32_t n = 0; n < LIMIT_FEED_ITEMS; n++) {
		assert_non_null(feed_document_add_item(d));
		struct raw_item *r = raw_feed_add_item(raw, 0);
		assert_non_null(r);
		assert_null(r->id);
		r->line = n;
	}
	assert_null(feed_document_add_item(d));
	assert_null(raw_feed_add_item(raw, 0));
	assert_int_equal(raw->items[9999].line, 9999);
	assert_int_equal(raw->items[0].line, 0);
	for (uint32_t n = 0; n < LIMIT_ITEM_LIST; n++) {
		struct raw_link *l = raw_list_add(raw, &list, sizeof(*l));
		assert_non_null(l);
		l->href = n == 3 ? "three" : "x";
	}
	assert_null(raw_list_add(raw, &list, sizeof(struct raw_link)));
	assert_string_equal(raw_list_at(&list, struct raw_link, 3)->href, "three");
	feed_document_free(d);
	raw_feed_free(raw);
}

/* What a problem quotes may be long and foreign: it is cut, and stays clean text. */
static void test_problem_text(void **state)
{
	struct problem_list l = {0};
	char raw[2001];

	(void)state;
	for (size_t i = 0; i < 2000; i += 2)
		memcpy(raw + i, "ü", 2);
	raw[2000] = '\0';
	problem_add(&l, "long", 0, "x%s", raw);
	problem_add(&l, "bytes", 0, "%s", "a\xff\x01z");
	for (size_t i = 0; i < l.n; i++)
		check_clean(l.items[i].text);
	assert_true(strlen(l.items[0].text) < 2 * LIMIT_SHORT_BYTES);
	assert_int_equal(l.items[1].text[0], 'a');
	problem_list_done(&l);
	assert_int_equal(l.total, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),       cmocka_unit_test(test_fields),
		cmocka_unit_test(test_every_cut_is_refused), cmocka_unit_test(test_bit_flips),
		cmocka_unit_test(test_counts_over_limits), cmocka_unit_test(test_lists_round_trip),
		cmocka_unit_test(test_first_form_of_details),
		cmocka_unit_test(test_item_limits),      cmocka_unit_test(test_problem_text),
	};

	if (argc == 3 && strcmp(argv[1], "--seed") == 0)
		random_state = strtoull(argv[2], NULL, 0) | 1;
	fprintf(stderr, "# seed 0x%llx\n", (unsigned long long)random_state);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
