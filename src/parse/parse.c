/* Bytes to a raw feed: unpack, decode, tell the format, and the format's reader. */
#include "syndicated/parse.h"

#include <string.h>

#include "detect.h"
#include "encoding.h"
#include "jsonfeed.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "unpack.h"
#include "xml.h"
#include "xmlfeed.h"

void parse_init(void)
{
	xml_init();
	encoding_init();
}

static enum parse_status read_text(const struct utf8_text *t, struct raw_feed *feed, struct err *message)
{
	switch (detect_format(t->s, t->len)) {
	case DETECT_EMPTY:
		err_set(message, ERR_INVALID, "the document is empty");
		return PARSE_EMPTY;
	case DETECT_HTML:
		err_set(message, ERR_INVALID, "this is an HTML page, not a feed");
		return PARSE_HTML;
	case DETECT_JSON:
		return jsonfeed_read(t->s, t->len, feed, message);
	case DETECT_XML:
		return xmlfeed_read(t->s, t->len, t->first_line, feed, message);
	case DETECT_OTHER:
	default:
		err_set(message, ERR_INVALID, "this is neither XML nor JSON, so it is no feed");
		return PARSE_NOT_FEED;
	}
}

static enum parse_status read_document(const char *bytes, size_t len, const char *content_type, struct raw_feed *feed, struct err *message)
{
	struct utf8_text text;
	enum parse_status status;

	encoding_to_utf8(bytes, len, content_type, &text, &feed->problems);
	status = read_text(&text, feed, message);
	utf8_text_done(&text);
	return status;
}

enum parse_status parse_feed(const char *bytes, size_t len, const char *content_type, struct raw_feed **ret, struct err *message)
{
	struct buf unpacked = BUF_INIT(LIMIT_FEED_BYTES);
	struct raw_feed *feed;
	enum parse_status status = PARSE_BROKEN;

	if (len > LIMIT_FEED_BYTES) {
		err_set(message, ERR_TOO_BIG, "the document has more than %u MiB", LIMIT_FEED_BYTES >> 20);
		return PARSE_BROKEN;
	}
	feed = raw_feed_new();
	if (unpack_body(bytes, len, &unpacked, &feed->problems, message) == 0) {
		if (unpacked.len)
			status = read_document(unpacked.bytes, unpacked.len, content_type, feed, message);
		else
			status = read_document(bytes, len, content_type, feed, message);
	}
	buf_done(&unpacked);
	if (status == PARSE_OK)
		*ret = feed;
	else
		raw_feed_free(feed);
	return status;
}
