#include "http2_trouble.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"

struct trouble {
	int failures;
	int64_t until_ms; /* 0: not avoided yet */
};

struct http2_trouble {
	struct map *hosts;
};

struct http2_trouble *http2_trouble_new(void)
{
	struct http2_trouble *t = mem_new(struct http2_trouble);

	t->hosts = map_new();
	return t;
}

struct http2_trouble *http2_trouble_free(struct http2_trouble *t)
{
	if (!t)
		return NULL;
	map_free(t->hosts, mem_free);
	mem_free(t);
	return NULL;
}

/* So many at once means that something else is wrong, and forgetting them costs each two failures. */
static void make_room(struct http2_trouble *t)
{
	if (map_count(t->hosts) < LIMIT_HTTP2_HOSTS)
		return;
	map_free(t->hosts, mem_free);
	t->hosts = map_new();
}

void http2_failed(struct http2_trouble *t, const char *host_port, int64_t now_ms)
{
	struct trouble *one = map_get(t->hosts, host_port);

	if (!one) {
		make_room(t);
		one = mem_new(struct trouble);
		(void)map_put(t->hosts, host_port, one);
	}
	if (one->until_ms && now_ms >= one->until_ms)
		*one = (struct trouble){0};
	if (++one->failures >= LIMIT_HTTP2_FAILURES)
		one->until_ms = now_ms + LIMIT_HTTP2_AVOID_MS;
}

void http2_worked(struct http2_trouble *t, const char *host_port, int64_t now_ms)
{
	if (map_count(t->hosts) > 0 && !http2_is_avoided(t, host_port, now_ms))
		mem_free(map_remove(t->hosts, host_port));
}

bool http2_is_avoided(const struct http2_trouble *t, const char *host_port, int64_t now_ms)
{
	const struct trouble *one = map_count(t->hosts) > 0 ? map_get(t->hosts, host_port) : NULL;

	return one && now_ms < one->until_ms;
}
