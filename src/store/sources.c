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

/* Rows of a large import go to all places of six indexes: with the usual cache each page would be written many times over. */
enum { MANY_SOURCES = 50000, MANY_CACHE_KIB = 262144 };

struct sync {
	struct store *store;
	const struct store_sync_rules *rules;
	int64_t now_ms, due_ms; /* schedule's clock */
	struct store_sync counts;
	int64_t *ids; /* of the sources that stay */
	size_t n_ids;
	const struct source_spec *specs;
	size_t n_specs;
	/* of the source before: neighbours in a configuration often share their host */
	char host[STORE_HOST_BYTES];
	int64_t host_id;
};

static const char insert_source[] =
	"INSERT INTO source (uid, url, name, title, tags, priority, update_policy, poll_min_ms, poll_max_ms, own_poll_min,"
	" ignores_hints, identity)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static const char insert_schedule[] = "INSERT INTO schedule (source_id, host_id, next_due_ms, worth) VALUES (?, ?, ?, ?)";

static const char update_source[] =
	"UPDATE source SET name = ?, title = ?, tags = ?, priority = ?, update_policy = ?, poll_min_ms = ?, poll_max_ms = ?,"
	" own_poll_min = ?, ignores_hints = ?, identity = ?, retired = 0 WHERE id = ?";

static const char move_source[] = "UPDATE schedule SET host_id = ?, home_id = NULL, trail = NULL, trail_ms = NULL WHERE source_id = ?";

static int find_host(struct sync *sync, const char *url, struct err *err)
{
	char name[STORE_HOST_BYTES];
	int rc;

	sync->rules->host_of(url, name, sync->rules->ctx);
	if (strcmp(name, sync->host) == 0 && sync->host_id)
		return 0;
	rc = host_get(&sync->store->db, name, &sync->host_id, err);
	if (rc == 0)
		memcpy(sync->host, name, sizeof(name));
	return rc;
}

/* The uid comes from the first URL. One that moved away keeps its own; who takes the old address gets another. */
static int make_uid(struct db *db, const char *url, char uid[ID_BYTES], struct err *err)
{
	auto_free char *text = mem_dup_str(url);
	int64_t taken = 0;
	int rc;

	do {
		id_of_source(text, uid);
		rc = stmt_int(db, &taken, 0, "SELECT id FROM source WHERE uid = ?", err, "s", uid);
		if (rc == 0 && taken) {
			char *longer = mem_printf("%s again", text);

			mem_free(text);
			text = longer;
		}
	} while (rc == 0 && taken);
	return rc;
}

static int add_source(struct sync *sync, const struct source_spec *spec, const char *tags, struct err *err)
{
	struct db *db = &sync->store->db;
	char uid[ID_BYTES];
	int64_t id;
	int rc = make_uid(db, spec->url, uid, err);

	if (rc == 0)
		rc = stmt_run(db, insert_source, err, "sssssiiiiiii", uid, spec->url, spec->name, spec->title, tags, spec->priority,
		              (int64_t)spec->update, spec->poll_min_ms, spec->poll_max_ms, (int64_t)spec->poll_min_is_own,
		              (int64_t)spec->ignores_hints, (int64_t)spec->identity);
	id = sqlite3_last_insert_rowid(db->handle);
	if (rc == 0)
		rc = stmt_run(db, insert_schedule, err, "iiii", id, sync->host_id, sync->due_ms, (int64_t)WORTH_UNKNOWN);
	if (rc == 0) {
		sync->counts.added++;
		sync->ids[sync->n_ids++] = id;
		if (sync->rules->changed)
			sync->rules->changed(NULL, spec, sync->rules->ctx);
		rc = host_refresh(db, sync->host_id, sync->now_ms, err);
	}
	return rc;
}

static bool same_text(const char *stored, const char *wanted)
{
	return stored && wanted ? strcmp(stored, wanted) == 0 : stored == wanted;
}

#define SPEC_COLUMNS                                                                                                     \
	"id, retired, name, title, tags, priority, update_policy, poll_min_ms, poll_max_ms, host_id," \
	" EXISTS (SELECT 1 FROM claim c WHERE c.source_id = source.id), url, poll_url," \
	" own_poll_min, ignores_hints, identity, coalesce(home_id, host_id)"
#define SPEC_ROWS "source CROSS JOIN schedule ON source_id = id"
enum { COLUMN_HOST = 9, COLUMN_CLAIMED, COLUMN_URL, COLUMN_POLL_URL, COLUMN_OWN_MIN, COLUMN_IGNORES_HINTS, COLUMN_IDENTITY, COLUMN_HOME };

