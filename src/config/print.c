/* A configuration as YAML, the difference of two, and the table of options in words. */
#include <string.h>

#include "options.h"

#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"

static size_t group_length(const char *path)
{
	const char *dot = strchr(path, '.');

	return dot ? (size_t)(dot - path) : 0;
}

/* "poll: {min: 15m, max: 24h}": the options of one block, from t->options[i] on. Returns the index behind them. */
static size_t print_group(const struct option_table *t, size_t i, const void *base, const char *indent, struct buf *out)
{
	size_t len = group_length(t->options[i].path);
	bool any = false;

	for (const char *group = t->options[i].path; i < t->n && strncmp(t->options[i].path, group, len + 1) == 0;
	     i++) {
		if (!option_is_set(&t->options[i], base))
			continue;
		if (any)
			buf_append_str(out, ", ");
		else
			buf_append_printf(out, "%s%.*s: {", indent, (int)len, group);
		buf_append_printf(out, "%s: ", t->options[i].path + len + 1);
		option_format(&t->options[i], base, out);
		any = true;
	}
	buf_append_str(out, any ? "}\n" : "");
	return i;
}

static void print_scope(enum option_scope scope, const void *base, const char *first, const char *indent,
			struct buf *out)
{
	const struct option_table *t = &option_tables[scope];
	const char *lead = first;

	for (size_t i = 0; i < t->n;) {
		const struct option *o = &t->options[i];

		if (group_length(o->path) > 0) {
			i = print_group(t, i, base, lead, out);
			continue;
		}
		i++;
		if (!option_is_set(o, base))
			continue;
		buf_append_printf(out, "%s%s: ", lead, o->path);
		option_format(o, base, out);
		buf_append_char(out, '\n');
		lead = indent;
	}
}

void config_print(const struct config *c, struct buf *out)
{
	print_scope(SCOPE_MAIN, c, "", "", out);
	if (c->listen.n == 0)
		buf_append_str(out, "listen: []\n");
	buf_append_str(out, "\nsources:\n");
	for (size_t i = 0; i < c->n_sources; i++)
		print_scope(SCOPE_SOURCE, &c->sources[i], "  - ", "    ", out);
	buf_append_str(out, "\nfeeds:\n");
	for (size_t i = 0; i < c->n_feeds; i++)
		print_scope(SCOPE_FEED, &c->feeds[i], "  - ", "    ", out);
	buf_append_str(out, "\nwebhooks:\n");
	for (size_t i = 0; i < c->n_webhooks; i++)
		print_scope(SCOPE_WEBHOOK, &c->webhooks[i], "  - ", "    ", out);
	buf_append_str(out, "\nhosts:\n");
	for (size_t i = 0; i < c->n_hosts; i++)
		print_scope(SCOPE_HOST, &c->hosts[i], "  - ", "    ", out);
	buf_append_str(out, "\ntags:\n");
	for (size_t i = 0; i < c->n_tags; i++)
		print_scope(SCOPE_TAG, &c->tags[i], "  - ", "    ", out);
}

/* " poll.min 15m -> 5m" for every option that differs. With a title, one line: "~ source lwn: ...". */
static void diff_options(enum option_scope scope, const void *old, const void *new, const char *title, struct buf *out)
{
	const struct option_table *t = &option_tables[scope];
	bool any = false;

	for (size_t i = 0; i < t->n; i++) {
		const struct option *o = &t->options[i];
		struct buf a = BUF_INIT(1u << 20), b = BUF_INIT(1u << 20);

		option_format(o, old, &a);
		option_format(o, new, &b);
		if (strcmp(buf_str(&a), buf_str(&b)) != 0 && !(o->flags & OPTION_KEY)) {
			if (title)
				buf_append_printf(out, any ? ", " : "~ %s %s: ", t->what, title);
			buf_append_printf(out, "%s %s -> %s%s%s", o->path, a.len ? buf_str(&a) : "(none)",
					  b.len ? buf_str(&b) : "(none)",
					  o->flags & OPTION_RESTART ? " (after a restart)" : "", title ? "" : "\n");
			any = true;
		}
		buf_done(&a);
		buf_done(&b);
	}
	if (any && title)
		buf_append_char(out, '\n');
}

/* The lists as one shape: entries of a size, each with a key and a name. */
struct entry_list {
	enum option_scope scope;
	const char *bytes;
	size_t n;
	size_t size;
	size_t key_offset;
	size_t name_offset;
};

