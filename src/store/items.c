/*
 * The items of a poll: those that are new are added, those that changed are changed. Inside the transaction that merge.c
 * tells of; which is which is said by match.c, what is no news by flood.c.
 *
 * How often an item may be announced again is limited, and so is how often those of its source may, and an item that
 * changes at poll after poll in nothing but numbers has a counter in it, and is not changed at all (features.md B15 to
 * B17). item.updates is what is remembered for that: the day, how many were announced on it, and how many changes were of
 * numbers alone.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/model/ids.h"

#define DAY_MS ((int64_t)86400000)

/* ---- events ---- */

int append_item_event(struct db *db, enum event_type type, int64_t item_id, int64_t story_id, int64_t revision, size_t rank,
                      int64_t now_ms, struct err *err)
{
	static const char append[] =
		"INSERT OR IGNORE INTO event (type, time_ms, number, item_id, story_items, initial_rank)"
		" VALUES (?, ?, ?, ?, (SELECT n_items FROM story WHERE id = ?), ?)";

	return stmt_run(db, append, err, "iiiiii", (int64_t)type, now_ms, revision, item_id, story_id, (int64_t)rank);
}

static int append_event(struct merge *m, enum event_type type, int64_t item_id, int64_t story_id, int64_t revision, size_t rank,
                        struct err *err)
{
	m->effect->n_events++;
	return append_item_event(m->db, type, item_id, story_id, revision, rank, m->now_ms, err);
}

/* ---- new items ---- */

/* A key that is taken belongs to an item that is known by other things now; the new one gets a key made of both. */
static struct item_key other_key(const struct item *i, unsigned turn)
{
	struct digest_state *s = digest_begin();
	unsigned char marks[MARKS_BYTES], n = (unsigned char)turn;
	struct digest d;
	struct item_key key;

	marks_encode(&i->marks, marks);
	digest_add_field(s, "again");
	digest_add(s, i->key.bytes, ITEM_KEY_BYTES);
	digest_add(s, marks, sizeof(marks));
	digest_add(s, &n, 1);
	d = digest_end(s);
	memcpy(key.bytes, d.bytes, sizeof(key.bytes));
	return key;
}

/* As it is stored: '' where it is the link. */
static const char *or_link(const struct item *i, const char *s)
{
	return s && i->link && strcmp(s, i->link) == 0 ? "" : s;
}

static int insert_item(struct merge *m, const struct item *i, const struct item_key *key, const struct story_choice *story, bool held,
                       int64_t *ret, struct err *err)
{
	static const char insert[] =
		"INSERT INTO item (source_id, story_id, placed, likeness, key, revision, first_seen_ms, marks, held, published_ms, updated_ms,"
		" body_bytes, link, guid, canonical_url, title, language, comments_url, thumbnail, rights, lists)"
		" VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	static const char insert_key[] = "INSERT INTO item_key (source_id, key, item_id, seen_ms, digest) VALUES (?, ?, ?, ?, ?)";
	struct buf lists = BUF_INIT(4 * LIMIT_ITEM_BYTES);
	unsigned char marks[MARKS_BYTES];
	int rc;

	marks_encode(&i->marks, marks);
	item_details_encode(i, &lists);
	rc = stmt_run(m->db, insert, err, "iiiibibittissssssssb", m->record->source_id, story->story_id, (int64_t)story->placed,
	              (int64_t)(story->score * 1000), key->bytes, (size_t)ITEM_KEY_BYTES, m->now_ms, marks, sizeof(marks), (int64_t)held,
	              i->published_ms, i->updated_ms, body_bytes(i), i->link, or_link(i, i->guid), or_link(i, i->canonical_url), i->title,
	              i->language, i->comments_url, i->thumbnail, i->rights, lists.bytes, lists.len);
	buf_done(&lists);
	*ret = sqlite3_last_insert_rowid(m->db->handle);
	if (rc == 0)
		rc = stmt_run(m->db, insert_key, err, "ibiib", m->record->source_id, key->bytes, (size_t)ITEM_KEY_BYTES, *ret, m->now_ms,
		              i->digest.bytes, (size_t)ITEM_KEY_BYTES);
	return rc < 0 ? rc : body_write(m->db, *ret, i, err);
}

/* The public id is made of the key, so a key is of one item for ever. */
static int find_free_key(struct merge *m, const struct item *i, struct item_key *ret, struct err *err)
{
	static const char find[] = "SELECT 1 FROM item_key WHERE source_id = ? AND key = ?";
	int64_t found = 1;
	int rc = 0;

	for (unsigned turn = 1; rc == 0 && found; turn++) {
		*ret = other_key(i, turn);
		rc = stmt_int(m->db, &found, 0, find, err, "ib", m->record->source_id, ret->bytes, (size_t)ITEM_KEY_BYTES);
	}
	return rc;
}

