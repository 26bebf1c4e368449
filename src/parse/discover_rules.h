#ifndef SYNDICATED_PARSE_DISCOVER_RULES_H
#define SYNDICATED_PARSE_DISCOVER_RULES_H
/* What discover.c knows of the web, as tables: types, addresses and words of feeds, and where a site's software has them. */
#include <stdbool.h>
#include <stddef.h>

enum feed_type { FEED_TYPE_NONE, FEED_TYPE_HINT /* with a feed's address or title only */, FEED_TYPE_SURE };

/* type: lower case, without parameters; NULL and "" are FEED_TYPE_HINT. */
enum feed_type discover_feed_type(const char *type);
/* The type a feed at this address most likely has, or NULL. A literal. */
const char *discover_type_of_address(const char *href);
bool discover_type_is_xml_feed(const char *type); /* Atom, RSS, RDF: read by everything */

/* Whether a feed's address looks like this one. */
bool discover_is_feed_address(const char *href);
/* Whether a link is about feeds by its words: "RSS", "Atom feed". */
bool discover_is_feed_text(const char *text);
/* Addresses that no anchor's words make a feed: pages about feeds, buttons of readers, other schemes. */
bool discover_is_no_feed_address(const char *href);
bool discover_is_about_comments(const char *title, const char *href);

/* What a page says of itself, for a guess. Any may be NULL. */
struct page_facts {
	char *generator;
	char *site_name;
	char *channel;      /* a YouTube channel's id */
	const char *asset;  /* a row of guess_assets[] that the page loads from */
	const char *url;    /* absolute */
};

/* The name under which rows know the host that a page loads scripts or styles from, or NULL. A literal. */
const char *discover_asset(const char *href);

/* Calls back for each address where this site's software usually has a feed; href is root-relative or absolute. */
typedef void discover_guess_cb(const char *href, const char *type, void *ctx);
void discover_guess(const struct page_facts *facts, discover_guess_cb *cb, void *ctx);

#endif
