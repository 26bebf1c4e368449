#ifndef NET_HSTS_H
#define NET_HSTS_H
/*
 * HTTP Strict Transport Security (RFC 6797, polling.md R61): hosts that said over https that they want https only.
 * Bounded; what is full gives up the policy that ends first of some that it looks at. Its owner makes it last. One thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"

struct hsts;
struct hsts *hsts_new(size_t max_hosts);
struct hsts *hsts_free(struct hsts *h); /* NULL-safe, returns NULL */

/* A Strict-Transport-Security field of an https answer of host, which is no address. What cannot be read is ignored. */
void hsts_learn(struct hsts *h, const char *host, const char *field, int64_t now_ms);
bool hsts_covers(const struct hsts *h, const char *host, int64_t now_ms);
size_t hsts_count(const struct hsts *h);

/* True when what hsts_save() would write says something else than at the last time; an end that moved by less than a day is nothing. */
bool hsts_has_changed(const struct hsts *h);
/* Appends a line a host: "host end-in-Unix-seconds 0|1", 1 with its subdomains. */
void hsts_save(struct hsts *h, struct buf *out);
/* Takes in such lines; what is over, cannot be read or is too much is left out. */
void hsts_restore(struct hsts *h, const char *lines, int64_t now_ms);

#endif
