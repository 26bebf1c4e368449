#include "jsonfeed.h"
#include "jsonfeed_internal.h"

#include <jansson.h>
#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

/* A string, or a number written out: ids are numbers in feeds of the wild (JSON Feed 1.1 tells readers to take them). */
const char *jsonfeed_value(struct raw_feed *f, const json_t *v)
{
	auto_free char *number = NULL;
	const char *s = json_string_value(v);

	if (json_is_integer(v))
		s = number = mem_printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_real(v))
		s = number = mem_printf("%.17g", json_real_value(v));
	if (text_is_empty(s) || s[strspn(s, " \t\r\n")] == '\0')
		return NULL;
	return arena_dup(f->arena, s, text_cut(s, strlen(s), LIMIT_FIELD_BYTES));
}

const char *jsonfeed_keep(struct raw_feed *f, const json_t *object, const char *member)
{
	return jsonfeed_value(f, json_object_get(object, member));
}

static struct raw_text keep_text(struct raw_feed *f, const json_t *object, const char *member, enum raw_text_kind kind)
{
	return (struct raw_text){ .value = jsonfeed_keep(f, object, member), .kind = kind };
}

void jsonfeed_add_link(struct raw_feed *f, struct raw_list *l, const char *href, const char *rel)
{
	struct raw_link *link = href ? raw_list_add(f, l, sizeof(*link)) : NULL;

	if (link) {
		link->href = href;
		link->rel = rel;
	}
}

static void add_person(struct raw_feed *f, struct raw_list *l, const json_t *v)
{
	struct raw_person *p = json_is_object(v) ? raw_list_add(f, l, sizeof(*p)) : NULL;

	if (p) {
		p->name = jsonfeed_keep(f, v, "name");
		p->url = jsonfeed_keep(f, v, "url");
	}
}

/* 1.1 has a list, 1.0 one author; a 1.1 feed may give both for old readers, and then they are the same. */
static void read_authors(struct raw_feed *f, struct raw_list *l, const json_t *object)
{
	const json_t *list = json_object_get(object, "authors");

	for (size_t i = 0; i < json_array_size(list); i++)
		add_person(f, l, json_array_get(list, i));
	if (l->n == 0)
		add_person(f, l, json_object_get(object, "author"));
}

static void read_attachment(struct raw_feed *f, struct raw_item *item, const json_t *v)
{
	const char *url = jsonfeed_keep(f, v, "url");
	struct raw_enclosure *e = url ? raw_list_add(f, &item->enclosures, sizeof(*e)) : NULL;

	if (!e)
		return;
	e->url = url;
	e->type = jsonfeed_keep(f, v, "mime_type");
	e->length = jsonfeed_keep(f, v, "size_in_bytes");
	e->duration = jsonfeed_keep(f, v, "duration_in_seconds");
	e->title = jsonfeed_keep(f, v, "title");
}

static void read_lists(struct raw_feed *f, struct raw_item *item, const json_t *v)
{
	const json_t *tags = json_object_get(v, "tags"), *files = json_object_get(v, "attachments");

	read_authors(f, &item->authors, v);
	for (size_t i = 0; i < json_array_size(tags); i++) {
		const char *s = json_string_value(json_array_get(tags, i));
		struct raw_category *c = text_is_empty(s) ? NULL : raw_list_add(f, &item->categories, sizeof(*c));

		if (c)
			c->term = arena_dup(f->arena, s, strlen(s));
	}
	for (size_t i = 0; i < json_array_size(files); i++)
		read_attachment(f, item, json_array_get(files, i));
}

