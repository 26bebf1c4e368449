#include "syndicated/parse.h"

#include <string.h>

#include "detect.h"
#include "encoding.h"
#include "jsonfeed.h"
#include "reader.h"
#include "unpack.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"

void parse_init(void)
{
	xml_init();
	encoding_init();
}

/* Lines were counted from where the text begins, which is not where the document does. */
static void shift_lines(struct raw_feed *feed, size_t first_problem, uint32_t by)
{
	for (size_t i = 0; i < feed->n_items; i++)
		feed->items[i].line += feed->items[i].line ? by : 0;
	for (size_t i = first_problem; i < feed->problems.n; i++)
		feed->problems.items[i].line += feed->problems.items[i].line ? by : 0;
}

static enum parse_status read_xml(const char *text, size_t len, uint32_t first_line, struct raw_feed *feed, struct err *message)
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
		err_set(message, ERR_INVALID, "the document is damaged in line %u, before anything could be read: %s", result.line + first_line - 1,
		        result.reason);
		status = PARSE_BROKEN;
	} else if (!result.complete) {
		problem_add(&feed->problems, "damaged", result.line, "The document is damaged (%s); %zu whole items before that were kept.",
		            result.reason, feed->n_items);
	}
	reader_free(r);
	return status;
}

static enum parse_status read_text(const char *text, size_t len, uint32_t first_line, struct raw_feed *feed, struct err *message)
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
		return read_xml(text, len, first_line, feed, message);
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
	size_t n_problems;

	encoding_to_utf8(bytes, len, content_type, &text, &feed->problems);
	n_problems = feed->problems.n;
	status = read_text(text.s, text.len, text.first_line, feed, message);
	shift_lines(feed, n_problems, text.first_line - 1);
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
