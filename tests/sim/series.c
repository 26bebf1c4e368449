/* Series from a file, and series that are made up. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#include "syndicated/base/mem.h"

#define SECOND ((int64_t)1000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

enum { WINDOW = 20 };

void series_list_done(struct series_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		mem_free(l->series[i].name);
		mem_free(l->series[i].items);
	}
	mem_free(l->series);
	*l = (struct series_list){0};
}

/* ---- from a file ---- */

static uint64_t hash_name(const char *name)
{
	uint64_t h = 0;

	for (; *name; name++)
		h = (h * 131 + (unsigned char)*name) % 1000003;
	return h;
}

/* simulate.py: a fifth of the items, 3 to 20, are there at first; subscribed at a random time before the next one. */
static void subscribe(struct series *s, uint64_t seed)
{
	struct twister random;
	int64_t gap, at;

	s->known = s->n / 5 < WINDOW ? s->n / 5 : WINDOW;
	if (s->known < 3)
		s->known = 3;
	gap = s->items[s->known] - s->items[s->known - 1];
	gap = gap < 60 * SECOND ? 60 * SECOND : gap > DAY ? DAY : gap;
	s->seed = hash_name(s->name) + seed;
	twister_seed(&random, (uint32_t)s->seed);
	at = s->items[s->known - 1] + (int64_t)(twister_unit(&random) * (double)gap);
	s->subscribed_ms = at < s->items[s->known] ? at : s->items[s->known];
	s->end_ms = s->items[s->n - 1];
}

static bool read_series(const char *name, const json_t *times, uint64_t seed, struct series *s)
{
	size_t n = json_array_size(times);

	if (n < 4)
		return false;
	s->name = mem_dup_str(name);
	s->items = mem_new_array(int64_t, n);
	s->n = n;
	for (size_t i = 0; i < n; i++) {
		s->items[i] = (int64_t)(json_number_value(json_array_get(times, i)) * 1000);
		if (i > 0 && s->items[i] < s->items[i - 1])
			s->items[i] = s->items[i - 1];
	}
	subscribe(s, seed);
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct series *x = a, *y = b;

	return strcmp(x->name, y->name);
}

bool series_load(const char *path, uint64_t seed, struct series_list *ret)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error), *times;
	const char *name;

	if (!root || !json_is_object(root)) {
		(void)fprintf(stderr, "%s: %s\n", path, root ? "not an object of names and lists of times" : error.text);
		json_decref(root);
		return false;
	}
	*ret = (struct series_list){.series = mem_new_array(struct series, json_object_size(root) + 1)};
	json_object_foreach(root, name, times)
		if (read_series(name, times, seed, &ret->series[ret->n]))
			ret->n++;
	json_decref(root);
	qsort(ret->series, ret->n, sizeof(ret->series[0]), by_name);
	return true;
}

/* ---- made up: polling.md section 3.4 ---- */

#define SUBSCRIBED       (60 * DAY)
#define WATCHED          (180 * DAY)
#define BEGINNING        (20000 * DAY) /* a Saturday in 2024 */
#define RATE_MEDIAN      0.3           /* items a day */
#define RATE_SIGMA       1.8
#define BRANCHING        0.3
#define BURST_HALF_DAYS  0.25
#define MANY             100000u

struct maker {
	struct twister *random;
	double rate;       /* items a day that nothing caused */
	double phase[2], depth[2];
	bool weekdays_only, is_cron;
	int64_t dies_ms;   /* INT64_MAX: never */
};

static double normal(struct twister *t)
{
	double u = twister_unit(t), v = twister_unit(t);

	return sqrt(-2 * log(1 - u)) * cos(2 * M_PI * v);
}

static void draw_maker(struct maker *m)
{
	struct twister *t = m->random;

	m->rate = RATE_MEDIAN * exp(RATE_SIGMA * normal(t)) * (1 - BRANCHING);
	for (int i = 0; i < 2; i++) {
		m->phase[i] = twister_unit(t);
		m->depth[i] = 0.5 * twister_unit(t);
	}
	m->weekdays_only = twister_unit(t) < 0.1;
	m->dies_ms = BEGINNING + SUBSCRIBED + WATCHED;
	if (twister_unit(t) < 0.1)
		m->dies_ms = BEGINNING + (int64_t)(twister_unit(t) * (double)(SUBSCRIBED + WATCHED));
	m->is_cron = twister_unit(t) < 0.05;
}

static bool is_weekend(int64_t at_ms)
{
	return (at_ms / DAY + 3) % 7 >= 5; /* day 0 was a Thursday */
}

/* 0 to 2, its mean over a day is 1. */
static double time_of_day(const struct maker *m, int64_t at_ms)
{
	double day = (double)(at_ms % DAY) / (double)DAY, f = 1;

	if (m->weekdays_only && is_weekend(at_ms))
		return 0;
	for (int i = 0; i < 2; i++)
		f += m->depth[i] * cos(2 * M_PI * ((i + 1) * day + m->phase[i]));
	return f;
}

static void append(struct series *s, size_t *capacity, int64_t at_ms)
{
	if (s->n == *capacity)
		s->items = mem_resize_array(s->items, *capacity = *capacity ? 2 * *capacity : 64, sizeof(*s->items));
	s->items[s->n++] = at_ms;
}

/* Ogata's thinning: steps at a rate that is never too low, each kept with the chance that the true rate gives it. */
static void publish_bursts(const struct maker *m, struct series *s)
{
	double burst = 0; /* rate caused by earlier items, at the time of the last step */
	int64_t at = BEGINNING;
	size_t capacity = 0;

	while (s->n < MANY) {
		double most = 2 * m->rate + burst, wait = -log(1 - twister_unit(m->random)) / most;

		at += (int64_t)(fmin(wait, 400) * (double)DAY) + 1;
		burst *= exp2(-wait / BURST_HALF_DAYS);
		if (at >= m->dies_ms)
			return;
		if (twister_unit(m->random) * most >= m->rate * time_of_day(m, at) + burst)
			continue;
		append(s, &capacity, at);
		burst += BRANCHING * M_LN2 / BURST_HALF_DAYS;
	}
}

/* At full hours, by a timer: at least one item a month, at most one an hour. */
static void publish_by_timer(const struct maker *m, struct series *s)
{
	double hours = fmin(fmax(24 / m->rate, 1), 720);
	int64_t step = (int64_t)hours * HOUR;
	size_t capacity = 0;

	for (int64_t at = BEGINNING + (int64_t)(twister_unit(m->random) * 24) * HOUR; at < m->dies_ms; at += step)
		if (time_of_day(m, at) > 0)
			append(s, &capacity, at);
}

void series_generate(size_t n, uint64_t seed, struct series_list *ret)
{
	struct twister random;

	*ret = (struct series_list){.series = mem_new_array(struct series, n + 1), .n = n};
	twister_seed(&random, (uint32_t)seed);
	for (size_t i = 0; i < n; i++) {
		struct maker m = {.random = &random};
		struct series *s = &ret->series[i];

		draw_maker(&m);
		if (m.is_cron)
			publish_by_timer(&m, s);
		else
			publish_bursts(&m, s);
		s->name = mem_printf("made/%zu", i);
		s->seed = seed * 1000003 + i;
		s->subscribed_ms = BEGINNING + SUBSCRIBED + (int64_t)(twister_unit(&random) * (double)DAY);
		s->end_ms = BEGINNING + SUBSCRIBED + WATCHED;
		while (s->known < s->n && s->items[s->known] <= s->subscribed_ms)
			s->known++;
	}
}
