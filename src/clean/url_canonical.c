/*
 * The form of a URL that identifies a page (features.md A1 to A4, B11): what RFC 3986 section 6.2 calls the same, and the
 * customs of the web in the tables of url_rules.c.
 *
 *   scheme     https: the same site answers both, or sends one to the other
 *   userinfo   gone: it says who asks
 *   host       ASCII (UTS 46), lower case, no dot at its end, one name for one site
 *   port       80 and 443 gone: the two names of one place, since http and https are
 *   path       no dot segments, no session in it, no slash or index file at its end
 *   query      without what tracks; parameters keep their order, since some servers read it and a site's links do not
 *              change it; empty ones go
 *   fragment   gone, but for "#!..." and "#/...", where the page is made by a script from what stands there
 *   escapes    RFC 3986 section 6.2.2: unreserved ones decoded, others upper case; "+" stays, it is a space in forms only
 *
 * canonical(canonical(x)) is canonical(x), which a test holds over generated URLs. The result is part of stored keys.
 */
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "url.h"
#include "url_rules.h"

enum { MAX_WRAPPERS = 4 };

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = text_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One escape or stray "%" at s, written to out. A stray one is escaped, or it would make an escape of what is decoded behind it. */
static size_t put_escape(char *out, const char *s, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	int high = len > 2 ? hex_value(s[1]) : -1, low = len > 2 ? hex_value(s[2]) : -1, c = high * 16 + low;

	out[0] = '%';
	if (high < 0 || low < 0) {
		memcpy(out + 1, "25", 2);
		return 3;
	}
	if (url_class[c] & URL_UNRESERVED) {
		out[0] = (char)c;
		return 1;
	}
	out[1] = hex[high];
	out[2] = hex[low];
	return 3;
}

static size_t put_normal(char *out, const char *s, size_t len)
{
	size_t w = 0;

	while (len) {
		const char *percent = memchr(s, '%', len);
		size_t n = percent ? (size_t)(percent - s) : len;

		memcpy(out + w, s, n);
		w += n;
		s += n;
		len -= n;
		if (len) {
			bool whole = len > 2 && hex_value(s[1]) >= 0 && hex_value(s[2]) >= 0;

			w += put_escape(out + w, s, len);
			s += whole ? 3 : 1;
			len -= whole ? 3 : 1;
		}
	}
	return w;
}

/* Servlets put their session behind a segment: "/a;jsessionid=1A2B/b". */
static size_t drop_path_session(char *path, size_t len)
{
	static const char word[] = ";jsessionid=";
	size_t w = 0, n = strlen(word);

	if (!memchr(path, ';', len))
		return len;
	for (size_t r = 0; r < len;) {
		/* Behind a dot or slash it stays: what is left could be read as a dot segment. */
		if (path[r] == ';' && len - r > n && w && path[w - 1] != '.' && path[w - 1] != '/' && strncmp(path + r, word, n) == 0) {
			while (r < len && path[r] != '/')
				r++;
			continue;
		}
		path[w++] = path[r++];
	}
	return w;
}

/* Whether a parameter of this kind is in the query. */
static bool has_kind(const char *q, size_t len, const char *host, enum parameter_kind kind)
{
	for (size_t at = 0; at < len;) {
		const char *and = memchr(q + at, '&', len - at);
		size_t n = and ? (size_t)(and - q) - at : len - at;

		if (n && url_rules_parameter(q + at, n, host) == kind)
			return true;
		at += n + 1;
	}
	return false;
}

/* In place. */
static size_t filter_query(char *q, size_t len, const char *host)
{
	bool keep_sessions = len && !has_kind(q, len, host, PARAMETER_PAGE);
	size_t w = 0;

	for (size_t at = 0; at < len;) {
		const char *and = memchr(q + at, '&', len - at);
		size_t n = and ? (size_t)(and - q) - at : len - at;
		enum parameter_kind kind = n ? url_rules_parameter(q + at, n, host) : PARAMETER_TRACKER;

		if (kind == PARAMETER_PAGE || (kind == PARAMETER_SESSION && keep_sessions)) {
			if (w)
				q[w++] = '&';
			memmove(q + w, q + at, n);
			w += n;
		}
		at += n + 1;
	}
	return w;
}

/* The host of a finished URL; false when it is too long to be one. */
static bool read_host(const char *s, size_t len, char out[URL_HOST_MAX], size_t *ret_len)
{
	size_t n;

	if (len >= URL_HOST_MAX)
		return false;
	for (n = 0; n < len && (unsigned char)s[n] < 0x80; n++)
		out[n] = text_lower(s[n]);
	if (n < len)
		n = url_host_to_ascii(s, len, out);
	/* Without the dot "1.2." would be an address. */
	while (n > 1 && out[n - 1] == '.' && url_host_is_name(out, n - 1))
		n--;
	out[n] = '\0';
	*ret_len = n;
	return n > 0;
}

/* ":8443" for a port that counts. */
static size_t put_port(char *out, const char *port, size_t len)
{
	if (len <= 1 || (len == 3 && memcmp(port, ":80", 3) == 0) || (len == 4 && memcmp(port, ":443", 4) == 0))
		return 0;
	memcpy(out, port, len);
	return len;
}

