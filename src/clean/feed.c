/*
 * Raw feed to document. Which element wins where several say the same:
 *
 *   item link     alternate (HTML before other types), else a guid that is a permalink, else related: a page made for
 *                 reading before one that is only about the same thing
 *   content       the content slot (content:encoded, atom:content), else RSS's description: many feeds have only that
 *   summary       the summary slot, else the beginning of the content: everything that shows items wants one
 *   feed updated  updated, else published: lastBuildDate is nearer to now than pubDate
 *   ttl           the longer of ttl and sy:, polling.md R36
 *   people, dates, ids: by the ranks in parse/'s tables, which know the namespaces
 *
 * Dates in the future are left alone; what to do with them is the store's business.
 */
#include "syndicated/clean.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* Collapsed copy, cut to max; NULL for nothing. */
static char *keep_plain(const char *s, size_t max)
{
	char *copy;
	size_t n;

	if (text_is_empty(s))
		return NULL;
	copy = mem_dup_str(s);
	n = text_collapse(copy, strlen(copy));
	n = text_cut(copy, n, max);
	copy[n] = '\0';
	if (n == 0) {
		mem_free(copy);
		return NULL;
	}
	return copy;
}

/* "&" with a name or number and ";", or something like a tag: then a text that may be HTML is HTML. */
static bool looks_like_html(const char *s)
{
	for (; *s; s++) {
		const char *p = s + 1;
		bool named = *p == '#' || (text_lower(*p) >= 'a' && text_lower(*p) <= 'z');

		if (*s == '<' && (named || *p == '/' || *p == '!') && strchr(p, '>'))
			return true;
		if (*s != '&' || !named)
			continue;
		while (*p == '#' || (text_lower(*p) >= 'a' && text_lower(*p) <= 'z') || (*p >= '0' && *p <= '9'))
			p++;
		if (*p == ';')
			return true;
	}
	return false;
}

static bool is_html(const struct raw_text *t)
{
	return t->kind == RAW_TEXT_HTML || (t->kind == RAW_TEXT_GUESS && looks_like_html(t->value));
}

static char *plain_text(const struct raw_text *t, size_t max)
{
	struct buf b = BUF_INIT(LIMIT_ITEM_BYTES);
	char *ret;

	if (!t->value)
		return NULL;
	if (!is_html(t) || !strpbrk(t->value, "<&"))
		return keep_plain(t->value, max);
	clean_html_to_text(t->value, strlen(t->value), &b);
	ret = keep_plain(buf_str(&b), max);
	buf_done(&b);
	return ret;
}

/* The bases of the elements around, outermost first and spaces between, as parse/ noted them. */
static char *resolve_bases(const char *chain, const char *document_url)
{
	char *base = clean_url(document_url, NULL);
	auto_free char *copy = mem_dup_str(chain);
	char *at = copy;

	while (at && *at) {
		size_t n = strcspn(at, " \t\r\n");
		bool more = at[n] != '\0';
		char *next;

		at[n] = '\0';
		next = clean_url(at, base);
		if (next) {
			mem_free(base);
			base = next;
		}
		at += n + more;
	}
	return base;
}

static char *resolve(const char *reference, const char *chain, const char *document_url)
{
	auto_free char *base = NULL;

	if (!reference)
		return NULL;
	base = resolve_bases(chain, document_url);
	return clean_url(reference, base);
}

/* Safe HTML; and the same as plain text in *ret_text, when that is asked for. */
static char *safe_html(const struct raw_text *t, const char *document_url, char **ret_text)
{
	struct buf b = BUF_INIT(2 * LIMIT_ITEM_BYTES), source = BUF_INIT(8 * (size_t)LIMIT_FIELD_BYTES), text = BUF_INIT(LIMIT_SUMMARY_BYTES);
	auto_free char *base = resolve_bases(t->base, document_url);
	const char *html;
	char *ret = NULL;

	if (!t->value)
		return NULL;
	if (!is_html(t))
		markup_escape_text(&source, t->value, strlen(t->value));
	html = source.len ? buf_str(&source) : t->value;
	clean_html_with_text(html, strlen(html), base, &b, ret_text ? &text : NULL);
	if (ret_text)
		*ret_text = keep_plain(buf_str(&text), LIMIT_SUMMARY_BYTES);
	buf_done(&text);
	if (buf_error(&b) || b.len == 0 || buf_take(&b, &ret, NULL) < 0)
		ret = NULL;
	buf_done(&b);
	buf_done(&source);
	return ret;
}

