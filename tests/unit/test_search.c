/* The index of words, against a real store (reliability.md I5; features.md: search in a feed). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/store/store_internal.h"
#include "../lib/store_dir.h"
#include "../lib/store_world.h"
#include "syndicated/base/clock.h"
#include "syndicated/base/mem.h"

enum { MANY_ITEMS = 50000 };

/* The titles that a search finds, newest first, with a '|' behind each. */
static const char *found(struct store_world *w, const char *query)
{
	static char titles[256];
	struct item_list *list = NULL;
	const struct store_search search = {.query = query, .limit = 10};

	store_world_must(w, store_search_items(w->r, &search, &list, &w->err));
	titles[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		(void)snprintf(titles + strlen(titles), sizeof(titles) - strlen(titles), "%s|", list->items[i].item.title);
	item_list_free(list);
	return titles;
}

static void test_what_is_found(void **state)
{
	static const struct store_world_text texts[] = {
		{"4", "D", "<p>\xe5\xa4\xa9\xe6\xb0\x94\xe9\xa2\x84\xe6\x8a\xa5\xef\xbc\x9a\xe5\x8c\x97\xe4\xba\xac</p>"}, /* weather report: Beijing */
		{"3", "C", "<p>Mast\xc9\x99r w<b>or</b>ds &amp; <a href=\"https://hidden.test/\">shown</a></p><p>end</p><p>begin</p>"},
		{"2", "Caf\xc3\xa9 B", "<p>\xd0\x92\xd1\x8b\xd0\xb1\xd0\xbe\xd1\x80\xd1\x8b today</p>"},
		{"1", "A storm", "<p>Storm over the sea; the harbour is closed</p>"},
	};
	static const struct {
		const char *query, *titles;
	} table[] = {
		{"storm", "A storm|"},
		{"STORM AND harbour", "A storm|"},
		{"\"the harbour\"", "A storm|"},
		{"harb*", "A storm|"},
		{"title: storm", "A storm|"},
		{"title: harbour", ""},
		{"storm NOT sea", ""},
		{"today OR storm", "Caf\xc3\xa9 B|A storm|"},
		{"cafe", "Caf\xc3\xa9 B|"},
		{"\xd0\xb2\xd1\x8b\xd0\xb1\xd0\xbe\xd1\x80\xd1\x8b", "Caf\xc3\xa9 B|"}, /* in lower case */
		{"words", "C|"},
		{"hidden", ""},
		{"href", ""},
		{"amp", ""},
		{"endbegin", ""},
		{"\xe5\x8c\x97\xe4\xba\xac", "D|"}, /* Beijing, at the end of a row without spaces */
		{"\xe6\xb0\x94\xe5\xa4\xa9", ""},   /* the characters are there, in another order */
	};

	store_world_take(*state, STORE_WORLD_NOW, texts, 4, true);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(found(*state, table[i].query), table[i].titles) != 0)
			fail_msg("%s finds %s", table[i].query, found(*state, table[i].query));
}

/* A word is written once for each size that its piece of the index grows through; pieces that nobody merged would slow every search. */
static void test_pieces_of_the_index_are_merged(void **state)
{
	struct store_world *w = *state;
	int64_t merges_at = 0, pieces = 0;

	for (int i = 0; i < 70; i++) {
		char guid[16];
		const struct store_world_text text = {guid, "Same title", "<p>same words</p>"};

		(void)snprintf(guid, sizeof(guid), "g%d", i);
		store_world_take(w, STORE_WORLD_NOW + 1000 * i, &text, 1, true);
	}
	store_world_must(w, stmt_int(&w->r->db, &merges_at, 0, "SELECT v FROM search_config WHERE k = 'automerge'", &w->err, ""));
	store_world_must(w, stmt_int(&w->r->db, &pieces, 0, "SELECT count(DISTINCT id >> 37) FROM search_data WHERE id > 10", &w->err, ""));
	assert_int_equal(merges_at, 8);
	assert_in_range(pieces, 1, 3 * 7);
}

