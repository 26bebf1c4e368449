#ifndef NET_URL_HOST_H
#define NET_URL_HOST_H
/* URL admission by libcurl's own parser, so that what was checked is what is fetched (polling.md R98). */
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "syndicated/net/resolver.h"

struct url_host {
	CURLU *parsed; /* without fragment; may hold userinfo */
	char *host; /* ASCII, without brackets */
	int port;
	bool is_https;
	bool is_literal;
	struct resolved_address literal;
};

/* False, and one sentence for people, when the URL is not one that we fetch. */
bool url_host_parse(const char *url, struct url_host *ret, char *message, size_t message_size);
void url_host_done(struct url_host *u);
/* http to https, port 80 to 443 (RFC 6797 section 8.3). */
void url_host_make_https(struct url_host *u);

/* Ports that are never asked unless the operator allowed the network (polling.md section 6). */
bool url_port_is_public(int port);

/* The absolute form of a Location (R60). False and a message when it cannot be used. */
bool url_resolve_location(CURLU *base, const char *location, char *out, size_t size, char *message, size_t message_size);

#endif
