/*
 * The items of a poll: which are known, which are new, and what changed. Inside the transaction that merge.c tells of.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/model/ids.h"

#define DAY_MS ((int64_t)86400000)

struct known_item {
	int64_t id;
	int64_t story_id;
	int64_t revision;
	int64_t seen_ms;
	bool same;
};

/* ---- events ---- */

static int append_event(struct merge *m, enum event_type type, int64_t item_id, int64_t story_id, int64_t revision, size_t rank,
                        struct err *err)
{
	static const char append[] =
		"INSERT OR IGNORE INTO event (type, time_ms, number, item_id, story_items, initial_rank)"
		" VALUES (?, ?, ?, ?, (SELECT n_items FROM story WHERE id = ?), ?)";

	m->effect->n_events++;
	return stmt_run(m->db, append, err, "iiiiii", (int64_t)type, m->now_ms, revision, item_id, story_id, (int64_t)rank);
}

/* ---- items ---- */

static int find_item(struct merge *m, const struct item *i, struct known_item *ret, struct err *err)
{
	static const char find[] = "SELECT id, story_id, revision, seen_ms, digest FROM item WHERE source_id = ? AND key = ?";
	sqlite3_stmt *row = stmt_bind(m->db, find, err, "ib", m->record->source_id, i->key.bytes, (size_t)ITEM_KEY_BYTES);
	struct item_key digest;
	int rc = row ? stmt_step(m->db, row, err) : ERR_IO;

	if (rc <= 0)
		return rc;
	ret->id = sqlite3_column_int64(row, 0);
	ret->story_id = sqlite3_column_int64(row, 1);
	ret->revision = sqlite3_column_int64(row, 2);
	ret->seen_ms = sqlite3_column_int64(row, 3);
	ret->same = column_key(row, 4, &digest) && memcmp(digest.bytes, i->digest.bytes, ITEM_KEY_BYTES) == 0;
	stmt_done(row);
	return 1;
}

/* As it is stored: '' where it is the link. */
static const char *or_link(const struct item *i, const char *s)
{
	return s && i->link && strcmp(s, i->link) == 0 ? "" : s;
}

static int add_item(struct merge *m, const struct item *i, size_t rank, struct err *err)
{
	static const char insert[] =
		"INSERT INTO item (source_id, story_id, placed, likeness, key, digest, revision, first_seen_ms, seen_ms, published_ms, updated_ms,"
		" body_bytes, link, guid, canonical_url, title, language, comments_url, thumbnail, rights, lists)"
		" VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	struct buf lists = BUF_INIT(4 * LIMIT_ITEM_BYTES);
	char uid[ID_BYTES];
	struct story_choice story = {0};
	int64_t id;
	int rc;

	id_of_item(m->source_uid, &i->key, uid);
	rc = choose_story(m, i, uid, rank, &story, err);
	item_details_encode(i, &lists);
	if (rc == 0)
		rc = stmt_run(m->db, insert, err, "iiiibbiittissssssssb", m->record->source_id, story.story_id, (int64_t)story.placed,
		              (int64_t)(story.score * 1000), i->key.bytes, (size_t)ITEM_KEY_BYTES,
		              i->digest.bytes, (size_t)ITEM_KEY_BYTES, m->now_ms, m->now_ms, i->published_ms, i->updated_ms, body_bytes(i), i->link,
		              or_link(i, i->guid), or_link(i, i->canonical_url), i->title, i->language, i->comments_url, i->thumbnail, i->rights,
		              lists.bytes, lists.len);
	id = sqlite3_last_insert_rowid(m->db->handle);
	if (rc == 0)
		rc = body_write(m->db, id, i, err);
	if (rc == 0)
		rc = place_item(m, id, i, &story, err);
	if (rc == 0)
		rc = search_add(m->db, id, i, err);
	if (rc == 0)
		rc = append_event(m, EVENT_ITEM_CREATED, id, story.story_id, 1, rank, err);
	buf_done(&lists);
	m->new_ms[m->effect->n_new++] = i->published_ms != TIME_UNKNOWN ? i->published_ms : i->updated_ms;
	return rc;
}

