/* Content-Encoding undone within limits (polling.md R109 to R112, T24). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/ingest.h"
#include "syndicated/parse.h"

#define FEED "<rss version=\"2.0\"><channel><title>T</title><item><title>one</title></item></channel></rss>"

enum how { GZIP = 15 + 16, ZLIB = 15, RAW = -15, BR = 100, ZSTD };

static void pack_deflate(struct buf *out, int window, const void *bytes, size_t len)
{
	z_stream z = {0};
	size_t room;

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
	room = deflateBound(&z, len) + 32;
	z.next_in = (Bytef *)(uintptr_t)bytes;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)buf_reserve(out, room);
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_grew(out, room - z.avail_out);
	deflateEnd(&z);
}

static void pack(struct buf *out, enum how how, const void *bytes, size_t len)
{
	size_t room = len + len / 10 + 1024, n = room;

	if (how == BR) {
		assert_true(BrotliEncoderCompress(9, 22, BROTLI_MODE_GENERIC, len, bytes, &n, (uint8_t *)buf_reserve(out, room)));
		buf_grew(out, n);
	} else if (how == ZSTD) {
		n = ZSTD_compress(buf_reserve(out, room), room, bytes, len, 9);
		assert_false(ZSTD_isError(n));
		buf_grew(out, n);
	} else {
		pack_deflate(out, (int)how, bytes, len);
	}
}

/* recipe: one letter a step: g gzip, z zlib, r raw deflate, b br, s zstd of FEED ("P" puts FEED as it is), appended; capitals pack all so far again. */
static struct buf make(const char *recipe)
{
	static const char letters[] = "gzrbs", capitals[] = "GZRBS";
	static const enum how hows[] = {GZIP, ZLIB, RAW, BR, ZSTD};
	struct buf out = BUF_INIT(1 << 20);

	for (; *recipe; recipe++) {
		const char *small = strchr(letters, *recipe), *big = strchr(capitals, *recipe);

		if (*recipe == 'P') {
			buf_append_str(&out, FEED);
		} else if (small) {
			pack(&out, hows[small - letters], FEED, strlen(FEED));
		} else {
			struct buf all = BUF_INIT(1 << 20);

			pack(&all, hows[big - capitals], out.bytes, out.len);
			buf_done(&out);
			out = all;
		}
	}
	return out;
}

struct row {
	const char *name, *header, *recipe;
	int cut; /* bytes off the end; negative: that many bytes of junk behind */
	enum parse_status status;
	const char *want;
};

static const struct row rows[] = {
	{"gzip", "gzip", "g", 0, PARSE_OK, FEED},
	{"its old name, any case", "X-GZip", "g", 0, PARSE_OK, FEED},
	{"deflate as it should be", "deflate", "z", 0, PARSE_OK, FEED},
	{"deflate as some send it", "deflate", "r", 0, PARSE_OK, FEED},
	{"brotli", "br", "b", 0, PARSE_OK, FEED},
	{"zstd", "zstd", "s", 0, PARSE_OK, FEED},
	{"identity", "identity", "P", 0, PARSE_OK, FEED},
	{"nothing said", "", "P", 0, PARSE_OK, FEED},
	{"empty elements", " , gzip ,, identity", "g", 0, PARSE_OK, FEED},
	{"two codings, the last one outside", "gzip, br", "gB", 0, PARSE_OK, FEED},
	{"five of them", "gzip,gzip, gzip ,gzip,gzip", "gGGGG", 0, PARSE_OK, FEED},
	{"six of them", "gzip,gzip,gzip,gzip,gzip,gzip", "gGGGGG", 0, PARSE_ENCODING, ""},
	{"unknown", "compress", "g", 0, PARSE_ENCODING, ""},
	{"a long unknown name", "gzipgzipgzipgzipgzipgzipgzipgzipgzipgzipgzipgzip", "g", 0, PARSE_ENCODING, ""},
	{"members behind each other", "gzip", "gg", 0, PARSE_OK, FEED FEED},
	{"frames behind each other", "zstd", "ss", 0, PARSE_OK, FEED FEED},
	{"something behind gzip", "gzip", "g", -9, PARSE_OK, FEED},
	{"something behind brotli", "br", "b", -9, PARSE_OK, FEED},
	{"plain although gzip is said", "gzip", "P", 0, PARSE_ENCODING, ""},
	{"plain although br is said", "br", "P", 0, PARSE_ENCODING, ""},
	{"plain although zstd is said", "zstd", "P", 0, PARSE_ENCODING, ""},
	{"gzip, its check cut off", "gzip", "g", 8, PARSE_ENCODING, ""},
	{"gzip cut", "gzip", "g", 30, PARSE_ENCODING, ""},
	{"zlib cut", "deflate", "z", 3, PARSE_ENCODING, ""},
	{"brotli cut", "br", "b", 5, PARSE_ENCODING, ""},
	{"zstd cut", "zstd", "s", 5, PARSE_ENCODING, ""},
	{"nothing at all", "gzip", "", 0, PARSE_ENCODING, ""},
};

static void test_codings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf in = make(rows[i].recipe), out = BUF_INIT(64 << 10);
		struct err err = {0};
		enum parse_status status;

		if (rows[i].cut < 0)
			buf_append(&in, "\n<!-- x -->", 11);
		status = parse_decode(rows[i].header, buf_str(&in), in.len - (rows[i].cut > 0 ? (size_t)rows[i].cut : 0), &out, &err);
		if (status != rows[i].status)
			fail_msg("%s: status %d, wanted %d: %s", rows[i].name, (int)status, (int)rows[i].status, err.message);
		if (status == PARSE_OK)
			assert_string_equal(buf_str(&out), rows[i].want);
		else
			assert_true(err.message[0]);
		buf_done(&in);
		buf_done(&out);
	}
}

