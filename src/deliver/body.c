/*
 * The body of one event (push.md section 8.2). Every field is always there, null when there is nothing to say, so that
 * the schema is fixed (W16); all text is what the store holds, so the same event gives the same bytes (W17). Content is
 * not in it: bodies stay small and the rest is behind the link (W18).
 */
#include <jansson.h>
#include <string.h>

#include "syndicated/deliver.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

bool deliver_wants_initial(const struct event_view *event, int64_t initial)
{
	if (event->initial_rank == 0 || initial == INITIAL_ALL)
		return true;
	return event->initial_rank <= initial; /* INITIAL_NONE is 0: no rank is below 1 */
}

/* Text comes scrubbed; whatever slipped through is left out rather than making the whole body impossible. */
static json_t *text_or_null(const char *s)
{
	json_t *j = s ? json_string(s) : NULL;

	return j ? j : json_null();
}

static json_t *cut_text_or_null(const char *s)
{
	size_t len = s ? strlen(s) : 0;
	json_t *j = NULL;

	if (s)
		j = json_stringn(s, text_cut(s, len, LIMIT_WEBHOOK_TEXT_BYTES));
	return j ? j : json_null();
}

static json_t *time_or_null(int64_t ms, bool with_ms)
{
	char text[TEXT_RFC3339_BYTES];

	if (ms == TIME_UNKNOWN)
		return json_null();
	text_from_time_ms(ms, with_ms, text);
	return json_string(text);
}

static json_t *number_or_null(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static json_t *make_authors(const struct item *item)
{
	json_t *list = json_array();

	for (size_t i = 0; i < item->n_authors; i++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "name", text_or_null(item->authors[i].name),
						      "url", text_or_null(item->authors[i].url), "email",
						      text_or_null(item->authors[i].email)));
	return list;
}

static json_t *make_categories(const struct item *item)
{
	json_t *list = json_array();

	for (size_t i = 0; i < item->n_categories; i++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "term", text_or_null(item->categories[i].term),
						      "scheme", text_or_null(item->categories[i].scheme), "label",
						      text_or_null(item->categories[i].label)));
	return list;
}

static json_t *make_enclosures(const struct item *item)
{
	json_t *list = json_array();

	for (size_t i = 0; i < item->n_enclosures; i++) {
		const struct enclosure *e = &item->enclosures[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:o}", "url", text_or_null(e->url), "type",
						      text_or_null(e->type), "length", number_or_null(e->length_bytes),
						      "duration", number_or_null(e->duration_s), "title",
						      text_or_null(e->title)));
	}
	return list;
}

static const char *date_source(const struct item *item)
{
	if (item->published_ms != TIME_UNKNOWN)
		return "published";
	return item->updated_ms != TIME_UNKNOWN ? "updated" : "first_seen";
}

static json_t *make_item(const struct item_view *v)
{
	const struct item *item = &v->item;
	bool is_cut = item->content || (item->summary && strlen(item->summary) > LIMIT_WEBHOOK_TEXT_BYTES);
	json_t *j = json_object();

	json_object_set_new(j, "id", text_or_null(v->uid));
	json_object_set_new(j, "guid", text_or_null(item->guid));
	json_object_set_new(j, "url", text_or_null(item->link));
	json_object_set_new(j, "title", text_or_null(item->title));
	json_object_set_new(j, "summary", cut_text_or_null(item->summary));
	json_object_set_new(j, "content_html", json_null());
	json_object_set_new(j, "content_truncated", json_boolean(is_cut));
	json_object_set_new(j, "authors", make_authors(item));
	json_object_set_new(j, "categories", make_categories(item));
	json_object_set_new(j, "language", text_or_null(item->language));
	json_object_set_new(j, "published", time_or_null(item->published_ms, false));
	json_object_set_new(j, "updated", time_or_null(item->updated_ms, false));
	json_object_set_new(j, "first_seen", time_or_null(v->first_seen_ms, false));
	json_object_set_new(j, "date_source", json_string(date_source(item)));
	json_object_set_new(j, "enclosures", make_enclosures(item));
	json_object_set_new(j, "image", text_or_null(item->thumbnail));
	json_object_set_new(j, "comments_url", text_or_null(item->comments_url));
	json_object_set_new(j, "revision", json_integer(v->revision));
	return j;
}

static json_t *make_tags(const struct string_list *tags)
{
	json_t *list = json_array();

	for (size_t i = 0; i < tags->n; i++)
		json_array_append_new(list, text_or_null(tags->items[i]));
	return list;
}

static json_t *make_source(const struct source_view *s)
{
	json_t *j;

	if (!s)
		return json_null();
	j = json_object();
	json_object_set_new(j, "id", text_or_null(s->uid));
	json_object_set_new(j, "name", text_or_null(s->name));
	json_object_set_new(j, "title", text_or_null(s->title));
	json_object_set_new(j, "url", text_or_null(s->url));
	json_object_set_new(j, "site_url", text_or_null(s->site_url));
	json_object_set_new(j, "feed_id", text_or_null(s->feed_id));
	json_object_set_new(j, "tags", make_tags(&s->tags));
	return j;
}