static void test_a_change_replaces_the_words(void **state)
{
	store_world_take(*state, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", "<p>before</p>"}, 1, true);
	store_world_take(*state, STORE_WORLD_NOW + 1000, &(struct store_world_text){"1", "A", "<p>after</p>"}, 1, true);
	assert_string_equal(found(*state, "before"), "");
	assert_string_equal(found(*state, "after"), "A|");
}

static void test_what_is_undone_is_not_found(void **state)
{
	store_world_take(*state, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", "<p>one</p>"}, 1, true);
	store_world_take(*state, STORE_WORLD_NOW, &(struct store_world_text){"2", "B", "<p>two</p>"}, 1, false);
	assert_string_equal(found(*state, "two"), "");
	assert_string_equal(found(*state, "one"), "A|");
}

static void test_what_is_purged_is_not_found(void **state)
{
	struct store_world *w = *state;

	store_world_take(w, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", "<p>old</p>"}, 1, true);
	store_world_take(w, STORE_WORLD_NOW + 5 * STORE_WORLD_DAY, &(struct store_world_text){"2", "B", "<p>young</p>"}, 1, true);
	store_world_must(w, store_begin(w->s, &w->err));
	assert_int_equal(store_dir_purge(w->s, STORE_WORLD_NOW + 5 * STORE_WORLD_DAY, STORE_WORLD_DAY, 100, &w->err), 1);
	store_world_must(w, store_commit(w->s, &w->err));
	assert_string_equal(found(w, "old OR young"), "B|");
}

static void test_only_newer_ones(void **state)
{
	struct store_world *w = *state;
	struct store_search search = {.query = "same", .limit = 1};
	struct item_ids ids;

	store_world_take(w, STORE_WORLD_NOW, (struct store_world_text[]){{"3", "C", "same"}, {"2", "B", "same"}, {"1", "A", "same"}}, 3, true);
	store_world_must(w, store_search_ids(w->r, &search, &ids, &w->err));
	assert_int_equal(ids.n, 1);
	assert_int_equal(ids.ids[0], 3);
	item_ids_done(&ids);
	search = (struct store_search){.query = "same", .limit = 10, .after_item_id = 1};
	store_world_must(w, store_search_ids(w->r, &search, &ids, &w->err));
	assert_int_equal(ids.n, 2);
	item_ids_done(&ids);
}

static void test_wrong_queries_say_where(void **state)
{
	static const struct {
		const char *query, *says;
	} table[] = {
		{"storm AND", "at its end"},
		{"\"open", "unterminated string"},
		{"a ) b", "at character 3"},
		{"\xc3\xa9 ) b", "at character 3"},
		{"author: x", "no such column: author"},
		{"", "at its end"},
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(store_search_check(table[i].query, &err), ERR_INVALID);
		if (!strstr(err.message, table[i].says))
			fail_msg("%s: %s", table[i].query, err.message);
	}
	assert_int_equal(store_search_check("storm NEAR(a b, 5) title: c*", &err), 0);
}

static void test_a_long_query_is_refused(void **state)
{
	char query[LIMIT_SEARCH_QUERY_BYTES + 2];
	struct err err = {0};

	(void)state;
	memset(query, 'a', sizeof(query) - 1);
	query[sizeof(query) - 1] = '\0';
	assert_int_equal(store_search_check(query, &err), ERR_TOO_BIG);
	query[LIMIT_SEARCH_QUERY_BYTES] = '\0';
	assert_int_equal(store_search_check(query, &err), 0);
}

/* LIMIT_SEARCH_TEXT_BYTES: words behind it are not found, and the item can still be changed and leaves nothing behind. */
/* The words of documents that were taken in before are written with those of one that is undone then: all has to be undone. */
static void test_early_words_are_not_lost(void **state)
{
	enum { BIG = 200 };
	struct store_world *w = *state;
	struct store_world_text texts[BIG];
	char *text = mem_alloc_zero(1, LIMIT_SEARCH_TEXT_BYTES);
	static char guids[BIG][8];

	memset(text, 'x', LIMIT_SEARCH_TEXT_BYTES - 1);
	for (size_t i = 0; i < BIG; i++) {
		(void)snprintf(guids[i], sizeof(guids[i]), "g%zu", i);
		texts[i] = (struct store_world_text){guids[i], "Big", text};
	}
	store_world_must(w, store_begin(w->s, &w->err));
	store_world_take_in(w, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", "<p>one</p>"}, 1, true);
	store_world_take_in(w, STORE_WORLD_NOW + 1, texts, BIG, false);
	assert_true(store_commit(w->s, &w->err) < 0);
	assert_string_equal(found(w, "one"), "");
	store_world_take(w, STORE_WORLD_NOW + 2, &(struct store_world_text){"1", "A", "<p>one</p>"}, 1, true);
	assert_string_equal(found(w, "one"), "A|");
	mem_free(text);
}

static void test_a_long_text_is_cut(void **state)
{
	char *text = mem_alloc_zero(1, LIMIT_SEARCH_TEXT_BYTES + 64);

	memset(text, '.', LIMIT_SEARCH_TEXT_BYTES + 32);
	memcpy(text, "first", 5);
	memcpy(text + LIMIT_SEARCH_TEXT_BYTES + 2, "last", 4);
	store_world_take(*state, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", text}, 1, true);
	assert_string_equal(found(*state, "first"), "A|");
	assert_string_equal(found(*state, "last"), "");
	store_world_take(*state, STORE_WORLD_NOW + 1000, &(struct store_world_text){"1", "A", "short"}, 1, true);
	assert_string_equal(found(*state, "first OR last"), "");
	mem_free(text);
}

/* So many items that a search can be hard; the index alone, since nothing else is read. */
static void index_many(struct store_world *w)
{
	char text[512] = "", title[] = "t";
	struct item i = {.title = title, .content = text};
	uint32_t random = 1;

	store_world_must(w, store_begin(w->s, &w->err));
	for (int64_t id = 1; id <= MANY_ITEMS; id++) {
		for (size_t k = 0; k + 4 < sizeof(text) - 1; k += 4) {
			random = random * 1664525u + 1013904223u;
			text[k] = (char)('a' + (random >> 24) % 26);
			text[k + 1] = (char)('a' + (random >> 16) % 26);
			text[k + 2] = (char)('a' + (random >> 10) % 26);
			text[k + 3] = ' ';
		}
		store_world_must(w, search_add(&w->s->db, id, &i, &w->err));
	}
	store_world_must(w, store_commit(w->s, &w->err));
}

#ifdef SYN_SANITIZED
enum { SEARCH_MAY_TAKE = 10 }; /* the steps between two looks at the clock take long */
#else
enum { SEARCH_MAY_TAKE = 2 };
#endif

/* LIMIT_SEARCH_MS: it ends in time also in the midst of the index's own work, and says what to do; the next one works. */
static void test_a_search_that_takes_too_long_ends(void **state)
{
	static const struct {
		const char *before, *after;
	} hard[] = {{"", "* "}, {"NEAR(", "* e*, 50) OR "}, {"(", "* NOT zzz) OR "}};
	struct store_world *w = *state;

	index_many(w);
	for (size_t kind = 0; kind < sizeof(hard) / sizeof(hard[0]); kind++) {
		struct buf query = BUF_INIT(LIMIT_SEARCH_QUERY_BYTES);
		struct item_ids ids;
		int64_t began, took;
		int rc;

		for (char c = 'a'; c <= 'z'; c++)
			buf_append_printf(&query, "%s%c%s", hard[kind].before, c, hard[kind].after);
		buf_append_str(&query, "zzzz");
		began = clock_mono_ms(&clock_system);
		rc = store_search_ids(w->r, &(struct store_search){.query = buf_str(&query), .limit = 10}, &ids, &w->err);
		took = clock_mono_ms(&clock_system) - began;
		print_message("# search %zu of %d items: %d after %d ms\n", kind, MANY_ITEMS, rc, (int)took);
		assert_true(rc == 0 || rc == ERR_TIMEOUT);
		assert_true(took < SEARCH_MAY_TAKE * LIMIT_SEARCH_MS);
		item_ids_done(&ids);
		buf_done(&query);
	}
	assert_string_equal(found(w, "zzzz"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_found, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_pieces_of_the_index_are_merged, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_a_change_replaces_the_words, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_undone_is_not_found, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_purged_is_not_found, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_only_newer_ones, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_early_words_are_not_lost, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_a_long_text_is_cut, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_a_search_that_takes_too_long_ends, store_world_set_up, store_world_tear_down),
		cmocka_unit_test(test_wrong_queries_say_where),
		cmocka_unit_test(test_a_long_query_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
