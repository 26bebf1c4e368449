/*
 * The flood guard (features.md B16, push.md F-2): a known source that suddenly shows nearly nothing but new items has
 * moved, was numbered anew or opened its archive; that is no news. Its items are kept and not announced, but for those
 * that are dated after all it had published before. It is the same when a source suddenly changes nearly all it has.
 *
 * What a busy source brings, or any source after a long outage, is to be expected: from how much it brought in a while
 * before, and from the most that it brought at once.
 */
#include "merge.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

#define MINUTE_MS ((int64_t)60000)
#define DAY_MS ((int64_t)86400000)
#define BUILD_SPAN_MS (5 * MINUTE_MS) /* so many items as make a flood, all dated within that: the time of a build */
#define LONG_AGO_MS (7 * DAY_MS)      /* for a source of which nothing more is known */
#define YOUNG_MS (10 * MINUTE_MS)      /* that is too short to tell anything */

enum { TIMES_EXPECTED = 2 };

static bool is_many(size_t n, size_t of)
{
	return n >= LIMIT_FLOOD_ITEMS && 100 * n >= (size_t)LIMIT_FLOOD_PERCENT * of;
}

#define OF_SOURCE "item WHERE id IN (SELECT item_id FROM item_key WHERE source_id = ?)"

/* How many new items would be no surprise. A source of minutes may still be filled, but what replaces all it had is no filling. */
static int expected(struct merge *m, bool replaces_all, int64_t *ret, struct err *err)
{
	static const char find[] =
		"SELECT count(*), coalesce(max(n), 0), coalesce(sum(n), 0), min(first_seen_ms) FROM"
		" (SELECT first_seen_ms, sum(held = 0) AS n FROM " OF_SOURCE " GROUP BY first_seen_ms) WHERE first_seen_ms >"
		" (SELECT min(first_seen_ms) FROM " OF_SOURCE ")";
	static const char first[] = "SELECT min(first_seen_ms) FROM " OF_SOURCE;
	int64_t source = m->record->source_id, begin = m->now_ms, gap, batches, most, all;
	sqlite3_stmt *row = stmt_bind(m->db, find, err, "ii", source, source);
	int rc = row ? stmt_step(m->db, row, err) : ERR_IO;

	if (rc <= 0)
		return rc;
	batches = sqlite3_column_int64(row, 0);
	most = sqlite3_column_int64(row, 1);
	all = sqlite3_column_int64(row, 2);
	stmt_done(row);
	rc = stmt_int(m->db, &begin, m->now_ms, first, err, "i", source);
	if (rc < 0)
		return rc;
	gap = m->now_ms - (m->last_success_ms == TIME_UNKNOWN ? begin : m->last_success_ms);
	*ret = most;
	if (m->now_ms - gap - begin > 0 && (double)all * (double)gap / (double)(m->now_ms - gap - begin) > (double)most)
		*ret = (int64_t)((double)all * (double)gap / (double)(m->now_ms - gap - begin));
	if ((batches == 0 && gap >= LONG_AGO_MS) || begin == m->now_ms || (m->now_ms - begin < YOUNG_MS && !replaces_all))
		*ret = LIMIT_FEED_ITEMS; /* nothing is known of how it publishes */
	return 0;
}

static bool is_dated_after(const struct merge *m, const struct item *i)
{
	return i->published_ms != TIME_UNKNOWN && i->published_ms > m->fresh_ms && i->published_ms <= m->now_ms + DAY_MS;
}

/* How many of the new ones nothing says to be news. When nearly all are of one time, their dates say nothing. */
static size_t count_suspects(struct merge *m, const struct stored_item *known)
{
	const struct feed_document *d = m->record->document;
	int64_t earliest = INT64_MAX, latest = INT64_MIN;
	size_t suspects = 0, dated = 0;

	for (size_t i = 0; i < d->n_items; i++) {
		if (known[i].id)
			continue;
		if (!is_dated_after(m, &d->items[i])) {
			suspects++;
			continue;
		}
		dated++;
		if (d->items[i].published_ms < earliest)
			earliest = d->items[i].published_ms;
		if (d->items[i].published_ms > latest)
			latest = d->items[i].published_ms;
	}
	if (dated < LIMIT_FLOOD_ITEMS || latest - earliest >= BUILD_SPAN_MS)
		return suspects;
	m->fresh_ms = INT64_MAX;
	return suspects + dated;
}

