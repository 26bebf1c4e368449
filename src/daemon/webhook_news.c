#include "webhook_news.h"

#include <stdio.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/deliver.h"

/* A webhook of a feed that searches gets what is found, then and there: a later change of the item is an event of its own. */
static int is_found(const struct webhook_news *w, struct store_reader *reader, const struct event_view *e, bool *ret, struct err *err)
{
	const char *search = selection_search(w->selection);

	*ret = true;
	return search && event_type_is_of_item(e->type) ? store_search_holds(reader, search, e->item.id, ret, err) : 0;
}

static bool is_sent(const struct webhook_news *w, enum event_type type)
{
	return string_list_has(&w->spec->events, event_type_name(type));
}

static bool is_sent_stories(const struct webhook_news *w)
{
	return is_sent(w, EVENT_STORY_CREATED) || is_sent(w, EVENT_STORY_UPDATED);
}

static bool is_wanted(const struct webhook_news *w, const struct event_view *e)
{
	if (!event_type_is_of_item(e->type))
		return is_sent(w, e->type) && selection_accepts_source(w->selection, e->source);
	if (!is_sent(w, e->type) && !is_sent_stories(w))
		return false;
	return selection_accepts(w->selection, &e->item) && deliver_wants_initial(e, w->spec->initial);
}

static void make_delivery(struct webhook_news *w, const struct event_view *e)
{
	struct buf *body = &w->bodies[w->n];

	buf_init(body, LIMIT_WEBHOOK_BODY_BYTES);
	deliver_body(e, w->spec->feed, w->base_url, body);
	if (buf_error(body) < 0) {
		buf_done(body);
		return;
	}
	(void)snprintf(w->ids[w->n], ID_BYTES, "%s", e->id);
	w->deliveries[w->n] = (struct delivery_new){.seq = e->seq, .event_id = w->ids[w->n], .body = body->bytes, .body_len = body->len};
	w->n++;
}

static int has_told(const struct webhook_news *w, struct store_reader *reader, int64_t story_id, bool *ret, struct err *err)
{
	for (size_t i = 0; i < w->n_told; i++) {
		if (w->told[i] == story_id) {
			*ret = true;
			return 0;
		}
	}
	return store_has_told(reader, w->spec->name, story_id, ret, err);
}

/*
 * What an event of an item is to the story: the first that this webhook hears of it, or more of it. Asked of what was
 * told, since each feed takes other items, so that the first item of a story may never come here (decision 025).
 */
static int make_story_delivery(struct webhook_news *w, struct store_reader *reader, const struct event_view *e, struct err *err)
{
	struct event_view of_story = *e;
	char id[ID_BYTES];
	bool told = false;
	int rc = has_told(w, reader, e->item.story_id, &told, err);

	if (rc < 0 || (!told && e->type != EVENT_ITEM_CREATED))
		return rc;
	of_story.type = told ? EVENT_STORY_UPDATED : EVENT_STORY_CREATED;
	of_story.id = id;
	id_of_event(event_type_name(of_story.type), told ? e->id : e->story_uid, 1, id);
	if (!told)
		w->told[w->n_told++] = e->item.story_id;
	if (is_sent(w, of_story.type))
		make_delivery(w, &of_story);
	return 0;
}

static int make_deliveries(struct webhook_news *w, struct store_reader *reader, struct event_view *e, struct err *err)
{
	bool found = false;
	int rc = is_found(w, reader, e, &found, err);

	if (rc < 0 || !found)
		return rc;
	if (event_type_is_of_item(e->type))
		rc = store_read_related(reader, w->selection, e->item.story_id, &e->related, err);
	if (rc == 0 && event_type_is_of_item(e->type) && is_sent_stories(w))
		rc = make_story_delivery(w, reader, e, err);
	if (rc == 0 && is_sent(w, e->type))
		make_delivery(w, e);
	return rc;
}

int webhook_news_read(struct webhook_news *w, struct store_reader *reader, int64_t after_seq, struct err *err)
{
	int rc = store_read_events(reader, after_seq, LIMIT_FANOUT_EVENTS, &w->events, err);
	size_t most;

	if (rc < 0)
		return rc;
	most = 2 * w->events->n + 1; /* of an item and of its story */
	w->deliveries = mem_new_array(struct delivery_new, most);
	w->bodies = mem_new_array(struct buf, most);
	w->ids = mem_alloc_zero(most, sizeof(w->ids[0]));
	w->told = mem_new_array(int64_t, w->events->n + 1);
	for (size_t i = 0; rc == 0 && i < w->events->n; i++) {
		struct event_view *e = &w->events->events[i];

		if (is_wanted(w, e))
			rc = make_deliveries(w, reader, e, err);
	}
	if (rc == 0)
		w->last_seq = w->events->last_seq;
	return rc;
}

void webhook_news_done(struct webhook_news *w)
{
	for (size_t i = 0; i < w->n; i++)
		buf_done(&w->bodies[i]);
	mem_free(w->bodies);
	mem_free(w->ids);
	mem_free(w->told);
	mem_free(w->deliveries);
	event_list_free(w->events);
	*w = (struct webhook_news){0};
}