/* What is held goes to its own date in a feed; and to the end when it has none, or only that of the build. */
static int sink_story(struct merge *m, const struct item *i, int64_t story_id, struct err *err)
{
	static const char sink[] = "UPDATE story SET sort_ms = ? WHERE id = ? AND n_items = 1";
	int64_t said = said_time(i, true, m->now_ms);

	if (said > m->fresh_ms || m->fresh_ms == INT64_MAX)
		said = 0;
	return stmt_run(m->db, sink, err, "ii", said, story_id);
}

static int add_item(struct merge *m, const struct item *i, bool key_is_taken, size_t rank, struct err *err)
{
	bool held = flood_holds(m, i);
	struct item_key key = i->key;
	struct story_choice story = {0};
	char uid[ID_BYTES];
	int64_t id = 0;
	int rc = key_is_taken ? find_free_key(m, i, &key, err) : 0;

	id_of_item(m->source_uid, &key, uid);
	if (rc == 0)
		rc = choose_story(m, i, uid, rank, &story, err);
	if (rc == 0 && held)
		rc = sink_story(m, i, story.story_id, err);
	if (rc == 0)
		rc = insert_item(m, i, &key, &story, held, &id, err);
	if (rc == 0)
		rc = marks_save(m, id, i, NULL, err);
	if (rc == 0)
		rc = place_item(m, id, i, &story, err);
	if (rc == 0)
		rc = search_add(m->db, id, i, err);
	if (rc == 0 && !held)
		rc = append_event(m, EVENT_ITEM_CREATED, id, story.story_id, 1, rank, err);
	m->effect->n_held += held;
	m->new_ms[m->effect->n_new++] = i->published_ms != TIME_UNKNOWN ? i->published_ms : i->updated_ms;
	return rc;
}

/* ---- changed items ---- */

struct updates {
	int64_t day, announced, numbers;
};

static struct updates updates_of(int64_t stored)
{
	return (struct updates){.day = stored >> 16, .announced = stored >> 8 & 0xff, .numbers = stored & 0xff};
}

static int64_t updates_stored(const struct updates *u)
{
	return u->day << 16 | u->announced << 8 | u->numbers;
}

/* All that reads is as it was, but numbers. */
static bool changed_in_numbers(const struct item *i, const struct stored_item *known)
{
	return i->marks.title == known->marks.title && i->marks.text == known->marks.text && i->marks.link == known->marks.link &&
	       (i->marks.text || (i->marks.title && !i->content));
}

static bool has_counter(const struct merge *m, const struct stored_item *known)
{
	return updates_of(known->updates).numbers >= SEEN_OFTEN || m->seen.numbers_change >= SEEN_OFTEN;
}

/* One more announcement, if the item and its source may have it today. */
static bool may_announce(struct merge *m, const struct stored_item *known, struct updates *u)
{
	int64_t today = m->now_ms / DAY_MS;

	if (m->seen.updates_day != today)
		m->seen.updates = 0;
	if (u->day != today)
		u->announced = 0;
	m->seen.updates_day = u->day = today;
	if (m->policy != UPDATE_ANNOUNCE || known->held)
		return false;
	if (m->hushes || u->announced >= LIMIT_ITEM_UPDATES_A_DAY || m->seen.updates >= LIMIT_SOURCE_UPDATES_A_DAY) {
		m->effect->n_quiet++;
		return false;
	}
	u->announced++;
	m->seen.updates++;
	return true;
}

/* The entry of a story shows its lead: its date moves when the lead's text does, or when another takes the lead. */
static int touch_story(struct merge *m, const struct stored_item *changed, int64_t lead_before_change, struct err *err)
{
	static const char touch[] = "UPDATE story SET updated_ms = max(updated_ms + 1, ?) WHERE id = ?";
	int64_t lead;
	int rc = lead_find(m->db, changed->story_id, &lead, err);

	if (rc < 0 || (lead != changed->id && lead == lead_before_change))
		return rc;
	return stmt_run(m->db, touch, err, "ii", m->now_ms, changed->story_id);
}

