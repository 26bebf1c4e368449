/* What readers ask for: events behind a cursor, items, counts. Each call is one read transaction. */
#include "store_internal.h"

#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/model/ids.h"

int begin_read(struct db *db, struct err *err)
{
	int rc = db_exec(db, "BEGIN", err);

	if (rc < 0)
		return rc;
	rc = clock_load(db, err);
	if (rc < 0)
		end_read(db);
	return rc;
}

void end_read(struct db *db)
{
	(void)sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL);
}

int read_last_seq(struct db *db, int64_t *ret, struct err *err)
{
	return stmt_int(db, ret, 0, "SELECT seq FROM sqlite_sequence WHERE name = 'event'", err, "");
}

/* ---- events ---- */

#define EVENT_COLUMNS "e.seq, e.number, e.type, e.time_ms, e.initial_rank, s.uid, e.story_items, e.source_id, e.report, " ITEM_COLUMNS
enum { EVENT_COLUMN_COUNT = 9 };

static int read_report(struct db *db, sqlite3_stmt *row, struct source_set *set, struct event_view *e, struct err *err)
{
	const void *report = sqlite3_column_blob(row, 8);

	e->source = source_set_get(db, set, sqlite3_column_int64(row, 7), err);
	if (e->source && source_report_decode(report, (size_t)sqlite3_column_bytes(row, 8), &e->report) == 0)
		return 0;
	return err_set(err, ERR_CORRUPT, "the database %s is damaged: an event about a source makes no sense", db->path);
}

static int add_event(struct db *db, sqlite3_stmt *row, struct event_list *list, struct source_set *set, struct err *err)
{
	struct event_view e = {
		.seq = sqlite3_column_int64(row, 0),
		.type = (enum event_type)sqlite3_column_int(row, 2),
		.time_ms = sqlite3_column_int64(row, 3),
		.initial_rank = sqlite3_column_int64(row, 4),
		.story_items = sqlite3_column_int64(row, 6),
	};
	bool is_of_item = sqlite3_column_type(row, 7) == SQLITE_NULL;
	char id[ID_BYTES];
	int rc = is_of_item ? item_from_row(db, row, EVENT_COLUMN_COUNT, set, &e.item, err) : read_report(db, row, set, &e, err);

	if (rc < 0)
		return rc;
	if (is_of_item)
		e.source = e.item.source;
	id_of_event(event_type_name(e.type), is_of_item ? e.item.uid : e.source->uid, sqlite3_column_int64(row, 1), id);
	e.id = mem_dup_str(id);
	e.story_uid = column_story_uid(row, 5);
	list->events = mem_resize_array(list->events, list->n + 1, sizeof(list->events[0]));
	list->events[list->n++] = e;
	list->last_seq = e.seq;
	return 0;
}

static int walk_events(struct db *db, sqlite3_stmt *row, struct event_list *list, struct source_set *set, struct err *err)
{
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1) {
		int failed = add_event(db, row, list, set, err);

		if (failed < 0) {
			stmt_done(row);
			return failed;
		}
	}
	return rc;
}

#define EVENT_TABLES " FROM event e LEFT JOIN item i ON i.id = e.item_id LEFT JOIN story s ON s.id = i.story_id"

int store_read_events(struct store_reader *r, int64_t after_seq, size_t limit, struct event_list **ret, struct err *err)
{
	static const char find[] = "SELECT " EVENT_COLUMNS EVENT_TABLES " WHERE e.seq > ? ORDER BY e.seq LIMIT ?";
	struct event_list *list = mem_new(struct event_list);
	struct source_set set = {0};
	int64_t end = after_seq;
	int rc = begin_read(&r->db, err);

	list->last_seq = after_seq;
	if (rc == 0)
		rc = read_last_seq(&r->db, &end, err);
	if (rc == 0)
		rc = walk_events(&r->db, stmt_bind(&r->db, find, err, "ii", after_seq, (int64_t)limit), list, &set, err);
	end_read(&r->db);
	/* Fewer than asked for: the rest up to the end was purged, and the cursor may pass it. */
	if (rc == 0 && list->n < limit && end > list->last_seq)
		list->last_seq = end;
	list->sources = set.items;
	list->n_sources = set.n;
	if (rc < 0)
		event_list_free(list);
	else
		*ret = list;
	return rc;
}

int read_events_of_source(struct db *db, int64_t source_id, size_t limit, struct event_list **ret, struct err *err)
{
	static const char find[] = "SELECT " EVENT_COLUMNS EVENT_TABLES " WHERE e.source_id = ? ORDER BY e.number DESC LIMIT ?";
	struct event_list *list = mem_new(struct event_list);
	struct source_set set = {0};
	int rc = walk_events(db, stmt_bind(db, find, err, "ii", source_id, (int64_t)limit), list, &set, err);

	list->sources = set.items;
	list->n_sources = set.n;
	if (rc < 0)
		event_list_free(list);
	else
		*ret = list;
	return rc;
}

/* ---- items ---- */

static int walk_items(struct db *db, sqlite3_stmt *row, struct item_list *list, struct source_set *set, struct err *err)
{
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1) {
		struct item_view v;
		int failed = item_from_row(db, row, 0, set, &v, err);

		if (failed < 0) {
			stmt_done(row);
			return failed;
		}
		list->items = mem_resize_array(list->items, list->n + 1, sizeof(list->items[0]));
		list->items[list->n++] = v;
	}
	return rc;
}

