#include "syndicated/ingest.h"

#include "syndicated/clean.h"
#include "syndicated/identify.h"
#include "syndicated/parse.h"

enum ingest_status ingest_run(const struct ingest_request *request, struct feed_document **ret, struct err *message)
{
	const struct parse_input in = {
		.bytes = request->bytes,
		.len = request->len,
		.content_type = request->content_type,
		.release_cb = request->release_cb,
		.release_ctx = request->release_ctx,
	};
	struct raw_feed *raw = NULL;
	enum parse_status status;

	/* The parser has said for people what it is instead: "this is an HTML page, not a feed". */
	status = parse_input(&in, &raw, message);
	if (status != PARSE_OK)
		return INGEST_NOT_A_FEED;
	*ret = clean_feed(raw, request->url ? request->url : "", request->raw_html ? CLEAN_HTML_RAW : CLEAN_HTML_SAFE);
	raw_feed_free(raw);
	identify_document(*ret);
	return INGEST_OK;
}
