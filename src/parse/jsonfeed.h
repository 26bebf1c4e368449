#ifndef SYNDICATED_PARSE_JSONFEED_H
#define SYNDICATED_PARSE_JSONFEED_H
/* JSON Feed 1.0 and 1.1, by Jansson. Lenient: a member of the wrong type is absent, an id may be a number. */
#include "syndicated/parse.h"

/* Once a process: Jansson borrows its memory from then on (mem_lend()). */
void jsonfeed_init(void);

/* PARSE_OK and a filled feed; PARSE_NOT_FEED for other JSON; PARSE_BROKEN for what is none. */
enum parse_status jsonfeed_read(const char *text, size_t len, struct raw_feed *feed, struct err *message);

#endif
