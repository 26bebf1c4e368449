#ifndef IDENTIFY_MEMO_H
#define IDENTIFY_MEMO_H
/* The table behind struct identify_memo (identify.h). */
#include <stdbool.h>
#include <stdint.h>

#include "syndicated/base/fingerprint.h"
#include "syndicated/identify.h"
#include "syndicated/model/document.h"

struct identity { /* of an item by itself, beside which no other stands */
	struct item_key key, digest, url_key, id_key;
	struct item_marks marks;
	const char *key_rule; /* static */
	bool has_url_key, has_id_key;
};

struct memo_entry {
	struct fingerprint item; /* all that its identity is made of, as it is */
	struct identity identity;
};

struct fingerprint_state *memo_fingerprint(struct identify_memo *m);
/* It is going to be looked for. */
void memo_expect(const struct identify_memo *m, const struct fingerprint *item);
/* NULL: it is not known (any more). Valid until the next memo_add(). */
const struct identity *memo_find(const struct identify_memo *m, const struct fingerprint *item);
void memo_add(struct identify_memo *m, const struct memo_entry *e);

#endif
