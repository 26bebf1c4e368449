/*
 * The long texts of an item: summary and content, packed as one run of bytes (base/frame.h), then squeezed (squeeze.c).
 *
 * A row of SQLite lies in one page as far as it fits, and new rows go to the end of their table. Rows of two thousand
 * bytes would leave nearly half of every page empty. So a body that does not fit into what is left of the last page is
 * cut there: its head fills the page and its tail opens the next. The pieces have the ids 2 * item and 2 * item + 1.
 * What is left is only counted here, from a guess at first: where the count is wrong a page is less full, no more.
 */
#include "store_internal.h"

#include <string.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"

/* SQLite's file format, "B-tree Pages": what a leaf of a table holds, and when a row is continued on other pages. */
enum {
	PAGE_BYTES = 4096,
	LEAF_BYTES = PAGE_BYTES - 8,
	LOCAL_MAX = PAGE_BYTES - 35,
	LOCAL_MIN = (PAGE_BYTES - 12) * 32 / 255 - 23,
	HEAD_MIN = 200, /* a smaller head is not worth a row of its own */
	HEAD_AROUND = 8, /* the record's header, the length of the payload, the pointer to the cell; the id is besides */
};

/* Of a body as it is, and as it is stored: never more than a byte longer. */
#define BODY_BYTES (2 * LIMIT_ITEM_BYTES + 8)
#define STORED_BYTES (BODY_BYTES + SQUEEZE_KIND)

static size_t varint_bytes(uint64_t v)
{
	size_t n = 1;

	while (v >>= 7)
		n++;
	return n;
}

/* What a row with so many bytes takes of its leaf. */
static size_t row_bytes(int64_t id, size_t len)
{
	size_t payload = 2 + varint_bytes(12 + 2 * (uint64_t)len) + len;
	size_t around = varint_bytes(payload) + varint_bytes((uint64_t)id) + 2;
	size_t local;

	if (payload <= LOCAL_MAX)
		return payload + around;
	local = LOCAL_MIN + (payload - LOCAL_MIN) % (PAGE_BYTES - 4);
	return (local <= LOCAL_MAX ? local : LOCAL_MIN) + around + 4;
}

/* How much of a body goes into the page before: all, nothing, or what fills it. */
static size_t head_bytes(size_t room, int64_t id, size_t len)
{
	size_t around = HEAD_AROUND + varint_bytes((uint64_t)id);
	size_t head = room > LOCAL_MAX ? LOCAL_MAX - around : room - around;

	if (row_bytes(id, len) <= room)
		return len;
	return room < HEAD_MIN || head >= len ? 0 : head;
}

static int write_piece(struct db *db, int64_t id, const char *bytes, size_t len, struct err *err)
{
	static const char insert[] = "INSERT INTO item_text (id, bytes) VALUES (?, ?)";
	size_t taken = row_bytes(id, len);

	if (taken > db->text_room)
		db->text_room = LEAF_BYTES;
	db->text_room -= taken < db->text_room ? taken : db->text_room;
	return stmt_run(db, insert, err, "ib", id, bytes, len);
}

static size_t text_bytes(const char *s)
{
	return s ? strlen(s) : 0;
}

int64_t body_bytes(const struct item *i)
{
	return (int64_t)(text_bytes(i->summary) + text_bytes(i->content));
}

/* All of it in one piece, or in two. */
static int write_pieces(struct db *db, int64_t item_id, const struct squeezed *body, struct err *err)
{
	size_t head = head_bytes(db->text_room, 2 * item_id, body->len);
	int rc = 0;

	if (head)
		rc = write_piece(db, 2 * item_id, body->bytes, head, err);
	if (rc == 0 && head < body->len)
		rc = write_piece(db, 2 * item_id + 1, body->bytes + head, body->len - head, err);
	return rc;
}

int body_write(struct db *db, int64_t item_id, const struct item *i, struct err *err)
{
	struct buf plain = BUF_INIT(STORED_BYTES), room = {0};
	struct squeezed body;
	int rc;

	if (!i->summary && !i->content)
		return 0;
	squeeze_begin(&plain);
	pack_str(&plain, i->summary);
	pack_str(&plain, i->content);
	rc = buf_error(&plain);
	if (rc < 0)
		(void)err_set(err, rc, "the texts of an item have more than %u bytes", BODY_BYTES);
	else
		rc = squeeze(db, &plain, &room, &body, err);
	if (rc == 0)
		rc = write_pieces(db, item_id, &body, err);
	buf_done(&plain);
	buf_done(&room);
	return rc;
}

int body_remove(struct db *db, int64_t item_id, struct err *err)
{
	static const char remove[] = "DELETE FROM item_text WHERE id BETWEEN ?1 AND ?1 + 1";

	return stmt_run(db, remove, err, "i", 2 * item_id);
}

static int read_texts(const struct db *db, const struct squeezed *body, struct item *ret, struct err *err)
{
	struct unpack u = {.p = body->bytes, .len = body->len};

	ret->summary = unpack_str(&u);
	ret->content = unpack_str(&u);
	return unpack_finished(&u) ? 0 : err_set(err, ERR_CORRUPT, "the database %s is damaged: the texts of an item make no sense", db->path);
}

int body_read(struct db *db, int64_t item_id, struct item *ret, struct err *err)
{
	static const char find[] = "SELECT bytes FROM item_text WHERE id BETWEEN ?1 AND ?1 + 1 ORDER BY id";
	struct buf stored = BUF_INIT(SQUEEZE_AHEAD + STORED_BYTES), room = BUF_INIT(BODY_BYTES);
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", 2 * item_id);
	struct squeezed body;
	int rc = row ? 1 : ERR_IO;
	bool any = false;

	unsqueeze_begin(&stored);
	while (rc == 1 && (rc = stmt_step(db, row, err)) == 1) {
		any = true;
		buf_append(&stored, sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0));
	}
	if (rc == 0 && any)
		rc = unsqueeze(db, &stored, &room, &body, err);
	if (rc == 0 && any)
		rc = read_texts(db, &body, ret, err);
	buf_done(&stored);
	buf_done(&room);
	return rc;
}
