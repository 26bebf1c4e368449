#include "store_internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"

enum { LOOKASIDE_BYTES = 1200, LOOKASIDE_SLOTS = 128 }; /* of a connection: what a statement needs while it runs comes from here */
enum { CHECK_STEPS = 1000 }; /* of SQLite's machine, between two looks at the clock */

static const char file_name[] = "syndicated.db";

int db_fail(const struct db *db, struct err *err, const char *what)
{
	int code = db->handle ? sqlite3_errcode(db->handle) & 0xff : SQLITE_CANTOPEN;
	const char *reason = db->handle ? sqlite3_errmsg(db->handle) : "out of memory";

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return err_set(err, ERR_CORRUPT, "%s: the database %s is damaged (%s); restore a backup, or move the file away to begin anew",
		               what, db->path, reason);
	if (code == SQLITE_FULL)
		return err_set(err, ERR_IO, "%s: no space left for the database %s; what was not stored will be fetched again", what, db->path);
	return err_set(err, ERR_IO, "%s: the database %s: %s", what, db->path, reason);
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, err, "cannot use the store");
	return 0;
}

int db_set_cache(struct db *db, int kib, struct err *err)
{
	char sql[64];

	(void)sqlite3_snprintf(sizeof(sql), sql, "PRAGMA cache_size = -%d; PRAGMA shrink_memory;", kib);
	return db_exec(db, sql, err);
}

/* WAL and FULL: a commit that returned survives a power cut (reliability.md section 0.7 measured what NORMAL loses). */
static const char writer_pragmas[] =
	"PRAGMA journal_mode = WAL;"
	"PRAGMA synchronous = FULL;"
	"PRAGMA foreign_keys = ON;"
	"PRAGMA trusted_schema = OFF;"
	"PRAGMA cell_size_check = ON;"
	"PRAGMA temp_store = MEMORY;"
	"PRAGMA cache_size = -8192;"
	"PRAGMA wal_autocheckpoint = 1000;"
	"PRAGMA journal_size_limit = 16777216;";

static const char reader_pragmas[] =
	"PRAGMA query_only = ON;"
	"PRAGMA trusted_schema = OFF;"
	"PRAGMA cell_size_check = ON;"
	"PRAGMA temp_store = MEMORY;"
	"PRAGMA cache_size = -2048;";

static int is_over(void *ctx)
{
	return clock_mono_ms(&clock_system) >= *(const int64_t *)ctx;
}

/* What the check could not read is no damage that it found: mostly it says "... error code=266" then, or the file remembers. */
static int say_damage(const struct db *db, const char *found, struct err *err)
{
	static const char code[] = "error code=";
	const char *at = strstr(found, code);
	long reason = at ? strtol(at + sizeof(code) - 1, NULL, 10) & 0xff : SQLITE_CORRUPT;
	int system_error = 0;

	(void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_LAST_ERRNO, &system_error);
	if ((reason != SQLITE_CORRUPT && reason != SQLITE_NOTADB) || system_error)
		return err_set(err, ERR_IO, "cannot check the store: the database %s cannot be read: %s", db->path,
		               system_error ? strerror(system_error) : sqlite3_errstr((int)reason));
	return err_set(err, ERR_CORRUPT, "the database %s is damaged (%s); restore a backup, or move the file away to begin anew", db->path, found);
}

