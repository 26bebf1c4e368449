/*
 * The flat form of a document. Encoder and decoder name the same fields in the same order: a field is added to both,
 * side by side. The decoder reads what a worker sends that may have been taken over by the document it read, so every
 * count is checked against limits.h before anything is allocated for it, text passes unpack_str(), flags are 0 or 1,
 * and one byte too many or too few refuses the whole.
 */
#include <string.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "document_internal.h"

/* Encoding. */

static void pack_persons(struct buf *b, const struct item *i)
{
	pack_u32(b, (uint32_t)i->n_authors);
	for (size_t k = 0; k < i->n_authors; k++) {
		pack_str(b, i->authors[k].name);
		pack_str(b, i->authors[k].email);
		pack_str(b, i->authors[k].url);
	}
}

static void pack_categories(struct buf *b, const struct item *i)
{
	pack_u32(b, (uint32_t)i->n_categories);
	for (size_t k = 0; k < i->n_categories; k++) {
		pack_str(b, i->categories[k].term);
		pack_str(b, i->categories[k].scheme);
		pack_str(b, i->categories[k].label);
	}
}

static void pack_enclosures(struct buf *b, const struct item *i)
{
	pack_u32(b, (uint32_t)i->n_enclosures);
	for (size_t k = 0; k < i->n_enclosures; k++) {
		pack_str(b, i->enclosures[k].url);
		pack_str(b, i->enclosures[k].type);
		pack_i64(b, i->enclosures[k].length_bytes);
		pack_i64(b, i->enclosures[k].duration_s);
		pack_i64(b, i->enclosures[k].width);
		pack_i64(b, i->enclosures[k].height);
		pack_str(b, i->enclosures[k].title);
		pack_str(b, i->enclosures[k].medium);
	}
}

static void pack_links(struct buf *b, const struct link *links, size_t n)
{
	pack_u32(b, (uint32_t)n);
	for (size_t k = 0; k < n; k++) {
		pack_str(b, links[k].url);
		pack_str(b, links[k].rel);
		pack_str(b, links[k].type);
		pack_str(b, links[k].title);
		pack_str(b, links[k].language);
	}
}

static void pack_details(struct buf *b, const struct item *i)
{
	pack_persons(b, i);
	pack_categories(b, i);
	pack_enclosures(b, i);
	pack_links(b, i->links, i->n_links);
	pack_str(b, i->origin.id);
	pack_str(b, i->origin.title);
	pack_str(b, i->origin.link);
	pack_str(b, i->origin.url);
	pack_i64(b, i->comments_count);
	pack_str(b, i->in_reply_to);
	pack_str(b, i->season);
	pack_str(b, i->episode);
	pack_str(b, i->location);
}

static void pack_item(struct buf *b, const struct item *i)
{
	pack_str(b, i->guid);
	pack_str(b, i->link);
	pack_str(b, i->canonical_url);
	pack_str(b, i->title);
	pack_str(b, i->summary);
	pack_str(b, i->content);
	pack_details(b, i);
	pack_i64(b, i->published_ms);
	pack_i64(b, i->updated_ms);
	pack_str(b, i->language);
	pack_str(b, i->comments_url);
	pack_str(b, i->thumbnail);
	pack_str(b, i->rights);
	pack_bytes(b, i->key.bytes, ITEM_KEY_BYTES);
	pack_str(b, i->key_rule);
	pack_bytes(b, i->digest.bytes, ITEM_KEY_BYTES);
	pack_u32(b, i->has_url_key);
	pack_bytes(b, i->url_key.bytes, ITEM_KEY_BYTES);
	pack_u32(b, i->has_id_key);
	pack_bytes(b, i->id_key.bytes, ITEM_KEY_BYTES);
	pack_i64(b, (int64_t)i->marks.link);
	pack_i64(b, (int64_t)i->marks.title);
	pack_i64(b, (int64_t)i->marks.text);
	pack_u32(b, i->guid_is_shared);
	pack_u32(b, i->link_is_shared);
	pack_bytes(b, i->features ? i->features : "", i->features_len);
}

