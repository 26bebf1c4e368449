/*
 * An item's text to what of it is compared. Words are weighed by their shape, before anything is known of their use: a
 * short word in small letters is mostly one that holds sentences together, in any language that has letters; one with a
 * capital is mostly a name. What is used often is found out by the index.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "story_internal.h"
#include "syndicated/base/fingerprint.h"
#include "syndicated/base/text.h"

enum {
	TEXT_BYTES = 64 << 10,
	LEAD_WORDS = 90,       /* of summary or body that count as words of the story */
	SHORT_SUMMARY = 12,    /* words; a shorter one ("Read more") is followed by the body */
	BODY_WORDS = 3000,     /* that are sampled */
	STEM_LETTERS = 6,      /* what of a longer word counts: endings change */
	NAME_WORDS = 12,       /* of a source's title that are looked at */
	TITLE_TAIL_WORDS = 5,  /* a part behind a dash that is longer is no source's name */
	TERM_TABLE = 256,
};

static const double TITLE_WEIGHT = 1.5, CAPITAL_WEIGHT = 1.5, SMALL_LETTER_STEP = 0.2;

struct term {
	uint32_t hash; /* 0: free */
	uint32_t order;
	double weight;
};

struct making {
	struct words *words;
	struct story_features *f;
	struct term terms[TERM_TABLE];
	size_t n_terms;
};

static uint32_t hash32(uint64_t h)
{
	uint32_t v = (uint32_t)(h ^ h >> 32);

	return v ? v : 1;
}

static size_t stem_bytes(const struct word *w)
{
	if (w->number || w->ideographic || w->letters <= STEM_LETTERS)
		return w->bytes;
	return text_cut(w->text, w->bytes, w->bytes * (size_t)STEM_LETTERS / w->letters);
}

static uint32_t word_hash(const struct word *w)
{
	return hash32(fingerprint_short(w->text, stem_bytes(w)));
}

static double shape_weight(const struct word *w)
{
	double v = 1;

	if (w->number)
		return 1;
	if (w->ideographic)
		return w->letters == 1 ? 0.5 : 1.2;
	if (w->letters <= 5)
		v = SMALL_LETTER_STEP * w->letters;
	if (w->capital && w->letters > 1)
		v = (v < 0.6 ? v : 1) * CAPITAL_WEIGHT;
	return v;
}

static void count_term(struct making *m, const struct word *w, double field)
{
	uint32_t h = word_hash(w);
	size_t at = h % TERM_TABLE;

	while (m->terms[at].hash && m->terms[at].hash != h)
		at = (at + 1) % TERM_TABLE;
	if (!m->terms[at].hash) {
		if (m->n_terms == TERM_TABLE / 2)
			return;
		m->terms[at] = (struct term){ .hash = h, .order = (uint32_t)m->n_terms++ };
	}
	m->terms[at].weight += field * shape_weight(w);
}

static size_t bounded(const char *s)
{
	return s ? text_cut(s, strlen(s), TEXT_BYTES) : 0;
}

/* Words of the text as terms and numbers, up to a number; returns how many it read. */
static unsigned take_words(struct making *m, const char *text, size_t len, unsigned most, double field)
{
	struct number_reader numbers = { 0 };
	struct story_number number;
	struct word w;
	unsigned n = 0;

	words_start(m->words, text, len);
	while (n < most && words_next(m->words, &w)) {
		count_term(m, &w, field);
		if (number_next(&numbers, &w, &number))
			number_add(m->f, number);
		n++;
	}
	return n;
}

/* ---- the title ---- */

static size_t name_words(struct making *m, const char *name, size_t len, uint32_t *hashes)
{
	struct word w;
	size_t n = 0;

	words_start(m->words, name, len);
	while (n < NAME_WORDS && words_next(m->words, &w))
		hashes[n++] = word_hash(&w);
	return n;
}

static bool has(const uint32_t *set, size_t n, uint32_t v)
{
	for (size_t i = 0; i < n; i++)
		if (set[i] == v)
			return true;
	return false;
}

/* Where the last part of a title begins that a dash or bar sets off; len: there is none. */
static size_t last_part(const char *s, size_t len, size_t *ret_mark)
{
	static const char *const marks[] = { " - ", " | ", " — ", " – ", " :: ", " » ", " · " };
	size_t best = len;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t n = strlen(marks[i]);

		for (size_t at = len >= n ? len - n + 1 : 0; at-- > 0;) {
			if (memcmp(s + at, marks[i], n) != 0)
				continue;
			if (best == len || at > best) {
				best = at;
				*ret_mark = n;
			}
			break;
		}
	}
	return best;
}

/* The title without the source's own name behind it. */
static size_t title_bytes(struct making *m, const struct story_text *t)
{
	size_t len = bounded(t->title), mark = 0, at, n_name, n_tail, common = 0;
	uint32_t name[NAME_WORDS], tail[NAME_WORDS];

	at = last_part(t->title ? t->title : "", len, &mark);
	if (at == len || at == 0 || text_is_empty(t->source_title))
		return len;
	n_name = name_words(m, t->source_title, bounded(t->source_title), name);
	n_tail = name_words(m, t->title + at + mark, len - at - mark, tail);
	for (size_t i = 0; i < n_tail; i++)
		common += has(name, n_name, tail[i]);
	return n_tail > 0 && n_tail <= TITLE_TAIL_WORDS && common * 2 >= n_tail ? at : len;
}

