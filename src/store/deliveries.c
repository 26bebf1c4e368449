/* The log's readers that must not forget: cursors and delivery rows. */
#include "store_internal.h"

#include <string.h>

#include "syndicated/base/mem.h"

int store_last_seq(struct store *s, int64_t *ret, struct err *err)
{
	/* sqlite_sequence remembers the highest seq also when its row was purged. */
	return stmt_int(&s->db, ret, 0, "SELECT seq FROM sqlite_sequence WHERE name = 'event'", err, "");
}

int store_sync_webhooks(struct store *s, const struct webhook_spec *specs, size_t n, int64_t now_ms, struct err *err)
{
	static const char insert[] =
		"INSERT INTO webhook (name, cursor, created_ms) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET configured = 1";
	int64_t end;
	int rc = store_last_seq(s, &end, err);

	if (rc == 0)
		rc = stmt_run(&s->db, "UPDATE webhook SET configured = 0", err, "");

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = stmt_run(&s->db, insert, err, "sii", specs[i].name, end, now_ms);
	return rc;
}

int store_get_cursor(struct store *s, const char *webhook, int64_t *ret, struct err *err)
{
	int64_t cursor;
	int rc = stmt_int(&s->db, &cursor, -1, "SELECT cursor FROM webhook WHERE name = ?", err, "s", webhook);

	if (rc == 0 && cursor < 0)
		return err_set(err, ERR_NOT_FOUND, "there is no webhook named '%s'", webhook);
	if (rc == 0)
		*ret = cursor;
	return rc;
}

int store_has_told(struct store_reader *r, const char *webhook, int64_t story_id, bool *ret, struct err *err)
{
	static const char find[] = "SELECT 1 FROM told WHERE story_id = ? AND webhook = ?";
	int64_t found = 0;
	int rc = stmt_int(&r->db, &found, 0, find, err, "is", story_id, webhook);

	*ret = found != 0;
	return rc;
}

/* A story that was purged meanwhile is not told again by anybody. */
static int note_told(struct db *db, const struct store_fan_out *f, struct err *err)
{
	static const char note[] = "INSERT OR IGNORE INTO told (story_id, webhook) SELECT id, ?1 FROM story WHERE id = ?2";
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < f->n_told; i++)
		rc = stmt_run(db, note, err, "si", f->webhook, f->told[i]);
	return rc;
}

int store_fan_out(struct store *s, const struct store_fan_out *f, int64_t now_ms, struct err *err)
{
	static const char move[] = "UPDATE webhook SET cursor = ? WHERE name = ? AND cursor = ?";
	static const char insert[] =
		"INSERT OR IGNORE INTO delivery (webhook, seq, event_id, body, created_ms, next_ms) VALUES (?, ?, ?, ?, ?, ?)";
	int rc = stmt_run(&s->db, move, err, "isi", f->to, f->webhook, f->from);

	if (rc == 0 && sqlite3_changes(s->db.handle) == 0)
		return err_set(err, ERR_EXISTS, "the events after %lld were already turned into deliveries", (long long)f->from);
	for (size_t i = 0; rc == 0 && i < f->n; i++)
		rc = stmt_run(&s->db, insert, err, "sisbii", f->webhook, f->deliveries[i].seq, f->deliveries[i].event_id, f->deliveries[i].body,
		              f->deliveries[i].body_len, now_ms, now_ms);
	return rc < 0 ? rc : note_told(&s->db, f, err);
}

void delivery_done(struct delivery *d)
{
	mem_free(d->webhook);
	mem_free(d->event_id);
	mem_free(d->body);
	*d = (struct delivery){0};
}

static void read_delivery(sqlite3_stmt *row, const char *webhook, struct delivery *d)
{
	d->id = sqlite3_column_int64(row, 0);
	d->seq = sqlite3_column_int64(row, 1);
	d->event_id = column_str(row, 2);
	d->body = mem_dup_bytes(sqlite3_column_blob(row, 3), (size_t)sqlite3_column_bytes(row, 3));
	d->body_len = (size_t)sqlite3_column_bytes(row, 3);
	d->attempts = sqlite3_column_int64(row, 4);
	d->created_ms = sqlite3_column_int64(row, 5);
	d->webhook = mem_dup_str(webhook);
}

