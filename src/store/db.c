#include "store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"

enum { LOOKASIDE_BYTES = 1200, LOOKASIDE_SLOTS = 128 }; /* of a connection: what a statement needs while it runs comes from here */
enum { BUSY_MS = 10000, REST_WAIT_MS = 20 };
enum { CHECK_STEPS = 1000 }; /* of SQLite's machine, between two looks at the clock */

static const char file_name[] = "syndicated.db";

static int last_errno(sqlite3_file *file)
{
	int number = 0;

	if (file && file->pMethods)
		(void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
	return number;
}

/* SQLite calls a file damaged that the disk cannot read; what the disk said last is told by its files. 0: nothing. */
static int disk_error(const struct db *db)
{
	static const int files[] = {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		sqlite3_file *file = NULL;
		int number;

		(void)sqlite3_file_control(db->handle, "main", files[i], (void *)&file);
		number = last_errno(file);
		if (number == EIO || number == ENXIO || number == ERANGE)
			return number;
	}
	return 0;
}

int db_fail(const struct db *db, struct err *err, const char *what)
{
	int code = db->handle ? sqlite3_errcode(db->handle) & 0xff : SQLITE_CANTOPEN;
	const char *reason = db->handle ? sqlite3_errmsg(db->handle) : "out of memory";

	/* The full-text index says so, too, when the disk failed or was full in the midst of its work and all of it was undone. */
	if (db->handle && sqlite3_extended_errcode(db->handle) == SQLITE_CORRUPT_VTAB)
		return err_set(err, ERR_IO, "%s: the database %s: its full-text index could not be written; if that goes on, syndicated --check-store"
		               " says whether it is damaged", what, db->path);
	if (code == SQLITE_CORRUPT && disk_error(db))
		return err_set(err, ERR_IO, "%s: the database %s cannot be read: %s; if that goes on, syndicated --check-store says whether it is damaged",
		               what, db->path, strerror(disk_error(db)));
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return err_set(err, ERR_CORRUPT, "%s: the database %s is damaged (%s); " DAMAGED_ADVICE, what, db->path, reason);
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
	"PRAGMA wal_autocheckpoint = 4000;" /* 16 MiB: a page that many polls change is copied once */
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

static bool has_gathering_vfs;

/* Once in a process: nobody asks SQLite how much memory it has, and counting takes a lock in each of its allocations. */
static void configure_sqlite(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	has_gathering_vfs = wal_file_register() == SQLITE_OK;
}

static int open_handle(struct db *db, bool read_only, bool create, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = SQLITE_OPEN_NOMUTEX | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | (create ? SQLITE_OPEN_CREATE : 0);

	(void)pthread_once(&once, configure_sqlite);
	if (sqlite3_open_v2(db->path, &db->handle, flags, create && has_gathering_vfs ? WAL_GATHERING_VFS : NULL) != SQLITE_OK)
		return db_fail(db, err, "cannot open the store");
	(void)sqlite3_extended_result_codes(db->handle, 1);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_BYTES, LOOKASIDE_SLOTS);
	(void)sqlite3_busy_timeout(db->handle, BUSY_MS);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (words_register(db->handle) != SQLITE_OK)
		return db_fail(db, err, "this SQLite has no FTS5");
	if (wanted_register(db) != SQLITE_OK)
		return db_fail(db, err, "cannot open the store");
	return 0;
}

/* The writer's: a large store would keep everybody waiting, so the check is cut, and finished later by the caller. */
static int prepare_writer(struct db *db, bool *ret_cut, struct err *err)
{
	int rc;

	/* takes effect only in an empty database */
	(void)sqlite3_exec(db->handle, "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL", NULL, NULL, NULL);
	rc = db_exec(db, writer_pragmas, err);
	if (rc == 0)
		rc = db_quick_check(db, LIMIT_START_CHECK_MS, ret_cut, err);
	return rc < 0 ? rc : schema_migrate(db, err);
}

char *db_path(const char *state_dir)
{
	return mem_printf("%s/%s", state_dir, file_name);
}

static int open_writer(struct db *db, const char *state_dir, bool *ret_cut, struct err *err)
{
	int rc;

	db->path = db_path(state_dir);
	rc = open_handle(db, false, true, err);
	if (rc == 0)
		rc = prepare_writer(db, ret_cut, err);
	if (rc == 0)
		rc = clock_load(db, err);
	if (rc < 0)
		db_close(db);
	return rc;
}

int db_open_file(struct db *db, const char *path, bool read_only, struct err *err)
{
	int rc;

	db->path = mem_dup_str(path);
	rc = open_handle(db, read_only, false, err);
	if (rc == 0)
		rc = db_exec(db, read_only ? reader_pragmas : "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", err);
	if (rc < 0)
		db_close(db);
	return rc;
}

int db_open_plain(struct db *db, const char *state_dir, bool read_only, struct err *err)
{
	auto_free char *path = db_path(state_dir);

	return db_open_file(db, path, read_only, err);
}

int lock_state_dir(const char *state_dir, struct err *err)
{
	int fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_IO, "cannot open the state directory %s: %s", state_dir, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	(void)close(fd);
	return err_set(err, ERR_REFUSED, "a running syndicated uses the store in %s; stop it first", state_dir);
}

void unlock_state_dir(int lock)
{
	if (lock >= 0)
		(void)close(lock);
}

void db_close(struct db *db)
{
	search_done(db);
	squeezer_done(&db->squeezer);
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

/* Attempts of an earlier run that did not end: a delivery is simply sent again. */
static const char release_deliveries[] = "UPDATE delivery SET claimed_until_ms = 0 WHERE claimed_until_ms > 0;";

static int open_locked(struct store *s, const char *state_dir, struct err *err)
{
	bool cut = false;
	int rc = open_writer(&s->db, state_dir, &cut, err);

	s->was_checked = !cut;
	if (rc == 0)
		rc = db_exec(&s->db, release_deliveries, err);
	return rc < 0 ? rc : release_claims(s, err);
}

struct store *store_open(const char *state_dir, struct err *err)
{
	struct store *s = mem_new(struct store);
	int rc = 0;

	s->lock = -1;
	s->stories = stories_new();
	if (mkdir(state_dir, 0700) != 0 && errno != EEXIST)
		rc = err_set(err, ERR_IO, "cannot make the state directory %s: %s; create it, or name another with state-dir", state_dir,
		             strerror(errno));
	if (rc == 0)
		rc = s->lock = lock_state_dir(state_dir, err);
	if (rc >= 0)
		rc = open_locked(s, state_dir, err);
	return rc < 0 ? store_close(s) : s;
}

bool store_was_checked(const struct store *s)
{
	return s->was_checked;
}

struct store *store_close(struct store *s)
{
	if (!s)
		return NULL;
	db_close(&s->db);
	unlock_state_dir(s->lock);
	stories_free(s->stories);
	mem_free(s);
	return NULL;
}

struct store_reader *store_reader_open(const char *state_dir, struct err *err)
{
	struct store_reader *r = mem_new(struct store_reader);
	return db_open_plain(&r->db, state_dir, true, err) < 0 ? store_reader_close(r) : r;
}

struct store_reader *store_reader_close(struct store_reader *r)
{
	if (!r)
		return NULL;
	db_close(&r->db);
	mem_free(r);
	return NULL;
}

/*
 * While there is work, SQLite takes the WAL in after every 4,000 pages, and begins it anew when no reader is in it; so it stays
 * as long as its longest moment, up to journal_size_limit. A store that rests gives all of that back.
 */
void store_rest(struct store *s)
{
	int in_wal = 0, taken = 0;

	(void)sqlite3_busy_timeout(s->db.handle, REST_WAIT_MS);
	if (sqlite3_wal_checkpoint_v2(s->db.handle, "main", SQLITE_CHECKPOINT_TRUNCATE, &in_wal, &taken) != SQLITE_OK)
		log_debug("the WAL was not emptied: %d of %d pages are in the database", taken, in_wal);
	(void)sqlite3_busy_timeout(s->db.handle, BUSY_MS);
}

/*
 * When the disk fails in the midst of FTS5's own statements, SQLite undoes the transaction under its hands, and it goes on
 * with counts that are no longer those of the table: every later change of the index would be called corrupt. Reading the
 * schema anew makes it forget them. Rare, and cheap. Without the memory for it, it is done before the next transaction.
 */
static int reread_schema(struct db *db)
{
	db->schema_is_old = sqlite3_exec(db->handle, "PRAGMA writable_schema = RESET", NULL, NULL, NULL) != SQLITE_OK;
	return db->schema_is_old ? ERR_IO : 0;
}

int store_begin(struct store *s, struct err *err)
{
	int rc;

	s->spoiled = true; /* nothing may be done or committed in what is still there, when it does not begin */
	if (!sqlite3_get_autocommit(s->db.handle))
		store_rollback(s); /* the last one could not be undone then, for want of memory */
	if (s->db.schema_is_old && reread_schema(&s->db) < 0)
		return db_fail(&s->db, err, "the schema is read anew");
	s->at_begin = s->db.clock;
	stories_begin(s->stories);
	rc = stmt_run(&s->db, "BEGIN IMMEDIATE", err, "");
	s->spoiled = rc < 0;
	return rc;
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
	(void)reread_schema(&s->db);
	stories_undo(s->stories, true);
	(void)search_forget(&s->db, false);
	s->db.clock = s->at_begin;
	s->walk = (struct purge_walk){0}; /* what it removed is there again */
}

int store_savepoint(struct store *s, struct err *err)
{
	int rc = still_inside(s, err);

	stories_savepoint(s->stories);
	search_mark(&s->db);
	s->at_savepoint = s->db.clock;
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
	stories_undo(s->stories, false);
	s->spoiled |= !search_forget(&s->db, true);
	s->db.clock = s->at_savepoint;
	s->walk = (struct purge_walk){0};
}
