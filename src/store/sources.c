#include "store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/model/ids.h"

/* ---- tags: one to a line, so that no tag can be part of another ---- */

void tags_encode(const struct string_list *tags, struct buf *out)
{
	for (size_t i = 0; i < tags->n; i++) {
		if (i)
			buf_append_char(out, '\n');
		buf_append_str(out, tags->items[i]);
	}
}

void tags_decode(const char *bytes, size_t len, struct string_list *tags)
{
	for (size_t at = 0; at < len;) {
		const char *end = memchr(bytes + at, '\n', len - at);
		size_t n = end ? (size_t)(end - (bytes + at)) : len - at;
		auto_free char *tag = mem_dup_bytes(bytes + at, n);

		string_list_add(tags, tag);
		at += n + 1;
	}
}

/* ---- making the stored sources those of the configuration ---- */

struct sync {
	struct store *store;
	int64_t now_ms;
	struct store_sync counts;
	int64_t *ids; /* of the sources that stay */
	size_t n_ids;
};

static const char insert_source[] =
	"INSERT INTO source (uid, url, name, title, tags, priority, update_policy, poll_min_ms, poll_max_ms, next_due_ms)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static const char update_source[] =
	"UPDATE source SET name = ?, title = ?, tags = ?, priority = ?, update_policy = ?, poll_min_ms = ?, poll_max_ms = ?,"
	" retired = 0, next_due_ms = min(next_due_ms, ?) WHERE id = ?";

static int add_source(struct sync *sync, const struct source_spec *spec, const char *tags, int64_t due_ms, struct err *err)
{
	struct db *db = &sync->store->db;
	char uid[ID_BYTES];
	int rc;

	id_of_source(spec->url, uid);
	rc = stmt_run(db, insert_source, err, "sssssiiiii", uid, spec->url, spec->name, spec->title, tags, spec->priority,
	              (int64_t)spec->update, spec->poll_min_ms, spec->poll_max_ms, due_ms);
	if (rc == 0) {
		sync->counts.added++;
		sync->ids[sync->n_ids++] = sqlite3_last_insert_rowid(db->handle);
	}
	return rc;
}

static bool same_text(const char *stored, const char *wanted)
{
	return stored && wanted ? strcmp(stored, wanted) == 0 : stored == wanted;
}

/* Reads the row and says whether it is as wanted already, so that an unchanged configuration writes nothing. */
static bool is_current(sqlite3_stmt *row, const struct source_spec *spec, const char *tags)
{
	return same_text((const char *)sqlite3_column_text(row, 2), spec->name) &&
	       same_text((const char *)sqlite3_column_text(row, 3), spec->title) &&
	       same_text((const char *)sqlite3_column_text(row, 4), tags) && sqlite3_column_int64(row, 5) == spec->priority &&
	       sqlite3_column_int64(row, 6) == (int64_t)spec->update && sqlite3_column_int64(row, 7) == spec->poll_min_ms &&
	       sqlite3_column_int64(row, 8) == spec->poll_max_ms && !sqlite3_column_int(row, 1);
}

static int sync_one(struct sync *sync, const struct source_spec *spec, int64_t due_ms, struct err *err)
{
	static const char find[] = "SELECT id, retired, name, title, tags, priority, update_policy, poll_min_ms, poll_max_ms"
	                           " FROM source WHERE url = ?";
	struct db *db = &sync->store->db;
	struct buf tags = BUF_INIT(1 << 20);
	sqlite3_stmt *row = stmt_bind(db, find, err, "s", spec->url);
	bool current, retired;
	int64_t id;
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	tags_encode(&spec->tags, &tags);
	if (rc < 0)
		goto out;
	if (rc == 0) {
		rc = add_source(sync, spec, buf_str(&tags), due_ms, err);
		goto out;
	}
	id = sqlite3_column_int64(row, 0);
	retired = sqlite3_column_int(row, 1) != 0;
	current = is_current(row, spec, buf_str(&tags));
	stmt_done(row);
	sync->ids[sync->n_ids++] = id;
	rc = 0;
	if (!current) {
		/* A shorter poll.max pulls a far-off due time in; one that comes back is due at once. */
		int64_t latest = retired ? due_ms : sync->now_ms + spec->poll_max_ms;

		rc = stmt_run(db, update_source, err, "sssiiiiii", spec->name, spec->title, buf_str(&tags), spec->priority,
		              (int64_t)spec->update, spec->poll_min_ms, spec->poll_max_ms, latest, id);
		sync->counts.revived += retired;
		sync->counts.changed += !retired;
	}
out:
	buf_done(&tags);
	return rc;
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int retire_missing(struct sync *sync, struct err *err)
{
	static const char list[] = "SELECT id FROM source WHERE retired = 0";
	static const char retire[] = "UPDATE source SET retired = 1, claimed_until_ms = 0 WHERE id = ?";
	struct db *db = &sync->store->db;
	int64_t *missing = NULL;
	size_t n = 0, capacity = 0;
	sqlite3_stmt *row = stmt_bind(db, list, err, "");
	int rc = row ? 1 : ERR_IO;

	qsort(sync->ids, sync->n_ids, sizeof(sync->ids[0]), compare_ids);
	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1) {
		int64_t id = sqlite3_column_int64(row, 0);

		if (bsearch(&id, sync->ids, sync->n_ids, sizeof(id), compare_ids))
			continue;
		if (n == capacity)
			missing = mem_resize_array(missing, capacity = capacity ? 2 * capacity : 64, sizeof(missing[0]));
		missing[n++] = id;
	}
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = stmt_run(db, retire, err, "i", missing[i]);
	sync->counts.retired = n;
	mem_free(missing);
	return rc;
}

