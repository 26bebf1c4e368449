/*
 * The slow way: any reference, as browsers read it (WHATWG URL) and with the result RFC 3986 section 5 wants. The joining
 * is ours, since libcurl's drops the base's path for "#note" and cuts a base at a slash in its fragment; what an unusual
 * host means is libcurl's word, which net/ uses for the requests, so there is one reading of a host in the program.
 *
 * What comes out: bytes that are not allowed where they are, and all of non-ASCII behind the host, percent-encoded, so that
 * the link works in mail, in strict readers and in webhooks; the host as published, even an internationalised one; percent
 * signs as they are, since sites with "%u0431" or "100%" answer to what a browser sends.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <unicode/uidna.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "url.h"
#include "url_rules.h"

struct span {
	const char *s;
	size_t len;
};

struct target {
	bool secure;
	struct span authority, directory, path, query, fragment; /* query and fragment with their "?" and "#" */
};

static struct span span_from(struct span s, size_t skipped)
{
	return (struct span){ s.s + skipped, s.len - skipped };
}

/* Takes what is in front of the first of these bytes off s. */
static struct span take_until(struct span *s, const char *stops)
{
	size_t n = 0;
	struct span ret;

	while (n < s->len && !strchr(stops, s->s[n]))
		n++;
	ret = (struct span){ s->s, n };
	*s = span_from(*s, n);
	return ret;
}

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

static size_t count_slashes(struct span s)
{
	size_t n = 0;

	while (n < s.len && is_slash(s.s[n]))
		n++;
	return n;
}

size_t url_scheme_length(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && ((text_lower(s[n]) >= 'a' && text_lower(s[n]) <= 'z') || (n && ((s[n] >= '0' && s[n] <= '9') || s[n] == '+' || s[n] == '-' || s[n] == '.'))))
		n++;
	return n < len && s[n] == ':' ? n : 0;
}

static bool scheme_is(struct span s, size_t n, const char *name)
{
	return strlen(name) == n && s.len > n && text_has_prefix_nocase(s.s, name);
}

/* ---- blanks ---- */

/* The blank that s begins with: ASCII, or one of those that editors leave around a pasted address. */
static size_t blank_at(const char *s, size_t len)
{
	static const char *const blanks[] = { "\xC2\xA0", "\xEF\xBB\xBF", "\xE2\x80\x8B", "\xE3\x80\x80" };

	if (len && (unsigned char)*s <= ' ')
		return 1;
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		size_t n = strlen(blanks[i]);

		if (len >= n && memcmp(s, blanks[i], n) == 0)
			return n;
	}
	return 0;
}

static size_t blank_before(const char *s, size_t len)
{
	for (size_t n = 1; n <= 3 && n <= len; n++) {
		if (blank_at(s + len - n, n) == n)
			return n;
	}
	return 0;
}

/*
 * Tab, CR and LF do not count in a URL (WHATWG); other controls are dropped with them, so that whatever a browser skips
 * cannot hide a scheme from us (REL-20). False for nothing or too much.
 */
static bool tidy(struct span s, struct buf *out)
{
	size_t n;

	while ((n = blank_at(s.s, s.len)) != 0)
		s = span_from(s, n);
	while ((n = blank_before(s.s, s.len)) != 0)
		s.len -= n;
	if (s.len == 0 || s.len > LIMIT_URL_BYTES)
		return false;
	while (s.len) {
		size_t run = 0;

		while (run < s.len && (unsigned char)s.s[run] >= ' ' && s.s[run] != 0x7F)
			run++;
		buf_append(out, s.s, run);
		s = span_from(s, run < s.len ? run + 1 : run);
	}
	return out->len > 0;
}

/* ---- the reference against its base ---- */

static void set_tail(struct target *t, struct span s)
{
	t->path = take_until(&s, "?#");
	t->query = take_until(&s, "#");
	t->fragment = s;
}

static bool set_absolute(struct target *t, bool secure, struct span s)
{
	s = span_from(s, count_slashes(s));
	t->secure = secure;
	t->authority = take_until(&s, "/\\?#");
	set_tail(t, s);
	return true;
}

