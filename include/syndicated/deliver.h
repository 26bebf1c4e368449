#ifndef SYNDICATED_DELIVER_H
#define SYNDICATED_DELIVER_H
/*
 * One event to one webhook: its body, its signature (Standard Webhooks), one attempt, and what to do after it. Pure but
 * for the attempt, which runs on the loop through net/'s client. Persistence is the store's, order and pace are the daemon's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/model/view.h"
#include "syndicated/net/client.h"

/* Appends the minified JSON body of push.md section 8.2. The same event gives the same bytes while its item is unchanged. */
void deliver_body(const struct event_view *event, const char *feed_name, const char *base_url, struct buf *out);

/* True when an event found on a source's first fetch is to be sent (INITIAL_NONE, INITIAL_ALL or a count). Others always. */
bool deliver_wants_initial(const struct event_view *event, int64_t initial);

/* Appends "v1,<base64>" over id "." timestamp "." body (push.md W7, W9). Nothing for a secret that webhook_secret_decode() refuses. */
void deliver_sign(const char *secret, const char *id, int64_t unix_s, const void *body, size_t len, struct buf *out);

struct deliver_attempt { /* borrowed until deliver_start() returns; body until the callback */
	const char *url;
	const char *secret;
	const char *event_id;
	const void *body;
	size_t body_len;
	int64_t attempts;   /* before this one */
	int64_t created_ms; /* of the delivery */
	int64_t timeout_ms;
	const char *user_agent;
};

enum deliver_verdict {
	DELIVER_OK,
	DELIVER_AGAIN,    /* at next_ms */
	DELIVER_GIVE_UP,  /* this delivery is dead: schedule used up, or 413/415 */
	DELIVER_DISABLE,  /* 410: this one is dead and the endpoint wants nothing more */
};
struct deliver_result {
	enum deliver_verdict verdict;
	int status;        /* 0: no answer */
	char message[512]; /* for people; empty on success; never holds the URL's secrets */
	int64_t next_ms;   /* wall clock, for DELIVER_AGAIN */
	int64_t started_ms;
	int64_t duration_ms;
};
typedef void deliver_done_cb(const struct deliver_result *result, void *ctx);

struct deliver;
struct deliver *deliver_start(struct client *client, const struct deliver_attempt *attempt, deliver_done_cb *cb, void *ctx);
void deliver_cancel(struct deliver *d);

struct deliver_answer {
	enum http_error error;
	int status;              /* counts with HTTP_DONE only */
	const char *retry_after; /* fields of the answer, or NULL; a date in the first is of the clock that the second shows */
	const char *date;
	int64_t ended_ms;        /* wall clock, ours */
};
/* The decision by itself (push.md 8.5, D-6): for tests and for claims that were lost in a crash. random is uniform over 64 bits. */
enum deliver_verdict deliver_judge(const struct deliver_answer *answer, int64_t attempts, int64_t created_ms, uint64_t random,
                                   int64_t *ret_next_ms);

#endif
