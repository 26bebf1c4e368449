#ifndef SYNDICATED_PARSE_NAMESPACE_H
#define SYNDICATED_PARSE_NAMESPACE_H
/*
 * What the elements of feeds mean: one table a namespace (ns_*.c), one list of the tables (namespace.c). A row says
 * in which places an element has its meaning and which slot its text fills, by which row of precedence.h. So a new
 * namespace is a table, and the reader never changes.
 */
#include <stddef.h>

#include "precedence.h"
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
	PLACE_MEDIA = 1 << 9, /* inside a file of Media RSS: what is said is said of the file, but for pictures */
	PLACE_GEO = 1 << 10,  /* inside georss:where */
	PLACE_PARTS = 1 << 11, /* inside content that is given in several forms */
	PLACE_BOTH = PLACE_FEED | PLACE_ITEM,
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
	enum rank rank;
	enum place opens; /* the place its children are in; PLACE_NONE for a leaf */
	void (*start)(struct reader *r, const struct xml_element *e);
	void (*end)(struct reader *r, const char *text); /* instead of filling the slot */
};

struct namespace_table {
	const char *const *uris;  /* NULL-terminated; compared without regard to case, "https:" and a slash at the end */
	const char *const *prefixes; /* NULL-terminated; understood when a document forgot to declare them, or wrongly */
	const struct rule *rules; /* ends with a row without name */
};

/* The table of a namespace, or NULL: by URI, else by the usual prefix; elements with neither are RSS's. */
const struct namespace_table *namespace_of(const struct xml_name *name);
/* The row for an element of the table in a place, or NULL. */
const struct rule *namespace_rule(const struct namespace_table *table, const char *local, enum place place);

extern const struct namespace_table ns_rss, ns_rss10, ns_rdf, ns_atom, ns_cdf, ns_dc, ns_dcterms, ns_content, ns_xhtml, ns_media,
	ns_itunes, ns_googleplay, ns_podcast, ns_sy, ns_slash, ns_thr, ns_wfw, ns_georss, ns_geo, ns_gml, ns_feedburner, ns_pheedo,
	ns_admin, ns_cc, ns_prism;

#endif
