/*
 * A reader of feeds that runs out of memory (REL-73): libxml2, Jansson and ICU get nothing at the n-th request, once or from
 * then on. Nothing crashes and nothing is lost; and what comes out is the whole document, or says that it is not: a document
 * that was cut short by us must not count as complete, or its validators would be saved and the rest never be seen (REL-10).
 *
 * ALLOC_EVERY=k takes every k-th n only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <libxml/xmlmemory.h>
#include <unicode/uclean.h>

#include "memory.h"
#include "syndicated/base/buf.h"
#include "syndicated/ingest.h"

enum { ENCODED_BYTES = 1 << 20, KEPT_BLOCKS = 16 };

static const struct document {
	const char *name, *content_type, *text;
} documents[] = {
	{"rss", "application/rss+xml",
	 "<?xml version=\"1.0\" encoding=\"windows-1251\"?><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
	 " xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>\xcd\xee\xe2\xee\xf1\xf2\xe8</title><link>http://a.example/</link>"
	 "<item><title>One &amp; two</title><link>/1</link><guid isPermaLink=\"false\">1</guid><pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>"
	 "<category>\xcf\xee\xeb\xe8\xf2\xe8\xea\xe0</category><dc:creator>A</dc:creator><description>&lt;p&gt;a&amp;nbsp;b&lt;/p&gt;</description></item>"
	 "<item><title>Three</title><link>/3</link><content:encoded><![CDATA[<p>c <b>d</b> <img src=\"/i.png\" alt=\"x\"></p>]]></content:encoded>"
	 "<enclosure url=\"/m.mp3\" type=\"audio/mpeg\" length=\"3\"/></item></channel></rss>"},
	{"atom", "application/atom+xml; charset=shift_jis",
	 "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:f</id><title>\x93\xfa\x96{</title><updated>2026-11-23T09:00:00Z</updated><entry><id>urn:1</id>"
	 "<title type=\"html\">a &lt;b&gt;b&lt;/b&gt;</title><updated>2026-11-23T09:00:00Z</updated><link href=\"/1\"/><content type=\"xhtml\">"
	 "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>c <em>d</em></p></div></content><author><name>N</name></author></entry></feed>"},
	{"json", "application/feed+json",
	 "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"J\", \"home_page_url\": \"http://a.example/\", \"items\": ["
	 "{\"id\": \"1\", \"url\": \"http://a.example/1\", \"title\": \"One\", \"content_html\": \"<p>a <b>b</b></p>\", \"date_published\": \"2026-11-23T09:00:00Z\","
	 " \"tags\": [\"x\", \"y\"], \"authors\": [{\"name\": \"N\"}], \"attachments\": [{\"url\": \"http://a.example/m\", \"mime_type\": \"audio/mpeg\"}]},"
	 "{\"id\": 2, \"url\": \"http://a.example/2\", \"content_text\": \"two\"}]}"},
	{"broken", "text/html",
	 "<rss version=2.0><channel><title>Broken &eacute; & more<item><title>One</title><link>http://a.example/1</link><description><p>a<br>b</description>"
	 "<item><title>Two <b>bold</title><link>http://a.example/2</link><guid>2</guid></item></channel>"},
};

enum { DOCUMENTS = sizeof(documents) / sizeof(documents[0]) };

static void *icu_alloc(const void *ctx, size_t size)
{
	(void)ctx;
	return memory_alloc(size);
}

static void *icu_resize(const void *ctx, void *p, size_t size)
{
	(void)ctx;
	return memory_resize(p, size);
}

static void icu_free(const void *ctx, void *p)
{
	(void)ctx;
	memory_free(p);
}

static enum ingest_status ingest(const struct document *d, struct buf *out, bool *ret_complete, struct err *message)
{
	const struct ingest_request request = {.url = "http://a.example/feed", .content_type = d->content_type, .bytes = d->text, .len = strlen(d->text)};
	struct feed_document *got = NULL;
	enum ingest_status status = ingest_run(&request, &got, message);

	*ret_complete = got && got->complete;
	if (got)
		feed_document_encode(got, out);
	feed_document_free(got);
	return status;
}

static void is_told(const struct document *d, long n, enum ingest_status status, bool complete, const struct buf *got, const struct buf *whole,
                    const struct err *message)
{
	bool same = got->len == whole->len && memcmp(got->bytes, whole->bytes, whole->len) == 0;

	if (status == INGEST_OK && complete && !same)
		fail_msg("%s, request %ld: another document than it is passes for whole", d->name, n);
	if (status != INGEST_OK && !message->message[0])
		fail_msg("%s, request %ld: it failed and does not say why", d->name, n);
}

static void at_every_n(const struct document *d, bool for_good)
{
	struct buf whole = BUF_INIT(ENCODED_BYTES), got = BUF_INIT(ENCODED_BYTES);
	const char *every = getenv("ALLOC_EVERY");
	long step = every ? strtol(every, NULL, 10) : 1, runs = 0, held;
	struct err message = {0};
	bool complete, more = true;

	(void)ingest(d, &whole, &complete, &message);
	buf_clear(&whole);
	assert_int_equal(ingest(d, &whole, &complete, &message), INGEST_OK);
	held = memory_held();
	for (long n = 1; more; n += step > 0 ? step : 1, runs++) {
		enum ingest_status status;

		buf_clear(&got);
		message = (struct err){0};
		memory_fail_at(n, for_good);
		status = ingest(d, &got, &complete, &message);
		more = memory_has_failed();
		memory_fail_at(0, false);
		is_told(d, n, status, complete, &got, &whole, &message);
	}
	/* Libraries keep something for the next time, now and then; what is lost altogether the build with ASan tells. */
	if (memory_held() > held + KEPT_BLOCKS)
		fail_msg("%s: %ld blocks are not given back", d->name, memory_held() - held);
	/* And it reads as before. */
	buf_clear(&got);
	assert_int_equal(ingest(d, &got, &complete, &message), INGEST_OK);
	is_told(d, 0, INGEST_OK, complete, &got, &whole, &message);
	print_message("# %s: %ld runs\n", d->name, runs);
	buf_done(&whole);
	buf_done(&got);
}

static void say_nothing(void *ctx, const char *format, ...)
{
	(void)ctx;
	(void)format;
}

static void test_once(void **state)
{
	at_every_n(*state, false);
}

static void test_for_good(void **state)
{
	at_every_n(*state, true);
}

int main(void)
{
	static char names[2 * DOCUMENTS][64];
	struct CMUnitTest tests[2 * DOCUMENTS];
	UErrorCode code = U_ZERO_ERROR;

	ingest_init();
	xmlSetGenericErrorFunc(NULL, say_nothing);
	(void)xmlMemSetup(memory_free, memory_alloc, memory_resize, memory_dup);
	json_set_alloc_funcs(memory_alloc, memory_free);
	u_setMemoryFunctions(NULL, icu_alloc, icu_resize, icu_free, &code);
	for (size_t i = 0; i < 2 * DOCUMENTS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%s: nothing left %s", documents[i / 2].name, i % 2 ? "for good" : "once");
		tests[i] = (struct CMUnitTest){names[i], i % 2 ? test_for_good : test_once, NULL, NULL, (void *)(uintptr_t)&documents[i / 2]};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
