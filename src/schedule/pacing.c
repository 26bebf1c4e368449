/* Who may be asked now (R76, R77). libpsl says what of a host name was registered; it is called here only. */
#include <arpa/inet.h>
#include <libpsl.h>
#include <string.h>

#include "syndicated/schedule.h"

#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define GROUP_BYTES   300u
#define BUSY_RETRY_MS 100  /* when all slots of a group are taken nobody knows how long */
#define SWEEP_MS      1000 /* how often groups that are at rest are forgotten */

struct group {
	char *name;
	int64_t in_flight;
	int64_t next_start_ms;
	int64_t paused_until_ms;
	struct group *next_at_rest; /* while sweeping */
};

struct pacing {
	struct map *groups;
	int64_t concurrent;
	int64_t gap_ms;
	int64_t last_sweep_ms;
};

struct pacing *pacing_new(int64_t concurrent, int64_t gap_ms)
{
	struct pacing *p = mem_new(struct pacing);

	p->groups = map_new();
	pacing_set(p, concurrent, gap_ms);
	return p;
}

static void free_group(void *value)
{
	struct group *g = value;

	mem_free(g->name);
	mem_free(g);
}

struct pacing *pacing_free(struct pacing *p)
{
	if (p)
		map_free(p->groups, free_group);
	mem_free(p);
	return NULL;
}

void pacing_set(struct pacing *p, int64_t concurrent, int64_t gap_ms)
{
	p->concurrent = concurrent > 0 ? concurrent : 1;
	p->gap_ms = gap_ms > 0 ? gap_ms : 0;
}

size_t pacing_groups(const struct pacing *p)
{
	return map_count(p->groups);
}

/* Host and port of a URL in lower case, userinfo left out; the port is that of the scheme when not said. */
static void split_url(const char *url, char *host, size_t host_size, const char **ret_port, size_t *ret_port_len)
{
	bool is_https = text_has_prefix_nocase(url, "https:");
	const char *p = strstr(url, "//"), *end, *colon;
	size_t len;

	p = p ? p + 2 : url;
	end = p + strcspn(p, "/?#");
	for (const char *at; (at = memchr(p, '@', (size_t)(end - p))); p = at + 1)
		;
	colon = p < end && *p == '[' ? memchr(p, ']', (size_t)(end - p)) : p;
	colon = colon ? memchr(colon, ':', (size_t)(end - colon)) : NULL;
	*ret_port = is_https ? "443" : "80";
	if (colon && colon + 1 < end)
		*ret_port = colon + 1;
	*ret_port_len = colon && colon + 1 < end ? (size_t)(end - colon - 1) : strlen(*ret_port);
	len = (size_t)((colon ? colon : end) - p);
	if (len >= host_size)
		len = host_size - 1;
	for (size_t i = 0; i < len; i++)
		host[i] = text_lower(p[i]);
	while (len > 0 && host[len - 1] == '.')
		len--;
	host[len] = '\0';
}

static bool has_suffix(const char *s, const char *suffix)
{
	size_t a = strlen(s), b = strlen(suffix);

	return a >= b && strcmp(s + a - b, suffix) == 0;
}

/* A literal address in any spelling, or a name of a private network: different ports are different servers there. */
static bool is_private_host(const char *host)
{
	static const char *const suffixes[] = {".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test"};
	const char *dot = strrchr(host, '.'), *last = dot ? dot + 1 : host;

	if (host[0] == '[' || !dot || (*last >= '0' && *last <= '9'))
		return true;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (has_suffix(host, suffixes[i]))
			return true;
	return false;
}

static void name_group(const char *url, char out[GROUP_BYTES])
{
	char host[256];
	const char *port, *domain;
	size_t port_len, len;

	split_url(url, host, sizeof(host), &port, &port_len);
	domain = is_private_host(host) ? NULL : psl_registrable_domain(psl_builtin(), host);
	len = strlen(domain ? domain : host);
	memcpy(out, domain ? domain : host, len + 1);
	if (domain || port_len + len + 2 > GROUP_BYTES)
		return;
	out[len] = ':';
	memcpy(out + len + 1, port, port_len);
	out[len + 1 + port_len] = '\0';
}

static bool is_at_rest(const struct group *g, int64_t now_ms)
{
	return g->in_flight == 0 && g->next_start_ms <= now_ms && g->paused_until_ms <= now_ms;
}

static void sweep(struct pacing *p, int64_t now_ms)
{
	struct group *at_rest = NULL;
	size_t cursor = 0;
	const char *name;
	void *value;

	if (now_ms - p->last_sweep_ms < SWEEP_MS)
		return;
	p->last_sweep_ms = now_ms;
	while (map_next(p->groups, &cursor, &name, &value)) {
		struct group *g = value;

		if (is_at_rest(g, now_ms)) {
			g->next_at_rest = at_rest;
			at_rest = g;
		}
	}
	while (at_rest) {
		struct group *g = at_rest;

		at_rest = g->next_at_rest;
		map_remove(p->groups, g->name);
		free_group(g);
	}
}

static struct group *get_group(struct pacing *p, const char *url)
{
	char name[GROUP_BYTES];
	struct group *g;

	name_group(url, name);
	g = map_get(p->groups, name);
	if (g)
		return g;
	g = mem_new(struct group);
	g->name = mem_dup_str(name);
	g->next_start_ms = INT64_MIN;
	g->paused_until_ms = INT64_MIN;
	map_put(p->groups, name, g);
	return g;
}

int64_t pacing_try(struct pacing *p, const char *url, int64_t now_ms)
{
	struct group *g;
	int64_t from;

	sweep(p, now_ms);
	g = get_group(p, url);
	from = g->next_start_ms > g->paused_until_ms ? g->next_start_ms : g->paused_until_ms;
	if (from > now_ms)
		return from - now_ms;
	if (g->in_flight >= p->concurrent)
		return BUSY_RETRY_MS;
	g->in_flight++;
	g->next_start_ms = now_ms + p->gap_ms;
	return 0;
}

void pacing_done(struct pacing *p, const char *url, int64_t now_ms)
{
	struct group *g = get_group(p, url);

	if (g->in_flight > 0)
		g->in_flight--;
	sweep(p, now_ms);
}

void pacing_pause(struct pacing *p, const char *url, int64_t until_ms, int64_t now_ms)
{
	struct group *g;

	sweep(p, now_ms);
	g = get_group(p, url);
	if (until_ms > g->paused_until_ms)
		g->paused_until_ms = until_ms;
}
