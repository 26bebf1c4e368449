/*
 * A search. Places of the item's words are counted by story, rarest words first and newest places first, until
 * rules.work is spent: that finds the stories worth a look. Those are then compared exactly, with the weights that words
 * have now. All of it in whole numbers, so that nothing depends on the order in which the index came to be.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"
#include "syndicated/base/mem.h"

enum {
	LOOKED_AT = 12,       /* stories that are compared exactly */
	WIRE_CANDIDATES = 16, /* items whose samples are compared */
	WIRE_COMMON = 4,      /* samples in common, at least */
	MEMBERS = 16,         /* of a story whose numbers and titles are looked at, the newest */
	TITLE_PLACES = 16,
	PLACES_AT_ONCE = 32,
	AHEAD = 8, /* so many stories before it is looked at, one is fetched */
	LINE = 64,  /* bytes that come at a time */
	ENTRY_LINES = 4,
	MANY_NUMBERS = 4,      /* of a report that is made of them */
};

static const int64_t RECURS_MS = 12 * (int64_t)3600000; /* a repost comes sooner than the next briefing */
static const double OTHER_NUMBERS = 0.5, COMMON_WORTH = 0.4;
/* Two that are made of the same words or sentences; one that took over passages but is no copy must be like the rest as well. */
static const double TEMPLATE_LIKENESS = 0.6, TEMPLATE_COPIED = 0.25, UPDATE_COPIED = 0.15, UPDATE_LIKENESS = 0.12;

struct query_term {
	uint32_t id;
	uint32_t hash;
	uint32_t weight;
	uint32_t idf;
};

struct query {
	const struct story_features *f;
	int64_t source_id, now_ms;
	struct query_term terms[STORY_TERMS]; /* those that are known, by id */
	size_t n, n_known;
	uint64_t square;
	uint32_t log_items;
};

struct look {
	uint32_t slot;
	double rank;
	unsigned common;
	struct story_candidate c;
};

struct search {
	struct look looks[LOOKED_AT];
	size_t n;
};

/* ---- weights ---- */

static uint32_t idf(const struct story_index *x, const struct query *q, uint32_t uses)
{
	uint32_t log_uses = uses < LOG_TABLE ? x->log_table[uses] : (uint32_t)lround(LOG_UNIT * log((double)uses + x->rules.prior_uses));

	return q->log_items > log_uses ? q->log_items - log_uses : 0;
}

static void weigh(const struct story_index *x, struct query *q, size_t i)
{
	struct query_term t = { .weight = q->f->weights[i], .hash = q->f->terms[i], .id = terms_find(&x->words, TERM_WORD, q->f->terms[i]) };

	t.idf = idf(x, q, t.id == IDMAP_NONE ? 0 : terms_uses(&x->words, t.id));
	q->square += (uint64_t)t.weight * t.weight * t.idf * t.idf;
	if (t.id != IDMAP_NONE)
		q->terms[q->n_known++] = t;
}

static void prepare(const struct story_index *x, struct query *q)
{
	uint64_t order[STORY_TERMS];
	struct query_term terms[STORY_TERMS];

	q->log_items = (uint32_t)lround(LOG_UNIT * log((double)x->n_items + x->rules.prior_items));
	q->n = q->f->n_terms;
	terms_prefetch(&x->words, TERM_WORD, q->f->terms, q->n);
	terms_prefetch(&x->keys, TERM_SHINGLE, q->f->shingles, q->f->n_shingles);
	for (size_t i = 0; i < q->n; i++)
		weigh(x, q, i);
	for (size_t i = 0; i < q->n_known; i++) {
		terms[i] = q->terms[i];
		order[i] = (uint64_t)terms[i].id << 8 | i;
		terms_prefetch_places(&x->words, terms[i].id);
	}
	sort_few(order, q->n_known);
	for (size_t i = 0; i < q->n_known; i++)
		q->terms[i] = terms[order[i] & 0xff];
}

