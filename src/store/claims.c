/*
 * Who is due, in two levels: hosts by when they may be asked, and the sources of each by when they are due. Both are
 * indexes, so a claim costs the same among ten thousand sources and a million, and however many of one host are due.
 * Times in the tables are the schedule's own clock (clock.c); the store's callers speak wall clock.
 */
#include "store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "syndicated/base/mem.h"

/* ---- classes of worth: what a poll may bring, in steps of eight, so that hosts can be ordered by an index ---- */

static const double worth_from[WORTH_CLASSES] = {0, 1.0 / 32, 1.0 / 4, 2, 16}; /* items a day */
static const double worth_rate[WORTH_CLASSES] = {1.0 / 64, 1.0 / 8, 1, 8, 64}; /* what stands for the class */

int64_t worth_of_rate(double items_a_day)
{
	int64_t worth = WORTH_CLASSES - 1;

	while (worth > 0 && !(items_a_day >= worth_from[worth]))
		worth--;
	return worth;
}

/* ---- hosts ---- */

/* Claimed ones stay in schedule_due, and are stepped over: a host has no more of them than may be asked of it at once. */
#define UNCLAIMED(id) "NOT EXISTS (SELECT 1 FROM claim c WHERE c.source_id = " id ")"

/*
 * When its first source is due, or its gap or pause is over. Where that source is late already the class says so, since the
 * time will not: a host with many of them is ready again after every gap. The subquery is one step in schedule_due; its
 * parameter is late_before().
 */
#define REFRESH_NOT_BEFORE(not_before, late_before) \
	"(ready_ms, worth) = (SELECT max(s.next_due_ms, " not_before "), s.worth + 5 * (s.next_due_ms <= " late_before ") FROM schedule s" \
	" WHERE s.host_id = host.id AND " UNCLAIMED("s.source_id") " ORDER BY s.next_due_ms LIMIT 1)"
#define REFRESH REFRESH_NOT_BEFORE("host.not_before_ms", "?")
_Static_assert(WORTH_CLASSES == 5, "REFRESH says it as a number");

static int64_t late_before(int64_t now_ms)
{
	return now_ms - STORE_LATE_MS;
}

int host_get(struct db *db, const char *name, int64_t *ret_id, struct err *err)
{
	static const char find[] = "SELECT id FROM host WHERE name = ?";
	static const char add[] = "INSERT INTO host (name) VALUES (?)";
	int rc = stmt_int(db, ret_id, 0, find, err, "s", name);

	if (rc < 0 || *ret_id)
		return rc;
	rc = stmt_run(db, add, err, "s", name);
	if (rc == 0)
		*ret_id = sqlite3_last_insert_rowid(db->handle);
	return rc;
}

int host_refresh(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	static const char refresh[] = "UPDATE host SET " REFRESH " WHERE id = ? AND claims = 0";

	return stmt_run(db, refresh, err, "ii", late_before(now_ms), id);
}

/* A claim ended; what the host taught meanwhile counts from now on. It may be asked again: one of its slots is free. */
static int release_host(struct db *db, int64_t id, const struct store_host *host, int64_t now_ms, struct err *err)
{
	static const char learn[] = "UPDATE host SET claims = max(claims - 1, 0), not_before_ms = max(not_before_ms, ?1), gap_ms = ?2, successes = ?3, "
		REFRESH_NOT_BEFORE("host.not_before_ms, ?1", "?4") " WHERE id = ?5";
	static const char release[] = "UPDATE host SET claims = max(claims - 1, 0), " REFRESH " WHERE id = ?";

	if (!host)
		return stmt_run(db, release, err, "ii", late_before(now_ms), id);
	return stmt_run(db, learn, err, "iiiii", schedule_time(db, host->not_before_ms), host->gap_ms, host->successes, late_before(now_ms), id);
}

int host_move_claim(struct db *db, int64_t from_id, int64_t to_id, int64_t now_ms, struct err *err)
{
	static const char take[] = "UPDATE host SET claims = claims + 1, ready_ms = NULL, worth = NULL WHERE id = ?";
	int rc = stmt_run(db, take, err, "i", to_id);

	return rc < 0 ? rc : release_host(db, from_id, NULL, now_ms, err);
}

