/*
 * A document that brings what the last one brought, and all of that was known: the commonest of those that are read at all,
 * since a date in it or a counter beside it made its bytes others. The source's schedule, which every poll writes, remembers such a
 * document by a fingerprint of its keys and digests; when it comes again, its items are not looked up.
 *
 * That leaves everything as looking up would have left it, as long as the rows are those of then. They change in four ways.
 * A poll changes or adds some: it stores a fingerprint of its own, or none. The purge takes one: it clears the fingerprint
 * (purge.c). Once a day each is marked as seen: so it holds until that is due for the first of them. And what else is
 * written of an item (its story, or that it is announced) is nothing that a known item is asked for. A transaction that is
 * undone takes it along. Items found by marks (match.c) depend on more than their rows, and are looked up each time.
 */
#include "merge.h"

#include <string.h>

#include "syndicated/base/mem.h"

#define DAY_MS ((int64_t)86400000)

void known_decode(const void *bytes, size_t len, struct known_document *ret)
{
	const unsigned char *in = bytes;
	uint64_t until = 0;

	*ret = (struct known_document){.until_ms = INT64_MIN};
	if (len != KNOWN_BYTES)
		return;
	memcpy(ret->items.bytes, in, FINGERPRINT_BYTES);
	for (size_t i = 0; i < 8; i++)
		until |= (uint64_t)in[FINGERPRINT_BYTES + i] << (8 * i);
	ret->until_ms = (int64_t)until;
}

void known_encode(const struct known_document *k, unsigned char out[KNOWN_BYTES], size_t *ret_len)
{
	memcpy(out, k->items.bytes, FINGERPRINT_BYTES);
	for (size_t i = 0; i < 8; i++)
		out[FINGERPRINT_BYTES + i] = (unsigned char)((uint64_t)k->until_ms >> (8 * i));
	*ret_len = k->until_ms == INT64_MIN ? 0 : KNOWN_BYTES;
}

static struct fingerprint fingerprint_of_items(const struct feed_document *d)
{
	unsigned char *all = mem_new_array(unsigned char, 2 * ITEM_KEY_BYTES * (d->n_items + 1)), *p = all;
	struct fingerprint f;

	for (size_t i = 0; i < d->n_items; i++, p += 2 * ITEM_KEY_BYTES) {
		memcpy(p, d->items[i].key.bytes, ITEM_KEY_BYTES);
		memcpy(p + ITEM_KEY_BYTES, d->items[i].digest.bytes, ITEM_KEY_BYTES);
	}
	f = fingerprint_of(all, (size_t)(p - all));
	mem_free(all);
	return f;
}

void known_begin(struct merge *m)
{
	struct fingerprint f = fingerprint_of_items(m->record->document);

	m->is_known = m->now_ms < m->known.until_ms && memcmp(f.bytes, m->known.items.bytes, FINGERPRINT_BYTES) == 0;
	m->known.items = f;
}

void known_end(struct merge *m, const struct stored_item *known)
{
	int64_t seen_ms = m->now_ms;

	m->known.until_ms = INT64_MIN;
	for (size_t i = 0; i < m->record->document->n_items; i++) {
		if (!known[i].id || !known[i].same || known[i].by_mark)
			return;
		if (known[i].seen_ms > m->now_ms - DAY_MS && known[i].seen_ms < seen_ms)
			seen_ms = known[i].seen_ms;
	}
	m->known.until_ms = seen_ms + DAY_MS;
}
