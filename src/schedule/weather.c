/*
 * Is it the source, or is it us?
 *
 * Evidence of being offline is a host group that worked and now cannot be resolved or connected to. One that failed
 * before is none, or ten dead sources in a row would silence the living; nor is one that was among those that made us
 * believe so the last time, until it answers again, or five dead sources that are new would do the same for ever.
 */
#include <stdlib.h>
#include <string.h>

#include "syndicated/schedule.h"

#include "syndicated/base/fingerprint.h"
#include "syndicated/base/mem.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

#define PROBE_FIRST    (15 * SECOND) /* R67 */
#define PROBE_LAST     (5 * MINUTE)
#define CAPTIVE_WINDOW (10 * MINUTE) /* R50 */

enum {
	OFFLINE_GROUPS = 5,
	CAPTIVE_GROUPS = 3,    /* of two sources one that moves is half of all */
	CAPTIVE_PARTS = 5,     /* more than a fifth */
	DOUBTFUL_GROUPS = 256,
	SEEN = 1024,
};

struct answer { /* of one poll: who was asked, and to whom it led; 0: nowhere else */
	uint64_t group, target;
	int64_t at_ms;
};

struct weather {
	const char *trouble; /* NULL: fair */
	int64_t probe_ms;    /* when the next one may start */
	int64_t probe_interval_ms;
	uint64_t failing[OFFLINE_GROUPS];
	size_t n_failing;
	uint64_t doubtful[DOUBTFUL_GROUPS];
	size_t n_doubtful;
	int64_t wronged[WEATHER_WRONGED];
	size_t n_wronged;
	struct answer seen[SEEN]; /* a ring */
	size_t n_seen, next_seen;
	bool answered; /* somebody ever did */
	struct fingerprint_state *hash;
};

struct weather *weather_new(void)
{
	struct weather *w = mem_new(struct weather);

	w->hash = fingerprint_new();
	return w;
}

struct weather *weather_free(struct weather *w)
{
	if (w)
		fingerprint_free(w->hash);
	mem_free(w);
	return NULL;
}

static uint64_t number_of(const struct weather *w, const char *name)
{
	struct fingerprint f;
	uint64_t group;

	fingerprint_add_field(w->hash, name);
	f = fingerprint_next(w->hash);
	memcpy(&group, f.bytes, sizeof(group));
	return group | 1; /* 0 is nobody */
}

/* ---- small sets ---- */

static bool has(const uint64_t *set, size_t n, uint64_t group)
{
	for (size_t i = 0; i < n; i++)
		if (set[i] == group)
			return true;
	return false;
}

static void add(uint64_t *set, size_t *n, size_t max, uint64_t group)
{
	if (*n < max && !has(set, *n, group))
		set[(*n)++] = group;
}

static void drop(uint64_t *set, size_t *n, uint64_t group)
{
	for (size_t i = 0; i < *n; i++)
		if (set[i] == group)
			set[i] = set[--*n];
}

static void wrong(struct weather *w, int64_t source_id)
{
	for (size_t i = 0; i < w->n_wronged; i++)
		if (w->wronged[i] == source_id)
			return;
	if (w->n_wronged < WEATHER_WRONGED)
		w->wronged[w->n_wronged++] = source_id;
}

/* ---- redirects to one place (R50) ---- */

