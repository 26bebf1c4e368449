#ifndef SYNDICATED_BASE_DIGEST_H
#define SYNDICATED_BASE_DIGEST_H
/*
 * SHA-256, HMAC-SHA256, base64, hex and random bytes, by OpenSSL's libcrypto, which shows nowhere else.
 * Pure functions; any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"

#define DIGEST_BYTES 32
struct digest {
	uint8_t bytes[DIGEST_BYTES];
};

/* OpenSSL borrows its memory from then on (base/mem.h). Before anything else of it; all of this header does it by itself. */
void digest_lend_memory(void);
struct digest digest_of(const void *p, size_t len);
struct digest digest_hmac(const void *key, size_t key_len, const void *p, size_t len);

/* A running digest over several pieces. Each piece added by digest_add_field() is preceded by its length, so that ("ab","c") and ("a","bc") differ. */
struct digest_state;
struct digest_state *digest_begin(void);
void digest_add(struct digest_state *s, const void *p, size_t len);
void digest_add_field(struct digest_state *s, const char *text); /* NULL counts as a field of its own kind */
struct digest digest_end(struct digest_state *s);                /* s is no more */
struct digest digest_next(struct digest_state *s);               /* the same, and s begins anew: for many short ones in a row */

void digest_hex(const void *p, size_t len, char *out /* 2 * len + 1 */);
void digest_append_base64(struct buf *out, const void *p, size_t len); /* standard alphabet, padded */
/* Strict: standard alphabet, right padding, nothing else. Appends to out. */
must_check int digest_decode_base64(const char *text, struct buf *out);
/* Crockford base32 in lower case, no padding: for ids that people may read out. out holds (len * 8 + 4) / 5 + 1. */
void digest_base32(const void *p, size_t len, char *out);

void digest_random(void *out, size_t len); /* getrandom(2); aborts when the kernel has none */
bool digest_equal(const void *a, const void *b, size_t len); /* constant time */

#endif
