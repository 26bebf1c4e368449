#include "syndicated/base/text.h"

#include <stdio.h>
#include <string.h>

#include "syndicated/base/mem.h"

enum { DISTANCE_MAX_LENGTH = 63 }; /* names of options and commands; longer ones count as far apart */

bool text_equal_nocase(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	while (*a != '\0' && text_lower(*a) == text_lower(*b)) {
		a++;
		b++;
	}
	return text_lower(*a) == text_lower(*b);
}

bool text_has_prefix(const char *s, const char *prefix)
{
	return s != NULL && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_has_prefix_nocase(const char *s, const char *prefix)
{
	if (s == NULL)
		return false;
	for (; *prefix != '\0'; s++, prefix++)
		if (text_lower(*s) != text_lower(*prefix))
			return false;
	return true;
}

bool text_is_empty(const char *s)
{
	return s == NULL || s[0] == '\0';
}

/* Digits from *s on, as a negative number since that side of int64_t is longer. Moves *s behind them. */
static bool read_digits(const char **s, int64_t *ret_negative)
{
	const char *p = *s;
	int64_t v = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, *p - '0', &v))
			return false;
	if (p == *s)
		return false;
	*s = p;
	*ret_negative = v;
	return true;
}

bool text_to_int64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	int64_t v;

	if (s == NULL)
		return false;
	bool negative = *s == '-';
	if (negative)
		s++;
	if (!read_digits(&s, &v) || *s != '\0')
		return false;
	if (!negative && __builtin_sub_overflow(0, v, &v))
		return false;
	if (v < min || v > max)
		return false;
	*ret = v;
	return true;
}

bool text_to_capped(const char *s, size_t len, int64_t max, int64_t *ret)
{
	int64_t v = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, s[i] - '0', &v) || v > max)
			v = max;
	}
	if (len > 0)
		*ret = v;
	return len > 0;
}

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment, three rows at a time. */
unsigned text_distance(const char *a, const char *b, unsigned limit)
{
	unsigned rows[3][DISTANCE_MAX_LENGTH + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > DISTANCE_MAX_LENGTH || b_len > DISTANCE_MAX_LENGTH)
		return strcmp(a, b) == 0 ? 0 : limit + 1;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = smaller(above[j - 1] + (a[i - 1] != b[j - 1]), smaller(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], above2[j - 2] + 1);
		}
	}
	return smaller(rows[a_len % 3][b_len], limit + 1);
}

struct unit {
	const char *name;
	int64_t factor;
};

/* Largest first; the last one is the base unit. */
static const struct unit durations[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};
static const struct unit sizes[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}, {NULL, 0}};

static bool parse_with_unit(const char *s, const struct unit *units, int64_t *ret)
{
	int64_t v;

	if (s == NULL || !read_digits(&s, &v))
		return false;
	for (const struct unit *u = units; u->name != NULL; u++) {
		if (strcmp(s, u->name) != 0)
			continue;
		if (__builtin_mul_overflow(v, -u->factor, &v))
			return false;
		*ret = v;
		return true;
	}
	return false;
}

static void format_with_unit(int64_t v, const struct unit *units, char out[32])
{
	const struct unit *u = units;

	while (u->factor != 1 && (v == 0 || v % u->factor != 0))
		u++;
	snprintf(out, 32, "%lld%s", (long long)(v / u->factor), u->name);
}

bool text_to_duration_ms(const char *s, int64_t *ret_ms)
{
	return parse_with_unit(s, durations, ret_ms);
}

bool text_to_size_bytes(const char *s, int64_t *ret_bytes)
{
	return parse_with_unit(s, sizes, ret_bytes);
}

void text_from_duration_ms(int64_t ms, char out[32])
{
	/* People write 0s, not 0ms. */
	if (ms == 0)
		snprintf(out, 32, "0s");
	else
		format_with_unit(ms, durations, out);
}

void text_from_size_bytes(int64_t bytes, char out[32])
{
	format_with_unit(bytes, sizes, out);
}

struct line {
	char *bytes;
	size_t size;
	size_t len;
};

static void put(struct line *line, const char *s, size_t len)
{
	if (line->size == 0)
		return;
	size_t room = line->size - 1 - line->len;
	size_t n = len <= room ? len : text_cut(s, len, room);
	memcpy(line->bytes + line->len, s, n);
	line->len += n;
	line->bytes[line->len] = '\0';
	if (n < len)
		line->size = line->len + 1; /* full: nothing shorter may follow what was cut */
}

/* Names of parameters help the operator; values may be keys (REL-40). A part without "=" may be a key as a whole. */
static void put_query(struct line *line, const char *query, size_t len)
{
	for (const char *end = query + len; query < end;) {
		size_t part = 0;
		while (query + part < end && query[part] != '&' && query[part] != ';')
			part++;
		const char *equals = memchr(query, '=', part);
		if (equals != NULL)
			put(line, query, (size_t)(equals - query) + 1);
		if (part > 0)
			put(line, "...", 3);
		query += part;
		if (query < end)
			put(line, query++, 1);
	}
}

/* Where the host begins: behind scheme, slashes and userinfo. *ret_userinfo is where the userinfo would begin. */
static const char *find_host(const char *url, const char **ret_userinfo)
{
	/* Without a scheme, and with any number of slashes, as browsers accept them: "//user:secret@host" has userinfo too. */
	size_t scheme = strcspn(url, ":/\\?#@");
	bool has_scheme = url[scheme] == ':' && (url[scheme + 1] == '/' || url[scheme + 1] == '\\');
	const char *host = has_scheme ? url + scheme + 1 : url;

	host += strspn(host, "/\\");
	*ret_userinfo = host;
	/* The last "@" counts, and a backslash may end the authority in some readers: hide rather too much. */
	for (size_t i = strcspn(host, "/?#"); i > 0; i--)
		if (host[i - 1] == '@')
			return host + i;
	return host;
}

char *text_without_userinfo(const char *url)
{
	const char *userinfo, *host;

	if (url == NULL)
		return NULL;
	host = find_host(url, &userinfo);
	return mem_printf("%.*s%s", (int)(userinfo - url), url, host);
}

void text_redact_url(const char *url, char *out, size_t size)
{
	struct line line = {.bytes = out, .size = size};
	const char *host, *userinfo;

	if (size > 0)
		out[0] = '\0';
	if (url == NULL)
		return;
	host = find_host(url, &userinfo);
	put(&line, url, (size_t)(userinfo - url));
	size_t path_end = strcspn(host, "?#");
	put(&line, host, path_end);
	const char *rest = host + path_end;
	if (*rest == '?') {
		size_t query = strcspn(rest + 1, "#");
		put(&line, "?", 1);
		put_query(&line, rest + 1, query);
		rest += 1 + query;
	}
	/* A fragment can hold a token too (OAuth's implicit grant). */
	if (*rest == '#')
		put(&line, "#...", 4);
}
