/* Counters and histograms, and their text: polling.md R118. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/metrics.h"

enum { PLAIN, LABELLED, SIZES, METRICS };

static const char *colour(size_t value)
{
	static const char *const names[] = {"red", "green"};

	return names[value];
}

static const int64_t bounds[] = {10, 100};
static const struct metric table[METRICS] = {
	[PLAIN] = {.name = "plain_total", .help = "One cell."},
	[LABELLED] = {.name = "labelled_total", .help = "Two cells.", .label = "colour", .value_name = colour, .n_values = 2},
	[SIZES] = {.name = "size_bytes", .help = "Sizes.", .bounds = bounds, .n_bounds = 2},
};

static char *print(const struct metrics *m, struct buf *out)
{
	buf_clear(out);
	metrics_print(m, out);
	return (char *)(uintptr_t)buf_str(out);
}

/* R118: begins at zero, and what is zero is shown too, or a rate of it would begin with its first event. */
static void test_empty(void **state)
{
	struct metrics *m = metrics_new(table, METRICS);
	struct buf out = BUF_INIT(4096);

	(void)state;
	assert_string_equal(print(m, &out),
	                    "# HELP plain_total One cell.\n# TYPE plain_total counter\nplain_total 0\n"
	                    "# HELP labelled_total Two cells.\n# TYPE labelled_total counter\n"
	                    "labelled_total{colour=\"red\"} 0\nlabelled_total{colour=\"green\"} 0\n"
	                    "# HELP size_bytes Sizes.\n# TYPE size_bytes histogram\n"
	                    "size_bytes_bucket{le=\"10\"} 0\nsize_bytes_bucket{le=\"100\"} 0\nsize_bytes_bucket{le=\"+Inf\"} 0\n"
	                    "size_bytes_sum 0\nsize_bytes_count 0\n");
	buf_done(&out);
	assert_null(metrics_free(m));
	assert_null(metrics_free(NULL));
}

/* R118: each cell by itself; no row touches another's. */
static void test_counters(void **state)
{
	struct metrics *m = metrics_new(table, METRICS);

	(void)state;
	metrics_add(m, PLAIN, 0, 1);
	metrics_add(m, PLAIN, 0, UINT64_C(5000000000));
	metrics_add(m, LABELLED, 1, 3);
	assert_int_equal(metrics_get(m, PLAIN, 0), UINT64_C(5000000001));
	assert_int_equal(metrics_get(m, LABELLED, 0), 0);
	assert_int_equal(metrics_get(m, LABELLED, 1), 3);
	metrics_add(m, LABELLED, 0, 4);
	assert_int_equal(metrics_total(m, LABELLED), 7);
	assert_int_equal(metrics_total(m, SIZES), 0);
	metrics_free(m);
}

/* R118: a size that is a bound belongs to it; the text counts upwards, the cells do not. */
static void test_histogram(void **state)
{
	static const struct {
		int64_t size;
		size_t cell;
	} rows[] = {{INT64_MIN / 2, 0}, {0, 0}, {10, 0}, {11, 1}, {100, 1}, {101, 2}, {INT64_MAX / 2, 2}};
	struct metrics *m = metrics_new(table, METRICS);
	struct buf out = BUF_INIT(4096);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t before = metrics_get(m, SIZES, rows[i].cell);

		metrics_observe(m, SIZES, rows[i].size);
		assert_int_equal(metrics_get(m, SIZES, rows[i].cell), before + 1);
		assert_int_equal(metrics_total(m, SIZES), i + 1);
	}
	metrics_free(m);
	m = metrics_new(table, METRICS);
	metrics_observe(m, SIZES, 7);
	metrics_observe(m, SIZES, 70);
	metrics_observe(m, SIZES, 80);
	metrics_observe(m, SIZES, 700);
	assert_non_null(strstr(print(m, &out), "size_bytes_bucket{le=\"10\"} 1\nsize_bytes_bucket{le=\"100\"} 3\n"
	                                       "size_bytes_bucket{le=\"+Inf\"} 4\nsize_bytes_sum 857\nsize_bytes_count 4\n"));
	buf_done(&out);
	metrics_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_histogram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
