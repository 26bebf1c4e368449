/* What readers ask for: stories of a feed, events behind a cursor, items, counts. Each call is one read transaction. */
#include "store_internal.h"

#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/model/ids.h"

enum { SCAN_MAX = 50000 }; /* items looked at for one feed: a rare tag in a large store ends there */

int begin_read(struct db *db, struct err *err)
{
	return db_exec(db, "BEGIN", err);
}

void end_read(struct db *db)
{
	(void)sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL);
}

static int read_last_seq(struct db *db, int64_t *ret, struct err *err)
{
	return stmt_int(db, ret, 0, "SELECT seq FROM sqlite_sequence WHERE name = 'event'", err, "");
}

/* ---- stories ---- */

static struct lead_rank rank_of(const struct item_view *v)
{
	size_t length = (v->item.content ? strlen(v->item.content) : 0) + (v->item.summary ? strlen(v->item.summary) : 0);

	return (struct lead_rank){.priority = v->source->priority, .body_length = (int64_t)length, .first_seen_ms = v->first_seen_ms,
	                          .item_id = v->id};
}

/* Rows come earliest first; the lead moves to the front and the others keep their order. */
static void put_lead_first(struct story_view *s)
{
	size_t lead = 0;
	struct lead_rank best = rank_of(&s->items[0]);
	struct item_view first;

	for (size_t i = 1; i < s->n_items; i++) {
		struct lead_rank rank = rank_of(&s->items[i]);

		if (lead_before(&rank, &best)) {
			best = rank;
			lead = i;
		}
	}
	first = s->items[lead];
	memmove(s->items + 1, s->items, lead * sizeof(s->items[0]));
	s->items[0] = first;
}

static int add_accepted_item(struct db *db, sqlite3_stmt *row, const struct selection *selection, struct source_set *set,
                             struct story_view *s, struct err *err)
{
	struct item_view v;
	int rc = item_from_row(db, row, 0, set, &v, err);

	if (rc < 0)
		return rc;
	if (selection && !selection_accepts(selection, &v)) {
		item_view_done(&v);
		return 0;
	}
	s->items = mem_resize_array(s->items, s->n_items + 1, sizeof(s->items[0]));
	s->items[s->n_items++] = v;
	return 0;
}

/* The items of one story that the selection accepts; none leaves s->n_items at 0. */
static int read_items_of_story(struct db *db, const struct selection *selection, struct source_set *set, struct story_view *s, size_t *scanned,
                               struct err *err)
{
	static const char find[] = "SELECT " ITEM_COLUMNS " FROM item i WHERE i.story_id = ? ORDER BY i.first_seen_ms, i.id";
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", s->id);
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1) {
		int failed = add_accepted_item(db, row, selection, set, s, err);

		++*scanned;
		if (failed < 0) {
			stmt_done(row);
			rc = failed;
		}
	}
	if (rc == 0 && s->n_items)
		put_lead_first(s);
	return rc;
}

static void free_story(struct story_view *s)
{
	for (size_t i = 0; i < s->n_items; i++)
		item_view_done(&s->items[i]);
	mem_free(s->items);
	mem_free(s->uid);
}

/* How many entries each source leads so far. */
struct heads {
	int64_t max; /* 0: no matter how many */
	struct map *counts;
};

/* Whether the source may lead one more; counts it. */
static bool may_lead(struct heads *h, const struct source_view *source)
{
	intptr_t n = (intptr_t)map_get(h->counts, source->uid);

	if (n >= h->max)
		return false;
	(void)map_put(h->counts, source->uid, (void *)(n + 1)); // NOLINT(performance-no-int-to-ptr)
	return true;
}

/* Takes away what is over the cap: the story, or where each item is an entry, those items. */
static void cap_story(struct heads *h, bool each_item, struct story_view *s)
{
	size_t n = 0;

	if (h->max == 0 || s->n_items == 0)
		return;
	if (!each_item && may_lead(h, s->items[0].source))
		return;
	for (size_t i = 0; i < s->n_items; i++) {
		if (each_item && may_lead(h, s->items[i].source))
			s->items[n++] = s->items[i];
		else
			item_view_done(&s->items[i]);
	}
	s->n_items = n;
}

static int walk_stories(struct db *db, const struct selection *selection, size_t limit, struct story_list *list, struct source_set *set,
                        struct err *err)
{
	static const char newest[] = "SELECT id, uid, created_ms, updated_ms FROM story ORDER BY sort_ms DESC, id DESC";
	sqlite3_stmt *row = stmt_bind(db, newest, err, "");
	struct heads heads = {.max = selection ? selection_per_source(selection) : 0, .counts = map_new()};
	size_t scanned = 0;
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && list->n < limit && scanned < SCAN_MAX && (rc = stmt_step(db, row, err)) == 1) {
		struct story_view s = {
			.id = sqlite3_column_int64(row, 0),
			.uid = column_story_uid(row, 1),
			.created_ms = sqlite3_column_int64(row, 2),
			.updated_ms = sqlite3_column_int64(row, 3),
		};
		int failed = read_items_of_story(db, selection, set, &s, &scanned, err);

		cap_story(&heads, selection && !selection_merges(selection), &s);
		if (failed == 0 && s.n_items) {
			list->stories = mem_resize_array(list->stories, list->n + 1, sizeof(list->stories[0]));
			list->stories[list->n++] = s;
		} else {
			free_story(&s);
		}
		if (failed < 0) {
			rc = failed;
			break;
		}
	}
	if (row && rc != 0)
		stmt_done(row);
	map_free(heads.counts, NULL);
	return rc < 0 ? rc : 0;
}

int store_read_stories(struct store_reader *r, const struct selection *selection, size_t limit, struct story_list **ret, struct err *err)
{
	struct story_list *list = mem_new(struct story_list);
	struct source_set set = {0};
	int rc = begin_read(&r->db, err);

	if (rc == 0)
		rc = read_last_seq(&r->db, &list->seq, err);
	if (rc == 0)
		rc = walk_stories(&r->db, selection, limit, list, &set, err);
	end_read(&r->db);
	list->sources = set.items;
	list->n_sources = set.n;
	if (rc < 0)
		story_list_free(list);
	else
		*ret = list;
	return rc;
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
	/* Their ids come from the index of keys alone. */
	static const char of_one[] =
		"SELECT " ITEM_COLUMNS " FROM item i WHERE i.id IN (SELECT k.id FROM item k WHERE k.source_id = ?2 ORDER BY k.id DESC LIMIT ?1)"
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
