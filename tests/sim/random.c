/* MT19937 with init_by_array() of one word, which is what Python does with a small seed. */
#include "sim.h"

enum { N = 624, M = 397 };

void twister_seed(struct twister *t, uint32_t seed)
{
	uint32_t *w = t->words;
	size_t i = 1;

	w[0] = 19650218u;
	for (size_t k = 1; k < N; k++)
		w[k] = 1812433253u * (w[k - 1] ^ (w[k - 1] >> 30)) + (uint32_t)k;
	for (size_t k = 0; k < 2 * N - 1; k++) {
		uint32_t before = w[i - 1] ^ (w[i - 1] >> 30);

		w[i] = k < N ? (w[i] ^ (before * 1664525u)) + seed : (w[i] ^ (before * 1566083941u)) - (uint32_t)i;
		if (++i == N) {
			w[0] = w[N - 1];
			i = 1;
		}
	}
	w[0] = 0x80000000u;
	t->next = N;
}

static void refill(struct twister *t)
{
	uint32_t *w = t->words;

	for (size_t k = 0; k < N; k++) {
		uint32_t y = (w[k] & 0x80000000u) | (w[(k + 1) % N] & 0x7fffffffu);

		w[k] = w[(k + M) % N] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
	}
	t->next = 0;
}

static uint32_t next_word(struct twister *t)
{
	uint32_t y;

	if (t->next == N)
		refill(t);
	y = t->words[t->next++];
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return y ^ (y >> 18);
}

uint64_t twister_bits(struct twister *t)
{
	uint64_t high = next_word(t);

	return high << 32 | next_word(t);
}

double twister_unit(struct twister *t)
{
	double high = (double)(next_word(t) >> 5), low = (double)(next_word(t) >> 6);

	return (high * 67108864.0 + low) / 9007199254740992.0;
}
