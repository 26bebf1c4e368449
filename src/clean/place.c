/*
 * Addresses in feeds. What is relative is resolved by the xml:base in force; without one, in RSS and JSON against the
 * site that the feed belongs to (people write "/post/1" and mean the site, wherever the feed itself lies), in Atom
 * against the document (RFC 4287 section 2), each with the other as second choice.
 */
#include "feed.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* The bases of the elements around, outermost first and spaces between, as parse/ noted them. */
static char *resolve_chain(const char *chain, char *base)
{
	auto_free char *copy = mem_dup_str(chain);
	char *at = copy;

	while (at && *at) {
		size_t n = strcspn(at, " \t\r\n");
		bool more = at[n] != '\0';
		char *next;

		at[n] = '\0';
		next = clean_url(at, base);
		if (next) {
			mem_free(base);
			base = next;
		}
		at += n + more;
	}
	return base;
}

const char *cleaner_base(struct cleaner *c, const char *chain)
{
	char *document;

	if (c->have_base && c->chain == chain)
		return c->base;
	document = clean_url(c->document_url, NULL);
	if (c->feed_link && (!document || (c->rss && !chain))) {
		mem_free(document);
		document = mem_dup_str(c->feed_link);
	}
	mem_free(c->base);
	c->base = resolve_chain(chain, document);
	c->chain = chain;
	c->have_base = true;
	return c->base;
}

/* Whether there is one; then c->url holds it. */
static bool resolve(struct cleaner *c, const char *reference, const char *chain)
{
	buf_clear(&c->url);
	return reference && *reference && clean_url_append(reference, strlen(reference), cleaner_base(c, chain), &c->url) &&
	       buf_error(&c->url) == 0;
}

char *cleaner_url(struct cleaner *c, const char *reference, const char *chain)
{
	return resolve(c, reference, chain) ? arena_dup(c->arena, c->url.bytes, c->url.len) : NULL;
}

/* A page made for people before one that may be, and that before other things. */
static int link_rank(const struct raw_link *k)
{
	if (!k->type)
		return 2;
	return strstr(k->type, "html") ? 3 : 1;
}

/* "www.example.org/x" in RSS is a page of that name, not a path. */
static bool resolve_page(struct cleaner *c, const struct raw_link *k)
{
	if (!c->rss)
		return resolve(c, k->href, k->base);
	buf_clear(&c->url);
	return clean_url_guess_append(k->href, cleaner_base(c, k->base), &c->url) && buf_error(&c->url) == 0;
}

char *clean_find_link(struct cleaner *c, const struct raw_list *l, const char *rel)
{
	char *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct raw_link *k = raw_list_at(l, struct raw_link, i);

		if (link_rank(k) <= best_rank || !text_equal_nocase(k->rel ? k->rel : "alternate", rel))
			continue;
		if (!resolve_page(c, k))
			continue;
		best = arena_dup(c->arena, c->url.bytes, c->url.len);
		best_rank = link_rank(k);
	}
	return best;
}

/*
 * RSS says that a guid is an address unless it denies it, but most of those that are none do not deny it: a bare number, a
 * UUID or a phrase is no path. So without a word only a whole address counts; with isPermaLink="true" also what has the form
 * of a path.
 */
char *clean_id_link(struct cleaner *c, const struct raw_item *raw)
{
	const struct raw_link k = { .href = raw->id, .base = raw->base };
	const char *s = raw->id;
	bool path = strpbrk(s, "/?") && !strpbrk(s, " \t\r\n");

	if (!text_has_prefix_nocase(s, "http:") && !text_has_prefix_nocase(s, "https:") &&
	    !(path && (raw->id_is_said_link || clean_url_lacks_scheme(s, cleaner_base(c, raw->base)))))
		return NULL;
	return resolve_page(c, &k) ? arena_dup(c->arena, c->url.bytes, c->url.len) : NULL;
}

struct link *clean_links(struct cleaner *c, const struct raw_list *from, const char *except, size_t *ret_n)
{
	struct link *links = from->n ? arena_alloc(c->arena, from->n * sizeof(*links)) : NULL;

	*ret_n = 0;
	for (size_t i = 0; i < from->n; i++) {
		const struct raw_link *k = raw_list_at(from, struct raw_link, i);
		bool alternate = !k->rel || text_equal_nocase(k->rel, "alternate");
		struct link *to = &links[*ret_n];

		if (!resolve(c, k->href, k->base) ||
		    (except && (alternate || text_equal_nocase(k->rel, "related")) && strcmp(c->url.bytes, except) == 0))
			continue;
		to->url = arena_dup(c->arena, c->url.bytes, c->url.len);
		to->rel = alternate ? NULL : clean_plain(c, k->rel, LIMIT_SHORT_BYTES);
		if (!to->rel) /* also one of white space alone */
			to->rel = arena_dup_str(c->arena, "alternate");
		to->type = clean_plain(c, k->type, LIMIT_SHORT_BYTES);
		to->title = clean_plain(c, k->title, LIMIT_SHORT_BYTES);
		to->language = clean_plain(c, k->hreflang, LIMIT_SHORT_BYTES);
		*ret_n += 1;
	}
	return links;
}
