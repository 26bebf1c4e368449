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

char *cleaner_url(struct cleaner *c, const char *reference, const char *chain)
{
	return reference ? clean_url(reference, cleaner_base(c, chain)) : NULL;
}

/* A page made for people before one that may be, and that before other things. */
static int link_rank(const struct raw_link *k)
{
	if (!k->type)
		return 2;
	return strstr(k->type, "html") ? 3 : 1;
}

char *clean_find_link(struct cleaner *c, const struct raw_list *l, const char *rel)
{
	char *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct raw_link *k = raw_list_at(l, struct raw_link, i);
		char *url;

		if (link_rank(k) <= best_rank || !text_equal_nocase(k->rel ? k->rel : "alternate", rel))
			continue;
		/* "www.example.org/x" in RSS is a page of that name, not a path. */
		url = c->rss ? clean_url_guess(k->href, cleaner_base(c, k->base)) : cleaner_url(c, k->href, k->base);
		if (!url)
			continue;
		mem_free(best);
		best = url;
		best_rank = link_rank(k);
	}
	return best;
}

struct link *clean_links(struct cleaner *c, const struct raw_list *from, const char *except, size_t *ret_n)
{
	struct link *links = from->n ? mem_new_array(struct link, from->n) : NULL;

	*ret_n = 0;
	for (size_t i = 0; i < from->n; i++) {
		const struct raw_link *k = raw_list_at(from, struct raw_link, i);
		bool alternate = !k->rel || text_equal_nocase(k->rel, "alternate");
		struct link *to = &links[*ret_n];
		char *url = cleaner_url(c, k->href, k->base);

		if (!url || (except && (alternate || text_equal_nocase(k->rel, "related")) && strcmp(url, except) == 0)) {
			mem_free(url);
			continue;
		}
		to->url = url;
		to->rel = alternate ? mem_dup_str("alternate") : clean_plain(k->rel, LIMIT_SHORT_BYTES);
		to->type = clean_plain(k->type, LIMIT_SHORT_BYTES);
		to->title = clean_plain(k->title, LIMIT_SHORT_BYTES);
		to->language = clean_plain(k->hreflang, LIMIT_SHORT_BYTES);
		*ret_n += 1;
	}
	return links;
}
