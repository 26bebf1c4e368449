#include "syndicated/base/queue.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

#include "syndicated/base/mem.h"

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled; /* waits on CLOCK_MONOTONIC, so that a jump of the wall clock does not stretch a wait */
	void **ring;
	size_t capacity;
	size_t first;
	size_t count;
	size_t n_hurried; /* pushed since the queue was last taken from, and not patient */
	size_t wanted;    /* the taker sleeps until so many are there, or one is hurried */
	bool closed;
};

struct queue *queue_new(size_t capacity)
{
	struct queue *q = mem_new(struct queue);
	pthread_condattr_t attr;

	assert(capacity > 0);
	q->ring = mem_new_array(void *, capacity);
	q->capacity = capacity;
	q->wanted = 1;
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->filled, &attr);
	pthread_condattr_destroy(&attr);
	return q;
}

struct queue *queue_free(struct queue *q)
{
	if (q == NULL)
		return NULL;
	pthread_cond_destroy(&q->filled);
	pthread_mutex_destroy(&q->lock);
	mem_free(q->ring);
	mem_free(q);
	return NULL;
}

static int push(struct queue *q, void *item, bool patient)
{
	int result = 0;

	pthread_mutex_lock(&q->lock);
	if (q->closed) {
		result = ERR_CLOSED;
	} else if (q->count == q->capacity) {
		result = ERR_FULL;
	} else {
		q->ring[(q->first + q->count) % q->capacity] = item;
		q->count++;
		q->n_hurried += !patient;
		if (!patient || q->count >= q->wanted)
			pthread_cond_signal(&q->filled);
	}
	pthread_mutex_unlock(&q->lock);
	return result;
}

int queue_push(struct queue *q, void *item)
{
	return push(q, item, false);
}

int queue_push_patient(struct queue *q, void *item)
{
	return push(q, item, true);
}

static struct timespec deadline_after(int64_t wait_ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += wait_ms / 1000;
	t.tv_nsec += wait_ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* With the lock held. */
static void wait_for_item(struct queue *q, int64_t wait_ms)
{
	struct timespec deadline;

	if (wait_ms > 0)
		deadline = deadline_after(wait_ms);
	while (q->count == 0 && !q->closed && wait_ms != 0) {
		if (wait_ms < 0)
			pthread_cond_wait(&q->filled, &q->lock);
		else if (pthread_cond_timedwait(&q->filled, &q->lock, &deadline) != 0)
			break;
	}
}

/* With the lock held, when there is an item. */
static void wait_for_more(struct queue *q, size_t enough, int64_t gather_ms)
{
	struct timespec deadline = deadline_after(gather_ms);

	q->wanted = enough;
	while (q->count < enough && q->n_hurried == 0 && !q->closed) {
		if (pthread_cond_timedwait(&q->filled, &q->lock, &deadline) != 0)
			break;
	}
	q->wanted = 1;
}

/* With the lock held. */
static size_t take(struct queue *q, void **ret_items, size_t max)
{
	size_t taken = 0;

	while (taken < max && q->count > 0) {
		ret_items[taken++] = q->ring[q->first];
		q->first = (q->first + 1) % q->capacity;
		q->count--;
	}
	if (q->count == 0)
		q->n_hurried = 0;
	return taken;
}

size_t queue_take(struct queue *q, void **ret_items, size_t max, int64_t wait_ms)
{
	pthread_mutex_lock(&q->lock);
	wait_for_item(q, wait_ms);
	size_t taken = take(q, ret_items, max);
	pthread_mutex_unlock(&q->lock);
	return taken;
}

size_t queue_take_batch(struct queue *q, void **ret_items, size_t max, size_t enough, int64_t wait_ms, int64_t gather_ms)
{
	pthread_mutex_lock(&q->lock);
	wait_for_item(q, wait_ms);
	if (q->count > 0 && gather_ms > 0)
		wait_for_more(q, enough, gather_ms);
	size_t taken = take(q, ret_items, max);
	pthread_mutex_unlock(&q->lock);
	return taken;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

/* The lock is no part of the queue's visible state, so reading may take it through a const pointer. */
static pthread_mutex_t *lock_of(const struct queue *q)
{
	return (pthread_mutex_t *)(uintptr_t)&q->lock;
}

bool queue_is_closed(const struct queue *q)
{
	pthread_mutex_lock(lock_of(q));
	bool closed = q->closed;
	pthread_mutex_unlock(lock_of(q));
	return closed;
}

size_t queue_length(const struct queue *q)
{
	pthread_mutex_lock(lock_of(q));
	size_t count = q->count;
	pthread_mutex_unlock(lock_of(q));
	return count;
}
