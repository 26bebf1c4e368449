/*
 * The feeds that a page names: one pass over its tags. What a tag has to be is in the tables of discover_rules.c, where
 * software has its feeds in discover_guess.c.
 */
#include <string.h>

#include "discover_rules.h"
#include "encoding.h"
#include "html_scan.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/parse.h"
#include "xml.h"

enum {
	META_BYTES = 1024,  /* HTML standard, section 4.2.5.4: a page says its encoding within these */
	RANK_OTHER = 1,     /* JSON, or something that is said to be a feed without a type of one */
	RANK_TEXT = 2,      /* of an anchor, by its words only */
	RANK_COMMENTS = 4,
};

struct found {
	struct discovered d;
	unsigned rank;
};

struct found_list {
	struct found items[LIMIT_ITEM_LIST];
	size_t n;
};

struct page {
	struct found_list links, others; /* others: anchors, or guesses */
	char *base;
	char *canonical;
	struct page_facts facts;

	/* The anchor that is open. */
	char *href, *title, *type;
	struct buf text;
};

static void add(struct found_list *l, const char *href, const char *title, const char *type, const char *how, unsigned rank)
{
	struct found *f;

	if (l->n == LIMIT_ITEM_LIST)
		return;
	if (text_is_empty(type))
		type = discover_type_of_address(href);
	if (discover_is_about_comments(title, href))
		rank += RANK_COMMENTS;
	f = &l->items[l->n++];
	f->rank = rank;
	f->d.how = how;
	f->d.href = mem_dup_str(href);
	f->d.title = text_is_empty(title) ? NULL : mem_dup_str(title);
	f->d.type = mem_dup_str(type);
}

/* ---- attributes ---- */

static bool has_token(const char *list, const char *token)
{
	size_t len = strlen(token);

	for (const char *s = list; s && *s;) {
		size_t n = strcspn(s, " ");

		if (n == len && text_has_prefix_nocase(s, token))
			return true;
		s += n + strspn(s + n, " ");
	}
	return false;
}

/* Lower case and without parameters: "application/atom+xml;type=feed". */
static char *get_type(const struct html_tag *tag)
{
	char *type = html_tag_get(tag, "type", LIMIT_SHORT_BYTES);

	if (!type)
		return NULL;
	type[strcspn(type, "; ")] = '\0';
	for (char *c = type; *c; c++)
		*c = text_lower(*c);
	return type;
}

/* Longer ones would be cut, and another address then. */
static char *get_address(const struct html_tag *tag, const char *name)
{
	char *href = html_tag_get(tag, name, LIMIT_URL_BYTES);

	if (href && (*href == '\0' || strlen(href) + 4 > LIMIT_URL_BYTES)) {
		mem_free(href);
		return NULL;
	}
	return href;
}

/* ---- links ---- */

/*
 * rel=service.post is where Blogger takes new articles, rel=search has OpenSearch: only these few name feeds. A link
 * without rel says by its type alone what it is.
 */
static bool rel_names_feed(const char *rel, enum feed_type kind)
{
	if (text_is_empty(rel))
		return kind == FEED_TYPE_SURE;
	if (has_token(rel, "stylesheet"))
		return false;
	return has_token(rel, "alternate") || has_token(rel, "feed") || has_token(rel, "rss") || has_token(rel, "atom") || has_token(rel, "service.feed");
}

static bool is_feed_link(const char *rel, const char *type, const char *href, const char *title)
{
	enum feed_type kind = discover_feed_type(type);

	if (kind == FEED_TYPE_NONE || !rel_names_feed(rel, kind))
		return false;
	if (kind == FEED_TYPE_SURE || has_token(rel, "feed"))
		return true;
	return (discover_is_feed_address(href) || discover_is_feed_text(title)) && !discover_is_no_feed_address(href);
}

/* "UC" and 22 characters behind "/channel/", or NULL. Caller frees. */
static char *find_channel(const char *s)
{
	enum { CHANNEL_BYTES = 24 };
	const char *at = strstr(s, "/channel/");

	at = at ? at + strlen("/channel/") : s;
	if (!text_has_prefix(at, "UC") || strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != CHANNEL_BYTES)
		return NULL;
	return mem_dup_bytes(at, CHANNEL_BYTES);
}

static void keep_first(char **slot, char *value)
{
	if (*slot)
		mem_free(value);
	else
		*slot = value;
}

