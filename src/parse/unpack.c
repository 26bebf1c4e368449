#include "unpack.h"

#include <stdbool.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "coding.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

enum { MAX_SPACE = 64, MIN_PART = 64, STEP_BYTES = 64 << 10, WINDOW_AUTO = 15 + 32 /* zlib looks which of gzip and zlib it is */ };

enum ending { ENDING_WHOLE, ENDING_CUT, ENDING_DAMAGED, ENDING_MORE, ENDING_TOO_BIG };

static bool is_gzip(const unsigned char *p, size_t len)
{
	return len >= 3 && p[0] == 0x1F && p[1] == 0x8B && p[2] == 8;
}

/* RFC 1950: deflate with a window of 32 KiB, no dictionary, and a check of both bytes. */
static bool is_zlib(const unsigned char *p, size_t len)
{
	return len >= 2 && p[0] == 0x78 && (p[0] << 8 | p[1]) % 31 == 0 && !(p[1] & 0x20);
}

/* Where packed bytes begin, or len. */
static size_t find_packed(const unsigned char *p, size_t len)
{
	size_t at = 0;

	if (is_zlib(p, len))
		return 0;
	while (at < len && at < MAX_SPACE && text_is_space((char)p[at]))
		at++;
	if (len - at >= 3 && memcmp(p + at, "\xEF\xBB\xBF", 3) == 0)
		at += 3;
	return is_gzip(p + at, len - at) ? at : len;
}

/* Members of gzip may follow each other (RFC 1952 section 2.2); what follows and is none is passed over. */
static enum ending inflate_all(z_stream *z, size_t packed, struct buf *out)
{
	for (;;) {
		size_t room = out->max_bytes - out->len < STEP_BYTES ? out->max_bytes - out->len : STEP_BYTES;
		char *to = buf_reserve(out, room ? room : 1);
		int result;

		if (!to)
			return ENDING_TOO_BIG;
		z->next_out = (Bytef *)to;
		z->avail_out = (uInt)room;
		result = inflate(z, Z_NO_FLUSH);
		buf_grew(out, room - z->avail_out);
		if (coding_is_bomb(out->len, packed))
			return ENDING_TOO_BIG;
		if (result == Z_STREAM_END) {
			if (z->avail_in == 0)
				return ENDING_WHOLE;
			if (!is_gzip(z->next_in, z->avail_in) || inflateReset(z) != Z_OK)
				return ENDING_MORE;
		} else if (result == Z_BUF_ERROR || (result == Z_OK && z->avail_in == 0 && z->avail_out > 0)) {
			return ENDING_CUT;
		} else if (result != Z_OK) {
			return ENDING_DAMAGED;
		}
	}
}

int unpack_body(const char *bytes, size_t len, struct buf *out, struct problem_list *problems, struct err *message)
{
	static const char *const endings[] = {
		[ENDING_CUT] = "The packed body ends early; what could be read of it was read.",
		[ENDING_DAMAGED] = "The packed body is damaged; what could be read of it was read.",
		[ENDING_MORE] = "Something stands behind the packed body; it was passed over.",
	};
	size_t at = find_packed((const unsigned char *)bytes, len);
	z_stream z = { .next_in = (const Bytef *)(bytes + at), .avail_in = (uInt)(len - at) };
	enum ending ending;

	if (at == len || inflateInit2(&z, WINDOW_AUTO) != Z_OK)
		return 0;
	ending = inflate_all(&z, len - at, out);
	inflateEnd(&z);
	if (ending == ENDING_TOO_BIG)
		return err_set(message, ERR_TOO_BIG, "the packed document grows to more than %u MiB, or like a bomb", LIMIT_FEED_BYTES >> 20);
	/* Text may begin with the two bytes of zlib ("x^2"), and inflate finds some bytes in anything. */
	if (out->len == 0 || (bytes[at] == 'x' && ending != ENDING_WHOLE && out->len < MIN_PART)) {
		buf_clear(out);
		return 0;
	}
	problem_add(problems, "packed-body", 0, "The body is packed (%s) although no header says so; it was unpacked.",
	            bytes[at] == 'x' ? "zlib" : "gzip");
	if (ending != ENDING_WHOLE)
		problem_add(problems, "packed-damaged", 0, "%s", endings[ending]);
	return 0;
}
