/* Open addressing with linear probing; removal shifts followers back, so that there are no tombstones. SipHash-1-3. */
#include "syndicated/base/map.h"

#include <stdint.h>
#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/mem.h"

enum { FIRST_SLOTS = 16 };

struct slot {
	char *key; /* NULL: free */
	void *value;
	uint64_t hash;
};

struct map {
	struct slot *slots;
	size_t slot_count; /* a power of two */
	size_t count;
	uint64_t seed[2];
};

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void mix(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static uint64_t hash_key(const struct map *m, const char *key)
{
	uint64_t v[4] = {m->seed[0] ^ 0x736f6d6570736575u, m->seed[1] ^ 0x646f72616e646f6du, m->seed[0] ^ 0x6c7967656e657261u,
	                 m->seed[1] ^ 0x7465646279746573u};
	size_t len = strlen(key);
	size_t pos = 0;

	for (;;) {
		uint64_t word = 0;
		size_t n = len - pos < 8 ? len - pos : 8;
		memcpy(&word, key + pos, n);
		if (n < 8)
			word |= (uint64_t)len << 56;
		v[3] ^= word;
		mix(v);
		v[0] ^= word;
		pos += n;
		if (n < 8)
			break;
	}
	v[2] ^= 0xff;
	mix(v);
	mix(v);
	mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct map *map_new(void)
{
	struct map *m = mem_new(struct map);

	digest_random(m->seed, sizeof(m->seed));
	m->slot_count = FIRST_SLOTS;
	m->slots = mem_new_array(struct slot, m->slot_count);
	return m;
}

struct map *map_free(struct map *m, void (*free_value)(void *value))
{
	if (m == NULL)
		return NULL;
	for (size_t i = 0; i < m->slot_count; i++) {
		if (m->slots[i].key == NULL)
			continue;
		mem_free(m->slots[i].key);
		if (free_value != NULL)
			free_value(m->slots[i].value);
	}
	mem_free(m->slots);
	mem_free(m);
	return NULL;
}

/* The slot with key, or the free one where it belongs. */
static struct slot *find(const struct map *m, const char *key, uint64_t hash)
{
	size_t i = hash & (m->slot_count - 1);

	while (m->slots[i].key != NULL && (m->slots[i].hash != hash || strcmp(m->slots[i].key, key) != 0))
		i = (i + 1) & (m->slot_count - 1);
	return &m->slots[i];
}

static void grow(struct map *m)
{
	struct slot *old = m->slots;
	size_t old_count = m->slot_count;

	m->slot_count *= 2;
	m->slots = mem_new_array(struct slot, m->slot_count);
	for (size_t i = 0; i < old_count; i++)
		if (old[i].key != NULL)
			*find(m, old[i].key, old[i].hash) = old[i];
	mem_free(old);
}

void *map_get(const struct map *m, const char *key)
{
	return find(m, key, hash_key(m, key))->value;
}

void *map_put(struct map *m, const char *key, void *value)
{
	uint64_t hash = hash_key(m, key);
	struct slot *slot = find(m, key, hash);
	void *replaced = slot->value;

	if (slot->key == NULL) {
		if (m->count >= m->slot_count / 4 * 3) {
			grow(m);
			slot = find(m, key, hash);
		}
		slot->key = mem_dup_str(key);
		slot->hash = hash;
		m->count++;
	}
	slot->value = value;
	return replaced;
}

/* Moves each follower whose way from its home leads through the hole; the cluster stays without gaps. */
static void close_gap(struct map *m, size_t hole)
{
	size_t mask = m->slot_count - 1;

	for (size_t i = (hole + 1) & mask; m->slots[i].key != NULL; i = (i + 1) & mask) {
		size_t home = m->slots[i].hash & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			m->slots[hole] = m->slots[i];
			hole = i;
		}
	}
	m->slots[hole] = (struct slot){.key = NULL};
}

void *map_remove(struct map *m, const char *key)
{
	struct slot *slot = find(m, key, hash_key(m, key));
	void *value = slot->value;

	if (slot->key == NULL)
		return NULL;
	mem_free(slot->key);
	close_gap(m, (size_t)(slot - m->slots));
	m->count--;
	return value;
}

size_t map_count(const struct map *m)
{
	return m->count;
}

bool map_next(const struct map *m, size_t *cursor, const char **ret_key, void **ret_value)
{
	while (*cursor < m->slot_count) {
		const struct slot *slot = &m->slots[(*cursor)++];
		if (slot->key == NULL)
			continue;
		*ret_key = slot->key;
		*ret_value = slot->value;
		return true;
	}
	return false;
}
