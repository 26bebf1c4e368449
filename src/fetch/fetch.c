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
	fetch_forget_hops(f);
	mem_free(r->message);
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

/* The source's own, "Name: value" each. What they are cut apart in, the caller frees. */
static char *put_own(const struct source_access *a, struct head *h)
{
	size_t bytes = 0;
	char *copy, *at;

	for (size_t i = 0; i < a->headers.n; i++)
		bytes += strlen(a->headers.items[i]) + 1;
	at = copy = bytes ? mem_resize_array(NULL, bytes, 1) : NULL;
	for (size_t i = 0; i < a->headers.n; i++) {
		size_t len = strlen(a->headers.items[i]) + 1;
		char *colon;

		memcpy(at, a->headers.items[i], len);
		colon = strchr(at, ':'); /* the configuration lets none through without */
		assert(colon);
		*colon = '\0';
		put(h, at, colon + 1 + strspn(colon + 1, " \t"));
		at += len;
	}
	return copy;
}

/* R8: validators belong to the URL that they came from. R24: A-IM only beside an ETag. */
static void put_validators(struct fetch *f, struct head *h, const char *url)
{
	const struct fetch_request *r = &f->request;

	f->result.conditional = r->validators_url && strcmp(r->validators_url, url) == 0 && (r->etag || r->last_modified);
	f->asked_for_delta = f->result.conditional && r->etag && r->access && r->access->deltas && !f->is_simple;
	if (!f->result.conditional)
		return;
	put(h, "If-None-Match", r->etag);
	put(h, "If-Modified-Since", r->last_modified);
	if (f->asked_for_delta)
		put(h, "A-IM", "feed");
}

/* What is the source's own goes to its origin only (R26). trust is filled, and used, when it is not everybody's. */
static char *put_access(const struct fetch *f, const char *url, struct head *head, struct http_trust *trust, struct http_request *request)
{
	const struct source_access *a = f->request.access;
	char *own;

	if (!a || !http_same_origin(url, a->home ? a->home : f->request.url))
		return NULL;
	own = put_own(a, head);
	put(head, "Authorization", a->authorization);
	if (!a->verify || a->ca_file || a->cert_file) {
		*trust = (struct http_trust){.insecure = !a->verify, .ca_file = a->ca_file, .cert_file = a->cert_file, .key_file = a->key_file};
		request->trust = trust;
	}
	return own;
}

static void ask(struct fetch *f)
{
	const char *url = fetch_url(f);
	int64_t left_ms = f->deadline_mono_ms - clock_mono_ms(&clock_system);
	struct http_request request = {.method = "GET", .url = url, .user_agent = f->user_agent, .max_reply_bytes = f->request.max_bytes};
	struct http_trust trust;
	struct head head = {.n = 0};
	auto_free char *own = NULL;

	put(&head, "Accept", ACCEPT_FEEDS);
	put(&head, "Accept-Encoding", f->is_simple ? "identity" : "gzip, deflate, br, zstd");
	put_validators(f, &head, url);
	own = put_access(f, url, &head, &trust, &request);
	request.headers = head.items;
	request.n_headers = head.n;
	request.timeout_ms = left_ms > 1 ? left_ms : 1;
	request.proxy = f->proxy;
	request.proxy_login = f->proxy_login;
	request.plain_tls = f->plain_tls;
	request.wants_times = f->request.wants_times;
	f->transfer = client_start(f->client, &request, take_reply, f);
}

static bool was_visited(const struct fetch *f, const char *url)
{
	for (size_t i = 0; i < f->n_led; i++) {
		if (strcmp(f->led_to[i], url) == 0)
			return true;
	}
	return strcmp(f->request.url, url) == 0;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Now, or by another look, when who started this one says so. */
static bool go_on(struct fetch *f, const struct http_reply *reply)
{
	const struct fetch_hop hop = {.to = reply->location, .retry_after = http_reply_header(reply, "Retry-After")};

	fetch_lead(f, hop.to, reply->status);
	if (!f->request.may_follow || f->request.may_follow(&hop, f->ctx)) {
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
	} else if (f->n_led == LIMIT_REDIRECTS) {
		fetch_fail(f, POLL_REDIRECT_BAD, "more redirects than are followed");
	} else {
		return go_on(f, reply);
	}
	return false;
}

static void count(struct fetch_result *r, const struct http_reply *reply)
{
	r->status = reply->status;
	r->curl_code = reply->curl_code;
	r->was_sent = reply->n_requests > 0;
	r->n_requests += reply->n_requests;
	r->wire_bytes += reply->wire_bytes;
	r->duration_ms += reply->duration_ms;
	r->times.lookup_ms += reply->times.lookup_ms;
	r->times.connect_ms += reply->times.connect_ms;
	r->times.tls_ms += reply->times.tls_ms;
	r->times.answer_ms += reply->times.answer_ms;
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

	f->transfer = NULL;
	count(r, reply);
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
		r->final_url = fetch_url(f);
	if (!r->trail && fetch_is_permanent(f))
		r->permanent_url = fetch_url(f);
	f->cb(r, f->ctx);
	free_fetch(f);
}

static void set_access(struct fetch *f, const struct fetch_request *r)
{
	const struct source_access *a = r->access;
	bool direct = a && a->proxy && strcmp(a->proxy, "none") == 0;

	f->user_agent = a && a->user_agent ? a->user_agent : r->user_agent;
	if (a && a->proxy && !direct) {
		f->proxy = a->proxy;
	} else if (!direct) {
		f->proxy = r->proxy;
		f->proxy_login = r->proxy_login;
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
	f->request = *request;
	f->refusals = mem_refusals();
	set_access(f, request);
	learn_from_last_time(f, request);
	buf_init(&f->result.body, request->max_bytes);
	if (request->trail)
		(void)fetch_take_trail(f, request->trail);
	f->deadline_mono_ms = clock_mono_ms(&clock_system) + request->timeout_ms - f->result.duration_ms;
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
