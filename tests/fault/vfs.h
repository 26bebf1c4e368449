#ifndef TESTS_FAULT_VFS_H
#define TESTS_FAULT_VFS_H
/*
 * A disk that fails: a VFS of SQLite's between it and the real one, which becomes the default of the program (REL-72). It
 * counts what SQLite asks of the disk and fails the n-th of it, once or from then on; a write that fails leaves some of its
 * 512-byte sectors changed. It never really syncs. As a disk whose power is cut it remembers what was written to each file
 * since its last sync, and after the cut leaves any part of that, in any order, torn.
 *
 * It also takes the store's settings of the page cache and of the checkpoint, and gives small ones instead, so that a small
 * scenario does what a large store does. For one thread.
 */
#include <stdbool.h>
#include <stdint.h>

enum fault_kind {
	FAULT_NONE,  /* only counts */
	FAULT_IO,    /* the n-th call of any kind: an I/O error, or CANTOPEN */
	FAULT_FULL,  /* the n-th call that may take space: FULL, or CANTOPEN */
	FAULT_MEMORY, /* the n-th request of SQLite's for memory; not a matter of the disk */
	FAULT_POWER, /* before the n-th call that changes something the power is cut: nothing works any more */
};

struct fault {
	enum fault_kind kind;
	long n;         /* from 1 */
	bool for_good;  /* and all after it, until fault_end() */
	uint64_t seed;  /* of what is torn and lost */
};

void fault_vfs_register(void);
void fault_begin(const struct fault *f);
/* The disk works again. Returns how many calls were counted. */
long fault_end(void);
bool fault_has_struck(void);
/* What call it was: "write syndicated.db-wal". */
const char *fault_where(void);
/* After FAULT_POWER: what is on the disk when it comes back, as files in a directory. 0 or -1. */
int fault_after_power_cut(const char *dir);

#endif
