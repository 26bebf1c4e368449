#include "golden.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/ingest.h"

#define GOLDEN_URL "http://e.example/feed"

char *golden_read(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	char *bytes = NULL;
	long len;

	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (len = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
		bytes = mem_alloc_zero((size_t)len + 1, 1);
		*ret_len = fread(bytes, 1, (size_t)len, f);
		bytes[*ret_len] = '\0';
	}
	(void)fclose(f);
	return bytes;
}

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && strcmp(s + n - m, end) == 0;
}

static int is_input(const struct dirent *d)
{
	return ends_in(d->d_name, ".xml") || (ends_in(d->d_name, ".json") && !ends_in(d->d_name, ".want.json"));
}

struct golden *golden_load(size_t *ret_n)
{
	const char *source_dir = getenv("top_srcdir");
	auto_free char *folder = mem_printf("%s/tests/corpus/feeds", source_dir ? source_dir : ".");
	struct dirent **names = NULL;
	int n = scandir(folder, &names, is_input, alphasort);
	struct golden *all;

	if (n <= 0) {
		fprintf(stderr, "no feeds in %s: set top_srcdir\n", folder);
		exit(1);
	}
	all = mem_resize_array(NULL, (size_t)n, sizeof(*all));
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(names[i]->d_name, '.');

		all[i].name = mem_dup_str(names[i]->d_name);
		all[i].path = mem_printf("%s/%s", folder, names[i]->d_name);
		all[i].want_path = mem_printf("%s/%.*s.want.json", folder, (int)(dot - names[i]->d_name), names[i]->d_name);
		all[i].bytes = golden_read(all[i].path, &all[i].len);
		free(names[i]);
	}
	free(names);
	*ret_n = (size_t)n;
	return all;
}

void golden_free(struct golden *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		mem_free(all[i].name);
		mem_free(all[i].path);
		mem_free(all[i].want_path);
		mem_free(all[i].bytes);
	}
	mem_free(all);
}

/* ---- rendering: absent things are left out, so that what is there stands out ---- */

static void put_text(json_t *o, const char *member, const char *s)
{
	if (s)
		json_object_set_new(o, member, json_string(s));
}

static void put_number(json_t *o, const char *member, int64_t n, int64_t absent)
{
	if (n != absent)
		json_object_set_new(o, member, json_integer(n));
}

static void put_time(json_t *o, const char *member, int64_t ms)
{
	char text[TEXT_RFC3339_BYTES];

	if (ms == TIME_UNKNOWN)
		return;
	text_from_time_ms(ms, false, text);
	put_text(o, member, text);
}

static void put_list(json_t *o, const char *member, json_t *list)
{
	if (json_array_size(list))
		json_object_set_new(o, member, list);
	else
		json_decref(list);
}