/* Reads the row and says whether it is as wanted already, so that an unchanged configuration writes nothing. */
static bool is_current(sqlite3_stmt *row, const struct source_spec *spec, const char *tags, int64_t host_id)
{
	return same_text((const char *)sqlite3_column_text(row, 2), spec->name) &&
	       same_text((const char *)sqlite3_column_text(row, 3), spec->title) &&
	       same_text((const char *)sqlite3_column_text(row, 4), tags) && sqlite3_column_int64(row, 5) == spec->priority &&
	       sqlite3_column_int64(row, 6) == (int64_t)spec->update && sqlite3_column_int64(row, 7) == spec->poll_min_ms &&
	       sqlite3_column_int64(row, 8) == spec->poll_max_ms && sqlite3_column_int64(row, COLUMN_HOME) == host_id &&
	       sqlite3_column_int(row, COLUMN_OWN_MIN) == spec->poll_min_is_own &&
	       sqlite3_column_int(row, COLUMN_IGNORES_HINTS) == spec->ignores_hints &&
	       sqlite3_column_int64(row, COLUMN_IDENTITY) == (int64_t)spec->identity &&
	       !sqlite3_column_int(row, 1);
}

/* What is stored, as the configuration would have said it; ended with stored_done(). */
static void read_stored(sqlite3_stmt *row, struct source_spec *ret)
{
	*ret = (struct source_spec){
		.url = column_str(row, COLUMN_URL),
		.name = column_str(row, 2),
		.title = column_str(row, 3),
		.priority = sqlite3_column_int64(row, 5),
		.update = (enum update_policy)sqlite3_column_int(row, 6),
		.poll_min_ms = sqlite3_column_int64(row, 7),
		.poll_max_ms = sqlite3_column_int64(row, 8),
		.poll_min_is_own = sqlite3_column_int(row, COLUMN_OWN_MIN) != 0,
		.ignores_hints = sqlite3_column_int(row, COLUMN_IGNORES_HINTS) != 0,
		.identity = (enum identity_rule)sqlite3_column_int(row, COLUMN_IDENTITY),
	};
	tags_decode((const char *)sqlite3_column_text(row, 4), (size_t)sqlite3_column_bytes(row, 4), &ret->tags);
}

static void stored_done(struct source_spec *s)
{
	mem_free(s->url);
	mem_free(s->name);
	mem_free(s->title);
	string_list_done(&s->tags);
}

struct stored_source {
	int64_t id, host_id, home_id;
	bool retired, claimed;
	struct source_spec spec;
};

/* A look that was on its way there is forgotten. */
static int move_to_host(struct sync *sync, const struct stored_source *old, struct err *err)
{
	struct db *db = &sync->store->db;
	int rc = stmt_run(db, move_source, err, "ii", sync->host_id, old->id);

	if (rc < 0 || !old->claimed || old->host_id == sync->host_id)
		return rc;
	return host_move_claim(db, old->host_id, sync->host_id, sync->now_ms, err);
}

static int change_source(struct sync *sync, const struct stored_source *old, const struct source_spec *spec, const char *tags,
                         struct err *err)
{
	struct db *db = &sync->store->db;
	const struct due_edit edit = {&old->spec, spec, old->retired, sync->now_ms, sync->due_ms};
	int rc = stmt_run(db, update_source, err, "sssiiiiiiii", spec->name, spec->title, tags, spec->priority, (int64_t)spec->update,
	                  spec->poll_min_ms, spec->poll_max_ms, (int64_t)spec->poll_min_is_own, (int64_t)spec->ignores_hints, (int64_t)spec->identity, old->id);

	if (rc == 0)
		rc = due_by_edit(db, old->id, &edit, err);
	sync->counts.revived += old->retired;
	sync->counts.changed += !old->retired;
	if (sync->rules->changed)
		sync->rules->changed(old->retired ? NULL : &old->spec, spec, sync->rules->ctx);
	if (rc == 0 && old->home_id != sync->host_id)
		rc = move_to_host(sync, old, err);
	if (rc == 0 && old->host_id != sync->host_id)
		rc = host_refresh(db, old->host_id, sync->now_ms, err);
	return rc < 0 ? rc : host_refresh(db, sync->host_id, sync->now_ms, err);
}

