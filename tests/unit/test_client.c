/* Limits, failures and name look-ups of the HTTP client (polling.md R87 to R115), against a server that plays scripts. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "script_server.h"
#include "syndicated/base/clock.h"
#include "syndicated/net/client.h"

static atomic_int lookups;

/* "two.example" has a private address and the loopback, "one.example" the loopback. */
static enum resolve_status fake(const char *host, struct resolved_address *ret, size_t max, size_t *ret_n)
{
	static const char *const addresses[] = {"10.0.0.1", "127.0.0.1"};

	const size_t n = strcmp(host, "one.example") == 0 ? 1 : 2;

	(void)max;
	atomic_fetch_add(&lookups, 1);
	for (*ret_n = 0; *ret_n < n; (*ret_n)++) {
		struct sockaddr_in *in = (struct sockaddr_in *)(void *)&ret[*ret_n].address;
		in->sin_family = AF_INET;
		inet_pton(AF_INET, addresses[*ret_n + 2 - n], &in->sin_addr);
		ret[*ret_n].len = sizeof *in;
	}
	return RESOLVE_OK;
}

struct seen {
	struct loop *loop;
	enum http_error error;
	char message[512];
	size_t len;
	int calls;
};

static void done(struct http_reply *r, void *ctx)
{
	struct seen *s = ctx;

	s->error = r->error;
	s->len = r->body.len;
	s->calls++;
	memcpy(s->message, r->message, sizeof s->message);
	loop_stop(s->loop);
}

static struct seen get_with(const char *url, struct http_request q, bool allow)
{
	char loopback[] = "127.0.0.0/8";
	char *items[] = {loopback};
	struct string_list list = {items, allow ? 1 : 0};
	struct seen s = {.loop = loop_new(NULL)};
	struct policy *policy = policy_new(&list, NULL);
	struct resolver *resolver = resolver_new_with(s.loop, fake);
	struct client *client = client_new(s.loop, resolver, policy, NULL, NULL);
	q.method = "GET";
	q.url = url;

	client_cancel(client_start(client, &q, done, &s));
	assert_int_equal(client_in_flight(client), 0);
	client_start(client, &q, done, &s);
	assert_int_equal(s.calls, 0);
	loop_run(s.loop);
	assert_int_equal(s.calls, 1);
	client_free(client);
	resolver_free(resolver);
	policy_free(policy);
	loop_free(s.loop);
	return s;
}

static struct seen get(const char *url, int64_t timeout_ms, size_t max, bool cut, bool allow)
{
	return get_with(url, (struct http_request){.timeout_ms = timeout_ms, .max_reply_bytes = max, .cut_reply = cut}, allow);
}

static struct seen get_through(const char *url, const char *proxy, const char *login, bool allow)
{
	return get_with(url, (struct http_request){.timeout_ms = 1500, .max_reply_bytes = 1000, .proxy = proxy, .proxy_login = login}, allow);
}

static struct seen serve(const struct script *script, const char *host, size_t max, bool cut)
{
	static struct script_server server;
	char url[128];
	struct seen s;

	script_server_start(&server, script, 1);
	snprintf(url, sizeof url, "http://%s:%d/", host, server.port);
	s = get(url, 700, max, cut, true);
	script_server_stop(&server);
	return s;
}