/* Cosine of the query to a cluster's mean; *ret_common counts words in common that say something. */
static double cosine(const struct story_index *x, const struct query *q, const struct mean *m, unsigned *ret_common)
{
	uint32_t worth = (uint32_t)(COMMON_WORTH * idf(x, q, 0));
	uint64_t dot = 0, square = 0;
	size_t j = 0;

	*ret_common = 0;
	for (uint32_t i = 0; i < m->n; i++) {
		uint64_t w = m->bytes ? m->bytes[i] : m->weights[i], v;

		while (j < q->n_known && q->terms[j].id < m->ids[i])
			j++;
		if (j < q->n_known && q->terms[j].id == m->ids[i]) {
			v = w * q->terms[j].idf;
			dot += v * q->terms[j].weight * q->terms[j].idf;
			*ret_common += q->terms[j].idf >= worth;
		} else {
			v = w * idf(x, q, terms_uses(&x->words, m->ids[i]));
		}
		square += v * v;
	}
	return dot ? (double)dot / sqrt((double)square) / sqrt((double)q->square) : 0;
}

/* Likeness to a cluster whose newest item is that old. */
static double faded(const struct story_index *x, double likeness, int64_t age_ms)
{
	double age = age_ms <= 0 ? 0 : (double)age_ms / (double)x->rules.window_ms;

	return likeness * (1 - x->rules.fade * (age < 1 ? age : 1));
}

/* ---- which stories to look at ---- */

/* Of more worth first: smaller numbers, with the term's place in the query in the lowest byte. */
static void by_rarity(const struct query *q, uint64_t *order)
{
	for (size_t i = 0; i < q->n_known; i++) {
		const struct query_term *t = &q->terms[i];

		order[i] = (uint64_t)(0xffff - t->idf) << 48 | (uint64_t)(0xff - t->weight) << 40 | (uint64_t)t->hash << 8 | i;
	}
	sort_few(order, q->n_known);
}

static void make_sums(struct story_index *x)
{
	if (x->n_sums >= x->stories.capacity)
		return;
	mem_free(x->sums);
	mem_free(x->touched);
	x->n_sums = x->stories.capacity;
	x->sums = mem_new_array(uint32_t, x->n_sums);
	x->touched = mem_new_array(uint32_t, x->n_sums + 1); /* one is written before it is known to count */
}

/* Over 0, and such that the most words of the most weight do not overflow 32 bits. */
static uint32_t worth_of(const struct query_term *t)
{
	return (uint32_t)((uint64_t)t->weight * t->idf * t->idf >> 8) + 1;
}

/* First the stories, then their sums: no load waits for another, and no branch for a load. */
static size_t sum_few(struct story_index *x, const uint32_t *places, size_t n, uint32_t worth, size_t n_touched)
{
	uint32_t slots[PLACES_AT_ONCE];

	for (size_t i = 0; i < n; i++)
		slots[i] = x->story_of[places[i] & (x->ring_size - 1)];
	for (size_t i = 0; i < n; i++) {
		uint32_t *sum = &x->sums[slots[i]];

		x->touched[n_touched] = slots[i];
		n_touched += *sum == 0;
		*sum += worth;
	}
	return n_touched;
}

static void prefetch_newest(const struct story_index *x, uint32_t id)
{
	uint32_t n;
	const uint32_t *places = terms_places(&x->words, id, &n);

	__builtin_prefetch(&places[n - 1]);
}

static size_t sum_places(struct story_index *x, const struct query *q)
{
	uint64_t order[STORY_TERMS];
	size_t n_touched = 0, work = x->rules.work;

	by_rarity(q, order);
	for (size_t i = 0; i < q->n_known; i++)
		prefetch_newest(x, q->terms[order[i] & 0xff].id);
	for (size_t i = 0; i < q->n_known && work > 0; i++) {
		const struct query_term *t = &q->terms[order[i] & 0xff];
		uint32_t n;
		const uint32_t *places = terms_places(&x->words, t->id, &n);

		if (t->idf == 0)
			break;
		while (n > 0 && work > 0) {
			uint32_t few = n < PLACES_AT_ONCE ? n : PLACES_AT_ONCE;

			few = few < work ? few : (uint32_t)work;
			n -= few;
			work -= few;
			n_touched = sum_few(x, places + n, few, worth_of(t), n_touched);
		}
	}
	return n_touched;
}

