#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H
/*
 * SQLite behind the contract of store.h: a connection with its prepared statements, and the small verbs to use them.
 * One connection, one thread.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/map.h"
#include "syndicated/store.h"

enum { STATEMENTS_MAX = 192, STATEMENT_SLOTS = 512 /* a power of two */ };

struct squeezer { /* zstd's contexts, made when they are first needed: squeeze.c */
	struct ZSTD_CCtx_s *writing;
	struct ZSTD_DCtx_s *reading;
};

struct db {
	sqlite3 *handle;
	char *path;
	struct statement {
		const char *sql; /* the literal's address is its name */
		sqlite3_stmt *stmt;
	} statements[STATEMENTS_MAX];
	size_t n_statements;
	uint8_t statement_slots[STATEMENT_SLOTS]; /* by the literal's address, 1 + its place above; 0: none */
	struct store_clock {       /* see clock.c */
		int64_t shift_ms;      /* wall clock less the schedule's */
		int64_t seen_ms;       /* the latest schedule time that is written down */
		int64_t believed_ms;   /* the latest wall clock by which age was told; 0: none was */
		int64_t held_until_ms; /* it leapt ahead from there, and is believed then, by the schedule's clock; 0: it did not */
		bool is_watched;       /* all of that was read */
	} clock;
	int64_t lease_end_ms; /* no claim's lease ends before; 0: not known */
	size_t text_room; /* see body.c */
	struct squeezer squeezer;
	struct wanted_items { /* the rows of the table "wanted": wanted.c */
		const struct item *items; /* the caller's */
		size_t n;
	} wanted;
	bool schema_is_old; /* it is to be read anew before anything else: db.c */
	struct search_queue { /* see search.c */
		struct search_change *changes;
		size_t n, capacity, bytes;
		size_t mark;  /* the savepoint's */
		bool mark_lost; /* what waited before it was written behind it */
	} search;
};

struct purge_walk { /* where the round is: see purge.c */
	int64_t item_id;
	size_t too_new;
	int64_t n_items, source_id;
	bool in_source;
	bool ages_done, counts_done, logs_done, vacuum_done;
};

struct stories; /* which items tell the same: stories.c */

struct store {
	struct db db;
	int lock; /* of the directory */
	bool was_checked; /* whole, at the start */
	struct stories *stories;
	struct purge_walk walk;
	struct store_clock at_begin, at_savepoint; /* undone with what was written of it; the disk may not be readable then */
	bool spoiled; /* a job could not be undone, so the transaction must not be committed */
};

struct store_reader {
	struct db db;
};

/* ---- db.c ---- */

/* SQLite's quick_check, for at most so long; *ret_cut: it was not over then. ERR_CORRUPT when it found something. */
must_check int db_quick_check(struct db *db, int64_t max_ms, bool *ret_cut, struct err *err);
must_check int db_open(struct db *db, const char *state_dir, bool read_only, struct err *err);
void db_close(struct db *db);
char *db_path(const char *state_dir); /* owned by the caller */
/* Connections that neither migrate nor check: for the care of a store that may be damaged. */
must_check int db_open_plain(struct db *db, const char *state_dir, bool read_only, struct err *err);
must_check int db_open_file(struct db *db, const char *path, bool read_only, struct err *err);
/* One process writes; it holds the directory's lock. Returns a descriptor, or ERR_REFUSED when another holds it. */
int lock_state_dir(const char *state_dir, struct err *err);
void unlock_state_dir(int lock); /* negative: nothing */
#define DAMAGED_ADVICE "stop the daemon and restore a backup (syndicated --restore FILE), or move the file away to begin anew"
/* Sets err from the connection's last error: "what: file: reason", and returns ERR_IO, ERR_CORRUPT or ERR_FULL. */
int db_fail(const struct db *db, struct err *err, const char *what);
enum { STORE_CACHE_KIB = 8192 };
/* For as long as a job needs another; pages over the limit are given back. */
must_check int db_set_cache(struct db *db, int kib, struct err *err);
must_check int db_exec(struct db *db, const char *sql, struct err *err);

/* ---- wal_file.c ---- */

/* For the writer: a commit goes into the write-ahead log with few calls. Only with synchronous = FULL. An SQLite result code; once in a process. */
#define WAL_GATHERING_VFS "syndicated-wal"
int wal_file_register(void);

/* ---- schema.c ---- */

