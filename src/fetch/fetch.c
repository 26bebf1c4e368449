/* The hops of one look: what is sent to each (R1 to R8, R16 to R22), and which redirects are followed (R46 to R60). */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "fetch_internal.h"

#define ACCEPT_FEEDS \
	"application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/feed+json;q=0.9, " \
	"application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"

static void take_reply(struct http_reply *reply, void *ctx);

static void free_fetch(struct fetch *f)
{
	struct fetch_result *r = &f->result;

	mem_free(r->trail);
	mem_free(r->next_url);
	mem_free(f->validators_url);
	mem_free(f->etag);
	mem_free(f->last_modified);
	mem_free(f->user_agent);
	mem_free(f->proxy);
	mem_free_secret(f->proxy_login);
	source_access_done(&f->access);
	for (size_t i = 0; i < f->n_visited; i++)
		mem_free(f->visited[i]);
	mem_free(r->final_url);
	mem_free(r->permanent_url);
	mem_free(r->etag);
	mem_free(r->last_modified);
	mem_free(r->content_type);
	mem_free(r->content_encoding);
	mem_free(r->cache_control);
	mem_free(r->age);
	mem_free(r->expires);
	mem_free(r->date);
	mem_free(r->retry_after);
	mem_free(r->rate_remaining);
	mem_free(r->rate_reset);
	mem_free(r->rate_limit);
	buf_done(&r->body);
	mem_free(f);
}

struct head {
	struct http_header items[LIMIT_REQUEST_HEADERS];
	size_t n;
};

static void put(struct head *h, const char *name, const char *value)
{
	if (value && h->n < LIMIT_REQUEST_HEADERS)
		h->items[h->n++] = (struct http_header){name, value};
}

/* "Name\0 value": set_access() has cut them. */
static void put_own(struct fetch *f, struct head *h)
{
	for (size_t i = 0; i < f->access.headers.n; i++) {
		const char *name = f->access.headers.items[i], *value = name + strlen(name) + 1;

		put(h, name, value + strspn(value, " \t"));
	}
}

/* R8: validators belong to the URL that they came from. R24: A-IM only beside an ETag. */
static void put_validators(struct fetch *f, struct head *h, const char *url)
{
	f->result.conditional = f->validators_url && strcmp(f->validators_url, url) == 0 && (f->etag || f->last_modified);
	f->asked_for_delta = f->result.conditional && f->etag && f->access.deltas && !f->is_simple;
	if (!f->result.conditional)
		return;
	put(h, "If-None-Match", f->etag);
	put(h, "If-Modified-Since", f->last_modified);
	if (f->asked_for_delta)
		put(h, "A-IM", "feed");
}

static void ask(struct fetch *f)
{
	const char *url = f->visited[f->n_visited - 1];
	bool at_home = f->has_access && http_same_origin(url, f->access.home ? f->access.home : f->visited[0]);
	int64_t left_ms = f->deadline_mono_ms - clock_mono_ms(&clock_system);
	const struct source_access *a = &f->access;
	const struct http_trust trust = {.insecure = !a->verify, .ca_file = a->ca_file, .cert_file = a->cert_file, .key_file = a->key_file};
	struct http_request request = {.method = "GET", .url = url, .user_agent = f->user_agent, .max_reply_bytes = f->max_bytes};
	struct head head = {.n = 0};

	put(&head, "Accept", ACCEPT_FEEDS);
	put(&head, "Accept-Encoding", f->is_simple ? "identity" : "gzip, deflate, br, zstd");
	put_validators(f, &head, url);
	if (at_home) {
		put_own(f, &head);
		put(&head, "Authorization", a->authorization);
	}
	if (at_home && (!a->verify || a->ca_file || a->cert_file))
		request.trust = &trust;
	request.headers = head.items;
	request.n_headers = head.n;
	request.timeout_ms = left_ms > 1 ? left_ms : 1;
	request.proxy = f->proxy;
	request.proxy_login = f->proxy_login;
	request.plain_tls = f->plain_tls;
	f->transfer = client_start(f->client, &request, take_reply, f);
}

