#ifndef SYNDICATED_BASE_QUEUE_H
#define SYNDICATED_BASE_QUEUE_H
/*
 * A bounded queue between threads. Ownership of an item passes with it. Any thread may call any function. The mutex of
 * the program lives here; stage code has none.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/err.h"

struct queue;
struct queue *queue_new(size_t capacity);
struct queue *queue_free(struct queue *q); /* must be empty, or items leak; NULL-safe; returns NULL */

/* Never blocks. ERR_FULL when there is no room, ERR_CLOSED after queue_close(); the caller then still owns item. */
must_check int queue_push(struct queue *q, void *item);

/* The same, for an item that may wait for others: see queue_take_batch(). */
must_check int queue_push_patient(struct queue *q, void *item);

/*
 * Takes up to max items, oldest first. Waits up to wait_ms for the first (0: not at all, negative: without limit).
 * Returns how many; 0 on time-out, or when the queue is closed and empty.
 */
size_t queue_take(struct queue *q, void **ret_items, size_t max, int64_t wait_ms);

/*
 * As queue_take(), but while there are only patient items, and fewer than enough, it waits for more, up to
 * gather_ms from when the first was seen. An item that is not patient, or closing, ends the wait.
 */
size_t queue_take_batch(struct queue *q, void **ret_items, size_t max, size_t enough, int64_t wait_ms, int64_t gather_ms);

void queue_close(struct queue *q); /* pushes fail from now on; takers drain what is left */
bool queue_is_closed(const struct queue *q);
size_t queue_length(const struct queue *q);

#endif
