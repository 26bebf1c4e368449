#include "stories_score.h"

#include <stdio.h>
#include <stdlib.h>

#include "syndicated/base/mem.h"

struct cell {
	uint32_t truth, found;
};

static int by_cell(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	if (x->truth != y->truth)
		return x->truth < y->truth ? -1 : 1;
	return x->found < y->found ? -1 : x->found > y->found;
}

static double f1_of(double p, double r)
{
	return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

static double pairs_of(double n)
{
	return n * (n - 1) / 2;
}

static double share(double part, double whole)
{
	return whole > 0 ? part / whole : 1;
}

void score_clusters(const uint32_t *truth, const uint32_t *found, const bool *in, size_t n, struct score *pairs, struct score *b3)
{
	double *in_truth = mem_new_array(double, n + 1), *in_found = mem_new_array(double, n + 1);
	double both = 0, same_truth = 0, same_found = 0, documents = 0;
	struct cell *cells = mem_new_array(struct cell, n + 1);
	size_t m = 0;

	*b3 = (struct score){ 0 };
	for (size_t i = 0; i < n; i++) {
		if (!in[i])
			continue;
		same_truth += in_truth[truth[i]]++;
		same_found += in_found[found[i]]++;
		cells[m++] = (struct cell){ truth[i], found[i] };
	}
	documents = (double)m;
	qsort(cells, m, sizeof(cells[0]), by_cell);
	for (size_t i = 0, end; i < m; i = end) {
		double k;

		for (end = i; end < m && by_cell(&cells[i], &cells[end]) == 0;)
			end++;
		k = (double)(end - i);
		both += pairs_of(k);
		b3->precision += k * k / in_found[cells[i].found] / documents;
		b3->recall += k * k / in_truth[cells[i].truth] / documents;
	}
	b3->f1 = f1_of(b3->precision, b3->recall);
	*pairs = (struct score){ .precision = share(both, same_found), .recall = share(both, same_truth) };
	pairs->f1 = f1_of(pairs->precision, pairs->recall);
	mem_free(in_truth);
	mem_free(in_found);
	mem_free(cells);
}

static void print_score(const char *name, const struct score *s)
{
	printf("\"%s\": {\"precision\": %.4f, \"recall\": %.4f, \"f1\": %.4f}", name, s->precision, s->recall, s->f1);
}

void score_print(const uint32_t *truth, const uint32_t *found, const bool *in, size_t n)
{
	struct score pairs, b3;

	score_clusters(truth, found, in, n, &pairs, &b3);
	printf("{");
	print_score("pairs", &pairs);
	printf(", ");
	print_score("b3", &b3);
	printf("}");
}
