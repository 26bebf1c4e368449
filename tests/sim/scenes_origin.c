/*
 * The origin of the scenes: source n lives at /KIND/n. Kinds say when it publishes and what it answers besides:
 *
 *	plain      now and then, from one post an hour to one in ten days; 304s
 *	hourly     on the hour; 304s            burst   30 at once every three days; 304s
 *	weekly     Fridays at 17:00; 304s
 *	flapping   as plain once a day, 300 KiB and another ETag at each request, and no 304
 *	steady     as that, with 304s
 *	nightly    404 from 12:00 to 18:00 every day, else as plain, once an hour
 *	missing    404 from the second day on   gone    410 from the second day on
 *	storm      500 on the second day
 */
#include "scenes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 40, FLAPPING_BYTES = 300 << 10 };

struct source {
	int64_t first_ms; /* wall, of the first request; 0: none */
	int64_t next_ms;
	int64_t posts;
	int64_t times[ITEMS]; /* of the last posts, by number */
	int64_t seen;         /* posts that a good answer has shown */
};

static struct source *sources;
static struct scene *scene;
static uint64_t random_state;
static char body[FLAPPING_BYTES + 16384];

static double next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (double)(random_state >> 11) / (double)(UINT64_C(1) << 53);
}

/* ---- when a source publishes ---- */

struct kind {
	const char *name;
	int64_t every_ms, at_ms; /* regularly, at that moment of it; 0: now and then */
	int64_t mean_ms;         /* 0: of a source's number */
	int at_once;
	int bad_status;
	int64_t bad_from_ms, bad_to_ms; /* since the first request; a day's hours when it is nightly */
};

static const struct kind kinds[] = {
	{.name = "plain", .at_once = 1},
	{.name = "hourly", .every_ms = SIM_HOUR, .at_once = 1},
	{.name = "burst", .every_ms = 3 * SIM_DAY, .at_ms = 31 * SIM_HOUR, .at_once = 30},
	{.name = "weekly", .every_ms = 7 * SIM_DAY, .at_ms = SIM_DAY + 17 * SIM_HOUR, .at_once = 1}, /* the epoch was a Thursday */
	{.name = "flapping", .mean_ms = SIM_DAY, .at_once = 1},
	{.name = "steady", .mean_ms = SIM_DAY, .at_once = 1},
	{.name = "nightly", .mean_ms = SIM_HOUR, .at_once = 1, .bad_status = 404, .bad_from_ms = 12 * SIM_HOUR, .bad_to_ms = 18 * SIM_HOUR},
	{.name = "missing", .at_once = 1, .bad_status = 404, .bad_from_ms = SIM_DAY, .bad_to_ms = INT64_MAX},
	{.name = "gone", .at_once = 1, .bad_status = 410, .bad_from_ms = SIM_DAY, .bad_to_ms = INT64_MAX},
	{.name = "storm", .at_once = 1, .bad_status = 500, .bad_from_ms = SIM_DAY, .bad_to_ms = 2 * SIM_DAY},
};

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

static int64_t next_post(const struct kind *k, unsigned n, int64_t after_ms)
{
	static const int64_t hours[] = {1, 3, 6, 24, 72, 240};
	int64_t mean = k->mean_ms ? k->mean_ms : hours[n % (sizeof hours / sizeof hours[0])] * SIM_HOUR;

	if (k->every_ms == 0)
		return after_ms + 1 + (int64_t)(-log(1 - next_random()) * (double)mean);
	return (after_ms - k->at_ms) / k->every_ms * k->every_ms + k->every_ms + k->at_ms;
}

static void publish(struct source *s, const struct kind *k, unsigned n, int64_t now_ms)
{
	if (s->first_ms == 0)
		s->next_ms = next_post(k, n, now_ms - 20 * SIM_DAY);
	for (; s->next_ms <= now_ms; s->next_ms = next_post(k, n, s->next_ms)) {
		for (int i = 0; i < k->at_once; i++)
			s->times[s->posts++ % ITEMS] = s->next_ms;
	}
	if (s->first_ms)
		return;
	s->first_ms = now_ms;
	s->seen = s->posts;
}

