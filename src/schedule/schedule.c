/*
 * When to look again. One row of the table for each outcome (polling.md section 4); the formula is that of section 3.4:
 *
 *	interval = max(learned, floor, Retry-After, back-off)
 *	due      = end + interval, out of the skipped hours and days, + up to 10 % jitter
 *
 * Nothing here makes a poll come sooner than what was learned: hints, errors and jitter only add (R39, R63, R74).
 */
#include "syndicated/schedule.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define HINT_MAX          (24 * HOUR) /* R34 */
#define UNCONDITIONAL_MIN (60 * MINUTE) /* section 1: no judge bears more from who asks without conditions */
#define SKIP_SHIFT_MAX    (72 * HOUR) /* R38 */
#define LIMITED_AGAIN_MIN (4 * HOUR)  /* R45 */
#define JITTER_PARTS      10          /* a tenth of the interval, R63 */
#define EVERY_HOUR        ((1u << 24) - 1)
#define EVERY_DAY         ((1u << 7) - 1)

enum { STATUS_TOO_MANY_REQUESTS = 429 };

struct outcome_row {
	int64_t step_ms; /* after the first failure; doubles with each more. 0: not a failure */
	int64_t cap_ms;
	bool is_final;    /* the server said so itself: poll.max does not shorten it */
	bool keeps_count; /* says nothing about the source: neither counted nor forgiven */
};

static const struct outcome_row rows[POLL_OUTCOMES] = {
    [POLL_OK] = {0},
    [POLL_UNCHANGED] = {0},
    [POLL_NOT_MODIFIED] = {0},
    [POLL_DAMAGED] = {0},
    [POLL_NOT_A_FEED] = {2 * HOUR, 24 * HOUR, false, false},
    [POLL_HTTP_PROTOCOL] = {1 * HOUR, 24 * HOUR, false, false},
    [POLL_REDIRECT_BAD] = {2 * HOUR, 24 * HOUR, false, false},
    [POLL_BLOCKED] = {24 * HOUR, 7 * DAY, false, false},
    [POLL_CLIENT_ERROR] = {2 * HOUR, 24 * HOUR, false, false},
    [POLL_AUTH] = {12 * HOUR, 7 * DAY, false, false},
    [POLL_FORBIDDEN] = {4 * HOUR, 24 * HOUR, false, false},
    [POLL_CHALLENGE] = {24 * HOUR, 7 * DAY, false, false}, /* R58 */
    [POLL_MISSING] = {1 * HOUR, 24 * HOUR, false, false},
    [POLL_TRANSIENT] = {30 * MINUTE, 24 * HOUR, false, false},
    [POLL_GONE] = {7 * DAY, 364 * DAY, true, false}, /* R55: one probe after a week, then hardly ever */
    [POLL_LIMITED] = {1 * HOUR, 24 * HOUR, false, false},
    [POLL_SERVER_ERROR] = {1 * HOUR, 24 * HOUR, false, false},
    [POLL_SERVER_ODD] = {6 * HOUR, 24 * HOUR, false, false},
    [POLL_DNS_TEMPORARY] = {30 * MINUTE, 12 * HOUR, false, false},
    [POLL_DNS_PERMANENT] = {2 * HOUR, 24 * HOUR, false, false},
    [POLL_CONNECT] = {30 * MINUTE, 24 * HOUR, false, false},
    [POLL_TLS_CERT] = {4 * HOUR, 24 * HOUR, false, false},
    [POLL_TLS] = {1 * HOUR, 24 * HOUR, false, false},
    [POLL_STALL] = {1 * HOUR, 24 * HOUR, false, false},
    [POLL_HTTP2] = {30 * MINUTE, 24 * HOUR, false, false},
    [POLL_OVERSIZE] = {24 * HOUR, 7 * DAY, false, false},
    [POLL_ENCODING] = {1 * HOUR, 24 * HOUR, false, false},
    [POLL_WORKER] = {2 * HOUR, 24 * HOUR, false, false},
    [POLL_LOCAL] = {1 * MINUTE, 1 * MINUTE, false, true},
};

static int64_t double_up(int64_t step_ms, int64_t cap_ms, int64_t times)
{
	while (times-- > 0 && step_ms < cap_ms)
		step_ms *= 2;
	return step_ms < cap_ms ? step_ms : cap_ms;
}

