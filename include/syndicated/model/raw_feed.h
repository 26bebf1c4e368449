#ifndef SYNDICATED_MODEL_RAW_FEED_H
#define SYNDICATED_MODEL_RAW_FEED_H
/*
 * A feed as its document says it: what parse/ hands to clean/. Nothing is interpreted yet: dates, numbers and URLs are
 * the document's text (valid UTF-8, scrubbed), HTML is foreign HTML. All strings live in the feed's arena and die with
 * it; NULL means absent. Lists are arrays in the arena.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/mem.h"
#include "syndicated/model/problem.h"

enum raw_text_kind {
	RAW_TEXT_PLAIN, /* characters, markup in it is meant literally */
	RAW_TEXT_HTML,  /* HTML source (RSS description, Atom type="html", and Atom xhtml written out again as HTML) */
	RAW_TEXT_GUESS, /* RSS titles: plain or HTML, nobody knows; clean/ decides */
};

struct raw_text {
	const char *value; /* NULL: absent */
	enum raw_text_kind kind;
	const char *base;     /* xml:base in force, absolute or not; NULL: the item's */
	const char *language; /* xml:lang in force */
};

struct raw_link {
	const char *href;
	const char *rel;  /* NULL: alternate */
	const char *type;
	const char *title;
	const char *length;
	const char *hreflang;
	const char *base;
};

struct raw_person {
	const char *name;
	const char *email;
	const char *url;
};

struct raw_category {
	const char *term;
	const char *scheme;
	const char *label;
};

struct raw_enclosure {
	const char *url;
	const char *type;
	const char *length;   /* bytes */
	const char *duration; /* seconds or h:mm:ss */
	const char *title;
	const char *medium;   /* Media RSS: "image", "audio", "video", "document" */
	const char *width;    /* pixels */
	const char *height;
	const char *base;
	bool is_media;        /* from Media RSS: more of the same, or pictures; never the reason an item exists */
};

/* Grows by doubling inside an arena; see raw_list_add(). */
struct raw_list {
	void *items;
	size_t n;
	size_t capacity;
};

struct raw_source { /* where an aggregator took the item from */
	const char *id;
	const char *title;
	const char *link;
	const char *url;
};

struct raw_item {
	const char *id; /* guid, atom:id, JSON id */
	bool id_is_link; /* RSS guid that may be a permalink: it does not say that it is none, */
	bool id_is_said_link; /* or says that it is one */
	struct raw_text title;
	struct raw_text summary;
	struct raw_text content;
	struct raw_list links;      /* struct raw_link */
	struct raw_list authors;    /* struct raw_person */
	struct raw_list categories; /* struct raw_category */
	struct raw_list enclosures; /* struct raw_enclosure */
	const char *published;
	const char *updated;
	const char *comments_url;
	const char *comments_feed;
	const char *comments_count;
	const char *in_reply_to;  /* an id or address (RFC 4685) */
	const char *original_url; /* where a redirector's link leads (feedburner:origLink) */
	const char *thumbnail;
	const char *rights;
	const char *language;
	const char *base;
	const char *duration; /* of its recording, when that is said of the item: see raw_enclosure */
	const char *season;  /* of a podcast */
	const char *episode;
	const char *latitude;
	const char *longitude;
	struct raw_source source;
	uint32_t line; /* where it starts in the document */
};

struct raw_feed {
	struct arena *arena;
	const char *format; /* "rss20" "rss10" "rss09x" "atom10" "atom03" "cdf" "json11" "json10" "jsonrss" */
	const char *id;
	struct raw_text title;
	struct raw_text subtitle;
	struct raw_list links; /* struct raw_link: alternate, self, hub, next ... */
	struct raw_list authors;
	struct raw_list categories;
	const char *updated;
	const char *published;
	const char *language;
	const char *base;
	const char *rights;
	const char *generator;
	const char *icon;
	const char *logo;
	const char *ttl_minutes;
	const char *update_period;    /* sy: */
	const char *update_frequency;
	const char *update_base;
	uint32_t skip_hours; /* bit h: hour h GMT is skipped */
	uint32_t skip_days;  /* bit d: day d, Monday is 0 */
	struct raw_item *items;
	size_t n_items;
	size_t capacity;
	bool full;     /* items were refused, for which there is a problem already */
	bool many_said; /* the same of too many */
	/* Asked when there are more than LIMIT_FEED_ITEMS: whether what comes behind these is newer (reliability.md R8). NULL: it is not. */
	bool (*runs_oldest_first_cb)(const struct raw_feed *first);
	bool keeps_last;    /* it was asked, and it is */
	size_t n_dropped;   /* of the first, for newer ones: items[i] is the one after n_dropped + i others */
	bool lists_cut; /* something was not added to a full list */
	bool complete; /* REL-10: the document was read to its end; else what came before the damage is here */
	struct problem_list problems;
};

struct raw_feed *raw_feed_new(void);
struct raw_feed *raw_feed_free(struct raw_feed *f); /* NULL-safe, returns NULL */

/* Empties it, to be read once more in another way. Problems stay. */
void raw_feed_clear(struct raw_feed *f);

/*
 * A new item at the end, zeroed but for its line. NULL when there are LIMIT_FEED_ITEMS, none of which is older, or when the text so far
 * is more than LIMIT_FEED_TEXT_BYTES, which is a problem, once. Valid until the next call, which may drop older ones.
 */
struct raw_item *raw_feed_add_item(struct raw_feed *f, uint32_t line);
/* At the end: drops the first of those that are too many, which have been kept so far since dropping single ones costs. */
void raw_feed_cut(struct raw_feed *f);

/* A new zeroed element at the end of l, or NULL past LIMIT_ITEM_LIST, which is a problem, once a document. Valid until the next call on l. */
void *raw_list_add(struct raw_feed *f, struct raw_list *l, size_t element_size);
#define raw_list_at(l, type, i) (&((type *)(l)->items)[i])

#endif
