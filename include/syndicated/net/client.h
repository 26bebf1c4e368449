#ifndef SYNDICATED_NET_CLIENT_H
#define SYNDICATED_NET_CLIENT_H
/*
 * The one HTTP client: fetch/ and deliver/ use it. libcurl's multi interface on our loop, our resolver, our address
 * policy on the very address that is connected to. It never follows a redirect, never sends a cookie, a referrer or
 * an Authorization of its own, ignores proxy variables of the environment, verifies TLS always. Loop thread only.
 *
 * Reply bodies are counted as they come, on the wire and decoded (polling.md R109, R110); header lines and bytes too.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/loop.h"
#include "syndicated/net/policy.h"
#include "syndicated/net/resolver.h"

enum http_error {
	HTTP_DONE, /* a whole reply came; its status says the rest */
	HTTP_BLOCKED,
	HTTP_BAD_URL,
	HTTP_DNS_TEMPORARY,
	HTTP_DNS_PERMANENT,
	HTTP_CONNECT,
	HTTP_TLS_CERT,
	HTTP_TLS,
	HTTP_TIMEOUT, /* the whole time, or too slow */
	HTTP_BROKEN,  /* reset, ended early, bad framing */
	HTTP_HTTP2,
	HTTP_TOO_BIG, /* body or expansion ratio */
	HTTP_ENCODING,
	HTTP_LOCAL,
};

struct http_header {
	const char *name;
	const char *value;
};

/* All pointers are borrowed until client_start() returns, the body until the callback. */
struct http_request {
	const char *method; /* "GET" or "POST" */
	const char *url;
	const struct http_header *headers;
	size_t n_headers;
	const void *body;
	size_t body_len;
	const char *user_agent;
	int64_t timeout_ms;
	size_t max_reply_bytes;     /* decoded */
	bool cut_reply;             /* past max_reply_bytes: keep what came and call it done, instead of HTTP_TOO_BIG */
	bool accept_compressed;     /* send Accept-Encoding and decode */
};

/* Valid during the callback; the body may be taken with buf_take(). */
struct http_reply {
	enum http_error error;
	char message[512];     /* for people, when error is not HTTP_DONE; without secrets */
	int status;
	struct buf body;       /* decoded */
	int64_t wire_bytes;
	const char *location;      /* absolute form of the Location of a 3xx, or NULL */
	char location_absolute[8192 + 1];
	int64_t duration_ms;
	int64_t ended_unix_ms;
	void *headers; /* for http_reply_header() */
};

/* Last value of a header of the final response, byte for byte (polling.md R13), or NULL. Valid during the callback. */
const char *http_reply_header(const struct http_reply *r, const char *name);

typedef void http_done_cb(struct http_reply *reply, void *ctx);

struct client;
struct client_options {
	const char *ca_bundle; /* NULL: the system's file */
};
struct client *client_new(struct loop *loop, struct resolver *resolver, const struct policy *policy, const struct client_options *options,
                          struct err *err);
struct client *client_free(struct client *c); /* drops what is in flight without calling back; never waits */
/* Replaces the policy after a reload; open connections are closed when idle. The policy stays the caller's. */
void client_set_policy(struct client *c, const struct policy *policy);

/* Never calls back from within. The request may be cancelled until its callback ran. */
struct http_transfer;
struct http_transfer *client_start(struct client *c, const struct http_request *request, http_done_cb *cb, void *ctx);
void client_cancel(struct http_transfer *t);
size_t client_in_flight(const struct client *c);

#endif
