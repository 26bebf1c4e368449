/*
 * When to look again. What an outcome costs is in outcomes.c; the formula is that of polling.md section 3.4:
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
#define JITTER_PARTS      10          /* a tenth of the interval, R63 */
#define EVERY_HOUR        ((1u << 24) - 1)
#define EVERY_DAY         ((1u << 7) - 1)

static void count_failure(struct schedule_state *state, const struct outcome_rule *rule)
{
	if (poll_outcome_is_success(rule->outcome))
		state->failures = 0;
	else if (!rule->keeps_count && state->failures < INT64_MAX)
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
	struct schedule_decision d = {0}, floor = {.interval_ms = policy->min_ms, .reason = "poll.min"};
	int64_t end = poll->ended_ms > poll->started_ms ? poll->ended_ms : poll->started_ms; /* R62 */
	const struct outcome_rule *rule = outcome_rule(poll->outcome, poll->status);
	uint32_t hours, days;
	int64_t allowed;

	count_failure(state, rule);
	if (poll_outcome_is_success(poll->outcome))
		schedule_learn(&state->learned, poll);
	d.interval_ms = schedule_interval_ms(policy, l, end, &d.reason);
	lift_to_hints(&floor, policy, l, poll);
	lift(&floor, poll->retry_after_ms, "Retry-After");
	lift(&d, floor.interval_ms, floor.reason);
	d.floor = floor.reason;
	lift(&d, outcome_back_off_ms(rule, state->failures, poll->retry_after_ms, policy->max_ms), "back-off");

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
