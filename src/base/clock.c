#include "syndicated/base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	/* Cannot fail for the two clocks below on any kernel this runs on. */
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t read_unix_ms(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_REALTIME);
}

static int64_t read_mono_ms(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_BOOTTIME);
}

const struct clock clock_system = {.unix_ms = read_unix_ms, .mono_ms = read_mono_ms};

int64_t clock_unix_ms(const struct clock *c)
{
	return c->unix_ms(c->ctx);
}

int64_t clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c->ctx);
}
