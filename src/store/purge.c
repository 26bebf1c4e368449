/*
 * Keeping the store small, a few milliseconds at a time. An item goes when it is older than keep.age, or beyond keep.items
 * of its source, and only when its source's document no longer shows it (see merge.c; a retired source shows nothing)
 * and every configured webhook has read its events. With the last item its story goes.
 *
 * After the clock leapt ahead nothing goes by age for a while (clock.c): a clock that is wrong for a day must not cost a
 * newsroom its archive.
 *
 * A round walks the items from the oldest (ids rise with time), then the sources with too many. Where it is stands in
 * struct purge_walk between calls, so that those that have to stay are met once a round and not in every call.
 */
#include "store_internal.h"

#include <stdlib.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/mem.h"

#define DAY_MS ((int64_t)86400000)
#define KEEP_ATTEMPTS_MS (30 * DAY_MS)

enum {
	VICTIMS = 64,        /* looked up at once */
	LOOK_AT = 2000,      /* items, in one call */
	TOO_NEW_ENOUGH = 2000, /* in a row, and the walk by age ends: the clock may have been wrong once */
	LOG_ROWS = 200,      /* of reports and attempts, in one call */
	VACUUM_PAGES = 64,   /* in one call */
	FREE_PAGES = 1024,   /* are kept for what comes next, */
	FREE_SHARE = 20,     /* or one of so many */
};

struct victim {
	int64_t item_id, story_id, source_id;
};

struct purge {
	struct db *db;
	struct stories *stories;
	const struct store_purge_rules *rules;
	struct purge_walk *walk;
	int64_t end_ms;    /* of this call, by the monotonic clock */
	int64_t read_seq;  /* every webhook has read so far */
	size_t removed;
	int64_t held_ms;   /* nothing goes by age before that is over */
	struct victim victims[VICTIMS];
	size_t n;
};

static bool time_is_up(const struct purge *p)
{
	return clock_mono_ms(&clock_system) >= p->end_ms;
}

/* ---- one item ---- */

static int remove_item(struct purge *p, const struct victim *v, struct err *err)
{
	static const char drop_events[] = "DELETE FROM event WHERE item_id = ?";
	static const char drop_window[] = "DELETE FROM story_window WHERE item_id = ?";
	static const char drop_key[] =
		"DELETE FROM item_key WHERE (source_id, key) = (SELECT source_id, key FROM item WHERE id = ?)";
	static const char drop_item[] = "DELETE FROM item WHERE id = ?";
	static const char leave_story[] = "UPDATE story SET n_items = n_items - 1 WHERE id = ?";
	static const char drop_urls[] = "DELETE FROM story_url WHERE story_id = ?1 AND (SELECT n_items FROM story WHERE id = ?1) <= 0";
	static const char drop_story[] = "DELETE FROM story WHERE id = ? AND n_items <= 0";
	struct db *db = p->db;
	int rc = stmt_run(db, drop_events, err, "i", v->item_id);

	if (rc == 0)
		rc = search_remove_stored(db, v->item_id, err);
	if (rc == 0)
		rc = marks_drop(db, v->item_id, err);
	if (rc == 0)
		rc = body_remove(db, v->item_id, err);
	if (rc == 0)
		rc = stmt_run(db, drop_window, err, "i", v->item_id);
	if (rc == 0)
		rc = stmt_run(db, drop_key, err, "i", v->item_id);
	if (rc == 0)
		rc = stmt_run(db, drop_item, err, "i", v->item_id);
	if (rc == 0)
		rc = stmt_run(db, leave_story, err, "i", v->story_id);
	if (rc == 0)
		rc = stmt_run(db, drop_urls, err, "i", v->story_id);
	if (rc == 0)
		rc = stmt_run(db, drop_story, err, "i", v->story_id);
	stories_forget(p->stories, v->item_id);
	return rc;
}

static int by_source(const void *a, const void *b)
{
	int64_t x = ((const struct victim *)a)->source_id, y = ((const struct victim *)b)->source_id;

	return (x > y) - (x < y);
}

/* Once for all victims of a source: their number, and that not all of its last document may be known. */
static int count_removed(struct db *db, int64_t source_id, int64_t n, struct err *err)
{
	static const char fewer[] = "UPDATE source SET n_items = n_items - ? WHERE id = ?";
	static const char forget[] = "UPDATE schedule SET known = NULL WHERE source_id = ?";
	int rc = stmt_run(db, fewer, err, "ii", n, source_id);

	return rc < 0 ? rc : stmt_run(db, forget, err, "i", source_id);
}

