/*
 * The full-text index: titles and texts of all items, and the searches in it.
 *
 * Contentless: it keeps no copy of the texts, so what leaves it must be given as it went in, and is computed again from the
 * stored item by the same rule. Changes are collected in memory while a transaction goes on and written before its commit,
 * in the same transaction: one piece of index a commit, where FTS5 would write one at every savepoint. What a savepoint or
 * the whole transaction undoes is forgotten. (SQLite 3.40 has no contentless index that could delete by itself.)
 */
#include "store_internal.h"

#include <string.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum {
	QUEUE_BYTES = 8 << 20, /* of waiting texts; then they are written at once */
	SEARCH_STEPS = 200,    /* of SQLite's machine, between two looks at the clock */
};

struct search_change {
	int64_t item_id;
	bool removes;
	char *title;
	struct buf text;
};

/* ---- what changes ---- */

/* What the index has of an item. This rule is part of the stored format: see above. */
static void text_of(const struct item *i, struct buf *out)
{
	if (i->content)
		markup_plain_text((struct safe_html){i->content, strlen(i->content)}, out);
	if (i->content && i->summary)
		buf_append_char(out, ' ');
	if (i->summary)
		buf_append_str(out, i->summary);
	if (out->len > LIMIT_SEARCH_TEXT_BYTES)
		out->len = LIMIT_SEARCH_TEXT_BYTES;
}

static int write_change(struct db *db, const struct search_change *c, struct err *err)
{
	static const char add[] = "INSERT INTO search (rowid, title, text) VALUES (?1, ?2, CAST(?3 AS TEXT))";
	static const char remove[] = "INSERT INTO search (search, rowid, title, text) VALUES ('delete', ?1, ?2, CAST(?3 AS TEXT))";

	return stmt_run(db, c->removes ? remove : add, err, "isb", c->item_id, c->title, c->text.bytes, c->text.len);
}

static void forget_from(struct search_queue *q, size_t n)
{
	while (q->n > n) {
		struct search_change *c = &q->changes[--q->n];

		q->bytes -= c->text.len;
		mem_free(c->title);
		buf_done(&c->text);
	}
}

int search_flush(struct db *db, struct err *err)
{
	struct search_queue *q = &db->search;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < q->n; i++)
		rc = write_change(db, &q->changes[i], err);
	forget_from(q, 0);
	return rc;
}

static int take_change(struct db *db, int64_t item_id, const struct item *i, bool removes, struct err *err)
{
	struct search_queue *q = &db->search;
	struct search_change *c;

	if (q->n == q->capacity) {
		q->capacity = q->capacity ? 2 * q->capacity : 64;
		q->changes = mem_resize_array(q->changes, q->capacity, sizeof(q->changes[0]));
	}
	c = &q->changes[q->n++];
	*c = (struct search_change){.item_id = item_id, .removes = removes, .title = mem_dup_str(i->title), .text = BUF_INIT(2 * LIMIT_ITEM_BYTES)};
	text_of(i, &c->text);
	q->bytes += c->text.len;
	return q->bytes > QUEUE_BYTES ? search_flush(db, err) : 0;
}

int search_add(struct db *db, int64_t item_id, const struct item *i, struct err *err)
{
	return take_change(db, item_id, i, false, err);
}

int search_remove_stored(struct db *db, int64_t item_id, struct err *err)
{
	struct item i = {0};
	sqlite3_stmt *row = stmt_bind(db, "SELECT title FROM item WHERE id = ?", err, "i", item_id);
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	if (rc <= 0)
		return rc;
	i.title = column_str(row, 0);
	stmt_done(row);
	rc = body_read(db, item_id, &i, err);
	if (rc == 0)
		rc = take_change(db, item_id, &i, true, err);
	mem_free(i.title);
	mem_free(i.summary);
	mem_free(i.content);
	return rc;
}

void search_mark(struct db *db)
{
	db->search.mark = db->search.n;
}

void search_forget(struct db *db, bool only_since_mark)
{
	forget_from(&db->search, only_since_mark ? db->search.mark : 0);
}

void search_done(struct db *db)
{
	forget_from(&db->search, 0);
	mem_free(db->search.changes);
	db->search = (struct search_queue){0};
}

/* ---- searches ---- */

static size_t characters(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += (s[i] & 0xc0) != 0x80;
	return n;
}

/* FTS5 says what it stumbled over: near "x". People want to know where that is. */
static int bad_query(struct db *db, const char *query, struct err *err)
{
	const char *reason = sqlite3_errmsg(db->handle);
	const char *quote = strstr(reason, "near \"");
	const char *end = quote ? strrchr(quote, '"') : NULL;
	auto_free char *word = quote && end > quote + 6 ? mem_dup_bytes(quote + 6, (size_t)(end - quote - 6)) : NULL;
	const char *place = word ? strstr(query, word) : NULL;

	if (text_has_prefix(reason, "fts5: "))
		reason += 6;
	if (place)
		return err_set(err, ERR_INVALID, "the search '%s' is not right at character %zu: %s", query, characters(query, (size_t)(place - query)) + 1,
		               reason);
	if (quote)
		return err_set(err, ERR_INVALID, "the search '%s' is not right at its end: something is missing", query);
	return err_set(err, ERR_INVALID, "the search '%s' is not right: %s", query, reason);
}

