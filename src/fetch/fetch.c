/* The hops of one look: what is sent to each (R1 to R8, R16 to R22), and which redirects are followed (R46 to R60). */
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

	mem_free(f->validators_url);
	mem_free(f->etag);
	mem_free(f->last_modified);
	mem_free(f->user_agent);
	for (size_t i = 0; i < f->n_visited; i++)
		mem_free(f->visited[i]);
	mem_free(r->final_url);
	mem_free(r->permanent_url);
	mem_free(r->etag);
	mem_free(r->last_modified);
	mem_free(r->content_type);
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

static void ask(struct fetch *f)
{
	const char *url = f->visited[f->n_visited - 1];
	struct http_header headers[3] = {{"Accept", ACCEPT_FEEDS}};
	struct http_request request = {.method = "GET", .url = url, .headers = headers, .n_headers = 1, .accept_compressed = true};

	request.user_agent = f->user_agent;
	request.timeout_ms = f->timeout_ms;
	request.max_reply_bytes = f->max_bytes;
	/* R8: validators belong to the URL that they came from. */
	f->result.conditional = false;
	if (f->validators_url && strcmp(f->validators_url, url) == 0) {
		if (f->etag)
			headers[request.n_headers++] = (struct http_header){"If-None-Match", f->etag};
		if (f->last_modified)
			headers[request.n_headers++] = (struct http_header){"If-Modified-Since", f->last_modified};
		f->result.conditional = request.n_headers > 1;
	}
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

static bool is_downgrade(const char *from, const char *to)
{
	return text_has_prefix_nocase(from, "https:") && text_has_prefix_nocase(to, "http:");
}

/* True when another hop was started; otherwise the result says why not. */
static bool follow(struct fetch *f, const struct http_reply *reply)
{
	const char *from = f->visited[f->n_visited - 1];
	const char *to = reply->location;

	if (!to) {
		fetch_fail(f, POLL_REDIRECT_BAD, reply->message[0] ? reply->message : "the server redirects without saying where to");
	} else if (is_downgrade(from, to)) {
		fetch_fail(f, POLL_BLOCKED, "refused: the redirect leads from https to http");
	} else if (was_visited(f, to)) {
		fetch_fail(f, POLL_REDIRECT_BAD, "the redirects go round in a circle");
	} else if (f->n_visited > LIMIT_REDIRECTS) {
		fetch_fail(f, POLL_REDIRECT_BAD, "more redirects than are followed");
	} else {
		if (reply->status != 301 && reply->status != 308)
			f->all_permanent = false;
		f->visited[f->n_visited++] = mem_dup_str(to);
		ask(f);
		return true;
	}
	f->result.retry_after = mem_dup_str(http_reply_header(reply, "Retry-After"));
	return false;
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
	if (reply->error != HTTP_DONE)
		fetch_fail(f, fetch_outcome_of_error(reply->error), reply->message);
	else if (!is_redirect(reply->status))
		fetch_read_reply(f, reply);
	else if (follow(f, reply))
		return;
	r->final_url = mem_dup_str(url);
	if (f->n_visited > 1 && f->all_permanent)
		r->permanent_url = mem_dup_str(url);
	f->cb(r, f->ctx);
	free_fetch(f);
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
	f->user_agent = mem_dup_str(request->user_agent);
	f->timeout_ms = request->timeout_ms;
	f->max_bytes = request->max_bytes;
	f->all_permanent = true;
	buf_init(&f->result.body, request->max_bytes);
	f->visited[f->n_visited++] = mem_dup_str(request->url);
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
