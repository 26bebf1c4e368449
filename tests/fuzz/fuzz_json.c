/*
 * JSON Feed. The first byte of the input chooses where the rest goes: the whole document, members of an item, or the
 * value of one member, so that mutations reach behind the syntax.
 */
#include "fuzz.h"

#include <string.h>

#include "syndicated/base/buf.h"

const char fuzz_name[] = "json";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_init();
	return 0;
}

static void append_string(struct buf *b, const uint8_t *s, size_t len)
{
	buf_append_char(b, '"');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"' || s[i] == '\\' || s[i] < ' ')
			buf_append_printf(b, "\\u%04x", s[i]);
		else
			buf_append_char(b, (char)s[i]);
	}
	buf_append_char(b, '"');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"items\":[{\"id\":\"1\",";
	static const char *const members[] = {
		"\"content_html\":", "\"title\":", "\"url\":", "\"date_published\":", "\"tags\":[\"a\",", "\"authors\":[{\"url\":", "\"attachments\":[{\"url\":",
	};
	static const char *const tails[] = {"}]}", "}]}", "}]}", "}]}", "]}]}", "}]}]}", ",\"size_in_bytes\":5}]}]}"};
	static struct buf document = BUF_INIT(16u << 20);
	struct ingest_request request = {.url = "https://example.org/feed.json", .content_type = "application/feed+json"};
	size_t kind;

	if (size < 1)
		return 0;
	kind = data[0] % 9;
	buf_clear(&document);
	if (kind == 0) {
		buf_append(&document, data + 1, size - 1);
	} else if (kind == 1) {
		buf_append_str(&document, head);
		buf_append(&document, data + 1, size - 1);
		buf_append_str(&document, "}]}");
	} else {
		buf_append_str(&document, head);
		buf_append_str(&document, members[kind - 2]);
		append_string(&document, data + 1, size - 1);
		buf_append_str(&document, tails[kind - 2]);
	}
	request.bytes = buf_str(&document);
	request.len = document.len;
	fuzz_ingest(&request);
	return 0;
}
