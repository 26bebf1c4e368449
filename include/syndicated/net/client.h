#ifndef SYNDICATED_NET_CLIENT_H
#define SYNDICATED_NET_CLIENT_H
/*
 * The one HTTP client: fetch/ and deliver/ use it. libcurl's multi interface on our loop, our resolver, our address
 * policy on the very address that is connected to. It never follows a redirect, never sends a cookie, a referrer or
 * an Authorization of its own, ignores proxy variables of the environment, verifies TLS unless one request says
 * otherwise. Loop thread only.
 *
 * A reply's body is given as it came over the wire: who asks for compression unpacks it where foreign bytes are read
 * (the ingest worker). It is counted as it comes (polling.md R109); header lines and bytes too.
 *
 * TLS sessions of all hosts are kept in memory, so that the next handshake with a host costs half; trusted certificates
 * are read once a file (performance.md section 2).
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
	HTTP_CALM,    /* HTTP/2's way to say 429 (polling.md R91) */
	HTTP_TOO_BIG,
	HTTP_LOCAL,
};

struct http_header {
	const char *name;
	const char *value;
};

struct http_trust { /* paths */
	bool insecure;         /* believe any certificate (polling.md R96) */
	const char *ca_file;   /* trust these instead of the client's; NULL: the client's */
	const char *cert_file; /* our own certificate and its key, PEM, or NULL */
	const char *key_file;  /* NULL: it is in cert_file */
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
	size_t max_reply_bytes;     /* of the body, on the wire */
	bool cut_reply;             /* past max_reply_bytes: keep what came and call it done, instead of HTTP_TOO_BIG */
	const struct http_trust *trust; /* NULL: the client's bundle, and no certificate of ours */
	const char *proxy;          /* "http://host:port" or "socks5://host:port"; NULL: none. Its address is trusted, the URL's is not (R105) */
	const char *proxy_login;    /* "user:password" or NULL */
	bool plain_tls;             /* HTTP/1.1 and TLS 1.2 at most: for servers that failed with more */
};

/* Valid during the callback; the body may be taken with buf_take(). */
struct http_reply {
	enum http_error error;
	char message[480];     /* for people, when error is not HTTP_DONE; without secrets */
	int status;
	bool is_https;         /* it was asked so: the URL said it, or the host's own policy (HSTS) */
	struct buf body;       /* as it came: see Content-Encoding */
	int64_t wire_bytes;
	char *location;        /* absolute form of the Location of a 3xx, or NULL */
	int64_t duration_ms;
	int64_t ended_unix_ms;
	void *headers; /* for http_reply_header() */
};

/* Last value of a header of the final response, byte for byte (polling.md R13), or NULL. Valid during the callback. */
const char *http_reply_header(const struct http_reply *r, const char *name);
/* All lines of a header in one, ", " between them, for those that are lists. NULL: there is none. The caller frees it. */
char *http_reply_header_lines(const struct http_reply *r, const char *name);

typedef void http_done_cb(struct http_reply *reply, void *ctx);

/* The same scheme, host and port; false when either cannot be read. */
bool http_same_origin(const char *a, const char *b);

struct client;
struct client_options {
	const char *ca_bundle; /* NULL: the system's file */
};
struct client *client_new(struct loop *loop, struct resolver *resolver, const struct policy *policy, const struct client_options *options,
                          struct err *err);
struct client *client_free(struct client *c); /* drops what is in flight without calling back; never waits */
/* Replaces the policy after a reload; open connections are closed when idle. The policy stays the caller's. */
void client_set_policy(struct client *c, const struct policy *policy);
/*
 * After a suspend, or another change of the network: no idle connection is used again, and the resolver's answers are
 * forgotten (polling.md R70). Transfers in flight go on.
 */
void client_network_changed(struct client *c);

/*
 * Which hosts want https only (HSTS) is known to the client alone, and its owner makes it last: client_save_hsts() appends
 * it as text (at most LIMIT_HSTS_BYTES) and returns true when there is something new to save, client_restore_hsts() takes
 * such text in before the first request. Whatever the text holds is harmless.
 */
bool client_save_hsts(struct client *c, struct buf *out);
void client_restore_hsts(struct client *c, const char *text);

/* Never calls back from within. The request may be cancelled until its callback ran. */
struct http_transfer;
struct http_transfer *client_start(struct client *c, const struct http_request *request, http_done_cb *cb, void *ctx);
void client_cancel(struct http_transfer *t);
size_t client_in_flight(const struct client *c);

struct client_figures {
	uint64_t tls_full, tls_resumed;       /* handshakes since the start */
	size_t tls_sessions, tls_session_bytes; /* kept now */
	uint64_t trust_reads;                 /* how often a file of trusted certificates was read */
};
struct client_figures client_figures(const struct client *c);

#endif
