#include "syndicated/base/fingerprint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "syndicated/base/mem.h"

_Static_assert(sizeof(XXH128_canonical_t) == FINGERPRINT_BYTES, "a fingerprint is XXH3's 128 bits");

static const uint64_t NO_TEXT = UINT64_MAX; /* no text has this length, so that NULL differs from every one */

struct fingerprint_state {
	XXH3_state_t *xxh3;
	uint64_t seed;
};

static void begin(struct fingerprint_state *s)
{
	(void)XXH3_128bits_reset_withSeed(s->xxh3, s->seed);
}

struct fingerprint_state *fingerprint_new_seeded(uint64_t seed)
{
	struct fingerprint_state *s = mem_new(struct fingerprint_state);

	s->xxh3 = XXH3_createState(); /* it is aligned, which only the library knows */
	if (!s->xxh3) {
		fputs("syndicated: out of memory for a hash; stopping\n", stderr);
		abort();
	}
	s->seed = seed;
	begin(s);
	return s;
}

struct fingerprint_state *fingerprint_new(void)
{
	return fingerprint_new_seeded(0);
}

struct fingerprint_state *fingerprint_free(struct fingerprint_state *s)
{
	if (!s)
		return NULL;
	(void)XXH3_freeState(s->xxh3);
	mem_free(s);
	return NULL;
}

void fingerprint_add(struct fingerprint_state *s, const void *p, size_t len)
{
	(void)XXH3_128bits_update(s->xxh3, p, len);
}

static void write_length(uint64_t len, void *out)
{
	uint8_t *prefix = out;

	for (unsigned i = 0; i < FINGERPRINT_PREFIX_BYTES; i++)
		prefix[i] = (uint8_t)(len >> (8 * i));
}

void fingerprint_add_field(struct fingerprint_state *s, const char *text)
{
	uint64_t len = text ? strlen(text) : NO_TEXT;
	uint8_t prefix[FINGERPRINT_PREFIX_BYTES];

	write_length(len, prefix);
	(void)XXH3_128bits_update(s->xxh3, prefix, sizeof(prefix));
	if (text)
		(void)XXH3_128bits_update(s->xxh3, text, (size_t)len);
}

size_t fingerprint_begin_field(struct buf *b)
{
	if (buf_reserve(b, FINGERPRINT_PREFIX_BYTES))
		buf_grew(b, FINGERPRINT_PREFIX_BYTES);
	return b->len;
}

void fingerprint_end_field(struct buf *b, size_t begin)
{
	if (!b->error)
		write_length(b->len - begin, b->bytes + begin - FINGERPRINT_PREFIX_BYTES);
}

void fingerprint_append_field(struct buf *b, const char *text)
{
	size_t begin = fingerprint_begin_field(b);

	if (text)
		buf_append_str(b, text);
	if (!b->error)
		write_length(text ? b->len - begin : NO_TEXT, b->bytes + begin - FINGERPRINT_PREFIX_BYTES);
}

static struct fingerprint from_hash(XXH128_hash_t hash)
{
	XXH128_canonical_t canonical;
	struct fingerprint f;

	XXH128_canonicalFromHash(&canonical, hash);
	memcpy(f.bytes, canonical.digest, sizeof(f.bytes));
	return f;
}

struct fingerprint fingerprint_next(struct fingerprint_state *s)
{
	struct fingerprint f = from_hash(XXH3_128bits_digest(s->xxh3));

	begin(s);
	return f;
}

struct fingerprint fingerprint_of(const void *p, size_t len)
{
	return from_hash(XXH3_128bits(p, len));
}

uint64_t fingerprint_short(const void *p, size_t len)
{
	return XXH3_64bits(p, len);
}
