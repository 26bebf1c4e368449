/*
 * Stories about the same, named beside each other (design.md section 5: listed only). Which they are was decided when each
 * began (stories.c); here they are found again. The newest come first, by the order in which they began: so an entry names
 * the same ones in the same order until there is a newer one, and none of it moves the entry's date.
 */
#include "story_walk.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"

/* Both halves of the OR have an index; group_id > 0 is the condition of one. */
int related_ids(struct db *db, int64_t story_id, int64_t *ids, size_t max, size_t *ret_n, struct err *err)
{
	static const char find[] =
		"SELECT t.id FROM (SELECT iif(group_id > 0, group_id, id) AS g FROM story WHERE id = ?1) o"
		" JOIN story t ON ((t.group_id > 0 AND t.group_id = o.g) OR t.id = o.g) WHERE t.id <> ?1 ORDER BY t.id DESC LIMIT ?2";
	sqlite3_stmt *row = stmt_bind(db, find, err, "ii", story_id, (int64_t)max);
	size_t n = 0;
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1)
		ids[n++] = sqlite3_column_int64(row, 0);
	*ret_n = rc == 0 ? n : 0;
	return rc;
}

static void brief_of(const struct story_view *s, struct story_brief *ret)
{
	const struct item *lead = &s->items[0].item;

	*ret = (struct story_brief){.story_id = s->id, .uid = mem_dup_str(s->uid), .title = mem_dup_str(lead->title ? lead->title : lead->link),
	                            .url = mem_dup_str(lead->link), .source = mem_dup_str(s->items[0].source->title)};
}

/* ret->n_items is 0 when the walk wants none of it. */
static int read_story(struct story_walk *w, int64_t story_id, struct story_view *ret, struct err *err)
{
	static const char find[] = "SELECT uid FROM story WHERE id = ?";
	sqlite3_stmt *row = stmt_bind(w->db, find, err, "i", story_id);
	int rc = row ? stmt_step(w->db, row, err) : ERR_IO;

	*ret = (struct story_view){.id = story_id};
	if (rc <= 0)
		return rc;
	ret->uid = column_story_uid(row, 0);
	stmt_done(row);
	return walk_items_of_story(w, ret, err);
}

/* What was read once: stories of one group name each other. */
struct known_stories {
	struct map *by_id; /* -> struct story_view; without items it is not wanted */
	struct story_view **read; /* those that are not of the list */
	size_t n_read;
};

static int find_story(struct story_walk *w, struct known_stories *k, int64_t id, const struct story_view **ret, struct err *err)
{
	auto_free char *name = mem_printf("%lld", (long long)id);
	struct story_view *s = map_get(k->by_id, name);
	int rc = 0;

	if (!s) {
		s = mem_new(struct story_view);
		rc = w->scanned < SCAN_MAX ? read_story(w, id, s, err) : 0;
		k->read = mem_resize_array(k->read, k->n_read + 1, sizeof(k->read[0]));
		k->read[k->n_read++] = s;
		(void)map_put(k->by_id, name, s);
	}
	*ret = s;
	return rc;
}

static int name_related(struct story_walk *w, struct known_stories *k, int64_t story_id, struct story_briefs *ret, struct err *err)
{
	int64_t ids[LIMIT_RELATED_LOOKED_AT];
	size_t n = 0;
	int rc = related_ids(w->db, story_id, ids, LIMIT_RELATED_LOOKED_AT, &n, err);

	for (size_t i = 0; rc == 0 && i < n && ret->n < LIMIT_RELATED_STORIES; i++) {
		const struct story_view *s = NULL;

		rc = find_story(w, k, ids[i], &s, err);
		if (rc < 0 || s->n_items == 0)
			continue;
		ret->list = mem_resize_array(ret->list, ret->n + 1, sizeof(ret->list[0]));
		brief_of(s, &ret->list[ret->n++]);
	}
	return rc;
}

static void forget(struct known_stories *k)
{
	for (size_t i = 0; i < k->n_read; i++) {
		story_view_done(k->read[i]);
		mem_free(k->read[i]);
	}
	mem_free(k->read);
	map_free(k->by_id, NULL);
}

int related_add(struct story_walk *w, struct story_list *list, struct err *err)
{
	struct known_stories k = {.by_id = map_new()};
	int rc = 0;

	for (size_t i = 0; i < list->n; i++) {
		auto_free char *name = mem_printf("%lld", (long long)list->stories[i].id);

		(void)map_put(k.by_id, name, &list->stories[i]);
	}
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		rc = name_related(w, &k, list->stories[i].id, &list->stories[i].related, err);
	forget(&k);
	return rc;
}

int store_read_related(struct store_reader *r, const struct selection *selection, int64_t story_id, struct story_briefs *ret, struct err *err)
{
	struct story_walk w = {.db = &r->db, .selection = selection, .search = selection ? selection_search(selection) : NULL};
	struct known_stories k = {.by_id = map_new()};
	int rc = begin_read(&r->db, err);

	*ret = (struct story_briefs){0};
	if (rc == 0) {
		rc = name_related(&w, &k, story_id, ret, err);
		end_read(&r->db);
	}
	forget(&k);
	source_set_free(&w.set);
	if (rc < 0)
		story_briefs_done(ret);
	return rc;
}
