/*
 * A whole 304 poll (claim, pacing, conditional GET, outcome, schedule row in a group commit) through the real poller,
 * beside a bare curl multi loop that does the same conditional GETs to the same origin in the same run (performance.md
 * goal 3). CPU of this process, all threads. Argument: number of sources (2000).
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "../../src/daemon/poller.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/net/resolver.h"
#include "syndicated/store.h"

enum { IN_FLIGHT = 64, TICK_MS = 2 };

static volatile uint64_t *answered;

/* ---- the reference ---- */

static size_t swallow(char *p, size_t size, size_t n, void *ctx)
{
	(void)p, (void)ctx;
	return size * n;
}

static void aim(CURL *e, struct curl_slist *headers, int port, unsigned i)
{
	char url[128];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/feed/%u", port, i);
	(void)curl_easy_setopt(e, CURLOPT_URL, url);
	(void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, swallow);
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
}

static double bare_loop(int port, unsigned n)
{
	struct curl_slist *headers = curl_slist_append(NULL, "If-None-Match: \"1\"");
	CURLM *multi = curl_multi_init();
	unsigned next = 0, done = 0;
	int running;
	double began = bench_cpu_us();

	for (; next < IN_FLIGHT && next < n; next++) {
		CURL *e = curl_easy_init();

		aim(e, headers, port, next);
		(void)curl_multi_add_handle(multi, e);
	}
	while (done < n) {
		CURLMsg *m;
		int left;

		(void)curl_multi_perform(multi, &running);
		while ((m = curl_multi_info_read(multi, &left))) {
			CURL *e = m->easy_handle;

			done++;
			(void)curl_multi_remove_handle(multi, e);
			if (next < n) {
				aim(e, headers, port, next++);
				(void)curl_multi_add_handle(multi, e);
			} else {
				curl_easy_cleanup(e);
			}
		}
		if (done < n)
			(void)curl_multi_poll(multi, NULL, 0, 100, NULL);
	}
	began = bench_cpu_us() - began;
	curl_multi_cleanup(multi);
	curl_slist_free_all(headers);
	return began / n;
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
	(void)fprintf(f, "state-dir: %s\ncontrol: %s/control.sock\nallow-networks: [127.0.0.0/8]\npoll: {min: 1h, max: 24h}\n"
	                 "host: {concurrent: %d, gap: 0s}\nfetch: {concurrent: %d, rate: 10000}\nsources:\n", dir, dir, IN_FLIGHT, IN_FLIGHT);
	for (unsigned i = 0; i < n; i++)
		(void)fprintf(f, "  - {url: \"http://127.0.0.1:%d/feed/%u\", name: s%u}\n", port, i, i);
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
	char name[32];
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < n; i++) {
		(void)snprintf(name, sizeof(name), "s%u", i);
		rc = store_make_due(store, name, clock_unix_ms(&clock_system), err);
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
	const struct pool_options pool = {.workers = 1, .program = "../syndicated", .argument = "--ingest-worker", .job_ms = 10000};
	char *program = mem_printf("%s/syndicated", getenv("top_builddir") ? getenv("top_builddir") : ".");
	struct pool_options options = pool;
	const struct client_options client = {0};

	options.program = program;
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

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2000;
	char dir[] = "/tmp/bench-poll-XXXXXX";
	char *config;
	struct world w = {0};
	double ours, reference, again;
	int port = bench_origin_start(&answered);

	log_init(LOG_LEVEL_WARNING);
	(void)curl_global_init(CURL_GLOBAL_ALL);
	if (!mkdtemp(dir))
		return EXIT_FAILURE;
	config = mem_printf("%s/bench.yaml", dir);
	write_config(config, dir, port, n);
	world = &w;
	start_world(&w, dir, config);
	run_until(&w, n); /* the first pass brings the validators */

	job_thread_submit(w.writer, &(struct job){make_all_due, made_due, &n});
	loop_run(w.loop);
	reference = bare_loop(port, n);
	ours = bench_cpu_us();
	run_until(&w, *answered + n);
	ours = (bench_cpu_us() - ours) / n;
	again = bare_loop(port, n);
	reference = (reference + again) / 2;
	bench_print("poll_304", ours, "us CPU a whole 304 poll (reference: bare curl loop)", reference);
	bench_origin_stop();
	(void)fflush(stdout);
	_exit(EXIT_SUCCESS);
}
