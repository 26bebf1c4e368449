#ifndef SYNDICATED_PARSE_LENIENT_H
#define SYNDICATED_PARSE_LENIENT_H
/*
 * The reader of what is meant to be XML and is not: called when xml_parse() has refused a document. One pass, linear in
 * the length, the same calls to the same handlers. It repairs, and says what it repaired, one problem a kind with the
 * first place: bare ampersands and "<", unknown and unfinished references, tags never closed or closed in the wrong
 * order, attributes without quotes, prefixes never declared, CDATA and comments without end, several documents in one.
 * Document type declarations are passed over and none of their entities is ever used (decision 005).
 */
#include "syndicated/model/problem.h"
#include "xml.h"

struct lenient_result {
	bool complete; /* the document element was closed, and nothing was cut off at the end */
	uint32_t line; /* of what was open at the end */
};

/*
 * first_line: the number of the text's first line in the document, for the places of problems. root_is_sound: xml_parse() said so;
 * then nothing ends in its document element that is not ended there (what scripts append to feeds makes no feed another).
 */
void lenient_parse(const char *text, size_t len, uint32_t first_line, bool root_is_sound, const struct xml_handler *handler, void *ctx, struct xml_sink *sink,
                   struct problem_list *problems, struct lenient_result *ret);

#endif