static bool before(const struct look *a, const struct look *b)
{
	if (a->rank > b->rank || a->rank < b->rank)
		return a->rank > b->rank;
	return a->c.story_id < b->c.story_id;
}

static void keep_best(struct search *s, const struct look *l)
{
	size_t at = s->n;

	if (at == LOOKED_AT && !before(l, &s->looks[at - 1]))
		return;
	if (at < LOOKED_AT)
		s->n++;
	else
		at--;
	for (; at > 0 && before(l, &s->looks[at - 1]); at--)
		s->looks[at] = s->looks[at - 1];
	s->looks[at] = *l;
}

/* A story's rank is at most its sum, so most need no look at the story itself, which would be a miss of the cache. */
static double least_rank(const struct search *s)
{
	return s->n < LOOKED_AT ? 0 : s->looks[s->n - 1].rank;
}

static void look_at(const struct story_index *x, const struct query *q, struct search *s, uint32_t slot, uint32_t sum)
{
	const struct cluster *story = &x->stories.slots[slot];
	const struct look l = { .slot = slot, .rank = (double)sum / sqrt((double)story->n_items), .c.story_id = story->id };

	if ((s->n < LOOKED_AT || before(&l, &s->looks[s->n - 1])) &&
	    story->newest_ms >= q->now_ms - x->rules.window_ms)
		keep_best(s, &l);
}

static void find_stories(struct story_index *x, const struct query *q, struct search *s)
{
	size_t n;

	make_sums(x);
	n = sum_places(x, q);
	for (size_t i = 0; i < n; i++) {
		uint32_t slot = x->touched[i];
		uint32_t sum = x->sums[slot];

		if (i + AHEAD < n && (double)x->sums[x->touched[i + AHEAD]] >= least_rank(s))
			__builtin_prefetch(&x->stories.slots[x->touched[i + AHEAD]]);
		x->sums[slot] = 0;
		if ((double)sum >= least_rank(s))
			look_at(x, q, s, slot, sum);
	}
}

/* ---- what speaks against one ---- */

static bool has_source(const struct story_index *x, const struct cluster *story, int64_t source_id)
{
	for (uint32_t place = story->first; place != IDMAP_NONE; place = entry_at(x, place)->next)
		if (entry_at(x, place)->source_id == source_id)
			return true;
	return false;
}

/* What the members of a story say of an item. */
struct heard {
	enum story_veto other; /* score or magnitude of one that has another */
	bool any_same;         /* of one that has the same */
	unsigned members, apart;
	double copied;         /* the most that one has in common */
};

static void hear(const struct query *q, const struct entry *e, double likeness, struct heard *h)
{
	const struct story_number *mine = q->f->numbers, *its = entry_numbers(e);
	size_t n = q->f->n_numbers;
	unsigned common;
	double copied = story_copied(q->f, entry_shingles(e), e->n_shingles, &common);
	bool same_words = likeness >= TEMPLATE_LIKENESS || copied >= TEMPLATE_COPIED, same;
	enum story_veto v = story_numbers_differ(mine, n, its, e->n_numbers, &same);

	h->other = v == STORY_TAKEN ? h->other : v;
	h->any_same |= same;
	h->copied = copied > h->copied ? copied : h->copied;
	h->members++;
	/* The same words need but one other number; the less alike two are, the more numbers have to say so. */
	h->apart += story_numbers_apart(mine, n, its, e->n_numbers, same_words ? 1 : MANY_NUMBERS, OTHER_NUMBERS) ||
	            (same_words && story_telling_numbers_apart(mine, n, its, e->n_numbers));
}

