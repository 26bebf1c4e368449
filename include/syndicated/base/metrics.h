#ifndef SYNDICATED_BASE_METRICS_H
#define SYNDICATED_BASE_METRICS_H
/*
 * Counters and histograms with fixed names, kept in memory: they begin at zero with the process and only grow. What there is to
 * count is one table, made before anything is counted, and so is every label: nothing from outside can make another one.
 *
 * One thread, that of whoever made it (here: the loop's). So counting is an addition, without a lock; who counts on another
 * thread carries the number over with his result.
 */
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"

struct metric { /* one row; all strings are literals, and safe in the format of metrics_print() as they are */
	const char *name; /* of the form [a-z_]+, its unit last: "x_total", "x_seconds" */
	const char *help; /* one line */
	/* A counter has one cell, or n_values of them, told apart by a label. */
	const char *label;
	const char *(*value_name)(size_t value); /* of value 0 to n_values - 1 */
	size_t n_values;
	/* A histogram has a cell for each bound, for what is not above it, and one for the rest. NULL: it is a counter. */
	const int64_t *bounds; /* rising */
	size_t n_bounds;
};

struct metrics;
struct metrics *metrics_new(const struct metric *table, size_t n); /* the table is borrowed for as long as it lives */
struct metrics *metrics_free(struct metrics *m);                   /* NULL-safe, returns NULL */

/* metric is the row's place in the table; value that of the label, 0 without one. */
void metrics_add(struct metrics *m, size_t metric, size_t value, uint64_t by);
/* Of a histogram: one more of this size. */
void metrics_observe(struct metrics *m, size_t metric, int64_t size);

/* A counter's cell, or a histogram's, which counts what is above the bound before and not above its own. */
uint64_t metrics_get(const struct metrics *m, size_t metric, size_t value);
uint64_t metrics_total(const struct metrics *m, size_t metric); /* of all cells */

/* Appends all of it in Prometheus' text format, version 0.0.4: every cell, also those that are zero. */
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
void metrics_print(const struct metrics *m, struct buf *out);

#endif
