/* Bytes to a raw feed: unpack, decode, tell the format, and the format's reader. */
#include "syndicated/parse.h"

#include <stdbool.h>
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
	jsonfeed_init();
	encoding_init();
}

struct source {
	const struct parse_input *in;
	struct buf unpacked;
	bool released;
};

static void release(struct source *s)
{
	buf_done(&s->unpacked);
	if (!s->released && s->in->release_cb)
		s->in->release_cb(s->in->release_ctx);
	s->released = true;
}

/* Pages are looked at once more, for the feeds they name; what is read as a feed is not, once it is in another encoding. */
static void release_copied(struct source *s, const struct utf8_text *t)
{
	if (t->owned.len)
		release(s);
}

static enum parse_status read_text(struct source *s, const struct utf8_text *t, struct raw_feed *feed, struct err *message)
{
	switch (detect_format(t->s, t->len)) {
	case DETECT_EMPTY:
		err_set(message, ERR_INVALID, "the document is empty");
		return PARSE_EMPTY;
	case DETECT_HTML:
		err_set(message, ERR_INVALID, "this is an HTML page, not a feed");
		return PARSE_HTML;
	case DETECT_JSON:
		release_copied(s, t);
		return jsonfeed_read(t->s, t->len, feed, message);
	case DETECT_XML:
		release_copied(s, t);
		return xmlfeed_read(t->s, t->len, t->first_line, feed, message);
	case DETECT_OTHER:
	default:
		err_set(message, ERR_INVALID, "this is neither XML nor JSON, so it is no feed");
		return PARSE_NOT_FEED;
	}
}

static enum parse_status read_document(struct source *s, struct raw_feed *feed, struct err *message)
{
	const char *bytes = s->unpacked.len ? s->unpacked.bytes : s->in->bytes;
	size_t len = s->unpacked.len ? s->unpacked.len : s->in->len;
	struct utf8_text text;
	enum parse_status status;

	encoding_to_utf8(bytes, len, s->in->content_type, &text, &feed->problems);
	if (buf_error(&text.owned) == 0) {
		status = read_text(s, &text, feed, message);
	} else {
		err_set(message, ERR_TOO_BIG, "the document has more than %u MiB as UTF-8", LIMIT_FEED_BYTES >> 20);
		status = PARSE_TOO_BIG;
	}
	utf8_text_done(&text);
	return status;
}

enum parse_status parse_input(const struct parse_input *in, struct raw_feed **ret, struct err *message)
{
	struct source s = { .in = in, .unpacked = BUF_INIT(LIMIT_FEED_BYTES) };
	struct raw_feed *feed = NULL;
	enum parse_status status = PARSE_TOO_BIG;

	if (in->len > LIMIT_FEED_BYTES) {
		err_set(message, ERR_TOO_BIG, "the document has more than %u MiB", LIMIT_FEED_BYTES >> 20);
	} else {
		feed = raw_feed_new();
		feed->runs_oldest_first_cb = in->runs_oldest_first_cb;
		if (unpack_body(in->bytes, in->len, &s.unpacked, &feed->problems, message) == 0)
			status = read_document(&s, feed, message);
	}
	if (status == PARSE_OK) {
		release(&s);
		raw_feed_cut(feed);
		*ret = feed;
	} else {
		buf_done(&s.unpacked);
		raw_feed_free(feed);
	}
	return status;
}

enum parse_status parse_feed(const char *bytes, size_t len, const char *content_type, struct raw_feed **ret, struct err *message)
{
	return parse_input(&(struct parse_input){ .bytes = bytes, .len = len, .content_type = content_type }, ret, message);
}
