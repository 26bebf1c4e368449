#include "store_dir.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int store_dir_remove(const char *dir)
{
	static const char *const names[] = {"syndicated.db", "syndicated.db-journal", "syndicated.db-wal", "syndicated.db-shm"};
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
