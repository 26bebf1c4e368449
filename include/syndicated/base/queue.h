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

/*
 * Takes up to max items, oldest first. Waits up to wait_ms for the first (0: not at all, negative: without limit).
 * Returns how many; 0 on time-out, or when the queue is closed and empty.
 */
size_t queue_take(struct queue *q, void **ret_items, size_t max, int64_t wait_ms);

void queue_close(struct queue *q); /* pushes fail from now on; takers drain what is left */
bool queue_is_closed(const struct queue *q);
size_t queue_length(const struct queue *q);

#endif
