#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/mem.h"

static void pack_sample(struct buf *b)
{
	pack_u32(b, 0xdeadbeef);
	pack_i64(b, INT64_MIN);
	pack_str(b, "gr\xC3\xBC\xC3\x9F");
	pack_str(b, NULL);
	pack_str(b, "");
	pack_bytes(b, "\0\xff", 2);
}

static void test_round_trip_and_truncation(void **state)
{
	struct buf b = BUF_INIT(1000);

	(void)state;
	pack_sample(&b);
	/* From a copy of exactly that length, so that the sanitizer sees every read behind it. */
	for (size_t len = 0; len <= b.len; len++) {
		auto_free char *copy = mem_dup_bytes(buf_str(&b), len);
		struct unpack u = {.p = copy, .len = len};
		size_t n = 0;
		uint32_t number = unpack_u32(&u);
		int64_t big = unpack_i64(&u);
		auto_free char *text = unpack_str(&u), *null = unpack_str(&u), *empty = unpack_str(&u);
		const char *bytes = unpack_bytes(&u, &n);
		assert_int_equal(unpack_finished(&u), len == b.len);
		assert_null(null);
		if (len < b.len) {
			assert_int_equal(u.error, ERR_CORRUPT);
			assert_null(bytes);
			continue;
		}
		assert_int_equal(number, 0xdeadbeef);
		assert_true(big == INT64_MIN);
		assert_string_equal(text, "gr\xC3\xBC\xC3\x9F");
		assert_string_equal(empty, "");
		assert_int_equal(n, 2);
		assert_memory_equal(bytes, "\0\xff", 2);
	}
	buf_done(&b);
}

static void test_hostile_strings(void **state)
{
	static const struct { const char *bytes; size_t len; } rows[] = {
		{"a\0b", 3}, {"\xC0\xAF", 2}, {"\xED\xA0\x80", 3}, {"\x01", 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT(100);
		pack_bytes(&b, rows[i].bytes, rows[i].len);
		struct unpack u = {.p = buf_str(&b), .len = b.len};
		assert_null(unpack_str(&u));
		assert_int_equal(u.error, ERR_CORRUPT);
		buf_done(&b);
	}
	struct unpack u = {.p = "\xfe\xff\xff\xff", .len = 4}; /* a length far behind the end */
	assert_null(unpack_str(&u));
	assert_false(unpack_finished(&u));
	u = (struct unpack){.p = "abcde", .len = 5}; /* one byte left over */
	(void)unpack_u32(&u);
	assert_false(unpack_finished(&u));
}

static void test_peek(void **state)
{
	struct buf b = BUF_INIT(100);
	uint32_t type;
	const char *payload;
	size_t len, used;

	(void)state;
	frame_append(&b, 7, "hello", 5);
	frame_append(&b, 8, "", 0);
	for (size_t n = 0; n < FRAME_HEADER_BYTES + 5; n++) {
		auto_free char *copy = mem_dup_bytes(b.bytes, n);
		assert_int_equal(frame_peek(copy, n, 5, &type, &payload, &len, &used), 0);
	}
	assert_int_equal(frame_peek(b.bytes, b.len, 5, &type, &payload, &len, &used), 1);
	assert_int_equal(type, 7);
	assert_int_equal(len, 5);
	assert_int_equal(used, FRAME_HEADER_BYTES + 5);
	assert_memory_equal(payload, "hello", 5);
	assert_int_equal(frame_peek(b.bytes, FRAME_HEADER_BYTES, 4, &type, &payload, &len, &used), ERR_TOO_BIG);
	assert_int_equal(frame_peek(b.bytes + used, b.len - used, 0, &type, &payload, &len, &used), 1);
	assert_int_equal(type, 8);
	b.bytes[0] ^= 1;
	assert_int_equal(frame_peek(b.bytes, b.len, 5, &type, &payload, &len, &used), ERR_CORRUPT);
	buf_done(&b);
}

/* A stream that ends after each of its bytes: closed only between frames. */
static void test_read_write(void **state)
{
	struct buf stream = BUF_INIT(100), payload = BUF_INIT(100);
	uint32_t type = 0;

	(void)state;
	frame_append(&stream, 7, "hello", 5);
	for (size_t n = 0; n <= stream.len; n++) {
		int fds[2];
		assert_int_equal(pipe(fds), 0);
		assert_int_equal(write(fds[1], stream.bytes, n), n);
		close(fds[1]);
		int want = n == 0 ? ERR_CLOSED : n < stream.len ? ERR_CORRUPT : 0;
		assert_int_equal(frame_read(fds[0], 5, &type, &payload), want);
		close(fds[0]);
	}
	assert_int_equal(type, 7);
	assert_string_equal(buf_str(&payload), "hello");
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(frame_write(fds[1], 9, "hello", 5), 0);
	assert_int_equal(frame_read(fds[0], 4, &type, &payload), ERR_TOO_BIG);
	close(fds[0]);
	close(fds[1]);
	struct buf small = BUF_INIT(14);
	frame_append(&small, 1, "abc", 3);
	assert_int_equal(buf_error(&small), ERR_TOO_BIG);
	assert_int_equal(small.len, 0);
	buf_done(&small);
	buf_done(&stream);
	buf_done(&payload);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip_and_truncation), cmocka_unit_test(test_hostile_strings),
	                                   cmocka_unit_test(test_peek), cmocka_unit_test(test_read_write)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
