/*
 * Keeping the store small, a bounded piece at a time. An item goes when it is older than keep.age, or beyond keep.items
 * of its source, and only when its source's document no longer shows it (see merge.c; a retired source shows nothing)
 * and every configured webhook has read its events. With the last item its story goes.
 */
#include "store_internal.h"

#include "syndicated/base/mem.h"

#define DAY_MS ((int64_t)86400000)
#define KEEP_ATTEMPTS_MS (30 * DAY_MS)

static int remove_item(struct db *db, int64_t item_id, int64_t story_id, struct err *err)
{
	static const char drop_events[] = "DELETE FROM event WHERE item_id = ?";
	static const char drop_item[] = "DELETE FROM item WHERE id = ?";
	static const char leave_story[] = "UPDATE story SET n_items = n_items - 1 WHERE id = ?";
	static const char drop_urls[] = "DELETE FROM story_url WHERE story_id = ?1 AND (SELECT n_items FROM story WHERE id = ?1) <= 0";
	static const char drop_story[] = "DELETE FROM story WHERE id = ? AND n_items <= 0";
	int rc = stmt_run(db, drop_events, err, "i", item_id);

	if (rc == 0)
		rc = marks_drop(db, item_id, err);
	if (rc == 0)
		rc = stmt_run(db, drop_item, err, "i", item_id);
	if (rc == 0)
		rc = stmt_run(db, leave_story, err, "i", story_id);
	if (rc == 0)
		rc = stmt_run(db, drop_urls, err, "i", story_id);
	if (rc == 0)
		rc = stmt_run(db, drop_story, err, "i", story_id);
	return rc;
}

struct victims {
	int64_t (*ids)[2]; /* item, story */
	size_t n, max;
};

static int collect(struct db *db, sqlite3_stmt *row, struct victims *v, struct err *err)
{
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && v->n < v->max && (rc = stmt_step(db, row, err)) == 1) {
		v->ids[v->n][0] = sqlite3_column_int64(row, 0);
		v->ids[v->n++][1] = sqlite3_column_int64(row, 1);
	}
	if (rc == 1)
		stmt_done(row);
	return rc < 0 ? rc : 0;
}

/* Conditions both ways share: not in the document any more, and read by every webhook. */
#define MAY_GO \
	" EXISTS (SELECT 1 FROM source o WHERE o.id = i.source_id AND (o.retired OR i.seen_ms < o.document_ms - 86400000))" \
	" AND NOT EXISTS (SELECT 1 FROM event WHERE event.item_id = i.id AND event.seq > (SELECT coalesce(min(cursor), 9223372036854775807) FROM webhook WHERE configured))"

int store_purge(struct store *s, int64_t now_ms, int64_t keep_age_ms, int64_t keep_items, size_t max, size_t *ret_removed, struct err *err)
{
	static const char by_age[] =
		"SELECT i.id, i.story_id FROM item i WHERE i.first_seen_ms < ? AND" MAY_GO " ORDER BY i.first_seen_ms LIMIT ?";
	static const char by_count[] =
		"SELECT i.id, i.story_id FROM source, item i WHERE i.source_id = source.id AND i.first_seen_ms <"
		" (SELECT first_seen_ms FROM item WHERE source_id = source.id ORDER BY first_seen_ms DESC LIMIT 1 OFFSET ?1) AND" MAY_GO " LIMIT ?2";
	static const char old_reports[] =
		"DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE source_id IS NOT NULL AND time_ms < ? AND seq <="
		" (SELECT coalesce(min(cursor), 9223372036854775807) FROM webhook WHERE configured) ORDER BY time_ms LIMIT ?)";
	static const char old_attempts[] = "DELETE FROM attempt WHERE id IN (SELECT id FROM attempt WHERE started_ms < ? LIMIT ?)";
	struct victims v = {.ids = mem_alloc_zero(max + 1, sizeof(v.ids[0])), .max = max};
	int rc = collect(&s->db, stmt_bind(&s->db, by_age, err, "ii", now_ms - keep_age_ms, (int64_t)max), &v, err);

	if (rc == 0 && v.n == 0)
		rc = collect(&s->db, stmt_bind(&s->db, by_count, err, "ii", keep_items - 1, (int64_t)max), &v, err);
	for (size_t i = 0; rc == 0 && i < v.n; i++)
		rc = remove_item(&s->db, v.ids[i][0], v.ids[i][1], err);
	if (rc == 0)
		rc = stmt_run(&s->db, old_reports, err, "ii", now_ms - keep_age_ms, (int64_t)max);
	if (rc == 0)
		rc = stmt_run(&s->db, old_attempts, err, "ii", now_ms - KEEP_ATTEMPTS_MS, (int64_t)max);
	if (rc == 0 && v.n)
		rc = db_exec(&s->db, "PRAGMA incremental_vacuum(200)", err);
	if (rc == 0)
		*ret_removed = v.n;
	mem_free(v.ids);
	return rc;
}