static bool set_relative(struct target *t, struct span s, const char *base)
{
	struct url_parts b;
	size_t dir;

	if (!base || s.len == 0)
		return false;
	if (count_slashes(s) >= 2)
		return set_absolute(t, base[4] == 's', s);
	url_split(base, &b);
	t->secure = base[4] == 's';
	t->authority = (struct span){ strstr(base, "://") + 3, 0 };
	t->authority.len = (size_t)(base + b.path - t->authority.s);
	set_tail(t, s);
	if (count_slashes(s))
		return true;
	for (dir = b.query; dir > b.path && base[dir - 1] != '/'; dir--)
		;
	if (t->path.len) {
		t->directory = (struct span){ base + b.path, dir - b.path };
		return true;
	}
	t->path = (struct span){ base + b.path, b.query - b.path };
	if (t->query.len == 0)
		t->query = (struct span){ base + b.query, b.fragment - b.query };
	return true;
}

/* "feed:http://e.org/x" and "feed://e.org/x" are how pages once told readers what to do with http://e.org/x. */
static struct span unwrap(struct span s)
{
	static const char *const wrappers[] = { "feed", "itpc", "pcast" };
	size_t n = url_scheme_length(s.s, s.len), slashes, inner;
	bool wrapper = false;

	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
		wrapper |= scheme_is(s, n, wrappers[i]);
	if (!wrapper)
		return s;
	slashes = count_slashes(span_from(s, n + 1));
	inner = url_scheme_length(s.s + n + 1 + slashes, s.len - n - 1 - slashes);
	if (inner == 4 || inner == 5) /* "feed://https://..." as well */
		return span_from(s, n + 1 + slashes);
	return s;
}

/* http and https only (REL-22, REL-25). */
static bool set_target(struct target *t, struct span s, const char *base)
{
	size_t n;
	bool http, https;

	s = unwrap(s);
	n = url_scheme_length(s.s, s.len);
	if (n == 0)
		return set_relative(t, s, base);
	http = scheme_is(s, n, "http");
	https = scheme_is(s, n, "https");
	/* "feed://e.org" is left from above. */
	if (!http && !https && (scheme_is(s, n, "feed") || scheme_is(s, n, "itpc") || scheme_is(s, n, "pcast")) && count_slashes(span_from(s, n + 1)) >= 2)
		http = true;
	if (!http && !https)
		return false;
	s = span_from(s, n + 1);
	if (s.len == 0)
		return false;
	/* "http:x" is a relative reference where the base has the same scheme (RFC 3986 section 5.2.2, and all browsers). */
	if (count_slashes(s) < 2 && base && (base[4] == 's') == https)
		return set_relative(t, s, base);
	return set_absolute(t, https, s);
}

/* ---- writing ---- */

static void put(struct buf *b, struct span s, unsigned char class)
{
	static const char hex[] = "0123456789ABCDEF";

	while (s.len) {
		size_t run = 0;

		while (run < s.len && (url_class[(unsigned char)s.s[run]] & class))
			run++;
		buf_append(b, s.s, run);
		if (run < s.len) {
			unsigned char c = (unsigned char)s.s[run++];
			const char escaped[3] = { '%', hex[c >> 4], hex[c & 15] };

			buf_append(b, escaped, sizeof(escaped));
		}
		s = span_from(s, run);
	}
}

/* 1 for ".", 2 for "..", also as %2e, which browsers take for dots; else 0. */
static unsigned count_dots(const char *s, size_t len)
{
	unsigned dots = 0;

	while (len && dots < 3) {
		size_t n = *s == '.' ? 1 : len > 2 && s[0] == '%' && s[1] == '2' && (s[2] | 0x20) == 'e' ? 3 : 0;

		if (n == 0)
			return 0;
		dots++;
		s += n;
		len -= n;
	}
	return len == 0 && dots < 3 ? dots : 0;
}

