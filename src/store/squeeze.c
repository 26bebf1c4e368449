/*
 * The bodies of items, made small: zstd at its quickest level, or as they are when that does not help.
 *
 * The kind is the first stored byte. That of zstd is the last byte of the magic number that its frames begin with, so three
 * bytes of each are not stored and the frame is whole again when they stand before what was read. A frame bears the
 * length of what is in it and a checksum, so what it gives is the text that was stored, or an error.
 * Memory comes from SQLite: an item's body is one more thing of the database that may fail for want of it.
 */
#define ZSTD_STATIC_LINKING_ONLY /* contexts with an allocator; exported by the shared library since 1.0 */
#include <zstd.h>

#include "store_internal.h"

enum {
	LEVEL = 1,
	WORTH_BYTES = 600, /* what squeezing less than that saves is not worth its CPU (decision 027) */
	KIND_PLAIN = 0,
	KIND_ZSTD = 0xfd,
};

static const char magic_begins[SQUEEZE_AHEAD] = {0x28, (char)0xb5, 0x2f};

static void *lend(void *ctx, size_t size)
{
	(void)ctx;
	return sqlite3_malloc64(size);
}

static void give_back(void *ctx, void *p)
{
	(void)ctx;
	sqlite3_free(p);
}

static const ZSTD_customMem memory = {lend, give_back, NULL};

static ZSTD_CCtx *writing(struct squeezer *s)
{
	if (s->writing)
		return s->writing;
	s->writing = ZSTD_createCCtx_advanced(memory);
	if (s->writing) {
		(void)ZSTD_CCtx_setParameter(s->writing, ZSTD_c_compressionLevel, LEVEL);
		(void)ZSTD_CCtx_setParameter(s->writing, ZSTD_c_checksumFlag, 1);
	}
	return s->writing;
}

static ZSTD_DCtx *reading(struct squeezer *s)
{
	if (!s->reading)
		s->reading = ZSTD_createDCtx_advanced(memory);
	return s->reading;
}

void squeezer_done(struct squeezer *s)
{
	(void)ZSTD_freeCCtx(s->writing);
	(void)ZSTD_freeDCtx(s->reading);
	*s = (struct squeezer){0};
}

void squeeze_begin(struct buf *plain)
{
	buf_append_char(plain, KIND_PLAIN);
}

int squeeze(struct db *db, const struct buf *plain, struct buf *room, struct squeezed *ret, struct err *err)
{
	size_t bound = ZSTD_compressBound(plain->len - 1), n;
	ZSTD_CCtx *zstd;
	char *out;

	*ret = (struct squeezed){plain->bytes, plain->len};
	if (plain->len - 1 < WORTH_BYTES)
		return 0;
	*room = BUF_INIT(bound);
	out = buf_reserve(room, bound);
	zstd = writing(&db->squeezer);
	n = zstd && out ? ZSTD_compress2(zstd, out, bound, plain->bytes + 1, plain->len - 1) : (size_t)-1;
	if (!zstd || !out || ZSTD_isError(n))
		return err_set(err, ERR_IO, "no memory to store the texts of an item; they will be fetched again");
	if (n - SQUEEZE_AHEAD < plain->len)
		*ret = (struct squeezed){out + SQUEEZE_AHEAD, n - SQUEEZE_AHEAD};
	return 0;
}

void unsqueeze_begin(struct buf *stored)
{
	buf_append(stored, magic_begins, sizeof(magic_begins));
}

static int no_sense(const struct db *db, struct err *err)
{
	return err_set(err, ERR_CORRUPT, "the database %s is damaged: the texts of an item make no sense; " DAMAGED_ADVICE, db->path);
}

static int read_frame(struct db *db, const struct buf *stored, struct buf *room, struct squeezed *ret, struct err *err)
{
	unsigned long long says = ZSTD_getFrameContentSize(stored->bytes, stored->len);
	ZSTD_DCtx *zstd;
	char *out;
	size_t n;

	if (says > room->max_bytes) /* what is unknown or no frame is a very large number */
		return no_sense(db, err);
	zstd = reading(&db->squeezer);
	if (!zstd)
		return err_set(err, ERR_IO, "no memory to read the texts of an item");
	out = buf_reserve(room, (size_t)says);
	n = out ? ZSTD_decompressDCtx(zstd, out, (size_t)says, stored->bytes, stored->len) : 0;
	if (!out || n != says)
		return no_sense(db, err);
	*ret = (struct squeezed){out, n};
	return 0;
}

int unsqueeze(struct db *db, const struct buf *stored, struct buf *room, struct squeezed *ret, struct err *err)
{
	const size_t kind = SQUEEZE_AHEAD;

	if (buf_error(stored) < 0 || stored->len <= kind)
		return no_sense(db, err);
	if (stored->bytes[kind] == KIND_PLAIN) {
		*ret = (struct squeezed){stored->bytes + kind + 1, stored->len - kind - 1};
		return 0;
	}
	return (unsigned char)stored->bytes[kind] == KIND_ZSTD ? read_frame(db, stored, room, ret, err) : no_sense(db, err);
}
