#ifndef SYNDICATED_PARSE_NAMESPACE_H
#define SYNDICATED_PARSE_NAMESPACE_H
/*
 * What the elements of feeds mean: one table a namespace (ns_*.c), one list of the tables (namespace.c). A row says
 * in which places an element has its meaning and which slot its text fills. So a new namespace is a table, and the
 * reader never changes.
 */
#include <stddef.h>

#include "xml.h"

struct reader;

/* Where we are in a feed. A row names the places it is valid in, and an element can open one. */
enum place {
	PLACE_NONE = 0,       /* unknown ground: nothing in it means anything */
	PLACE_ROOT = 1 << 0,  /* outside the document element */
	PLACE_TOP = 1 << 1,   /* inside <rss> or <rdf:RDF> */
	PLACE_FEED = 1 << 2,
	PLACE_ITEM = 1 << 3,
	PLACE_PERSON = 1 << 4,
	PLACE_SOURCE = 1 << 5,
	PLACE_IMAGE = 1 << 6,
	PLACE_SKIP_HOURS = 1 << 7,
	PLACE_SKIP_DAYS = 1 << 8,
	PLACE_BOTH = PLACE_FEED | PLACE_ITEM,
};

/* Where text goes. When several elements of an item want the same slot, the row of higher rank wins, then the first. */
enum slot {
	SLOT_NONE,
	SLOT_TITLE,
	SLOT_SUMMARY, /* of a feed: the subtitle */
	SLOT_CONTENT,
	SLOT_ID,
	SLOT_PUBLISHED,
	SLOT_UPDATED,
	SLOT_AUTHOR, /* one more in the list, unless a row of higher rank filled it */
	SLOT_CATEGORY,
	SLOT_LINK,
	SLOT_RIGHTS,
	SLOT_LANGUAGE,
	SLOT_COMMENTS,
	SLOT_THUMBNAIL,
	SLOT_GENERATOR,
	SLOT_ICON,
	SLOT_LOGO,
	SLOT_TTL,
	SLOT_PERIOD,
	SLOT_FREQUENCY,
	SLOT_DURATION,
	SLOTS
};

/* What kind of text an element holds. */
enum holds {
	HOLDS_NOTHING,
	HOLDS_PLAIN,
	HOLDS_GUESS,
	HOLDS_HTML,
	HOLDS_TYPED, /* an Atom text construct: its type attribute says */
};

struct rule {
	const char *name;
	unsigned places;
	enum holds holds;
	enum slot slot;
	int rank;
	enum place opens; /* the place its children are in; PLACE_NONE for a leaf */
	void (*start)(struct reader *r, const struct xml_element *e);
	void (*end)(struct reader *r, const char *text); /* instead of filling the slot */
};

struct namespace_table {
	const char *const *uris;  /* NULL-terminated; compared without regard to case, "https:" and a slash at the end */
	const char *prefix;       /* understood when a document forgot to declare it; NULL: elements without prefix */
	const struct rule *rules; /* ends with a row without name */
};

/* The row for an element in a place, or NULL. */
const struct rule *namespace_find(const struct xml_name *name, enum place place);

extern const struct namespace_table ns_rss, ns_rss10, ns_rdf, ns_atom, ns_dc, ns_dcterms, ns_content, ns_media, ns_itunes, ns_sy,
	ns_wfw, ns_xhtml;

#endif
