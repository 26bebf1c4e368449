#ifndef SYNDICATED_PARSE_NS_COMMON_H
#define SYNDICATED_PARSE_NS_COMMON_H
/* Rows that RSS's two families of namespaces share, and what tables need of each other. */
#include "reader.h"

#define RDF_URI "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define THR_URI "http://purl.org/syndication/thread/1.0"

/* <link> of any format: an address in an attribute or as text; an enclosure when it says so. */
void common_start_link(struct reader *r, const struct xml_element *e);
void common_end_link(struct reader *r, const char *text);
/* Of a document element: what its xml:lang says is the feed's language. */
void common_fill_language(struct reader *r, const struct xml_element *e);
/* rdf:about names the item; where it has no <link>, it is that too. */
void common_fill_about(struct reader *r, const struct xml_element *e);
void rss_start_enclosure(struct reader *r, const struct xml_element *e);
void cdf_start_channel(struct reader *r, const struct xml_element *e);

#define RSS_COMMON_ROWS \
	{ "title", PLACE_BOTH, HOLDS_GUESS, SLOT_TITLE, RANK_TITLE_OWN, PLACE_NONE, NULL, NULL }, \
	{ "link", PLACE_BOTH, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, common_start_link, common_end_link }, \
	{ "description", PLACE_BOTH, HOLDS_HTML, SLOT_SUMMARY, RANK_SUMMARY_OWN, PLACE_NONE, NULL, NULL }, \
	{ "enclosure", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, rss_start_enclosure, NULL }, \
	{ "image", PLACE_FEED | PLACE_TOP, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_IMAGE, NULL, NULL }

#endif
