/*
 * Stories as Atom (RFC 4287; push.md A1 to A29). Everything here is the last place before people's readers: what
 * origins wrote is text to be escaped by markup, and what would make the document invalid (an address that is none, a
 * media type that is none) is left out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "publish_internal.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

static void write_time(struct markup *m, const char *name, int64_t ms)
{
	char text[TEXT_RFC3339_BYTES];

	text_from_time_ms(ms, false, text);
	markup_element(m, name, text);
}

static void write_link(struct markup *m, const char *rel, const char *type, const char *href, const char *title)
{
	if (web_url(href) == NULL)
		return;
	markup_begin(m, "link");
	markup_attr(m, "rel", rel);
	markup_attr(m, "type", type);
	markup_attr(m, "href", href);
	markup_attr(m, "title", text_is_empty(title) ? NULL : title);
	markup_end(m);
}

/* A scheme and something behind it without blanks: relative references are no ids (A11). */
static bool is_iri(const char *s)
{
	if (s == NULL)
		return false;
	size_t scheme = strspn(s, ALPHA DIGITS "+-.");
	return scheme > 1 && strchr(ALPHA, s[0]) != NULL && s[scheme] == ':' && s[scheme + 1] != '\0' &&
	       s[strcspn(s, " \t\r\n<>\"{}|\\^`")] == '\0';
}

static const char *valid_media_type(const char *s)
{
	static const char token[] = ALPHA DIGITS "!#$&-^_.+";
	size_t main_len = s != NULL ? strspn(s, token) : 0;

	if (main_len == 0 || s[main_len] != '/')
		return NULL;
	size_t sub_len = strspn(s + main_len + 1, token);
	return sub_len > 0 && s[main_len + 1 + sub_len] == '\0' ? s : NULL;
}

static const char *valid_email(const char *s)
{
	const char *at = s != NULL ? strchr(s, '@') : NULL;

	return at != NULL && at != s && at[1] != '\0' && s[strcspn(s, " \t\r\n<>")] == '\0' ? s : NULL;
}

static bool write_person(struct markup *m, const struct person *p)
{
	const char *name = !text_is_empty(p->name) ? p->name : !text_is_empty(p->email) ? p->email : p->url;

	if (text_is_empty(name))
		return false;
	markup_begin(m, "author");
	markup_element(m, "name", name);
	markup_element(m, "uri", web_url(p->url));
	markup_element(m, "email", valid_email(p->email));
	markup_end(m);
	return true;
}

/* Every entry names someone, since else the feed's author would count as the entry's (A4). */
static void write_authors(struct markup *m, const struct item_view *v)
{
	const struct source_view *source = v->source;
	bool any = false;

	for (size_t i = 0; i < v->item.n_authors; i++)
		any |= write_person(m, &v->item.authors[i]);
	if (any)
		return;
	struct person p = {.name = text_is_empty(source->author) ? source->title : source->author};
	if (!write_person(m, &p))
		write_person(m, &(struct person){.name = source->name});
}

static void write_text(struct markup *m, const char *name, const char *type, const char *text)
{
	if (text_is_empty(text))
		return;
	markup_begin(m, name);
	markup_attr(m, "type", type);
	markup_text(m, text);
	markup_end(m);
}

static void write_categories(struct markup *m, const struct item *i)
{
	for (size_t k = 0; k < i->n_categories; k++) {
		const struct category *c = &i->categories[k];
		if (text_is_empty(c->term))
			continue;
		markup_begin(m, "category");
		markup_attr(m, "term", c->term);
		markup_attr(m, "scheme", is_iri(c->scheme) ? c->scheme : NULL);
		markup_attr(m, "label", c->label);
		markup_end(m);
	}
}

static void write_enclosures(struct markup *m, const struct item *i)
{
	for (size_t k = 0; k < i->n_enclosures; k++) {
		const struct enclosure *e = &i->enclosures[k];
		char length[24];
		if (web_url(e->url) == NULL)
			continue;
		snprintf(length, sizeof(length), "%" PRId64, e->length_bytes);
		markup_begin(m, "link");
		markup_attr(m, "rel", "enclosure");
		markup_attr(m, "href", e->url);
		markup_attr(m, "type", valid_media_type(e->type));
		markup_attr(m, "length", e->length_bytes >= 0 ? length : NULL);
		markup_attr(m, "title", e->title);
		markup_end(m);
	}
}

/* A page is related once, whatever names it. */
static void write_related(struct markup *m, struct map *pages, const char *href, const char *title)
{
	if (web_url(href) != NULL && map_put(pages, href, pages) == NULL)
		write_link(m, "related", NULL, href, title);
}

