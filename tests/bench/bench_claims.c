/*
 * What the schedule costs among few sources and among many: a claim of a hundred that are due, and the same hundred
 * recorded as "not modified". Arguments: the numbers of sources, by default 10000 and 1000000; each is compared with the
 * first. Directories bench-claims-* beside the caller, removed at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "../lib/store_dir.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

#define NOW_MS ((int64_t)1700000000000)
#define DAY_MS ((int64_t)86400000)

enum { CLAIM = 100, ROUNDS = 200, PER_HOST = 2, SPREAD_MS = 86400000 };

struct costs {
	double import_us, claim_us, record_us, bytes;
};

static void check(int rc, const struct err *err)
{
	if (rc < 0) {
		(void)fprintf(stderr, "bench_claims: %s\n", err->message);
		exit(EXIT_FAILURE);
	}
}

static void limit(const char *host, int64_t learned_gap_ms, struct store_host_limit *ret, void *ctx)
{
	(void)host;
	(void)learned_gap_ms;
	(void)ctx;
	*ret = (struct store_host_limit){.concurrent = 1, .gap_ms = 2000};
}

static double import(struct store *s, size_t n)
{
	struct source_spec *specs = mem_new_array(struct source_spec, n);
	const struct store_sync_rules rules = {.now_ms = NOW_MS, .due_ms = NOW_MS, .host_of = store_dir_host_of};
	struct store_sync sync;
	struct err err = {0};
	double began;

	for (size_t i = 0; i < n; i++)
		specs[i] = (struct source_spec){.url = mem_printf("https://site%zu.example/feed/%zu.xml", i / PER_HOST, i),
		                                .name = mem_printf("site%zu-%zu", i / PER_HOST, i), .poll_min_ms = 900000, .poll_max_ms = DAY_MS};
	began = bench_wall_us();
	check(store_begin(s, &err), &err);
	check(store_sync_sources(s, specs, n, &rules, &sync, &err), &err);
	check(store_commit(s, &err), &err);
	began = bench_wall_us() - began;
	for (size_t i = 0; i < n; i++) {
		mem_free(specs[i].url);
		mem_free(specs[i].name);
	}
	mem_free(specs);
	return began;
}

/* Somewhere in the coming day, so that the index is as mixed as in life. */
static void decide(const struct poll_record *r, const struct poll_effect *e, struct poll_due *ret, void *ctx)
{
	uint64_t *random = ctx;

	(void)e;
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	ret->interval_ms = (int64_t)((*random >> 33) % SPREAD_MS);
	ret->due_ms = r->ended_ms + ret->interval_ms;
	ret->reason = "bench";
	ret->items_a_day = (double)(*random >> 60);
}

static void record(struct store *s, const struct source_task *t, int64_t now, uint64_t *random)
{
	const struct store_host host = {.not_before_ms = now + 2000};
	const struct poll_record r = {.source_id = t->source_id, .outcome = POLL_NOT_MODIFIED, .started_ms = now, .ended_ms = now, .status = 304,
	                              .validators_url = t->url, .etag = "\"0123456789abcdef\"", .host = &host, .decide = decide, .ctx = random};
	struct poll_effect effect;
	struct err err = {0};

	check(store_record_poll(s, &r, &effect, &err), &err);
}

static void one_round(struct store *s, int64_t now, struct costs *c, uint64_t *random)
{
	const struct store_claim rules = {.now_ms = now, .lease_ms = 600000, .max = CLAIM, .max_late = CLAIM, .limit = limit};
	struct source_task *tasks = NULL;
	struct err err = {0};
	size_t n = 0;
	double began = bench_cpu_us(), claimed;

	check(store_begin(s, &err), &err);
	check(store_claim_due(s, &rules, &tasks, &n, &err), &err);
	check(store_commit(s, &err), &err);
	claimed = bench_cpu_us();
	check(store_begin(s, &err), &err);
	for (size_t i = 0; i < n; i++)
		record(s, &tasks[i], now, random);
	check(store_commit(s, &err), &err);
	if (n != CLAIM) {
		(void)fprintf(stderr, "bench_claims: %zu claimed, not %d\n", n, CLAIM);
		exit(EXIT_FAILURE);
	}
	c->claim_us += (claimed - began) / ROUNDS;
	c->record_us += (bench_cpu_us() - claimed) / ROUNDS / CLAIM;
	for (size_t i = 0; i < n; i++)
		source_task_done(&tasks[i]);
	mem_free(tasks);
}

static struct costs measure(size_t n)
{
	char dir[32] = "bench-claims-XXXXXX", path[64];
	struct stat file;
	struct err err = {0};
	struct store *s = mkdtemp(dir) ? store_open(dir, &err) : NULL;
	struct costs c = {0};
	uint64_t random = 1;
	int64_t step_ms = DAY_MS * CLAIM / (int64_t)n; /* a hundred come due in that time, and more */

	check(s ? 0 : ERR_IO, &err);
	c.import_us = import(s, n) / (double)n;
	for (int i = 0; i < ROUNDS / 10; i++) /* warm, and the first claims among sources that are all alike */
		one_round(s, NOW_MS + i, &(struct costs){0}, &random);
	for (int i = 0; i < ROUNDS; i++)
		one_round(s, NOW_MS + DAY_MS + i * step_ms, &c, &random);
	(void)store_close(s);
	(void)snprintf(path, sizeof(path), "%s/syndicated.db", dir);
	if (stat(path, &file) == 0)
		c.bytes = (double)file.st_size / (double)n;
	(void)store_dir_remove(dir);
	return c;
}

static void print(const char *what, size_t n, double value, const char *unit, double reference)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%s of %zu sources", what, n);
	bench_print(name, value, unit, reference);
}

int main(int argc, char **argv)
{
	static char *standard[] = {(char *)(uintptr_t)"", (char *)(uintptr_t)"10000", (char *)(uintptr_t)"1000000"};
	char **numbers = argc > 1 ? argv : standard;
	struct costs first = {0};

	for (int i = 1; i < (argc > 1 ? argc : 3); i++) {
		size_t n = (size_t)strtoul(numbers[i], NULL, 10);
		struct costs c = measure(n);

		print("claim of 100", n, c.claim_us, "us CPU", first.claim_us);
		print("schedule row of a 304", n, c.record_us, "us CPU", first.record_us);
		print("import", n, c.import_us, "us a source", first.import_us);
		print("database", n, c.bytes, "bytes a source", 0);
		if (i == 1)
			first = c;
	}
	return EXIT_SUCCESS;
}
