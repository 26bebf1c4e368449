/*
 * A poll becomes durable: the one transaction.
 *
 * store_record_poll() runs inside store_begin()/store_commit(), in the caller's savepoint. In one commit it writes the
 * items that are new or changed, the stories they belong to, the events that say so, the validators of the reply, and
 * when to look again. So after a crash at any instant either all of it is there or none:
 *
 *   - none: the validators are the old ones, so the next request brings the same document again, and the items get the
 *     same keys, hence the same uids and the same event ids. Nothing is lost and nothing is new twice.
 *   - all: the next poll finds every key known. item_key would refuse a second row in any case, and the
 *     unique indexes of event a second event with the same id.
 *
 * Readers of the log see events only after the commit, in seq order without holes being filled later: there is one
 * writer, and AUTOINCREMENT never uses a number again.
 *
 * Which items are still in a source's document must be known for the purge (an item that is purged while the source
 * still shows it would come back as new). Writing every known item on every poll would cost thirty updates for no news,
 * so item_key.seen_ms is refreshed at most once a day, and source.document_ms says when a whole document was last taken in:
 * an item that was in it has seen_ms > document_ms - one day, and one that fails this is gone from it.
 */
#include "merge.h"

#include <string.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/model/ids.h"

#define HOUR_MS ((int64_t)3600000)

enum { REPORT_BYTES = 128 << 10 };

/* ---- the source's row ---- */

static void encode_problems(const struct problem_list *l, struct buf *out)
{
	pack_u32(out, (uint32_t)l->n);
	pack_i64(out, (int64_t)l->total);
	for (size_t i = 0; i < l->n; i++) {
		pack_str(out, l->items[i].code);
		pack_str(out, l->items[i].text);
		pack_u32(out, l->items[i].line);
	}
}

#define SET_FEED \
	"UPDATE source SET seeded = 1, document_ms = coalesce(?1, document_ms), feed_title = ?2, feed_id = ?3, feed_author = ?4, site_url = ?5," \
	" feed_updated_ms = ?6, problems = ?7, identity_seen = ?10"

/*
 * Mostly nothing of it changes, and then the row is not written. When a whole document was last taken in is kept to the hour:
 * an older time holds back the purge, no more. With new items the row is written anyway, for their number: once, and only then
 * is n_items named, which costs an index.
 */
static int save_feed(struct merge *m, struct err *err)
{
	static const char save[] = SET_FEED
		" WHERE id = ?8 AND (seeded = 0 OR coalesce(document_ms < ?9, ?1 IS NOT NULL)"
		" OR feed_title IS NOT ?2 OR feed_id IS NOT ?3 OR feed_author IS NOT ?4 OR site_url IS NOT ?5 OR feed_updated_ms IS NOT ?6"
		" OR problems IS NOT ?7 OR identity_seen IS NOT ?10)";
	static const char save_more[] = SET_FEED ", n_items = n_items + ?9 WHERE id = ?8";
	unsigned char seen[IDENTITY_SEEN_BYTES];
	const struct feed_document *d = m->record->document;
	int64_t n_new = (int64_t)m->effect->n_new;
	struct buf problems = BUF_INIT(1 << 20);
	int rc;

	encode_problems(&d->problems, &problems);
	identity_seen_encode(&m->seen, seen);
	rc = stmt_run(m->db, n_new ? save_more : save, err, "tsssstbiib", d->complete ? m->now_ms : TIME_UNKNOWN, d->title, d->id, d->author, d->link, d->updated_ms,
	              problems.bytes, problems.len, m->record->source_id, n_new ? n_new : m->now_ms - HOUR_MS, seen, sizeof(seen));
	buf_done(&problems);
	return rc;
}

