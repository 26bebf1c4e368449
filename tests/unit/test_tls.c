/*
 * TLS as a client: sessions over many hosts, trust that is read once, certificates that are refused, against a real
 * server with a CA of its own (polling.md R93, R96, T28; performance.md section 2).
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "../../src/net/tls_sessions.h"
#include "../lib/tls_origin.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/net/client.h"

/* Time passes at once for the two clocks that we read; libcurl's own, the monotonic one, goes on as it does. */
static int64_t later_s;

int clock_gettime(clockid_t id, struct timespec *ret)
{
	int rc = (int)syscall(SYS_clock_gettime, id, ret);

	if (id == CLOCK_REALTIME || id == CLOCK_BOOTTIME)
		ret->tv_sec += later_s;
	return rc;
}

/* ---- the cache alone ---- */

static bool has(struct tls_sessions *s, const char *key, int64_t now, const char *want)
{
	struct buf out = BUF_INIT(1000);
	bool taken = tls_sessions_take(s, key, now, &out);

	if (taken)
		assert_string_equal(buf_str(&out), want);
	else
		assert_int_equal(out.len, 0);
	buf_done(&out);
	return taken;
}

static void test_cache(void **state)
{
	struct tls_sessions *s = tls_sessions_new(10, 1 << 20);

	(void)state;
	tls_sessions_put(s, "a", "ticket", 6, true, 1000);
	assert_true(has(s, "a", 999, "ticket"));
	assert_false(has(s, "a", 999, "")); /* a ticket is used once */
	tls_sessions_put(s, "a", "id", 2, false, 1000);
	assert_true(has(s, "a", 0, "id"));
	assert_true(has(s, "a", 0, "id")); /* a session of TLS 1.2 is not */
	tls_sessions_put(s, "a", "newer", 5, false, 2000);
	assert_true(has(s, "a", 1500, "newer"));
	assert_false(has(s, "a", 2000, "")); /* expired */
	assert_int_equal(tls_sessions_count(s), 0);
	tls_sessions_put(s, "b", "x", 1, false, 1000);
	tls_sessions_forget(s, "b");
	assert_false(has(s, "b", 0, ""));
	assert_int_equal(tls_sessions_bytes(s), 0);
	tls_sessions_free(s);
}

/* LIMIT_TLS_SESSIONS, LIMIT_TLS_SESSION_BYTES; and a circle longer than the cache still meets some of what is kept. */
static void test_cache_limits(void **state)
{
	struct tls_sessions *s = tls_sessions_new(100, 1 << 20);
	static char big[2 << 20];
	char key[32];
	size_t hits = 0;

	(void)state;
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 200; i++) {
			(void)snprintf(key, sizeof key, "host-%d", i);
			hits += has(s, key, 0, "t");
			tls_sessions_put(s, key, "t", 1, true, 1000);
			assert_true(tls_sessions_count(s) <= 100);
		}
	}
	assert_in_range(hits, 150, 1000); /* least recently used would be none */
	tls_sessions_free(s);
	s = tls_sessions_new(1000, 1 << 20);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(key, sizeof key, "host-%d", i);
		tls_sessions_put(s, key, big, 100000, true, 1000);
		assert_true(tls_sessions_bytes(s) <= 1 << 20);
	}
	assert_in_range(tls_sessions_count(s), 9, 10);
	tls_sessions_put(s, "too much", big, 2 << 20, true, 1000);
	assert_false(has(s, "too much", 0, ""));
	tls_sessions_free(s);
}

/* ---- the client ---- */

struct world {
	struct loop *loop;
	struct policy *policy;
	struct resolver *resolver;
	struct client *client;
	enum http_error error;
	int status;
	char message[512];
};

static enum resolve_status fake(const char *host, struct resolved_address *ret, size_t max, size_t *ret_n)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&ret[0].address;

	(void)host, (void)max;
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ret[0].len = sizeof *in;
	*ret_n = 1;
	return RESOLVE_OK;
}

static struct world begin(const char *ca_file)
{
	char loopback[] = "127.0.0.0/8";
	char *items[] = {loopback};
	struct string_list list = {items, 1};
	struct world w = {.loop = loop_new(NULL), .policy = policy_new(&list, NULL)};
	const struct client_options options = {.ca_bundle = ca_file};

	w.resolver = resolver_new_with(w.loop, fake);
	w.client = client_new(w.loop, w.resolver, w.policy, &options, NULL);
	assert_non_null(w.client);
	return w;
}

static void end(struct world *w)
{
	client_free(w->client);
	resolver_free(w->resolver);
	policy_free(w->policy);
	loop_free(w->loop);
}

