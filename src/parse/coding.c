/* The formats of Content-Encoding: gzip and deflate (zlib), br (brotli), zstd. */
#include "coding.h"

#include <brotli/decode.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

enum { WINDOW_GZIP = 15 + 16, WINDOW_ZLIB = 15, WINDOW_RAW = -15, ZSTD_WINDOW_LOG = 23 /* RFC 9659: 8 MiB are enough for the web */ };

/* ---- gzip, deflate ---- */

static void *begin_inflate(int window)
{
	z_stream *z = mem_new(z_stream);

	if (inflateInit2(z, window) == Z_OK)
		return z;
	mem_free(z);
	return NULL;
}

static void *gzip_begin(const unsigned char *first, size_t len)
{
	(void)first, (void)len;
	return begin_inflate(WINDOW_GZIP);
}

/* RFC 9110 says zlib; some servers have always sent the bare stream. A zlib header is a multiple of 31. */
static void *deflate_begin(const unsigned char *first, size_t len)
{
	bool zlib = len >= 2 && (first[0] & 0x0F) == 8 && (first[0] << 8 | first[1]) % 31 == 0;

	return begin_inflate(zlib ? WINDOW_ZLIB : WINDOW_RAW);
}

static enum coding_step inflate_step(void *state, struct coding_io *io)
{
	z_stream *z = state;
	int result;

	z->next_in = io->in;
	z->avail_in = (uInt)io->in_len;
	z->next_out = io->out;
	z->avail_out = (uInt)io->room;
	result = inflate(z, Z_NO_FLUSH);
	io->in = z->next_in;
	io->in_len = z->avail_in;
	io->out = z->next_out;
	io->room = z->avail_out;
	if (result == Z_STREAM_END)
		return CODING_END;
	return result == Z_OK || result == Z_BUF_ERROR ? CODING_MORE : CODING_BAD;
}

/* RFC 1952 section 2.2: members may follow each other. */
static bool gzip_again(void *state, const struct coding_io *rest)
{
	return rest->in_len >= 3 && rest->in[0] == 0x1F && rest->in[1] == 0x8B && rest->in[2] == 8 && inflateReset(state) == Z_OK;
}

static void inflate_end(void *state)
{
	inflateEnd(state);
	mem_free(state);
}

/* ---- brotli ---- */

static void *brotli_begin(const unsigned char *first, size_t len)
{
	(void)first, (void)len;
	return BrotliDecoderCreateInstance(NULL, NULL, NULL);
}

static enum coding_step brotli_step(void *state, struct coding_io *io)
{
	switch (BrotliDecoderDecompressStream(state, &io->in_len, &io->in, &io->room, &io->out, NULL)) {
	case BROTLI_DECODER_RESULT_SUCCESS:
		return CODING_END;
	case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
	case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
		return CODING_MORE;
	case BROTLI_DECODER_RESULT_ERROR:
	default:
		return CODING_BAD;
	}
}

static void brotli_end(void *state)
{
	BrotliDecoderDestroyInstance(state);
}

/* ---- zstd ---- */

static void *zstd_begin(const unsigned char *first, size_t len)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();

	(void)first, (void)len;
	if (z)
		(void)ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
	return z;
}

static enum coding_step zstd_step(void *state, struct coding_io *io)
{
	ZSTD_inBuffer in = {io->in, io->in_len, 0};
	ZSTD_outBuffer out = {io->out, io->room, 0};
	size_t left = ZSTD_decompressStream(state, &out, &in);

	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->room -= out.pos;
	if (ZSTD_isError(left))
		return CODING_BAD;
	return left == 0 ? CODING_END : CODING_MORE;
}

/* RFC 8878 section 3: frames may follow each other; the decoder begins the next by itself. */
static bool zstd_again(void *state, const struct coding_io *rest)
{
	(void)state;
	return rest->in_len >= 4 && ((rest->in[0] == 0x28 && rest->in[1] == 0xB5 && rest->in[2] == 0x2F && rest->in[3] == 0xFD) ||
	                             ((rest->in[0] & 0xF0) == 0x50 && rest->in[1] == 0x2A && rest->in[2] == 0x4D && rest->in[3] == 0x18));
}

static void zstd_end(void *state)
{
	(void)ZSTD_freeDCtx(state);
}

const struct coding codings[] = {
	{"gzip", "x-gzip", gzip_begin, inflate_step, gzip_again, inflate_end},
	{"deflate", NULL, deflate_begin, inflate_step, NULL, inflate_end},
	{"br", NULL, brotli_begin, brotli_step, NULL, brotli_end},
	{"zstd", NULL, zstd_begin, zstd_step, zstd_again, zstd_end},
	{NULL, NULL, NULL, NULL, NULL, NULL},
};

bool coding_is_bomb(size_t unpacked, size_t packed)
{
	return unpacked > LIMIT_EXPANSION_FREE_BYTES && unpacked / LIMIT_EXPANSION_RATIO > packed;
}
