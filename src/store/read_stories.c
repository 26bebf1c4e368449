/* The stories of a feed, newest first: what its selection accepts, in one read transaction. */
#include "story_walk.h"

#include <string.h>

#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"

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

static int is_wanted(const struct story_walk *w, const struct item_view *v, bool *ret, struct err *err)
{
	*ret = (!w->found || item_ids_hold(w->found, v->id)) && (!w->selection || selection_accepts(w->selection, v));
	return *ret && w->search ? search_holds(w->db, w->search, v->id, ret, err) : 0;
}

static int add_accepted_item(struct story_walk *w, sqlite3_stmt *row, struct story_view *s, struct err *err)
{
	struct item_view v;
	bool wanted = false;
	int rc = item_from_row(w->db, row, 0, &w->set, &v, err);

	if (rc < 0)
		return rc;
	rc = is_wanted(w, &v, &wanted, err);
	if (rc < 0 || !wanted) {
		item_view_done(&v);
		return rc;
	}
	s->items = mem_resize_array(s->items, s->n_items + 1, sizeof(s->items[0]));
	s->items[s->n_items++] = v;
	return 0;
}

int walk_items_of_story(struct story_walk *w, struct story_view *s, struct err *err)
{
	static const char find[] = "SELECT " ITEM_COLUMNS " FROM item i WHERE i.story_id = ? ORDER BY i.first_seen_ms, i.id";
	sqlite3_stmt *row = stmt_bind(w->db, find, err, "i", s->id);
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(w->db, row, err)) == 1) {
		int failed = add_accepted_item(w, row, s, err);

		w->scanned++;
		if (failed < 0) {
			stmt_done(row);
			rc = failed;
		}
	}
	if (rc == 0 && s->n_items)
		put_lead_first(s);
	return rc;
}

static void story_from_row(sqlite3_stmt *row, struct story_view *ret)
{
	*ret = (struct story_view){
		.id = sqlite3_column_int64(row, 0),
		.uid = column_story_uid(row, 1),
		.created_ms = sqlite3_column_int64(row, 2),
		.updated_ms = sqlite3_column_int64(row, 3),
	};
}

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

static int add_story(struct story_walk *w, sqlite3_stmt *row, struct story_list *list, struct err *err)
{
	struct story_view s;
	int rc;

	story_from_row(row, &s);
	rc = walk_items_of_story(w, &s, err);
	cap_story(&w->heads, w->selection && !selection_merges(w->selection), &s);
	if (rc < 0 || s.n_items == 0) {
		story_view_done(&s);
		return rc;
	}
	list->stories = mem_resize_array(list->stories, list->n + 1, sizeof(list->stories[0]));
	list->stories[list->n++] = s;
	return 0;
}

/* Stories of what was found come by way of it: rare words in a large store cost what they find. */
static sqlite3_stmt *stories_of(struct story_walk *w, const char *search, struct err *err)
{
	static const char newest[] = "SELECT id, uid, created_ms, updated_ms FROM story ORDER BY sort_ms DESC, id DESC";
	static const char of_found[] =
		"SELECT DISTINCT t.id, t.uid, t.created_ms, t.updated_ms, t.sort_ms FROM"
		" (SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2) f"
		" JOIN item i ON i.id = f.rowid JOIN story t ON t.id = i.story_id ORDER BY t.sort_ms DESC, t.id DESC";

	return search ? stmt_bind(w->db, of_found, err, "si", search, (int64_t)SCAN_MAX) : stmt_bind(w->db, newest, err, "");
}

static int walk_stories(struct story_walk *w, const char *search, size_t limit, struct story_list *list, struct err *err)
{
	sqlite3_stmt *row = stories_of(w, search, err);
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && list->n < limit && w->scanned < SCAN_MAX && (rc = stmt_step(w->db, row, err)) == 1) {
		int failed = add_story(w, row, list, err);

		rc = failed < 0 ? failed : rc;
	}
	if (row && rc != 0)
		stmt_done(row);
	return rc < 0 ? rc : 0;
}

static int read_stories(struct story_walk *w, size_t limit, struct story_list *list, struct err *err)
{
	const char *search = w->selection ? selection_search(w->selection) : NULL;
	const struct store_search s = {.query = search, .limit = SCAN_MAX};
	struct item_ids found = {0};
	int rc = search ? search_ids(w->db, &s, &found, err) : 0;

	if (search)
		w->found = &found;
	if (rc == 0)
		rc = walk_stories(w, search, limit, list, err);
	if (rc == 0)
		rc = related_add(w, list, err);
	w->found = NULL;
	item_ids_done(&found);
	return rc;
}

static void take_sources(struct story_walk *w, struct story_list *list)
{
	list->sources = w->set.items;
	list->n_sources = w->set.n;
	map_free(w->heads.counts, NULL);
}

int store_read_stories(struct store_reader *r, const struct selection *selection, size_t limit, struct story_list **ret, struct err *err)
{
	struct story_list *list = mem_new(struct story_list);
	struct story_walk w = {.db = &r->db, .selection = selection,
	                       .heads = {.max = selection ? selection_per_source(selection) : 0, .counts = map_new()}};
	int rc = begin_read(&r->db, err);

	if (rc == 0)
		rc = read_last_seq(&r->db, &list->seq, err);
	if (rc == 0)
		rc = read_stories(&w, limit, list, err);
	end_read(&r->db);
	take_sources(&w, list);
	if (rc < 0)
		story_list_free(list);
	else
		*ret = list;
	return rc;
}

int read_one_story(struct db *db, int64_t story_id, struct story_list **ret, struct err *err)
{
	static const char find[] = "SELECT id, uid, created_ms, updated_ms FROM story WHERE id = ?";
	struct story_list *list = mem_new(struct story_list);
	struct story_walk w = {.db = db, .heads.counts = map_new()};
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", story_id);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	if (rc == 1) {
		rc = add_story(&w, row, list, err);
		stmt_done(row);
	}
	take_sources(&w, list);
	if (rc < 0)
		story_list_free(list);
	else
		*ret = list;
	return rc;
}
