#ifndef SYNDICATED_STORE_H
#define SYNDICATED_STORE_H
/*
 * Everything that must last: sources and their schedule, items, stories, the event log, cursors, deliveries. The only
 * contract; no SQL and no database type shows here. A second backend for several daemons can stand behind it: claims
 * carry a lease, and every write verb is safe to repeat.
 *
 * A struct store belongs to one thread (the store thread) and is the only writer; a struct store_reader is a read-only
 * connection for another one thread. All calls block on the disk. Writes happen between store_begin() and
 * store_commit(): what is committed survives a power cut, what is not never happened. Many polls may share one commit;
 * store_savepoint() and store_rollback_to() keep a failing one from costing those before it theirs.
 *
 * Failures are ERR_IO (disk full, I/O), ERR_CORRUPT, ERR_NOT_FOUND; the message names the file and the reason.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/digest.h"
#include "syndicated/base/err.h"
#include "syndicated/base/fingerprint.h"
#include "syndicated/base/limits.h"
#include "syndicated/model/document.h"
#include "syndicated/model/health.h"
#include "syndicated/model/outcome.h"
#include "syndicated/model/selection.h"
#include "syndicated/model/spec.h"
#include "syndicated/model/view.h"

struct store;

/*
 * Opens or makes DIR/syndicated.db, migrates it, checks it quickly, and frees all leases of an earlier run. ERR_REFUSED when
 * another process has it open.
 */
struct store *store_open(const char *state_dir, struct err *err);
/* Whether the check at the opening came to its end; else store_check_slowly() is to finish it. */
bool store_was_checked(const struct store *s);
struct store *store_close(struct store *s); /* NULL-safe, returns NULL; an open transaction is rolled back */

must_check int store_begin(struct store *s, struct err *err);
must_check int store_commit(struct store *s, struct err *err); /* on failure all since store_begin() is rolled back */
void store_rollback(struct store *s);
must_check int store_savepoint(struct store *s, struct err *err);
must_check int store_release(struct store *s, struct err *err);  /* keeps what was done since the savepoint */
void store_rollback_to(struct store *s);                          /* undoes and releases the savepoint */

/* ---- sources ---- */

struct store_sync {
	size_t added, changed, retired, revived;
};
#define STORE_HOST_BYTES 300u
struct store_sync_rules {
	int64_t now_ms;
	int64_t due_ms; /* of new sources; in the past they count as late, and are let in slowly */
	/* Of the configuration that the sources are from, to be found again by store_knows_config(); NULL: not. */
	const struct fingerprint *config;
	/* The name of the host group that a URL is paced with. */
	void (*host_of)(const char *url, char out[STORE_HOST_BYTES], void *ctx);
	/* Each difference; old NULL: new or back again, new NULL: retired. Both only during the call. NULL: nobody asks. */
	void (*changed)(const struct source_spec *old, const struct source_spec *new, void *ctx);
	void *ctx;
};
/*
 * Makes the stored sources of the configuration equal to these: new ones are due at due_ms, missing ones are retired and
 * keep their items, a changed URL drops validators. Sources are known by URL, so a renamed source keeps its history; so
 * does one that moved and whose new URL takes the old one's place. An edit moves a due time only where it makes the old one wrong,
 * and one that is back is due when it would have been, so neither comes before poll.min or Retry-After (R39, R62). One that
 * joined another which is retired now is polled itself.
 */
must_check int store_sync_sources(struct store *s, const struct source_spec *specs, size_t n, const struct store_sync_rules *rules,
                                  struct store_sync *ret, struct err *err);

/*
 * Whether the stored sources are those of that configuration, and then how many. Opens and closes a connection of its own,
 * so it may be asked before the store is opened; false when there is none, or anything is wrong with it.
 */
bool store_knows_config(const char *state_dir, const struct fingerprint *config, size_t *ret_sources);