static void test_limits(void **state)
{
	const struct script chunked = {.head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .bytes = "a\r\n0123456789\r\n", .repeat = 1000};
	const struct script flood = {.head = "HTTP/1.1 200 OK\r\n", .bytes = "X-Y: z\r\n", .repeat = 400};
	const struct script silent = {.bytes = "HTTP/1.1 200 OK\r\n", .hold_ms = 1000};
	const struct script good = {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"};
	struct seen s = serve(&chunked, "127.0.0.1", 1000, false);

	(void)state;
	assert_int_equal(s.error, HTTP_TOO_BIG); /* R109 */
	s = serve(&chunked, "127.0.0.1", 1000, true);
	assert_int_equal(s.error, HTTP_DONE);
	assert_int_equal(s.len, 1000);
	s = serve(&flood, "127.0.0.1", 1000, false);
	assert_int_equal(s.error, HTTP_TOO_BIG); /* R113 */
	s = serve(&silent, "127.0.0.1", 1000, false);
	assert_int_equal(s.error, HTTP_TIMEOUT); /* R114 */
	s = serve(&good, "two.example", 1000, false); /* R99: the private address was taken away */
	assert_int_equal(s.error, HTTP_DONE);
	assert_int_equal(s.len, 2);
	s = serve(&good, "two.example.", 1000, false); /* the pin is found with and without the last dot */
	assert_int_equal(s.error, HTTP_DONE);
}

/* R87, R105: the proxy's address is trusted, the target's is not; whatever the environment says is not. */
static void test_proxy(void **state)
{
	const struct script good = {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"};
	static const struct { const char *url, *proxy_host, *login; bool allow; enum http_error error; int asked; } rows[] = {
		{"http://8.8.8.8/feed", "127.0.0.1", NULL, false, HTTP_DONE, 1},
		{"http://8.8.8.8/feed", "two.example", "me:pw", true, HTTP_DONE, 1},
		{"http://10.0.0.1/feed", "127.0.0.1", NULL, false, HTTP_BLOCKED, 0},
		{"http://localhost/feed", "127.0.0.1", NULL, false, HTTP_BLOCKED, 0},
		{"http://8.8.8.8:22/feed", "127.0.0.1", NULL, false, HTTP_BLOCKED, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static struct script_server server;
		char proxy[64];
		struct seen s;

		script_server_start(&server, &good, 1);
		snprintf(proxy, sizeof proxy, "http://%s:%d", rows[i].proxy_host, server.port);
		s = get_through(rows[i].url, proxy, rows[i].login, rows[i].allow);
		script_server_stop(&server);
		if (s.error != rows[i].error || atomic_load(&server.n_requests) != rows[i].asked)
			fail_msg("row %zu: error %d (%s), %d requests", i, (int)s.error, s.message, atomic_load(&server.n_requests));
		if (s.error == HTTP_DONE)
			assert_non_null(strstr(server.requests[0], "GET http://8.8.8.8/feed HTTP/1.1\r\n"));
		if (s.error == HTTP_DONE)
			assert_true((strstr(server.requests[0], "\r\nProxy-Authorization: Basic bWU6cHc=\r\n") != NULL) == (rows[i].login != NULL));
	}
}

static void test_refusals(void **state)
{
	struct seen s = get("http://127.0.0.1:1025/", 500, 10, false, true);

	(void)state;
	assert_int_equal(s.error, HTTP_CONNECT);
	assert_string_equal(s.message, "connection refused by 127.0.0.1 port 1025");
	s = get("http://two.example/", 500, 10, false, false);
	assert_int_equal(s.error, HTTP_BLOCKED);
	assert_string_equal(s.message, "refused: 127.0.0.1 is a private address (loopback); add it to allow-networks to allow it");
	s = get("http://8.8.8.8:22/", 500, 10, false, false);
	assert_int_equal(s.error, HTTP_BLOCKED);
	s = get("ftp://8.8.8.8/", 500, 10, false, false);
	assert_int_equal(s.error, HTTP_BAD_URL);
}

/* ---- connections that are kept ---- */

/* Answers whatever comes, as long as it comes: with one byte on its first connection, two on the second. A process of its own. */
static pid_t serve_lasting(int *ret_port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char request[4096], answer[128];
	pid_t child;

	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof a) + listen(listener, 4) + getsockname(listener, (struct sockaddr *)&a, &len), 0);
	*ret_port = ntohs(a.sin_port);
	child = fork();
	if (child != 0) {
		(void)close(listener);
		return child;
	}
	alarm(20);
	for (int n = 1, fd; (fd = accept(listener, NULL, NULL)) >= 0; n++) {
		if (fork() != 0)
			continue;
		alarm(20);
		while (read(fd, request, sizeof request) > 0) {
			(void)snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%.*s", n, n, "123456789");
			if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
				break;
		}
		_exit(0);
	}
	_exit(0);
}

/* By a proxy, since those to private addresses are never kept. */
static size_t connection_of_next(struct client *client, const char *proxy, struct seen *s)
{
	const struct http_request q = {.method = "GET", .url = "http://8.8.8.8/feed", .proxy = proxy, .timeout_ms = 3000, .max_reply_bytes = 100};

	client_start(client, &q, done, s);
	loop_run(s->loop);
	if (s->error != HTTP_DONE)
		fail_msg("%s", s->message);
	return s->len;
}

/* R70: after a suspend no connection of before is used, and names are looked up anew; until then both are kept. */
static void test_network_changed(void **state)
{
	char loopback[] = "127.0.0.0/8", *items[] = {loopback}, proxy[64];
	struct string_list list = {items, 1};
	struct seen s = {.loop = loop_new(NULL)};
	struct policy *policy = policy_new(&list, NULL);
	struct resolver *resolver = resolver_new_with(s.loop, fake);
	struct client *client = client_new(s.loop, resolver, policy, NULL, NULL);
	int port, before = atomic_load(&lookups);
	pid_t server = serve_lasting(&port);

	(void)state;
	snprintf(proxy, sizeof proxy, "http://one.example:%d", port);
	assert_int_equal(connection_of_next(client, proxy, &s), 1);
	assert_int_equal(connection_of_next(client, proxy, &s), 1);
	assert_int_equal(atomic_load(&lookups) - before, 1);
	client_network_changed(client);
	assert_int_equal(connection_of_next(client, proxy, &s), 2);
	assert_int_equal(atomic_load(&lookups) - before, 2);
	client_free(client);
	resolver_free(resolver);
	policy_free(policy);
	loop_free(s.loop);
	assert_int_equal(kill(server, SIGKILL), 0);
	assert_int_equal(waitpid(server, NULL, 0), server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_proxy),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_network_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
