/*
 * The HTTP server with raw bytes over real sockets: what it refuses before a handler runs (REL-50 to REL-57), answers
 * that come late, clients that go, limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/net/server.h"

enum { ANSWER_BYTES = 1 << 16, PATIENCE_MS = 3000 };

/* The server turns on a thread of its own, so that a test can simply write and read. */
struct world {
	struct loop *loop;
	struct server *server;
	pthread_t thread;
	int port;
	struct exchange *late; /* one that waits for its answer */
	struct loop_timer *timer;
	int handled;
};

static void answer_late(void *ctx)
{
	struct world *w = ctx;
	struct exchange *x = w->late;

	w->late = NULL;
	if (x)
		exchange_reply(x, 200, "text/plain", "late", 4);
}

static void handle(struct exchange *x, void *ctx)
{
	struct world *w = ctx;
	size_t len;
	const char *body = exchange_body(x, &len);

	w->handled++;
	if (strcmp(exchange_path(x), "/late") == 0) {
		w->late = x;
		loop_timer_set(w->timer, 100);
	} else if (strcmp(exchange_path(x), "/never") == 0) {
		w->late = x;
	} else if (len) {
		exchange_reply(x, 200, "text/plain", body, len);
	} else {
		exchange_reply(x, 200, "text/plain", "hello", 5);
	}
}

static void *turn(void *arg)
{
	loop_run(((struct world *)arg)->loop);
	return NULL;
}

static int bound_socket(int *ret_port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static struct world *new_world(bool allow_body, unsigned per_address, unsigned idle_s)
{
	struct world *w = mem_new(struct world);
	struct server_options o = {.allow_body = allow_body, .max_connections = 64, .max_per_address = per_address, .idle_timeout_s = idle_s};
	struct err err = {0};

	w->loop = loop_new(&err);
	w->timer = loop_timer_new(w->loop, answer_late, w);
	o.listen_fd = bound_socket(&w->port);
	w->server = server_new(w->loop, &o, handle, w, &err);
	assert_non_null(w->server);
	assert_int_equal(pthread_create(&w->thread, NULL, turn, w), 0);
	return w;
}

static void free_world(struct world *w)
{
	loop_stop(w->loop);
	(void)pthread_join(w->thread, NULL);
	server_free(w->server);
	loop_timer_free(w->timer);
	loop_free(w->loop);
	mem_free(w);
}

static int dial(const struct world *w)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)w->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Reads until the peer closes, nothing comes for wait_ms, or the buffer is full. Returns whether it was closed. */
static bool read_all(int fd, char *out, size_t size, int wait_ms)
{
	size_t n = 0;
	bool closed = false;

	while (n + 1 < size) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t got;

		if (poll(&p, 1, wait_ms) <= 0)
			break;
		got = read(fd, out + n, size - 1 - n);
		if (got <= 0) {
			closed = true;
			break;
		}
		n += (size_t)got;
	}
	out[n] = '\0';
	return closed;
}

