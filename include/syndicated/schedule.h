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

#include "syndicated/model/health.h"
#include "syndicated/model/outcome.h"
#include "syndicated/model/spec.h"
#include "syndicated/model/view.h"

struct schedule_policy {
	int64_t min_ms;
	int64_t max_ms;
	bool min_is_own;     /* poll.min stands at the source itself, so it also holds where validators are never offered */
	bool ignores_hints;  /* max-age, Expires, ttl, skipHours and the like do not count; Retry-After always does (R39) */
	double poll_price_h; /* what a poll is worth, in hours that one item waits; 0: the default (doc/schedule.md) */
	double lean;         /* 0: the default, 0.5, which makes the mean delay least; up to 1: more polls where more comes */
};

/*
 * What is learned of a source. Every figure that fades is that of at_ms, the end of the last successful poll. Zeroed:
 * nothing is known. Plain numbers: copied by assignment, stored as SCHEDULE_LEARNED_BYTES.
 */
struct schedule_learned {
	int64_t at_ms;        /* 0: there was no successful poll */
	double items;         /* seen, each counting half after two weeks */
	double exposure_days; /* time watched, fading likewise */
	double recent;        /* items, each counting half after six hours */
	double hours[24];     /* items by hour of the day, GMT, each counting half after eight weeks */
	double wire_bytes;    /* of a poll, as a running mean; 0: not known */
	int64_t ttl_ms;       /* what the last document said; holds over 304s (R35) */
	uint32_t skip_hours;
	uint32_t skip_days;
	bool offers_validators; /* ever did */
};

/* What is remembered of a source between polls. Zeroed: nothing is known. */
struct schedule_state {
	int64_t failures; /* in a row */
	struct schedule_learned learned;
};

struct schedule_poll { /* what this poll showed */
	enum poll_outcome outcome;
	int status;         /* HTTP, 0 when there was none; tells 429 from 503 */
	int64_t started_ms; /* wall clock */
	int64_t ended_ms;
	int64_t fresh_ms;       /* max-age minus Age, or Expires minus Date; 0: not said */
	bool has_document;      /* the next three are of this poll; otherwise what was said before holds */
	int64_t ttl_ms;         /* 0: not said */
	uint32_t skip_hours;
	uint32_t skip_days;
	int64_t retry_after_ms; /* or what stands for it, a counter that is used up (R44). 0: not said; already clamped */
	bool has_validators;
	bool was_conditional;   /* the request carried a validator */
	int64_t wire_bytes;     /* of the answer, with its head */
	size_t new_items;
	const int64_t *item_ms; /* their dates, as the source gives them, in any order; TIME_UNKNOWN; NULL: none has one */
};

struct schedule_decision {
	int64_t due_ms;
	int64_t interval_ms;    /* before jitter */
	const char *reason;     /* a literal: "rate", "poll.min", "poll.max", "no validators", "max-age", "ttl", "Retry-After",
	                         * "back-off", "skipHours" */
	const char *floor;      /* likewise, which of them the least was that the interval had to be: a hint, Retry-After, or a rule of ours */
};

/* Updates state and says when next. random is uniform over 64 bits; jitter only adds (polling.md R63). */
struct schedule_decision schedule_next(const struct schedule_policy *policy, struct schedule_state *state,
                                       const struct schedule_poll *poll, uint64_t random);

/*
 * The parts of schedule_next() that learn; all take linear time in the new items and none allocates. A clock that went
 * back, dates of the future or of 1970, and numbers out of any range make the estimate worse for a while, never invalid.
 */
void schedule_learn(struct schedule_learned *l, const struct schedule_poll *poll);
/* When the rule would look again after a poll at now_ms, in ms from then: between min and max. *ret_reason is a literal. */
int64_t schedule_interval_ms(const struct schedule_policy *policy, const struct schedule_learned *l, int64_t now_ms,
                             const char **ret_reason);
/* Items expected per day at this time of day. 0 when nothing is learned. */
double schedule_rate(const struct schedule_learned *l, int64_t now_ms);

/* The stored form. Decoding takes any bytes: what this version did not write is as if nothing was learned, false. */
enum { SCHEDULE_LEARNED_BYTES = 141 };
void schedule_learned_encode(const struct schedule_learned *l, unsigned char out[SCHEDULE_LEARNED_BYTES]);
bool schedule_learned_decode(const void *bytes, size_t len, struct schedule_learned *ret);
/* From one clock to another that shows by_ms more: what was learned is as old as it was. */
void schedule_learned_shift(struct schedule_learned *l, int64_t by_ms);
/* ---- outcomes.c: what each outcome costs, the table of polling.md section 4 ---- */

enum pause_scope { PAUSE_SOURCE, PAUSE_HOST, PAUSE_EVERYTHING };

struct outcome_rule {
	enum poll_outcome outcome;
	int status;             /* 0: any; else the row is for this status alone */
	const char *class_name; /* as section 4 names it */
	int64_t step_ms;        /* after the first failure; doubles with each more. 0: not a failure */
	int64_t cap_ms;
	int64_t again_ms;       /* at least this from the second in a row on (R45) */
	enum pause_scope scope; /* who waits for Retry-After, or for our own trouble to end */
	int64_t give_up_ms;     /* dormant after so long without a break, */
	int64_t give_up_tries;  /* and so many polls; 0: never */
	bool server_said;       /* the server said so itself: poll.max does not shorten it */
	bool keeps_count;       /* says nothing about the source: neither counted nor forgiven */
};
const struct outcome_rule *outcome_rule(enum poll_outcome outcome, int status);

