#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/clean.h"

/* The rules of feed.c's table: description becomes content, permalink guid becomes link, titles are guessed. */
static void test_item(void **state)
{
	struct raw_feed *f = raw_feed_new();
	struct raw_item *i = raw_feed_add_item(f, 0);
	struct raw_person *p = raw_list_add(f, &i->authors, sizeof(*p));
	struct feed_document *d;

	(void)state;
	f->format = "rss20";
	f->ttl_minutes = "60";
	f->update_period = "daily";
	i->id = "http://e.org/1?utm_source=x";
	i->id_is_link = true;
	i->title = (struct raw_text){ .value = "A &amp;  B", .kind = RAW_TEXT_GUESS };
	i->summary = (struct raw_text){ .value = "<p>x</p><script>y</script>", .kind = RAW_TEXT_HTML };
	i->published = "nonsense";
	i->thumbnail = "t.png";
	i->base = "http://e.org/a/ b/";
	p->name = "a@b.org (Name)";
	d = clean_feed(f, "", CLEAN_HTML_SAFE);
	assert_int_equal(d->n_items, 1);
	assert_string_equal(d->items[0].title, "A & B");
	assert_string_equal(d->items[0].content, "<p>x</p>");
	assert_string_equal(d->items[0].summary, "x");
	assert_string_equal(d->items[0].link, "http://e.org/1?utm_source=x");
	assert_string_equal(d->items[0].canonical_url, "https://e.org/1");
	assert_string_equal(d->items[0].thumbnail, "http://e.org/a/b/t.png");
	assert_string_equal(d->items[0].authors[0].name, "Name");
	assert_string_equal(d->items[0].authors[0].email, "a@b.org");
	assert_true(d->items[0].published_ms == TIME_UNKNOWN);
	assert_int_equal(d->problems.n, 1);
	assert_int_equal(d->ttl_ms, 86400000); /* polling.md R36: the longest */
	feed_document_free(d);
	raw_feed_free(f);
}

/* polling.md R36, R37: minutes, and periods of the syndication namespace; nonsense is nothing. */
static void test_said_interval(void **state)
{
	static const struct { const char *ttl, *period, *frequency; int64_t want_minutes; } rows[] = {
		{NULL, NULL, NULL, 0},       {"60", NULL, NULL, 60},       {"0", NULL, NULL, 0},        {"-5", NULL, NULL, 0},
		{"abc", NULL, NULL, 0},      {NULL, "hourly", NULL, 60},   {NULL, "hourly", "1", 60},   {NULL, "hourly", "2", 30},
		{NULL, "HOURLY", "0", 60},   {NULL, NULL, "2", 720},       {NULL, NULL, "0", 0},        {NULL, "fortnightly", "1", 0},
		{NULL, "yearly", NULL, 525600}, {"90", "hourly", "1", 90}, {"30", "hourly", "1", 60},
		{"525600", NULL, NULL, 525600}, {"99999999", NULL, NULL, 525600}, {"99999999999999999999999", NULL, NULL, 525600},
		{"99999999x", NULL, NULL, 0}, {"-99999999", NULL, NULL, 0}, {NULL, "weekly", "99999999999999999999999", 0},
		{NULL, NULL, "99999999999999999999999", 0},
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct raw_feed *f = raw_feed_new();
		struct feed_document *d;

		f->format = "rss20";
		f->ttl_minutes = rows[n].ttl;
		f->update_period = rows[n].period;
		f->update_frequency = rows[n].frequency;
		d = clean_feed(f, "", CLEAN_HTML_SAFE);
		assert_int_equal(d->ttl_ms / 60000, rows[n].want_minutes);
		feed_document_free(d);
		raw_feed_free(f);
	}
}

