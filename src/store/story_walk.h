#ifndef STORE_STORY_WALK_H
#define STORE_STORY_WALK_H
/* Stories as one selection sees them: what read_stories.c and related.c share. In a read transaction of the caller. */
#include "store_internal.h"

enum { SCAN_MAX = 50000 }; /* items looked at for one feed: a rare tag in a large store ends there */

/* How many entries each source leads so far. */
struct heads {
	int64_t max; /* 0: no matter how many */
	struct map *counts;
};

struct story_walk {
	struct db *db;
	const struct selection *selection; /* NULL: everything */
	const struct item_ids *found;      /* what a search finds; NULL: nothing is searched for, */
	const char *search;                /* or this is asked of each item */
	struct source_set set;
	struct heads heads;
	size_t scanned;
};

/* The items of one story that are wanted, the lead first; none leaves s->n_items at 0. */
must_check int walk_items_of_story(struct story_walk *w, struct story_view *s, struct err *err);

/* ---- related.c ---- */

/* Other stories of the group, the newest first: at most max. */
must_check int related_ids(struct db *db, int64_t story_id, int64_t *ids, size_t max, size_t *ret_n, struct err *err);

/* Names beside each story of the list those of its group that the walk wants. */
must_check int related_add(struct story_walk *w, struct story_list *list, struct err *err);

#endif
