#ifndef STORY_IDMAP_H
#define STORY_IDMAP_H
/* Numbers to numbers, 16 bytes a place so that a look is one miss of the cache, seeded so that chosen keys do not collide. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDMAP_NONE UINT32_MAX

struct idmap_slot {
	uint64_t key;
	uint32_t value; /* IDMAP_NONE: free */
};

struct idmap {
	struct idmap_slot *slots;
	size_t places;    /* a power of two, or 0 */
	size_t count;
	uint64_t seed;
};

void idmap_init(struct idmap *m);
void idmap_done(struct idmap *m);
uint32_t idmap_get(const struct idmap *m, uint64_t key); /* IDMAP_NONE: absent */
void idmap_prefetch(const struct idmap *m, uint64_t key); /* of keys that are asked for soon: their misses overlap */
void idmap_put(struct idmap *m, uint64_t key, uint32_t value); /* the key must be absent */
void idmap_remove(struct idmap *m, uint64_t key);
size_t idmap_bytes(const struct idmap *m);

#endif
