/*
 * Keys. Every key is the first 16 bytes of a SHA-256 over the name of its rule and its fields, each with its length in
 * front, so that no value of one rule can be made to look like that of another. Stored data depends on all of it. What
 * tells a changed item is no key, and a fingerprint (decision 006).
 */
#include "syndicated/identify.h"

#include <stdlib.h>
#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/fingerprint.h"
#include "syndicated/base/mem.h"

static struct item_key finish(struct digest_state *s)
{
	struct digest d = digest_next(s);
	struct item_key key;

	memcpy(key.bytes, d.bytes, sizeof(key.bytes));
	return key;
}

static struct item_key key_of(struct digest_state *s, const char *rule, const char *a, const char *b)
{
	digest_add_field(s, rule);
	digest_add_field(s, a);
	digest_add_field(s, b);
	return finish(s);
}

/* What a reader sees of an item; not its dates, which many feeds renew at each request. */
static struct item_key fingerprint_of_item(struct fingerprint_state *s, const struct item *i)
{
	struct fingerprint f;
	struct item_key key;

	fingerprint_add_field(s, i->title);
	fingerprint_add_field(s, i->link);
	fingerprint_add_field(s, i->summary_is_made ? NULL : i->summary);
	fingerprint_add_field(s, i->content);
	for (size_t n = 0; n < i->n_authors; n++)
		fingerprint_add_field(s, i->authors[n].name);
	for (size_t n = 0; n < i->n_enclosures; n++)
		fingerprint_add_field(s, i->enclosures[n].url);
	f = fingerprint_next(s);
	memcpy(key.bytes, f.bytes, sizeof(key.bytes));
	return key;
}

static int compare_guids(const void *a, const void *b)
{
	return strcmp((*(const struct item *const *)a)->guid, (*(const struct item *const *)b)->guid);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void set_rule(struct item *i, const char *rule)
{
	memset(i->key_rule, 0, sizeof(i->key_rule));
	memcpy(i->key_rule, rule, strlen(rule));
}

static void identify_item(struct digest_state *s, struct fingerprint_state *f, struct item *i)
{
	if (i->guid) {
		i->key = key_of(s, "guid", i->guid, NULL);
		set_rule(i, "guid");
	} else if (i->canonical_url) {
		i->key = key_of(s, "link", i->canonical_url, NULL);
		set_rule(i, "link");
	} else {
		i->key = key_of(s, "digest", i->title, i->content ? i->content : i->summary);
		set_rule(i, "digest");
	}
	i->digest = fingerprint_of_item(f, i);
	i->has_url_key = i->canonical_url != NULL;
	if (i->has_url_key)
		i->url_key = key_of(s, "url", i->canonical_url, NULL);
}

/* Items whose guid another item has with another link: there the guid is no identity, and makes a key with the link. */
static void split_shared_guids(struct digest_state *s, struct feed_document *d)
{
	struct item **sorted = mem_new_array(struct item *, d->n_items + 1);
	size_t n = 0, end;

	for (size_t i = 0; i < d->n_items; i++) {
		if (d->items[i].guid)
			sorted[n++] = &d->items[i];
	}
	qsort(sorted, n, sizeof(sorted[0]), compare_guids);
	for (size_t i = 0; i < n; i = end) {
		bool differ = false;

		for (end = i + 1; end < n && strcmp(sorted[i]->guid, sorted[end]->guid) == 0; end++)
			differ |= !same_text(sorted[i]->canonical_url, sorted[end]->canonical_url);
		for (size_t k = i; differ && k < end; k++)
			sorted[k]->key = key_of(s, "guid+link", sorted[k]->guid, sorted[k]->canonical_url);
	}
	mem_free(sorted);
}

struct twin {
	struct item_key key;
	struct item_key digest;
	size_t index;
};

static int compare_twins(const void *a, const void *b)
{
	const struct twin *x = a, *y = b;
	int r = memcmp(&x->key, &y->key, sizeof(x->key));

	if (r == 0)
		r = memcmp(&x->digest, &y->digest, sizeof(x->digest));
	return r ? r : (x->index > y->index) - (x->index < y->index);
}

/* Marks items that say nothing an earlier one did not say. */
static void mark_twins(struct feed_document *d)
{
	struct twin *twins = mem_new_array(struct twin, d->n_items + 1);

	for (size_t i = 0; i < d->n_items; i++)
		twins[i] = (struct twin){ d->items[i].key, d->items[i].digest, i };
	qsort(twins, d->n_items, sizeof(twins[0]), compare_twins);
	for (size_t i = 1; i < d->n_items; i++) {
		if (memcmp(&twins[i].key, &twins[i - 1].key, sizeof(twins[i].key)) == 0 &&
		    memcmp(&twins[i].digest, &twins[i - 1].digest, sizeof(twins[i].digest)) == 0)
			d->items[twins[i].index].twin = true;
	}
	mem_free(twins);
}

static uint64_t beginning_of(const struct item_key *key)
{
	uint64_t v;

	memcpy(&v, key->bytes, sizeof(v));
	return v;
}

/*
 * Whether two keys may be the same. A table of how the keys begin tells for what is not large; hashes need no hash. 0 is
 * an empty place, and the one key in 2^64 that begins so counts as the same. Guids can be made whose keys crowd one
 * corner of the table, and then 512 items search it 512 times; more of them are sorted.
 */
static bool may_repeat(const struct feed_document *d)
{
	enum { PLACES = 1024, MOST = PLACES / 2 };
	uint64_t table[PLACES] = { 0 };

	if (d->n_items > MOST)
		return true;
	for (size_t i = 0; i < d->n_items; i++) {
		uint64_t begin = beginning_of(&d->items[i].key);
		size_t at = begin % PLACES;

		while (table[at] && table[at] != begin)
			at = (at + 1) % PLACES;
		if (table[at] == begin)
			return true;
		table[at] = begin;
	}
	return false;
}

void identify_document(struct feed_document *d)
{
	struct digest_state *s = digest_begin();
	struct fingerprint_state *f = fingerprint_new();

	for (size_t i = 0; i < d->n_items; i++)
		identify_item(s, f, &d->items[i]);
	/* Equal guids made equal keys, and twins have them; few documents hold either. */
	if (may_repeat(d)) {
		split_shared_guids(s, d);
		mark_twins(d);
	}
	(void)digest_end(s);
	fingerprint_free(f);
}