static bool was_visited(const struct fetch *f, const char *url)
{
	for (size_t i = 0; i < f->n_visited; i++) {
		if (strcmp(f->visited[i], url) == 0)
			return true;
	}
	return false;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Now, or by another look, when who started this one says so. */
static bool go_on(struct fetch *f, const struct http_reply *reply)
{
	const struct fetch_hop hop = {.to = reply->location, .retry_after = http_reply_header(reply, "Retry-After")};

	fetch_visit(f, hop.to, reply->status);
	if (!f->may_follow || f->may_follow(&hop, f->ctx)) {
		ask(f);
		return true;
	}
	f->result.trail = fetch_trail(f);
	f->result.next_url = mem_dup_str(hop.to);
	return false;
}

/* True when another hop was started; otherwise the result says why not. */
static bool follow(struct fetch *f, const struct http_reply *reply)
{
	const char *to = reply->location;

	if (!to) {
		fetch_fail(f, POLL_REDIRECT_BAD, reply->message[0] ? reply->message : "the server redirects without saying where to");
	} else if (reply->is_https && text_has_prefix_nocase(to, "http:")) {
		fetch_fail(f, POLL_BLOCKED, "refused: the redirect leads from https to http");
	} else if (was_visited(f, to)) {
		fetch_fail(f, POLL_REDIRECT_BAD, "the redirects go round in a circle");
	} else if (f->n_visited > LIMIT_REDIRECTS) {
		fetch_fail(f, POLL_REDIRECT_BAD, "more redirects than are followed");
	} else {
		return go_on(f, reply);
	}
	return false;
}

/* R40: when to come back, to where it goes on or to what leads nowhere, and by whose clock. */
static void read_redirect(struct fetch_result *r, const struct http_reply *reply)
{
	r->retry_after = mem_dup_str(http_reply_header(reply, "Retry-After"));
	r->date = mem_dup_str(http_reply_header(reply, "Date"));
}

static void take_reply(struct http_reply *reply, void *ctx)
{
	struct fetch *f = ctx;
	struct fetch_result *r = &f->result;
	const char *url = f->visited[f->n_visited - 1];

	f->transfer = NULL;
	r->wire_bytes += reply->wire_bytes;
	r->duration_ms += reply->duration_ms;
	r->status = reply->status;
	r->is_calm = reply->error == HTTP_CALM;
	if (mem_refusals() != f->refusals)
		fetch_fail(f, POLL_LOCAL, "out of memory");
	else if (reply->error != HTTP_DONE)
		fetch_fail(f, fetch_outcome_of_error(reply->error), reply->message);
	else if (!is_redirect(reply->status))
		fetch_read_reply(f, reply);
	else if (follow(f, reply))
		return;
	else
		read_redirect(r, reply);
	if (!r->trail)
		r->final_url = mem_dup_str(url);
	if (!r->trail && f->n_visited > 1 && fetch_is_permanent(f))
		r->permanent_url = mem_dup_str(url);
	f->cb(r, f->ctx);
	free_fetch(f);
}

static void set_access(struct fetch *f, const struct fetch_request *r)
{
	const struct source_access *a = r->access;
	bool direct = a && a->proxy && strcmp(a->proxy, "none") == 0;

	f->has_access = a != NULL;
	f->access.verify = true;
	if (a)
		source_access_copy(&f->access, a);
	for (size_t i = 0; i < f->access.headers.n; i++) {
		char *colon = strchr(f->access.headers.items[i], ':'); /* the configuration lets none through without */

		assert(colon);
		*colon = '\0';
	}
	f->user_agent = mem_dup_str(f->access.user_agent ? f->access.user_agent : r->user_agent);
	if (a && a->proxy && !direct) {
		f->proxy = mem_dup_str(a->proxy);
	} else if (!direct) {
		f->proxy = mem_dup_str(r->proxy);
		f->proxy_login = mem_dup_str(r->proxy_login);
	}
}

/* polling.md section 4, and R112: what was too much for a server is left out of the request after that. */
static void learn_from_last_time(struct fetch *f, const struct fetch_request *r)
{
	if (!r->has_previous)
		return;
	f->is_simple = r->previous == POLL_ENCODING || r->previous == POLL_CLIENT_ERROR || r->previous == POLL_HTTP_PROTOCOL;
	f->plain_tls = r->previous == POLL_TLS || r->previous == POLL_HTTP2;
}

struct fetch *fetch_start(struct client *client, const struct fetch_request *request, fetch_done_cb *cb, void *ctx)
{
	struct fetch *f = mem_new(struct fetch);

	f->client = client;
	f->cb = cb;
	f->ctx = ctx;
	f->validators_url = mem_dup_str(request->validators_url);
	f->etag = mem_dup_str(request->etag);
	f->last_modified = mem_dup_str(request->last_modified);
	f->has_body_digest = request->has_body_digest;
	f->body_digest = request->body_digest;
	f->refusals = mem_refusals();
	f->may_follow = request->may_follow;
	f->timeout_ms = request->timeout_ms;
	set_access(f, request);
	learn_from_last_time(f, request);
	f->max_bytes = request->max_bytes;
	buf_init(&f->result.body, request->max_bytes);
	fetch_visit(f, request->url, 0);
	if (request->trail)
		(void)fetch_take_trail(f, request->trail);
	f->deadline_mono_ms = clock_mono_ms(&clock_system) + f->timeout_ms - f->result.duration_ms;
	ask(f);
	return f;
}

void fetch_cancel(struct fetch *f)
{
	if (!f)
		return;
	if (f->transfer)
		client_cancel(f->transfer);
	free_fetch(f);
}