int db_quick_check(struct db *db, int64_t max_ms, bool *ret_cut, struct err *err)
{
	int64_t end_ms = clock_mono_ms(&clock_system) + max_ms;
	sqlite3_stmt *stmt = NULL;
	int rc = 0;

	*ret_cut = false;
	sqlite3_progress_handler(db->handle, CHECK_STEPS, is_over, &end_ms);
	if (sqlite3_prepare_v2(db->handle, "PRAGMA quick_check(1)", -1, &stmt, NULL) != SQLITE_OK)
		rc = SQLITE_ERROR;
	else
		rc = sqlite3_step(stmt);
	*ret_cut = rc == SQLITE_INTERRUPT;
	if (rc != SQLITE_ROW)
		rc = *ret_cut ? 0 : db_fail(db, err, "cannot check the store");
	else if (strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
		rc = say_damage(db, (const char *)sqlite3_column_text(stmt, 0), err);
	else
		rc = 0;
	(void)sqlite3_finalize(stmt);
	sqlite3_progress_handler(db->handle, 0, NULL, NULL);
	return rc;
}

/* A large store would keep everybody waiting: what is damaged behind the limit is found when it is read (cell_size_check). */
static int check_at_start(struct db *db, struct err *err)
{
	bool cut;
	int rc = db_quick_check(db, LIMIT_START_CHECK_MS, &cut, err);

	if (cut)
		log_info("the database %s is large: it was checked for %d ms and found sound so far", db->path, LIMIT_START_CHECK_MS);
	return rc;
}

/* Once in a process: nobody asks SQLite how much memory it has, and counting takes a lock in each of its allocations. */
static void configure_sqlite(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int prepare_connection(struct db *db, bool read_only, struct err *err)
{
	int rc;

	(void)sqlite3_extended_result_codes(db->handle, 1);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_BYTES, LOOKASIDE_SLOTS);
	(void)sqlite3_busy_timeout(db->handle, 10000);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (words_register(db->handle) != SQLITE_OK)
		return db_fail(db, err, "this SQLite has no FTS5");
	if (!read_only) /* takes effect only in an empty database */
		(void)sqlite3_exec(db->handle, "PRAGMA auto_vacuum = INCREMENTAL", NULL, NULL, NULL);
	rc = db_exec(db, read_only ? reader_pragmas : writer_pragmas, err);
	if (rc == 0 && !read_only)
		rc = check_at_start(db, err);
	if (rc == 0 && !read_only)
		rc = schema_migrate(db, err);
	return rc < 0 ? rc : clock_load(db, err);
}

int db_open(struct db *db, const char *state_dir, bool read_only, struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int rc;

	(void)pthread_once(&once, configure_sqlite);
	if (!read_only && mkdir(state_dir, 0700) != 0 && errno != EEXIST)
		return err_set(err, ERR_IO, "cannot make the state directory %s: %s; create it, or name another with state-dir", state_dir,
		               strerror(errno));
	db->path = mem_printf("%s/%s", state_dir, file_name);
	if (sqlite3_open_v2(db->path, &db->handle, flags, NULL) != SQLITE_OK)
		rc = db_fail(db, err, "cannot open the store");
	else
		rc = prepare_connection(db, read_only, err);
	if (rc < 0)
		db_close(db);
	return rc;
}

void db_close(struct db *db)
{
	search_done(db);
	for (size_t i = 0; i < db->n_statements; i++)
		(void)sqlite3_finalize(db->statements[i].stmt);
	db->n_statements = 0;
	memset(db->statement_slots, 0, sizeof(db->statement_slots));
	(void)sqlite3_close(db->handle);
	db->handle = NULL;
	mem_free(db->path);
	db->path = NULL;
}

/* ---- the contract ---- */

static int release_claims(struct store *s, struct err *err)
{
	int rc = store_begin(s, err);

	if (rc == 0)
		rc = claims_end_until(&s->db, INT64_MAX, 0, err);
	if (rc == 0)
		return store_commit(s, err);
	store_rollback(s);
	return rc;
}

struct store *store_open(const char *state_dir, struct err *err)
{
	struct store *s = mem_new(struct store);
	/* Attempts of an earlier run that did not end: a delivery is simply sent again. */
	static const char release[] = "UPDATE delivery SET claimed_until_ms = 0 WHERE claimed_until_ms > 0;";

	if (db_open(&s->db, state_dir, false, err) < 0) {
		mem_free(s);
		return NULL;
	}
	s->stories = stories_new();
	if (db_exec(&s->db, release, err) < 0 || release_claims(s, err) < 0)
		return store_close(s);
	return s;
}

struct store *store_close(struct store *s)
{
	if (!s)
		return NULL;
	db_close(&s->db);
	stories_free(s->stories);
	mem_free(s);
	return NULL;
}

struct store_reader *store_reader_open(const char *state_dir, struct err *err)
{
	struct store_reader *r = mem_new(struct store_reader);

	if (db_open(&r->db, state_dir, true, err) < 0) {
		mem_free(r);
		return NULL;
	}
	return r;
}

struct store_reader *store_reader_close(struct store_reader *r)
{
	if (!r)
		return NULL;
	db_close(&r->db);
	mem_free(r);
	return NULL;
}

/* What is known of the clock is undone with what was written of it, and from memory: the disk may not be readable now. */
static struct clock_memory clock_now(const struct store *s)
{
	return (struct clock_memory){s->db.clock_shift_ms, s->db.clock_seen_ms, s->db.clock_watched};
}

static void clock_undo(struct store *s, const struct clock_memory *before)
{
	s->db.clock_shift_ms = before->shift_ms;
	s->db.clock_seen_ms = before->seen_ms;
	s->db.clock_watched = before->watched;
}

int store_begin(struct store *s, struct err *err)
{
	if (!sqlite3_get_autocommit(s->db.handle))
		store_rollback(s); /* the last one could not be undone then, for want of memory */
	s->at_begin = clock_now(s);
	s->spoiled = false;
	stories_begin(s->stories);
	return stmt_run(&s->db, "BEGIN IMMEDIATE", err, "");
}

/* A full or failing disk makes SQLite undo a whole transaction at once; what follows would each be one of its own. */
static int still_inside(const struct store *s, struct err *err)
{
	if (!sqlite3_get_autocommit(s->db.handle) && !s->spoiled)
		return 0;
	return err_set(err, ERR_IO, "the database %s could not be written, so the whole transaction was undone; it will be done again", s->db.path);
}

int store_commit(struct store *s, struct err *err)
{
	int rc = still_inside(s, err);

	if (rc == 0)
		rc = search_flush(&s->db, err);
	if (rc == 0)
		rc = stmt_run(&s->db, "COMMIT", err, "");
	if (rc < 0)
		store_rollback(s);
	else
		stories_committed(s->stories);
	return rc;
}

void store_rollback(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db.handle))
		(void)sqlite3_exec(s->db.handle, "ROLLBACK", NULL, NULL, NULL);
	clock_undo(s, &s->at_begin);
	s->walk = (struct purge_walk){0}; /* what it removed is there again */
	stories_undo(s->stories, true);
	search_forget(&s->db, false);
}

int store_savepoint(struct store *s, struct err *err)
{
	int rc = still_inside(s, err);

	s->at_savepoint = clock_now(s);
	stories_savepoint(s->stories);
	search_mark(&s->db);
	return rc < 0 ? rc : stmt_run(&s->db, "SAVEPOINT job", err, "");
}

int store_release(struct store *s, struct err *err)
{
	return stmt_run(&s->db, "RELEASE job", err, "");
}

void store_rollback_to(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db.handle))
		s->spoiled |= sqlite3_exec(s->db.handle, "ROLLBACK TO job; RELEASE job", NULL, NULL, NULL) != SQLITE_OK;
	clock_undo(s, &s->at_savepoint);
	s->walk = (struct purge_walk){0};
	stories_undo(s->stories, false);
	search_forget(&s->db, true);
}