static int save_validators(struct merge *m, struct err *err)
{
	static const char save[] = "UPDATE source SET validators_url = ?, etag = ?, last_modified = ?, asked_as = ? WHERE id = ?";
	static const char save_digest[] = "UPDATE source SET body_digest = ? WHERE id = ?";
	const struct poll_record *r = m->record;
	int rc = 0;

	if (!r->keep_validators)
		rc = stmt_run(m->db, save, err, "sssii", r->validators_url, r->etag, r->last_modified, (int64_t)r->asked_as, r->source_id);
	if (rc == 0 && r->body_digest)
		rc = stmt_run(m->db, save_digest, err, "bi", r->body_digest->bytes, (size_t)DIGEST_BYTES, r->source_id);
	return rc;
}

/* ---- when next, and how it is doing ---- */

int append_source_event(struct merge *m, enum event_type type, const struct source_report *report, struct err *err)
{
	static const char append[] =
		"INSERT OR IGNORE INTO event (type, time_ms, number, source_id, report) VALUES (?, ?, ?, ?, ?)";
	struct buf bytes = BUF_INIT(REPORT_BYTES);
	int rc;

	source_report_encode(report, &bytes);
	m->effect->n_events++;
	rc = stmt_run(m->db, append, err, "iiiib", (int64_t)type, m->now_ms, ++m->health.n_events, m->record->source_id, bytes.bytes, bytes.len);
	buf_done(&bytes);
	return rc;
}

static int append_source_events(struct merge *m, const struct poll_due *due, const char *joined, struct err *err)
{
	struct source_report report = due->report;
	int rc = 0;

	report.state = m->health.state;
	report.next_poll_ms = due->due_ms;
	report.failures = due->failures;
	report.failing_since_ms = m->health.failing_since_ms;
	report.joined = mem_dup_str(joined);
	for (size_t i = 0; rc == 0 && i < due->n_events; i++)
		rc = append_source_event(m, due->events[i], &report, err);
	mem_free(report.joined);
	return rc;
}

static void stay_joined(struct merge *m, struct poll_due *due, int64_t joined_id)
{
	m->health.state = SOURCE_JOINED;
	m->health.joined_id = joined_id;
	due->due_ms = NEVER_DUE_MS;
	due->interval_ms = 0;
	due->reason = "joined";
}

/* R54: it moved to where another source is already. That one goes on; one that is not polled itself cannot be joined. */
static int join_source(struct merge *m, struct poll_due *due, char **ret_joined, struct err *err)
{
	static const char find[] =
		"SELECT id, name FROM source CROSS JOIN schedule ON source_id = id WHERE (url = ?1 OR poll_url = ?1) AND id <> ?2 AND retired = 0"
		" AND next_due_ms < ?3 AND joined_id IS NULL LIMIT 1";
	sqlite3_stmt *row = stmt_bind(m->db, find, err, "sii", m->health.poll_url, m->record->source_id, NEVER_DUE_MS / 2);
	int rc = row ? stmt_step(m->db, row, err) : ERR_IO;

	if (rc <= 0)
		return rc;
	stay_joined(m, due, sqlite3_column_int64(row, 0));
	m->health.state_since_ms = m->now_ms;
	*ret_joined = column_str(row, 1);
	stmt_done(row);
	return 0;
}

/* Nearly all are, before a poll and after it: then nothing of it is written. */
static bool is_plain(const struct source_health *h)
{
	return h->state == SOURCE_OK && h->failing_since_ms == 0 && h->run_polls == 0 && !h->is_told && h->n_events == 0 &&
	       !h->moving_to && !h->poll_url && h->joined_id == 0;
}

static int save_health(struct merge *m, struct err *err)
{
	static const char save[] =
		"UPDATE source SET state = ?, state_since_ms = ?, failing_since_ms = ?, run_since_ms = ?, run_polls = ?, run_outcome = ?,"
		" is_told = ?, n_events = ?, moving_to = ?, moving_since_ms = ?, moving_polls = ?, poll_url = nullif(?, url), joined_id = nullif(?, 0)"
		" WHERE id = ?";
	const struct source_health *h = &m->health;

	return stmt_run(m->db, save, err, "iiiiiiiisiisii", (int64_t)h->state, since_stored(m->db, h->state_since_ms),
	                since_stored(m->db, h->failing_since_ms), since_stored(m->db, h->run_since_ms), h->run_polls,
	                (int64_t)poll_outcome_code(h->run_outcome), (int64_t)h->is_told, h->n_events, h->moving_to,
	                since_stored(m->db, h->moving_since_ms), h->moving_polls, h->poll_url, h->joined_id, m->record->source_id);
}