struct source_task { /* what a poll needs to know; owned by the caller, source_task_done() */
	char *texts;      /* which all the strings point into */
	int64_t source_id;
	const char *name;
	const char *url;  /* where it is asked now: the configured one, or where it moved to */
	int64_t failures; /* in a row */
	const char *host; /* the group it is paced with; of its next hop, when there is a trail */
	const char *trail; /* of a look that goes on: as store_park() got it. NULL: it begins */
	int64_t host_gap_ms; /* what store_host said last */
	int64_t host_successes;
	bool is_late;  /* claimed as one of max_late */
	bool is_first; /* it was never polled */
	int64_t due_ms;
	int64_t poll_min_ms;
	int64_t poll_max_ms;
	bool poll_min_is_own;
	bool ignores_hints;
	const char *validators_url;
	const char *etag;
	const char *last_modified;
	int asked_as; /* poll_record.asked_as of the poll that brought them */
	bool has_body_digest;
	struct digest body_digest;
	bool has_last_outcome; /* false: never polled */
	enum poll_outcome last_outcome;
	unsigned char learned[LIMIT_LEARNED_BYTES]; /* what poll_due.learned said last; learned_len is 0 when nothing */
	size_t learned_len;
};
void source_task_done(struct source_task *t);

enum { STORE_LATE_MS = 30000 }; /* who is due for so long is late: after an import, a restart, an outage, or for want of slots */

struct store_host { /* what a poll taught of its host; lasts with the host's row */
	int64_t not_before_ms; /* the gap since the last start, or a pause it asked for (wall clock) */
	int64_t gap_ms;
	int64_t successes;
};
struct store_host_limit {
	int64_t concurrent; /* claims at the same time */
	int64_t gap_ms;     /* above 0: one claim a gap */
};
struct store_claim {
	int64_t now_ms;
	int64_t lease_ms;
	size_t max;
	/* Of those that are late, so many at once (R65), those with most items to expect first (R66). */
	size_t max_late;
	void (*limit)(const char *host, int64_t learned_gap_ms, struct store_host_limit *ret, void *ctx);
	void *ctx;
};
/*
 * Claims due sources, of each host no more than its limit allows. Claims whose lease is over are given back first. *ret is
 * an array the caller frees with mem_free(). Costs the same among many sources as among few.
 */
must_check int store_claim_due(struct store *s, const struct store_claim *rules, struct source_task **ret, size_t *ret_n, struct err *err);
/* When the first unclaimed source after that time may be asked; INT64_MAX when none may. */
must_check int store_next_due(struct store *s, int64_t after_ms, int64_t *ret_ms, struct err *err);
/* Gives a claim back unused, due again at due_ms. host NULL: nothing to say. ERR_NOT_FOUND when it was not claimed. */
must_check int store_unclaim(struct store *s, int64_t source_id, int64_t due_ms, const struct store_host *host, int64_t now_ms,
                             struct err *err);
struct store_parked {
	int64_t source_id;
	const char *trail;             /* how far the look got; kept as it is */
	const char *host_name;         /* the group of the next request, which it waits for */
	int64_t due_ms;                /* not before */
	const struct store_host *host; /* of the group that it was claimed with, as in a poll's record */
	int64_t now_ms;
};
/*
 * Ends a claim in the middle of a look: a redirect led to a group whose turn is to come. The source is due there, among
 * that group's own, and its next claim has the trail. The poll's record, whichever group it ends in, brings it back to its
 * own; so does a claim that is lost, and then the look begins anew. ERR_NOT_FOUND when it was not claimed.
 */
must_check int store_park(struct store *s, const struct store_parked *parked, struct err *err);
/* A request was sent and no poll will tell: the source's minimum gap begins at now_ms, and a look that is parked begins anew. */
must_check int store_note_request(struct store *s, int64_t source_id, int64_t now_ms, struct err *err);
/* The looks that are parked and not claimed begin anew, no sooner than the minimum gap of each since its last request allows. */
must_check int store_forget_trails(struct store *s, int64_t now_ms, struct err *err);
/* The wall clock was set by so much: due times stay where they were, seen from now (R69). */
must_check int store_clock_stepped(struct store *s, int64_t by_ms, struct err *err);
enum wish_answer { /* when a source is polled that somebody asked for, and why then */
	WISH_AT_ONCE,
	WISH_UNDER_WAY,   /* it is being polled */
	WISH_TOO_SOON,    /* it was asked just now: gap_ms from then on */
	WISH_RETRY_AFTER, /* its server asked for peace until then */
	WISH_HOST_PAUSED, /* its host is left alone until then: a pause that was asked for, or the gap between two requests */
};
struct store_wish {
	int64_t due_ms;
	enum wish_answer why;
	int64_t gap_ms; /* the least between a request and a poll by hand: LIMIT_POLL_BY_HAND_MS, or poll.min where that is less */
};
/*
 * Makes a source due as soon as the paper lets it be asked by hand (R62, R72); one that is due sooner stays so, one that was given
 * up begins anew. ERR_NOT_FOUND, with the nearest name, when there is none; ERR_INVALID for one that is joined to another.
 */
