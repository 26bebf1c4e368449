#include "syndicated/model/view.h"

#include <assert.h>
#include <string.h>

#include "syndicated/base/mem.h"

static const char *const event_names[EVENT_TYPES] = {
	[EVENT_ITEM_CREATED] = "item.created",
	[EVENT_ITEM_UPDATED] = "item.updated",
	[EVENT_SOURCE_FAILING] = "source.failing",
	[EVENT_SOURCE_RECOVERED] = "source.recovered",
	[EVENT_SOURCE_MOVED] = "source.moved",
	[EVENT_SOURCE_GONE] = "source.gone",
	[EVENT_SOURCE_DORMANT] = "source.dormant",
	[EVENT_SOURCE_HELD] = "source.held",
	[EVENT_STORY_CREATED] = "story.created",
	[EVENT_STORY_UPDATED] = "story.updated",
};

bool event_type_is_of_item(enum event_type t)
{
	return t == EVENT_ITEM_CREATED || t == EVENT_ITEM_UPDATED || t == EVENT_STORY_CREATED || t == EVENT_STORY_UPDATED;
}

const char *event_type_name(enum event_type t)
{
	assert((unsigned)t < EVENT_TYPES);
	return event_names[t];
}

bool event_type_parse(const char *name, enum event_type *ret)
{
	for (unsigned t = 0; name != NULL && t < EVENT_TYPES; t++) {
		if (strcmp(event_names[t], name) == 0) {
			*ret = (enum event_type)t;
			return true;
		}
	}
	return false;
}

struct source_view *source_view_free(struct source_view *v)
{
	if (v == NULL)
		return NULL;
	char *const strings[] = {v->uid, v->name, v->url, v->title, v->site_url, v->feed_id, v->author, v->due_reason,
	                         v->last_message, v->joined};
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		mem_free(strings[i]);
	string_list_done(&v->tags);
	source_health_done(&v->health);
	problem_list_done(&v->problems);
	mem_free(v);
	return NULL;
}

static void free_sources(struct source_view **sources, size_t n)
{
	for (size_t i = 0; i < n; i++)
		source_view_free(sources[i]);
	mem_free(sources);
}

const char *item_placed_name(enum item_placed p)
{
	static const char *const names[] = {
		[PLACED_NEW] = "new",         [PLACED_URL] = "same-page", [PLACED_ID] = "same-id",  [PLACED_WIRE] = "same-text",
		[PLACED_SIMILAR] = "similar", [PLACED_JOINED] = "joined", [PLACED_SPLIT] = "split",
	};

	return names[p];
}

void item_view_done(struct item_view *v)
{
	mem_free(v->uid);
	item_done(&v->item);
	*v = (struct item_view){0};
}

static void free_items(struct item_view *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		item_view_done(&items[i]);
	mem_free(items);
}

static void free_brief(struct story_brief *b)
{
	mem_free(b->uid);
	mem_free(b->title);
	mem_free(b->url);
	mem_free(b->source);
}

void story_briefs_done(struct story_briefs *b)
{
	for (size_t i = 0; i < b->n; i++)
		free_brief(&b->list[i]);
	mem_free(b->list);
	*b = (struct story_briefs){0};
}

void story_view_done(struct story_view *s)
{
	mem_free(s->uid);
	free_items(s->items, s->n_items);
	story_briefs_done(&s->related);
	*s = (struct story_view){0};
}

struct story_list *story_list_free(struct story_list *l)
{
	if (l == NULL)
		return NULL;
	for (size_t i = 0; i < l->n; i++)
		story_view_done(&l->stories[i]);
	mem_free(l->stories);
	free_sources(l->sources, l->n_sources);
	mem_free(l);
	return NULL;
}

struct event_list *event_list_free(struct event_list *l)
{
	if (l == NULL)
		return NULL;
	for (size_t i = 0; i < l->n; i++) {
		mem_free(l->events[i].id);
		mem_free(l->events[i].story_uid);
		story_briefs_done(&l->events[i].related);
		item_view_done(&l->events[i].item);
		source_report_done(&l->events[i].report);
	}
	mem_free(l->events);
	free_sources(l->sources, l->n_sources);
	mem_free(l);
	return NULL;
}

struct item_list *item_list_free(struct item_list *l)
{
	if (l == NULL)
		return NULL;
	free_items(l->items, l->n);
	free_sources(l->sources, l->n_sources);
	mem_free(l);
	return NULL;
}

struct source_list *source_list_free(struct source_list *l)
{
	if (l == NULL)
		return NULL;
	free_sources(l->sources, l->n);
	mem_free(l);
	return NULL;
}
