#ifndef BENCH_BARE_STORE_H
#define BENCH_BARE_STORE_H
/*
 * What SQLite alone needs for the very rows that we wrote, into the same tables and indexes, by prepared statements, with the same
 * pragmas, in the same batches: the references of bench_store. Whatever fails ends the program.
 */
#include <sqlite3.h>
#include <stdint.h>

#include "syndicated/model/document.h"

enum { BATCH = 100, ROUNDS = 100, KNOWN = 30, SOURCES = 500 };
#define NOW_MS INT64_C(1764000000000)

_Noreturn void bare_fail(const char *what, const char *why);
sqlite3 *bare_open(const char *dir, const char *name);
sqlite3_stmt *bare_prepare(sqlite3 *db, const char *text); /* to be finalized by the caller */

/*
 * Microseconds of CPU of this process an item that is inserted with all its rows in `ours`, into a new database of that name in
 * dir, with what a poll writes of its source and host. With documents, of one item each and BATCH * ROUNDS of them, their words too.
 */
double bare_insert_us(const char *dir, const char *name, sqlite3 *ours, struct feed_document **documents);
/* A look at the KNOWN keys of one document in source 1, as a poll looks them up. */
double bare_lookup_us(sqlite3 *db, const struct feed_document *d);

#endif