must_check int store_make_due(struct store *s, const char *name, int64_t now_ms, struct store_wish *ret, struct err *err);

/*
 * What was counted against these sources before it was known to be our own trouble is forgiven: no failure, and due now.
 * They had not been failing before.
 */
must_check int store_forgive(struct store *s, const int64_t *source_ids, size_t n, int64_t now_ms, struct err *err);

struct poll_effect { /* what the document changed */
	size_t n_new, n_changed, n_same;
	size_t n_held;      /* of the new ones: kept and not announced, since too many came at once */
	size_t n_quiet;     /* of the changed ones: would have been announced, and were too many */
	size_t n_events;
	bool first_fetch;   /* the first document ever taken in from this source */
	int64_t failures;   /* in a row, before this poll */
	const int64_t *new_ms; /* n_new dates of the new items, TIME_UNKNOWN where there is none; only while decide() runs */
	int64_t clock_shift_ms; /* the wall clock less the store's own, which nobody sets: what learned says of times should be in that one */
	struct source_health *health; /* before this poll; decide() may change it. NULL afterwards */
	/* As it was stored: decide()'s answer, unless the source has joined another meanwhile or by this poll. */
	int64_t due_ms, interval_ms;
	const char *due_reason; /* static */
};

enum { POLL_EVENTS = 3 };

struct poll_due { /* the schedule's answer, asked for inside the transaction */
	int64_t due_ms; /* NEVER_DUE_MS: only when asked for */
	int64_t interval_ms;
	const char *reason;
	int64_t failures;
	const unsigned char *learned; /* copied; at most LIMIT_LEARNED_BYTES */
	size_t learned_len;
	/* Appended to the log, all with this report, whose strings are borrowed. Its joined, state and next_poll_ms are the store's. */
	enum event_type events[POLL_EVENTS];
	size_t n_events;
	struct source_report report;
	/* health->poll_url is new: where another source is already, this one joins it (polling.md R54). */
	bool has_moved;
	const char *moved_host; /* the group that the new one is paced with */
	double items_a_day; /* expected, for the order after an outage (R66); 0: none */
};

struct poll_record {
	int64_t source_id;
	enum poll_outcome outcome;
	int64_t started_ms;
	int64_t ended_ms;
	int status;
	const char *message;         /* NULL when well */
	bool keep_validators;        /* true: leave what is stored. false: replace by the three below (which may be NULL) */
	const char *validators_url;
	const char *etag;
	const char *last_modified;
	int asked_as;                /* source_access_mark() of the request */
	const struct digest *body_digest;     /* NULL: leave */
	int64_t fresh_ms, retry_after_ms;     /* hints of the answer, for the history */
	bool is_redirected;
	const struct feed_document *document; /* NULL: nothing to take in */
	const struct store_host *host;        /* NULL: nothing was learned of it */
	/* Called once, in the store's thread, when the effect is known and before the row is written. */
	void (*decide)(const struct poll_record *record, const struct poll_effect *effect, struct poll_due *ret, void *ctx);
	void *ctx;
};
/*
 * The one transaction of a poll, inside store_begin(): merges items, assigns stories, appends events, saves validators
 * and the next due time, ends the claim. A source that was retired meanwhile is left alone (ERR_NOT_FOUND).
 */
must_check int store_record_poll(struct store *s, const struct poll_record *record, struct poll_effect *ret, struct err *err);

/* Announces what was held of a source, by name. ERR_NOT_FOUND, with the nearest name, when there is none. */
must_check int store_release_held(struct store *s, const char *name, int64_t now_ms, size_t *ret_n, struct err *err);

/* ---- stories ---- */

