/*
 * Scenes of polling.md section 7 that take days: the poller in virtual time (world.h), an origin that notes what it is asked
 * (scenes_origin.c), and what must hold of that.
 *
 *	scenes NAME [--sources N] [--days N] [--seed N]
 *
 * Prints one JSON line; exit status 1 unless all that must hold does.
 */
#include <curl/curl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenes.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

struct play {
	const char *kind;  /* of scenes_origin.c */
	unsigned n_sources;
	unsigned per_host; /* sources at one address */
	const char *config;
	int64_t days;
	int64_t start_ms; /* mono and wall; 0: SIM_START */
	int64_t score_from_ms; /* since the start */
	const struct sim_event *events; /* at_ms since the start */
	size_t n_events;
	uint64_t seed;
};

static struct scene *scene;
static struct source_list *stored; /* as the store has them at the end */

#define MUST(condition) must(condition, #condition)

static bool all_hold = true;

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "it does not hold that %s\n", what);
	all_hold = false;
}

/* ---- playing ---- */

static void write_config(const char *path, const char *dir, int port, const struct play *p)
{
	FILE *f = fopen(path, "w");

	if (!f)
		sim_fail(path, NULL);
	(void)fprintf(f, "state-dir: %s\ncontrol: %s/control.sock\nallow-networks: [127.0.0.0/8]\n%s\nsources:\n", dir, dir, p->config);
	for (unsigned i = 0; i < p->n_sources; i++) {
		unsigned host = i / p->per_host;

		(void)fprintf(f, "  - {url: \"http://127.%u.%u.1:%d/%s/%u\", name: s%u}\n", 1 + host / 250, 1 + host % 250, port, p->kind, i, i);
	}
	(void)fclose(f);
}

static void poll_until_the_end(const struct play *p, const char *dir, const char *config)
{
	struct sim_event *events = mem_new_array(struct sim_event, p->n_events + 1);
	int64_t start_ms = scene->time.mono_ms;

	for (size_t i = 0; i < p->n_events; i++) {
		events[i] = p->events[i];
		events[i].at_ms += start_ms;
	}
	sim_world_run(&(struct sim_world){.dir = dir, .config = config, .time = &scene->time, .end_ms = start_ms + p->days * SIM_DAY,
	                                  .events = events, .n_events = p->n_events, .ctx = scene});
	mem_free(events);
}

static void read_stored(const char *dir)
{
	struct err err = {0};
	struct store_reader *r = store_reader_open(dir, &err);

	if (!r || store_read_sources(r, &stored, &err) < 0)
		sim_fail("reading the store", &err);
	store_reader_close(r);
}

static void play(const struct play *p)
{
	char *dir = sim_dir_new(), *config = mem_printf("%s/scene.yaml", dir);
	int port = 0, status = 0, listener = loopback_listen(&port);
	pid_t origin, poller;

	scene = sim_shared(sizeof *scene);
	scene->time.mono_ms = p->start_ms ? p->start_ms : SIM_START;
	scene->score_from_ms = scene->time.mono_ms + p->score_from_ms;
	scene->n_sources = p->n_sources;
	write_config(config, dir, port, p);
	(void)fflush(NULL); /* or the children print it, too */
	origin = fork();
	if (origin == 0)
		scene_origin(listener, port, scene, p->seed);
	close(listener);
	poller = fork();
	if (poller == 0) {
		poll_until_the_end(p, dir, config);
		exit(0);
	}
	if (origin < 0 || poller < 0 || waitpid(poller, &status, 0) < 0 || status != 0)
		sim_fail("the poller", NULL);
	(void)kill(origin, SIGKILL);
	(void)waitpid(origin, NULL, 0);
	read_stored(dir);
	sim_dir_remove(dir);
	mem_free(config);
}

/* ---- what the origin saw ---- */

/* The shortest time between two requests of one source, or of one address. */
static int64_t shortest_gap(unsigned per_group)
{
	int64_t *last = mem_new_array(int64_t, scene->n_sources), shortest = INT64_MAX;

	for (size_t i = 0; i < scene->n_hits; i++) {
		const struct hit *h = &scene->hits[i];
		int64_t *l = &last[h->source / per_group];

		if (*l && h->mono_ms - *l < shortest)
			shortest = h->mono_ms - *l;
		*l = h->mono_ms;
	}
	mem_free(last);
	return shortest;
}

