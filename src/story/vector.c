#include "index.h"

#include "syndicated/base/mem.h"

void vector_done(struct vector *v)
{
	mem_free(v->ids);
	mem_free(v->weights);
	*v = (struct vector){ 0 };
}

static uint32_t count_new(const struct vector *v, const uint32_t *ids, size_t n)
{
	uint32_t i = 0, fresh = 0;

	for (size_t j = 0; j < n; j++) {
		while (i < v->n && v->ids[i] < ids[j])
			i++;
		fresh += i == v->n || v->ids[i] != ids[j];
	}
	return fresh;
}

static void make_room(struct vector *v, uint32_t n)
{
	if (n <= v->capacity)
		return;
	v->capacity = n + n / 4 + 8;
	v->ids = mem_resize_array(v->ids, v->capacity, sizeof(*v->ids));
	v->weights = mem_resize_array(v->weights, v->capacity, sizeof(*v->weights));
}

/* From the back, so that it needs no second array. */
void vector_add(struct vector *v, const uint32_t *ids, const uint8_t *weights, size_t n)
{
	uint32_t to = v->n + count_new(v, ids, n), i = v->n;

	make_room(v, to);
	v->n = to;
	while (n > 0) {
		if (i > 0 && v->ids[i - 1] >= ids[n - 1]) {
			bool same = v->ids[i - 1] == ids[n - 1];

			i--, to--;
			v->ids[to] = v->ids[i];
			v->weights[to] = v->weights[i] + (same ? weights[n - 1] : 0);
			n -= same;
		} else {
			n--, to--;
			v->ids[to] = ids[n];
			v->weights[to] = weights[n];
		}
	}
}

void vector_subtract(struct vector *v, const uint32_t *ids, const uint8_t *weights, size_t n)
{
	uint32_t to = 0;
	size_t j = 0;

	for (uint32_t i = 0; i < v->n; i++) {
		uint32_t left = v->weights[i];

		while (j < n && ids[j] < v->ids[i])
			j++;
		if (j < n && ids[j] == v->ids[i])
			left -= weights[j];
		if (left == 0)
			continue;
		v->ids[to] = v->ids[i];
		v->weights[to++] = left;
	}
	v->n = to;
}
