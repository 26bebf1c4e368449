/*
 * Stores of every format that was ever written open, and are then as one that was made today (design.md section 4).
 * tests/store-versions/N.sql is a store of format N with what fill() puts in; scripts/dump-store-version writes the latest.
 */
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

#include "../../src/store/store_internal.h"
#include "../lib/store_dir.h"
#include "../lib/store_world.h"
#include "syndicated/base/mem.h"

enum { DUMP_BYTES = 4 << 20 };

static void fill(struct store_world *w)
{
	char name[] = "hook";
	const struct webhook_spec hook = {.name = name};
	const struct delivery_new delivery = {.seq = 1, .event_id = "evt_x", .body = "{}", .body_len = 2};
	const struct store_fan_out news = {.webhook = "hook", .to = 1, .deliveries = &delivery, .n = 1, .told = &(int64_t){1}, .n_told = 1};

	store_world_must(w, store_begin(w->s, &w->err));
	store_world_must(w, store_sync_webhooks(w->s, &hook, 1, STORE_WORLD_NOW, &w->err));
	store_world_must(w, store_commit(w->s, &w->err));
	store_world_take(w, STORE_WORLD_NOW, (struct store_world_text[]){{"2", "B", "<p>two</p>"}, {"1", "A", "<p>one</p>"}}, 2, true);
	store_world_take(w, STORE_WORLD_NOW + 1000, (struct store_world_text[]){{"2", "B", "<p>deux</p>"}, {"1", "A", "<p>one</p>"}}, 2, true);
	store_world_must(w, store_begin(w->s, &w->err));
	store_world_must(w, store_fan_out(w->s, &news, STORE_WORLD_NOW, &w->err));
	store_world_must(w, store_commit(w->s, &w->err));
}

static void load_dump(const char *path, const char *sql)
{
	sqlite3 *db;
	char *message = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, "PRAGMA auto_vacuum = INCREMENTAL", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
	(void)sqlite3_close(db);
}

static char *schema_of(struct db *db)
{
	static const char all[] = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name)";
	struct err err = {0};
	sqlite3_stmt *row = stmt_bind(db, all, &err, "");
	char *schema;

	assert_int_equal(stmt_step(db, row, &err), 1);
	schema = column_str(row, 0);
	stmt_done(row);
	return schema;
}

/* What fill() put in; the ids are those that were published. */
static void must_have_all(struct store_world *w)
{
	static const char *const ids[][2] = {
		{"evt_wtf6nyb4890kvvpfw7m8x6batg", "urn:uuid:1e769d8a-15ee-8c45-82d7-8630d803da2b"},
		{"evt_tdxqw94gcxn3e07q4egbk4be3r", "urn:uuid:89b86311-7246-87e1-93d6-6e377a8dd793"},
		{"evt_e4we3h73jtpkzsd19v5xd2hyyw", "urn:uuid:89b86311-7246-87e1-93d6-6e377a8dd793"},
	};
	struct store_search search = {.query = "deux NOT two", .limit = 5};
	struct event_list *events = NULL;
	struct item_ids found;
	struct buf findings = BUF_INIT(1 << 16);
	struct delivery *deliveries;
	size_t n;
	bool all;

	if (store_check(w->dir, &findings, &all, &w->err) < 0)
		fail_msg("%s", buf_str(&findings));
	store_world_must(w, store_read_events(w->r, 0, 10, &events, &w->err));
	assert_int_equal(events->n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(events->events[i].id, ids[i][0]);
		assert_string_equal(events->events[i].story_uid, ids[i][1]);
	}
	event_list_free(events);
	store_world_must(w, store_search_ids(w->r, &search, &found, &w->err));
	assert_int_equal(found.n, 1);
	item_ids_done(&found);
	store_world_must(w, store_begin(w->s, &w->err));
	store_world_must(w, store_claim_deliveries(w->s, "hook", STORE_WORLD_NOW + 1, 1000, 5, &deliveries, &n, &w->err));
	store_world_must(w, store_commit(w->s, &w->err));
	assert_int_equal(n, 1);
	delivery_done(&deliveries[0]);
	mem_free(deliveries);
}

static void check_version(int version, const char *sql)
{
	struct store_world w = {.dir = "store-version-XXXXXX"};
	struct store_world *fresh;
	auto_free char *path = NULL, *old = NULL, *new = NULL;

	assert_non_null(mkdtemp(w.dir));
	path = mem_printf("%s/syndicated.db", w.dir);
	load_dump(path, sql);
	store_world_open(&w);
	must_have_all(&w);
	assert_int_equal(store_world_set_up((void **)&fresh), 0);
	old = schema_of(&w.r->db);
	new = schema_of(&fresh->r->db);
	if (strcmp(old, new) != 0)
		fail_msg("format %d becomes another one than a new store has (an unreleased step changed? scripts/dump-store-version):\n%s\n%s", version,
		         old, new);
	store_world_tear_down((void **)&fresh);
	store_world_close(&w);
	assert_int_equal(store_dir_remove(w.dir), 0);
}

static void test_each_version(void **state)
{
	const char *top = getenv("top_srcdir");

	(void)state;
	for (int version = 1; version <= schema_version; version++) {
		auto_free char *name = mem_printf("%s/tests/store-versions/%d.sql", top ? top : "..", version);
		auto_free char *sql = mem_alloc_zero(1, DUMP_BYTES + 1);
		FILE *f = fopen(name, "r");

		if (!f)
			fail_msg("%s is missing", name);
		assert_true(fread(sql, 1, DUMP_BYTES, f) > 0);
		(void)fclose(f);
		check_version(version, sql);
	}
}

/* For scripts/dump-store-version: a store like those in a directory that stays. */
static void make(void **state)
{
	struct store_world *w = *state;
	char *to = getenv("MAKE_STORE");
	auto_free char *file = mem_printf("%s/syndicated.db", to);

	fill(w);
	store_world_must(w, store_backup(w->dir, file, true, &w->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_version)};
	const struct CMUnitTest makes[] = {cmocka_unit_test_setup_teardown(make, store_world_set_up, store_world_tear_down)};

	if (getenv("MAKE_STORE"))
		return cmocka_run_group_tests(makes, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