/* RFC 3986 section 5.2.4 in place; the path begins with a slash. Returns the new length. */
static size_t remove_dots(char *p, size_t len)
{
	size_t w = 0;

	for (size_t r = 0, e; r < len; r = e) {
		unsigned dots;

		for (e = r + 1; e < len && p[e] != '/'; e++)
			;
		dots = count_dots(p + r + 1, e - r - 1);
		if (dots == 0) {
			memmove(p + w, p + r, e - r);
			w += e - r;
			continue;
		}
		while (dots == 2 && w && p[--w] != '/')
			;
		if (e == len)
			p[w++] = '/';
	}
	return w;
}

static void put_path(struct buf *b, struct span directory, struct span path)
{
	size_t begin = b->len;
	char *p;

	if (directory.len == 0 && (path.len == 0 || !is_slash(path.s[0])))
		buf_append_char(b, '/');
	put(b, directory, URL_QUERY);
	while (path.len) {
		struct span piece = take_until(&path, "\\");

		put(b, piece, URL_QUERY);
		if (path.len) {
			buf_append_char(b, '/');
			path = span_from(path, 1);
		}
	}
	if (buf_error(b))
		return;
	p = b->bytes + begin;
	b->len = begin + remove_dots(p, b->len - begin);
	b->bytes[b->len] = '\0';
}

/* A bare "?" or "#" says nothing and goes, as with libcurl. */
static void put_tail(struct buf *b, struct span query, struct span fragment)
{
	if (query.len > 1)
		put(b, query, URL_QUERY);
	if (fragment.len > 1) {
		buf_append_char(b, '#');
		fragment = span_from(fragment, 1);
		while (fragment.len) {
			struct span piece = take_until(&fragment, "#");

			put(b, piece, URL_QUERY);
			if (fragment.len) {
				buf_append_char(b, '#');
				fragment = span_from(fragment, 1);
			}
		}
	}
}

/* ---- the host ---- */

static UIDNA *idna(void)
{
	static UIDNA *opened;
	UErrorCode status = U_ZERO_ERROR;

	if (!opened) {
		/* As browsers do it: not transitional (sharp s stays), hyphens and underscores anywhere. */
		opened = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE, &status);
		if (U_FAILURE(status))
			opened = NULL;
	}
	return opened;
}

size_t url_host_to_ascii(const char *s, size_t len, char out[URL_HOST_MAX])
{
	const uint32_t harmless = UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode status = U_ZERO_ERROR;
	int32_t n;

	if (!idna() || len >= URL_HOST_MAX)
		return 0;
	n = uidna_nameToASCII_UTF8(idna(), s, (int32_t)len, out, URL_HOST_MAX - 1, &info, &status);
	if (U_FAILURE(status) || n <= 0 || n >= URL_HOST_MAX || (info.errors & ~harmless))
		return 0;
	out[n] = '\0';
	/* Signs like U+2100 turn into "a/c"; such a name leads nowhere. */
	return url_skip(out, out + n, URL_HOST) == out + n ? (size_t)n : 0;
}

void clean_url_init(void)
{
	char out[URL_HOST_MAX];

	(void)url_host_to_ascii("\xC3\xA4.\xD7\x90.example", strlen("\xC3\xA4.\xD7\x90.example"), out);
	mem_free(clean_url("http://[::1]:080/", NULL)); /* libcurl */
	url_rules_check();
}

/*
 * "%33" is a name to the first reader and the address 0.0.0.3 to the next. What is a number in the end must be an address as
 * libcurl writes it.
 */
static bool hides_an_address(const char *s, size_t len)
{
	char copy[INET_ADDRSTRLEN];
	struct in_addr address;
	size_t label, end = len && s[len - 1] == '.' ? len - 1 : len;

	for (label = end; label && s[label - 1] != '.';)
		label--;
	if (label == end || s[label] < '0' || s[label] > '9')
		return false;
	if (text_has_prefix_nocase(s + label, "0x"))
		return true;
	while (label < end && s[label] >= '0' && s[label] <= '9')
		label++;
	if (label < end)
		return false;
	if (len >= sizeof(copy))
		return true;
	memcpy(copy, s, len);
	copy[len] = '\0';
	return inet_pton(AF_INET, copy, &address) != 1;
}