/* How long after the failures-th failure in a row (1 is the first); 0 when it is none, or when Retry-After takes its place. */
int64_t outcome_back_off_ms(const struct outcome_rule *rule, int64_t failures, int64_t retry_after_ms, int64_t max_ms);

/* ---- health.c: what many polls together say of a source ---- */

enum { SCHEDULE_MOVE_POLLS = 5, SCHEDULE_MOVE_DAYS = 7 }; /* a redirect is followed for good after so many polls over so long (R47) */

struct schedule_sight { /* beside struct schedule_poll; borrowed */
	const char *url;           /* that was asked: the one it is polled at */
	const char *final_url;     /* that answered; NULL: none did */
	const char *permanent_url; /* where permanent redirects alone led to; NULL: there were others, or none */
	int64_t hold_down_ms;      /* how long it must fail before source.failing */
	int64_t min_ms;            /* poll.min */
	uint64_t random;
};

struct schedule_news {
	enum event_type types[3]; /* for the log, in this order */
	size_t n;
	bool has_moved; /* health->poll_url is another than before (NULL: the configured one again) */
};

/*
 * After schedule_next(), with what it decided: failing, dormant, gone, moved and back (R46 to R58). Changes health, and
 * state and decision where health demands it: a source that was given up waits longer, one that has just moved does not
 * fail. Says what is to be told.
 */
void schedule_judge(struct source_health *health, struct schedule_state *state, const struct schedule_poll *poll,
                    const struct schedule_sight *sight, struct schedule_decision *decision, struct schedule_news *ret);

/*
 * ---- weather.c: what many sources together say of our own network ----
 *
 * Five host groups that worked and now cannot be resolved or connected to, with no answer from anybody in between, are
 * our own trouble (R67); so is a fifth of all hosts that redirect to one new host where no feed is (R50). Bounded memory,
 * no clock of its own. Times are monotonic ms.
 */
enum weather_verdict {
	WEATHER_COUNTS,    /* the poll is what it seems */
	WEATHER_UNCOUNTED, /* it says nothing about its source and must not be recorded */
};

struct weather_sight {
	int64_t source_id;
	const char *group;       /* of the URL that was asked (host_rules_name()), */
	const char *final_group; /* of the one that answered, or should have, after all redirects; NULL: not known, */
	const char *known_group; /* and of the one that answered at the last success; NULL: there was none */
	enum poll_outcome outcome;
	bool was_well;           /* its last poll had succeeded, or it is new */
};

struct weather;
struct weather *weather_new(void);
struct weather *weather_free(struct weather *w);
enum weather_verdict weather_saw(struct weather *w, const struct weather_sight *s, int64_t now_ms);
/* 0: polls may start; *ret_probe: but one at a time. Else how long none may. */
int64_t weather_wait(const struct weather *w, int64_t now_ms, bool *ret_probe);
/* Why none may, for people; NULL when all is well. */
const char *weather_trouble(const struct weather *w);
/* The sources whose failures were counted before the trouble was known, at most max; they are forgotten here. */
size_t weather_take_wronged(struct weather *w, int64_t *ids, size_t max);
enum { WEATHER_WRONGED = 64 };

/*
 * Header helpers, of fields as received; all tolerate anything, and NULL for one that is not there. A date is taken against
 * the answer's Date, and against now_ms only where there is none.
 *
 * Clamp of Retry-After: 60 s to 7 d, 0 when absent or garbage (polling.md R41).
 */
int64_t schedule_retry_after_ms(const char *value, const char *date, int64_t now_ms);
/* From Cache-Control, Age, Expires, Date: 0 to 24 h (polling.md R27 to R35). */
int64_t schedule_fresh_ms(const char *cache_control, const char *age, const char *expires, const char *date, int64_t now_ms);

struct schedule_counters {             /* of requests that are left */
	const char *remaining, *reset; /* x-ratelimit-*, or the same without x- */
	const char *rate_limit;        /* RateLimit, of the drafts: one or several policies */
	const char *date;
	int status; /* 429 says itself that nothing is left, so there the reset alone will do */
};
/*
 * How long until a counter that says nothing is left begins again, of several the longest: 1 s to 7 d, on 429 and 503 as
 * Retry-After 60 s at least; else 0 (R44 and section 4).
 */
int64_t schedule_rate_limit_ms(const struct schedule_counters *c, int64_t now_ms);

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
/*
 * What an answer says to its host (R43, R44, R78, R91). asked_ms: Retry-After or what stands for it, which counts on a
 * complaint; used_up_ms: schedule_rate_limit_ms(), which counts on any answer; is_calm: it was HTTP/2's ENHANCE_YOUR_CALM,
 * a 429 without fields. In outcomes.c.
 */
struct pacing_answer outcome_for_host(const struct outcome_rule *rule, int status, bool is_calm, int64_t asked_ms, int64_t used_up_ms);
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
/* For who has a slot: 0: the next request of the same look may start now, and keeps it. Else how long it must wait. */
int64_t pacing_go_on(struct pacing *p, const char *group, int64_t now_ms);
/* Gives the slot back. answer NULL: nothing was learned. */
struct pacing_after pacing_done(struct pacing *p, const char *group, const struct pacing_answer *answer, int64_t now_ms);
int64_t pacing_gap_ms(const struct host_rule *rule, const struct pacing_learned *learned); /* the one in force */
size_t pacing_groups(const struct pacing *p);

#endif
