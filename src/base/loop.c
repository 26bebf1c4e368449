/*
 * libevent without its locks: everything but the list of posted calls belongs to one thread. The list has its own
 * mutex, and an eventfd wakes the loop.
 *
 * A callback may free the object that called it: libevent has finished with an event before it calls, and we touch
 * nothing of the object after the call returns.
 */
#include "syndicated/base/loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/wake.h"

struct posted_call {
	void (*fn)(void *arg);
	void *arg;
	struct posted_call *next;
};

struct loop {
	struct event_base *base;
	struct event *wake;
	int wake_fd;
	atomic_bool stopping;
	pthread_mutex_t lock; /* guards the list below */
	struct posted_call *first;
	struct posted_call **tail;
};

struct loop_fd {
	struct loop *loop;
	struct event event; /* in it, since there is one for every transfer */
	int fd;
	int what;
	loop_fd_cb *cb;
	void *ctx;
};

struct loop_timer {
	struct event *event;
	loop_timer_cb *cb;
	void *ctx;
};

struct loop_signal {
	struct event *event;
	loop_signal_cb *cb;
	void *ctx;
};

static void run_posted_cb(int fd, short what, void *ctx)
{
	struct loop *l = ctx;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	/* Only what is here now: a call that posts itself again must not starve descriptors and timers. */
	pthread_mutex_lock(&l->lock);
	struct posted_call *call = l->first;
	l->first = NULL;
	l->tail = &l->first;
	pthread_mutex_unlock(&l->lock);
	while (call != NULL) {
		struct posted_call *next = call->next;
		call->fn(call->arg);
		mem_free(call);
		call = next;
	}
}

static void *resize(void *old, size_t size)
{
	return mem_resize_array(old, size, 1);
}

static void *allocate(size_t size)
{
	return resize(NULL, size);
}

/* A timer that could not be set would be waited for without end; so libevent gets its memory, or the program ends (base/mem.h). */
static void lend_to_libevent(void)
{
	event_set_mem_functions(allocate, resize, mem_free);
}

static struct event_base *new_base(void)
{
	struct event_base *base = NULL;
	struct event_config *config = event_config_new();

	if (config == NULL)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	/* What is waited for is told to the kernel once before each wait: a change is one call, not two. Bad with dup(2), which nobody does. */
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

struct loop *loop_new(struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct loop *l = mem_new(struct loop);

	(void)pthread_once(&once, lend_to_libevent);
	pthread_mutex_init(&l->lock, NULL);
	l->tail = &l->first;
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wake_fd < 0) {
		err_set(err, ERR_IO, "starting the event loop: cannot make an eventfd: %s", strerror(errno));
		return loop_free(l);
	}
	l->base = new_base();
	if (l->base != NULL)
		l->wake = event_new(l->base, l->wake_fd, EV_READ | EV_PERSIST, run_posted_cb, l);
	if (l->wake == NULL || event_add(l->wake, NULL) != 0) {
		err_set(err, ERR_IO, "starting the event loop: libevent found no way to wait for descriptors");
		return loop_free(l);
	}
	return l;
}

struct loop *loop_free(struct loop *l)
{
	if (l == NULL)
		return NULL;
	if (l->wake != NULL)
		event_free(l->wake);
	if (l->base != NULL)
		event_base_free(l->base);
	if (l->wake_fd >= 0)
		close(l->wake_fd);
	while (l->first != NULL) {
		struct posted_call *next = l->first->next;
		mem_free(l->first);
		l->first = next;
	}
	pthread_mutex_destroy(&l->lock);
	mem_free(l);
	return NULL;
}

void loop_run(struct loop *l)
{
	while (!atomic_load(&l->stopping)) {
		if (event_base_loop(l->base, EVLOOP_ONCE) < 0)
			break;
	}
	/* So that a stopped loop can run again. */
	atomic_store(&l->stopping, false);
}

