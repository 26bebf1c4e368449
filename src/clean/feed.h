#ifndef SYNDICATED_CLEAN_FEED_H
#define SYNDICATED_CLEAN_FEED_H
/* What the parts of clean_feed() share: feed.c the head, item.c items, enclosure.c their files, people.c names, plain.c short texts, place.c URLs. */
#include "syndicated/base/mem.h"
#include "syndicated/clean.h"

struct cleaner {
	struct feed_document *document;
	struct arena *arena;   /* the document's: all that is handed out below is in it */
	const struct raw_feed *raw;
	const char *document_url;
	enum clean_html html;
	bool rss;              /* relative addresses are the site's, not the document's */
	const char *feed_link; /* the site, once it is known */
	/* The base resolved last: items of a feed share it. */
	const char *chain;
	char *base;
	bool have_base;
	struct buf html_out, text_out, source, url, page; /* used again for each text */
	size_t kept_bytes;     /* of HTML and its summaries so far */
};

/* Where relative references begin; NULL when nothing is known. Owned by the cleaner, valid until the next call. */
const char *cleaner_base(struct cleaner *c, const char *chain);
/* The reference made absolute, or NULL. */
char *cleaner_url(struct cleaner *c, const char *reference, const char *chain);

/* Collapsed copies, cut to max; NULL for nothing. The second decodes what is HTML. */
char *clean_plain(struct cleaner *c, const char *s, size_t max);
char *clean_plain_text(struct cleaner *c, const struct raw_text *t, size_t max);
bool clean_is_html(const struct raw_text *t);

void clean_authors(struct cleaner *c, const struct raw_list *from, struct item *item);
struct link *clean_links(struct cleaner *c, const struct raw_list *from, const char *except, size_t *ret_n);
/* The best link of that relation; of equal ones the first. */
char *clean_find_link(struct cleaner *c, const struct raw_list *l, const char *rel);
/* What a guid leads to that may be a permalink. */
char *clean_id_link(struct cleaner *c, const struct raw_item *raw);
int64_t clean_item_date(struct cleaner *c, const char *text, const char *language, uint32_t line);
void clean_enclosures(struct cleaner *c, const struct raw_item *raw, struct item *item);
/* A number from 0 to max; -1 for what is none. */
int64_t clean_count(const char *s, int64_t max);
/* Whole seconds of "90.5", "1:02:03", "1h 2m", "PT1H2M", "90 min"; -1 for what is none of these. */
int64_t clean_seconds(const char *s);
void clean_item(struct cleaner *c, const struct raw_item *raw);

#endif
