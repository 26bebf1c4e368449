#ifndef TESTS_LIB_GOLDEN_H
#define TESTS_LIB_GOLDEN_H
/*
 * The feeds of tests/corpus/feeds: NAME.xml or NAME.json with NAME.want.json, what syndicated makes of it. All of them are
 * ours. UPDATE_GOLDEN=1 in the environment writes what comes out instead of comparing; the diff is then read by a person.
 */
#include <stddef.h>

#include "syndicated/model/document.h"

struct golden {
	char *name; /* without the folder: "rss-20.xml" */
	char *path;
	char *want_path;
	char *bytes;
	size_t len;
};

/* All of them, by name; exits when there are none. The caller frees with golden_free(). */
struct golden *golden_load(size_t *ret_n);
void golden_free(struct golden *all, size_t n);
/* NULL when there is no such file. */
char *golden_read(const char *path, size_t *ret_len);

/*
 * Every field that says something, in the order of model/document.h, as JSON of one member a line. Left out are the hashes
 * of identify/, which no eye can check and test_identify does; and `format` of times is RFC 3339.
 */
char *golden_document(const struct feed_document *d);
/* What ingest_run() makes of the bytes: golden_document(), or the status and message of what is no feed. */
char *golden_ingest(const char *bytes, size_t len);

#endif
