#include "syndicated/model/document.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "document_internal.h"

struct feed_document *feed_document_new(void)
{
	struct feed_document *d = mem_new(struct feed_document);

	d->updated_ms = TIME_UNKNOWN;
	return d;
}

struct feed_document *feed_document_free(struct feed_document *d)
{
	if (d == NULL)
		return NULL;
	char *const strings[] = {d->format, d->id, d->title, d->subtitle, d->link, d->self_url, d->hub_url, d->icon,
	                         d->language, d->rights, d->author};
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		mem_free(strings[i]);
	for (size_t i = 0; i < d->n_items; i++)
		item_done(&d->items[i]);
	mem_free(d->items);
	problem_list_done(&d->problems);
	mem_free(d);
	return NULL;
}

struct item *feed_document_add_item(struct feed_document *d)
{
	if (d->n_items >= LIMIT_FEED_ITEMS)
		return NULL;
	/* There is room for the next power of two, so the array is full exactly when the count is one. */
	if ((d->n_items & (d->n_items - 1)) == 0)
		d->items = mem_resize_array(d->items, d->n_items != 0 ? 2 * d->n_items : 1, sizeof(*d->items));
	struct item *i = &d->items[d->n_items++];
	*i = (struct item){.published_ms = TIME_UNKNOWN, .updated_ms = TIME_UNKNOWN};
	return i;
}

void item_lists_done(struct item *i)
{
	for (size_t k = 0; k < i->n_authors; k++) {
		mem_free(i->authors[k].name);
		mem_free(i->authors[k].email);
		mem_free(i->authors[k].url);
	}
	for (size_t k = 0; k < i->n_categories; k++) {
		mem_free(i->categories[k].term);
		mem_free(i->categories[k].scheme);
		mem_free(i->categories[k].label);
	}
	for (size_t k = 0; k < i->n_enclosures; k++) {
		mem_free(i->enclosures[k].url);
		mem_free(i->enclosures[k].type);
		mem_free(i->enclosures[k].title);
	}
	mem_free(i->authors);
	mem_free(i->categories);
	mem_free(i->enclosures);
	i->authors = NULL;
	i->categories = NULL;
	i->enclosures = NULL;
	i->n_authors = i->n_categories = i->n_enclosures = 0;
}

void item_done(struct item *i)
{
	char *const strings[] = {i->guid, i->link, i->canonical_url, i->title, i->summary, i->content, i->language,
	                         i->comments_url, i->thumbnail, i->rights};

	for (size_t k = 0; k < sizeof(strings) / sizeof(*strings); k++)
		mem_free(strings[k]);
	item_lists_done(i);
	*i = (struct item){.published_ms = TIME_UNKNOWN, .updated_ms = TIME_UNKNOWN};
}