static void pack_problems(struct buf *b, const struct problem_list *l)
{
	pack_u32(b, (uint32_t)l->n);
	pack_u32(b, l->total < UINT32_MAX ? (uint32_t)l->total : UINT32_MAX);
	for (size_t i = 0; i < l->n; i++) {
		pack_str(b, l->items[i].code);
		pack_str(b, l->items[i].text);
		pack_u32(b, l->items[i].line);
	}
}

static void pack_head(struct buf *out, const struct feed_document *d)
{
	pack_str(out, d->format);
	pack_str(out, d->id);
	pack_str(out, d->title);
	pack_str(out, d->subtitle);
	pack_str(out, d->link);
	pack_str(out, d->self_url);
	pack_str(out, d->hub_url);
	pack_str(out, d->icon);
	pack_str(out, d->logo);
	pack_str(out, d->language);
	pack_str(out, d->rights);
	pack_str(out, d->author);
	pack_str(out, d->generator);
	pack_links(out, d->links, d->n_links);
	pack_i64(out, d->updated_ms);
	pack_i64(out, d->ttl_ms);
	pack_u32(out, d->skip_hours);
	pack_u32(out, d->skip_days);
	pack_u32(out, d->complete);
	pack_i64(out, d->unpacked_bytes);
	pack_problems(out, &d->problems);
	pack_u32(out, (uint32_t)d->n_items);
}

void feed_document_encode(const struct feed_document *d, struct buf *out)
{
	pack_head(out, d);
	for (size_t i = 0; i < d->n_items; i++)
		pack_item(out, &d->items[i]);
}

void feed_document_encode_items_away(struct feed_document *d, struct buf *out)
{
	enum { RELEASE_EACH_BYTES = 512 << 10, TRIM_EACH_BYTES = 2 << 20 };
	size_t released = out->len, trimmed = out->len;

	pack_head(out, d);
	for (size_t i = 0; i < d->n_items; i++) {
		pack_item(out, &d->items[i]);
		if (i + 1 == d->n_items || out->len - released < RELEASE_EACH_BYTES)
			continue;
		arena_release(d->arena, d->items[i + 1].arena_before);
		released = out->len;
		if (out->len - trimmed < TRIM_EACH_BYTES)
			continue;
		mem_trim();
		trimmed = out->len;
	}
}

/* The first number of a blob; one of an earlier form begins with a count of at most LIMIT_ITEM_LIST instead. */
enum { DETAILS_FORM_2 = 0x10002 };

void item_details_encode(const struct item *i, struct buf *out)
{
	bool text = i->in_reply_to || i->season || i->episode || i->location || i->origin.id || i->origin.title || i->origin.link || i->origin.url;

	if (i->n_authors + i->n_categories + i->n_enclosures + i->n_links == 0 && i->comments_count < 0 && !text)
		return;
	pack_u32(out, DETAILS_FORM_2);
	pack_details(out, i);
}

/* Decoding. */

/* A number of at most max; a larger one is a failure and counts as 0, so that no loop runs and nothing is allocated. */
static uint32_t unpack_count(struct unpack *u, uint32_t max)
{
	uint32_t n = unpack_u32(u);

	if (n > max)
		u->error = ERR_CORRUPT;
	return u->error == 0 ? n : 0;
}

static void unpack_key(struct unpack *u, struct item_key *key)
{
	size_t len = 0;
	const char *bytes = unpack_bytes(u, &len);

	if (bytes == NULL || len != ITEM_KEY_BYTES)
		u->error = ERR_CORRUPT;
	else
		memcpy(key->bytes, bytes, ITEM_KEY_BYTES);
}

static void unpack_key_rule(struct unpack *u, char rule[16])
{
	size_t len = 0;
	const char *s = unpack_bytes(u, &len);

	if (s == NULL || len >= 16 || !text_is_clean(s, len)) {
		u->error = ERR_CORRUPT;
		return;
	}
	memcpy(rule, s, len);
	rule[len] = '\0';
}

