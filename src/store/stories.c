/*
 * Which story an item belongs to. Asked once, when it is new: the same page or the same global id in another source, else
 * what tells the same thing by its words (story.h). What was decided stays, whatever comes later, unless a person splits
 * or joins; so a story's entry never changes its id and never loses an item by itself.
 *
 * The index of words is in memory and a copy of what story_window holds; that table is written in the transaction of the
 * item and read once at the start. A transaction that is undone takes what it added out of the index again, from a list of
 * what was done to it; what expires is forgotten only after a commit.
 */
#include "merge.h"

#include <string.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/model/ids.h"
#include "syndicated/story.h"

enum { EXPIRE_ROWS = 500 /* of story_window, in one commit */, DECISION_BYTES = 1024 };

/* What was done to the index since the transaction began. */
struct step {
	int64_t item_id;
	bool was_added;   /* else moved, */
	int64_t story_id; /* from here */
};

struct stories {
	struct story_index *index;
	struct story_rules rules;
	int64_t newest_ms; /* times of what is added never go back */
	struct step *steps;
	size_t n, capacity;
	size_t savepoint;
	bool changed; /* since the last commit */
};

struct stories *stories_new(void)
{
	struct stories *s = mem_new(struct stories);

	story_rules_default(&s->rules);
	s->index = story_index_new(&s->rules);
	return s;
}

struct stories *stories_free(struct stories *s)
{
	if (!s)
		return NULL;
	story_index_free(s->index);
	mem_free(s->steps);
	mem_free(s);
	return NULL;
}

/* ---- transactions ---- */

static void note_step(struct stories *s, struct step step)
{
	if (s->n == s->capacity) {
		s->capacity = s->capacity ? 2 * s->capacity : 64;
		s->steps = mem_resize_array(s->steps, s->capacity, sizeof(s->steps[0]));
	}
	s->steps[s->n++] = step;
	s->changed = true;
}

void stories_begin(struct stories *s)
{
	s->n = s->savepoint = 0;
}

void stories_savepoint(struct stories *s)
{
	s->savepoint = s->n;
}

static void undo(struct stories *s, size_t from)
{
	while (s->n > from) {
		const struct step *step = &s->steps[--s->n];

		if (step->was_added)
			story_index_remove(s->index, step->item_id);
		else if (story_index_move(s->index, step->item_id, step->story_id, 0) < 0)
			log_debug("item %lld left the window before its move was undone", (long long)step->item_id);
	}
}

void stories_undo(struct stories *s, bool all)
{
	undo(s, all ? 0 : s->savepoint);
}

void stories_committed(struct stories *s)
{
	if (s->changed)
		story_index_expire(s->index, s->newest_ms);
	s->changed = false;
	s->n = s->savepoint = 0;
}

/* ---- the window ---- */

static int64_t time_in_order(struct stories *s, int64_t ms)
{
	if (ms > s->newest_ms)
		s->newest_ms = ms;
	return s->newest_ms;
}

/* Features that cannot be read any more are no reason to stop: the item is not compared, that is all. */
static void add_row(struct stories *s, sqlite3_stmt *row)
{
	struct story_features f;
	const struct story_place p = {
		.item_id = sqlite3_column_int64(row, 0),
		.source_id = sqlite3_column_int64(row, 1),
		.story_id = sqlite3_column_int64(row, 2),
		.group_id = sqlite3_column_int64(row, 3),
		.time_ms = time_in_order(s, sqlite3_column_int64(row, 4)),
	};
	const void *features = sqlite3_column_blob(row, 5);

	if (story_features_decode(features ? features : "", (size_t)sqlite3_column_bytes(row, 5), &f) < 0 || story_index_add(s->index, &p, &f) < 0)
		log_debug("the features of item %lld are of another version, or damaged", (long long)p.item_id);
}

static int load(struct stories *s, struct db *db, int64_t now_ms, struct err *err)
{
	static const char newest[] =
		"SELECT i.id, i.source_id, i.story_id, t.group_id, i.first_seen_ms, w.features FROM story_window w JOIN item i ON i.id = w.item_id"
		" JOIN story t ON t.id = i.story_id WHERE w.item_id > ? AND i.first_seen_ms > ? ORDER BY w.item_id";
	static const char from[] = "SELECT item_id FROM story_window ORDER BY item_id DESC LIMIT 1 OFFSET ?";
	sqlite3_stmt *row;
	int64_t after = 0;
	int rc = stmt_int(db, &after, 0, from, err, "i", (int64_t)s->rules.max_items);

	if (rc < 0)
		return rc;
	row = stmt_bind(db, newest, err, "ii", after, now_ms - s->rules.window_ms);
	rc = row ? 1 : ERR_IO;
	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1)
		add_row(s, row);
	return rc;
}

void story_rules_of(const struct story_spec *spec, struct story_rules *ret)
{
	story_rules_default(ret);
	ret->window_ms = spec->window_ms;
	ret->merge = (double)spec->merge_permille / 1000;
	ret->related = (double)spec->related_permille / 1000;
}

