#include "xmlfeed.h"

#include "lenient.h"
#include "reader.h"

static void note_damage(struct raw_feed *feed, const struct xml_result *r, uint32_t first_line)
{
	uint32_t line = r->line ? r->line + first_line - 1 : 0;

	if (r->stop == XML_STOP_ENTITY)
		problem_add(&feed->problems, "entity-declared", line,
		            "The document declares an entity, which no feed needs and attacks use; it was read without.");
	else if (r->stop == XML_STOP_LIMIT)
		problem_add(&feed->problems, "beyond-limit", line, "The document is beyond what is read of XML (%s); it was read as far as that goes.",
		            r->reason);
	else
		problem_add(&feed->problems, "not-well-formed", line, "The document is not well-formed XML (%s); it was repaired.", r->reason);
}

/* Lines were counted from where the text begins, which is not where the document does. */
static void shift_lines(struct raw_feed *feed, uint32_t first_line)
{
	for (size_t i = 0; first_line > 1 && i < feed->n_items; i++)
		feed->items[i].line += feed->items[i].line ? first_line - 1 : 0;
}

static struct reader *read_leniently(const char *text, size_t len, uint32_t first_line, bool root_is_sound, struct raw_feed *feed)
{
	struct lenient_result result;
	struct reader *r;

	raw_feed_clear(feed);
	r = reader_new(feed);
	lenient_parse(text, len, first_line, root_is_sound, &reader_handler, r, reader_sink(r), &feed->problems, &result);
	reader_finish(r, result.complete);
	if (!result.complete)
		problem_add(&feed->problems, "damaged", result.line, "The document ends before its end; %zu whole items were kept.", feed->n_items);
	return r;
}

static bool says_nothing(const struct raw_feed *f)
{
	return f->n_items == 0 && !f->title.value && f->links.n == 0;
}

static enum parse_status judge(const struct reader *r, const struct raw_feed *feed, const struct xml_result *result, uint32_t first_line,
                               struct err *message)
{
	if (reader_is_feed(r) && (feed->complete || !says_nothing(feed)))
		return PARSE_OK;
	if (reader_root(r) && !reader_is_feed(r)) {
		err_set(message, ERR_INVALID, "this is XML, but no feed: its document element is <%s>", reader_root(r));
		return PARSE_NOT_FEED;
	}
	err_set(message, ERR_INVALID, "the document is damaged in line %u, before anything could be read: %s", result->line + first_line - 1,
	        result->reason);
	return PARSE_BROKEN;
}

enum parse_status xmlfeed_read(const char *text, size_t len, uint32_t first_line, struct raw_feed *feed, struct err *message)
{
	struct reader *r = reader_new(feed);
	struct xml_result result;
	enum parse_status status;

	xml_parse(text, len, &reader_handler, r, reader_sink(r), &result);
	reader_finish(r, result.complete);
	if (!result.complete) {
		note_damage(feed, &result, first_line);
		reader_free(r);
		r = read_leniently(text, len, first_line, result.root_is_sound, feed);
		feed->complete &= result.stop != XML_STOP_LIMIT; /* REL-10 */
	} else {
		shift_lines(feed, first_line);
	}
	status = judge(r, feed, &result, first_line, message);
	reader_free(r);
	return status;
}
