/*
 * The resolver's pool. A thread may hang in getaddrinfo for minutes, so nobody ever joins one: the threads are
 * detached and share a counted block of two queues and an eventfd with the loop's side, and the last one out frees it.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/queue.h"
#include "syndicated/base/wake.h"
#include "syndicated/net/resolver.h"

enum { KEEP_OK_MS = 5 * 60 * 1000, KEEP_TEMPORARY_MS = 60 * 1000, KEEP_NO_SUCH_NAME_MS = 30 * 60 * 1000 };
enum { THREAD_STACK_BYTES = 512 * 1024 };

struct answer {
	char *host;
	enum resolve_status status;
	size_t n;
	struct resolved_address *addresses;
};

struct shared {
	atomic_int refs; /* the resolver and each thread */
	struct queue *jobs;    /* of struct answer, only the host set */
	struct queue *answers;
	int wake_fd;
	resolver_lookup *lookup;
};

struct resolve_request {
	struct resolver *resolver;
	struct resolve_request *prev, *next;
	char *host;
	struct loop_timer *timer; /* the deadline, and once there is an answer, its delivery */
	resolver_cb *cb;
	void *ctx;
	struct answer *answer; /* an own copy */
};

struct entry {
	struct answer *answer; /* NULL: in flight */
	int64_t expires_ms;
};

struct resolver {
	struct loop *loop;
	struct loop_fd *watch;
	struct shared *shared;
	struct map *entries; /* host -> struct entry */
	struct resolve_request *requests;
	unsigned n_threads;
	unsigned n_jobs;
};

static struct answer *new_answer(const char *host)
{
	struct answer *a = mem_new(struct answer);

	a->host = mem_dup_str(host);
	return a;
}

static void free_answer(struct answer *a)
{
	if (a) {
		mem_free(a->host);
		mem_free(a->addresses);
		mem_free(a);
	}
}

static struct answer *copy_answer(const struct answer *from)
{
	struct answer *a = new_answer(from->host);

	a->status = from->status;
	a->n = from->n;
	a->addresses = mem_new_array(struct resolved_address, from->n + 1);
	if (from->n > 0)
		memcpy(a->addresses, from->addresses, from->n * sizeof from->addresses[0]);
	return a;
}

static void free_entry(void *p)
{
	struct entry *e = p;

	free_answer(e->answer);
	mem_free(e);
}

static void drain_queue(struct queue *q)
{
	void *item;

	queue_close(q);
	while (queue_take(q, &item, 1, 0) == 1)
		free_answer(item);
	queue_free(q);
}

static void release_shared(struct shared *s)
{
	if (atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	drain_queue(s->jobs);
	drain_queue(s->answers);
	close(s->wake_fd);
	mem_free(s);
}

static enum resolve_status ask_system(const char *host, struct resolved_address *ret, size_t max, size_t *ret_n)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	int rc = getaddrinfo(host, NULL, &hints, &list);

	*ret_n = 0;
	if (rc == EAI_NONAME || rc == EAI_NODATA)
		return RESOLVE_NO_SUCH_NAME;
	if (rc != 0)
		return RESOLVE_TEMPORARY;
	for (struct addrinfo *i = list; i && *ret_n < max; i = i->ai_next) {
		if (i->ai_addrlen > sizeof ret->address)
			continue;
		memcpy(&ret[*ret_n].address, i->ai_addr, i->ai_addrlen);
		ret[(*ret_n)++].len = i->ai_addrlen;
	}
	freeaddrinfo(list);
	return *ret_n > 0 ? RESOLVE_OK : RESOLVE_NO_SUCH_NAME;
}