/* One member with the same score is enough, whatever others had at half-time. */
static enum story_veto members_veto(const struct story_index *x, const struct query *q, const struct cluster *story, double likeness)
{
	struct heard h = { .other = STORY_TAKEN };

	for (uint32_t place = story->first; place != IDMAP_NONE && h.members < MEMBERS; place = entry_at(x, place)->next)
		hear(q, entry_at(x, place), likeness, &h);
	if (h.other != STORY_TAKEN && !h.any_same)
		return h.other;
	if (h.apart * 2 > h.members)
		return STORY_OTHER_NUMBERS;
	return h.copied >= UPDATE_COPIED && h.copied < x->rules.wire && likeness < x->rules.merge + UPDATE_LIKENESS ? STORY_UPDATE : STORY_TAKEN;
}

/* Whether the source had the title before, long enough ago that it is not the same item once more. */
static bool recurs(const struct story_index *x, uint32_t title, int64_t source_id, int64_t time_ms)
{
	uint32_t n;
	const uint32_t *places;

	if (title == IDMAP_NONE)
		return false;
	places = terms_places(&x->keys, title, &n);
	for (unsigned left = TITLE_PLACES; n > 0 && left; n--, left--) {
		const struct entry *e = entry_at(x, places[n - 1]);

		if (e->source_id == source_id && llabs(time_ms - e->time_ms) >= RECURS_MS)
			return true;
	}
	return false;
}

static bool recurring_veto(const struct story_index *x, const struct query *q, const struct cluster *story)
{
	uint32_t title = q->f->title_key ? terms_find(&x->keys, TERM_TITLE, q->f->title_key) : IDMAP_NONE;
	unsigned left = MEMBERS;

	if (recurs(x, title, q->source_id, q->now_ms))
		return true;
	for (uint32_t place = story->first; place != IDMAP_NONE && left; left--) {
		const struct entry *e = entry_at(x, place);

		if (recurs(x, e->title, e->source_id, e->time_ms))
			return true;
		place = e->next;
	}
	return false;
}

static enum story_veto veto(const struct story_index *x, const struct query *q, const struct look *l)
{
	const struct cluster *story = &x->stories.slots[l->slot];
	enum story_veto v;

	if (l->c.likeness < x->rules.merge)
		return STORY_UNLIKE;
	if (q->n < x->rules.min_terms || l->common < x->rules.min_common)
		return STORY_TOO_SHORT;
	if (has_source(x, story, q->source_id))
		return STORY_OWN_SOURCE;
	if (story->n_items >= x->rules.story_items)
		return STORY_FULL;
	v = members_veto(x, q, story, l->c.likeness);
	if (v != STORY_TAKEN)
		return v;
	return recurring_veto(x, q, story) ? STORY_RECURRING : STORY_TAKEN;
}

/* ---- wire copies ---- */

static int by_votes(const void *a, const void *b)
{
	const struct voted *x = a, *y = b;

	if (x->votes != y->votes)
		return x->votes > y->votes ? -1 : 1;
	return x->place > y->place ? -1 : x->place < y->place;
}

