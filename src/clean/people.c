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
static void split_person(struct person *p)
{
	char *s = p->name;
	size_t open = s ? strcspn(s, "(<") : 0, n;
	const char *inner;
	size_t inner_len;
	auto_free char *outer = NULL;

	if (!s || p->email)
		return;
	if (s[open] == '\0') {
		if (has_at(s, strlen(s))) {
			p->email = s;
			p->name = NULL;
		}
		return;
	}
	inner = s + open + 1;
	inner_len = strcspn(inner, ")>");
	for (n = open; n && s[n - 1] == ' '; n--)
		;
	outer = mem_dup_bytes(s, n);
	if (has_at(inner, inner_len) && n) {
		p->email = mem_dup_bytes(inner, inner_len);
		p->name = mem_dup_str(outer);
	} else if (has_at(outer, n) && inner_len) {
		p->email = mem_dup_str(outer);
		p->name = mem_dup_bytes(inner, inner_len);
	} else {
		return;
	}
	mem_free(s);
}

void clean_authors(struct cleaner *c, const struct raw_list *from, struct item *item)
{
	if (from->n)
		item->authors = mem_new_array(struct person, from->n);
	for (size_t i = 0; i < from->n; i++) {
		const struct raw_person *raw = raw_list_at(from, struct raw_person, i);
		struct raw_text name = { .value = raw->name, .kind = RAW_TEXT_GUESS };
		struct person p = { .email = clean_plain(raw->email, LIMIT_SHORT_BYTES), .url = cleaner_url(c, raw->url, NULL) };

		/* "Name <a@b>" is no tag. */
		p.name = raw->name && strchr(raw->name, '@') ? clean_plain(raw->name, LIMIT_SHORT_BYTES) : clean_plain_text(c, &name, LIMIT_SHORT_BYTES);
		split_person(&p);
		if (p.name || p.email || p.url)
			item->authors[item->n_authors++] = p;
	}
}
