/*
 * Due times that no poll decides: somebody asks for a poll, an entry is edited, a source is put back. What a poll left
 * behind holds against all of them: Retry-After (polling.md R39, R72), and how long ago the source was asked (R62).
 */
#include "store_internal.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

struct standing { /* schedule's clock */
	int64_t due_ms, asked_ms, retry_ms, poll_min_ms, host_not_before_ms;
	bool is_claimed;
};

static int read_standing(struct db *db, int64_t source_id, struct standing *ret, struct err *err)
{
	static const char find[] = "SELECT next_due_ms, asked_ms, retry_ms, poll_min_ms,"
	                           " coalesce((SELECT h.not_before_ms FROM host h WHERE h.id = schedule.host_id), 0),"
	                           " EXISTS (SELECT 1 FROM claim c WHERE c.source_id = schedule.source_id)"
	                           " FROM schedule JOIN source ON id = source_id WHERE source_id = ?";
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", source_id);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	*ret = (struct standing){0};
	if (rc <= 0)
		return rc;
	*ret = (struct standing){
		.due_ms = sqlite3_column_int64(row, 0),
		.asked_ms = sqlite3_column_int64(row, 1),
		.retry_ms = sqlite3_column_int64(row, 2),
		.poll_min_ms = sqlite3_column_int64(row, 3),
		.host_not_before_ms = sqlite3_column_int64(row, 4),
		.is_claimed = sqlite3_column_int(row, 5) != 0,
	};
	stmt_done(row);
	return 0;
}

static int64_t later(int64_t a_ms, int64_t b_ms)
{
	return a_ms > b_ms ? a_ms : b_ms;
}

/* When a gap since the last request is over; 0: there was none. One in the future was written under a wrong clock, and counts as now (R64). */
static int64_t gap_end(const struct standing *s, int64_t now_ms, int64_t gap_ms)
{
	int64_t asked_ms = s->asked_ms <= now_ms + START_WITHIN_MS ? s->asked_ms : now_ms;

	return s->asked_ms ? asked_ms + gap_ms : 0;
}

/* ---- somebody asks for a poll ---- */

static void judge_wish(const struct standing *s, int64_t now_ms, struct store_wish *ret)
{
	int64_t gap_ms = s->poll_min_ms < LIMIT_POLL_BY_HAND_MS ? s->poll_min_ms : LIMIT_POLL_BY_HAND_MS;
	int64_t rested = gap_end(s, now_ms, gap_ms), earliest = later(now_ms, later(rested, s->retry_ms));

	*ret = (struct store_wish){.due_ms = s->due_ms < earliest ? s->due_ms : earliest, .gap_ms = gap_ms, .why = WISH_AT_ONCE};
	if (ret->due_ms > now_ms)
		ret->why = s->retry_ms > rested ? WISH_RETRY_AFTER : WISH_TOO_SOON;
}

/* What is said of it; the due time of the source itself does not know of its host's pause. */
static void look_at_host(const struct standing *s, int64_t now_ms, struct store_wish *wish)
{
	if (s->is_claimed) {
		wish->due_ms = now_ms;
		wish->why = WISH_UNDER_WAY;
	} else if (s->host_not_before_ms > later(now_ms, wish->due_ms)) {
		wish->due_ms = s->host_not_before_ms;
		wish->why = WISH_HOST_PAUSED;
	}
}

int due_by_wish(struct db *db, int64_t source_id, int64_t now_ms, struct store_wish *ret, struct err *err)
{
	static const char set_due[] = "UPDATE schedule SET next_due_ms = ? WHERE source_id = ?";
	struct standing s;
	int rc = read_standing(db, source_id, &s, err);

	if (rc < 0)
		return rc;
	judge_wish(&s, now_ms, ret);
	if (ret->due_ms != s.due_ms)
		rc = stmt_run(db, set_due, err, "ii", ret->due_ms, source_id);
	look_at_host(&s, now_ms, ret);
	return rc;
}

/* ---- its entry was edited, or is back ---- */

enum { ASK_AGAIN_MS = 7 * 86400000 /* one that was given up for good is back: as if it had been given up only now */ };

static bool is_one_of(const char *reason, const char *const *list)
{
	while (*list && strcmp(reason, *list) != 0)
		list++;
	return *list;
}

/* The due time that the new entry would have given, where the old one is known to be wrong by it; else the old one. */
static int64_t due_as_edited(const struct standing *s, const char *reason, const struct due_edit *e)
{
	static const char *const under_max[] = {"poll.min", "rate", "poll.max", "no validators", NULL};
	static const char *const hints[] = {"max-age", "ttl", "skipHours", "no validators", NULL};
	int64_t due_ms = s->due_ms;
	bool drops_hints = e->new->ignores_hints && !e->old->ignores_hints && is_one_of(reason, hints);
	bool drops_floor = e->new->poll_min_is_own && !e->old->poll_min_is_own && strcmp(reason, "no validators") == 0;

	if (e->new->poll_max_ms < e->old->poll_max_ms && is_one_of(reason, under_max))
		due_ms = later(gap_end(s, e->now_ms, e->new->poll_max_ms), e->due_ms);
	if (drops_hints || drops_floor)
		due_ms = later(gap_end(s, e->now_ms, e->new->poll_min_ms), e->due_ms);
	return due_ms < s->due_ms ? due_ms : s->due_ms;
}

/* Taken out and put back: one that is never due, since it was given up or had joined another, would stay so for ever. */
static int64_t due_when_back(const struct standing *s, bool was_joined, const struct due_edit *e)
{
	int64_t again_ms = s->asked_ms ? s->asked_ms + ASK_AGAIN_MS : e->due_ms;

	if (s->due_ms < NEVER_DUE_MS / 2)
		return s->due_ms;
	return was_joined ? e->due_ms : later(again_ms, e->due_ms);
}

int due_by_edit(struct db *db, int64_t source_id, const struct due_edit *e, struct err *err)
{
	static const char why[] = "SELECT coalesce(due_reason, '') FROM schedule WHERE source_id = ?";
	static const char set_due[] = "UPDATE schedule SET next_due_ms = ? WHERE source_id = ?";
	struct standing s;
	bool was_joined = false;
	auto_free char *reason = NULL;
	int64_t due_ms;
	int rc = read_standing(db, source_id, &s, err);
	sqlite3_stmt *row = rc == 0 ? stmt_bind(db, why, err, "i", source_id) : NULL;

	if (!row || stmt_step(db, row, err) != 1)
		return rc < 0 ? rc : ERR_IO;
	reason = column_str(row, 0);
	stmt_done(row);
	if (e->is_back)
		rc = part_source(db, source_id, e->now_ms, &was_joined, err);
	if (e->is_back)
		s.due_ms = due_when_back(&s, was_joined, e);
	due_ms = due_as_edited(&s, reason, e);
	due_ms = later(due_ms, later(gap_end(&s, e->now_ms, e->new->poll_min_ms), s.retry_ms));
	return rc < 0 ? rc : stmt_run(db, set_due, err, "ii", due_ms, source_id);
}
