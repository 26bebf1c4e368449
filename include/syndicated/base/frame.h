#ifndef SYNDICATED_BASE_FRAME_H
#define SYNDICATED_BASE_FRAME_H
/*
 * Length-prefixed messages over a stream socket, and the flat encoding inside them.
 *
 * On the wire a frame is: u32 magic, u32 type, u32 length (little endian), payload. A payload is a row of values
 * written and read in the same order; every read is bounds-checked and remembers its first failure, so a decoder reads
 * freely and checks once. Both ends treat the other as hostile: lengths over the limit end the connection.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/mem.h"

#define FRAME_HEADER_BYTES 12

/* Appends header and payload to out, ready for write(2). */
void frame_append(struct buf *out, uint32_t type, const void *payload, size_t len);

/*
 * Looks at the start of received bytes. Returns 1 and the frame's parts (pointing into p) when it is complete, 0 when
 * more bytes are needed, ERR_CORRUPT or ERR_TOO_BIG when the stream is beyond repair. *ret_used is header and payload.
 */
must_check int frame_peek(const char *p, size_t len, size_t max_payload, uint32_t *ret_type, const char **ret_payload,
                          size_t *ret_len, size_t *ret_used);

/* Blocking forms for the worker's side. ERR_CLOSED at a clean end. */
must_check int frame_read(int fd, size_t max_payload, uint32_t *ret_type, struct buf *ret_payload);
must_check int frame_write(int fd, uint32_t type, const void *payload, size_t len);

/* Encoding. A NULL string is kept apart from "". */
void pack_u32(struct buf *b, uint32_t v);
void pack_i64(struct buf *b, int64_t v);
void pack_bytes(struct buf *b, const void *p, size_t len);
void pack_str(struct buf *b, const char *s);

struct unpack {
	const char *p;
	size_t len;
	size_t pos;
	int error; /* 0 or ERR_CORRUPT */
	struct arena *arena; /* where unpack_str() puts its text; NULL: on the heap */
};

uint32_t unpack_u32(struct unpack *u);
int64_t unpack_i64(struct unpack *u);
const char *unpack_bytes(struct unpack *u, size_t *ret_len); /* borrowed; NULL on failure */
char *unpack_str(struct unpack *u); /* without an arena the caller frees; NULL for NULL or failure; refuses NUL inside and unclean text */
bool unpack_finished(const struct unpack *u);                /* no failure and nothing left over */

#endif
