#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/text.h"
#include "syndicated/clean.h"

/* RFC 822, RFC 2822 section 4.3, RFC 3339, ISO 8601, and nonsense. NULL: unknown. */
static void test_dates(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{"Mon, 23 Nov 2026 09:00:03 GMT", "2026-11-23T09:00:03Z"},
		{"Mon, 23 Nov 2026 09:00:03 EST", "2026-11-23T14:00:03Z"},
		{"23 Nov 26 09:00 +0400", "2026-11-23T05:00:00Z"},
		{"23 Nov 99 09:00:00 PDT", "1999-11-23T16:00:00Z"},
		{"Mon Nov 23 09:00:03 2026", "2026-11-23T09:00:03Z"},
		{"Mon Nov 23 09:00:03 EST 2026", "2026-11-23T14:00:03Z"},
		{"Mon, 23 Nov 2026 09:00:03 -0000 (UTC)", "2026-11-23T09:00:03Z"},
		{"November 23rd, 2026 9:05 PM", "2026-11-23T21:05:00Z"},
		{"23-Nov-2026", "2026-11-23T00:00:00Z"},
		{"2026-11-23T09:00:03Z", "2026-11-23T09:00:03Z"},
		{"2026-11-23T09:00:03.75+04:00", "2026-11-23T05:00:03Z"},
		{"2026-11-23 09:00", "2026-11-23T09:00:00Z"},
		{"20261123T090003Z", "2026-11-23T09:00:03Z"},
		{"2026-11", "2026-11-01T00:00:00Z"},
		{"2026-327", "2026-11-23T00:00:00Z"},
		{" 2024-02-29T24:00:00Z ", "2024-03-01T00:00:00Z"},
		{"2023-02-29T00:00:00Z", NULL},
		{"Mon, 31 Feb 2026 09:00:03 GMT", NULL},
		{"yesterday", NULL},
		{"", NULL},
		{"99999999999999999999", NULL},
		{"2026-11-23T25:00:00Z", NULL},
		{"12:34", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char got[TEXT_RFC3339_BYTES];
		int64_t ms = clean_date(rows[i].in);

		print_message("# %s\n", rows[i].in);
		if (!rows[i].want) {
			assert_true(ms == TIME_UNKNOWN);
			continue;
		}
		assert_true(ms != TIME_UNKNOWN);
		text_from_time_ms(ms, false, got);
		assert_string_equal(got, rows[i].want);
	}
	assert_true(clean_date(NULL) == TIME_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_dates) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
