#ifndef SYNDICATED_PARSE_LENIENT_INTERNAL_H
#define SYNDICATED_PARSE_LENIENT_INTERNAL_H
/* What the lenient reader's files share: lenient.c walks, lenient_tag.c reads tags, lenient_stack.c knows what is open. */
#include <libxml/tree.h>

#include "lenient.h"
#include "syndicated/base/limits.h"

enum repair {
	REPAIR_AMPERSAND,
	REPAIR_ENTITY,
	REPAIR_CHARACTER,
	REPAIR_LESS_THAN,
	REPAIR_TAG,
	REPAIR_ATTRIBUTE,
	REPAIR_UNCLOSED,
	REPAIR_STRAY_END,
	REPAIR_CDATA,
	REPAIR_COMMENT,
	REPAIR_DOCTYPE,
	REPAIR_PREFIX,
	REPAIR_SEVERAL,
	REPAIR_OUTSIDE,
	REPAIR_DEPTH,
	REPAIRS
};

enum { LENIENT_BINDINGS = 256, LENIENT_DEEP_NAMES = 256 };

struct open_element {
	struct xml_name name;
	const char *raw;     /* as written, with its prefix */
	const char *folded;  /* the same in lower case; interned */
	size_t n_bindings;   /* before it */
};

struct binding {
	const char *prefix; /* NULL: the default namespace */
	const char *uri;    /* NULL: none */
};

struct lenient {
	const char *s;
	size_t len;
	size_t at;
	const struct xml_handler *handler;
	void *ctx;
	struct xml_sink *sink;
	xmlDictPtr dict;
	size_t depth;
	size_t too_deep;      /* open elements that were not handed out, above the others */
	uint32_t deep_names[LENIENT_DEEP_NAMES]; /* how many of them, by a hash of the name */
	size_t roots;         /* document elements so far */
	bool no_declaration_end;
	bool cut;             /* the end of the text was inside a tag */
	bool root_is_sound;   /* the first document element is well-formed */
	size_t n_bindings;

	size_t n_attributes; /* of the tag at hand */
	struct buf values;

	/* Where something was last looked for and found (or len), so that no text is searched twice for it. */
	size_t next_comment_end, next_cdata_end, next_pi_end, next_double, next_single;

	/* Lines, counted up to line_at. */
	size_t line_at;
	uint32_t line;
	struct {
		uint32_t first_line;
		size_t count;
	} repairs[REPAIRS];

	struct open_element open[LIMIT_XML_DEPTH]; /* not cleared, as all behind */
	struct binding bindings[LENIENT_BINDINGS];
	struct xml_attribute attributes[LIMIT_XML_ATTRIBUTES]; /* values are offsets into `values` until the tag ends */
	size_t offsets[LIMIT_XML_ATTRIBUTES];
};

uint32_t lenient_line(struct lenient *l, size_t at); /* at never goes back by much: counted from the last place */
void lenient_repair(struct lenient *l, enum repair what, size_t at);
const char *lenient_intern(struct lenient *l, const char *s, size_t len);

/* The position of the next `what` at or behind `from`, or len; *memo makes a second search of the same text free. */
size_t lenient_find(struct lenient *l, size_t from, const char *what, size_t *memo);

/* A reference at s, which begins with "&": appends what it stands for, or itself, and returns how many bytes it took. */
size_t lenient_reference(struct lenient *l, const char *s, size_t len, char out[8], size_t *ret_len);

/* The start tag at l->at ("<" and a letter follow): reads and opens it. */
void lenient_start_tag(struct lenient *l);

void lenient_open(struct lenient *l, const char *raw, size_t len, bool closed, size_t at);
void lenient_close_top(struct lenient *l);
void lenient_end_tag(struct lenient *l, const char *raw, size_t len, size_t at);

static inline bool lenient_is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || (unsigned char)c >= 0x80;
}

#endif