static void read_item(struct raw_feed *f, const json_t *v)
{
	struct raw_item *item = json_is_object(v) ? raw_feed_add_item(f, 0) : NULL;

	if (!item)
		return;
	item->id = jsonfeed_keep(f, v, "id");
	item->title = keep_text(f, v, "title", RAW_TEXT_PLAIN);
	item->summary = keep_text(f, v, "summary", RAW_TEXT_PLAIN);
	item->content = keep_text(f, v, "content_html", RAW_TEXT_HTML);
	if (!item->content.value)
		item->content = keep_text(f, v, "content_text", RAW_TEXT_PLAIN);
	item->published = jsonfeed_keep(f, v, "date_published");
	item->updated = jsonfeed_keep(f, v, "date_modified");
	item->language = jsonfeed_keep(f, v, "language");
	item->thumbnail = jsonfeed_keep(f, v, "image");
	if (!item->thumbnail)
		item->thumbnail = jsonfeed_keep(f, v, "banner_image");
	jsonfeed_add_link(f, &item->links, jsonfeed_keep(f, v, "url"), NULL);
	jsonfeed_add_link(f, &item->links, jsonfeed_keep(f, v, "external_url"), "related");
	read_lists(f, item, v);
	if (item->authors.n == 0) /* section "Items": those of the feed are meant */
		item->authors = f->authors;
}

static void read_feed(struct raw_feed *f, const json_t *root, const char *version)
{
	const json_t *items = json_object_get(root, "items"), *hubs = json_object_get(root, "hubs");

	f->format = version && strstr(version, "version/1.1") ? "json11" : "json10";
	f->title = keep_text(f, root, "title", RAW_TEXT_PLAIN);
	f->subtitle = keep_text(f, root, "description", RAW_TEXT_PLAIN);
	f->language = jsonfeed_keep(f, root, "language");
	f->icon = jsonfeed_keep(f, root, "icon");
	f->logo = jsonfeed_keep(f, root, "favicon");
	jsonfeed_add_link(f, &f->links, jsonfeed_keep(f, root, "home_page_url"), NULL);
	jsonfeed_add_link(f, &f->links, jsonfeed_keep(f, root, "feed_url"), "self");
	jsonfeed_add_link(f, &f->links, jsonfeed_keep(f, root, "next_url"), "next");
	for (size_t i = 0; i < json_array_size(hubs); i++)
		jsonfeed_add_link(f, &f->links, jsonfeed_keep(f, json_array_get(hubs, i), "url"), "hub");
	read_authors(f, &f->authors, root);
	for (size_t i = 0; i < json_array_size(items); i++)
		read_item(f, json_array_get(items, i));
}

static enum parse_status refuse(struct err *message, const char *what)
{
	err_set(message, ERR_INVALID, "this is JSON, but no feed: %s", what);
	return PARSE_NOT_FEED;
}

static enum parse_status read_root(struct raw_feed *f, const json_t *root, struct err *message)
{
	const char *version = json_string_value(json_object_get(root, "version"));
	const json_t *rss = json_object_get(root, "rss");

	if (json_is_object(rss))
		return rssjson_read(f, rss) ? PARSE_OK : refuse(message, "its \"rss\" has no channel");
	if (!json_is_array(json_object_get(root, "items")) && !(version && strstr(version, "jsonfeed.org")))
		return refuse(message, "it has no items");
	read_feed(f, root, version);
	return PARSE_OK;
}

/* Cut off or followed by something: what is whole at its beginning is read, item by item. */
static json_t *load(const char *text, size_t len, json_error_t *error)
{
	return json_loadb(text, len, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, error);
}

enum parse_status jsonfeed_read(const char *text, size_t len, struct raw_feed *feed, struct err *message)
{
	json_error_t error;
	json_t *root = load(text, len, &error);
	enum parse_status status;

	if (!root && (root = jsonfeed_repair(text, len)))
		problem_add(&feed->problems, "damaged", error.line > 0 ? (uint32_t)error.line : 0,
		            "The JSON is damaged (%s); what was whole before was kept.", error.text);
	else
		feed->complete = root != NULL;
	if (!root) {
		err_set(message, ERR_INVALID, "the JSON is damaged in line %d: %s", error.line, error.text);
		return PARSE_BROKEN;
	}
	status = read_root(feed, root, message);
	json_decref(root);
	return status;
}
