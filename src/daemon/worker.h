#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H
/* What every process that reads foreign bytes does first. */
#include "syndicated/base/err.h"

/*
 * Lets libraries load what they need, ties this process to the life of its parent, and closes the box (sandbox.h) around
 * it but for `keep_fd`. On failure the process must end. name is what process lists show, at most 15 characters.
 */
must_check int worker_enter_box(int keep_fd, const char *name, struct err *err);

#endif
