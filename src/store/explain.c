/* All that is known of one source, in one read transaction. */
#include "identity.h"
#include "store_internal.h"

#include "syndicated/base/mem.h"

enum { EVENTS_SHOWN = 10 };

static int read_one(struct db *db, const char *name, struct source_story *ret, struct err *err)
{
	static const char find[] =
		"SELECT s.id, t.history, h.name, h.not_before_ms, t.learned, h.gap_ms, s.identity, s.identity_seen, t.home_id IS NOT NULL"
		" FROM source s JOIN schedule t ON t.source_id = s.id JOIN host h ON h.id = t.host_id WHERE s.name = ? AND s.retired = 0";
	static const char held[] = "SELECT count(*) FROM item WHERE source_id = ? AND held = 1";
	struct source_set set = {0};
	sqlite3_stmt *row = stmt_bind(db, find, err, "s", name);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;
	struct identity_seen seen;
	struct source_view *v;
	int64_t id;

	if (rc < 0)
		return rc;
	if (rc == 0)
		return no_such_source(db, name, err);
	id = sqlite3_column_int64(row, 0);
	poll_history_decode(sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1), &ret->history);
	ret->host = column_str(row, 2);
	ret->host_not_before_ms = wall_time(db, sqlite3_column_int64(row, 3));
	ret->clock_shift_ms = db->clock.shift_ms;
	ret->learned_len = (size_t)sqlite3_column_bytes(row, 4);
	ret->learned = mem_dup_bytes(sqlite3_column_blob(row, 4), ret->learned_len);
	ret->host_gap_ms = sqlite3_column_int64(row, 5);
	ret->is_between_hops = sqlite3_column_int(row, 8) != 0;
	identity_seen_decode(sqlite3_column_blob(row, 7), (size_t)sqlite3_column_bytes(row, 7), &seen);
	ret->identity = (struct identity_view){
		.rule = (enum identity_rule)sqlite3_column_int(row, 6),
		.guids_change = seen.guids_change,
		.guids_repeat = seen.guids_repeat,
		.links_repeat = seen.links_repeat,
		.numbers_change = seen.numbers_change,
		.updates_day = seen.updates_day,
		.updates = seen.updates,
	};
	stmt_done(row);
	v = source_set_get(db, &set, id, err);
	if (!v)
		return ERR_IO;
	ret->source = mem_new(struct source_list);
	ret->source->sources = set.items;
	ret->source->n = set.n;
	rc = stmt_int(db, &ret->identity.held, 0, held, err, "i", id);
	return rc < 0 ? rc : read_events_of_source(db, id, EVENTS_SHOWN, &ret->events, err);
}

int store_read_source(struct store_reader *r, const char *name, struct source_story *ret, struct err *err)
{
	struct source_story story = {0};
	int rc = begin_read(&r->db, err);

	if (rc < 0)
		return rc;
	rc = read_one(&r->db, name, &story, err);
	end_read(&r->db);
	if (rc < 0)
		source_story_done(&story);
	else
		*ret = story;
	return rc;
}

void source_story_done(struct source_story *s)
{
	source_list_free(s->source);
	event_list_free(s->events);
	mem_free(s->host);
	mem_free(s->learned);
	*s = (struct source_story){0};
}