static int by_place(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Items found by keys of their samples, those with the most first. */
static size_t find_copies(const struct story_index *x, const struct query *q)
{
	uint32_t *places = x->copies->places;
	struct voted *v = x->copies->voted;
	size_t n = 0, n_voted = 0;

	for (size_t i = 0; i < q->f->n_shingles; i++) {
		uint32_t id = terms_find(&x->keys, TERM_SHINGLE, q->f->shingles[i]), count;
		const uint32_t *p;

		if (id == IDMAP_NONE)
			continue;
		p = terms_places(&x->keys, id, &count);
		for (unsigned left = KEY_PLACES; count > 0 && left; left--)
			places[n++] = p[--count];
	}
	if (n > 1)
		qsort(places, n, sizeof(places[0]), by_place);
	for (size_t i = 0; i < n; i++) {
		if (n_voted == 0 || v[n_voted - 1].place != places[i])
			v[n_voted++] = (struct voted){ .place = places[i] };
		v[n_voted - 1].votes++;
	}
	if (n_voted > 1)
		qsort(v, n_voted, sizeof(v[0]), by_votes);
	return n_voted < WIRE_CANDIDATES ? n_voted : WIRE_CANDIDATES;
}

static enum story_veto wire_veto(const struct story_index *x, const struct query *q, const struct entry *e, double copied)
{
	const struct cluster *story = &x->stories.slots[e->story];
	bool same;

	if (copied < x->rules.wire)
		return STORY_UNLIKE;
	if (has_source(x, story, q->source_id))
		return STORY_OWN_SOURCE;
	if (story->n_items >= x->rules.story_items)
		return STORY_FULL;
	if (story_numbers_apart(q->f->numbers, q->f->n_numbers, entry_numbers(e), e->n_numbers, 1, OTHER_NUMBERS))
		return STORY_OTHER_NUMBERS;
	return story_numbers_differ(q->f->numbers, q->f->n_numbers, entry_numbers(e), e->n_numbers, &same);
}

/* Adds what is known of copies to the looks; returns the best that may be taken, or NULL. */
static struct look *match_copies(const struct story_index *x, const struct query *q, struct search *s, struct look *found)
{
	size_t n = find_copies(x, q), n_found = 0;
	struct look *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct entry *e = entry_at(x, x->copies->voted[i].place);
		struct look *l = &found[n_found];
		unsigned common;
		double copied = story_copied(q->f, entry_shingles(e), e->n_shingles, &common);

		if (common < WIRE_COMMON || e->time_ms < q->now_ms - x->rules.window_ms)
			continue;
		*l = (struct look){ .slot = e->story, .rank = copied, .c.story_id = x->stories.slots[e->story].id, .c.copied = copied };
		l->c.veto = wire_veto(x, q, e, copied);
		if (l->c.veto == STORY_TAKEN && (!best || before(l, best)))
			best = l;
		n_found++;
	}
	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j < n_found; j++)
			if (found[j].slot == s->looks[i].slot && found[j].c.copied > s->looks[i].c.copied)
				s->looks[i].c.copied = found[j].c.copied;
	return best;
}

/* ---- the decision ---- */

/* The likeness of the i-th story's group before it fades. A group of several is compared once, for all its stories. */
static double like_group(const struct story_index *x, const struct query *q, const struct search *s, size_t i, double *likes, unsigned *commons)
{
	const struct cluster *story = &x->stories.slots[s->looks[i].slot], *group = &x->groups.slots[story->group];
	struct mean m;

	for (size_t j = 0; j < i; j++) {
		if (x->stories.slots[s->looks[j].slot].group == story->group) {
			commons[i] = commons[j];
			return likes[i] = likes[j];
		}
	}
	m = group_mean(x, group);
	return likes[i] = cosine(x, q, &m, &commons[i]);
}

/* The group most like the item, among those of the stories looked at. */
static void choose_group(const struct story_index *x, const struct query *q, const struct search *s, struct story_decision *ret)
{
	double likes[LOOKED_AT];
	unsigned commons[LOOKED_AT];

	if (x->n_items < x->rules.related_from)
		return;
	for (size_t i = 0; i < s->n; i++) {
		const struct cluster *story = &x->stories.slots[s->looks[i].slot], *group = &x->groups.slots[story->group];
		double likeness = s->looks[i].c.likeness;
		unsigned common = s->looks[i].common;

		if (group->n_stories > 1) {
			likeness = faded(x, like_group(x, q, s, i, likes, commons), q->now_ms - story->newest_ms);
			common = commons[i];
		}
		if (likeness < x->rules.related || common < x->rules.min_common || group->n_items >= x->rules.group_items)
			continue;
		if (likeness > ret->group_score || (likeness >= ret->group_score && group->id < ret->group_id)) {
			ret->group_score = likeness;
			ret->group_id = group->id;
		}
	}
}

static int by_likeness(const void *a, const void *b)
{
	const struct look *x = a, *y = b;

	return before(x, y) ? -1 : before(y, x);
}