/* The href of the best link of that relation. */
static char *find_link(const struct raw_list *l, const char *rel, const char *document_url)
{
	char *best = NULL;
	bool best_is_html = false;

	for (size_t i = 0; i < l->n && !best_is_html; i++) {
		const struct raw_link *k = raw_list_at(l, struct raw_link, i);
		bool html = !k->type || strstr(k->type, "html");
		char *url;

		if (!text_equal_nocase(k->rel ? k->rel : "alternate", rel) || (best && !html))
			continue;
		url = resolve(k->href, k->base, document_url);
		if (!url)
			continue;
		mem_free(best);
		best = url;
		best_is_html = html;
	}
	return best;
}

static bool has_at(const char *s, size_t len)
{
	return memchr(s, '@', len) && !memchr(s, ' ', len);
}

/* "a@b (Name)", "Name <a@b>", "Name (a@b)", "a@b": what RSS's author may be. */
static void split_person(struct person *p)
{
	char *s = p->name;
	size_t open = s ? strcspn(s, "(<") : 0, n;
	const char *inner;
	size_t inner_len;
	auto_free char *outer = NULL;

	if (!s || p->email)
		return;
	if (s[open] == '\0') {
		if (has_at(s, strlen(s))) {
			p->email = s;
			p->name = NULL;
		}
		return;
	}
	inner = s + open + 1;
	inner_len = strcspn(inner, ")>");
	for (n = open; n && s[n - 1] == ' '; n--)
		;
	outer = mem_dup_bytes(s, n);
	if (has_at(inner, inner_len) && n) {
		p->email = mem_dup_bytes(inner, inner_len);
		p->name = mem_dup_str(outer);
	} else if (has_at(outer, n) && inner_len) {
		p->email = mem_dup_str(outer);
		p->name = mem_dup_bytes(inner, inner_len);
	} else {
		return;
	}
	mem_free(s);
}

static void add_authors(const struct raw_list *l, struct item *item)
{
	item->authors = mem_new_array(struct person, l->n + 1);
	for (size_t i = 0; i < l->n; i++) {
		const struct raw_person *from = raw_list_at(l, struct raw_person, i);
		struct raw_text name = { .value = from->name, .kind = RAW_TEXT_GUESS };
		struct person p = { .email = keep_plain(from->email, LIMIT_SHORT_BYTES), .url = clean_url(from->url, NULL) };

		/* "Name <a@b>" is no tag. */
		p.name = from->name && strchr(from->name, '@') ? keep_plain(from->name, LIMIT_SHORT_BYTES) : plain_text(&name, LIMIT_SHORT_BYTES);
		split_person(&p);
		if (p.name || p.email || p.url)
			item->authors[item->n_authors++] = p;
	}
}

static void add_categories(const struct raw_list *l, struct item *item)
{
	item->categories = mem_new_array(struct category, l->n + 1);
	for (size_t i = 0; i < l->n; i++) {
		const struct raw_category *from = raw_list_at(l, struct raw_category, i);
		struct raw_text term = { .value = from->term, .kind = RAW_TEXT_GUESS };
		char *kept = plain_text(&term, LIMIT_SHORT_BYTES);

		if (!kept)
			continue;
		item->categories[item->n_categories++] = (struct category){
			.term = kept,
			.scheme = keep_plain(from->scheme, LIMIT_SHORT_BYTES),
			.label = keep_plain(from->label, LIMIT_SHORT_BYTES),
		};
	}
}

/* Seconds, or [h:]mm:ss. */
static int64_t duration_s(const char *s)
{
	int64_t total = 0;

	while (s && *s) {
		char part[16];
		size_t n = strcspn(s, ":");
		int64_t v;

		if (n == 0 || n >= sizeof(part))
			return -1;
		memcpy(part, s, n);
		part[n] = '\0';
		part[strcspn(part, ".")] = '\0';
		if (!text_to_int64(part, 0, 10000000, &v) || total > 10000000)
			return -1;
		total = total * 60 + v;
		s += n + (s[n] == ':');
	}
	return s ? total : -1;
}

static bool has_enclosure(const struct item *item, const char *url)
{
	for (size_t i = 0; i < item->n_enclosures; i++) {
		if (strcmp(item->enclosures[i].url, url) == 0)
			return true;
	}
	return false;
}

static void add_enclosures(const struct raw_list *l, struct item *item, const char *document_url)
{
	item->enclosures = mem_new_array(struct enclosure, l->n + 1);
	for (size_t i = 0; i < l->n; i++) {
		const struct raw_enclosure *from = raw_list_at(l, struct raw_enclosure, i);
		struct enclosure e = { .url = resolve(from->url, from->base, document_url), .length_bytes = -1 };

		if (!e.url || has_enclosure(item, e.url)) {
			mem_free(e.url);
			continue;
		}
		e.type = keep_plain(from->type, LIMIT_SHORT_BYTES);
		e.title = keep_plain(from->title, LIMIT_SHORT_BYTES);
		e.duration_s = duration_s(from->duration);
		if (from->length && !text_to_int64(from->length, 0, INT64_MAX, &e.length_bytes))
			e.length_bytes = -1;
		item->enclosures[item->n_enclosures++] = e;
	}
}

