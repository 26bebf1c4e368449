/* Most terms occur once, so their place needs no memory of its own. */
#include "terms.h"

#include <string.h>

#include "syndicated/base/mem.h"

enum { FIRST_TERMS = 256, FIRST_PLACES = 4 };

void terms_init(struct terms *t)
{
	*t = (struct terms){ .free_head = IDMAP_NONE };
	idmap_init(&t->ids);
}

void terms_done(struct terms *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->places[i].capacity)
			mem_free(t->places[i].many);
	mem_free(t->places);
	mem_free(t->uses);
	mem_free(t->keys);
	idmap_done(&t->ids);
}

static uint64_t key_in(enum term_space space, uint64_t key)
{
	return (key & UINT64_MAX >> 2) | (uint64_t)space << 62;
}

uint32_t terms_find(const struct terms *t, enum term_space space, uint64_t key)
{
	return idmap_get(&t->ids, key_in(space, key));
}

void terms_prefetch(const struct terms *t, enum term_space space, const uint32_t *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		idmap_prefetch(&t->ids, key_in(space, keys[i]));
}

void terms_prefetch_places(const struct terms *t, uint32_t id)
{
	__builtin_prefetch(&t->places[id]);
	__builtin_prefetch(&t->uses[id]);
}

/* Where the next place would go. */
static void prefetch_end(const struct terms *t, uint32_t id)
{
	if (t->places[id].capacity)
		__builtin_prefetch(t->places[id].many + t->places[id].begin + t->uses[id]);
}

static uint32_t new_term(struct terms *t, uint64_t key)
{
	uint32_t id = t->free_head;

	if (id != IDMAP_NONE) {
		t->free_head = t->places[id].one;
	} else {
		if (t->n == t->capacity) {
			t->capacity = t->capacity ? t->capacity + t->capacity / 2 : FIRST_TERMS;
			t->places = mem_resize_array(t->places, t->capacity, sizeof(*t->places));
			t->uses = mem_resize_array(t->uses, t->capacity, sizeof(*t->uses));
			t->keys = mem_resize_array(t->keys, t->capacity, sizeof(*t->keys));
		}
		id = t->n++;
	}
	t->places[id] = (struct term_places){ 0 };
	t->uses[id] = 0;
	t->keys[id] = key;
	idmap_put(&t->ids, key, id);
	return id;
}

static void make_room(struct terms *t, struct term_places *p, uint32_t n)
{
	uint32_t *grown;

	if (p->capacity && p->begin > p->capacity / 2) {
		memmove(p->many, p->many + p->begin, n * sizeof(*p->many));
		p->begin = 0;
		return;
	}
	if (p->capacity) {
		t->bytes += p->capacity * sizeof(*p->many);
		p->capacity *= 2;
		p->many = mem_resize_array(p->many, p->capacity, sizeof(*p->many));
		return;
	}
	grown = mem_new_array(uint32_t, FIRST_PLACES);
	grown[0] = p->one;
	t->bytes += FIRST_PLACES * sizeof(*grown);
	p->many = grown;
	p->capacity = FIRST_PLACES;
}

static void add_place(struct terms *t, uint32_t id, uint32_t place)
{
	struct term_places *p = &t->places[id];
	uint32_t n = t->uses[id]++;

	if (n == 0) {
		p->one = place;
		return;
	}
	if (p->begin + n >= p->capacity)
		make_room(t, p, n);
	p->many[p->begin + n] = place;
}

uint32_t terms_add(struct terms *t, enum term_space space, uint64_t key, uint32_t place)
{
	uint32_t id = terms_find(t, space, key);

	if (id == IDMAP_NONE)
		id = new_term(t, key_in(space, key));
	add_place(t, id, place);
	return id;
}

void terms_add_all(struct terms *t, enum term_space space, const uint32_t *keys, size_t n, uint32_t place, uint32_t *ret_ids)
{
	terms_prefetch(t, space, keys, n);
	for (size_t i = 0; i < n; i++) {
		ret_ids[i] = terms_find(t, space, keys[i]);
		if (ret_ids[i] != IDMAP_NONE)
			terms_prefetch_places(t, ret_ids[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (ret_ids[i] != IDMAP_NONE)
			prefetch_end(t, ret_ids[i]);
	for (size_t i = 0; i < n; i++) {
		if (ret_ids[i] == IDMAP_NONE)
			ret_ids[i] = new_term(t, key_in(space, keys[i]));
		add_place(t, ret_ids[i], place);
	}
}

static void forget(struct terms *t, uint32_t id)
{
	struct term_places *p = &t->places[id];

	if (p->capacity) {
		t->bytes -= p->capacity * sizeof(*p->many);
		mem_free(p->many);
	}
	idmap_remove(&t->ids, t->keys[id]);
	*p = (struct term_places){ .one = t->free_head };
	t->uses[id] = 0;
	t->free_head = id;
}

static uint32_t search(const uint32_t *v, uint32_t n, uint32_t wanted)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (v[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void terms_remove(struct terms *t, uint32_t id, uint32_t place)
{
	struct term_places *p = &t->places[id];
	uint32_t *v = p->capacity ? p->many + p->begin : &p->one, n = t->uses[id], at = v[0] == place ? 0 : search(v, n, place);

	if (at == n || v[at] != place)
		return;
	if (n == 1) {
		forget(t, id);
		return;
	}
	if (at == 0)
		p->begin++;
	else
		memmove(v + at, v + at + 1, (n - at - 1) * sizeof(*v));
	t->uses[id]--;
}

void terms_remove_all(struct terms *t, const uint32_t *ids, size_t n, uint32_t place)
{
	for (size_t i = 0; i < n; i++) {
		terms_prefetch_places(t, ids[i]);
		__builtin_prefetch(&t->keys[ids[i]]);
	}
	for (size_t i = 0; i < n; i++) {
		if (t->uses[ids[i]] == 1)
			idmap_prefetch(&t->ids, t->keys[ids[i]]);
		else
			prefetch_end(t, ids[i]);
	}
	for (size_t i = 0; i < n; i++)
		terms_remove(t, ids[i], place);
}

const uint32_t *terms_places(const struct terms *t, uint32_t id, uint32_t *ret_n)
{
	const struct term_places *p = &t->places[id];

	*ret_n = t->uses[id];
	return p->capacity ? p->many + p->begin : &p->one;
}

size_t terms_bytes(const struct terms *t)
{
	return t->bytes + t->capacity * (sizeof(*t->places) + sizeof(*t->uses) + sizeof(*t->keys)) + idmap_bytes(&t->ids);
}
