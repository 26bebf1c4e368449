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
	bool has_url_key, has_id_key;
};

struct fingerprint_state *memo_fingerprint(struct identify_memo *m);
/* Of all that an identity is made of, as it is. It is going to be looked for. */
void memo_expect(const struct identify_memo *m, const struct fingerprint *item);
/* False when it is not known (any more). */
bool memo_find(struct identify_memo *m, const struct fingerprint *item, struct identity *ret);
/* One that is not known. The oldest goes for it when there is no room. */
void memo_add(struct identify_memo *m, const struct fingerprint *item, const struct identity *identity);

#endif
