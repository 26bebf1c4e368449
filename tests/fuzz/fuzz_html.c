/* Foreign HTML to safe HTML and to text (REL-90 to REL-92). The first byte of the input chooses the base. */
#include "fuzz.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"

const char fuzz_name[] = "html";

/* A link may become an absolute URL with its rel, a `"` a reference; the cap on depth bounds what is opened again. */
enum { GROWTH = 128, GROWTH_FREE = 4096 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_init();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const bases[] = {NULL, "https://example.org/a/b?c", "http://example.org/", "https://[2001:db8::1]:8443/x/y/"};
	static struct buf out = BUF_INIT(64u << 20), again = BUF_INIT(64u << 20), text = BUF_INIT(64u << 20), only_text = BUF_INIT(64u << 20);
	const char *base;

	if (size < 1)
		return 0;
	base = bases[data[0] & 3];
	buf_clear(&out);
	buf_clear(&again);
	buf_clear(&text);
	buf_clear(&only_text);
	clean_html_with_text((const char *)data + 1, size - 1, base, &out, &text);
	FUZZ_CHECK(buf_error(&out) == 0 && buf_error(&text) == 0, "the buffers are large enough");
	FUZZ_CHECK(out.len <= GROWTH * size + GROWTH_FREE, "%zu bytes became %zu", size, out.len);
	FUZZ_CHECK(text.len <= 8 * size + 64, "%zu bytes became %zu of text", size, text.len);
	fuzz_check_html(buf_str(&out), out.len);
	FUZZ_CHECK(text_is_clean(buf_str(&text), text.len), "the text is not clean");
	clean_html(buf_str(&out), out.len, base, &again);
	FUZZ_CHECK(out.len == again.len && memcmp(buf_str(&out), buf_str(&again), out.len) == 0, "a second pass changes it:\n%s\n%s", buf_str(&out),
	           buf_str(&again));
	clean_html_to_text((const char *)data + 1, size - 1, &only_text);
	FUZZ_CHECK(text_is_clean(buf_str(&only_text), only_text.len), "the text alone is not clean");
	return 0;
}
