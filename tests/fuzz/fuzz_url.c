/* References made absolute, and pages identified. The first line of the input is the reference, the second the base. */
#include "fuzz.h"

#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"

const char fuzz_name[] = "url";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_init();
	return 0;
}

static void check_same(const char *a, const char *b, const char *what)
{
	FUZZ_CHECK(a && b && strcmp(a, b) == 0, "%s: \"%s\" and \"%s\"", what, a ? a : "(none)", b ? b : "(none)");
}

static void check_absolute(const char *url, const char *base)
{
	auto_free char *again = clean_url(url, NULL), *with_base = clean_url(url, base);

	fuzz_check_url(url, "an absolute URL");
	for (const char *s = url; *s; s++)
		FUZZ_CHECK((unsigned char)*s > ' ' && *s != 0x7F && *s != '"' && *s != '<' && *s != '>', "a character that no URL has: \"%s\"", url);
	check_same(url, again, "made absolute again");
	check_same(url, with_base, "an absolute URL has no base");
}

static void check_canonical(const char *url)
{
	auto_free char *canonical = clean_url_canonical(url), *again = NULL;

	if (!canonical)
		return;
	fuzz_check_url(canonical, "a canonical URL");
	FUZZ_CHECK(text_has_prefix(canonical, "https://"), "\"%s\"", canonical);
	again = clean_url_canonical(canonical);
	check_same(canonical, again, "a canonical URL is its own");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct buf text = BUF_INIT(1u << 20), appended = BUF_INIT(1u << 20);
	char *line, *second;
	auto_free char *base = NULL, *url = NULL;
	bool there;

	buf_clear(&text);
	buf_clear(&appended);
	text_scrub(&text, (const char *)data, size);
	if (text.len == 0)
		return 0;
	line = text.bytes;
	second = strchr(line, '\n');
	if (second)
		*second++ = '\0';
	base = second ? clean_url(second, NULL) : NULL;
	url = clean_url(line, base);
	there = clean_url_append(line, strlen(line), base, &appended);
	FUZZ_CHECK(there == (url != NULL) && (there || appended.len == 0), "two readings of \"%s\"", line);
	if (url) {
		check_same(url, buf_str(&appended), "appended");
		check_absolute(url, base);
		check_canonical(url);
	}
	return 0;
}
