#include "syndicated/base/buf.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "syndicated/base/mem.h"

enum { FIRST_CAPACITY = 64 };

void buf_init(struct buf *b, size_t max_bytes)
{
	*b = BUF_INIT(max_bytes);
}

void buf_done(struct buf *b)
{
	mem_free(b->bytes);
	buf_init(b, b->max_bytes);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->error = 0;
	if (b->bytes != NULL)
		b->bytes[0] = '\0';
}

/* Capacity counts payload only; one more byte is always allocated for the NUL. */
static void grow(struct buf *b, size_t wanted)
{
	size_t capacity = b->capacity > 0 ? b->capacity : FIRST_CAPACITY;

	while (capacity < wanted)
		capacity = capacity > b->max_bytes / 2 ? b->max_bytes : capacity * 2;
	if (capacity > b->max_bytes)
		capacity = b->max_bytes;
	if (capacity == SIZE_MAX)
		capacity--;
	b->bytes = mem_resize_array(b->bytes, capacity + 1, 1);
	b->capacity = capacity;
}

char *buf_reserve(struct buf *b, size_t len)
{
	if (b->error != 0)
		return NULL;
	if (len > b->max_bytes - b->len) {
		b->error = ERR_TOO_BIG;
		return NULL;
	}
	if (b->bytes == NULL || b->len + len > b->capacity) {
		grow(b, b->len + len);
		b->bytes[b->len] = '\0';
	}
	return b->bytes + b->len;
}

void buf_grew(struct buf *b, size_t len)
{
	if (b->error != 0)
		return;
	assert(len <= b->capacity - b->len);
	if (b->bytes == NULL)
		return;
	b->len += len;
	b->bytes[b->len] = '\0';
}

void buf_append_slowly(struct buf *b, const void *p, size_t len)
{
	char *room = buf_reserve(b, len);

	if (room == NULL || len == 0)
		return;
	memcpy(room, p, len);
	buf_grew(b, len);
}

void buf_append_vprintf(struct buf *b, const char *format, va_list args)
{
	va_list again;

	if (b->error != 0)
		return;
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	if (len < 0) {
		b->error = ERR_INVALID;
	} else {
		char *room = buf_reserve(b, (size_t)len);
		if (room != NULL) {
			vsnprintf(room, (size_t)len + 1, format, again);
			buf_grew(b, (size_t)len);
		}
	}
	va_end(again);
}

void buf_append_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_append_vprintf(b, format, args);
	va_end(args);
}

void buf_remove_front(struct buf *b, size_t len)
{
	if (b->bytes == NULL)
		return;
	if (len > b->len)
		len = b->len;
	memmove(b->bytes, b->bytes + len, b->len - len);
	b->len -= len;
	b->bytes[b->len] = '\0';
}

const char *buf_str(const struct buf *b)
{
	return b->bytes != NULL ? b->bytes : "";
}

int buf_error(const struct buf *b)
{
	return b->error;
}

int buf_take(struct buf *b, char **ret_bytes, size_t *ret_len)
{
	int error = b->error;

	if (error == 0) {
		*ret_bytes = b->bytes != NULL ? b->bytes : mem_dup_bytes("", 0);
		if (ret_len != NULL)
			*ret_len = b->len;
		b->bytes = NULL;
	}
	buf_done(b);
	return error;
}
