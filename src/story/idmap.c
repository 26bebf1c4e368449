/* Open addressing with linear probing; what follows a removed key moves up, so that nothing dead stays. */
#include "idmap.h"

#include "syndicated/base/digest.h"
#include "syndicated/base/mem.h"

enum { FIRST_PLACES = 64 };

static size_t home(const struct idmap *m, uint64_t key)
{
	uint64_t h = (key ^ m->seed) * 0x9E3779B97F4A7C15u;

	h = (h ^ h >> 32) * 0xD6E8FEB86659FD93u;
	return (size_t)(h >> 20) & (m->places - 1);
}

void idmap_init(struct idmap *m)
{
	*m = (struct idmap){ 0 };
	digest_random(&m->seed, sizeof(m->seed));
}

void idmap_done(struct idmap *m)
{
	mem_free(m->slots);
}

/* Where the key is, or the free place where it belongs. */
static size_t find(const struct idmap *m, uint64_t key)
{
	size_t at = home(m, key);

	while (m->slots[at].value != IDMAP_NONE && m->slots[at].key != key)
		at = (at + 1) & (m->places - 1);
	return at;
}

uint32_t idmap_get(const struct idmap *m, uint64_t key)
{
	return m->places ? m->slots[find(m, key)].value : IDMAP_NONE;
}

void idmap_prefetch(const struct idmap *m, uint64_t key)
{
	if (m->places)
		__builtin_prefetch(&m->slots[home(m, key)]);
}

static void place(struct idmap *m, uint64_t key, uint32_t value)
{
	size_t at = find(m, key);

	m->slots[at] = (struct idmap_slot){ key, value };
}

static void resize(struct idmap *m, size_t places)
{
	struct idmap old = *m;

	m->places = places;
	m->slots = mem_new_array(struct idmap_slot, places);
	for (size_t i = 0; i < places; i++)
		m->slots[i].value = IDMAP_NONE;
	for (size_t i = 0; i < old.places; i++)
		if (old.slots[i].value != IDMAP_NONE)
			place(m, old.slots[i].key, old.slots[i].value);
	idmap_done(&old);
}

void idmap_put(struct idmap *m, uint64_t key, uint32_t value)
{
	if (m->count * 4 >= m->places * 3)
		resize(m, m->places ? m->places * 2 : FIRST_PLACES);
	place(m, key, value);
	m->count++;
}

void idmap_remove(struct idmap *m, uint64_t key)
{
	size_t mask = m->places - 1, hole, at;

	if (m->places == 0)
		return;
	hole = at = find(m, key);
	if (m->slots[hole].value == IDMAP_NONE)
		return;
	for (;;) {
		at = (at + 1) & mask;
		if (m->slots[at].value == IDMAP_NONE)
			break;
		/* Moves up unless its home is behind the hole. */
		if (((at - home(m, m->slots[at].key)) & mask) >= ((at - hole) & mask)) {
			m->slots[hole] = m->slots[at];
			hole = at;
		}
	}
	m->slots[hole].value = IDMAP_NONE;
	m->count--;
}

size_t idmap_bytes(const struct idmap *m)
{
	return m->places * sizeof(*m->slots);
}
