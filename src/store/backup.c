/* The store copied away while it works, and put back. */
#include "store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "syndicated/base/mem.h"

enum { SAME_SECOND = 100 /* restores, at most */ };
enum { STEP_PAGES = 256, STEP_PAUSE_MS = 2, OWNER_ONLY = 0600 };

/* Seqs that a lost log may have used after its backup was made; far more than it can have. */
#define UNKNOWN_SEQS INT64_C(1000000000)

static int fail_system(struct err *err, const char *what, const char *path)
{
	return err_set(err, ERR_IO, "%s %s: %s", what, path, strerror(errno));
}

/* The file, or the directory that holds the names. */
static int sync_path(const char *path, int flags, struct err *err)
{
	int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : fail_system(err, "cannot write to the disk", path);

	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int sync_directory_of(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *directory = slash == path ? mem_dup_str("/") : slash ? mem_dup_bytes(path, (size_t)(slash - path)) : mem_dup_str(".");

	return sync_path(directory, O_DIRECTORY, err);
}

/*
 * All pages, of one moment: the read transaction of the source stays open, so what is written to it meanwhile neither shows nor
 * makes SQLite begin again. In steps, so that the disk is left to others in between.
 */
static int copy_pages(struct db *from, sqlite3 *to, struct err *err)
{
	sqlite3_backup *b;
	int64_t version;
	int rc = begin_read(from, err);

	if (rc == 0)
		rc = stmt_int(from, &version, 0, "SELECT count(*) FROM fact", err, "");
	if (rc < 0)
		return rc;
	b = sqlite3_backup_init(to, "main", from->handle, "main");
	while (b && (rc = sqlite3_backup_step(b, STEP_PAGES)) == SQLITE_OK)
		(void)sqlite3_sleep(STEP_PAUSE_MS);
	if (b)
		(void)sqlite3_backup_finish(b);
	end_read(from);
	if (b && rc == SQLITE_DONE)
		return 0;
	return err_set(err, ERR_IO, "cannot copy the database %s: %s", from->path, b && rc != SQLITE_DONE ? sqlite3_errstr(rc) : sqlite3_errmsg(to));
}

/* A database that is one file: no WAL beside it. */
static int copy_to(struct db *from, const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, OWNER_ONLY);
	sqlite3 *to = NULL;
	int rc = 0;

	if (fd < 0)
		return fail_system(err, "cannot write", path);
	(void)fchmod(fd, OWNER_ONLY);
	(void)close(fd);
	if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		rc = err_set(err, ERR_IO, "cannot write %s: %s", path, to ? sqlite3_errmsg(to) : "out of memory");
	if (rc == 0)
		rc = copy_pages(from, to, err);
	if (rc == 0 && sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
		rc = err_set(err, ERR_IO, "cannot write %s: %s", path, sqlite3_errmsg(to));
	(void)sqlite3_close(to);
	return rc < 0 ? rc : sync_path(path, 0, err);
}

static int put_in_place(const char *from, const char *to, bool force, struct err *err)
{
	/* link(2) fails where there is a file already, whoever was faster. */
	int rc = force ? rename(from, to) : link(from, to);

	if (rc != 0 && errno == EEXIST)
		return err_set(err, ERR_EXISTS, "%s is there already; choose another name, or --force", to);
	if (rc != 0)
		return fail_system(err, "cannot write", to);
	if (!force)
		(void)unlink(from);
	return sync_directory_of(to, err);
}

/* Whatever name it has: a copy in its place would leave the daemon writing to a file that nobody finds again. */
static bool is_the_store(const struct db *db, const char *file)
{
	struct stat a, b;

	return stat(db->path, &a) == 0 && stat(file, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int store_backup(const char *state_dir, const char *file, bool force, struct err *err)
{
	auto_free char *temporary = mem_printf("%s.part-%ld", file, (long)getpid());
	struct db db = {0};
	int rc = 0;

	if (!force && access(file, F_OK) == 0)
		return err_set(err, ERR_EXISTS, "%s is there already; choose another name, or --force", file);
	rc = db_open_plain(&db, state_dir, true, err);
	if (rc == 0 && is_the_store(&db, file))
		rc = err_set(err, ERR_INVALID, "%s is the database itself; choose another name for the backup", file);
	if (rc == 0)
		rc = copy_to(&db, temporary, err);
	if (rc == 0)
		rc = put_in_place(temporary, file, force, err);
	if (rc < 0)
		(void)unlink(temporary);
	db_close(&db);
	return rc;
}

/* ---- restore ---- */

/* A running daemon's store is not this program's to replace; the caller holds the lock. */
static int64_t last_seq_of(struct db *db)
{
	struct err ignored = {0};
	int64_t seq;

	if (stmt_int(db, &seq, -1, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'", &ignored, "") < 0)
		return -1;
	return seq;
}

/* The end of the log that was; -1: unknown. Its WAL is folded into it, so that it is one file. */
static int64_t close_old(const char *state_dir)
{
	struct err ignored = {0};
	struct db db = {0};
	int64_t seq = -1;

	if (db_open_plain(&db, state_dir, false, &ignored) == 0) {
		seq = last_seq_of(&db);
		(void)sqlite3_exec(db.handle, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	}
	db_close(&db);
	return seq;
}

/* Of a damaged store the WAL may still be there, and must not be taken for the new one's. */
static void move_companions(const char *path, const char *kept)
{
	static const char *const endings[] = {"-wal", "-shm"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		auto_free char *from = mem_printf("%s%s", path, endings[i]);
		auto_free char *to = mem_printf("%s%s", kept, endings[i]);

		(void)rename(from, to);
	}
}

static int keep_old(const char *path, struct store_restored *ret, struct err *err)
{
	char stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	int rc = -1;

	if (access(path, F_OK) != 0)
		return 0;
	(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	for (int i = 1; i < SAME_SECOND; i++) {
		if ((size_t)snprintf(ret->kept, sizeof(ret->kept), i == 1 ? "%s.before-%s" : "%s.before-%s-%d", path, stamp, i) >= sizeof(ret->kept))
			return err_set(err, ERR_TOO_BIG, "the name of %s is too long", path);
		rc = link(path, ret->kept);
		if (rc == 0 || errno != EEXIST)
			break;
	}
	if (rc != 0)
		return fail_system(err, "cannot keep the old store as", ret->kept);
	move_companions(path, ret->kept);
	return 0;
}

/* The log goes on behind what anybody may have seen of the old one. */
static int continue_log(struct db *db, int64_t old_seq, struct store_restored *ret, struct err *err)
{
	static const char set[] = "UPDATE sqlite_sequence SET seq = ? WHERE name = 'event'";
	static const char add[] = "INSERT INTO sqlite_sequence (name, seq) SELECT 'event', ? WHERE NOT EXISTS"
	                          " (SELECT 1 FROM sqlite_sequence WHERE name = 'event')";
	int64_t own = last_seq_of(db), seq = old_seq >= 0 ? old_seq : own + UNKNOWN_SEQS;
	int rc;

	if (own < 0)
		return db_fail(db, err, "cannot read the backup");
	ret->last_seq = seq > own ? seq : own;
	rc = stmt_run(db, set, err, "i", ret->last_seq);
	if (rc == 0)
		rc = stmt_run(db, add, err, "i", ret->last_seq);
	return rc < 0 ? rc : stmt_int(db, &ret->items, 0, "SELECT count(*) FROM item", err, "");
}

static int check_copy(struct db *db, const char *file, struct err *err)
{
	struct buf findings = BUF_INIT(64 << 10);
	int rc = schema_check(db, err);

	if (rc == 0)
		rc = check_whole_store(db, true, &findings, err);
	if (findings.len)
		rc = err_set(err, ERR_CORRUPT, "the backup %s is damaged (%.*s); nothing was changed: try an older one", file,
		             (int)strcspn(buf_str(&findings), "\n"), buf_str(&findings));
	buf_done(&findings);
	return rc;
}

static int make_copy(const char *file, const char *temporary, int64_t old_seq, struct store_restored *ret, struct err *err)
{
	struct db from = {0}, to = {0};
	int rc = db_open_file(&from, file, true, err);

	if (rc == 0)
		rc = schema_check(&from, err);
	if (rc == 0)
		rc = copy_to(&from, temporary, err);
	db_close(&from);
	if (rc == 0)
		rc = db_open_file(&to, temporary, false, err);
	if (rc == 0)
		rc = check_copy(&to, file, err);
	if (rc == 0)
		rc = continue_log(&to, old_seq, ret, err);
	db_close(&to);
	return rc < 0 ? rc : sync_path(temporary, 0, err);
}

static int restore_locked(const char *state_dir, const char *file, struct store_restored *ret, struct err *err)
{
	auto_free char *path = db_path(state_dir);
	auto_free char *temporary = mem_printf("%s.restoring", path);
	int rc = make_copy(file, temporary, close_old(state_dir), ret, err);

	if (rc == 0)
		rc = keep_old(path, ret, err);
	if (rc == 0)
		rc = put_in_place(temporary, path, true, err);
	if (rc < 0)
		(void)unlink(temporary);
	return rc;
}

int store_restore(const char *state_dir, const char *file, struct store_restored *ret, struct err *err)
{
	int lock;
	int rc;

	*ret = (struct store_restored){0};
	if (mkdir(state_dir, 0700) != 0 && errno != EEXIST)
		return fail_system(err, "cannot make the state directory", state_dir);
	lock = lock_state_dir(state_dir, err);
	if (lock < 0)
		return lock;
	rc = restore_locked(state_dir, file, ret, err);
	unlock_state_dir(lock);
	return rc;
}
