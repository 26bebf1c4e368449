#ifndef TESTS_STORE_DIR_H
#define TESTS_STORE_DIR_H
/* What tests and benchmarks of the store share. */
#include "syndicated/store.h"

int store_dir_remove(const char *dir); /* with a closed store in it; 0, or -1 when something else is left in it */
/* The host of "scheme://host/path" as it stands there: a rule for struct store_sync_rules. */
void store_dir_host_of(const char *url, char out[STORE_HOST_BYTES], void *ctx);
/* A round of the purge to its end; how many items it removed, or an error. */
int store_dir_purge(struct store *s, int64_t now_ms, int64_t keep_age_ms, int64_t keep_items, struct err *err);

#endif
