/* What no single value can know: uniqueness, references, ranges that depend on each other, and derived values. */
#include <stdio.h>
#include <string.h>

#include "loader.h"

#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/model/selection.h"
#include "syndicated/model/view.h"

#define POLL_MIN_PUBLIC_MS 60000 /* of sources that may be anywhere */

struct place place_in(const struct yaml_node *entry, const char *key, const char *subkey)
{
	const struct yaml_node *value, *inner;

	if (!entry)
		return (struct place){0};
	value = yaml_get(entry, key);
	if (!value)
		return entry->place;
	inner = subkey ? yaml_get(value, subkey) : NULL;
	return inner ? inner->place : value->place;
}

static void complain_twice(struct loader *l, const char *what, const char *value, struct place here, struct place first)
{
	if (!first.file)
		report_error(&l->report, here, "%s '%.200s' is taken", what, value);
	else
		report_error(&l->report, here, "%s '%.200s' is given twice; first at %s:%u:%u", what, value,
			     first.file->path, first.line, first.column);
}

/* Adds key to seen; complains when it was there. seen maps to the node of the entry. */
static bool check_unique(struct loader *l, struct map *seen, const char *what, const char *key, const char *value,
			 const struct yaml_node *entry)
{
	const struct yaml_node *earlier = map_get(seen, value);

	if (!earlier) {
		map_put(seen, value, (void *)(uintptr_t)entry);
		return true;
	}
	complain_twice(l, what, value, place_in(entry, key, NULL), place_in(earlier, key, NULL));
	return false;
}

static void check_urls(struct loader *l)
{
	struct map *seen = map_new();

	for (size_t i = 0; i < l->config->n_sources; i++)
		if (l->config->sources[i].url)
			check_unique(l, seen, "source URL", "url", l->config->sources[i].url, l->sources.nodes[i]);
	map_free(seen, NULL);
}

/* The first of "lwn-net", "lwn-net-2", "lwn-net-3" that is free. last_used remembers where to go on, by base name. */
static char *make_unique_name(const char *base, const struct map *names, struct map *last_used)
{
	char candidate[NAME_BYTES_MAX + 1];
	uintptr_t n = (uintptr_t)map_get(last_used, base);

	(void)snprintf(candidate, sizeof(candidate), "%s", base);
	if (n == 0)
		n = 1;
	while (n > 1 || map_get(names, candidate)) {
		char suffix[24];
		size_t room;

		(void)snprintf(suffix, sizeof(suffix), "-%zu", (size_t)++n);
		room = NAME_BYTES_MAX - strlen(suffix);
		(void)snprintf(candidate, sizeof(candidate), "%.*s%s", (int)room, base, suffix);
		if (!map_get(names, candidate))
			break;
	}
	map_put(last_used, base, (void *)n);
	return mem_dup_str(candidate);
}

/* Names that were given are taken first, so that a made one never makes a given one wrong. */
static void check_source_names(struct loader *l, struct map *names)
{
	struct config *c = l->config;
	struct map *last_used = map_new();

	for (size_t i = 0; i < c->n_sources; i++)
		if (c->sources[i].name)
			check_unique(l, names, "source name", "name", c->sources[i].name, l->sources.nodes[i]);
	for (size_t i = 0; i < c->n_sources; i++) {
		char base[NAME_BYTES_MAX + 1];

		if (c->sources[i].name || !c->sources[i].url)
			continue;
		url_make_name(c->sources[i].url, base);
		c->sources[i].name = make_unique_name(base, names, last_used);
		map_put(names, c->sources[i].name, (void *)(uintptr_t)l->sources.nodes[i]);
	}
	map_free(last_used, NULL);
}

static void check_poll(struct loader *l, int64_t min_ms, int64_t max_ms, const struct yaml_node *entry)
{
	char low[32], high[32];
	bool min_given = entry && yaml_get(entry, "poll") && yaml_get(yaml_get(entry, "poll"), "min");
	struct place where = entry ? place_in(entry, "poll", min_given ? "min" : "max") : (struct place){0};

	text_from_duration_ms(min_ms, low);
	text_from_duration_ms(max_ms, high);
	if (min_ms > max_ms)
		report_error(&l->report, where, "poll.min (%s) is longer than poll.max (%s)", low, high);
	if (min_ms < POLL_MIN_PUBLIC_MS && min_given && l->config->allow_networks.n == 0)
		report_error(&l->report, where,
			     "poll.min: %s is too often for servers of others; under 1m needs allow-networks (for "
			     "tests and your own network)",
			     low);
}

