/*
 * A poll that runs out of memory (REL-73): libcurl and OpenSSL get nothing at the n-th request, once or from then on. Nothing
 * crashes, the poll ends, and it is the document or trouble of our own, never a failure of the feed's; and the next poll works,
 * with the same client. libevent is not tried: it gets its memory, or the program ends (base/loop.c).
 *
 * ALLOC_EVERY=k takes every k-th n only.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <curl/curl.h>
#include <openssl/crypto.h>

#include "../lib/tls_origin.h"
#include "memory.h"
#include "syndicated/base/digest.h"
#include "syndicated/base/mem.h"
#include "syndicated/fetch.h"

enum { KEPT_BLOCKS = 16, GIVE_UP_MS = 10000 };

#ifdef __SANITIZE_ADDRESS__
enum { EVERY = 101 };
#else
enum { EVERY = 13 };
#endif

static const struct scenario {
	const char *name, *scheme, *path, *etag;
	bool is_warm; /* a connection or a session is there already */
	enum poll_outcome outcome;
} scenarios[] = {
	{"200", "http", "/feed", NULL, false, POLL_OK},
	{"304", "http", "/feed", "\"1\"", true, POLL_NOT_MODIFIED},
	{"redirect", "http", "/moved", NULL, false, POLL_OK},
	{"https", "https", "/feed", NULL, false, POLL_OK},
	{"https, a session taken up", "https", "/feed", "\"1\"", true, POLL_NOT_MODIFIED},
};

enum { SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]) };

/* ---- the origins: processes of their own, whose memory is theirs ---- */

static struct tls_origin tls;
static struct {
	int fd, port, pid;
} plain;

static void answer_plainly(int fd)
{
	static const char feed[] = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 6\r\n\r\n<rss/>";
	static const char moved[] = "HTTP/1.1 301 Moved\r\nLocation: /feed\r\nContent-Length: 0\r\n\r\n";
	static const char same[] = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n";
	char request[4096];
	ssize_t n;

	/* One connection at a time: the next client is not kept waiting for one that does not go on. */
	while (poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 50) > 0 && (n = recv(fd, request, sizeof(request) - 1, 0)) > 0) {
		const char *reply;

		request[n] = '\0';
		reply = strncmp(request, "GET /moved", 10) == 0 ? moved : strstr(request, "If-None-Match") ? same : feed;
		(void)send(fd, reply, strlen(reply), MSG_NOSIGNAL);
	}
	(void)close(fd);
}

static void start_plain(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);

	plain.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(plain.fd >= 0 && bind(plain.fd, (struct sockaddr *)&a, len) == 0 && listen(plain.fd, 64) == 0);
	assert_int_equal(getsockname(plain.fd, (struct sockaddr *)&a, &len), 0);
	plain.port = ntohs(a.sin_port);
	plain.pid = fork();
	if (plain.pid != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;)
		answer_plainly(accept(plain.fd, NULL, NULL));
}

static int start_origins(void **state)
{
	(void)state;
	start_plain();
	tls_origin_fork(&tls, &(struct tls_origin_options){0});
	return 0;
}

static int stop_origins(void **state)
{
	(void)state;
	tls_origin_stop(&tls);
	(void)kill(plain.pid, SIGKILL);
	(void)waitpid(plain.pid, NULL, 0);
	return close(plain.fd);
}

/* ---- memory ---- */

/* What we compute ourselves has its memory, or the program ends (base/digest.h); the linker puts this in front of it. */
struct digest __real_digest_of(const void *p, size_t len);
struct digest __wrap_digest_of(const void *p, size_t len);
struct digest __wrap_digest_of(const void *p, size_t len)
{
	struct digest d;

	memory_pause(true);
	d = __real_digest_of(p, len);
	memory_pause(false);
	return d;
}

static void *curl_zero(size_t n, size_t size)
{
	void *p = memory_alloc(n * size);

	return p ? memset(p, 0, n * size) : NULL;
}

static void *ssl_alloc(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return size > 0 ? memory_alloc(size) : NULL;
}

static void ssl_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	memory_free(p);
}

static void *ssl_resize(void *p, size_t size, const char *file, int line)
{
	if (size > 0)
		return memory_resize(p, size);
	ssl_free(p, file, line);
	return NULL;
}

/* ---- a poll ---- */

struct world {
	const struct scenario *scenario;
	struct loop *loop;
	struct policy *policy;
	struct resolver *resolver;
	struct client *client;
	struct loop_timer *give_up;
	char url[128];
	enum poll_outcome outcome;
	char message[512], etag[64], final_url[128];
	int ended;
	long n;
};

static enum resolve_status here(const char *host, struct resolved_address *ret, size_t max, size_t *ret_n)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&ret[0].address;

	(void)host, (void)max;
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ret[0].len = sizeof(*in);
	*ret_n = 1;
	return RESOLVE_OK;
}

static void give_up(void *ctx)
{
	struct world *w = ctx;

	memory_stop();
	fail_msg("%s, request %ld: the poll never ends", w->scenario->name, w->n);
}