int claim_drop(struct db *db, int64_t source_id, bool *ret_was_claimed, struct err *err)
{
	int rc = stmt_run(db, "DELETE FROM claim WHERE source_id = ?", err, "i", source_id);

	if (rc == 0 && ret_was_claimed)
		*ret_was_claimed = sqlite3_changes(db->handle) > 0;
	return rc;
}

int claim_end(struct db *db, int64_t host_id, bool was_claimed, const struct store_host *host, int64_t now_ms, struct err *err)
{
	static const char learn[] = "UPDATE host SET not_before_ms = max(not_before_ms, ?), gap_ms = ?, successes = ? WHERE id = ?";
	int rc = 0;

	/* The lease was over before the poll was: what the host asked for holds all the same. */
	if (!was_claimed && host)
		rc = stmt_run(db, learn, err, "iiii", schedule_time(db, host->not_before_ms), host->gap_ms, host->successes, host_id);
	if (rc < 0)
		return rc;
	return was_claimed ? release_host(db, host_id, host, now_ms, err) : host_refresh(db, host_id, now_ms, err);
}

/* When the first host of each class is ready after a time; INT64_MAX: none. In one statement, since most have nothing to say. */
#define HEAD(worth) "(SELECT ready_ms FROM host WHERE worth = " #worth " AND ready_ms > ?1 ORDER BY ready_ms LIMIT 1)"

static int read_heads(struct db *db, int64_t after_ms, int64_t heads[2 * WORTH_CLASSES], struct err *err)
{
	static const char find[] = "SELECT " HEAD(0) "," HEAD(1) "," HEAD(2) "," HEAD(3) "," HEAD(4) "," HEAD(5) "," HEAD(6) "," HEAD(7) "," HEAD(8) ","
	                           HEAD(9);
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", after_ms);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	if (rc < 0)
		return rc;
	for (int i = 0; i < 2 * WORTH_CLASSES; i++)
		heads[i] = sqlite3_column_type(row, i) == SQLITE_NULL ? INT64_MAX : sqlite3_column_int64(row, i);
	stmt_done(row);
	return 0;
}

/* ---- claiming ---- */

void source_task_done(struct source_task *t)
{
	mem_free(t->texts);
	*t = (struct source_task){0};
}

struct ready_host {
	int64_t id;
	int64_t claims, gap_ms, successes;
	double pending; /* items expected by now */
	char *name;
};

struct claiming {
	struct db *db;
	const struct store_claim *rules;
	int64_t now_ms;
	int64_t heads[2 * WORTH_CLASSES];
	struct ready_host *hosts;
	size_t n_hosts, capacity;
	struct source_task *tasks;
	size_t n_tasks, max_tasks;
};

static void add_host(struct claiming *c, sqlite3_stmt *row, int64_t worth)
{
	struct ready_host *h;
	double days = (double)(c->now_ms - sqlite3_column_int64(row, 1)) / 86400000.0;

	if (c->n_hosts == c->capacity) {
		c->capacity = c->capacity ? 2 * c->capacity : 64;
		c->hosts = mem_resize_array(c->hosts, c->capacity, sizeof(c->hosts[0]));
	}
	h = &c->hosts[c->n_hosts++];
	*h = (struct ready_host){
		.id = sqlite3_column_int64(row, 0),
		.claims = sqlite3_column_int64(row, 2),
		.gap_ms = sqlite3_column_int64(row, 3),
		.successes = sqlite3_column_int64(row, 4),
		.pending = worth_rate[worth % WORTH_CLASSES] * days,
		.name = column_str(row, 5),
	};
}

/* The longest ready of each class from first on: by expected items none of the others can stand before them. */
static int find_ready(struct claiming *c, int64_t first, int64_t after_ms, int64_t until_ms, size_t max, struct err *err)
{
	static const char find[] = "SELECT id, ready_ms, claims, gap_ms, successes, name FROM host"
	                           " WHERE worth = ? AND ready_ms > ? AND ready_ms <= ? ORDER BY ready_ms LIMIT ?";
	int rc = 0;

	for (int64_t worth = first; rc == 0 && max > 0 && worth < first + WORTH_CLASSES; worth++) {
		sqlite3_stmt *row;

		if (c->heads[worth] > until_ms)
			continue;
		row = stmt_bind(c->db, find, err, "iiii", worth, after_ms, until_ms, (int64_t)max);
		rc = row ? 1 : ERR_IO;
		while (rc == 1 && (rc = stmt_step(c->db, row, err)) == 1)
			add_host(c, row, worth);
	}
	return rc;
}