static uint64_t unpack_mark(struct unpack *u)
{
	int64_t mark = unpack_i64(u);

	if (mark < 0 || mark >> ITEM_MARK_BITS)
		u->error = ERR_CORRUPT;
	return u->error == 0 ? (uint64_t)mark : 0;
}

static void *new_list(struct unpack *u, size_t n, size_t size)
{
	return u->arena != NULL ? arena_alloc(u->arena, n * size) : mem_alloc_zero(n, size);
}

static void unpack_persons(struct unpack *u, struct item *i)
{
	i->n_authors = unpack_count(u, LIMIT_ITEM_LIST);
	if (i->n_authors > 0)
		i->authors = new_list(u, i->n_authors, sizeof(struct person));
	for (size_t k = 0; k < i->n_authors && u->error == 0; k++) {
		i->authors[k].name = unpack_str(u);
		i->authors[k].email = unpack_str(u);
		i->authors[k].url = unpack_str(u);
	}
}

static void unpack_categories(struct unpack *u, struct item *i)
{
	i->n_categories = unpack_count(u, LIMIT_ITEM_LIST);
	if (i->n_categories > 0)
		i->categories = new_list(u, i->n_categories, sizeof(struct category));
	for (size_t k = 0; k < i->n_categories && u->error == 0; k++) {
		i->categories[k].term = unpack_str(u);
		i->categories[k].scheme = unpack_str(u);
		i->categories[k].label = unpack_str(u);
	}
}

static void unpack_enclosures(struct unpack *u, struct item *i, int form)
{
	i->n_enclosures = unpack_count(u, LIMIT_ITEM_LIST);
	if (i->n_enclosures > 0)
		i->enclosures = new_list(u, i->n_enclosures, sizeof(struct enclosure));
	for (size_t k = 0; k < i->n_enclosures && u->error == 0; k++) {
		i->enclosures[k].url = unpack_str(u);
		i->enclosures[k].type = unpack_str(u);
		i->enclosures[k].length_bytes = unpack_i64(u);
		i->enclosures[k].duration_s = unpack_i64(u);
		i->enclosures[k].width = form == 1 ? -1 : unpack_i64(u);
		i->enclosures[k].height = form == 1 ? -1 : unpack_i64(u);
		i->enclosures[k].title = unpack_str(u);
		i->enclosures[k].medium = form == 1 ? NULL : unpack_str(u);
	}
}

static struct link *unpack_links(struct unpack *u, size_t *ret_n)
{
	struct link *links = NULL;

	*ret_n = unpack_count(u, LIMIT_ITEM_LIST);
	if (*ret_n > 0)
		links = new_list(u, *ret_n, sizeof(struct link));
	for (size_t k = 0; k < *ret_n && u->error == 0; k++) {
		links[k].url = unpack_str(u);
		links[k].rel = unpack_str(u);
		links[k].type = unpack_str(u);
		links[k].title = unpack_str(u);
		links[k].language = unpack_str(u);
		if (links[k].url == NULL || links[k].rel == NULL)
			u->error = ERR_CORRUPT;
	}
	return links;
}

/* Form 1 was kept by versions before links and the rest were read. */
static void unpack_details(struct unpack *u, struct item *i, int form)
{
	unpack_persons(u, i);
	unpack_categories(u, i);
	unpack_enclosures(u, i, form);
	if (form == 1)
		return;
	i->links = unpack_links(u, &i->n_links);
	i->origin.id = unpack_str(u);
	i->origin.title = unpack_str(u);
	i->origin.link = unpack_str(u);
	i->origin.url = unpack_str(u);
	i->comments_count = unpack_i64(u);
	i->in_reply_to = unpack_str(u);
	i->season = unpack_str(u);
	i->episode = unpack_str(u);
	i->location = unpack_str(u);
}

