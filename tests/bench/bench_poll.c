/*
 * A whole 304 poll (claim, pacing, conditional GET, outcome, schedule row in a group commit) through the real poller,
 * beside two bare curl loops that do the same conditional GETs to the same origin in the same run (performance.md goal 3):
 * one on multi_perform, and one on multi_socket with libevent, which is that paper's reference. 64 in flight, 250 addresses,
 * a new connection each. CPU of this process, all threads; the origin is another one. The rounds alternate, and of each
 * figure the median counts. Arguments: number of sources (2000), rounds (5).
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bare_curl.h"
#include "bench.h"
#include "../../src/daemon/poller.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/net/resolver.h"
#include "syndicated/store.h"

enum { IN_FLIGHT = 64, ADDRESSES = 250, TICK_MS = 2, MAX_ROUNDS = 64 };

static volatile uint64_t *answered;

static void url_of(unsigned i, int port, char out[BARE_URL_BYTES])
{
	(void)snprintf(out, BARE_URL_BYTES, "http://127.0.1.%u:%d/feed/%u", i % ADDRESSES + 1, port, i);
}

/* ---- the poller ---- */

struct world {
	struct loop *loop;
	struct plan *plan;
	struct job_thread *writer;
	struct pool *pool;
	struct resolver *resolver;
	struct client *client;
	struct poller *poller;
	struct loop_timer *timer;
	uint64_t target;
};

static void ignore(void *ctx)
{
	(void)ctx;
}

static void look(void *ctx)
{
	struct world *w = ctx;

	if (*answered >= w->target && poller_in_flight(w->poller) == 0)
		loop_stop(w->loop);
	else
		loop_timer_set(w->timer, TICK_MS);
}

static void run_until(struct world *w, uint64_t target)
{
	w->target = target;
	loop_timer_set(w->timer, TICK_MS);
	poller_wake(w->poller);
	loop_run(w->loop);
}

static void write_config(const char *path, const char *dir, int port, unsigned n)
{
	FILE *f = fopen(path, "w");

	if (!f)
		exit(EXIT_FAILURE);
	(void)fprintf(f, "state-dir: %s\ncontrol: %s/control.sock\nallow-networks: [127.0.0.0/8]\npoll: {min: 1s, max: 24h}\n"
	                 "host: {concurrent: %d, gap: 0s}\nfetch: {concurrent: %d, rate: 10000}\nsources:\n", dir, dir, IN_FLIGHT, IN_FLIGHT);
	for (unsigned i = 0; i < n; i++) {
		char url[BARE_URL_BYTES];

		url_of(i, port, url);
		(void)fprintf(f, "  - {url: \"%s\", name: s%u}\n", url, i);
	}
	(void)fclose(f);
}

static void fail(const char *what, const struct err *err)
{
	(void)fprintf(stderr, "bench_poll: %s: %s\n", what, err->message);
	exit(EXIT_FAILURE);
}

static int make_all_due(void *store, void *arg, struct err *err)
{
	unsigned n = *(unsigned *)arg;
	struct store_wish wish;
	char name[32];
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < n; i++) {
		(void)snprintf(name, sizeof(name), "s%u", i);
		rc = store_make_due(store, name, clock_unix_ms(&clock_system), &wish, err);
	}
	return rc;
}

static struct world *world;

static void made_due(int result, const struct err *err, void *arg)
{
	(void)arg;
	if (result < 0)
		fail("make due", err);
	loop_stop(world->loop);
}

static void host_of(const char *url, char out[STORE_HOST_BYTES], void *ctx)
{
	const struct plan *plan = ctx;

	host_rules_name(plan->hosts, url, out);
}

static struct store *prepare_store(const char *dir, struct plan *plan)
{
	struct err err = {0};
	struct store_sync sync;
	const struct store_sync_rules rules = {.now_ms = clock_unix_ms(&clock_system), .due_ms = clock_unix_ms(&clock_system), .host_of = host_of,
	                                       .ctx = plan};
	struct store *store = store_open(dir, &err);

	if (!store || store_begin(store, &err) < 0 ||
	    store_sync_sources(store, plan->config->sources, plan->config->n_sources, &rules, &sync, &err) < 0 ||
	    store_commit(store, &err) < 0)
		fail("store", &err);
	return store;
}