/*
 * How alike items must be to be told as one from now on; what was decided stays. Before the first poll it reads what the
 * window still holds, which of 100,000 items takes well under a second.
 */
must_check int store_set_story_rules(struct store *s, const struct story_spec *spec, int64_t now_ms, struct err *err);

/*
 * A person knows better: the item begins a story of its own, or goes to that of another item. The entries of both stories
 * change. ERR_NOT_FOUND; ERR_INVALID when it is so already. In a transaction.
 */
must_check int store_split_item(struct store *s, int64_t item_id, int64_t now_ms, struct err *err);
must_check int store_join_items(struct store *s, int64_t item_id, int64_t other_id, int64_t now_ms, struct err *err);

/* ---- reading the log: cursors and deliveries ---- */

must_check int store_last_seq(struct store *s, int64_t *ret, struct err *err);

/* Makes sure each named webhook has a cursor: at the end of the log when it is new (push.md F-3). */
must_check int store_sync_webhooks(struct store *s, const struct webhook_spec *specs, size_t n, int64_t now_ms, struct err *err);
must_check int store_get_cursor(struct store *s, const char *webhook, int64_t *ret, struct err *err);

struct delivery_new {
	int64_t seq;
	const char *event_id;
	const char *body; /* sent byte for byte on every attempt */
	size_t body_len;
};
struct store_fan_out {
	const char *webhook;
	int64_t from, to;
	const struct delivery_new *deliveries;
	size_t n;
	const int64_t *told; /* stories that it hears of for the first time */
	size_t n_told;
};
/* Writes the deliveries and moves the cursor from `from` to `to`, or does nothing when it is no longer at `from` (ERR_EXISTS). */
must_check int store_fan_out(struct store *s, const struct store_fan_out *f, int64_t now_ms, struct err *err);

struct delivery { /* owned by the caller, delivery_done() */
	int64_t id;
	int64_t seq;
	char *webhook;
	char *event_id;
	char *body;
	size_t body_len;
	int64_t attempts; /* before this one */
	int64_t created_ms;
};
void delivery_done(struct delivery *d);

/* Claims up to max deliveries of a webhook that are due, in log order. */
must_check int store_claim_deliveries(struct store *s, const char *webhook, int64_t now_ms, int64_t lease_ms, size_t max,
                                      struct delivery **ret, size_t *ret_n, struct err *err);
/* When the next unclaimed pending delivery of a webhook is due; INT64_MAX when none is. */
must_check int store_next_delivery(struct store *s, const char *webhook, int64_t *ret_ms, struct err *err);

enum delivery_state { DELIVERY_ACKNOWLEDGED, DELIVERY_RETRY, DELIVERY_DEAD, DELIVERY_RELEASED /* claim given back, no attempt was made */ };
struct attempt {
	int64_t delivery_id;
	int64_t started_ms;
	int64_t duration_ms;
	int status;           /* 0: no answer */
	const char *message;  /* NULL on success */
	enum delivery_state state;
	int64_t next_ms;      /* for DELIVERY_RETRY and DELIVERY_RELEASED */
};
must_check int store_record_attempt(struct store *s, const struct attempt *a, struct err *err);

/* ---- keeping it small ---- */

/* Between transactions, when there is nothing else to do: takes the WAL into the database and empties its file. Does not wait for readers. */
void store_rest(struct store *s);

struct store_purge_rules {
	int64_t now_ms;
	int64_t keep_age_ms;
	int64_t keep_items; /* of one source */
	int64_t max_ms;     /* about so long may one call take */
};
struct store_purged {
	size_t items;    /* removed by this call */
	int64_t held_ms; /* above 0: the clock leapt ahead, and for so long nothing goes by age */
	bool more;       /* the round is not over */
};
/*
 * Removes items that are over age or over the count of their source, when they are no longer in its document and every
 * configured webhook has read their events; and old reports and attempts; and gives pages back to the file system. Each
 * call goes on with the round where the last one ended; after the end a new round begins.
 */
must_check int store_purge(struct store *s, const struct store_purge_rules *rules, struct store_purged *ret, struct err *err);

/* ---- what others keep here ---- */

/* A text under a name that no other has, all of it or what was there before. */
must_check int store_keep_text(struct store *s, const char *name, const char *text, struct err *err);
/* Appends it; nothing when there is none. */
must_check int store_read_text(struct store *s, const char *name, struct buf *out, struct err *err);

