/* One raw item to one item. */
#include "feed.h"
#include "html.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* Safe HTML; and the same as plain text in *ret_text, when that is asked for. */
static char *safe_html(struct cleaner *c, const struct raw_text *t, char **ret_text)
{
	const char *s = t->value;
	size_t len;

	if (!s)
		return NULL;
	len = strlen(s);
	if (c->html == CLEAN_HTML_RAW)
		return arena_dup(c->arena, s, len);
	buf_clear(&c->html_out);
	buf_clear(&c->text_out);
	if (!clean_is_html(t)) {
		buf_clear(&c->source);
		markup_escape_text(&c->source, s, len);
		s = buf_str(&c->source);
		len = c->source.len;
	}
	(void)html_clean_scrubbed(HTML_PATH_AUTO, s, len, cleaner_base(c, t->base), &c->html_out, ret_text ? &c->text_out : NULL);
	c->kept_bytes += c->html_out.len + c->text_out.len;
	if (ret_text)
		*ret_text = c->text_out.len ? arena_dup(c->arena, c->text_out.bytes, c->text_out.len) : NULL; /* collapsed, and no longer than a summary */
	return buf_error(&c->html_out) || c->html_out.len == 0 ? NULL : arena_dup(c->arena, c->html_out.bytes, c->html_out.len);
}

/*
 * What the slots say: the content slot, else RSS's description, since many feeds have only that; the summary slot, else
 * the beginning of the content, since everything that shows items wants one.
 */
static void clean_texts(struct cleaner *c, const struct raw_item *raw, struct item *item)
{
	const struct raw_text *content = &raw->content, *summary = &raw->summary;

	if (!content->value && c->rss)
		content = summary;
	if (!summary->value)
		summary = content;
	item->title = clean_plain_text(c, &raw->title, LIMIT_TITLE_BYTES);
	item->content = safe_html(c, content, summary == content ? &item->summary : NULL);
	item->summary_is_made = summary == content && item->content && item->summary;
	if (summary == content || c->html == CLEAN_HTML_RAW)
		return;
	c->kept_bytes += summary->value ? strnlen(summary->value, LIMIT_SUMMARY_BYTES) : 0;
	item->summary = clean_plain_text(c, summary, LIMIT_SUMMARY_BYTES);
}

static void add_categories(struct cleaner *c, const struct raw_list *from, struct item *item)
{
	if (from->n)
		item->categories = arena_alloc(c->arena, from->n * sizeof(struct category));
	for (size_t i = 0; i < from->n; i++) {
		const struct raw_category *raw = raw_list_at(from, struct raw_category, i);
		struct raw_text term = { .value = raw->term, .kind = RAW_TEXT_GUESS };
		char *kept = clean_plain_text(c, &term, LIMIT_SHORT_BYTES);

		if (!kept)
			continue;
		item->categories[item->n_categories++] = (struct category){
			.term = kept,
			.scheme = clean_plain(c, raw->scheme, LIMIT_SHORT_BYTES),
			.label = clean_plain(c, raw->label, LIMIT_SHORT_BYTES),
		};
	}
}

/* A decimal number of degrees within the limit. */
static bool is_degrees(const char *s, int64_t limit)
{
	char whole[8];
	size_t n;
	int64_t v;

	if (!s)
		return false;
	n = strcspn(s, ".");
	if (n >= sizeof(whole))
		return false;
	memcpy(whole, s, n);
	whole[n] = '\0';
	return text_to_int64(whole, -limit, limit, &v) && strlen(s) < 24 && (!s[n] || strspn(s + n + 1, "0123456789") == strlen(s + n + 1));
}

static bool is_alternate(const struct raw_link *k)
{
	return !k->rel || text_equal_nocase(k->rel, "alternate");
}

static char *canonical(struct cleaner *c, const char *url)
{
	buf_clear(&c->page);
	return url && clean_url_canonical_append(url, &c->page) ? arena_dup(c->arena, c->page.bytes, c->page.len) : NULL;
}