static void *run_thread(void *arg)
{
	struct shared *s = arg;
	void *item;

	while (queue_take(s->jobs, &item, 1, -1) == 1) {
		struct answer *a = item;

		a->addresses = mem_new_array(struct resolved_address, LIMIT_RESOLVED_ADDRESSES);
		a->status = s->lookup(a->host, a->addresses, LIMIT_RESOLVED_ADDRESSES, &a->n);
		/* There is room for every job that was taken; a refusal means that the resolver is gone. */
		if (queue_push(s->answers, a) < 0)
			free_answer(a);
		else
			wake_up(s->wake_fd);
	}
	release_shared(s);
	return NULL;
}

static void start_thread(struct resolver *r)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;

	if (r->n_threads >= LIMIT_RESOLVER_THREADS || r->n_jobs < r->n_threads)
		return;
	if (pthread_attr_init(&attr) != 0)
		return;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are the loop's */
	atomic_fetch_add(&r->shared->refs, 1);
	if (pthread_create(&thread, &attr, run_thread, r->shared) == 0)
		r->n_threads++;
	else
		atomic_fetch_sub(&r->shared->refs, 1);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
}

static void free_request(struct resolve_request *q)
{
	if (q->prev)
		q->prev->next = q->next;
	else
		q->resolver->requests = q->next;
	if (q->next)
		q->next->prev = q->prev;
	loop_timer_free(q->timer);
	free_answer(q->answer);
	mem_free(q->host);
	mem_free(q);
}

static void set_message(const struct answer *a, char *out, size_t size)
{
	switch (a->status) {
	case RESOLVE_OK:
		out[0] = '\0';
		break;
	case RESOLVE_NO_SUCH_NAME:
		snprintf(out, size, "the name %s does not exist (DNS)", a->host);
		break;
	case RESOLVE_TEMPORARY:
		snprintf(out, size, "the name %s could not be looked up now (DNS)", a->host);
		break;
	case RESOLVE_TIMEOUT:
		snprintf(out, size, "no answer about the name %s within %d s (DNS)", a->host, LIMIT_RESOLVE_MS / 1000);
		break;
	case RESOLVE_BUSY:
		snprintf(out, size, "too many names are being looked up; %s has to wait", a->host);
		break;
	}
}

static void deliver(void *ctx)
{
	struct resolve_request *q = ctx;
	struct answer *a = q->answer;
	resolver_cb *cb = q->cb;
	void *cb_ctx = q->ctx;
	char message[512];

	if (!a) {
		a = new_answer(q->host);
		a->status = RESOLVE_TIMEOUT;
	}
	q->answer = NULL;
	free_request(q);
	set_message(a, message, sizeof message);
	cb(a->status, a->addresses, a->n, message, cb_ctx); /* may free the resolver */
	free_answer(a);
}

static int64_t keep_ms(enum resolve_status status)
{
	if (status == RESOLVE_OK)
		return KEEP_OK_MS;
	return status == RESOLVE_NO_SUCH_NAME ? KEEP_NO_SUCH_NAME_MS : KEEP_TEMPORARY_MS;
}

static void take_answer(struct resolver *r, struct answer *a)
{
	struct entry *e = map_get(r->entries, a->host);

	r->n_jobs--;
	for (struct resolve_request *q = r->requests; q; q = q->next) {
		if (!q->answer && strcmp(q->host, a->host) == 0) {
			q->answer = copy_answer(a);
			loop_timer_set(q->timer, 0);
		}
	}
	if (!e) {
		free_answer(a);
		return;
	}
	free_answer(e->answer);
	e->answer = a;
	e->expires_ms = clock_mono_ms(&clock_system) + keep_ms(a->status);
}

static void wake(int fd, int what, void *ctx)
{
	struct resolver *r = ctx;
	uint64_t count;
	void *item;

	(void)what;
	if (read(fd, &count, sizeof count) < 0 && errno != EAGAIN)
		return;
	while (queue_take(r->shared->answers, &item, 1, 0) == 1)
		take_answer(r, item);
}

