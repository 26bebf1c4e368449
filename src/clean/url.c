/*
 * References and pages. Resolution is libcurl's (RFC 3986 section 5), which net/ uses for the requests themselves, so
 * there is one reading of a URL in the program.
 */
#include "syndicated/clean.h"

#include <curl/curl.h>
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* Parameters that say who clicked where, and never what page it is. A star stands for any ending. */
static const char *const trackers[] = {
	"utm_*", "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid", "igshid",
	"igsh", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hs*", "hsctatracking", "vero_id", "vero_conv", "oly_anon_id",
	"oly_enc_id", "ref_src", "ref_url", "wickedid", "s_cid", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "at_medium",
	"at_campaign", "at_custom*", "at_link_*", "pk_*", "piwik_*", "mtm_*", "matomo_*", "guccounter", "guce_*", "_ga", "_gl",
	"__twitter_impression", "xtor", "cmpid", "ocid", "ftag", "mbid", "soc_src", "soc_trk", "sr_share", "rss_source",
};

static bool is_tracker(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(trackers) / sizeof(trackers[0]); i++) {
		size_t n = strlen(trackers[i]);
		bool open = trackers[i][n - 1] == '*';

		n -= open;
		if (open ? len < n : len != n)
			continue;
		while (n && text_lower(name[n - 1]) == trackers[i][n - 1])
			n--;
		if (n == 0)
			return true;
	}
	return false;
}

/*
 * Tab, CR and LF do not count in a URL and control characters and spaces around it neither (WHATWG URL); what browsers
 * skip must not hide a scheme from us (REL-20). A space inside is escaped.
 */
static char *tidy(const char *s)
{
	struct buf b = BUF_INIT(3 * LIMIT_URL_BYTES);
	size_t len;
	char *ret = NULL;

	while (*s && (unsigned char)*s <= ' ')
		s++;
	len = strlen(s);
	while (len && (unsigned char)s[len - 1] <= ' ')
		len--;
	if (len > LIMIT_URL_BYTES)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == ' ' || c == '"' || c == '<' || c == '>')
			buf_append_printf(&b, "%%%02X", c);
		else if (c > ' ' && c != 0x7F)
			buf_append_char(&b, s[i]);
	}
	buf_append(&b, "", 0);
	if (buf_error(&b) == 0 && b.len && buf_take(&b, &ret, NULL) == 0)
		return ret;
	buf_done(&b);
	return NULL;
}

static bool has_scheme(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return n > 0 && s[n] == ':';
}

static char *get_part(CURLU *u, CURLUPart part, unsigned flags)
{
	char *s = NULL, *copy = NULL;

	if (curl_url_get(u, part, &s, flags) == CURLUE_OK)
		copy = mem_dup_str(s);
	curl_free(s);
	return copy;
}

static bool is_web(const char *s)
{
	return s && (text_has_prefix_nocase(s, "http://") || text_has_prefix_nocase(s, "https://"));
}

char *clean_url(const char *reference, const char *base)
{
	auto_free char *tidied = reference ? tidy(reference) : NULL;
	CURLU *u;
	char *ret = NULL;
	bool ok;

	if (!tidied)
		return NULL;
	if (has_scheme(tidied) ? !is_web(tidied) : !is_web(base))
		return NULL;
	u = curl_url();
	if (has_scheme(tidied))
		ok = curl_url_set(u, CURLUPART_URL, tidied, 0) == CURLUE_OK;
	else
		ok = curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK && curl_url_set(u, CURLUPART_URL, tidied, 0) == CURLUE_OK;
	if (ok)
		ret = get_part(u, CURLUPART_URL, 0);
	curl_url_cleanup(u);
	if (!is_web(ret)) {
		mem_free(ret);
		return NULL;
	}
	return ret;
}

bool clean_url_append(const char *reference, size_t len, const char *base, struct buf *out)
{
	auto_free char *copy = mem_dup_bytes(reference, len), *url = clean_url(copy, base);

	if (url)
		buf_append_str(out, url);
	return url != NULL;
}

/* The query without its tracking parameters, in the order it had; NULL when nothing is left. */
static char *strip_query(const char *query)
{
	struct buf b = BUF_INIT(LIMIT_URL_BYTES + 1);
	char *ret = NULL;

	for (const char *p = query; p && *p;) {
		size_t len = strcspn(p, "&"), name = strcspn(p, "=&");

		if (len && !is_tracker(p, name)) {
			if (b.len)
				buf_append_char(&b, '&');
			buf_append(&b, p, len);
		}
		p += len + (p[len] == '&');
	}
	if (b.len == 0 || buf_take(&b, &ret, NULL) < 0)
		buf_done(&b);
	return ret;
}

char *clean_url_canonical(const char *url)
{
	auto_free char *absolute = clean_url(url, NULL), *host = NULL, *port = NULL, *path = NULL, *query = NULL, *kept = NULL;
	CURLU *u = absolute ? curl_url() : NULL;
	size_t n;
	bool usual;

	if (!u || curl_url_set(u, CURLUPART_URL, absolute, 0) != CURLUE_OK) {
		curl_url_cleanup(u);
		return NULL;
	}
	host = get_part(u, CURLUPART_HOST, 0);
	port = get_part(u, CURLUPART_PORT, 0);
	path = get_part(u, CURLUPART_PATH, 0);
	query = get_part(u, CURLUPART_QUERY, 0);
	curl_url_cleanup(u);
	if (!host || !path)
		return NULL;
	for (char *c = host; *c; c++)
		*c = text_lower(*c);
	n = strlen(path);
	while (n && path[n - 1] == '/')
		path[--n] = '\0';
	kept = strip_query(query);
	/* 80 and 443 are the two names of one place, since http and https are. */
	usual = !port || strcmp(port, "80") == 0 || strcmp(port, "443") == 0;
	return mem_printf("https://%s%s%s%s%s%s", host, usual ? "" : ":", usual ? "" : port, path, kept ? "?" : "", kept ? kept : "");
}
