#include "syndicated/base/frame.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define FRAME_MAGIC 0x31464453u  /* "SDF1" on the wire */
#define NULL_STRING UINT32_MAX   /* the length that stands for NULL */

static void put_u32(uint8_t out[4], uint32_t v)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get_u32(const char *p)
{
	uint32_t v = 0;

	for (int i = 3; i >= 0; i--)
		v = v << 8 | (uint8_t)p[i];
	return v;
}

static void make_header(uint8_t header[FRAME_HEADER_BYTES], uint32_t type, size_t len)
{
	assert(len < UINT32_MAX);
	put_u32(header, FRAME_MAGIC);
	put_u32(header + 4, type);
	put_u32(header + 8, (uint32_t)len);
}

void frame_append(struct buf *out, uint32_t type, const void *payload, size_t len)
{
	uint8_t header[FRAME_HEADER_BYTES];

	/* All or nothing: half a frame would spoil the stream. */
	if (buf_reserve(out, sizeof(header) + len) == NULL)
		return;
	make_header(header, type, len);
	buf_append(out, header, sizeof(header));
	buf_append(out, payload, len);
}

int frame_peek(const char *p, size_t len, size_t max_payload, uint32_t *ret_type, const char **ret_payload, size_t *ret_len,
               size_t *ret_used)
{
	if (len < FRAME_HEADER_BYTES)
		return 0;
	if (get_u32(p) != FRAME_MAGIC)
		return ERR_CORRUPT;
	size_t payload_len = get_u32(p + 8);
	if (payload_len > max_payload)
		return ERR_TOO_BIG;
	if (len - FRAME_HEADER_BYTES < payload_len)
		return 0;
	*ret_type = get_u32(p + 4);
	*ret_payload = p + FRAME_HEADER_BYTES;
	*ret_len = payload_len;
	*ret_used = FRAME_HEADER_BYTES + payload_len;
	return 1;
}

/* Reads exactly len bytes. ERR_CLOSED when the stream ends before the first, ERR_CORRUPT when it ends later. */
static int read_all(int fd, char *p, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, p + done, len - done);
		if (n == 0)
			return done == 0 ? ERR_CLOSED : ERR_CORRUPT;
		if (n < 0 && errno == ECONNRESET)
			return ERR_CLOSED;
		if (n < 0 && errno != EINTR)
			return ERR_IO;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

int frame_read(int fd, size_t max_payload, uint32_t *ret_type, struct buf *ret_payload)
{
	char header[FRAME_HEADER_BYTES];

	int result = read_all(fd, header, sizeof(header));
	if (result != 0)
		return result;
	if (get_u32(header) != FRAME_MAGIC)
		return ERR_CORRUPT;
	size_t len = get_u32(header + 8);
	if (len > max_payload)
		return ERR_TOO_BIG;
	buf_clear(ret_payload);
	char *room = buf_reserve(ret_payload, len);
	if (room == NULL)
		return buf_error(ret_payload);
	result = read_all(fd, room, len);
	if (result != 0)
		return result == ERR_CLOSED ? ERR_CORRUPT : result;
	buf_grew(ret_payload, len);
	*ret_type = get_u32(header + 4);
	return 0;
}

static int write_all(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return ERR_CLOSED;
		if (n < 0 && errno != EINTR)
			return ERR_IO;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int frame_write(int fd, uint32_t type, const void *payload, size_t len)
{
	uint8_t header[FRAME_HEADER_BYTES];

	make_header(header, type, len);
	int result = write_all(fd, header, sizeof(header));
	return result != 0 ? result : write_all(fd, payload, len);
}

void pack_u32(struct buf *b, uint32_t v)
{
	uint8_t bytes[4];

	put_u32(bytes, v);
	buf_append(b, bytes, sizeof(bytes));
}

void pack_i64(struct buf *b, int64_t v)
{
	pack_u32(b, (uint32_t)(uint64_t)v);
	pack_u32(b, (uint32_t)((uint64_t)v >> 32));
}

void pack_bytes(struct buf *b, const void *p, size_t len)
{
	assert(len < NULL_STRING);
	pack_u32(b, (uint32_t)len);
	buf_append(b, p, len);
}

void pack_str(struct buf *b, const char *s)
{
	if (s != NULL)
		pack_bytes(b, s, strlen(s));
	else
		pack_u32(b, NULL_STRING);
}

/* The next len bytes, or NULL and the failure remembered. */
static const char *advance(struct unpack *u, size_t len)
{
	if (u->error != 0 || len > u->len - u->pos) {
		u->error = ERR_CORRUPT;
		return NULL;
	}
	const char *p = u->p + u->pos;
	u->pos += len;
	return p;
}

uint32_t unpack_u32(struct unpack *u)
{
	const char *p = advance(u, 4);

	return p != NULL ? get_u32(p) : 0;
}

int64_t unpack_i64(struct unpack *u)
{
	const char *p = advance(u, 8);

	return p != NULL ? (int64_t)((uint64_t)get_u32(p + 4) << 32 | get_u32(p)) : 0;
}

const char *unpack_bytes(struct unpack *u, size_t *ret_len)
{
	uint32_t len = unpack_u32(u);
	const char *p = advance(u, len);

	if (p != NULL)
		*ret_len = len;
	return p;
}

char *unpack_str(struct unpack *u)
{
	uint32_t len = unpack_u32(u);

	if (len == NULL_STRING)
		return NULL;
	const char *p = advance(u, len);
	if (p == NULL)
		return NULL;
	if (!text_is_clean(p, len)) { /* finds NUL too */
		u->error = ERR_CORRUPT;
		return NULL;
	}
	return u->arena != NULL ? arena_dup(u->arena, p, len) : mem_dup_bytes(p, len);
}

bool unpack_finished(const struct unpack *u)
{
	return u->error == 0 && u->pos == u->len;
}
