#include "bare_store.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/mem.h"

void bare_fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench_store: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static void sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		bare_fail(text, sqlite3_errmsg(db));
}

sqlite3_stmt *bare_prepare(sqlite3 *db, const char *text)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
		bare_fail(text, sqlite3_errmsg(db));
	return stmt;
}

sqlite3 *bare_open(const char *dir, const char *name)
{
	auto_free char *path = mem_printf("%s/%s", dir, name);
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		bare_fail(path, "cannot open");
	return db;
}

/* Rows of one table as they stand in our database, those of one item after those of the item before. */
struct rows {
	const char *table, *item_id; /* the expression for the item that a row came with */
	sqlite3_value **values;      /* the last of a row is that item's id */
	size_t n, capacity, next;
	int columns;
	sqlite3_stmt *insert;
};

/* A story's id is its first item's: each item begins one here, and bare_insert_us() looks whether that is so. */
static const struct rows row_tables[] = {
	{.table = "story", .item_id = "id"},        {.table = "story_url", .item_id = "story_id"},     {.table = "item", .item_id = "id"},
	{.table = "item_key", .item_id = "item_id"},  {.table = "item_text", .item_id = "id / 2"}, {.table = "item_mark", .item_id = "item_id"}, {.table = "story_window", .item_id = "item_id"},
	{.table = "event", .item_id = "item_id"},
};
enum { ROW_TABLES = sizeof(row_tables) / sizeof(row_tables[0]) };

static void read_rows(sqlite3 *from, struct rows *r)
{
	auto_free char *text = mem_printf("SELECT *, %s FROM %s ORDER BY %s", r->item_id, r->table, r->item_id);
	sqlite3_stmt *stmt = bare_prepare(from, text);

	r->columns = sqlite3_column_count(stmt);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		if (r->n == r->capacity) {
			r->capacity = r->capacity ? 2 * r->capacity : 1024;
			r->values = mem_resize_array(r->values, r->capacity * (size_t)r->columns, sizeof(r->values[0]));
		}
		for (int i = 0; i < r->columns; i++)
			r->values[r->n * (size_t)r->columns + (size_t)i] = sqlite3_value_dup(sqlite3_column_value(stmt, i));
		r->n++;
	}
	(void)sqlite3_finalize(stmt);
}

static void free_rows(struct rows *r)
{
	for (size_t i = 0; i < r->n * (size_t)r->columns; i++)
		sqlite3_value_free(r->values[i]);
	mem_free(r->values);
	(void)sqlite3_finalize(r->insert);
}

static void run_bare(sqlite3 *db, sqlite3_stmt *stmt)
{
	if (sqlite3_step(stmt) != SQLITE_DONE)
		bare_fail(sqlite3_sql(stmt), sqlite3_errmsg(db));
	(void)sqlite3_reset(stmt);
}

static void insert_row(sqlite3 *db, struct rows *r, size_t row)
{
	for (int i = 0; i < r->columns - 1; i++)
		(void)sqlite3_bind_value(r->insert, i + 1, r->values[row * (size_t)r->columns + (size_t)i]);
	run_bare(db, r->insert);
}

static void insert_rows_of(sqlite3 *db, struct rows *r, int64_t item_id)
{
	for (; r->next < r->n && sqlite3_value_int64(r->values[(r->next + 1) * (size_t)r->columns - 1]) == item_id; r->next++)
		insert_row(db, r, r->next);
}

static void prepare_insert(sqlite3 *db, struct rows *r)
{
	struct buf text = BUF_INIT(1024);

	buf_append_printf(&text, "INSERT INTO %s VALUES (?", r->table);
	for (int i = 2; i < r->columns; i++)
		buf_append_str(&text, ",?");
	buf_append_str(&text, ")");
	r->insert = bare_prepare(db, buf_str(&text));
	buf_done(&text);
}