static int status_of(const char *answer)
{
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

#define H "Host: x\r\n"
static const struct vector {
	const char *name;
	const char *bytes;
	size_t len; /* 0: strlen */
	int status; /* 0: closed without an answer is as good as 400 */
	bool must_close;
} vectors[] = {
	{"plain", "GET / HTTP/1.1\r\n" H "\r\n", 0, 200, false},
	{"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 0, 200, true},
	{"query", "GET /?a=b&c=%20 HTTP/1.1\r\n" H "\r\n", 0, 200, false},
	{"encoded path", "GET /caf%C3%A9 HTTP/1.1\r\n" H "\r\n", 0, 200, false},
	{"no Host (REL-55)", "GET / HTTP/1.1\r\n\r\n", 0, 400, true},
	{"two Hosts", "GET / HTTP/1.1\r\n" H "Host: y\r\n\r\n", 0, 400, true},
	{"two equal Hosts", "GET / HTTP/1.1\r\n" H H "\r\n", 0, 400, true},
	{"NUL in a value: libmicrohttpd cuts there, before we see it", "GET / HTTP/1.1\r\n" H "X: a\0b\r\n\r\n", 35, 200, false},
	{"NUL in the target: the same", "GET /a\0b HTTP/1.1\r\n" H "\r\n", 30, 200, false},
	{"control byte in a value", "GET / HTTP/1.1\r\n" H "X: a\x01z\r\n\r\n", 0, 400, true},
	{"DEL in a value", "GET / HTTP/1.1\r\n" H "X: a\x7fz\r\n\r\n", 0, 400, true},
	{"space in a name", "GET / HTTP/1.1\r\n" H "X Y: a\r\n\r\n", 0, 400, true},
	{"parenthesis in a name", "GET / HTTP/1.1\r\n" H "X(: a\r\n\r\n", 0, 400, true},
	{"dot dot", "GET /../etc/passwd HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"dot dot inside", "GET /feeds/../x HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"dot dot at the end", "GET /feeds/.. HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"single dot", "GET /./x HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"encoded dot dot", "GET /%2e%2E/etc HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"encoded slash dot dot", "GET /a%2f..%2fb HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"double slash", "GET //x HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"double slash inside", "GET /a//b HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"encoded NUL", "GET /a%00b HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"encoded LF", "GET /a%0ab HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"bad escape", "GET /a%zz HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"cut escape", "GET /a%2 HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"absolute form", "GET http://x/ HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"authority form", "GET x:80 HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"asterisk", "OPTIONS * HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"POST", "POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 0, 405, true},
	{"DELETE", "DELETE / HTTP/1.1\r\n" H "\r\n", 0, 405, true},
	{"unknown method", "BREW / HTTP/1.1\r\n" H "\r\n", 0, 405, true},
	{"CONNECT", "CONNECT x:1 HTTP/1.1\r\n" H "\r\n", 0, 400, true},
	{"body on GET", "GET / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello", 0, 413, true},
	{"chunked on GET", "GET / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, 413, true},
	{"both lengths", "GET / HTTP/1.1\r\n" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, 0, true},
	{"length with plus", "GET / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\nhello", 0, 0, true},
	{"negative length", "GET / HTTP/1.1\r\n" H "Content-Length: -5\r\n\r\n", 0, 0, true},
	{"garbage", "\x16\x03\x01\x02garbage\r\n\r\n", 0, 0, true},
	{"no version", "GET /\r\n\r\n", 0, 0, true},
	{"response for a request", "HTTP/1.1 200 OK\r\n\r\n", 0, 0, true},
};

static void raw_requests(void **state)
{
	struct world *w = new_world(false, 64, 10);

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		size_t len = v->len ? v->len : strlen(v->bytes);
		char answer[ANSWER_BYTES];
		int fd = dial(w), handled = w->handled;
		bool closed;

		assert_int_equal(write(fd, v->bytes, len), len);
		closed = read_all(fd, answer, sizeof(answer), v->must_close ? PATIENCE_MS : 100);
		(void)close(fd);
		if ((v->status && status_of(answer) != v->status) || (!v->status && status_of(answer) == 200) || (v->must_close && !closed))
			print_error("%s: wanted %d, got '%.60s', closed %d\n", v->name, v->status, answer, closed);
		if (v->status)
			assert_int_equal(status_of(answer), v->status);
		else
			assert_int_not_equal(status_of(answer), 200);
		assert_true(closed || !v->must_close);
		assert_int_equal(w->handled, handled + (v->status == 200));
		if (v->status == 405)
			assert_non_null(strstr(answer, "Allow: GET, HEAD"));
		if (status_of(answer) && v->status) { /* REL-57 */
			assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff"));
			assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'none'"));
			assert_null(strstr(answer, "Server:"));
		}
	}
	free_world(w);
}

/* REL-52: a head that never ends is refused at a bound, and costs no more than that. */
static void an_endless_head_is_refused(void **state)
{
	struct world *w = new_world(false, 64, 10);
	char line[1024], answer[ANSWER_BYTES];
	int fd = dial(w);
	size_t sent = 0;

	(void)state;
	memset(line, 'a', sizeof(line));
	line[1] = ':';
	line[sizeof(line) - 2] = '\r';
	line[sizeof(line) - 1] = '\n';
	(void)!write(fd, "GET / HTTP/1.1\r\nHost: x\r\n", 25);
	while (sent < (8u << 20) && send(fd, line, sizeof(line), MSG_NOSIGNAL) == (ssize_t)sizeof(line))
		sent += sizeof(line);
	assert_in_range(sent, 0, (8u << 20) - 1);
	(void)read_all(fd, answer, sizeof(answer), 500);
	assert_int_not_equal(status_of(answer), 200);
	(void)close(fd);
	free_world(w);
}

static void pipelined_and_kept_connections(void **state)
{
	static const char two[] = "GET /a HTTP/1.1\r\n" H "\r\nGET /b HTTP/1.1\r\n" H "\r\n";
	struct world *w = new_world(false, 64, 10);
	char answer[ANSWER_BYTES];
	int fd = dial(w);
	const char *second;

	(void)state;
	for (int round = 0; round < 3; round++) {
		assert_int_equal(write(fd, two, sizeof(two) - 1), sizeof(two) - 1);
		assert_false(read_all(fd, answer, sizeof(answer), 200));
		second = strstr(answer + 1, "HTTP/1.1 200");
		assert_non_null(second);
		assert_null(strstr(second + 1, "HTTP/1.1"));
	}
	(void)close(fd);
	free_world(w);
}

static void head_has_no_body(void **state)
{
	struct world *w = new_world(false, 64, 10);
	char answer[ANSWER_BYTES];
	int fd = dial(w);

	(void)state;
	(void)!write(fd, "HEAD / HTTP/1.1\r\n" H "\r\n", 28);
	(void)read_all(fd, answer, sizeof(answer), 200);
	assert_int_equal(status_of(answer), 200);
	assert_non_null(strstr(answer, "Content-Length: 5"));
	assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
	(void)close(fd);
	free_world(w);
}

static void late_answers(void **state)
{
	struct world *w = new_world(false, 64, 10);
	char answer[ANSWER_BYTES];
	int slow = dial(w), quick = dial(w);

	(void)state;
	(void)!write(slow, "GET /late HTTP/1.1\r\n" H "\r\n", 31);
	(void)usleep(20000);
	(void)!write(quick, "GET / HTTP/1.1\r\n" H "\r\n", 27);
	(void)read_all(quick, answer, sizeof(answer), 60);
	assert_non_null(strstr(answer, "hello"));
	(void)read_all(slow, answer, sizeof(answer), 300);
	assert_non_null(strstr(answer, "\r\n\r\nlate"));
	(void)close(quick);
	/* The client goes before its answer: nothing happens, and the next is served. */
	(void)!write(slow, "GET /late HTTP/1.1\r\n" H "\r\n", 31);
	(void)usleep(20000);
	(void)close(slow);
	(void)usleep(200000);
	quick = dial(w);
	(void)!write(quick, "GET / HTTP/1.1\r\n" H "\r\n", 27);
	(void)read_all(quick, answer, sizeof(answer), 100);
	assert_non_null(strstr(answer, "hello"));
	(void)close(quick);
	free_world(w);
}

/* Stopping with a connection open and an answer owed neither hangs nor crashes. */
static void stopping_with_work_open(void **state)
{
	struct world *w = new_world(false, 64, 10);
	int waiting = dial(w), idle = dial(w), half = dial(w);

	(void)state;
	(void)!write(waiting, "GET /never HTTP/1.1\r\n" H "\r\n", 32);
	(void)!write(half, "GET / HT", 8);
	(void)usleep(50000);
	free_world(w);
	(void)close(waiting);
	(void)close(idle);
	(void)close(half);
}

static void limits_of_connections_and_idleness(void **state)
{
	struct world *w = new_world(false, 4, 1);
	char answer[ANSWER_BYTES];
	int fds[6], served = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		fds[i] = dial(w);
		(void)usleep(5000);
		(void)send(fds[i], "GET / HTTP/1.1\r\n" H "\r\n", 27, MSG_NOSIGNAL);
	}
	for (int i = 0; i < 6; i++) {
		(void)read_all(fds[i], answer, sizeof(answer), 100);
		served += status_of(answer) == 200;
	}
	assert_int_equal(served, 4);
	/* An idle connection is closed after its time (1 s here), and its place is free again. */
	assert_true(read_all(fds[0], answer, sizeof(answer), PATIENCE_MS));
	for (int i = 0; i < 6; i++)
		(void)close(fds[i]);
	served = 0;
	for (int i = 0; i < 30 && !served; i++) { /* the server notices the closing in its own time */
		fds[0] = dial(w);
		(void)send(fds[0], "GET / HTTP/1.1\r\n" H "\r\n", 27, MSG_NOSIGNAL);
		(void)read_all(fds[0], answer, sizeof(answer), 100);
		served = status_of(answer) == 200;
		(void)close(fds[0]);
	}
	assert_true(served);
	free_world(w);
}

static void bodies_where_they_are_allowed(void **state)
{
	struct world *w = new_world(true, 64, 10);
	char answer[ANSWER_BYTES], head[128];
	char *big = mem_alloc_zero(1, LIMIT_REQUEST_BODY_BYTES + 2);
	int fd = dial(w);

	(void)state;
	(void)!write(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 4\r\n\r\nping", 57 - 2);
	(void)read_all(fd, answer, sizeof(answer), 200);
	assert_non_null(strstr(answer, "\r\n\r\nping"));
	(void)close(fd);
	fd = dial(w);
	memset(big, 'b', LIMIT_REQUEST_BODY_BYTES + 1);
	(void)snprintf(head, sizeof(head), "POST /echo HTTP/1.1\r\n" H "Content-Length: %u\r\n\r\n", LIMIT_REQUEST_BODY_BYTES + 1);
	(void)!write(fd, head, strlen(head));
	(void)send(fd, big, LIMIT_REQUEST_BODY_BYTES + 1, MSG_NOSIGNAL);
	(void)read_all(fd, answer, sizeof(answer), 500);
	assert_int_equal(status_of(answer), 413);
	(void)close(fd);
	mem_free(big);
	free_world(w);
}

static void addresses(void **state)
{
	static const char *const good[] = {"127.0.0.1:8780", "[::1]:8780", ":8780", "*:1", "0.0.0.0:65535", "[::]:80"};
	static const char *const bad[] = {"", "8780", "localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "::1:80", "[::1]", "x:y",
	                                  "127.0.0.1:80x", "300.1.1.1:80", "[127.0.0.1]x:80"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(server_address_is_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(server_address_is_valid(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_requests),
		cmocka_unit_test(an_endless_head_is_refused),
		cmocka_unit_test(pipelined_and_kept_connections),
		cmocka_unit_test(head_has_no_body),
		cmocka_unit_test(late_answers),
		cmocka_unit_test(stopping_with_work_open),
		cmocka_unit_test(limits_of_connections_and_idleness),
		cmocka_unit_test(bodies_where_they_are_allowed),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
