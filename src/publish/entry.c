#include <stdio.h>
#include <string.h>

#include "publish_internal.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define YEAR_1_MS (-62135596800000LL)

enum { TITLE_FROM_SUMMARY_BYTES = 100 };

int64_t publish_updated_ms(const struct story_list *stories)
{
	int64_t newest = 0;

	for (size_t i = 0; i < stories->n; i++) {
		if (stories->stories[i].updated_ms > newest)
			newest = stories->stories[i].updated_ms;
	}
	return newest;
}

/* XML Schema and feed readers know no year before 1; what says so is not a date. */
static bool is_date(int64_t ms)
{
	return ms != TIME_UNKNOWN && ms >= YEAR_1_MS;
}

/* A publisher's clock may be ahead of ours: what we had already seen cannot come from later (push.md A20). */
static int64_t find_published(const struct item_view *v)
{
	int64_t published = v->item.published_ms;

	return is_date(published) && published < v->first_seen_ms ? published : v->first_seen_ms;
}

/* The item's own date, but within what the store recorded, so that it depends on the stored facts only (push.md A20). */
static int64_t find_item_updated(const struct story_view *story, const struct item_view *v)
{
	int64_t updated = v->item.updated_ms;
	int64_t latest = story->updated_ms > v->first_seen_ms ? story->updated_ms : v->first_seen_ms;

	if (!is_date(updated))
		return find_published(v);
	return updated < latest ? updated : latest;
}

static char *make_title(const struct item *i)
{
	if (!text_is_empty(i->title))
		return mem_dup_str(i->title);
	if (text_is_empty(i->summary))
		return mem_dup_str(web_url(i->link) != NULL ? i->link : "(no title)");
	size_t len = strlen(i->summary);
	size_t cut = text_cut(i->summary, len, TITLE_FROM_SUMMARY_BYTES);
	return mem_printf("%.*s%s", (int)cut, i->summary, cut < len ? "…" : "");
}

void entry_cursor_init(struct entry_cursor *c, const struct publish_context *context)
{
	*c = (struct entry_cursor){.context = context, .seen = map_new()};
}

void entry_cursor_done(struct entry_cursor *c)
{
	c->seen = map_free(c->seen, NULL);
	mem_free(c->title);
	c->title = NULL;
}

/* Steps to the next story, or item when duplicates are kept, and describes it in ret. */
static bool step(struct entry_cursor *c, struct entry *ret)
{
	const struct story_list *stories = c->context->stories;
	bool merged = c->context->feed->merge_duplicates;

	while (c->story < stories->n && c->item >= stories->stories[c->story].n_items) {
		c->story++;
		c->item = 0;
	}
	if (c->story >= stories->n)
		return false;
	const struct story_view *story = &stories->stories[c->story];
	const struct item_view *lead = &story->items[c->item];
	*ret = (struct entry){.lead = lead, .related = &story->related, .published_ms = find_published(lead)};
	if (merged) {
		snprintf(ret->uid, sizeof(ret->uid), "%s", story->uid);
		ret->others = lead + 1;
		ret->n_others = story->n_items - 1;
		ret->updated_ms = story->updated_ms != TIME_UNKNOWN ? story->updated_ms : lead->first_seen_ms;
		c->item = story->n_items;
	} else {
		id_of_story(lead->uid, ret->uid);
		ret->updated_ms = find_item_updated(story, lead);
		c->item++;
	}
	return true;
}

bool entry_cursor_next(struct entry_cursor *c, struct entry *ret)
{
	int64_t limit = c->context->feed->limit;

	if (limit > 0 && c->count >= limit)
		return false;
	do {
		if (!step(c, ret))
			return false;
	} while (map_put(c->seen, ret->uid, c) != NULL);
	mem_free(c->title);
	c->title = make_title(&ret->lead->item);
	ret->title = c->title;
	c->count++;
	return true;
}

bool entry_names_source(const struct entry *e, size_t k)
{
	const struct source_view *source = e->others[k].source;

	if (source == e->lead->source)
		return false;
	for (size_t i = 0; i < k; i++) {
		if (e->others[i].source == source)
			return false;
	}
	return true;
}

static void append_segment(struct buf *out, const char *s)
{
	static const char unreserved[] = ALPHA DIGITS "-._~";

	for (; *s != '\0'; s++) {
		if (strchr(unreserved, *s) != NULL)
			buf_append_char(out, *s);
		else
			buf_append_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
	}
}

char *feed_url(const struct publish_context *c, const struct feed_spec *feed, const char *suffix)
{
	struct buf url = BUF_INIT(LIMIT_URL_BYTES);
	char *text = NULL;

	buf_append_str(&url, c->base_url);
	buf_append_str(&url, "/feeds/");
	append_segment(&url, feed->name);
	buf_append_str(&url, suffix);
	/* Too long a name from the configuration: the base is then still a valid address. */
	text = mem_dup_str(buf_error(&url) == 0 ? buf_str(&url) : c->base_url);
	buf_done(&url);
	return text;
}

char *feed_page_url(const struct publish_context *c, const struct feed_spec *feed)
{
	return strcmp(feed->name, "all") == 0 ? mem_printf("%s/", c->base_url) : feed_url(c, feed, "/");
}

const char *feed_title(const struct publish_context *c, const struct feed_spec *feed)
{
	if (!text_is_empty(feed->title))
		return feed->title;
	return strcmp(feed->name, "all") == 0 ? c->site_title : feed->name;
}

const char *web_url(const char *s)
{
	if (s == NULL || !(text_has_prefix_nocase(s, "http://") || text_has_prefix_nocase(s, "https://")))
		return NULL;
	return s[strcspn(s, " \t\r\n<>\"{}|\\^`")] == '\0' ? s : NULL;
}

const char *valid_language(const char *s)
{
	size_t len = s != NULL ? strlen(s) : 0;
	size_t primary = len > 0 ? strspn(s, ALPHA) : 0;

	if (primary < 2 || primary > 8 || len > 35 || s[len - 1] == '-' || strstr(s, "--") != NULL)
		return NULL;
	return (s[primary] == '\0' || s[primary] == '-') && s[strspn(s, ALPHA DIGITS "-")] == '\0' ? s : NULL;
}
