#ifndef SYNDICATED_FETCH_H
#define SYNDICATED_FETCH_H
/*
 * One polite look at one source: conditional GET, redirects followed by us hop by hop, the reply turned into an
 * outcome. Knows HTTP's rules for validators (polling.md R1 to R14), nothing of feeds or of the store. Loop thread.
 *
 * Each hop is a request to a host whose turn it may not be (R52, R77). Who starts the look says whether a hop may go on at
 * once; if not, the look ends with a trail, and another one with that trail goes on where it was.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/digest.h"
#include "syndicated/model/outcome.h"
#include "syndicated/model/spec.h"
#include "syndicated/net/client.h"

struct fetch_hop { /* borrowed during the call */
	const char *to;          /* resolved, and fit to be followed as far as the redirect itself can tell */
	const char *retry_after; /* not before (RFC 9110, 10.2.3); NULL: not said */
};

struct fetch_request { /* copied by fetch_start(); what it points to is borrowed until the callback has returned, or fetch_cancel() */
	const char *url;
	const char *trail; /* fetch_result.trail of an earlier look at url, to be gone on with; NULL, or what is none: it begins at url */
	bool (*may_follow)(const struct fetch_hop *hop, void *ctx); /* false: not now. NULL: always at once */
	const char *validators_url; /* the URL that etag and last_modified came from (R8); NULL: none are known */
	const char *etag;           /* byte for byte as received, or NULL */
	const char *last_modified;
	bool has_body_digest;
	struct digest body_digest;  /* of the last body that was taken in */
	const char *user_agent;
	const struct source_access *access; /* NULL: nothing special. Its headers and login go to the origin of url only (R26) */
	const char *proxy;          /* for sources that name none themselves, or NULL */
	const char *proxy_login;    /* for that one, or NULL */
	bool has_previous;
	enum poll_outcome previous; /* of the last poll: after some failures the next request is simpler (polling.md section 4) */
	int64_t timeout_ms;         /* for all hops together, those of the trail as well; not for what lies between */
	size_t max_bytes; /* of the body, on the wire */
	bool wants_times; /* fill fetch_result.times */
};

struct fetch_result { /* valid during the callback; the body, message, etag and last_modified may be taken */
	char *trail;              /* not NULL: it is not over, may_follow() said no. Then only this, */
	char *next_url;           /* where it goes on, retry_after and date, and what was sent and came over the wire count */
	enum poll_outcome outcome;
	char *message;            /* for people; NULL on success */
	int status;               /* of the last hop; 0: none */
	bool is_calm;             /* in place of an answer, HTTP/2's ENHANCE_YOUR_CALM; status may be of an answer that it cut off */
	const char *final_url;    /* what answered */
	const char *permanent_url; /* where 301 and 308 alone led to, or NULL */
	char *etag;               /* to be kept: the reply's on 200, merged on 304; NULL: none */
	char *last_modified;
	char *content_type;       /* NULL: none said */
	char *content_encoding;   /* how body is packed, all lines of it in one; NULL: not at all */
	struct buf body;          /* on POLL_OK, as it came over the wire */
	bool is_delta;            /* 226: body holds what is new only; what is missing in it is not gone (R24) */
	struct digest body_digest; /* of that, so that an unchanged body is not even unpacked */
	char *cache_control;      /* all lines of it in one, as they make one list */
	char *age;
	char *expires;
	char *date;
	char *retry_after;
	char *rate_remaining;     /* x-ratelimit-remaining and -reset, or those without x- */
	char *rate_reset;
	char *rate_limit;         /* RateLimit, of the drafts; all lines of it in one */
	bool conditional;         /* the last request carried a validator, */
	bool was_sent;            /* and went out, whatever came of it */
	int64_t wire_bytes;
	int64_t duration_ms;
	unsigned n_requests;      /* of this look: all hops, those that were sent again too */
	int curl_code;            /* of the last hop: http_reply.curl_code */
	struct http_times times;  /* of all hops of this look together */
};
typedef void fetch_done_cb(struct fetch_result *result, void *ctx);

struct fetch;
/* Never calls back from within. */
struct fetch *fetch_start(struct client *client, const struct fetch_request *request, fetch_done_cb *cb, void *ctx);
void fetch_cancel(struct fetch *f); /* without calling back */

#endif