static void prefetch_means(const struct story_index *x, const struct search *s)
{
	for (size_t i = 0; i < s->n; i++)
		__builtin_prefetch(&x->ring[x->stories.slots[s->looks[i].slot].first & (x->ring_size - 1)]);
	for (size_t i = 0; i < s->n; i++) {
		const struct cluster *story = &x->stories.slots[s->looks[i].slot];
		const char *e = (const char *)entry_at(x, story->first);

		__builtin_prefetch(story->sum.ids);
		__builtin_prefetch(story->sum.weights);
		__builtin_prefetch(&x->groups.slots[story->group]);
		for (size_t line = 0; line < ENTRY_LINES; line++)
			__builtin_prefetch(e + line * LINE);
	}
}

static void compare_exactly(const struct story_index *x, const struct query *q, struct search *s)
{
	prefetch_means(x, s);
	for (size_t i = 0; i < s->n; i++) {
		struct look *l = &s->looks[i];
		const struct cluster *story = &x->stories.slots[l->slot];
		struct mean m = story_mean(x, story);

		l->c.likeness = faded(x, cosine(x, q, &m, &l->common), q->now_ms - story->newest_ms);
		l->rank = l->c.likeness;
	}
	qsort(s->looks, s->n, sizeof(s->looks[0]), by_likeness);
	for (size_t i = 0; i < s->n; i++)
		s->looks[i].c.veto = veto(x, q, &s->looks[i]);
}

static void take(const struct story_index *x, struct story_decision *ret, enum story_rule rule, const struct look *l, double score)
{
	const struct cluster *story = &x->stories.slots[l->slot];

	ret->rule = rule;
	ret->story_id = l->c.story_id;
	ret->score = score;
	ret->group_id = x->groups.slots[story->group].id;
	ret->group_score = score;
}

static void decide(const struct story_index *x, const struct query *q, struct search *s, struct story_decision *ret)
{
	struct look found[WIRE_CANDIDATES], *wire = q->f->n_shingles ? match_copies(x, q, s, found) : NULL;
	size_t chosen = s->n;

	for (size_t i = s->n; i-- > 0;)
		if (s->looks[i].c.veto == STORY_TAKEN)
			chosen = i;
	if (wire)
		take(x, ret, STORY_WIRE, wire, wire->c.copied);
	else if (chosen < s->n)
		take(x, ret, STORY_SIMILAR, &s->looks[chosen], s->looks[chosen].c.likeness);
	else
		choose_group(x, q, s, ret);
	if (wire)
		ret->candidates[ret->n_candidates++] = wire->c;
}

/* The best ones, and those of the same group, as they are told to people. */
static void report(const struct story_index *x, const struct search *s, struct story_decision *ret)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct look *l = &s->looks[i];
		struct story_candidate c = l->c;
		bool is_chosen = ret->rule != STORY_NEW && c.story_id == ret->story_id;

		if (c.veto == STORY_TAKEN && !is_chosen)
			c.veto = STORY_LESS_LIKE;
		if (ret->n_candidates < STORY_CANDIDATES && !(is_chosen && ret->rule == STORY_WIRE))
			ret->candidates[ret->n_candidates++] = c;
		if (!is_chosen && ret->n_related < STORY_RELATED && x->groups.slots[x->stories.slots[l->slot].group].id == ret->group_id)
			ret->related[ret->n_related++] = c;
	}
}

void story_index_match(struct story_index *x, const struct story_features *f, int64_t source_id, int64_t now_ms, struct story_decision *ret)
{
	struct query q = { .f = f, .source_id = source_id, .now_ms = now_ms };
	struct search s = { .n = 0 };

	*ret = (struct story_decision){ 0 };
	if (x->n_items == 0)
		return;
	prepare(x, &q);
	find_stories(x, &q, &s);
	compare_exactly(x, &q, &s);
	decide(x, &q, &s, ret);
	report(x, &s, ret);
}
