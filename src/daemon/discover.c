/* What parse/ finds in a page, and clean/ makes of addresses: absolute, each once, and said in one sentence. */
#include <stdio.h>
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "syndicated/ingest.h"
#include "syndicated/parse.h"

enum {
	SAID_TITLE_BYTES = 120,
	SAID_URL_BYTES = 600, /* so that a sentence with it fits into a struct err */
};

const char *found_how(const char *s)
{
	static const char *const words[] = { "feed", "link", "anchor", "guess" };

	for (size_t i = 0; s && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(s, words[i]) == 0)
			return words[i];
	}
	return NULL;
}

void found_feeds_free(struct found_feed *feeds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		mem_free(feeds[i].url);
		mem_free(feeds[i].title);
		mem_free(feeds[i].type);
	}
	mem_free(feeds);
}

/* C1 controls are commands to some terminals, and marks of direction turn around what follows in the line. */
static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static char *tidy_line(const char *s)
{
	size_t len = s ? strlen(s) : 0, from = 0;
	struct buf b = BUF_INIT(len + 1);
	char *ret = NULL;

	for (size_t at = 0; at < len; from = at)
		if (!is_unsafe(text_next(s, len, &at)))
			buf_append(&b, s + from, at - from);
	if (b.len)
		b.len = text_collapse(b.bytes, b.len);
	if (b.len)
		ret = mem_dup_bytes(b.bytes, b.len);
	buf_done(&b);
	return ret;
}

/* ---- a page ---- */

static char *absolute(const struct discovered *d, const char *page_url)
{
	auto_free char *base = d->base ? clean_url(d->base, page_url) : NULL;
	auto_free char *url = clean_url_guess(d->href, base ? base : page_url);

	return text_without_userinfo(url);
}

static bool is_known(const struct found_feed *feeds, size_t n, const char *url)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(feeds[i].url, url) == 0)
			return true;
	}
	return false;
}

static int discover_page(const struct ingest_request *r, struct found_feed **ret, size_t *ret_n)
{
	auto_free char *page_url = r->url ? clean_url(r->url, NULL) : NULL;
	struct discovered *d = NULL;
	struct found_feed *feeds;
	size_t n = 0, kept = 0;
	int rc = parse_discover(r->bytes, r->len, r->content_type, page_url, &d, &n);

	if (rc < 0)
		return rc;
	feeds = mem_new_array(struct found_feed, n + 1);
	for (size_t i = 0; i < n; i++) {
		char *url = absolute(&d[i], page_url);

		if (!url || is_known(feeds, kept, url)) {
			mem_free(url);
			continue;
		}
		feeds[kept++] = (struct found_feed){ url, tidy_line(d[i].title), mem_dup_str(d[i].type), d[i].how };
	}
	discovered_free(d, n);
	if (kept == 0) {
		found_feeds_free(feeds, 0);
		feeds = NULL;
	}
	*ret = feeds;
	*ret_n = kept;
	return 0;
}

/* ---- a document that is a feed itself ---- */

static const char *type_of_format(const char *format)
{
	static const struct {
		const char *prefix, *type;
	} rows[] = {
		{ "atom", "application/atom+xml" }, { "rss10", "application/rdf+xml" }, { "rss", "application/rss+xml" },
		{ "jsonrss", "application/json" }, { "json", "application/feed+json" },
	};

	for (size_t i = 0; format && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (text_has_prefix(format, rows[i].prefix))
			return rows[i].type;
	}
	return NULL;
}

static void describe_feed(const struct raw_feed *raw, const struct ingest_request *r, struct found_feed **ret, size_t *ret_n)
{
	struct feed_document *d = clean_feed(raw, r->url ? r->url : "", CLEAN_HTML_SAFE);
	auto_free char *url = r->url ? clean_url(r->url, NULL) : NULL;
	char *shown = url ? text_without_userinfo(url) : mem_dup_str("");

	*ret = mem_new(struct found_feed);
	**ret = (struct found_feed){ shown, tidy_line(d->title), mem_dup_str(type_of_format(d->format)), found_how("feed") };
	*ret_n = 1;
	feed_document_free(d);
}

static int run_plain(const struct ingest_request *request, struct found_feed **ret, size_t *ret_n, struct err *message)
{
	struct raw_feed *raw = NULL;
	enum parse_status status = parse_feed(request->bytes, request->len, request->content_type, &raw, message);
	int rc;

	if (status == PARSE_OK) {
		describe_feed(raw, request, ret, ret_n);
		raw_feed_free(raw);
		return 0;
	}
	/* Pages that begin with something else than a page should are pages all the same when they name feeds. */
	rc = status == PARSE_EMPTY ? ERR_INVALID : discover_page(request, ret, ret_n);
	if (rc < 0 || (*ret_n == 0 && status != PARSE_HTML))
		return ERR_INVALID;
	return 0;
}

int discover_run(const struct ingest_request *request, struct found_feed **ret, size_t *ret_n, struct err *message)
{
	struct ingest_request plain;
	struct buf unpacked;
	enum ingest_status status;
	int rc = ingest_unpack(request, &unpacked, &plain, &status, message);

	rc = rc < 0 ? ERR_INVALID : run_plain(&plain, ret, ret_n, message);
	buf_done(&unpacked);
	return rc;
}

/* ---- for the operator ---- */

static const char *verb_of(const char *how)
{
	if (strcmp(how, "link") == 0)
		return "it names the feed";
	if (strcmp(how, "anchor") == 0)
		return "it links to what looks like the feed";
	return "it names none, but a site like this usually has one at";
}

bool discover_say(const struct ingest_request *request, struct err *message)
{
	static const char page[] = "this is an HTML page, not a feed";
	struct found_feed *feeds = NULL;
	char title[SAID_TITLE_BYTES + 4] = "", more[32] = "";
	size_t n = 0;

	if (discover_page(request, &feeds, &n) < 0 || n == 0)
		return false;
	if (n > 1)
		(void)snprintf(more, sizeof(more), " and %zu more", n - 1);
	if (feeds[0].title)
		(void)snprintf(title, sizeof(title), " (%.*s)", (int)text_cut(feeds[0].title, strlen(feeds[0].title), SAID_TITLE_BYTES), feeds[0].title);
	if (strlen(feeds[0].url) > SAID_URL_BYTES)
		(void)err_set(message, ERR_INVALID, "%s; it names %zu, with an address too long for here: 'syndicated discover' shows it", page, n);
	else
		(void)err_set(message, ERR_INVALID, "%s; %s %s%s%s", page, verb_of(feeds[0].how), feeds[0].url, title, more);
	found_feeds_free(feeds, n);
	return true;
}
