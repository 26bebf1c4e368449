#ifndef DAEMON_DISPATCH_H
#define DAEMON_DISPATCH_H
/*
 * The right half of the pipe for webhooks: each webhook is a reader of the event log with its own cursor. Events behind
 * the cursor become delivery rows and the cursor moves, in one transaction; rows are claimed, attempted, and recorded.
 * A crash between any two of these repeats work and loses none. A slow or dead webhook holds up nobody. Loop thread.
 */
#include <stddef.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/loop.h"
#include "syndicated/control.h"
#include "syndicated/net/client.h"
#include "job_thread.h"
#include "plan.h"

struct dispatch_env {
	struct loop *loop;
	const struct clock *clock;
	struct job_thread *writer;
	struct job_thread *reader;
	struct client *client;
	void (*idle)(void *ctx); /* after dispatch_stop(), when nothing is in flight any more */
	void *ctx;
};

struct dispatch;
struct dispatch *dispatch_new(const struct dispatch_env *env, struct plan *plan);
struct dispatch *dispatch_free(struct dispatch *d); /* after the loop's last turn */
void dispatch_set_plan(struct dispatch *d, struct plan *plan); /* their cursors must exist already: store_sync_webhooks() */
void dispatch_log_grew(struct dispatch *d);
void dispatch_stop(struct dispatch *d);    /* begins nothing more */
void dispatch_abandon(struct dispatch *d); /* drops attempts in flight; their claims are given back */
size_t dispatch_in_flight(const struct dispatch *d);

/* "active", "waiting" (its last attempt failed), "disabled" (it answered 410), or NULL for a name that is not configured. */
const char *dispatch_state(const struct dispatch *d, const char *webhook, const char **ret_feed);

#endif
