/* mrss DIR: libmrss over all files of a folder, in this one process. Built by scripts/bench-peers, not by make. */
#include <dirent.h>
#include <mrss.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static char *files[4096];
static size_t sizes[4096], n, size;

static double cpu(void)
{
	struct rusage r;

	(void)getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void read_file(const char *directory, const char *name)
{
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = name[0] == '.' || n == 4096 ? NULL : fopen(path, "rb");
	if (!f)
		return;
	(void)fseek(f, 0, SEEK_END);
	sizes[n] = (size_t)ftell(f);
	rewind(f);
	files[n] = calloc(1, sizes[n] + 1);
	if (files[n] && fread(files[n], 1, sizes[n], f) == sizes[n])
		size += sizes[n++];
	(void)fclose(f);
}

static size_t parse_all(void)
{
	size_t items = 0;

	for (size_t i = 0; i < n; i++) {
		mrss_t *feed = NULL;

		if (mrss_parse_buffer(files[i], sizes[i], &feed) != MRSS_OK)
			continue;
		for (mrss_item_t *item = feed->item; item; item = item->next)
			items++;
		(void)mrss_free(feed);
	}
	return items;
}

int main(int argc, char **argv)
{
	DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *e;
	double best = 0;
	size_t items = 0;

	while (d && (e = readdir(d)))
		read_file(argv[1], e->d_name);
	for (int round = 0; round < 4; round++) {
		double began = cpu(), used = 0;
		unsigned rounds = 0;

		for (; used < 1; rounds++, used = cpu() - began)
			items = parse_all();
		best = (double)size * rounds / used / 1e6 > best ? (double)size * rounds / used / 1e6 : best;
	}
	printf("{\"peer\": \"libmrss (C)\", \"mb_per_s\": %.2f, \"items\": %zu, \"documents\": %zu, \"bytes\": %zu}\n", best, items, n, size);
	return EXIT_SUCCESS;
}
