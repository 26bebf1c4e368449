#include "vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/mem.h"

enum { SECTOR_BYTES = 512, FILES = 8, CACHE_PAGES = 24, CHECKPOINT_PAGES = 40, NAME_BYTES = 64 };

/* ---- what is asked of a disk, and how each of it fails ---- */

enum call { CALL_OPEN, CALL_DELETE, CALL_READ, CALL_WRITE, CALL_TRUNCATE, CALL_SYNC, CALL_SIZE, CALL_LOCK, CALL_SHM_MAP, CALL_SHM_LOCK, CALLS };

static const struct {
	const char *name;
	int code;
	bool takes_space, changes;
} calls[CALLS] = {
	[CALL_OPEN] = {"open", SQLITE_CANTOPEN, true, false},
	[CALL_DELETE] = {"delete", SQLITE_IOERR_DELETE, false, true},
	[CALL_READ] = {"read", SQLITE_IOERR_READ, false, false},
	[CALL_WRITE] = {"write", SQLITE_IOERR_WRITE, true, true},
	[CALL_TRUNCATE] = {"truncate", SQLITE_IOERR_TRUNCATE, true, true},
	[CALL_SYNC] = {"sync", SQLITE_IOERR_FSYNC, true, true},
	[CALL_SIZE] = {"size of", SQLITE_IOERR_FSTAT, false, false},
	[CALL_LOCK] = {"lock", SQLITE_IOERR_LOCK, false, false},
	[CALL_SHM_MAP] = {"map the index of", SQLITE_IOERR_SHMMAP, true, false},
	[CALL_SHM_LOCK] = {"lock the index of", SQLITE_IOERR_SHMLOCK, false, false},
};

/* ---- what would be lost ---- */

struct change {
	enum call call; /* CALL_WRITE, CALL_TRUNCATE or CALL_DELETE */
	sqlite3_int64 at, len;
	char *bytes;
};

struct image { /* of a file: what is safe, and what was done since */
	char name[NAME_BYTES];
	bool exists;
	char *bytes;
	sqlite3_int64 len;
	struct change *changes;
	size_t n, capacity;
};

static struct {
	struct fault fault;
	bool armed, struck;
	long count;
	uint64_t random;
	char where[NAME_BYTES + 32];
	struct image images[FILES];
	size_t n_images;
	sqlite3_vfs *real;
} disk;

static uint64_t next_random(void)
{
	uint64_t z = disk.random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "a temporary file";
}

static int strike(enum call call, const char *name)
{
	const struct fault *f = &disk.fault;
	bool concerned = f->kind == FAULT_IO || f->kind == FAULT_NONE || (f->kind == FAULT_FULL && calls[call].takes_space) ||
	                 (f->kind == FAULT_POWER && calls[call].changes);

	if (!disk.armed)
		return SQLITE_OK;
	if (f->kind == FAULT_POWER && disk.struck)
		return calls[call].code;
	disk.count += concerned;
	if (!concerned || f->kind == FAULT_NONE || (f->for_good ? disk.count < f->n : disk.count != f->n))
		return SQLITE_OK;
	if (!disk.struck)
		(void)snprintf(disk.where, sizeof(disk.where), "%s %s", calls[call].name, name);
	disk.struck = true;
	if (call == CALL_READ && disk.count & 1)
		return SQLITE_IOERR_CORRUPTFS; /* the real one says so of EIO, and SQLite then calls the database damaged */
	return f->kind == FAULT_FULL && call != CALL_OPEN ? SQLITE_FULL : calls[call].code;
}

static struct image *image_of(const char *name)
{
	for (size_t i = 0; i < disk.n_images; i++)
		if (strcmp(disk.images[i].name, name) == 0)
			return &disk.images[i];
	if (disk.n_images == FILES)
		abort();
	(void)snprintf(disk.images[disk.n_images].name, NAME_BYTES, "%s", name);
	return &disk.images[disk.n_images++];
}

