#include "store_dir.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int store_dir_remove(const char *dir)
{
	static const char *const names[] = {"syndicated.db", "syndicated.db-wal", "syndicated.db-shm"};
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	return rmdir(dir);
}

void store_dir_host_of(const char *url, char out[STORE_HOST_BYTES], void *ctx)
{
	const char *host = strstr(url, "//") + 2;

	(void)ctx;
	(void)snprintf(out, STORE_HOST_BYTES, "%.*s", (int)strcspn(host, "/"), host);
}

int store_dir_purge(struct store *s, int64_t now_ms, int64_t keep_age_ms, int64_t keep_items, struct err *err)
{
	const struct store_purge_rules rules = {.now_ms = now_ms, .keep_age_ms = keep_age_ms, .keep_items = keep_items, .max_ms = 1000};
	struct store_purged purged = {.more = true};
	size_t removed = 0;

	while (purged.more) {
		int rc = store_purge(s, &rules, &purged, err);

		if (rc < 0)
			return rc;
		removed += purged.items;
	}
	return (int)removed;
}
