#ifndef SYNDICATED_MODEL_VIEW_H
#define SYNDICATED_MODEL_VIEW_H
/*
 * What readers of the store get: copies that the caller owns and may carry to another thread. Sources are shared
 * between the items of one result and owned by the result (struct source_view_set).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/model/document.h"
#include "syndicated/model/health.h"
#include "syndicated/model/outcome.h"
#include "syndicated/model/spec.h"

struct source_view {
	int64_t id;
	char *uid;      /* derived from the first URL; stable: "src_..." */
	char *name;
	char *url;      /* without userinfo: it is published */
	char *title;    /* operator's, else the feed's, else the name; never NULL */
	char *site_url; /* or NULL */
	char *feed_id;  /* atom:id of the origin, or NULL */
	char *author;   /* of the origin feed, or NULL */
	struct string_list tags;
	int64_t priority;
	int64_t feed_updated_ms;
	/* health */
	int64_t last_start_ms; /* TIME_UNKNOWN before the first poll */
	int64_t last_success_ms;
	int64_t next_due_ms;
	int64_t interval_ms;
	char *due_reason;      /* why then: "poll.min", "max-age", "Retry-After", "back-off" */
	enum poll_outcome last_outcome;
	int last_status;       /* HTTP, 0 when there was none */
	char *last_message;    /* for people; NULL when well */
	int64_t failures;      /* in a row */
	int64_t polls;
	int64_t items;
	bool retired;
	bool unverified;             /* any certificate is believed (polling.md R96); the store does not know: the daemon sets it */
	struct source_health health; /* URLs in it without userinfo */
	char *joined;                /* name of the source it is joined to, or NULL */
	struct problem_list problems; /* of the last document */
};

/* Why an item is in its story. Stored as numbers: new ones go to the end. */
enum item_placed {
	PLACED_NEW,     /* it began the story */
	PLACED_URL,     /* the same page */
	PLACED_ID,      /* the same id, one that is unique in the world */
	PLACED_WIRE,    /* the same long text */
	PLACED_SIMILAR, /* the same thing, by its words */
	PLACED_JOINED,  /* a person said so */
	PLACED_SPLIT,
	ITEM_PLACED_COUNT,
};
const char *item_placed_name(enum item_placed p); /* "same-page" */

struct item_view {
	int64_t id;
	int64_t story_id;
	enum item_placed placed;
	int64_t likeness_permille;  /* of PLACED_WIRE and PLACED_SIMILAR */
	char *uid;                  /* stable public id: "itm_..." */
	int64_t first_seen_ms;
	int64_t revision;           /* 1 when new */
	struct source_view *source; /* borrowed from the result's set */
	struct item item;
};

struct story_brief { /* a story named beside another: what its lead says */
	int64_t story_id;
	char *uid;
	char *title;  /* or its link; NULL: it has neither */
	char *url;    /* or NULL */
	char *source; /* as readers see it */
};
struct story_briefs { /* story_briefs_done() */
	struct story_brief *list;
	size_t n;
};
void story_briefs_done(struct story_briefs *b);

struct story_view {
	int64_t id;
	char *uid;             /* "urn:uuid:...": never changes, whoever leads */
	int64_t created_ms;
	int64_t updated_ms;    /* last significant change: what atom:updated says */
	struct item_view *items; /* the lead first, then the others, earliest first */
	size_t n_items;
	struct story_briefs related; /* other stories about the same, newest first; at most LIMIT_RELATED_STORIES */
};

void story_view_done(struct story_view *s);

struct story_list {
	struct story_view *stories; /* newest first */
	size_t n;
	struct source_view **sources;
	size_t n_sources;
	int64_t seq; /* the log position this shows */
};
struct story_list *story_list_free(struct story_list *l); /* NULL-safe, returns NULL */

/* Stored as numbers: new ones go to the end. */
enum event_type {
	EVENT_ITEM_CREATED,
	EVENT_ITEM_UPDATED,
	EVENT_SOURCE_FAILING,   /* for longer than the hold-down */
	EVENT_SOURCE_RECOVERED, /* after one of failing, dormant, gone */
	EVENT_SOURCE_MOVED,
	EVENT_SOURCE_GONE,
	EVENT_SOURCE_DORMANT,
	EVENT_SOURCE_HELD,      /* too many new items at once: kept, not announced */
	/* Never in the log: what events of items are to a webhook that is sent stories, and so another thing to each. */
	EVENT_STORY_CREATED,    /* the first item of a story that it hears of */
	EVENT_STORY_UPDATED,    /* another item of one that it has heard of, or a change of one */
	EVENT_TYPES
};
bool event_type_is_of_item(enum event_type t); /* or of its story; the others are about a source */
const char *event_type_name(enum event_type t); /* "item.created" */
bool event_type_parse(const char *name, enum event_type *ret);

struct event_view {
	int64_t seq;
	char *id;             /* "evt_...": derived, the same after any crash */
	enum event_type type;
	int64_t time_ms;
	int64_t initial_rank; /* 0: not from a source's first fetch; else 1 is the newest of that fetch */
	struct source_view *source;   /* borrowed from the result's set; also of items */
	/* of items */
	struct item_view item;
	char *story_uid;
	int64_t story_items;  /* how many items the story had just after this event */
	struct story_briefs related; /* to its story; empty as the store reads it */
	/* of sources */
	struct source_report report;
};

struct event_list {
	struct event_view *events; /* by seq */
	size_t n;
	struct source_view **sources;
	size_t n_sources;
	int64_t last_seq; /* where the next reading starts, also when events were skipped */
};
struct event_list *event_list_free(struct event_list *l);

struct item_list {
	struct item_view *items;
	size_t n;
	struct source_view **sources;
	size_t n_sources;
};
struct item_list *item_list_free(struct item_list *l);

struct source_list {
	struct source_view **sources;
	size_t n;
};
struct source_list *source_list_free(struct source_list *l);

void item_view_done(struct item_view *v);
struct source_view *source_view_free(struct source_view *v);

#endif
