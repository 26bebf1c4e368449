#include "notify.h"

#include <systemd/sd-daemon.h>
#include <time.h>

#include "syndicated/base/mem.h"

void notify_ready(const char *status)
{
	(void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

/* systemd 252 knows no Type=notify-reload; the time stamp serves the versions that do. */
void notify_reloading(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=Reloading the configuration",
	                 (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

void notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1\nSTATUS=Finishing what is in flight");
}

void notify_status(const char *status)
{
	(void)sd_notifyf(0, "STATUS=%s", status);
}

int notify_listen_fds(void)
{
	int n = sd_listen_fds(1);

	return n > 0 ? n : 0;
}

struct watchdog {
	struct loop_timer *timer;
	int64_t interval_ms;
	bool (*alive)(void *ctx);
	void *ctx;
};

static void ping(void *ctx)
{
	struct watchdog *w = ctx;

	if (w->alive(w->ctx))
		(void)sd_notify(0, "WATCHDOG=1");
	loop_timer_set(w->timer, w->interval_ms);
}

struct watchdog *watchdog_new(struct loop *loop, bool (*alive)(void *ctx), void *ctx)
{
	uint64_t interval_us = 0;
	struct watchdog *w;

	if (sd_watchdog_enabled(0, &interval_us) <= 0)
		return NULL;
	w = mem_new(struct watchdog);
	w->interval_ms = (int64_t)(interval_us / 2000);
	w->alive = alive;
	w->ctx = ctx;
	w->timer = loop_timer_new(loop, ping, w);
	loop_timer_set(w->timer, 0);
	return w;
}

struct watchdog *watchdog_free(struct watchdog *w)
{
	if (!w)
		return NULL;
	loop_timer_free(w->timer);
	mem_free(w);
	return NULL;
}
