#ifndef SYNDICATED_MODEL_HEALTH_H
#define SYNDICATED_MODEL_HEALTH_H
/*
 * How a source is doing, beside when it is due: its state, how long it has been failing, where it is moving to, and its
 * last polls. Kept in the store with the source; changed by schedule_judge() alone. Plain data and its encodings.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/model/outcome.h"

/* Stored as numbers: new ones go to the end. */
enum source_state {
	SOURCE_OK,
	SOURCE_FAILING,
	SOURCE_CHALLENGE, /* failing, because it tests for robots: asked rarely, never given up (polling.md R58) */
	SOURCE_DORMANT,   /* failed for so long that it is asked once a week (R56) */
	SOURCE_GONE,      /* said 410: asked once more after a week (R55) */
	SOURCE_DISABLED,  /* said 410 twice, or was dormant for half a year: no longer polled */
	SOURCE_JOINED,    /* moved to where another source is: that one is polled (R54) */
	SOURCE_STATES
};
const char *source_state_name(enum source_state s); /* "ok", "dormant": stable, shown and sent */
const char *source_state_text(enum source_state s); /* for people */
enum source_state source_state_from(int64_t stored); /* SOURCE_OK for what nobody knows */
/* Neither polled at its usual pace nor going to be: what a refresh or a changed configuration wakes. */
bool source_state_is_given_up(enum source_state s);

/* In next_due_ms: it is not polled by itself. So far from both ends that clocks may be set before and after. */
#define NEVER_DUE_MS (INT64_MAX / 2)

struct source_health { /* zeroed: nothing is known; owned strings, source_health_done() */
	enum source_state state;
	int64_t state_since_ms;
	int64_t failing_since_ms; /* the first of the failures in a row; 0: none */
	int64_t run_since_ms;     /* of the failures in a row, those with one and the same outcome */
	int64_t run_polls;
	enum poll_outcome run_outcome;
	bool is_told;             /* source.failing, .dormant or .gone is in the log and .recovered is not */
	int64_t n_events;         /* written so far: numbers them, so that a repeat has the same id */
	char *moving_to;          /* the streak of permanent redirects (R47); NULL: none */
	int64_t moving_since_ms;
	int64_t moving_polls;
	char *poll_url;           /* asked instead of the configured one; NULL: it has not moved */
	int64_t joined_id;        /* the source it is the same as, for SOURCE_JOINED; 0 */
};
void source_health_done(struct source_health *h);

/* ---- the last polls, newest first ---- */

enum { POLL_HISTORY = 10, POLL_HISTORY_BYTES = 17 * POLL_HISTORY /* stored */ };

struct poll_glimpse {
	int64_t started_ms; /* to the second, when it comes from the store */
	int64_t duration_ms;
	enum poll_outcome outcome;
	int status;
	int64_t new_items;
	int64_t fresh_ms;       /* hints of the answer; 0: not said */
	int64_t retry_after_ms;
	bool is_redirected;
};

struct poll_history {
	struct poll_glimpse polls[POLL_HISTORY];
	size_t n;
};
/*
 * Appends what is to be stored: the newest poll, then those of the stored bytes before (NULL with len 0: none), as many as are kept.
 * A fixed number of bytes for each poll. Decoding tolerates anything; what makes no sense is left out.
 */
void poll_history_encode_newest(const struct poll_glimpse *newest, const void *before, size_t len, struct buf *out);
void poll_history_decode(const void *bytes, size_t len, struct poll_history *ret);

/* ---- what an event about a source says, fixed when it is written ---- */

struct source_report { /* owned strings, NULL when there is nothing to say; source_report_done() */
	enum source_state state;
	enum poll_outcome outcome;
	int status;
	char *message;
	int64_t failures;
	int64_t failing_since_ms; /* 0: it is not */
	int64_t next_poll_ms;     /* NEVER_DUE_MS: none */
	char *old_url, *new_url;  /* of source.moved; without userinfo */
	char *joined;             /* name of the source that is there already */
};
void source_report_encode(const struct source_report *r, struct buf *out);
must_check int source_report_decode(const void *bytes, size_t len, struct source_report *ret); /* ERR_CORRUPT */
void source_report_done(struct source_report *r);

#endif