static bool is_bad(const struct source *s, const struct kind *k, int64_t now_ms)
{
	int64_t since = strcmp(k->name, "nightly") == 0 ? now_ms % SIM_DAY : now_ms - s->first_ms;

	return k->bad_status && since >= k->bad_from_ms && since < k->bad_to_ms;
}

/* ---- answering ---- */

static size_t write_feed(const struct source *s, const struct kind *k, unsigned n)
{
	char date[VALIDATOR_BYTES];
	size_t len = (size_t)sprintf(body, "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Source %u</title>", n);

	for (int64_t i = s->posts; i > 0 && i + ITEMS > s->posts; i--) {
		loopback_date(s->times[(i - 1) % ITEMS], date);
		len += (size_t)sprintf(body + len, "<item><title>Post %lld of %u</title><guid>%u-%lld</guid><pubDate>%s</pubDate></item>", (long long)i, n, n,
		                       (long long)i, date);
	}
	if (k == kind_of("flapping"))
		len += (size_t)sprintf(body + len, "<!-- %*s -->", FLAPPING_BYTES, "");
	return len + (size_t)sprintf(body + len, "</channel></rss>");
}

static void count_delays(struct source *s, int64_t now_ms)
{
	for (; s->seen < s->posts; s->seen++) {
		int64_t delay = now_ms - s->times[s->seen % ITEMS];

		if (scene->time.mono_ms < scene->score_from_ms)
			continue;
		scene->items++;
		scene->delay_ms += (double)delay;
		if (delay > scene->longest_ms)
			scene->longest_ms = delay;
	}
}

static int reply(int fd, const char *request, struct source *s, const struct kind *k, unsigned n, int64_t now_ms)
{
	char tag[VALIDATOR_BYTES], asked[VALIDATOR_BYTES], date[VALIDATOR_BYTES], head[512];
	int status = is_bad(s, k, now_ms) ? k->bad_status : 200;
	size_t len = 0;

	(void)snprintf(tag, sizeof tag, "\"%lld-%lld\"", (long long)s->posts, k == kind_of("flapping") ? (long long)now_ms : 0);
	(void)loopback_header(request, "If-None-Match", asked);
	if (status == 200 && strcmp(asked, tag) == 0)
		status = 304;
	if (status == 200)
		len = write_feed(s, k, n);
	if (status < 400)
		count_delays(s, now_ms);
	loopback_date(now_ms, date);
	loopback_send(fd, head, (size_t)snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nDate: %s\r\n%s%s%s", status, date, status < 400 ? "ETag: " : "",
	                                         status < 400 ? tag : "", status < 400 ? "\r\n" : ""));
	loopback_send(fd, head, (size_t)(status == 304 ? snprintf(head, sizeof head, "\r\n") : snprintf(head, sizeof head, "Content-Length: %zu\r\n\r\n", len)));
	loopback_send(fd, body, len);
	return status;
}

static bool answer(int fd, const char *request)
{
	char name[16];
	const struct kind *k;
	int64_t now_ms = sim_wall(&scene->time);
	unsigned n;

	if (sscanf(request, "GET /%15[a-z]/%u", name, &n) != 2 || n >= scene->n_sources || !(k = kind_of(name)) || scene->n_hits == MAX_HITS)
		return false;
	publish(&sources[n], k, n, now_ms);
	scene->hits[scene->n_hits] = (struct hit){.mono_ms = scene->time.mono_ms, .source = n};
	scene->hits[scene->n_hits++].status = reply(fd, request, &sources[n], k, n, now_ms);
	return true;
}

_Noreturn void scene_origin(int listener, int port, struct scene *shared, uint64_t seed)
{
	struct loopback l = {.listener = listener, .port = port, .answer = answer, .is_down = &shared->is_down, .was_seen = &shared->was_seen};

	scene = shared;
	random_state = seed * 2654435761u + 1;
	sources = calloc(scene->n_sources, sizeof *sources);
	loopback_serve(&l);
}
