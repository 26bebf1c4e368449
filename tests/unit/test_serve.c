/* Negotiation of ready documents over a real socket: push.md A29, RFC 9110 sections 12.5.3, 13.1, 15.4.5. */
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
#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "syndicated/base/mem.h"
#include "syndicated/serve.h"

static struct loop *loop;
static struct serve *serve;
static pthread_t thread;
static int port;

static const struct serve_document feed = {
	.content_type = "application/atom+xml; charset=utf-8",
	.bytes = "the whole document",
	.len = 18,
	.gzip_bytes = "small",
	.gzip_len = 5,
	.etag = "\"plain\"",
	.gzip_etag = "\"packed\"",
	.last_modified_ms = INT64_C(1763888400000), /* Sun, 23 Nov 2025 09:00:00 GMT */
	.link = "<http://x/feed.atom>; rel=\"self\"",
};

static void *turn(void *arg)
{
	(void)arg;
	loop_run(loop);
	return NULL;
}

static int start(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct err err = {0};

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	port = ntohs(a.sin_port);
	loop = loop_new(&err);
	serve = serve_new(loop);
	assert_int_equal(serve_listen_fd(serve, fd, &err), 0);
	serve_set(serve, "/feed.atom", &feed);
	return pthread_create(&thread, NULL, turn, NULL);
}

static int stop(void **state)
{
	(void)state;
	loop_stop(loop);
	(void)pthread_join(thread, NULL);
	serve_free(serve);
	loop_free(loop);
	return 0;
}

static void get(const char *path, const char *headers, char *answer, size_t size)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char *request = mem_printf("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", path, headers);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t n = 0;
	ssize_t got;

	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	while (n + 1 < size && (got = read(fd, answer + n, size - 1 - n)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	(void)close(fd);
	mem_free(request);
}

static const struct {
	const char *headers;
	int status;
	const char *etag;
	const char *body;
} rows[] = {
	{"", 200, "\"plain\"", "the whole document"},
	{"Accept-Encoding: gzip\r\n", 200, "\"packed\"", "small"},
	{"Accept-Encoding: GZIP\r\n", 200, "\"packed\"", "small"},
	{"Accept-Encoding: br;q=1.0, gzip;q=0.2\r\n", 200, "\"packed\"", "small"},
	{"Accept-Encoding: *\r\n", 200, "\"packed\"", "small"},
	{"Accept-Encoding: gzip;q=0\r\n", 200, "\"plain\"", "the whole document"},
	{"Accept-Encoding: gzip ; q=0.000\r\n", 200, "\"plain\"", "the whole document"},
	{"Accept-Encoding: gzip;q=0.001\r\n", 200, "\"packed\"", "small"},
	{"Accept-Encoding: *;q=0\r\n", 200, "\"plain\"", "the whole document"},
	{"Accept-Encoding: gzip;q=0, *\r\n", 200, "\"plain\"", "the whole document"},
	{"Accept-Encoding: gzipped, deflate\r\n", 200, "\"plain\"", "the whole document"},
	{"Accept-Encoding: ,,;q=\r\n", 200, "\"plain\"", "the whole document"},
	{"If-None-Match: \"plain\"\r\n", 304, "\"plain\"", ""},
	{"If-None-Match: W/\"plain\"\r\n", 304, "\"plain\"", ""},
	{"If-None-Match: \"a\", \"b,c\", \"plain\"\r\n", 304, "\"plain\"", ""},
	{"If-None-Match: *\r\n", 304, "\"plain\"", ""},
	{"If-None-Match: \"packed\"\r\nAccept-Encoding: gzip\r\n", 304, "\"packed\"", ""},
	{"If-None-Match: \"plai\"\r\n", 200, "\"plain\"", "the whole document"},
	{"If-None-Match: \"plainer\"\r\n", 200, "\"plain\"", "the whole document"},
	{"If-None-Match: plain\r\n", 200, "\"plain\"", "the whole document"},
	{"If-None-Match: \"unclosed\r\n", 200, "\"plain\"", "the whole document"},
	{"If-None-Match: \"x\"\r\nIf-Modified-Since: Sun, 23 Nov 2025 09:00:00 GMT\r\n", 200, "\"plain\"", "the whole document"},
	{"If-Modified-Since: Sun, 23 Nov 2025 09:00:00 GMT\r\n", 304, "\"plain\"", ""},
	{"If-Modified-Since: Sunday, 23-Nov-25 09:00:00 GMT\r\n", 304, "\"plain\"", ""},
	{"If-Modified-Since: Sun Nov 23 09:00:00 2025\r\n", 304, "\"plain\"", ""},
	{"If-Modified-Since: Sun, 23 Nov 2025 08:59:59 GMT\r\n", 200, "\"plain\"", "the whole document"},
	{"If-Modified-Since: nonsense\r\n", 200, "\"plain\"", "the whole document"},
};

static void negotiation(void **state)
{
	char answer[4096], etag[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		get("/feed.atom", rows[i].headers, answer, sizeof(answer));
		(void)snprintf(etag, sizeof(etag), "ETag: %s\r\n", rows[i].etag);
		if (atoi(answer + 9) != rows[i].status || !strstr(answer, etag))
			print_error("row %zu '%s': %s\n", i, rows[i].headers, answer);
		assert_int_equal(atoi(answer + 9), rows[i].status);
		assert_non_null(strstr(answer, etag));
		assert_string_equal(strstr(answer, "\r\n\r\n") + 4, rows[i].body);
		assert_non_null(strstr(answer, "Vary: Accept-Encoding"));
		assert_non_null(strstr(answer, "Last-Modified: Sun, 23 Nov 2025 09:00:00 GMT"));
		assert_non_null(strstr(answer, "Link: <http://x/feed.atom>; rel=\"self\""));
		assert_int_equal(strstr(answer, "Content-Encoding: gzip") != NULL, strcmp(rows[i].body, "small") == 0);
	}
}

struct change {
	const char *path;
	const struct serve_document *document; /* NULL: remove */
	sem_t done;
};

static void apply(void *arg)
{
	struct change *c = arg;

	if (c->document)
		serve_set(serve, c->path, c->document);
	else
		serve_remove(serve, c->path);
	(void)sem_post(&c->done);
}

/* The loop's functions belong to the loop's thread. */
static void change(const char *path, const struct serve_document *document)
{
	struct change c = {.path = path, .document = document};

	(void)sem_init(&c.done, 0, 0);
	loop_post(loop, apply, &c);
	(void)sem_wait(&c.done);
	(void)sem_destroy(&c.done);
}

static void documents_come_and_go(void **state)
{
	const struct serve_document page = {.content_type = "text/html; charset=utf-8", .bytes = "<p>", .len = 3, .etag = "\"p\""};
	char answer[4096];

	(void)state;
	get("/page", "", answer, sizeof(answer));
	assert_int_equal(atoi(answer + 9), 404);
	assert_non_null(strstr(answer, "Content-Type: text/plain"));
	assert_null(strstr(answer, "/page")); /* REL-30: never echoes */
	change("/page", &page);
	get("/page", "Accept-Encoding: gzip\r\n", answer, sizeof(answer));
	assert_int_equal(atoi(answer + 9), 200);
	assert_non_null(strstr(answer, "Cache-Control: no-cache"));
	assert_non_null(strstr(answer, "style-src 'unsafe-inline'"));
	assert_null(strstr(answer, "Content-Encoding"));
	change("/page", NULL);
	get("/page", "", answer, sizeof(answer));
	assert_int_equal(atoi(answer + 9), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(negotiation, start, stop),
		cmocka_unit_test_setup_teardown(documents_come_and_go, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
