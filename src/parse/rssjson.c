/*
 * RSS-in-JSON: RSS 2.0's elements as members, items in "item". What has attributes is an object; its text is in "#value"
 * (also "#text", "$t", "_" or "content", by the converter that wrote it), its attributes beside, bare or with "@".
 */
#include "jsonfeed_internal.h"

#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

static const char *attribute(struct raw_feed *f, const json_t *v, const char *name)
{
	auto_free char *marked = mem_printf("@%s", name);
	const char *s = jsonfeed_keep(f, v, name);

	return s ? s : jsonfeed_keep(f, v, marked);
}

static const char *value(struct raw_feed *f, const json_t *v)
{
	static const char *const members[] = { "#value", "#text", "$t", "_", "content" };
	const char *s = jsonfeed_value(f, v);

	for (size_t i = 0; !s && json_is_object(v) && i < sizeof(members) / sizeof(members[0]); i++)
		s = jsonfeed_keep(f, v, members[i]);
	return s;
}

static const char *text(struct raw_feed *f, const json_t *object, const char *name)
{
	return value(f, json_object_get(object, name));
}

/* One value stands for a list of one. */
static size_t list_size(const json_t *v)
{
	return json_is_array(v) ? json_array_size(v) : v && !json_is_null(v);
}

static const json_t *list_at(const json_t *v, size_t i)
{
	return json_is_array(v) ? json_array_get(v, i) : v;
}

static void read_guid(struct raw_feed *f, struct raw_item *item, const json_t *v)
{
	const json_t *guid = json_object_get(v, "guid");
	const json_t *flag = json_object_get(guid, "isPermaLink");
	const char *permalink = json_is_object(guid) ? attribute(f, guid, "isPermaLink") : NULL;

	item->id = text(f, v, "guid");
	item->id_is_said_link = item->id && (json_is_true(flag) || (permalink && text_equal_nocase(permalink, "true")));
	item->id_is_link = item->id_is_said_link || (item->id && !permalink && !json_is_false(flag));
}

static void read_categories(struct raw_feed *f, struct raw_list *l, const json_t *v)
{
	for (size_t i = 0; i < list_size(v); i++) {
		const json_t *one = list_at(v, i);
		const char *term = value(f, one);
		struct raw_category *c = term ? raw_list_add(f, l, sizeof(*c)) : NULL;

		if (c)
			*c = (struct raw_category){ .term = term, .scheme = json_is_object(one) ? attribute(f, one, "domain") : NULL };
	}
}

static void read_enclosures(struct raw_feed *f, struct raw_item *item, const json_t *v)
{
	for (size_t i = 0; i < list_size(v); i++) {
		const json_t *one = list_at(v, i);
		const char *url = attribute(f, one, "url");
		struct raw_enclosure *e = url ? raw_list_add(f, &item->enclosures, sizeof(*e)) : NULL;

		if (e)
			*e = (struct raw_enclosure){ .url = url, .type = attribute(f, one, "type"), .length = attribute(f, one, "length") };
	}
}

static void read_author(struct raw_feed *f, struct raw_list *l, const json_t *v, const char *member, const char *other)
{
	const char *name = text(f, v, member);
	struct raw_person *p;

	name = name ? name : text(f, v, other);
	p = name ? raw_list_add(f, l, sizeof(*p)) : NULL;
	if (p)
		*p = (struct raw_person){ .name = name };
}

void rssjson_read_item(struct raw_feed *f, const json_t *v)
{
	struct raw_item *item = json_is_object(v) ? raw_feed_add_item(f, 0) : NULL;
	const json_t *source = json_object_get(v, "source");

	if (!item)
		return;
	read_guid(f, item, v);
	item->title = (struct raw_text){ .value = text(f, v, "title"), .kind = RAW_TEXT_GUESS };
	item->summary = (struct raw_text){ .value = text(f, v, "description"), .kind = RAW_TEXT_HTML };
	item->content = (struct raw_text){ .value = text(f, v, "content:encoded"), .kind = RAW_TEXT_HTML };
	item->published = text(f, v, "pubDate");
	item->comments_url = text(f, v, "comments");
	item->duration = text(f, v, "itunes:duration");
	item->source.title = text(f, v, "source");
	item->source.url = json_is_object(source) ? attribute(f, source, "url") : NULL;
	jsonfeed_add_link(f, &item->links, text(f, v, "link"), NULL);
	read_author(f, &item->authors, v, "author", "dc:creator");
	read_categories(f, &item->categories, json_object_get(v, "category"));
	read_enclosures(f, item, json_object_get(v, "enclosure"));
}

bool rssjson_read(struct raw_feed *f, const json_t *rss)
{
	const json_t *channel = json_object_get(rss, "channel"), *items = json_object_get(channel, "item");
	const json_t *image = json_object_get(channel, "image");

	if (!json_is_object(channel))
		return false;
	if (!items)
		items = json_object_get(channel, "items");
	f->format = "jsonrss";
	f->title = (struct raw_text){ .value = text(f, channel, "title"), .kind = RAW_TEXT_GUESS };
	f->subtitle = (struct raw_text){ .value = text(f, channel, "description"), .kind = RAW_TEXT_HTML };
	f->language = text(f, channel, "language");
	f->rights = text(f, channel, "copyright");
	f->published = text(f, channel, "pubDate");
	f->updated = text(f, channel, "lastBuildDate");
	f->generator = text(f, channel, "generator");
	f->ttl_minutes = text(f, channel, "ttl");
	f->logo = json_is_object(image) ? text(f, image, "url") : NULL;
	jsonfeed_add_link(f, &f->links, text(f, channel, "link"), NULL);
	read_author(f, &f->authors, channel, "managingEditor", "webMaster");
	read_categories(f, &f->categories, json_object_get(channel, "category"));
	for (size_t i = 0; i < list_size(items); i++)
		rssjson_read_item(f, list_at(items, i));
	return true;
}
