/*
 * What many polls together say of one source.
 *
 * Giving up. A row of the outcome table says after how long without a break, and after how many polls, a source is asked
 * once a week only. When failures of several kinds follow each other, the row that waits longest decides; an outcome
 * that is never given up (429, a test for robots) shows that somebody is there, and starts the count again.
 *
 * Moving. A permanent redirect is believed when every hop was one, a feed was read at its end, and the same was seen on
 * five polls over seven days (R47): portals of hotels have rewritten whole lists of subscriptions in an afternoon. From
 * http to https of the same address one poll is enough, and an old address that is gone at once (R48).
 */
#include <string.h>

#include "syndicated/schedule.h"

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define DAY ((int64_t)86400000)

#define MOVE_AFTER        (SCHEDULE_MOVE_DAYS * DAY) /* R47 */
#define GONE_CONFIRM      (7 * DAY)   /* R55 */
#define DORMANT_PROBE     (7 * DAY)   /* section 4 */
#define DISABLED_AFTER    (180 * DAY) /* section 4 */
#define JITTER_PARTS      10

struct judging { /* the arguments, and the time of the answer */
	struct source_health *health;
	struct schedule_state *state;
	const struct schedule_poll *poll;
	const struct schedule_sight *sight;
	struct schedule_decision *decision;
	struct schedule_news *news;
	int64_t now_ms;
};

static void tell(struct judging *j, enum event_type type)
{
	j->news->types[j->news->n++] = type;
}

static void enter(struct judging *j, enum source_state state)
{
	if (j->health->state == state)
		return;
	j->health->state = state;
	j->health->state_since_ms = j->now_ms;
}

static void wait_until(struct judging *j, int64_t at_ms, const char *reason)
{
	int64_t interval = at_ms - j->now_ms;

	if (interval < j->decision->interval_ms)
		return;
	j->decision->interval_ms = interval;
	j->decision->due_ms = at_ms + (int64_t)(j->sight->random % (uint64_t)(interval / JITTER_PARTS + 1));
	j->decision->reason = reason;
}

/* ---- moving ---- */

static void forget_streak(struct source_health *h)
{
	mem_set_str(&h->moving_to, NULL);
	h->moving_since_ms = 0;
	h->moving_polls = 0;
}

static bool is_redirected(const struct schedule_sight *s)
{
	return s->final_url && strcmp(s->final_url, s->url) != 0;
}

static bool has_userinfo(const char *url)
{
	auto_free char *bare = text_without_userinfo(url);

	return strcmp(bare, url) != 0;
}

static bool is_upgrade(const char *from, const char *to)
{
	return text_has_prefix_nocase(from, "http://") && text_has_prefix_nocase(to, "https://") && strcmp(from + 7, to + 8) == 0;
}

static void count_streak(struct judging *j)
{
	struct source_health *h = j->health;
	const char *target = j->sight->permanent_url;

	if (!h->moving_to || strcmp(h->moving_to, target) != 0) {
		forget_streak(h);
		mem_set_str(&h->moving_to, target);
		h->moving_since_ms = j->now_ms;
	}
	h->moving_polls++;
}

/* Where it moves to is what it was polled at before it moved: the configured address, which the caller knows. */
static void move(struct judging *j)
{
	struct source_health *h = j->health;

	mem_free(h->poll_url);
	h->poll_url = h->moving_to;
	h->moving_to = NULL;
	forget_streak(h);
	j->news->has_moved = true;
	tell(j, EVENT_SOURCE_MOVED);
}

/* It answered, and what it answered is no feed and leads to none. */
static bool is_refusal(enum poll_outcome o)
{
	return o == POLL_MISSING || o == POLL_GONE || o == POLL_CLIENT_ERROR || o == POLL_AUTH || o == POLL_FORBIDDEN || o == POLL_CHALLENGE;
}

static void judge_success_of_move(struct judging *j)
{
	struct source_health *h = j->health;
	const struct schedule_sight *s = j->sight;

	/* Credentials in the configured URL are for that server alone (R26), so the operator must say where they go now. */
	if (!s->permanent_url || has_userinfo(s->url)) {
		forget_streak(h); /* R49 */
		return;
	}
	count_streak(j);
	if (is_upgrade(s->url, h->moving_to) || (h->moving_polls >= SCHEDULE_MOVE_POLLS && j->now_ms - h->moving_since_ms >= MOVE_AFTER))
		move(j);
}

static void judge_move(struct judging *j)
{
	enum poll_outcome o = j->poll->outcome;

	if (poll_outcome_is_success(o))
		judge_success_of_move(j);
	else if ((o == POLL_MISSING || o == POLL_GONE) && !is_redirected(j->sight) && j->health->moving_to)
		move(j); /* R48 */
	else if (o == POLL_NOT_A_FEED || (is_refusal(o) && is_redirected(j->sight)))
		forget_streak(j->health); /* R49 */
}

/* ---- failing ---- */