/* Of the words without numbers, so that "Morning briefing, 12 May" is the briefing of the day before. */
static void key_title(struct making *m, const char *title, size_t len)
{
	uint64_t key = 0;
	struct word w;
	unsigned n = 0;

	words_start(m->words, title, len);
	while (words_next(m->words, &w)) {
		if (w.number)
			continue;
		key = key * 0x9E3779B97F4A7C15u + fingerprint_short(w.text, w.bytes);
		n++;
	}
	m->f->title_key = n ? (key ? key : 1) : 0;
}

/* ---- the body ---- */

/* The smallest hashes, in a heap with the largest on top; sorted at the end. */
static void sift_down(uint32_t *heap, size_t n, size_t i)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		uint32_t v = heap[i];

		child += child + 1 < n && heap[child + 1] > heap[child];
		if (heap[child] <= v)
			return;
		heap[i] = heap[child];
		heap[child] = v;
	}
}

static void sample(struct story_features *f, uint32_t h)
{
	if (f->n_shingles == STORY_SHINGLES) {
		if (h >= f->shingles[0] || has(f->shingles, f->n_shingles, h))
			return;
		f->shingles[0] = h;
		sift_down(f->shingles, f->n_shingles, 0);
		return;
	}
	if (has(f->shingles, f->n_shingles, h))
		return;
	f->shingles[f->n_shingles++] = h;
	if (f->n_shingles == STORY_SHINGLES)
		for (size_t i = STORY_SHINGLES / 2; i-- > 0;)
			sift_down(f->shingles, f->n_shingles, i);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void take_body(struct making *m, const char *text, size_t len)
{
	uint64_t run[SHINGLE_WORDS] = { 0 };
	struct number_reader numbers = { 0 };
	struct story_number number;
	struct word w;
	unsigned n = 0;

	words_start(m->words, text, len);
	while (n < BODY_WORDS && words_next(m->words, &w)) {
		run[n++ % SHINGLE_WORDS] = fingerprint_short(w.text, w.bytes);
		if (number_next(&numbers, &w, &number))
			number_add(m->f, number);
		if (n >= SHINGLE_WORDS) {
			uint64_t key[SHINGLE_WORDS];

			for (size_t i = 0; i < SHINGLE_WORDS; i++)
				key[i] = run[(n + i) % SHINGLE_WORDS];
			sample(m->f, hash32(fingerprint_short(key, sizeof(key))));
		}
	}
	m->f->body_words = (uint16_t)n;
	if (n < WIRE_WORDS)
		m->f->n_shingles = 0;
	qsort(m->f->shingles, m->f->n_shingles, sizeof(m->f->shingles[0]), by_value);
}

/* ---- together ---- */

static int by_hash(const void *a, const void *b)
{
	return by_value(&((const struct term *)a)->hash, &((const struct term *)b)->hash);
}

static int by_order(const void *a, const void *b)
{
	const struct term *x = a, *y = b;

	if (!x->hash != !y->hash)
		return !x->hash - !y->hash;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* The first ones in reading order, each by the logarithm of its count, brought to one length. */
static void finish_terms(struct making *m)
{
	size_t n = m->n_terms < STORY_TERMS ? m->n_terms : STORY_TERMS;
	double squares = 0;

	qsort(m->terms, TERM_TABLE, sizeof(m->terms[0]), by_order);
	for (size_t i = 0; i < n; i++) {
		struct term *t = &m->terms[i];

		t->weight = t->weight > 1 ? 1 + log(t->weight) : t->weight;
		squares += t->weight * t->weight;
	}
	qsort(m->terms, n, sizeof(m->terms[0]), by_hash);
	for (size_t i = 0; i < n; i++) {
		double v = m->terms[i].weight * WEIGHT_UNIT / sqrt(squares);

		m->f->terms[i] = m->terms[i].hash;
		m->f->weights[i] = (uint8_t)(v < 1 ? 1 : v + 0.5);
	}
	m->f->n_terms = (uint16_t)n;
}

static void make(struct making *m, const struct story_text *t)
{
	size_t title = title_bytes(m, t), summary = bounded(t->summary), content = bounded(t->content);
	unsigned n = 0;

	if (title) {
		(void)take_words(m, t->title, title, LEAD_WORDS, TITLE_WEIGHT);
		key_title(m, t->title, title);
	}
	if (summary)
		n = take_words(m, t->summary, summary, LEAD_WORDS, 1);
	if (content && n < SHORT_SUMMARY)
		(void)take_words(m, t->content, content, LEAD_WORDS, 1);
	finish_terms(m);
	if (content >= summary && content)
		take_body(m, t->content, content);
	else if (summary)
		take_body(m, t->summary, summary);
}

void story_features_make(const struct story_text *t, struct story_features *ret)
{
	struct making m = { .words = words_open(), .f = ret };

	*ret = (struct story_features){ 0 };
	if (!m.words)
		return;
	make(&m, t);
	words_close(m.words);
}