static void image_resize(struct image *i, sqlite3_int64 len)
{
	i->bytes = mem_resize_array(i->bytes, (size_t)len + 1, 1);
	if (len > i->len)
		memset(i->bytes + i->len, 0, (size_t)(len - i->len));
	i->len = len;
}

static void image_write(struct image *i, const char *bytes, sqlite3_int64 len, sqlite3_int64 at)
{
	if (at + len > i->len)
		image_resize(i, at + len);
	memcpy(i->bytes + at, bytes, (size_t)len);
}

static void image_apply(struct image *i, const struct change *c)
{
	if (c->call == CALL_WRITE)
		image_write(i, c->bytes, c->len, c->at);
	else
		image_resize(i, c->call == CALL_TRUNCATE ? c->len : 0);
	i->exists = c->call != CALL_DELETE;
}

static void image_forget_changes(struct image *i)
{
	for (size_t k = 0; k < i->n; k++)
		mem_free(i->changes[k].bytes);
	i->n = 0;
}

/* Whatever was written to it stays. */
static void image_sync(struct image *i)
{
	for (size_t k = 0; k < i->n; k++)
		image_apply(i, &i->changes[k]);
	image_forget_changes(i);
	i->exists = true;
}

static void remember(const char *name, enum call call, const void *bytes, sqlite3_int64 len, sqlite3_int64 at)
{
	struct image *i;

	if (!disk.armed || disk.fault.kind != FAULT_POWER || disk.struck)
		return;
	i = image_of(name);
	if (i->n == i->capacity) {
		i->capacity = i->capacity ? 2 * i->capacity : 16;
		i->changes = mem_resize_array(i->changes, i->capacity, sizeof(i->changes[0]));
	}
	i->changes[i->n++] = (struct change){.call = call, .at = at, .len = len, .bytes = bytes ? mem_dup_bytes(bytes, (size_t)len) : NULL};
}

/* ---- files ---- */

struct file {
	sqlite3_file base;
	char name[NAME_BYTES];
	sqlite3_file *real;
};

#define FILE_OF(f) ((struct file *)(f))
#define REAL(f) (FILE_OF(f)->real)

static int file_close(sqlite3_file *f)
{
	return REAL(f)->pMethods ? REAL(f)->pMethods->xClose(REAL(f)) : SQLITE_OK;
}

static int file_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
	int rc = strike(CALL_READ, FILE_OF(f)->name);

	return rc ? rc : REAL(f)->pMethods->xRead(REAL(f), to, len, at);
}

/* Some sectors of a write that fails may have reached the disk. */
static void write_torn(sqlite3_file *f, const char *bytes, int len, sqlite3_int64 at)
{
	for (int done = 0; done < len; done += SECTOR_BYTES)
		if (next_random() & 1)
			(void)REAL(f)->pMethods->xWrite(REAL(f), bytes + done, len - done < SECTOR_BYTES ? len - done : SECTOR_BYTES, at + done);
}

static int file_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
	int rc = strike(CALL_WRITE, FILE_OF(f)->name);

	if (rc && disk.fault.kind != FAULT_POWER)
		write_torn(f, bytes, len, at);
	if (rc && !(disk.fault.kind == FAULT_POWER && disk.count == disk.fault.n))
		return rc;
	remember(FILE_OF(f)->name, CALL_WRITE, bytes, len, at);
	return rc ? rc : REAL(f)->pMethods->xWrite(REAL(f), bytes, len, at);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	int rc = strike(CALL_TRUNCATE, FILE_OF(f)->name);

	if (rc)
		return rc;
	remember(FILE_OF(f)->name, CALL_TRUNCATE, NULL, len, 0);
	return REAL(f)->pMethods->xTruncate(REAL(f), len);
}

