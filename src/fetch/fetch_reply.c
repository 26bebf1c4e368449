/* What a reply means: polling.md section 4, and which validators are kept (R4, R5, R14). */
#include <stdio.h>
#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "fetch_internal.h"

enum poll_outcome fetch_outcome_of_error(enum http_error error)
{
	static const enum poll_outcome table[] = {
		[HTTP_DONE] = POLL_OK,
		[HTTP_BLOCKED] = POLL_BLOCKED,
		[HTTP_BAD_URL] = POLL_BLOCKED,
		[HTTP_DNS_TEMPORARY] = POLL_DNS_TEMPORARY,
		[HTTP_DNS_PERMANENT] = POLL_DNS_PERMANENT,
		[HTTP_CONNECT] = POLL_CONNECT,
		[HTTP_TLS_CERT] = POLL_TLS_CERT,
		[HTTP_TLS] = POLL_TLS,
		[HTTP_TIMEOUT] = POLL_STALL,
		[HTTP_BROKEN] = POLL_STALL,
		[HTTP_HTTP2] = POLL_HTTP2,
		[HTTP_TOO_BIG] = POLL_OVERSIZE,
		[HTTP_CALM] = POLL_LIMITED,
		[HTTP_LOCAL] = POLL_LOCAL,
	};

	return table[error];
}

struct status_row {
	int from, to;
	enum poll_outcome outcome;
};

static const struct status_row status_rows[] = {
	{100, 299, POLL_HTTP_PROTOCOL},
	{300, 399, POLL_REDIRECT_BAD},
	{401, 401, POLL_AUTH},
	{402, 403, POLL_FORBIDDEN},
	{404, 404, POLL_MISSING},
	{407, 407, POLL_AUTH},
	{408, 408, POLL_TRANSIENT},
	{410, 410, POLL_GONE},
	{425, 425, POLL_TRANSIENT},
	{429, 429, POLL_LIMITED},
	{451, 451, POLL_FORBIDDEN},
	{400, 499, POLL_CLIENT_ERROR},
	{500, 500, POLL_SERVER_ERROR},
	{502, 502, POLL_SERVER_ERROR},
	{503, 503, POLL_LIMITED},
	{504, 504, POLL_SERVER_ERROR},
	{520, 529, POLL_SERVER_ERROR},
	{500, 599, POLL_SERVER_ODD},
};

/* R58. The field says it alone: what type the page has, and whether it names one, is the site's business. */
static bool is_challenge(const struct http_reply *reply)
{
	const char *mitigated = http_reply_header(reply, "cf-mitigated");

	return (reply->status == 403 || reply->status == 503) && text_equal_nocase(mitigated, "challenge");
}

enum poll_outcome fetch_outcome_of_status(const struct http_reply *reply)
{
	if (is_challenge(reply))
		return POLL_CHALLENGE;
	for (size_t i = 0; i < sizeof status_rows / sizeof status_rows[0]; i++) {
		if (reply->status >= status_rows[i].from && reply->status <= status_rows[i].to)
			return status_rows[i].outcome;
	}
	return POLL_SERVER_ODD;
}

void fetch_fail(struct fetch *f, enum poll_outcome outcome, const char *message)
{
	f->result.outcome = outcome;
	mem_set_str(&f->result.message, message);
}

/* R14: neither too long to keep nor able to carry a line feed into a request. */
static bool validator_is_fit(const char *value)
{
	if (!value || value[0] == '\0' || strlen(value) > LIMIT_VALIDATOR_BYTES)
		return false;
	for (const unsigned char *p = (const unsigned char *)value; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			return false;
	}
	return true;
}

static void set_validator(char **slot, const char *received, const char *kept)
{
	mem_set_str(slot, validator_is_fit(received) ? received : kept);
}

/* The older name, then the one of the drafts. */
static char *copy_rate_header(const struct http_reply *reply, const char *name)
{
	const char *value = http_reply_header(reply, name);

	return mem_dup_str(value ? value : http_reply_header(reply, name + strlen("x-")));
}

static void copy_headers(struct fetch_result *r, const struct http_reply *reply)
{
	r->content_type = mem_dup_str(http_reply_header(reply, "Content-Type"));
	r->content_encoding = http_reply_header_lines(reply, "Content-Encoding");
	r->cache_control = http_reply_header_lines(reply, "Cache-Control");
	r->age = mem_dup_str(http_reply_header(reply, "Age"));
	r->expires = mem_dup_str(http_reply_header(reply, "Expires"));
	r->date = mem_dup_str(http_reply_header(reply, "Date"));
	r->retry_after = mem_dup_str(http_reply_header(reply, "Retry-After"));
	r->rate_remaining = copy_rate_header(reply, "x-ratelimit-remaining");
	r->rate_reset = copy_rate_header(reply, "x-ratelimit-reset");
	r->rate_limit = http_reply_header_lines(reply, "RateLimit");
}

static void read_body(struct fetch *f, struct http_reply *reply)
{
	struct fetch_result *r = &f->result;

	r->body = reply->body;
	reply->body = (struct buf)BUF_INIT(1);
	r->body_digest = digest_of(buf_str(&r->body), r->body.len);
	r->outcome = POLL_OK;
	r->is_delta = reply->status == 226;
	if (f->request.has_body_digest && memcmp(&r->body_digest, &f->request.body_digest, sizeof r->body_digest) == 0)
		r->outcome = POLL_UNCHANGED;
	/* R4: a validator that a 200 does not carry is forgotten. */
	set_validator(&r->etag, http_reply_header(reply, "ETag"), NULL);
	set_validator(&r->last_modified, http_reply_header(reply, "Last-Modified"), NULL);
}

static void read_not_modified(struct fetch *f, const struct http_reply *reply)
{
	struct fetch_result *r = &f->result;

	if (!r->conditional) {
		fetch_fail(f, POLL_HTTP_PROTOCOL, "the server said \"not modified\" (304) although nothing was asked about");
		return;
	}
	r->outcome = POLL_NOT_MODIFIED;
	set_validator(&r->etag, http_reply_header(reply, "ETag"), f->request.etag);
	set_validator(&r->last_modified, http_reply_header(reply, "Last-Modified"), f->request.last_modified);
}

/* R24: only what we asked for, and nothing done to it that we do not undo. */
static bool is_delta_for_us(const struct fetch *f, const struct http_reply *reply)
{
	auto_free char *im = http_reply_header_lines(reply, "IM");

	return f->asked_for_delta && text_equal_nocase(im, "feed");
}

void fetch_read_reply(struct fetch *f, struct http_reply *reply)
{
	char message[128];

	copy_headers(&f->result, reply);
	if (reply->status == 200 || (reply->status == 226 && is_delta_for_us(f, reply))) {
		read_body(f, reply);
	} else if (reply->status == 304) {
		read_not_modified(f, reply);
	} else {
		snprintf(message, sizeof message, "the server answered with status %d", reply->status);
		fetch_fail(f, fetch_outcome_of_status(reply), reply->message[0] ? reply->message : message);
	}
}
