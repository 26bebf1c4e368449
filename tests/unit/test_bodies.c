/* The long texts of items as they are stored: squeezed, cut, read again, and damaged (reliability.md I4; performance.md goal 7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/store/store_internal.h"
#include "../lib/store_world.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

static const char prose[] = "<p>The ferry to the island leaves the harbour at nine, and the ferry from the island leaves the island at ten.</p>";

/* Text of so many bytes, of few words or of none that comes again. */
static char *text_of(size_t len, bool is_prose)
{
	char *text = mem_new_array(char, len + 1);
	uint32_t x = (uint32_t)len + 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		text[i] = is_prose ? prose[i % (sizeof(prose) - 1)] : (char)(' ' + (x >> 16) % 95);
	}
	return text;
}

static int read_again(struct store_world *w, int64_t id, const struct item *want)
{
	struct item got = {0};
	int rc = body_read(&w->s->db, id, &got, &w->err);

	if (rc == 0 && want->content)
		assert_string_equal(got.content, want->content);
	if (rc == 0 && want->summary)
		assert_string_equal(got.summary, want->summary);
	if (rc == 0)
		assert_true(!got.content == !want->content && !got.summary == !want->summary);
	mem_free(got.content);
	mem_free(got.summary);
	return rc;
}

static int64_t stored_bytes(struct store_world *w, int64_t id)
{
	int64_t n;

	store_world_must(w, stmt_int(&w->s->db, &n, 0, "SELECT coalesce(sum(length(bytes)), 0) FROM item_text WHERE id / 2 = ?", &w->err, "i", id));
	return n;
}

static void test_what_is_stored_is_read(void **state)
{
	static char empty[] = "", one[] = "x";
	auto_free char *noise = text_of(900, false), *few = text_of(500, true), *words = text_of(3000, true), *large = text_of(LIMIT_ITEM_BYTES, false), *more = text_of(LIMIT_ITEM_BYTES, true);
	const struct {
		const char *name;
		struct item item;
		int64_t at_least, at_most; /* bytes that are stored */
	} table[] = {
		{"neither", {0}, 0, 0},
		{"an empty summary", {.summary = empty}, 1, 9},
		{"one byte", {.content = one}, 2, 10},
		{"both empty", {.content = empty, .summary = empty}, 1, 9},
		{"too few to be worth it (decision 027)", {.content = few}, 500 + 9, 500 + 9},
		{"nothing comes again in it", {.content = noise}, 700, 900 + 9},
		{"words", {.content = words}, 1, 300},
		{"the same twice", {.content = words, .summary = words}, 1, 300},
		{"both at their limit", {.content = large, .summary = more}, 1, 2 * LIMIT_ITEM_BYTES},
	};
	struct store_world *w = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int64_t id = 1 + (int64_t)i;

		store_world_must(w, body_write(&w->s->db, id, &table[i].item, &w->err));
		store_world_must(w, read_again(w, id, &table[i].item));
		if (stored_bytes(w, id) < table[i].at_least || stored_bytes(w, id) > table[i].at_most)
			fail_msg("%s: %d bytes", table[i].name, (int)stored_bytes(w, id));
		store_world_must(w, body_remove(&w->s->db, id, &w->err));
		assert_int_equal(stored_bytes(w, id), 0);
	}
}

/* Each ends in the midst of some page, so most are in two pieces. */
static void test_bodies_that_are_cut(void **state)
{
	struct store_world *w = *state;
	int64_t cut = 0;

	for (int write = 1; write >= 0; write--)
		for (int64_t id = 1; id <= 300; id++) {
			auto_free char *text = text_of((size_t)(id * 37 % 9000), id % 3 == 0);
			const struct item i = {.content = text};

			if (write)
				store_world_must(w, body_write(&w->s->db, id, &i, &w->err));
			store_world_must(w, read_again(w, id, &i));
		}
	store_world_must(w, stmt_int(&w->s->db, &cut, 0, "SELECT count(*) - 300 FROM item_text", &w->err, ""));
	assert_true(cut > 50);
}

/* LIMIT_ITEM_BYTES, of either text: what is longer comes from nowhere, and is refused. */
static void test_too_long_to_be_stored(void **state)
{
	auto_free char *large = text_of(2 * LIMIT_ITEM_BYTES, true);
	const struct item i = {.content = large, .summary = large + 2 * LIMIT_ITEM_BYTES - 1};
	struct store_world *w = *state;

	assert_int_equal(body_write(&w->s->db, 1, &i, &w->err), ERR_TOO_BIG);
	assert_int_equal(stored_bytes(w, 1), 0);
}

