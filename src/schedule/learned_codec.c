/*
 * The stored form of what is learned: one size, little endian, a number for the version and a sum over the rest. It lies in
 * a million rows, so what needs no more is a float; and it comes from a disk, so nothing in it is believed unseen.
 */
#include <endian.h>
#include <math.h>
#include <string.h>

#include "learn.h"

#define CODEC_VERSION 1u
#define COUNT_MAX     1e9f

enum { SUM_BYTES = 4 };

struct cursor {
	unsigned char *out;
	const unsigned char *in;
};

/* With a constant number of bytes one move of the machine: this runs with every poll. */
static inline void put(struct cursor *c, uint64_t n, size_t bytes)
{
	uint64_t little = htole64(n);

	memcpy(c->out, &little, bytes);
	c->out += bytes;
}

static inline uint64_t get(struct cursor *c, size_t bytes)
{
	uint64_t little = 0;

	memcpy(&little, c->in, bytes);
	c->in += bytes;
	return le64toh(little);
}

static void put_count(struct cursor *c, double value)
{
	float f = value > 0 ? (float)fmin(value, (double)COUNT_MAX) : 0;
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	put(c, bits, 4);
}

static bool get_count(struct cursor *c, double *ret)
{
	uint32_t bits = (uint32_t)get(c, 4);
	float f;

	memcpy(&f, &bits, sizeof(f));
	*ret = (double)f;
	return f >= 0 && f <= COUNT_MAX; /* false for NaN */
}

/* FNV-1a: a torn or foreign value of the right size is told from one of ours. */
static uint32_t sum(const unsigned char *p, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

void schedule_learned_encode(const struct schedule_learned *l, unsigned char out[SCHEDULE_LEARNED_BYTES])
{
	struct cursor c = {.out = out};

	put(&c, CODEC_VERSION, 1);
	put(&c, (uint64_t)l->at_ms, 8);
	put_count(&c, l->items);
	put_count(&c, l->exposure_days);
	put_count(&c, l->recent);
	for (int h = 0; h < 24; h++)
		put_count(&c, l->hours[h]);
	put_count(&c, l->wire_bytes);
	put(&c, (uint64_t)l->ttl_ms, 8);
	put(&c, l->skip_hours, 4);
	put(&c, l->skip_days, 2);
	put(&c, l->offers_validators, 2);
	put(&c, sum(out, SCHEDULE_LEARNED_BYTES - SUM_BYTES), SUM_BYTES);
}

bool schedule_learned_decode(const void *bytes, size_t len, struct schedule_learned *ret)
{
	struct cursor c = {.in = bytes}, end = {.in = bytes};
	struct schedule_learned l = {0};
	bool good;

	*ret = l;
	if (!bytes || len != SCHEDULE_LEARNED_BYTES)
		return false;
	end.in += SCHEDULE_LEARNED_BYTES - SUM_BYTES;
	if (get(&end, SUM_BYTES) != sum(bytes, SCHEDULE_LEARNED_BYTES - SUM_BYTES) || get(&c, 1) != CODEC_VERSION)
		return false;
	l.at_ms = (int64_t)get(&c, 8);
	good = get_count(&c, &l.items);
	good = get_count(&c, &l.exposure_days) && good;
	good = get_count(&c, &l.recent) && good;
	for (int h = 0; h < 24; h++)
		good = get_count(&c, &l.hours[h]) && good;
	good = get_count(&c, &l.wire_bytes) && good;
	l.ttl_ms = (int64_t)get(&c, 8);
	l.skip_hours = (uint32_t)get(&c, 4);
	l.skip_days = (uint32_t)get(&c, 2);
	l.offers_validators = get(&c, 2) != 0;
	if (!good || l.at_ms < 0 || l.ttl_ms < 0)
		return false;
	*ret = l;
	return true;
}

void schedule_learned_shift(struct schedule_learned *l, int64_t by_ms)
{
	if (l->at_ms == 0) /* nothing known */
		return;
	l->at_ms += by_ms;
	if (l->at_ms < 1)
		l->at_ms = 1;
}