/* What is longer than it can be was not written by us: as if there was nothing. */
static void read_learned(sqlite3_stmt *row, int column, struct source_task *t)
{
	const void *bytes = sqlite3_column_blob(row, column);
	size_t len = (size_t)sqlite3_column_bytes(row, column);

	if (!bytes || len > sizeof(t->learned))
		return;
	memcpy(t->learned, bytes, len);
	t->learned_len = len;
}

/* In one block: there are as many tasks as polls, and another thread frees them. */
static void read_texts(sqlite3_stmt *row, const struct ready_host *h, struct source_task *t)
{
	const struct {
		const char **slot, *text;
	} texts[] = {
		{&t->name, (const char *)sqlite3_column_text(row, 1)},
		{&t->url, (const char *)sqlite3_column_text(row, 2)},
		{&t->validators_url, (const char *)sqlite3_column_text(row, 6)},
		{&t->etag, (const char *)sqlite3_column_text(row, 7)},
		{&t->last_modified, (const char *)sqlite3_column_text(row, 8)},
		{&t->trail, (const char *)sqlite3_column_text(row, 17)},
		{&t->host, h->name},
	};
	enum { N = sizeof(texts) / sizeof(texts[0]) };
	size_t lens[N], bytes = 0;
	char *at;

	for (size_t i = 0; i < N; i++)
		bytes += lens[i] = texts[i].text ? strlen(texts[i].text) + 1 : 0;
	at = t->texts = mem_resize_array(NULL, bytes, 1);
	for (size_t i = 0; i < N; i++) {
		*texts[i].slot = texts[i].text ? memcpy(at, texts[i].text, lens[i]) : NULL;
		at += lens[i];
	}
}

static void read_task(const struct db *db, sqlite3_stmt *row, const struct ready_host *h, struct source_task *t)
{
	const void *digest = sqlite3_column_blob(row, 9);

	read_texts(row, h, t);
	t->source_id = sqlite3_column_int64(row, 0);
	t->due_ms = wall_time(db, sqlite3_column_int64(row, 3));
	t->poll_min_ms = sqlite3_column_int64(row, 4);
	t->poll_max_ms = sqlite3_column_int64(row, 5);
	t->asked_as = sqlite3_column_int(row, 16);
	t->failures = sqlite3_column_int64(row, 10);
	t->is_first = sqlite3_column_int64(row, 15) == 0;
	t->host_gap_ms = h->gap_ms;
	t->host_successes = h->successes;
	t->has_last_outcome = poll_outcome_parse((const char *)sqlite3_column_text(row, 14), &t->last_outcome);
	if (digest && sqlite3_column_bytes(row, 9) == DIGEST_BYTES) {
		memcpy(t->body_digest.bytes, digest, DIGEST_BYTES);
		t->has_body_digest = true;
	}
	read_learned(row, 11, t);
	t->poll_min_is_own = sqlite3_column_int(row, 12) != 0;
	t->ignores_hints = sqlite3_column_int(row, 13) != 0;
}

static int claim_sources(struct claiming *c, const struct ready_host *h, size_t max, struct err *err)
{
	static const char due[] =
		"SELECT source_id, name, coalesce(poll_url, url), next_due_ms, poll_min_ms, poll_max_ms, validators_url, etag, last_modified, body_digest,"
		" failures, learned, own_poll_min, ignores_hints, last_outcome, polls, asked_as, trail"
		" FROM schedule JOIN source ON id = source_id WHERE host_id = ? AND next_due_ms <= ? AND " UNCLAIMED("schedule.source_id")
		" ORDER BY next_due_ms LIMIT ?";
	static const char claim[] = "INSERT INTO claim (source_id, claimed_ms, until_ms) VALUES (?, ?, ?)";
	int64_t until_ms = c->now_ms + c->rules->lease_ms;
	size_t first = c->n_tasks;
	sqlite3_stmt *row = stmt_bind(c->db, due, err, "iii", h->id, c->now_ms, (int64_t)max);
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(c->db, row, err)) == 1)
		read_task(c->db, row, h, &c->tasks[c->n_tasks++]);
	if (until_ms < c->db->lease_end_ms)
		c->db->lease_end_ms = until_ms;
	for (size_t i = first; rc == 0 && i < c->n_tasks; i++)
		rc = stmt_run(c->db, claim, err, "iii", c->tasks[i].source_id, c->now_ms, until_ms);
	return rc;
}