int read_items_by_id(struct db *db, const int64_t *ids, size_t n, struct item_list **ret, struct err *err)
{
	static const char find[] = "SELECT " ITEM_COLUMNS " FROM item i WHERE i.id = ?";
	struct item_list *list = mem_new(struct item_list);
	struct source_set set = {0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = walk_items(db, stmt_bind(db, find, err, "i", ids[i]), list, &set, err);
	list->sources = set.items;
	list->n_sources = set.n;
	if (rc < 0)
		item_list_free(list);
	else
		*ret = list;
	return rc;
}

static int find_source(struct db *db, const char *name, int64_t *ret, struct err *err)
{
	int rc = stmt_int(db, ret, 0, "SELECT id FROM source WHERE name = ? AND retired = 0", err, "s", name);

	if (rc == 0 && *ret == 0)
		return no_such_source(db, name, err);
	return rc;
}

int store_read_items(struct store_reader *r, const char *source_name, size_t limit, struct item_list **ret, struct err *err)
{
	static const char of_all[] = "SELECT " ITEM_COLUMNS " FROM item i ORDER BY i.id DESC LIMIT ?";
	/* Their ids come from the keys alone. */
	static const char of_one[] =
		"SELECT " ITEM_COLUMNS " FROM item i WHERE i.id IN (SELECT item_id FROM item_key WHERE source_id = ?2 ORDER BY item_id DESC LIMIT ?1)"
		" ORDER BY i.id DESC";
	struct item_list *list = mem_new(struct item_list);
	struct source_set set = {0};
	int64_t source_id = 0;
	int rc = begin_read(&r->db, err);

	if (rc == 0 && source_name)
		rc = find_source(&r->db, source_name, &source_id, err);
	if (rc == 0 && source_name)
		rc = walk_items(&r->db, stmt_bind(&r->db, of_one, err, "ii", (int64_t)limit, source_id), list, &set, err);
	else if (rc == 0)
		rc = walk_items(&r->db, stmt_bind(&r->db, of_all, err, "i", (int64_t)limit), list, &set, err);
	end_read(&r->db);
	list->sources = set.items;
	list->n_sources = set.n;
	if (rc < 0)
		item_list_free(list);
	else
		*ret = list;
	return rc;
}

/* ---- counts ---- */

int store_read_counts(struct store_reader *r, struct store_counts *ret, struct err *err)
{
	struct store_counts c = {0};
	struct db *db = &r->db;
	int rc = stmt_int(db, &c.sources, 0, "SELECT count(*) FROM source WHERE retired = 0", err, "");

	if (rc == 0)
		rc = stmt_int(db, &c.sources_failing, 0, "SELECT count(*) FROM source WHERE retired = 0 AND state > 0", err, "");
	if (rc == 0)
		rc = stmt_int(db, &c.items, 0, "SELECT count(*) FROM item", err, "");
	if (rc == 0)
		rc = stmt_int(db, &c.stories, 0, "SELECT count(*) FROM story", err, "");
	if (rc == 0)
		rc = read_last_seq(db, &c.last_seq, err);
	if (rc == 0)
		rc = stmt_int(db, &c.database_bytes, 0, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", err, "");
	if (rc == 0)
		*ret = c;
	return rc;
}

static void read_webhook(sqlite3_stmt *row, struct webhook_view *w)
{
	w->name = column_str(row, 0);
	w->cursor = sqlite3_column_int64(row, 1);
	w->last_attempt_ms = column_time(row, 2);
	w->last_success_ms = column_time(row, 3);
	w->last_status = sqlite3_column_int(row, 4);
	w->last_message = column_str(row, 5);
	w->pending = sqlite3_column_int64(row, 6);
	w->dead = sqlite3_column_int64(row, 7);
	w->next_ms = sqlite3_column_type(row, 8) == SQLITE_NULL ? INT64_MAX : sqlite3_column_int64(row, 8);
}

int store_read_webhooks(struct store_reader *r, struct webhook_view **ret, size_t *ret_n, struct err *err)
{
	static const char all[] =
		"SELECT w.name, w.cursor, w.last_attempt_ms, w.last_success_ms, w.last_status, w.last_message,"
		" (SELECT count(*) FROM delivery d WHERE d.webhook = w.name AND d.dead = 0),"
		" (SELECT count(*) FROM delivery d WHERE d.webhook = w.name AND d.dead = 1),"
		" (SELECT min(next_ms) FROM delivery d WHERE d.webhook = w.name AND d.dead = 0) FROM webhook w ORDER BY w.name";
	struct webhook_view *views = NULL;
	size_t n = 0;
	sqlite3_stmt *row = stmt_bind(&r->db, all, err, "");
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(&r->db, row, err)) == 1) {
		views = mem_resize_array(views, n + 1, sizeof(views[0]));
		read_webhook(row, &views[n++]);
	}
	if (rc < 0) {
		webhook_views_free(views, n);
		return rc;
	}
	*ret = views;
	*ret_n = n;
	return 0;
}

void webhook_views_free(struct webhook_view *views, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		mem_free(views[i].name);
		mem_free(views[i].last_message);
	}
	mem_free(views);
}
