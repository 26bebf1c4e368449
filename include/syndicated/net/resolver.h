#ifndef SYNDICATED_NET_RESOLVER_H
#define SYNDICATED_NET_RESOLVER_H
/*
 * Names to addresses, in a bounded pool of threads that call getaddrinfo (polling.md 5.1 says why not curl's own).
 * One look-up in flight a name; answers cached 5 min, temporary failures 60 s, "no such name" 30 min. All functions
 * and callbacks are the loop thread's. A request gives up after LIMIT_RESOLVE_MS; the thread is left to finish.
 */
#include <stdint.h>
#include <stddef.h>
#include <sys/socket.h>

#include "syndicated/base/loop.h"

enum resolve_status { RESOLVE_OK, RESOLVE_NO_SUCH_NAME, RESOLVE_TEMPORARY, RESOLVE_TIMEOUT, RESOLVE_BUSY };

struct resolved_address {
	struct sockaddr_storage address; /* port is 0 */
	socklen_t len;
};

/* The addresses are valid during the call only. Never called from within resolver_start(). */
typedef void resolver_cb(enum resolve_status status, const struct resolved_address *addresses, size_t n, const char *message, void *ctx);

struct resolver;
struct resolver *resolver_new(struct loop *loop);
/* The same with another look-up than getaddrinfo, for tests. It runs on a thread of the pool, for at most LIMIT_RESOLVED_ADDRESSES. */
typedef enum resolve_status resolver_lookup(const char *host, struct resolved_address *ret, size_t max, size_t *ret_n);
struct resolver *resolver_new_with(struct loop *loop, resolver_lookup *lookup);
struct resolver *resolver_free(struct resolver *r); /* does not wait for a thread in getaddrinfo; pending callbacks are dropped */

struct resolve_request;
struct resolve_request *resolver_start(struct resolver *r, const char *host, resolver_cb *cb, void *ctx);
void resolver_cancel(struct resolve_request *q); /* the callback will not be called */
void resolver_flush(struct resolver *r); /* forget cached answers */

#endif
