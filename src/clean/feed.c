/*
 * Raw feed to document. Which element of a document fills a slot is parse/'s table (precedence.h); which slot stands in
 * for an empty one is said here and in item.c:
 *
 *   item link     alternate (HTML before other types), else a guid that is a permalink, else related: a page made for
 *                 reading before one that is only about the same thing
 *   feed updated  updated, else published: lastBuildDate is nearer to now than pubDate
 *   ttl           the longer of ttl and sy:, polling.md R36
 *   authors       of an item, else in JSON Feed those of the feed (JSON Feed 1.1, "authors")
 *
 * Dates in the future are left alone; what to do with them is the store's business.
 */
#include "feed.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum {
	TTL_MAX_MINUTES = 525600, /* a year; schedule/ heeds a day of it (R34) */
	FREQUENCY_MAX = 1000000,
};

int64_t clean_item_date(struct cleaner *c, const char *text, const char *language, uint32_t line)
{
	int64_t ms;

	if (!text)
		return TIME_UNKNOWN;
	ms = clean_date_in(text, language);
	if (ms == TIME_UNKNOWN)
		problem_add(&c->document->problems, "bad-date", line, "A date could not be understood: \"%.60s\".", text);
	return ms;
}

/* A number of minutes or times. None, 0 and nonsense are not said; one past all sense is as large as it gets (R36: a cap). */
static bool said_number(const char *text, int64_t max, int64_t *ret)
{
	int64_t n = 0;

	if (!text || !text_to_capped(text, strlen(text), max, &n) || n == 0)
		return false;
	*ret = n;
	return true;
}

/* polling.md R36, R37: how long a feed says that it need not be asked again. */
static int64_t said_interval_ms(const struct raw_feed *raw)
{
	static const struct {
		const char *name;
		int64_t hours;
	} periods[] = { { "hourly", 1 }, { "daily", 24 }, { "weekly", 168 }, { "monthly", 720 }, { "yearly", 8760 } };
	int64_t minutes = 0, frequency = 1, period_ms = 0, ttl_ms = 0;
	const char *period = raw->update_period;

	if (said_number(raw->ttl_minutes, TTL_MAX_MINUTES, &minutes))
		ttl_ms = minutes * 60000;
	if (said_number(raw->update_frequency, FREQUENCY_MAX, &frequency) && !period)
		period = "daily"; /* what the namespace says of a frequency alone */
	for (size_t i = 0; period && i < sizeof(periods) / sizeof(periods[0]); i++) {
		if (text_equal_nocase(period, periods[i].name))
			period_ms = periods[i].hours * 3600000 / frequency;
	}
	return ttl_ms > period_ms ? ttl_ms : period_ms;
}

static void copy_problems(const struct problem_list *from, struct problem_list *to)
{
	for (size_t i = 0; i < from->n; i++)
		problem_add(to, from->items[i].code, from->items[i].line, "%s", from->items[i].text);
	to->total += from->total - from->n;
}

static void clean_head(struct cleaner *c)
{
	const struct raw_feed *raw = c->raw;
	const struct raw_person *author = raw->authors.n ? raw_list_at(&raw->authors, struct raw_person, 0) : NULL;
	struct feed_document *d = c->document;

	d->format = arena_dup_str(c->arena, raw->format);
	d->id = clean_plain(c, raw->id, LIMIT_URL_BYTES);
	d->link = clean_find_link(c, &raw->links, "alternate");
	c->feed_link = d->link;
	c->have_base = false; /* it may be another one now */
	d->title = clean_plain_text(c, &raw->title, LIMIT_TITLE_BYTES);
	d->subtitle = clean_plain_text(c, &raw->subtitle, LIMIT_SUMMARY_BYTES);
	d->self_url = clean_find_link(c, &raw->links, "self");
	d->hub_url = clean_find_link(c, &raw->links, "hub");
	d->links = clean_links(c, &raw->links, d->link, &d->n_links);
	d->icon = cleaner_url(c, raw->icon ? raw->icon : raw->logo, raw->base);
	d->logo = cleaner_url(c, raw->logo, raw->base);
	d->language = clean_plain(c, raw->language, LIMIT_SHORT_BYTES);
	d->rights = clean_plain(c, raw->rights, LIMIT_SHORT_BYTES);
	d->generator = clean_plain(c, raw->generator, LIMIT_SHORT_BYTES);
	if (author)
		d->author = clean_plain(c, author->name ? author->name : author->email, LIMIT_SHORT_BYTES);
	d->updated_ms = clean_item_date(c, raw->updated ? raw->updated : raw->published, raw->language, 0);
	d->ttl_ms = said_interval_ms(raw);
	d->skip_hours = raw->skip_hours;
	d->skip_days = raw->skip_days;
	d->complete = raw->complete;
}

bool clean_runs_oldest_first(const struct raw_feed *raw)
{
	enum { LOOKS = 64 };
	int64_t before = TIME_UNKNOWN;
	int up = 0;

	for (size_t k = 0; k < LOOKS && raw->n_items; k++) {
		const struct raw_item *i = &raw->items[k * (raw->n_items - 1) / (LOOKS - 1)];
		const char *said = i->published ? i->published : i->updated;
		int64_t ms = said ? clean_date_in(said, i->language ? i->language : raw->language) : TIME_UNKNOWN;

		if (ms == TIME_UNKNOWN)
			continue;
		if (before != TIME_UNKNOWN)
			up += (ms > before) - (ms < before);
		before = ms;
	}
	return up > 0;
}

static void clean_items(struct cleaner *c)
{
	const struct raw_feed *raw = c->raw;

	for (size_t i = 0; i < raw->n_items; i++) {
		if (c->kept_bytes > LIMIT_DOCUMENT_BYTES) {
			problem_add(&c->document->problems, "document-too-big", raw->items[i].line,
			            "The document holds more text than is kept; its first %zu items were.", i);
			return;
		}
		clean_item(c, &raw->items[i]);
	}
}

struct feed_document *clean_feed(const struct raw_feed *raw, const char *document_url, enum clean_html html)
{
	struct feed_document *d = feed_document_new();
	struct cleaner c = {
		.document = d,
		.arena = d->arena,
		.raw = raw,
		.document_url = document_url,
		.html = html,
		.rss = !text_has_prefix(raw->format, "atom"),
		.html_out = BUF_INIT(2 * LIMIT_ITEM_BYTES),
		.text_out = BUF_INIT(LIMIT_SUMMARY_BYTES), /* no plain text is longer; the sanitiser cuts it there */
		.source = BUF_INIT(8 * (size_t)LIMIT_FIELD_BYTES),
		.url = BUF_INIT(LIMIT_URL_BYTES),
		.page = BUF_INIT(CLEAN_CANONICAL_BYTES),
	};

	copy_problems(&raw->problems, &c.document->problems);
	clean_head(&c);
	clean_items(&c);
	mem_free(c.base);
	buf_done(&c.html_out);
	buf_done(&c.text_out);
	buf_done(&c.source);
	buf_done(&c.url);
	buf_done(&c.page);
	return d;
}
