#ifndef SYNDICATED_STORE_CARE_H
#define SYNDICATED_STORE_CARE_H
/*
 * Care for the store as a whole: backup, restore, check. Each opens connections of its own and blocks for as long as the
 * disk takes, so it belongs into a thread or process of its own. Failures as in store.h.
 */
#include <stdbool.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/err.h"

/*
 * Writes the store as it is at this moment to file, also while the daemon runs: polls and webhooks go on meanwhile, only the
 * WAL is not shortened. The file appears whole (a temporary name, fsync, rename), readable by its owner alone. ERR_EXISTS
 * when it is there already and force is false.
 */
must_check int store_backup(const char *state_dir, const char *file, bool force, struct err *err);

struct store_restored {
	char kept[256]; /* where the store of before is now; "" when there was none */
	int64_t items;
	int64_t last_seq;
};
/*
 * Makes a backup the store; no daemon may use it meanwhile (ERR_REFUSED). The backup is checked whole before anything is
 * touched, and the change is one rename. What the backup does not know comes back with the next polls under the same ids; no seq
 * is used twice: the log goes on behind the last one of the store that was there, or of one that cannot be read, far behind.
 */
must_check int store_restore(const char *state_dir, const char *file, struct store_restored *ret, struct err *err);

/*
 * SQLite's whole integrity check, foreign keys, and what must hold besides (counters are the rows they count, every item can be
 * decoded, has its texts and a story). Appends a line for each finding and returns ERR_CORRUPT when there is one. While a daemon
 * uses the store its index of words is left out, and *ret_all is false.
 */
must_check int store_check(const char *state_dir, struct buf *findings, bool *ret_all, struct err *err);

/*
 * What the start had no time for: SQLite's quick check, table by table, at idle priority of the calling thread, which stays
 * so. stop is asked now and then. ERR_CORRUPT when something is damaged; ERR_CLOSED when it was stopped.
 */
must_check int store_check_slowly(const char *state_dir, bool (*stop)(void *ctx), void *ctx, struct err *err);

#endif
