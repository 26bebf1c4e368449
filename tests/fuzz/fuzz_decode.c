/*
 * Packed bodies (polling.md R109 to R112). The first byte of the input chooses the coding and what is done with the rest: it
 * is a body as it came over the wire, or a Content-Encoding line and a body, or a document that is packed here and must come
 * back as it was, and not at all when its end is missing.
 */
#include "fuzz.h"

#include <string.h>
#include <zlib.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/parse.h"

const char fuzz_name[] = "decode";

enum { MAX_BYTES = 4 << 20, HEADER_BYTES = 128 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_init();
	return 0;
}

/* An outcome of three, nothing beyond the limit, no bomb, and a sentence where there is no body. */
static enum parse_status decode(const char *header, const void *bytes, size_t len, struct buf *out)
{
	struct err message = {0};
	enum parse_status status = parse_decode(header, bytes, len, out, &message);

	FUZZ_CHECK(status == PARSE_OK || status == PARSE_TOO_BIG || status == PARSE_ENCODING, "%s: status %d", header, (int)status);
	FUZZ_CHECK(out->len <= out->max_bytes, "%zu bytes of %zu", out->len, out->max_bytes);
	if (status != PARSE_OK) {
		FUZZ_CHECK(message.message[0], "no word about what is wrong");
		return status;
	}
	FUZZ_CHECK(buf_error(out) == 0, "what was taken is not whole");
	FUZZ_CHECK(out->len <= LIMIT_EXPANSION_FREE_BYTES || out->len / LIMIT_EXPANSION_RATIO <= len || !parse_is_packed(header),
	           "a bomb: %zu bytes out of %zu", out->len, len);
	return status;
}

/* The limit decides at the byte: what just fits is the same, with one byte less there is nothing. */
static void try_body(const char *header, const void *bytes, size_t len)
{
	struct buf out = BUF_INIT(MAX_BYTES), exact;

	if (decode(header, bytes, len, &out) == PARSE_OK && out.len > 0) {
		buf_init(&exact, out.len);
		/* With codings on top of each other the limit is for each: one between may be larger than the last. */
		if (decode(header, bytes, len, &exact) == PARSE_OK)
			FUZZ_CHECK(exact.len == out.len && memcmp(exact.bytes, out.bytes, out.len) == 0, "another result the second time");
		else
			FUZZ_CHECK(strchr(header, ','), "what just fits did not");
		buf_done(&exact);
		buf_init(&exact, out.len - 1);
		FUZZ_CHECK(decode(header, bytes, len, &exact) == PARSE_TOO_BIG, "one byte more than the limit");
		buf_done(&exact);
	}
	buf_done(&out);
}

static void pack(int window, const uint8_t *bytes, size_t len, struct buf *out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)len};
	size_t room;

	FUZZ_CHECK(deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
	room = deflateBound(&z, len) + 32;
	z.next_out = (Bytef *)buf_reserve(out, room);
	z.avail_out = (uInt)room;
	FUZZ_CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END, "zlib");
	buf_grew(out, room - z.avail_out);
	(void)deflateEnd(&z);
}

static void try_round(const char *header, int window, const uint8_t *bytes, size_t len)
{
	struct buf packed = BUF_INIT(1 << 20), out = BUF_INIT(MAX_BYTES);

	pack(window, bytes, len, &packed);
	FUZZ_CHECK(decode(header, packed.bytes, packed.len, &out) == PARSE_OK, "%s: what zlib packed is not read", header);
	FUZZ_CHECK(out.len == len && (len == 0 || memcmp(out.bytes, bytes, len) == 0), "%s: another document came out", header);
	buf_clear(&out);
	FUZZ_CHECK(decode(header, packed.bytes, packed.len - 1 - len % 4, &out) != PARSE_OK, "%s: a cut body was taken", header);
	buf_done(&out);
	buf_done(&packed);
}

static void try_header(const uint8_t *bytes, size_t len)
{
	const uint8_t *line = memchr(bytes, '\n', len < HEADER_BYTES ? len : HEADER_BYTES);
	size_t n = line ? (size_t)(line - bytes) : 0;
	char header[HEADER_BYTES];

	if (!line)
		return;
	memcpy(header, bytes, n);
	header[n] = '\0';
	try_body(header, line + 1, len - n - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const headers[] = {"gzip", "deflate", "br", "zstd", "gzip, br", "zstd, deflate, gzip"};
	enum { HEADERS = sizeof(headers) / sizeof(headers[0]) };
	unsigned kind;

	if (size == 0)
		return 0;
	kind = data[0] % (HEADERS + 3);
	if (kind < HEADERS)
		try_body(headers[kind], data + 1, size - 1);
	else if (kind == HEADERS)
		try_header(data + 1, size - 1);
	else
		try_round(kind == HEADERS + 1 ? "gzip" : "deflate", kind == HEADERS + 1 ? 31 : 15, data + 1, size - 1);
	return 0;
}
