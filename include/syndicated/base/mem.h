#ifndef SYNDICATED_BASE_MEM_H
#define SYNDICATED_BASE_MEM_H
/*
 * Memory that is there or the program is not.
 *
 * For allocations whose size we choose: on exhaustion these abort with a message, since the store survives a crash and
 * the supervisor restarts us. Anything whose size comes from outside goes through a buf or a counted array with a
 * maximum from limits.h first. Sizes are checked for overflow.
 */
#include <stddef.h>

void *mem_alloc_zero(size_t count, size_t size);
void *mem_resize_array(void *old, size_t count, size_t size); /* new tail is not zeroed */
char *mem_dup_str(const char *s);                             /* NULL gives NULL */
char *mem_dup_bytes(const void *p, size_t len);               /* always NUL terminated behind len */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mem_free(void *p); /* accepts NULL */
void mem_free_secret(char *s); /* overwrites the string first; accepts NULL */
/* Gives pages that are free in the middle of the heap back to the system: for a process that just freed megabytes. */
void mem_trim(void);
/* For a process whose memory has to follow what it holds: blocks from 1 MiB are pages of their own. Once, at its start. */
void mem_return_big_blocks(void);
/* One heap for all threads: each has its own otherwise, and reserves 64 MiB of addresses for it. Before there are threads. */
void mem_share_heap(void);

void *mem_alloc_head(size_t cleared, size_t size);
#define mem_new(type) ((type *)mem_alloc_zero(1, sizeof(type)))
/* Zeroes only what stands in front of `member`: for large arrays at the end, whose elements a count in front guards. */
#define mem_new_head(type, member) ((type *)mem_alloc_head(offsetof(type, member), sizeof(type)))
#define mem_new_array(type, n) ((type *)mem_alloc_zero((n), sizeof(type)))

/*
 * For libraries that take an allocator and that foreign input drives. Each copes with NULL in a way of its own, and some go
 * on with less than they were given; so what could not be lent is counted, and who used the library can tell that its
 * result is worth nothing. Any thread. Given back with mem_free().
 */
void *mem_lend(size_t size);
void *mem_lend_zero(size_t count, size_t size);
void *mem_lend_resize(void *old, size_t size);
char *mem_lend_dup(const char *s);
unsigned mem_refusals(void); /* so far in this process */

/* Replaces *slot by a copy of s (or NULL), freeing what was there. */
void mem_set_str(char **slot, const char *s);

void mem_cleanup_free(void *slot); /* for the attribute below */
#define auto_free __attribute__((cleanup(mem_cleanup_free)))

/*
 * An arena: many small allocations of one job that die together. Not thread safe. An arena given a maximum aborts
 * nothing when it is reached: arena_alloc() then returns NULL and arena_full() is true.
 */
struct arena;
struct arena *arena_new(size_t max_bytes);
void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type */
char *arena_dup(struct arena *a, const void *p, size_t len);
char *arena_dup_str(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
int arena_full(const struct arena *a);
size_t arena_used_bytes(const struct arena *a); /* handed out so far, also what was given back */
/*
 * Gives back the memory of what was handed out while arena_used_bytes() was under used_bytes, which thus goes first in,
 * first out. Some of it stays until what shares its memory is given back as well.
 */
void arena_release(struct arena *a, size_t used_bytes);
struct arena *arena_free(struct arena *a); /* NULL-safe, returns NULL */

#endif