static void make_world(struct world *w, const struct scenario *s)
{
	char loopback[] = "127.0.0.0/8";
	char *items[] = {loopback};
	const struct string_list allowed = {items, 1};

	*w = (struct world){.scenario = s, .loop = loop_new(NULL), .policy = policy_new(&allowed, NULL)};
	(void)snprintf(w->url, sizeof(w->url), "%s://good.example:%d%s", s->scheme, strcmp(s->scheme, "https") == 0 ? tls.port : plain.port, s->path);
	w->resolver = resolver_new_with(w->loop, here);
	w->client = client_new(w->loop, w->resolver, w->policy, &(struct client_options){.ca_bundle = tls.ca_file}, NULL);
	w->give_up = loop_timer_new(w->loop, give_up, w);
	assert_non_null(w->client);
}

static void end_world(struct world *w)
{
	loop_timer_free(w->give_up);
	client_free(w->client);
	resolver_free(w->resolver);
	policy_free(w->policy);
	loop_free(w->loop);
}

static void take(struct fetch_result *r, void *ctx)
{
	struct world *w = ctx;

	w->outcome = r->outcome;
	(void)snprintf(w->message, sizeof(w->message), "%s", r->message ? r->message : "");
	(void)snprintf(w->etag, sizeof(w->etag), "%s", r->etag ? r->etag : "");
	(void)snprintf(w->final_url, sizeof(w->final_url), "%s", r->final_url ? r->final_url : "");
	w->ended++;
	loop_stop(w->loop);
}

static void poll_once(struct world *w)
{
	const struct fetch_request q = {.url = w->url, .user_agent = "syndicated/test", .timeout_ms = 3000, .max_bytes = 4096,
	                                .validators_url = w->scenario->etag ? w->url : NULL, .etag = w->scenario->etag};

	w->ended = 0;
	loop_timer_set(w->give_up, GIVE_UP_MS);
	assert_non_null(fetch_start(w->client, &q, take, w));
	loop_run(w->loop);
	assert_int_equal(w->ended, 1);
}

static void must_work(const struct world *w, long n, const char *when)
{
	if (w->outcome != w->scenario->outcome || strcmp(w->etag, "\"1\"") != 0 || !strstr(w->final_url, "/feed"))
		fail_msg("%s, request %ld, %s: %s: %s (%s, %s)", w->scenario->name, n, when, poll_outcome_name(w->outcome), w->message, w->etag, w->final_url);
}

/* False: there are no n requests. */
static bool run_at(const struct scenario *s, long n, bool for_good)
{
	struct world w;
	bool struck;

	make_world(&w, s);
	w.n = n;
	if (s->is_warm) {
		poll_once(&w);
		must_work(&w, n, "before");
	}
	memory_fail_at(n, for_good);
	poll_once(&w);
	struck = memory_has_failed();
	memory_stop();
	if (!struck || w.outcome != POLL_LOCAL)
		must_work(&w, n, "without memory");
	else if (strcmp(w.message, "out of memory") != 0)
		fail_msg("%s, request %ld: it says '%s'", s->name, n, w.message);
	poll_once(&w);
	must_work(&w, n, "after");
	end_world(&w);
	return struck;
}

static void at_every_n(const struct scenario *s, bool for_good)
{
	const char *said = getenv("ALLOC_EVERY");
	long every = said && strtol(said, NULL, 10) > 0 ? strtol(said, NULL, 10) : EVERY, runs = 0, held;

	(void)run_at(s, 0, false); /* what libraries do once */
	held = memory_held();
	for (long n = 1; run_at(s, n, for_good); n += every)
		runs++;
	if (memory_held() > held + KEPT_BLOCKS)
		fail_msg("%s: %ld blocks are not given back", s->name, memory_held() - held);
	print_message("# poll: %ld runs of %s\n", runs, s->name);
}

static void test_once(void **state)
{
	at_every_n(*state, false);
}

static void test_for_good(void **state)
{
	at_every_n(*state, true);
}

int main(void)
{
	static char names[2 * SCENARIOS][64];
	struct CMUnitTest tests[2 * SCENARIOS];

	digest_lend_memory(); /* ours come behind */
	assert_int_equal(CRYPTO_set_mem_functions(ssl_alloc, ssl_resize, ssl_free), 1);
	assert_int_equal(curl_global_init_mem(CURL_GLOBAL_DEFAULT, memory_alloc, memory_free, memory_resize, memory_dup, curl_zero), CURLE_OK);
	for (size_t i = 0; i < 2 * SCENARIOS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%s: nothing left %s", scenarios[i / 2].name, i % 2 ? "for good" : "once");
		tests[i] = (struct CMUnitTest){names[i], i % 2 ? test_for_good : test_once, NULL, NULL, (void *)(uintptr_t)&scenarios[i / 2]};
	}
	return cmocka_run_group_tests(tests, start_origins, stop_origins);
}