static struct entry_list list_of(const struct config *c, enum option_scope scope)
{
	if (scope == SCOPE_FEED)
		return (struct entry_list){scope,
					   (const char *)c->feeds,
					   c->n_feeds,
					   sizeof(*c->feeds),
					   offsetof(struct feed_spec, name),
					   offsetof(struct feed_spec, name)};
	if (scope == SCOPE_HOST)
		return (struct entry_list){scope,
					   (const char *)c->hosts,
					   c->n_hosts,
					   sizeof(*c->hosts),
					   offsetof(struct host_spec, name),
					   offsetof(struct host_spec, name)};
	if (scope == SCOPE_TAG)
		return (struct entry_list){scope,
					   (const char *)c->tags,
					   c->n_tags,
					   sizeof(*c->tags),
					   offsetof(struct tag_spec, name),
					   offsetof(struct tag_spec, name)};
	return (struct entry_list){scope,
				   (const char *)c->webhooks,
				   c->n_webhooks,
				   sizeof(*c->webhooks),
				   offsetof(struct webhook_spec, name),
				   offsetof(struct webhook_spec, name)};
}

static const char *text_at(const void *entry, size_t offset)
{
	return *(char *const *)(const void *)((const char *)entry + offset);
}

static struct map *index_entries(const struct entry_list *l)
{
	struct map *m = map_new();

	for (size_t i = 0; i < l->n; i++) {
		const char *entry = l->bytes + i * l->size;

		map_put(m, text_at(entry, l->key_offset), (void *)(uintptr_t)entry);
	}
	return m;
}

static void diff_secret(const struct webhook_spec *old, const struct webhook_spec *new, struct buf *out)
{
	if (old->secret && new->secret && strcmp(old->secret, new->secret) != 0)
		buf_append_printf(out, "~ webhook %s: another secret\n", new->name);
}

static void diff_lists(const struct config *old_config, const struct config *new_config, enum option_scope scope,
		       struct buf *out)
{
	struct entry_list old = list_of(old_config, scope), new = list_of(new_config, scope);
	struct map *olds = index_entries(&old), *news = index_entries(&new);
	const char *what = option_tables[scope].what;

	for (size_t i = 0; i < old.n; i++) {
		const char *entry = old.bytes + i * old.size;

		if (!map_get(news, text_at(entry, old.key_offset)))
			buf_append_printf(out, "- %s %s\n", what, text_at(entry, old.name_offset));
	}
	for (size_t i = 0; i < new.n; i++) {
		const char *entry = new.bytes + i *new.size;
		const void *before = map_get(olds, text_at(entry, new.key_offset));

		if (!before) {
			buf_append_printf(out, "+ %s %s\n", what, text_at(entry, new.name_offset));
			continue;
		}
		diff_options(scope, before, entry, text_at(entry, new.name_offset), out);
		if (scope == SCOPE_WEBHOOK)
			diff_secret(before, (const void *)entry, out);
	}
	map_free(olds, NULL);
	map_free(news, NULL);
}

void config_diff(const struct config *old, const struct config *new, struct buf *out)
{
	diff_options(SCOPE_MAIN, old, new, NULL, out);
	diff_lists(old, new, SCOPE_FEED, out);
	diff_lists(old, new, SCOPE_WEBHOOK, out);
	diff_lists(old, new, SCOPE_HOST, out);
	diff_lists(old, new, SCOPE_TAG, out);
}

void config_diff_source(const struct source_spec *old, const struct source_spec *new, struct buf *out)
{
	const char *what = option_tables[SCOPE_SOURCE].what;

	if (old && new)
		diff_options(SCOPE_SOURCE, old, new, new->name, out);
	else
		buf_append_printf(out, "%s %s %s\n", new ? "+" : "-", what, new ? new->name : old->name);
}

void config_describe(struct buf *out)
{
	for (int scope = 0; scope < SCOPES; scope++) {
		const struct option_table *t = &option_tables[scope];

		for (size_t i = 0; i < t->n; i++) {
			const struct option *o = &t->options[i];

			buf_append_printf(out, "%s%s\t%s\t%s\t%s%s\n", t->prefix, o->path, option_expects(o),
					  o->standard ? o->standard : "", o->help,
					  o->flags & OPTION_REQUIRED  ? " (required)"
					  : o->flags & OPTION_RESTART ? " (needs a restart)"
								      : "");
		}
	}
}
