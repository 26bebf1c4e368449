/*
 * Nine of ten items of a document that has changed were in it last time, letter for letter, and what they are known
 * by is the same again. Masking and hashing cost twenty times what one fingerprint does; so it is looked up.
 *
 * A place has two entries, the one used last in front: what stands between feeds that are polled seldom is pushed out
 * first. The fingerprint is seeded with a number that nobody outside knows: no text can be made to pass for another's.
 */
#include "memo.h"

#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

enum { WAYS = 2, PLACES = LIMIT_MEMO_ITEMS / WAYS, CACHE_LINE_BYTES = 64 };
_Static_assert((PLACES & (PLACES - 1)) == 0, "a place is found by the low bits");

struct place {
	struct memo_entry entries[WAYS];
};

struct identify_memo {
	struct fingerprint_state *fingerprint;
	struct place *places;
};

struct identify_memo *identify_memo_new(void)
{
	struct identify_memo *m = mem_new(struct identify_memo);
	uint64_t seed;

	digest_random(&seed, sizeof(seed));
	m->fingerprint = fingerprint_new_seeded(seed);
	m->places = mem_new_array(struct place, PLACES);
	return m;
}

struct identify_memo *identify_memo_free(struct identify_memo *m)
{
	if (!m)
		return NULL;
	fingerprint_free(m->fingerprint);
	mem_free(m->places);
	mem_free(m);
	return NULL;
}

struct fingerprint_state *memo_fingerprint(struct identify_memo *m)
{
	return m->fingerprint;
}

static struct memo_entry *place_of(const struct identify_memo *m, const struct fingerprint *item)
{
	uint32_t low;

	memcpy(&low, item->bytes, sizeof(low));
	return m->places[low & (PLACES - 1)].entries;
}

static bool is_of(const struct memo_entry *e, const struct fingerprint *item)
{
	return memcmp(e->item.bytes, item->bytes, FINGERPRINT_BYTES) == 0;
}

void memo_expect(const struct identify_memo *m, const struct fingerprint *item)
{
	const char *at = (const char *)place_of(m, item);

	for (size_t n = 0; n < sizeof(struct memo_entry); n += CACHE_LINE_BYTES)
		__builtin_prefetch(at + n);
}

const struct identity *memo_find(const struct identify_memo *m, const struct fingerprint *item)
{
	struct memo_entry *place = place_of(m, item), older;

	if (is_of(&place[0], item))
		return &place[0].identity;
	if (!is_of(&place[1], item))
		return NULL;
	older = place[0];
	place[0] = place[1];
	place[1] = older;
	return &place[0].identity;
}

void memo_add(struct identify_memo *m, const struct memo_entry *e)
{
	struct memo_entry *place = place_of(m, &e->item);

	place[1] = place[0];
	place[0] = *e;
}
