#include "hsts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum { HOST_BYTES = 254, DAY_S = 86400, LONGEST_S = 2 * 366 * DAY_S };
#define DAY_MS ((int64_t)DAY_S * 1000)

struct rule {
	bool subdomains;
	int64_t expires_ms;
	int64_t saved_ms; /* expires_ms as it was when it was saved */
};

struct hsts {
	struct map *rules; /* by host, lower case, without a last dot */
	size_t max_hosts;
	size_t cursor; /* of drop_soonest() */
	bool changed;  /* since it was saved */
};

enum { LOOKED_AT = 64 }; /* for one to give up: the whole table would hold up the loop */

struct hsts *hsts_new(size_t max_hosts)
{
	struct hsts *h = mem_new(struct hsts);

	h->rules = map_new();
	h->max_hosts = max_hosts;
	return h;
}

struct hsts *hsts_free(struct hsts *h)
{
	if (!h)
		return NULL;
	map_free(h->rules, mem_free);
	mem_free(h);
	return NULL;
}

static bool tidy(const char *host, char out[HOST_BYTES])
{
	size_t len = strlen(host);

	if (len > 0 && host[len - 1] == '.')
		len--;
	if (len == 0 || len >= HOST_BYTES)
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = text_lower(host[i]);
	out[len] = '\0';
	return true;
}

/* "max-age" of one directive, with or without quotes: seconds, at most some two years; -1 when it is none. */
static int64_t read_seconds(const char *p, size_t len)
{
	int64_t n = 0;
	size_t digits = 0;

	if (len >= 2 && p[0] == '"' && p[len - 1] == '"') {
		p++;
		len -= 2;
	}
	for (; digits < len && p[digits] >= '0' && p[digits] <= '9'; digits++)
		n = n > LONGEST_S ? n : n * 10 + (p[digits] - '0');
	if (digits == 0 || digits < len)
		return -1;
	return n > LONGEST_S ? LONGEST_S : n;
}

struct directive {
	const char *name, *value;
	size_t name_len, value_len;
};

static void trim(const char **p, size_t *len)
{
	while (*len > 0 && text_is_space(**p)) {
		(*p)++;
		(*len)--;
	}
	while (*len > 0 && text_is_space((*p)[*len - 1]))
		(*len)--;
}

static struct directive next_directive(const char **field)
{
	size_t len = strcspn(*field, ";"), equals = strcspn(*field, "=");
	struct directive d = {.name = *field, .name_len = equals < len ? equals : len};

	if (equals < len) {
		d.value = *field + equals + 1;
		d.value_len = len - equals - 1;
		trim(&d.value, &d.value_len);
	}
	trim(&d.name, &d.name_len);
	*field += len + ((*field)[len] == ';');
	return d;
}

static bool is_named(const struct directive *d, const char *name)
{
	return d->name_len == strlen(name) && text_has_prefix_nocase(d->name, name);
}

/* False when the field is no policy: no max-age, one that cannot be read, or a directive twice (RFC 6797 section 6.1). */
static bool read_field(const char *field, int64_t *ret_seconds, bool *ret_subdomains)
{
	bool has_age = false;

	*ret_subdomains = false;
	while (*field) {
		struct directive d = next_directive(&field);

		if (is_named(&d, "max-age")) {
			if (has_age || !d.value)
				return false;
			*ret_seconds = read_seconds(d.value, d.value_len);
			has_age = true;
			if (*ret_seconds < 0)
				return false;
		} else if (is_named(&d, "includeSubDomains")) {
			if (*ret_subdomains)
				return false;
			*ret_subdomains = true;
		}
	}
	return has_age;
}

static void drop_soonest(struct hsts *h)
{
	const char *host, *first = NULL;
	void *value;
	int64_t soonest = INT64_MAX;

	for (int i = 0; i < LOOKED_AT; i++) {
		const struct rule *r;

		if (!map_next(h->rules, &h->cursor, &host, &value)) {
			h->cursor = 0;
			continue;
		}
		r = value;

		if (r->expires_ms < soonest) {
			soonest = r->expires_ms;
			first = host;
		}
	}
	if (first) {
		auto_free char *copy = mem_dup_str(first);

		mem_free(map_remove(h->rules, copy));
	}
}

static void set_rule(struct hsts *h, const char *name, bool subdomains, int64_t expires_ms)
{
	struct rule *r = map_get(h->rules, name);

	if (!r && map_count(h->rules) >= h->max_hosts)
		drop_soonest(h);
	if (!r) {
		r = mem_new(struct rule);
		(void)map_put(h->rules, name, r);
	}
	h->changed |= r->subdomains != subdomains || expires_ms - r->saved_ms >= DAY_MS || r->saved_ms - expires_ms >= DAY_MS;
	r->subdomains = subdomains;
	r->expires_ms = expires_ms;
}

void hsts_learn(struct hsts *h, const char *host, const char *field, int64_t now_ms)
{
	char name[HOST_BYTES];
	int64_t seconds = 0;
	bool subdomains = false;

	if (!tidy(host, name) || !read_field(field, &seconds, &subdomains))
		return;
	if (seconds > 0) {
		set_rule(h, name, subdomains, now_ms + seconds * 1000);
		return;
	}
	h->changed |= map_get(h->rules, name) != NULL;
	mem_free(map_remove(h->rules, name));
}

bool hsts_covers(const struct hsts *h, const char *host, int64_t now_ms)
{
	char name[HOST_BYTES];
	const char *at = name;

	if (map_count(h->rules) == 0 || !tidy(host, name))
		return false;
	while (at) {
		const struct rule *r = map_get(h->rules, at);

		if (r && now_ms < r->expires_ms && (at == name || r->subdomains))
			return true;
		at = strchr(at, '.');
		at += at ? 1 : 0;
	}
	return false;
}

size_t hsts_count(const struct hsts *h)
{
	return map_count(h->rules);
}

bool hsts_has_changed(const struct hsts *h)
{
	return h->changed;
}

void hsts_save(struct hsts *h, struct buf *out)
{
	size_t cursor = 0;
	const char *host;
	void *value;

	while (map_next(h->rules, &cursor, &host, &value)) {
		struct rule *r = value;

		r->saved_ms = r->expires_ms;
		buf_append_printf(out, "%s %" PRId64 " %d\n", host, r->expires_ms / 1000, r->subdomains);
	}
	h->changed = false;
}

/* A policy never lasts longer than from now on: the clock may have been wrong when it was saved. */
static void restore_one(struct hsts *h, const char *line, int64_t now_ms)
{
	char host[HOST_BYTES], name[HOST_BYTES];
	int64_t expires_s, now_s = now_ms / 1000;
	int subdomains;

	if (sscanf(line, "%253[^ \n] %18" SCNd64 " %1d", host, &expires_s, &subdomains) != 3 || expires_s <= now_s || !tidy(host, name))
		return;
	if (expires_s > now_s + LONGEST_S)
		expires_s = now_s + LONGEST_S;
	if (map_count(h->rules) < h->max_hosts && !map_get(h->rules, name))
		set_rule(h, name, subdomains == 1, expires_s * 1000);
}

void hsts_restore(struct hsts *h, const char *lines, int64_t now_ms)
{
	size_t cursor = 0;
	const char *host;
	void *value;

	for (const char *line = lines; *line; line += strcspn(line, "\n"), line += *line == '\n')
		restore_one(h, line, now_ms);
	while (map_next(h->rules, &cursor, &host, &value))
		((struct rule *)value)->saved_ms = ((struct rule *)value)->expires_ms;
	h->changed = false;
}