int store_set_story_rules(struct store *s, const struct story_spec *spec, int64_t now_ms, struct err *err)
{
	struct stories *t = s->stories;
	bool longer = spec->window_ms > t->rules.window_ms;

	story_rules_of(spec, &t->rules);
	story_index_set_rules(t->index, &t->rules);
	if (story_index_items(t->index) && !longer)
		return 0;
	/* Before the first use, and when more of the past counts than is in memory. */
	t->index = story_index_free(t->index);
	t->index = story_index_new(&t->rules);
	t->newest_ms = 0;
	return load(t, &s->db, now_ms, err);
}

/* Rows of the window go when it has moved on: those of the items that came first, a few each time. */
int stories_trim(struct stories *s, struct db *db, int64_t now_ms, struct err *err)
{
	static const char trim[] =
		"DELETE FROM story_window WHERE item_id IN (SELECT o.item_id FROM (SELECT item_id FROM story_window ORDER BY item_id LIMIT ?) o"
		" LEFT JOIN item i ON i.id = o.item_id WHERE coalesce(i.first_seen_ms, 0) < ?)";

	return stmt_run(db, trim, err, "ii", (int64_t)EXPIRE_ROWS, now_ms - s->rules.window_ms);
}

/* ---- the same page ---- */

/* What the publisher says, but never the future and never "unknown" (push.md A20). */
int64_t said_time(const struct item *i, bool prefer_published, int64_t now_ms)
{
	int64_t first = prefer_published ? i->published_ms : i->updated_ms;
	int64_t second = prefer_published ? i->updated_ms : i->published_ms;
	int64_t t = first != TIME_UNKNOWN ? first : second;

	return t == TIME_UNKNOWN || t > now_ms ? now_ms : t;
}

/* The story of the same page in another source; 0 when there is none. Two items of one source never share a story this way. */
static int find_by_key(struct merge *m, const struct item_key *key, int64_t *ret, struct err *err)
{
	static const char find[] =
		"SELECT story_id FROM story_url WHERE url_key = ?"
		" AND NOT EXISTS (SELECT 1 FROM item WHERE item.story_id = story_url.story_id AND item.source_id = ?)";

	return stmt_int(m->db, ret, 0, find, err, "bi", key->bytes, (size_t)ITEM_KEY_BYTES, m->record->source_id);
}

/* From now on the page is the story's, unless it is another's. */
static int own_key(struct merge *m, const struct item_key *key, int64_t story_id, struct err *err)
{
	static const char own[] = "INSERT OR IGNORE INTO story_url (url_key, story_id) VALUES (?, ?)";

	return stmt_run(m->db, own, err, "bi", key->bytes, (size_t)ITEM_KEY_BYTES, story_id);
}

/* ---- the same thing ---- */

static enum item_placed placed_by(enum story_rule rule)
{
	return rule == STORY_WIRE ? PLACED_WIRE : rule == STORY_SIMILAR ? PLACED_SIMILAR : PLACED_NEW;
}

static void find_by_words(struct merge *m, const struct item *i, struct story_choice *c)
{
	struct stories *s = m->stories;

	if (!i->features_len || story_features_decode(i->features, i->features_len, &c->features) < 0)
		return;
	c->has_features = true;
	story_index_match(s->index, &c->features, m->record->source_id, time_in_order(s, m->now_ms), &c->decision);
	if (c->story_id)
		return; /* it is known already; what is like it is kept for explaining, and the group */
	c->story_id = c->decision.story_id;
	c->placed = placed_by(c->decision.rule);
	c->score = c->decision.score;
}

/* ---- in one ---- */

/*
 * An old item that only now appears belongs on top, or readers would never see it (features.md E35); the items of a first fetch
 * are history and are placed by their own dates.
 */
static int64_t place_in_feed(const struct merge *m, const struct item *i, size_t rank)
{
	return rank ? said_time(i, true, m->now_ms) : m->now_ms;
}

static int begin_story(struct merge *m, const struct item *i, const char *item_uid, size_t rank, struct story_choice *c, struct err *err)
{
	static const char insert[] =
		"INSERT OR IGNORE INTO story (uid, created_ms, updated_ms, sort_ms, n_items, group_id) VALUES (?, ?, ?, ?, 1, ?)";
	static const char find[] = "SELECT id FROM story WHERE uid = ?";
	uint8_t uid[ID_RAW_BYTES];
	int rc;

	id_of_story_raw(item_uid, uid);
	rc = stmt_run(m->db, insert, err, "biiii", uid, sizeof(uid), m->now_ms, said_time(i, false, m->now_ms), place_in_feed(m, i, rank),
	              c->decision.group_id);
	if (rc == 0 && sqlite3_changes(m->db->handle) == 0) { /* it was purged, its story was not */
		rc = stmt_int(m->db, &c->story_id, 0, find, err, "b", uid, sizeof(uid));
		return rc < 0 ? rc : join_story(m->db, c->story_id, m->now_ms, err);
	}
	if (rc == 0)
		c->story_id = sqlite3_last_insert_rowid(m->db->handle);
	return rc;
}

