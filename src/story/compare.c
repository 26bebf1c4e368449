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

/* Of magnitude: 2.0 to 9.9, as earthquakes have it; percentages and money are written to the hundredth or are larger. */
static bool is_magnitude(struct story_number n)
{
	return n.kind == STORY_NUMBER_DECIMAL && n.value >= 200 && n.value < 1000 && n.value % 10 == 0;
}

static bool close_enough(struct story_number a, struct story_number b)
{
	uint32_t apart = a.value > b.value ? a.value - b.value : b.value - a.value;

	return a.kind == b.kind && apart <= (is_magnitude(a) && is_magnitude(b) ? MAGNITUDE_APART : 0);
}

static bool is_score(struct story_number n)
{
	return n.kind == STORY_NUMBER_SCORE;
}

enum said { NOTHING, SAME, OTHER };

/* Whether one of the numbers of a kind is with the other; NOTHING: one of the two has none of the kind. */
static enum said say(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b, bool (*kind)(struct story_number))
{
	enum said said = NOTHING;

	for (size_t i = 0; i < n_a; i++) {
		for (size_t j = 0; kind(a[i]) && j < n_b; j++) {
			if (kind(b[j]) && close_enough(a[i], b[j]))
				return SAME;
			if (kind(b[j]))
				said = OTHER;
		}
	}
	return said;
}

enum story_veto story_numbers_differ(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b, bool *ret_same)
{
	enum said score = say(a, n_a, b, n_b, is_score), magnitude = say(a, n_a, b, n_b, is_magnitude);

	*ret_same = score == SAME || (magnitude == SAME && score != OTHER);
	if (score == OTHER)
		return STORY_OTHER_SCORE;
	return magnitude == OTHER ? STORY_OTHER_MAGNITUDE : STORY_TAKEN;
}

static bool has_near(const struct story_number *v, size_t n, struct story_number wanted)
{
	for (size_t i = 0; i < n; i++)
		if (close_enough(v[i], wanted))
			return true;
	return false;
}

bool story_numbers_apart(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b, size_t least, double share)
{
	size_t common = 0, fewer = n_a < n_b ? n_a : n_b;
	const struct story_number *more = n_a < n_b ? b : a;

	for (size_t i = 0; i < fewer; i++)
		common += has_near(more, n_a < n_b ? n_b : n_a, (n_a < n_b ? a : b)[i]);
	return fewer >= least && (double)common < share * (double)fewer;
}

/* Small ones meet by chance, and years are in everything. */
static bool is_telling(struct story_number n)
{
	return n.kind == STORY_NUMBER_DECIMAL || (n.kind == STORY_NUMBER_WHOLE && n.value >= 100 && (n.value < 1900 || n.value > 2100));
}

bool story_telling_numbers_apart(const struct story_number *a, size_t n_a, const struct story_number *b, size_t n_b)
{
	return say(a, n_a, b, n_b, is_telling) == OTHER;
}