/* R45, R73 and section 4. What the server itself asked for (429, 410) is not shortened by poll.max; all else is. */
static int64_t back_off(const struct schedule_policy *policy, const struct schedule_poll *poll, int64_t failures)
{
	const struct outcome_row *row = &rows[poll->outcome];
	bool is_429 = poll->outcome == POLL_LIMITED && poll->status == STATUS_TOO_MANY_REQUESTS;
	int64_t wait;

	if (row->step_ms == 0)
		return 0;
	if (poll->outcome == POLL_LIMITED && poll->retry_after_ms > 0)
		return 0; /* Retry-After says it better */
	wait = double_up(row->step_ms, row->cap_ms, failures > 0 ? failures - 1 : 0);
	if (is_429 && failures > 1 && wait < LIMITED_AGAIN_MIN)
		wait = LIMITED_AGAIN_MIN;
	if (!row->is_final && !is_429 && wait > policy->max_ms)
		wait = policy->max_ms;
	return wait;
}

static void count_failure(struct schedule_state *state, enum poll_outcome outcome)
{
	if (poll_outcome_is_success(outcome))
		state->failures = 0;
	else if (!rows[outcome].keeps_count && state->failures < INT64_MAX)
		state->failures++;
}

static void lift(struct schedule_decision *d, int64_t interval_ms, const char *reason)
{
	if (interval_ms > d->interval_ms) {
		d->interval_ms = interval_ms;
		d->reason = reason;
	}
}

/*
 * Who never offers validators pays for every poll with a whole document, so hourly is often enough. Then the cut hints of
 * the server; those in the head of a failed answer are about its error page and do not count.
 */
static void lift_to_hints(struct schedule_decision *d, const struct schedule_policy *policy,
			  const struct schedule_learned *l, const struct schedule_poll *poll)
{
	if (l->at_ms != 0 && !l->offers_validators && !policy->min_is_own)
		lift(d, UNCONDITIONAL_MIN < policy->max_ms ? UNCONDITIONAL_MIN : policy->max_ms, "no validators");
	if (policy->ignores_hints)
		return;
	if (poll_outcome_is_success(poll->outcome))
		lift(d, poll->fresh_ms < HINT_MAX ? poll->fresh_ms : HINT_MAX, "max-age");
	lift(d, l->ttl_ms < HINT_MAX ? l->ttl_ms : HINT_MAX, "ttl");
}

static bool is_skipped(int64_t at_ms, uint32_t hours, uint32_t days)
{
	int64_t hour = at_ms / HOUR, day = at_ms / DAY;

	/* 1970-01-01 was a Thursday; day 0 is Monday. */
	return (hours >> (hour % 24) & 1) || (days >> ((day + 3) % 7) & 1);
}

/* R38, in GMT. An element that leaves no time at all is ignored, and nothing waits longer than three days for it. */
static int64_t next_allowed(int64_t due_ms, uint32_t hours, uint32_t days)
{
	int64_t at = due_ms, last = due_ms + SKIP_SHIFT_MAX;

	hours &= EVERY_HOUR;
	days &= EVERY_DAY;
	if (hours == EVERY_HOUR)
		hours = 0;
	if (days == EVERY_DAY)
		days = 0;
	while (at < last && at >= 0 && is_skipped(at, hours, days))
		at = (at / HOUR + 1) * HOUR;
	return at < last ? at : last;
}

static int64_t jitter(int64_t interval_ms, uint64_t random)
{
	uint64_t room = (uint64_t)(interval_ms / JITTER_PARTS) + 1;

	return (int64_t)(random % room);
}

struct schedule_decision schedule_next(const struct schedule_policy *policy, struct schedule_state *state,
				       const struct schedule_poll *poll, uint64_t random)
{
	const struct schedule_learned *l = &state->learned;
	struct schedule_decision d = {0};
	int64_t end = poll->ended_ms > poll->started_ms ? poll->ended_ms : poll->started_ms; /* R62 */
	uint32_t hours, days;
	int64_t allowed;

	count_failure(state, poll->outcome);
	if (poll_outcome_is_success(poll->outcome))
		schedule_learn(&state->learned, poll);
	d.interval_ms = schedule_interval_ms(policy, l, end, &d.reason);
	lift_to_hints(&d, policy, l, poll);
	lift(&d, poll->retry_after_ms, "Retry-After");
	lift(&d, back_off(policy, poll, state->failures), "back-off");

	hours = policy->ignores_hints ? 0 : l->skip_hours;
	days = policy->ignores_hints ? 0 : l->skip_days;
	allowed = next_allowed(end + d.interval_ms, hours, days);
	if (allowed > end + d.interval_ms)
		d.reason = "skipHours";
	d.due_ms = allowed + jitter(d.interval_ms, random);
	if (allowed < end + d.interval_ms + SKIP_SHIFT_MAX) /* else it has been moved as far as anything is */
		d.due_ms = next_allowed(d.due_ms, hours, days);
	return d;
}
