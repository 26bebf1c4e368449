#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H
/* What the service manager is told (sd_notify(3)), and its watchdog. Does nothing where there is none (REL-63). */
#include "syndicated/base/loop.h"

void notify_ready(const char *status);
void notify_reloading(void); /* followed by notify_ready() */
void notify_stopping(void);
void notify_status(const char *status);

/*
 * The watchdog: pings at half the interval that the manager asked for, but only when `alive` says that the program does
 * its work: the loop turned and the store answered since the last ping.
 */
struct watchdog;
struct watchdog *watchdog_new(struct loop *loop, bool (*alive)(void *ctx), void *ctx); /* NULL when none is asked for */
struct watchdog *watchdog_free(struct watchdog *w);

/* Listening sockets passed by the manager: how many, from descriptor 3 on. Call once, before descriptors are opened. */
int notify_listen_fds(void);

#endif