/* The entry of a story shows its lead: its date moves when the lead's text does, or when another takes the lead. */
static int touch_story(struct merge *m, const struct known_item *changed, int64_t lead_before_change, struct err *err)
{
	static const char touch[] = "UPDATE story SET updated_ms = max(updated_ms + 1, ?) WHERE id = ?";
	int64_t lead;
	int rc = lead_find(m->db, changed->story_id, &lead, err);

	if (rc < 0 || (lead != changed->id && lead == lead_before_change))
		return rc;
	return stmt_run(m->db, touch, err, "ii", m->now_ms, changed->story_id);
}

/* An announced change may move the story's date; a quiet one only shows; an ignored one is not even kept. */
static int change_item(struct merge *m, const struct item *i, const struct known_item *known, struct err *err)
{
	static const char update[] =
		"UPDATE item SET digest = ?, revision = revision + 1, seen_ms = ?, published_ms = coalesce(?, published_ms), updated_ms = ?,"
		" body_bytes = ?, link = ?, guid = ?, canonical_url = ?, title = ?, language = ?, comments_url = ?, thumbnail = ?, rights = ?,"
		" lists = ? WHERE id = ?";
	struct buf lists = BUF_INIT(4 * LIMIT_ITEM_BYTES);
	int64_t lead = 0;
	int rc = lead_find(m->db, known->story_id, &lead, err);

	if (rc == 0)
		rc = search_remove_stored(m->db, known->id, err);
	item_details_encode(i, &lists);
	if (rc == 0)
		rc = stmt_run(m->db, update, err, "bittissssssssbi", i->digest.bytes, (size_t)ITEM_KEY_BYTES, m->now_ms, i->published_ms,
		              i->updated_ms, body_bytes(i), i->link, or_link(i, i->guid), or_link(i, i->canonical_url), i->title, i->language,
		              i->comments_url, i->thumbnail, i->rights, lists.bytes, lists.len, known->id);
	buf_done(&lists);
	if (rc == 0)
		rc = body_remove(m->db, known->id, err);
	if (rc == 0)
		rc = body_write(m->db, known->id, i, err);
	if (rc == 0)
		rc = search_add(m->db, known->id, i, err);
	m->effect->n_changed++;
	if (rc < 0 || m->policy != UPDATE_ANNOUNCE)
		return rc;
	rc = touch_story(m, known, lead, err);
	if (rc == 0)
		rc = append_event(m, EVENT_ITEM_UPDATED, known->id, known->story_id, known->revision + 1, 0, err);
	return rc;
}

static int touch_item(struct merge *m, const struct known_item *known, struct err *err)
{
	static const char touch[] = "UPDATE item SET seen_ms = ? WHERE id = ?";

	m->effect->n_same++;
	if (known->seen_ms > m->now_ms - DAY_MS)
		return 0;
	return stmt_run(m->db, touch, err, "ii", m->now_ms, known->id);
}

static int merge_item(struct merge *m, const struct item *i, size_t rank, struct err *err)
{
	struct known_item known = {0};
	int rc = find_item(m, i, &known, err);

	if (rc < 0)
		return rc;
	if (rc == 0)
		return add_item(m, i, rank, err);
	if (known.same || m->policy == UPDATE_IGNORE)
		return touch_item(m, &known, err);
	return change_item(m, i, &known, err);
}

/* ---- the first fetch: 1 is the newest item, by date, then by its place in the document ---- */

struct ranked {
	int64_t published_ms;
	size_t index;
};

static int newest_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->published_ms != y->published_ms)
		return x->published_ms < y->published_ms ? 1 : -1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static size_t *rank_items(const struct feed_document *d)
{
	struct ranked *order = mem_new_array(struct ranked, d->n_items + 1);
	size_t *ranks = mem_new_array(size_t, d->n_items + 1);

	for (size_t i = 0; i < d->n_items; i++)
		order[i] = (struct ranked){d->items[i].published_ms, i};
	qsort(order, d->n_items, sizeof(order[0]), newest_first);
	for (size_t i = 0; i < d->n_items; i++)
		ranks[order[i].index] = i + 1;
	mem_free(order);
	return ranks;
}

/* Documents put the newest first; the log puts it last. */
int merge_items(struct merge *m, struct err *err)
{
	const struct feed_document *d = m->record->document;
	int rc = 0;

	m->new_ms = mem_new_array(int64_t, d->n_items + 1);
	if (m->effect->first_fetch)
		m->ranks = rank_items(d);
	for (size_t i = d->n_items; rc == 0 && i-- > 0;)
		rc = merge_item(m, &d->items[i], m->ranks ? m->ranks[i] : 0, err);
	mem_free(m->ranks);
	return rc;
}
