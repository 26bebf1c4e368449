#ifndef SYNDICATED_PARSE_JSONFEED_INTERNAL_H
#define SYNDICATED_PARSE_JSONFEED_INTERNAL_H
/* What the readers of JSON share: jsonfeed.c JSON Feed, rssjson.c RSS-in-JSON, jsonrepair.c mistakes. */
#include <jansson.h>
#include <stdbool.h>

#include "syndicated/base/buf.h"
#include "syndicated/model/raw_feed.h"

/* A string, or a number written out; NULL for anything else. In the feed's arena. */
const char *jsonfeed_value(struct raw_feed *f, const json_t *v);
const char *jsonfeed_keep(struct raw_feed *f, const json_t *object, const char *member);
void jsonfeed_add_link(struct raw_feed *f, struct raw_list *l, const char *href, const char *rel);

/* The value of "rss" of an RSS-in-JSON document. False when it has no channel. */
bool rssjson_read(struct raw_feed *f, const json_t *rss);
void rssjson_read_item(struct raw_feed *f, const json_t *v);

/*
 * JSON that a strict reader refuses, as JSON of the same meaning: appended to out. True when it is whole, false when it
 * ends too early (then out does too). Linear.
 */
bool json_repair(const char *text, size_t len, struct buf *out);

#endif