/* wfw:commentRss: what Atom calls a link to replies (RFC 4685); the module knows no other format than RSS. */
static void add_comments_feed(struct cleaner *c, const struct raw_item *raw, struct item *item)
{
	struct link feed = { .url = cleaner_url(c, raw->comments_feed, raw->base) }, *links;

	if (!feed.url || item->n_links >= LIMIT_ITEM_LIST)
		return;
	for (size_t i = 0; i < item->n_links; i++) {
		if (text_equal_nocase(item->links[i].rel, "replies") && strcmp(item->links[i].url, feed.url) == 0)
			return;
	}
	links = arena_alloc(c->arena, (item->n_links + 1) * sizeof(*links));
	feed.rel = arena_dup_str(c->arena, "replies");
	feed.type = arena_dup_str(c->arena, "application/rss+xml");
	if (!links)
		return;
	if (item->n_links)
		memcpy(links, item->links, item->n_links * sizeof(*links));
	links[item->n_links++] = feed;
	item->links = links;
}

static void clean_link(struct cleaner *c, const struct raw_item *raw, struct item *item)
{
	const char *original = cleaner_url(c, raw->original_url, raw->base);

	item->link = clean_find_link(c, &raw->links, "alternate");
	if (!item->link && raw->id_is_link)
		item->link = clean_id_link(c, raw);
	if (!item->link)
		item->link = clean_find_link(c, &raw->links, "related");
	item->canonical_url = canonical(c, original ? original : item->link);
	if (raw->links.n > 1 || (raw->links.n == 1 && !is_alternate(raw_list_at(&raw->links, struct raw_link, 0))))
		item->links = clean_links(c, &raw->links, item->link, &item->n_links);
	if (raw->comments_feed)
		add_comments_feed(c, raw, item);
}

static void clean_details(struct cleaner *c, const struct raw_item *raw, struct item *item)
{
	item->comments_url = cleaner_url(c, raw->comments_url, raw->base);
	if (!item->comments_url && raw->links.n)
		item->comments_url = clean_find_link(c, &raw->links, "replies");
	item->comments_count = clean_count(raw->comments_count, INT32_MAX);
	item->in_reply_to = clean_plain(c, raw->in_reply_to, LIMIT_URL_BYTES);
	item->thumbnail = cleaner_url(c, raw->thumbnail, raw->base);
	item->rights = clean_plain(c, raw->rights, LIMIT_SHORT_BYTES);
	item->season = clean_plain(c, raw->season, LIMIT_SHORT_BYTES);
	item->episode = clean_plain(c, raw->episode, LIMIT_SHORT_BYTES);
	if (is_degrees(raw->latitude, 90) && is_degrees(raw->longitude, 180))
		item->location = arena_printf(c->arena, "%s %s", raw->latitude, raw->longitude);
	item->origin = (struct origin){
		.id = clean_plain(c, raw->source.id, LIMIT_URL_BYTES),
		.title = clean_plain(c, raw->source.title, LIMIT_TITLE_BYTES),
		.link = cleaner_url(c, raw->source.link, raw->base),
		.url = cleaner_url(c, raw->source.url, raw->base),
	};
}

void clean_item(struct cleaner *c, const struct raw_item *raw)
{
	struct item *item = feed_document_add_item(c->document);
	const char *language = raw->language ? raw->language : c->raw->language;

	if (!item)
		return;
	item->guid = arena_dup_str(c->arena, raw->id);
	clean_link(c, raw, item);
	clean_texts(c, raw, item);
	clean_authors(c, &raw->authors, item);
	add_categories(c, &raw->categories, item);
	clean_enclosures(c, raw, item);
	item->published_ms = clean_item_date(c, raw->published, language, raw->line);
	item->updated_ms = clean_item_date(c, raw->updated, language, raw->line);
	item->language = clean_plain(c, raw->language, LIMIT_SHORT_BYTES);
	clean_details(c, raw, item);
}