/* With a gap between its starts a host gives one source a time; without, as many as it may have in flight. */
static int claim_host(struct claiming *c, const struct ready_host *h, struct err *err)
{
	static const char take[] = "UPDATE host SET claims = claims + ?, ready_ms = NULL, worth = NULL WHERE id = ?";
	static const char again[] = "UPDATE host SET claims = claims + ?1, not_before_ms = max(not_before_ms, ?2), "
		REFRESH_NOT_BEFORE("host.not_before_ms, ?2", "?3") " WHERE id = ?4";
	struct store_host_limit limit = {.concurrent = 1};
	size_t before = c->n_tasks, room = c->max_tasks - before, n;
	int64_t taken;
	int rc;

	c->rules->limit(h->name, h->gap_ms, &limit, c->rules->ctx);
	n = limit.concurrent > h->claims ? (size_t)(limit.concurrent - h->claims) : 0;
	n = limit.gap_ms > 0 && n > 1 ? 1 : n;
	rc = claim_sources(c, h, n < room ? n : room, err);
	taken = (int64_t)(c->n_tasks - before);
	if (rc < 0)
		return rc;
	if (h->claims + taken >= limit.concurrent)
		return stmt_run(c->db, take, err, "ii", taken, h->id);
	return stmt_run(c->db, again, err, "iiii", taken, limit.gap_ms > 0 ? c->now_ms + limit.gap_ms : 0, late_before(c->now_ms), h->id);
}

static int more_pending_first(const void *a, const void *b)
{
	double x = ((const struct ready_host *)a)->pending, y = ((const struct ready_host *)b)->pending;

	return (x < y) - (x > y);
}

/* Of hosts[from...] those with the most expected items, until there are max tasks. */
static int claim_best(struct claiming *c, size_t from, size_t max, struct err *err)
{
	int rc = 0;

	c->max_tasks = max;
	if (c->n_hosts > from)
		qsort(c->hosts + from, c->n_hosts - from, sizeof(c->hosts[0]), more_pending_first);
	for (size_t i = from; rc == 0 && i < c->n_hosts && c->n_tasks < max; i++)
		rc = claim_host(c, &c->hosts[i], err);
	return rc;
}

static int claim_all(struct claiming *c, struct err *err)
{
	const struct store_claim *r = c->rules;
	int64_t late_ms = late_before(c->now_ms);
	size_t max_late = r->max_late < r->max ? r->max_late : r->max, n;
	int rc = read_heads(c->db, INT64_MIN, c->heads, err);

	if (rc == 0)
		rc = find_ready(c, WORTH_CLASSES, INT64_MIN, c->now_ms, max_late, err);
	if (rc == 0)
		rc = find_ready(c, 0, INT64_MIN, late_ms, max_late, err);
	if (rc == 0)
		rc = claim_best(c, 0, max_late, err);
	for (size_t i = 0; i < c->n_tasks; i++)
		c->tasks[i].is_late = true;
	n = c->n_hosts;
	if (rc == 0)
		rc = find_ready(c, 0, late_ms, c->now_ms, r->max - c->n_tasks, err);
	return rc < 0 ? rc : claim_best(c, n, r->max, err);
}

static void forget(struct claiming *c, bool tasks_too)
{
	for (size_t i = 0; i < c->n_hosts; i++)
		mem_free(c->hosts[i].name);
	mem_free(c->hosts);
	for (size_t i = 0; tasks_too && i < c->n_tasks; i++)
		source_task_done(&c->tasks[i]);
	if (tasks_too)
		mem_free(c->tasks);
}

/* ---- looks that wait for another host (decision 023) ---- */

/*
 * A claim or a look is over, and nobody says when the last request was sent: at the latest START_WITHIN_MS after that time. The
 * source keeps its minimum gap from there on (polling.md R10, R62). Twice the same parameter, so that both columns see one time.
 */
