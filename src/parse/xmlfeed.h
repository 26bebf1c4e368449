#ifndef SYNDICATED_PARSE_XMLFEED_H
#define SYNDICATED_PARSE_XMLFEED_H
/* Feeds in XML: strictly by xml.h, and what that refuses once more by lenient.h, both into the tables of namespace.h. */
#include "syndicated/parse.h"

/* first_line: the number of the text's first line in the document. */
enum parse_status xmlfeed_read(const char *text, size_t len, uint32_t first_line, struct raw_feed *feed, struct err *message);

#endif
