#ifndef STORY_TERMS_H
#define STORY_TERMS_H
/*
 * What occurs in the items of the window, and where: words, keys of samples, titles, each under a number of its own.
 * Places are item numbers that grow; a term is forgotten with its last place.
 */
#include <stddef.h>
#include <stdint.h>

#include "idmap.h"

enum term_space { TERM_WORD, TERM_SHINGLE, TERM_TITLE };

struct term_places {
	uint32_t begin;    /* places in front were forgotten */
	uint32_t capacity; /* 0: the one place is in the struct itself */
	union {
		uint32_t one;
		uint32_t *many;
	};
};

struct terms {
	struct idmap ids;
	struct term_places *places;
	uint32_t *uses; /* how many places: apart, since comparing reads nothing else, and for thousands of terms */
	uint64_t *keys;
	uint32_t n, capacity; /* of places[] */
	uint32_t free_head;   /* a chain through `one`; IDMAP_NONE: none */
	size_t bytes;         /* of places kept apart */
};

void terms_init(struct terms *t);
void terms_done(struct terms *t);
uint32_t terms_find(const struct terms *t, enum term_space space, uint64_t key); /* IDMAP_NONE: unknown */
/* Of terms that are looked for soon: the misses of the cache overlap. */
void terms_prefetch(const struct terms *t, enum term_space space, const uint32_t *keys, size_t n);
void terms_prefetch_places(const struct terms *t, uint32_t id);
/* Adds a place, higher than all that are there, to a term, which becomes known. Returns the term's number. */
uint32_t terms_add(struct terms *t, enum term_space space, uint64_t key, uint32_t place);
void terms_remove(struct terms *t, uint32_t id, uint32_t place);
/* The same for the terms of an item, different ones, quicker than one after the other. */
void terms_add_all(struct terms *t, enum term_space space, const uint32_t *keys, size_t n, uint32_t place, uint32_t *ret_ids);
void terms_remove_all(struct terms *t, const uint32_t *ids, size_t n, uint32_t place);
const uint32_t *terms_places(const struct terms *t, uint32_t id, uint32_t *ret_n); /* ascending; until the next change */
size_t terms_bytes(const struct terms *t);

static inline uint32_t terms_uses(const struct terms *t, uint32_t id)
{
	return t->uses[id];
}

#endif
