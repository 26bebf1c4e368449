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
#include "syndicated/model/spec.h"

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

/* x-ratelimit-* and RateLimit headers that say nothing is left: how long until there is, clamped as Retry-After; else 0 (R44). */
int64_t schedule_rate_limit_ms(const char *remaining, const char *reset, const char *rate_limit, int64_t now_ms);

/*
 * Host groups: who shares one limit, and what it is. A group is a registrable domain; an address or a private name is one
 * with its port; a domain that the configuration splits is one for each host name. Immutable once made: any thread.
 */
#define HOST_NAME_BYTES 300u
struct host_rule {
	int64_t concurrent; /* at least 1 */
	int64_t gap_ms;     /* between two starts */
	bool split;
	enum host_limits limits; /* OF_HOST or OF_SOURCE when it comes from host_rules_get() */
};
struct host_rules;
/* specs are copied; they stand above what we know of some hosts ourselves, and that above the first two. */
struct host_rules *host_rules_new(int64_t concurrent, int64_t gap_ms, const struct host_spec *specs, size_t n);
struct host_rules *host_rules_free(struct host_rules *r); /* NULL-safe, returns NULL */
void host_rules_name(const struct host_rules *r, const char *url, char out[HOST_NAME_BYTES]); /* of any text */
struct host_rule host_rules_get(const struct host_rules *r, const char *group);

/*
 * Pacing: requests in flight and the gap between starts of a group. What a group taught (a longer gap after complaints) is
 * kept by the caller while the group is idle: groups without a request and past their gap and pause are forgotten, so memory
 * follows work in flight. Times are monotonic ms.
 */
struct pacing_learned { /* zeroed: nothing */
	int64_t gap_ms;    /* longer than the configured one; 0: not */
	int64_t successes; /* since the gap changed */
};
struct pacing_answer {
	bool success;
	bool limited;     /* it complained of too many requests: 429, or 503 without Retry-After (R43, R78) */
	int64_t pause_ms; /* how long it asked for peace; 0: it did not */
};
struct pacing_after {
	int64_t wait_ms; /* until the group may be asked again, once a slot is free */
	struct pacing_learned learned;
};
struct pacing;
struct pacing *pacing_new(const struct host_rules *rules); /* borrowed, like those of pacing_set_rules() */
struct pacing *pacing_free(struct pacing *p);
void pacing_set_rules(struct pacing *p, const struct host_rules *rules);
/* 0: go, and a slot is taken. Else how long to wait before asking again, at least 1. known is used when the group is not in memory. */
int64_t pacing_try(struct pacing *p, const char *group, const struct pacing_learned *known, int64_t now_ms);
/* Gives the slot back. answer NULL: nothing was learned. */
struct pacing_after pacing_done(struct pacing *p, const char *group, const struct pacing_answer *answer, int64_t now_ms);
int64_t pacing_gap_ms(const struct host_rule *rule, const struct pacing_learned *learned); /* the one in force */
size_t pacing_groups(const struct pacing *p);

#endif
