/* One run: every source from its first poll to its last item. */
#include <math.h>
#include <stdlib.h>

#include "sim.h"

#include "syndicated/base/mem.h"

#define HOUR ((int64_t)3600 * 1000)
#define DAY  (24 * HOUR)

enum { WINDOW = 20, TRIES = 40 };

struct tally {
	double *delays; /* ms */
	size_t n, capacity;
	double days, source_means;
	size_t sources, polls, empty, missed, early;
};

/* What the origin shows at a time: the newest WINDOW of what is new; 304 when nothing is. */
struct sim_origin {
	const struct series *series;
	const struct run_options *options;
	size_t seen; /* index of the first item that no poll has shown or missed */
};

static struct schedule_poll answer(struct sim_origin *o, int64_t now_ms, size_t *ret_missed)
{
	struct schedule_poll p = {.outcome = POLL_NOT_MODIFIED, .status = 304, .started_ms = now_ms, .ended_ms = now_ms,
				  .has_validators = true, .was_conditional = true, .wire_bytes = o->options->bytes_304};
	size_t from = o->seen, to = from;

	while (to < o->series->n && o->series->items[to] <= now_ms)
		to++;
	*ret_missed = to - from > WINDOW ? to - from - WINDOW : 0;
	o->seen = to;
	if (to == from)
		return p;
	p.outcome = POLL_OK;
	p.status = 200;
	p.wire_bytes = o->options->bytes_200;
	p.new_items = to - from - *ret_missed;
	p.item_ms = &o->series->items[to - p.new_items];
	return p;
}

static void count_delays(struct tally *t, const struct schedule_poll *p)
{
	if (t->n + p->new_items > t->capacity) {
		t->capacity = 2 * (t->n + p->new_items);
		t->delays = mem_resize_array(t->delays, t->capacity, sizeof(*t->delays));
	}
	for (size_t i = 0; i < p->new_items; i++)
		t->delays[t->n++] = (double)(p->ended_ms - p->item_ms[i]);
}

/* The first poll shows what was known, newest last, and is no part of the score. */
static struct schedule_decision first_poll(const struct series *s, const struct run_options *o, struct schedule_state *state,
					   uint64_t random)
{
	size_t n = s->known < WINDOW ? s->known : WINDOW;
	struct schedule_poll p = {.outcome = POLL_OK, .status = 200, .started_ms = s->subscribed_ms,
				  .ended_ms = s->subscribed_ms, .has_validators = true, .new_items = n,
				  .item_ms = n ? &s->items[s->known - n] : NULL};

	return schedule_next(&o->policy, state, &p, random);
}

static void run_one(const struct series *s, const struct run_options *o, struct tally *t)
{
	struct sim_origin origin = {s, o, s->known};
	struct schedule_state state = {0};
	struct twister random;
	struct schedule_decision d;
	size_t polls = 0, before = t->n, missed = 0;
	int64_t last = s->subscribed_ms;

	twister_seed(&random, (uint32_t)s->seed);
	(void)twister_unit(&random); /* the phase took it */
	d = first_poll(s, o, &state, o->no_jitter ? 0 : twister_bits(&random));
	for (;;) {
		int64_t now = d.due_ms;
		struct schedule_poll p;

		if (now > s->end_ms + (origin.seen == s->n ? o->policy.min_ms : o->policy.max_ms))
			break;
		p = answer(&origin, now, &missed);
		polls++;
		t->empty += p.new_items == 0;
		t->missed += missed;
		t->early += now - last < o->policy.min_ms;
		count_delays(t, &p);
		d = schedule_next(&o->policy, &state, &p, o->no_jitter ? 0 : twister_bits(&random));
		last = now;
	}
	t->polls += polls;
	t->days += (double)(s->end_ms - s->subscribed_ms) / (double)DAY;
	if (t->n > before) {
		double sum = 0;

		for (size_t i = before; i < t->n; i++)
			sum += t->delays[i];
		t->source_means += sum / (double)(t->n - before);
		t->sources++;
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct run_result sum_up(struct tally *t)
{
	struct run_result r = {.items = t->n, .sources = t->sources, .missed = t->missed, .early = t->early};
	double sum = 0;

	if (t->n > 0) {
		qsort(t->delays, t->n, sizeof(*t->delays), compare);
		for (size_t i = 0; i < t->n; i++)
			sum += t->delays[i];
		r.mean_h = sum / (double)t->n / (double)HOUR;
		r.median_h = t->delays[t->n / 2] / (double)HOUR;
		r.p90_h = t->delays[t->n * 9 / 10] / (double)HOUR;
		r.source_mean_h = t->source_means / (double)t->sources / (double)HOUR;
	}
	if (t->polls > 0) {
		r.polls_per_day = (double)t->polls / t->days;
		r.empty = (double)t->empty / (double)t->polls;
	}
	mem_free(t->delays);
	return r;
}

/* simulate.py leaves out what it sees for less than two days. */
struct run_result run_all(const struct series_list *l, const struct run_options *o)
{
	struct tally t = {0};
	struct run_result r;

	for (size_t i = 0; i < l->n; i++)
		if ((o->part == 0 || (int)(i % 2) + 1 == o->part) &&
		    l->series[i].end_ms - l->series[i].subscribed_ms >= 2 * DAY)
			run_one(&l->series[i], o, &t);
	r = sum_up(&t);
	r.price_h = o->policy.poll_price_h;
	return r;
}

struct run_result run_at_budget(const struct series_list *l, const struct run_options *o, double budget)
{
	struct run_options tried = *o;
	double low = 1e-7, high = 1e4;
	struct run_result r = {0};

	for (int i = 0; i < TRIES; i++) {
		tried.policy.poll_price_h = sqrt(low * high);
		r = run_all(l, &tried);
		if (fabs(r.polls_per_day / budget - 1) < 0.002)
			break;
		if (r.polls_per_day > budget)
			low = tried.policy.poll_price_h;
		else
			high = tried.policy.poll_price_h;
	}
	return r;
}
