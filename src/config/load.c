/* From the tree of a YAML file to the structs, by the table of options. */
#include <string.h>

#include "files.h"
#include "loader.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

static void read_block(struct loader *l, enum option_scope scope, const char *prefix, const struct yaml_node *map,
		       void *base);

static void complain_type(struct loader *l, const struct option *o, const struct yaml_node *value)
{
	report_error(&l->report, value->place, "%s: expected %s, got %s", o->path, option_expects(o),
		     yaml_kind_text(value));
}

static void read_text(struct loader *l, const struct option *o, const struct yaml_node *value, void *base)
{
	struct err err = {0};

	if (value->kind != YAML_TEXT || value->is_null) {
		complain_type(l, o, value);
		return;
	}
	if (option_parse(o, value->text, value->place.file->dir, base, &err) < 0)
		report_error(&l->report, value->place, "%s: %s", o->path, err.message);
}

static void read_value(struct loader *l, const struct option *o, const struct yaml_node *value, void *base)
{
	if (!option_is_list(o) || value->kind != YAML_LIST) {
		read_text(l, o, value, base);
		return;
	}
	for (const struct yaml_node *e = value->first; e; e = e->next)
		read_text(l, o, e, base);
}

/* Makes room for one more in an array and in its list of nodes; NULL when there are too many. */
static void *grow(struct loader *l, struct entries *entries, const struct yaml_node *node, void **array,
		  size_t *capacity, size_t n, size_t size)
{
	if (n >= LIMIT_CONFIG_SOURCES) {
		report_error(&l->report, node->place, "more than %u entries", LIMIT_CONFIG_SOURCES);
		return NULL;
	}
	if (entries->n == entries->capacity) {
		entries->capacity = entries->capacity ? 2 * entries->capacity : 16;
		entries->nodes = mem_resize_array(entries->nodes, entries->capacity, sizeof(*entries->nodes));
	}
	entries->nodes[entries->n++] = node;
	if (n == *capacity) {
		*capacity = *capacity ? 2 * *capacity : 16;
		*array = mem_resize_array(*array, *capacity, size);
	}
	memset((char *)*array + n * size, 0, size);
	return (char *)*array + n * size;
}

static struct source_spec *add_source(struct loader *l, const struct yaml_node *node)
{
	struct config *c = l->config;
	void *array = c->sources;
	struct source_spec *s = grow(l, &l->sources, node, &array, &l->source_capacity, c->n_sources, sizeof(*s));

	c->sources = array;
	if (s) {
		c->n_sources++;
		option_set_defaults(SCOPE_SOURCE, s);
	}
	return s;
}

static struct feed_spec *add_feed(struct loader *l, const struct yaml_node *node)
{
	struct config *c = l->config;
	void *array = c->feeds;
	struct feed_spec *f = grow(l, &l->feeds, node, &array, &l->feed_capacity, c->n_feeds, sizeof(*f));

	c->feeds = array;
	if (f) {
		c->n_feeds++;
		option_set_defaults(SCOPE_FEED, f);
	}
	return f;
}

static struct webhook_spec *add_webhook(struct loader *l, const struct yaml_node *node)
{
	struct config *c = l->config;
	void *array = c->webhooks;
	struct webhook_spec *w = grow(l, &l->webhooks, node, &array, &l->webhook_capacity, c->n_webhooks, sizeof(*w));

	c->webhooks = array;
	if (w) {
		c->n_webhooks++;
		option_set_defaults(SCOPE_WEBHOOK, w);
	}
	return w;
}

static struct host_spec *add_host(struct loader *l, const struct yaml_node *node)
{
	struct config *c = l->config;
	void *array = c->hosts;
	struct host_spec *h = grow(l, &l->hosts, node, &array, &l->host_capacity, c->n_hosts, sizeof(*h));

	c->hosts = array;
	if (h) {
		c->n_hosts++;
		option_set_defaults(SCOPE_HOST, h);
	}
	return h;
}

static struct tag_spec *add_tag(struct loader *l, const struct yaml_node *node)
{
	struct config *c = l->config;
	void *array = c->tags;
	struct tag_spec *t = grow(l, &l->tags, node, &array, &l->tag_capacity, c->n_tags, sizeof(*t));

	c->tags = array;
	if (t) {
		c->n_tags++;
		option_set_defaults(SCOPE_TAG, t);
	}
	return t;
}

