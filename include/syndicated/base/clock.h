#ifndef SYNDICATED_BASE_CLOCK_H
#define SYNDICATED_BASE_CLOCK_H
/*
 * The only way to ask for the time. Tests and the simulation put their own functions in; everything else uses clock_system.
 */
#include <stdint.h>

struct clock {
	int64_t (*unix_ms)(void *ctx); /* wall clock, may jump */
	int64_t (*mono_ms)(void *ctx); /* CLOCK_BOOTTIME: never goes back, counts suspend */
	void *ctx;
};

extern const struct clock clock_system;

int64_t clock_unix_ms(const struct clock *c);
int64_t clock_mono_ms(const struct clock *c);

#endif