static void store_bytes(struct store_world *w, const char *bytes, size_t len)
{
	store_world_must(w, body_remove(&w->s->db, 1, &w->err));
	store_world_must(w, stmt_run(&w->s->db, "INSERT INTO item_text (id, bytes) VALUES (2, ?)", &w->err, "b", bytes, len));
}

/* Any bit of what is stored, and any length of it: an error of a damaged database, or the very text. */
static void test_damaged_bodies(void **state)
{
	auto_free char *words = text_of(1000, true);
	const struct item i = {.content = words};
	struct store_world *w = *state;
	sqlite3_stmt *row;
	auto_free char *bytes = NULL;
	size_t len, refused = 0;

	store_world_must(w, body_write(&w->s->db, 1, &i, &w->err));
	row = stmt_get(&w->s->db, "SELECT bytes FROM item_text", &w->err);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	len = (size_t)sqlite3_column_bytes(row, 0);
	bytes = mem_dup_bytes(sqlite3_column_blob(row, 0), len);
	stmt_done(row);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		int rc;

		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		store_bytes(w, bytes, len);
		rc = read_again(w, 1, &i);
		assert_true(rc == 0 || rc == ERR_CORRUPT);
		refused += rc == ERR_CORRUPT;
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
	}
	assert_true(refused >= 8 * len - 8); /* the format has bits that mean nothing */
	for (size_t n = 0; n <= len; n++) {
		store_bytes(w, bytes, n);
		assert_int_equal(read_again(w, 1, &i), n == len ? 0 : ERR_CORRUPT);
	}
	store_bytes(w, bytes, len + 1); /* with the NUL behind it */
	assert_int_equal(read_again(w, 1, &i), ERR_CORRUPT);
	assert_non_null(strstr(w->err.message, "restore a backup"));
}

static void test_frames_of_nobody(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
	} table[] = {
		{"no kind of ours", "\x07\xff\xff\xff\xff\xff\xff\xff\xff", 9},
		{"no length", "\xfd\x00\x58\x01\x00\x00", 6},
		{"says 2 GiB", "\xfd\xa0\xff\xff\xff\x7f\x01\x00\x00", 9},
		{"says 2^63 bytes", "\xfd\xe0\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x00\x00", 13},
		{"a dictionary of nobody", "\xfd\x21\x2a\x08\x41\x00\x00", 7},
		{"empty", "\xfd\x20\x00\x01\x00\x00", 6},
		{"texts that are longer than what there is", "\x00\xff\xff\xff\xff\xff\x00\x00\x00x", 10},
	};
	struct store_world *w = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		store_bytes(w, table[i].bytes, table[i].len);
		if (read_again(w, 1, &(struct item){0}) != ERR_CORRUPT)
			fail_msg("%s", table[i].name);
	}
}

/* ---- memory (REL-73): SQLite's, which all of this comes from ---- */

static sqlite3_mem_methods lender;
static long requests, fail_at;

static void *lend_or_not(int size)
{
	return ++requests == fail_at ? NULL : lender.xMalloc(size);
}

static void test_without_memory(void **state)
{
	auto_free char *words = text_of(5000, true);
	const struct item i = {.content = words};
	struct store_world *w = *state;
	bool whole = false;
	long failed = 0;

	for (long n = 1; !whole; n++) {
		int rc;

		squeezer_done(&w->s->db.squeezer);
		store_world_must(w, body_remove(&w->s->db, 1, &w->err));
		requests = 0;
		fail_at = n;
		rc = body_write(&w->s->db, 1, &i, &w->err);
		if (rc == 0)
			rc = read_again(w, 1, &i);
		whole = requests < n;
		fail_at = 0;
		failed += rc < 0;
		assert_true(rc == 0 || rc == ERR_IO);
		assert_true(rc == 0 || !whole);
		if (stored_bytes(w, 1))
			store_world_must(w, read_again(w, 1, &i));
	}
	print_message("# %ld requests that failed were errors\n", failed);
	assert_true(failed > 2); /* contexts and their room */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_stored_is_read, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_bodies_that_are_cut, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_too_long_to_be_stored, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_damaged_bodies, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_frames_of_nobody, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_without_memory, store_world_set_up, store_world_tear_down),
	};
	sqlite3_mem_methods counting;

	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &lender) != SQLITE_OK)
		return EXIT_FAILURE;
	counting = lender;
	counting.xMalloc = lend_or_not;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &counting) != SQLITE_OK)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
