/* Backup, restore and check of a real store (features.md I45, reliability.md I1 to I5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "../lib/store_dir.h"
#include "../lib/store_world.h"
#include "syndicated/base/mem.h"

static char *in_dir(const struct store_world *w, const char *name)
{
	return mem_printf("%s/%s", w->dir, name);
}

static int64_t last_seq(struct store_world *w)
{
	int64_t seq = -1;

	store_world_must(w, store_last_seq(w->s, &seq, &w->err));
	return seq;
}

static size_t count_items(struct store_world *w)
{
	struct store_counts c;

	store_world_must(w, store_read_counts(w->r, &c, &w->err));
	return (size_t)c.items;
}

static void must_be_sound(struct store_world *w, bool all)
{
	struct buf findings = BUF_INIT(1 << 16);
	bool was_all = !all;

	if (store_check(w->dir, &findings, &was_all, &w->err) < 0)
		fail_msg("%s\n%s", w->err.message, buf_str(&findings));
	assert_int_equal(was_all, all);
	buf_done(&findings);
}

static void change(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

static void test_backup_and_restore(void **state)
{
	struct store_world *w = *state;
	auto_free char *file = in_dir(w, "backup.db"), *itself = in_dir(w, "syndicated.db");
	struct store_restored restored;
	struct stat st;
	int64_t seq;

	store_world_take(w, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", "one"}, 1, true);
	store_world_must(w, store_backup(w->dir, file, false, &w->err));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(store_backup(w->dir, file, false, &w->err), ERR_EXISTS);
	store_world_must(w, store_backup(w->dir, file, true, &w->err));
	assert_int_equal(store_backup(w->dir, itself, true, &w->err), ERR_INVALID);

	store_world_take(w, STORE_WORLD_NOW + 1000, &(struct store_world_text){"2", "B", "two"}, 1, true);
	seq = last_seq(w);
	assert_int_equal(seq, 2);
	must_be_sound(w, false);
	assert_int_equal(store_restore(w->dir, file, &restored, &w->err), ERR_REFUSED); /* it is open */

	store_world_close(w);
	store_world_must(w, store_restore(w->dir, file, &restored, &w->err));
	assert_int_equal(restored.items, 1);
	assert_int_equal(restored.last_seq, seq);
	assert_int_equal(access(restored.kept, F_OK), 0);
	must_be_sound(w, true);
	store_world_open(w);
	assert_int_equal(count_items(w), 1);
	store_world_take(w, STORE_WORLD_NOW + 2000, &(struct store_world_text){"2", "B", "two"}, 1, true);
	assert_int_equal(last_seq(w), seq + 1); /* no seq a second time */
	must_be_sound(w, false);
	(void)unlink(restored.kept);
	(void)unlink(file);
}

