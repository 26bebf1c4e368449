/*
 * SQLite writes each page of a commit into the write-ahead log with two calls, its header and its bytes. Here they gather, and
 * go out in one call where they follow each other: before the log is synced, read, cut or closed, or when the buffer is full.
 *
 * Nothing can tell the difference: what is not synced may be lost in any case, the order of the writes stays, and other
 * connections read only what a commit told them of. It tells them after it has synced, since the writer's synchronous is FULL;
 * with NORMAL it would not, so that must not change.
 */
#include "store_internal.h"

#include <string.h>

enum { GATHERED_BYTES = 128 << 10 };

struct wal_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct, in memory that SQLite gave */
	unsigned char *bytes;
	int len;
	sqlite3_int64 start; /* where the bytes belong */
};

static sqlite3_vfs gathering;
static sqlite3_vfs *system_vfs;

/* What could not be written is gone: the commit fails with this error, and its transaction is undone. */
static int flush(struct wal_file *f)
{
	int len = f->len;

	f->len = 0;
	return len ? f->real->pMethods->xWrite(f->real, f->bytes, len, f->start) : SQLITE_OK;
}

static int write_bytes(sqlite3_file *file, const void *p, int len, sqlite3_int64 at)
{
	struct wal_file *f = (struct wal_file *)file;

	if (f->len == 0 || at != f->start + f->len || len > GATHERED_BYTES - f->len) {
		int rc = flush(f);

		if (rc != SQLITE_OK)
			return rc;
		f->start = at;
	}
	if (len > GATHERED_BYTES)
		return f->real->pMethods->xWrite(f->real, p, len, at);
	memcpy(f->bytes + f->len, p, (size_t)len);
	f->len += len;
	return SQLITE_OK;
}

static int read_bytes(sqlite3_file *file, void *p, int len, sqlite3_int64 at)
{
	struct wal_file *f = (struct wal_file *)file;
	int rc = flush(f);

	return rc != SQLITE_OK ? rc : f->real->pMethods->xRead(f->real, p, len, at);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
	struct wal_file *f = (struct wal_file *)file;
	int rc = flush(f);

	return rc != SQLITE_OK ? rc : f->real->pMethods->xTruncate(f->real, size);
}

static int sync_file(sqlite3_file *file, int flags)
{
	struct wal_file *f = (struct wal_file *)file;
	int rc = flush(f);

	return rc != SQLITE_OK ? rc : f->real->pMethods->xSync(f->real, flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	struct wal_file *f = (struct wal_file *)file;
	int rc = flush(f);

	return rc != SQLITE_OK ? rc : f->real->pMethods->xFileSize(f->real, ret);
}

static int close_file(sqlite3_file *file)
{
	struct wal_file *f = (struct wal_file *)file;
	int rc = flush(f), closed = f->real->pMethods->xClose(f->real);

	sqlite3_free(f->bytes);
	return rc != SQLITE_OK ? rc : closed;
}

static int lock_file(sqlite3_file *file, int level)
{
	sqlite3_file *real = ((struct wal_file *)file)->real;

	return real->pMethods->xLock(real, level);
}

static int unlock_file(sqlite3_file *file, int level)
{
	sqlite3_file *real = ((struct wal_file *)file)->real;

	return real->pMethods->xUnlock(real, level);
}

static int is_reserved(sqlite3_file *file, int *ret)
{
	sqlite3_file *real = ((struct wal_file *)file)->real;

	return real->pMethods->xCheckReservedLock(real, ret);
}

static int control_file(sqlite3_file *file, int op, void *arg)
{
	sqlite3_file *real = ((struct wal_file *)file)->real;

	return real->pMethods->xFileControl(real, op, arg);
}

static int sector_size(sqlite3_file *file)
{
	sqlite3_file *real = ((struct wal_file *)file)->real;

	return real->pMethods->xSectorSize(real);
}

static int device_characteristics(sqlite3_file *file)
{
	sqlite3_file *real = ((struct wal_file *)file)->real;

	return real->pMethods->xDeviceCharacteristics(real);
}

static const sqlite3_io_methods methods = {
	.iVersion = 1, /* shared memory and mappings are the database file's, which is not ours */
	.xClose = close_file,
	.xRead = read_bytes,
	.xWrite = write_bytes,
	.xTruncate = truncate_file,
	.xSync = sync_file,
	.xFileSize = file_size,
	.xLock = lock_file,
	.xUnlock = unlock_file,
	.xCheckReservedLock = is_reserved,
	.xFileControl = control_file,
	.xSectorSize = sector_size,
	.xDeviceCharacteristics = device_characteristics,
};

static int open_wal(const char *name, struct wal_file *f, int flags, int *ret_flags)
{
	int rc;

	*f = (struct wal_file){.real = (sqlite3_file *)(void *)(f + 1), .bytes = sqlite3_malloc(GATHERED_BYTES)};
	rc = f->bytes ? system_vfs->xOpen(system_vfs, name, f->real, flags, ret_flags) : SQLITE_NOMEM;
	if (rc == SQLITE_OK)
		f->base.pMethods = &methods;
	else
		sqlite3_free(f->bytes);
	return rc;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
	(void)vfs;
	if (flags & SQLITE_OPEN_WAL)
		return open_wal(name, (struct wal_file *)file, flags, ret_flags);
	return system_vfs->xOpen(system_vfs, name, file, flags, ret_flags);
}

_Static_assert(sizeof(struct wal_file) % 8 == 0, "the system's file begins behind it, aligned");

int wal_file_register(void)
{
	system_vfs = sqlite3_vfs_find(NULL);
	if (!system_vfs)
		return SQLITE_ERROR;
	gathering = *system_vfs;
	gathering.zName = WAL_GATHERING_VFS;
	gathering.szOsFile += (int)sizeof(struct wal_file);
	gathering.xOpen = open_file;
	return sqlite3_vfs_register(&gathering, 0);
}
