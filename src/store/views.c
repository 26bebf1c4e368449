/* Rows to views. */
#include "store_internal.h"

#include <string.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/model/ids.h"

static void decode_problems(const char *bytes, size_t len, struct problem_list *ret)
{
	struct unpack u = {.p = bytes, .len = len};
	uint32_t n = unpack_u32(&u);
	size_t total = (size_t)unpack_i64(&u);

	for (uint32_t i = 0; i < n && i < LIMIT_PROBLEMS && !u.error; i++) {
		auto_free char *code = unpack_str(&u);
		auto_free char *text = unpack_str(&u);
		uint32_t line = unpack_u32(&u);

		if (!u.error && code && text)
			problem_add(ret, code, line, "%s", text);
	}
	ret->total = total;
}

/* Due times are kept in the schedule's clock: clock.c. */
#define SOURCE_COLUMNS \
	"id, uid, name, url, coalesce(title, feed_title, name), site_url, feed_id, feed_author, tags, priority, feed_updated_ms," \
	" last_start_ms, last_success_ms," \
	" next_due_ms, interval_ms, due_reason, last_outcome, last_status, last_message, failures, polls," \
	" retired, problems, " HEALTH_COLUMNS ", (SELECT j.name FROM source j WHERE j.id = source.joined_id), n_items"
#define SOURCE_ROWS "source CROSS JOIN schedule ON source_id = id"

static void hide_userinfo(char **url)
{
	char *bare = text_without_userinfo(*url);

	mem_free(*url);
	*url = bare;
}

static struct source_view *source_from_row(const struct db *db, sqlite3_stmt *row)
{
	struct source_view *v = mem_new(struct source_view);
	const char *outcome = (const char *)sqlite3_column_text(row, 16);
	const char *tags = (const char *)sqlite3_column_text(row, 8);
	const void *problems;

	v->id = sqlite3_column_int64(row, 0);
	v->uid = column_str(row, 1);
	v->name = column_str(row, 2);
	v->url = text_without_userinfo((const char *)sqlite3_column_text(row, 3)); /* credentials stay in the store */
	v->title = column_str(row, 4);
	v->site_url = column_str(row, 5);
	v->feed_id = column_str(row, 6);
	v->author = column_str(row, 7);
	tags_decode(tags ? tags : "", (size_t)sqlite3_column_bytes(row, 8), &v->tags);
	v->priority = sqlite3_column_int64(row, 9);
	v->feed_updated_ms = column_time(row, 10);
	v->last_start_ms = column_time(row, 11);
	v->last_success_ms = column_time(row, 12);
	v->next_due_ms = wall_time(db, sqlite3_column_int64(row, 13));
	if (v->next_due_ms > NEVER_DUE_MS / 2) /* the clock was set meanwhile */
		v->next_due_ms = NEVER_DUE_MS;
	v->interval_ms = sqlite3_column_int64(row, 14);
	v->due_reason = column_str(row, 15);
	if (!outcome || !poll_outcome_parse(outcome, &v->last_outcome))
		v->last_outcome = POLL_OK;
	v->last_status = sqlite3_column_int(row, 17);
	v->last_message = column_str(row, 18);
	v->failures = sqlite3_column_int64(row, 19);
	v->polls = sqlite3_column_int64(row, 20);
	v->retired = sqlite3_column_int(row, 21) != 0;
	health_from_row(db, row, 23, &v->health);
	hide_userinfo(&v->health.moving_to);
	hide_userinfo(&v->health.poll_url);
	v->joined = column_str(row, 23 + HEALTH_COLUMN_COUNT);
	v->items = sqlite3_column_int64(row, 24 + HEALTH_COLUMN_COUNT);
	problems = sqlite3_column_blob(row, 22);
	if (problems)
		decode_problems(problems, (size_t)sqlite3_column_bytes(row, 22), &v->problems);
	return v;
}

static void source_set_add(struct source_set *set, struct source_view *v)
{
	if ((set->n & (set->n - 1)) == 0)
		set->items = mem_resize_array(set->items, set->n ? 2 * set->n : 1, sizeof(set->items[0]));
	set->items[set->n++] = v;
}

/* Results hold few sources beside their items, and neighbours share them: a walk from the newest is enough. */
struct source_view *source_set_get(struct db *db, struct source_set *set, int64_t id, struct err *err)
{
	static const char find[] = "SELECT " SOURCE_COLUMNS " FROM " SOURCE_ROWS " WHERE id = ?";
	sqlite3_stmt *row;
	struct source_view *v;