/* "#!..." and "#/..." with something behind. */
static size_t put_fragment(char *out, const char *s, size_t len)
{
	size_t n = 1;

	if (len < 2 || (s[1] != '!' && s[1] != '/'))
		return 0;
	while (n < len && (s[n] == '!' || s[n] == '/'))
		n++;
	return n < len ? put_normal(out, s, len) : 0;
}

struct tail {
	char *s;
	size_t path_len, query_len, fragment_len; /* one behind the other, without "?", with "#" */
};

static void read_tail(struct tail *t, const char *url, const struct url_parts *p)
{
	t->path_len = put_normal(t->s, url + p->path, p->query - p->path);
	t->path_len = drop_path_session(t->s, t->path_len);
	t->path_len = url_rules_path(t->s, t->path_len);
	if (p->query < p->fragment)
		t->query_len = put_normal(t->s + t->path_len, url + p->query + 1, p->fragment - p->query - 1);
}

/* Room for all: a stray "%" becomes three bytes, nothing else grows. */
static size_t room_for(const char *url, const struct url_parts *p, size_t host_len)
{
	size_t n = sizeof("https://?") + host_len + (p->end - p->host_end);

	for (const char *s = url + p->path; (s = strchr(s, '%')) != NULL; s++)
		n += 2;
	return n;
}

/*
 * One step: no redirector is looked into. Writes head and tail into one block; the tail is read first, since what the
 * host may lose depends on it.
 */
static bool compose(const char *url, const struct url_parts *p, struct buf *b)
{
	char host[URL_HOST_MAX], *out;
	size_t host_len, n;
	struct tail t = { .path_len = 0 };
	bool name;

	if (!read_host(url + p->host, p->host_end - p->host, host, &host_len))
		return false;
	name = url_host_is_name(host, host_len);
	/* The head never gets longer than it is here, so the tail moves down only. */
	n = sizeof("https://") + host_len + (p->path - p->host_end);
	out = buf_reserve(b, n + sizeof("https://") + host_len + room_for(url, p, host_len));
	if (!out)
		return false;
	t.s = out + n;
	read_tail(&t, url, p);
	t.query_len = filter_query(t.s + t.path_len, t.query_len, host);
	if (name)
		host_len = url_rules_host(host, host_len, t.s, t.path_len, t.query_len > 0);
	t.fragment_len = put_fragment(t.s + t.path_len + t.query_len, url + p->fragment, p->end - p->fragment);
	memcpy(out, "https://", 8);
	memcpy(out + 8, host, host_len);
	n = 8 + host_len;
	n += put_port(out + n, url + p->host_end, p->path - p->host_end);
	memmove(out + n, t.s, t.path_len);
	n += t.path_len;
	if (t.query_len)
		out[n++] = '?';
	memmove(out + n, t.s + t.path_len, t.query_len + t.fragment_len);
	n += t.query_len + t.fragment_len;
	buf_grew(b, n);
	return true;
}

static bool compose_any(const char *url, struct buf *out)
{
	struct url_parts p;
	auto_free char *cleaned = NULL;

	if (!url_scan(url, strlen(url), &p)) {
		cleaned = clean_url(url, NULL);
		if (!cleaned)
			return false;
		url = cleaned;
		url_split(url, &p);
	}
	return compose(url, &p, out);
}

/* What the redirector or cache of this canonical URL leads to; NULL when it is none. */
static char *target_of(const char *canonical)
{
	const char *begin = canonical + strlen("https://"), *query;
	size_t n = strcspn(begin, "/?#:");
	char host[URL_HOST_MAX];

	if (n >= sizeof(host))
		return NULL;
	memcpy(host, begin, n);
	host[n] = '\0';
	query = begin + n + strcspn(begin + n, "?#");
	return url_rules_target(host, begin + n, query);
}

/* Puts what the wrapper around target holds into inner; false when that is nothing, or the chain too long. */
static bool unwrap(char *target, struct buf *inner)
{
	bool whole = false;

	for (int i = 0; target && i < MAX_WRAPPERS; i++) {
		buf_clear(inner);
		whole = compose_any(target, inner);
		mem_free(target);
		target = whole ? target_of(inner->bytes) : NULL;
	}
	whole &= target == NULL;
	mem_free(target);
	return whole;
}

/*
 * Looking into wrappers happens on the canonical form, so that what one reading finds a second one finds as well. A
 * chain that is too long is not followed at all, for the same reason.
 */
bool clean_url_canonical_append(const char *url, struct buf *out)
{
	size_t before = out->len;
	char *target;

	if (!compose_any(url, out))
		return false;
	target = target_of(out->bytes + before);
	if (target) {
		struct buf inner = BUF_INIT(CLEAN_CANONICAL_BYTES);

		if (unwrap(target, &inner)) {
			out->len = before;
			buf_append(out, inner.bytes, inner.len);
		}
		buf_done(&inner);
	}
	return true;
}

char *clean_url_canonical(const char *url)
{
	struct buf b = BUF_INIT(CLEAN_CANONICAL_BYTES);
	char *ret = NULL;

	if (!url || !clean_url_canonical_append(url, &b) || buf_take(&b, &ret, NULL) < 0)
		buf_done(&b);
	return ret;
}
