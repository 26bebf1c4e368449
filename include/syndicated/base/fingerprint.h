#ifndef SYNDICATED_BASE_FINGERPRINT_H
#define SYNDICATED_BASE_FINGERPRINT_H
/*
 * Whether something is the same as before: 128 bits of XXH3, which costs a tenth of SHA-256. Against accidents, not
 * against attackers: who can choose both texts could make two with one fingerprint. So it is for texts of one author,
 * where that gains nothing (decision 006); keys and ids are digests (digest.h). Fields are told apart as there.
 */
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"

#define FINGERPRINT_BYTES 16
struct fingerprint {
	uint8_t bytes[FINGERPRINT_BYTES]; /* big endian, the same on every machine */
};

struct fingerprint_state;
struct fingerprint_state *fingerprint_new(void);
/* Others than without a seed. One that is kept secret is why none can be computed elsewhere, which is not what a keyed MAC would promise. */
struct fingerprint_state *fingerprint_new_seeded(uint64_t seed);
struct fingerprint_state *fingerprint_free(struct fingerprint_state *s); /* NULL-safe, returns NULL */
void fingerprint_add(struct fingerprint_state *s, const void *p, size_t len); /* where it ends is the caller's to tell apart */
void fingerprint_add_field(struct fingerprint_state *s, const char *text); /* NULL is a field of its own kind */
struct fingerprint fingerprint_next(struct fingerprint_state *s);          /* of what was added; s begins anew */

/* Of one run of bytes. */
struct fingerprint fingerprint_of(const void *p, size_t len);

/*
 * Fields in a buf, of which fingerprint_of() is the same as of fingerprint_add_field(), for less where there is much of
 * them. One whose text is appended piece by piece begins and ends around that.
 */
enum { FINGERPRINT_PREFIX_BYTES = 8 /* stand in front of each field */ };
void fingerprint_append_field(struct buf *b, const char *text);
size_t fingerprint_begin_field(struct buf *b); /* returns what its end is to be told */
void fingerprint_end_field(struct buf *b, size_t begin);

/* 64 bits of one short run of bytes, the same on every machine: for tables whose entries may meet by accident. */
uint64_t fingerprint_short(const void *p, size_t len);

#endif
