#ifndef SYNDICATED_MODEL_DOCUMENT_H
#define SYNDICATED_MODEL_DOCUMENT_H
/*
 * A feed document after cleaning: what an ingest worker hands back and the store takes in. Text is clean UTF-8 plain
 * text, URLs are absolute http or https (or NULL), HTML is the sanitiser's, times are numbers. NULL means absent.
 * Encodes to the flat form of base/frame.h and back; decoding trusts nothing.
 *
 * Who owns what: all strings and lists of a document, those of its items too, are in the document's arena. They live
 * until feed_document_free(), and nobody frees one or takes one out. Items that stand alone, as the store reads them
 * back, have theirs on the heap, and item_done() frees those.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/digest.h"
#include "syndicated/base/mem.h"
#include "syndicated/model/problem.h"
#include "syndicated/model/time.h"

#define ITEM_KEY_BYTES 16
struct item_key { /* a cut SHA-256; equal keys mean the same thing */
	uint8_t bytes[ITEM_KEY_BYTES];
};

/*
 * What an item can be known by when its key is not: 40 bits each of its page, its title and its words, without what
 * changes by itself. 0: it has nothing of the kind that could tell it from another.
 */
struct item_marks {
	uint64_t link, title, text;
};
#define ITEM_MARK_BITS 40

struct person {
	char *name;
	char *email;
	char *url;
};

struct category {
	char *term;
	char *scheme;
	char *label;
};

struct enclosure {
	char *url;
	char *type;
	int64_t length_bytes; /* -1: unknown */
	int64_t duration_s;   /* -1: unknown */
	int64_t width;        /* pixels; -1: unknown */
	int64_t height;
	char *title;
	char *medium;         /* "image", "audio", "video", "document"; or NULL */
};

struct link {
	char *url;
	char *rel;      /* never NULL: "alternate", "related", "canonical", "next" ... */
	char *type;
	char *title;
	char *language; /* hreflang */
};

struct origin { /* where an aggregator took an item from: atom:source, RSS's source */
	char *id;
	char *title;
	char *link; /* the site */
	char *url;  /* the feed */
};

struct item {
	char *guid;          /* the publisher's id, byte for byte after scrubbing */
	char *link;          /* as published, made absolute */
	char *canonical_url; /* link in the form that identifies a page across sources; not for display */
	char *title;         /* plain text */
	char *summary;       /* plain text, at most LIMIT_SUMMARY_BYTES */
	char *content;       /* safe HTML; NULL when the item has none */
	bool summary_is_made; /* from the content, by us: it says nothing of its own. Not kept */
	struct person *authors;
	size_t n_authors;
	struct category *categories;
	size_t n_categories;
	struct enclosure *enclosures;
	size_t n_enclosures;
	struct link *links;  /* all but the enclosures and the one that is `link` */
	size_t n_links;
	struct origin origin;
	int64_t published_ms; /* or TIME_UNKNOWN */
	int64_t updated_ms;
	char *language;
	char *comments_url;
	int64_t comments_count; /* -1: unknown */
	char *in_reply_to;      /* id or URL of the item this one answers */
	char *thumbnail;
	char *rights;
	char *season;           /* of a podcast, as said: mostly a number */
	char *episode;
	char *location;         /* "latitude longitude", decimal degrees */

	/* Set by identify/. */
	struct item_key key;      /* identity inside its source */
	char key_rule[16];        /* "guid", "link", "digest": which rule made the key */
	struct item_key digest;   /* fingerprint of what a reader sees: differs when the item was changed */
	bool has_url_key;
	struct item_key url_key;  /* of canonical_url: the same page in any source */
	bool has_id_key;
	struct item_key id_key;   /* of a guid that is unique in the world: the same item in any source */
	/* What of it tells the same story elsewhere: story.h, encoded. NULL when it was not asked for, or the item is too old. */
	const char *features;
	size_t features_len;
	struct item_marks marks;
	bool guid_is_shared;      /* other items of the document have the same guid, */
	bool link_is_shared;      /* or the same link, and are no copies of this one */
	bool twin;                /* a copy of another item of the document */

	size_t arena_before;      /* arena_used_bytes() when it was added: all it has came later */
};

struct feed_document {
	struct arena *arena;
	char *format;
	char *id;
	char *title;
	char *subtitle;
	char *link;     /* the site */
	char *self_url; /* what the document calls itself */
	char *hub_url;
	char *icon;
	char *logo;
	char *language;
	char *rights;
	char *author;
	char *generator;
	struct link *links; /* all of the head: hub, next, prev-archive, license ... */
	size_t n_links;
	int64_t updated_ms;
	int64_t ttl_ms;         /* 0: not said. The longest of ttl and sy: (polling.md R36, R37) */
	uint32_t skip_hours;    /* polling.md R38 */
	uint32_t skip_days;
	struct item *items;     /* in document order */
	size_t n_items;
	bool complete;          /* REL-10; when false validators must not be saved */
	int64_t unpacked_bytes; /* of the document that this was read from; 0: nobody counted */
	struct problem_list problems;
};

struct feed_document *feed_document_new(void);
struct feed_document *feed_document_free(struct feed_document *d); /* NULL-safe, returns NULL */
struct item *feed_document_add_item(struct feed_document *d);      /* zeroed, times unknown; valid until the next call; NULL past LIMIT_FEED_ITEMS */
/* Items marked as twins are for people to see, not to be stored. Workers drop them before they hand a document on. */
void feed_document_drop_twins(struct feed_document *d);
void item_done(struct item *i); /* of an item that stands alone */

/* ---- what of an item is published: whatever the store holds ---- */

/* s when it is an absolute http or https URL, else NULL: nothing else becomes a link. */
const char *web_url(const char *s);
/* The name, in lower case, of a relation that is published; else NULL. Those that are not registered mean nothing in Atom. */
const char *link_rel_published(const char *rel, bool *ret_registered);
/* Degrees of item.location; false when there is no place. */
bool item_place(const struct item *i, double *ret_latitude, double *ret_longitude);

void feed_document_encode(const struct feed_document *d, struct buf *out);
/* The same, and the text of items goes when it is encoded, so that a big document never is in memory twice. Then only free d. */
void feed_document_encode_items_away(struct feed_document *d, struct buf *out);
/* NULL when the bytes are not a whole, valid encoding within the limits. */
struct feed_document *feed_document_decode(const char *bytes, size_t len);

/*
 * What the store keeps of an item as one blob, since nothing is ever searched for in it: people, categories, enclosures,
 * links, origin, what podcasts and threads say. Encoding an item with none of it gives no bytes. Decoding takes blobs of
 * every earlier form.
 */
void item_details_encode(const struct item *i, struct buf *out);
must_check int item_details_decode(struct item *i, const char *bytes, size_t len);

#endif
