#ifndef NET_HTTP2_TROUBLE_H
#define NET_HTTP2_TROUBLE_H
/* Hosts with which HTTP/2 fails: after some failures in a row they are asked by HTTP/1.1 for a week (polling.md R91). */
#include <stdbool.h>
#include <stdint.h>

struct http2_trouble;
struct http2_trouble *http2_trouble_new(void);
struct http2_trouble *http2_trouble_free(struct http2_trouble *t); /* NULL-safe, returns NULL */
void http2_failed(struct http2_trouble *t, const char *host_port, int64_t now_ms);
void http2_worked(struct http2_trouble *t, const char *host_port, int64_t now_ms); /* any answer; counts only while HTTP/2 is tried */
bool http2_is_avoided(const struct http2_trouble *t, const char *host_port, int64_t now_ms);

#endif