/* A wrong check is damage, not a document (T24). */
static void test_bad_crc(void **state)
{
	struct buf in = make("g"), out = BUF_INIT(64 << 10);
	struct err err = {0};

	(void)state;
	in.bytes[in.len - 8] ^= 1;
	assert_int_equal(parse_decode("gzip", in.bytes, in.len, &out, &err), PARSE_ENCODING);
	assert_non_null(strstr(err.message, "damaged"));
	buf_done(&in);
	buf_done(&out);
}

/* R109, R110: bombs of each kind stop at the ratio, also stacked; what compresses well but is small passes. */
static void test_bombs(void **state)
{
	static const struct { enum how how; const char *header; } kinds[] = {{GZIP, "gzip"}, {ZLIB, "deflate"}, {RAW, "deflate"}, {BR, "br"}, {ZSTD, "zstd"}};
	static char zeros[8 << 20];

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct buf bomb = BUF_INIT(16 << 20), fine = BUF_INIT(16 << 20), twice = BUF_INIT(16 << 20), out = BUF_INIT(LIMIT_FEED_BYTES);
		char header[32];
		struct err err = {0};

		pack(&bomb, kinds[i].how, zeros, sizeof zeros);
		assert_int_equal(parse_decode(kinds[i].header, bomb.bytes, bomb.len, &out, &err), PARSE_TOO_BIG);
		assert_non_null(strstr(err.message, "bomb"));
		assert_true(out.len < sizeof zeros); /* it was not unpacked to its end to find out */
		pack(&twice, GZIP, bomb.bytes, bomb.len);
		(void)snprintf(header, sizeof header, "%s, gzip", kinds[i].header);
		buf_clear(&out);
		assert_int_equal(parse_decode(header, twice.bytes, twice.len, &out, &err), PARSE_TOO_BIG);
		pack(&fine, kinds[i].how, zeros, LIMIT_EXPANSION_FREE_BYTES);
		buf_clear(&out);
		assert_int_equal(parse_decode(kinds[i].header, fine.bytes, fine.len, &out, &err), PARSE_OK);
		assert_int_equal(out.len, LIMIT_EXPANSION_FREE_BYTES);
		buf_done(&bomb);
		buf_done(&fine);
		buf_done(&twice);
		buf_done(&out);
	}
}

/* R109: the limit itself is allowed, a byte more is not. */
static void test_limit(void **state)
{
	static const enum how kinds[] = {GZIP, BR, ZSTD};
	static const char *const headers[] = {"gzip", "br", "zstd"};
	static char text[70000];

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i * i % 23);
	for (size_t i = 0; i < 3; i++) {
		struct buf in = BUF_INIT(1 << 20), exact = BUF_INIT(sizeof text), less = BUF_INIT(sizeof text - 1);
		struct err err = {0};

		pack(&in, kinds[i], text, sizeof text);
		assert_int_equal(parse_decode(headers[i], in.bytes, in.len, &exact, &err), PARSE_OK);
		assert_int_equal(exact.len, sizeof text);
		assert_memory_equal(exact.bytes, text, sizeof text);
		assert_int_equal(parse_decode(headers[i], in.bytes, in.len, &less, &err), PARSE_TOO_BIG);
		buf_done(&in);
		buf_done(&exact);
		buf_done(&less);
	}
}

/* The worker's job: what came over the wire is unpacked there, and its bytes are let go before it is read. */
static void released(void *ctx)
{
	(*(int *)ctx)++;
}

static void test_ingest(void **state)
{
	struct buf in = make("gB"), page = BUF_INIT(1 << 20);
	int n_released = 0;
	struct ingest_request request = {.url = "http://a.example/", .content_encoding = "gzip, br", .bytes = in.bytes, .len = in.len,
	                                 .release_cb = released, .release_ctx = &n_released};
	struct feed_document *d = NULL;
	struct err err = {0};
	static const char html[] = "<!DOCTYPE html><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/the-feed\">";

	(void)state;
	ingest_init();
	assert_int_equal(ingest_run(&request, &d, &err), INGEST_OK);
	assert_int_equal(n_released, 1);
	assert_string_equal(d->title, "T");
	feed_document_free(d);
	request.max_bytes = 40;
	assert_int_equal(ingest_run(&request, &d, &err), INGEST_TOO_BIG);
	request.max_bytes = 0;
	request.content_encoding = "gzip, hmm";
	assert_int_equal(ingest_run(&request, &d, &err), INGEST_ENCODING);
	pack(&page, GZIP, html, sizeof html - 1);
	request = (struct ingest_request){.url = "http://a.example/", .content_encoding = "gzip", .bytes = page.bytes, .len = page.len};
	assert_int_equal(ingest_run(&request, &d, &err), INGEST_NOT_A_FEED);
	assert_non_null(strstr(err.message, "http://a.example/the-feed"));
	buf_done(&in);
	buf_done(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codings), cmocka_unit_test(test_bad_crc), cmocka_unit_test(test_bombs), cmocka_unit_test(test_limit),
		cmocka_unit_test(test_ingest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