static const struct outcome_rule *rule_of_run(const struct source_health *h)
{
	return outcome_rule(h->run_outcome, h->run_outcome == POLL_LIMITED ? 503 : 0); /* a 429 is in no run */
}

static void stop_run(struct source_health *h)
{
	h->run_since_ms = 0;
	h->run_polls = 0;
	h->run_outcome = POLL_OK;
}

static bool waits_longer(const struct outcome_rule *a, const struct outcome_rule *b)
{
	return a->give_up_ms != b->give_up_ms ? a->give_up_ms > b->give_up_ms : a->give_up_tries > b->give_up_tries;
}

static void count_run(struct judging *j, const struct outcome_rule *rule)
{
	struct source_health *h = j->health;

	if (rule->give_up_tries == 0) {
		stop_run(h);
		return;
	}
	if (h->run_polls == 0)
		h->run_since_ms = j->now_ms;
	if (h->run_polls == 0 || waits_longer(rule, rule_of_run(h)))
		h->run_outcome = rule->outcome;
	h->run_polls++;
}

static bool is_time_to_give_up(const struct judging *j)
{
	const struct source_health *h = j->health;
	const struct outcome_rule *rule;

	if (h->run_polls == 0)
		return false;
	rule = rule_of_run(h);
	return h->run_polls >= rule->give_up_tries && j->now_ms - h->run_since_ms >= rule->give_up_ms;
}

static void tell_of_failure(struct judging *j, enum event_type type)
{
	j->health->is_told = true;
	tell(j, type);
}

/* R55: the second 410, a week or more after the first, is believed for good. */
static void judge_gone(struct judging *j)
{
	struct source_health *h = j->health;

	if (h->state == SOURCE_GONE && j->now_ms - h->state_since_ms >= GONE_CONFIRM) {
		enter(j, SOURCE_DISABLED);
	} else if (h->state != SOURCE_GONE && h->state != SOURCE_DISABLED) {
		enter(j, SOURCE_GONE);
		tell_of_failure(j, EVENT_SOURCE_GONE);
	}
}

static void judge_failure(struct judging *j, const struct outcome_rule *rule)
{
	struct source_health *h = j->health;

	if (h->failing_since_ms == 0)
		h->failing_since_ms = j->now_ms;
	count_run(j, rule);
	if (rule->outcome == POLL_GONE) {
		judge_gone(j);
	} else if (source_state_is_given_up(h->state)) {
		if (j->now_ms - h->state_since_ms >= DISABLED_AFTER)
			enter(j, SOURCE_DISABLED);
	} else if (is_time_to_give_up(j)) {
		enter(j, SOURCE_DORMANT);
		tell_of_failure(j, EVENT_SOURCE_DORMANT);
	} else {
		enter(j, rule->outcome == POLL_CHALLENGE ? SOURCE_CHALLENGE : SOURCE_FAILING);
		if (!h->is_told && j->now_ms - h->failing_since_ms >= j->sight->hold_down_ms)
			tell_of_failure(j, EVENT_SOURCE_FAILING);
	}
}

static void judge_success(struct judging *j)
{
	struct source_health *h = j->health;

	enter(j, SOURCE_OK);
	h->failing_since_ms = 0;
	stop_run(h);
	if (h->is_told)
		tell(j, EVENT_SOURCE_RECOVERED);
	h->is_told = false;
}

/* ---- when, for those that were given up ---- */

static void put_off(struct judging *j)
{
	const struct source_health *h = j->health;
	int64_t confirm = h->state_since_ms + GONE_CONFIRM;

	if (h->state == SOURCE_DORMANT)
		wait_until(j, j->now_ms + DORMANT_PROBE, "dormant");
	else if (h->state == SOURCE_GONE)
		wait_until(j, confirm > j->now_ms ? confirm : j->now_ms + GONE_CONFIRM, "gone");
	else if (h->state == SOURCE_DISABLED)
		*j->decision = (struct schedule_decision){.due_ms = NEVER_DUE_MS, .reason = "disabled"};
}

/* The old address is no more and the new one is known: nothing has failed, and the new one is asked next. */
static void ask_new_address(struct judging *j)
{
	if (j->state->failures > 0)
		j->state->failures--;
	*j->decision = (struct schedule_decision){.due_ms = j->now_ms + j->sight->min_ms, .interval_ms = j->sight->min_ms, .reason = "moved"};
}

void schedule_judge(struct source_health *health, struct schedule_state *state, const struct schedule_poll *poll,
                    const struct schedule_sight *sight, struct schedule_decision *decision, struct schedule_news *ret)
{
	const struct outcome_rule *rule = outcome_rule(poll->outcome, poll->status);
	struct judging j = {health, state, poll, sight, decision, ret, poll->ended_ms > poll->started_ms ? poll->ended_ms : poll->started_ms};

	*ret = (struct schedule_news){0};
	if (rule->keeps_count)
		return;
	judge_move(&j);
	if (poll_outcome_is_success(poll->outcome))
		judge_success(&j);
	else if (ret->has_moved)
		ask_new_address(&j);
	else
		judge_failure(&j, rule);
	put_off(&j);
}