static void encode_history(const struct merge *m, struct buf *out)
{
	const struct poll_record *r = m->record;
	const struct poll_glimpse g = {
		.started_ms = r->started_ms,
		.duration_ms = r->ended_ms - r->started_ms,
		.outcome = r->outcome,
		.status = r->status,
		.new_items = (int64_t)m->effect->n_new,
		.fresh_ms = r->fresh_ms,
		.retry_after_ms = r->retry_after_ms,
		.is_redirected = r->is_redirected,
	};

	poll_history_encode_newest(&g, m->history, m->history_len, out);
}

static int save_schedule(struct merge *m, const struct poll_due *due, struct err *err)
{
	static const char save[] =
		"UPDATE schedule SET next_due_ms = ?, interval_ms = ?, due_reason = ?, failures = ?, learned = ?, known = ?,"
		" polls = polls + 1,"
		" asked_ms = ?, retry_ms = ?, last_start_ms = ?, last_success_ms = coalesce(?, last_success_ms), last_outcome = ?, last_status = ?, last_message = ?,"
		" worth = ?, history = ? WHERE source_id = ?";
	const struct poll_record *r = m->record;
	bool success = poll_outcome_is_success(r->outcome);
	int64_t asked_ms = schedule_time(m->db, r->ended_ms > r->started_ms ? r->ended_ms : r->started_ms);
	struct buf history = BUF_INIT(POLL_HISTORY_BYTES);
	unsigned char known[KNOWN_BYTES];
	size_t known_len;
	int rc;

	encode_history(m, &history);
	known_encode(&m->known, known, &known_len);
	rc = stmt_run(m->db, save, err, "iisibbiiitsisibi", schedule_time(m->db, due->due_ms), due->interval_ms, due->reason, due->failures,
	              due->learned, due->learned_len, known, known_len, asked_ms, r->retry_after_ms ? asked_ms + r->retry_after_ms : 0, r->started_ms, success ? r->ended_ms : TIME_UNKNOWN, poll_outcome_name(r->outcome), (int64_t)r->status, r->message,
	              worth_of_rate(due->items_a_day), history.bytes, history.len, r->source_id);
	buf_done(&history);
	return rc;
}

/* The claim is over, and the host may be asked again; another one from now on, when the source moved or the look had gone elsewhere. */
static int end_claim(struct merge *m, const struct poll_due *due, struct err *err)
{
	static const char move[] = "UPDATE schedule SET host_id = ?, home_id = NULL, trail = NULL, trail_ms = NULL WHERE source_id = ?";
	int64_t host_id = m->home_id ? m->home_id : m->host_id, now_ms = schedule_time(m->db, m->now_ms);
	bool was_claimed = false;
	int rc = due->has_moved && due->moved_host ? host_get(m->db, due->moved_host, &host_id, err) : 0;

	if (rc == 0 && (m->home_id || host_id != m->host_id))
		rc = stmt_run(m->db, move, err, "ii", host_id, m->record->source_id);
	if (rc == 0)
		rc = claim_drop(m->db, m->record->source_id, &was_claimed, err);
	if (rc == 0)
		rc = claim_end(m->db, m->host_id, was_claimed, m->record->host, now_ms, err);
	return rc < 0 || host_id == m->host_id ? rc : host_refresh(m->db, host_id, now_ms, err);
}

