#ifndef SYNDICATED_PARSE_XML_RUN_H
#define SYNDICATED_PARSE_XML_RUN_H
/*
 * Long runs of text, which are most of what feeds consist of: found and decoded here, so that libxml2, whose push parser
 * looks at each byte of them several times, sees only what stands between. It stays the judge: xml.c asks it at the
 * beginning of each run whether a text is what it expects there, and it is given whatever is not understood here.
 */
#include <stdbool.h>
#include <stddef.h>

enum { XML_SLICE_BYTES = 4096 };

struct xml_run {
	const char *from; /* behind the ">" of a tag, or behind "<![CDATA[" */
	const char *to;   /* at the "<", or at the "]]>" */
	bool cdata;
};

/*
 * The first run of at least min bytes that begins behind s, by how things look; s is not inside a run. False: there is
 * none to the end. Reads each byte once or twice when it is called again with what it returned in `to`.
 */
bool xml_find_run(const char *s, const char *end, size_t min, struct xml_run *ret);

/*
 * Decodes the text from *s to `end`, where its element's text ends, as far as it is surely well-formed, and at most a
 * slice of it: references to characters and to XML's and HTML's entities, and ends of lines (XML 1.0 section 2.11). *s
 * then stands behind that. Returns the bytes written; out has room for a slice, or for as much as there is to be read.
 */
size_t xml_decode_slice(const char **s, const char *end, char *out);

#endif
