#ifndef SYNDICATED_PARSE_READER_INTERNAL_H
#define SYNDICATED_PARSE_READER_INTERNAL_H
/* What the reader's files share: reader.c is the stack and the parser's calls, reader_text.c collects, reader_fill.c fills. */
#include "reader.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"

struct outer_item { /* put aside while an item inside it is read */
	size_t number; /* among all of the feed, counted from 0; 0 for one that was dropped */
	size_t bytes;
	uint8_t ranks[SLOTS];
};

struct frame {
	const struct rule *rule;
	enum place place; /* of the children */
	const char *base;
	const char *language;
	const struct outer_item *outer;
	bool opened_item;
	bool opened_person;
};

enum { RULE_CACHE = 256, TABLE_CACHE = 32 };

struct cached_rule {
	const char *local;
	const char *uri;
	const char *prefix;
	enum place place;
	uint32_t age; /* of what was known then */
	const struct rule *rule;
};

struct cached_table {
	const char *uri;
	const char *prefix;
	const struct namespace_table *table;
	bool known;
};

struct reader {
	struct raw_feed *feed;
	size_t depth; /* of the stack */
	size_t skipped; /* elements deeper than the stack */
	char root[64];
	const char *root_uri; /* of a feed's document element, when no table knows it: then it means the format's own */
	bool is_feed;
	bool is_atom;
	bool is_cdf;
	bool has_parts; /* a channel, or an item, has begun in <rss> or <rdf:RDF> */
	bool has_others; /* something that no feed has there */
	bool has_channel;
	bool said_bare; /* that it stands outside of a channel */

	struct raw_item *item;
	struct raw_item dropped; /* stands for one that newer ones in it have pushed out: what else it says goes nowhere */
	bool item_refused; /* the feed has no room for it */
	bool item_full;    /* said already */
	bool item_mistaken; /* an <item> that was to be an </item>: it goes when it ends */
	bool nested_said;
	size_t item_bytes;
	struct raw_person *person;
	bool person_ignored;
	uint8_t feed_ranks[SLOTS];
	uint8_t item_ranks[SLOTS];

	/* Text of the leaf being collected: text[0 .. sink.at). */
	size_t collecting; /* depth of its element, 0 for none */
	struct xml_sink sink;
	char *text;
	size_t text_capacity;
	bool text_cut;
	enum raw_text_kind kind;
	bool xhtml;
	bool base64;
	const char *remembered[REMEMBERED]; /* in the feed's arena */

	struct cached_rule rules[RULE_CACHE];
	uint32_t rules_age; /* of those that hold */
	struct cached_table tables[TABLE_CACHE];
	struct frame stack[LIMIT_XML_DEPTH + 2]; /* cleared one by one */
};

/* reader_fill.c: reader_fill() for a text whose length is known; NUL terminated all the same */
void reader_fill_bytes(struct reader *r, enum slot slot, enum rank rank, const char *text, size_t len, enum raw_text_kind kind);

/* reader_text.c */
void reader_begin_field(struct reader *r, const struct rule *rule);
void reader_end_field(struct reader *r);
void reader_append_text(struct reader *r, const char *s, size_t len); /* up to the limit of a field (REL-8) */
void reader_write_tag(struct reader *r, const struct xml_element *e);
void reader_write_end(struct reader *r, const char *name);

#endif
