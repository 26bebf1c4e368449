#ifndef TESTS_SIM_SCENES_H
#define TESTS_SIM_SCENES_H
/* What the scenes of polling.md section 7 share: an origin of some kinds of sources, and a log of what it was asked. */
#include "loopback.h"
#include "world.h"

enum { MAX_HITS = 4000000 };

struct hit {
	int64_t mono_ms;
	uint32_t source;
	int32_t status;
};

struct scene { /* shared memory */
	struct sim_time time;
	unsigned n_sources;
	_Atomic bool is_down, was_seen;
	/* of items that came after the first request and were shown after a time (mono): how long they were out */
	int64_t score_from_ms, longest_ms;
	uint64_t items;
	double delay_ms;
	size_t n_hits;
	struct hit hits[MAX_HITS];
};

/* Serves http://ADDRESS/KIND/N for every source N, for ever, in a process of its own. */
_Noreturn void scene_origin(int listener, int port, struct scene *shared, uint64_t seed);

#endif
