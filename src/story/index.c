/* What is in the window: items come at one end, go at the other, and may be taken out anywhere. */
#include "index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/mem.h"

enum { FIRST_RING = 256 };

static void fill_log_table(struct story_index *x)
{
	for (size_t i = 0; i < LOG_TABLE; i++)
		x->log_table[i] = (uint16_t)lround(LOG_UNIT * log((double)i + x->rules.prior_uses));
}

struct story_index *story_index_new(const struct story_rules *rules)
{
	struct story_index *x = mem_new(struct story_index);

	terms_init(&x->words);
	terms_init(&x->keys);
	idmap_init(&x->items);
	clusters_init(&x->stories);
	clusters_init(&x->groups);
	x->copies = mem_new(struct copies);
	x->log_table = mem_new_array(uint16_t, LOG_TABLE);
	story_index_set_rules(x, rules);
	return x;
}

void story_index_set_rules(struct story_index *x, const struct story_rules *rules)
{
	x->rules = *rules;
	if (x->rules.prior_uses < 1)
		x->rules.prior_uses = 1;
	if (x->rules.prior_items < x->rules.prior_uses)
		x->rules.prior_items = x->rules.prior_uses;
	fill_log_table(x);
}

struct story_index *story_index_free(struct story_index *x)
{
	if (!x)
		return NULL;
	for (uint32_t i = 0; i < x->ring_size; i++)
		mem_free(x->ring[i]);
	mem_free(x->ring);
	mem_free(x->story_of);
	mem_free(x->sums);
	mem_free(x->touched);
	mem_free(x->copies);
	mem_free(x->log_table);
	clusters_done(&x->stories);
	clusters_done(&x->groups);
	idmap_done(&x->items);
	terms_done(&x->words);
	terms_done(&x->keys);
	mem_free(x);
	return NULL;
}

/* ---- entries ---- */

static size_t entry_size(const struct entry *e)
{
	return sizeof(*e) + (size_t)(e->n_terms + e->n_shingles + e->n_keys) * 4 + e->n_numbers * sizeof(struct story_number) + e->n_terms;
}

/* Terms get their numbers here, and the entry has them in that order, as its clusters do. */
static void enter_terms(struct story_index *x, struct entry *e, const struct story_features *f)
{
	uint64_t v[STORY_TERMS]; /* number, then weight */
	uint32_t *ids = e->data, *keys = e->data + e->n_terms + e->n_shingles;
	uint8_t *weights = (uint8_t *)(keys + e->n_keys) + e->n_numbers * sizeof(struct story_number);

	terms_add_all(&x->words, TERM_WORD, f->terms, e->n_terms, e->place, ids);
	for (size_t i = 0; i < e->n_terms; i++)
		v[i] = (uint64_t)ids[i] << 8 | f->weights[i];
	sort_few(v, e->n_terms);
	for (size_t i = 0; i < e->n_terms; i++) {
		ids[i] = (uint32_t)(v[i] >> 8);
		weights[i] = (uint8_t)v[i];
	}
	terms_add_all(&x->keys, TERM_SHINGLE, f->shingles, e->n_keys, e->place, keys);
	e->title = f->title_key ? terms_add(&x->keys, TERM_TITLE, f->title_key, e->place) : IDMAP_NONE;
}

static struct entry *make_entry(struct story_index *x, const struct story_place *p, const struct story_features *f)
{
	const struct entry head = {
		.item_id = p->item_id, .source_id = p->source_id, .time_ms = p->time_ms, .place = x->end, .next = IDMAP_NONE,
		.n_terms = (uint8_t)f->n_terms, .n_numbers = (uint8_t)f->n_numbers, .n_shingles = (uint8_t)f->n_shingles,
		.n_keys = (uint8_t)(f->n_shingles < SHINGLE_KEYS ? f->n_shingles : SHINGLE_KEYS),
	};
	struct entry *e = mem_alloc_zero(1, entry_size(&head));

	*e = head;
	memcpy(e->data + e->n_terms, f->shingles, f->n_shingles * sizeof(f->shingles[0]));
	memcpy(e->data + e->n_terms + e->n_shingles + e->n_keys, f->numbers, f->n_numbers * sizeof(f->numbers[0]));
	enter_terms(x, e, f);
	x->entry_bytes += entry_size(e);
	return e;
}

