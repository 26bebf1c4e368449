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
#include <zlib.h>

#include "syndicated/base/limits.h"
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

static int dial(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static size_t ask(const char *method, const char *path, const char *headers, char *answer, size_t size)
{
	char *request = mem_printf("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", method, path, headers);
	int fd = dial();
	size_t n = 0;
	ssize_t got;

	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	while (n + 1 < size && (got = read(fd, answer + n, size - 1 - n)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	(void)close(fd);
	mem_free(request);
	return n;
}

static void get(const char *path, const char *headers, char *answer, size_t size)
{
	(void)ask("GET", path, headers, answer, size);
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
		/* RFC 9110 section 8.6: the length in a 304 is that of the 200. */
		assert_non_null(strstr(answer, strcmp(rows[i].etag, "\"packed\"") == 0 ? "Content-Length: 5\r\n" : "Content-Length: 18\r\n"));
		assert_int_equal(strstr(answer, "Content-Encoding: gzip") != NULL, strcmp(rows[i].body, "small") == 0);
	}
}

static size_t figures_len;

static void render_figures(struct buf *out, void *ctx)
{
	int *asked = ctx;

	++*asked;
	for (size_t i = 0; i < figures_len; i++)
		buf_append_char(out, 'x');
	buf_append_printf(out, "asked %d\n", *asked);
}

struct change {
	const char *path;
	int *figures; /* for render_figures(), in place of a document */
	const struct serve_document *document; /* NULL: remove */
	sem_t done;
};

static void apply(void *arg)
{
	struct change *c = arg;

	if (c->figures)
		serve_set_figures(serve, c->path, "text/plain; version=0.0.4", render_figures, c->figures);
	else if (c->document)
		serve_set(serve, c->path, c->document);
	else
		serve_remove(serve, c->path);
	(void)sem_post(&c->done);
}

/* The loop's functions belong to the loop's thread. */
static void do_change(struct change *c)
{
	(void)sem_init(&c->done, 0, 0);
	loop_post(loop, apply, c);
	(void)sem_wait(&c->done);
	(void)sem_destroy(&c->done);
}

static void change(const char *path, const struct serve_document *document)
{
	struct change c = {.path = path, .document = document};

	do_change(&c);
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

/* R118: what is written when it is asked for is that of now, and what is too much of it is an error. */
static void figures_are_of_now(void **state)
{
	const struct serve_document page = {.content_type = "text/plain", .bytes = "a", .len = 1, .etag = "\"a\""};
	char answer[4096];
	int asked = 0;
	struct change figures = {.path = "/metrics", .figures = &asked};

	(void)state;
	figures_len = 0;
	change("/metrics", &page);
	do_change(&figures);
	get("/metrics", "", answer, sizeof(answer));
	assert_int_equal(atoi(answer + 9), 200);
	assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4\r\n"));
	assert_string_equal(strstr(answer, "\r\n\r\n") + 4, "asked 1\n");
	get("/metrics", "If-None-Match: *\r\nAccept-Encoding: gzip\r\n", answer, sizeof(answer));
	assert_string_equal(strstr(answer, "\r\n\r\n") + 4, "asked 2\n");
	(void)ask("HEAD", "/metrics", "", answer, sizeof(answer));
	assert_non_null(strstr(answer, "Content-Length: 8\r\n"));
	assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
	figures_len = LIMIT_FIGURES_BYTES;
	get("/metrics", "", answer, sizeof(answer));
	assert_int_equal(atoi(answer + 9), 500);
	assert_null(strstr(answer, "xxx"));
	change("/metrics", &page);
	get("/metrics", "", answer, sizeof(answer));
	assert_string_equal(strstr(answer, "\r\n\r\n") + 4, "a");
}

/* RFC 9110 section 9.3.2: the head of the GET, and nothing behind it. */
static void head_is_get_without_a_body(void **state)
{
	static const struct {
		const char *path, *headers;
		int status;
		const char *length;
	} heads[] = {
		{"/feed.atom", "", 200, "Content-Length: 18\r\n"},
		{"/feed.atom", "Accept-Encoding: gzip\r\n", 200, "Content-Length: 5\r\n"},
		{"/feed.atom", "If-None-Match: \"plain\"\r\n", 304, "Content-Length: 18\r\n"},
		{"/none", "", 404, "Content-Length: 14\r\n"},
	};
	char answer[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		(void)ask("HEAD", heads[i].path, heads[i].headers, answer, sizeof(answer));
		assert_int_equal(atoi(answer + 9), heads[i].status);
		assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
		assert_non_null(strstr(answer, heads[i].length));
		assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff")); /* REL-57 */
		assert_non_null(strstr(answer, "Date: "));
	}
}

/* The length of a 304 announces nothing: the next answer on the connection follows at once. */
static void a_connection_goes_on_after_304(void **state)
{
	static const char requests[] = "GET /feed.atom HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n"
				       "HEAD /feed.atom HTTP/1.1\r\nHost: x\r\n\r\n"
				       "GET /feed.atom HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	char answer[8192], *second, *third;
	int fd = dial();
	size_t n = 0;
	ssize_t got;

	(void)state;
	assert_int_equal(write(fd, requests, sizeof(requests) - 1), sizeof(requests) - 1);
	while (n + 1 < sizeof(answer) && (got = read(fd, answer + n, sizeof(answer) - 1 - n)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	(void)close(fd);
	assert_true(strncmp(answer, "HTTP/1.1 304", 12) == 0);
	assert_non_null(second = strstr(answer, "\r\n\r\nHTTP/1.1 200"));
	assert_non_null(third = strstr(second + 4, "\r\n\r\nHTTP/1.1 200"));
	assert_string_equal(strstr(third + 4, "\r\n\r\n") + 4, "the whole document");
}

static void it_is_read_only(void **state)
{
	static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"};
	char answer[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		(void)ask(methods[i], "/feed.atom", "", answer, sizeof(answer));
		assert_int_equal(atoi(answer + 9), 405);
		assert_non_null(strstr(answer, "Allow: GET, HEAD\r\n"));
	}
	get("/feed.atom", "", answer, sizeof(answer));
	assert_int_equal(atoi(answer + 9), 200);
	assert_int_equal(serve_requests(serve), 1); /* refusals never reached us */
}

enum { BIG = 4 << 20 };

/* Text that packs well and is too big for any socket buffer. */
static char *big_text(void)
{
	char *text = mem_new_array(char, BIG + 1);

	for (size_t i = 0; i < BIG; i++)
		text[i] = (char)('a' + i / 7 % 26);
	return text;
}

static size_t pack(const char *text, char *out, size_t size)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)text, .avail_in = BIG, .next_out = (Bytef *)out, .avail_out = (uInt)size};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(deflateEnd(&z), Z_OK);
	return z.total_out;
}

static void assert_unpacks_to(const char *packed, size_t len, const char *text)
{
	char *out = mem_new_array(char, BIG + 1);
	z_stream z = {.next_in = (Bytef *)(uintptr_t)packed, .avail_in = (uInt)len, .next_out = (Bytef *)out, .avail_out = BIG + 1};

	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, BIG);
	assert_int_equal(z.avail_in, 0);
	assert_memory_equal(out, text, BIG);
	(void)inflateEnd(&z);
	mem_free(out);
}

/* The packed form is the whole document; and who asks and does not read holds nobody up (REL-51), also not a change. */
static void big_documents_and_slow_readers(void **state)
{
	static const char request[] = "GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	char *text = big_text(), *packed = mem_new_array(char, BIG), *answer = mem_new_array(char, BIG + 4096), *body;
	struct serve_document big = {.content_type = "application/atom+xml", .bytes = text, .len = BIG, .etag = "\"1\"", .gzip_etag = "\"2\""};
	int slow;
	size_t n = 0;
	ssize_t got;

	(void)state;
	big.gzip_len = pack(text, packed, BIG);
	big.gzip_bytes = packed;
	change("/big", &big);
	n = ask("GET", "/big", "Accept-Encoding: gzip\r\n", answer, BIG + 4096);
	assert_non_null(body = strstr(answer, "\r\n\r\n"));
	assert_unpacks_to(body + 4, n - (size_t)(body + 4 - answer), text);
	slow = dial();
	assert_int_equal(write(slow, request, sizeof(request) - 1), sizeof(request) - 1);
	get("/feed.atom", "", answer, BIG);
	assert_int_equal(atoi(answer + 9), 200);
	change("/big", NULL); /* what is being sent is kept until it is sent */
	get("/big", "", answer, BIG);
	assert_int_equal(atoi(answer + 9), 404);
	for (n = 0; n < BIG + 4095 && (got = read(slow, answer + n, BIG + 4095 - n)) > 0;)
		n += (size_t)got;
	answer[n] = '\0';
	(void)close(slow);
	assert_int_equal(atoi(answer + 9), 200);
	assert_non_null(body = strstr(answer, "\r\n\r\n"));
	assert_string_equal(body + 4, text);
	mem_free(text);
	mem_free(packed);
	mem_free(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(negotiation, start, stop),
		cmocka_unit_test_setup_teardown(documents_come_and_go, start, stop),
		cmocka_unit_test_setup_teardown(figures_are_of_now, start, stop),
		cmocka_unit_test_setup_teardown(head_is_get_without_a_body, start, stop),
		cmocka_unit_test_setup_teardown(a_connection_goes_on_after_304, start, stop),
		cmocka_unit_test_setup_teardown(it_is_read_only, start, stop),
		cmocka_unit_test_setup_teardown(big_documents_and_slow_readers, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
