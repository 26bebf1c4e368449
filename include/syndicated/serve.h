#ifndef SYNDICATED_SERVE_H
#define SYNDICATED_SERVE_H
/*
 * GET of a ready snapshot: the public port, read-only. Nothing is computed on the request path: a path is looked up,
 * If-None-Match and If-Modified-Since are compared, prepared bytes are sent, gzip or not (push.md A29). The exception are
 * figures, which are other ones a moment later: they are written out when somebody asks. Loop thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/err.h"
#include "syndicated/base/loop.h"

struct serve;
struct serve *serve_new(struct loop *loop);
struct serve *serve_free(struct serve *s);

/* Adds a listening address ("127.0.0.1:8780") or a descriptor passed by systemd. */
must_check int serve_listen(struct serve *s, const char *where, struct err *err);
must_check int serve_listen_fd(struct serve *s, int fd, struct err *err);

/* What is served at a path. Bytes are copied; a document with the same ETag as before is left alone. */
struct serve_document {
	const char *content_type;
	const char *bytes;
	size_t len;
	const char *gzip_bytes; /* NULL: only the plain form */
	size_t gzip_len;
	const char *etag;
	const char *gzip_etag;
	int64_t last_modified_ms;
	const char *link;       /* value of a Link header, or NULL */
};
void serve_set(struct serve *s, const char *path, const struct serve_document *document);
/* render appends what is to be said now, within LIMIT_FIGURES_BYTES and without waiting for anything; content_type is a literal. */
void serve_set_figures(struct serve *s, const char *path, const char *content_type, void (*render)(struct buf *out, void *ctx), void *ctx);
void serve_remove(struct serve *s, const char *path);
int64_t serve_requests(const struct serve *s);

#endif