/* ---- the ring ---- */

static void grow_ring(struct story_index *x)
{
	uint32_t size = x->ring_size ? x->ring_size * 2 : FIRST_RING;
	struct entry **ring = mem_new_array(struct entry *, size);
	uint32_t *story_of = mem_new_array(uint32_t, size);

	for (uint32_t place = x->first; place != x->end; place++) {
		ring[place & (size - 1)] = entry_at(x, place);
		story_of[place & (size - 1)] = x->story_of[place & (x->ring_size - 1)];
	}
	mem_free(x->ring);
	mem_free(x->story_of);
	x->ring = ring;
	x->story_of = story_of;
	x->ring_size = size;
}

static void forget(struct story_index *x, struct entry *e)
{
	cluster_leave(x, e);
	terms_remove_all(&x->words, entry_terms(e), e->n_terms, e->place);
	terms_remove_all(&x->keys, entry_keys(e), e->n_keys, e->place);
	if (e->title != IDMAP_NONE)
		terms_remove(&x->keys, e->title, e->place);
	idmap_remove(&x->items, (uint64_t)e->item_id);
	x->ring[e->place & (x->ring_size - 1)] = NULL;
	x->entry_bytes -= entry_size(e);
	x->n_items--;
	mem_free(e);
	while (x->first != x->end && !entry_at(x, x->first))
		x->first++;
}

static size_t most_items(const struct story_index *x)
{
	return x->rules.max_items ? x->rules.max_items : 1;
}

int story_index_add(struct story_index *x, const struct story_place *p, const struct story_features *f)
{
	struct entry *e;

	if (p->item_id <= 0 || p->story_id <= 0 || p->group_id < 0)
		return ERR_INVALID;
	if (idmap_get(&x->items, (uint64_t)p->item_id) != IDMAP_NONE)
		return ERR_EXISTS;
	if (x->end == IDMAP_NONE)
		return ERR_FULL; /* four billion items since the start */
	while (x->first != x->end && (x->n_items >= 2 * most_items(x) || x->end - x->first >= 4 * most_items(x)))
		forget(x, entry_at(x, x->first));
	if (x->end - x->first == x->ring_size)
		grow_ring(x);
	e = make_entry(x, p, f);
	x->ring[e->place & (x->ring_size - 1)] = e;
	x->end++;
	idmap_put(&x->items, (uint64_t)p->item_id, e->place);
	cluster_join(x, e, p->story_id, p->group_id);
	x->n_items++;
	return 0;
}

void story_index_remove(struct story_index *x, int64_t item_id)
{
	uint32_t place = idmap_get(&x->items, (uint64_t)item_id);

	if (place != IDMAP_NONE)
		forget(x, entry_at(x, place));
}

int story_index_move(struct story_index *x, int64_t item_id, int64_t story_id, int64_t group_id)
{
	uint32_t place = idmap_get(&x->items, (uint64_t)item_id);

	if (story_id <= 0 || group_id < 0)
		return ERR_INVALID;
	if (place == IDMAP_NONE)
		return ERR_NOT_FOUND;
	cluster_leave(x, entry_at(x, place));
	cluster_join(x, entry_at(x, place), story_id, group_id);
	return 0;
}

void story_index_expire(struct story_index *x, int64_t now_ms)
{
	while (x->first != x->end) {
		struct entry *e = entry_at(x, x->first);

		if (x->n_items <= most_items(x) && e->time_ms >= now_ms - x->rules.window_ms)
			return;
		forget(x, e);
	}
}

size_t story_index_items(const struct story_index *x)
{
	return x->n_items;
}

size_t story_index_bytes(const struct story_index *x)
{
	return sizeof(*x) + x->entry_bytes + x->vector_bytes + terms_bytes(&x->words) + terms_bytes(&x->keys) + idmap_bytes(&x->items) + clusters_bytes(&x->stories) +
	       clusters_bytes(&x->groups) + x->ring_size * (sizeof(*x->ring) + sizeof(*x->story_of)) +
	       x->n_sums * (sizeof(*x->sums) + sizeof(*x->touched)) + sizeof(*x->copies) + LOG_TABLE * sizeof(*x->log_table);
}
