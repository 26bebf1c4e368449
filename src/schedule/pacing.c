/*
 * Who may be asked now: R77, R78, and the pauses of R43 and R44. What a group taught lasts in the store; here it is only
 * while the group is in use.
 */
#include <string.h>

#include "syndicated/schedule.h"

#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"

enum {
	BUSY_RETRY_MS = 100, /* when all slots of a group are taken nobody knows how long */
	SWEEP_MS = 1000,     /* how often groups that are at rest are forgotten */
	GAP_MAX_MS = 3600000, /* R78 */
	GAP_STEP_MS = 1000,
	EASE_AFTER = 20, /* answers without a complaint */
};

struct group {
	char *name;
	int64_t in_flight;
	int64_t next_start_ms;
	int64_t paused_until_ms;
	struct pacing_learned learned;
	struct group *next_at_rest; /* while sweeping */
};

struct pacing {
	struct map *groups;
	const struct host_rules *rules;
	int64_t last_sweep_ms;
};

struct pacing *pacing_new(const struct host_rules *rules)
{
	struct pacing *p = mem_new(struct pacing);

	p->groups = map_new();
	p->rules = rules;
	return p;
}

static void free_group(void *value)
{
	struct group *g = value;

	mem_free(g->name);
	mem_free(g);
}

struct pacing *pacing_free(struct pacing *p)
{
	if (p)
		map_free(p->groups, free_group);
	mem_free(p);
	return NULL;
}

void pacing_set_rules(struct pacing *p, const struct host_rules *rules)
{
	p->rules = rules;
}

size_t pacing_groups(const struct pacing *p)
{
	return map_count(p->groups);
}

static bool is_at_rest(const struct group *g, int64_t now_ms)
{
	return g->in_flight == 0 && g->next_start_ms <= now_ms && g->paused_until_ms <= now_ms;
}

static void sweep(struct pacing *p, int64_t now_ms)
{
	struct group *at_rest = NULL;
	size_t cursor = 0;
	const char *name;
	void *value;

	if (now_ms - p->last_sweep_ms < SWEEP_MS)
		return;
	p->last_sweep_ms = now_ms;
	while (map_next(p->groups, &cursor, &name, &value)) {
		struct group *g = value;

		if (is_at_rest(g, now_ms)) {
			g->next_at_rest = at_rest;
			at_rest = g;
		}
	}
	while (at_rest) {
		struct group *g = at_rest;

		at_rest = g->next_at_rest;
		map_remove(p->groups, g->name);
		free_group(g);
	}
}

static struct group *get_group(struct pacing *p, const char *name, const struct pacing_learned *known)
{
	struct group *g = map_get(p->groups, name);

	if (g)
		return g;
	g = mem_new(struct group);
	g->name = mem_dup_str(name);
	g->next_start_ms = INT64_MIN;
	g->paused_until_ms = INT64_MIN;
	if (known)
		g->learned = *known;
	map_put(p->groups, name, g);
	return g;
}

int64_t pacing_gap_ms(const struct host_rule *rule, const struct pacing_learned *learned)
{
	return learned && learned->gap_ms > rule->gap_ms ? learned->gap_ms : rule->gap_ms;
}

static int64_t wait_ms(const struct group *g, int64_t now_ms)
{
	int64_t from = g->next_start_ms > g->paused_until_ms ? g->next_start_ms : g->paused_until_ms;

	return from > now_ms ? from - now_ms : 0;
}

int64_t pacing_try(struct pacing *p, const char *name, const struct pacing_learned *known, int64_t now_ms)
{
	struct host_rule rule = host_rules_get(p->rules, name);
	struct group *g;
	int64_t wait;

	sweep(p, now_ms);
	g = get_group(p, name, known);
	wait = wait_ms(g, now_ms);
	if (wait > 0)
		return wait;
	if (g->in_flight >= rule.concurrent)
		return BUSY_RETRY_MS;
	g->in_flight++;
	g->next_start_ms = now_ms + pacing_gap_ms(&rule, &g->learned);
	return 0;
}

int64_t pacing_go_on(struct pacing *p, const char *name, int64_t now_ms)
{
	struct host_rule rule = host_rules_get(p->rules, name);
	struct group *g = get_group(p, name, NULL);
	int64_t wait = wait_ms(g, now_ms);

	if (wait == 0)
		g->next_start_ms = now_ms + pacing_gap_ms(&rule, &g->learned);
	return wait;
}

/* R78: the gap doubles when the host complains and shrinks when it was content for a while, never under the configured one. */
static void adapt(struct group *g, const struct host_rule *rule, const struct pacing_answer *answer)
{
	int64_t gap = pacing_gap_ms(rule, &g->learned);

	if (answer->limited) {
		gap = 2 * gap + GAP_STEP_MS;
		g->learned = (struct pacing_learned){.gap_ms = gap < GAP_MAX_MS ? gap : GAP_MAX_MS};
	} else if (answer->success && g->learned.gap_ms > rule->gap_ms && ++g->learned.successes >= EASE_AFTER) {
		gap -= gap / 5;
		g->learned = (struct pacing_learned){.gap_ms = gap > rule->gap_ms ? gap : 0};
	}
}

struct pacing_after pacing_done(struct pacing *p, const char *name, const struct pacing_answer *answer, int64_t now_ms)
{
	struct host_rule rule = host_rules_get(p->rules, name);
	struct group *g = get_group(p, name, NULL);
	struct pacing_after after = {0};

	if (g->in_flight > 0)
		g->in_flight--;
	if (answer && rule.limits == HOST_LIMITS_OF_HOST) {
		adapt(g, &rule, answer);
		if (answer->pause_ms > 0 && now_ms + answer->pause_ms > g->paused_until_ms)
			g->paused_until_ms = now_ms + answer->pause_ms;
		if (answer->limited) /* the gap that was learned counts from this answer on */
			g->next_start_ms = now_ms + g->learned.gap_ms;
	}
	after.wait_ms = wait_ms(g, now_ms);
	after.learned = g->learned;
	sweep(p, now_ms);
	return after;
}
