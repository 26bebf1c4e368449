/*
 * Nine of ten items of a document that has changed were in it last time, letter for letter, and what they are known
 * by is the same again. Masking and hashing cost twenty times what one fingerprint does; so it is looked up.
 *
 * Entries lie one behind the other in the order they came, and the oldest is written over: a worker that reads little
 * takes little memory. Each is in the chain of a slot. The fingerprint is seeded with a number that is drawn for each
 * worker: which texts would pass for another's cannot be computed elsewhere. Half of it is enough against accidents.
 */
#include "memo.h"

#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

enum { SLOTS = LIMIT_MEMO_ITEMS / 2, MARK_BYTES = ITEM_MARK_BITS / 8, HAS_URL_KEY = 1, HAS_ID_KEY = 2 };
_Static_assert((SLOTS & (SLOTS - 1)) == 0, "a slot is found by the low bits");

struct entry {
	uint64_t item;
	uint32_t next; /* in the chain, one more than its place; 0: it is the last */
	struct item_key key, digest, url_key, id_key;
	uint8_t marks[3][MARK_BYTES];
	uint8_t has;
};

struct identify_memo {
	struct fingerprint_state *fingerprint;
	struct entry *entries; /* of LIMIT_MEMO_ITEMS */
	uint32_t oldest;       /* is written over next */
	uint32_t *slots;       /* first of each chain, as next */
	size_t hits;
};

struct identify_memo *identify_memo_new(void)
{
	struct identify_memo *m = mem_new(struct identify_memo);
	uint64_t seed;

	digest_random(&seed, sizeof(seed));
	m->fingerprint = fingerprint_new_seeded(seed);
	m->entries = mem_new_array(struct entry, LIMIT_MEMO_ITEMS);
	m->slots = mem_new_array(uint32_t, SLOTS);
	return m;
}

struct identify_memo *identify_memo_free(struct identify_memo *m)
{
	if (!m)
		return NULL;
	fingerprint_free(m->fingerprint);
	mem_free(m->entries);
	mem_free(m->slots);
	mem_free(m);
	return NULL;
}

size_t identify_memo_hits(const struct identify_memo *m)
{
	return m->hits;
}

struct fingerprint_state *memo_fingerprint(struct identify_memo *m)
{
	return m->fingerprint;
}

/* ---- an entry ---- */

static uint64_t number_of(const struct fingerprint *f)
{
	uint64_t item;

	memcpy(&item, f->bytes, sizeof(item));
	return item ? item : 1; /* 0 is an entry that was never written */
}

static void pack_mark(uint64_t mark, uint8_t out[MARK_BYTES])
{
	for (size_t n = 0; n < MARK_BYTES; n++, mark >>= 8)
		out[n] = (uint8_t)mark;
}

static uint64_t unpack_mark(const uint8_t in[MARK_BYTES])
{
	uint64_t mark = 0;

	for (size_t n = MARK_BYTES; n-- > 0;)
		mark = mark << 8 | in[n];
	return mark;
}

static void pack(const struct identity *i, struct entry *ret)
{
	ret->key = i->key;
	ret->digest = i->digest;
	ret->url_key = i->url_key;
	ret->id_key = i->id_key;
	ret->has = (uint8_t)((i->has_url_key ? HAS_URL_KEY : 0) | (i->has_id_key ? HAS_ID_KEY : 0));
	pack_mark(i->marks.title, ret->marks[0]);
	pack_mark(i->marks.text, ret->marks[1]);
	pack_mark(i->marks.link, ret->marks[2]);
}

static void unpack(const struct entry *e, struct identity *ret)
{
	ret->key = e->key;
	ret->digest = e->digest;
	ret->url_key = e->url_key;
	ret->id_key = e->id_key;
	ret->has_url_key = e->has & HAS_URL_KEY;
	ret->has_id_key = e->has & HAS_ID_KEY;
	ret->marks.title = unpack_mark(e->marks[0]);
	ret->marks.text = unpack_mark(e->marks[1]);
	ret->marks.link = unpack_mark(e->marks[2]);
}

/* ---- the table ---- */

static uint32_t *slot_of(const struct identify_memo *m, uint64_t item)
{
	return &m->slots[item & (SLOTS - 1)];
}

void memo_expect(const struct identify_memo *m, const struct fingerprint *item)
{
	uint32_t first = *slot_of(m, number_of(item));

	if (!first)
		return;
	__builtin_prefetch(&m->entries[first - 1]);
	__builtin_prefetch((const char *)&m->entries[first] - 1);
}

bool memo_find(struct identify_memo *m, const struct fingerprint *item, struct identity *ret)
{
	uint64_t number = number_of(item);

	for (uint32_t at = *slot_of(m, number); at; at = m->entries[at - 1].next) {
		if (m->entries[at - 1].item == number) {
			unpack(&m->entries[at - 1], ret);
			m->hits++;
			return true;
		}
	}
	return false;
}

static void leave_chain(struct identify_memo *m, uint32_t place)
{
	uint32_t *link = slot_of(m, m->entries[place].item);

	while (*link != place + 1)
		link = &m->entries[*link - 1].next;
	*link = m->entries[place].next;
}

void memo_add(struct identify_memo *m, const struct fingerprint *item, const struct identity *identity)
{
	struct entry *e = &m->entries[m->oldest];
	uint32_t *slot;

	if (e->item)
		leave_chain(m, m->oldest);
	e->item = number_of(item);
	pack(identity, e);
	slot = slot_of(m, e->item);
	e->next = *slot;
	*slot = m->oldest + 1;
	m->oldest = (m->oldest + 1) % LIMIT_MEMO_ITEMS;
}
