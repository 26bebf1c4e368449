/* The files of an item: each once, whatever number of elements names it, with all that these say of it. */
#include "feed.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

int64_t clean_count(const char *s, int64_t max)
{
	int64_t v;

	return s && text_to_int64(s, 0, max, &v) ? v : -1;
}

static struct enclosure *find_enclosure(const struct item *item, const char *url)
{
	for (size_t i = 0; i < item->n_enclosures; i++) {
		if (strcmp(item->enclosures[i].url, url) == 0)
			return &item->enclosures[i];
	}
	return NULL;
}

static void take_over(char **to, char *from)
{
	if (!*to)
		*to = from;
}

static void take_over_number(int64_t *to, int64_t from)
{
	if (*to < 0)
		*to = from;
}

/* Named twice, mostly as RSS and as Media RSS: what only the second says is taken over. */
static void merge_enclosure(struct enclosure *to, const struct enclosure *from)
{
	take_over(&to->type, from->type);
	take_over(&to->title, from->title);
	take_over(&to->medium, from->medium);
	take_over_number(&to->duration_s, from->duration_s);
	take_over_number(&to->width, from->width);
	take_over_number(&to->height, from->height);
	if (to->length_bytes == 0 && from->length_bytes > 0) /* RSS wants a length, so programs that know none write 0. */
		to->length_bytes = from->length_bytes;
	take_over_number(&to->length_bytes, from->length_bytes);
}

static void add_enclosure(struct cleaner *c, const struct raw_enclosure *from, struct item *item)
{
	struct enclosure e = { .url = cleaner_url(c, from->url, from->base) }, *same;

	if (!e.url)
		return;
	e.type = clean_plain(c, from->type, LIMIT_SHORT_BYTES);
	e.title = clean_plain(c, from->title, LIMIT_SHORT_BYTES);
	e.medium = clean_plain(c, from->medium, LIMIT_SHORT_BYTES);
	e.duration_s = clean_seconds(from->duration);
	e.length_bytes = clean_count(from->length, INT64_MAX);
	e.width = clean_count(from->width, 1 << 20);
	e.height = clean_count(from->height, 1 << 20);
	same = find_enclosure(item, e.url);
	if (same)
		merge_enclosure(same, &e);
	else
		item->enclosures[item->n_enclosures++] = e;
}

static bool begins_with(const char *s, const char *const *prefixes)
{
	for (; s && *prefixes; prefixes++) {
		if (text_has_prefix_nocase(s, *prefixes))
			return true;
	}
	return false;
}

/* By the ending of the path; for files whose type nobody said. */
static bool is_named_picture(const char *url)
{
	static const char *const endings[] = { "jpg", "jpeg", "png", "gif", "webp", "svg", "avif", "pdf" };
	size_t len = strcspn(url, "?#");

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && url[len - n - 1] == '.' && text_has_prefix_nocase(url + len - n, endings[i]))
			return true;
	}
	return false;
}

/* Whether it can last: pictures and texts do not. */
static bool may_play(const struct enclosure *e)
{
	static const char *const still[] = { "image", "document", "text/", "application/pdf", "application/epub", NULL };

	if (begins_with(e->medium, still) || begins_with(e->type, still))
		return false;
	return e->medium || e->type || !is_named_picture(e->url);
}

/* What is said of the item (itunes:duration) is meant of its recording, wherever that stands. */
static void set_duration(const char *duration, struct item *item)
{
	for (size_t i = 0; duration && i < item->n_enclosures; i++) {
		if (!may_play(&item->enclosures[i]))
			continue;
		take_over_number(&item->enclosures[i].duration_s, clean_seconds(duration));
		return;
	}
}

/* The item's own first, then those of Media RSS. */
void clean_enclosures(struct cleaner *c, const struct raw_item *raw, struct item *item)
{
	const struct raw_list *from = &raw->enclosures;

	if (from->n)
		item->enclosures = arena_alloc(c->arena, from->n * sizeof(struct enclosure));
	for (int media = 0; media < 2; media++) {
		for (size_t i = 0; i < from->n; i++) {
			const struct raw_enclosure *e = raw_list_at(from, struct raw_enclosure, i);

			if (e->is_media == (media != 0))
				add_enclosure(c, e, item);
		}
	}
	set_duration(raw->duration, item);
}
