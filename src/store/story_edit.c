/* A person knows better: an item leaves its story, or goes to that of another. */
#include "store_internal.h"

#include "syndicated/base/mem.h"
#include "syndicated/model/ids.h"

struct placed_item {
	int64_t id;
	int64_t story_id;
	int64_t n_items; /* of its story */
};

static int find_item(struct db *db, int64_t id, struct placed_item *ret, struct err *err)
{
	static const char find[] = "SELECT i.story_id, t.n_items FROM item i JOIN story t ON t.id = i.story_id WHERE i.id = ?";
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", id);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	if (rc < 0)
		return rc;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no item %lld; 'syndicatectl items' lists the newest with their numbers", (long long)id);
	*ret = (struct placed_item){.id = id, .story_id = sqlite3_column_int64(row, 0), .n_items = sqlite3_column_int64(row, 1)};
	stmt_done(row);
	return 0;
}

/* What remains shows one source less; with the last item a story goes, and its pages are free. */
static int leave_story(struct db *db, int64_t story_id, int64_t now_ms, struct err *err)
{
	static const char leave[] = "UPDATE story SET n_items = n_items - 1, updated_ms = max(updated_ms + 1, ?) WHERE id = ?";
	static const char drop_urls[] = "DELETE FROM story_url WHERE story_id = ?1 AND (SELECT n_items FROM story WHERE id = ?1) <= 0";
	static const char drop[] = "DELETE FROM story WHERE id = ? AND n_items <= 0";
	int rc = stmt_run(db, leave, err, "ii", now_ms, story_id);

	if (rc == 0)
		rc = stmt_run(db, drop_urls, err, "i", story_id);
	return rc < 0 ? rc : stmt_run(db, drop, err, "i", story_id);
}

static int move(struct store *s, const struct placed_item *item, int64_t story_id, enum item_placed placed, int64_t now_ms, struct err *err)
{
	static const char save[] = "UPDATE item SET story_id = ?, placed = ?, likeness = 0 WHERE id = ?";
	int rc = stmt_run(&s->db, save, err, "iii", story_id, (int64_t)placed, item->id);

	if (rc == 0)
		rc = leave_story(&s->db, item->story_id, now_ms, err);
	if (rc == 0)
		stories_move(s->stories, item->id, item->story_id, story_id);
	return rc;
}

/* Named after the item and the story that it leaves, so that its id is a new one and the same after a crash. */
static int begin_story(struct db *db, const struct placed_item *item, int64_t now_ms, int64_t *ret, struct err *err)
{
	static const char insert[] =
		"INSERT INTO story (uid, created_ms, updated_ms, sort_ms, n_items) SELECT ?, ?, ?, sort_ms, 1 FROM story WHERE id = ?";
	auto_free char *name = mem_printf("split %lld of %lld at %lld", (long long)item->id, (long long)item->story_id, (long long)now_ms);
	uint8_t uid[ID_RAW_BYTES];
	int rc;

	id_of_story_raw(name, uid);
	rc = stmt_run(db, insert, err, "biii", uid, sizeof(uid), now_ms, now_ms, item->story_id);
	*ret = sqlite3_last_insert_rowid(db->handle);
	return rc;
}

int store_split_item(struct store *s, int64_t item_id, int64_t now_ms, struct err *err)
{
	struct placed_item item;
	int64_t story_id = 0;
	int rc = find_item(&s->db, item_id, &item, err);

	if (rc < 0)
		return rc;
	if (item.n_items < 2)
		return err_set(err, ERR_INVALID, "item %lld is alone in its story; there is nothing to split it from", (long long)item_id);
	rc = begin_story(&s->db, &item, now_ms, &story_id, err);
	return rc < 0 ? rc : move(s, &item, story_id, PLACED_SPLIT, now_ms, err);
}

int store_join_items(struct store *s, int64_t item_id, int64_t other_id, int64_t now_ms, struct err *err)
{
	struct placed_item item, other;
	int rc = find_item(&s->db, item_id, &item, err);

	if (rc == 0)
		rc = find_item(&s->db, other_id, &other, err);
	if (rc < 0)
		return rc;
	if (item.story_id == other.story_id)
		return err_set(err, ERR_INVALID, "items %lld and %lld are in one story already", (long long)item_id, (long long)other_id);
	rc = join_story(&s->db, other.story_id, now_ms, err);
	return rc < 0 ? rc : move(s, &item, other.story_id, PLACED_JOINED, now_ms, err);
}