#define ASKED(time) "asked_ms = max(asked_ms, " time "), next_due_ms = max(next_due_ms, " time " + (SELECT poll_min_ms FROM source WHERE id = schedule.source_id))"

/* The look is over before its end. It begins anew with the first request, which was sent once already. */
int source_go_home(struct db *db, int64_t source_id, int64_t now_ms, struct err *err)
{
	static const char find[] = "SELECT host_id, home_id FROM schedule WHERE source_id = ? AND home_id IS NOT NULL";
	static const char go[] = "UPDATE schedule SET host_id = home_id, home_id = NULL, trail = NULL, trail_ms = NULL, "
		ASKED("(coalesce((SELECT c.claimed_ms FROM claim c WHERE c.source_id = schedule.source_id), trail_ms, 0) + ?1)") " WHERE source_id = ?2";
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", source_id);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;
	int64_t host_id, home_id;

	if (rc <= 0)
		return rc;
	host_id = sqlite3_column_int64(row, 0);
	home_id = sqlite3_column_int64(row, 1);
	stmt_done(row);
	rc = stmt_run(db, go, err, "ii", (int64_t)START_WITHIN_MS, source_id);
	if (rc == 0)
		rc = host_refresh(db, host_id, now_ms, err);
	return rc < 0 ? rc : host_refresh(db, home_id, now_ms, err);
}

int store_park(struct store *s, const struct store_parked *p, struct err *err)
{
	static const char find[] = "SELECT s.host_id FROM schedule s JOIN claim c ON c.source_id = s.source_id WHERE s.source_id = ?";
	static const char park[] = "UPDATE schedule SET next_due_ms = ?1, home_id = coalesce(home_id, host_id), host_id = ?2, trail = ?3,"
	                           " trail_ms = (SELECT c.claimed_ms FROM claim c WHERE c.source_id = schedule.source_id),"
	                           " retry_ms = CASE WHEN ?1 > ?5 THEN ?1 ELSE 0 END WHERE source_id = ?4";
	struct db *db = &s->db;
	int64_t host_id, next_id, now_ms = schedule_time(db, p->now_ms);
	int rc = stmt_int(db, &host_id, 0, find, err, "i", p->source_id);

	if (rc == 0 && host_id == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such claim");
	if (rc == 0)
		rc = host_get(db, p->host_name, &next_id, err);
	if (rc == 0)
		rc = stmt_run(db, park, err, "iisii", schedule_time(db, p->due_ms), next_id, p->trail, p->source_id, now_ms);
	if (rc == 0)
		rc = claim_drop(db, p->source_id, NULL, err);
	if (rc == 0)
		rc = release_host(db, host_id, p->host, now_ms, err);
	return rc < 0 ? rc : host_refresh(db, next_id, now_ms, err);
}

int store_note_request(struct store *s, int64_t source_id, int64_t now_ms, struct err *err)
{
	static const char note[] = "UPDATE schedule SET asked_ms = max(asked_ms, ?) WHERE source_id = ?";
	int rc = stmt_run(&s->db, note, err, "ii", schedule_time(&s->db, now_ms), source_id);

	return rc < 0 ? rc : source_go_home(&s->db, source_id, schedule_time(&s->db, now_ms), err);
}

int store_forget_trails(struct store *s, int64_t now_ms, struct err *err)
{
	static const char find[] = "SELECT source_id FROM schedule s WHERE home_id IS NOT NULL AND " UNCLAIMED("s.source_id") " AND source_id > ?"
	                           " ORDER BY source_id LIMIT 1";
	int64_t id = 0;
	int rc;

	do {
		rc = stmt_int(&s->db, &id, 0, find, err, "i", id);
		if (rc == 0 && id)
			rc = source_go_home(&s->db, id, schedule_time(&s->db, now_ms), err);
	} while (rc == 0 && id);
	return rc;
}

/* ---- claims that nobody ended ---- */

struct lost_claim {
	int64_t source_id, host_id, claimed_ms;
};

enum { LOST_AT_ONCE = 64 };

static int end_lost(struct db *db, const struct lost_claim *lost, int64_t now_ms, struct err *err)
{
	static const char put_off[] = "UPDATE schedule SET " ASKED("?1") " WHERE source_id = ?2";
	int rc = stmt_run(db, put_off, err, "ii", lost->claimed_ms + START_WITHIN_MS, lost->source_id);

	if (rc == 0)
		rc = claim_drop(db, lost->source_id, NULL, err);
	if (rc == 0)
		rc = release_host(db, lost->host_id, NULL, now_ms, err);
	return rc < 0 ? rc : source_go_home(db, lost->source_id, now_ms, err);
}

/* Nearly always there is none, and then nothing is read. */
static int look_for_lost(struct db *db, int64_t until_ms, bool *ret_any, struct err *err)
{
	int64_t first = 0;
	int rc = 0;

	*ret_any = false;
	if (until_ms < db->lease_end_ms)
		return 0;
	rc = stmt_int(db, &first, INT64_MAX, "SELECT min(until_ms) FROM claim", err, "");
	*ret_any = rc == 0 && first <= until_ms;
	db->lease_end_ms = rc < 0 || *ret_any ? 0 : first;
	return rc;
}

int claims_end_until(struct db *db, int64_t until_ms, int64_t now_ms, struct err *err)
{
	static const char find[] = "SELECT c.source_id, s.host_id, c.claimed_ms FROM claim c JOIN schedule s ON s.source_id = c.source_id"
	                           " WHERE c.until_ms <= ? LIMIT ?";
	struct lost_claim lost[LOST_AT_ONCE];
	size_t n;
	bool any;
	int rc = look_for_lost(db, until_ms, &any, err);

	if (rc < 0 || !any)
		return rc;
	do {
		sqlite3_stmt *row = stmt_bind(db, find, err, "ii", until_ms, (int64_t)LOST_AT_ONCE);

		rc = row ? 1 : ERR_IO;
		for (n = 0; rc == 1 && (rc = stmt_step(db, row, err)) == 1; n++)
			lost[n] = (struct lost_claim){sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2)};
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = end_lost(db, &lost[i], now_ms, err);
	} while (rc == 0 && n == LOST_AT_ONCE);
	return rc;
}