static int decide(struct merge *m, struct err *err)
{
	struct poll_due due = {0};
	auto_free char *joined = NULL;
	bool was_plain = m->has_plain_health;
	int64_t joined_id = m->health.state == SOURCE_JOINED ? m->health.joined_id : 0;
	int rc = 0;

	m->effect->health = &m->health;
	m->effect->new_ms = m->new_ms;
	m->effect->clock_shift_ms = m->db->clock.shift_ms;
	m->record->decide(m->record, m->effect, &due, m->record->ctx);
	m->effect->health = NULL;
	m->effect->new_ms = NULL;
	if (joined_id) /* joined while this poll was under way */
		stay_joined(m, &due, joined_id);
	else if (due.has_moved && m->health.poll_url)
		rc = join_source(m, &due, &joined, err);
	if (rc == 0)
		rc = append_source_events(m, &due, joined, err);
	if (rc == 0)
		rc = flood_report(m, &due, err);
	if (rc == 0 && !(was_plain && is_plain(&m->health)))
		rc = save_health(m, err);
	m->effect->due_ms = due.due_ms;
	m->effect->interval_ms = due.interval_ms;
	m->effect->due_reason = due.reason;
	if (rc == 0)
		rc = save_schedule(m, &due, err);
	return rc < 0 ? rc : end_claim(m, &due, err);
}

static void read_history(sqlite3_stmt *row, int column, struct merge *m)
{
	const void *bytes = sqlite3_column_blob(row, column);
	size_t len = (size_t)sqlite3_column_bytes(row, column);

	m->history_len = len < sizeof(m->history) ? len : sizeof(m->history);
	if (bytes)
		memcpy(m->history, bytes, m->history_len);
}

static int load_source(struct merge *m, struct err *err)
{
	static const char load[] = "SELECT uid, update_policy, seeded, failures, host_id, history, identity, identity_seen,"
	                           " last_success_ms, known, home_id, " HEALTH_COLUMNS
	                           " FROM source CROSS JOIN schedule ON source_id = id WHERE id = ? AND retired = 0";
	sqlite3_stmt *row = stmt_bind(m->db, load, err, "i", m->record->source_id);
	int rc = row ? stmt_step(m->db, row, err) : ERR_IO;

	if (rc < 0)
		return rc;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "the source is no longer configured");
	m->source_uid = column_str(row, 0);
	m->policy = (enum update_policy)sqlite3_column_int(row, 1);
	m->effect->first_fetch = m->record->document && !sqlite3_column_int(row, 2);
	m->effect->failures = sqlite3_column_int64(row, 3);
	m->host_id = sqlite3_column_int64(row, 4);
	read_history(row, 5, m);
	m->rule = (enum identity_rule)sqlite3_column_int(row, 6);
	identity_seen_decode(sqlite3_column_blob(row, 7), (size_t)sqlite3_column_bytes(row, 7), &m->seen);
	m->last_success_ms = column_time(row, 8);
	known_decode(sqlite3_column_blob(row, 9), (size_t)sqlite3_column_bytes(row, 9), &m->known);
	m->home_id = sqlite3_column_int64(row, 10);
	health_from_row(m->db, row, 11, &m->health);
	m->has_plain_health = is_plain(&m->health);
	stmt_done(row);
	return 0;
}

int store_record_poll(struct store *s, const struct poll_record *record, struct poll_effect *ret, struct err *err)
{
	struct poll_effect effect = {0};
	struct merge m = {.db = &s->db, .stories = s->stories, .record = record, .effect = &effect, .now_ms = record->ended_ms};
	int rc = load_source(&m, err);

	if (rc == 0 && record->document)
		rc = merge_items(&m, err);
	if (rc == 0 && record->document)
		rc = save_feed(&m, err);
	if (rc == 0)
		rc = save_validators(&m, err);
	if (rc == 0)
		rc = decide(&m, err);
	if (rc == 0)
		*ret = effect;
	source_health_done(&m.health);
	mem_free(m.source_uid);
	mem_free(m.new_ms);
	return rc;
}