static int sync_row(struct sync *sync, sqlite3_stmt *row, const struct source_spec *spec, const char *tags, struct err *err)
{
	struct stored_source old = {
		.id = sqlite3_column_int64(row, 0),
		.retired = sqlite3_column_int(row, 1) != 0,
		.host_id = sqlite3_column_int64(row, COLUMN_HOST),
		.home_id = sqlite3_column_int64(row, COLUMN_HOME),
		.claimed = sqlite3_column_int(row, COLUMN_CLAIMED) != 0,
	};
	const char *moved_to = (const char *)sqlite3_column_text(row, COLUMN_POLL_URL);
	int rc = moved_to ? find_host(sync, moved_to, err) : 0;
	bool current = is_current(row, spec, tags, sync->host_id);

	sync->ids[sync->n_ids++] = old.id;
	if (!current)
		read_stored(row, &old.spec);
	stmt_done(row);
	if (rc == 0 && !current)
		rc = change_source(sync, &old, spec, tags, err);
	stored_done(&old.spec);
	return rc;
}

static bool is_configured(const struct sync *sync, const char *url)
{
	for (size_t i = 0; i < sync->n_specs; i++)
		if (strcmp(sync->specs[i].url, url) == 0)
			return true;
	return false;
}

/* The active source that is polled at this URL because it moved there; 0: none. */
static int find_moved(struct db *db, const char *url, int64_t *ret_id, char **ret_old_url, struct err *err)
{
	static const char find[] = "SELECT id, url FROM source WHERE poll_url = ? AND joined_id IS NULL AND retired = 0 LIMIT 1";
	sqlite3_stmt *row = stmt_bind(db, find, err, "s", url);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	*ret_id = 0;
	if (rc <= 0)
		return rc;
	*ret_id = sqlite3_column_int64(row, 0);
	*ret_old_url = column_str(row, 1);
	stmt_done(row);
	return 0;
}

/*
 * A URL that no source has yet. Where a source that moved is polled already, the operator has done as he was told: it is
 * that source. With the old URL still in the file there are two, and the old one joins the new.
 */
static int take_new(struct sync *sync, const struct source_spec *spec, const char *tags, bool *ret_again, struct err *err)
{
	static const char rename[] = "UPDATE source SET url = ?, poll_url = NULL WHERE id = ?";
	struct db *db = &sync->store->db;
	auto_free char *old_url = NULL;
	int64_t moved;
	int rc = find_moved(db, spec->url, &moved, &old_url, err);

	if (rc < 0)
		return rc;
	if (moved && !is_configured(sync, old_url)) {
		*ret_again = true;
		return stmt_run(db, rename, err, "si", spec->url, moved);
	}
	rc = add_source(sync, spec, tags, err);
	return rc < 0 || !moved ? rc : join_moved(db, moved, sync->ids[sync->n_ids - 1], sync->now_ms, err);
}

static int sync_one(struct sync *sync, const struct source_spec *spec, struct err *err)
{
	static const char find[] = "SELECT " SPEC_COLUMNS " FROM " SPEC_ROWS " WHERE url = ?";
	struct db *db = &sync->store->db;
	struct buf tags = BUF_INIT(1 << 20);
	int rc = find_host(sync, spec->url, err);
	sqlite3_stmt *row = rc == 0 ? stmt_bind(db, find, err, "s", spec->url) : NULL;

	bool again = false;

	rc = row ? stmt_step(db, row, err) : ERR_IO;
	tags_encode(&spec->tags, &tags);
	if (rc == 0)
		rc = take_new(sync, spec, buf_str(&tags), &again, err);
	else if (rc > 0)
		rc = sync_row(sync, row, spec, buf_str(&tags), err);
	buf_done(&tags);
	return rc < 0 || !again ? rc : sync_one(sync, spec, err);
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int retire(struct sync *sync, int64_t id, struct err *err)
{
	static const char find[] = "SELECT " SPEC_COLUMNS " FROM " SPEC_ROWS " WHERE id = ?";
	static const char set[] = "UPDATE source SET retired = 1 WHERE id = ?";
	static const char leave[] = "UPDATE schedule SET host_id = NULL, home_id = NULL, trail = NULL, trail_ms = NULL, asked_ms = max(asked_ms,"
	                            " ? + coalesce((SELECT c.claimed_ms FROM claim c WHERE c.source_id = schedule.source_id), trail_ms, asked_ms - ?1))"
	                            " WHERE source_id = ?";
	struct db *db = &sync->store->db;
	struct source_spec old = {0};
	int64_t host_id = 0;
	bool claimed = false;
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", id);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	if (rc < 0)
		return rc;
	if (rc == 1) {
		host_id = sqlite3_column_int64(row, COLUMN_HOST);
		read_stored(row, &old);
		stmt_done(row);
	}
	rc = stmt_run(db, set, err, "i", id);
	if (rc == 0)
		rc = stmt_run(db, leave, err, "ii", (int64_t)START_WITHIN_MS, id);
	if (rc == 0)
		rc = claim_drop(db, id, &claimed, err);
	if (rc == 0)
		rc = claim_end(db, host_id, claimed, NULL, sync->now_ms, err);
	if (rc == 0 && sync->rules->changed)
		sync->rules->changed(&old, NULL, sync->rules->ctx);
	stored_done(&old);
	return rc;
}

static int retire_missing(struct sync *sync, struct err *err)
{
	static const char list[] = "SELECT id FROM source WHERE retired = 0";
	struct db *db = &sync->store->db;
	int64_t *missing = NULL;
	size_t n = 0, capacity = 0;
	sqlite3_stmt *row = stmt_bind(db, list, err, "");
	int rc = row ? 1 : ERR_IO;

	if (sync->n_ids)
		qsort(sync->ids, sync->n_ids, sizeof(sync->ids[0]), compare_ids);
	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1) {
		int64_t id = sqlite3_column_int64(row, 0);

		if (sync->n_ids && bsearch(&id, sync->ids, sync->n_ids, sizeof(id), compare_ids))
			continue;
		if (n == capacity)
			missing = mem_resize_array(missing, capacity = capacity ? 2 * capacity : 64, sizeof(missing[0]));
		missing[n++] = id;
	}
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = retire(sync, missing[i], err);
	sync->counts.retired = n;
	mem_free(missing);
	return rc;
}

