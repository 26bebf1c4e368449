#ifndef IDENTIFY_MASK_H
#define IDENTIFY_MASK_H
/*
 * Text without what changes by itself: counters, "5 minutes ago", signed and cache-busting URLs, marked advertisements.
 * Pure, linear, no allocation but that of out. Stored digests depend on it.
 */
#include "syndicated/base/buf.h"

/*
 * Appends s, which is HTML of clean/ or plain text; and to words what is left of that when numbers, markup, case of ASCII letters,
 * white space and punctuation do not count, but for the apostrophes in words. Neither gets more bytes than s has. Where one of them
 * has no room for that, both stay as they were.
 */
void mask_volatile(const char *s, struct buf *out, struct buf *words);
/* Letters and numbers alone, for titles. */
void mask_title(const char *s, size_t len, struct buf *out);
/* A URL without its query and without the parts of its path that look random. */
void mask_url(const char *s, size_t len, struct buf *out);

#endif
