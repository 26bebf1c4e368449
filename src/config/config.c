/* Loading as a whole: read, check, and either hand out a configuration without a fault or none at all. */
#include <string.h>

#include "files.h"
#include "loader.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

struct config *config_free(struct config *c)
{
	if (!c)
		return NULL;
	for (size_t i = 0; i < c->n_sources; i++) {
		source_access_done(&c->sources[i].access);
		option_clear_all(SCOPE_SOURCE, &c->sources[i]);
	}
	for (size_t i = 0; i < c->n_feeds; i++)
		option_clear_all(SCOPE_FEED, &c->feeds[i]);
	for (size_t i = 0; i < c->n_webhooks; i++) {
		mem_set_str(&c->webhooks[i].secret, NULL);
		option_clear_all(SCOPE_WEBHOOK, &c->webhooks[i]);
	}
	mem_free(c->sources);
	mem_free(c->feeds);
	mem_free(c->webhooks);
	if (c->fetch_proxy_login)
		explicit_bzero(c->fetch_proxy_login, strlen(c->fetch_proxy_login));
	mem_free(c->fetch_proxy_login);
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
	arena_free(l->arena);
}

int config_load(const char *path, struct config **ret, struct buf *report)
{
	struct loader l = {.config = mem_new(struct config), .arena = arena_new(LIMIT_CONFIG_TREE_BYTES)};
	int r = 0;

	load_file(&l, path);
	check_all(&l);
	report_write(&l.report, report);
	if (l.report.errors > 0) {
		config_free(l.config);
		r = ERR_INVALID;
	} else {
		*ret = l.config;
	}
	loader_done(&l);
	return r;
}
