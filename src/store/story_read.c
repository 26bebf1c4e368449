/* Stories looked at: why an item is where it is, what else is about the same, and what other thresholds would make of it. */
#include "story_walk.h"

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"
#include "syndicated/story.h"

/* ---- one item ---- */

/* The title of a story is that of its lead. Caller frees; NULL when the story is gone. */
static int read_title(struct db *db, int64_t story_id, struct story_note *ret, struct err *err)
{
	static const char find[] =
		"SELECT coalesce(i.title, i.link), s.name FROM item i JOIN source s ON s.id = i.source_id WHERE i.id = ?";
	int64_t lead = 0;
	int rc = lead_find(db, story_id, &lead, err);
	sqlite3_stmt *row;

	ret->story_id = story_id;
	if (rc < 0 || lead == 0)
		return rc;
	row = stmt_bind(db, find, err, "i", lead);
	rc = row ? stmt_step(db, row, err) : ERR_IO;
	if (rc <= 0)
		return rc;
	ret->item_id = lead;
	ret->title = column_str(row, 0);
	ret->source = column_str(row, 1);
	stmt_done(row);
	return 0;
}

static struct story_note *add_note(struct item_story *s, bool is_candidate)
{
	struct story_note **notes = is_candidate ? &s->candidates : &s->related;
	size_t *n = is_candidate ? &s->n_candidates : &s->n_related;

	*notes = mem_resize_array(*notes, *n + 1, sizeof(struct story_note));
	(*notes)[*n] = (struct story_note){0};
	return &(*notes)[(*n)++];
}

/* As stories.c wrote it; one that makes no sense explains nothing. */
static int read_decision(struct db *db, const char *bytes, size_t len, struct item_story *ret, struct err *err)
{
	struct unpack u = {.p = bytes, .len = len};
	uint32_t n = unpack_u32(&u);
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < n && i < STORY_CANDIDATES; i++) {
		int64_t story_id = unpack_i64(&u);
		uint32_t likeness = unpack_u32(&u), copied = unpack_u32(&u), veto = unpack_u32(&u);
		struct story_note *note;

		if (u.error || veto >= STORY_VETOES)
			break;
		note = add_note(ret, true);
		note->likeness_permille = likeness;
		note->copied_permille = copied;
		note->why = story_veto_words((enum story_veto)veto);
		rc = read_title(db, story_id, note, err);
	}
	return rc;
}

static int read_candidates(struct db *db, int64_t item_id, struct item_story *ret, struct err *err)
{
	static const char find[] = "SELECT decision FROM story_window WHERE item_id = ?";
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", item_id);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;
	struct buf decision = BUF_INIT(1u << 16);

	ret->is_in_window = rc == 1;
	if (rc == 1) {
		const void *bytes = sqlite3_column_blob(row, 0);

		buf_append(&decision, bytes ? bytes : "", (size_t)sqlite3_column_bytes(row, 0));
		stmt_done(row);
		rc = read_decision(db, buf_str(&decision), decision.len, ret, err);
	}
	buf_done(&decision);
	return rc;
}

static int read_related(struct db *db, int64_t story_id, struct item_story *ret, struct err *err)
{
	int64_t ids[LIMIT_RELATED_LOOKED_AT];
	size_t n = 0;
	int rc = related_ids(db, story_id, ids, LIMIT_RELATED_LOOKED_AT, &n, err);

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_title(db, ids[i], add_note(ret, false), err);
	return rc;
}

int store_read_item_story(struct store_reader *r, int64_t item_id, struct item_story *ret, struct err *err)
{
	struct item_story s = {0};
	int64_t story_id = 0;
	int rc = begin_read(&r->db, err);

	if (rc == 0)
		rc = stmt_int(&r->db, &story_id, 0, "SELECT story_id FROM item WHERE id = ?", err, "i", item_id);
	if (rc == 0 && story_id == 0)
		rc = err_set(err, ERR_NOT_FOUND, "there is no item %lld; 'syndicatectl items' lists the newest with their numbers", (long long)item_id);
	if (rc == 0)
		rc = read_one_story(&r->db, story_id, &s.story, err);
	if (rc == 0)
		rc = read_candidates(&r->db, item_id, &s, err);
	if (rc == 0)
		rc = read_related(&r->db, story_id, &s, err);
	end_read(&r->db);
	if (rc < 0)
		item_story_done(&s);
	else
		*ret = s;
	return rc;
}

static void free_notes(struct story_note *notes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		mem_free(notes[i].title);
		mem_free(notes[i].source);
	}
	mem_free(notes);
}

void item_story_done(struct item_story *s)
{
	story_list_free(s->story);
	free_notes(s->candidates, s->n_candidates);
	free_notes(s->related, s->n_related);
	*s = (struct item_story){0};
}

/* ---- other thresholds ---- */

/* "12 source: title", for people. Caller frees. */
static int read_item_title(struct db *db, int64_t id, char **ret, struct err *err)
{
	static const char find[] =
		"SELECT i.id || ' ' || s.name || ': ' || coalesce(i.title, i.link, '') FROM item i JOIN source s ON s.id = i.source_id WHERE i.id = ?";
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", id);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	if (rc <= 0)
		return rc;
	*ret = column_str(row, 0);
	stmt_done(row);
	return 0;
}

/* A story of the replay is named after the first item that is in it. */
struct replay {
	struct db *db;
	struct story_index *index;
	struct map *stories; /* stored story -> the one in the replay that its first item is in */
	int64_t newest_ms;
	struct story_replay *result;
	size_t limit;
};