/* The longest time without a request of one source between two moments, both counted as one. */
static int64_t longest_gap(int64_t from_ms, int64_t to_ms)
{
	int64_t *last = mem_new_array(int64_t, scene->n_sources), longest = 0;

	for (size_t i = 0; i <= scene->n_hits; i++) {
		bool is_end = i == scene->n_hits || scene->hits[i].mono_ms > to_ms;

		for (unsigned s = is_end ? 0 : scene->hits[i].source, end = is_end ? scene->n_sources : s + 1; s < end; s++) {
			int64_t before = last[s] > from_ms ? last[s] : from_ms, now = is_end ? to_ms : scene->hits[i].mono_ms;

			if (now - before > longest)
				longest = now - before;
			last[s] = now;
		}
		if (is_end)
			break;
	}
	mem_free(last);
	return longest;
}

static size_t count_hits(int64_t from_ms, int64_t to_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < scene->n_hits; i++)
		n += scene->hits[i].mono_ms >= from_ms && scene->hits[i].mono_ms < to_ms;
	return n;
}

/* The most requests within any so many milliseconds. */
static size_t most_within(int64_t window_ms, int64_t from_ms, int64_t to_ms)
{
	size_t most = 0, first = 0;

	for (size_t i = 0; i < scene->n_hits; i++) {
		if (scene->hits[i].mono_ms < from_ms || scene->hits[i].mono_ms >= to_ms)
			continue;
		while (scene->hits[first].mono_ms <= scene->hits[i].mono_ms - window_ms || scene->hits[first].mono_ms < from_ms)
			first++;
		if (i - first + 1 > most)
			most = i - first + 1;
	}
	return most;
}

/* How long it takes from then on until each source was asked. */
static int64_t all_asked_after(int64_t from_ms)
{
	bool *seen = mem_new_array(bool, scene->n_sources);
	unsigned n = 0;
	int64_t end = INT64_MAX;

	for (size_t i = 0; i < scene->n_hits && n < scene->n_sources; i++) {
		if (scene->hits[i].mono_ms < from_ms)
			continue;
		n += !seen[scene->hits[i].source];
		seen[scene->hits[i].source] = true;
		end = scene->hits[i].mono_ms;
	}
	mem_free(seen);
	return n == scene->n_sources ? end - from_ms : INT64_MAX;
}

static size_t not_well(void)
{
	size_t n = 0;

	for (size_t i = 0; i < stored->n; i++)
		n += stored->sources[i]->failures > 0 || stored->sources[i]->health.state != SOURCE_OK;
	return n;
}

static bool all_are(enum source_state state)
{
	for (size_t i = 0; i < stored->n; i++)
		if (stored->sources[i]->health.state != state)
			return false;
	return true;
}

static double hours(int64_t ms)
{
	return (double)ms / (double)SIM_HOUR;
}

static double mean_delay_h(void)
{
	return scene->items ? scene->delay_ms / (double)scene->items / (double)SIM_HOUR : 0;
}

/* ---- the scenes ---- */

enum { RATE = 20 }; /* fetch.rate, as it is when nothing is said */

/* T30: let in by the bucket, of a host one at a time; then even over the day. */
static void play_import(struct play *p)
{
	int64_t start = SIM_START, pass, half;
	size_t per_second, busiest;
	double mean;

	p->per_host = 5;
	play(p);
	pass = all_asked_after(start);
	per_second = most_within(SIM_SECOND, 0, start + pass);
	half = start + p->days * SIM_DAY / 2; /* steady from there on */
	mean = (double)count_hits(half, INT64_MAX) / (double)(p->days * 720);
	busiest = most_within(SIM_MINUTE, half, INT64_MAX);
	printf("{\"scene\": \"import\", \"sources\": %u, \"first_pass_s\": %.1f, \"most_in_a_second\": %zu, \"shortest_host_gap_s\": %.3f, "
	       "\"requests\": %zu, \"mean_a_minute\": %.2f, \"busiest_minute\": %zu}\n",
	       p->n_sources, (double)pass / 1000, per_second, (double)shortest_gap(5) / 1000, scene->n_hits, mean, busiest);
	MUST(pass <= (int64_t)p->n_sources * SIM_SECOND / RATE + 15 * SIM_SECOND);
	MUST(per_second <= 2 * RATE);
	MUST(shortest_gap(5) >= 2 * SIM_SECOND);
	MUST(shortest_gap(1) >= 15 * SIM_MINUTE);
	/* Few sources have luck and bad luck: eight standard deviations, as the minute may begin at any request. Of 5000 it is three times the mean. */
	MUST((double)busiest <= fmax(3 * mean, mean + 8 * sqrt(mean)));
	MUST(not_well() == 0);
}

