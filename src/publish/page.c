/*
 * Stories as a page for people: no scripts, nothing loaded from elsewhere, readable without the style. Served with a
 * Content-Security-Policy that allows the inline style and nothing else that could do harm.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "publish_internal.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum { SUMMARY_CHARACTERS = 300, DATE_BYTES = 64 };

/* Goes through the escaper as all text does, so it has no quotes, no ampersand and no angle bracket. */
static const char style[] =
	":root{color-scheme:light dark;--fg:#1c1d20;--dim:#5c6068;--bg:#fcfcfa;--line:#dcdcd6;--link:#14508c}"
	"@media (prefers-color-scheme:dark){:root{--fg:#e4e4e0;--dim:#a0a4ac;--bg:#16181c;--line:#34373d;--link:#8cb8ec}}"
	"body{margin:0 auto;max-width:44rem;padding:1rem;background:var(--bg);color:var(--fg);"
	"font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}"
	"a{color:var(--link)}h1{font-size:1.5rem;margin:.5rem 0}h1 a{color:inherit;text-decoration:none}"
	"nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:0;padding:0}"
	"nav a[aria-current]{font-weight:700;text-decoration:none}"
	"article{border-top:1px solid var(--line);padding:.75rem 0}h2{font-size:1.1rem;line-height:1.35;margin:0}"
	"h2 a{text-decoration:none}h2 a:hover{text-decoration:underline}"
	"details{color:var(--dim);font-size:.875rem}details ul{margin:.35rem 0;padding-inline-start:1.25rem}"
	"p{margin:.35rem 0}.by,footer{color:var(--dim);font-size:.875rem}footer{border-top:1px solid var(--line);padding:1rem 0}";

static void format_date(int64_t ms, char out[DATE_BYTES])
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL) {
		snprintf(out, DATE_BYTES, "at an unknown time");
		return;
	}
	snprintf(out, DATE_BYTES, "%d %s %04ld %02d:%02d UTC", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900L, tm.tm_hour,
	         tm.tm_min);
}

static void write_time(struct markup *m, int64_t ms)
{
	char machine[TEXT_RFC3339_BYTES];
	char people[DATE_BYTES];

	text_from_time_ms(ms, false, machine);
	format_date(ms, people);
	markup_begin(m, "time");
	markup_attr(m, "datetime", machine);
	markup_text(m, people);
	markup_end(m);
}

static void write_anchor(struct markup *m, const char *href, const char *rel, const char *text)
{
	const char *url = web_url(href);

	if (url == NULL) {
		markup_text(m, text);
		return;
	}
	markup_begin(m, "a");
	markup_attr(m, "href", url);
	markup_attr(m, "rel", rel);
	markup_text(m, text);
	markup_end(m);
}

static void write_summary(struct markup *m, const struct item *i)
{
	size_t pos = 0;

	if (text_is_empty(i->summary))
		return;
	size_t len = strlen(i->summary);
	for (int n = 0; n < SUMMARY_CHARACTERS && pos < len; n++)
		text_next(i->summary, len, &pos);
	markup_begin(m, "p");
	markup_attr(m, "lang", valid_language(i->language));
	markup_attr(m, "dir", "auto");
	markup_text_n(m, i->summary, pos);
	if (pos < len)
		markup_text(m, "…");
	markup_end(m);
}

static void write_sources(struct markup *m, const struct entry *e)
{
	markup_begin(m, "p");
	markup_attr(m, "class", "by");
	write_anchor(m, e->lead->source->site_url, "noopener", e->lead->source->title);
	for (size_t k = 0; k < e->n_others; k++) {
		if (!entry_names_source(e, k))
			continue;
		markup_text(m, ", ");
		write_anchor(m, e->others[k].item.link, "noopener", e->others[k].source->title);
	}
	markup_text(m, " · ");
	write_time(m, e->published_ms);
	markup_end(m);
}

/* Closed until it is asked for, without a script. */
static void write_related(struct markup *m, const struct entry *e)
{
	auto_free char *label = mem_printf("Related: %zu", e->related->n);

	if (e->related->n == 0)
		return;
	markup_begin(m, "details");
	markup_element(m, "summary", label);
	markup_begin(m, "ul");
	for (size_t k = 0; k < e->related->n; k++) {
		const struct story_brief *b = &e->related->list[k];

		markup_begin(m, "li");
		markup_attr(m, "dir", "auto");
		write_anchor(m, b->url, "noopener", text_is_empty(b->title) ? "(no title)" : b->title);
		markup_text(m, " · ");
		markup_text(m, b->source);
		markup_end(m);
	}
	markup_end(m);
	markup_end(m);
}

