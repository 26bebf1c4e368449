#ifndef SYNDICATED_PARSE_XML_H
#define SYNDICATED_PARSE_XML_H
/*
 * The one door to libxml2's XML parser. Behind it stands what reliability.md section 1.2 measured: own SAX2 handlers,
 * no entity but characters, no loader, limits on depth, attributes, tokens and on what comes out (REL-1 to REL-10).
 * Takes clean UTF-8 without a declaration that names another encoding (encoding.h). Calls back in document order; never
 * aborts. lenient.h calls the same handlers for what is no XML.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/err.h"

/* Names are interned for one reading: the same name is the same pointer, until xml_parse() returns. */
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

/*
 * Where text goes without a call: the reader sets it to room of its own while it collects, and takes what is between
 * its start and `at`. What does not fit goes to text_cb; with at == end all text does.
 */
struct xml_sink {
	char *at;
	char *end;
};

struct xml_handler { /* what is passed lives until the call returns, names longer */
	void (*start_cb)(const struct xml_element *e, void *ctx);
	void (*end_cb)(const struct xml_name *name, void *ctx);
	void (*text_cb)(const char *s, size_t len, void *ctx);
	/* Only asked by lenient.h, before start_cb: whether the open element has to end first. NULL: never. */
	bool (*must_end_cb)(const struct xml_element *e, void *ctx);
};

enum xml_stop {
	XML_STOP_NONE,    /* read to its end, or not well-formed */
	XML_STOP_ENTITY,  /* it declares an entity (REL-3) */
	XML_STOP_LIMIT,   /* depth, attributes, token, growth */
};

struct xml_result {
	bool complete; /* REL-10: read to the end, well-formed, nothing stopped */
	bool root_is_sound; /* the document element was read to its end: what is wrong is behind it */
	enum xml_stop stop;
	uint32_t line; /* of the damage */
	char reason[160];
};

void xml_init(void);
void xml_parse(const char *text, size_t len, const struct xml_handler *handler, void *ctx, struct xml_sink *sink, struct xml_result *ret);

/* Bytes given to the parser at once: 16 KiB. Fuzzing cuts documents elsewhere; 0 sets it back. Not for threads. */
void xml_set_chunk_bytes(size_t n);
/* Texts of so many bytes are read without the parser (xml_run.h): 96, which is worth the stop. Also for tests; 0 sets it back. */
void xml_set_run_bytes(size_t n);

/* How often something asked for an external entity, and was given nothing (REL-2). */
unsigned xml_external_requests(void);

/* The code point of an HTML entity's name (REL-4), or 0. */
uint32_t xml_entity(const char *name, size_t len);

/* The value of the attribute in no namespace, or NULL. As of elements' names, the case of letters does not matter: XML's own first. */
const char *xml_attribute(const struct xml_element *e, const char *local);
/* The value of the attribute in a namespace, or NULL. */
const char *xml_attribute_ns(const struct xml_element *e, const char *uri, const char *local);

#define XML_URI "http://www.w3.org/XML/1998/namespace"

#endif
