/*
 * What the other side of a worker's socket may send: frames, documents, the lists that the store keeps. The first byte
 * of the input chooses which decoder gets the rest.
 */
#include "fuzz.h"

#include <string.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

const char fuzz_name[] = "frame";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_init();
	return 0;
}

static void try_document(const char *bytes, size_t len)
{
	static struct buf again = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
	struct feed_document *d = feed_document_decode(bytes, len);

	if (!d)
		return;
	buf_clear(&again);
	feed_document_encode(d, &again);
	FUZZ_CHECK(again.len == len && memcmp(buf_str(&again), bytes, len) == 0, "two encodings of one document");
	fuzz_check_codec(d);
	feed_document_free(d);
}

/* Blobs of earlier forms are written in the form of today; one of today's says the same again. */
static void try_details(const char *bytes, size_t len)
{
	static struct buf again = BUF_INIT(LIMIT_WORKER_FRAME_BYTES), third = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
	struct item item = {0};

	if (item_details_decode(&item, bytes, len) == 0) {
		buf_clear(&again);
		buf_clear(&third);
		item_details_encode(&item, &again);
		if (again.len >= 4 && memcmp(buf_str(&again), bytes, 4) == 0)
			FUZZ_CHECK(again.len == len && memcmp(buf_str(&again), bytes, len) == 0, "two encodings of one item's details");
		FUZZ_CHECK(item_details_decode(&item, buf_str(&again), again.len) == 0, "what was written is not read");
		item_details_encode(&item, &third);
		FUZZ_CHECK(third.len == again.len && memcmp(buf_str(&third), buf_str(&again), again.len) == 0, "a second encoding differs");
	}
	item_done(&item);
}

static void try_frame(const char *bytes, size_t len)
{
	static struct buf again = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
	const char *payload;
	uint32_t type;
	size_t payload_len, used;

	if (frame_peek(bytes, len, 1u << 16, &type, &payload, &payload_len, &used) != 1)
		return;
	FUZZ_CHECK(used <= len && payload_len <= 1u << 16 && payload >= bytes && payload + payload_len <= bytes + len, "a frame beyond its bytes");
	buf_clear(&again);
	frame_append(&again, type, payload, payload_len);
	FUZZ_CHECK(again.len == used && memcmp(buf_str(&again), bytes, used) == 0, "two encodings of one frame");
}

/* A decoder of values in an order that the input chooses. */
static void try_values(const char *bytes, size_t len)
{
	size_t order = len / 4, n;
	struct unpack u = {.p = bytes + order, .len = len - order};

	for (size_t i = 0; i < order && u.error == 0; i++) {
		switch (bytes[i] & 3) {
		case 0:
			(void)unpack_u32(&u);
			break;
		case 1:
			(void)unpack_i64(&u);
			break;
		case 2:
			(void)unpack_bytes(&u, &n);
			break;
		default:
			mem_free(unpack_str(&u));
		}
		FUZZ_CHECK(u.pos <= u.len, "read behind the end");
	}
	(void)unpack_finished(&u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(const char *, size_t) = {try_document, try_details, try_frame, try_values};

	if (size > 0)
		tries[data[0] & 3]((const char *)data + 1, size - 1);
	return 0;
}
