/* How sources are doing: reading it back, waking those that were given up, and names that are nearly right. */
#include "store_internal.h"

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum { TYPO_DISTANCE = 3 };

/* Since when something is so: kept in the schedule's time, like due times, so that a clock that is set makes it neither longer nor shorter. */
static int64_t since_from_row(const struct db *db, sqlite3_stmt *row, int column)
{
	int64_t at = sqlite3_column_int64(row, column);

	return at ? wall_time(db, at) : 0;
}

int64_t since_stored(const struct db *db, int64_t wall_ms)
{
	return wall_ms ? schedule_time(db, wall_ms) : 0;
}

void health_from_row(const struct db *db, sqlite3_stmt *row, int first, struct source_health *ret)
{
	struct source_health h = {
		.state = source_state_from(sqlite3_column_int64(row, first)),
		.state_since_ms = since_from_row(db, row, first + 1),
		.failing_since_ms = since_from_row(db, row, first + 2),
		.run_since_ms = since_from_row(db, row, first + 3),
		.run_polls = sqlite3_column_int64(row, first + 4),
		.is_told = sqlite3_column_int(row, first + 6) != 0,
		.n_events = sqlite3_column_int64(row, first + 7),
		.moving_to = column_str(row, first + 8),
		.moving_since_ms = since_from_row(db, row, first + 9),
		.moving_polls = sqlite3_column_int64(row, first + 10),
		.poll_url = column_str(row, first + 11),
		.joined_id = sqlite3_column_int64(row, first + 12),
	};

	if (!poll_outcome_from_code(sqlite3_column_int(row, first + 5), &h.run_outcome))
		h.run_polls = 0;
	*ret = h;
}

/* ---- names ---- */

int no_such_source(struct db *db, const char *name, struct err *err)
{
	sqlite3_stmt *row = stmt_bind(db, "SELECT name FROM source WHERE retired = 0", err, "");
	auto_free char *nearest = NULL;
	unsigned best = TYPO_DISTANCE;
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1) {
		const char *candidate = (const char *)sqlite3_column_text(row, 0);
		unsigned distance = text_distance(name, candidate, best);

		if (distance >= best)
			continue;
		best = distance;
		mem_set_str(&nearest, candidate);
	}
	if (rc < 0)
		return rc;
	if (nearest)
		return err_set(err, ERR_NOT_FOUND, "there is no source named '%s'; did you mean '%s'?", name, nearest);
	return err_set(err, ERR_NOT_FOUND, "there is no source named '%s'; syndicatectl sources lists them", name);
}

/* ---- waking ---- */

static int refresh_host_of(struct db *db, int64_t source_id, int64_t now_ms, struct err *err)
{
	int64_t host_id;
	int rc = stmt_int(db, &host_id, 0, "SELECT host_id FROM schedule WHERE source_id = ?", err, "i", source_id);

	return rc < 0 ? rc : host_refresh(db, host_id, now_ms, err);
}

static int wake_source(struct db *db, int64_t source_id, int64_t now_ms, struct err *err)
{
	static const char wake[] = "UPDATE source SET state = ?1, state_since_ms = ?2, run_polls = 0 WHERE id = ?3 AND state IN (?4, ?5, ?6)";
	static const char forget[] = "UPDATE schedule SET failures = 0 WHERE source_id = ?";
	int rc = stmt_run(db, wake, err, "iiiiii", (int64_t)SOURCE_FAILING, now_ms, source_id, (int64_t)SOURCE_DORMANT,
	                  (int64_t)SOURCE_GONE, (int64_t)SOURCE_DISABLED);

	return rc < 0 || sqlite3_changes(db->handle) == 0 ? rc : stmt_run(db, forget, err, "i", source_id);
}

static int make_due(struct db *db, int64_t source_id, int64_t now_ms, struct store_wish *ret, struct err *err)
{
	int rc = due_by_wish(db, source_id, now_ms, ret, err);

	ret->due_ms = wall_time(db, ret->due_ms);
	if (rc == 0)
		rc = wake_source(db, source_id, now_ms, err);
	return rc < 0 ? rc : refresh_host_of(db, source_id, now_ms, err);
}

