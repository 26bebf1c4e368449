/*
 * What ICU writes in a language is read again when the document says the language: each of its patterns of medium, long and full
 * dates, without a time and with two kinds of it, in the morning and in the evening.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <unicode/udat.h>
#include <unicode/ustring.h>

#include "syndicated/base/text.h"
#include "syndicated/clean.h"

struct tally {
	const char *locale; /* of ICU */
	char tag[16];
	unsigned long read, failed;
	char first[600];
};

static void check_moment(struct tally *tally, const UDateFormat *format, int64_t ms)
{
	UChar wide[256];
	char text[600], got[TEXT_RFC3339_BYTES] = "unknown";
	UErrorCode status = U_ZERO_ERROR;
	int64_t found;

	(void)udat_format(format, (UDate)ms, wide, (int32_t)(sizeof(wide) / sizeof(wide[0])), NULL, &status);
	(void)u_strToUTF8(text, (int32_t)sizeof(text) - 40, NULL, wide, -1, &status);
	assert_true(U_SUCCESS(status));
	found = clean_date_in(text, tally->tag);
	tally->read++;
	if (found == ms)
		return;
	if (found != TIME_UNKNOWN)
		text_from_time_ms(found, false, got);
	if (tally->failed++ == 0)
		assert_true(snprintf(tally->first, sizeof(tally->first), "\"%.500s\" gives %s", text, got) > 0);
}

/* Days of 2021 as far apart as lets each month have some that may be months or hours, and some that may not. */
static void check_year(struct tally *tally, UDateFormatStyle date, UDateFormatStyle time)
{
	static const UChar utc[] = { 'U', 'T', 'C', 0 };
	UErrorCode status = U_ZERO_ERROR;
	char locale[64];
	UDateFormat *format;

	assert_true(snprintf(locale, sizeof(locale), "%s@calendar=gregorian", tally->locale) > 0);
	format = udat_open(time, date, locale, utc, -1, NULL, 0, &status);
	assert_true(U_SUCCESS(status));
	for (int64_t day = 18628; day < 18628 + 365; day += 4) {
		int64_t second = time == UDAT_MEDIUM ? 3 : 0;

		if (time == UDAT_NONE) {
			check_moment(tally, format, day * 86400000);
			continue;
		}
		check_moment(tally, format, (day * 86400 + 8 * 3600 + 300 + second) * 1000);
		check_moment(tally, format, (day * 86400 + 20 * 3600 + 300 + second) * 1000);
	}
	udat_close(format);
}

static void test_locales(void **state)
{
	static const UDateFormatStyle dates[] = { UDAT_MEDIUM, UDAT_LONG, UDAT_FULL }, times[] = { UDAT_NONE, UDAT_SHORT, UDAT_MEDIUM };
	static const char *const locales[] = {
		"en", "en_GB", "af", "ar", "ar_EG", "ar_MA", "az", "be", "bg", "bn", "br", "bs", "ca", "cs", "cy", "da", "de", "de_AT", "de_CH", "el", "eo", "es",
		"es_MX", "et", "eu", "fa", "fi", "fil", "fo", "fr", "fr_CA", "fr_CH", "fy", "ga", "gd", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it",
		"ja", "ka", "kk", "km", "kn", "ko", "ku", "ky", "lb", "lo", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "mt", "my", "nb", "ne", "nl", "nn", "pa", "pl",
		"ps", "pt", "pt_PT", "rm", "ro", "ru", "sd", "si", "sk", "sl", "so", "sq", "sr", "sr_Latn", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tr",
		"ug", "uk", "ur", "uz", "vi", "yi", "zh", "zh_Hant", "zu",
	};
	unsigned long read = 0, failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]); i++) {
		struct tally tally = { .locale = locales[i] };

		for (size_t k = 0; locales[i][k]; k++)
			tally.tag[k] = locales[i][k] == '_' ? '-' : locales[i][k];
		for (size_t k = 0; k < 9; k++)
			check_year(&tally, dates[k / 3], times[k % 3]);
		if (tally.failed)
			print_message("# %s: %lu of %lu: %s\n", locales[i], tally.failed, tally.read, tally.first);
		read += tally.read;
		failed += tally.failed;
	}
	print_message("# %lu of %lu were not read\n", failed, read);
	/* Each release of ICU has patterns of its own; with 72 all are read. */
	assert_true(failed * 100 < read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_locales),
	};

	clean_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
