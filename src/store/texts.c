/* Texts that other parts keep over a restart, each whole under its name. */
#include "store_internal.h"

int store_keep_text(struct store *s, const char *name, const char *text, struct err *err)
{
	static const char keep[] = "INSERT OR REPLACE INTO fact (name, value) VALUES ('text-' || ?, ?)";

	return stmt_run(&s->db, keep, err, "ss", name, text);
}

int store_read_text(struct store *s, const char *name, struct buf *out, struct err *err)
{
	static const char read[] = "SELECT value FROM fact WHERE name = 'text-' || ?";
	sqlite3_stmt *row = stmt_bind(&s->db, read, err, "s", name);
	int rc = row ? stmt_step(&s->db, row, err) : ERR_IO;

	if (rc <= 0)
		return rc;
	buf_append(out, (const char *)sqlite3_column_text(row, 0), (size_t)sqlite3_column_bytes(row, 0));
	stmt_done(row);
	return buf_error(out);
}
