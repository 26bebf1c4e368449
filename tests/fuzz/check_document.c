/* What must hold of every document, whatever the bytes were. Buffers live on from run to run: speed is executions. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "syndicated/parse.h"

static const int64_t FIRST_MS = -62167219200000; /* 0000-01-01 */
static const int64_t LAST_MS = 253402300799999;  /* 9999-12-31T23:59:59.999Z */

void fuzz_fail(const char *file, int line, const char *property, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fprintf(stderr, "%s:%d: does not hold: %s: ", file, line, property);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	abort();
}

void fuzz_init(void)
{
	ingest_init();
}

void fuzz_check_text(const char *s, const char *what)
{
	if (s)
		FUZZ_CHECK(text_is_clean(s, strlen(s)), "%s: \"%.200s\"", what, s);
}

static void check_short(const char *s, size_t max, const char *what)
{
	fuzz_check_text(s, what);
	if (s)
		FUZZ_CHECK(strlen(s) <= max, "%s has %zu bytes", what, strlen(s));
}

void fuzz_check_url(const char *s, const char *what)
{
	fuzz_check_text(s, what);
	if (s)
		FUZZ_CHECK(text_has_prefix(s, "http://") || text_has_prefix(s, "https://"), "%s: \"%.200s\"", what, s);
}

void fuzz_check_time(int64_t ms, const char *what)
{
	FUZZ_CHECK(ms == TIME_UNKNOWN || (ms >= FIRST_MS && ms <= LAST_MS), "%s: %lld", what, (long long)ms);
}

static void check_content(const char *html)
{
	static struct buf again = BUF_INIT(8u << 20);
	size_t len = html ? strlen(html) : 0;

	if (!html)
		return;
	fuzz_check_html(html, len);
	buf_clear(&again);
	clean_html(html, len, NULL, &again);
	FUZZ_CHECK(buf_error(&again) == 0 && again.len == len && memcmp(buf_str(&again), html, len) == 0, "content is not stable:\n%s\n%s", html,
	           buf_str(&again));
}

static void check_lists(const struct item *i)
{
	FUZZ_CHECK(i->n_authors <= LIMIT_ITEM_LIST && i->n_categories <= LIMIT_ITEM_LIST && i->n_enclosures <= LIMIT_ITEM_LIST, "too many");
	for (size_t k = 0; k < i->n_authors; k++) {
		check_short(i->authors[k].name, LIMIT_SHORT_BYTES, "author name");
		check_short(i->authors[k].email, LIMIT_SHORT_BYTES, "author email");
		fuzz_check_url(i->authors[k].url, "author url");
	}
	for (size_t k = 0; k < i->n_categories; k++) {
		check_short(i->categories[k].term, LIMIT_SHORT_BYTES, "category term");
		check_short(i->categories[k].scheme, LIMIT_SHORT_BYTES, "category scheme");
		check_short(i->categories[k].label, LIMIT_SHORT_BYTES, "category label");
	}
	for (size_t k = 0; k < i->n_enclosures; k++) {
		FUZZ_CHECK(i->enclosures[k].url, "an enclosure has no URL");
		fuzz_check_url(i->enclosures[k].url, "enclosure url");
		check_short(i->enclosures[k].type, LIMIT_SHORT_BYTES, "enclosure type");
		check_short(i->enclosures[k].title, LIMIT_SHORT_BYTES, "enclosure title");
		FUZZ_CHECK(i->enclosures[k].length_bytes >= -1 && i->enclosures[k].duration_s >= -1, "enclosure numbers");
	}
}

static void check_item(const struct item *i)
{
	fuzz_check_text(i->guid, "guid");
	fuzz_check_url(i->link, "link");
	fuzz_check_url(i->canonical_url, "canonical_url");
	check_short(i->title, LIMIT_TITLE_BYTES, "title");
	check_short(i->summary, LIMIT_SUMMARY_BYTES, "summary");
	check_content(i->content);
	check_lists(i);
	fuzz_check_time(i->published_ms, "published");
	fuzz_check_time(i->updated_ms, "updated");
	check_short(i->language, LIMIT_SHORT_BYTES, "language");
	fuzz_check_url(i->comments_url, "comments_url");
	fuzz_check_url(i->thumbnail, "thumbnail");
	check_short(i->rights, LIMIT_SHORT_BYTES, "rights");
	FUZZ_CHECK(i->key_rule[0], "an item has no key");
}

void fuzz_check_document(const struct feed_document *d)
{
	FUZZ_CHECK(d->format, "no format");
	FUZZ_CHECK(d->n_items <= LIMIT_FEED_ITEMS && d->problems.n <= LIMIT_PROBLEMS && d->problems.total >= d->problems.n, "too many");
	check_short(d->title, LIMIT_TITLE_BYTES, "feed title");
	check_short(d->subtitle, LIMIT_SUMMARY_BYTES, "feed subtitle");
	fuzz_check_text(d->id, "feed id");
	fuzz_check_url(d->link, "feed link");
	fuzz_check_url(d->self_url, "feed self_url");
	fuzz_check_url(d->hub_url, "feed hub_url");
	fuzz_check_url(d->icon, "feed icon");
	check_short(d->language, LIMIT_SHORT_BYTES, "feed language");
	check_short(d->rights, LIMIT_SHORT_BYTES, "feed rights");
	check_short(d->author, LIMIT_SHORT_BYTES, "feed author");
	fuzz_check_time(d->updated_ms, "feed updated");
	FUZZ_CHECK(d->ttl_ms >= 0 && d->skip_hours < 1u << 24 && d->skip_days < 1u << 7, "ttl and skips");
	for (size_t i = 0; i < d->problems.n; i++) {
		FUZZ_CHECK(d->problems.items[i].code && d->problems.items[i].text, "an empty problem");
		fuzz_check_text(d->problems.items[i].code, "problem code");
		fuzz_check_text(d->problems.items[i].text, "problem text");
	}
	for (size_t i = 0; i < d->n_items; i++)
		check_item(&d->items[i]);
}

void fuzz_check_codec(const struct feed_document *d)
{
	static struct buf first = BUF_INIT(LIMIT_WORKER_FRAME_BYTES), second = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
	struct feed_document *copy;

	buf_clear(&first);
	buf_clear(&second);
	feed_document_encode(d, &first);
	FUZZ_CHECK(buf_error(&first) == 0, "a document cannot be encoded");
	copy = feed_document_decode(first.bytes, first.len);
	FUZZ_CHECK(copy, "what was encoded (%zu bytes) is not decoded", first.len);
	feed_document_encode(copy, &second);
	FUZZ_CHECK(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0, "encoded again it is different");
	feed_document_free(copy);
}

void fuzz_ingest(const struct ingest_request *request)
{
	struct feed_document *d = NULL;
	struct err message = {0};
	enum ingest_status status = ingest_run(request, &d, &message);

	if (status == INGEST_OK) {
		FUZZ_CHECK(d, "no document");
		fuzz_check_document(d);
		fuzz_check_codec(d);
	} else {
		FUZZ_CHECK(status == INGEST_NOT_A_FEED && !d, "status %d", (int)status);
		FUZZ_CHECK(message.message[0], "refused without a word");
	}
	feed_document_free(d);
}