int store_make_due(struct store *s, const char *name, int64_t now_ms, struct store_wish *ret, struct err *err)
{
	static const char find[] = "SELECT s.id, j.name FROM source s LEFT JOIN source j ON j.id = s.joined_id WHERE s.name = ? AND s.retired = 0";
	sqlite3_stmt *row = stmt_bind(&s->db, find, err, "s", name);
	int rc = row ? stmt_step(&s->db, row, err) : ERR_IO;
	auto_free char *joined = NULL;
	int64_t id;

	if (rc < 0)
		return rc;
	if (rc == 0)
		return no_such_source(&s->db, name, err);
	id = sqlite3_column_int64(row, 0);
	joined = column_str(row, 1);
	stmt_done(row);
	if (joined)
		return err_set(err, ERR_INVALID, "source '%s' moved to where source '%s' is already; poll that one", name, joined);
	return make_due(&s->db, id, schedule_time(&s->db, now_ms), ret, err);
}

int store_forgive(struct store *s, const int64_t *source_ids, size_t n, int64_t now_ms, struct err *err)
{
	static const char forgive[] = "UPDATE source SET state = ?1, state_since_ms = ?2, failing_since_ms = 0, run_polls = 0"
	                              " WHERE id = ?3 AND state = ?4";
	static const char set_due[] = "UPDATE schedule SET failures = 0, next_due_ms = ? WHERE source_id = ?";
	int64_t due_ms = schedule_time(&s->db, now_ms);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = stmt_run(&s->db, forgive, err, "iiii", (int64_t)SOURCE_OK, due_ms, source_ids[i], (int64_t)SOURCE_FAILING);
		if (rc == 0 && sqlite3_changes(s->db.handle) > 0)
			rc = stmt_run(&s->db, set_due, err, "ii", due_ms, source_ids[i]);
		if (rc == 0)
			rc = refresh_host_of(&s->db, source_ids[i], due_ms, err);
	}
	return rc;
}

/* ---- joining (polling.md R54) ---- */

int join_moved(struct db *db, int64_t source_id, int64_t target_id, int64_t now_ms, struct err *err)
{
	static const char join[] = "UPDATE source SET state = ?, state_since_ms = ?, joined_id = ? WHERE id = ?";
	static const char rest[] = "UPDATE schedule SET next_due_ms = ?, due_reason = 'joined' WHERE source_id = ?";
	int rc = stmt_run(db, join, err, "iiii", (int64_t)SOURCE_JOINED, now_ms, target_id, source_id);

	if (rc == 0)
		rc = stmt_run(db, rest, err, "ii", NEVER_DUE_MS, source_id);
	if (rc == 0)
		rc = source_go_home(db, source_id, now_ms, err);
	return rc < 0 ? rc : refresh_host_of(db, source_id, now_ms, err);
}

int part_source(struct db *db, int64_t source_id, int64_t now_ms, bool *ret_was_joined, struct err *err)
{
	static const char part[] = "UPDATE source SET state = ?, state_since_ms = ?, joined_id = NULL WHERE id = ? AND joined_id IS NOT NULL";
	int rc = stmt_run(db, part, err, "iii", (int64_t)SOURCE_OK, now_ms, source_id);

	*ret_was_joined = rc == 0 && sqlite3_changes(db->handle) > 0;
	return rc;
}

int part_from_retired(struct db *db, int64_t now_ms, struct err *err)
{
	static const char find[] =
		"SELECT id FROM source WHERE joined_id IS NOT NULL AND (SELECT t.retired FROM source t WHERE t.id = source.joined_id) LIMIT 1";
	struct store_wish wish;
	int64_t id;
	bool parted;
	int rc;

	while ((rc = stmt_int(db, &id, 0, find, err, "")) == 0 && id) {
		rc = part_source(db, id, now_ms, &parted, err);
		if (rc == 0)
			rc = due_by_wish(db, id, now_ms, &wish, err);
		if (rc == 0)
			rc = refresh_host_of(db, id, now_ms, err);
		if (rc < 0)
			break;
	}
	return rc;
}
