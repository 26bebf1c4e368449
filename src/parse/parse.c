#include "syndicated/parse.h"

#include <string.h>

#include "detect.h"
#include "encoding.h"
#include "jsonfeed.h"
#include "reader.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"

void parse_init(void)
{
	struct buf warm = BUF_INIT(64);
	struct problem_list problems = { 0 };

	xml_init();
	/* ICU opens its data at the first converter; in the sandbox it could not. */
	encoding_to_utf8("a\xE9", 2, "text/plain; charset=windows-1251", &warm, &problems);
	problem_list_done(&problems);
	buf_done(&warm);
}

static enum parse_status read_xml(const char *text, size_t len, struct raw_feed *feed, struct err *message)
{
	struct reader *r = reader_new(feed);
	struct xml_result result;
	enum parse_status status = PARSE_OK;

	xml_parse(text, len, &reader_handler, r, &result);
	reader_finish(r, result.complete);
	if (!reader_is_feed(r) && result.complete) {
		err_set(message, ERR_INVALID, "this is XML, but no feed: its document element is <%s>", reader_root(r) ? reader_root(r) : "?");
		status = PARSE_NOT_FEED;
	} else if (!reader_is_feed(r) || (!result.complete && feed->n_items == 0 && !feed->title.value)) {
		err_set(message, ERR_INVALID, "the document is damaged in line %u, before anything could be read: %s", result.line, result.reason);
		status = PARSE_BROKEN;
	} else if (!result.complete) {
		problem_add(&feed->problems, "damaged", result.line, "The document is damaged (%s); %zu whole items before that were kept.",
		            result.reason, feed->n_items);
	}
	reader_free(r);
	return status;
}

static enum parse_status read_text(const char *text, size_t len, struct raw_feed *feed, struct err *message)
{
	switch (detect_format(text, len)) {
	case DETECT_EMPTY:
		err_set(message, ERR_INVALID, "the document is empty");
		return PARSE_EMPTY;
	case DETECT_HTML:
		err_set(message, ERR_INVALID, "this is an HTML page, not a feed");
		return PARSE_HTML;
	case DETECT_JSON:
		return jsonfeed_read(text, len, feed, message);
	case DETECT_XML:
		return read_xml(text, len, feed, message);
	case DETECT_OTHER:
	default:
		err_set(message, ERR_INVALID, "this is neither XML nor JSON, so it is no feed");
		return PARSE_NOT_FEED;
	}
}

enum parse_status parse_feed(const char *bytes, size_t len, const char *content_type, struct raw_feed **ret, struct err *message)
{
	struct buf text = BUF_INIT(4 * (size_t)LIMIT_FEED_BYTES);
	struct raw_feed *feed;
	enum parse_status status;

	if (len > LIMIT_FEED_BYTES) {
		err_set(message, ERR_TOO_BIG, "the document has more than %u MiB", LIMIT_FEED_BYTES >> 20);
		return PARSE_BROKEN;
	}
	feed = raw_feed_new();
	encoding_to_utf8(bytes, len, content_type, &text, &feed->problems);
	if (buf_error(&text)) {
		err_set(message, ERR_TOO_BIG, "the document is too big in UTF-8");
		status = PARSE_BROKEN;
	} else {
		status = read_text(buf_str(&text), text.len, feed, message);
	}
	buf_done(&text);
	if (status == PARSE_OK)
		*ret = feed;
	else
		raw_feed_free(feed);
	return status;
}