struct resolver *resolver_new_with(struct loop *loop, resolver_lookup *lookup)
{
	struct resolver *r;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return NULL;
	r = mem_new(struct resolver);
	r->loop = loop;
	r->shared = mem_new(struct shared);
	atomic_init(&r->shared->refs, 1);
	r->shared->jobs = queue_new(LIMIT_RESOLVER_QUEUE);
	r->shared->answers = queue_new(LIMIT_RESOLVER_QUEUE + LIMIT_RESOLVER_THREADS);
	r->shared->wake_fd = fd;
	r->shared->lookup = lookup;
	r->entries = map_new();
	r->watch = loop_fd_new(loop, fd, LOOP_READ, wake, r);
	return r;
}

struct resolver *resolver_new(struct loop *loop)
{
	return resolver_new_with(loop, ask_system);
}

struct resolver *resolver_free(struct resolver *r)
{
	if (!r)
		return NULL;
	while (r->requests)
		free_request(r->requests);
	map_free(r->entries, free_entry);
	loop_fd_free(r->watch);
	queue_close(r->shared->jobs);
	queue_close(r->shared->answers);
	release_shared(r->shared);
	mem_free(r);
	return NULL;
}

/* Keeps names whose look-up is under way, or a second one would be started beside it. */
static void drop_answers(struct resolver *r, int64_t older_than_ms)
{
	struct map *kept = map_new();
	size_t cursor = 0;
	const char *key;
	void *value;

	while (map_next(r->entries, &cursor, &key, &value)) {
		struct entry *e = value;
		if (e->answer && e->expires_ms <= older_than_ms)
			free_entry(e);
		else
			map_put(kept, key, e);
	}
	map_free(r->entries, NULL);
	r->entries = kept;
}

void resolver_flush(struct resolver *r)
{
	drop_answers(r, INT64_MAX);
}

static enum resolve_status start_lookup(struct resolver *r, const char *host, struct entry *e)
{
	struct answer *job;

	if (r->n_jobs >= LIMIT_RESOLVER_QUEUE)
		return RESOLVE_BUSY;
	start_thread(r);
	job = new_answer(host);
	if (r->n_threads == 0 || queue_push(r->shared->jobs, job) < 0) {
		free_answer(job);
		return RESOLVE_BUSY;
	}
	r->n_jobs++;
	free_answer(e->answer);
	e->answer = NULL;
	return RESOLVE_OK;
}

static struct entry *find_entry(struct resolver *r, const char *host, int64_t now_ms)
{
	struct entry *e = map_get(r->entries, host);

	if (e)
		return e;
	if (map_count(r->entries) >= LIMIT_RESOLVER_CACHE) {
		drop_answers(r, now_ms);
		if (map_count(r->entries) >= LIMIT_RESOLVER_CACHE)
			resolver_flush(r);
	}
	e = mem_new(struct entry);
	e->answer = new_answer(host); /* has expired already */
	map_put(r->entries, host, e);
	return e;
}

struct resolve_request *resolver_start(struct resolver *r, const char *host, resolver_cb *cb, void *ctx)
{
	struct resolve_request *q = mem_new(struct resolve_request);
	int64_t now_ms = clock_mono_ms(&clock_system);
	struct entry *e = find_entry(r, host, now_ms);

	q->resolver = r;
	q->host = mem_dup_str(host);
	q->cb = cb;
	q->ctx = ctx;
	q->timer = loop_timer_new(r->loop, deliver, q);
	q->next = r->requests;
	if (q->next)
		q->next->prev = q;
	r->requests = q;
	if (e->answer && e->expires_ms > now_ms) {
		q->answer = copy_answer(e->answer);
	} else if (e->answer) {
		enum resolve_status status = start_lookup(r, host, e);
		if (status != RESOLVE_OK) {
			q->answer = new_answer(host);
			q->answer->status = status;
		}
	}
	loop_timer_set(q->timer, q->answer ? 0 : LIMIT_RESOLVE_MS);
	return q;
}

void resolver_cancel(struct resolve_request *q)
{
	free_request(q);
}
