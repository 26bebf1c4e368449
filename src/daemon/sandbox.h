#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H
/* The box around foreign bytes: no files, no network, no new processes, bounded memory. See sandbox.c for the list. */
#include "syndicated/base/err.h"

/*
 * Never undone. Standard streams and descriptor `keep_fd` stay usable; everything else is closed. Single-threaded
 * process only. On failure the process must not go on to read foreign bytes.
 */
must_check int sandbox_enter(int keep_fd, struct err *err);

#endif
