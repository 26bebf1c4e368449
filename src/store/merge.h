#ifndef STORE_MERGE_H
#define STORE_MERGE_H
/* One poll on its way into the store: what merge.c, items.c and those they ask share. */
#include "store_internal.h"
#include "syndicated/story.h"

struct merge {
	struct db *db;
	struct stories *stories;
	const struct poll_record *record;
	struct poll_effect *effect;
	int64_t now_ms;
	char *source_uid;
	int64_t host_id;
	bool was_claimed;
	enum update_policy policy;
	size_t *ranks; /* of the first fetch: 1 for the newest; NULL otherwise */
	int64_t *new_ms; /* the dates of the items that are new */
	struct source_health health;
	bool has_plain_health; /* as stored */
	struct poll_history history;
};

/* ---- stories.c ---- */

struct story_choice { /* of a new item */
	int64_t story_id;
	enum item_placed placed;
	double score; /* of placed, where it is by words */
	bool has_features;
	struct story_features features;
	struct story_decision decision;
};
/* Finds or begins the story of a new item, and counts it in. */
must_check int choose_story(struct merge *m, const struct item *i, const char *item_uid, size_t rank, struct story_choice *ret, struct err *err);
/* Once its row is written: what comes is compared with it, too. */
must_check int place_item(struct merge *m, int64_t item_id, const struct item *i, const struct story_choice *c, struct err *err);

/* ---- items.c ---- */

must_check int merge_items(struct merge *m, struct err *err);

#endif
