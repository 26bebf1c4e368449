#include "syndicated/base/metrics.h"

#include <assert.h>

#include "syndicated/base/mem.h"

struct metrics {
	const struct metric *table;
	size_t n;
	size_t *first;   /* of each row: its first cell */
	int64_t *sums;   /* of each row that is a histogram: all sizes together */
	uint64_t *cells;
};

static size_t cells_of(const struct metric *row)
{
	if (row->bounds)
		return row->n_bounds + 1;
	return row->label ? row->n_values : 1;
}

struct metrics *metrics_new(const struct metric *table, size_t n)
{
	struct metrics *m = mem_new(struct metrics);
	size_t n_cells = 0;

	m->table = table;
	m->n = n;
	m->first = mem_new_array(size_t, n);
	m->sums = mem_new_array(int64_t, n);
	for (size_t i = 0; i < n; i++) {
		m->first[i] = n_cells;
		n_cells += cells_of(&table[i]);
	}
	m->cells = mem_new_array(uint64_t, n_cells);
	return m;
}

struct metrics *metrics_free(struct metrics *m)
{
	if (!m)
		return NULL;
	mem_free(m->first);
	mem_free(m->sums);
	mem_free(m->cells);
	mem_free(m);
	return NULL;
}

static uint64_t *cell(const struct metrics *m, size_t metric, size_t value)
{
	assert(metric < m->n && value < cells_of(&m->table[metric]));
	return &m->cells[m->first[metric] + value];
}

void metrics_add(struct metrics *m, size_t metric, size_t value, uint64_t by)
{
	assert(!m->table[metric].bounds);
	*cell(m, metric, value) += by;
}

void metrics_observe(struct metrics *m, size_t metric, int64_t size)
{
	const struct metric *row = &m->table[metric];
	size_t i = 0;

	assert(row->bounds);
	while (i < row->n_bounds && size > row->bounds[i])
		i++;
	++*cell(m, metric, i);
	m->sums[metric] += size;
}

uint64_t metrics_get(const struct metrics *m, size_t metric, size_t value)
{
	return *cell(m, metric, value);
}

uint64_t metrics_total(const struct metrics *m, size_t metric)
{
	uint64_t total = 0;

	for (size_t i = 0; i < cells_of(&m->table[metric]); i++)
		total += metrics_get(m, metric, i);
	return total;
}

/* ---- Prometheus' text format ---- */

static void print_counter(const struct metrics *m, size_t metric, struct buf *out)
{
	const struct metric *row = &m->table[metric];

	for (size_t i = 0; i < cells_of(row); i++) {
		buf_append_str(out, row->name);
		if (row->label)
			buf_append_printf(out, "{%s=\"%s\"}", row->label, row->value_name(i));
		buf_append_printf(out, " %llu\n", (unsigned long long)metrics_get(m, metric, i));
	}
}

/* There each cell counts those before it too. */
static void print_histogram(const struct metrics *m, size_t metric, struct buf *out)
{
	const struct metric *row = &m->table[metric];
	unsigned long long so_far = 0;

	for (size_t i = 0; i < row->n_bounds; i++) {
		so_far += metrics_get(m, metric, i);
		buf_append_printf(out, "%s_bucket{le=\"%lld\"} %llu\n", row->name, (long long)row->bounds[i], so_far);
	}
	so_far += metrics_get(m, metric, row->n_bounds);
	buf_append_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %lld\n%s_count %llu\n", row->name, so_far, row->name,
	                  (long long)m->sums[metric], row->name, so_far);
}

void metrics_print(const struct metrics *m, struct buf *out)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct metric *row = &m->table[i];

		buf_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name, row->bounds ? "histogram" : "counter");
		if (row->bounds)
			print_histogram(m, i, out);
		else
			print_counter(m, i, out);
	}
}
