#ifndef STORIES_SCORE_H
#define STORIES_SCORE_H
/* How well found clusters are the true ones, pair by pair and B-cubed (by document). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct score {
	double precision, recall, f1;
};

/* Labels are under n. Documents that are not `in` are not there. */
void score_clusters(const uint32_t *truth, const uint32_t *found, const bool *in, size_t n, struct score *ret_pairs, struct score *ret_b3);
/* {"pairs": {"precision": ...}, "b3": {...}} */
void score_print(const uint32_t *truth, const uint32_t *found, const bool *in, size_t n);

#endif
