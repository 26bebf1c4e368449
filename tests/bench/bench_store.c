/*
 * New items through store_record_poll(), a hundred polls of one item each in a commit, beside bare SQLite inserting the
 * same rows in the same batches with the same pragmas in the same run (performance.md goal 5); and thirty known items of
 * one poll beside bare look-ups of their keys. CPU of this process.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "syndicated/base/mem.h"
#include "syndicated/identify.h"
#include "syndicated/store.h"

enum { BATCH = 100, ROUNDS = 100, KNOWN = 30, SOURCES = 50 };
#define NOW_MS INT64_C(1764000000000)

static void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench_store: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static char content[1700];

static struct feed_document *document(unsigned first, unsigned n)
{
	struct feed_document *d = feed_document_new();

	d->complete = true;
	d->title = arena_dup_str(d->arena, "Bench");
	for (unsigned i = first; i < first + n; i++) {
		struct item *item = feed_document_add_item(d);

		item->guid = arena_printf(d->arena, "guid-%u", i);
		item->link = arena_printf(d->arena, "https://example.org/story/%u", i);
		item->canonical_url = arena_printf(d->arena, "https://example.org/story/%u", i);
		item->title = arena_printf(d->arena, "Story number %u", i);
		item->summary = arena_dup_str(d->arena, "A summary of a hundred characters, more or less, as one finds them in feeds everywhere.");
		item->content = arena_dup_str(d->arena, content);
		item->published_ms = NOW_MS;
	}
	identify_document(d);
	return d;
}

static void decide(const struct poll_record *r, const struct poll_effect *e, struct poll_due *ret, void *ctx)
{
	(void)e;
	(void)ctx;
	*ret = (struct poll_due){.due_ms = r->ended_ms + 900000, .interval_ms = 900000, .reason = "poll.min"};
}

static void record(struct store *s, int64_t source, const struct feed_document *d)
{
	const struct poll_record r = {.source_id = source, .outcome = POLL_OK, .status = 200, .started_ms = NOW_MS, .ended_ms = NOW_MS + 10,
	                              .keep_validators = true, .document = d, .decide = decide};
	struct poll_effect effect;
	struct err err = {0};

	if (store_savepoint(s, &err) < 0 || store_record_poll(s, &r, &effect, &err) < 0 || store_release(s, &err) < 0)
		fail("record", err.message);
}

static void begin(struct store *s)
{
	struct err err = {0};

	if (store_begin(s, &err) < 0)
		fail("begin", err.message);
}

static void commit(struct store *s)
{
	struct err err = {0};

	if (store_commit(s, &err) < 0)
		fail("commit", err.message);
}

static void host_of(const char *url, char out[STORE_HOST_BYTES], void *ctx)
{
	(void)url;
	(void)ctx;
	memcpy(out, "example.org", sizeof("example.org"));
}

static struct store *open_store(const char *dir)
{
	struct source_spec specs[SOURCES] = {0};
	struct err err = {0};
	struct store_sync sync;
	const struct store_sync_rules rules = {.now_ms = NOW_MS, .due_ms = NOW_MS, .host_of = host_of};
	struct store *s = store_open(dir, &err);

	if (!s)
		fail("open", err.message);
	for (int i = 0; i < SOURCES; i++)
		specs[i] = (struct source_spec){.url = mem_printf("https://example.org/%d", i), .name = mem_printf("s%d", i), .poll_min_ms = 900000,
		                                .poll_max_ms = 86400000};
	begin(s);
	if (store_sync_sources(s, specs, SOURCES, &rules, &sync, &err) < 0)
		fail("sync", err.message);
	commit(s);
	for (int i = 0; i < SOURCES; i++) {
		mem_free(specs[i].url);
		mem_free(specs[i].name);
	}
	return s;
}

static double ours_insert(struct store *s, struct feed_document **documents)
{
	double began = bench_cpu_us();

	for (unsigned round = 0; round < ROUNDS; round++) {
		begin(s);
		for (unsigned i = 0; i < BATCH; i++)
			record(s, 1 + i % SOURCES, documents[round * BATCH + i]);
		commit(s);
	}
	return (bench_cpu_us() - began) / (ROUNDS * BATCH);
}

static double ours_known(struct store *s)
{
	struct feed_document *d = document(1u << 20, KNOWN);
	double began;

	begin(s);
	record(s, 1, d);
	commit(s);
	began = bench_cpu_us();
	for (unsigned round = 0; round < ROUNDS; round++) {
		begin(s);
		for (unsigned i = 0; i < BATCH; i++)
			record(s, 1, d);
		commit(s);
	}
	began = (bench_cpu_us() - began) / (ROUNDS * BATCH);
	feed_document_free(d);
	return began;
}

/* ---- the reference: the same bytes in the same kinds of indexes, nothing else ---- */

