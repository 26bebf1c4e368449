#include "jsonfeed.h"
#include "jsonfeed_internal.h"
#include "jsonscan.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

void jsonfeed_init(void)
{
	json_set_alloc_funcs(mem_lend, mem_free);
}

/*
 * Escapes spell what the document's bytes may not hold (\u0000, \u000f, \ufffe), or mean what windows-1252 has there (\u0092):
 * here all of JSON's text is made clean.
 */
static const char *keep_clean(struct raw_feed *f, const char *s, size_t len)
{
	struct buf clean = BUF_INIT(4 * (size_t)LIMIT_FIELD_BYTES), meant = BUF_INIT(2 * clean.max_bytes);
	const char *ret = NULL;

	len = text_cut(s, len, LIMIT_FIELD_BYTES);
	if (!text_is_clean(s, len)) {
		text_scrub(&clean, s, len);
		s = buf_str(&clean);
		len = clean.len;
	}
	if (text_has_c1(s, len)) {
		text_append_meant(&meant, s, len);
		s = buf_str(&meant);
		len = meant.len;
	}
	if (s[strspn(s, " \t\r\n")])
		ret = arena_dup(f->arena, s, len);
	buf_done(&clean);
	buf_done(&meant);
	return ret;
}

/* As JavaScript writes it: whole ones without a point, others with as many digits as it takes to read the same again. */
static char *print_real(double v)
{
	char *number;

	if (v > -1e18 && v < 1e18 && v == (double)(int64_t)v)
		return mem_printf("%" PRId64, (int64_t)v);
	number = mem_printf("%.15g", v);
	if (strtod(number, NULL) == v)
		return number;
	mem_free(number);
	return mem_printf("%.17g", v);
}

/* A string, or a number written out: ids are numbers in feeds of the wild (JSON Feed 1.1 tells readers to take them). */
const char *jsonfeed_value(struct raw_feed *f, const json_t *v)
{
	auto_free char *number = NULL;

	if (json_is_string(v))
		return keep_clean(f, json_string_value(v), json_string_length(v));
	if (json_is_integer(v))
		number = mem_printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_real(v))
		number = print_real(json_real_value(v));
	return number ? keep_clean(f, number, strlen(number)) : NULL;
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
	/* A bare name is wrong, but says who. */
	const char *name = json_is_object(v) ? jsonfeed_keep(f, v, "name") : jsonfeed_value(f, v);
	const char *url = jsonfeed_keep(f, v, "url");
	struct raw_person *p = name || url ? raw_list_add(f, l, sizeof(*p)) : NULL;

	if (p) {
		p->name = name;
		p->url = url;
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
		const char *term = jsonfeed_value(f, json_array_get(tags, i));
		struct raw_category *c = term ? raw_list_add(f, &item->categories, sizeof(*c)) : NULL;

		if (c)
			c->term = term;
	}
	for (size_t i = 0; i < json_array_size(files); i++)
		read_attachment(f, item, json_array_get(files, i));
}

/* What makes an object an item: a name or something to read. */
static bool says_something(const json_t *v)
{
	static const char *const members[] = { "id", "url", "external_url", "title", "content_html", "content_text", "summary", "attachments" };

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (json_object_get(v, members[i]))
			return true;
	}
	return false;
}

