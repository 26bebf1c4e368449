#include "store_internal.h"

bool lead_before(const struct lead_rank *a, const struct lead_rank *b)
{
	int64_t x = a->body_length, y = b->body_length;

	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (x > y + y / 5 || y > x + x / 5)
		return x > y;
	if (a->first_seen_ms != b->first_seen_ms)
		return a->first_seen_ms < b->first_seen_ms;
	return a->item_id < b->item_id;
}

int lead_find(struct db *db, int64_t story_id, int64_t *ret_item_id, struct err *err)
{
	static const char find[] =
		"SELECT s.priority, i.body_bytes, i.first_seen_ms, i.id FROM item i JOIN source s ON s.id = i.source_id WHERE i.story_id = ?";
	struct lead_rank best = {0};
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", story_id);
	int rc = row ? 1 : ERR_IO;

	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1) {
		struct lead_rank rank = {
			.priority = sqlite3_column_int64(row, 0),
			.body_length = sqlite3_column_int64(row, 1),
			.first_seen_ms = sqlite3_column_int64(row, 2),
			.item_id = sqlite3_column_int64(row, 3),
		};

		if (!best.item_id || lead_before(&rank, &best))
			best = rank;
	}
	if (rc == 0)
		*ret_item_id = best.item_id;
	return rc;
}