must_check int schema_migrate(struct db *db, struct err *err);
/* Whether it is a store of ours, in a format that this program knows: ERR_INVALID, ERR_UNSUPPORTED. */
must_check int schema_check(struct db *db, struct err *err);
extern const int schema_version;

/* ---- check.c ---- */

/* Appends a line for each finding; ERR_CORRUPT when there is one. */
must_check int check_whole_store(struct db *db, bool words_too, struct buf *findings, struct err *err);

/* ---- stmt.c ---- */

/*
 * A prepared statement, reset, with bindings of an earlier use; the same for the same literal. NULL and err set when it cannot be
 * prepared. It must be stepped to its end or reset before the transaction ends: stmt_done() does.
 */
sqlite3_stmt *stmt_get(struct db *db, const char *sql, struct err *err);
/* Binds by the letters of types: i int64, s text or NULL, b pointer and size_t (NULL pointer: NULL), t time (TIME_UNKNOWN: NULL). */
sqlite3_stmt *stmt_bind(struct db *db, const char *sql, struct err *err, const char *types, ...);
/* 1 for a row, 0 at the end, negative on failure. At the end and on failure the statement is reset. */
must_check int stmt_step(struct db *db, sqlite3_stmt *stmt, struct err *err);
void stmt_done(sqlite3_stmt *stmt);
/* Binds, steps to the end and resets. Takes no rows. */
must_check int stmt_run(struct db *db, const char *sql, struct err *err, const char *types, ...);
/* The first column of the first row; `otherwise` when there is none. */
must_check int stmt_int(struct db *db, int64_t *ret, int64_t otherwise, const char *sql, struct err *err, const char *types, ...);

char *column_str(sqlite3_stmt *stmt, int i);   /* owned; NULL for NULL */
int64_t column_time(sqlite3_stmt *stmt, int i); /* TIME_UNKNOWN for NULL */
bool column_key(sqlite3_stmt *stmt, int i, struct item_key *ret);
char *column_story_uid(sqlite3_stmt *stmt, int i); /* owned; NULL for NULL */

/* ---- sources.c ---- */

void tags_encode(const struct string_list *tags, struct buf *out);
void tags_decode(const char *bytes, size_t len, struct string_list *tags);

/* ---- due.c ---- */

enum { START_WITHIN_MS = 5000 /* a claimed source that waits longer for its host is given back */ };

/* Makes a source due as soon as it may be by hand; see store_make_due(). now_ms and ret's times are the schedule's clock; the caller refreshes its host. */
must_check int due_by_wish(struct db *db, int64_t source_id, int64_t now_ms, struct store_wish *ret, struct err *err);

struct due_edit {
	const struct source_spec *old, *new;
	bool is_back;            /* it was retired */
	int64_t now_ms, due_ms;  /* the schedule's clock; due_ms: when one is due that is new */
};
/*
 * After a change of a source's entry: due when it was, unless the new entry makes that too late (a shorter poll.max, hints that do not
 * count any more) or too soon (a longer poll.min). Never before a Retry-After that holds. The caller refreshes its host.
 */
must_check int due_by_edit(struct db *db, int64_t source_id, const struct due_edit *edit, struct err *err);

/* ---- health.c ---- */

/* Columns of a source's health in the order health_from_row() reads them. */
#define HEALTH_COLUMNS \
	"state, state_since_ms, failing_since_ms, run_since_ms, run_polls, run_outcome, is_told, n_events, moving_to, moving_since_ms," \
	" moving_polls, poll_url, joined_id"
enum { HEALTH_COLUMN_COUNT = 13 };
/* Times in it are the schedule's clock in the row and the wall clock in *ret; 0, which is never, is 0 in both. */
void health_from_row(const struct db *db, sqlite3_stmt *row, int first, struct source_health *ret);
int64_t since_stored(const struct db *db, int64_t wall_ms);
/* now_ms of these three is the schedule's clock. One that had joined another is on its own again; when it is due, is the caller's. */
must_check int part_source(struct db *db, int64_t source_id, int64_t now_ms, bool *ret_was_joined, struct err *err);
must_check int join_moved(struct db *db, int64_t source_id, int64_t target_id, int64_t now_ms, struct err *err);
/* Those that had joined one that is retired now are polled again themselves. */
must_check int part_from_retired(struct db *db, int64_t now_ms, struct err *err);
/* Sets err to ERR_NOT_FOUND, with the nearest name when one is near. */
int no_such_source(struct db *db, const char *name, struct err *err);

