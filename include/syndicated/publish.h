#ifndef SYNDICATED_PUBLISH_H
#define SYNDICATED_PUBLISH_H
/*
 * Stories to bytes: one file a format, and the snapshot that serve/ sends. Pure functions of what they are given: the
 * same stories give the same bytes, so an unchanged feed keeps its ETag (push.md A21). Any thread.
 */
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/model/spec.h"
#include "syndicated/model/view.h"

struct publish_context {
	const char *base_url;  /* without trailing slash */
	const char *site_title;
	const struct feed_spec *feed;
	const struct story_list *stories;
	const struct feed_spec *feeds; /* all of them, for links between pages */
	size_t n_feeds;
};

struct publish_format {
	const char *name;         /* "atom" */
	const char *extension;    /* ".atom"; the page has "/" */
	const char *content_type;
	void (*write)(const struct publish_context *c, struct buf *out);
};
/* Every format, ended by a NULL name: a new output is a new file in publish/ and a row here. */
extern const struct publish_format publish_formats[];

/* A finished document. Immutable; counted, so that a slow client keeps an old one alive. */
struct snapshot {
	char *content_type;
	char *bytes;
	size_t len;
	char *gzip_bytes;
	size_t gzip_len;
	char etag[64];      /* strong, with quotes; the gzip form has its own */
	char gzip_etag[64];
	int64_t last_modified_ms;
};
/* Takes the bytes out of body; NULL when body has failed. */
struct snapshot *snapshot_new(const char *content_type, struct buf *body, int64_t last_modified_ms);
struct snapshot *snapshot_ref(struct snapshot *s);
struct snapshot *snapshot_unref(struct snapshot *s); /* NULL-safe, returns NULL; any thread */

/* The newest change among the stories, or 0: feed's atom:updated and Last-Modified. */
int64_t publish_updated_ms(const struct story_list *stories);

#endif
