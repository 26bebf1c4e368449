/* The fast way: most URLs are finished when they come, and one pass over a table of bytes proves it. */
#include "url.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

enum {
	ALNUM = URL_HOST | URL_PATH | URL_QUERY | URL_USERINFO | URL_UNRESERVED,
	SUB_DELIM = URL_PATH | URL_QUERY | URL_USERINFO,
};

/* "[" and "]" stay, as in browsers: "?a[]=1" is common, and RFC 3986's reason against it is gone behind the authority. */
const unsigned char url_class[256] = {
	['a' ... 'z'] = ALNUM, ['A' ... 'Z'] = ALNUM, ['0' ... '9'] = ALNUM,
	['-'] = ALNUM, ['_'] = ALNUM,
	['.'] = URL_HOST | URL_QUERY | URL_USERINFO | URL_UNRESERVED,
	['~'] = URL_PATH | URL_QUERY | URL_USERINFO | URL_UNRESERVED,
	['!'] = SUB_DELIM, ['$'] = SUB_DELIM, ['&'] = SUB_DELIM, ['\''] = SUB_DELIM, ['('] = SUB_DELIM, [')'] = SUB_DELIM,
	['*'] = SUB_DELIM, ['+'] = SUB_DELIM, [','] = SUB_DELIM, [';'] = SUB_DELIM, ['='] = SUB_DELIM, [':'] = SUB_DELIM,
	['@'] = URL_PATH | URL_QUERY, ['/'] = URL_PATH | URL_QUERY, ['['] = URL_PATH | URL_QUERY, [']'] = URL_PATH | URL_QUERY,
	['?'] = URL_QUERY, ['%'] = URL_QUERY | URL_USERINFO,
};

/* Inline and eight bytes a turn: most of what a URL costs is here. */
static inline const char *skip(const char *s, const char *end, unsigned char class)
{
	const unsigned char *p = (const unsigned char *)s, *e = (const unsigned char *)end;
	const unsigned char *t = url_class;

	while (e - p >= 8 && (t[p[0]] & t[p[1]] & t[p[2]] & t[p[3]] & t[p[4]] & t[p[5]] & t[p[6]] & t[p[7]] & class))
		p += 8;
	if (e - p >= 4 && (t[p[0]] & t[p[1]] & t[p[2]] & t[p[3]] & class))
		p += 4;
	while (p < e && (t[*p] & class))
		p++;
	return (const char *)p;
}

const char *url_skip(const char *p, const char *end, unsigned char class)
{
	return skip(p, end, class);
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* A last label that begins with a letter makes a name for everybody; "1.2", "0x7f" and their like are addresses for some. */
bool url_host_is_name(const char *s, size_t len)
{
	size_t n = len;

	if (n && s[n - 1] == '.')
		n--;
	while (n && s[n - 1] != '.')
		n--;
	return n < len && is_letter(s[n]);
}

/* Behind a port of 1 to 65535 without leading zero, if there is one; NULL when it is not written so. */
static const char *scan_port(const char *p, const char *end)
{
	unsigned port = 0;

	if (p == end || *p != ':')
		return p;
	p++;
	if (p == end || *p == '0')
		return NULL;
	for (; p < end && text_is_digit(*p); p++) {
		port = port * 10 + (unsigned)(*p - '0');
		if (port > 65535)
			return NULL;
	}
	return port ? p : NULL;
}

/* p is at a "." behind a "/": is the whole segment "." or ".."? */
static bool is_dot_segment(const char *p, const char *end)
{
	p++;
	if (p < end && *p == '.')
		p++;
	return p == end || *p == '/' || *p == '?' || *p == '#';
}

static const char *scan_path(const char *p, const char *end)
{
	for (;; p++) {
		p = skip(p, end, URL_PATH);
		if (p == end || *p == '?' || *p == '#')
			return p;
		if (*p == '.') {
			if (p[-1] == '/' && is_dot_segment(p, end))
				return NULL;
		} else if (*p == '%') { /* browsers take %2e for a dot */
			if (end - p > 2 && p[1] == '2' && (p[2] | 0x20) == 'e')
				return NULL;
		} else {
			return NULL;
		}
	}
}

/* Behind the part that opens with the character at p; NULL when there is nothing in it, which libcurl drops. */
static const char *scan_tail(const char *p, const char *end)
{
	const char *begin = ++p;

	p = skip(p, end, URL_QUERY);
	return p > begin ? p : NULL;
}

bool url_scan(const char *s, size_t len, struct url_parts *ret)
{
	const char *end = s + len, *p;

	if (len < sizeof("http://e") - 1 || len > LIMIT_URL_BYTES || memcmp(s, "http", 4) != 0)
		return false;
	p = s + 4 + (s[4] == 's');
	if (p[0] != ':' || p[1] != '/' || p[2] != '/')
		return false;
	p += 3;
	ret->host = (size_t)(p - s);
	p = skip(p, end, URL_HOST);
	ret->host_end = (size_t)(p - s);
	if (!url_host_is_name(s + ret->host, ret->host_end - ret->host))
		return false;
	p = scan_port(p, end);
	if (!p || p == end || *p != '/')
		return false;
	ret->path = (size_t)(p - s);
	p = scan_path(p, end);
	if (!p)
		return false;
	ret->query = (size_t)(p - s);
	if (p < end && *p == '?' && (p = scan_tail(p, end)) == NULL)
		return false;
	ret->fragment = (size_t)(p - s);
	if (p < end && *p == '#' && (p = scan_tail(p, end)) == NULL)
		return false;
	ret->end = len;
	return p == end;
}

void url_split(const char *s, struct url_parts *ret)
{
	const char *authority = s + (s[4] == 's' ? strlen("https://") : strlen("http://"));
	const char *path = authority + strcspn(authority, "/?#"), *host, *p;

	host = memrchr(authority, '@', (size_t)(path - authority));
	host = host ? host + 1 : authority;
	p = *host == '[' ? host + strcspn(host, "]/") : host;
	while (p < path && *p != ':')
		p++;
	ret->host = (size_t)(host - s);
	ret->host_end = (size_t)(p - s);
	ret->path = (size_t)(path - s);
	ret->query = ret->path + strcspn(path, "?#");
	ret->fragment = ret->query + strcspn(s + ret->query, "#");
	ret->end = ret->fragment + strlen(s + ret->fragment);
}