static int file_sync(sqlite3_file *f, int flags)
{
	int rc = strike(CALL_SYNC, FILE_OF(f)->name);

	(void)flags;
	if (rc == SQLITE_OK && disk.armed && disk.fault.kind == FAULT_POWER)
		image_sync(image_of(FILE_OF(f)->name));
	return rc;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	int rc = strike(CALL_SIZE, FILE_OF(f)->name);

	return rc ? rc : REAL(f)->pMethods->xFileSize(REAL(f), ret);
}

static int file_lock(sqlite3_file *f, int level)
{
	int rc = strike(CALL_LOCK, FILE_OF(f)->name);

	return rc ? rc : REAL(f)->pMethods->xLock(REAL(f), level);
}

static int file_unlock(sqlite3_file *f, int level)
{
	return REAL(f)->pMethods->xUnlock(REAL(f), level);
}

static int file_check_lock(sqlite3_file *f, int *ret)
{
	return REAL(f)->pMethods->xCheckReservedLock(REAL(f), ret);
}

/* The store's own sizes are for large ones; fault_vfs_register() set small ones. */
static int file_control(sqlite3_file *f, int op, void *arg)
{
	if (op == SQLITE_FCNTL_PRAGMA) {
		char **pragma = arg;
		const char *name = pragma[1], *value = pragma[2];

		if ((strcmp(name, "cache_size") == 0 && value && value[0] == '-') || (strcmp(name, "wal_autocheckpoint") == 0 && value))
			return SQLITE_OK;
	}
	if (op == SQLITE_FCNTL_LAST_ERRNO && disk.struck) {
		*(int *)arg = EIO;
		return SQLITE_OK;
	}
	return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}

static int file_sector_size(sqlite3_file *f)
{
	return REAL(f)->pMethods->xSectorSize(REAL(f));
}

static int file_device(sqlite3_file *f)
{
	return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}

static int file_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	int rc = strike(CALL_SHM_MAP, FILE_OF(f)->name);

	return rc ? rc : REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, ret);
}

static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	int rc = flags & SQLITE_SHM_UNLOCK ? SQLITE_OK : strike(CALL_SHM_LOCK, FILE_OF(f)->name);

	return rc ? rc : REAL(f)->pMethods->xShmLock(REAL(f), offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *f)
{
	REAL(f)->pMethods->xShmBarrier(REAL(f));
}

