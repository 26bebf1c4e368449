/*
 * A conditional https GET through fetch/ beside a bare curl loop that does the same to the same origin in the same run:
 * a host never seen before (a whole handshake) and one that was (its session is taken up again), both with the system's
 * CA bundle to verify against (performance.md goal 3). CPU of this process; the origin is another one.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/tls_origin.h"
#include "bench.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/fetch.h"
#include "syndicated/net/resolver.h"

enum { HOSTS = 200, ROUNDS = 5 };
#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

static char bundle[128];

/* The system's bundle and our CA in one file, so that verifying is as dear as it is in real life. */
static void make_bundle(const struct tls_origin *o)
{
	char *command;

	(void)snprintf(bundle, sizeof bundle, "%s/bundle.pem", o->dir);
	command = mem_printf("cat %s %s > %s", SYSTEM_BUNDLE, o->ca_file, bundle);
	if (system(command) != 0)
		exit(EXIT_FAILURE);
	mem_free(command);
}

static size_t swallow(char *p, size_t size, size_t n, void *ctx)
{
	(void)p, (void)ctx;
	return size * n;
}

/* One at a time, as a poll of one host is; a new connection each, libcurl's own store of certificates in use. */
static double bare(const struct tls_origin *o, unsigned n)
{
	struct curl_slist *headers = curl_slist_append(NULL, "If-None-Match: \"1\"");
	CURLM *multi = curl_multi_init();
	CURL *e = curl_easy_init();
	double began = 0;

	for (unsigned i = 0; i <= n; i++) {
		char url[64];
		int running = 1;

		if (i == 1) /* the first one reads the bundle */
			began = bench_cpu_us();

		curl_easy_reset(e);
		(void)snprintf(url, sizeof url, "https://127.0.0.%u:%d/", i % HOSTS + 1, o->port);
		(void)curl_easy_setopt(e, CURLOPT_URL, url);
		(void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
		(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, swallow);
		(void)curl_easy_setopt(e, CURLOPT_CAINFO, bundle);
		(void)curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
		(void)curl_easy_setopt(e, CURLOPT_SSL_SESSIONID_CACHE, 0L);
		(void)curl_multi_add_handle(multi, e);
		while (running) {
			(void)curl_multi_perform(multi, &running);
			if (running)
				(void)curl_multi_poll(multi, NULL, 0, 100, NULL);
		}
		(void)curl_multi_remove_handle(multi, e);
	}
	began = bench_cpu_us() - began;
	curl_easy_cleanup(e);
	curl_multi_cleanup(multi);
	curl_slist_free_all(headers);
	return began / n;
}

struct world {
	struct loop *loop;
	struct policy *policy;
	struct resolver *resolver;
	struct client *client;
	const struct tls_origin *origin;
	unsigned next, end;
};

static void ask(struct world *w);

static void done(struct fetch_result *r, void *ctx)
{
	struct world *w = ctx;

	if (r->outcome != POLL_NOT_MODIFIED) {
		(void)fprintf(stderr, "bench_https: %s\n", r->message ? r->message : "");
		exit(EXIT_FAILURE);
	}
	if (++w->next < w->end)
		ask(w);
	else
		loop_stop(w->loop);
}

static void ask(struct world *w)
{
	char url[64];
	struct fetch_request q = {.url = url, .validators_url = url, .etag = "\"1\"", .user_agent = "bench", .timeout_ms = 10000, .max_bytes = 1 << 20};

	(void)snprintf(url, sizeof url, "https://127.0.0.%u:%d/", w->next + 1, w->origin->port);
	(void)fetch_start(w->client, &q, done, w);
}

static double ours(struct world *w, unsigned n)
{
	double began;

	w->next = HOSTS; /* the first one, to a host of its own, reads the bundle */
	w->end = HOSTS + 1;
	ask(w);
	loop_run(w->loop);
	began = bench_cpu_us();
	w->next = 0;
	w->end = n;
	ask(w);
	loop_run(w->loop);
	return (bench_cpu_us() - began) / n;
}

static void begin(struct world *w, const struct tls_origin *o)
{
	char loopback[] = "127.0.0.0/8";
	char *items[] = {loopback};
	struct string_list list = {items, 1};
	const struct client_options options = {.ca_bundle = bundle};
	struct err err = {0};

	*w = (struct world){.loop = loop_new(&err), .policy = policy_new(&list, &err), .origin = o};
	w->resolver = resolver_new(w->loop);
	w->client = client_new(w->loop, w->resolver, w->policy, &options, &err);
	if (!w->client) {
		(void)fprintf(stderr, "bench_https: %s\n", err.message);
		exit(EXIT_FAILURE);
	}
}

static void end(struct world *w)
{
	client_free(w->client);
	resolver_free(w->resolver);
	policy_free(w->policy);
	loop_free(w->loop);
}

static void measure(int rsa, const char *kind)
{
	const struct tls_origin_options options = {.rsa = rsa};
	double reference = 0, full = 0, resumed = 0;
	struct tls_origin o;
	char name[64];

	tls_origin_fork(&o, &options);
	make_bundle(&o);
	(void)bare(&o, HOSTS); /* the origin makes its certificates */
	for (int round = 0; round < ROUNDS; round++) {
		struct world w;

		begin(&w, &o);
		reference += bare(&o, HOSTS);
		full += ours(&w, HOSTS);
		resumed += ours(&w, HOSTS);
		if (client_figures(w.client).tls_resumed != HOSTS + 1)
			(void)fprintf(stderr, "bench_https: only %llu taken up again\n", (unsigned long long)client_figures(w.client).tls_resumed);
		end(&w);
	}
	(void)snprintf(name, sizeof name, "https_304_%s", kind);
	bench_print(name, full / ROUNDS, "us CPU a 304 over a whole handshake (reference: bare curl loop)", reference / ROUNDS);
	(void)snprintf(name, sizeof name, "https_304_resumed_%s", kind);
	bench_print(name, resumed / ROUNDS, "us CPU a 304 to a host seen before (reference: bare curl loop, whole handshake)", reference / ROUNDS);
	(void)unlink(bundle);
	tls_origin_stop(&o);
}

int main(void)
{
	log_init(LOG_LEVEL_WARNING);
	(void)curl_global_init(CURL_GLOBAL_ALL);
	measure(1, "rsa2048");
	measure(0, "p256");
	return EXIT_SUCCESS;
}
