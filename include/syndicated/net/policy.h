#ifndef SYNDICATED_NET_POLICY_H
#define SYNDICATED_NET_POLICY_H
/*
 * Which addresses, ports and URLs this program may contact: one policy for feeds, redirects, webhooks and discovery
 * (polling.md R98 to R107 and section 6, REL-33 to REL-37). Default deny of everything that is not public unicast;
 * networks in `allow-networks` are exempt, also from the port rule. Immutable after policy_new(); any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "syndicated/base/err.h"
#include "syndicated/model/spec.h"

struct policy;
/* Networks as "10.0.0.0/8", "::1", "fd00::/8". NULL and a message for the first that is none. */
struct policy *policy_new(const struct string_list *allow_networks, struct err *err);
struct policy *policy_free(struct policy *p);

/* True when a connection to this very socket address is allowed. *ret_reason (may be NULL) is a literal for people. */
bool policy_allows_address(const struct policy *p, const struct sockaddr *address, const char **ret_reason);
/* True when the operator named a network that holds it. */
bool policy_is_private_allowed(const struct policy *p, const struct sockaddr *address);
/* Host names refused whatever they resolve to, unless loopback is allowed: localhost, *.localhost, *.local, *.internal. */
bool policy_allows_host(const struct policy *p, const char *host, const char **ret_reason);

/* "10.0.0.0/8" well formed? For the configuration. */
bool policy_network_is_valid(const char *network);

#endif