/* ---- read.c ---- */

/* Those that are still there, in the order of the ids. */
must_check int read_items_by_id(struct db *db, const int64_t *ids, size_t n, struct item_list **ret, struct err *err);
/* The last about it, newest first. */
must_check int read_events_of_source(struct db *db, int64_t source_id, size_t limit, struct event_list **ret, struct err *err);
must_check int read_last_seq(struct db *db, int64_t *ret, struct err *err);
/* A story with all its items; an empty list when there is none. */
must_check int read_one_story(struct db *db, int64_t story_id, struct story_list **ret, struct err *err);

/* ---- clock.c ---- */

/* The schedule's own clock, in which next_due_ms, claims and a host's times are kept; and back. */
int64_t schedule_time(const struct db *db, int64_t wall_ms);
int64_t wall_time(const struct db *db, int64_t schedule_ms);
must_check int clock_load(struct db *db, struct err *err);
/* Before a claim, which is the first that asks what time it is: what the clock did while we were away. */
must_check int clock_watch(struct store *s, int64_t wall_ms, struct err *err);
/* For how long nothing may be purged by age: the clock leapt ahead (LIMIT_LEAP_DAYS) and may be wrong. 0: it may. */
must_check int purge_hold_ms(struct db *db, int64_t wall_ms, int64_t *ret_ms, struct err *err);

/* ---- claims.c ---- */

enum { WORTH_CLASSES = 5, WORTH_UNKNOWN = 2 /* a first look brings something */ };
int64_t worth_of_rate(double items_a_day);

/* The row of a host, made when there is none. now_ms below is the schedule's clock, too. */
must_check int host_get(struct db *db, const char *name, int64_t *ret_id, struct err *err);
/* After a change of the due times of its sources. */
must_check int host_refresh(struct db *db, int64_t id, int64_t now_ms, struct err *err);
/* The configuration moved a claimed source to another host. */
must_check int host_move_claim(struct db *db, int64_t from_id, int64_t to_id, int64_t now_ms, struct err *err);
/* Takes the claim of a source away, if there is one; ret_was_claimed may be NULL. Then, when its row was written: claim_end(). */
must_check int claim_drop(struct db *db, int64_t source_id, bool *ret_was_claimed, struct err *err);
must_check int claim_end(struct db *db, int64_t host_id, bool was_claimed, const struct store_host *host, int64_t now_ms,
                         struct err *err);
/* A look that waits for another host, or was lost there, is forgotten: the source is due at its own again. Nothing to do: 0. */
must_check int source_go_home(struct db *db, int64_t source_id, int64_t now_ms, struct err *err);
/* Ends claims whose lease is over by then (schedule's clock). */
must_check int claims_end_until(struct db *db, int64_t until_ms, int64_t now_ms, struct err *err);

/* ---- match.c ---- */

/* Before an item's row goes. */
must_check int marks_drop(struct db *db, int64_t item_id, struct err *err);

/* ---- body.c ---- */

int64_t body_bytes(const struct item *i); /* of summary and content */
/* Stores both of an item that has none stored. */
must_check int body_write(struct db *db, int64_t item_id, const struct item *i, struct err *err);
must_check int body_remove(struct db *db, int64_t item_id, struct err *err);
/* Sets summary and content, owned by the caller; NULL where there is none. */
must_check int body_read(struct db *db, int64_t item_id, struct item *ret, struct err *err);

/* ---- squeeze.c ---- */

enum { SQUEEZE_AHEAD = 3, /* bytes that stand before what was stored when it is read */
       SQUEEZE_KIND = 1 };
struct squeezed { /* borrowed of one of the bufs that it was made with */
	const char *bytes;
	size_t len;
};
/* A buf of what is to be stored begins with a byte for its kind. */
void squeeze_begin(struct buf *plain);
/* How it is stored. room is the caller's to free. ERR_IO without memory for it. */
must_check int squeeze(struct db *db, const struct buf *plain, struct buf *room, struct squeezed *ret, struct err *err);
/* A buf begins so, and what was stored is appended to it. */
void unsqueeze_begin(struct buf *stored);
/* What it was, without the byte in front. room's limit is that of the result. ERR_CORRUPT; ERR_IO without memory for it. */
must_check int unsqueeze(struct db *db, const struct buf *stored, struct buf *room, struct squeezed *ret, struct err *err);
void squeezer_done(struct squeezer *s);