static void start_world(struct world *w, const char *dir, const char *config)
{
	struct buf report = BUF_INIT(1 << 20);
	struct err err = {0};
	char *program = mem_printf("%s/syndicated", getenv("top_builddir") ? getenv("top_builddir") : ".");
	const struct pool_options options = {.workers = 1, .program = program, .argument = "--ingest-worker", .job_ms = 10000};
	const struct client_options client = {0};

	w->plan = plan_load(config, NULL, &report);
	if (!w->plan) {
		(void)fputs(buf_str(&report), stderr);
		exit(EXIT_FAILURE);
	}
	w->loop = loop_new(&err);
	w->pool = pool_start(w->loop, &options, &err);
	w->writer = store_thread_start(w->loop, prepare_store(dir, w->plan), &err);
	w->resolver = resolver_new(w->loop);
	w->client = client_new(w->loop, w->resolver, w->plan->policy, &client, &err);
	if (!w->pool || !w->writer || !w->client)
		fail("start", &err);
	w->timer = loop_timer_new(w->loop, look, w);
	w->poller = poller_new(&(struct poller_env){.loop = w->loop, .clock = &clock_system, .writer = w->writer, .client = w->client,
	                                            .pool = w->pool, .log_grew = ignore, .idle = ignore},
	                       w->plan);
	buf_done(&report);
}

/* ---- the rounds ---- */

struct figures {
	double whole[MAX_ROUNDS], loop[MAX_ROUNDS], perform[MAX_ROUNDS], socket[MAX_ROUNDS];
	double to_perform[MAX_ROUNDS], to_socket[MAX_ROUNDS];
};

static double loop_cpu_us(void)
{
	struct rusage r;

	(void)getrusage(RUSAGE_THREAD, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

/* A function of its own, so that a profiler can be told to count it alone. */
static void __attribute__((noinline)) poll_all(struct world *w, uint64_t target)
{
	run_until(w, target);
}

static void measure(struct world *w, unsigned n, int port, struct figures *f, unsigned round)
{
	const struct bare_job job = {.url_of = url_of, .port = port, .n = n, .in_flight = IN_FLIGHT};
	double whole, loop;
	uint64_t target;

	f->perform[round] = bare_perform_us(&job);
	f->socket[round] = bare_socket_us(&job);
	target = *answered + n; /* some may begin as soon as they are due */
	job_thread_submit(w->writer, &(struct job){.run = make_all_due, .done = made_due, .arg = &n});
	loop_run(w->loop);
	whole = bench_cpu_us();
	loop = loop_cpu_us();
	poll_all(w, target);
	f->whole[round] = (bench_cpu_us() - whole) / n;
	f->loop[round] = (loop_cpu_us() - loop) / n;
	f->to_perform[round] = f->whole[round] / f->perform[round];
	f->to_socket[round] = f->whole[round] / f->socket[round];
}

static int smaller_first(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), smaller_first);
	return values[n / 2];
}

static void print(struct figures *f, unsigned rounds)
{
	double whole = median(f->whole, rounds);

	bench_print("poll_304", whole, "us CPU a whole 304 poll, median (reference: bare curl loop, multi_perform)", median(f->perform, rounds));
	bench_print("poll_304_to_socket_loop", whole, "us CPU the same (reference: bare curl loop, multi_socket on libevent)", median(f->socket, rounds));
	bench_print("poll_304_loop_thread", median(f->loop, rounds), "us CPU of it on the loop's thread", 0);
	bench_print("poll_304_ratio", median(f->to_perform, rounds), "median of the rounds' ratios to multi_perform", 0);
	bench_print("poll_304_ratio_socket", median(f->to_socket, rounds), "median of the rounds' ratios to multi_socket", 0);
	bench_print("poll_304_ratio_min", f->to_perform[0], "smallest of the rounds' ratios to multi_perform", 0);
	bench_print("poll_304_ratio_socket_min", f->to_socket[0], "smallest of the rounds' ratios to multi_socket", 0);
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2000;
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 5;
	char dir[] = "/tmp/bench-poll-XXXXXX";
	static struct figures figures;
	char *config;
	struct world w = {0};
	int port = bench_origin_start(&answered);

	if (rounds < 1 || rounds > MAX_ROUNDS)
		return EXIT_FAILURE;
	log_init(LOG_LEVEL_WARNING);
	(void)curl_global_init(CURL_GLOBAL_ALL);
	if (!mkdtemp(dir))
		return EXIT_FAILURE;
	config = mem_printf("%s/bench.yaml", dir);
	write_config(config, dir, port, n);
	world = &w;
	start_world(&w, dir, config);
	run_until(&w, n); /* the first pass brings the validators */
	for (unsigned round = 0; round < rounds; round++)
		measure(&w, n, port, &figures, round);
	print(&figures, rounds);
	bench_origin_stop();
	(void)fflush(stdout);
	_exit(EXIT_SUCCESS);
}
