/*
 * Features as bytes, little endian: version, title key, four counts, then the arrays. What decodes is exactly what an
 * encoder writes: in order, within the maxima, nothing left over.
 */
#include <string.h>

#include "story_internal.h"

enum { BLOB_VERSION = 1, HEAD_BYTES = 1 + 8 + 4 + 2 };

static void put(struct buf *out, uint64_t v, size_t bytes)
{
	unsigned char le[8];

	for (size_t i = 0; i < bytes; i++)
		le[i] = (unsigned char)(v >> 8 * i);
	buf_append(out, le, bytes);
}

static uint64_t get(const unsigned char **p, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)(*p)[i] << 8 * i;
	*p += bytes;
	return v;
}

void story_features_encode(const struct story_features *f, struct buf *out)
{
	put(out, BLOB_VERSION, 1);
	put(out, f->title_key, 8);
	put(out, f->n_terms, 1);
	put(out, f->n_numbers, 1);
	put(out, f->n_shingles, 1);
	put(out, 0, 1);
	put(out, f->body_words, 2);
	for (size_t i = 0; i < f->n_terms; i++)
		put(out, f->terms[i], 4);
	buf_append(out, f->weights, f->n_terms);
	for (size_t i = 0; i < f->n_numbers; i++) {
		put(out, f->numbers[i].kind, 1);
		put(out, f->numbers[i].value, 4);
	}
	for (size_t i = 0; i < f->n_shingles; i++)
		put(out, f->shingles[i], 4);
}

static bool ascending(const uint32_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (v[i - 1] >= v[i])
			return false;
	return true;
}

static bool sound_numbers(const struct story_number *n, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (n[i].kind >= STORY_NUMBER_KINDS)
			return false;
		if (i && (n[i - 1].kind > n[i].kind || (n[i - 1].kind == n[i].kind && n[i - 1].value >= n[i].value)))
			return false;
	}
	return true;
}

static bool sound_terms(const struct story_features *f)
{
	for (size_t i = 0; i < f->n_terms; i++)
		if (f->weights[i] == 0 || f->terms[i] == 0)
			return false;
	return ascending(f->terms, f->n_terms);
}

static void read_arrays(const unsigned char *p, struct story_features *f)
{
	for (size_t i = 0; i < f->n_terms; i++)
		f->terms[i] = (uint32_t)get(&p, 4);
	for (size_t i = 0; i < f->n_terms; i++)
		f->weights[i] = (uint8_t)get(&p, 1);
	for (size_t i = 0; i < f->n_numbers; i++) {
		f->numbers[i].kind = (uint8_t)get(&p, 1);
		f->numbers[i].value = (uint32_t)get(&p, 4);
	}
	for (size_t i = 0; i < f->n_shingles; i++)
		f->shingles[i] = (uint32_t)get(&p, 4);
}

int story_features_decode(const void *bytes, size_t len, struct story_features *ret)
{
	const unsigned char *p = bytes;
	struct story_features f = { 0 };

	*ret = f;
	if (len < HEAD_BYTES || get(&p, 1) != BLOB_VERSION)
		return ERR_CORRUPT;
	f.title_key = get(&p, 8);
	f.n_terms = (uint16_t)get(&p, 1);
	f.n_numbers = (uint16_t)get(&p, 1);
	f.n_shingles = (uint16_t)get(&p, 1);
	if (get(&p, 1) != 0 || f.n_terms > STORY_TERMS || f.n_numbers > STORY_NUMBERS || f.n_shingles > STORY_SHINGLES)
		return ERR_CORRUPT;
	f.body_words = (uint16_t)get(&p, 2);
	if (len != HEAD_BYTES + f.n_terms * 5u + f.n_numbers * 5u + f.n_shingles * 4u)
		return ERR_CORRUPT;
	read_arrays(p, &f);
	if (!sound_terms(&f) || !sound_numbers(f.numbers, f.n_numbers) || !ascending(f.shingles, f.n_shingles))
		return ERR_CORRUPT;
	*ret = f;
	return 0;
}