static void sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail(text, sqlite3_errmsg(db));
}

static sqlite3 *open_bare(const char *dir)
{
	char *path = mem_printf("%s/bare.db", dir);
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		fail(path, "cannot open");
	mem_free(path);
	sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8192;"
	        "CREATE TABLE item (id INTEGER PRIMARY KEY, source_id INT, key BLOB, first_seen INT, guid TEXT, link TEXT, title TEXT, summary TEXT,"
	        " content TEXT, UNIQUE (source_id, key)); CREATE INDEX t ON item (first_seen);"
	        "CREATE TABLE outbox (id INTEGER PRIMARY KEY, item INT);");
	return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *text)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK)
		fail(text, sqlite3_errmsg(db));
	return stmt;
}

static double bare_insert(sqlite3 *db, struct feed_document **documents)
{
	sqlite3_stmt *item = prepare(db, "INSERT INTO item (source_id, key, first_seen, guid, link, title, summary, content) VALUES (?,?,?,?,?,?,?,?)");
	sqlite3_stmt *outbox = prepare(db, "INSERT INTO outbox (item) VALUES (?)");
	double began = bench_cpu_us();

	for (unsigned round = 0; round < ROUNDS; round++) {
		sql(db, "BEGIN");
		for (unsigned i = 0; i < BATCH; i++) {
			const struct item *v = &documents[round * BATCH + i]->items[0];

			(void)sqlite3_bind_int(item, 1, 1 + (int)(i % SOURCES));
			(void)sqlite3_bind_blob(item, 2, v->key.bytes, ITEM_KEY_BYTES, SQLITE_STATIC);
			(void)sqlite3_bind_int64(item, 3, NOW_MS);
			(void)sqlite3_bind_text(item, 4, v->guid, -1, SQLITE_STATIC);
			(void)sqlite3_bind_text(item, 5, v->link, -1, SQLITE_STATIC);
			(void)sqlite3_bind_text(item, 6, v->title, -1, SQLITE_STATIC);
			(void)sqlite3_bind_text(item, 7, v->summary, -1, SQLITE_STATIC);
			(void)sqlite3_bind_text(item, 8, v->content, -1, SQLITE_STATIC);
			(void)sqlite3_step(item);
			(void)sqlite3_reset(item);
			(void)sqlite3_bind_int64(outbox, 1, sqlite3_last_insert_rowid(db));
			(void)sqlite3_step(outbox);
			(void)sqlite3_reset(outbox);
		}
		sql(db, "COMMIT");
	}
	began = (bench_cpu_us() - began) / (ROUNDS * BATCH);
	(void)sqlite3_finalize(item);
	(void)sqlite3_finalize(outbox);
	return began;
}

static double bare_lookup(sqlite3 *db, struct feed_document **documents)
{
	sqlite3_stmt *find = prepare(db, "SELECT id FROM item WHERE source_id = ? AND key = ?");
	double began = bench_cpu_us();

	for (unsigned i = 0; i < ROUNDS * BATCH * KNOWN; i++) {
		unsigned at = i % (ROUNDS * BATCH);

		(void)sqlite3_bind_int(find, 1, 1 + (int)(at % BATCH % SOURCES));
		(void)sqlite3_bind_blob(find, 2, documents[at]->items[0].key.bytes, ITEM_KEY_BYTES, SQLITE_STATIC);
		if (sqlite3_step(find) != SQLITE_ROW)
			fail("lookup", "a key is missing");
		(void)sqlite3_reset(find);
	}
	began = (bench_cpu_us() - began) / (ROUNDS * BATCH);
	(void)sqlite3_finalize(find);
	return began;
}

int main(void)
{
	char dir[] = "/tmp/bench-store-XXXXXX";
	struct feed_document **documents = mem_new_array(struct feed_document *, ROUNDS * BATCH);
	struct store *s;
	sqlite3 *bare;
	double reference, value;

	memset(content, 'x', sizeof(content) - 1);
	if (!mkdtemp(dir))
		fail(dir, "cannot make it");
	for (unsigned i = 0; i < ROUNDS * BATCH; i++)
		documents[i] = document(i, 1);
	s = open_store(dir);
	bare = open_bare(dir);
	reference = bare_insert(bare, documents);
	value = ours_insert(s, documents);
	bench_print("store_new_item", value, "us CPU a poll with one new item (reference: bare insert)", reference);
	bench_print("store_items_per_second", 1e6 / value, "items/s/core", 0);
	reference = bare_lookup(bare, documents);
	bench_print("store_known_30", ours_known(s), "us CPU a poll of 30 known items (reference: 30 bare look-ups)", reference);
	store_close(s);
	(void)sqlite3_close(bare);
	for (unsigned i = 0; i < ROUNDS * BATCH; i++)
		feed_document_free(documents[i]);
	mem_free(documents);
	return EXIT_SUCCESS;
}
