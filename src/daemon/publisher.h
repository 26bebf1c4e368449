#ifndef DAEMON_PUBLISHER_H
#define DAEMON_PUBLISHER_H
/*
 * Keeps what serve/ shows equal to the store: after the log grew, the reader thread renders every format of every feed
 * and the loop puts the finished documents in place. Never more often than PUBLISH_GAP_MS; never on the request path.
 */
#include "syndicated/base/loop.h"
#include "syndicated/serve.h"
#include "job_thread.h"
#include "plan.h"

struct publisher;
struct publisher *publisher_new(struct loop *loop, struct serve *serve, struct plan *plan);
void publisher_start(struct publisher *p, struct job_thread *reader); /* from now on it renders by itself */
struct publisher *publisher_free(struct publisher *p);
void publisher_set_plan(struct publisher *p, struct plan *plan); /* renders anew; feeds that are gone answer 404 */
void publisher_log_grew(struct publisher *p);
void publisher_stop(struct publisher *p);

/* Renders before anything is served, in the caller's thread; the reader thread must not run yet. */
struct store_reader;
must_check int publisher_first(struct publisher *p, struct store_reader *reader, struct err *err);

#endif
