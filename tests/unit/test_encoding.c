#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/parse/encoding.h"

#define ROW(bytes) bytes, sizeof(bytes) - 1

/* REL-11, REL-12; the order is mark, header, declaration, UTF-8. */
static void test_encodings(void **state)
{
	static const struct { const char *in; size_t len; const char *type, *want; } rows[] = {
		{ROW("<a>\xC3\xA9</a>"), NULL, "<a>\xC3\xA9</a>"},
		{ROW("\xEF\xBB\xBF<a/>"), NULL, "<a/>"},
		{ROW("\xFF\xFE<\0a\0\xE9\0"), NULL, "<a\xC3\xA9"},
		{ROW("\0<\0a\0\xE9"), NULL, "<a\xC3\xA9"},
		{ROW("\xFF\xFE\0\0<\0\0\0"), NULL, "<"},
		{ROW("\xFF\xFE<\0\0\xD8<\0"), NULL, "<\xEF\xBF\xBD<"},
		{ROW("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE9</a>"), NULL,
		 "                                           <a>\xC3\xA9</a>"},
		{ROW("<a>\xCF</a>"), "text/xml; charset=windows-1251", "<a>\xD0\x9F</a>"},
		{ROW("<a>caf\xE9</a>"), NULL, "<a>caf\xC3\xA9</a>"},
		{ROW("<a>\x82\xA0</a>"), "text/xml; charset=\"Shift_JIS\"", "<a>\xE3\x81\x82</a>"},
		{ROW("<a>+ADw-</a>"), "text/xml; charset=UTF-7", "<a>+ADw-</a>"},
		{ROW("<?xml encoding='UTF-16'?><a/>"), NULL, "                         <a/>"},
		{ROW("a\0b\x01" "c"), NULL, "abc"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT(1000);
		struct problem_list problems = {0};

		print_message("# row %zu\n", i);
		encoding_to_utf8(rows[i].in, rows[i].len, rows[i].type, &out, &problems);
		assert_string_equal(buf_str(&out), rows[i].want);
		buf_done(&out);
		problem_list_done(&problems);
	}
	assert_null(encoding_find("UTF-7", 5));
	assert_null(encoding_find("x-nope", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_encodings) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