static int remove_victims(struct purge *p, struct err *err)
{
	int64_t of_source = 0;
	int rc = 0;

	if (p->n)
		qsort(p->victims, p->n, sizeof(p->victims[0]), by_source);
	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		rc = remove_item(p, &p->victims[i], err);
		of_source++;
		if (rc < 0 || (i + 1 < p->n && p->victims[i + 1].source_id == p->victims[i].source_id))
			continue;
		rc = count_removed(p->db, p->victims[i].source_id, of_source, err);
		of_source = 0;
	}
	p->removed += p->n;
	p->n = 0;
	return rc;
}

/* ---- the walks ---- */

/* What both ask of an item: not in the document any more, and read by every webhook, whose position is ?1. */
#define MAY_GO \
	"(s.retired OR (SELECT k.seen_ms FROM item_key k WHERE k.source_id = i.source_id AND k.key = i.key) < s.document_ms - 86400000)" \
	" AND NOT EXISTS (SELECT 1 FROM event e WHERE e.item_id = i.id AND e.seq > ?1)"

static int walk_ages(struct purge *p, size_t *looked, struct err *err)
{
	static const char find[] =
		"SELECT i.id, i.story_id, i.source_id, i.first_seen_ms < ?3, " MAY_GO
		" FROM item i JOIN source s ON s.id = i.source_id WHERE i.id > ?2 ORDER BY i.id";
	struct purge_walk *w = p->walk;
	sqlite3_stmt *row = stmt_bind(p->db, find, err, "iii", p->read_seq, w->item_id, p->rules->now_ms - p->rules->keep_age_ms);
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && p->n < VICTIMS && *looked < LOOK_AT && w->too_new < TOO_NEW_ENOUGH && (rc = stmt_step(p->db, row, err)) == 1) {
		bool is_old = sqlite3_column_int(row, 3) != 0;

		++*looked;
		w->item_id = sqlite3_column_int64(row, 0);
		w->too_new = is_old ? 0 : w->too_new + 1;
		if (is_old && sqlite3_column_int(row, 4))
			p->victims[p->n++] = (struct victim){w->item_id, sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2)};
	}
	if (rc == 0 || w->too_new >= TOO_NEW_ENOUGH)
		w->ages_done = true;
	if (rc == 1)
		stmt_done(row);
	return rc < 0 ? rc : 0;
}

/* The next source with too many; false at the end. The one with most comes first. */
static int next_source(struct purge *p, bool *ret_found, struct err *err)
{
	static const char find[] =
		"SELECT id, n_items FROM source WHERE n_items > ?1 AND (n_items, id) < (?2, ?3) ORDER BY n_items DESC, id DESC LIMIT 1";
	struct purge_walk *w = p->walk;
	sqlite3_stmt *row = stmt_bind(p->db, find, err, "iii", p->rules->keep_items, w->n_items, w->source_id);
	int rc = row ? stmt_step(p->db, row, err) : ERR_IO;

	*ret_found = rc == 1;
	if (rc != 1)
		return rc;
	w->source_id = sqlite3_column_int64(row, 0);
	w->n_items = sqlite3_column_int64(row, 1);
	stmt_done(row);
	return 0;
}

/* The order of ids comes from the keys alone; rows are read of those that are too many. */
static int walk_source(struct purge *p, struct err *err)
{
	static const char find[] =
		"SELECT i.id, i.story_id FROM item i JOIN source s ON s.id = i.source_id"
		" WHERE i.id IN (SELECT item_id FROM item_key WHERE source_id = ?2 ORDER BY item_id DESC LIMIT -1 OFFSET ?3) AND " MAY_GO
		" ORDER BY i.id LIMIT ?4";
	struct purge_walk *w = p->walk;
	sqlite3_stmt *row = stmt_bind(p->db, find, err, "iiii", p->read_seq, w->source_id, p->rules->keep_items, (int64_t)VICTIMS);
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(p->db, row, err)) == 1)
		p->victims[p->n++] = (struct victim){sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), w->source_id};
	return rc;
}

