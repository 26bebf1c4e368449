#include "syndicated/parse.h"

#include <string.h>

#include "detect.h"
#include "encoding.h"
#include "jsonfeed.h"
#include "lenient.h"
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

/* What an XML parser refused, read by the lenient reader into a feed of its own. */
static struct raw_feed *read_leniently(const char *text, size_t len, struct reader **ret_reader, struct lenient_result *ret)
{
	struct raw_feed *feed = raw_feed_new();
	struct reader *r = reader_new(feed);

	lenient_parse(text, len, 1, &reader_handler, r, reader_sink(r), &feed->problems, ret);
	reader_finish(r, ret->complete);
	*ret_reader = r;
	return feed;
}

static void move_problems(struct problem_list *from, struct problem_list *to)
{
	for (size_t i = 0; i < from->n; i++)
		problem_add(to, from->items[i].code, from->items[i].line, "%s", from->items[i].text);
}

static void note_damage(struct raw_feed *feed, const struct xml_result *strict, const struct lenient_result *lenient)
{
	if (strict->stop == XML_STOP_ENTITY)
		problem_add(&feed->problems, "entity-declared", strict->line, "The document declares an entity, which no feed needs and attacks use; it was read without.");
	else
		problem_add(&feed->problems, "not-well-formed", strict->line, "The document is not well-formed XML (%s); it was repaired.", strict->reason);
	if (!lenient->complete)
		problem_add(&feed->problems, "damaged", lenient->line, "The document ends before its end; %zu whole items were kept.", feed->n_items);
}

static bool says_nothing(const struct raw_feed *f)
{
	return f->n_items == 0 && !f->title.value && f->links.n == 0;
}

/* Strictly, and when that fails once more leniently; *feed is then another one. */
static enum parse_status read_xml(const char *text, size_t len, struct raw_feed **feed, struct err *message)
{
	struct reader *r = reader_new(*feed);
	struct xml_result result;
	enum parse_status status = PARSE_OK;

	xml_parse(text, len, &reader_handler, r, reader_sink(r), &result);
	reader_finish(r, result.complete);
	if (!result.complete && result.stop != XML_STOP_LIMIT) {
		struct lenient_result lenient;
		struct reader *again;
		struct raw_feed *repaired = read_leniently(text, len, &again, &lenient);

		note_damage(*feed, &result, &lenient);
		move_problems(&repaired->problems, &(*feed)->problems);
		problem_list_done(&repaired->problems);
		repaired->problems = (*feed)->problems;
		(*feed)->problems = (struct problem_list){ 0 };
		raw_feed_free(*feed);
		reader_free(r);
		*feed = repaired;
		r = again;
	} else if (!result.complete) {
		problem_add(&(*feed)->problems, "damaged", result.line, "The document is damaged (%s); %zu whole items before that were kept.",
		            result.reason, (*feed)->n_items);
	}
	if (!reader_is_feed(r) && (result.complete || reader_root(r))) {
		err_set(message, ERR_INVALID, "this is XML, but no feed: its document element is <%s>", reader_root(r));
		status = PARSE_NOT_FEED;
	} else if (!reader_is_feed(r) || (!(*feed)->complete && says_nothing(*feed))) {
		err_set(message, ERR_INVALID, "the document is damaged in line %u, before anything could be read: %s", result.line, result.reason);
		status = PARSE_BROKEN;
	}
	reader_free(r);
	return status;
}

static enum parse_status read_text(const char *text, size_t len, struct raw_feed **feed, struct err *message)
{
	switch (detect_format(text, len)) {
	case DETECT_EMPTY:
		err_set(message, ERR_INVALID, "the document is empty");
		return PARSE_EMPTY;
	case DETECT_HTML:
		err_set(message, ERR_INVALID, "this is an HTML page, not a feed");
		return PARSE_HTML;
	case DETECT_JSON:
		return jsonfeed_read(text, len, *feed, message);
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
		status = read_text(buf_str(&text), text.len, &feed, message);
	}
	buf_done(&text);
	if (status == PARSE_OK)
		*ret = feed;
	else
		raw_feed_free(feed);
	return status;
}
