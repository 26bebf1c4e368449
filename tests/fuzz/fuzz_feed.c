/*
 * Feed bytes, cut into chunks, to a document. The first two bytes of the input choose what comes besides the document:
 * content type and URL, the size of the chunks in which the XML parser gets it, and how long a text is that it does not get.
 */
#include "../../src/parse/xml.h"
#include "fuzz.h"

#include <string.h>

const char fuzz_name[] = "feed";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_init();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {
		NULL, "application/rss+xml", "application/atom+xml; charset=utf-8", "text/xml; charset=iso-8859-1",
		"application/feed+json", "text/html", "application/xml; charset=\"windows-1251\"", "text/xml; charset=utf-16",
	};
	static const char *const urls[] = {"https://example.org/a/feed.xml", "http://example.org", "", "http://u:p@[::1]:8080/x/?y=z#f"};
	static const size_t runs[] = {1, SIZE_MAX, 12, 0};
	struct ingest_request request;

	if (size < 2)
		return 0;
	request = (struct ingest_request){
		.content_type = types[data[0] & 7], .url = urls[(data[0] >> 3) & 3], .bytes = (const char *)data + 2, .len = size - 2};
	xml_set_chunk_bytes((size_t)1 << (data[1] % 15));
	xml_set_run_bytes(runs[data[1] / 15 % 4]);
	fuzz_ingest(&request);
	return 0;
}
