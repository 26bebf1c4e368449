/*
 * What a decision costs with a full window, and what the window costs. Items have 40 words of a vocabulary that is used
 * as words of a language are (the n-th most used one 1/n as often as the first), and a third a long body; 30 % tell a
 * story that is there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "syndicated/base/mem.h"
#include "syndicated/story.h"

enum { WORDS = 40, VOCABULARY = 200000, ROUNDS = 5000, TEXT_ROUNDS = 2000, BODY_SHINGLES = 300 };

static uint64_t state = 88172645463325252u;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 2685821657736338717u >> 16;
}

static uint32_t mix(uint64_t v)
{
	v = (v + 1) * 0x9E3779B97F4A7C15u;
	return (uint32_t)(v >> 32) | 1;
}

/* By Zipf's law: the logarithm of the rank is even. */
static uint32_t random_word(void)
{
	double u = (double)(next_random() % 1000000) / 1e6, rank = 1;

	for (double p = u * 17.6; p > 0; p -= 1)
		rank *= p >= 1 ? 2 : 1 + p;
	return mix((uint64_t)rank % VOCABULARY);
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint16_t unique(uint32_t *v, size_t n)
{
	uint16_t to = 0;

	qsort(v, n, sizeof(v[0]), by_value);
	for (size_t i = 0; i < n; i++)
		if (to == 0 || v[to - 1] != v[i])
			v[to++] = v[i];
	return to;
}

/* An item that shares two thirds of its words with the story it tells. */
static void make_item(uint64_t story, struct story_features *f)
{
	uint64_t keep = state;

	*f = (struct story_features){ .title_key = story + 1, .body_words = 300 };
	state = story * 0x9E3779B97F4A7C15u + 1;
	for (size_t i = 0; i < WORDS * 2 / 3; i++)
		f->terms[i] = random_word();
	state = keep;
	for (size_t i = WORDS * 2 / 3; i < WORDS; i++)
		f->terms[i] = random_word();
	f->n_terms = unique(f->terms, WORDS);
	for (size_t i = 0; i < f->n_terms; i++)
		f->weights[i] = (uint8_t)(20 + mix(f->terms[i]) % 40);
	for (size_t i = 0; story % 3 == 0 && i < STORY_SHINGLES; i++)
		f->shingles[i] = (uint32_t)(next_random() % (UINT32_MAX / BODY_SHINGLES * STORY_SHINGLES));
	f->n_shingles = story % 3 == 0 ? unique(f->shingles, STORY_SHINGLES) : 0;
}

static void step(struct story_index *x, int64_t id, int64_t gap_ms)
{
	struct story_features f;
	struct story_decision d;
	struct story_place p = { .item_id = id, .source_id = 1 + (int64_t)(next_random() % 2000), .time_ms = id * gap_ms };
	uint64_t recent = (uint64_t)id > 2000 ? next_random() % 2000 : 0;

	make_item(next_random() % 10 < 3 ? (uint64_t)id - recent : (uint64_t)id, &f);
	story_index_match(x, &f, p.source_id, p.time_ms, &d);
	p.story_id = d.story_id ? d.story_id : id;
	p.group_id = d.group_id;
	if (story_index_add(x, &p, &f) < 0)
		abort();
	story_index_expire(x, p.time_ms);
}

/* Microseconds a step with a window of n items, when `before` items had come and gone. */
static double cost_of(uint32_t n, int64_t before)
{
	struct story_rules rules;
	struct story_index *x;
	int64_t gap_ms, id = 1;
	double began, used;

	story_rules_default(&rules);
	gap_ms = rules.window_ms / n;
	x = story_index_new(&rules);
	for (; id <= n + before; id++)
		step(x, id, gap_ms);
	began = bench_cpu_us();
	for (int64_t end = id + ROUNDS; id < end; id++)
		step(x, id, gap_ms);
	used = (bench_cpu_us() - began) / ROUNDS;
	if (before == 0)
		bench_print("story_memory", (double)story_index_bytes(x) / (double)story_index_items(x), "bytes an item in a window", 0);
	story_index_free(x);
	return used;
}

static void bench_load(uint32_t n)
{
	struct story_rules rules;
	struct story_index *x;
	struct buf blobs = BUF_INIT(512u << 20);
	size_t *ends = mem_new_array(size_t, n + 1);
	struct story_features f;
	double began;

	story_rules_default(&rules);
	for (uint32_t i = 0; i < n; i++) {
		make_item(i, &f);
		story_features_encode(&f, &blobs);
		ends[i + 1] = blobs.len;
	}
	x = story_index_new(&rules);
	began = bench_cpu_us();
	for (uint32_t i = 0; i < n; i++) {
		const struct story_place p = { .item_id = i + 1, .source_id = 1 + i % 2000, .story_id = i + 1, .time_ms = i };

		if (story_features_decode(blobs.bytes + ends[i], ends[i + 1] - ends[i], &f) < 0 || story_index_add(x, &p, &f) < 0)
			abort();
	}
	bench_print("story_load", (bench_cpu_us() - began) / 1e3, "ms for 100000 stored items", 0);
	bench_print("story_blob", (double)blobs.len / n, "bytes an item as stored, a third of them with a long body", 0);
	story_index_free(x);
	buf_done(&blobs);
	mem_free(ends);
}

static void bench_text(void)
{
	static const struct story_text text = {
		.title = "Port authority extends repair of the northern bridge - Daily Courier", .source_title = "Daily Courier",
		.summary = "The port authority said on Monday that the repair of the bridge in the northern valley will take until autumn and "
			   "cost 14.5 million, twice as much as planned, because two pillars have to be replaced before the winter.",
	};
	struct story_features f;
	double began = bench_cpu_us();

	for (int i = 0; i < TEXT_ROUNDS; i++)
		story_features_make(&text, &f);
	bench_print("story_features", (bench_cpu_us() - began) / TEXT_ROUNDS, "us for a headline and a summary of 40 words", 0);
}

int main(void)
{
	double small = cost_of(10000, 0), full = cost_of(100000, 0);

	bench_print("story_match_10k", small, "us to decide and add, 10,000 items in the window", 0);
	bench_print("story_match_100k", full, "us to decide and add, 100,000 items in the window (reference: 10,000)", small);
	bench_print("story_match_later", cost_of(100000, 200000), "us when 200,000 more have left the window (reference: none)", full);
	bench_load(100000);
	bench_text();
	return EXIT_SUCCESS;
}