/* The same schema and pragmas; sources and hosts are there already, as they are in ours when it begins. */
static sqlite3 *open_bare(const char *dir, const char *name, sqlite3 *ours)
{
	sqlite3 *db = bare_open(dir, name);
	sqlite3_stmt *schema = bare_prepare(ours, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search%' ORDER BY rowid");
	auto_free char *attach = mem_printf("ATTACH '%s/syndicated.db' AS o; INSERT INTO host SELECT * FROM o.host;"
	                                    "INSERT INTO source SELECT * FROM o.source; INSERT INTO schedule SELECT * FROM o.schedule; DETACH o", dir);

	sql(db, "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY;"
	        "PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=16777216");
	while (sqlite3_step(schema) == SQLITE_ROW)
		sql(db, (const char *)sqlite3_column_text(schema, 0));
	(void)sqlite3_finalize(schema);
	sql(db, attach);
	sql(db, "CREATE VIRTUAL TABLE search USING fts5 (title, text, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');"
	        "INSERT INTO search (search, rank) VALUES ('automerge', 8)");
	return db;
}

static const char bare_poll[] =
	"UPDATE schedule SET next_due_ms = ?1, interval_ms = 900000, due_reason = 'poll.min', failures = 0, polls = polls + 1,"
	" last_start_ms = ?1, last_success_ms = ?1, last_outcome = 'ok', last_status = 200, last_message = NULL, worth = 2, history = ?3"
	" WHERE source_id = ?2";

static const char bare_news[] = "UPDATE source SET document_ms = ?1, n_items = n_items + 1 WHERE id = ?2";

static const char bare_host[] = "UPDATE host SET ready_ms = ?1, worth = 2 WHERE id = 1";

/* The same words into an index of the same kind, at the end of the batch. */
static void bare_words(sqlite3 *db, sqlite3_stmt *words, struct feed_document **documents, char **texts, unsigned first)
{
	for (unsigned i = 0; i < BATCH; i++) {
		(void)sqlite3_bind_int64(words, 1, 1 + first + i);
		(void)sqlite3_bind_text(words, 2, documents[first + i]->items[0].title, -1, SQLITE_STATIC);
		(void)sqlite3_bind_text(words, 3, texts[first + i], -1, SQLITE_STATIC);
		run_bare(db, words);
	}
}

/* As the index has them: made before the clock runs. */
static char **make_texts(struct feed_document **documents)
{
	char **texts = mem_new_array(char *, ROUNDS * BATCH);

	for (unsigned i = 0; i < ROUNDS * BATCH; i++)
		texts[i] = mem_printf("%s %s", documents[i]->items[0].content, documents[i]->items[0].summary);
	return texts;
}

static void free_texts(char **texts)
{
	for (unsigned i = 0; i < ROUNDS * BATCH; i++)
		mem_free(texts[i]);
	mem_free(texts);
}

/* The items' rows, and the two that a poll writes: its source's and its host's; and their words, when documents are given. */
static double bare_insert(sqlite3 *db, struct rows rows[ROW_TABLES], struct feed_document **documents, char **texts)
{
	static const char history[64];
	sqlite3_stmt *words = bare_prepare(db, "INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)");
	sqlite3_stmt *poll = bare_prepare(db, bare_poll), *news = bare_prepare(db, bare_news), *host = bare_prepare(db, bare_host);
	double began = bench_cpu_us();

	for (unsigned round = 0; round < ROUNDS; round++) {
		sql(db, "BEGIN");
		for (unsigned i = 0; i < BATCH; i++) {
			size_t row = round * BATCH + i;

			for (int t = 0; t < ROW_TABLES; t++)
				insert_rows_of(db, &rows[t], (int64_t)row + 1);
			(void)sqlite3_bind_int64(poll, 1, NOW_MS + 900000 + (int64_t)row);
			(void)sqlite3_bind_int(poll, 2, 1 + (int)(row % SOURCES));
			(void)sqlite3_bind_blob(poll, 3, history, sizeof(history), SQLITE_STATIC);
			run_bare(db, poll);
			(void)sqlite3_bind_int64(news, 1, NOW_MS + 900000 + (int64_t)row);
			(void)sqlite3_bind_int(news, 2, 1 + (int)(row % SOURCES));
			run_bare(db, news);
			(void)sqlite3_bind_int64(host, 1, NOW_MS + 900000 + (int64_t)row);
			run_bare(db, host);
		}
		if (texts)
			bare_words(db, words, documents, texts, round * BATCH);
		sql(db, "COMMIT");
	}
	began = (bench_cpu_us() - began) / (ROUNDS * BATCH);
	(void)sqlite3_finalize(words);
	(void)sqlite3_finalize(poll);
	(void)sqlite3_finalize(news);
	(void)sqlite3_finalize(host);
	return began;
}

/* The keys of one document in one source, as a poll looks them up. */
double bare_lookup_us(sqlite3 *db, const struct feed_document *d)
{
	sqlite3_stmt *find = bare_prepare(db, "SELECT item_id FROM item_key WHERE source_id = ? AND key = ?");
	double began = bench_cpu_us();

	sql(db, "BEGIN");
	for (unsigned i = 0; i < ROUNDS * BATCH * KNOWN; i++) {
		(void)sqlite3_bind_int(find, 1, 1);
		(void)sqlite3_bind_blob(find, 2, d->items[i % KNOWN].key.bytes, ITEM_KEY_BYTES, SQLITE_STATIC);
		if (sqlite3_step(find) != SQLITE_ROW)
			bare_fail("lookup", "a key is missing");
		(void)sqlite3_reset(find);
	}
	sql(db, "COMMIT");
	began = (bench_cpu_us() - began) / (ROUNDS * BATCH);
	(void)sqlite3_finalize(find);
	return began;
}

double bare_insert_us(const char *dir, const char *name, sqlite3 *ours, struct feed_document **documents)
{
	struct rows rows[ROW_TABLES] = {0};
	sqlite3 *bare = open_bare(dir, name, ours);
	char **texts = documents ? make_texts(documents) : NULL;
	double us;

	for (int t = 0; t < ROW_TABLES; t++) {
		rows[t] = row_tables[t];
		read_rows(ours, &rows[t]);
		prepare_insert(bare, &rows[t]);
	}
	us = bare_insert(bare, rows, documents, texts);
	if (texts)
		free_texts(texts);
	for (int t = 0; t < ROW_TABLES; t++) {
		if (rows[t].next < rows[t].n)
			bare_fail(rows[t].table, "not all rows were written");
		free_rows(&rows[t]);
	}
	(void)sqlite3_close(bare);
	return us;
}