static void remember(struct weather *w, uint64_t group, uint64_t target, int64_t now_ms)
{
	w->seen[w->next_seen] = (struct answer){group, target, now_ms};
	w->next_seen = (w->next_seen + 1) % SEEN;
	if (w->n_seen < SEEN)
		w->n_seen++;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static size_t count_distinct(uint64_t *groups, size_t n)
{
	size_t distinct = 0;

	qsort(groups, n, sizeof(groups[0]), by_value);
	for (size_t i = 0; i < n; i++)
		distinct += i == 0 || groups[i] != groups[i - 1];
	return distinct;
}

static bool is_captive(const struct weather *w, uint64_t target, int64_t now_ms)
{
	uint64_t all[SEEN], led[SEEN];
	size_t n_all = 0, n_led = 0;

	for (size_t i = 0; i < w->n_seen; i++) {
		if (now_ms - w->seen[i].at_ms > CAPTIVE_WINDOW)
			continue;
		all[n_all++] = w->seen[i].group;
		if (w->seen[i].target == target)
			led[n_led++] = w->seen[i].group;
	}
	n_all = count_distinct(all, n_all);
	n_led = count_distinct(led, n_led);
	return n_led >= CAPTIVE_GROUPS && n_led * CAPTIVE_PARTS > n_all;
}

/* ---- fair and foul ---- */

static void turn_foul(struct weather *w, const char *trouble, int64_t now_ms)
{
	if (w->trouble)
		return;
	w->trouble = trouble;
	w->probe_interval_ms = PROBE_FIRST;
	w->probe_ms = now_ms + PROBE_FIRST;
	for (size_t i = 0; i < w->n_failing; i++)
		add(w->doubtful, &w->n_doubtful, DOUBTFUL_GROUPS, w->failing[i]);
	w->n_failing = 0;
}

/* What was in flight when the network went fails too; only a probe makes the next one wait longer. */
static void probe_failed(struct weather *w, int64_t now_ms)
{
	if (now_ms < w->probe_ms)
		return;
	if (w->probe_interval_ms < PROBE_LAST / 2)
		w->probe_interval_ms *= 2;
	else
		w->probe_interval_ms = PROBE_LAST;
	w->probe_ms = now_ms + w->probe_interval_ms;
}

static void turn_fair(struct weather *w, uint64_t group)
{
	w->trouble = NULL;
	w->n_failing = 0;
	w->n_wronged = 0;
	drop(w->doubtful, &w->n_doubtful, group);
}

static bool is_unreachable(enum poll_outcome o)
{
	return o == POLL_DNS_TEMPORARY || o == POLL_DNS_PERMANENT || o == POLL_CONNECT;
}

/* Nothing came that says the network is well, or that it is not. */
static bool is_neutral(enum poll_outcome o)
{
	return o == POLL_BLOCKED || o == POLL_LOCAL || o == POLL_STALL || o == POLL_TLS || o == POLL_TLS_CERT || o == POLL_HTTP2;
}

/* A host that never answered may well not be there, unless nobody has answered yet: then it may be the network that is not. */
static bool is_evidence(const struct weather *w, const struct weather_sight *s, uint64_t group)
{
	bool is_new = !s->known_group;

	return s->was_well && !(is_new && w->answered) && !has(w->doubtful, w->n_doubtful, group);
}

static enum weather_verdict saw_unreachable(struct weather *w, const struct weather_sight *s, uint64_t group, int64_t now_ms)
{
	if (w->trouble) {
		add(w->doubtful, &w->n_doubtful, DOUBTFUL_GROUPS, group);
		probe_failed(w, now_ms);
		return WEATHER_UNCOUNTED;
	}
	if (!is_evidence(w, s, group))
		return WEATHER_COUNTS;
	add(w->failing, &w->n_failing, OFFLINE_GROUPS, group);
	wrong(w, s->source_id);
	if (w->n_failing < OFFLINE_GROUPS)
		return WEATHER_COUNTS;
	turn_foul(w, "the network is down: five hosts in a row could not be reached, and none was", now_ms);
	return WEATHER_UNCOUNTED;
}

static enum weather_verdict saw_neutral(struct weather *w, const struct weather_sight *s, int64_t now_ms)
{
	if (!w->trouble || s->outcome == POLL_BLOCKED || s->outcome == POLL_LOCAL)
		return WEATHER_COUNTS;
	probe_failed(w, now_ms);
	return WEATHER_UNCOUNTED;
}

/*
 * Who may be a portal: where a source that worked is led now, and never was before, and where there is no feed. Many
 * that are new, or that move to where their feeds are now, are no portal, however many lead to one place.
 */
static uint64_t portal_of(const struct weather *w, const struct weather_sight *s, uint64_t group)
{
	uint64_t target;

	if (!s->final_group || !s->known_group || poll_outcome_is_success(s->outcome))
		return 0;
	target = number_of(w, s->final_group);
	return target == group || target == number_of(w, s->known_group) ? 0 : target;
}

static enum weather_verdict saw_answer(struct weather *w, const struct weather_sight *s, uint64_t group, int64_t now_ms)
{
	uint64_t portal = portal_of(w, s, group);

	w->answered = true;
	remember(w, group, portal, now_ms);
	if (portal == 0) {
		turn_fair(w, group);
		return WEATHER_COUNTS;
	}
	if (s->was_well)
		wrong(w, s->source_id); /* should it turn out to be one */
	/* Probes are too far apart to fill the window: what was captive stays so until somebody answers. */
	if (!w->trouble && !is_captive(w, portal, now_ms))
		return WEATHER_COUNTS;
	turn_foul(w, "the network is captive: many hosts redirect to one and the same other host", now_ms);
	probe_failed(w, now_ms);
	return WEATHER_UNCOUNTED;
}

enum weather_verdict weather_saw(struct weather *w, const struct weather_sight *s, int64_t now_ms)
{
	uint64_t group = number_of(w, s->group);

	if (is_unreachable(s->outcome)) /* many may be redirected to one that is dead */
		return saw_unreachable(w, s, s->final_group ? number_of(w, s->final_group) : group, now_ms);
	return is_neutral(s->outcome) ? saw_neutral(w, s, now_ms) : saw_answer(w, s, group, now_ms);
}

int64_t weather_wait(const struct weather *w, int64_t now_ms, bool *ret_probe)
{
	*ret_probe = w->trouble != NULL;
	return w->trouble && w->probe_ms > now_ms ? w->probe_ms - now_ms : 0;
}

const char *weather_trouble(const struct weather *w)
{
	return w->trouble;
}

size_t weather_take_wronged(struct weather *w, int64_t *ids, size_t max)
{
	size_t n = w->trouble ? w->n_wronged : 0;

	if (n > max)
		n = max;
	memcpy(ids, w->wronged, n * sizeof(ids[0]));
	if (w->trouble)
		w->n_wronged = 0;
	return n;
}
