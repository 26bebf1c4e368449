#ifndef SYNDICATED_PARSE_READER_H
#define SYNDICATED_PARSE_READER_H
/*
 * From the parser's calls to a raw feed: the stack of open elements, the text of the one being collected, xml:base and
 * xml:lang. What elements mean is in the tables of namespace.h; their special rows call the functions below.
 */
#include "namespace.h"
#include "syndicated/model/raw_feed.h"

struct reader;

/* The handler whose ctx is the reader and whose sink is reader_sink(). Frees with reader_free(); the feed stays the caller's. */
struct reader *reader_new(struct raw_feed *feed);
struct reader *reader_free(struct reader *r);
extern const struct xml_handler reader_handler;
struct xml_sink *reader_sink(struct reader *r);

/* The document element, for a message; NULL when there was none. */
const char *reader_root(const struct reader *r);
/* True when the document element was one of a feed; of a whole RDF document, when there is anything of a feed in it. After reader_finish(). */
bool reader_is_feed(const struct reader *r);
/* After the last call: drops the item that damage cut off. */
void reader_finish(struct reader *r, bool complete);

/* For the rows of the tables. */
struct raw_feed *reader_feed(struct reader *r);
struct raw_item *reader_item(struct reader *r);     /* NULL outside of items */
void reader_set_format(struct reader *r, const char *format);
void reader_begin_item(struct reader *r, const struct xml_element *e);
char *reader_keep(struct reader *r, const char *s);  /* trimmed copy in the arena; NULL for NULL or nothing */
void reader_fill(struct reader *r, enum slot slot, enum rank rank, const char *text, enum raw_text_kind kind);
/* NULL when there is no address; else the link, for what else is known of it. Valid until the next one is added. */
struct raw_link *reader_add_link(struct reader *r, const struct xml_element *e, const char *href, const char *rel);
void reader_add_person(struct reader *r, enum rank rank); /* opened now, filled by PLACE_PERSON rows */
void reader_end_person(struct reader *r);
void reader_set_person(struct reader *r, const char *field, const char *text);
void reader_add_category(struct reader *r, const char *term, const char *scheme, const char *label);
struct raw_enclosure *reader_add_enclosure(struct reader *r, const struct xml_element *e, const char *url, const char *length);
/* An attribute of the element that is ending, kept from its start by rows that need it at its end. */
enum remember { REMEMBER_HREF, REMEMBER_REL, REMEMBER_TYPE, REMEMBER_SCHEME, REMEMBER_LABEL, REMEMBERED };
void reader_remember(struct reader *r, enum remember what, const char *value);
const char *reader_remembered(const struct reader *r, enum remember what);
/* Sets how the text that begins now is to be understood. */
void reader_set_kind(struct reader *r, enum raw_text_kind kind);
void reader_set_xhtml(struct reader *r);
void reader_set_base64(struct reader *r); /* text when decoded; what is binary then is no text and goes */
/* The field that has begun is no text after all: nothing of it is kept. */
void reader_drop_field(struct reader *r);
/* What fills the item's slot so far gives way to what is read next. */
void reader_yield(struct reader *r, enum slot slot);

#endif