static void done(struct http_reply *r, void *ctx)
{
	struct world *w = ctx;

	w->error = r->error;
	w->status = r->status;
	memcpy(w->message, r->message, sizeof w->message);
	loop_stop(w->loop);
}

static enum http_error get(struct world *w, const struct tls_origin *o, const char *host, struct http_request q)
{
	char url[128];

	(void)snprintf(url, sizeof url, "https://%s:%d/", host, o->port);
	q.method = "GET";
	q.url = url;
	q.timeout_ms = 3000;
	q.max_reply_bytes = 1 << 20;
	client_start(w->client, &q, done, w);
	loop_run(w->loop);
	if (w->error != HTTP_DONE)
		print_message("# %s: %s\n", host, w->message);
	return w->error;
}

/* Over many hosts, in both versions of TLS: the second connection of each is taken up again, as the server says. */
static void test_resumption(void **state)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		const struct tls_origin_options options = {.max_version = versions[v]};
		struct tls_origin o;
		struct world w;

		tls_origin_start(&o, &options);
		w = begin(o.ca_file);
		for (int round = 0; round < 3; round++) {
			for (int host = 1; host <= 20; host++) {
				char name[32];

				(void)snprintf(name, sizeof name, "127.0.0.%d", host);
				assert_int_equal(get(&w, &o, name, (struct http_request){0}), HTTP_DONE);
				assert_int_equal(w.status, 200);
			}
		}
		assert_int_equal(o.counts->handshakes, 60);
		assert_int_equal(o.counts->resumed, 40);
		assert_int_equal(client_figures(w.client).tls_resumed, 40);
		assert_int_equal(client_figures(w.client).tls_full, 20);
		assert_int_equal(client_figures(w.client).tls_sessions, 20);
		assert_int_equal(client_figures(w.client).trust_reads, 1); /* not once a connection: it takes 20 ms */
		end(&w);
		tls_origin_stop(&o);
	}
}

/* A session is not offered to the same host by another name, port or trust; nor once it is over. */
static void test_separation(void **state)
{
	const struct tls_origin_options plain = {0}, brief = {.ticket_s = 1};
	struct http_trust insecure = {.insecure = true}, own = {0};
	struct tls_origin o, other;
	struct world w;

	(void)state;
	tls_origin_start(&o, &plain);
	tls_origin_start(&other, &brief);
	own.ca_file = o.ca_file;
	w = begin(o.ca_file);
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){0}), HTTP_DONE);
	assert_int_equal(get(&w, &o, "good.example", (struct http_request){0}), HTTP_DONE);
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){.trust = &insecure}), HTTP_DONE);
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){.trust = &own}), HTTP_DONE);
	assert_int_equal(o.counts->resumed, 0);
	assert_int_equal(get(&w, &o, "GOOD.example", (struct http_request){0}), HTTP_DONE);
	assert_int_equal(o.counts->resumed, 1);
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){.trust = &own}), HTTP_DONE);
	assert_int_equal(o.counts->resumed, 2);
	own.ca_file = other.ca_file;
	assert_int_equal(get(&w, &other, "127.0.0.1", (struct http_request){.trust = &own}), HTTP_DONE);
	(void)usleep(1100000);
	assert_int_equal(get(&w, &other, "127.0.0.1", (struct http_request){.trust = &own}), HTTP_DONE);
	assert_int_equal(other.counts->resumed, 0);
	end(&w);
	tls_origin_stop(&o);
	tls_origin_stop(&other);
}