	for (size_t i = set->n; i-- > 0;)
		if (set->items[i]->id == id)
			return set->items[i];
	row = stmt_bind(db, find, err, "i", id);
	if (!row || stmt_step(db, row, err) != 1)
		return NULL;
	v = source_from_row(db, row);
	stmt_done(row);
	source_set_add(set, v);
	return v;
}

void source_set_free(struct source_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		source_view_free(set->items[i]);
	mem_free(set->items);
	*set = (struct source_set){0};
}

/* '' stands for the other text. */
static char *column_str_or(sqlite3_stmt *row, int i, const char *other)
{
	const char *s = (const char *)sqlite3_column_text(row, i);

	return mem_dup_str(s && !*s ? other : s);
}

int item_from_row(struct db *db, sqlite3_stmt *row, int first, struct source_set *set, struct item_view *ret, struct err *err)
{
	struct item_view v = {0};
	const void *lists = sqlite3_column_blob(row, first + 15);
	char uid[ID_BYTES];
	int rc = 0;

	v.source = source_set_get(db, set, sqlite3_column_int64(row, first + 1), err);
	if (!v.source || !column_key(row, first + 16, &v.item.key) || sqlite3_column_int64(row, first + 17) >= ITEM_PLACED_COUNT)
		return err_set(err, ERR_CORRUPT, "the database %s is damaged: an item has no source or no key", db->path);
	id_of_item(v.source->uid, &v.item.key, uid);
	v.id = sqlite3_column_int64(row, first);
	v.uid = mem_dup_str(uid);
	v.story_id = sqlite3_column_int64(row, first + 2);
	v.first_seen_ms = sqlite3_column_int64(row, first + 3);
	v.revision = sqlite3_column_int64(row, first + 4);
	v.placed = (enum item_placed)sqlite3_column_int(row, first + 17);
	v.likeness_permille = sqlite3_column_int64(row, first + 18);
	v.item.link = column_str(row, first + 5);
	v.item.guid = column_str_or(row, first + 6, v.item.link);
	v.item.canonical_url = column_str_or(row, first + 7, v.item.link);
	v.item.title = column_str(row, first + 8);
	v.item.published_ms = column_time(row, first + 9);
	v.item.updated_ms = column_time(row, first + 10);
	v.item.language = column_str(row, first + 11);
	v.item.comments_url = column_str(row, first + 12);
	v.item.thumbnail = column_str(row, first + 13);
	v.item.rights = column_str(row, first + 14);
	if (lists && item_details_decode(&v.item, lists, (size_t)sqlite3_column_bytes(row, first + 15)) < 0)
		rc = err_set(err, ERR_CORRUPT, "the database %s is damaged: an item's lists make no sense", db->path);
	if (rc == 0)
		rc = body_read(db, v.id, &v.item, err);
	if (rc < 0)
		item_view_done(&v);
	else
		*ret = v;
	return rc;
}

/* ---- sources ---- */

static int read_sources(struct store_reader *r, const char *sql, struct source_list **ret, struct err *err)
{
	struct source_set set = {0};
	sqlite3_stmt *row;
	int rc = begin_read(&r->db, err);

	if (rc < 0)
		return rc;
	row = stmt_bind(&r->db, sql, err, "");
	rc = row ? 1 : ERR_IO;
	while (rc == 1 && (rc = stmt_step(&r->db, row, err)) == 1)
		source_set_add(&set, source_from_row(&r->db, row));
	end_read(&r->db);
	if (rc < 0) {
		source_set_free(&set);
		return rc;
	}
	*ret = mem_new(struct source_list);
	(*ret)->sources = set.items;
	(*ret)->n = set.n;
	return 0;
}

int store_read_sources(struct store_reader *r, struct source_list **ret, struct err *err)
{
	static const char all[] = "SELECT " SOURCE_COLUMNS " FROM " SOURCE_ROWS " WHERE retired = 0 ORDER BY name";

	return read_sources(r, all, ret, err);
}

int store_read_failing(struct store_reader *r, struct source_list **ret, struct err *err)
{
	static const char failing[] = "SELECT " SOURCE_COLUMNS " FROM " SOURCE_ROWS " WHERE retired = 0 AND state > 0 ORDER BY name";

	return read_sources(r, failing, ret, err);
}