int store_claim_deliveries(struct store *s, const char *webhook, int64_t now_ms, int64_t lease_ms, size_t max, struct delivery **ret,
                           size_t *ret_n, struct err *err)
{
	static const char due[] =
		"SELECT id, seq, event_id, body, attempts, created_ms FROM delivery"
		" WHERE webhook = ? AND dead = 0 AND next_ms <= ? AND claimed_until_ms <= ? ORDER BY seq, id LIMIT ?";
	static const char claim[] = "UPDATE delivery SET claimed_until_ms = ? WHERE id = ?";
	struct delivery *found = mem_new_array(struct delivery, max + 1);
	size_t n = 0;
	sqlite3_stmt *row = stmt_bind(&s->db, due, err, "siii", webhook, now_ms, now_ms, (int64_t)max);
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(&s->db, row, err)) == 1)
		read_delivery(row, webhook, &found[n++]);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = stmt_run(&s->db, claim, err, "ii", now_ms + lease_ms, found[i].id);
	if (rc < 0) {
		for (size_t i = 0; i < n; i++)
			delivery_done(&found[i]);
		mem_free(found);
		return rc;
	}
	*ret = found;
	*ret_n = n;
	return 0;
}

int store_next_delivery(struct store *s, const char *webhook, int64_t *ret_ms, struct err *err)
{
	static const char next[] = "SELECT min(next_ms) FROM delivery WHERE webhook = ? AND dead = 0 AND claimed_until_ms = 0";

	return stmt_int(&s->db, ret_ms, INT64_MAX, next, err, "s", webhook);
}

/* The log of attempts, and what the webhook's row shows of the last one. */
static int log_attempt(struct db *db, const struct attempt *a, struct err *err)
{
	static const char log[] =
		"INSERT INTO attempt (webhook, seq, event_id, started_ms, duration_ms, status, message, state)"
		" SELECT webhook, seq, event_id, ?, ?, ?, ?, ? FROM delivery WHERE id = ?";
	static const char show[] =
		"UPDATE webhook SET last_attempt_ms = ?, last_success_ms = coalesce(?, last_success_ms), last_status = ?, last_message = ?"
		" WHERE name = (SELECT webhook FROM delivery WHERE id = ?)";
	bool success = a->state == DELIVERY_ACKNOWLEDGED;
	int rc = stmt_run(db, log, err, "iiisii", a->started_ms, a->duration_ms, (int64_t)a->status, a->message, (int64_t)a->state,
	                  a->delivery_id);

	if (rc == 0)
		rc = stmt_run(db, show, err, "itisi", a->started_ms, success ? a->started_ms + a->duration_ms : TIME_UNKNOWN, (int64_t)a->status,
		              a->message, a->delivery_id);
	return rc;
}

int store_record_attempt(struct store *s, const struct attempt *a, struct err *err)
{
	static const char *const ends[] = {
		[DELIVERY_ACKNOWLEDGED] = "DELETE FROM delivery WHERE id = ?2 AND ?1 IS NOT NULL",
		[DELIVERY_RETRY] = "UPDATE delivery SET attempts = attempts + 1, next_ms = ?1, claimed_until_ms = 0 WHERE id = ?2",
		[DELIVERY_DEAD] = "UPDATE delivery SET attempts = attempts + 1, dead = 1, claimed_until_ms = 0 WHERE id = ?2 AND ?1 IS NOT NULL",
		[DELIVERY_RELEASED] = "UPDATE delivery SET next_ms = ?1, claimed_until_ms = 0 WHERE id = ?2",
	};
	int rc = a->state == DELIVERY_RELEASED ? 0 : log_attempt(&s->db, a, err);

	return rc < 0 ? rc : stmt_run(&s->db, ends[a->state], err, "ii", a->next_ms, a->delivery_id);
}
