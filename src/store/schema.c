/*
 * The tables, as numbered steps: user_version says which have been taken. A step once released never changes; a change is
 * a new step. All of them run in one transaction, so a crash in between leaves the old version whole.
 */
#include "store_internal.h"

enum { APPLICATION_ID = 0x53594e44 }; /* "SYND", for file(1) */

static const char step_1[] =
	/* Single facts about the store as a whole. */
	"CREATE TABLE fact (name TEXT NOT NULL PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"

	/*
	 * Those who are asked: a registrable domain, or a private address with its port. The schedule has two levels, so that
	 * a host with many due sources holds up nobody else: ready_ms is when one source of the host may be asked, NULL while
	 * as many as are allowed are claimed, or none is left. Schedule times are our own clock: see clock.c.
	 */
	"CREATE TABLE host ("
	" id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"
	" ready_ms INTEGER,"
	" worth INTEGER," /* of the source that is due first */
	" claims INTEGER NOT NULL DEFAULT 0,"
	" not_before_ms INTEGER NOT NULL DEFAULT 0," /* the gap since the last start, or a pause that was asked for */
	" gap_ms INTEGER NOT NULL DEFAULT 0,"        /* learned from complaints; 0: as configured */
	" successes INTEGER NOT NULL DEFAULT 0"      /* since the gap changed */
	") STRICT;"
	"CREATE INDEX host_ready ON host (worth, ready_ms) WHERE ready_ms IS NOT NULL;"

	/* A subscription, what it says and how it is doing. Times are Unix milliseconds; NULL is unknown. */
	"CREATE TABLE source ("
	" id INTEGER PRIMARY KEY,"
	" uid TEXT NOT NULL UNIQUE,"
	" url TEXT NOT NULL UNIQUE,"
	" name TEXT NOT NULL,"
	" title TEXT," /* the operator's */
	" tags TEXT NOT NULL DEFAULT '',"
	" priority INTEGER NOT NULL DEFAULT 0,"
	" update_policy INTEGER NOT NULL DEFAULT 0,"
	" identity INTEGER NOT NULL DEFAULT 0," /* enum identity_rule */
	" identity_seen BLOB," /* what its documents taught of their ids: identity.c */
	" poll_min_ms INTEGER NOT NULL,"
	" poll_max_ms INTEGER NOT NULL,"
	" own_poll_min INTEGER NOT NULL DEFAULT 0,"
	" ignores_hints INTEGER NOT NULL DEFAULT 0,"
	" retired INTEGER NOT NULL DEFAULT 0,"
	/* How it is doing: model/health.h. */
	" state INTEGER NOT NULL DEFAULT 0,"
	" state_since_ms INTEGER NOT NULL DEFAULT 0,"
	" failing_since_ms INTEGER NOT NULL DEFAULT 0,"
	" run_since_ms INTEGER NOT NULL DEFAULT 0,"
	" run_polls INTEGER NOT NULL DEFAULT 0,"
	" run_outcome INTEGER NOT NULL DEFAULT 0,"
	" is_told INTEGER NOT NULL DEFAULT 0,"
	" n_events INTEGER NOT NULL DEFAULT 0,"
	" moving_to TEXT,"
	" moving_since_ms INTEGER NOT NULL DEFAULT 0,"
	" moving_polls INTEGER NOT NULL DEFAULT 0,"
	" poll_url TEXT," /* asked instead of url, since it moved */
	" joined_id INTEGER REFERENCES source (id),"
	" validators_url TEXT,"
	" etag TEXT,"
	" last_modified TEXT,"
	" asked_as INTEGER NOT NULL DEFAULT 0," /* source_access_mark() of the request that they came from */
	" body_digest BLOB,"
	" seeded INTEGER NOT NULL DEFAULT 0," /* a first document was taken in */
	" document_ms INTEGER,"               /* when the last whole document was taken in */
	" feed_title TEXT,"
	" feed_id TEXT,"
	" feed_author TEXT,"
	" site_url TEXT,"
	" feed_updated_ms INTEGER,"
	" problems BLOB,"
	" n_items INTEGER NOT NULL DEFAULT 0"
	") STRICT;"
	"CREATE INDEX source_name ON source (name) WHERE retired = 0;"
	"CREATE INDEX source_poll_url ON source (poll_url) WHERE poll_url IS NOT NULL;"
	"CREATE INDEX source_joined ON source (joined_id) WHERE joined_id IS NOT NULL;"
	"CREATE INDEX source_items ON source (n_items);"
	"CREATE INDEX source_failing ON source (name) WHERE retired = 0 AND state > 0;"

	/*
	 * What every poll changes, one row a source, made with it: apart, so that a poll without news writes a short row (decision 026).
	 * host_id is NULL of a retired source, which waits for nobody's turn.
	 */
	"CREATE TABLE schedule ("
	" source_id INTEGER PRIMARY KEY REFERENCES source (id),"
	" host_id INTEGER REFERENCES host (id)," /* whose turn it waits for */
	" next_due_ms INTEGER NOT NULL,"
	" worth INTEGER NOT NULL," /* class of the items expected in a day */
	" failures INTEGER NOT NULL DEFAULT 0,"
	" interval_ms INTEGER NOT NULL DEFAULT 0,"
	" due_reason TEXT,"
	" polls INTEGER NOT NULL DEFAULT 0,"
	" last_start_ms INTEGER,"
	" asked_ms INTEGER NOT NULL DEFAULT 0," /* when a request may have been sent last, or its answer ended; the schedule's clock, as is */
	" retry_ms INTEGER NOT NULL DEFAULT 0," /* until when the server asked for peace (Retry-After): not before, whoever asks. 0: never */
	" last_success_ms INTEGER,"
	" last_outcome TEXT,"
	" last_status INTEGER NOT NULL DEFAULT 0,"
	" last_message TEXT,"
	/* Between two hops of a look: the host that is asked first, and how far the look got (decision 023). All or none. */
	" home_id INTEGER REFERENCES host (id),"
	" trail TEXT,"
	" trail_ms INTEGER," /* when it was claimed for the last hop */
	" learned BLOB," /* schedule.h */
	" known BLOB," /* the document of which all was known: known.c */
	" history BLOB" /* model/health.h */
	") STRICT;"
	"CREATE INDEX schedule_due ON schedule (host_id, next_due_ms, worth) WHERE host_id IS NOT NULL;"
	"CREATE INDEX schedule_away ON schedule (source_id) WHERE home_id IS NOT NULL;"

	/* Sources that are being polled, with the end of their lease: apart, so that a claim writes no row of a source. No REFERENCES, which each claim would look up. */
	"CREATE TABLE claim ("
	" source_id INTEGER PRIMARY KEY,"
	" claimed_ms INTEGER NOT NULL,"
	" until_ms INTEGER NOT NULL"
	") STRICT;"

	"CREATE TABLE story ("
	" id INTEGER PRIMARY KEY,"
	" uid BLOB NOT NULL UNIQUE," /* the 16 bytes of its UUID, which outlives the item it was made from */
	" created_ms INTEGER NOT NULL,"
	" updated_ms INTEGER NOT NULL,"
	" sort_ms INTEGER NOT NULL,"
	" n_items INTEGER NOT NULL,"
	" group_id INTEGER NOT NULL DEFAULT 0" /* stories that are about the same bear the id of the first; 0: its own */
	") STRICT;"
	"CREATE INDEX story_sort ON story (sort_ms);"
	"CREATE INDEX story_group ON story (group_id) WHERE group_id > 0;"

	/* The page that a story is about, or an id that is unique in the world: which story owns it, in any source. */
	"CREATE TABLE story_url ("
	" url_key BLOB NOT NULL PRIMARY KEY,"
	" story_id INTEGER NOT NULL REFERENCES story (id)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX story_url_story ON story_url (story_id);"

	/*
	 * Its public id is derived of its source and its key. Small rows; the long texts are in item_text, what every poll looks
	 * up in item_key. guid and canonical_url are '' where they are the link, as most are.
	 */
	"CREATE TABLE item ("
	" id INTEGER PRIMARY KEY,"
	" source_id INTEGER NOT NULL REFERENCES source (id),"
	" story_id INTEGER NOT NULL REFERENCES story (id),"
	" key BLOB NOT NULL,"
	" revision INTEGER NOT NULL,"
	" placed INTEGER NOT NULL,"   /* why it is in its story: model/view.h, */
	" likeness INTEGER NOT NULL," /* and how like it was, in thousandths */
	" first_seen_ms INTEGER NOT NULL,"
	" marks BLOB NOT NULL DEFAULT x'',"        /* what it is found by when its key is another: match.c */
	" updates INTEGER NOT NULL DEFAULT 0," /* how often it changed of late: items.c */
	" held INTEGER NOT NULL DEFAULT 0,"    /* 1: kept, and not announced: flood.c */
	" published_ms INTEGER,"
	" updated_ms INTEGER,"
	" body_bytes INTEGER NOT NULL," /* of summary and content, without their frame */
	" link TEXT,"
	" guid TEXT,"
	" canonical_url TEXT,"
	" title TEXT,"
	" language TEXT,"
	" comments_url TEXT,"
	" thumbnail TEXT,"
	" rights TEXT,"
	" lists BLOB" /* authors, categories, enclosures: model/document.h */
	") STRICT;"
	"CREATE INDEX item_story ON item (story_id);"
	"CREATE INDEX item_held ON item (source_id) WHERE held = 1;"
	/* What a poll asks of an item whose key it brings, and no more: those of a source are neighbours, and no row of item is read. */
	"CREATE TABLE item_key ("
	" source_id INTEGER NOT NULL,"
	" key BLOB NOT NULL,"
	" item_id INTEGER NOT NULL,"
	" seen_ms INTEGER NOT NULL," /* within a day: see merge.c */
	" digest BLOB NOT NULL," /* of what it says */
	" PRIMARY KEY (source_id, key)"
	") STRICT, WITHOUT ROWID;"
	/* The item that had a mark last. A rowid table: an entry takes some 20 bytes, and those of a source are neighbours. */
	"CREATE TABLE item_mark (mark INTEGER PRIMARY KEY, item_id INTEGER NOT NULL) STRICT;"

	/* Summary and content of item id / 2, in one piece or cut in two: body.c. */
	"CREATE TABLE item_text (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"

	/* What may still be told again: the words of items of the last days, and which stories came into question. */
	"CREATE TABLE story_window ("
	" item_id INTEGER PRIMARY KEY REFERENCES item (id),"
	" features BLOB NOT NULL," /* story.h */
	" decision BLOB NOT NULL"  /* stories.c */
	") STRICT;"

	/* The words of titles and texts: search.c. */
	SEARCH_TABLE
	/* Its pieces are merged when there are eight of a size, by default four: each word is written fewer times (decision 032). */
	"INSERT INTO search (search, rank) VALUES ('automerge', 8);"

	/* The spine. The public id is derived of type, item or source, and number. AUTOINCREMENT: a seq is never used twice, not even after the last rows were purged. */
	"CREATE TABLE event ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" type INTEGER NOT NULL,"
	" time_ms INTEGER NOT NULL,"
	" number INTEGER NOT NULL," /* the item's revision, or the how-manieth of its source */
	" item_id INTEGER REFERENCES item (id)," /* of events about an item */
	" story_items INTEGER NOT NULL DEFAULT 0,"
	" initial_rank INTEGER NOT NULL DEFAULT 0,"
	" source_id INTEGER REFERENCES source (id)," /* of events about a source, */
	" report BLOB,"                              /* and what it said then: model/health.h */
	" CHECK ((item_id IS NULL) <> (source_id IS NULL))"
	") STRICT;"
	"CREATE UNIQUE INDEX event_item ON event (item_id, number, type) WHERE item_id IS NOT NULL;"
	"CREATE UNIQUE INDEX event_source ON event (source_id, number) WHERE source_id IS NOT NULL;"
	"CREATE INDEX event_source_time ON event (time_ms) WHERE source_id IS NOT NULL;"

	"CREATE TABLE webhook ("
	" name TEXT NOT NULL PRIMARY KEY,"
	" cursor INTEGER NOT NULL,"
	" configured INTEGER NOT NULL DEFAULT 1," /* 0: gone from the configuration; it holds back no purge */
	" created_ms INTEGER NOT NULL,"
	" last_attempt_ms INTEGER,"
	" last_success_ms INTEGER,"
	" last_status INTEGER NOT NULL DEFAULT 0,"
	" last_message TEXT"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE delivery ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT," /* an attempt recorded twice must not end a later delivery */
	" webhook TEXT NOT NULL REFERENCES webhook (name),"
	" seq INTEGER NOT NULL,"
	" event_id TEXT NOT NULL,"
	" body BLOB NOT NULL,"
	" dead INTEGER NOT NULL DEFAULT 0,"
	" attempts INTEGER NOT NULL DEFAULT 0,"
	" created_ms INTEGER NOT NULL,"
	" next_ms INTEGER NOT NULL,"
	" claimed_until_ms INTEGER NOT NULL DEFAULT 0,"
	" UNIQUE (webhook, seq, event_id)" /* an event of an item may be one of its story as well */
	") STRICT;"
	"CREATE INDEX delivery_due ON delivery (webhook, next_ms, seq) WHERE dead = 0;"

	/* The stories that a webhook has heard of, when it is sent stories. */
	"CREATE TABLE told ("
	" story_id INTEGER NOT NULL REFERENCES story (id) ON DELETE CASCADE,"
	" webhook TEXT NOT NULL REFERENCES webhook (name),"
	" PRIMARY KEY (story_id, webhook)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE attempt ("
	" id INTEGER PRIMARY KEY,"
	" webhook TEXT NOT NULL,"
	" seq INTEGER NOT NULL,"
	" event_id TEXT NOT NULL,"
	" started_ms INTEGER NOT NULL,"
	" duration_ms INTEGER NOT NULL,"
	" status INTEGER NOT NULL,"
	" message TEXT,"
	" state INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX attempt_started ON attempt (started_ms);";