static void go_down(void *ctx, int64_t by_ms)
{
	struct scene *s = ctx;

	s->is_down = by_ms != 0;
	while (s->was_seen != s->is_down)
		(void)usleep(1000);
}

static void sleep_long(void *ctx, int64_t by_ms)
{
	((struct scene *)ctx)->time.mono_ms += by_ms;
}

static void set_clock(void *ctx, int64_t by_ms)
{
	((struct scene *)ctx)->time.wall_less_mono_ms += by_ms;
}

#define YEAR (365 * SIM_DAY)

/* T31: a day offline, a day suspended, the clock set by a year and back, DST, a leap second. */
static void play_clock(struct play *p)
{
	static const struct sim_event events[] = {
		{2 * SIM_DAY, go_down, 1, false}, {3 * SIM_DAY, go_down, 0, false}, {4 * SIM_DAY, sleep_long, SIM_DAY, false},
		{6 * SIM_DAY, set_clock, YEAR, false}, {7 * SIM_DAY, set_clock, -2 * YEAR, false}, {8 * SIM_DAY, set_clock, YEAR, false},
		{8 * SIM_DAY + SIM_HOUR, set_clock, -SIM_SECOND, false},
	};
	int64_t start = SIM_START + 86 * SIM_DAY; /* 2026-03-28, a day before DST begins in Berlin */
	int64_t longest = 6 * SIM_HOUR + 6 * SIM_HOUR / 10 + SIM_MINUTE, t = start;
	size_t storm = 0, usual;

	(void)setenv("TZ", "Europe/Berlin", 1);
	p->start_ms = start;
	p->config = "poll: {min: 15m, max: 6h}";
	p->days = 9;
	p->events = events;
	p->n_events = sizeof events / sizeof events[0];
	play(p);
	usual = most_within(10 * SIM_MINUTE, t + SIM_DAY, t + 2 * SIM_DAY);
	for (size_t i = 3; i < p->n_events; i++) {
		size_t after = count_hits(t + events[i].at_ms, t + events[i].at_ms + 10 * SIM_MINUTE);

		storm = after > storm ? after : storm;
	}
	printf("{\"scene\": \"clock\", \"sources\": %u, \"requests\": %zu, \"shortest_gap_min\": %.2f, \"longest_gap_h\": [%.2f, %.2f, %.2f], "
	       "\"after_offline_min\": %.2f, \"after_suspend_min\": %.2f, \"most_in_10_min\": %zu, \"after_a_step\": %zu, \"not_well\": %zu}\n",
	       p->n_sources, scene->n_hits, (double)shortest_gap(1) / SIM_MINUTE, hours(longest_gap(t, t + 2 * SIM_DAY)),
	       hours(longest_gap(t + 3 * SIM_DAY, t + 4 * SIM_DAY)), hours(longest_gap(t + 5 * SIM_DAY, t + 9 * SIM_DAY)),
	       (double)all_asked_after(t + 3 * SIM_DAY) / SIM_MINUTE, (double)all_asked_after(t + 5 * SIM_DAY) / SIM_MINUTE, usual, storm, not_well());
	MUST(shortest_gap(1) >= 15 * SIM_MINUTE);
	MUST(longest_gap(t, t + 2 * SIM_DAY) <= longest);
	MUST(longest_gap(t + 3 * SIM_DAY, t + 4 * SIM_DAY) <= longest);
	MUST(longest_gap(t + 5 * SIM_DAY, t + 9 * SIM_DAY) <= longest);
	MUST(count_hits(t + 2 * SIM_DAY, t + 3 * SIM_DAY) == 0);
	/* Each of them once, as soon as the bucket and the first answer after a probe allow (R66, R67). */
	MUST(count_hits(t + 3 * SIM_DAY, t + 3 * SIM_DAY + 15 * SIM_MINUTE) == p->n_sources);
	MUST(count_hits(t + 5 * SIM_DAY, t + 5 * SIM_DAY + SIM_MINUTE) == p->n_sources);
	MUST(storm <= 2 * usual);
	MUST(not_well() == 0);
}

