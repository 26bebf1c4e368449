/*
 * An ingest worker that does what its document says: crash, loop, garbage, half, die, or answer. For test_pool.c: the
 * pool is real, so are the process, the socket and the signals.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/ingest.h"

enum { WORKER_FD = 3, WIRE_RESULT = 2 };

static void answer(const char *message, uint32_t retires)
{
	struct buf out = BUF_INIT(1 << 20);

	pack_u32(&out, INGEST_NOT_A_FEED);
	pack_u32(&out, retires);
	pack_str(&out, message);
	pack_bytes(&out, "", 0);
	(void)!frame_write(WORKER_FD, WIRE_RESULT, out.bytes, out.len);
	buf_done(&out);
}

static void obey(const char *order)
{
	if (strcmp(order, "crash") == 0)
		(void)raise(SIGSEGV);
	else if (strcmp(order, "loop") == 0)
		for (volatile unsigned n = 0;; n++)
			;
	else if (strcmp(order, "garbage") == 0)
		(void)!write(WORKER_FD, "this is no frame at all, is it?", 31);
	else if (strcmp(order, "half") == 0) {
		(void)!write(WORKER_FD, "SYN", 3);
		_exit(0);
	} else if (strcmp(order, "retire") == 0) {
		answer("retired", 1);
		_exit(0);
	} else
		answer(order, 0);
}

int main(void)
{
	struct buf in = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
	uint32_t type;

	while (frame_read(WORKER_FD, LIMIT_WORKER_FRAME_BYTES, &type, &in) == 0) {
		struct unpack u = {.p = in.bytes, .len = in.len};
		char *order;
		const char *bytes;
		size_t len;

		mem_free(unpack_str(&u));
		mem_free(unpack_str(&u));
		mem_free(unpack_str(&u));
		(void)unpack_u32(&u);
		(void)unpack_i64(&u);
		bytes = unpack_bytes(&u, &len);
		order = mem_dup_bytes(bytes, len);
		obey(order);
		mem_free(order);
		buf_clear(&in);
	}
	buf_done(&in);
	return 0;
}