/* T28: what is refused, in words for people, and by which exception it is accepted (R96). */
static void test_certificates(void **state)
{
	static const struct { struct tls_origin_options o; const char *host; bool insecure; enum http_error error; const char *words; } rows[] = {
		{{0}, "127.0.0.1", false, HTTP_DONE, ""},
		{{.rsa = 1}, "good.example", false, HTTP_DONE, ""},
		{{.certificate = TLS_ORIGIN_EXPIRED}, "127.0.0.1", false, HTTP_TLS_CERT, "expired"},
		{{.certificate = TLS_ORIGIN_NOT_YET}, "127.0.0.1", false, HTTP_TLS_CERT, "not valid yet"},
		{{.certificate = TLS_ORIGIN_SELF_SIGNED}, "127.0.0.1", false, HTTP_TLS_CERT, "itself"},
		{{.certificate = TLS_ORIGIN_OTHER_CA}, "127.0.0.1", false, HTTP_TLS_CERT, "nobody that we trust"},
		{{.certificate = TLS_ORIGIN_OTHER_CA, .rsa = 1}, "127.0.0.1", false, HTTP_TLS_CERT, "nobody that we trust"},
		{{.certificate = TLS_ORIGIN_WRONG_NAME}, "127.0.0.1", false, HTTP_TLS_CERT, "not for 127.0.0.1"},
		{{0}, "evil.example", false, HTTP_TLS_CERT, "not for evil.example"},
		{{.certificate = TLS_ORIGIN_EXPIRED}, "127.0.0.1", true, HTTP_DONE, ""},
		{{.certificate = TLS_ORIGIN_SELF_SIGNED}, "other.example", true, HTTP_DONE, ""},
		{{.max_version = TLS1_VERSION, .min_version = TLS1_VERSION}, "127.0.0.1", false, HTTP_TLS, "protocol version"},
		{{.max_version = TLS1_VERSION, .min_version = TLS1_VERSION}, "127.0.0.1", true, HTTP_TLS, "protocol version"},
		{{.max_version = TLS1_2_VERSION}, "127.0.0.1", false, HTTP_DONE, ""},
		{{.want_client = 1}, "127.0.0.1", false, HTTP_BROKEN, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct http_trust insecure = {.insecure = true};
		struct tls_origin o;
		struct world w;

		tls_origin_start(&o, &rows[i].o);
		w = begin(o.ca_file);
		(void)get(&w, &o, rows[i].host, (struct http_request){.trust = rows[i].insecure ? &insecure : NULL});
		if (rows[i].error == HTTP_BROKEN ? w.error == HTTP_DONE : w.error != rows[i].error)
			fail_msg("row %zu: error %d: %s", i, (int)w.error, w.message);
		if (!strstr(w.message, rows[i].words))
			fail_msg("row %zu: says %s", i, w.message);
		if (rows[i].error != HTTP_DONE)
			assert_int_equal(o.counts->requests, 0); /* nothing was told to a server that is not believed */
		end(&w);
		tls_origin_stop(&o);
	}
}

static void test_client_certificate(void **state)
{
	const struct tls_origin_options options = {.want_client = 1};
	struct http_trust trust = {0};
	struct tls_origin o;
	struct world w;

	(void)state;
	tls_origin_start(&o, &options);
	w = begin(o.ca_file);
	trust.cert_file = o.client_file;
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){.trust = &trust}), HTTP_DONE);
	assert_int_equal(o.counts->with_client, 1);
	assert_int_not_equal(get(&w, &o, "127.0.0.1", (struct http_request){0}), HTTP_DONE); /* neither connection nor session is shared */
	assert_int_equal(o.counts->with_client, 1);
	end(&w);
	tls_origin_stop(&o);
}

/* A file of certificates that changed is read again; one source's that cannot be read is no trouble of all the others. */
static void test_trust_files(void **state)
{
	const struct tls_origin_options options = {0};
	struct http_trust trust = {.ca_file = "/nonexistent/ca.pem"};
	struct tls_origin o;
	struct world w;

	(void)state;
	tls_origin_start(&o, &options);
	w = begin(o.ca_file);
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){.trust = &trust}), HTTP_TLS);
	assert_non_null(strstr(w.message, "trusted certificates"));
	trust.ca_file = o.client_file; /* holds a certificate, but nobody who signed the server's */
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){.trust = &trust}), HTTP_TLS_CERT);
	assert_int_equal(o.counts->requests, 0);
	end(&w);
	tls_origin_stop(&o);
}