static void read_link(struct page *p, const struct html_tag *tag)
{
	auto_free char *href = get_address(tag, "href"), *rel = html_tag_get(tag, "rel", LIMIT_SHORT_BYTES);
	auto_free char *type = get_type(tag), *title = html_tag_get(tag, "title", LIMIT_SHORT_BYTES);

	if (!href)
		return;
	if (is_feed_link(rel, type, href, title))
		add(&p->links, href, title, type, "link", discover_type_is_xml_feed(type) ? 0 : RANK_OTHER);
	if (has_token(rel, "canonical"))
		keep_first(&p->canonical, mem_dup_str(href));
	if (strstr(href, "youtube.com/channel/"))
		keep_first(&p->facts.channel, find_channel(href));
	if (!p->facts.asset)
		p->facts.asset = discover_asset(href);
}

static void read_meta(struct page *p, const struct html_tag *tag)
{
	auto_free char *name = html_tag_get(tag, "name", LIMIT_SHORT_BYTES), *property = html_tag_get(tag, "property", LIMIT_SHORT_BYTES);
	auto_free char *item = html_tag_get(tag, "itemprop", LIMIT_SHORT_BYTES);
	char *content = get_address(tag, "content");

	if (!content)
		return;
	if (text_equal_nocase(name, "generator"))
		keep_first(&p->facts.generator, content);
	else if (text_equal_nocase(property, "og:site_name") || text_equal_nocase(name, "og:site_name"))
		keep_first(&p->facts.site_name, content);
	else if (text_equal_nocase(property, "og:url"))
		keep_first(&p->canonical, content);
	else if (text_equal_nocase(item, "channelId") || text_equal_nocase(item, "identifier")) {
		keep_first(&p->facts.channel, find_channel(content));
		mem_free(content);
	} else {
		mem_free(content);
	}
}

static void read_script(struct page *p, const struct html_tag *tag)
{
	auto_free char *src = p->facts.asset ? NULL : get_address(tag, "src");

	if (src)
		p->facts.asset = discover_asset(src);
}

/* ---- anchors ---- */

static void forget_anchor(struct page *p)
{
	mem_set_str(&p->href, NULL);
	mem_set_str(&p->title, NULL);
	mem_set_str(&p->type, NULL);
	buf_clear(&p->text);
}

static void end_anchor(struct page *p)
{
	const char *title = p->text.len ? buf_str(&p->text) : p->title;

	if (!p->href)
		return;
	if (discover_feed_type(p->type) == FEED_TYPE_SURE && p->type)
		add(&p->others, p->href, title, p->type, "anchor", 0);
	else if (!discover_is_no_feed_address(p->href) && discover_is_feed_address(p->href))
		add(&p->others, p->href, title, NULL, "anchor", RANK_OTHER);
	else if (!discover_is_no_feed_address(p->href) && (discover_is_feed_text(title) || discover_is_feed_text(p->title)))
		add(&p->others, p->href, title, NULL, "anchor", RANK_TEXT);
	forget_anchor(p);
}

static void begin_anchor(struct page *p, const struct html_tag *tag)
{
	end_anchor(p);
	p->href = get_address(tag, "href");
	if (!p->href)
		return;
	p->type = get_type(tag);
	p->title = html_tag_get(tag, "title", LIMIT_SHORT_BYTES);
	if (!p->title)
		p->title = html_tag_get(tag, "aria-label", LIMIT_SHORT_BYTES);
}

static void add_anchor_text(struct page *p, char *text)
{
	if (p->href && text && *text) {
		if (p->text.len)
			buf_append_char(&p->text, ' ');
		buf_append_str(&p->text, text);
	}
	mem_free(text);
}

/* ---- the page ---- */

static void read_tag(struct page *p, const struct html_tag *tag)
{
	if (html_tag_is(tag, "a")) {
		if (tag->is_end)
			end_anchor(p);
		else
			begin_anchor(p, tag);
	} else if (tag->is_end) {
		return;
	} else if (html_tag_is(tag, "link")) {
		read_link(p, tag);
	} else if (html_tag_is(tag, "meta")) {
		read_meta(p, tag);
	} else if (html_tag_is(tag, "script")) {
		read_script(p, tag);
	} else if (html_tag_is(tag, "base") && !p->base) {
		p->base = get_address(tag, "href");
	} else if (html_tag_is(tag, "img") && p->href) {
		add_anchor_text(p, html_tag_get(tag, "alt", LIMIT_SHORT_BYTES));
	}
}

static void read_page(struct page *p, const char *text, size_t len, bool xhtml)
{
	struct html_scan scan;
	struct html_tag tag;
	const char *s = "", *raw = NULL;
	size_t n = 0;
	enum html_token token;

	html_scan_init(&scan, text, len, xhtml);
	while ((token = html_scan_next(&scan, &tag, &s, &n)) != HTML_END) {
		if (token == HTML_TAG)
			read_tag(p, &tag);
		else if (p->href && (!raw || strcmp(raw, "title") == 0)) /* of an SVG picture in it */
			add_anchor_text(p, html_decode(s, n, LIMIT_SHORT_BYTES));
		raw = scan.raw;
	}
	end_anchor(p);
}