/* ---- reading ---- */

struct store_reader;
struct store_reader *store_reader_open(const char *state_dir, struct err *err);
struct store_reader *store_reader_close(struct store_reader *r);

/*
 * The newest stories that have an item the selection accepts (NULL: all), at most limit. Only accepted items are in them,
 * of a selection that searches those alone that are found, and no source leads more of them than the selection allows. What is related
 * is named as far as it has an item the selection accepts, in the list or not.
 */
must_check int store_read_stories(struct store_reader *r, const struct selection *selection, size_t limit, struct story_list **ret,
                                  struct err *err);
/* Stories of the group of one, as far as the selection accepts them: what the feed names beside its entry. */
must_check int store_read_related(struct store_reader *r, const struct selection *selection, int64_t story_id, struct story_briefs *ret,
                                  struct err *err);
/* Events after seq, at most limit, as items are now. */
must_check int store_read_events(struct store_reader *r, int64_t after_seq, size_t limit, struct event_list **ret, struct err *err);
must_check int store_read_sources(struct store_reader *r, struct source_list **ret, struct err *err);
/* Those alone that are not well. */
must_check int store_read_failing(struct store_reader *r, struct source_list **ret, struct err *err);

struct identity_view { /* how a source's items are known, and what its documents have shown of that: counts of documents */
	enum identity_rule rule;
	int64_t guids_change;   /* known items came under other guids */
	int64_t guids_repeat;   /* one guid on different items */
	int64_t links_repeat;   /* one link on different items */
	int64_t numbers_change; /* items changed in nothing but numbers */
	int64_t updates_day;    /* the last day with announced changes, in days since 1970 */
	int64_t updates;        /* announced on it */
	int64_t held;           /* items that are held now */
};

struct source_story { /* all that is known of one source; source_story_done() */
	bool is_between_hops;       /* a redirect led to that group, whose turn it waits for */
	char *host;                /* the group it is paced with, */
	int64_t host_not_before_ms; /* and when that may be asked */
	int64_t host_gap_ms;        /* learned; 0: as configured */
	char *learned;              /* schedule.h, NULL before the first poll */
	size_t learned_len;
	int64_t clock_shift_ms;     /* the wall clock less the clock of what was learned: poll_effect */
	struct source_list *source; /* one */
	struct identity_view identity;
	struct poll_history history;
	struct event_list *events;  /* the last about it, newest first */
};
/* ERR_NOT_FOUND with the nearest name. */
must_check int store_read_source(struct store_reader *r, const char *name, struct source_story *ret, struct err *err);
void source_story_done(struct source_story *s);
/* Newest items first; source_name NULL: of all. */
must_check int store_read_items(struct store_reader *r, const char *source_name, size_t limit, struct item_list **ret, struct err *err);

struct story_note { /* a story and what an item has to do with it */
	int64_t story_id;
	int64_t item_id; /* that leads it; 0: it is gone */
	char *title;
	char *source;
	int64_t likeness_permille;
	int64_t copied_permille; /* of the shorter body, how much is in the other; 0: not compared */
	const char *why;         /* a literal: why the item is in it, or is not */
};
struct item_story { /* why an item is in its story; item_story_done() */
	struct story_list *story;      /* one, with all its items */
	bool is_in_window;             /* else which stories came into question is forgotten */
	struct story_note *candidates; /* when it came, the best first */
	size_t n_candidates;
	struct story_note *related;    /* stories about the same, the newest first, at most 20 */
	size_t n_related;
};
/* ERR_NOT_FOUND. */
must_check int store_read_item_story(struct store_reader *r, int64_t item_id, struct item_story *ret, struct err *err);
void item_story_done(struct item_story *s);