/* What the configuration was when the stored sources became its own; with the sources, in their transaction. */
static int remember_config(struct sync *sync, const struct fingerprint *config, size_t n, struct err *err)
{
	static const char set_config[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('config', ?)";
	static const char set_sources[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('config-sources', ?)";
	struct db *db = &sync->store->db;
	int rc = stmt_run(db, set_config, err, "b", config ? config->bytes : NULL, sizeof(config->bytes));

	return rc < 0 ? rc : stmt_run(db, set_sources, err, "i", (int64_t)n);
}

static bool config_is(struct db *db, const struct fingerprint *config)
{
	static const char get[] = "SELECT value FROM fact WHERE name = 'config'";
	struct err err = {0};
	sqlite3_stmt *row = stmt_bind(db, get, &err, "");
	bool same = false;

	if (row && stmt_step(db, row, &err) == 1) {
		const void *stored = sqlite3_column_blob(row, 0);

		same = stored && sqlite3_column_bytes(row, 0) == FINGERPRINT_BYTES && memcmp(stored, config->bytes, FINGERPRINT_BYTES) == 0;
		stmt_done(row);
	}
	return same;
}

bool store_knows_config(const char *state_dir, const struct fingerprint *config, size_t *ret_sources)
{
	static const char count[] = "SELECT value FROM fact WHERE name = 'config-sources'";
	struct err err = {0};
	struct store_reader *r = store_reader_open(state_dir, &err);
	int64_t n = 0;
	bool known;

	if (!r)
		return false;
	known = config_is(&r->db, config) && stmt_int(&r->db, &n, 0, count, &err, "") == 0;
	*ret_sources = (size_t)n;
	store_reader_close(r);
	return known;
}

int store_sync_sources(struct store *s, const struct source_spec *specs, size_t n, const struct store_sync_rules *rules,
                       struct store_sync *ret, struct err *err)
{
	struct sync sync = {
		.store = s,
		.rules = rules,
		.now_ms = schedule_time(&s->db, rules->now_ms),
		.due_ms = schedule_time(&s->db, rules->due_ms),
		.ids = mem_new_array(int64_t, n + 1),
		.specs = specs,
		.n_specs = n,
	};
	bool many = n > MANY_SOURCES;
	int rc = many ? db_set_cache(&s->db, MANY_CACHE_KIB, err) : 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = sync_one(&sync, &specs[i], err);
	if (rc == 0)
		rc = retire_missing(&sync, err);
	if (rc == 0)
		rc = remember_config(&sync, rules->config, n, err);
	if (rc == 0)
		rc = part_from_retired(&s->db, sync.now_ms, err);
	if (rc == 0)
		*ret = sync.counts;
	if (rc == 0 && many)
		rc = db_set_cache(&s->db, STORE_CACHE_KIB, err);
	mem_free(sync.ids);
	return rc;
}
