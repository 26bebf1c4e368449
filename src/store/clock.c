/*
 * The schedule's own clock, which never jumps: the wall clock less what it was set by since the store was made. Due times are
 * kept in it, so a clock that is put right, or wrong, moves none (polling.md R69) and no row has to be written. So is since
 * when a source fails, moves or was given up: a machine that boots in 1970 gives nobody up. What is shown of items and polls
 * is the wall clock, as it was. schedule_time() and wall_time() stand where rows are written and read; the store's callers
 * speak wall clock.
 */
#include "store_internal.h"

#include "syndicated/base/limits.h"

#define DAY_MS ((int64_t)86400000)

enum { SEEN_EVERY_MS = 60000 };

int64_t schedule_time(const struct db *db, int64_t wall_ms)
{
	return wall_ms - db->clock.shift_ms;
}

int64_t wall_time(const struct db *db, int64_t schedule_ms)
{
	return schedule_ms + db->clock.shift_ms;
}

int clock_load(struct db *db, struct err *err)
{
	static const char load[] = "SELECT value FROM fact WHERE name = 'clock-shift'";

	return stmt_int(db, &db->clock.shift_ms, 0, load, err, "");
}

int store_clock_stepped(struct store *s, int64_t by_ms, struct err *err)
{
	static const char save[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('clock-shift', ?)";
	int rc = stmt_run(&s->db, save, err, "i", s->db.clock.shift_ms + by_ms);

	if (rc == 0)
		s->db.clock.shift_ms += by_ms;
	return rc;
}

static int read_clock(struct db *db, int64_t wall_ms, struct err *err)
{
	static const char seen[] = "SELECT value FROM fact WHERE name = 'clock-seen'", believed[] = "SELECT value FROM fact WHERE name = 'clock-believed'",
	                  held[] = "SELECT value FROM fact WHERE name = 'purge-held'";
	struct store_clock *c = &db->clock;
	int rc = stmt_int(db, &c->seen_ms, schedule_time(db, wall_ms) - SEEN_EVERY_MS, seen, err, "");

	if (rc == 0)
		rc = stmt_int(db, &c->believed_ms, 0, believed, err, "");
	if (rc == 0)
		rc = stmt_int(db, &c->held_until_ms, 0, held, err, "");
	return rc;
}

/* ---- whether it can be believed of age (decision 033) ---- */

static bool has_leapt(const struct db *db, int64_t wall_ms)
{
	return db->clock.believed_ms && wall_ms - db->clock.believed_ms >= LIMIT_LEAP_DAYS * DAY_MS;
}

static int64_t hold_end(const struct db *db, int64_t wall_ms)
{
	return db->clock.held_until_ms ? db->clock.held_until_ms : schedule_time(db, wall_ms) + LIMIT_LEAP_HOLD_DAYS * DAY_MS;
}

/* What the wall clock shows is believed when it is no leap, or was held for long enough; a clock that went back is believed later. */
static int believe(struct db *db, int64_t wall_ms, struct err *err)
{
	static const char save_held[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('purge-held', ?)";
	static const char save_believed[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('clock-believed', ?)";
	struct store_clock *c = &db->clock;
	bool is_held = has_leapt(db, wall_ms) && schedule_time(db, wall_ms) < hold_end(db, wall_ms);
	int64_t held_until_ms = is_held ? hold_end(db, wall_ms) : 0;
	int rc = 0;

	if (held_until_ms != c->held_until_ms)
		rc = stmt_run(db, save_held, err, "i", held_until_ms);
	if (rc == 0 && !is_held && wall_ms > c->believed_ms) {
		rc = stmt_run(db, save_believed, err, "i", wall_ms);
		c->believed_ms = wall_ms;
	}
	c->held_until_ms = held_until_ms;
	return rc;
}

int purge_hold_ms(struct db *db, int64_t wall_ms, int64_t *ret_ms, struct err *err)
{
	int64_t now = schedule_time(db, wall_ms);
	int rc = db->clock.is_watched ? 0 : read_clock(db, wall_ms, err);

	*ret_ms = 0;
	if (rc == 0 && has_leapt(db, wall_ms) && hold_end(db, wall_ms) > now)
		*ret_ms = hold_end(db, wall_ms) - now;
	return rc;
}

/*
 * Nobody tells us that the clock was set back while we were away; but it is earlier then than it was when we last claimed.
 * Then time goes on from there: no source is silenced until the clock has caught up (polling.md R64).
 */
int clock_watch(struct store *s, int64_t wall_ms, struct err *err)
{
	static const char save[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('clock-seen', ?)";
	struct db *db = &s->db;
	struct store_clock *c = &db->clock;
	int64_t now = schedule_time(db, wall_ms);
	int rc = 0;

	if (!c->is_watched) {
		rc = read_clock(db, wall_ms, err);
		if (rc == 0 && now < c->seen_ms - SEEN_EVERY_MS)
			rc = store_clock_stepped(s, now - c->seen_ms, err);
		c->is_watched = rc == 0;
	}
	now = schedule_time(db, wall_ms);
	if (rc < 0 || now < c->seen_ms + SEEN_EVERY_MS)
		return rc;
	c->seen_ms = now;
	rc = stmt_run(db, save, err, "i", now);
	return rc < 0 ? rc : believe(db, wall_ms, err);
}
