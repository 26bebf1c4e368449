/*
 * What a source's polls teach about it (polling.md section 3.2). Every count fades by a half-life, so the state is of one
 * size for ever, follows a source that changes its ways, and does not depend on the order of the items of a poll.
 */
#include <math.h>

#include "learn.h"

#include "syndicated/model/document.h"

#define WIRE_BYTES_MAX 1e9
#define WIRE_GAIN      0.2 /* weight of the last poll */
#define FADE_DAYS_MAX  36500.0

static double halved(double days, double half_life_days)
{
	return exp2(-days / half_life_days);
}

void learned_fade(struct schedule_learned *l, double days)
{
	double kept, hours_kept;

	if (!(days > 0))
		return;
	if (days > FADE_DAYS_MAX)
		days = FADE_DAYS_MAX;
	kept = halved(days, HALF_LIFE_DAYS);
	hours_kept = halved(days, PROFILE_DAYS);
	l->items *= kept;
	l->exposure_days = l->exposure_days * kept + (1 - kept) * HALF_LIFE_DAYS / M_LN2;
	l->recent *= halved(days, RECENT_DAYS);
	for (int h = 0; h < 24; h++)
		l->hours[h] *= hours_kept;
}

static void add_item(struct schedule_learned *l, int64_t item_ms, int64_t now_ms)
{
	double age = (double)(now_ms - item_ms) / (double)DAY_MS;

	l->items += halved(age, HALF_LIFE_DAYS);
	l->recent += halved(age, RECENT_DAYS);
	l->hours[item_ms / HOUR_MS % 24] += halved(age, PROFILE_DAYS);
}

/* The first window is history: its dates count as they are, those of the future and of no time not at all. */
static void back_fill(struct schedule_learned *l, const struct schedule_poll *poll, int64_t now_ms)
{
	int64_t oldest = now_ms;

	for (size_t i = 0; poll->item_ms && i < poll->new_items; i++) {
		int64_t t = poll->item_ms[i];

		if (t < 0 || t > now_ms)
			continue;
		add_item(l, t, now_ms);
		oldest = t < oldest ? t : oldest;
	}
	l->exposure_days =
	    (1 - halved((double)(now_ms - oldest) / (double)DAY_MS, HALF_LIFE_DAYS)) * HALF_LIFE_DAYS / M_LN2;
}

/* What is new now appeared since the last poll, whatever it says; without a date it counts in the middle. */
static void add_news(struct schedule_learned *l, const struct schedule_poll *poll, int64_t from_ms, int64_t now_ms)
{
	for (size_t i = 0; i < poll->new_items; i++) {
		int64_t t = poll->item_ms ? poll->item_ms[i] : TIME_UNKNOWN;

		if (t == TIME_UNKNOWN)
			t = from_ms + (now_ms - from_ms) / 2;
		add_item(l, t < from_ms ? from_ms : t > now_ms ? now_ms : t, now_ms);
	}
}

/* The first answer, which cannot be a 304, says nothing about the next ones of a source that offers validators. */
static void weigh(struct schedule_learned *l, const struct schedule_poll *poll)
{
	double bytes = poll->wire_bytes > 0 ? (double)poll->wire_bytes : 0;

	if (poll->has_validators && !poll->was_conditional)
		return;
	if (bytes > WIRE_BYTES_MAX)
		bytes = WIRE_BYTES_MAX;
	l->wire_bytes = l->wire_bytes > 0 ? l->wire_bytes + WIRE_GAIN * (bytes - l->wire_bytes) : bytes;
}

static void remember_hints(struct schedule_learned *l, const struct schedule_poll *poll)
{
	l->offers_validators = l->offers_validators || poll->has_validators;
	if (!poll->has_document)
		return;
	l->ttl_ms = poll->ttl_ms;
	l->skip_hours = poll->skip_hours;
	l->skip_days = poll->skip_days;
}

void schedule_learn(struct schedule_learned *l, const struct schedule_poll *poll)
{
	int64_t now = poll->ended_ms > poll->started_ms ? poll->ended_ms : poll->started_ms, from = l->at_ms;

	if (now < 1) /* a clock from before 1970: at_ms must not say "nothing known" */
		now = 1;
	if (l->at_ms == 0) {
		back_fill(l, poll, now);
	} else {
		from = from < now ? from : now;
		learned_fade(l, (double)(now - from) / (double)DAY_MS);
		add_news(l, poll, from, now);
	}
	l->at_ms = now;
	weigh(l, poll);
	remember_hints(l, poll);
}