/* T31 for those that fail: a machine that boots in 1970 and is put right, and one whose clock is years ahead and behind for days, give nobody up. */
static void play_failing(struct play *p)
{
	static const struct sim_event events[] = {
		{2 * SIM_DAY, set_clock, 56 * YEAR, true}, {20 * SIM_DAY, set_clock, YEAR, true}, {22 * SIM_DAY, set_clock, -11 * YEAR, true},
		{24 * SIM_DAY, set_clock, 10 * YEAR, false},
	};
	int64_t longest = 0, end = SIM_HOUR + p->days * SIM_DAY + 56 * YEAR;

	p->start_ms = SIM_HOUR;
	p->events = events;
	p->n_events = sizeof events / sizeof events[0];
	play(p);
	for (size_t i = 0; i < stored->n; i++) {
		int64_t ago = end - stored->sources[i]->health.failing_since_ms;

		longest = ago > longest ? ago : longest;
		MUST(ago > (p->days - 2) * SIM_DAY); /* it began a day after the start */
	}
	printf("{\"scene\": \"failing\", \"sources\": %u, \"requests\": %zu, \"failing_for_days\": %.2f, \"given_up\": %s}\n", p->n_sources, scene->n_hits,
	       hours(longest) / 24, all_are(SOURCE_FAILING) ? "false" : "true");
	MUST(all_are(SOURCE_FAILING) && longest <= p->days * SIM_DAY);
	MUST(shortest_gap(1) >= 15 * SIM_MINUTE);
	MUST(longest_gap(SIM_HOUR, SIM_HOUR + p->days * SIM_DAY) <= SIM_DAY + SIM_DAY / 10 + 10 * SIM_MINUTE);
}

/* T36: what it costs makes polls rarer: sixteen times the price is four times the interval, within 15 %. */
static void play_flapping(struct play *p)
{
	size_t polls[2];

	for (int i = 0; i < 2; i++) {
		p->kind = i ? "steady" : "flapping";
		play(p);
		polls[i] = count_hits(SIM_START + 5 * SIM_DAY, INT64_MAX);
	}
	printf("{\"scene\": \"flapping\", \"sources\": %u, \"polls_with_300_kib_each\": %zu, \"polls_with_304\": %zu}\n", p->n_sources, polls[0], polls[1]);
	MUST((double)polls[1] / (double)polls[0] >= 3.4 && (double)polls[1] / (double)polls[0] <= 4.6);
	MUST(not_well() == 0);
}

/* T37: what is recorded of three rhythms (0.19 to 0.21 h at 59 polls a day; 0.14 to 0.19 at 32; 1.3 at 4.9), and some room. */
static void play_rhythms(struct play *p)
{
	static const struct {
		const char *kind;
		unsigned n;
		int64_t days;
		double delay_h, polls_a_day;
	} rows[] = {{"hourly", 2, 8, 0.23, 65}, {"burst", 1, 30, 0.25, 35}, {"weekly", 3, 63, 1.6, 5.5}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		double polls;

		p->kind = rows[i].kind;
		p->n_sources = rows[i].n;
		p->days = rows[i].days;
		p->score_from_ms = rows[i].days / 3 * SIM_DAY;
		play(p);
		polls = (double)count_hits(SIM_START + p->score_from_ms, INT64_MAX) / (double)(p->days - p->days / 3) / p->n_sources;
		printf("{\"scene\": \"rhythms\", \"kind\": \"%s\", \"days\": %lld, \"items\": %llu, \"mean_delay_h\": %.3f, \"polls_a_day\": %.2f}\n", p->kind,
		       (long long)p->days, (unsigned long long)scene->items, mean_delay_h(), polls);
		MUST(scene->items > 0 && mean_delay_h() <= rows[i].delay_h);
		MUST(polls <= rows[i].polls_a_day);
	}
}

