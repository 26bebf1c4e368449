#ifndef SYNDICATED_PARSE_JSONSCAN_H
#define SYNDICATED_PARSE_JSONSCAN_H
/*
 * Where the items of a JSON document are, without reading it: brackets and strings are counted, no more. So a document
 * is loaded item by item, which bounds memory by the largest item, and what comes before damage is whole.
 */
#include <stdbool.h>
#include <stddef.h>

enum json_kind { JSON_KIND_FEED, JSON_KIND_RSS };

struct json_items {
	bool found;
	enum json_kind kind; /* items of JSON Feed, or item of RSS-in-JSON */
	size_t depth;        /* objects that are open around the array */
	size_t from;         /* behind "[" */
	size_t to;           /* at "]"; the end of the text when there is none */
	size_t end;          /* behind the document's last bracket; the end of the text when there is none */
	size_t values_around; /* at least as many as there are outside of the array */
	bool closed;         /* both are there */
};

void json_find_items(const char *s, size_t len, struct json_items *ret);

/*
 * The next object of the array from *at on, which moves behind it. False at the end. *ret_values counts what is in it, or
 * more; *ret_whole is false when the text ends in it.
 */
bool json_next_item(const char *s, const struct json_items *items, size_t *at, size_t *ret_start, size_t *ret_values, bool *ret_whole);

#endif