static void copy_file(const char *from, const char *to)
{
	char bytes[8192];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	size_t n;

	assert_true(in && out);
	n = fread(bytes, 1, sizeof bytes, in);
	assert_true(n > 0 && fwrite(bytes, 1, n, out) == n);
	(void)fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* LIMIT_TRUST_LOOK_MS: a file of certificates that another took the place of counts after so long, one that is broken never. */
static void test_trust_that_changes(void **state)
{
	const struct tls_origin_options options = {0};
	char path[] = "/tmp/test-tls-XXXXXX";
	struct http_trust trust = {.ca_file = path};
	struct tls_origin old, new;
	struct world w;

	(void)state;
	tls_origin_start(&old, &options);
	tls_origin_start(&new, &options);
	(void)close(mkstemp(path));
	copy_file(old.ca_file, path);
	w = begin(old.ca_file);
	assert_int_equal(get(&w, &old, "127.0.0.1", (struct http_request){.trust = &trust}), HTTP_DONE);
	assert_int_not_equal(get(&w, &new, "127.0.0.1", (struct http_request){.trust = &trust}), HTTP_DONE);
	copy_file(new.ca_file, path);
	assert_int_not_equal(get(&w, &new, "127.0.0.2", (struct http_request){.trust = &trust}), HTTP_DONE); /* not looked at yet */
	later_s += LIMIT_TRUST_LOOK_MS / 1000 + 1;
	assert_int_equal(get(&w, &new, "127.0.0.3", (struct http_request){.trust = &trust}), HTTP_DONE);
	assert_int_not_equal(get(&w, &old, "127.0.0.4", (struct http_request){.trust = &trust}), HTTP_DONE);
	assert_int_equal(truncate(path, 10), 0); /* somebody writes it just now */
	later_s += LIMIT_TRUST_LOOK_MS / 1000 + 1;
	assert_int_equal(get(&w, &new, "127.0.0.5", (struct http_request){.trust = &trust}), HTTP_DONE);
	assert_int_equal(client_figures(w.client).trust_reads, 3);
	later_s += LIMIT_TRUST_LOOK_MS / 1000 + 1; /* nothing changed: it is not read */
	assert_int_equal(get(&w, &new, "127.0.0.6", (struct http_request){.trust = &trust}), HTTP_DONE);
	assert_int_equal(client_figures(w.client).trust_reads, 3);
	(void)unlink(path);
	end(&w);
	tls_origin_stop(&new);
	tls_origin_stop(&old);
	later_s = 0;
}

/* LIMIT_TLS_SESSION_S: however long the server would take it, a session is not taken up again after a day. */
static void test_session_age(void **state)
{
	const struct tls_origin_options options = {.ticket_s = 7 * 86400};
	struct tls_origin o;
	struct world w;

	(void)state;
	tls_origin_start(&o, &options);
	w = begin(o.ca_file);
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){0}), HTTP_DONE);
	later_s += LIMIT_TLS_SESSION_S - 60;
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){0}), HTTP_DONE);
	assert_int_equal(client_figures(w.client).tls_resumed, 1);
	later_s += LIMIT_TLS_SESSION_S + 60;
	assert_int_equal(get(&w, &o, "127.0.0.1", (struct http_request){0}), HTTP_DONE);
	assert_int_equal(client_figures(w.client).tls_resumed, 1);
	assert_int_equal(client_figures(w.client).tls_full, 2);
	end(&w);
	tls_origin_stop(&o);
	later_s = 0;
}

/* Some sessions are there as objects too: taken like the bytes, and a bounded number of them. */
static void test_open_sessions(void **state)
{
	struct tls_sessions *s = tls_sessions_new(2000, 1 << 20);
	SSL_SESSION *session = SSL_SESSION_new(), *taken;
	char key[16];
	size_t n_open = 0;

	(void)state;
	assert_int_equal(SSL_SESSION_set1_id(session, (const unsigned char *)"id", 2), 1);
	tls_sessions_keep_open(s, "nobody", session);
	assert_int_equal(tls_sessions_open(s), 0);
	for (int single_use = 0; single_use < 2; single_use++) {
		tls_sessions_put(s, "a", "bytes", 5, single_use, 1000);
		assert_null(tls_sessions_take_open(s, "a", 0));
		tls_sessions_keep_open(s, "a", session);
		tls_sessions_keep_open(s, "a", session);
		assert_null(tls_sessions_take_open(s, "a", 1000));
		taken = tls_sessions_take_open(s, "a", 999);
		assert_ptr_equal(taken, session);
		SSL_SESSION_free(taken);
		assert_int_equal(tls_sessions_count(s), !single_use);
		assert_int_equal(tls_sessions_open(s), !single_use);
	}
	for (unsigned i = 0; i < LIMIT_TLS_OPEN_SESSIONS + 100; i++) {
		(void)snprintf(key, sizeof key, "%u", i);
		tls_sessions_put(s, key, "bytes", 5, false, 1000);
		tls_sessions_keep_open(s, key, session);
	}
	assert_int_equal(tls_sessions_open(s), LIMIT_TLS_OPEN_SESSIONS);
	assert_int_equal(tls_sessions_count(s), LIMIT_TLS_OPEN_SESSIONS + 100);
	for (unsigned i = 0; i < LIMIT_TLS_OPEN_SESSIONS + 100; i++) {
		(void)snprintf(key, sizeof key, "%u", i);
		taken = tls_sessions_take_open(s, key, 0);
		n_open += taken != NULL;
		SSL_SESSION_free(taken);
	}
	assert_int_equal(n_open, LIMIT_TLS_OPEN_SESSIONS);
	tls_sessions_free(s);
	SSL_SESSION_free(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cache), cmocka_unit_test(test_cache_limits), cmocka_unit_test(test_open_sessions), cmocka_unit_test(test_resumption), cmocka_unit_test(test_separation),
		cmocka_unit_test(test_certificates), cmocka_unit_test(test_client_certificate), cmocka_unit_test(test_trust_files),
		cmocka_unit_test(test_trust_that_changes), cmocka_unit_test(test_session_age),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
