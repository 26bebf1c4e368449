#include "plan.h"

#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/store.h"

static void keep_accesses(struct plan *p)
{
	p->accesses = map_new();
	for (size_t i = 0; i < p->config->n_sources; i++) {
		const struct source_spec *s = &p->config->sources[i];
		struct source_access *a;

		if (source_access_is_plain(&s->access))
			continue;
		a = mem_new(struct source_access);
		source_access_copy(a, &s->access);
		mem_set_str(&a->home, s->url);
		(void)map_put(p->accesses, s->name, a);
	}
}

static void free_access(void *value)
{
	source_access_done(value);
	mem_free(value);
}

const struct source_access *plan_access(const struct plan *p, const char *name)
{
	return map_get(p->accesses, name);
}

/* Credentials and the like are in the configuration only, so it is read as long as there are any. */
bool plan_needs_sources(const struct plan *p)
{
	return map_count(p->accesses) > 0;
}

static int compile(struct plan *p, struct err *err)
{
	const struct config *c = p->config;

	p->policy = policy_new(&c->allow_networks, err);
	if (!p->policy)
		return err->code;
	p->hosts = host_rules_new(c->host_concurrent, c->host_gap_ms, c->hosts, c->n_hosts);
	p->selections = mem_new_array(struct selection *, c->n_feeds);
	for (size_t i = 0; i < c->n_feeds; i++) {
		p->selections[i] = selection_new(&c->feeds[i], err);
		if (!p->selections[i])
			return err->code;
	}
	if (!c->sources_left_out)
		p->n_sources = c->n_sources;
	keep_accesses(p);
	p->user_agent = c->user_agent ? mem_dup_str(c->user_agent) : mem_printf("%s/%s (+%s)", PACKAGE_NAME, PACKAGE_VERSION, PACKAGE_URL);
	return 0;
}

struct asking {
	const struct plan *in_force;
	size_t n_sources;
};

/* Whether the sources of these files are stored: the plan in force is, and says so without a look at the disk. */
static bool is_stored(const struct config *c, void *ctx)
{
	struct asking *a = ctx;

	if (!a->in_force)
		return store_knows_config(c->state_dir, &c->sources_are, &a->n_sources);
	a->n_sources = a->in_force->n_sources;
	if (plan_needs_sources(a->in_force))
		return false;
	return memcmp(&a->in_force->config->sources_are, &c->sources_are, sizeof(c->sources_are)) == 0;
}

void plan_forget_sources(struct plan *p)
{
	if (p->config->n_sources == 0)
		return;
	config_forget_sources(p->config);
	mem_trim();
}

struct plan *plan_load(const char *path, const struct plan *in_force, struct buf *report)
{
	struct asking asking = {.in_force = in_force};
	const struct config_asks asks = {.is_known = is_stored, .check_search = store_search_check, .ctx = &asking};
	struct plan *p = mem_new(struct plan);
	struct err err = {0};

	atomic_init(&p->refs, 1);
	if (config_load(path, &asks, &p->config, report) < 0)
		return plan_unref(p);
	p->n_sources = asking.n_sources;
	if (compile(p, &err) < 0) {
		buf_append_printf(report, "%s: error: %s\n", path, err.message);
		return plan_unref(p);
	}
	return p;
}

struct plan *plan_ref(struct plan *p)
{
	atomic_fetch_add(&p->refs, 1);
	return p;
}

struct plan *plan_unref(struct plan *p)
{
	if (!p || atomic_fetch_sub(&p->refs, 1) > 1)
		return NULL;
	if (p->selections)
		for (size_t i = 0; i < p->config->n_feeds; i++)
			selection_free(p->selections[i]);
	mem_free(p->selections);
	policy_free(p->policy);
	host_rules_free(p->hosts);
	mem_free(p->user_agent);
	map_free(p->accesses, free_access);
	config_free(p->config);
	mem_free(p);
	return NULL;
}

size_t plan_feed_index(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->config->n_feeds; i++)
		if (strcmp(p->config->feeds[i].name, name) == 0)
			return i;
	return 0;
}
