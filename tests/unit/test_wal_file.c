/* Commits go into the write-ahead log with few calls, and nothing that reads can tell (decision 021). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../src/store/store_internal.h"
#include "../lib/store_dir.h"
#include "syndicated/base/mem.h"

enum { ROWS = 3000 };

static void run(sqlite3 *db, const char *sql)
{
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int64_t ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *row = NULL;
	int64_t ret;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	ret = sqlite3_column_int64(row, 0);
	(void)sqlite3_finalize(row);
	return ret;
}

/* Of this process, since it began. */
static long write_calls(void)
{
	FILE *f = fopen("/proc/self/io", "re");
	char line[128];
	long n = -1;

	while (f && n < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "syscw: %ld", &n) != 1)
			n = -1;
	if (f)
		(void)fclose(f);
	assert_true(n >= 0);
	return n;
}

static void fill(sqlite3 *db)
{
	sqlite3_stmt *add = NULL;

	assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO t (a) VALUES (randomblob(900))", -1, &add, NULL), SQLITE_OK);
	for (int i = 0; i < ROWS; i++) {
		assert_int_equal(sqlite3_step(add), SQLITE_DONE);
		(void)sqlite3_reset(add);
	}
	(void)sqlite3_finalize(add);
}

/* With a cache of ten pages most of a transaction is in the log before it is committed, and is read from there. */
static void test_spilled_transactions(void **state)
{
	char dir[] = "/tmp/wal-file-XXXXXX";
	auto_free char *path = mem_printf("%s/syndicated.db", mkdtemp(dir));
	sqlite3 *writer = NULL, *reader = NULL;

	(void)state;
	assert_int_equal(wal_file_register(), SQLITE_OK);
	assert_int_equal(sqlite3_open_v2(path, &writer, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, WAL_GATHERING_VFS), SQLITE_OK);
	run(writer, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = 10; CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB)");
	assert_int_equal(sqlite3_open_v2(path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);

	run(writer, "BEGIN");
	fill(writer);
	assert_int_equal(ask(writer, "SELECT sum(length(a)) FROM t"), ROWS * 900);
	assert_int_equal(ask(reader, "SELECT count(*) FROM t"), 0);
	run(writer, "ROLLBACK");
	assert_int_equal(ask(writer, "SELECT count(*) FROM t"), 0);
	run(writer, "BEGIN");
	fill(writer);
	run(writer, "COMMIT");
	assert_int_equal(ask(reader, "SELECT sum(length(a)) FROM t"), ROWS * 900);
	run(writer, "PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM t WHERE id % 3 = 0");
	assert_int_equal(ask(reader, "SELECT count(*) FROM t"), ROWS - ROWS / 3);
	assert_int_equal(ask(reader, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
	assert_int_equal(sqlite3_close(writer), SQLITE_OK);
	assert_int_equal(store_dir_remove(dir), 0);
}

/* Of a commit of some thirty pages each was two calls. */
static void test_few_calls(void **state)
{
	char dir[] = "/tmp/wal-file-XXXXXX";
	auto_free char *path = mem_printf("%s/syndicated.db", mkdtemp(dir));
	sqlite3 *writer = NULL;
	long before;

	(void)state;
	assert_int_equal(wal_file_register(), SQLITE_OK);
	assert_int_equal(sqlite3_open_v2(path, &writer, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, WAL_GATHERING_VFS), SQLITE_OK);
	run(writer, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB)");
	run(writer, "BEGIN; WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120) INSERT INTO t SELECT i, randomblob(900) FROM n");
	before = write_calls();
	run(writer, "COMMIT");
	assert_in_range(write_calls() - before, 1, 4);
	assert_int_equal(sqlite3_close(writer), SQLITE_OK);
	assert_int_equal(store_dir_remove(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spilled_transactions),
		cmocka_unit_test(test_few_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
