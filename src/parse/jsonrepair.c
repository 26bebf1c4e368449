#include "jsonfeed_internal.h"

#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"

enum { MAX_OPEN = 64, ITEM_DEPTH_MAX = 5 };

/*
 * One pass over the tokens: where the last object that stands in an array near the root ended, and what was open there.
 * Closing that gives a document of its whole items. Strings are skipped, so brackets in them do not count.
 */
struct cut {
	char open[MAX_OPEN];
	size_t depth;
	size_t end; /* behind the last whole item; 0: none */
	char open_at_end[MAX_OPEN];
	size_t depth_at_end;
};

static void close_one(struct cut *c, size_t at)
{
	bool item;

	if (c->depth == 0)
		return;
	item = c->open[c->depth - 1] == '{' && c->depth >= 2 && c->depth <= ITEM_DEPTH_MAX && c->open[c->depth - 2] == '[';
	c->depth--;
	if (!item)
		return;
	c->end = at + 1;
	c->depth_at_end = c->depth;
	memcpy(c->open_at_end, c->open, c->depth);
}

static void find_cut(struct cut *c, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"') {
			for (i++; i < len && s[i] != '"'; i++)
				i += s[i] == '\\';
		} else if (s[i] == '{' || s[i] == '[') {
			if (c->depth == MAX_OPEN)
				return;
			c->open[c->depth++] = s[i];
		} else if (s[i] == '}' || s[i] == ']') {
			close_one(c, i);
		}
	}
}

json_t *jsonfeed_repair(const char *text, size_t len)
{
	struct cut c = { .depth = 0 };
	struct buf b = BUF_INIT((size_t)LIMIT_FEED_BYTES * 4);
	json_t *root = NULL;

	find_cut(&c, text, len);
	if (c.end) {
		buf_append(&b, text, c.end);
		while (c.depth_at_end)
			buf_append_char(&b, c.open_at_end[--c.depth_at_end] == '{' ? '}' : ']');
		root = json_loadb(buf_str(&b), b.len, JSON_ALLOW_NUL, NULL);
	}
	buf_done(&b);
	return root;
}