static json_t *make_related(const struct story_briefs *related)
{
	json_t *list = json_array();

	for (size_t i = 0; i < related->n; i++) {
		const struct story_brief *b = &related->list[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "id", text_or_null(b->uid), "title", cut_text_or_null(b->title), "url",
						      text_or_null(b->url), "source", text_or_null(b->source)));
	}
	return list;
}

static json_t *make_story(const struct event_view *e)
{
	json_t *j = json_object();

	json_object_set_new(j, "id", text_or_null(e->story_uid));
	json_object_set_new(j, "items", json_integer(e->story_items));
	json_object_set_new(j, "is_new", json_boolean((e->type == EVENT_ITEM_CREATED || e->type == EVENT_STORY_CREATED) && e->story_items <= 1));
	json_object_set_new(j, "related", make_related(&e->related));
	return j;
}

static json_t *make_feed(const char *name, const char *base_url)
{
	json_t *j = json_object();

	json_object_set_new(j, "name", text_or_null(name));
	json_object_set_new(j, "url", json_sprintf("%s/feeds/%s.atom", base_url, name));
	return j;
}

static int append_piece(const char *bytes, size_t len, void *out)
{
	buf_append(out, bytes, len);
	return buf_error(out) < 0 ? -1 : 0;
}

static void drop_lists(json_t *item)
{
	json_object_set_new(item, "authors", json_array());
	json_object_set_new(item, "categories", json_array());
	json_object_set_new(item, "enclosures", json_array());
	json_object_set_new(item, "content_truncated", json_true());
}

/* Appends the body when it is not too big. Keys keep their order, so that equal events give equal bytes. */
static bool dump(const json_t *root, struct buf *out)
{
	size_t before = out->len;

	if (json_dumpb(root, NULL, 0, JSON_COMPACT) > LIMIT_WEBHOOK_BODY_BYTES)
		return false;
	(void)json_dump_callback(root, append_piece, out, JSON_COMPACT);
	return out->len > before;
}

/* How the source is doing, as it was when the event was written; null where there is nothing to say (W16). */
static json_t *make_health(const struct source_report *r)
{
	bool ok = poll_outcome_is_success(r->outcome);
	json_t *j = json_object();

	json_object_set_new(j, "state", json_string(source_state_name(r->state)));
	json_object_set_new(j, "state_text", json_string(source_state_text(r->state)));
	json_object_set_new(j, "outcome", json_string(poll_outcome_name(r->outcome)));
	json_object_set_new(j, "outcome_text", json_string(poll_outcome_text(r->outcome)));
	json_object_set_new(j, "http_status", r->status ? json_integer(r->status) : json_null());
	json_object_set_new(j, "message", ok ? json_null() : cut_text_or_null(r->message));
	json_object_set_new(j, "failures", json_integer(r->failures));
	json_object_set_new(j, "failing_since", time_or_null(r->failing_since_ms ? r->failing_since_ms : TIME_UNKNOWN, false));
	json_object_set_new(j, "next_poll", time_or_null(r->next_poll_ms == NEVER_DUE_MS ? TIME_UNKNOWN : r->next_poll_ms, false));
	json_object_set_new(j, "old_url", text_or_null(r->old_url));
	json_object_set_new(j, "new_url", text_or_null(r->new_url));
	json_object_set_new(j, "joined", text_or_null(r->joined));
	return j;
}

static json_t *make_data(const struct event_view *event, const char *feed_name, const char *base_url)
{
	json_t *data = json_object();
	bool is_of_item = event_type_is_of_item(event->type);

	if (is_of_item)
		json_object_set_new(data, "item", make_item(&event->item));
	json_object_set_new(data, "source", make_source(is_of_item ? event->item.source : event->source));
	if (is_of_item)
		json_object_set_new(data, "story", make_story(event));
	else
		json_object_set_new(data, "health", make_health(&event->report));
	json_object_set_new(data, "feed", make_feed(feed_name, base_url));
	return data;
}

void deliver_body(const struct event_view *event, const char *feed_name, const char *base_url, struct buf *out)
{
	json_t *root = json_object(), *data = make_data(event, feed_name, base_url), *item = json_object_get(data, "item");

	json_object_set_new(root, "type", json_string(event_type_name(event->type)));
	json_object_set_new(root, "timestamp", time_or_null(event->time_ms, true));
	json_object_set_new(root, "id", text_or_null(event->id));
	json_object_set_new(root, "seq", json_integer(event->seq));
	json_object_set_new(root, "data", data);
	if (!dump(root, out) && item) {
		drop_lists(item);
		(void)dump(root, out);
	}
	json_decref(root);
}