/* The entry called "all" sets the options of the feed that is always there, once. */
static struct feed_spec *pick_feed(struct loader *l, const struct yaml_node *node)
{
	const struct yaml_node *name = yaml_get(node, "name");

	if (name && strcmp(name->text, "all") == 0 && !l->feeds.nodes[0]) {
		l->feeds.nodes[0] = node;
		return &l->config->feeds[0];
	}
	return add_feed(l, node);
}

static void check_required(struct loader *l, enum option_scope scope, const struct yaml_node *node)
{
	const struct option_table *t = &option_tables[scope];

	for (size_t i = 0; i < t->n; i++)
		if ((t->options[i].flags & OPTION_REQUIRED) && !yaml_get(node, t->options[i].path))
			report_error(&l->report, node->place, "this %s has no %s", t->what, t->options[i].path);
}

static void read_entry(struct loader *l, enum option_scope scope, const struct yaml_node *node)
{
	void *base;

	if (node->kind != YAML_MAP && !(scope == SCOPE_SOURCE && node->kind == YAML_TEXT && !node->is_null)) {
		report_error(&l->report, node->place, "expected a %s%s, got %s", option_tables[scope].what,
			     scope == SCOPE_SOURCE ? " (a URL, or a block of keys)" : " (a block of keys)",
			     yaml_kind_text(node));
		return;
	}
	if (scope == SCOPE_SOURCE)
		base = add_source(l, node);
	else if (scope == SCOPE_FEED)
		base = pick_feed(l, node);
	else if (scope == SCOPE_HOST)
		base = add_host(l, node);
	else if (scope == SCOPE_TAG)
		base = add_tag(l, node);
	else
		base = add_webhook(l, node);
	if (!base)
		return;
	if (node->kind == YAML_TEXT) {
		read_text(l, &option_tables[SCOPE_SOURCE].options[0], node, base);
		return;
	}
	read_block(l, scope, "", node, base);
	check_required(l, scope, node);
}

static void read_entries(struct loader *l, const struct option *o, const struct yaml_node *list)
{
	enum option_scope scope = o->type == OPTION_SOURCES ? SCOPE_SOURCE
				  : o->type == OPTION_FEEDS ? SCOPE_FEED
				  : o->type == OPTION_HOSTS ? SCOPE_HOST
				  : o->type == OPTION_TAGS  ? SCOPE_TAG
							    : SCOPE_WEBHOOK;

	if (list->kind == YAML_TEXT && list->is_null)
		return; /* "sources:" with all entries commented out */
	if (list->kind != YAML_LIST) {
		complain_type(l, o, list);
		return;
	}
	for (const struct yaml_node *e = list->first; e; e = e->next)
		read_entry(l, scope, e);
}

static void read_option(struct loader *l, const struct option *o, const struct yaml_node *value, void *base)
{
	if (o->type == OPTION_INCLUDE)
		return; /* followed when the main file has been read */
	if (option_is_block(o))
		read_entries(l, o, value);
	else
		read_value(l, o, value, base);
}

/* "poll" of "poll.min" when prefix is "": the part of path that is a key at this level; NULL when it is elsewhere. */
static const char *key_at(const char *path, const char *prefix, char out[64])
{
	size_t skip = strlen(prefix), len;

	if (strncmp(path, prefix, skip) != 0)
		return NULL;
	len = strcspn(path + skip, ".");
	memcpy(out, path + skip, len);
	out[len] = '\0';
	return out;
}

static void complain_unknown(struct loader *l, enum option_scope scope, const char *prefix, const struct yaml_node *key)
{
	const struct option_table *t = &option_tables[scope];
	char word[64], text[160];
	struct suggestion s = {.wanted = key->text};

	for (size_t i = 0; i < t->n; i++)
		if (key_at(t->options[i].path, prefix, word))
			suggest(&s, word);
	report_error(&l->report, key->place, "unknown key '%.80s'%s%.*s%s", key->text, prefix[0] ? " in " : "",
		     (int)(strlen(prefix) > 0 ? strlen(prefix) - 1 : 0), prefix, suggestion_text(&s, text));
}

