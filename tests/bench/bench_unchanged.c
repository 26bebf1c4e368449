/*
 * A 200 whose packed body is last time's, through fetch/, beside the path of a body that is new: the same fetch, then
 * unpack, parse, clean and identify (performance.md goal 4). CPU of this process; the origin is another one.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "bench.h"
#include "feeds.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/fetch.h"
#include "syndicated/ingest.h"
#include "syndicated/net/resolver.h"

enum { N = 400 };

static struct buf reply = {.max_bytes = 1 << 20};

static void make_reply(void)
{
	struct feed_set set = {0};
	z_stream z = {0};
	struct buf packed = BUF_INIT(1 << 20);

	feed_set_generate(&set, 1);
	(void)deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	z.next_in = (Bytef *)set.files[0].bytes;
	z.avail_in = (uInt)set.files[0].len;
	z.next_out = (Bytef *)buf_reserve(&packed, 1 << 19);
	z.avail_out = 1 << 19;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		exit(EXIT_FAILURE);
	buf_grew(&packed, z.total_out);
	(void)deflateEnd(&z);
	buf_append_printf(&reply, "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n"
	                          "Connection: close\r\n\r\n", packed.len);
	buf_append(&reply, packed.bytes, packed.len);
	buf_done(&packed);
	feed_set_done(&set);
}

static int start_origin(pid_t *ret_pid)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char request[4096];

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 64) != 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		exit(EXIT_FAILURE);
	*ret_pid = fork();
	if (*ret_pid != 0)
		return ntohs(a.sin_port);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;) {
		int c = accept(fd, NULL, NULL);

		if (read(c, request, sizeof request) > 0)
			(void)!write(c, reply.bytes, reply.len);
		(void)close(c);
	}
}

struct world {
	struct loop *loop;
	struct client *client;
	char url[64];
	struct digest digest;
	bool has_digest;
	unsigned left;
	size_t items;
};

static void ask(struct world *w);

static void read_body(struct world *w, struct fetch_result *r)
{
	const struct ingest_request request = {.url = w->url, .content_type = r->content_type, .content_encoding = r->content_encoding,
	                                       .bytes = r->body.bytes, .len = r->body.len};
	struct feed_document *d = NULL;
	struct err err = {0};

	if (ingest_run(&request, &d, &err) != INGEST_OK)
		exit(EXIT_FAILURE);
	w->items += d->n_items;
	feed_document_free(d);
}

static void done(struct fetch_result *r, void *ctx)
{
	struct world *w = ctx;

	if (r->outcome != (w->has_digest ? POLL_UNCHANGED : POLL_OK)) {
		(void)fprintf(stderr, "bench_unchanged: %s %s\n", poll_outcome_name(r->outcome), r->message ? r->message : "");
		exit(EXIT_FAILURE);
	}
	w->digest = r->body_digest;
	if (r->outcome == POLL_OK)
		read_body(w, r);
	if (--w->left > 0)
		ask(w);
	else
		loop_stop(w->loop);
}

static void ask(struct world *w)
{
	const struct fetch_request q = {.url = w->url, .user_agent = "bench", .timeout_ms = 10000, .max_bytes = 1 << 20,
	                                .has_body_digest = w->has_digest, .body_digest = w->digest};

	(void)fetch_start(w->client, &q, done, w);
}

static double run(struct world *w, bool unchanged)
{
	double began = bench_cpu_us();

	w->has_digest = unchanged;
	w->left = N;
	ask(w);
	loop_run(w->loop);
	return (bench_cpu_us() - began) / N;
}

int main(void)
{
	char loopback[] = "127.0.0.0/8";
	char *items[] = {loopback};
	struct string_list list = {items, 1};
	struct world w = {0};
	struct policy *policy = policy_new(&list, NULL);
	struct resolver *resolver;
	double parse, unchanged;
	pid_t origin;

	log_init(LOG_LEVEL_WARNING);
	make_reply();
	(void)snprintf(w.url, sizeof w.url, "http://127.0.0.1:%d/", start_origin(&origin));
	ingest_init();
	w.loop = loop_new(NULL);
	resolver = resolver_new(w.loop);
	w.client = client_new(w.loop, resolver, policy, NULL, NULL);
	(void)run(&w, false);
	parse = run(&w, false);
	unchanged = run(&w, true);
	parse = (parse + run(&w, false)) / 2;
	bench_print("fetch_200_unchanged_gzip", unchanged, "us CPU a 200 with last time's packed body (reference: fetch and ingest of a new one)", parse);
	client_free(w.client);
	resolver_free(resolver);
	policy_free(policy);
	loop_free(w.loop);
	(void)kill(origin, SIGKILL);
	(void)waitpid(origin, NULL, 0);
	buf_done(&reply);
	return EXIT_SUCCESS;
}
