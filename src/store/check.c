/* Whether the store is sound: what SQLite knows of its file, and what must hold of our rows. */
#include "store_internal.h"

#include <sched.h>
#include <string.h>

#include "syndicated/base/mem.h"

enum { FINDINGS_OF_A_KIND = 10, CHECK_STEPS = 1000 };

static void find(struct buf *findings, const char *what, const char *which)
{
	buf_append_printf(findings, "%s: %s\n", what, which);
}

/* Every row is a finding, but the word "ok". */
static int collect(struct db *db, const char *sql, const char *what, struct buf *findings, struct err *err)
{
	sqlite3_stmt *row = NULL;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &row, NULL);
	int n = 0;

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		const char *text;

		rc = sqlite3_step(row);
		if (rc != SQLITE_ROW)
			break;
		text = (const char *)sqlite3_column_text(row, 0);
		if (!text || strcmp(text, "ok") == 0)
			continue;
		if (n++ < FINDINGS_OF_A_KIND)
			find(findings, what, text);
	}
	if (rc != SQLITE_DONE)
		rc = db_fail(db, err, what);
	else
		rc = 0;
	(void)sqlite3_finalize(row);
	return rc;
}

/* reliability.md I4, I5. The text of a finding names the row. */
static const struct {
	const char *what, *sql;
} rules[] = {
	{"SQLite", "PRAGMA integrity_check(10)"},
	{"a row points to one that is not there", "SELECT \"table\" || ' row ' || rowid FROM pragma_foreign_key_check"},
	{"a story's count of items is wrong",
	 "SELECT 'story ' || s.id FROM story s LEFT JOIN (SELECT story_id, count(*) AS n FROM item GROUP BY story_id) c ON c.story_id = s.id"
	 " WHERE s.n_items <> coalesce(c.n, 0) OR s.n_items < 1"},
	{"a source's count of items is wrong",
	 "SELECT 'source ' || s.name FROM source s LEFT JOIN (SELECT source_id, count(*) AS n FROM item GROUP BY source_id) c"
	 " ON c.source_id = s.id WHERE s.n_items <> coalesce(c.n, 0)"},
	{"a source has no schedule, or a retired one waits for its turn",
	 "SELECT 'source ' || s.name FROM source s LEFT JOIN schedule t ON t.source_id = s.id WHERE t.source_id IS NULL"
	 " OR (t.host_id IS NULL) <> s.retired"},
	{"an item is not found by its key",
	 "SELECT 'item ' || i.id FROM item i LEFT JOIN item_key k ON k.source_id = i.source_id AND k.key = i.key WHERE k.item_id IS NOT i.id"},
	{"a key belongs to no item", "SELECT 'item ' || k.item_id FROM item_key k WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.id = k.item_id)"},
	{"an item was never announced",
	 "SELECT 'item ' || i.id FROM item i WHERE i.held = 0 AND NOT EXISTS (SELECT 1 FROM event e WHERE e.item_id = i.id AND e.number = 1)"},
	{"texts belong to no item", "SELECT 'text ' || t.id FROM item_text t WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.id = t.id / 2)"},
	{"a webhook is behind the end of the log",
	 "SELECT w.name FROM webhook w WHERE w.cursor > (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event')"},
};

/* That each can be read, and has as much text as it says. */
static int check_items(struct db *db, struct buf *findings, struct err *err)
{
	static const char all[] = "SELECT id, body_bytes, lists FROM item";
	sqlite3_stmt *row = stmt_bind(db, all, err, "");
	int rc = row ? 1 : ERR_IO, n = 0;

	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1) {
		struct item_view v = {0};
		const char *lists = sqlite3_column_blob(row, 2);
		struct err why = {0};
		bool sound = (!lists || item_details_decode(&v.item, lists, (size_t)sqlite3_column_bytes(row, 2)) == 0) &&
		             body_read(db, sqlite3_column_int64(row, 0), &v.item, &why) == 0 && body_bytes(&v.item) == sqlite3_column_int64(row, 1);

		item_view_done(&v);
		if (!sound && n++ < FINDINGS_OF_A_KIND)
			buf_append_printf(findings, "an item's texts or lists make no sense: item %lld\n", (long long)sqlite3_column_int64(row, 0));
	}
	return rc;
}

/* It takes the writer's lock. */
static int check_words(struct db *db, struct buf *findings)
{
	static const char check[] = "INSERT INTO search (search) VALUES ('integrity-check')";

	if (sqlite3_exec(db->handle, check, NULL, NULL, NULL) != SQLITE_OK)
		find(findings, "the index of words", sqlite3_errmsg(db->handle));
	return 0;
}

int check_whole_store(struct db *db, bool words_too, struct buf *findings, struct err *err)
{
	size_t before = findings->len;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(rules) / sizeof(rules[0]); i++)
		rc = collect(db, rules[i].sql, rules[i].what, findings, err);
	if (rc == 0)
		rc = check_items(db, findings, err);
	if (rc == 0 && words_too)
		rc = check_words(db, findings);
	if (rc < 0 || findings->len == before)
		return rc;
	return err_set(err, ERR_CORRUPT, "the database %s is damaged; " DAMAGED_ADVICE, db->path);
}

int store_check(const char *state_dir, struct buf *findings, bool *ret_all, struct err *err)
{
	struct db db = {0};
	int lock = lock_state_dir(state_dir, err);
	int rc;

	*ret_all = lock >= 0;
	if (lock < 0 && lock != ERR_REFUSED)
		return lock;
	rc = db_open_plain(&db, state_dir, lock < 0, err);
	if (rc == 0)
		rc = check_whole_store(&db, lock >= 0, findings, err);
	db_close(&db);
	unlock_state_dir(lock);
	return rc;
}

/* ---- behind the daemon's back ---- */

struct slowly {
	bool (*stop)(void *ctx);
	void *ctx;
};

static int asked_to_stop(void *arg)
{
	const struct slowly *s = arg;

	return s->stop(s->ctx);
}

static int check_table(struct db *db, const char *table, struct err *err)
{
	auto_free char *sql = mem_printf("PRAGMA quick_check('%s')", table);
	struct buf findings = BUF_INIT(64 << 10);
	int rc = collect(db, sql, "cannot check the store", &findings, err);

	if (rc < 0 && (sqlite3_errcode(db->handle) & 0xff) == SQLITE_INTERRUPT)
		rc = ERR_CLOSED;
	if (rc == 0 && findings.len)
		rc = err_set(err, ERR_CORRUPT, "the database %s is damaged (%.*s); " DAMAGED_ADVICE, db->path, (int)findings.len - 1, findings.bytes);
	buf_done(&findings);
	return rc;
}

int store_check_slowly(const char *state_dir, bool (*stop)(void *ctx), void *ctx, struct err *err)
{
	static const char *const tables[] = {"fact", "host", "source", "schedule", "story", "story_url", "item", "item_text", "event", "webhook", "delivery",
	                                     "told", "attempt", "search_data", "search_idx"};
	const struct sched_param idle = {0};
	struct slowly s = {stop, ctx};
	struct db db = {0};
	int rc;

	(void)sched_setscheduler(0, SCHED_IDLE, &idle); /* of this thread */
	rc = db_open_plain(&db, state_dir, true, err);
	if (rc == 0)
		sqlite3_progress_handler(db.handle, CHECK_STEPS, asked_to_stop, &s);
	for (size_t i = 0; rc == 0 && i < sizeof(tables) / sizeof(tables[0]); i++)
		rc = check_table(&db, tables[i], err);
	db_close(&db);
	return rc;
}
