#ifndef SYNDICATED_CONTROL_H
#define SYNDICATED_CONTROL_H
/*
 * Administration over the Unix socket: HTTP and JSON, so that `curl --unix-socket` works as well as syndicatectl. This
 * folder knows the commands and their JSON; what they do is asked of the daemon through struct control_ops. Loop thread.
 *
 *   GET  /status                 counters, webhooks, version
 *   GET  /sources                every source with its health
 *   GET  /sources?failing=1      those alone that are not well
 *   GET  /sources/NAME/explain   when it is polled next, and why
 *   GET  /items?limit=N&source=  newest items
 *   GET  /search?q=WORDS&limit=N  stored items with these words, newest first
 *   GET  /items/ID/explain       why an item is in its story, and what else came into question
 *   POST /items/ID/split         it begins a story of its own
 *   POST /items/ID/join?with=ID  it goes to the story of the other
 *   GET  /stories?merge=&related=&limit=  what other thresholds would make of the items of the window
 *   GET  /feeds/NAME/test        the newest items, whether the feed takes each, and which rule says so
 *   POST /sources/NAME/poll      due now
 *   POST /sources/NAME/release   announce what is held
 *   POST /backup?file=&force=1   the store into a file on the daemon's side; answers when it is written
 *   POST /reload                 as SIGHUP; answers with the difference or with the errors
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/err.h"
#include "syndicated/base/loop.h"
#include "syndicated/model/outcome.h"
#include "syndicated/model/selection.h"
#include "syndicated/model/view.h"

struct control_call; /* one command that waits for its answer; every op below must answer its call exactly once, now or later */

/* Beyond the last bound there is one more. */
#define CONTROL_DELAY_BOUNDS_S {60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400}
enum { CONTROL_DELAYS = 10 };

struct control_polls { /* all since the process began */
	int64_t total;     /* that were recorded, whatever they came to */
	int64_t uncounted; /* and those that were not, for trouble of our own network */
	int64_t requests;  /* that were sent, redirects that were followed among them */
	int64_t status_200, status_304, status_429; /* of the last answer */
	int64_t unconditional; /* after the first of a source, without a validator */
	int64_t received_bytes;
	int64_t first_items, new_items, changed_items; /* of the first document of a source; later ones */
	int64_t outcomes[POLL_OUTCOMES];
	int64_t delays[CONTROL_DELAYS]; /* items by how long they waited for their fetch */
};

struct control_status {
	const char *version;
	const char *config_path;
	int64_t started_ms;
	int64_t now_ms;
	int64_t sources, sources_failing, sources_unverified, items, stories, last_seq, database_bytes;
	int64_t in_flight;
	int64_t ingest_workers, worker_restarts;
	const char *trouble; /* why nothing is polled just now; NULL: all is well */
	struct control_polls polls;
	const struct control_webhook *webhooks;
	size_t n_webhooks;
};
struct control_webhook {
	const char *name;
	const char *feed;
	const char *state; /* "active", "disabled", "waiting" */
	int64_t cursor, pending, dead, next_ms, last_attempt_ms, last_success_ms;
	int last_status;
	const char *last_message;
};

struct control_explain {
	const struct source_view *source;
	const struct poll_history *history;
	const struct event_list *events;
	const struct string_list *because; /* sentences for people: the rule first, then what led to it */
	const char *host_group;
	int64_t host_pause_ms;             /* 0: it may be asked */
	const char *trouble;
};

struct control_trial {
	const struct item_view *item;
	const struct selection_verdict *verdict;
};

struct control_item { /* an item in its story */
	int64_t id;
	const struct story_view *story;
	const struct control_note *candidates; /* NULL: forgotten */
	size_t n_candidates;
	const struct control_note *related;
	size_t n_related;
};
struct control_note {
	int64_t story_id, item_id, likeness_permille, copied_permille;
	const char *title, *source, *why;
};

struct control_replay {
	int64_t items, stories_now, stories_then, differing;
	double merge, related;
	const struct control_change *changes;
	size_t n;
};
struct control_change {
	int64_t item_id, likeness_permille;
	const char *item, *joins, *leaves;
};

struct control_ops {
	void (*status)(struct control_call *call, void *ctx);
	void (*sources)(struct control_call *call, bool only_failing, void *ctx);
	void (*explain)(struct control_call *call, const char *source_name, void *ctx);
	void (*items)(struct control_call *call, const char *source_name, size_t limit, void *ctx);
	void (*search)(struct control_call *call, const char *query, size_t limit, void *ctx);
	void (*explain_item)(struct control_call *call, int64_t item_id, void *ctx);
	void (*split)(struct control_call *call, int64_t item_id, void *ctx);
	void (*join)(struct control_call *call, int64_t item_id, int64_t with_id, void *ctx);
	/* Thousandths; negative: as configured. */
	void (*replay)(struct control_call *call, int64_t merge, int64_t related, size_t limit, void *ctx);
	void (*test_feed)(struct control_call *call, const char *feed, size_t limit, void *ctx);
	void (*poll)(struct control_call *call, const char *source_name, void *ctx);
	void (*release)(struct control_call *call, const char *source_name, void *ctx);
	void (*reload)(struct control_call *call, void *ctx);
	void (*backup)(struct control_call *call, const char *file, bool force, void *ctx); /* file: an absolute path */
	void *ctx;
};

struct control;
struct control *control_start(struct loop *loop, const char *socket_path, const struct control_ops *ops, struct err *err);
struct control *control_free(struct control *c);

void control_answer_status(struct control_call *call, const struct control_status *status);
void control_answer_sources(struct control_call *call, const struct source_list *sources);
void control_answer_explain(struct control_call *call, const struct control_explain *explain);
void control_answer_items(struct control_call *call, const struct item_list *items);
void control_answer_item(struct control_call *call, const struct control_item *item);
void control_answer_replay(struct control_call *call, const struct control_replay *replay);
void control_answer_trials(struct control_call *call, const char *feed, const struct control_trial *trials, size_t n);
void control_answer_done(struct control_call *call, const char *message);                      /* 200 {"message": ...} */
void control_answer_error(struct control_call *call, int http_status, const char *message);    /* {"error": ...} */

#endif
