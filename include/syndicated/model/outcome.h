#ifndef SYNDICATED_MODEL_OUTCOME_H
#define SYNDICATED_MODEL_OUTCOME_H
/*
 * What a poll came to. One row of polling.md section 4 each; the scheduler has a table with one row for each of these
 * (back-off, cap), the operator sees the name.
 */
#include <stdbool.h>

enum poll_outcome {
	POLL_OK,            /* 200 and a feed */
	POLL_UNCHANGED,     /* 200, the same bytes as last time: nothing was parsed */
	POLL_NOT_MODIFIED,  /* 304 to a conditional request */
	POLL_DAMAGED,       /* 200, a broken document of which items could be read */
	POLL_NOT_A_FEED,    /* 200 and HTML, nothing, or something else */
	POLL_HTTP_PROTOCOL, /* 304 unasked, 204, 206, bad framing */
	POLL_REDIRECT_BAD,  /* loop, too many, no or unusable Location */
	POLL_BLOCKED,       /* scheme, address, port or downgrade refused by policy; no connection was made */
	POLL_CLIENT_ERROR,  /* 400, 405, 406, 411 to 417, 421, 426, 431 and the like */
	POLL_AUTH,          /* 401, 407 */
	POLL_FORBIDDEN,     /* 402, 403, 451 */
	POLL_CHALLENGE,     /* a bot challenge instead of an answer */
	POLL_MISSING,       /* 404 */
	POLL_TRANSIENT,     /* 408, 425 */
	POLL_GONE,          /* 410 */
	POLL_LIMITED,       /* 429, 503 */
	POLL_SERVER_ERROR,  /* 500, 502, 504, 52x */
	POLL_SERVER_ODD,    /* 501, 505, other */
	POLL_DNS_TEMPORARY,
	POLL_DNS_PERMANENT,
	POLL_CONNECT,       /* refused, unreachable, connect timed out */
	POLL_TLS_CERT,
	POLL_TLS,
	POLL_STALL,         /* no or too slow answer, or it ended early */
	POLL_HTTP2,
	POLL_OVERSIZE,      /* more bytes than allowed, or a compression bomb */
	POLL_ENCODING,      /* a Content-Encoding we cannot read */
	POLL_WORKER,        /* the ingest worker crashed or overran on this document */
	POLL_LOCAL,         /* our own fault: out of descriptors, disk full; not counted against the source */
	POLL_OUTCOMES
};

const char *poll_outcome_name(enum poll_outcome o);   /* "ok", "not-modified", "dns-temporary": stable, stored */
bool poll_outcome_parse(const char *name, enum poll_outcome *ret);
/* A number for compact storage: stable whatever the order above; 1 to 255. False for a number of no outcome. */
int poll_outcome_code(enum poll_outcome o);
bool poll_outcome_from_code(int code, enum poll_outcome *ret);
const char *poll_outcome_text(enum poll_outcome o);   /* for people: "the server answered with an error (5xx)" */
bool poll_outcome_is_success(enum poll_outcome o);    /* OK, UNCHANGED, NOT_MODIFIED, DAMAGED */

#endif