static void unpack_item(struct unpack *u, struct item *i)
{
	i->guid = unpack_str(u);
	i->link = unpack_str(u);
	i->canonical_url = unpack_str(u);
	i->title = unpack_str(u);
	i->summary = unpack_str(u);
	i->content = unpack_str(u);
	unpack_details(u, i, 2);
	i->published_ms = unpack_i64(u);
	i->updated_ms = unpack_i64(u);
	i->language = unpack_str(u);
	i->comments_url = unpack_str(u);
	i->thumbnail = unpack_str(u);
	i->rights = unpack_str(u);
	unpack_key(u, &i->key);
	unpack_key_rule(u, i->key_rule);
	unpack_key(u, &i->digest);
	i->has_url_key = unpack_count(u, 1);
	unpack_key(u, &i->url_key);
	i->has_id_key = unpack_count(u, 1);
	unpack_key(u, &i->id_key);
	i->marks.link = unpack_mark(u);
	i->marks.title = unpack_mark(u);
	i->marks.text = unpack_mark(u);
	i->guid_is_shared = unpack_count(u, 1);
	i->link_is_shared = unpack_count(u, 1);
	i->features = unpack_bytes(u, &i->features_len);
	if (i->features_len > LIMIT_FEATURES_BYTES)
		u->error = ERR_CORRUPT;
	i->features = u->error == 0 && i->features_len ? arena_dup(u->arena, i->features, i->features_len) : NULL;
}

static void unpack_problems(struct unpack *u, struct problem_list *l)
{
	struct arena *arena = u->arena;

	u->arena = NULL; /* a list of problems owns its texts */
	l->n = unpack_count(u, LIMIT_PROBLEMS);
	l->total = unpack_u32(u);
	if (l->total < l->n)
		u->error = ERR_CORRUPT;
	if (l->n > 0)
		l->items = mem_new_array(struct problem, l->n);
	for (size_t i = 0; i < l->n && u->error == 0; i++) {
		l->items[i].code = unpack_str(u);
		l->items[i].text = unpack_str(u);
		l->items[i].line = unpack_u32(u);
		if (l->items[i].code == NULL || l->items[i].text == NULL)
			u->error = ERR_CORRUPT;
	}
	u->arena = arena;
}

static void unpack_head(struct unpack *u, struct feed_document *d)
{
	d->format = unpack_str(u);
	d->id = unpack_str(u);
	d->title = unpack_str(u);
	d->subtitle = unpack_str(u);
	d->link = unpack_str(u);
	d->self_url = unpack_str(u);
	d->hub_url = unpack_str(u);
	d->icon = unpack_str(u);
	d->logo = unpack_str(u);
	d->language = unpack_str(u);
	d->rights = unpack_str(u);
	d->author = unpack_str(u);
	d->generator = unpack_str(u);
	d->links = unpack_links(u, &d->n_links);
	d->updated_ms = unpack_i64(u);
	d->ttl_ms = unpack_i64(u);
	d->skip_hours = unpack_u32(u);
	d->skip_days = unpack_u32(u);
	d->complete = unpack_count(u, 1);
	d->unpacked_bytes = unpack_i64(u);
	unpack_problems(u, &d->problems);
}

struct feed_document *feed_document_decode(const char *bytes, size_t len)
{
	struct unpack u = {.p = bytes, .len = len};

	if (len > LIMIT_WORKER_FRAME_BYTES)
		return NULL;
	struct feed_document *d = feed_document_new();
	u.arena = d->arena;
	unpack_head(&u, d);
	uint32_t n = unpack_count(&u, LIMIT_FEED_ITEMS);
	/* One by one: the array grows with what was really sent, not with what was announced. */
	for (uint32_t i = 0; i < n && u.error == 0; i++)
		unpack_item(&u, feed_document_add_item(d));
	return unpack_finished(&u) ? d : feed_document_free(d);
}

int item_details_decode(struct item *i, const char *bytes, size_t len)
{
	struct unpack u = {.p = bytes, .len = len};
	int form = 1;

	item_details_done(i);
	if (len == 0)
		return 0;
	if (unpack_u32(&u) == DETAILS_FORM_2)
		form = 2;
	else
		u.pos = 0;
	unpack_details(&u, i, form);
	if (unpack_finished(&u))
		return 0;
	item_details_done(i);
	return ERR_CORRUPT;
}
