#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <zlib.h>

#include "publish_internal.h"
#include "syndicated/base/digest.h"
#include "syndicated/base/mem.h"

enum { ETAG_HASH_BYTES = 16, GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8, GZIP_OS_UNKNOWN = 255 };

struct counted_snapshot {
	struct snapshot s; /* first: serve/ sees only this */
	atomic_size_t references;
};

/* Once per document, not per request. No file name and no time inside, so that the same document gives the same bytes. */
static void compress_body(struct snapshot *s)
{
	z_stream z = {0};
	gz_header header = {.os = GZIP_OS_UNKNOWN};

	/* zlib fails on out-of-memory and on misuse only; see base/mem.h for both. */
	int result = deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY);
	assert(result == Z_OK);
	result = deflateSetHeader(&z, &header);
	assert(result == Z_OK);
	size_t bound = deflateBound(&z, s->len);
	s->gzip_bytes = mem_alloc_zero(bound, 1);
	z.next_in = (Bytef *)s->bytes;
	z.avail_in = (uInt)s->len;
	z.next_out = (Bytef *)s->gzip_bytes;
	z.avail_out = (uInt)bound;
	result = deflate(&z, Z_FINISH);
	assert(result == Z_STREAM_END);
	s->gzip_len = z.total_out;
	deflateEnd(&z);
	s->gzip_bytes = mem_resize_array(s->gzip_bytes, s->gzip_len, 1);
}

static void make_etags(struct snapshot *s)
{
	char hex[2 * ETAG_HASH_BYTES + 1];
	struct digest d = digest_of(s->bytes, s->len);

	digest_hex(d.bytes, ETAG_HASH_BYTES, hex);
	snprintf(s->etag, sizeof(s->etag), "\"%s\"", hex);
	snprintf(s->gzip_etag, sizeof(s->gzip_etag), "\"%s-gz\"", hex);
}

struct snapshot *snapshot_new(const char *content_type, struct buf *body, int64_t last_modified_ms)
{
	char *bytes = NULL;
	size_t len = 0;

	/* A document is at most body->max_bytes; zlib counts in 32 bits. */
	assert(body->len < UINT32_MAX / 2);
	if (buf_take(body, &bytes, &len) != 0)
		return NULL;
	struct counted_snapshot *c = mem_new(struct counted_snapshot);
	c->s.content_type = mem_dup_str(content_type);
	c->s.bytes = bytes;
	c->s.len = len;
	c->s.last_modified_ms = last_modified_ms;
	make_etags(&c->s);
	compress_body(&c->s);
	atomic_init(&c->references, 1);
	return &c->s;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
	atomic_fetch_add_explicit(&((struct counted_snapshot *)s)->references, 1, memory_order_relaxed);
	return s;
}

struct snapshot *snapshot_unref(struct snapshot *s)
{
	struct counted_snapshot *c = (struct counted_snapshot *)s;

	if (c == NULL || atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) > 1)
		return NULL;
	mem_free(s->content_type);
	mem_free(s->bytes);
	mem_free(s->gzip_bytes);
	mem_free(c);
	return NULL;
}
