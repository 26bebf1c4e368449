#ifndef SYNDICATED_NET_SERVER_H
#define SYNDICATED_NET_SERVER_H
/*
 * The one HTTP server: serve/ uses it for the public port, control/ for the Unix socket. libmicrohttpd, driven from
 * our loop through its epoll descriptor. Requests outside the grammar (no or two Hosts, NUL, a path with "..", "//" or
 * %00, a body where none is allowed) are answered 400 and closed before the handler runs (REL-50 to REL-57). Every
 * reply carries nosniff and a Content-Security-Policy. Loop thread only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/err.h"
#include "syndicated/base/loop.h"

struct server;
struct exchange; /* one request and its answer */

/* Called once the request is whole. Must answer with one exchange_reply*() now or later. */
typedef void server_handler(struct exchange *x, void *ctx);

struct server_options {
	int listen_fd;            /* bound and listening; the server owns it. See server_listen() */
	bool allow_body;          /* accept POST with a body up to LIMIT_REQUEST_BODY_BYTES; else only GET and HEAD */
	bool is_unix;             /* no per-address limit, no Host rule */
	unsigned max_connections;
	unsigned max_per_address;
	unsigned idle_timeout_s;
};

struct server *server_new(struct loop *loop, const struct server_options *options, server_handler *handler, void *ctx, struct err *err);
struct server *server_free(struct server *s); /* closes the socket and all connections; unanswered exchanges are gone */

/* A listening TCP socket for "127.0.0.1:8780", "[::1]:8780", ":8780" or "*:8780"; or a Unix socket for an absolute path
 * (a stale one is replaced, a missing directory made, mode 0660). Returns the descriptor or a negative enum error_code. */
must_check int server_listen(const char *where, struct err *err);
bool server_address_is_valid(const char *where);

/* The request. Strings live as long as the exchange. */
const char *exchange_method(const struct exchange *x);
const char *exchange_path(const struct exchange *x);
const char *exchange_header(const struct exchange *x, const char *name); /* NULL when absent */
const char *exchange_query(const struct exchange *x, const char *name);  /* decoded; NULL when absent */
const char *exchange_body(const struct exchange *x, size_t *ret_len);

/* A reply made once and sent many times: bytes are copied at making. A 304 has no bytes; its len is that of the 200 it stands for. */
struct prepared_reply;
struct server_header {
	const char *name;
	const char *value;
};
struct prepared_reply *prepared_reply_new(int status, const void *body, size_t len, const struct server_header *headers, size_t n_headers);
struct prepared_reply *prepared_reply_free(struct prepared_reply *r); /* replies being sent keep what they need */
void exchange_reply_prepared(struct exchange *x, const struct prepared_reply *r); /* only from within the handler */

/* A reply made for this request. HEAD gets no body. */
void exchange_reply(struct exchange *x, int status, const char *content_type, const void *body, size_t len);
/* Fixed text/plain for an error; never echoes input (REL-30). */
void exchange_reply_error(struct exchange *x, int status);

#endif