/* What a query finds, as store_search_ids() says it; the newest first. */
must_check int search_ids(struct db *db, const struct store_search *s, struct item_ids *ret, struct err *err);
must_check int search_holds(struct db *db, const char *query, int64_t item_id, bool *ret, struct err *err);
bool item_ids_hold(const struct item_ids *ids, int64_t id);

/* ---- words.c ---- */

/* Makes the tokenizer "syndicated" known to a connection: before the table "search" is used. */
must_check int words_register(sqlite3 *handle);

/* ---- wanted.c ---- */

/* Makes the table "wanted" known to a connection: the place and the key of each of db->wanted. An SQLite result code. */
must_check int wanted_register(struct db *db);

/* ---- search.c ---- */

/* Newest first is by rowid; ranks are not asked for, so the sizes that they need are not kept. */
#define SEARCH_TABLE "CREATE VIRTUAL TABLE search USING fts5 (title, text, content = '', columnsize = 0, tokenize = 'syndicated');"

must_check int search_add(struct db *db, int64_t item_id, const struct item *i, struct err *err);
/* Before a stored item is changed or removed. */
must_check int search_remove_stored(struct db *db, int64_t item_id, struct err *err);
must_check int search_flush(struct db *db, struct err *err); /* before a commit */
void search_mark(struct db *db);                             /* at a savepoint */
/* After what was undone. False: with it went what had been done before the mark, so all has to be undone. */
bool search_forget(struct db *db, bool only_since_mark);
void search_done(struct db *db);

/* ---- lead.c ---- */

/*
 * Who speaks for a story: the item whose source has the higher priority, then the clearly fuller (by a fifth), then the
 * earlier. One rule for the reader, which shows the lead, and for the merge, which must know whether what changed shows.
 */
struct lead_rank {
	int64_t priority;
	int64_t body_length;
	int64_t first_seen_ms;
	int64_t item_id;
};
bool lead_before(const struct lead_rank *a, const struct lead_rank *b);
/* The item that leads a stored story; 0 when it has none. */
must_check int lead_find(struct db *db, int64_t story_id, int64_t *ret_item_id, struct err *err);

/* ---- stories.c ---- */

struct stories *stories_new(void);
struct stories *stories_free(struct stories *s); /* NULL-safe, returns NULL */
/* With the transaction of the store: what was done since is undone, to the savepoint or all of it, or stays. */
void stories_begin(struct stories *s);
void stories_savepoint(struct stories *s);
void stories_undo(struct stories *s, bool all);
void stories_committed(struct stories *s);
struct story_rules;
void story_rules_of(const struct story_spec *spec, struct story_rules *ret);
/* A few rows that are out of the window. */
must_check int stories_trim(struct stories *s, struct db *db, int64_t now_ms, struct err *err);
void stories_forget(struct stories *s, int64_t item_id); /* it is purged */
/* A person says so. What is out of the window moves in the table alone. */
void stories_move(struct stories *s, int64_t item_id, int64_t from_story, int64_t to_story);
must_check int join_story(struct db *db, int64_t story_id, int64_t now_ms, struct err *err);

/* ---- views.c: rows to views, shared by the reading verbs ---- */

struct source_set { /* sources met so far, by id */
	struct source_view **items;
	size_t n;
};
struct source_view *source_set_get(struct db *db, struct source_set *set, int64_t id, struct err *err);
void source_set_free(struct source_set *set);

/* Columns of an item in the order item_from_row() reads them, for SQL: "i.id, i.source_id, ...". */
#define ITEM_COLUMNS \
	"i.id, i.source_id, i.story_id, i.first_seen_ms, i.revision, i.link, i.guid, i.canonical_url, i.title, i.published_ms, i.updated_ms," \
	" i.language, i.comments_url, i.thumbnail, i.rights, i.lists, i.key, i.placed, i.likeness"
enum { ITEM_COLUMN_COUNT = 19 };
/* Reads the item's body besides. */
must_check int item_from_row(struct db *db, sqlite3_stmt *stmt, int first, struct source_set *set, struct item_view *ret, struct err *err);

/* One read transaction: what a reader shows is of one moment. */
must_check int begin_read(struct db *db, struct err *err);
void end_read(struct db *db);

#endif
