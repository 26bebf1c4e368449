#include "jsonfeed.h"

#include <jansson.h>
#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

/* A string, or a number written out: ids are numbers in feeds of the wild (JSON Feed 1.1 tells readers to take them). */
static const char *keep(struct raw_feed *f, const json_t *object, const char *member)
{
	const json_t *v = json_object_get(object, member);
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

static struct raw_text keep_text(struct raw_feed *f, const json_t *object, const char *member, enum raw_text_kind kind)
{
	return (struct raw_text){ .value = keep(f, object, member), .kind = kind };
}

static void add_link(struct raw_feed *f, struct raw_list *l, const char *href, const char *rel)
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
		p->name = keep(f, v, "name");
		p->url = keep(f, v, "url");
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
	const char *url = keep(f, v, "url");
	struct raw_enclosure *e = url ? raw_list_add(f, &item->enclosures, sizeof(*e)) : NULL;

	if (!e)
		return;
	e->url = url;
	e->type = keep(f, v, "mime_type");
	e->length = keep(f, v, "size_in_bytes");
	e->duration = keep(f, v, "duration_in_seconds");
	e->title = keep(f, v, "title");
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
	struct raw_item *item = json_is_object(v) ? raw_feed_add_item(f) : NULL;

	if (!item)
		return;
	item->id = keep(f, v, "id");
	item->title = keep_text(f, v, "title", RAW_TEXT_PLAIN);
	item->summary = keep_text(f, v, "summary", RAW_TEXT_PLAIN);
	item->content = keep_text(f, v, "content_html", RAW_TEXT_HTML);
	if (!item->content.value)
		item->content = keep_text(f, v, "content_text", RAW_TEXT_PLAIN);
	item->published = keep(f, v, "date_published");
	item->updated = keep(f, v, "date_modified");
	item->language = keep(f, v, "language");
	item->thumbnail = keep(f, v, "image");
	if (!item->thumbnail)
		item->thumbnail = keep(f, v, "banner_image");
	add_link(f, &item->links, keep(f, v, "url"), NULL);
	add_link(f, &item->links, keep(f, v, "external_url"), "related");
	read_lists(f, item, v);
}

static void read_feed(struct raw_feed *f, const json_t *root, const char *version)
{
	const json_t *items = json_object_get(root, "items"), *hubs = json_object_get(root, "hubs");

	f->format = version && strstr(version, "version/1.1") ? "json11" : "json10";
	f->title = keep_text(f, root, "title", RAW_TEXT_PLAIN);
	f->subtitle = keep_text(f, root, "description", RAW_TEXT_PLAIN);
	f->language = keep(f, root, "language");
	f->icon = keep(f, root, "icon");
	f->logo = keep(f, root, "favicon");
	add_link(f, &f->links, keep(f, root, "home_page_url"), NULL);
	add_link(f, &f->links, keep(f, root, "feed_url"), "self");
	add_link(f, &f->links, keep(f, root, "next_url"), "next");
	for (size_t i = 0; i < json_array_size(hubs); i++)
		add_link(f, &f->links, keep(f, json_array_get(hubs, i), "url"), "hub");
	read_authors(f, &f->authors, root);
	for (size_t i = 0; i < json_array_size(items); i++)
		read_item(f, json_array_get(items, i));
	f->complete = true;
}

enum parse_status jsonfeed_read(const char *text, size_t len, struct raw_feed *feed, struct err *message)
{
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
	const char *version = json_string_value(json_object_get(root, "version"));
	enum parse_status status = PARSE_OK;

	if (!root) {
		err_set(message, ERR_INVALID, "the JSON is damaged in line %d: %s", error.line, error.text);
		return PARSE_BROKEN;
	}
	if (!json_is_array(json_object_get(root, "items")) && !(version && strstr(version, "jsonfeed.org"))) {
		err_set(message, ERR_INVALID, "this is JSON, but no JSON Feed: it has no items");
		status = PARSE_NOT_FEED;
	} else {
		read_feed(feed, root, version);
	}
	json_decref(root);
	return status;
}
