/* One attempt: a POST by net/'s client, and the judgement of what came back. Loop thread only. */
#include <stdio.h>
#include <string.h>

#include "syndicated/deliver.h"

#include "syndicated/base/clock.h"
#include "syndicated/base/digest.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define SIGNATURE_BYTES_MAX 128u
#define SHOWN_URL_BYTES     200u

struct deliver {
	struct http_transfer *transfer;
	deliver_done_cb *cb;
	void *ctx;
	void *body; /* our copy: the client reads it until it is done */
	int64_t attempts;
	int64_t created_ms;
	int64_t started_ms;
};

static struct deliver *free_deliver(struct deliver *d)
{
	mem_free(d->body);
	mem_free(d);
	return NULL;
}

/* W21: a redirect is a failure; the operator is told where to look. Queries of URLs are hidden: they may hold tokens. */
static void describe_redirect(const struct http_reply *reply, char *out, size_t size)
{
	char to[SHOWN_URL_BYTES] = "";

	if (reply->location)
		text_redact_url(reply->location, to, sizeof(to));
	(void)snprintf(
	    out, size,
	    "the endpoint answered %d%s%s; redirects are not followed, so put the final URL into the configuration",
	    reply->status, to[0] ? ", a redirect to " : "", to);
}

static void describe(const struct http_reply *reply, char *out, size_t size)
{
	out[0] = '\0';
	if (reply->error != HTTP_DONE)
		(void)snprintf(out, size, "%s", reply->message);
	else if (reply->status >= 300 && reply->status <= 399)
		describe_redirect(reply, out, size);
	else if (reply->status == 410)
		(void)snprintf(out, size,
			       "the endpoint answered 410 (gone): it wants nothing more, so the webhook is disabled");
	else if (reply->status == 413 || reply->status == 415)
		(void)snprintf(out, size,
			       "the endpoint answered %d: it cannot take this event, so it is not sent again",
			       reply->status);
	else if (reply->status < 200 || reply->status > 299)
		(void)snprintf(out, size, "the endpoint answered %d", reply->status);
}

static void take_reply(struct http_reply *reply, void *ctx)
{
	struct deliver *d = ctx;
	struct deliver_result result = {.status = reply->error == HTTP_DONE ? reply->status : 0};
	const struct deliver_answer answer = {
		.error = reply->error,
		.status = reply->status,
		.retry_after = http_reply_header(reply, "Retry-After"),
		.date = http_reply_header(reply, "Date"),
		.ended_ms = reply->ended_unix_ms,
	};
	uint64_t random;

	digest_random(&random, sizeof(random));
	result.started_ms = d->started_ms;
	result.duration_ms = reply->duration_ms;
	describe(reply, result.message, sizeof(result.message));
	result.verdict = deliver_judge(&answer, d->attempts, d->created_ms, random, &result.next_ms);
	d->cb(&result, d->ctx);
	free_deliver(d);
}

/* W3 to W6. The timestamp and so the signature are of this attempt; id and body are the same in each. */
struct deliver *deliver_start(struct client *client, const struct deliver_attempt *attempt, deliver_done_cb *cb,
			      void *ctx)
{
	struct deliver *d = mem_new(struct deliver);
	struct buf signature = BUF_INIT(SIGNATURE_BYTES_MAX);
	char timestamp[24], number[24];
	int64_t now_s;

	d->cb = cb;
	d->ctx = ctx;
	d->body = mem_dup_bytes(attempt->body, attempt->body_len);
	d->attempts = attempt->attempts;
	d->created_ms = attempt->created_ms;
	d->started_ms = clock_unix_ms(&clock_system);
	now_s = d->started_ms / 1000;
	deliver_sign(attempt->secret, attempt->event_id, now_s, attempt->body, attempt->body_len, &signature);
	(void)snprintf(timestamp, sizeof(timestamp), "%lld", (long long)now_s);
	(void)snprintf(number, sizeof(number), "%lld", (long long)attempt->attempts + 1);

	const struct http_header headers[] = {
	    {"content-type", "application/json"}, {"webhook-id", attempt->event_id},
	    {"webhook-timestamp", timestamp},     {"webhook-signature", buf_str(&signature)},
	    {"webhook-attempt", number},
	};
	const struct http_request request = {
	    .method = "POST",
	    .url = attempt->url,
	    .headers = headers,
	    .n_headers = sizeof(headers) / sizeof(*headers),
	    .body = d->body,
	    .body_len = attempt->body_len,
	    .user_agent = attempt->user_agent,
	    .timeout_ms = attempt->timeout_ms,
	    .max_reply_bytes = LIMIT_WEBHOOK_REPLY_BYTES,
	    .cut_reply = true,
	};
	d->transfer = client_start(client, &request, take_reply, d);
	buf_done(&signature);
	return d;
}

void deliver_cancel(struct deliver *d)
{
	if (!d)
		return;
	client_cancel(d->transfer);
	free_deliver(d);
}
