#ifndef DAEMON_INTERNAL_H
#define DAEMON_INTERNAL_H
/* The running program: every part once. Belongs to daemon.c; reload.c and operations.c work on it. Loop thread only. */
#include <stdbool.h>

#include "syndicated/base/loop.h"
#include "syndicated/control.h"
#include "syndicated/net/client.h"
#include "syndicated/serve.h"
#include "dispatch.h"
#include "job_thread.h"
#include "notify.h"
#include "plan.h"
#include "poller.h"
#include "pool.h"
#include "publisher.h"

enum { SIGNALS = 3 };

struct daemon {
	const char *config_path;
	struct plan *plan;
	struct loop *loop;
	struct job_thread *writer, *reader;
	struct resolver *resolver;
	struct client *client;
	struct pool *pool;
	struct serve *serve;
	struct publisher *publisher;
	struct poller *poller;
	struct dispatch *dispatch;
	struct control *control;
	struct watchdog *watchdog;
	struct loop_timer *stop_timer;
	struct loop_timer *purge_timer;
	struct loop_timer *hsts_timer;
	struct buf hsts; /* as it was in the store; until the client has it */
	struct loop_signal *signals[SIGNALS];
	int64_t started_ms;
	int64_t purged_items; /* of this round */
	int64_t purge_held_ms; /* store_purged.held_ms, last */
	struct care *care;

	bool store_answered;
	bool store_asked;
	bool stopping;
	bool reloading;
};

/* ---- reload.c ---- */

/* Loads the file again and puts it in force, or changes nothing. The outcome goes to the log and, when call is not NULL, to it. */
void reload_start(struct daemon *d, struct control_call *call);

/* Makes the store's sources and webhooks those of the plan; what that changed is appended to changes (NULL: nobody asks). On the store thread. */
must_check int reload_sync_store(void *store, const struct plan *plan, struct buf *changes, struct err *err);

/* ---- operations.c ---- */

extern const struct control_ops operations_template; /* ctx is to be set to the daemon */
/* True when a job came to nothing; that is answered then. */
bool operation_failed(struct control_call *call, int result, const struct err *err);

/* ---- explain.c ---- */

/* An op of the control socket: everything about when a source is polled, and why. ctx is the daemon. */
void explain_source(struct control_call *call, const char *source_name, void *ctx);

/* ---- story_ops.c ---- */

/* Ops of the control socket about stories: why an item is in its own, moving it, trying other thresholds. ctx is the daemon. */
void explain_item(struct control_call *call, int64_t item_id, void *ctx);
void split_item(struct control_call *call, int64_t item_id, void *ctx);
void join_items(struct control_call *call, int64_t item_id, int64_t with_id, void *ctx);
void replay_stories(struct control_call *call, int64_t merge, int64_t related, size_t limit, void *ctx);

/* ---- test_feed.c ---- */

/* An op of the control socket: which of the newest items a feed takes, and why. ctx is the daemon. */
void test_feed(struct control_call *call, const char *name, size_t limit, void *ctx);

/* ---- care.c ---- */

must_check int care_start(struct daemon *d, bool check_more, struct err *err);
void care_stop(struct daemon *d); /* waits for a backup that is under way; a check is broken off */
void care_free(struct daemon *d);
void care_backup(struct control_call *call, const char *file, bool force, void *ctx); /* an op of the control socket */

/* ---- housekeeping.c ---- */

void housekeeping_start(struct daemon *d); /* the purge, bounded, now and then */
void housekeeping_stop(struct daemon *d);

/* ---- keep_hsts.c ---- */

void keep_hsts_read(void *store, struct buf *out);             /* before the store has its thread; never fails */
void keep_hsts_start(struct daemon *d, struct buf *text); /* the client gets it, and what it learns is saved */
void keep_hsts_stop(struct daemon *d);                          /* saves; before the writer ends. */

#endif