struct replay_row {
	int64_t item_id, source_id, story_id, time_ms;
	enum item_placed placed;
	struct story_features features;
};

static char *story_name(int64_t id)
{
	return mem_printf("%lld", (long long)id);
}

static int64_t replayed(const struct replay *r, int64_t story_id)
{
	auto_free char *name = story_name(story_id);

	return (int64_t)(intptr_t)map_get(r->stories, name);
}

/* By page, id and hand it is where it was put; by words the index says. */
static int64_t choose(struct replay *r, const struct replay_row *row, struct story_decision *d)
{
	int64_t kept = replayed(r, row->story_id);

	story_index_match(r->index, &row->features, row->source_id, row->time_ms, d);
	switch (row->placed) {
	case PLACED_URL:
	case PLACED_ID:
	case PLACED_JOINED:
		return kept ? kept : row->item_id;
	case PLACED_SPLIT:
		return row->item_id;
	case PLACED_NEW:
	case PLACED_WIRE:
	case PLACED_SIMILAR:
	case ITEM_PLACED_COUNT:
	default:
		return d->story_id ? d->story_id : row->item_id;
	}
}

static int add_change(struct replay *r, const struct replay_row *row, int64_t to, const struct story_decision *d, struct err *err)
{
	struct story_replay *x = r->result;
	struct story_change *c;
	int rc;

	x->n_differing++;
	if (x->n >= r->limit)
		return 0;
	x->changes = mem_resize_array(x->changes, x->n + 1, sizeof(x->changes[0]));
	c = &x->changes[x->n++];
	*c = (struct story_change){.item_id = row->item_id, .likeness_permille = (int64_t)(d->score * 1000)};
	rc = read_item_title(r->db, row->item_id, &c->item, err);
	if (rc == 0 && to != row->item_id)
		rc = read_item_title(r->db, to, &c->joins, err);
	if (rc == 0 && replayed(r, row->story_id))
		rc = read_item_title(r->db, replayed(r, row->story_id), &c->leaves, err);
	return rc;
}

static int replay_row(struct replay *r, const struct replay_row *row, struct err *err)
{
	struct story_decision d = {0};
	int64_t before = replayed(r, row->story_id), to = choose(r, row, &d);
	const struct story_place place = {.item_id = row->item_id, .source_id = row->source_id, .story_id = to, .group_id = d.group_id,
	                                  .time_ms = row->time_ms};
	auto_free char *name = story_name(row->story_id);
	int rc = to != (before ? before : row->item_id) ? add_change(r, row, to, &d, err) : 0;

	r->result->n_items++;
	r->result->n_stories += to == row->item_id;
	r->result->n_stored_stories += before == 0;
	if (!before)
		(void)map_put(r->stories, name, (void *)(intptr_t)to); // NOLINT(performance-no-int-to-ptr)
	if (story_index_add(r->index, &place, &row->features) < 0)
		return err_set(err, ERR_CORRUPT, "item %lld is in the window twice", (long long)row->item_id);
	return rc;
}

static int walk_window(struct replay *r, struct err *err)
{
	static const char all[] =
		"SELECT i.id, i.source_id, i.story_id, i.first_seen_ms, i.placed, w.features FROM story_window w JOIN item i ON i.id = w.item_id"
		" ORDER BY w.item_id";
	sqlite3_stmt *row = stmt_bind(r->db, all, err, "");
	int rc = row ? 1 : ERR_IO, failed = 0;

	while (rc == 1 && failed == 0 && (rc = stmt_step(r->db, row, err)) == 1) {
		struct replay_row x = {
			.item_id = sqlite3_column_int64(row, 0),
			.source_id = sqlite3_column_int64(row, 1),
			.story_id = sqlite3_column_int64(row, 2),
			.time_ms = sqlite3_column_int64(row, 3),
			.placed = (enum item_placed)sqlite3_column_int(row, 4),
		};
		const void *features = sqlite3_column_blob(row, 5);

		if (story_features_decode(features ? features : "", (size_t)sqlite3_column_bytes(row, 5), &x.features) < 0)
			continue;
		r->newest_ms = x.time_ms = x.time_ms > r->newest_ms ? x.time_ms : r->newest_ms;
		failed = replay_row(r, &x, err);
	}
	if (failed < 0)
		stmt_done(row);
	return failed < 0 ? failed : rc;
}

int store_replay_stories(struct store_reader *reader, const struct story_spec *spec, size_t limit, struct story_replay *ret, struct err *err)
{
	struct story_rules rules;
	struct story_replay result = {0};
	struct replay r = {.db = &reader->db, .stories = map_new(), .result = &result, .limit = limit};
	int rc = begin_read(&reader->db, err);

	story_rules_of(spec, &rules);
	r.index = story_index_new(&rules);
	if (rc == 0)
		rc = walk_window(&r, err);
	end_read(&reader->db);
	story_index_free(r.index);
	map_free(r.stories, NULL);
	if (rc < 0)
		story_replay_done(&result);
	else
		*ret = result;
	return rc;
}

void story_replay_done(struct story_replay *r)
{
	for (size_t i = 0; i < r->n; i++) {
		mem_free(r->changes[i].item);
		mem_free(r->changes[i].joins);
		mem_free(r->changes[i].leaves);
	}
	mem_free(r->changes);
	*r = (struct story_replay){0};
}
