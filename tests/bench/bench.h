#ifndef BENCH_H
#define BENCH_H
/* What the benchmarks share: CPU time, a summary line, an origin. One JSON line a figure on standard output. */
#include <stdint.h>
#include <stddef.h>

/* User and system time of this process (all its threads) in microseconds. */
double bench_cpu_us(void);
double bench_wall_us(void);

/* {"bench": name, "value": v, "unit": unit, "reference": r, "ratio": v/r}; reference 0: left out with the ratio. */
void bench_print(const char *name, double value, const char *unit, double reference);

/*
 * An origin in a child process on all of 127.0.0.0/8 that answers each GET: 304 when the request carries If-None-Match, else a
 * small feed with an ETag; closes after each answer. Returns its port; *ret_count is shared and counts answers. It ends
 * with bench_origin_stop(), or with this process.
 */
int bench_origin_start(volatile uint64_t **ret_count);
void bench_origin_stop(void);

#endif