/* How long recordings last, in the ways that people write it. */
static void test_durations(void **state)
{
	static const struct { const char *in; int64_t want; } rows[] = {
		{"63", 63},        {"6.6", 6},           {"6.5999999999999996", 6}, {"1803.1199999999999", 1803}, {"1:03", 63},
		{"1:02:03", 3723}, {"00:00:05.5", 5},    {"0", 0},                  {"1h 2m 3s", 3723},           {"1h2m3s", 3723},
		{"PT1H2M3S", 3723}, {"pt90m", 5400},     {"P1DT1S", 86401},         {"PT1.5S", 1},                {"90 min", 5400},
		{"90 mins.", 5400}, {"2 hours, 3 minutes", 7380}, {"1.5 hours", 5400}, {"", -1}, {"-5", -1}, {"P", -1}, {"PT", -1}, {"PT5", -1},
		{":30", -1}, {"1:b", -1}, {"3m 2h", -1}, {"5 weeks", -1}, {"12345678901234567890", -1}, {"9999999:9999999:9999999", -1}, {"1.", -1},
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct raw_feed *f = raw_feed_new();
		struct raw_item *i = raw_feed_add_item(f, 0);
		struct raw_enclosure *e = raw_list_add(f, &i->enclosures, sizeof(*e));
		struct feed_document *d;

		f->format = "json11";
		*e = (struct raw_enclosure){ .url = "http://e.example/a", .duration = rows[n].in };
		d = clean_feed(f, "", CLEAN_HTML_SAFE);
		if (d->items[0].enclosures[0].duration_s != rows[n].want)
			fail_msg("%s: %lld", rows[n].in, (long long)d->items[0].enclosures[0].duration_s);
		feed_document_free(d);
		raw_feed_free(f);
	}
}

/* What only looks like HTML stays as it is. */
static void test_titles(void **state)
{
	static const struct { const char *in; enum raw_text_kind kind; const char *want; } rows[] = {
		{"1 < 2 & 3", RAW_TEXT_GUESS, "1 < 2 & 3"},
		{"a <b>c</b>", RAW_TEXT_GUESS, "a c"},
		{"a <b>c</b>", RAW_TEXT_PLAIN, "a <b>c</b>"},
		{"AT&amp;T", RAW_TEXT_PLAIN, "AT&amp;T"},
		{"AT&amp;T", RAW_TEXT_HTML, "AT&T"},
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct raw_feed *f = raw_feed_new();
		struct raw_item *i = raw_feed_add_item(f, 0);
		struct feed_document *d;

		f->format = "rss20";
		i->title = (struct raw_text){ .value = rows[n].in, .kind = rows[n].kind };
		d = clean_feed(f, "", CLEAN_HTML_SAFE);
		assert_string_equal(d->items[0].title, rows[n].want);
		feed_document_free(d);
		raw_feed_free(f);
	}
}

/* R8: what decides which of too many items are the newest. */
static void test_which_way_it_runs(void **state)
{
	static const struct {
		const char *dates[5];
		bool oldest_first;
	} rows[] = {
		{{"2026-01-01", "2026-01-02", "2026-01-03"}, true},
		{{"2026-01-03", "2026-01-02", "2026-01-01"}, false},
		{{"Thu, 01 Jan 2026 00:00:00 GMT", NULL, "nonsense", "Fri, 02 Jan 2026 00:00:00 GMT"}, true},
		{{"2026-01-01", "2026-01-09", "2026-01-02", "2026-01-03", "2026-01-04"}, true},  /* one is out of order */
		{{"2026-01-09", "2026-01-08", "2026-01-31", "2026-01-07", "2026-01-06"}, false},
		{{"2026-01-01", "2026-01-01"}, false},
		{{NULL, NULL}, false},
		{{NULL}, false},
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		for (int updated = 0; updated < 2; updated++) {
			struct raw_feed *f = raw_feed_new();

			assert_false(clean_runs_oldest_first(f));
			for (size_t k = 0; k < 5 && (k < 2 || rows[n].dates[k]); k++) {
				struct raw_item *i = raw_feed_add_item(f, 0);

				*(updated ? &i->updated : &i->published) = rows[n].dates[k];
			}
			assert_int_equal(clean_runs_oldest_first(f), rows[n].oldest_first);
			raw_feed_free(f);
		}
	}
}

/* LIMIT_DOCUMENT_BYTES: "&" is five bytes when it is HTML. The first items are kept. */
static void test_size(void **state)
{
	static char ampersands[256 << 10];
	struct raw_feed *f = raw_feed_new();
	struct feed_document *d;

	(void)state;
	memset(ampersands, '&', sizeof(ampersands) - 1);
	f->format = "rss20";
	for (int n = 0; n < 20; n++)
		raw_feed_add_item(f, 7)->content = (struct raw_text){ .value = ampersands, .kind = RAW_TEXT_PLAIN };
	d = clean_feed(f, "", CLEAN_HTML_SAFE);
	assert_in_range(d->n_items, 7, 9);
	assert_int_equal(d->problems.n, 1);
	assert_string_equal(d->problems.items[0].code, "document-too-big");
	assert_int_equal(d->problems.items[0].line, 7);
	feed_document_free(d);
	raw_feed_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_size), cmocka_unit_test(test_item), cmocka_unit_test(test_titles), cmocka_unit_test(test_which_way_it_runs),
		                              cmocka_unit_test(test_said_interval), cmocka_unit_test(test_durations) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
