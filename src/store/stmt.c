#include "store_internal.h"

#include <assert.h>
#include <stdarg.h>

#include "syndicated/base/mem.h"
#include "syndicated/model/ids.h"

_Static_assert(STATEMENTS_MAX <= UINT8_MAX && STATEMENT_SLOTS >= 2 * STATEMENTS_MAX, "places fit their slots, and slots stay free");

/* The slot that a literal has or gets; with open addressing. */
static uint8_t *find_slot(struct db *db, const char *sql)
{
	uint64_t at = ((uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 32;

	for (;; at++) {
		uint8_t *slot = &db->statement_slots[at % STATEMENT_SLOTS];

		if (*slot == 0 || db->statements[*slot - 1].sql == sql)
			return slot;
	}
}

sqlite3_stmt *stmt_get(struct db *db, const char *sql, struct err *err)
{
	uint8_t *slot = find_slot(db, sql);
	struct statement *s;

	if (*slot)
		return db->statements[*slot - 1].stmt;
	assert(db->n_statements < STATEMENTS_MAX);
	s = &db->statements[db->n_statements];
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL) != SQLITE_OK) {
		(void)db_fail(db, err, "cannot use the store");
		return NULL;
	}
	s->sql = sql;
	*slot = (uint8_t)++db->n_statements;
	return s->stmt;
}

static int bind_one(sqlite3_stmt *stmt, int i, char type, va_list *args)
{
	const void *p;
	int64_t n;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(stmt, i, va_arg(*args, int64_t));
	case 't':
		n = va_arg(*args, int64_t);
		return n == TIME_UNKNOWN ? sqlite3_bind_null(stmt, i) : sqlite3_bind_int64(stmt, i, n);
	case 's':
		return sqlite3_bind_text(stmt, i, va_arg(*args, const char *), -1, SQLITE_STATIC);
	case 'b':
		p = va_arg(*args, const void *);
		return sqlite3_bind_blob64(stmt, i, p, va_arg(*args, size_t), SQLITE_STATIC);
	default:
		assert(!"unknown binding");
		return SQLITE_MISUSE;
	}
}

static sqlite3_stmt *bind_all(struct db *db, const char *sql, struct err *err, const char *types, va_list *args)
{
	sqlite3_stmt *stmt = stmt_get(db, sql, err);

	for (int i = 1; stmt && *types; i++, types++) {
		if (bind_one(stmt, i, *types, args) != SQLITE_OK) {
			(void)db_fail(db, err, "cannot use the store");
			stmt_done(stmt);
			return NULL;
		}
	}
	return stmt;
}

sqlite3_stmt *stmt_bind(struct db *db, const char *sql, struct err *err, const char *types, ...)
{
	va_list args;
	sqlite3_stmt *stmt;

	va_start(args, types);
	stmt = bind_all(db, sql, err, types, &args);
	va_end(args);
	return stmt;
}

/* Its bindings stay, and are bound anew before it runs again. */
void stmt_done(sqlite3_stmt *stmt)
{
	(void)sqlite3_reset(stmt);
}

int stmt_step(struct db *db, sqlite3_stmt *stmt, struct err *err)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 1;
	rc = rc == SQLITE_DONE ? 0 : db_fail(db, err, "the store");
	stmt_done(stmt);
	return rc;
}

/* Binds and steps once; *ret_stmt is to be ended with stmt_done() when the result is 1. */
static int first_row(struct db *db, const char *sql, struct err *err, const char *types, va_list *args, sqlite3_stmt **ret_stmt)
{
	*ret_stmt = bind_all(db, sql, err, types, args);
	return *ret_stmt ? stmt_step(db, *ret_stmt, err) : ERR_IO;
}

int stmt_run(struct db *db, const char *sql, struct err *err, const char *types, ...)
{
	va_list args;
	sqlite3_stmt *stmt;
	int rc;

	va_start(args, types);
	rc = first_row(db, sql, err, types, &args, &stmt);
	va_end(args);
	if (rc == 1)
		stmt_done(stmt);
	return rc < 0 ? rc : 0;
}

int stmt_int(struct db *db, int64_t *ret, int64_t otherwise, const char *sql, struct err *err, const char *types, ...)
{
	va_list args;
	sqlite3_stmt *stmt;
	int rc;

	va_start(args, types);
	rc = first_row(db, sql, err, types, &args, &stmt);
	va_end(args);
	if (rc < 0)
		return rc;
	*ret = rc == 1 && sqlite3_column_type(stmt, 0) != SQLITE_NULL ? sqlite3_column_int64(stmt, 0) : otherwise;
	if (rc == 1)
		stmt_done(stmt);
	return 0;
}

char *column_str(sqlite3_stmt *stmt, int i)
{
	return mem_dup_str((const char *)sqlite3_column_text(stmt, i));
}

int64_t column_time(sqlite3_stmt *stmt, int i)
{
	return sqlite3_column_type(stmt, i) == SQLITE_NULL ? TIME_UNKNOWN : sqlite3_column_int64(stmt, i);
}

char *column_story_uid(sqlite3_stmt *stmt, int i)
{
	const void *raw = sqlite3_column_blob(stmt, i);
	char uid[ID_BYTES];

	if (!raw || sqlite3_column_bytes(stmt, i) != ID_RAW_BYTES)
		return NULL;
	id_from_story_raw(raw, uid);
	return mem_dup_str(uid);
}

bool column_key(sqlite3_stmt *stmt, int i, struct item_key *ret)
{
	const void *p = sqlite3_column_blob(stmt, i);

	if (!p || sqlite3_column_bytes(stmt, i) != ITEM_KEY_BYTES)
		return false;
	__builtin_memcpy(ret->bytes, p, ITEM_KEY_BYTES);
	return true;
}