int store_sync_sources(struct store *s, const struct source_spec *specs, size_t n, int64_t now_ms, int64_t spread_ms,
                       struct store_sync *ret, struct err *err)
{
	struct sync sync = {.store = s, .now_ms = now_ms, .ids = mem_new_array(int64_t, n + 1)};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = sync_one(&sync, &specs[i], now_ms + (int64_t)((double)spread_ms * (double)i / (double)n), err);
	if (rc == 0)
		rc = retire_missing(&sync, err);
	if (rc == 0)
		*ret = sync.counts;
	mem_free(sync.ids);
	return rc;
}

/* ---- claims ---- */

void source_task_done(struct source_task *t)
{
	mem_free(t->name);
	mem_free(t->url);
	mem_free(t->validators_url);
	mem_free(t->etag);
	mem_free(t->last_modified);
	*t = (struct source_task){0};
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

static void read_task(sqlite3_stmt *row, struct source_task *t)
{
	const void *digest = sqlite3_column_blob(row, 9);

	t->source_id = sqlite3_column_int64(row, 0);
	t->name = column_str(row, 1);
	t->url = column_str(row, 2);
	t->due_ms = sqlite3_column_int64(row, 3);
	t->poll_min_ms = sqlite3_column_int64(row, 4);
	t->poll_max_ms = sqlite3_column_int64(row, 5);
	t->validators_url = column_str(row, 6);
	t->etag = column_str(row, 7);
	t->last_modified = column_str(row, 8);
	if (digest && sqlite3_column_bytes(row, 9) == DIGEST_BYTES) {
		memcpy(t->body_digest.bytes, digest, DIGEST_BYTES);
		t->has_body_digest = true;
	}
	read_learned(row, 10, t);
}

int store_claim_due(struct store *s, int64_t now_ms, int64_t lease_ms, size_t max, struct source_task **ret, size_t *ret_n, struct err *err)
{
	static const char due[] =
		"SELECT id, name, url, next_due_ms, poll_min_ms, poll_max_ms, validators_url, etag, last_modified, body_digest,"
		" learned FROM source WHERE retired = 0 AND next_due_ms <= ? AND claimed_until_ms <= ? ORDER BY next_due_ms LIMIT ?";
	static const char claim[] = "UPDATE source SET claimed_until_ms = ?, claimed_ms = ? WHERE id = ?";
	struct source_task *tasks = mem_new_array(struct source_task, max + 1);
	size_t n = 0;
	sqlite3_stmt *row = stmt_bind(&s->db, due, err, "iii", now_ms, now_ms, (int64_t)max);
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(&s->db, row, err)) == 1)
		read_task(row, &tasks[n++]);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = stmt_run(&s->db, claim, err, "iii", now_ms + lease_ms, now_ms, tasks[i].source_id);
	if (rc < 0) {
		for (size_t i = 0; i < n; i++)
			source_task_done(&tasks[i]);
		mem_free(tasks);
		return rc;
	}
	*ret = tasks;
	*ret_n = n;
	return 0;
}

int store_next_due(struct store *s, int64_t *ret_ms, struct err *err)
{
	static const char next[] = "SELECT next_due_ms FROM source WHERE retired = 0 AND claimed_until_ms = 0 ORDER BY next_due_ms LIMIT 1";

	return stmt_int(&s->db, ret_ms, INT64_MAX, next, err, "");
}

int store_unclaim(struct store *s, int64_t source_id, int64_t due_ms, struct err *err)
{
	static const char unclaim[] = "UPDATE source SET claimed_until_ms = 0, next_due_ms = ? WHERE id = ?";
	int rc = stmt_run(&s->db, unclaim, err, "ii", due_ms, source_id);

	if (rc == 0 && sqlite3_changes(s->db.handle) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such source");
	return rc;
}

int store_make_due(struct store *s, const char *name, int64_t now_ms, struct err *err)
{
	static const char make_due[] = "UPDATE source SET next_due_ms = min(next_due_ms, ?) WHERE name = ? AND retired = 0";
	int rc = stmt_run(&s->db, make_due, err, "is", now_ms, name);

	if (rc == 0 && sqlite3_changes(s->db.handle) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no source named '%s'; syndicatectl sources lists them", name);
	return rc;
}
