#ifndef SYNDICATED_SCHEDULE_H
#define SYNDICATED_SCHEDULE_H
/*
 * When to look again, and why; and which hosts may be asked now. The first is a pure function of (policy, learned
 * state, outcome, now); its state is stored with the source. The second is a small table of the hosts in use. No I/O,
 * no clock of its own, no randomness but what is passed in: the simulation runs this very code.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/model/outcome.h"

struct schedule_policy {
	int64_t min_ms;
	int64_t max_ms;
};

/* What is remembered of a source between polls. Zeroed: nothing is known. */
struct schedule_state {
	int64_t failures; /* in a row */
};

struct schedule_poll { /* what this poll showed */
	enum poll_outcome outcome;
	int status;         /* HTTP, 0 when there was none; tells 429 from 503 */
	int64_t started_ms; /* wall clock */
	int64_t ended_ms;
	int64_t fresh_ms;       /* max-age minus Age, or Expires minus Date; 0: not said */
	int64_t ttl_ms;         /* from the document; 0: not said */
	uint32_t skip_hours;
	uint32_t skip_days;
	int64_t retry_after_ms; /* 0: not said; already clamped */
	bool has_validators;
	size_t new_items;
};

struct schedule_decision {
	int64_t due_ms;
	int64_t interval_ms;    /* before jitter */
	const char *reason;     /* a literal: "poll.min", "max-age", "ttl", "Retry-After", "back-off", "skipHours" */
};

/* Updates state and says when next. random is uniform over 64 bits; jitter only adds (polling.md R63). */
struct schedule_decision schedule_next(const struct schedule_policy *policy, struct schedule_state *state,
                                       const struct schedule_poll *poll, uint64_t random);

/* Header helpers; both tolerate anything. Clamp of Retry-After: 60 s to 7 d, 0 when absent or garbage (polling.md R41). */
int64_t schedule_retry_after_ms(const char *value, int64_t response_date_ms);
/* From Cache-Control, Age, Expires, Date as received (each may be NULL): 0 to 24 h (polling.md R27 to R35). */
int64_t schedule_fresh_ms(const char *cache_control, const char *age, const char *expires, const char *date, int64_t now_ms);

/*
 * Pacing: requests in flight and the gap between starts, for one host group (registrable domain, or address and port).
 * Groups that are idle and past their gap are forgotten, so memory follows work in flight. Times are monotonic ms.
 */
struct pacing;
struct pacing *pacing_new(int64_t concurrent, int64_t gap_ms);
struct pacing *pacing_free(struct pacing *p);
void pacing_set(struct pacing *p, int64_t concurrent, int64_t gap_ms);
/* 0: go, and a slot is taken. Else how long to wait before asking again, at least 1. */
int64_t pacing_try(struct pacing *p, const char *url, int64_t now_ms);
void pacing_done(struct pacing *p, const char *url, int64_t now_ms);
/* Nothing of this group starts before until_ms. */
void pacing_pause(struct pacing *p, const char *url, int64_t until_ms, int64_t now_ms);
size_t pacing_groups(const struct pacing *p);

#endif
