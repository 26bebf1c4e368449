#ifndef STORE_MERGE_H
#define STORE_MERGE_H
/* One poll on its way into the store: what merge.c, items.c and those they ask share. */
#include "identity.h"
#include "store_internal.h"
#include "syndicated/base/fingerprint.h"
#include "syndicated/story.h"

/* ---- known.c: a document of which all was known ---- */

struct known_document {
	struct fingerprint items; /* their keys and digests in the order of the document */
	int64_t until_ms; /* so long nothing has to be written for it, not even that it was seen. INT64_MIN: there is none */
};
enum { KNOWN_BYTES = FINGERPRINT_BYTES + 8 };

struct merge {
	struct db *db;
	struct stories *stories;
	const struct poll_record *record;
	struct poll_effect *effect;
	int64_t now_ms;
	char *source_uid;
	int64_t host_id; /* that it was claimed with */
	int64_t home_id; /* another that it goes back to; 0: none */
	enum update_policy policy;
	enum identity_rule rule;
	struct identity_seen seen;
	int64_t last_success_ms; /* when it was last known what it shows, also by a 304; TIME_UNKNOWN */
	bool holds;          /* flood.c: what is new and not dated since is kept and not announced */
	bool hushes;         /* the same of what changed */
	bool numbers_changed; /* an item did in nothing else */
	int64_t fresh_ms;    /* dated after that is news even so */
	struct known_document known; /* as stored, then as it will be */
	bool is_known;               /* the document is that one: nothing of it is looked up */
	size_t *ranks; /* of the first fetch: 1 for the newest; NULL otherwise */
	int64_t *new_ms; /* the dates of the items that are new */
	struct source_health health;
	bool has_plain_health; /* as stored */
	unsigned char history[POLL_HISTORY_BYTES]; /* as stored */
	size_t history_len;
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
/* What the publisher says, but never the future and never "unknown" (push.md A20). */
int64_t said_time(const struct item *i, bool prefer_published, int64_t now_ms);
/* Finds or begins the story of a new item, and counts it in. */
must_check int choose_story(struct merge *m, const struct item *i, const char *item_uid, size_t rank, struct story_choice *ret, struct err *err);
/* Once its row is written: what comes is compared with it, too. */
int64_t said_time(const struct item *i, bool prefer_published, int64_t now_ms);
must_check int place_item(struct merge *m, int64_t item_id, const struct item *i, const struct story_choice *c, struct err *err);

/* ---- merge.c: events ---- */

must_check int append_source_event(struct merge *m, enum event_type type, const struct source_report *report, struct err *err);

/* ---- match.c: which stored item is which of the document ---- */

struct stored_item {
	int64_t id; /* 0: none, the item is new */
	struct item_key key;
	int64_t seen_ms;
	bool same;     /* it says what the stored one says */
	bool by_mark;
	bool key_is_taken; /* it is new, and a stored item that is another has its key */
	bool is_repeat;    /* it is new, and the document has its key twice */
	/* What follows was read of those that changed or were found by a mark. */
	bool is_whole;
	bool held;
	int64_t story_id;
	int64_t revision;
	struct item_marks marks;
	int64_t updates;
	int64_t published_ms;
	char *guid, *url;  /* url: canonical; owned */
};
/* One for each item of the document, to be given back with stored_items_free(). Also learns for m->seen. */
must_check int match_items(struct merge *m, struct stored_item **ret, struct err *err);
/* Learns as much of a document whose items all have their keys, and say what they said. */
void match_known(struct merge *m);
void stored_items_free(struct stored_item *items, size_t n);
/* After the item's row was written. old: its marks before, or NULL. */
must_check int marks_save(struct merge *m, int64_t item_id, const struct item *i, const struct item_marks *old, struct err *err);
enum { MARKS_BYTES = 3 * ITEM_MARK_BITS / 8 };
void marks_encode(const struct item_marks *marks, unsigned char out[MARKS_BYTES]);

/* ---- flood.c ---- */

/* Sets m->holds, m->hushes and m->fresh_ms. */
must_check int flood_judge(struct merge *m, const struct stored_item *known, struct err *err);
bool flood_holds(const struct merge *m, const struct item *i); /* of a new item */
must_check int flood_report(struct merge *m, const struct poll_due *due, struct err *err);

/* ---- known.c ---- */

void known_decode(const void *bytes, size_t len, struct known_document *ret);
/* What is to be stored, of which *ret_len is 0 when nothing may be relied on. */
void known_encode(const struct known_document *k, unsigned char out[KNOWN_BYTES], size_t *ret_len);
/* Sets m->is_known, and the document's fingerprint in m->known. */
void known_begin(struct merge *m);
/* After what was stored of each item was looked up: sets m->known.until_ms. */
void known_end(struct merge *m, const struct stored_item *known);

/* ---- items.c ---- */

must_check int merge_items(struct merge *m, struct err *err);
must_check int append_item_event(struct db *db, enum event_type type, int64_t item_id, int64_t story_id, int64_t revision,
                                 size_t rank, int64_t now_ms, struct err *err);

#endif
