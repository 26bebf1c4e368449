#ifndef DAEMON_DISCOVER_CHILD_H
#define DAEMON_DISCOVER_CHILD_H
/*
 * discover_run() in a process of its own and in the box of the ingest workers, for a command that has no pool. Start it
 * before there are threads. Blocks, for at most LIMIT_WORKER_JOB_MS a question. SIGPIPE must be ignored.
 */
#include <sys/types.h>

#include "syndicated/ingest.h"

struct discover_child {
	pid_t pid;
	int fd;
};

must_check int discover_child_start(struct discover_child *c, struct err *err);
/* As discover_run(); ERR_CLOSED or ERR_TIMEOUT when the child came to an end over it. Once. */
must_check int discover_child_ask(struct discover_child *c, const struct ingest_request *request, struct found_feed **ret, size_t *ret_n,
                                  struct err *err);
void discover_child_end(struct discover_child *c); /* kills it */

#endif