/* A block such as "poll: {min: 5m}". False when no option begins like this. */
static bool read_group(struct loader *l, enum option_scope scope, const char *path, const struct yaml_node *value,
		       void *base)
{
	const struct option_table *t = &option_tables[scope];
	char prefix[128];
	size_t len = strlen(path);

	if (len + 2 > sizeof(prefix))
		return false;
	memcpy(prefix, path, len);
	memcpy(prefix + len, ".", 2);
	for (size_t i = 0; i < t->n; i++) {
		if (!text_has_prefix(t->options[i].path, prefix))
			continue;
		if (value->kind == YAML_MAP)
			read_block(l, scope, prefix, value, base);
		else
			report_error(&l->report, value->place, "%s: expected a block of keys such as {%s: ...}, got %s",
				     path, t->options[i].path + len + 1, yaml_kind_text(value));
		return true;
	}
	return false;
}

static void read_key(struct loader *l, enum option_scope scope, const char *prefix, const struct yaml_node *value,
		     void *base)
{
	const struct option_table *t = &option_tables[scope];
	auto_free char *path = mem_printf("%s%s", prefix, value->key->text);

	if (strchr(value->key->text, '.')) { /* "poll.min" is how we write it, not how the file does */
		complain_unknown(l, scope, prefix, value->key);
		return;
	}
	/* "match" is a text, or a block with a text for each field. */
	if (value->kind == YAML_MAP && read_group(l, scope, path, value, base))
		return;
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->options[i].path, path) == 0) {
			read_option(l, &t->options[i], value, base);
			return;
		}
	if (!read_group(l, scope, path, value, base))
		complain_unknown(l, scope, prefix, value->key);
}

static void read_block(struct loader *l, enum option_scope scope, const char *prefix, const struct yaml_node *map,
		       void *base)
{
	for (const struct yaml_node *v = map->first; v; v = v->next)
		read_key(l, scope, prefix, v, base);
}

/* An included file holds lists only, so that every setting of the program is in one place. */
static void read_included(struct loader *l, const struct yaml_node *root)
{
	const struct option_table *t = &option_tables[SCOPE_MAIN];

	for (const struct yaml_node *v = root->first; v; v = v->next) {
		bool known = false;

		for (size_t i = 0; i < t->n && !known; i++) {
			const struct option *o = &t->options[i];

			if (option_is_block(o) && o->type != OPTION_INCLUDE && o->type != OPTION_HOSTS && o->type != OPTION_TAGS && strcmp(o->path, v->key->text) == 0) {
				read_entries(l, o, v);
				known = true;
			}
		}
		if (!known)
			report_error(&l->report, v->key->place,
				     "'%.80s' may not stand in an included file; only sources, feeds and webhooks may",
				     v->key->text);
	}
}

static const struct yaml_node *parse_file(struct loader *l, struct config_file *f)
{
	const struct yaml_node *root;

	if (!f)
		return NULL;
	f->index = l->n_files;
	l->files = mem_resize_array(l->files, l->n_files + 1, sizeof(struct config_file *));
	l->files[l->n_files++] = f;
	file_take_blocks(f, "sources", l->leave_out_sources, l->fingerprint);
	root = yaml_parse(f, l->arena, &l->report);
	if (root && root->kind == YAML_MAP)
		return root;
	if (root && !root->is_null)
		report_error(&l->report, root->place, "expected a block of keys such as \"sources:\", got %s",
			     yaml_kind_text(root));
	return NULL;
}

static void include_path(struct loader *l, const struct yaml_node *node)
{
	struct file_list found = {0};

	if (node->kind != YAML_TEXT || node->is_null) {
		report_error(&l->report, node->place, "include: expected the path of a file or directory, got %s",
			     yaml_kind_text(node));
		return;
	}
	files_find(node->text, node->place, &found, &l->report);
	for (size_t i = 0; i < found.paths.n; i++) {
		const struct yaml_node *root = parse_file(l, file_read(found.paths.items[i], &node->place, &l->report));

		if (root)
			read_included(l, root);
	}
	string_list_done(&found.paths);
}

static void follow_includes(struct loader *l, const struct yaml_node *include)
{
	if (include->kind == YAML_LIST)
		for (const struct yaml_node *e = include->first; e; e = e->next)
			include_path(l, e);
	else
		include_path(l, include);
}

void load_file(struct loader *l, const char *path)
{
	struct feed_spec *all = add_feed(l, NULL);
	const struct yaml_node *include;

	mem_set_str(&all->name, "all");
	option_set_defaults(SCOPE_MAIN, l->config);
	l->root = parse_file(l, file_read(path, NULL, &l->report));
	if (!l->root)
		return;
	read_block(l, SCOPE_MAIN, "", l->root, l->config);
	include = yaml_get(l->root, "include");
	if (include)
		follow_includes(l, include);
}
