/* URL admission and Location resolution, by curl_url. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/net/client.h"
#include "url_host.h"

static char *take_part(CURLU *u, CURLUPart part, unsigned flags)
{
	char *from_curl = NULL;
	char *copy = NULL;

	if (curl_url_get(u, part, &from_curl, flags) == CURLUE_OK)
		copy = mem_dup_str(from_curl);
	curl_free(from_curl);
	return copy;
}

static void parse_literal(struct url_host *u)
{
	struct sockaddr_in *four = (struct sockaddr_in *)(void *)&u->literal.address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)&u->literal.address;

	if (inet_pton(AF_INET, u->host, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		u->literal.len = sizeof *four;
		u->is_literal = true;
	} else if (inet_pton(AF_INET6, u->host, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		u->literal.len = sizeof *six;
		u->is_literal = true;
	}
}

static void strip_brackets(char *host)
{
	size_t len = strlen(host);

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
}

static bool read_scheme(CURLU *u, struct url_host *ret)
{
	char *scheme = NULL;
	bool ok = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;

	ret->is_https = ok && text_equal_nocase(scheme, "https");
	ok = ret->is_https || (ok && text_equal_nocase(scheme, "http"));
	curl_free(scheme);
	return ok;
}

static bool read_port(CURLU *u, struct url_host *ret)
{
	char *port = NULL;
	CURLUcode rc = curl_url_get(u, CURLUPART_PORT, &port, 0);
	int64_t number = ret->is_https ? 443 : 80;
	bool ok = rc == CURLUE_NO_PORT || (rc == CURLUE_OK && text_to_int64(port, 1, 65535, &number));

	curl_free(port);
	ret->port = (int)number;
	return ok;
}

static bool read_parts(CURLU *u, struct url_host *ret, char *message, size_t size)
{
	if (!read_scheme(u, ret)) {
		snprintf(message, size, "refused: only http and https are fetched");
		return false;
	}
	ret->host = take_part(u, CURLUPART_HOST, CURLU_PUNYCODE);
	if (!ret->host || ret->host[0] == '\0') {
		snprintf(message, size, "the URL names no host");
		return false;
	}
	strip_brackets(ret->host);
	parse_literal(ret);
	if (!read_port(u, ret)) {
		snprintf(message, size, "the URL has no usable port");
		return false;
	}
	return curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK;
}

bool url_host_parse(const char *url, struct url_host *ret, char *message, size_t message_size)
{
	CURLU *u = curl_url();
	CURLUcode rc = CURLUE_OUT_OF_MEMORY;
	bool ok = false;

	memset(ret, 0, sizeof *ret);
	if (u && strlen(url) <= LIMIT_URL_BYTES)
		rc = curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME | CURLU_ALLOW_SPACE | CURLU_URLENCODE);
	if (rc == CURLUE_OK)
		ok = read_parts(u, ret, message, message_size);
	else if (strlen(url) > LIMIT_URL_BYTES)
		snprintf(message, message_size, "the URL is longer than %u bytes", LIMIT_URL_BYTES);
	else
		snprintf(message, message_size, "the URL cannot be read: %s", curl_url_strerror(rc));
	ret->parsed = u;
	if (!ok)
		url_host_done(ret);
	return ok;
}

void url_host_done(struct url_host *u)
{
	curl_url_cleanup(u->parsed);
	mem_free(u->host);
	memset(u, 0, sizeof *u);
}

void url_host_make_https(struct url_host *u)
{
	u->is_https = true;
	curl_url_set(u->parsed, CURLUPART_SCHEME, "https", 0);
	if (u->port != 80)
		return;
	u->port = 443;
	curl_url_set(u->parsed, CURLUPART_PORT, NULL, 0);
}

bool url_port_is_public(int port)
{
	static const int closed[] = {1433, 1521, 2049, 2375, 2379, 3306, 3389, 5432, 5900, 6379, 9200, 11211, 27017};

	if (port < 1024)
		return port == 80 || port == 443;
	for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
		if (port == closed[i])
			return false;
	}
	return true;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
	auto_free char *x = take_part(a, part, CURLU_DEFAULT_PORT);
	auto_free char *y = take_part(b, part, CURLU_DEFAULT_PORT);

	return x && y && text_equal_nocase(x, y);
}

/* Credentials of the configured URL stay with its origin and go nowhere else (R26). */
static void keep_credentials(CURLU *from, CURLU *to)
{
	auto_free char *user = take_part(from, CURLUPART_USER, 0);
	auto_free char *password = take_part(from, CURLUPART_PASSWORD, 0);

	if (!user || !same_part(from, to, CURLUPART_SCHEME) || !same_part(from, to, CURLUPART_HOST) ||
	    !same_part(from, to, CURLUPART_PORT))
		return;
	curl_url_set(to, CURLUPART_USER, user, 0);
	curl_url_set(to, CURLUPART_PASSWORD, password, 0);
}

static const char *apply_location(CURLU *base, CURLU *target, const char *location, char *out, size_t size)
{
	auto_free char *user = NULL;
	auto_free char *url = NULL;

	curl_url_set(target, CURLUPART_USER, NULL, 0);
	curl_url_set(target, CURLUPART_PASSWORD, NULL, 0);
	if (curl_url_set(target, CURLUPART_URL, location, CURLU_NON_SUPPORT_SCHEME | CURLU_ALLOW_SPACE | CURLU_URLENCODE) != CURLUE_OK)
		return "the redirect names a URL that cannot be read";
	user = take_part(target, CURLUPART_USER, 0);
	if (user)
		return "the redirect names a URL with a user name, which is refused";
	curl_url_set(target, CURLUPART_FRAGMENT, NULL, 0);
	keep_credentials(base, target);
	url = take_part(target, CURLUPART_URL, 0);
	if (!url || strlen(url) >= size)
		return "the redirect names a URL that is too long";
	snprintf(out, size, "%s", url);
	return NULL;
}

bool url_resolve_location(CURLU *base, const char *location, char *out, size_t size, char *message, size_t message_size)
{
	const char *problem = "the redirect names no URL";
	CURLU *target = NULL;

	if (strlen(location) > LIMIT_URL_BYTES)
		problem = "the redirect names a URL that is too long";
	else if (location[0] != '\0' && (target = curl_url_dup(base)))
		problem = apply_location(base, target, location, out, size);
	if (problem)
		snprintf(message, message_size, "%s", problem);
	curl_url_cleanup(target);
	return problem == NULL;
}

bool http_same_origin(const char *a, const char *b)
{
	struct url_host x, y;
	char message[256];
	bool same = false;

	if (strcmp(a, b) == 0)
		return true;
	if (!url_host_parse(a, &x, message, sizeof message))
		return false;
	if (url_host_parse(b, &y, message, sizeof message)) {
		same = x.is_https == y.is_https && x.port == y.port && text_equal_nocase(x.host, y.host);
		url_host_done(&y);
	}
	url_host_done(&x);
	return same;
}
