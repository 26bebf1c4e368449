#ifndef TESTS_FAULT_CHECK_H
#define TESTS_FAULT_CHECK_H
/* What is in a database, by SQLite alone and the real disk: nothing of the store's code is believed. */
#include <stdbool.h>

#include "syndicated/base/buf.h"

/* Every row of every table, a line each, in order. Nothing when there is no database yet. */
void check_dump(const char *dir, struct buf *out);
/* integrity_check, foreign_key_check and tests/lib/invariants.sql; what does not hold is written to complaint. */
bool check_is_sound(const char *dir, struct buf *complaint);
/* The first line in which they differ, for people. */
void check_difference(const char *want, const char *got, struct buf *out);

#endif
