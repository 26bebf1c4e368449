#ifndef NET_HSTS_H
#define NET_HSTS_H
/*
 * HTTP Strict Transport Security (RFC 6797, polling.md R61): hosts that said over https that they want https only.
 * Bounded; what is full gives up the policy that ends first of some that it looks at. Kept in memory only. One thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hsts;
struct hsts *hsts_new(size_t max_hosts);
struct hsts *hsts_free(struct hsts *h); /* NULL-safe, returns NULL */

/* A Strict-Transport-Security field of an https answer of host, which is no address. What cannot be read is ignored. */
void hsts_learn(struct hsts *h, const char *host, const char *field, int64_t now_ms);
bool hsts_covers(const struct hsts *h, const char *host, int64_t now_ms);
size_t hsts_count(const struct hsts *h);

#endif
