#ifndef STORE_MERGE_H
#define STORE_MERGE_H
/* One poll on its way into the store: what merge.c, items.c and those they ask share. */
#include "store_internal.h"

struct merge {
	struct db *db;
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

/* ---- merge.c: stories ---- */

int64_t said_time(const struct item *i, bool prefer_published, int64_t now_ms);
must_check int create_story(struct merge *m, const struct item *i, const char *item_uid, size_t rank, int64_t *ret, struct err *err);
must_check int find_story(struct merge *m, const struct item *i, int64_t *ret, struct err *err);
must_check int join_story(struct merge *m, int64_t story_id, struct err *err);

/* ---- items.c ---- */

must_check int merge_items(struct merge *m, struct err *err);

#endif