static int update_item(struct merge *m, const struct item *i, const struct stored_item *known, const struct updates *u, struct err *err)
{
	static const char update[] =
		"UPDATE item SET revision = revision + 1, marks = ?, updates = ?, published_ms = coalesce(?, published_ms),"
		" updated_ms = ?, body_bytes = ?, link = ?, guid = ?, canonical_url = ?, title = ?, language = ?, comments_url = ?, thumbnail = ?,"
		" rights = ?, lists = ? WHERE id = ?";
	static const char update_key[] = "UPDATE item_key SET digest = ?, seen_ms = ? WHERE source_id = ? AND key = ?";
	struct buf lists = BUF_INIT(4 * LIMIT_ITEM_BYTES);
	unsigned char marks[MARKS_BYTES];
	int rc;

	marks_encode(&i->marks, marks);
	item_details_encode(i, &lists);
	rc = stmt_run(m->db, update, err, "bittissssssssbi", marks, sizeof(marks), updates_stored(u), i->published_ms, i->updated_ms, body_bytes(i), i->link, or_link(i, i->guid),
	              or_link(i, i->canonical_url), i->title, i->language, i->comments_url, i->thumbnail, i->rights, lists.bytes, lists.len,
	              known->id);
	buf_done(&lists);
	if (rc == 0)
		rc = stmt_run(m->db, update_key, err, "biib", i->digest.bytes, (size_t)ITEM_KEY_BYTES, m->now_ms, m->record->source_id,
		              known->key.bytes, (size_t)ITEM_KEY_BYTES);
	if (rc == 0)
		rc = body_remove(m->db, known->id, err);
	if (rc == 0)
		rc = body_write(m->db, known->id, i, err);
	if (rc == 0)
		rc = search_add(m->db, known->id, i, err);
	return rc < 0 ? rc : marks_save(m, known->id, i, &known->marks, err);
}

/* An announced change may move the story's date; a quiet one only shows; an ignored one is not even kept. */
static int change_item(struct merge *m, const struct item *i, const struct stored_item *known, struct err *err)
{
	struct updates u = updates_of(known->updates);
	int64_t lead = 0;
	bool announce;
	int rc = lead_find(m->db, known->story_id, &lead, err);

	if (changed_in_numbers(i, known) && u.numbers < SEEN_OFTEN) {
		u.numbers++;
		m->numbers_changed = true;
	}
	announce = may_announce(m, known, &u);
	if (rc == 0)
		rc = search_remove_stored(m->db, known->id, err);
	if (rc == 0)
		rc = update_item(m, i, known, &u, err);
	m->effect->n_changed++;
	if (rc < 0 || !announce)
		return rc;
	rc = touch_story(m, known, lead, err);
	if (rc == 0)
		rc = append_event(m, EVENT_ITEM_UPDATED, known->id, known->story_id, known->revision + 1, 0, err);
	return rc;
}

static int touch_item(struct merge *m, const struct stored_item *known, struct err *err)
{
	static const char touch[] = "UPDATE item_key SET seen_ms = ? WHERE source_id = ? AND key = ?";

	m->effect->n_same++;
	if (known->seen_ms > m->now_ms - DAY_MS)
		return 0;
	return stmt_run(m->db, touch, err, "iib", m->now_ms, m->record->source_id, known->key.bytes, (size_t)ITEM_KEY_BYTES);
}

/* The publisher's id as it is now, unless it is another at each poll. Its key, and so its public id, stays what it was. */
static int take_guid(struct merge *m, const struct item *i, const struct stored_item *known, struct err *err)
{
	static const char take[] = "UPDATE item SET guid = ? WHERE id = ?";

	if (!i->guid || m->seen.guids_change > SEEN_OFTEN || (known->guid && strcmp(known->guid, i->guid) == 0))
		return 0;
	return stmt_run(m->db, take, err, "si", i->guid, known->id);
}

static int merge_item(struct merge *m, const struct item *i, const struct stored_item *known, size_t rank, struct err *err)
{
	int rc = 0;

	if (!known->id && !known->is_repeat)
		return add_item(m, i, known->key_is_taken, rank, err);
	if (known->by_mark)
		rc = take_guid(m, i, known, err);
	if (rc < 0)
		return rc;
	if (known->same || known->is_repeat || m->policy == UPDATE_IGNORE || (changed_in_numbers(i, known) && has_counter(m, known)))
		return touch_item(m, known, err);
	return change_item(m, i, known, err);
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
static int merge_each(struct merge *m, const struct stored_item *known, struct err *err)
{
	const struct feed_document *d = m->record->document;
	int rc = 0;

	if (m->effect->first_fetch)
		m->ranks = rank_items(d);
	for (size_t i = d->n_items; rc == 0 && i-- > 0;)
		rc = merge_item(m, &d->items[i], &known[i], m->ranks ? m->ranks[i] : 0, err);
	mem_free(m->ranks);
	m->ranks = NULL;
	return rc;
}

int merge_items(struct merge *m, struct err *err)
{
	const struct feed_document *d = m->record->document;
	struct stored_item *known = NULL;
	int rc;

	m->new_ms = mem_new_array(int64_t, d->n_items + 1);
	known_begin(m);
	if (m->is_known) {
		match_known(m);
		m->effect->n_same = d->n_items;
		return 0;
	}
	rc = match_items(m, &known, err);
	if (rc == 0)
		rc = flood_judge(m, known, err);
	if (rc == 0)
		rc = merge_each(m, known, err);
	if (rc == 0)
		known_end(m, known);
	identity_count(&m->seen.numbers_change, m->numbers_changed);
	stored_items_free(known, d->n_items);
	return rc;
}
