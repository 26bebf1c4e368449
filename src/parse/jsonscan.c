#include "jsonscan.h"

#include <string.h>

#include "syndicated/base/text.h"

enum { KEY_DEPTH = 3 };

struct slice {
	const char *s;
	size_t len;
};

struct scan {
	const char *s;
	size_t len, at;
	size_t depth;
	size_t values; /* commas, colons and brackets: no value is without one of them */
	struct slice keys[KEY_DEPTH + 1]; /* of the objects on the way here, by depth from 1 */
};

/* From a quote to behind its partner. */
static struct slice take_string(struct scan *c)
{
	size_t start = c->at + 1, from = start;

	for (;;) {
		const char *q = from < c->len ? memchr(c->s + from, '"', c->len - from) : NULL;
		size_t backslashes = 0;

		if (!q) {
			c->at = c->len;
			return (struct slice){ NULL, 0 };
		}
		while (q - backslashes > c->s + from && q[-1 - (ptrdiff_t)backslashes] == '\\')
			backslashes++;
		from = (size_t)(q - c->s) + 1;
		if (backslashes % 2 == 0)
			break;
	}
	c->at = from;
	return (struct slice){ c->s + start, from - 1 - start };
}

static bool is(struct slice s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.s, word, s.len) == 0;
}

static void set_key(struct scan *c, struct slice key)
{
	if (c->depth >= 1 && c->depth <= KEY_DEPTH)
		c->keys[c->depth] = key;
}

static bool is_items(const struct scan *c, enum json_kind *ret)
{
	if (c->depth == 1 && is(c->keys[1], "items")) {
		*ret = JSON_KIND_FEED;
		return true;
	}
	*ret = JSON_KIND_RSS;
	return c->depth == 3 && is(c->keys[1], "rss") && is(c->keys[2], "channel") && (is(c->keys[3], "item") || is(c->keys[3], "items"));
}

/* One step: a string, or a byte. */
static void step(struct scan *c)
{
	static const struct slice none = { "", 0 };
	char b = c->s[c->at];

	if (b == '"') {
		struct slice s = take_string(c);
		size_t next = c->at;

		while (next < c->len && text_is_space(c->s[next]))
			next++;
		if (s.s && next < c->len && c->s[next] == ':')
			set_key(c, s);
		return;
	}
	c->at++;
	if (b == '{' || b == '[') {
		c->values++;
		c->depth++;
		set_key(c, none);
	} else if (b == '}' || b == ']') {
		c->depth -= c->depth > 0;
	} else if (b == ',' || b == ':') {
		c->values++;
	}
}

/* To the bracket that closes what is open at this depth, or the end. */
static bool skip_to_close(struct scan *c, size_t depth)
{
	while (c->at < c->len) {
		step(c);
		if (c->depth < depth)
			return true;
	}
	return false;
}

void json_find_items(const char *s, size_t len, struct json_items *ret)
{
	struct scan c = { .s = s, .len = len };

	*ret = (struct json_items){ .to = len, .end = len };
	do {
		if (c.at < len && s[c.at] == '[' && is_items(&c, &ret->kind)) {
			ret->found = true;
			break;
		}
		if (c.at < len)
			step(&c);
	} while (c.at < len && c.depth);
	if (ret->found) {
		ret->values_around = c.values;
		ret->depth = c.depth;
		step(&c);
		ret->from = c.at;
		if (!skip_to_close(&c, ret->depth + 1))
			return;
		ret->to = c.at - 1;
		c.values = ret->values_around;
	}
	ret->closed = c.depth == 0 || skip_to_close(&c, 1);
	ret->values_around = c.values;
	ret->end = c.at;
}

bool json_next_item(const char *s, const struct json_items *items, size_t *at, size_t *ret_start, size_t *ret_values, bool *ret_whole)
{
	struct scan c = { .s = s, .len = items->to, .at = *at };

	while (c.at < c.len && s[c.at] != '{') {
		if (s[c.at] == '[') {
			step(&c);
			(void)skip_to_close(&c, 1);
		} else {
			step(&c);
		}
		c.depth = 0;
	}
	*ret_start = c.at;
	if (c.at == c.len)
		return false;
	step(&c);
	c.values = 0;
	*ret_whole = skip_to_close(&c, 1);
	*ret_values = c.values;
	*at = c.at;
	return true;
}
