#ifndef SYNDICATED_IDENTIFY_H
#define SYNDICATED_IDENTIFY_H
/*
 * Items to keys: what makes an item the same item next time, the same page in another source, and unchanged. Pure: the
 * same document gives the same keys for ever (stored keys depend on it; a change needs a migration).
 */
#include "syndicated/model/document.h"

/*
 * What was made of the last LIMIT_MEMO_ITEMS different items: most of the next document are among them. It changes
 * what identify_document() costs and nothing of what it says. Reads the kernel's random bytes once, when it is made.
 */
struct identify_memo;
struct identify_memo *identify_memo_new(void);
size_t identify_memo_hits(const struct identify_memo *m); /* how many items were known so far */
struct identify_memo *identify_memo_free(struct identify_memo *m); /* NULL-safe, returns NULL */

/*
 * Sets key, key_rule, digest, url_key, id_key of every item. Key: the guid, else the canonical link, else a digest of title and
 * content. Where several items of one document carry the same guid with different links, the guid is no identity there
 * and the link joins it. An item that is the same as an earlier one in every way is marked as its twin.
 * memo is NULL or belongs to this thread.
 */
void identify_document(struct feed_document *d, struct identify_memo *memo);

/* The keys alone, of each item by itself: for measuring what these cost without what tells whether an item has changed. */
void identify_keys(struct feed_document *d);

#endif
