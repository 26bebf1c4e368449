#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H
/* What the documents of a source have shown of its items' ids, links and texts; kept with the source, a few bytes. */
#include <stddef.h>
#include <stdint.h>

#include "syndicated/model/spec.h"

enum { IDENTITY_SEEN_BYTES = 20, SEEN_TWICE = 2, SEEN_OFTEN = 3 };

struct identity_seen { /* counts of documents; they end at 255 */
	int64_t documents;
	int64_t guids_change;  /* known items came under other guids; one that keeps them takes one away */
	int64_t guids_repeat;  /* one guid on different items */
	int64_t links_repeat;  /* one link on different items */
	int64_t numbers_change; /* known items changed in nothing but numbers */
	int64_t updates_day;   /* days since 1970 */
	int64_t updates;       /* announced on that day */
};
void identity_seen_encode(const struct identity_seen *s, unsigned char out[IDENTITY_SEEN_BYTES]);
/* What makes no sense is nothing. */
void identity_seen_decode(const void *bytes, size_t len, struct identity_seen *ret);
void identity_count(int64_t *count, int by);

#endif
