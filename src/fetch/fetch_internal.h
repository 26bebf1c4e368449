#ifndef FETCH_FETCH_INTERNAL_H
#define FETCH_FETCH_INTERNAL_H
/* One look, from the first hop to its outcome. */
#include "syndicated/base/limits.h"
#include "syndicated/fetch.h"

struct fetch {
	struct client *client;
	struct http_transfer *transfer;
	fetch_done_cb *cb;
	void *ctx;
	struct fetch_request request;
	const char *user_agent, *proxy, *proxy_login; /* the source's own, or the request's */
	bool is_simple; /* identity, no A-IM: the last request was too much for the server */
	bool plain_tls;
	bool asked_for_delta;
	int64_t deadline_mono_ms;
	unsigned refusals; /* of memory, when it began */
	char *led_to[LIMIT_REDIRECTS]; /* by each redirect so far; the last one is being asked */
	int led_by[LIMIT_REDIRECTS];   /* its status */
	size_t n_led;
	struct fetch_result result;
};

enum poll_outcome fetch_outcome_of_error(enum http_error error);
/* The outcome of a status that is neither a redirect that is followed nor 200 nor 304. */
enum poll_outcome fetch_outcome_of_status(const struct http_reply *reply);
/* Fills f->result from a reply that ends the look. */
void fetch_read_reply(struct fetch *f, struct http_reply *reply);
void fetch_fail(struct fetch *f, enum poll_outcome outcome, const char *message);

/* ---- trail.c ---- */

const char *fetch_url(const struct fetch *f);   /* that is being asked */
bool fetch_is_permanent(const struct fetch *f); /* there was a redirect, and every one was */
void fetch_lead(struct fetch *f, const char *url, int status); /* another hop, after those before */
void fetch_forget_hops(struct fetch *f);
char *fetch_trail(const struct fetch *f);
/* Restores what fetch_trail() said; false, and nothing has changed, when it is nothing that it says. */
bool fetch_take_trail(struct fetch *f, const char *trail);

#endif