static int64_t read_date(struct feed_document *d, const char *text, uint32_t line)
{
	int64_t ms = clean_date(text);

	if (text && ms == TIME_UNKNOWN)
		problem_add(&d->problems, "bad-date", line, "A date could not be understood: \"%.60s\".", text);
	return ms;
}

static void clean_texts(const struct raw_item *raw, struct item *item, const char *format, const char *document_url)
{
	bool rss = text_has_prefix(format, "rss");
	const struct raw_text *content = &raw->content, *summary = &raw->summary;

	if (!content->value && rss)
		content = summary;
	if (!summary->value)
		summary = content;
	item->title = plain_text(&raw->title, LIMIT_TITLE_BYTES);
	item->content = safe_html(content, document_url, summary == content ? &item->summary : NULL);
	if (summary != content)
		item->summary = plain_text(summary, LIMIT_SUMMARY_BYTES);
}

static void clean_item(const struct raw_item *raw, struct feed_document *d, const char *document_url)
{
	struct item *item = feed_document_add_item(d);

	if (!item)
		return;
	item->guid = mem_dup_str(raw->id);
	item->link = find_link(&raw->links, "alternate", document_url);
	if (!item->link && raw->id_is_link)
		item->link = resolve(raw->id, raw->base, document_url);
	if (!item->link)
		item->link = find_link(&raw->links, "related", document_url);
	item->canonical_url = clean_url_canonical(item->link);
	clean_texts(raw, item, d->format, document_url);
	add_authors(&raw->authors, item);
	add_categories(&raw->categories, item);
	add_enclosures(&raw->enclosures, item, document_url);
	item->published_ms = read_date(d, raw->published, raw->line);
	item->updated_ms = read_date(d, raw->updated, raw->line);
	item->language = keep_plain(raw->language, LIMIT_SHORT_BYTES);
	item->comments_url = resolve(raw->comments_url, raw->base, document_url);
	item->thumbnail = resolve(raw->thumbnail, raw->base, document_url);
	item->rights = keep_plain(raw->rights, LIMIT_SHORT_BYTES);
}

/* polling.md R36, R37: how long a feed says that it need not be asked again. */
static int64_t said_interval_ms(const struct raw_feed *raw)
{
	static const struct {
		const char *name;
		int64_t hours;
	} periods[] = { { "hourly", 1 }, { "daily", 24 }, { "weekly", 168 }, { "monthly", 720 }, { "yearly", 8760 } };
	int64_t minutes = 0, frequency = 1, period_ms = 0, ttl_ms = 0;

	if (raw->ttl_minutes && text_to_int64(raw->ttl_minutes, 1, 525600, &minutes))
		ttl_ms = minutes * 60000;
	if (raw->update_frequency)
		(void)text_to_int64(raw->update_frequency, 1, 1000000, &frequency);
	for (size_t i = 0; raw->update_period && i < sizeof(periods) / sizeof(periods[0]); i++) {
		if (text_equal_nocase(raw->update_period, periods[i].name))
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

static void clean_head(const struct raw_feed *raw, struct feed_document *d, const char *document_url)
{
	const struct raw_person *author = raw->authors.n ? raw_list_at(&raw->authors, struct raw_person, 0) : NULL;

	d->format = mem_dup_str(raw->format);
	d->id = keep_plain(raw->id, LIMIT_URL_BYTES);
	d->title = plain_text(&raw->title, LIMIT_TITLE_BYTES);
	d->subtitle = plain_text(&raw->subtitle, LIMIT_SUMMARY_BYTES);
	d->link = find_link(&raw->links, "alternate", document_url);
	d->self_url = find_link(&raw->links, "self", document_url);
	d->hub_url = find_link(&raw->links, "hub", document_url);
	d->icon = resolve(raw->icon ? raw->icon : raw->logo, raw->base, document_url);
	d->language = keep_plain(raw->language, LIMIT_SHORT_BYTES);
	d->rights = keep_plain(raw->rights, LIMIT_SHORT_BYTES);
	if (author)
		d->author = keep_plain(author->name ? author->name : author->email, LIMIT_SHORT_BYTES);
	d->updated_ms = read_date(d, raw->updated ? raw->updated : raw->published, 0);
	d->ttl_ms = said_interval_ms(raw);
	d->skip_hours = raw->skip_hours;
	d->skip_days = raw->skip_days;
	d->complete = raw->complete;
}

struct feed_document *clean_feed(const struct raw_feed *raw, const char *document_url)
{
	struct feed_document *d = feed_document_new();

	copy_problems(&raw->problems, &d->problems);
	clean_head(raw, d, document_url);
	for (size_t i = 0; i < raw->n_items; i++)
		clean_item(&raw->items[i], d, document_url);
	return d;
}
