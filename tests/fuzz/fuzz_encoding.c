/* Bytes of any encoding to clean UTF-8 (REL-11, REL-12). The first byte of the input chooses the content type. */
#include "fuzz.h"

#include <string.h>

#include "src/parse/encoding.h"
#include "syndicated/base/text.h"

const char fuzz_name[] = "encoding";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_init();
	return 0;
}

/* One that anybody would take for an XML declaration: ended, before anything else begins. */
static bool is_declaration(const char *s, size_t len)
{
	for (size_t i = 6; i + 1 < len && i < 200 && len > 6 && memcmp(s, "<?xml ", 6) == 0 && s[i] != '<'; i++) {
		if (s[i] == '?' && s[i + 1] == '>')
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {
		NULL, "text/xml; charset=utf-8", "text/xml; charset=windows-1251", "text/xml; charset=shift_jis", "text/xml; charset=utf-16",
		"text/xml; charset=gb18030", "text/xml; charset=iso-2022-jp", "text/xml; charset=utf-7", "text/xml; charset=euc-kr",
		"text/xml; charset=big5-hkscs", "text/xml; charset=iso-8859-1", "text/xml; charset=koi8-r", "text/xml; charset=", "text/xml;charset=\"utf-32\"",
		"text/xml; charset='x-nope", "application/json",
	};
	struct utf8_text text = {0};
	struct problem_list problems = {0};

	if (size < 1)
		return 0;
	encoding_to_utf8((const char *)data + 1, size - 1, types[data[0] & 15], &text, &problems);
	FUZZ_CHECK(text.len <= 4 * size + 64, "%zu bytes became %zu", size, text.len);
	FUZZ_CHECK(text_is_clean(text.s, text.len), "what comes out is not clean UTF-8");
	FUZZ_CHECK(!is_declaration(text.s, text.len), "the declaration is still there");
	utf8_text_done(&text);
	for (size_t i = 0; i < problems.n; i++)
		fuzz_check_text(problems.items[i].text, "a problem");
	problem_list_done(&problems);
	return 0;
}
