#include "syndicated/model/raw_feed.h"

#include <string.h>

#include "syndicated/base/limits.h"

/*
 * What a document may come to in memory: its text, once decoded from entities and character sets, and the arrays that
 * are left behind when they double. A document that needs more is cut off there, as one with too many items is.
 */
#define ARENA_BYTES (8 * (size_t)LIMIT_FEED_BYTES)

struct raw_feed *raw_feed_new(void)
{
	struct raw_feed *f = mem_new(struct raw_feed);

	f->arena = arena_new(ARENA_BYTES);
	return f;
}

void raw_feed_clear(struct raw_feed *f)
{
	struct problem_list problems = f->problems;

	mem_free(f->items);
	arena_free(f->arena);
	*f = (struct raw_feed){.arena = arena_new(ARENA_BYTES), .problems = problems, .full = f->full, .many_said = f->many_said,
	                       .lists_cut = f->lists_cut, .runs_oldest_first_cb = f->runs_oldest_first_cb};
}

struct raw_feed *raw_feed_free(struct raw_feed *f)
{
	if (f == NULL)
		return NULL;
	problem_list_done(&f->problems);
	mem_free(f->items);
	arena_free(f->arena);
	mem_free(f);
	return NULL;
}

/* A copy of the array with twice the room, or NULL when the arena is full. The old one stays in the arena, unused. */
static void *grow(struct arena *a, const void *items, size_t n, size_t *capacity, size_t element_size)
{
	size_t doubled = *capacity != 0 ? 2 * *capacity : 4;
	void *grown = arena_alloc(a, doubled * element_size);

	if (grown == NULL)
		return NULL;
	if (n > 0)
		memcpy(grown, items, n * element_size);
	*capacity = doubled;
	return grown;
}

/* As far as can be told when the first have been read. */
static bool keeps_last(struct raw_feed *f)
{
	if (!f->keeps_last && f->n_items == LIMIT_FEED_ITEMS && !f->full && f->runs_oldest_first_cb)
		f->keeps_last = f->runs_oldest_first_cb(f);
	return f->keeps_last;
}

static bool has_room(struct raw_feed *f, uint32_t line)
{
	bool many = f->n_items >= LIMIT_FEED_ITEMS, big = arena_used_bytes(f->arena) > LIMIT_FEED_TEXT_BYTES;

	if (!many && !big)
		return true;
	if (many && !f->many_said)
		problem_add(&f->problems, "too-many-items", line, "The document holds more items than are read; the newest %u were, as far as its order tells.",
		            LIMIT_FEED_ITEMS);
	f->many_said |= many;
	if (many && !big && keeps_last(f))
		return true;
	if (!f->full && big)
		problem_add(&f->problems, "document-too-big", line, "The document holds more text than is read; its first %zu items were.",
		            f->n_dropped + f->n_items);
	f->full = true;
	return false;
}

static void drop_first(struct raw_feed *f, size_t n)
{
	memmove(f->items, f->items + n, (f->n_items - n) * sizeof(*f->items));
	f->n_items -= n;
	f->n_dropped += n;
}

void raw_feed_cut(struct raw_feed *f)
{
	if (f->n_items > LIMIT_FEED_ITEMS)
		drop_first(f, f->n_items - LIMIT_FEED_ITEMS);
}

struct raw_item *raw_feed_add_item(struct raw_feed *f, uint32_t line)
{
	if (!has_room(f, line))
		return NULL;
	if (f->n_items == 2 * LIMIT_FEED_ITEMS)
		drop_first(f, LIMIT_FEED_ITEMS);
	/* Not in the arena: many small items would leave as much again behind in arrays that were outgrown. */
	if (f->n_items == f->capacity) {
		f->capacity = f->capacity > 0 ? 2 * f->capacity : 16;
		f->items = mem_resize_array(f->items, f->capacity, sizeof(*f->items));
	}
	f->items[f->n_items] = (struct raw_item){.line = line};
	return &f->items[f->n_items++];
}

void *raw_list_add(struct raw_feed *f, struct raw_list *l, size_t element_size)
{
	if (l->n >= LIMIT_ITEM_LIST) {
		if (!f->lists_cut)
			problem_add(&f->problems, "list-too-long", f->n_items ? f->items[f->n_items - 1].line : 0,
			            "There are more links, people, categories or files than are kept; the first %u of them were.", (unsigned)LIMIT_ITEM_LIST);
		f->lists_cut = true;
		return NULL;
	}
	if (l->n == l->capacity) {
		void *grown = grow(f->arena, l->items, l->n, &l->capacity, element_size);
		if (grown == NULL)
			return NULL;
		l->items = grown;
	}
	return (char *)l->items + l->n++ * element_size;
}
