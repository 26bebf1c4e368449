#ifndef SYNDICATED_TESTS_SIM_H
#define SYNDICATED_TESTS_SIM_H
/*
 * The scheduler under a fake clock and a fake origin: sources that publish at known times are polled when
 * schedule_next() says, and every item's delay is written down. Nothing of the rule is repeated here.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/schedule.h"

struct series {
	char *name;
	int64_t *items; /* when each was published, in order */
	size_t n;
	size_t known;          /* items that the first poll may show; what comes after them is scored */
	int64_t subscribed_ms; /* the first poll; it is not counted */
	int64_t end_ms;
	uint64_t seed;
};

struct series_list {
	struct series *series;
	size_t n;
};
void series_list_done(struct series_list *l);

/* {"name": [unix seconds, ...]}, with the phases of simulate.py for the same seed. False: said why on stderr. */
bool series_load(const char *path, uint64_t seed, struct series_list *ret);
/* n sources of the shape of polling.md section 3.4, subscribed to after 60 days and watched for 180. */
void series_generate(size_t n, uint64_t seed, struct series_list *ret);

/* Mersenne Twister, as Python's random.Random(seed) uses it: simulate.py and we draw the same numbers. */
struct twister {
	uint32_t words[624];
	size_t next;
};
void twister_seed(struct twister *t, uint32_t seed);
uint64_t twister_bits(struct twister *t);
double twister_unit(struct twister *t); /* [0, 1) */

struct run_options {
	struct schedule_policy policy;
	bool no_jitter;
	int64_t bytes_304, bytes_200; /* on the wire; 0: not weighed */
	int part;                     /* 0: all; 1, 2: every second source, to learn on one half and try on the other */
};

struct run_result {
	double mean_h, median_h, p90_h, source_mean_h, polls_per_day, empty;
	size_t items, sources, missed, early; /* early: polls sooner than poll.min after the last; must be 0 */
	double price_h;
};
struct run_result run_all(const struct series_list *l, const struct run_options *o);
/* Searches the price at which polls_per_day is within a half per cent of the budget. */
struct run_result run_at_budget(const struct series_list *l, const struct run_options *o, double budget);

#endif
