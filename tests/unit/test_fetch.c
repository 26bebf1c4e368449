/* Conditional requests and redirects on the wire (polling.md 2a, 2b, 2d), against a server that plays scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "script_server.h"
#include "syndicated/base/clock.h"
#include "syndicated/fetch.h"

struct seen {
	struct loop *loop;
	enum poll_outcome outcome;
	int status;
	char message[512], etag[128], last_modified[128], permanent[256], body[128];
	bool conditional;
	char trail[512], next_url[128];
	char cache_control[128], rate_limit[128], expires[64], retry_after[64], date[64];
	int64_t wire_bytes;
	int asked; /* how often may_follow() was */
};

static void done(struct fetch_result *r, void *ctx)
{
	struct seen *s = ctx;

	s->outcome = r->outcome;
	s->status = r->status;
	s->conditional = r->conditional;
	s->wire_bytes = r->wire_bytes;
	snprintf(s->trail, sizeof s->trail, "%s", r->trail ? r->trail : "-");
	snprintf(s->next_url, sizeof s->next_url, "%s", r->next_url ? r->next_url : "-");
	snprintf(s->cache_control, sizeof s->cache_control, "%s", r->cache_control ? r->cache_control : "-");
	snprintf(s->rate_limit, sizeof s->rate_limit, "%s", r->rate_limit ? r->rate_limit : "-");
	snprintf(s->retry_after, sizeof s->retry_after, "%s", r->retry_after ? r->retry_after : "-");
	snprintf(s->date, sizeof s->date, "%s", r->date ? r->date : "-");
	snprintf(s->expires, sizeof s->expires, "%s", r->expires ? r->expires : "-");
	snprintf(s->message, sizeof s->message, "%s", r->message ? r->message : "");
	snprintf(s->etag, sizeof s->etag, "%s", r->etag ? r->etag : "-");
	snprintf(s->last_modified, sizeof s->last_modified, "%s", r->last_modified ? r->last_modified : "-");
	snprintf(s->permanent, sizeof s->permanent, "%s", r->permanent_url ? r->permanent_url : "-");
	snprintf(s->body, sizeof s->body, "%.100s", buf_str(&r->body));
	loop_stop(s->loop);
}

static struct seen look(const struct fetch_request *q, bool allow_loopback)
{
	char loopback[] = "127.0.0.0/8";
	char *items[] = {loopback};
	struct string_list list = {items, allow_loopback ? 1 : 0};
	struct seen s = {.loop = loop_new(NULL)};
	struct policy *policy = policy_new(&list, NULL);
	struct resolver *resolver = resolver_new(s.loop);
	struct client *client = client_new(s.loop, resolver, policy, NULL, NULL);

	assert_non_null(fetch_start(client, q, done, &s));
	loop_run(s.loop);
	client_free(client);
	resolver_free(resolver);
	policy_free(policy);
	loop_free(s.loop);
	return s;
}

static struct fetch_request request_for(const char *url)
{
	return (struct fetch_request){.url = url, .user_agent = "syndicated/test", .timeout_ms = 1500, .max_bytes = 4096};
}

static struct seen look_at(struct script_server *server, const struct script *scripts, size_t n, const char *etag, const char *last_modified)
{
	char url[64];
	struct fetch_request q;
	struct seen s;

	script_server_start(server, scripts, n);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/feed", server->port);
	q = request_for(url);
	q.validators_url = etag || last_modified ? url : NULL;
	q.etag = etag;
	q.last_modified = last_modified;
	s = look(&q, true);
	script_server_stop(server);
	return s;
}

#define OK_HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"

/* R1, R17, R18, R22: the first request, whole. */
static void test_first_request(void **state)
{
	const struct script script = {.bytes = OK_HEAD "ETag: W/\"a\"\r\nLast-Modified: yesterday\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nhi"};
	static struct script_server server;
	struct seen s = look_at(&server, &script, 1, NULL, NULL);

	(void)state;
	assert_int_equal(s.outcome, POLL_OK);
	assert_string_equal(s.body, "hi");
	assert_string_equal(s.etag, "W/\"a\"");
	assert_string_equal(s.last_modified, "yesterday");
	assert_false(s.conditional);
	assert_non_null(strstr(server.requests[0], "GET /feed HTTP/1.1\r\n"));
	assert_non_null(strstr(server.requests[0], "\r\nAccept: application/atom+xml, "));
	assert_non_null(strstr(server.requests[0], "\r\nUser-Agent: syndicated/test\r\n"));
	assert_non_null(strstr(server.requests[0], "\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"));
	assert_null(strstr(server.requests[0], "If-"));
	assert_null(strstr(server.requests[0], "Cookie"));
	assert_null(strstr(server.requests[0], "Referer"));
}