static int judge_new(struct merge *m, const struct stored_item *known, bool replaces_all, struct err *err)
{
	static const char newest[] = "SELECT max(published_ms) FROM " OF_SOURCE " AND published_ms <= ?";
	int64_t usual = 0;
	size_t suspects;
	int rc = stmt_int(m->db, &m->fresh_ms, 0, newest, err, "ii", m->record->source_id, m->now_ms);

	if (rc == 0)
		rc = expected(m, replaces_all, &usual, err);
	suspects = count_suspects(m, known);
	m->holds = suspects >= LIMIT_FLOOD_ITEMS && (int64_t)suspects > TIMES_EXPECTED * usual;
	return rc;
}

int flood_judge(struct merge *m, const struct stored_item *known, struct err *err)
{
	const struct feed_document *d = m->record->document;
	size_t n_new = 0, n_changed = 0;

	for (size_t i = 0; i < d->n_items; i++) {
		n_new += known[i].id == 0;
		n_changed += known[i].id != 0 && !known[i].same;
	}
	m->hushes = is_many(n_changed, d->n_items - n_new);
	if (m->effect->first_fetch || !is_many(n_new, d->n_items))
		return 0;
	return judge_new(m, known, n_new == d->n_items, err);
}

bool flood_holds(const struct merge *m, const struct item *i)
{
	return m->holds && !is_dated_after(m, i);
}

int flood_report(struct merge *m, const struct poll_due *due, struct err *err)
{
	struct source_report report = due->report;
	int rc;

	if (m->effect->n_held == 0)
		return 0;
	report.message = mem_printf("%zu of %zu items are new at once, more than this source brings in that time; %zu of them are kept and"
	                            " not announced", m->effect->n_new, m->record->document->n_items, m->effect->n_held);
	report.state = m->health.state;
	report.next_poll_ms = due->due_ms;
	report.joined = NULL;
	rc = append_source_event(m, EVENT_SOURCE_HELD, &report, err);
	mem_free(report.message);
	return rc;
}

/* ---- letting go ---- */

struct held {
	int64_t id, story_id;
};

static int announce(struct store *s, const struct held *h, int64_t now_ms, struct err *err)
{
	static const char let_go[] = "UPDATE item SET held = 0 WHERE id = ?";
	static const char lift[] = "UPDATE story SET sort_ms = max(sort_ms, ?) WHERE id = ?";
	int rc = stmt_run(&s->db, let_go, err, "i", h->id);

	if (rc == 0)
		rc = stmt_run(&s->db, lift, err, "ii", now_ms, h->story_id);
	return rc < 0 ? rc : append_item_event(&s->db, EVENT_ITEM_CREATED, h->id, h->story_id, 1, 0, now_ms, err);
}

/* The oldest first, as a poll would have told them. */
static int next_held(struct store *s, int64_t source_id, struct held *ret, struct err *err)
{
	static const char find[] =
		"SELECT id, story_id FROM item WHERE source_id = ? AND held = 1 ORDER BY id LIMIT 1";
	sqlite3_stmt *row = stmt_bind(&s->db, find, err, "i", source_id);
	int rc = row ? stmt_step(&s->db, row, err) : ERR_IO;

	if (rc <= 0)
		return rc;
	*ret = (struct held){sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1)};
	stmt_done(row);
	return 1;
}

int store_release_held(struct store *s, const char *name, int64_t now_ms, size_t *ret_n, struct err *err)
{
	struct held h;
	int64_t source_id = 0;
	size_t n = 0;
	int rc = stmt_int(&s->db, &source_id, 0, "SELECT id FROM source WHERE name = ? AND retired = 0", err, "s", name);

	if (rc == 0 && source_id == 0)
		return no_such_source(&s->db, name, err);
	while (rc == 0 && (rc = next_held(s, source_id, &h, err)) == 1) {
		rc = announce(s, &h, now_ms, err);
		n++;
	}
	if (rc == 0)
		*ret_n = n;
	return rc;
}
