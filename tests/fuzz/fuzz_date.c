/* A date of a feed: unknown, or a moment that text can hold, whose own text is read as the same moment. */
#include "fuzz.h"

#include "syndicated/base/text.h"
#include "syndicated/clean.h"

const char fuzz_name[] = "date";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_init();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct buf text = BUF_INIT(1u << 20);
	char written[TEXT_RFC3339_BYTES];
	int64_t ms;

	buf_clear(&text);
	text_scrub(&text, (const char *)data, size);
	ms = clean_date(buf_str(&text));
	fuzz_check_time(ms, "a date");
	FUZZ_CHECK(clean_date(buf_str(&text)) == ms, "a date depends on what was read before");
	if (ms == TIME_UNKNOWN)
		return 0;
	text_from_time_ms(ms, true, written);
	FUZZ_CHECK(clean_date(written) == ms, "\"%s\" is %lld, which is %s, which is %lld", buf_str(&text), (long long)ms, written,
	           (long long)clean_date(written));
	return 0;
}