/* The story's other sources first, by their names; then other stories, by their titles. */
static void write_links(struct markup *m, const struct entry *e)
{
	struct map *pages = map_new();

	write_link(m, "alternate", NULL, e->lead->item.link, NULL);
	if (e->lead->item.link != NULL)
		(void)map_put(pages, e->lead->item.link, pages);
	for (size_t k = 0; k < e->n_others; k++)
		write_related(m, pages, e->others[k].item.link, e->others[k].source->title);
	for (size_t k = 0; k < e->related->n; k++) {
		const struct story_brief *b = &e->related->list[k];
		auto_free char *title = mem_printf("%s (%s)", text_is_empty(b->title) ? "(no title)" : b->title, b->source);

		write_related(m, pages, b->url, title);
	}
	write_enclosures(m, &e->lead->item);
	map_free(pages, NULL);
}

/* "Also reported by A, B.": readers show the content, few show related links. */
static void write_other_sources(struct markup *m, const struct entry *e)
{
	const char *before = "Also reported by ";

	markup_begin(m, "p");
	for (size_t k = 0; k < e->n_others; k++) {
		if (!entry_names_source(e, k))
			continue;
		const char *url = web_url(e->others[k].item.link);
		markup_text(m, before);
		if (url != NULL) {
			markup_begin(m, "a");
			markup_attr(m, "href", url);
		}
		markup_text(m, e->others[k].source->title);
		if (url != NULL)
			markup_end(m);
		before = ", ";
	}
	markup_text(m, ".");
	markup_end(m);
}

static bool has_other_sources(const struct entry *e)
{
	for (size_t k = 0; k < e->n_others; k++) {
		if (entry_names_source(e, k))
			return true;
	}
	return false;
}

/* HTML is written for itself first, and then goes into the document as text (RFC 4287 section 3.1.1.2). */
static void write_content(struct markup *m, const struct entry *e)
{
	const struct item *i = &e->lead->item;
	bool others = has_other_sources(e);
	struct buf html_bytes = BUF_INIT(m->out->max_bytes);
	struct markup html;

	markup_init(&html, &html_bytes, MARKUP_HTML);
	if (!text_is_empty(i->content))
		markup_safe_html(&html, (struct safe_html){.bytes = i->content, .len = strlen(i->content)});
	else if (!text_is_empty(i->summary) && (others || web_url(i->link) == NULL))
		markup_element(&html, "p", i->summary);
	else if (web_url(i->link) == NULL)
		markup_element(&html, "p", e->title); /* an entry without link must have content (A9) */
	if (others)
		write_other_sources(&html, e);
	write_text(m, "content", "html", buf_error(&html_bytes) == 0 ? buf_str(&html_bytes) : i->content);
	buf_done(&html_bytes);
}

static void write_source(struct markup *m, const struct entry *e)
{
	const struct source_view *s = e->lead->source;

	markup_begin(m, "source");
	markup_element(m, "id", is_iri(s->feed_id) ? s->feed_id : web_url(s->url));
	write_text(m, "title", "text", text_is_empty(s->title) ? s->name : s->title);
	/* Many origins say "now" at each poll. Not later than the entry, so that the document stays as it is (A21). */
	bool known = s->feed_updated_ms > 0 && s->feed_updated_ms < e->updated_ms;
	write_time(m, "updated", known ? s->feed_updated_ms : e->updated_ms);
	write_link(m, "self", NULL, s->url, NULL);
	write_link(m, "alternate", NULL, s->site_url, NULL);
	markup_end(m);
}

static void write_entry(struct markup *m, const struct entry *e)
{
	const struct item *i = &e->lead->item;

	markup_begin(m, "entry");
	markup_attr(m, "xml:lang", valid_language(i->language));
	markup_element(m, "id", e->uid);
	write_text(m, "title", "text", e->title);
	write_time(m, "updated", e->updated_ms);
	write_time(m, "published", e->published_ms);
	write_authors(m, e->lead);
	write_links(m, e);
	write_categories(m, i);
	write_text(m, "rights", "text", i->rights);
	write_text(m, "summary", "text", i->summary);
	write_content(m, e);
	write_source(m, e);
	markup_end(m);
}

static void write_head(struct markup *m, const struct publish_context *c)
{
	auto_free char *self = feed_url(c, c->feed, ".atom");
	auto_free char *page = feed_page_url(c, c->feed);

	markup_element(m, "id", self);
	write_text(m, "title", "text", feed_title(c, c->feed));
	write_time(m, "updated", publish_updated_ms(c->stories));
	write_link(m, "self", "application/atom+xml", self, NULL);
	write_link(m, "alternate", "text/html", page, NULL);
	markup_element(m, "generator", "syndicated");
	markup_begin(m, "author");
	markup_element(m, "name", c->site_title);
	markup_end(m);
}

void atom_write(const struct publish_context *c, struct buf *out)
{
	struct markup m;
	struct entry_cursor cursor;
	struct entry e;

	markup_init(&m, out, MARKUP_XML);
	markup_prologue(&m);
	markup_begin(&m, "feed");
	markup_attr(&m, "xmlns", "http://www.w3.org/2005/Atom");
	write_head(&m, c);
	entry_cursor_init(&cursor, c);
	while (entry_cursor_next(&cursor, &e))
		write_entry(&m, &e);
	entry_cursor_done(&cursor);
	markup_finish(&m);
	buf_append_char(out, '\n');
}