static int is_over(void *ctx)
{
	return clock_mono_ms(&clock_system) >= *(const int64_t *)ctx;
}

static int search_failed(struct db *db, const char *query, struct err *err)
{
	int code = sqlite3_errcode(db->handle) & 0xff;

	if (code == SQLITE_INTERRUPT)
		return err_set(err, ERR_TIMEOUT, "the search '%s' took longer than %d ms: give it rarer words, or longer ones before a '*'", query,
		               LIMIT_SEARCH_MS);
	return code == SQLITE_ERROR ? bad_query(db, query, err) : db_fail(db, err, "cannot search");
}

static int collect_ids(sqlite3_stmt *stmt, struct item_ids *ret)
{
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if ((ret->n & (ret->n - 1)) == 0)
			ret->ids = mem_resize_array(ret->ids, ret->n ? 2 * ret->n : 1, sizeof(ret->ids[0]));
		ret->ids[ret->n++] = sqlite3_column_int64(stmt, 0);
	}
	return rc == SQLITE_DONE ? 0 : ERR_IO;
}

/* ret is empty on failure. */
static int run_search(struct db *db, const char *query, sqlite3_stmt *stmt, struct item_ids *ret, struct err *err)
{
	int64_t end_ms = clock_mono_ms(&clock_system) + LIMIT_SEARCH_MS;
	int rc;

	if (strlen(query) > LIMIT_SEARCH_QUERY_BYTES)
		return err_set(err, ERR_TOO_BIG, "a search may have %u bytes", LIMIT_SEARCH_QUERY_BYTES);
	if (!stmt)
		return ERR_IO;
	sqlite3_progress_handler(db->handle, SEARCH_STEPS, is_over, &end_ms);
	rc = collect_ids(stmt, ret);
	if (rc < 0)
		rc = search_failed(db, query, err);
	sqlite3_progress_handler(db->handle, 0, NULL, NULL);
	stmt_done(stmt);
	if (rc < 0)
		item_ids_done(ret);
	return rc;
}

int search_ids(struct db *db, const struct store_search *s, struct item_ids *ret, struct err *err)
{
	static const char find[] = "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid > ?2 ORDER BY rowid DESC LIMIT ?3";

	return run_search(db, s->query, stmt_bind(db, find, err, "sii", s->query, s->after_item_id, (int64_t)s->limit), ret, err);
}

int search_holds(struct db *db, const char *query, int64_t item_id, bool *ret, struct err *err)
{
	static const char find[] = "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid = ?2";
	struct item_ids ids = {0};
	int rc = run_search(db, query, stmt_bind(db, find, err, "si", query, item_id), &ids, err);

	*ret = ids.n > 0;
	item_ids_done(&ids);
	return rc;
}

int store_search_holds(struct store_reader *r, const char *query, int64_t item_id, bool *ret, struct err *err)
{
	return search_holds(&r->db, query, item_id, ret, err);
}

bool item_ids_hold(const struct item_ids *ids, int64_t id)
{
	size_t low = 0, high = ids->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ids->ids[middle] == id)
			return true;
		if (ids->ids[middle] > id)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

void item_ids_done(struct item_ids *ids)
{
	mem_free(ids->ids);
	*ids = (struct item_ids){0};
}

int store_search_ids(struct store_reader *r, const struct store_search *s, struct item_ids *ret, struct err *err)
{
	*ret = (struct item_ids){0};
	return search_ids(&r->db, s, ret, err);
}

int store_search_items(struct store_reader *r, const struct store_search *s, struct item_list **ret, struct err *err)
{
	struct item_ids ids = {0};
	int rc = begin_read(&r->db, err);

	if (rc < 0)
		return rc;
	rc = search_ids(&r->db, s, &ids, err);
	if (rc == 0)
		rc = read_items_by_id(&r->db, ids.ids, ids.n, ret, err);
	end_read(&r->db);
	item_ids_done(&ids);
	return rc;
}

int store_search_check(const char *query, struct err *err)
{
	const struct store_search s = {.query = query, .limit = 1};
	struct item_ids ids = {0};
	struct db db = {.path = mem_dup_str("in memory")};
	int rc = sqlite3_open(":memory:", &db.handle) == SQLITE_OK && words_register(db.handle) == SQLITE_OK
	                 ? db_exec(&db, SEARCH_TABLE, err)
	                 : db_fail(&db, err, "cannot check the search");

	if (rc == 0)
		rc = search_ids(&db, &s, &ids, err);
	item_ids_done(&ids);
	db_close(&db);
	return rc;
}
