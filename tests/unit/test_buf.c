#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/err.h"
#include "syndicated/base/mem.h"

static void test_grows_and_stays_terminated(void **state)
{
	struct buf b = BUF_INIT(1000);

	(void)state;
	assert_string_equal(buf_str(&b), "");
	for (int i = 0; i < 1000; i++) {
		buf_append_char(&b, 'x');
		assert_int_equal(strlen(buf_str(&b)), i + 1);
		assert_true(b.capacity <= 1000);
	}
	assert_int_equal(buf_error(&b), 0);
	buf_append_char(&b, 'y');
	assert_int_equal(buf_error(&b), ERR_TOO_BIG);
	assert_int_equal(b.len, 1000);
	buf_done(&b);
	assert_int_equal(b.max_bytes, 1000);
}

/* Each way to append, one byte below, at and above the limit. */
static void test_limit_of_every_append(void **state)
{
	static const char digits[] = "0123456789";

	(void)state;
	for (size_t n = 7; n <= 9; n++) {
		for (int way = 0; way < 4; way++) {
			struct buf b = BUF_INIT(8);
			char copy[16] = "";
			memcpy(copy, digits, n);
			if (way == 0)
				buf_append(&b, digits, n);
			else if (way == 1)
				buf_append_str(&b, copy);
			else if (way == 2)
				buf_append_printf(&b, "%s", copy);
			else if (buf_reserve(&b, n) != NULL) {
				memcpy(b.bytes, digits, n);
				buf_grew(&b, n);
			}
			assert_int_equal(buf_error(&b), n <= 8 ? 0 : ERR_TOO_BIG);
			assert_string_equal(buf_str(&b), n <= 8 ? copy : "");
			buf_done(&b);
		}
	}
}

static void test_failure_is_remembered(void **state)
{
	volatile size_t huge = SIZE_MAX; /* else the compiler sees it coming */
	struct buf b = BUF_INIT(4);
	char *bytes = NULL;

	(void)state;
	buf_append_str(&b, "abc");
	buf_append_str(&b, "de");
	buf_append_str(&b, "f"); /* would fit */
	assert_string_equal(buf_str(&b), "abc");
	assert_null(buf_reserve(&b, 0));
	assert_int_equal(buf_take(&b, &bytes, NULL), ERR_TOO_BIG);
	assert_null(bytes);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_error(&b), 0);
	buf_append(&b, "x", huge); /* no overflow of the sum */
	assert_int_equal(buf_error(&b), ERR_TOO_BIG);
	buf_done(&b);
}

static void test_take_and_remove(void **state)
{
	struct buf b = BUF_INIT(100);
	char *bytes = NULL;
	size_t len = 99;

	(void)state;
	buf_remove_front(&b, 3);
	assert_int_equal(buf_take(&b, &bytes, &len), 0);
	assert_string_equal(bytes, "");
	assert_int_equal(len, 0);
	mem_free(bytes);
	buf_append_str(&b, "hello world");
	buf_remove_front(&b, 6);
	assert_string_equal(buf_str(&b), "world");
	assert_int_equal(buf_take(&b, &bytes, &len), 0);
	assert_string_equal(bytes, "world");
	assert_int_equal(len, 5);
	mem_free(bytes);
	buf_append_str(&b, "x");
	buf_remove_front(&b, 50);
	assert_string_equal(buf_str(&b), "");
	buf_clear(&b);
	buf_done(&b);
}

static void test_err(void **state)
{
	struct err e = {0};
	char longest[2 * ERR_MESSAGE_BYTES];

	(void)state;
	assert_int_equal(err_set(NULL, ERR_IO, "x"), ERR_IO);
	assert_int_equal(err_set(&e, ERR_INVALID, "bad %d", 7), ERR_INVALID);
	err_prefix(&e, "reading %s", "f");
	assert_string_equal(e.message, "reading f: bad 7");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	err_prefix(&e, "%s", longest);
	assert_int_equal(strlen(e.message), ERR_MESSAGE_BYTES - 1);
	err_prefix(NULL, "x");
	assert_string_equal(err_name(ERR_TOO_BIG), "too big");
	assert_string_equal(err_name(ERR_UNSUPPORTED), "unsupported");
	assert_string_equal(err_name(-12), "unknown error");
	assert_string_equal(err_name(1), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_and_stays_terminated), cmocka_unit_test(test_limit_of_every_append),
		cmocka_unit_test(test_failure_is_remembered),      cmocka_unit_test(test_take_and_remove),
		cmocka_unit_test(test_err),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
