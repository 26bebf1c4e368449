#ifndef SYNDICATED_NET_UNIX_CLIENT_H
#define SYNDICATED_NET_UNIX_CLIENT_H
/* One blocking HTTP request over a Unix socket, for syndicatectl. */
#include <stdint.h>

#include "syndicated/base/buf.h"

/* 0 and status and body, or a negative error with a message for people. `body` may be NULL. */
must_check int unix_client_request(const char *socket_path, const char *method, const char *path, const char *body, int64_t timeout_ms,
                                   int *ret_status, struct buf *ret_body, struct err *err);
/* Appends s percent-encoded for use in a path segment or query value. */
void unix_client_escape(struct buf *out, const char *s);

#endif
