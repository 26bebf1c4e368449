/*
 * References to absolute URLs. Most are finished when they come, or are after the front of the base is put before them,
 * and url_scan() proves it; all others go the slow way of url_resolve.c.
 */
#include "url.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"

/* How much of the base stays in front of a relative reference; 0 when that is not certain. The base is finished. */
static size_t kept_of_base(const char *reference, size_t len, const char *base)
{
	struct url_parts b;
	size_t n;

	if (len > 1 && reference[0] == '/' && reference[1] == '/')
		return base[4] == 's' ? strlen("https:") : strlen("http:");
	if (memchr(reference, ':', len) && url_scheme_length(reference, len))
		return 0;
	url_split(base, &b);
	if (reference[0] == '/')
		return b.path;
	if (reference[0] == '?')
		return b.query;
	if (reference[0] == '#')
		return b.fragment;
	for (n = b.query; n > b.path && base[n - 1] != '/'; n--)
		;
	return n;
}

/* The two put together are a finished URL: then that is the result. */
static bool join(const char *reference, size_t len, const char *base, struct buf *out)
{
	struct url_parts parts;
	size_t kept = kept_of_base(reference, len, base);
	char *room;

	if (kept == 0 || kept + len > LIMIT_URL_BYTES)
		return false;
	room = buf_reserve(out, kept + len);
	if (!room)
		return false;
	memcpy(room, base, kept);
	memcpy(room + kept, reference, len);
	if (url_scan(room, kept + len, &parts)) {
		buf_grew(out, kept + len);
		return true;
	}
	*room = '\0';
	return false;
}

bool clean_url_append(const char *reference, size_t len, const char *base, struct buf *out)
{
	struct url_parts parts;

	if (url_scan(reference, len, &parts)) {
		buf_append(out, reference, len);
		return true;
	}
	if (base && len && len <= LIMIT_URL_BYTES && join(reference, len, base, out))
		return true;
	return url_resolve(reference, len, base, out);
}

char *clean_url(const char *reference, const char *base)
{
	struct buf b = BUF_INIT(LIMIT_URL_BYTES);
	auto_free char *cleaned = NULL;
	size_t len = reference ? strlen(reference) : 0;
	struct url_parts parts;
	char *ret = NULL;

	if (len == 0)
		return NULL;
	if (url_scan(reference, len, &parts))
		return mem_dup_bytes(reference, len);
	if (base && !url_scan(base, strlen(base), &parts))
		base = cleaned = clean_url(base, NULL);
	if (!clean_url_append(reference, len, base, &b) || buf_take(&b, &ret, NULL) < 0)
		buf_done(&b);
	return ret;
}

/* ---- addresses without a scheme ---- */

static bool same_nocase(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text_lower(a[i]) != text_lower(b[i]))
			return false;
	}
	return true;
}

static bool ends_with(const char *s, size_t len, const char *end, size_t end_len)
{
	return len >= end_len && same_nocase(s + len - end_len, end, end_len);
}

/* From the last but one label on: "example.org" of "news.example.org". */
static size_t domain_of(const char *s, size_t len)
{
	size_t n = len, dots = 0;

	while (n && (s[n - 1] != '.' || ++dots < 2))
		n--;
	return n;
}

/*
 * A first segment that is a host and no folder or file: "www." and more; the domain of the base; or an ending that is no
 * file's. Two-letter endings are not enough: index.pl/x, build.rs, notes.md.
 */
static bool looks_like_host(const char *s, size_t len, const char *base)
{
	static const char *const endings[] = { ".com", ".org", ".net", ".edu", ".gov" };
	struct url_parts b;
	size_t domain;

	if (url_skip(s, s + len, URL_HOST) != s + len || !memchr(s, '.', len) || !url_host_is_name(s, len))
		return false;
	if (len > 5 && same_nocase(s, "www.", 4))
		return true;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (len > strlen(endings[i]) && ends_with(s, len, endings[i], strlen(endings[i])))
			return true;
	}
	if (!base || !url_scan(base, strlen(base), &b))
		return false;
	domain = b.host + domain_of(base + b.host, b.host_end - b.host);
	return memchr(base + domain, '.', b.host_end - domain) && ends_with(s, len, base + domain, b.host_end - domain) &&
	       (len == b.host_end - domain || s[len - (b.host_end - domain) - 1] == '.');
}

/* "host", "host/..." or "host:port/...", where host looks like one. */
static bool is_bare_address(const char *s, const char *base)
{
	size_t n = strcspn(s, "/?#: \t\r\n"), port;

	if (n == 0 || !looks_like_host(s, n, base))
		return false;
	if (s[n] != ':')
		return true;
	port = strspn(s + n + 1, "0123456789");
	return port && (s[n + 1 + port] == '\0' || s[n + 1 + port] == '/');
}

/* With the scheme that it lacks, or NULL: then it lacks none. */
static char *completed(const char *reference, const char *base)
{
	if (!is_bare_address(reference, base))
		return NULL;
	return mem_printf("%s//%.*s", base && text_has_prefix(base, "https:") ? "https:" : "http:", (int)LIMIT_URL_BYTES, reference);
}

bool clean_url_lacks_scheme(const char *reference, const char *base)
{
	return is_bare_address(reference, base);
}

char *clean_url_guess(const char *reference, const char *base)
{
	auto_free char *address = NULL;

	if (!reference)
		return NULL;
	reference = text_behind_space(reference);
	address = completed(reference, base);
	return address ? clean_url(address, NULL) : clean_url(reference, base);
}

bool clean_url_guess_append(const char *reference, const char *base, struct buf *out)
{
	auto_free char *address = NULL;

	reference = text_behind_space(reference);
	address = completed(reference, base);
	if (address)
		return clean_url_append(address, strlen(address), NULL, out);
	return *reference && clean_url_append(reference, strlen(reference), base, out);
}