/* R2, R3, R5, R7: the stored bytes, and the merge on 304. */
static void test_not_modified(void **state)
{
	const struct script script = {.bytes = "HTTP/1.1 304 Not Modified\r\nConnection: close\r\nETag: \"new-gzip\"\r\n\r\n"};
	static const char *const etags[] = {"W/\"x\"", "bare", "\"x-gzip\"", "\"a,b\"", "\"\""};

	(void)state;
	for (size_t i = 0; i < sizeof etags / sizeof etags[0]; i++) {
		static struct script_server server;
		char line[128];
		struct seen s = look_at(&server, &script, 1, etags[i], "Xday, 99 Foo 1970");

		assert_int_equal(s.outcome, POLL_NOT_MODIFIED);
		assert_string_equal(s.etag, "\"new-gzip\"");
		assert_string_equal(s.last_modified, "Xday, 99 Foo 1970");
		snprintf(line, sizeof line, "\r\nIf-None-Match: %s\r\n", etags[i]);
		assert_non_null(strstr(server.requests[0], line));
		assert_non_null(strstr(server.requests[0], "\r\nIf-Modified-Since: Xday, 99 Foo 1970\r\n"));
	}
}

struct status_case {
	const char *reply;
	enum poll_outcome outcome;
};

/* Section 4's table, R12, R51, R53, R58 to R60. */
static void test_outcomes(void **state)
{
	static const struct status_case cases[] = {
		{"HTTP/1.1 304 Not Modified\r\n\r\n", POLL_HTTP_PROTOCOL},
		{"HTTP/1.1 204 No\r\n\r\n", POLL_HTTP_PROTOCOL},
		{"HTTP/1.1 206 Part\r\nContent-Length: 0\r\n\r\n", POLL_HTTP_PROTOCOL},
		{"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", POLL_MISSING},
		{"HTTP/1.1 410 No\r\nContent-Length: 0\r\n\r\n", POLL_GONE},
		{"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", POLL_AUTH},
		{"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", POLL_FORBIDDEN},
		{"HTTP/1.1 403 No\r\ncf-mitigated: challenge\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", POLL_CHALLENGE},
		{"HTTP/1.1 403 No\r\ncf-mitigated: challenge\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n", POLL_CHALLENGE},
		{"HTTP/1.1 403 No\r\nCF-Mitigated: Challenge\r\nContent-Length: 0\r\n\r\n", POLL_CHALLENGE},
		{"HTTP/1.1 503 No\r\ncf-mitigated: challenge\r\nContent-Length: 0\r\n\r\n", POLL_CHALLENGE},
		{"HTTP/1.1 403 No\r\ncf-mitigated: none\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", POLL_FORBIDDEN},
		{"HTTP/1.1 404 No\r\ncf-mitigated: challenge\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", POLL_MISSING},
		{"HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", POLL_LIMITED},
		{"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", POLL_LIMITED},
		{"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", POLL_SERVER_ERROR},
		{"HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n", POLL_SERVER_ODD},
		{"HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n", POLL_CLIENT_ERROR},
		{"HTTP/1.1 302 No\r\nContent-Length: 0\r\n\r\n", POLL_REDIRECT_BAD},
		{"HTTP/1.1 302 No\r\nLocation: /feed\r\nContent-Length: 0\r\n\r\n", POLL_REDIRECT_BAD},
		{"HTTP/1.1 302 No\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", POLL_BLOCKED},
		{"HTTP/1.1 302 No\r\nLocation: javascript:alert(1)\r\nContent-Length: 0\r\n\r\n", POLL_REDIRECT_BAD},
		{"HTTP/1.1 302 No\r\nLocation: http://u@127.0.0.1/\r\nContent-Length: 0\r\n\r\n", POLL_REDIRECT_BAD},
		{"HTTP/1.1 302 No\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n", POLL_BLOCKED},
		{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", POLL_STALL},
		{"no http at all\r\n\r\n", POLL_STALL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		static struct script_server server;
		const struct script script = {.bytes = cases[i].reply};
		struct seen s = look_at(&server, &script, 1, NULL, NULL);

		if (s.outcome != cases[i].outcome)
			fail_msg("row %zu: outcome %s: %s", i, poll_outcome_name(s.outcome), s.message);
		assert_true(s.message[0] != '\0');
		assert_int_equal(atomic_load(&server.n_requests), 1);
	}
}

#define HOP(status, to) {.bytes = "HTTP/1.1 " status " Moved\r\nConnection: close\r\nLocation: " to "\r\nContent-Length: 0\r\n\r\n"}

/* R8, R46, R51: five hops are followed, six are not; A's validators go to A only. */
static void test_redirects(void **state)
{
	const struct script five[] = {HOP("301", "/1"), HOP("308", "2#x"), HOP("301", "?3"), HOP("301", "/4"), HOP("301", "/5"),
	                              {.bytes = OK_HEAD "Content-Length: 2\r\n\r\nhi"}};
	const struct script six[] = {HOP("301", "/1"), HOP("301", "/2"), HOP("301", "/3"), HOP("301", "/4"), HOP("301", "/5"), HOP("301", "/6")};
	const struct script mixed[] = {HOP("301", "/1"), HOP("302", "/2"), {.bytes = OK_HEAD "Content-Length: 2\r\n\r\nhi"}};
	static struct script_server server;
	struct seen s = look_at(&server, five, 6, "\"a\"", NULL);

	(void)state;
	assert_int_equal(s.outcome, POLL_OK);
	assert_non_null(strstr(s.permanent, "/5"));
	assert_non_null(strstr(server.requests[0], "If-None-Match: \"a\""));
	for (int i = 1; i < 6; i++)
		assert_null(strstr(server.requests[i], "If-None-Match"));
	assert_non_null(strstr(server.requests[2], "GET /2 "));
	assert_non_null(strstr(server.requests[3], "GET /2?3 "));
	s = look_at(&server, six, 6, NULL, NULL);
	assert_int_equal(s.outcome, POLL_REDIRECT_BAD);
	s = look_at(&server, mixed, 3, NULL, NULL);
	assert_int_equal(s.outcome, POLL_OK);
	assert_string_equal(s.permanent, "-");
}

static struct seen look_with(struct script_server *server, const struct script *scripts, size_t n, struct fetch_request q, const char *etag)
{
	char url[64];
	struct seen s;

	script_server_start(server, scripts, n);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/feed", server->port);
	q.url = url;
	q.user_agent = "syndicated/test";
	q.timeout_ms = 1500;
	q.max_bytes = 4096;
	q.etag = etag;
	q.validators_url = etag ? url : NULL;
	s = look(&q, true);
	script_server_stop(server);
	return s;
}

static struct seen look_at_reply(const char *reply, struct fetch_request q)
{
	static struct script_server server;

	return look_with(&server, &(const struct script){.bytes = reply}, 1, q, NULL);
}

/* R27, R31, R44: the lines of a field that is a list are one list (RFC 9110, 5.3); of any other the last one counts (R13). */
static void test_lines_of_a_field(void **state)
{
	static const struct { const char *head, *cache_control, *rate_limit, *expires; } rows[] = {
		{"", "-", "-", "-"},
		{"Cache-Control: max-age=7200\r\n", "max-age=7200", "-", "-"},
		{"Cache-Control: max-age=7200\r\nCache-Control: public\r\n", "max-age=7200, public", "-", "-"},
		{"Cache-Control: no-store\r\nX: y\r\ncache-control: max-age=7200\r\n", "no-store, max-age=7200", "-", "-"},
		{"RateLimit: \"a\";r=0;t=9\r\nRateLimit: \"b\";r=5;t=1\r\n", "-", "\"a\";r=0;t=9, \"b\";r=5;t=1", "-"},
		{"Expires: 0\r\nExpires: Mon, 23 Nov 2026 12:00:00 GMT\r\n", "-", "-", "Mon, 23 Nov 2026 12:00:00 GMT"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char reply[512];
		struct seen s;

		snprintf(reply, sizeof reply, OK_HEAD "%sContent-Length: 2\r\n\r\nhi", rows[i].head);
		s = look_at_reply(reply, (struct fetch_request){0});
		assert_string_equal(s.cache_control, rows[i].cache_control);
		assert_string_equal(s.rate_limit, rows[i].rate_limit);
		assert_string_equal(s.expires, rows[i].expires);
	}
}

static bool not_now(const struct fetch_hop *hop, void *ctx)
{
	struct seen *s = ctx;

	assert_true(s->asked++ == 0 && strstr(hop->to, "/1"));
	return false;
}

/* R52: a hop that has to wait ends the look, and another one goes on from its trail as if nothing had been between. */
static void test_a_look_in_two(void **state)
{
	const struct script redirect = HOP("301", "/1"), rest[] = {HOP("308", "/2"), {.bytes = OK_HEAD "Content-Length: 2\r\n\r\nhi"}};
	const struct script back[] = {HOP("302", "/feed")};
	static struct script_server server;
	char trail[600], to[128];
	struct seen s = look_with(&server, &redirect, 1, (struct fetch_request){.may_follow = not_now}, "\"a\""), first = s;

	(void)state;
	assert_int_equal(s.asked, 1);
	assert_non_null(strstr(s.next_url, "/1"));
	assert_string_equal(s.permanent, "-");
	assert_true(s.wire_bytes > 50);
	/* The server is another one now, on another port: the trail says where it goes on. */
	script_server_start(&server, rest, 2);
	(void)snprintf(to, sizeof to, "http://127.0.0.1:%d/1", server.port);
	(void)snprintf(trail, sizeof trail, "%.*s301 %s\n", (int)(strchr(first.trail, '\n') + 1 - first.trail), first.trail, to);
	s = look(&(struct fetch_request){.url = "http://127.0.0.1:9/feed", .trail = trail, .user_agent = "t", .timeout_ms = 1500, .max_bytes = 4096,
	                                 .etag = "\"a\"", .validators_url = "http://127.0.0.1:9/feed"}, true);
	script_server_stop(&server);
	assert_int_equal(s.outcome, POLL_OK);
	assert_string_equal(s.body, "hi");
	assert_non_null(strstr(s.permanent, "/2"));
	assert_null(strstr(server.requests[0], "If-None-Match"));
	assert_true(s.wire_bytes > first.wire_bytes + 50);
	/* What was visited before counts: a circle is one all the same. */
	script_server_start(&server, back, 1);
	(void)snprintf(to, sizeof to, "http://127.0.0.1:%d/feed", server.port);
	(void)snprintf(trail, sizeof trail, "5 60\n302 http://127.0.0.1:%d/1\n", server.port);
	s = look(&(struct fetch_request){.url = to, .trail = trail, .user_agent = "t", .timeout_ms = 1500, .max_bytes = 4096}, true);
	script_server_stop(&server);
	assert_int_equal(s.outcome, POLL_REDIRECT_BAD);
	/* The time is that of all hops: nothing is left here. */
	(void)snprintf(trail, sizeof trail, "1500 60\n302 http://127.0.0.1:9/1\n");
	s = look(&(struct fetch_request){.url = to, .trail = trail, .user_agent = "t", .timeout_ms = 1500, .max_bytes = 4096}, true);
	assert_true(s.outcome == POLL_STALL || s.outcome == POLL_CONNECT);
}

/* R40, R41: Retry-After and the Date that it is of are handed on from every answer that ends a look, redirects too. */
static void test_retry_after_and_its_date(void **state)
{
	static const char *const statuses[] = {"200 OK", "302 M\r\nLocation: /1", "302 M", "302 M\r\nLocation: /feed", "429 Many", "503 Busy"};

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		char reply[256];
		struct seen s;

		snprintf(reply, sizeof reply, "HTTP/1.1 %s\r\nConnection: close\r\nDate: then\r\nRetry-After: later\r\nContent-Length: 2\r\n\r\nhi", statuses[i]);
		s = look_at_reply(reply, (struct fetch_request){.may_follow = not_now});
		assert_string_equal(s.date, "then");
		assert_string_equal(s.retry_after, "later");
	}
}

/* What is no trail is none: the look begins at its URL. */
static void test_no_trail(void **state)
{
	static const char *const trails[] = {"", "\n", "1 2\n", "1\n302 http://127.0.0.1:9/\n", "-1 2\n302 http://127.0.0.1:9/\n", "1 2\n302 \n",
	                                     "1 2\n302 http://127.0.0.1:9/", "1 2\nhttp://127.0.0.1:9/\n",
	                                     "1 2\n302 a:\n302 b:\n302 c:\n302 d:\n302 e:\n302 f:\n"};
	const struct script script = {.bytes = OK_HEAD "Content-Length: 2\r\n\r\nhi"};
	static struct script_server server;

	(void)state;
	for (size_t i = 0; i < sizeof trails / sizeof trails[0]; i++) {
		struct seen s = look_with(&server, &script, 1, (struct fetch_request){.trail = trails[i]}, NULL);

		assert_int_equal(s.outcome, POLL_OK);
		assert_string_equal(s.permanent, "-");
	}
}

/* R26, T17: fields and login of the operator go to the origin they are meant for, and over a redirect to no other one. */
static void test_access(void **state)
{
	static struct script_server other, server;
	char field_one[] = "X-One: 1", field_two[] = "X-Two:two words";
	char *fields[] = {field_one, field_two};
	char agent[] = "special/1", login[] = "Bearer secret";
	const struct source_access access = {.user_agent = agent, .headers = {fields, 2}, .authorization = login, .verify = true};
	const struct script good = {.bytes = OK_HEAD "Content-Length: 2\r\n\r\nhi"};
	char away[128];
	struct script away_script = {.bytes = away};
	struct script home[] = {HOP("302", "/there"), {.bytes = away}};
	struct seen s;

	(void)state;
	script_server_start(&other, &good, 1);
	snprintf(away, sizeof away, "HTTP/1.1 302 Moved\r\nConnection: close\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n", other.port);
	home[1] = away_script;
	s = look_with(&server, home, 2, (struct fetch_request){.access = &access}, NULL);
	script_server_stop(&other);
	assert_int_equal(s.outcome, POLL_OK);
	for (int i = 0; i < 2; i++) {
		assert_non_null(strstr(server.requests[i], "\r\nX-One: 1\r\n"));
		assert_non_null(strstr(server.requests[i], "\r\nX-Two: two words\r\n"));
		assert_non_null(strstr(server.requests[i], "\r\nAuthorization: Bearer secret\r\n"));
		assert_non_null(strstr(server.requests[i], "\r\nUser-Agent: special/1\r\n"));
	}
	assert_non_null(strstr(other.requests[0], "\r\nUser-Agent: special/1\r\n"));
	assert_null(strstr(other.requests[0], "X-One"));
	assert_null(strstr(other.requests[0], "secret"));
}

/* LIMIT_REQUEST_HEADERS: as many fields as the configuration lets through leave room for all of ours. */
static void test_many_fields(void **state)
{
	static struct script_server server;
	static char lines[32][32];
	char *fields[32], login[] = "Bearer secret", name[40];
	const struct source_access access = {.headers = {fields, 32}, .authorization = login, .verify = true, .deltas = true};
	const struct script good = {.bytes = OK_HEAD "Content-Length: 2\r\n\r\nhi"};
	struct seen s;

	(void)state;
	for (int i = 0; i < 32; i++) {
		(void)snprintf(lines[i], sizeof lines[i], "X-%d: v", i);
		fields[i] = lines[i];
	}
	s = look_with(&server, &good, 1, (struct fetch_request){.access = &access, .etag = "\"a\"", .last_modified = "then"}, NULL);
	assert_int_equal(s.outcome, POLL_OK);
	for (int i = 0; i < 32; i++) {
		(void)snprintf(name, sizeof name, "\r\nX-%d: v\r\n", i);
		assert_non_null(strstr(server.requests[0], name));
	}
	assert_non_null(strstr(server.requests[0], "\r\nAuthorization: Bearer secret\r\n"));
	assert_non_null(strstr(server.requests[0], "\r\nAccept-Encoding: "));
}

/* R112 and section 4: what a server could not do is not asked of it the next time. */
static void test_simpler_request(void **state)
{
	static const struct { bool has; enum poll_outcome previous; const char *encoding; } rows[] = {
		{false, POLL_OK, "gzip, deflate, br, zstd"}, {true, POLL_OK, "gzip, deflate, br, zstd"}, {true, POLL_ENCODING, "identity"},
		{true, POLL_CLIENT_ERROR, "identity"}, {true, POLL_SERVER_ERROR, "gzip, deflate, br, zstd"},
	};
	const struct script good = {.bytes = OK_HEAD "Content-Length: 2\r\n\r\nhi"};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static struct script_server server;
		char line[64];

		(void)look_with(&server, &good, 1, (struct fetch_request){.has_previous = rows[i].has, .previous = rows[i].previous}, NULL);
		snprintf(line, sizeof line, "\r\nAccept-Encoding: %s\r\n", rows[i].encoding);
		assert_non_null(strstr(server.requests[0], line));
	}
}

/* R24: asked for only beside an ETag and only by who wants it; taken only when it is what was asked for. */
static void test_delta(void **state)
{
	static const struct { bool deltas; const char *etag, *head; bool asked; enum poll_outcome outcome; } rows[] = {
		{true, "\"1\"", "226 IM Used\r\nIM: feed\r\nETag: \"2\"", true, POLL_OK},
		{true, "\"1\"", "226 IM Used\r\nIM: feed, gzip\r\nETag: \"2\"", true, POLL_HTTP_PROTOCOL},
		{true, "\"1\"", "226 IM Used\r\nIM: diffe\r\nETag: \"2\"", true, POLL_HTTP_PROTOCOL},
		{true, "\"1\"", "226 IM Used\r\nETag: \"2\"", true, POLL_HTTP_PROTOCOL},
		{true, NULL, "226 IM Used\r\nIM: feed", false, POLL_HTTP_PROTOCOL},
		{false, "\"1\"", "226 IM Used\r\nIM: feed", false, POLL_HTTP_PROTOCOL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static struct script_server server;
		const struct source_access access = {.verify = true, .deltas = rows[i].deltas};
		char reply[256];
		const struct script script = {.bytes = reply};
		struct seen s;

		snprintf(reply, sizeof reply, "HTTP/1.1 %s\r\nContent-Length: 2\r\n\r\nhi", rows[i].head);
		s = look_with(&server, &script, 1, (struct fetch_request){.access = &access}, rows[i].etag);
		if (s.outcome != rows[i].outcome || (strstr(server.requests[0], "\r\nA-IM: feed\r\n") != NULL) != rows[i].asked)
			fail_msg("row %zu: outcome %s, asked\n%s", i, poll_outcome_name(s.outcome), server.requests[0]);
		if (s.outcome == POLL_OK)
			assert_string_equal(s.etag, "\"2\"");
	}
}

/* The time is for the whole look, not for each of its hops. */
static void test_deadline(void **state)
{
	const struct script slow[] = {{.bytes = "HTTP/1.1 302 M\r\nLocation: /1\r\nContent-Length: 1\r\n\r\n", .hold_ms = 900},
	                              {.bytes = "HTTP/1.1 302 M\r\nLocation: /2\r\nContent-Length: 1\r\n\r\n", .hold_ms = 900}};
	static struct script_server server;
	struct seen s;
	int64_t began = clock_mono_ms(&clock_system);

	(void)state;
	s = look_with(&server, slow, 2, (struct fetch_request){0}, NULL);
	assert_int_equal(s.outcome, POLL_STALL);
	assert_in_range(clock_mono_ms(&clock_system) - began, 500, 2200);
}

/* R98 to R100: no connection reaches a canary behind any spelling of loopback; R87: nor does a proxy variable matter. */
static void test_canary(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.1", "0", "[::ffff:127.0.0.1]", "[::1]",
	                                    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "localhost", "127.0.0.1."};
	static struct script_server canary;
	char proxy[64], url[128];

	(void)state;
	script_server_start(&canary, NULL, 0);
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", canary.port);
	setenv("http_proxy", proxy, 1);
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		struct fetch_request q;
		struct seen s;

		snprintf(url, sizeof url, "http://%s:%d/", hosts[i], canary.port);
		q = request_for(url);
		s = look(&q, false);
		if (s.outcome != POLL_BLOCKED && strcmp(hosts[i], "127.0.0.1.") != 0)
			fail_msg("%s: %s", hosts[i], poll_outcome_name(s.outcome));
	}
	unsetenv("http_proxy");
	script_server_stop(&canary);
	assert_int_equal(atomic_load(&canary.n_requests), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_request), cmocka_unit_test(test_not_modified), cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_lines_of_a_field), cmocka_unit_test(test_retry_after_and_its_date),
		cmocka_unit_test(test_a_look_in_two), cmocka_unit_test(test_no_trail),
		cmocka_unit_test(test_redirects),     cmocka_unit_test(test_access), cmocka_unit_test(test_many_fields),
		cmocka_unit_test(test_simpler_request),
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_canary),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
