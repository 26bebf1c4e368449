/* Two items beside each other. */
#include "story_internal.h"

/* A sample that is not full is the whole body. */
static uint32_t complete_to(const uint32_t *sample, size_t n)
{
	return n < STORY_SHINGLES ? UINT32_MAX : sample[n - 1];
}

/*
 * Both samples are the smallest hashes of their bodies, so up to the smaller of the two largest ones each is complete:
 * there, what both have is counted, over what the one with fewer has. So a copy that lost half of its paragraphs counts
 * as one, and so does one that has much around it.
 */
double story_copied(const struct story_features *f, const uint32_t *b, size_t n_b, unsigned *ret_common)
{
	const uint32_t *a = f->shingles;
	uint32_t limit = complete_to(a, f->n_shingles) < complete_to(b, n_b) ? complete_to(a, f->n_shingles) : complete_to(b, n_b);
	size_t i = 0, j = 0;
	unsigned common = 0;

	while ((i < f->n_shingles && a[i] <= limit) || (j < n_b && b[j] <= limit)) {
		bool take_a = i < f->n_shingles && (j == n_b || a[i] <= b[j]);
		bool take_b = j < n_b && (i == f->n_shingles || b[j] <= a[i]);

		common += take_a && take_b;
		i += take_a;
		j += take_b;
	}
	*ret_common = common;
	return i && j ? (double)common / (double)(i < j ? i : j) : 0;
}

static bool close_enough(struct story_number a, struct story_number b)
{
	uint32_t apart = a.value > b.value ? a.value - b.value : b.value - a.value;

	return a.kind == b.kind && apart <= (a.kind == STORY_NUMBER_DECIMAL ? MAGNITUDE_APART : 0);
}

/* Of magnitude: 2.0 to 9.9, as earthquakes have it; percentages and money are written to the hundredth or are larger. */
static bool is_magnitude(struct story_number n)
{
	return n.kind == STORY_NUMBER_DECIMAL && n.value >= 200 && n.value < 1000 && n.value % 10 == 0;
}

static bool is_score(struct story_number n)
{
	return n.kind == STORY_NUMBER_SCORE;
}

/* Both have numbers of the kind, and none of the one is near one of the other. */
static bool disjoint(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b, bool (*kind)(struct story_number))
{
	bool any_a = false, any_b = false;

	for (size_t i = 0; i < n_a; i++) {
		if (!kind(a[i]))
			continue;
		any_a = true;
		for (size_t j = 0; j < n_b; j++)
			if (kind(b[j]) && close_enough(a[i], b[j]))
				return false;
	}
	for (size_t j = 0; j < n_b; j++)
		any_b |= kind(b[j]);
	return any_a && any_b;
}

enum story_veto story_numbers_differ(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b)
{
	if (disjoint(a, n_a, b, n_b, is_score))
		return STORY_OTHER_SCORE;
	if (disjoint(a, n_a, b, n_b, is_magnitude))
		return STORY_OTHER_MAGNITUDE;
	return STORY_TAKEN;
}

bool story_numbers_apart(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b, double share)
{
	size_t i = 0, j = 0, common = 0, fewer = n_a < n_b ? n_a : n_b;

	while (i < n_a && j < n_b) {
		uint64_t x = (uint64_t)a[i].kind << 32 | a[i].value, y = (uint64_t)b[j].kind << 32 | b[j].value;

		common += x == y;
		i += x <= y;
		j += y <= x;
	}
	return fewer > 0 && (double)common < share * (double)fewer;
}
