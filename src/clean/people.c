/* Who wrote it: Atom says it in parts, RSS in one string that has had many forms. */
#include "feed.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

static bool has_at(const char *s, size_t len)
{
	return memchr(s, '@', len) && !memchr(s, ' ', len);
}

/* "a@b (Name)", "Name <a@b>", "Name (a@b)", "a@b": what RSS's author may be. */
static void split_person(struct cleaner *c, struct person *p)
{
	const char *s = p->name, *inner;
	size_t open = s ? strcspn(s, "(<") : 0, n;
	size_t inner_len;

	if (!s || p->email)
		return;
	if (s[open] == '\0') {
		if (has_at(s, strlen(s))) {
			p->email = p->name;
			p->name = NULL;
		}
		return;
	}
	inner = s + open + 1;
	inner_len = strcspn(inner, ")>");
	for (n = open; n && s[n - 1] == ' '; n--)
		;
	if (has_at(inner, inner_len) && n) {
		p->email = arena_dup(c->arena, inner, inner_len);
		p->name = arena_dup(c->arena, s, n);
	} else if (has_at(s, n) && inner_len) {
		p->email = arena_dup(c->arena, s, n);
		p->name = arena_dup(c->arena, inner, inner_len);
	}
}

void clean_authors(struct cleaner *c, const struct raw_list *from, struct item *item)
{
	if (from->n)
		item->authors = arena_alloc(c->arena, from->n * sizeof(*item->authors));
	for (size_t i = 0; i < from->n; i++) {
		const struct raw_person *raw = raw_list_at(from, struct raw_person, i);
		struct raw_text name = { .value = raw->name, .kind = RAW_TEXT_GUESS };
		struct person p = { .email = clean_plain(c, raw->email, LIMIT_SHORT_BYTES), .url = cleaner_url(c, raw->url, NULL) };

		/* "Name <a@b>" is no tag. */
		p.name = raw->name && strchr(raw->name, '@') ? clean_plain(c, raw->name, LIMIT_SHORT_BYTES) : clean_plain_text(c, &name, LIMIT_SHORT_BYTES);
		split_person(c, &p);
		if (p.name || p.email || p.url)
			item->authors[item->n_authors++] = p;
	}
}