static int purge_by_age(struct purge *p, struct err *err)
{
	size_t looked = 0;
	int rc = 0;

	if (p->held_ms > 0)
		p->walk->ages_done = true;
	while (rc == 0 && !p->walk->ages_done && looked < LOOK_AT && !time_is_up(p)) {
		rc = walk_ages(p, &looked, err);
		if (rc == 0)
			rc = remove_victims(p, err);
	}
	return rc;
}

static int purge_by_count(struct purge *p, struct err *err)
{
	struct purge_walk *w = p->walk;
	bool found = false;
	int rc = 0;

	while (rc == 0 && !w->counts_done && !time_is_up(p)) {
		if (!w->in_source) {
			rc = next_source(p, &found, err);
			w->counts_done = rc == 0 && !found;
			w->in_source = found;
		}
		if (rc < 0 || !w->in_source)
			continue;
		rc = walk_source(p, err);
		w->in_source = p->n == VICTIMS;
		if (rc == 0)
			rc = remove_victims(p, err);
	}
	return rc;
}

static int purge_logs(struct purge *p, struct err *err)
{
	static const char reports[] =
		"DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE source_id IS NOT NULL AND time_ms < ? AND seq <= ? ORDER BY time_ms"
		" LIMIT ?)";
	static const char attempts[] = "DELETE FROM attempt WHERE id IN (SELECT id FROM attempt WHERE started_ms < ? LIMIT ?)";
	const struct store_purge_rules *r = p->rules;
	int rc;
	bool more;

	if (p->held_ms > 0) {
		p->walk->logs_done = true;
		return 0;
	}
	rc = stmt_run(p->db, reports, err, "iii", r->now_ms - r->keep_age_ms, p->read_seq, (int64_t)LOG_ROWS);
	more = rc == 0 && sqlite3_changes(p->db->handle) == LOG_ROWS;
	if (rc == 0)
		rc = stmt_run(p->db, attempts, err, "ii", r->now_ms - KEEP_ATTEMPTS_MS, (int64_t)LOG_ROWS);
	more = more || (rc == 0 && sqlite3_changes(p->db->handle) == LOG_ROWS);
	p->walk->logs_done = !more;
	return rc;
}

/* Pages that the next items will need soon anyway stay; giving them back and taking them again would cost twice. */
static int give_back_pages(struct purge *p, struct err *err)
{
	int64_t unused, all;
	int rc = stmt_int(p->db, &unused, 0, "PRAGMA freelist_count", err, "");

	if (rc == 0)
		rc = stmt_int(p->db, &all, 0, "PRAGMA page_count", err, "");
	if (rc < 0)
		return rc;
	p->walk->vacuum_done = unused <= FREE_PAGES || unused <= all / FREE_SHARE;
	if (p->walk->vacuum_done || time_is_up(p))
		return 0;
	return db_exec(p->db, "PRAGMA incremental_vacuum(64)", err);
}
_Static_assert(VACUUM_PAGES == 64, "the pragma says it as a number");

static bool round_is_over(const struct purge_walk *w)
{
	return w->ages_done && w->counts_done && w->logs_done && w->vacuum_done;
}

int store_purge(struct store *s, const struct store_purge_rules *rules, struct store_purged *ret, struct err *err)
{
	static const char read_by_all[] = "SELECT min(cursor) FROM webhook WHERE configured";
	struct purge p = {.db = &s->db, .stories = s->stories, .rules = rules, .walk = &s->walk, .end_ms = clock_mono_ms(&clock_system) + rules->max_ms};
	int rc;

	if (round_is_over(&s->walk))
		s->walk = (struct purge_walk){0};
	if (s->walk.n_items == 0)
		s->walk.n_items = INT64_MAX;
	rc = stmt_int(&s->db, &p.read_seq, INT64_MAX, read_by_all, err, "");
	if (rc == 0)
		rc = purge_hold_ms(&s->db, rules->now_ms, &p.held_ms, err);
	if (rc == 0)
		rc = purge_by_age(&p, err);
	if (rc == 0)
		rc = purge_by_count(&p, err);
	if (rc == 0)
		rc = purge_logs(&p, err);
	if (rc == 0)
		rc = stories_trim(s->stories, &s->db, rules->now_ms, err);
	if (rc == 0)
		rc = give_back_pages(&p, err);
	if (rc < 0)
		s->walk = (struct purge_walk){0};
	else
		*ret = (struct store_purged){.items = p.removed, .held_ms = p.held_ms, .more = !round_is_over(&s->walk)};
	return rc;
}