/* T32: two hundred of one host, each once an hour. */
static void play_one_host(struct play *p)
{
	p->per_host = p->n_sources;
	p->config = "poll: {min: 1h, max: 1h}";
	play(p);
	printf("{\"scene\": \"one-host\", \"sources\": %u, \"requests\": %zu, \"shortest_gap_s\": %.3f, \"longest_gap_of_a_source_h\": %.3f}\n",
	       p->n_sources, scene->n_hits, (double)shortest_gap(p->n_sources) / 1000, hours(longest_gap(SIM_START, SIM_START + p->days * SIM_DAY)));
	MUST(shortest_gap(p->n_sources) >= 2 * SIM_SECOND);
	MUST(shortest_gap(1) >= SIM_HOUR);
	MUST(longest_gap(SIM_START, SIM_START + p->days * SIM_DAY) <= SIM_HOUR + SIM_HOUR / 10 + 10 * SIM_MINUTE);
}

/* T34, T35: what fails for hours a day, for a day, for good. */
static void play_troubles(struct play *p)
{
	int64_t day = SIM_DAY, start = SIM_START;

	p->kind = "nightly";
	p->days = 7;
	p->score_from_ms = 2 * day;
	play(p);
	printf("{\"scene\": \"troubles\", \"nightly\": {\"mean_delay_h\": %.2f, \"longest_delay_h\": %.2f}", mean_delay_h(), hours(scene->longest_ms));
	MUST(scene->longest_ms <= day);
	MUST(!all_are(SOURCE_DORMANT) && longest_gap(start, start + 7 * day) < day);
	p->kind = "storm";
	p->days = 4;
	play(p);
	printf(", \"storm\": {\"not_well\": %zu}", not_well());
	MUST(not_well() == 0 && longest_gap(start + 2 * day, start + 4 * day) <= day);
	p->kind = "missing";
	p->days = 50;
	play(p);
	printf(", \"missing\": {\"polls\": %zu, \"in_the_last_fortnight\": %zu}", scene->n_hits, count_hits(start + 36 * day, start + 50 * day));
	MUST(all_are(SOURCE_DORMANT));
	MUST(count_hits(start + 36 * day, start + 50 * day) <= 3 * p->n_sources && count_hits(start + 36 * day, start + 50 * day) >= p->n_sources);
	p->kind = "gone";
	p->days = 30;
	play(p);
	printf(", \"gone\": {\"in_the_last_fortnight\": %zu}}\n", count_hits(start + 16 * day, start + 30 * day));
	MUST(all_are(SOURCE_DISABLED) && count_hits(start + 16 * day, start + 30 * day) == 0);
}

static const struct {
	const char *name;
	void (*play)(struct play *p);
	struct play with;
} scenes[] = {
	{"import", play_import, {.kind = "plain", .n_sources = 250, .days = 1}},
	{"clock", play_clock, {.kind = "plain", .n_sources = 30}},
	{"failing", play_failing, {.kind = "missing", .n_sources = 10, .days = 28}},
	{"flapping", play_flapping, {.n_sources = 4, .days = 15}},
	{"rhythms", play_rhythms, {.n_sources = 0}},
	{"one-host", play_one_host, {.kind = "plain", .n_sources = 200, .days = 1}},
	{"troubles", play_troubles, {.n_sources = 3}},
};

static int run_scene(size_t which, int argc, char **argv)
{
	struct play p = scenes[which].with;

	p.per_host = 1;
	p.config = "";
	p.seed = 1;
	for (int i = 2; i + 1 < argc; i += 2) {
		uint64_t n = strtoull(argv[i + 1], NULL, 10);

		if (strcmp(argv[i], "--sources") == 0)
			p.n_sources = (unsigned)n;
		else if (strcmp(argv[i], "--days") == 0)
			p.days = (int64_t)n;
		else if (strcmp(argv[i], "--seed") == 0)
			p.seed = n;
	}
	scenes[which].play(&p);
	return all_hold ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	log_init(getenv("SCENES_DEBUG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	(void)curl_global_init(CURL_GLOBAL_ALL);
	for (size_t i = 0; argc > 1 && i < sizeof scenes / sizeof scenes[0]; i++) {
		if (strcmp(scenes[i].name, argv[1]) == 0)
			return run_scene(i, argc, argv);
	}
	(void)fprintf(stderr, "usage: scenes import|clock|flapping|rhythms|one-host|troubles [--sources N] [--days N] [--seed N]\n");
	return 2;
}