/* May this host be sent on? An internationalised one must have an ASCII form that is a name: "１.２" hides an address. */
static bool host_is_fit(const char *s, size_t len)
{
	char ascii[URL_HOST_MAX];
	bool ascii_only = true, something = false, foreign = false;
	size_t n;

	for (size_t i = 0; i < len; i++) {
		bool right = url_class[(unsigned char)s[i]] & URL_HOST;

		ascii_only &= (unsigned char)s[i] < 0x80;
		foreign |= !right;
		something |= right && s[i] != '.';
	}
	/* What was percent-encoded may be no byte of a host: read again, "a~b" and "a%b" would be refused. */
	if (ascii_only)
		return something && (!foreign || *s == '[') && !hides_an_address(s, len);
	n = url_host_to_ascii(s, len, ascii);
	return n > 0 && url_host_is_name(ascii, n);
}

/* The authority as it came, but for a userinfo that might be read in two ways. False for what can be no host. */
static bool put_authority(struct buf *b, struct span authority)
{
	size_t at = authority.len;

	while (at && authority.s[at - 1] != '@')
		at--;
	if (at > 1) {
		put(b, (struct span){ authority.s, at - 1 }, URL_USERINFO);
		buf_append_char(b, '@');
	}
	authority = span_from(authority, at);
	for (size_t i = 0; i < authority.len; i++) {
		unsigned char c = (unsigned char)authority.s[i];

		if (!(url_class[c] & URL_HOST) && c < 0x80 && !strchr("[]:%", c))
			return false;
	}
	buf_append(b, authority.s, authority.len);
	return authority.len > 0;
}

/* libcurl's word on a URL; *b is what it makes of it. */
static bool ask_curl(struct buf *b)
{
	CURLU *u = curl_url();
	char *s = NULL;
	bool ok = u && curl_url_set(u, CURLUPART_URL, buf_str(b), 0) == CURLUE_OK && curl_url_get(u, CURLUPART_URL, &s, 0) == CURLUE_OK;

	buf_clear(b);
	if (ok)
		buf_append_str(b, s);
	curl_free(s);
	curl_url_cleanup(u);
	return ok;
}

/* Whatever a host was decoded to, nothing but a URL comes out (REL-20). */
static bool is_finished(const char *s, size_t len)
{
	struct url_parts p;

	if (url_scan(s, len, &p))
		return true;
	if (len > LIMIT_URL_BYTES || (!text_has_prefix(s, "http://") && !text_has_prefix(s, "https://")))
		return false;
	url_split(s, &p);
	if (p.query == p.path || !host_is_fit(s + p.host, p.host_end - p.host))
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7F || strchr("\"<>\\^`{|}", s[i]))
			return false;
	}
	return true;
}

static bool write_target(const struct target *t, struct buf *b)
{
	struct url_parts p;

	buf_append_str(b, t->secure ? "https://" : "http://");
	if (!put_authority(b, t->authority))
		return false;
	put_path(b, t->directory, t->path);
	put_tail(b, t->query, t->fragment);
	if (buf_error(b))
		return false;
	if (url_scan(b->bytes, b->len, &p))
		return true;
	return ask_curl(b) && buf_error(b) == 0 && is_finished(buf_str(b), b->len);
}

bool url_resolve(const char *reference, size_t len, const char *base, struct buf *out)
{
	struct buf tidied = BUF_INIT(LIMIT_URL_BYTES), b = BUF_INIT(8 * (size_t)LIMIT_URL_BYTES);
	struct target t = { .secure = false };
	bool ok = false;

	if (tidy((struct span){ reference, len }, &tidied))
		ok = set_target(&t, (struct span){ buf_str(&tidied), tidied.len }, base) && write_target(&t, &b);
	if (ok)
		buf_append(out, b.bytes, b.len);
	buf_done(&b);
	buf_done(&tidied);
	return ok;
}
