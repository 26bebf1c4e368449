/*
 * The keys of a document as a table that SQLite can join: "wanted", place and key. So one statement looks all of them up, with one
 * cursor in item_key, where a statement a key would open and close one for each.
 *
 * Which keys they are is said by struct db, not by the statement; nobody else can ask for anything in it. It is never written or stored.
 */
#include "store_internal.h"

#include "syndicated/model/document.h"

enum { PLACE, KEY };

struct wanted_table {
	sqlite3_vtab base;
	const struct db *db;
};

struct wanted_cursor {
	sqlite3_vtab_cursor base;
	size_t at;
};

static const struct wanted_items *items_of(const sqlite3_vtab_cursor *c)
{
	return &((const struct wanted_table *)c->pVtab)->db->wanted;
}

static int connect(sqlite3 *handle, void *db, int argc, const char *const *argv, sqlite3_vtab **ret, char **ret_reason)
{
	struct wanted_table *t = sqlite3_malloc(sizeof(*t));

	(void)argc;
	(void)argv;
	(void)ret_reason;
	if (!t)
		return SQLITE_NOMEM;
	*t = (struct wanted_table){.db = db};
	*ret = &t->base;
	return sqlite3_declare_vtab(handle, "CREATE TABLE wanted (place INTEGER, key BLOB)");
}

static int disconnect(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

/* Whoever asks gets all of it. */
static int best_index(sqlite3_vtab *t, sqlite3_index_info *plan)
{
	(void)t;
	plan->estimatedCost = 30;
	plan->estimatedRows = 30;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *t, sqlite3_vtab_cursor **ret)
{
	struct wanted_cursor *c = sqlite3_malloc(sizeof(*c));

	(void)t;
	if (!c)
		return SQLITE_NOMEM;
	*c = (struct wanted_cursor){0};
	*ret = &c->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *c)
{
	sqlite3_free(c);
	return SQLITE_OK;
}

static int rewind_cursor(sqlite3_vtab_cursor *c, int plan, const char *name, int argc, sqlite3_value **argv)
{
	(void)plan;
	(void)name;
	(void)argc;
	(void)argv;
	((struct wanted_cursor *)c)->at = 0;
	return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *c)
{
	((struct wanted_cursor *)c)->at++;
	return SQLITE_OK;
}

static int at_end(sqlite3_vtab_cursor *c)
{
	return ((struct wanted_cursor *)c)->at >= items_of(c)->n;
}

static int column(sqlite3_vtab_cursor *c, sqlite3_context *ret, int i)
{
	size_t at = ((struct wanted_cursor *)c)->at;

	if (i == KEY)
		sqlite3_result_blob(ret, items_of(c)->items[at].key.bytes, ITEM_KEY_BYTES, SQLITE_STATIC);
	else
		sqlite3_result_int64(ret, (int64_t)at);
	return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *ret)
{
	*ret = (int64_t)((struct wanted_cursor *)c)->at;
	return SQLITE_OK;
}

/* Without xCreate there is no table of it to make: it is there by its name. */
static const sqlite3_module module = {
	.xConnect = connect,
	.xBestIndex = best_index,
	.xDisconnect = disconnect,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = rewind_cursor,
	.xNext = next_row,
	.xEof = at_end,
	.xColumn = column,
	.xRowid = rowid,
};

int wanted_register(struct db *db)
{
	return sqlite3_create_module(db->handle, "wanted", &module, db);
}
