/* Loading as a whole: read, check, and either hand out a configuration without a fault or none at all. */
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "loader.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

void config_forget_sources(struct config *c)
{
	for (size_t i = 0; i < c->n_sources; i++) {
		source_access_done(&c->sources[i].access);
		option_clear_all(SCOPE_SOURCE, &c->sources[i]);
	}
	mem_free(c->sources);
	c->sources = NULL;
	c->n_sources = 0;
}

struct config *config_free(struct config *c)
{
	if (!c)
		return NULL;
	config_forget_sources(c);
	for (size_t i = 0; i < c->n_feeds; i++)
		option_clear_all(SCOPE_FEED, &c->feeds[i]);
	for (size_t i = 0; i < c->n_webhooks; i++) {
		mem_set_str(&c->webhooks[i].secret, NULL);
		option_clear_all(SCOPE_WEBHOOK, &c->webhooks[i]);
	}
	for (size_t i = 0; i < c->n_hosts; i++)
		option_clear_all(SCOPE_HOST, &c->hosts[i]);
	for (size_t i = 0; i < c->n_tags; i++)
		option_clear_all(SCOPE_TAG, &c->tags[i]);
	mem_free(c->tags);
	mem_free(c->hosts);
	mem_free(c->feeds);
	mem_free(c->webhooks);
	mem_free_secret(c->fetch_proxy_login);
	option_clear_all(SCOPE_MAIN, c);
	mem_free(c);
	return NULL;
}

static void loader_done(struct loader *l)
{
	report_done(&l->report);
	for (size_t i = 0; i < l->n_files; i++)
		file_free(l->files[i]);
	mem_free(l->files);
	mem_free(l->sources.nodes);
	mem_free(l->feeds.nodes);
	mem_free(l->webhooks.nodes);
	mem_free(l->hosts.nodes);
	mem_free(l->tags.nodes);
	fingerprint_free(l->fingerprint);
	arena_free(l->arena);
}

static void loader_begin(struct loader *l, const struct config_asks *asks, bool leave_out_sources)
{
	*l = (struct loader){
		.asks = asks,
		.config = mem_new(struct config),
		.arena = arena_new(LIMIT_CONFIG_TREE_BYTES),
		.leave_out_sources = leave_out_sources,
		.fingerprint = fingerprint_new(),
	};
	l->config->sources_left_out = leave_out_sources;
}

static void add_number(struct fingerprint_state *s, int64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)n);
	fingerprint_add_field(s, text);
}

/* What sources take from outside of their blocks: what they inherit, whether a short poll.min is allowed, and their host. */
static void add_surroundings(struct loader *l)
{
	const struct config *c = l->config;

	fingerprint_add_field(l->fingerprint, PACKAGE_VERSION);
	add_number(l->fingerprint, c->poll_min_ms);
	add_number(l->fingerprint, c->poll_max_ms);
	add_number(l->fingerprint, c->allow_networks.n == 0);
	for (size_t i = 0; i < c->n_tags; i++) {
		fingerprint_add_field(l->fingerprint, c->tags[i].name);
		add_number(l->fingerprint, c->tags[i].poll_min_ms);
		add_number(l->fingerprint, c->tags[i].poll_max_ms);
	}
	for (size_t i = 0; i < c->n_hosts; i++)
		if (c->hosts[i].split)
			fingerprint_add_field(l->fingerprint, c->hosts[i].name);
}

static void read_files(struct loader *l, const char *path)
{
	load_file(l, path);
	add_surroundings(l);
	l->config->sources_are = fingerprint_next(l->fingerprint);
}

static int finish(struct loader *l, struct config **ret, struct buf *report)
{
	int r = 0;

	report_write(&l->report, report);
	if (l->report.errors > 0) {
		config_free(l->config);
		r = ERR_INVALID;
	} else {
		*ret = l->config;
	}
	loader_done(l);
	return r;
}

static int load_all(const char *path, const struct config_asks *asks, struct config **ret, struct buf *report)
{
	struct loader l;

	loader_begin(&l, asks, false);
	read_files(&l, path);
	check_all(&l);
	return finish(&l, ret, report);
}

/*
 * Sources that are known were without a fault. Those written in another way than as a block are not left out, and then all
 * are read; so are they when leaving out a block seems to have made a fault.
 */
int config_load(const char *path, const struct config_asks *asks, struct config **ret, struct buf *report)
{
	struct loader l;

	if (!asks || !asks->is_known)
		return load_all(path, asks, ret, report);
	loader_begin(&l, asks, true);
	read_files(&l, path);
	if (l.report.errors == 0 && l.config->n_sources == 0 && asks->is_known(l.config, asks->ctx)) {
		check_all(&l);
		if (l.report.errors == 0)
			return finish(&l, ret, report);
	}
	config_free(l.config);
	loader_done(&l);
	return load_all(path, asks, ret, report);
}
