#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "syndicated/base/loop.h"

struct fixture {
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_fd *watch;
	struct loop_signal *signal;
	int calls;
	int last;
	int pipe[2];
};

static void stop_cb(void *ctx)
{
	loop_stop(((struct fixture *)ctx)->loop);
}

static void free_timer_cb(void *ctx)
{
	struct fixture *f = ctx;

	f->calls++;
	f->timer = loop_timer_free(f->timer);
	loop_post(f->loop, stop_cb, f);
}

static void test_timer_frees_itself(void **state)
{
	struct fixture f = {.loop = loop_new(NULL)};

	(void)state;
	f.timer = loop_timer_new(f.loop, free_timer_cb, &f);
	assert_false(loop_timer_is_set(f.timer));
	loop_timer_set(f.timer, 3600000);
	assert_true(loop_timer_is_set(f.timer));
	loop_timer_set(f.timer, -1);
	assert_false(loop_timer_is_set(f.timer));
	loop_timer_set(f.timer, 5000);
	loop_timer_set(f.timer, 1); /* replaces */
	loop_run(f.loop);
	assert_int_equal(f.calls, 1);
	assert_null(f.timer);
	assert_null(loop_free(f.loop));
	assert_null(loop_free(NULL));
}

static void free_watch_cb(int fd, int what, void *ctx)
{
	struct fixture *f = ctx;

	(void)fd;
	f->calls++;
	f->last = what;
	if (f->calls == 1) { /* level triggered: nothing was read, so it comes again; then as writable */
		return;
	} else if (f->calls == 2) {
		loop_fd_set(f->watch, 0);
		loop_fd_set(f->watch, LOOP_READ);
		return;
	}
	f->watch = loop_fd_free(f->watch);
	loop_stop(f->loop);
}

static void test_watch_frees_itself(void **state)
{
	struct fixture f = {.loop = loop_new(NULL)};

	(void)state;
	assert_int_equal(pipe(f.pipe), 0);
	assert_int_equal(write(f.pipe[1], "x", 1), 1);
	f.watch = loop_fd_new(f.loop, f.pipe[0], LOOP_READ, free_watch_cb, &f);
	loop_run(f.loop);
	assert_int_equal(f.calls, 3);
	assert_int_equal(f.last, LOOP_READ);
	f.calls = 2;
	f.watch = loop_fd_new(f.loop, f.pipe[1], LOOP_READ | LOOP_WRITE, free_watch_cb, &f);
	loop_run(f.loop);
	assert_int_equal(f.last, LOOP_WRITE);
	close(f.pipe[0]);
	close(f.pipe[1]);
	loop_free(f.loop);
}

static void free_signal_cb(int signo, void *ctx)
{
	struct fixture *f = ctx;

	f->last = signo;
	f->signal = loop_signal_free(f->signal);
	loop_stop(f->loop);
}

static void test_signal(void **state)
{
	struct fixture f = {.loop = loop_new(NULL)};

	(void)state;
	f.signal = loop_signal_new(f.loop, SIGUSR1, free_signal_cb, &f);
	assert_int_equal(raise(SIGUSR1), 0);
	loop_run(f.loop);
	assert_int_equal(f.last, SIGUSR1);
	loop_free(f.loop);
}

enum { POSTS = 2000 };
struct posted {
	struct fixture *f;
	int thread, number;
};
static struct posted posts[2][POSTS];
static int next_number[2];

static void posted_cb(void *arg)
{
	struct posted *p = arg;

	assert_int_equal(p->number, next_number[p->thread]++);
	if (++p->f->calls == 2 * POSTS)
		loop_stop(p->f->loop);
}

static void *post_many(void *arg)
{
	struct posted *row = arg;

	for (int i = 0; i < POSTS; i++)
		loop_post(row[0].f->loop, posted_cb, &row[i]);
	return NULL;
}

static void test_posts_keep_their_order(void **state)
{
	struct fixture f = {.loop = loop_new(NULL)};
	pthread_t threads[2];

	(void)state;
	for (int t = 0; t < 2; t++) {
		for (int i = 0; i < POSTS; i++)
			posts[t][i] = (struct posted){&f, t, i};
		assert_int_equal(pthread_create(&threads[t], NULL, post_many, posts[t]), 0);
	}
	loop_run(f.loop);
	assert_int_equal(f.calls, 2 * POSTS);
	for (int t = 0; t < 2; t++)
		pthread_join(threads[t], NULL);
	loop_post(f.loop, stop_cb, &f); /* never runs, is freed */
	loop_free(f.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_timer_frees_itself), cmocka_unit_test(test_watch_frees_itself),
	                                   cmocka_unit_test(test_signal), cmocka_unit_test(test_posts_keep_their_order)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
