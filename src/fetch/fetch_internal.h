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
	char *validators_url;
	char *etag;
	char *last_modified;
	bool has_body_digest;
	struct digest body_digest;
	char *user_agent;
	bool has_access;
	struct source_access access;
	char *proxy, *proxy_login;
	bool wants_times;
	bool is_simple; /* identity, no A-IM: the last request was too much for the server */
	bool plain_tls;
	bool asked_for_delta;
	bool (*may_follow)(const struct fetch_hop *hop, void *ctx);
	int64_t timeout_ms; /* until deadline_mono_ms when nothing is spent */
	int64_t deadline_mono_ms;
	unsigned refusals; /* of memory, when it began */
	size_t max_bytes;
	char *visited[LIMIT_REDIRECTS + 1]; /* the URL of each hop; the last one is being asked */
	int led_by[LIMIT_REDIRECTS + 1];    /* the status that led to each; the first is unused */
	size_t n_visited;
	struct fetch_result result;
};

enum poll_outcome fetch_outcome_of_error(enum http_error error);
/* The outcome of a status that is neither a redirect that is followed nor 200 nor 304. */
enum poll_outcome fetch_outcome_of_status(const struct http_reply *reply);
/* Fills f->result from a reply that ends the look. */
void fetch_read_reply(struct fetch *f, struct http_reply *reply);
void fetch_fail(struct fetch *f, enum poll_outcome outcome, const char *message);

/* ---- trail.c ---- */

bool fetch_is_permanent(const struct fetch *f); /* every redirect was */
/* Another hop, after those before. */
void fetch_visit(struct fetch *f, const char *url, int status);
char *fetch_trail(const struct fetch *f);
/* Restores what fetch_trail() said; false, and nothing has changed, when it is nothing that it says. */
bool fetch_take_trail(struct fetch *f, const char *trail);

#endif
