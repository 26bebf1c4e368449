/* The only file that may call the allocator of the C library (scripts/check-banned): all others get abort on exhaustion. */
#include "syndicated/base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BIG_BLOCK_BYTES = 1 << 20,
	TRIM_BYTES = 4 << 20, /* free at the heap's end before it shrinks: the next job wants it again */
	ARENA_CHUNK_BYTES = 16 << 10,
	ARENA_ALIGN = 16,
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t used;
	size_t capacity;
	size_t until; /* used_bytes of the arena behind the last piece in here */
	_Alignas(ARENA_ALIGN) char bytes[];
};

struct arena {
	struct arena_chunk *chunks; /* the first one has room */
	size_t used_bytes;
	size_t max_bytes; /* 0: no maximum */
	int full;
};

static atomic_uint refusals;

static _Noreturn void give_up(size_t count, size_t size)
{
	fprintf(stderr, "syndicated: out of memory: cannot allocate %zu times %zu bytes; stopping\n", count, size);
	abort();
}

void *mem_alloc_zero(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		give_up(count, size);
	void *p = calloc(1, total > 0 ? total : 1);
	if (p == NULL)
		give_up(count, size);
	return p;
}

void *mem_alloc_head(size_t cleared, size_t size)
{
	void *p = mem_resize_array(NULL, size, 1);

	return memset(p, 0, cleared < size ? cleared : size);
}

void *mem_resize_array(void *old, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		give_up(count, size);
	void *p = realloc(old, total > 0 ? total : 1);
	if (p == NULL)
		give_up(count, size);
	return p;
}

char *mem_dup_bytes(const void *p, size_t len)
{
	if (len == SIZE_MAX)
		give_up(len, 1);
	char *copy = mem_resize_array(NULL, len + 1, 1);
	if (len > 0)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *mem_dup_str(const char *s)
{
	return s != NULL ? mem_dup_bytes(s, strlen(s)) : NULL;
}

/* In the arena, or on the heap without one. */
static char *print(struct arena *a, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	if (len < 0)
		give_up(1, 0);
	char *s = a != NULL ? arena_alloc(a, (size_t)len + 1) : mem_alloc_zero((size_t)len + 1, 1);
	if (s != NULL)
		vsnprintf(s, (size_t)len + 1, format, again);
	va_end(again);
	return s;
}

char *mem_printf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *s = print(NULL, format, args);
	va_end(args);
	return s;
}

static void *lent(void *p)
{
	if (p == NULL)
		atomic_fetch_add(&refusals, 1);
	return p;
}

void *mem_lend(size_t size)
{
	return lent(malloc(size > 0 ? size : 1));
}

void *mem_lend_resize(void *old, size_t size)
{
	return lent(realloc(old, size > 0 ? size : 1));
}

char *mem_lend_dup(const char *s)
{
	size_t len = strlen(s) + 1;
	char *copy = mem_lend(len);

	return copy != NULL ? memcpy(copy, s, len) : NULL;
}

void *mem_lend_zero(size_t count, size_t size)
{
	return lent(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

unsigned mem_refusals(void)
{
	return atomic_load(&refusals);
}

void mem_free(void *p)
{
	free(p);
}

void mem_free_secret(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	mem_free(s);
}

void mem_trim(void)
{
	(void)malloc_trim(0);
}

void mem_return_big_blocks(void)
{
	/* Without, the C library raises the first of these to 32 MiB as blocks are freed, and big ones pile up in the heap. */
	(void)mallopt(M_MMAP_THRESHOLD, BIG_BLOCK_BYTES);
	/* Pages that are given back and taken again for each document cost a third of the time that it takes. */
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
	(void)mallopt(M_TOP_PAD, TRIM_BYTES / 8);
}

void mem_share_heap(void)
{
	(void)mallopt(M_ARENA_MAX, 1);
}

void mem_set_str(char **slot, const char *s)
{
	char *old = *slot;

	/* Copied first: s may point into what is freed. */
	*slot = mem_dup_str(s);
	free(old);
}

void mem_cleanup_free(void *slot)
{
	void *p;

	memcpy(&p, slot, sizeof(p));
	free(p);
}

struct arena *arena_new(size_t max_bytes)
{
	struct arena *a = mem_new(struct arena);

	a->max_bytes = max_bytes;
	return a;
}

/* A large piece gets a chunk of its own, behind the first: the room there is for small ones still. */
static struct arena_chunk *add_chunk(struct arena *a, size_t size)
{
	/* What has become large goes on in large steps, which the C library maps and gives back when they are freed. */
	size_t step = a->used_bytes < BIG_BLOCK_BYTES ? ARENA_CHUNK_BYTES : BIG_BLOCK_BYTES;
	size_t capacity = size > step / 4 ? size : step;
	struct arena_chunk *chunk = mem_alloc_head(sizeof(*chunk), sizeof(*chunk) + capacity);
	struct arena_chunk **place = capacity == size && a->chunks != NULL ? &a->chunks->next : &a->chunks;

	chunk->capacity = capacity;
	chunk->next = *place;
	*place = chunk;
	return chunk;
}

static void *take(struct arena *a, size_t size)
{
	size_t need = size > 0 ? size : 1;

	if (need > SIZE_MAX / 2)
		goto full;
	need = (need + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (a->max_bytes > 0 && need > a->max_bytes - a->used_bytes)
		goto full;
	struct arena_chunk *chunk = a->chunks;
	if (chunk == NULL || need > chunk->capacity - chunk->used)
		chunk = add_chunk(a, need);
	void *p = chunk->bytes + chunk->used;
	chunk->used += need;
	a->used_bytes += need;
	chunk->until = a->used_bytes;
	return p;
full:
	a->full = 1;
	return NULL;
}

/* Chunks are not cleared as a whole: most of a short document's is never used, and strings are written over at once. */
void *arena_alloc(struct arena *a, size_t size)
{
	void *p = take(a, size);

	return p != NULL ? memset(p, 0, size) : NULL;
}

char *arena_dup(struct arena *a, const void *p, size_t len)
{
	char *copy = len < SIZE_MAX ? take(a, len + 1) : NULL;

	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *arena_dup_str(struct arena *a, const char *s)
{
	return s != NULL ? arena_dup(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *s = print(a, format, args);
	va_end(args);
	return s;
}

void arena_release(struct arena *a, size_t used_bytes)
{
	for (struct arena_chunk **place = &a->chunks; *place != NULL;) {
		struct arena_chunk *chunk = *place;

		if (chunk->until > used_bytes) {
			place = &chunk->next;
			continue;
		}
		*place = chunk->next;
		free(chunk);
	}
}

int arena_full(const struct arena *a)
{
	return a->full;
}

size_t arena_used_bytes(const struct arena *a)
{
	return a->used_bytes;
}

struct arena *arena_free(struct arena *a)
{
	if (a == NULL)
		return NULL;
	for (struct arena_chunk *chunk = a->chunks, *next; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(a);
	return NULL;
}
