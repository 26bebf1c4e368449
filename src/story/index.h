#ifndef STORY_INDEX_H
#define STORY_INDEX_H
/* The inside of struct story_index, for index.c, cluster.c, vector.c and match.c. */
#include "idmap.h"
#include "story_internal.h"
#include "terms.h"

/* Weights by term number, ascending. Weights are whole numbers, so that what is added and taken off leaves no trace. */
struct vector {
	uint32_t *ids;
	uint32_t *weights;
	uint32_t n, capacity;
};

void vector_done(struct vector *v);
void vector_add(struct vector *v, const uint32_t *ids, const uint8_t *weights, size_t n);
void vector_subtract(struct vector *v, const uint32_t *ids, const uint8_t *weights, size_t n); /* what was added before */

/* An item. Behind the struct: terms, samples, keys, numbers, weights; see the functions below. */
struct entry {
	int64_t item_id;
	int64_t source_id;
	int64_t time_ms;
	uint32_t place;  /* its number: later ones have higher */
	uint32_t story;  /* slot */
	uint32_t next;   /* place of an older item of its story; IDMAP_NONE: none */
	uint32_t title;  /* its title as a term; IDMAP_NONE: none */
	uint8_t n_terms;
	uint8_t n_numbers;
	uint8_t n_shingles;
	uint8_t n_keys;
	uint32_t data[];
};

static inline const uint32_t *entry_terms(const struct entry *e)
{
	return e->data;
}

static inline const uint32_t *entry_shingles(const struct entry *e)
{
	return e->data + e->n_terms;
}

static inline const uint32_t *entry_keys(const struct entry *e)
{
	return entry_shingles(e) + e->n_shingles;
}

static inline const struct story_number *entry_numbers(const struct entry *e)
{
	return (const struct story_number *)(const void *)(entry_keys(e) + e->n_keys);
}

static inline const uint8_t *entry_weights(const struct entry *e)
{
	return (const uint8_t *)(entry_numbers(e) + e->n_numbers);
}

/* A story or a group of stories. Its vector is kept when it has more than one member; else the member's stands for it. */
struct cluster {
	int64_t id;
	uint32_t first;  /* story: place of its newest item; group: slot of a story */
	uint32_t next;   /* story: the next one of its group. A free slot: the next free one */
	uint32_t group;  /* of a story: slot */
	uint32_t n_items;
	uint32_t n_stories; /* of a group */
	int64_t newest_ms;  /* of a story: time of its newest item */
	struct vector sum;
};

struct clusters {
	struct idmap ids;
	struct cluster *slots;
	uint32_t n, capacity, free_head;
};

enum { KEY_PLACES = 32 }; /* of one key of a sample: more is boilerplate */

/* Room for a search: more than a stack should clear for each item. */
struct copies {
	uint32_t places[STORY_SHINGLES * KEY_PLACES];
	struct voted {
		uint32_t place;
		unsigned votes;
	} voted[STORY_SHINGLES * KEY_PLACES];
};

struct story_index {
	struct story_rules rules;
	struct terms words, keys; /* keys: of samples, and titles. Apart, so that the words lie close together */
	struct idmap items;      /* id -> place */
	struct clusters stories, groups;
	struct entry **ring;     /* by place */
	uint32_t *story_of;      /* by place: a search looks at thousands of places, and at nothing else of their items */
	uint32_t ring_size;      /* a power of two */
	uint32_t first, end;     /* places; removed ones are NULL */
	size_t n_items;
	size_t entry_bytes, vector_bytes;
	uint32_t *sums;          /* of a search, by story slot; all zero between two */
	uint32_t *touched;
	uint32_t n_sums;
	struct copies *copies;
	uint16_t *log_table;
};

enum { LOG_UNIT = 256, LOG_TABLE = 16384 };

static inline struct entry *entry_at(const struct story_index *x, uint32_t place)
{
	return x->ring[place & (x->ring_size - 1)];
}

/* Ascending. For the few words of an item: a call of qsort() costs more than the sorting. */
static inline void sort_few(uint64_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t moved = v[i];
		size_t at = i;

		for (; at > 0 && v[at - 1] > moved; at--)
			v[at] = v[at - 1];
		v[at] = moved;
	}
}

void clusters_init(struct clusters *c);
void clusters_done(struct clusters *c);
uint32_t clusters_find(const struct clusters *c, int64_t id); /* IDMAP_NONE: unknown */
uint32_t clusters_begin(struct clusters *c, int64_t id);
void clusters_end(struct clusters *c, uint32_t slot);
size_t clusters_bytes(const struct clusters *c);

/* Puts an item in, takes it out; stories and groups begin and end with their first and last one. */
void cluster_join(struct story_index *x, struct entry *e, int64_t story_id, int64_t group_id);
void cluster_leave(struct story_index *x, struct entry *e);
/* What a cluster's mean is proportional to. Of a single item the weights are bytes. */
struct mean {
	const uint32_t *ids;
	const uint32_t *weights;
	const uint8_t *bytes;
	uint32_t n;
};
struct mean story_mean(const struct story_index *x, const struct cluster *story);
struct mean group_mean(const struct story_index *x, const struct cluster *group);

#endif