/* A source more is a change of the entry, since it names its sources. */
int join_story(struct db *db, int64_t story_id, int64_t now_ms, struct err *err)
{
	static const char join[] = "UPDATE story SET n_items = n_items + 1, updated_ms = max(updated_ms, ?) WHERE id = ?";

	return stmt_run(db, join, err, "ii", now_ms, story_id);
}

/* A story of which all that was known is held lies below what is newer; news of it brings it up. */
static int join_with(struct merge *m, const struct item *i, size_t rank, int64_t story_id, struct err *err)
{
	static const char lift[] = "UPDATE story SET sort_ms = max(sort_ms, ?1) WHERE id = ?2"
	                           " AND NOT EXISTS (SELECT 1 FROM item WHERE story_id = ?2 AND held = 0)";
	int rc = flood_holds(m, i) ? 0 : stmt_run(m->db, lift, err, "ii", place_in_feed(m, i, rank), story_id);

	return rc < 0 ? rc : join_story(m->db, story_id, m->now_ms, err);
}

/* The front page of a site, or one that all items link to, is no page that a story is about. */
static bool names_a_page(const struct item *i)
{
	const char *host = i->canonical_url ? strstr(i->canonical_url, "//") : NULL;
	const char *path = host ? strpbrk(host + 2, "/?") : NULL;
	bool is_front = host && (!path || strcmp(path, "/") == 0);

	return i->has_url_key && !i->link_is_shared && !is_front;
}

static int find_by_keys(struct merge *m, const struct item *i, struct story_choice *c, struct err *err)
{
	int rc = names_a_page(i) ? find_by_key(m, &i->url_key, &c->story_id, err) : 0;

	if (c->story_id)
		c->placed = PLACED_URL;
	if (rc < 0 || c->story_id || !i->has_id_key || i->guid_is_shared)
		return rc;
	rc = find_by_key(m, &i->id_key, &c->story_id, err);
	if (c->story_id)
		c->placed = PLACED_ID;
	return rc;
}

int choose_story(struct merge *m, const struct item *i, const char *item_uid, size_t rank, struct story_choice *ret, struct err *err)
{
	int rc;

	*ret = (struct story_choice){.placed = PLACED_NEW};
	rc = find_by_keys(m, i, ret, err);
	if (rc == 0 && !flood_holds(m, i)) /* what is held is no news that others could tell */
		find_by_words(m, i, ret);
	if (rc == 0)
		rc = ret->story_id ? join_with(m, i, rank, ret->story_id, err) : begin_story(m, i, item_uid, rank, ret, err);
	if (rc == 0 && names_a_page(i) && ret->placed != PLACED_URL)
		rc = own_key(m, &i->url_key, ret->story_id, err);
	if (rc == 0 && i->has_id_key && !i->guid_is_shared && ret->placed != PLACED_ID)
		rc = own_key(m, &i->id_key, ret->story_id, err);
	return rc;
}

/* For explaining: which stories came into question, and what spoke against each. */
static void encode_decision(const struct story_decision *d, struct buf *out)
{
	pack_u32(out, d->n_candidates);
	for (uint32_t i = 0; i < d->n_candidates; i++) {
		pack_i64(out, d->candidates[i].story_id);
		pack_u32(out, (uint32_t)(d->candidates[i].likeness * 1000));
		pack_u32(out, (uint32_t)(d->candidates[i].copied * 1000));
		pack_u32(out, (uint32_t)d->candidates[i].veto);
	}
}

int place_item(struct merge *m, int64_t item_id, const struct item *i, const struct story_choice *c, struct err *err)
{
	static const char save[] = "INSERT OR REPLACE INTO story_window (item_id, features, decision) VALUES (?, ?, ?)";
	const struct story_place place = {.item_id = item_id, .source_id = m->record->source_id, .story_id = c->story_id,
	                                  .group_id = c->decision.group_id, .time_ms = time_in_order(m->stories, m->now_ms)};
	struct buf decision = BUF_INIT(DECISION_BYTES);
	int rc;

	if (!c->has_features)
		return 0;
	encode_decision(&c->decision, &decision);
	rc = stmt_run(m->db, save, err, "ibb", item_id, i->features, i->features_len, decision.bytes, decision.len);
	buf_done(&decision);
	if (rc == 0 && story_index_add(m->stories->index, &place, &c->features) == 0)
		note_step(m->stories, (struct step){.item_id = item_id, .was_added = true});
	return rc;
}

void stories_move(struct stories *s, int64_t item_id, int64_t from_story, int64_t to_story)
{
	if (story_index_move(s->index, item_id, to_story, 0) == 0)
		note_step(s, (struct step){.item_id = item_id, .story_id = from_story});
}

void stories_forget(struct stories *s, int64_t item_id)
{
	story_index_remove(s->index, item_id);
}
