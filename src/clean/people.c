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

static bool same_or_unsaid(const char *a, const char *b)
{
	return !a || !b || text_equal_nocase(a, b);
}

static bool said_by_both(const char *a, const char *b)
{
	return a && b && text_equal_nocase(a, b);
}

/* Feeds name one person in two ways, with an address and without: nothing that both say differs, and a name or an address is the same. */
static bool is_same_person(const struct person *a, const struct person *b)
{
	return same_or_unsaid(a->name, b->name) && same_or_unsaid(a->email, b->email) && same_or_unsaid(a->url, b->url) &&
	       (said_by_both(a->name, b->name) || said_by_both(a->email, b->email));
}

static void add_person(const struct person *p, struct item *item)
{
	for (size_t i = 0; i < item->n_authors; i++) {
		struct person *known = &item->authors[i];

		if (!is_same_person(known, p))
			continue;
		known->name = known->name ? known->name : p->name;
		known->email = known->email ? known->email : p->email;
		known->url = known->url ? known->url : p->url;
		return;
	}
	item->authors[item->n_authors++] = *p;
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
			add_person(&p, item);
	}
}
