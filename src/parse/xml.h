#ifndef SYNDICATED_PARSE_XML_H
#define SYNDICATED_PARSE_XML_H
/*
 * The one door to libxml2's XML parser. Behind it stands what reliability.md section 1.2 measured: own SAX2 handlers,
 * no entity but characters, no loader, limits on depth, attributes, tokens and on what comes out (REL-1 to REL-10).
 * Takes clean UTF-8 without declaration (encoding.h). Calls back in document order; never aborts.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/err.h"

struct xml_name {
	const char *uri;    /* NULL: no namespace, or a prefix that was never declared */
	const char *prefix; /* NULL: none */
	const char *local;
};

struct xml_attribute {
	struct xml_name name;
	const char *value; /* decoded */
};

struct xml_element {
	struct xml_name name;
	const struct xml_attribute *attributes;
	size_t n_attributes;
	uint32_t line;
};

struct xml_handler { /* what is passed lives until the call returns */
	void (*start_cb)(const struct xml_element *e, void *ctx);
	void (*end_cb)(const char *local, void *ctx);
	void (*text_cb)(const char *s, size_t len, void *ctx);
};

struct xml_result {
	bool complete; /* REL-10: read to the end, well-formed, nothing stopped */
	uint32_t line; /* of the damage */
	char reason[160];
};

void xml_init(void);
void xml_parse(const char *text, size_t len, const struct xml_handler *handler, void *ctx, struct xml_result *ret);

/* How often something asked for an external entity, and was given nothing (REL-2). */
unsigned xml_external_requests(void);

/* The value of the attribute in no namespace, or NULL. */
const char *xml_attribute(const struct xml_element *e, const char *local);
/* The value of the attribute in a namespace, or NULL. */
const char *xml_attribute_ns(const struct xml_element *e, const char *uri, const char *local);

#define XML_URI "http://www.w3.org/XML/1998/namespace"

#endif
