#ifndef SYNDICATED_BASE_LOOP_H
#define SYNDICATED_BASE_LOOP_H
/*
 * The event loop: descriptors, timers, signals, and calls posted from other threads. A thin layer on libevent, which
 * shows nowhere else. Except for loop_post() and loop_stop(), all functions belong to the thread that runs the loop.
 * Callbacks return quickly (about 5 ms) and may free the object that called them.
 */
#include <stdbool.h>
#include <stdint.h>

#include "syndicated/base/err.h"

struct loop;
struct loop *loop_new(struct err *err); /* NULL on failure */
struct loop *loop_free(struct loop *l); /* NULL-safe; posted calls that have not run are dropped */
void loop_run(struct loop *l);          /* until loop_stop() */
void loop_stop(struct loop *l);         /* any thread */

/* Runs fn(arg) on the loop's thread soon, in the order posted. Any thread; never blocks, never fails. */
void loop_post(struct loop *l, void (*fn)(void *arg), void *arg);

enum { LOOP_READ = 1, LOOP_WRITE = 2 };
typedef void loop_fd_cb(int fd, int what, void *ctx);
typedef void loop_timer_cb(void *ctx);
typedef void loop_signal_cb(int signo, void *ctx);

/* Level triggered and persistent. The descriptor stays the caller's; free the watch before closing it. */
struct loop_fd;
struct loop_fd *loop_fd_new(struct loop *l, int fd, int what, loop_fd_cb *cb, void *ctx);
void loop_fd_set(struct loop_fd *w, int what); /* 0 pauses */
struct loop_fd *loop_fd_free(struct loop_fd *w);

/* One-shot. Setting it again replaces the earlier time; a delay below zero disarms. */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *l, loop_timer_cb *cb, void *ctx);
void loop_timer_set(struct loop_timer *t, int64_t delay_ms);
bool loop_timer_is_set(const struct loop_timer *t);
struct loop_timer *loop_timer_free(struct loop_timer *t);

/* The callback runs as an ordinary event, not in signal context. */
struct loop_signal;
struct loop_signal *loop_signal_new(struct loop *l, int signo, loop_signal_cb *cb, void *ctx);
struct loop_signal *loop_signal_free(struct loop_signal *s);

#endif