static void check_tags(struct loader *l)
{
	const struct config *c = l->config;
	struct map *names = map_new();

	for (size_t i = 0; i < c->n_tags; i++) {
		const struct tag_spec *t = &c->tags[i];

		if (t->name)
			check_unique(l, names, "tag", "name", t->name, l->tags.nodes[i]);
		check_poll(l, t->poll_min_ms >= 0 ? t->poll_min_ms : c->poll_min_ms, t->poll_max_ms >= 0 ? t->poll_max_ms : c->poll_max_ms,
			   l->tags.nodes[i]);
	}
	map_free(names, NULL);
}

static int64_t shorter(int64_t a_ms, int64_t b_ms)
{
	return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

enum { SAID_GLOBALLY, SAID_BY_TAG, SAID_BY_SOURCE };

struct bound {
	int64_t ms;
	int said;
};

static struct bound nearest_bound(int64_t own_ms, int64_t tag_ms, int64_t global_ms)
{
	if (own_ms >= 0)
		return (struct bound){own_ms, SAID_BY_SOURCE};
	return tag_ms >= 0 ? (struct bound){tag_ms, SAID_BY_TAG} : (struct bound){global_ms, SAID_GLOBALLY};
}

/* Of several tags the shortest times count: who tags a source as urgent means it. */
static void inherit_from_tags(const struct config *c, const struct map *tags, struct source_spec *s)
{
	int64_t min_ms = -1, max_ms = -1;
	struct bound min, max;

	for (size_t i = 0; i < s->tags.n; i++) {
		const struct tag_spec *t = map_get(tags, s->tags.items[i]);

		min_ms = shorter(min_ms, t ? t->poll_min_ms : -1);
		max_ms = shorter(max_ms, t ? t->poll_max_ms : -1);
	}
	min = nearest_bound(s->poll_min_ms, min_ms, c->poll_min_ms);
	max = nearest_bound(s->poll_max_ms, max_ms, c->poll_max_ms);
	/* What is said nearest to the source stands, and the other bound gives way; of tags that differ, the shorter one. */
	if (min.ms > max.ms && min.said > max.said)
		max.ms = min.ms;
	else if (min.ms > max.ms)
		min.ms = max.ms;
	s->poll_min_ms = min.ms;
	s->poll_max_ms = max.ms;
	s->poll_min_is_own = min.said != SAID_GLOBALLY; /* whatever the number: it was told */
}

static void inherit_polls(struct loader *l)
{
	struct config *c = l->config;
	struct map *tags = map_new();

	check_poll(l, c->poll_min_ms, c->poll_max_ms, l->root);
	check_tags(l);
	for (size_t i = 0; i < c->n_tags; i++)
		if (c->tags[i].name)
			map_put(tags, c->tags[i].name, &c->tags[i]);
	for (size_t i = 0; i < c->n_sources; i++) {
		struct source_spec *s = &c->sources[i];
		bool own = s->poll_min_ms >= 0 || s->poll_max_ms >= 0;

		if (own)
			check_poll(l, s->poll_min_ms >= 0 ? s->poll_min_ms : c->poll_min_ms, s->poll_max_ms >= 0 ? s->poll_max_ms : c->poll_max_ms,
				   l->sources.nodes[i]);
		inherit_from_tags(c, tags, s);
	}
	map_free(tags, NULL);
}

/* Each pattern is tried alone, so that the complaint is at its own place. */
static void check_pattern(struct loader *l, const struct feed_spec *one, const char *key, enum item_field field, const struct yaml_node *entry)
{
	struct err err = {0};
	struct selection *s = selection_new(one, &err);

	if (!s)
		report_error(&l->report, place_in(entry, key, field == FIELD_ANY ? NULL : item_field_name(field)), "%s", err.message);
	selection_free(s);
}

/* The specs borrow from f. */
static void check_patterns(struct loader *l, const struct feed_spec *f, const struct yaml_node *entry)
{
	for (unsigned k = 0; f->name && k < ITEM_FIELDS; k++) {
		struct feed_spec match = {.name = f->name}, exclude = {.name = f->name};

		match.match[k] = f->match[k];
		exclude.exclude[k] = f->exclude[k];
		if (f->match[k])
			check_pattern(l, &match, "match", (enum item_field)k, entry);
		if (f->exclude[k])
			check_pattern(l, &exclude, "exclude", (enum item_field)k, entry);
	}
}

static void check_search(struct loader *l, const struct feed_spec *f, const struct yaml_node *entry)
{
	struct err err = {0};

	if (f->search && l->asks && l->asks->check_search && l->asks->check_search(f->search, &err) < 0)
		report_error(&l->report, place_in(entry, "search", NULL), "%s", err.message);
}

static const char *nearest(const char *wanted, const struct map *names, char out[160])
{
	struct suggestion s = {.wanted = wanted};
	size_t cursor = 0;
	const char *name;
	void *value;

	while (map_next(names, &cursor, &name, &value))
		suggest(&s, name);
	return suggestion_text(&s, out);
}

/* Only a warning: sources are also added with syndicatectl, and those are not in the file. */
static void check_feed_sources(struct loader *l, const struct feed_spec *f, const struct yaml_node *entry,
			       const struct map *names)
{
	const struct yaml_node *list = entry ? yaml_get(entry, "sources") : NULL;
	char text[160];

	if (!list || l->leave_out_sources)
		return;
	for (size_t i = 0; i < f->sources.n; i++) {
		const struct yaml_node *e = list->kind == YAML_LIST ? list->first : list;

		if (map_get(names, f->sources.items[i]))
			continue;
		while (e && strcmp(e->text, f->sources.items[i]) != 0)
			e = e->next;
		report_warning(&l->report, e ? e->place : list->place, "no source here is named '%s'%s",
			       f->sources.items[i], nearest(f->sources.items[i], names, text));
	}
}

static void check_feeds(struct loader *l, struct map *feeds, const struct map *sources)
{
	struct config *c = l->config;

	for (size_t i = 0; i < c->n_feeds; i++) {
		struct feed_spec *f = &c->feeds[i];
		const struct yaml_node *entry = l->feeds.nodes[i];

		if (f->name)
			check_unique(l, feeds, "feed name", "name", f->name, entry ? entry : l->root);
		if (!f->title && f->name)
			f->title = mem_dup_str(strcmp(f->name, "all") == 0 ? c->title : f->name);
		check_patterns(l, f, entry);
		check_search(l, f, entry);
		check_feed_sources(l, f, entry, sources);
	}
}

static void check_events(struct loader *l, struct webhook_spec *w, const struct yaml_node *entry)
{
	char text[160];

	if (w->events.n == 0)
		string_list_add(&w->events, event_type_name(EVENT_ITEM_CREATED));
	for (size_t i = 0; i < w->events.n; i++) {
		struct suggestion s = {.wanted = w->events.items[i]};
		enum event_type type;

		if (event_type_parse(w->events.items[i], &type))
			continue;
		for (unsigned t = 0; t < EVENT_TYPES; t++)
			suggest(&s, event_type_name((enum event_type)t));
		report_error(&l->report, place_in(entry, "events", NULL), "there is no event '%.80s'%s", w->events.items[i],
			     suggestion_text(&s, text));
	}
}

static void check_webhooks(struct loader *l, const struct map *feeds)
{
	struct config *c = l->config;
	struct map *names = map_new();
	char text[160];

	for (size_t i = 0; i < c->n_webhooks; i++) {
		struct webhook_spec *w = &c->webhooks[i];
		const struct yaml_node *entry = l->webhooks.nodes[i];

		if (w->name)
			check_unique(l, names, "webhook name", "name", w->name, entry);
		if (w->feed && !map_get(feeds, w->feed))
			report_error(&l->report, place_in(entry, "feed", NULL), "there is no feed named '%s'%s",
				     w->feed, nearest(w->feed, feeds, text));
		check_events(l, w, entry);
		if (w->secret_file)
			load_secret(l, w, place_in(entry, "secret-file", NULL));
	}
	map_free(names, NULL);
}

/* Host names are compared in lower case, as they are in groups. */
static void check_hosts(struct loader *l)
{
	struct map *names = map_new();

	for (size_t i = 0; i < l->config->n_hosts; i++) {
		char *name = l->config->hosts[i].name;

		if (!name)
			continue;
		for (char *p = name; *p; p++)
			*p = text_lower(*p);
		if (strpbrk(name, "/@ "))
			report_error(&l->report, place_in(l->hosts.nodes[i], "name", NULL),
				     "name: expected a domain such as example.org, or an address, got '%.80s'", name);
		check_unique(l, names, "host", "name", name, l->hosts.nodes[i]);
	}
	map_free(names, NULL);
}

/* A server that listens everywhere is reached from here by the name of this machine. */
static char *make_base_url(const char *listen)
{
	const char *port = strrchr(listen, ':');

	if (listen[0] == '/' || !port)
		return mem_dup_str("http://localhost");
	if (listen[0] == ':' || listen[0] == '*' || text_has_prefix(listen, "0.0.0.0:") ||
	    text_has_prefix(listen, "[::]:"))
		return mem_printf("http://localhost%s", port);
	return mem_printf("http://%s", listen);
}

static void check_main(struct loader *l)
{
	struct config *c = l->config;
	size_t len;

	if (c->listen.n == 0 && !yaml_get(l->root, "listen"))
		string_list_add(&c->listen, option_tables[SCOPE_MAIN].options[0].standard);
	if (!c->base_url) /* no address at all: complained about, or an empty list because sockets come from systemd */
		c->base_url = make_base_url(c->listen.n > 0 ? c->listen.items[0] : "");
	if (strpbrk(c->base_url, "?#"))
		report_error(&l->report, place_in(l->root, "base-url", NULL), "base-url: must not hold '?' or '#'");
	for (len = strlen(c->base_url); len > 0 && c->base_url[len - 1] == '/'; len--)
		c->base_url[len - 1] = '\0';
}

static void check_access(struct loader *l, struct source_access *a, const struct yaml_node *entry)
{
	if (a->basic_file || a->bearer_file)
		load_login(l, a, entry);
	if (a->ca_file)
		load_key_path(l, "tls.ca-file", &a->ca_file, place_in(entry, "tls", "ca-file"));
	if (a->cert_file)
		load_key_path(l, "tls.cert-file", &a->cert_file, place_in(entry, "tls", "cert-file"));
	if (a->key_file)
		load_key_path(l, "tls.key-file", &a->key_file, place_in(entry, "tls", "key-file"));
	if (a->key_file && !a->cert_file)
		report_error(&l->report, place_in(entry, "tls", "key-file"), "tls.key-file needs tls.cert-file");
	if (!a->verify)
		report_warning(&l->report, place_in(entry, "tls", "verify"),
			       "tls.verify: no: whoever is on the way to this source can read and change what it says; "
			       "tls.ca-file trusts a certificate of your own without that");
}

static void check_accesses(struct loader *l)
{
	if (l->config->fetch_proxy_login_file)
		load_proxy_login(l);
	for (size_t i = 0; i < l->config->n_sources; i++)
		check_access(l, &l->config->sources[i].access, l->sources.nodes[i]);
}

void check_all(struct loader *l)
{
	struct map *sources = map_new(), *feeds = map_new();
	static const struct yaml_node nothing = {.kind = YAML_MAP, .text = ""};

	if (!l->root)
		l->root = &nothing;
	check_main(l);
	check_urls(l);
	check_source_names(l, sources);
	inherit_polls(l);
	check_accesses(l);
	check_feeds(l, feeds, sources);
	check_webhooks(l, feeds);
	check_hosts(l);
	if (l->config->n_sources == 0 && !l->leave_out_sources && l->report.errors == 0 && l->n_files > 0)
		report_warning(&l->report, (struct place){l->files[0], 0, 0},
			       "no sources; nothing will be polled until one is added");
	map_free(feeds, NULL);
	map_free(sources, NULL);
}
