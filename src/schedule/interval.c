/*
 * How long to wait: the staleness budget of polling.md section 3.2, in the form that minimises it.
 *
 * A poll costs as much as one item that waits poll_price hours. With items coming at a steady rate r, least is lost when
 * the gap is T = sqrt(2 * price / r), that is, when r * T = sqrt(2 * price * r) items are expected to be waiting. Where
 * the rate changes with the hour, moving a poll by a moment costs what waits already and saves what comes in that moment
 * times the next gap; both are equal when
 *
 *	items waiting = rate now * next gap = sqrt(2 * price * rate now)
 *
 * so that is the rule: poll when as many items wait as the rate at that time would make one wait for. In the evening,
 * when the rate falls, what waits is fetched; in the morning there is time until it is worth it.
 */
#include <math.h>

#include "learn.h"

#define QUARTER_MS    (HOUR_MS / 4)
#define FINE_MS       (2 * HOUR_MS) /* steps are of a quarter of an hour until then, for the burst fades fast */
#define FREE_BYTES    (16.0 * 1024) /* on the wire; a poll that takes so many costs twice */
#define WEIGHT_MAX    16.0
#define REFERENCE_DAY 1.0 /* at this rate lean changes nothing */

struct outlook { /* rates are items a day */
	double base;      /* without the hour of the day */
	double hours[24]; /* factors, their mean is 1 */
	double burst;     /* rate at the start; halves every RECENT_DAYS */
};

/* 1-2-1 smoothed on the circle, so that 9:59 teaches about 10:01. */
static void fill_hours(const struct schedule_learned *l, double out[24])
{
	double sum = 0;

	for (int h = 0; h < 24; h++) {
		out[h] = (l->hours[(h + 23) % 24] + 2 * l->hours[h] + l->hours[(h + 1) % 24]) / 4 + PRIOR_HOUR;
		sum += out[h];
	}
	for (int h = 0; h < 24; h++)
		out[h] *= 24 / sum;
}

static void look_out(const struct schedule_learned *l, int64_t now_ms, struct outlook *o)
{
	struct schedule_learned now = *l;

	learned_fade(&now, (double)(now_ms - l->at_ms) / (double)DAY_MS);
	o->base = (1 - BURST_SHARE) * (PRIOR_ITEMS + now.items) / (PRIOR_DAYS + now.exposure_days);
	o->burst = BURST_SHARE * now.recent * M_LN2 / RECENT_DAYS;
	fill_hours(&now, o->hours);
}

static double base_rate(const struct outlook *o, int64_t at_ms)
{
	return o->base * o->hours[at_ms / HOUR_MS % 24];
}

/* The end of the step that begins at at_ms: the rate of the hour is one number up to there. */
static int64_t step_end(int64_t start_ms, int64_t at_ms)
{
	int64_t end = (at_ms / HOUR_MS + 1) * HOUR_MS;

	return at_ms - start_ms < FINE_MS && end > at_ms + QUARTER_MS ? at_ms + QUARTER_MS : end;
}

/* The items of the burst that are expected in a step, which then is over. */
static double take_burst(struct outlook *o, double days)
{
	double before = o->burst;

	if (before <= 0)
		return 0;
	o->burst *= exp2(-days / RECENT_DAYS);
	return (before - o->burst) * RECENT_DAYS / M_LN2;
}

struct rule {
	double price_days; /* of a poll, in days that one item waits */
	double lean;
};

/* How many waiting items are worth a poll at this rate. */
static double worth(const struct rule *r, double rate)
{
	double items = sqrt(2 * r->price_days * rate);

	return r->lean == DEFAULT_LEAN ? items : items * pow(rate / REFERENCE_DAY, DEFAULT_LEAN - r->lean);
}

/* Whole days that can be left out before the hours are looked at one by one: the burst is over by then. */
static int64_t skip_days(const struct outlook *o, const struct rule *r, double waiting)
{
	double least = INFINITY, days;

	for (int h = 0; h < 24; h++)
		least = fmin(least, worth(r, o->base * o->hours[h]));
	days = floor((least - waiting) / o->base) - 1;
	return days > 0 ? (int64_t)fmin(days, 10000) : 0;
}

static int64_t find_interval(struct outlook *o, const struct rule *r, int64_t now_ms, int64_t max_ms)
{
	double waiting = 0;
	bool is_fine = true;

	for (int64_t at = now_ms, end; at - now_ms < max_ms; at = end) {
		double days, rate, burst, enough;

		if (is_fine && at - now_ms >= 2 * DAY_MS) {
			int64_t skipped = skip_days(o, r, waiting);

			at += skipped * DAY_MS;
			waiting += (double)skipped * o->base;
			is_fine = false;
		}
		end = step_end(now_ms, at);
		days = (double)(end - at) / (double)DAY_MS;
		burst = take_burst(o, days);
		rate = base_rate(o, at) + burst / days;
		enough = worth(r, rate);
		if (waiting + rate * days >= enough)
			return at - now_ms + (waiting < enough ? (int64_t)((enough - waiting) / rate * (double)DAY_MS) : 0);
		waiting += rate * days;
	}
	return max_ms;
}

static struct rule make_rule(const struct schedule_policy *policy, const struct schedule_learned *l)
{
	double price = policy->poll_price_h > 0 ? policy->poll_price_h : DEFAULT_PRICE_H;

	return (struct rule){
	    .price_days = price / 24 * fmin(WEIGHT_MAX, 1 + l->wire_bytes / FREE_BYTES),
	    .lean = policy->lean > 0 ? policy->lean : DEFAULT_LEAN,
	};
}

int64_t schedule_interval_ms(const struct schedule_policy *policy, const struct schedule_learned *l, int64_t now_ms,
			     const char **ret_reason)
{
	struct rule rule = make_rule(policy, l);
	struct outlook outlook;
	int64_t interval;

	*ret_reason = "poll.min";
	if (l->at_ms == 0)
		return policy->min_ms;
	if (now_ms < 0)
		now_ms = 0;
	look_out(l, now_ms, &outlook);
	interval = find_interval(&outlook, &rule, now_ms, policy->max_ms);
	if (interval <= policy->min_ms)
		return policy->min_ms;
	*ret_reason = interval < policy->max_ms ? "rate" : "poll.max";
	return interval < policy->max_ms ? interval : policy->max_ms;
}

double schedule_rate(const struct schedule_learned *l, int64_t now_ms)
{
	struct outlook o;

	if (l->at_ms == 0)
		return 0;
	now_ms = now_ms > 0 ? now_ms : 0;
	look_out(l, now_ms, &o);
	return base_rate(&o, now_ms) + o.burst;
}
