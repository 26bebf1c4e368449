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
	return wall_ms - db->clock_shift_ms;
}

int64_t wall_time(const struct db *db, int64_t schedule_ms)
{
	return schedule_ms + db->clock_shift_ms;
}

int clock_load(struct db *db, struct err *err)
{
	static const char load[] = "SELECT value FROM fact WHERE name = 'clock-shift'";

	return stmt_int(db, &db->clock_shift_ms, 0, load, err, "");
}

static int hold_purge(struct db *db, int64_t since_ms, struct err *err)
{
	static const char hold[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('purge-held', ?)";

	return stmt_run(db, hold, err, "i", since_ms + LIMIT_LEAP_HOLD_DAYS * DAY_MS);
}

int purge_hold_ms(struct db *db, int64_t wall_ms, int64_t *ret_ms, struct err *err)
{
	static const char load_held[] = "SELECT value FROM fact WHERE name = 'purge-held'", load_seen[] = "SELECT value FROM fact WHERE name = 'clock-seen'";
	int64_t now = schedule_time(db, wall_ms), until, seen_ms = db->clock_seen_ms;
	int rc = stmt_int(db, &until, 0, load_held, err, "");

	if (rc == 0 && !db->clock_watched)
		rc = stmt_int(db, &seen_ms, now, load_seen, err, "");
	if (rc == 0 && now >= seen_ms + LIMIT_LEAP_DAYS * DAY_MS) /* and who claims has not met it yet */
		until = now + LIMIT_LEAP_HOLD_DAYS * DAY_MS;
	*ret_ms = rc == 0 && until > now ? until - now : 0;
	return rc;
}

int store_clock_stepped(struct store *s, int64_t by_ms, struct err *err)
{
	static const char save[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('clock-shift', ?)";
	struct db *db = &s->db;
	int rc = stmt_run(db, save, err, "i", db->clock_shift_ms + by_ms);

	if (rc == 0 && db->clock_watched && by_ms >= LIMIT_LEAP_DAYS * DAY_MS)
		rc = hold_purge(db, db->clock_seen_ms, err);
	if (rc == 0)
		db->clock_shift_ms += by_ms;
	return rc;
}

/*
 * Nobody tells us that the clock was set back while we were away; but it is earlier then than it was when we last claimed.
 * Then time goes on from there: no source is silenced until the clock has caught up (polling.md R64). When it is much later,
 * we were away for long or the clock is wrong; due is who was due either way, but age is not believed yet.
 */
int clock_watch(struct store *s, int64_t wall_ms, struct err *err)
{
	static const char load[] = "SELECT value FROM fact WHERE name = 'clock-seen'";
	static const char save[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('clock-seen', ?)";
	struct db *db = &s->db;
	int64_t now = schedule_time(db, wall_ms);
	int rc = 0;

	if (!db->clock_watched) {
		rc = stmt_int(db, &db->clock_seen_ms, now - SEEN_EVERY_MS, load, err, "");
		if (rc == 0 && now < db->clock_seen_ms - SEEN_EVERY_MS)
			rc = store_clock_stepped(s, now - db->clock_seen_ms, err);
		db->clock_watched = rc == 0;
	}
	now = schedule_time(db, wall_ms);
	if (rc == 0 && now >= db->clock_seen_ms + LIMIT_LEAP_DAYS * DAY_MS)
		rc = hold_purge(db, now, err);
	if (rc < 0 || now < db->clock_seen_ms + SEEN_EVERY_MS)
		return rc;
	db->clock_seen_ms = now;
	return stmt_run(db, save, err, "i", now);
}
