#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H
/*
 * The real poller, store, client and ingest workers in virtual time: transfers go over loopback in real time, while the
 * clock they all ask jumps to when the poller wants to look again whenever nothing is in flight.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/err.h"

#define SIM_SECOND ((int64_t)1000)
#define SIM_MINUTE (60 * SIM_SECOND)
#define SIM_HOUR   (60 * SIM_MINUTE)
#define SIM_DAY    (24 * SIM_HOUR)
#define SIM_START  INT64_C(1767225600000) /* a Thursday, 2026-01-01 */

struct sim_time { /* in memory that the processes share */
	_Atomic int64_t mono_ms; /* CLOCK_BOOTTIME; SIM_START at first */
	_Atomic int64_t wall_less_mono_ms;
};
int64_t sim_wall(const struct sim_time *t);

struct sim_event { /* something happens at a time; in order */
	int64_t at_ms; /* mono */
	void (*happen)(void *ctx, int64_t by_ms); /* may move the time */
	int64_t by_ms;
	bool is_amid; /* not before a poll is under way */
};

struct sim_world {
	const char *dir, *config;
	struct sim_time *time;
	int64_t end_ms; /* mono */
	const struct sim_event *events;
	size_t n_events;
	void *ctx; /* for the events */
};
/* Runs it to its end, or until SIGTERM; exits with status 2 when something goes wrong. */
void sim_world_run(const struct sim_world *options);
/* In memory that children share; zeroed. */
void *sim_shared(size_t bytes);
/* A new directory for a store, in memory where there is such a place; removed by sim_dir_remove(). Freed with mem_free(). */
char *sim_dir_new(void);
void sim_dir_remove(char *dir);
_Noreturn void sim_fail(const char *what, const struct err *err);

#endif
