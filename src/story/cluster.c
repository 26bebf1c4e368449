/* Stories and groups: who is in which, and the sums of their words. */
#include "index.h"

#include "syndicated/base/mem.h"

enum { FIRST_CLUSTERS = 64 };

void clusters_init(struct clusters *c)
{
	*c = (struct clusters){ .free_head = IDMAP_NONE };
	idmap_init(&c->ids);
}

void clusters_done(struct clusters *c)
{
	for (uint32_t i = 0; i < c->n; i++)
		vector_done(&c->slots[i].sum);
	mem_free(c->slots);
	idmap_done(&c->ids);
}

uint32_t clusters_find(const struct clusters *c, int64_t id)
{
	return idmap_get(&c->ids, (uint64_t)id);
}

uint32_t clusters_begin(struct clusters *c, int64_t id)
{
	uint32_t slot = c->free_head;

	if (slot != IDMAP_NONE) {
		c->free_head = c->slots[slot].next;
	} else {
		if (c->n == c->capacity) {
			c->capacity = c->capacity ? c->capacity + c->capacity / 2 : FIRST_CLUSTERS;
			c->slots = mem_resize_array(c->slots, c->capacity, sizeof(*c->slots));
		}
		slot = c->n++;
	}
	c->slots[slot] = (struct cluster){ .id = id, .first = IDMAP_NONE, .next = IDMAP_NONE, .group = IDMAP_NONE };
	idmap_put(&c->ids, (uint64_t)id, slot);
	return slot;
}

void clusters_end(struct clusters *c, uint32_t slot)
{
	idmap_remove(&c->ids, (uint64_t)c->slots[slot].id);
	vector_done(&c->slots[slot].sum);
	c->slots[slot] = (struct cluster){ .next = c->free_head };
	c->free_head = slot;
}

size_t clusters_bytes(const struct clusters *c)
{
	return c->capacity * sizeof(*c->slots) + idmap_bytes(&c->ids);
}

/* ---- sums ---- */

static struct mean mean_of_sum(const struct vector *v)
{
	return (struct mean){ .ids = v->ids, .weights = v->weights, .n = v->n };
}

struct mean story_mean(const struct story_index *x, const struct cluster *story)
{
	const struct entry *only;

	if (story->n_items > 1)
		return mean_of_sum(&story->sum);
	only = entry_at(x, story->first);
	return (struct mean){ .ids = entry_terms(only), .bytes = entry_weights(only), .n = only->n_terms };
}

struct mean group_mean(const struct story_index *x, const struct cluster *group)
{
	if (group->n_stories > 1)
		return mean_of_sum(&group->sum);
	return story_mean(x, &x->stories.slots[group->first]);
}

static size_t vector_size(const struct vector *v)
{
	return v->capacity * (sizeof(*v->ids) + sizeof(*v->weights));
}

static void sum_entry(struct story_index *x, struct vector *v, const struct entry *e, bool add)
{
	x->vector_bytes -= vector_size(v);
	(add ? vector_add : vector_subtract)(v, entry_terms(e), entry_weights(e), e->n_terms);
	x->vector_bytes += vector_size(v);
}

static void sum_story(struct story_index *x, struct vector *v, const struct cluster *story)
{
	for (uint32_t place = story->first; place != IDMAP_NONE; place = entry_at(x, place)->next)
		sum_entry(x, v, entry_at(x, place), true);
}

static void drop_sum(struct story_index *x, struct vector *v)
{
	x->vector_bytes -= vector_size(v);
	vector_done(v);
}

/* ---- joining ---- */

static void enter_group(struct story_index *x, uint32_t slot, int64_t group_id)
{
	struct cluster *story = &x->stories.slots[slot], *group;
	uint32_t at = clusters_find(&x->groups, group_id);

	if (at == IDMAP_NONE)
		at = clusters_begin(&x->groups, group_id);
	group = &x->groups.slots[at];
	if (group->n_stories == 1)
		sum_story(x, &group->sum, &x->stories.slots[group->first]);
	story->group = at;
	story->next = group->first;
	group->first = slot;
	group->n_stories++;
}

static void leave_group(struct story_index *x, uint32_t slot)
{
	struct cluster *story = &x->stories.slots[slot], *group = &x->groups.slots[story->group];
	uint32_t *link = &group->first;

	while (*link != slot)
		link = &x->stories.slots[*link].next;
	*link = story->next;
	group->n_stories--;
	if (group->n_stories == 1)
		drop_sum(x, &group->sum);
	else if (group->n_stories == 0)
		clusters_end(&x->groups, story->group);
}

/* The chain of a story runs from new to old, whatever the order of joining, so that it is the same after a move back. */
static void link_entry(struct story_index *x, struct cluster *story, struct entry *e)
{
	uint32_t *link = &story->first;

	while (*link != IDMAP_NONE && *link > e->place)
		link = &entry_at(x, *link)->next;
	e->next = *link;
	*link = e->place;
	story->newest_ms = entry_at(x, story->first)->time_ms;
}

static void unlink_entry(struct story_index *x, struct cluster *story, const struct entry *e)
{
	uint32_t *link = &story->first;

	while (*link != e->place)
		link = &entry_at(x, *link)->next;
	*link = e->next;
	if (story->first != IDMAP_NONE)
		story->newest_ms = entry_at(x, story->first)->time_ms;
}

void cluster_join(struct story_index *x, struct entry *e, int64_t story_id, int64_t group_id)
{
	uint32_t slot = clusters_find(&x->stories, story_id);
	struct cluster *story, *group;

	if (slot == IDMAP_NONE) {
		slot = clusters_begin(&x->stories, story_id);
		enter_group(x, slot, group_id > 0 ? group_id : story_id);
	}
	story = &x->stories.slots[slot];
	group = &x->groups.slots[story->group];
	if (story->n_items == 1)
		sum_story(x, &story->sum, story);
	if (story->n_items > 0)
		sum_entry(x, &story->sum, e, true);
	if (group->n_stories > 1)
		sum_entry(x, &group->sum, e, true);
	link_entry(x, story, e);
	story->n_items++;
	group->n_items++;
	e->story = slot;
	x->story_of[e->place & (x->ring_size - 1)] = slot;
}

void cluster_leave(struct story_index *x, struct entry *e)
{
	uint32_t slot = e->story;
	struct cluster *story = &x->stories.slots[slot], *group = &x->groups.slots[story->group];

	unlink_entry(x, story, e);
	story->n_items--;
	group->n_items--;
	if (group->n_stories > 1)
		sum_entry(x, &group->sum, e, false);
	if (story->n_items == 1)
		drop_sum(x, &story->sum);
	else if (story->n_items > 1)
		sum_entry(x, &story->sum, e, false);
	if (story->n_items == 0) {
		leave_group(x, slot);
		clusters_end(&x->stories, slot);
	}
}