static void add_guess(const char *href, const char *type, void *ctx)
{
	struct page *p = ctx;

	add(&p->others, href, NULL, type, "guess", 0);
}

/* The label of <meta charset> or of the older http-equiv, as a content type. NULL: the page says none. Caller frees. */
static char *meta_content_type(const char *bytes, size_t len)
{
	struct html_scan scan;
	struct html_tag tag;
	const char *s;
	size_t n;
	enum html_token token;

	html_scan_init(&scan, bytes, len < META_BYTES ? len : META_BYTES, false);
	while ((token = html_scan_next(&scan, &tag, &s, &n)) != HTML_END) {
		auto_free char *charset = NULL, *equivalent = NULL;

		if (token != HTML_TAG || !html_tag_is(&tag, "meta"))
			continue;
		charset = html_tag_get(&tag, "charset", LIMIT_SHORT_BYTES);
		equivalent = html_tag_get(&tag, "http-equiv", LIMIT_SHORT_BYTES);
		if (charset)
			return mem_printf("text/html; charset=%s", charset);
		if (text_equal_nocase(equivalent, "Content-Type"))
			return html_tag_get(&tag, "content", LIMIT_SHORT_BYTES);
	}
	return NULL;
}

static bool mentions(const char *content_type, const char *word)
{
	for (const char *s = content_type; s && *s; s++) {
		if (text_has_prefix_nocase(s, word))
			return true;
	}
	return false;
}

static int to_utf8(const char *bytes, size_t len, const char *content_type, struct buf *out)
{
	auto_free char *meta = mentions(content_type, "charset") ? NULL : meta_content_type(bytes, len);
	struct problem_list problems = { 0 };
	struct utf8_text text;

	encoding_to_utf8(bytes, len, meta ? meta : content_type, &text, &problems);
	buf_append(out, text.s, text.len);
	utf8_text_done(&text);
	problem_list_done(&problems);
	return buf_error(out);
}

/* By rank; those of one rank in the order of the page. */
static size_t hand_out(struct found_list *l, const char *base, struct discovered **ret)
{
	size_t n = 0;

	*ret = l->n ? mem_new_array(struct discovered, l->n) : NULL;
	for (unsigned rank = 0; n < l->n; rank++) {
		for (size_t i = 0; i < l->n; i++) {
			if (l->items[i].rank != rank)
				continue;
			(*ret)[n] = l->items[i].d;
			(*ret)[n++].base = mem_dup_str(base);
		}
	}
	l->n = 0;
	return n;
}

static void free_list(struct found_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		mem_free(l->items[i].d.href);
		mem_free(l->items[i].d.title);
		mem_free(l->items[i].d.type);
	}
}

static void free_page(struct page *p)
{
	forget_anchor(p);
	free_list(&p->links);
	free_list(&p->others);
	mem_free(p->base);
	mem_free(p->canonical);
	mem_free(p->facts.generator);
	mem_free(p->facts.site_name);
	mem_free(p->facts.channel);
	buf_done(&p->text);
	mem_free(p);
}

int parse_discover(const char *bytes, size_t len, const char *content_type, const char *page_url, struct discovered **ret, size_t *ret_n)
{
	struct buf text = BUF_INIT(4 * (size_t)LIMIT_FEED_BYTES);
	struct page *p = NULL;
	const char *base;
	int rc = len > LIMIT_FEED_BYTES ? ERR_TOO_BIG : 0;

	xml_init();
	if (rc == 0)
		rc = to_utf8(bytes, len, content_type, &text);
	if (rc < 0)
		goto out;
	p = mem_new(struct page);
	buf_init(&p->text, LIMIT_TITLE_BYTES);
	read_page(p, buf_str(&text), text.len, mentions(content_type, "xhtml+xml"));
	p->facts.url = page_url ? page_url : p->canonical;
	base = p->base || page_url ? p->base : p->canonical;
	if (p->links.n == 0 && p->others.n == 0) {
		discover_guess(&p->facts, add_guess, p);
		base = page_url ? NULL : p->canonical; /* guesses are of the site, wherever its links lead */
	}
	*ret_n = p->links.n ? hand_out(&p->links, base, ret) : hand_out(&p->others, base, ret);
	free_page(p);
out:
	buf_done(&text);
	return rc;
}

void discovered_free(struct discovered *d, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		mem_free(d[i].href);
		mem_free(d[i].title);
		mem_free(d[i].type);
		mem_free(d[i].base);
	}
	mem_free(d);
}
