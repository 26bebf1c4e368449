#ifndef SYNDICATED_MODEL_PROBLEM_H
#define SYNDICATED_MODEL_PROBLEM_H
/*
 * Something wrong with a source's document: shown to the operator, stored with the source, never logged as an error.
 * At most LIMIT_PROBLEMS are kept of one document; the count goes on.
 */
#include <stddef.h>
#include <stdint.h>

struct problem {
	char *code; /* a stable word with dashes: "bad-date", "encoding-guessed", "worker-crashed" */
	char *text; /* one sentence for a person */
	uint32_t line; /* 1-based place in the document; 0 when it has none */
};

struct problem_list {
	struct problem *items;
	size_t n;
	size_t total; /* also those not kept */
};

void problem_add(struct problem_list *l, const char *code, uint32_t line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void problem_list_done(struct problem_list *l);

#endif