static void write_story(struct markup *m, const struct entry *e)
{
	const struct item *i = &e->lead->item;

	markup_begin(m, "article");
	markup_begin(m, "h2");
	markup_attr(m, "lang", valid_language(i->language));
	markup_attr(m, "dir", "auto");
	write_anchor(m, i->link, "noopener", e->title);
	markup_end(m);
	write_sources(m, e);
	write_summary(m, i);
	write_related(m, e);
	markup_end(m);
}

static void write_navigation(struct markup *m, const struct publish_context *c)
{
	markup_begin(m, "nav");
	markup_attr(m, "aria-label", "Feeds");
	markup_begin(m, "ul");
	for (size_t i = 0; i < c->n_feeds; i++) {
		auto_free char *url = feed_page_url(c, &c->feeds[i]);
		markup_begin(m, "li");
		markup_begin(m, "a");
		markup_attr(m, "href", url);
		markup_attr(m, "aria-current", strcmp(c->feeds[i].name, c->feed->name) == 0 ? "page" : NULL);
		markup_text(m, feed_title(c, &c->feeds[i]));
		markup_end(m);
		markup_end(m);
	}
	markup_end(m);
	markup_end(m);
}

static void write_meta(struct markup *m, const char *name, const char *content)
{
	markup_begin(m, "meta");
	markup_attr(m, "name", name);
	markup_attr(m, "content", content);
	markup_end(m);
}

static void write_page_title(struct markup *m, const struct publish_context *c)
{
	markup_begin(m, "title");
	markup_text(m, feed_title(c, c->feed));
	if (strcmp(feed_title(c, c->feed), c->site_title) != 0) {
		markup_text(m, " · ");
		markup_text(m, c->site_title);
	}
	markup_end(m);
}

static void write_head(struct markup *m, const struct publish_context *c, const char *atom_url)
{
	markup_begin(m, "head");
	markup_begin(m, "meta");
	markup_attr(m, "charset", "utf-8");
	markup_end(m);
	write_page_title(m, c);
	write_meta(m, "viewport", "width=device-width, initial-scale=1");
	write_meta(m, "referrer", "no-referrer");
	markup_begin(m, "link");
	markup_attr(m, "rel", "alternate");
	markup_attr(m, "type", "application/atom+xml");
	markup_attr(m, "title", feed_title(c, c->feed));
	markup_attr(m, "href", atom_url);
	markup_end(m);
	markup_element(m, "style", style);
	markup_end(m);
}

static void write_header(struct markup *m, const struct publish_context *c)
{
	auto_free char *home = mem_printf("%s/", c->base_url);

	markup_begin(m, "header");
	markup_begin(m, "h1");
	markup_begin(m, "a");
	markup_attr(m, "href", home);
	markup_text(m, c->site_title);
	markup_end(m);
	markup_end(m);
	write_navigation(m, c);
	if (strcmp(feed_title(c, c->feed), c->site_title) != 0)
		markup_element(m, "p", feed_title(c, c->feed));
	markup_end(m);
}

static void write_stories(struct markup *m, const struct publish_context *c)
{
	struct entry_cursor cursor;
	struct entry e;

	markup_begin(m, "main");
	entry_cursor_init(&cursor, c);
	while (entry_cursor_next(&cursor, &e))
		write_story(m, &e);
	if (cursor.count == 0)
		markup_element(m, "p", "No stories yet. They appear here once the sources have been read.");
	entry_cursor_done(&cursor);
	markup_end(m);
}

void page_write(const struct publish_context *c, struct buf *out)
{
	auto_free char *atom_url = feed_url(c, c->feed, ".atom");
	struct markup m;

	markup_init(&m, out, MARKUP_HTML);
	markup_prologue(&m);
	markup_begin(&m, "html");
	markup_attr(&m, "lang", "en");
	write_head(&m, c, atom_url);
	markup_begin(&m, "body");
	write_header(&m, c);
	write_stories(&m, c);
	markup_begin(&m, "footer");
	markup_begin(&m, "a");
	markup_attr(&m, "href", atom_url);
	markup_attr(&m, "type", "application/atom+xml");
	markup_text(&m, "Atom feed");
	markup_end(&m);
	markup_text(&m, " of this page");
	markup_finish(&m);
	buf_append_char(out, '\n');
}
