#ifndef SYNDICATED_PUBLISH_INTERNAL_H
#define SYNDICATED_PUBLISH_INTERNAL_H
/*
 * What all formats share: a story, or with "duplicates: keep" each of its items, as one entry, with its dates settled
 * and no id twice (push.md A14).
 */
#include "syndicated/base/map.h"
#include "syndicated/model/ids.h"
#include "syndicated/publish.h"

/* ASCII only, for strspn(). */
#define ALPHA "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

struct entry {
	char uid[ID_BYTES];
	const struct item_view *lead;
	const struct item_view *others; /* the same story in other sources */
	size_t n_others;
	const struct story_briefs *related; /* other stories about the same: named, and nothing of the entry's dates */
	int64_t updated_ms;
	int64_t published_ms;
	char *title; /* never empty; valid until the next call */
};

struct entry_cursor {
	const struct publish_context *context;
	size_t story;
	size_t item;
	int64_t count;
	struct map *seen; /* ids that were given out */
	char *title;
};

void entry_cursor_init(struct entry_cursor *c, const struct publish_context *context);
bool entry_cursor_next(struct entry_cursor *c, struct entry *ret); /* false at the end */
void entry_cursor_done(struct entry_cursor *c);

/* Whether others[k] is the first item of its source in e, the lead included: each source is named once. */
bool entry_names_source(const struct entry *e, size_t k);

/* "BASE/feeds/NAME" and suffix, and where a feed's page is; the name is percent-encoded. Freed by the caller. */
char *feed_url(const struct publish_context *c, const struct feed_spec *feed, const char *suffix);
char *feed_page_url(const struct publish_context *c, const struct feed_spec *feed);
const char *feed_title(const struct publish_context *c, const struct feed_spec *feed);

/* s when it is an absolute http or https URL, else NULL: nothing else becomes a link, whatever the store holds. */
const char *web_url(const char *s);
/* s when it has the shape of a language tag (RFC 5646), else NULL. */
const char *valid_language(const char *s);

void atom_write(const struct publish_context *c, struct buf *out);
void page_write(const struct publish_context *c, struct buf *out);

#endif