static const char *const steps[] = {step_1};

const int schema_version = sizeof(steps) / sizeof(steps[0]);

static int take_steps(struct db *db, int from, struct err *err)
{
	char version[64];
	int rc = 0;

	for (int i = from; rc == 0 && i < schema_version; i++)
		rc = db_exec(db, steps[i], err);
	(void)sqlite3_snprintf(sizeof(version), version, "PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID,
	                       schema_version);
	return rc < 0 ? rc : db_exec(db, version, err);
}

static int read_pragma(struct db *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	*ret = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 0 : ERR_IO;
}

static int refuse_newer(const struct db *db, int64_t version, struct err *err)
{
	if (version <= schema_version)
		return 0;
	return err_set(err, ERR_UNSUPPORTED,
	               "the database %s was written by a newer syndicated (its format is %d, this program knows %d); run that version, "
	               "or restore a backup made by this one",
	               db->path, (int)version, schema_version);
}

int schema_check(struct db *db, struct err *err)
{
	int64_t version, id;

	if (read_pragma(db, "PRAGMA user_version", &version) < 0 || read_pragma(db, "PRAGMA application_id", &id) < 0)
		return db_fail(db, err, "cannot read it");
	if (id != APPLICATION_ID || version < 1)
		return err_set(err, ERR_INVALID, "%s is no store of syndicated", db->path);
	return refuse_newer(db, version, err);
}

int schema_migrate(struct db *db, struct err *err)
{
	int64_t version;
	int rc;

	if (read_pragma(db, "PRAGMA user_version", &version) < 0)
		return db_fail(db, err, "cannot read it");
	rc = refuse_newer(db, version, err);
	if (rc < 0 || version == schema_version)
		return rc;
	rc = db_exec(db, "BEGIN IMMEDIATE", err);
	if (rc == 0)
		rc = take_steps(db, (int)version, err);
	if (rc == 0)
		rc = db_exec(db, "COMMIT", err);
	if (rc < 0)
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}