/* What is found again after a restore has the ids that it had. */
static void test_ids_after_a_restore(void **state)
{
	struct store_world *w = *state;
	auto_free char *file = in_dir(w, "backup.db");
	struct event_list *events = NULL;
	struct store_restored restored;
	auto_free char *id = NULL;

	store_world_must(w, store_backup(w->dir, file, false, &w->err));
	store_world_take(w, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", "one"}, 1, true);
	store_world_must(w, store_read_events(w->r, 0, 10, &events, &w->err));
	id = mem_dup_str(events->events[0].id);
	event_list_free(events);
	store_world_close(w);
	store_world_must(w, store_restore(w->dir, file, &restored, &w->err));
	store_world_open(w);
	store_world_take(w, STORE_WORLD_NOW + 5000, &(struct store_world_text){"1", "A", "one"}, 1, true);
	store_world_must(w, store_read_events(w->r, 0, 10, &events, &w->err));
	assert_int_equal(events->n, 1);
	assert_string_equal(events->events[0].id, id);
	assert_int_equal(events->events[0].seq, 2);
	event_list_free(events);
	(void)unlink(restored.kept);
	(void)unlink(file);
}

/* The old store cannot be read: it is kept all the same, and the log goes on far behind what it may have said. */
static void test_restore_over_a_wreck(void **state)
{
	struct store_world *w = *state;
	auto_free char *file = in_dir(w, "backup.db"), *path = in_dir(w, "syndicated.db");
	struct store_restored restored;

	store_world_take(w, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", "one"}, 1, true);
	store_world_must(w, store_backup(w->dir, file, false, &w->err));
	store_world_close(w);
	store_world_spoil(path, 0, 8192);
	assert_null(store_open(w->dir, &w->err));
	assert_int_equal(w->err.code, ERR_CORRUPT);
	assert_non_null(strstr(w->err.message, "--restore"));
	store_world_must(w, store_restore(w->dir, file, &restored, &w->err));
	assert_true(restored.last_seq > 1000000);
	store_world_open(w);
	assert_int_equal(count_items(w), 1);
	(void)unlink(restored.kept);
	(void)unlink(file);
}

static void refuse(struct store_world *w, const char *file, int code, const char *says)
{
	struct store_restored restored;

	assert_int_equal(store_restore(w->dir, file, &restored, &w->err), code);
	if (!strstr(w->err.message, says))
		fail_msg("%s", w->err.message);
}

static void test_bad_backups_change_nothing(void **state)
{
	struct store_world *w = *state;
	auto_free char *file = in_dir(w, "backup.db"), *path = in_dir(w, "syndicated.db");

	store_world_take(w, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", "one"}, 1, true);
	store_world_must(w, store_backup(w->dir, file, false, &w->err));
	store_world_close(w);
	change(file, "UPDATE story SET n_items = 7");
	refuse(w, file, ERR_CORRUPT, "a story's count of items is wrong");
	change(file, "PRAGMA user_version = 999");
	refuse(w, file, ERR_UNSUPPORTED, "newer");
	change(file, "PRAGMA user_version = 1; PRAGMA application_id = 5");
	refuse(w, file, ERR_INVALID, "no store of syndicated");
	store_world_spoil(file, 0, 100);
	refuse(w, file, ERR_CORRUPT, "damaged");
	(void)unlink(file);
	refuse(w, file, ERR_IO, "cannot open");
	assert_int_equal(access(path, F_OK), 0);
	store_world_open(w);
	assert_int_equal(count_items(w), 1);
}

/* Each finding is one that a check has, and says which row. */
static void test_findings(void **state)
{
	static const struct {
		const char *sql, *says;
	} table[] = {
		{"UPDATE story SET n_items = 2", "a story's count of items is wrong: story 1"},
		{"UPDATE story SET n_items = 1; UPDATE source SET n_items = 5", "a source's count of items is wrong: source a"},
		{"UPDATE source SET n_items = 1; UPDATE item SET story_id = 77", "a row points to one that is not there: item row 1"},
		{"UPDATE item SET story_id = 1, body_bytes = 5000", "an item's texts or lists make no sense: item 1"},
		{"UPDATE item SET body_bytes = 3, lists = x'010203'", "an item's texts or lists make no sense: item 1"},
		{"UPDATE item SET lists = NULL; DELETE FROM event", "an item was never announced: item 1"},
		{"UPDATE item SET lists = NULL; UPDATE item_text SET bytes = x'fd01'", "an item's texts or lists make no sense: item 1"},
		{"INSERT INTO item_text VALUES (80, x'00')", "texts belong to no item: text 80"},
		{"INSERT INTO webhook (name, cursor, created_ms) VALUES ('h', 99, 0)", "a webhook is behind the end of the log: h"},
	};
	struct store_world *w = *state;
	auto_free char *path = in_dir(w, "syndicated.db");

	store_world_take(w, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", "one"}, 1, true);
	store_world_close(w);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf findings = BUF_INIT(1 << 16);
		bool all;

		change(path, table[i].sql);
		assert_int_equal(store_check(w->dir, &findings, &all, &w->err), ERR_CORRUPT);
		if (!strstr(buf_str(&findings), table[i].says))
			fail_msg("%s: %s", table[i].sql, buf_str(&findings));
		buf_done(&findings);
	}
}

static bool never(void *ctx)
{
	(void)ctx;
	return false;
}

static void test_the_slow_check(void **state)
{
	struct store_world *w = *state;
	auto_free char *path = in_dir(w, "syndicated.db");
	char *text = mem_alloc_zero(1, 200001);

	memset(text, 'x', 200000);
	store_world_take(w, STORE_WORLD_NOW, &(struct store_world_text){"1", "A", text}, 1, true);
	mem_free(text);
	assert_true(store_was_checked(w->s));
	store_world_must(w, store_check_slowly(w->dir, never, NULL, &w->err));
	store_world_close(w);
	store_world_spoil(path, 40 * 4096, 20 * 4096);
	assert_int_equal(store_check_slowly(w->dir, never, NULL, &w->err), ERR_CORRUPT);
	assert_non_null(strstr(w->err.message, "--restore"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_backup_and_restore, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_ids_after_a_restore, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_restore_over_a_wreck, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_bad_backups_change_nothing, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_findings, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_the_slow_check, store_world_set_up, store_world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
