#ifndef TESTS_STORE_WORLD_H
#define TESTS_STORE_WORLD_H
/* A store in a directory of its own with one source "a", for cmocka tests: its set-up and tear-down, and polls of it. */
#include "syndicated/store.h"

#define STORE_WORLD_NOW ((int64_t)1700000000000)
#define STORE_WORLD_DAY ((int64_t)86400000)

struct store_world {
	char dir[32];
	struct store *s;
	struct store_reader *r;
	struct err err;
};

int store_world_set_up(void **state);
int store_world_tear_down(void **state);
void store_world_open(struct store_world *w);
void store_world_close(struct store_world *w);
void store_world_must(struct store_world *w, int rc);

struct store_world_text {
	const char *guid, *title, *content;
};
/* Takes in a document of these items, in a savepoint that is kept or not. */
void store_world_take_in(struct store_world *w, int64_t now_ms, const struct store_world_text *texts, size_t n, bool keep);
/* The same in a transaction of its own. */
void store_world_take(struct store_world *w, int64_t now_ms, const struct store_world_text *texts, size_t n, bool keep);
/* Overwrites bytes of a file. */
void store_world_spoil(const char *path, long from, size_t len);

#endif
