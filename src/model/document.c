#include "syndicated/model/document.h"

#include <stdlib.h>
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "document_internal.h"

enum { FIRST_ITEMS = 16 };

struct feed_document *feed_document_new(void)
{
	struct feed_document *d = mem_new(struct feed_document);

	d->arena = arena_new(0); /* what goes in is within limits already */
	d->updated_ms = TIME_UNKNOWN;
	return d;
}

struct feed_document *feed_document_free(struct feed_document *d)
{
	if (d == NULL)
		return NULL;
	arena_free(d->arena);
	mem_free(d->items);
	problem_list_done(&d->problems);
	mem_free(d);
	return NULL;
}

struct item *feed_document_add_item(struct feed_document *d)
{
	if (d->n_items >= LIMIT_FEED_ITEMS)
		return NULL;
	/* There is room for 16 and then for the next power of two, so the array is full exactly when the count is one. */
	if (d->n_items == 0 || (d->n_items >= FIRST_ITEMS && (d->n_items & (d->n_items - 1)) == 0))
		d->items = mem_resize_array(d->items, d->n_items != 0 ? 2 * d->n_items : FIRST_ITEMS, sizeof(*d->items));
	struct item *i = &d->items[d->n_items++];
	*i = (struct item){.published_ms = TIME_UNKNOWN, .updated_ms = TIME_UNKNOWN, .comments_count = -1,
	                   .arena_before = arena_used_bytes(d->arena)};
	return i;
}

void feed_document_drop_twins(struct feed_document *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n_items; i++) {
		if (!d->items[i].twin)
			d->items[kept++] = d->items[i];
	}
	/* feed_document_add_item() reads the room from the count; nothing is added to a document after this. */
	d->n_items = kept;
}

/* Items that stand alone. */

static void free_all(char *const *strings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mem_free(strings[i]);
}

static void free_links(struct link *links, size_t n)
{
	for (size_t k = 0; k < n; k++)
		free_all((char *const[]){links[k].url, links[k].rel, links[k].type, links[k].title, links[k].language}, 5);
	mem_free(links);
}

static void free_lists(struct item *i)
{
	for (size_t k = 0; k < i->n_authors; k++)
		free_all((char *const[]){i->authors[k].name, i->authors[k].email, i->authors[k].url}, 3);
	for (size_t k = 0; k < i->n_categories; k++)
		free_all((char *const[]){i->categories[k].term, i->categories[k].scheme, i->categories[k].label}, 3);
	for (size_t k = 0; k < i->n_enclosures; k++) {
		const struct enclosure *e = &i->enclosures[k];

		free_all((char *const[]){e->url, e->type, e->title, e->medium}, 4);
	}
	mem_free(i->authors);
	mem_free(i->categories);
	mem_free(i->enclosures);
	free_links(i->links, i->n_links);
}

void item_details_done(struct item *i)
{
	char *const strings[] = {i->origin.id, i->origin.title, i->origin.link, i->origin.url, i->in_reply_to, i->season, i->episode, i->location};

	free_lists(i);
	free_all(strings, sizeof(strings) / sizeof(*strings));
	i->authors = NULL;
	i->categories = NULL;
	i->enclosures = NULL;
	i->links = NULL;
	i->n_authors = i->n_categories = i->n_enclosures = i->n_links = 0;
	i->origin = (struct origin){0};
	i->in_reply_to = i->season = i->episode = i->location = NULL;
	i->comments_count = -1;
}

void item_done(struct item *i)
{
	char *const strings[] = {i->guid, i->link, i->canonical_url, i->title, i->summary, i->content, i->language,
	                         i->comments_url, i->thumbnail, i->rights};

	free_all(strings, sizeof(strings) / sizeof(*strings));
	item_details_done(i);
	*i = (struct item){.published_ms = TIME_UNKNOWN, .updated_ms = TIME_UNKNOWN, .comments_count = -1};
}

/* What of an item is published. */

const char *web_url(const char *s)
{
	if (s == NULL || !(text_has_prefix_nocase(s, "http://") || text_has_prefix_nocase(s, "https://")))
		return NULL;
	return s[strcspn(s, " \t\r\n<>\"{}|\\^`")] == '\0' ? s : NULL;
}

const char *link_rel_published(const char *rel, bool *ret_registered)
{
	static const struct {
		const char *name;
		bool registered; /* with IANA, as Atom asks */
	} rels[] = {{"alternate", true}, {"canonical", true}, {"license", true}, {"payment", true},     {"related", true},
	            {"replies", true},   {"via", true},       {"chapters", false}, {"transcript", false}};

	for (size_t i = 0; rel != NULL && i < sizeof(rels) / sizeof(*rels); i++) {
		if (!text_equal_nocase(rel, rels[i].name))
			continue;
		*ret_registered = rels[i].registered;
		return rels[i].name;
	}
	return NULL;
}

static bool take_degrees(const char **s, double max, double *ret)
{
	char *end = NULL;

	if (**s == '\0' || strchr("+-.0123456789", **s) == NULL)
		return false;
	*ret = strtod(*s, &end);
	*s = end;
	return *ret >= -max && *ret <= max;
}

bool item_place(const struct item *i, double *ret_latitude, double *ret_longitude)
{
	const char *s = i->location;

	if (s == NULL || s[strspn(s, "+-. 0123456789")] != '\0' || !take_degrees(&s, 90, ret_latitude) || *s++ != ' ')
		return false;
	return take_degrees(&s, 180, ret_longitude) && *s == '\0';
}
