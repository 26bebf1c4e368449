#ifndef FEEDS_H
#define FEEDS_H
/* The documents that parsers are measured with: generated ones, or files of a folder. */
#include <stdbool.h>
#include <stddef.h>

struct feed_file {
	char *bytes;
	size_t len;
};

struct feed_set {
	struct feed_file *files;
	size_t n;
	size_t bytes;
};

/*
 * n different documents of about 69 kB, RSS and Atom in turn, 30 items each with about 1.5 kB of escaped HTML; the same
 * ones in every run.
 */
void feed_set_generate(struct feed_set *set, size_t n);
/* Every regular file of the folder that keep() wants; a folder that is not there leaves the set empty. */
void feed_set_read(struct feed_set *set, const char *directory, bool (*keep)(const struct feed_file *f));
/* As 00.xml, 01.xml ... Ends the program when it cannot. */
void feed_set_write(const struct feed_set *set, const char *directory);
void feed_set_done(struct feed_set *set);

#endif
