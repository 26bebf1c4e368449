/*
 * Which URLs share one limit, and what that limit is (R76, R77; the host quirks of polling.md section 8). libpsl says what
 * of a host name was registered; it is called here only.
 */
#include <libpsl.h>
#include <string.h>

#include "syndicated/schedule.h"

#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define SECOND ((int64_t)1000)

/* What is known of the web before anybody was asked; the configuration may say otherwise. */
static const struct host_spec known_hosts[] = {
	/* About one request a minute and address for feeds, told by 429 with x-ratelimit headers. */
	{.name = (char *)(uintptr_t)"reddit.com", .gap_ms = 65 * SECOND, .concurrent = 1, .limits = HOST_LIMITS_STANDARD},
};

struct host_rules {
	struct host_rule standard;
	struct map *rules; /* of group names, and of addresses without a port */
};

static void add_rule(struct host_rules *r, const struct host_spec *spec)
{
	const struct host_rule *before = map_get(r->rules, spec->name); /* what is not said stays as it is known */
	struct host_rule *rule = mem_new(struct host_rule);

	*rule = before ? *before : r->standard;
	if (spec->gap_ms >= 0)
		rule->gap_ms = spec->gap_ms;
	if (spec->concurrent > 0)
		rule->concurrent = spec->concurrent;
	rule->split = spec->split;
	rule->limits = spec->limits;
	mem_free(map_put(r->rules, spec->name, rule));
}

struct host_rules *host_rules_new(int64_t concurrent, int64_t gap_ms, const struct host_spec *specs, size_t n)
{
	struct host_rules *r = mem_new(struct host_rules);

	r->standard.concurrent = concurrent > 0 ? concurrent : 1;
	r->standard.gap_ms = gap_ms > 0 ? gap_ms : 0;
	r->rules = map_new();
	for (size_t i = 0; i < sizeof(known_hosts) / sizeof(*known_hosts); i++)
		add_rule(r, &known_hosts[i]);
	for (size_t i = 0; i < n; i++)
		add_rule(r, &specs[i]);
	return r;
}

static void free_rule(void *rule)
{
	mem_free(rule);
}

struct host_rules *host_rules_free(struct host_rules *r)
{
	if (r)
		map_free(r->rules, free_rule);
	mem_free(r);
	return NULL;
}

/* ---- the name of a group ---- */

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

void host_rules_name(const struct host_rules *r, const char *url, char out[HOST_NAME_BYTES])
{
	char host[256];
	const char *port, *domain;
	size_t port_len, len;
	const struct host_rule *rule;

	split_url(url, host, sizeof(host), &port, &port_len);
	domain = is_private_host(host) ? NULL : psl_registrable_domain(psl_builtin(), host);
	if (domain) {
		rule = map_get(r->rules, domain);
		if (rule && rule->split)
			domain = host;
	}
	len = strlen(domain ? domain : host);
	memcpy(out, domain ? domain : host, len + 1);
	if (domain || port_len + len + 2 > HOST_NAME_BYTES)
		return;
	out[len] = ':';
	memcpy(out + len + 1, port, port_len);
	out[len + 1 + port_len] = '\0';
}

/* ---- the limit of a group ---- */

/* Only private hosts have a port in their name. */
static const char *find_port(const char *group)
{
	const char *bracket = strrchr(group, ']');

	return strchr(bracket ? bracket : group, ':');
}

static const struct host_rule *find_without_port(const struct host_rules *r, const char *group, const char *port)
{
	char host[HOST_NAME_BYTES];
	size_t len = (size_t)(port - group);

	if (len >= sizeof(host))
		return NULL;
	memcpy(host, group, len);
	host[len] = '\0';
	return map_get(r->rules, host);
}

/* One host of a domain that the configuration splits has the domain's limit, for itself alone. */
static const struct host_rule *find_split_domain(const struct host_rules *r, const char *group)
{
	for (const char *dot = strchr(group, '.'); dot; dot = strchr(dot + 1, '.')) {
		const struct host_rule *rule = map_get(r->rules, dot + 1);

		if (rule && rule->split)
			return rule;
	}
	return NULL;
}

struct host_rule host_rules_get(const struct host_rules *r, const char *group)
{
	const char *port = find_port(group);
	const struct host_rule *found = map_get(r->rules, group);
	struct host_rule rule;

	if (!found)
		found = port ? find_without_port(r, group, port) : find_split_domain(r, group);
	rule = found ? *found : r->standard;
	if (rule.limits == HOST_LIMITS_STANDARD)
		rule.limits = port ? HOST_LIMITS_OF_SOURCE : HOST_LIMITS_OF_HOST;
	return rule;
}