/* ---- the contract ---- */

int store_claim_due(struct store *s, const struct store_claim *rules, struct source_task **ret, size_t *ret_n, struct err *err)
{
	struct claiming c = {.db = &s->db, .rules = rules};
	int rc = clock_watch(s, rules->now_ms, err);

	c.now_ms = schedule_time(&s->db, rules->now_ms);
	if (rc == 0)
		rc = claims_end_until(&s->db, c.now_ms, c.now_ms, err);
	c.tasks = mem_new_array(struct source_task, rules->max + 1);
	if (rc == 0)
		rc = claim_all(&c, err);
	forget(&c, rc < 0);
	if (rc < 0)
		return rc;
	*ret = c.tasks;
	*ret_n = c.n_tasks;
	return 0;
}

int store_next_due(struct store *s, int64_t after_ms, int64_t *ret_ms, struct err *err)
{
	int64_t heads[2 * WORTH_CLASSES], first = INT64_MAX;
	int rc = read_heads(&s->db, schedule_time(&s->db, after_ms), heads, err);

	for (int i = 0; rc == 0 && i < 2 * WORTH_CLASSES; i++)
		first = heads[i] < first ? heads[i] : first;
	*ret_ms = first == INT64_MAX ? first : wall_time(&s->db, first);
	return rc;
}

int store_unclaim(struct store *s, int64_t source_id, int64_t due_ms, const struct store_host *host, int64_t now_ms, struct err *err)
{
	static const char find[] = "SELECT host_id FROM schedule WHERE source_id = ?";
	static const char set_due[] = "UPDATE schedule SET next_due_ms = ?1 WHERE source_id = ?2 AND next_due_ms <> ?1";
	int64_t host_id;
	bool was_claimed = false;
	int rc = claim_drop(&s->db, source_id, &was_claimed, err);

	if (rc == 0 && !was_claimed)
		return err_set(err, ERR_NOT_FOUND, "there is no such claim");
	if (rc == 0)
		rc = stmt_int(&s->db, &host_id, 0, find, err, "i", source_id);
	if (rc == 0)
		rc = stmt_run(&s->db, set_due, err, "ii", schedule_time(&s->db, due_ms), source_id);
	return rc < 0 ? rc : release_host(&s->db, host_id, host, schedule_time(&s->db, now_ms), err);
}