static void read_item(struct raw_feed *f, const json_t *v)
{
	struct raw_item *item = says_something(v) ? raw_feed_add_item(f, 0) : NULL;

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
	f->logo = jsonfeed_keep(f, root, "icon"); /* "relatively large": what Atom calls a logo */
	f->icon = jsonfeed_keep(f, root, "favicon");
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

static bool calls_itself_feed(const json_t *root)
{
	const char *version = json_string_value(json_object_get(root, "version"));

	return version && strstr(version, "jsonfeed.org");
}

static enum parse_status read_root(struct raw_feed *f, const json_t *root, struct err *message)
{
	const char *version = json_string_value(json_object_get(root, "version"));
	const json_t *rss = json_object_get(root, "rss");

	if (json_is_object(rss))
		return rssjson_read(f, rss) ? PARSE_OK : refuse(message, "its \"rss\" has no channel");
	if (!json_is_array(json_object_get(root, "items")) && !calls_itself_feed(root))
		return refuse(message, "it has no items");
	read_feed(f, root, version);
	return PARSE_OK;
}

/* ---- the document around its items ---- */

struct pieces {
	const char *s[3];
	size_t len[3];
};

static size_t next_piece(void *to, size_t room, void *ctx)
{
	struct pieces *p = ctx;

	for (size_t i = 0; i < 3; i++) {
		size_t n = p->len[i] < room ? p->len[i] : room;

		if (n == 0)
			continue;
		memcpy(to, p->s[i], n);
		p->s[i] += n;
		p->len[i] -= n;
		return n;
	}
	return 0;
}

/* With an empty array in their place. What stands behind it gives way when it is damaged. */
static json_t *load_around(const char *s, const struct json_items *items, bool *whole, json_error_t *error)
{
	struct pieces with_end = { { s, s + items->to }, { items->found ? items->from : items->end, items->found ? items->end - items->to : 0 } };
	struct pieces without = { { s, "]}}}" }, { items->from, 1 + items->depth } };
	json_t *root = items->closed ? json_load_callback(next_piece, &with_end, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, error) : NULL;

	*whole = root != NULL;
	if (root)
		return root;
	if (!items->closed)
		snprintf(error->text, sizeof(error->text), "it ends too early");
	return items->found ? json_load_callback(next_piece, &without, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, NULL) : NULL;
}

static bool is_too_big(size_t bytes, size_t values)
{
	return bytes > LIMIT_JSON_BYTES || values > LIMIT_JSON_VALUES;
}

/* ---- the items ---- */

struct damage {
	bool found;
	uint32_t line;
	char text[160];
};

static void note(struct damage *d, uint32_t line, const char *text)
{
	if (d->found)
		return;
	d->found = true;
	d->line = line;
	snprintf(d->text, sizeof(d->text), "%s", text);
	d->text[text_cut(d->text, strlen(d->text), sizeof(d->text) - 1)] = '\0';
}

/* One that is damaged or too big is left out; brackets say where the next one begins. */
static void read_items(struct raw_feed *f, const char *s, const struct json_items *items, struct damage *damage)
{
	size_t at = items->from, start, values, counted = 0;
	uint32_t line = 1;
	bool whole = true;

	while (!f->full && whole && json_next_item(s, items, &at, &start, &values, &whole)) {
		json_error_t error;
		json_t *v;

		line += (uint32_t)text_count_lines(s + counted, start - counted);
		counted = start;
		if (!whole)
			break;
		if (is_too_big(at - start, values)) {
			problem_add(&f->problems, "item-too-big", line, "An item holds more than is read; it was left out.");
			continue;
		}
		v = json_loadb(s + start, at - start, JSON_ALLOW_NUL, &error);
		if (!v)
			note(damage, line + (error.line > 0 ? (uint32_t)error.line - 1 : 0), error.text);
		else if (items->kind == JSON_KIND_RSS)
			rssjson_read_item(f, v);
		else
			read_item(f, v);
		json_decref(v);
	}
}

static enum parse_status damaged(const struct damage *d, struct err *message)
{
	err_set(message, ERR_INVALID, "the JSON is damaged in line %u: %s", d->line, d->text);
	return PARSE_BROKEN;
}

/* A list of things in an answer that does not call itself a JSON Feed: of the many that have "items", most are none. */
static bool is_other_list(const json_t *root, const char *s, const struct json_items *items)
{
	size_t at = items->from;

	if (!items->found || items->kind != JSON_KIND_FEED || calls_itself_feed(root))
		return false;
	while (at < items->to && text_is_space(s[at]))
		at++;
	return at < items->to;
}

/* What is whole in the text. The first damage is noted. */
static enum parse_status read_once(const char *text, size_t len, struct raw_feed *feed, struct damage *damage, struct err *message)
{
	json_error_t error = { .line = 0 };
	struct json_items items;
	enum parse_status status;
	json_t *root;
	bool whole;

	json_find_items(text, len, &items);
	if (is_too_big(items.found ? items.from + items.end - items.to : items.end, items.values_around))
		return refuse(message, "it holds more than a feed does beside its items");
	root = load_around(text, &items, &whole, &error);
	if (!whole)
		note(damage, items.closed && error.line > 0 ? (uint32_t)error.line : 1 + (uint32_t)text_count_lines(text, len), error.text);
	if (!root)
		return damaged(damage, message);
	status = read_root(feed, root, message);
	if (status == PARSE_OK && items.found && (strcmp(feed->format, "jsonrss") == 0) == (items.kind == JSON_KIND_RSS))
		read_items(feed, text, &items, damage);
	if (status == PARSE_OK && !damage->found && feed->n_items == 0 && feed->problems.n == 0 && is_other_list(root, text, &items))
		status = refuse(message, "nothing in its \"items\" is an item");
	json_decref(root);
	if (status == PARSE_OK && damage->found && feed->n_items == 0)
		return damaged(damage, message);
	return status;
}

/* Once more, from the text with its mistakes repaired. False when that gave nothing. */
static bool read_repaired(const char *text, size_t len, struct raw_feed *feed, const struct damage *before, enum parse_status *status, struct err *message)
{
	struct damage after = { .found = false };
	struct buf repaired = BUF_INIT(2 * LIMIT_JSON_BYTES);
	bool whole = json_repair(text, len, &repaired), done = false;

	if (!buf_error(&repaired)) {
		raw_feed_clear(feed);
		*status = read_once(buf_str(&repaired), repaired.len, feed, &after, message);
		done = *status != PARSE_BROKEN;
	}
	feed->complete = done && whole && !after.found;
	if (*status == PARSE_OK && done)
		problem_add(&feed->problems, feed->complete ? "not-well-formed" : "damaged", before->line,
		            feed->complete ? "The JSON has mistakes (%s); they were repaired." : "The JSON is damaged (%s); what is whole in it was kept.",
		            before->text);
	buf_done(&repaired);
	return done;
}

enum parse_status jsonfeed_read(const char *text, size_t len, struct raw_feed *feed, struct err *message)
{
	struct damage damage = { .found = false };
	enum parse_status status = read_once(text, len, feed, &damage, message);

	feed->complete = !damage.found;
	if (!damage.found)
		return status;
	if (len <= LIMIT_JSON_BYTES && read_repaired(text, len, feed, &damage, &status, message))
		return status;
	if (len <= LIMIT_JSON_BYTES) { /* the repair was worse than the damage */
		raw_feed_clear(feed);
		status = read_once(text, len, feed, &damage, message);
		feed->complete = false;
	}
	if (status != PARSE_OK)
		return damaged(&damage, message);
	problem_add(&feed->problems, "damaged", damage.line, "The JSON is damaged (%s); what is whole in it was kept.", damage.text);
	return PARSE_OK;
}