static json_t *render_links(const struct link *links, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		put_text(o, "rel", links[i].rel);
		put_text(o, "url", links[i].url);
		put_text(o, "type", links[i].type);
		put_text(o, "title", links[i].title);
		put_text(o, "language", links[i].language);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *render_people(const struct item *i)
{
	json_t *list = json_array();

	for (size_t n = 0; n < i->n_authors; n++) {
		json_t *o = json_object();

		put_text(o, "name", i->authors[n].name);
		put_text(o, "email", i->authors[n].email);
		put_text(o, "url", i->authors[n].url);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *render_categories(const struct item *i)
{
	json_t *list = json_array();

	for (size_t n = 0; n < i->n_categories; n++) {
		json_t *o = json_object();

		put_text(o, "term", i->categories[n].term);
		put_text(o, "scheme", i->categories[n].scheme);
		put_text(o, "label", i->categories[n].label);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *render_enclosures(const struct item *i)
{
	json_t *list = json_array();

	for (size_t n = 0; n < i->n_enclosures; n++) {
		const struct enclosure *e = &i->enclosures[n];
		json_t *o = json_object();

		put_text(o, "url", e->url);
		put_text(o, "type", e->type);
		put_number(o, "length_bytes", e->length_bytes, -1);
		put_number(o, "duration_s", e->duration_s, -1);
		put_number(o, "width", e->width, -1);
		put_number(o, "height", e->height, -1);
		put_text(o, "title", e->title);
		put_text(o, "medium", e->medium);
		json_array_append_new(list, o);
	}
	return list;
}

static void render_origin(json_t *item, const struct origin *origin)
{
	json_t *o = json_object();

	put_text(o, "id", origin->id);
	put_text(o, "title", origin->title);
	put_text(o, "link", origin->link);
	put_text(o, "url", origin->url);
	if (json_object_size(o))
		json_object_set_new(item, "origin", o);
	else
		json_decref(o);
}

static json_t *render_item(const struct item *i)
{
	json_t *o = json_object();

	put_text(o, "guid", i->guid);
	put_text(o, "link", i->link);
	put_text(o, "canonical_url", i->canonical_url);
	put_text(o, "title", i->title);
	put_text(o, "summary", i->summary);
	put_text(o, "content", i->content);
	put_list(o, "authors", render_people(i));
	put_list(o, "categories", render_categories(i));
	put_list(o, "enclosures", render_enclosures(i));
	put_list(o, "links", render_links(i->links, i->n_links));
	render_origin(o, &i->origin);
	put_time(o, "published", i->published_ms);
	put_time(o, "updated", i->updated_ms);
	put_text(o, "language", i->language);
	put_text(o, "comments_url", i->comments_url);
	put_number(o, "comments_count", i->comments_count, -1);
	put_text(o, "in_reply_to", i->in_reply_to);
	put_text(o, "thumbnail", i->thumbnail);
	put_text(o, "rights", i->rights);
	put_text(o, "season", i->season);
	put_text(o, "episode", i->episode);
	put_text(o, "location", i->location);
	put_text(o, "key_rule", i->key_rule);
	put_number(o, "has_url_key", i->has_url_key, 0);
	put_number(o, "twin", i->twin, 0);
	return o;
}

static json_t *render_problems(const struct problem_list *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(list, json_pack("{s:s, s:i, s:s}", "code", l->items[i].code, "line", (int)l->items[i].line, "text", l->items[i].text));
	return list;
}

static void render_head(json_t *o, const struct feed_document *d)
{
	put_text(o, "format", d->format);
	put_text(o, "id", d->id);
	put_text(o, "title", d->title);
	put_text(o, "subtitle", d->subtitle);
	put_text(o, "link", d->link);
	put_text(o, "self_url", d->self_url);
	put_text(o, "hub_url", d->hub_url);
	put_text(o, "icon", d->icon);
	put_text(o, "logo", d->logo);
	put_text(o, "language", d->language);
	put_text(o, "rights", d->rights);
	put_text(o, "author", d->author);
	put_text(o, "generator", d->generator);
	put_list(o, "links", render_links(d->links, d->n_links));
	put_time(o, "updated", d->updated_ms);
	put_number(o, "ttl_ms", d->ttl_ms, 0);
	put_number(o, "skip_hours", d->skip_hours, 0);
	put_number(o, "skip_days", d->skip_days, 0);
}

static char *dump(json_t *o)
{
	char *text = json_dumps(o, JSON_INDENT(1)), *ret;

	json_decref(o);
	ret = mem_printf("%s\n", text);
	free(text);
	return ret;
}

char *golden_document(const struct feed_document *d)
{
	json_t *o = json_object(), *items = json_array();

	render_head(o, d);
	for (size_t i = 0; i < d->n_items; i++)
		json_array_append_new(items, render_item(&d->items[i]));
	json_object_set_new(o, "items", items);
	json_object_set_new(o, "complete", json_boolean(d->complete));
	put_list(o, "problems", render_problems(&d->problems));
	return dump(o);
}

char *golden_ingest(const char *bytes, size_t len)
{
	const struct ingest_request request = { .url = GOLDEN_URL, .bytes = bytes, .len = len };
	struct feed_document *d = NULL;
	struct err message = { 0 };
	enum ingest_status status = ingest_run(&request, &d, &message);
	char *text;

	if (status != INGEST_OK)
		return dump(json_pack("{s:i, s:s}", "status", (int)status, "message", message.message));
	text = golden_document(d);
	feed_document_free(d);
	return text;
}