static int file_shm_unmap(sqlite3_file *f, int remove)
{
	return REAL(f)->pMethods->xShmUnmap(REAL(f), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_device,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

/* ---- the disk ---- */

/* What a file held before the scenario is safe. */
static void take_in(const char *name, sqlite3_file *real)
{
	size_t before = disk.n_images;
	struct image *i = image_of(name);
	sqlite3_int64 len = 0;

	if (disk.n_images == before)
		return;
	if (real->pMethods->xFileSize(real, &len) != SQLITE_OK || len == 0)
		return;
	image_resize(i, len);
	(void)real->pMethods->xRead(real, i->bytes, (int)len, 0);
	i->exists = true;
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
	struct file *file = FILE_OF(f);
	int rc;

	(void)vfs;
	memset(file, 0, sizeof(*file));
	(void)snprintf(file->name, sizeof(file->name), "%s", base_name(path));
	rc = strike(CALL_OPEN, file->name);
	if (rc)
		return rc;
	file->real = (sqlite3_file *)(file + 1);
	rc = disk.real->xOpen(disk.real, path, file->real, flags, ret_flags);
	if (file->real->pMethods)
		file->base.pMethods = &methods;
	if (rc == SQLITE_OK && path && disk.armed && disk.fault.kind == FAULT_POWER)
		take_in(file->name, file->real);
	return rc;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
	const char *name = base_name(path);
	int rc = strike(CALL_DELETE, name);

	(void)vfs;
	if (rc)
		return rc;
	remember(name, CALL_DELETE, NULL, 0, 0);
	if (sync_dir && disk.armed && disk.fault.kind == FAULT_POWER)
		image_sync(image_of(name));
	return disk.real->xDelete(disk.real, path, 0);
}

static int set_small_sizes(sqlite3 *db, char **err, const sqlite3_api_routines *api)
{
	char sql[64];

	(void)err;
	(void)api;
	(void)sqlite3_snprintf(sizeof(sql), sql, "PRAGMA cache_size = %d", CACHE_PAGES);
	(void)sqlite3_exec(db, sql, NULL, NULL, NULL);
	return sqlite3_wal_autocheckpoint(db, CHECKPOINT_PAGES);
}

void fault_vfs_register(void)
{
	static sqlite3_vfs vfs;

	disk.real = sqlite3_vfs_find("unix");
	vfs = *disk.real;
	vfs.zName = "fault";
	vfs.pNext = NULL;
	vfs.szOsFile = (int)sizeof(struct file) + disk.real->szOsFile;
	vfs.xOpen = disk_open;
	vfs.xDelete = disk_delete;
	(void)sqlite3_vfs_register(&vfs, 1);
	(void)sqlite3_auto_extension((void (*)(void))set_small_sizes);
}

/* ---- the fault ---- */

static void forget_images(void)
{
	for (size_t i = 0; i < disk.n_images; i++) {
		image_forget_changes(&disk.images[i]);
		mem_free(disk.images[i].changes);
		mem_free(disk.images[i].bytes);
		disk.images[i] = (struct image){0};
	}
	disk.n_images = 0;
}

void fault_begin(const struct fault *f)
{
	forget_images();
	disk.fault = *f;
	disk.random = f->seed;
	disk.armed = true;
	disk.struck = false;
	disk.count = 0;
	disk.where[0] = '\0';
}

long fault_end(void)
{
	disk.armed = false;
	return disk.count;
}

bool fault_has_struck(void)
{
	return disk.struck;
}

const char *fault_where(void)
{
	return disk.where;
}

/* ---- the power is back ---- */

static void apply_torn(struct image *i, const struct change *c)
{
	for (sqlite3_int64 done = 0; done < c->len; done += SECTOR_BYTES)
		if (next_random() & 1)
			image_write(i, c->bytes + done, c->len - done < SECTOR_BYTES ? c->len - done : SECTOR_BYTES, c->at + done);
}

/* Only writes come in any order; where the length or the name changed too, they keep theirs. */
static void shuffle(struct image *i)
{
	for (size_t k = 0; k < i->n; k++)
		if (i->changes[k].call != CALL_WRITE)
			return;
	for (size_t k = i->n; k > 1; k--) {
		size_t other = next_random() % k;
		struct change held = i->changes[k - 1];

		i->changes[k - 1] = i->changes[other];
		i->changes[other] = held;
	}
}

static void lose_some(struct image *i)
{
	/* Often nearly all of it is there, or nearly nothing: those are the cases that are hard. */
	uint64_t kept_of_16 = (uint64_t[]){1, 8, 15, 16}[next_random() % 4];

	if (next_random() & 1)
		shuffle(i);
	for (size_t k = 0; k < i->n; k++) {
		const struct change *c = &i->changes[k];

		if (next_random() % 16 >= kept_of_16)
			continue;
		if (c->call == CALL_WRITE && next_random() % 8 == 0) {
			apply_torn(i, c);
			i->exists = true;
		} else
			image_apply(i, c);
	}
	image_forget_changes(i);
}

int fault_after_power_cut(const char *dir)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < disk.n_images; i++) {
		struct image *image = &disk.images[i];
		char path[512];
		FILE *out;

		lose_some(image);
		if (!image->exists)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, image->name);
		out = fopen(path, "we");
		if (!out || fwrite(image->bytes, 1, (size_t)image->len, out) != (size_t)image->len)
			rc = -1;
		if (out && fclose(out) != 0)
			rc = -1;
	}
	return rc;
}
