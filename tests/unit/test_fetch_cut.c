/* A reply that ends after n bytes, for every n (REL-75, polling.md R11, R115): never a document, and never its validators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "script_server.h"
#include "syndicated/fetch.h"

enum { REPLY_BYTES = 2048 };

struct run {
	struct loop *loop;
	struct client *client;
	struct fetch_request request;
	size_t at, last; /* how many bytes the reply at hand has */
	size_t enough;   /* with so many all of the body has come, and that it has */
	char failure[256];
};

static void next(void *ctx);

static void done(struct fetch_result *r, void *ctx)
{
	struct run *run = ctx;
	bool whole = run->at >= run->enough;
	bool taken = r->outcome == POLL_OK;

	if (whole != taken || (!whole && (r->outcome != POLL_STALL && r->outcome != POLL_HTTP_PROTOCOL && r->outcome != POLL_CONNECT)) ||
	    (whole && !r->etag))
		snprintf(run->failure, sizeof run->failure, "%zu of %zu bytes: outcome %s, etag %s, \"%.80s\"", run->at, run->last,
		         poll_outcome_name(r->outcome), r->etag ? r->etag : "none", r->message ? r->message : "");
	if (run->failure[0] || run->at++ == run->last)
		loop_stop(run->loop);
	else
		loop_post(run->loop, next, run);
}

static void next(void *ctx)
{
	struct run *run = ctx;

	(void)fetch_start(run->client, &run->request, done, run);
}

static void cut_everywhere(const char *reply, size_t len, size_t enough)
{
	static struct script scripts[REPLY_BYTES + 1];
	static struct script_server server;
	char loopback[] = "127.0.0.0/8", url[64];
	char *items[] = {loopback};
	struct string_list list = {items, 1};
	struct run run = {.loop = loop_new(NULL), .at = 1, .last = len, .enough = enough};
	struct policy *policy = policy_new(&list, NULL);
	struct resolver *resolver = resolver_new(run.loop);

	assert_true(len <= REPLY_BYTES);
	for (size_t i = 0; i < len; i++)
		scripts[i] = (struct script){.bytes = reply, .len = i + 1};
	script_server_start(&server, scripts, len);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/feed", server.port);
	run.request = (struct fetch_request){.url = url, .user_agent = "syndicated/test", .timeout_ms = 5000, .max_bytes = 1 << 16};
	run.client = client_new(run.loop, resolver, policy, NULL, NULL);
	loop_post(run.loop, next, &run);
	loop_run(run.loop);
	client_free(run.client);
	resolver_free(resolver);
	policy_free(policy);
	loop_free(run.loop);
	script_server_stop(&server);
	if (run.failure[0])
		fail_msg("%s", run.failure);
}

static void fill(char *body, size_t len)
{
	memset(body, 'x', len);
	body[len] = '\0';
}

static void test_with_a_length(void **state)
{
	char body[1801], reply[REPLY_BYTES];
	int n;

	(void)state;
	fill(body, sizeof body - 1);
	n = snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"a\"\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
	             strlen(body), body);
	cut_everywhere(reply, (size_t)n, (size_t)n);
}

static void test_in_chunks(void **state)
{
	char body[401], reply[REPLY_BYTES];
	int n;

	(void)state;
	fill(body, sizeof body - 1);
	n = snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n%zx\r\n%s\r\n0\r\n\r\n",
	             strlen(body), body, strlen(body), body);
	cut_everywhere(reply, (size_t)n, (size_t)n - 1); /* but for the last line feed */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_with_a_length), cmocka_unit_test(test_in_chunks)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
