#include "syndicated/ingest.h"

#include "syndicated/clean.h"
#include "syndicated/identify.h"
#include "syndicated/parse.h"

enum ingest_status ingest_run(const struct ingest_request *request, struct feed_document **ret, struct err *message)
{
	struct raw_feed *raw = NULL;
	enum parse_status status;

	/* The parser has said for people what it is instead; of a page there is more to say. */
	status = parse_feed(request->bytes, request->len, request->content_type, &raw, message);
	if (status == PARSE_HTML)
		discover_say(request, message);
	if (status != PARSE_OK)
		return INGEST_NOT_A_FEED;
	*ret = clean_feed(raw, request->url ? request->url : "", request->raw_html ? CLEAN_HTML_RAW : CLEAN_HTML_SAFE);
	raw_feed_free(raw);
	identify_document(*ret);
	return INGEST_OK;
}
