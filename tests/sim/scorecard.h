#ifndef TESTS_SIM_SCORECARD_H
#define TESTS_SIM_SCORECARD_H
/*
 * The scorecard of polling.md section 1 (R119): what a server's owner would find in the log. It lives in memory that three
 * processes share: the origin counts, the poller's process reads and moves the virtual clock, the parent kills and prints.
 */
#include <stdint.h>

#include "loopback.h"
#include "world.h"

struct scorecard {
	struct sim_time time;
	_Atomic unsigned epoch; /* raised at each kill */
	unsigned n_sources;
	int64_t min_gap_ms;
	/* columns that only inform */
	uint64_t requests, conditional, not_modified, errors;
	/* columns that must be zero */
	uint64_t unconditional_again;
	uint64_t etag_stale, etag_bogus, date_stale, date_bogus;
	uint64_t cookies, referrers, query_arguments, bad_agents;
	uint64_t too_soon;
};

/* Serves listener for ever, in a process of its own. */
_Noreturn void scorecard_origin(int listener, int port, struct scorecard *shared, uint64_t seed);

#endif
