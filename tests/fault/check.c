#include "check.h"

#include "../../src/store/store_internal.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/mem.h"

enum { LINE_BYTES = 2048, SHOWN_BYTES = 200 };

static sqlite3 *open_plainly(const char *dir)
{
	char path[512];
	sqlite3 *db = NULL;

	(void)snprintf(path, sizeof(path), "%s/syndicated.db", dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix") != SQLITE_OK)
		abort();
	if (words_register(db) != SQLITE_OK)
		abort();
	return db;
}

/* Long text by its length and hash, so that a dump of megabytes stays small. */
static void dump_bytes(const unsigned char *p, int len, struct buf *out)
{
	uint64_t hash = 0xcbf29ce484222325u;

	if (len <= 48) {
		for (int i = 0; i < len; i++)
			buf_append_printf(out, p[i] >= ' ' && p[i] < 127 ? "%c" : "\\%02x", p[i]);
		return;
	}
	for (int i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u;
	buf_append_printf(out, "%d bytes %016" PRIx64, len, hash);
}

static void dump_row(sqlite3_stmt *row, const char *table, struct buf *out)
{
	buf_append_str(out, table);
	for (int i = 0; i < sqlite3_column_count(row); i++) {
		buf_append_printf(out, " %s=", sqlite3_column_name(row, i));
		switch (sqlite3_column_type(row, i)) {
		case SQLITE_INTEGER:
			buf_append_printf(out, "%lld", (long long)sqlite3_column_int64(row, i));
			break;
		case SQLITE_NULL:
			break;
		default:
			dump_bytes(sqlite3_column_blob(row, i), sqlite3_column_bytes(row, i), out);
		}
	}
	buf_append_char(out, '\n');
}

static void dump_query(sqlite3 *db, const char *table, const char *sql, struct buf *out)
{
	sqlite3_stmt *row = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
		buf_append_printf(out, "%s: %s\n", table, sqlite3_errmsg(db));
	while (row && sqlite3_step(row) == SQLITE_ROW)
		dump_row(row, table, out);
	(void)sqlite3_finalize(row);
}

static void dump_table(sqlite3 *db, const char *table, struct buf *out)
{
	/* Where a text is cut in two depends on what was written before, also in vain (store/body.c). */
	static const char texts[] = "SELECT id / 2 AS item, group_concat(hex(bytes), '') AS text FROM (SELECT * FROM item_text ORDER BY id) GROUP BY id / 2 ORDER BY 1";
	char sql[256];

	(void)sqlite3_snprintf(sizeof(sql), sql, strcmp(table, "item_text") == 0 ? texts : "SELECT * FROM \"%w\" ORDER BY 1", table);
	dump_query(db, table, sql, out);
}

/* What the full-text index finds. How it is cut into pieces depends on which commits there were. */
static void dump_words(sqlite3 *db, struct buf *out)
{
	if (sqlite3_exec(db, "CREATE VIRTUAL TABLE temp.found USING fts5vocab (main, search, instance)", NULL, NULL, NULL) == SQLITE_OK)
		dump_query(db, "found", "SELECT term, doc, col, offset FROM temp.found ORDER BY 1, 2, 3, 4", out);
}

void check_dump(const char *dir, struct buf *out)
{
	sqlite3 *db = open_plainly(dir);
	sqlite3_stmt *names = NULL;

	if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'search*' ORDER BY name", -1, &names, NULL) != SQLITE_OK)
		buf_append_printf(out, "%s\n", sqlite3_errmsg(db));
	while (names && sqlite3_step(names) == SQLITE_ROW)
		dump_table(db, (const char *)sqlite3_column_text(names, 0), out);
	(void)sqlite3_finalize(names);
	dump_words(db, out);
	(void)sqlite3_close(db);
}

/* Finds no row, or only "ok". */
static bool holds(sqlite3 *db, const char *name, const char *sql, struct buf *complaint)
{
	sqlite3_stmt *row = NULL;
	bool fine = sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK;
	int rc = fine ? sqlite3_step(row) : SQLITE_ERROR;

	if (rc == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(row, 0), "ok") == 0)
		rc = sqlite3_step(row);
	fine = rc == SQLITE_DONE;
	if (rc == SQLITE_ROW)
		buf_append_printf(complaint, "%s: %s; ", name, (const char *)sqlite3_column_text(row, 0));
	else if (!fine)
		buf_append_printf(complaint, "%s: %s; ", name, sqlite3_errmsg(db));
	(void)sqlite3_finalize(row);
	return fine;
}

static FILE *open_invariants(void)
{
	const char *top = getenv("top_srcdir");
	char path[512];
	FILE *in;

	(void)snprintf(path, sizeof(path), "%s/tests/lib/invariants.sql", top ? top : ".");
	in = fopen(path, "re");
	if (!in) {
		fprintf(stderr, "%s cannot be read; set top_srcdir\n", path);
		exit(99);
	}
	return in;
}

static bool invariants_hold(sqlite3 *db, struct buf *complaint)
{
	FILE *in = open_invariants();
	char line[LINE_BYTES];
	bool fine = true;

	while (fgets(line, sizeof(line), in)) {
		char *sql = strstr(line, ": ");

		if (line[0] == '-' || !sql)
			continue;
		*sql = '\0';
		fine = holds(db, line, sql + 2, complaint) && fine;
	}
	(void)fclose(in);
	return fine;
}

static bool is_empty(sqlite3 *db)
{
	sqlite3_stmt *row = NULL;
	bool empty = sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_master", -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_DONE;

	(void)sqlite3_finalize(row);
	return empty;
}

bool check_is_sound(const char *dir, struct buf *complaint)
{
	sqlite3 *db = open_plainly(dir);
	bool fine = holds(db, "integrity", "PRAGMA integrity_check", complaint);

	fine = holds(db, "foreign keys", "PRAGMA foreign_key_check", complaint) && fine;
	fine = (is_empty(db) || invariants_hold(db, complaint)) && fine;
	(void)sqlite3_close(db);
	return fine;
}

void check_difference(const char *want, const char *got, struct buf *out)
{
	while (*want && *got) {
		size_t w = strcspn(want, "\n"), g = strcspn(got, "\n");

		if (w != g || memcmp(want, got, w) != 0)
			break;
		want += w + (want[w] != '\0');
		got += g + (got[g] != '\0');
	}
	buf_append_printf(out, "want: %.*s\n got: %.*s", (int)strcspn(want, "\n"), want, (int)strcspn(got, "\n"), got);
}
