#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/parse.h"
#include "../../src/parse/unpack.h"

enum { GZIP = 15 + 16, ZLIB = 15 };
#define FEED "<rss version=\"2.0\"><channel><title>T</title><item><title>one</title></item></channel></rss>"

static void pack_into(struct buf *out, int how, const void *bytes, size_t len)
{
	z_stream z = {0};
	size_t room;

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, how, 8, Z_DEFAULT_STRATEGY), Z_OK);
	room = deflateBound(&z, len) + 32;
	z.next_in = (Bytef *)(uintptr_t)bytes;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)buf_reserve(out, room);
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_grew(out, room - z.avail_out);
	deflateEnd(&z);
}

struct result {
	int rc;
	struct buf out;
	char codes[64];
};

static struct result run(const struct buf *in, size_t max)
{
	struct result r = {.out = BUF_INIT(max)};
	struct problem_list problems = {0};
	struct err err = {0};

	r.rc = unpack_body(in->bytes, in->len, &r.out, &problems, &err);
	for (size_t i = 0; i < problems.n; i++)
		snprintf(r.codes + strlen(r.codes), sizeof(r.codes) - strlen(r.codes), "%s%s", i ? " " : "", problems.items[i].code);
	assert_true(r.rc == 0 || err.message[0]);
	problem_list_done(&problems);
	return r;
}

/* in: parts behind each other; g = gzip of FEED, z = zlib of it, others are themselves. cut: bytes taken off the end. */
static void test_bodies(void **state)
{
	static const struct { const char *name, *parts; size_t cut; const char *want, *codes; } rows[] = {
		{"not packed", "<rss/>", 0, "", ""},
		{"nothing", "", 0, "", ""},
		{"text that begins like zlib", "x^2 is a square", 0, "", ""},
		{"gzip", "g", 0, FEED, "packed-body"},
		{"zlib", "z", 0, FEED, "packed-body"},
		{"white space in front", "\n\n g", 0, FEED, "packed-body"},
		{"two members", "gg", 0, FEED FEED, "packed-body"},
		{"garbage behind", "g\r\n\r\n", 0, FEED, "packed-body packed-damaged"},
		{"the check at the end is cut", "g", 6, FEED, "packed-body packed-damaged"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf in = BUF_INIT(10000);
		struct result r;

		print_message("# %s\n", rows[i].name);
		for (const char *p = rows[i].parts; *p; p++) {
			if ((*p == 'g' || *p == 'z') && strlen(rows[i].parts) < 8)
				pack_into(&in, *p == 'g' ? GZIP : ZLIB, FEED, strlen(FEED));
			else
				buf_append_char(&in, *p);
		}
		in.len -= rows[i].cut;
		r = run(&in, LIMIT_FEED_BYTES);
		assert_int_equal(r.rc, 0);
		assert_string_equal(buf_str(&r.out), rows[i].want);
		assert_string_equal(r.codes, rows[i].codes);
		buf_done(&r.out);
		buf_done(&in);
	}
}

/* A body cut or spoiled at any place gives a part of the text, never more and never a crash. */
static void test_every_cut(void **state)
{
	struct buf whole = BUF_INIT(1000);

	(void)state;
	pack_into(&whole, GZIP, FEED, strlen(FEED));
	for (size_t n = 0; n <= whole.len; n++) {
		char *copy = mem_dup_bytes(whole.bytes, whole.len);
		struct buf in = {.bytes = whole.bytes, .len = n};
		struct result r = run(&in, LIMIT_FEED_BYTES);

		assert_int_equal(r.rc, 0);
		assert_true(r.out.len <= strlen(FEED) && memcmp(buf_str(&r.out), FEED, r.out.len) == 0);
		buf_done(&r.out);
		if (n < whole.len) {
			copy[n] = (char)~copy[n];
			in = (struct buf){.bytes = copy, .len = whole.len};
			r = run(&in, LIMIT_FEED_BYTES);
			assert_int_equal(r.rc, 0);
			buf_done(&r.out);
		}
		mem_free(copy);
	}
	buf_done(&whole);
}

/* REL-43, polling.md R110: bombs end with a message, by their ratio or by the limit. */
static void test_bombs(void **state)
{
	char *zeros = mem_alloc_zero(1, 20 << 20);
	struct buf in = BUF_INIT(8 << 20);
	struct result r;

	(void)state;
	pack_into(&in, GZIP, zeros, 2 << 20);
	r = run(&in, LIMIT_FEED_BYTES);
	assert_int_equal(r.rc, ERR_TOO_BIG);
	buf_done(&r.out);
	buf_clear(&in);
	pack_into(&in, GZIP, zeros, LIMIT_EXPANSION_FREE_BYTES); /* as much as is free */
	r = run(&in, LIMIT_FEED_BYTES);
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.out.len, LIMIT_EXPANSION_FREE_BYTES);
	buf_done(&r.out);
	r = run(&in, LIMIT_EXPANSION_FREE_BYTES - 1);
	assert_int_equal(r.rc, ERR_TOO_BIG);
	buf_done(&r.out);
	buf_done(&in);
	mem_free(zeros);
}

static void test_a_packed_feed_is_read(void **state)
{
	struct buf in = BUF_INIT(10000), twice = BUF_INIT(10000);
	struct raw_feed *feed = NULL;
	struct err err = {0};

	(void)state;
	parse_init();
	pack_into(&in, GZIP, FEED, strlen(FEED));
	assert_int_equal(parse_feed(in.bytes, in.len, "text/xml", &feed, &err), PARSE_OK);
	assert_int_equal(feed->n_items, 1);
	assert_string_equal(feed->problems.items[0].code, "packed-body");
	feed = raw_feed_free(feed);
	pack_into(&twice, GZIP, in.bytes, in.len);
	assert_int_equal(parse_feed(twice.bytes, twice.len, NULL, &feed, &err), PARSE_NOT_FEED);
	buf_done(&in);
	buf_done(&twice);
}

/* Lines are those of the document, whatever was skipped in front. */
static void test_lines(void **state)
{
	static const char in[] = "\n<?xml version='1.0'?>\n<rss version='2.0'><channel><title>T</title>\n<item><title>one</title></item>\n<oops></channel></rss>";
	struct raw_feed *feed = NULL;
	struct err err = {0};

	(void)state;
	assert_int_equal(parse_feed(in, sizeof(in) - 1, NULL, &feed, &err), PARSE_OK);
	assert_int_equal(feed->items[0].line, 4);
	assert_string_equal(feed->problems.items[0].code, "leading-space");
	assert_int_equal(feed->problems.items[0].line, 1);
	assert_string_equal(feed->problems.items[1].code, "not-well-formed");
	assert_int_equal(feed->problems.items[1].line, 5);
	raw_feed_free(feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies), cmocka_unit_test(test_every_cut), cmocka_unit_test(test_bombs), cmocka_unit_test(test_a_packed_feed_is_read),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