struct story_change { /* one item that would be elsewhere; texts are "12 source: title" */
	int64_t item_id;
	char *item;
	char *joins;  /* the first item of the story it would be in; NULL: it would begin one */
	char *leaves; /* the first item of the story it is in; NULL: it began it */
	int64_t likeness_permille;
};
struct story_replay { /* story_replay_done() */
	size_t n_items; /* that were compared anew: those of the window */
	size_t n_stored_stories, n_stories; /* what they are in, and would be in */
	size_t n_differing;
	struct story_change *changes; /* the first `limit` of them, in the order they came */
	size_t n;
};
/* What other thresholds would make of the items of the window. Changes nothing; takes about 60 us an item. */
must_check int store_replay_stories(struct store_reader *r, const struct story_spec *spec, size_t limit, struct story_replay *ret, struct err *err);
void story_replay_done(struct story_replay *r);

struct store_search {
	const char *query;     /* FTS5's syntax, over title: and text: */
	int64_t after_item_id; /* only newer ones; 0: all */
	size_t limit;
};
struct item_ids { /* item_ids_done() */
	int64_t *ids; /* newest first */
	size_t n;
};
void item_ids_done(struct item_ids *ids);
/*
 * Stored items with these words, newest first. ERR_INVALID, with the place, for a query that is not right; ERR_TOO_BIG for one
 * over LIMIT_SEARCH_QUERY_BYTES; ERR_TIMEOUT for one that takes longer than LIMIT_SEARCH_MS.
 */
must_check int store_search_ids(struct store_reader *r, const struct store_search *s, struct item_ids *ret, struct err *err);
must_check int store_search_items(struct store_reader *r, const struct store_search *s, struct item_list **ret, struct err *err);
/* Whether an item is among what a query finds. The same failures. */
must_check int store_search_holds(struct store_reader *r, const char *query, int64_t item_id, bool *ret, struct err *err);
/* Whether a query is right, without a store. */
must_check int store_search_check(const char *query, struct err *err);

struct store_counts {
	int64_t sources, sources_failing, items, stories, last_seq, database_bytes;
};
must_check int store_read_counts(struct store_reader *r, struct store_counts *ret, struct err *err);

struct webhook_view {
	char *name;
	int64_t cursor;
	int64_t pending;
	int64_t dead;
	int64_t next_ms;       /* INT64_MAX: none waits */
	int64_t last_attempt_ms;
	int64_t last_success_ms;
	int last_status;
	char *last_message;
};
/* Whether the webhook has heard of a story, which is so until the story goes. */
must_check int store_has_told(struct store_reader *r, const char *webhook, int64_t story_id, bool *ret, struct err *err);
must_check int store_read_webhooks(struct store_reader *r, struct webhook_view **ret, size_t *ret_n, struct err *err);
void webhook_views_free(struct webhook_view *views, size_t n);

/* ---- care for the store as a whole: each opens connections of its own and takes as long as the disk does ---- */

/*
 * Writes the store as it is at this moment to file, also while the daemon runs: polls and webhooks go on meanwhile, only the
 * WAL is not shortened. The file appears whole (a temporary name, fsync, rename), readable by its owner alone. ERR_EXISTS
 * when it is there already and force is false.
 */
must_check int store_backup(const char *state_dir, const char *file, bool force, struct err *err);

struct store_restored {
	char kept[256]; /* where the store of before is now; "" when there was none */
	int64_t items;
	int64_t last_seq;
};
/*
 * Makes a backup the store; no daemon may use it meanwhile (ERR_REFUSED). The backup is checked whole before anything is
 * touched, and the change is one rename. What the backup does not know comes back with the next polls under the same ids; no seq
 * is used twice: the log goes on behind the last one of the store that was there, or of one that cannot be read, far behind.
 */
must_check int store_restore(const char *state_dir, const char *file, struct store_restored *ret, struct err *err);

/*
 * SQLite's whole integrity check, foreign keys, and what must hold besides (counters are the rows they count, every item can be
 * decoded, has its texts and a story). Appends a line for each finding and returns ERR_CORRUPT when there is one. While a daemon
 * uses the store its index of words is left out, and *ret_all is false.
 */
must_check int store_check(const char *state_dir, struct buf *findings, bool *ret_all, struct err *err);

/*
 * What the start had no time for: SQLite's quick check, table by table, at idle priority of the calling thread, which stays
 * so. stop is asked now and then. ERR_CORRUPT when something is damaged; ERR_CLOSED when it was stopped.
 */
must_check int store_check_slowly(const char *state_dir, bool (*stop)(void *ctx), void *ctx, struct err *err);

#endif
