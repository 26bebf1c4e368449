#ifndef SYNDICATED_BASE_BUF_H
#define SYNDICATED_BASE_BUF_H
/*
 * Bytes that grow, up to a limit that must be given.
 *
 * A buf remembers its first failure: after that, appends do nothing and buf_error() tells it. So a caller may append
 * freely and check once. The bytes are always followed by a NUL that is not counted. Not thread safe; a buf belongs
 * to one owner at a time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "syndicated/base/err.h"

struct buf {
	char *bytes; /* NULL until the first append */
	size_t len;
	size_t capacity;
	size_t max_bytes;
	int error; /* 0 or a negative enum error_code */
};

#define BUF_INIT(max) ((struct buf){.max_bytes = (max)})

void buf_init(struct buf *b, size_t max_bytes);
void buf_done(struct buf *b); /* frees; b may be used again with the same limit */
void buf_clear(struct buf *b); /* empties, keeps the memory, forgets the failure */

/* Each does nothing when b has failed, and fails it with ERR_TOO_BIG past its limit. */
static inline void buf_append(struct buf *b, const void *p, size_t len);
static inline void buf_append_str(struct buf *b, const char *s);
static inline void buf_append_char(struct buf *b, char c);
void buf_append_printf(struct buf *b, const char *format, ...) format_printf(2, 3);
void buf_append_vprintf(struct buf *b, const char *format, va_list args) format_printf(2, 0);

/* Makes room for at least len more bytes and returns where they go, or NULL when b fails. Commit with buf_grew(). */
char *buf_reserve(struct buf *b, size_t len);
void buf_grew(struct buf *b, size_t len);

void buf_append_slowly(struct buf *b, const void *p, size_t len); /* what buf_append() does when there is no room yet */

void buf_remove_front(struct buf *b, size_t len);
const char *buf_str(const struct buf *b); /* never NULL; valid until the next change */
must_check int buf_error(const struct buf *b);

/*
 * Hands the bytes to the caller, who frees them with mem_free(); b is empty afterwards. On failure returns the recorded
 * error, leaves *ret_bytes untouched and empties b. ret_len may be NULL.
 */
must_check int buf_take(struct buf *b, char **ret_bytes, size_t *ret_len);

/* Most appends find room: these are the writers' innermost steps. */
static inline void buf_append(struct buf *b, const void *p, size_t len)
{
	if (b->error != 0 || b->bytes == NULL || len == 0 || len > b->capacity - b->len) {
		buf_append_slowly(b, p, len);
		return;
	}
	memcpy(b->bytes + b->len, p, len);
	b->len += len;
	b->bytes[b->len] = '\0';
}

static inline void buf_append_str(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s));
}

static inline void buf_append_char(struct buf *b, char c)
{
	buf_append(b, &c, 1);
}

#endif