void loop_stop(struct loop *l)
{
	atomic_store(&l->stopping, true);
	wake_up(l->wake_fd);
}

void loop_post(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct posted_call *call = mem_new(struct posted_call);

	call->fn = fn;
	call->arg = arg;
	/*
	 * Woken inside the lock: once the loop has run the call, its owner may free the loop. The loop takes all calls when it is
	 * woken, so only the first one has to wake it.
	 */
	pthread_mutex_lock(&l->lock);
	bool is_first = l->first == NULL;
	*l->tail = call;
	l->tail = &call->next;
	if (is_first)
		wake_up(l->wake_fd);
	pthread_mutex_unlock(&l->lock);
}

static void fd_ready_cb(int fd, short what, void *ctx)
{
	struct loop_fd *w = ctx;

	w->cb(fd, (what & EV_READ ? LOOP_READ : 0) | (what & EV_WRITE ? LOOP_WRITE : 0), w->ctx);
}

struct loop_fd *loop_fd_new(struct loop *l, int fd, int what, loop_fd_cb *cb, void *ctx)
{
	struct loop_fd *w = mem_new(struct loop_fd);

	w->loop = l;
	w->fd = fd;
	w->cb = cb;
	w->ctx = ctx;
	loop_fd_set(w, what);
	return w;
}

void loop_fd_set(struct loop_fd *w, int what)
{
	short events = (what & LOOP_READ ? EV_READ : 0) | (what & LOOP_WRITE ? EV_WRITE : 0);

	if (what == w->what)
		return;
	if (w->what)
		event_del(&w->event);
	w->what = what;
	if (events == 0)
		return;
	event_assign(&w->event, w->loop->base, w->fd, (short)(events | EV_PERSIST), fd_ready_cb, w);
	/* Fails for a descriptor that cannot be waited for (closed, or a plain file): a bug of the caller. */
	int failed = event_add(&w->event, NULL);
	assert(!failed);
}

struct loop_fd *loop_fd_free(struct loop_fd *w)
{
	if (w != NULL) {
		if (w->what)
			event_del(&w->event);
		mem_free(w);
	}
	return NULL;
}

static void timer_due_cb(int fd, short what, void *ctx)
{
	struct loop_timer *t = ctx;

	(void)fd;
	(void)what;
	t->cb(t->ctx);
}

struct loop_timer *loop_timer_new(struct loop *l, loop_timer_cb *cb, void *ctx)
{
	struct loop_timer *t = mem_new(struct loop_timer);

	t->cb = cb;
	t->ctx = ctx;
	t->event = evtimer_new(l->base, timer_due_cb, t);
	assert(t->event != NULL);
	return t;
}

void loop_timer_set(struct loop_timer *t, int64_t delay_ms)
{
	if (delay_ms < 0) {
		evtimer_del(t->event);
		return;
	}
	struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};
	evtimer_add(t->event, &delay);
}

bool loop_timer_is_set(const struct loop_timer *t)
{
	return evtimer_pending(t->event, NULL) != 0;
}

struct loop_timer *loop_timer_free(struct loop_timer *t)
{
	if (t != NULL) {
		event_free(t->event);
		mem_free(t);
	}
	return NULL;
}

static void signal_caught_cb(int signo, short what, void *ctx)
{
	struct loop_signal *s = ctx;

	(void)what;
	s->cb(signo, s->ctx);
}

struct loop_signal *loop_signal_new(struct loop *l, int signo, loop_signal_cb *cb, void *ctx)
{
	struct loop_signal *s = mem_new(struct loop_signal);

	s->cb = cb;
	s->ctx = ctx;
	s->event = evsignal_new(l->base, signo, signal_caught_cb, s);
	assert(s->event != NULL);
	int failed = evsignal_add(s->event, NULL);
	assert(!failed);
	return s;
}

struct loop_signal *loop_signal_free(struct loop_signal *s)
{
	if (s != NULL) {
		event_free(s->event);
		mem_free(s);
	}
	return NULL;
}
