#include "memory.h"

#include <malloc.h>
#include <stdint.h>
#include <string.h>

#include "syndicated/base/mem.h"

static struct {
	long requests, fail_at, held;
	bool for_good, failed, paused;
} memory;

void memory_fail_at(long n, bool for_good)
{
	memory.requests = 0;
	memory.fail_at = n;
	memory.for_good = for_good;
	memory.failed = false;
}

void memory_stop(void)
{
	memory.fail_at = 0;
}

void memory_pause(bool pause)
{
	memory.paused = pause;
}

long memory_requests(void)
{
	return memory.requests;
}

bool memory_has_failed(void)
{
	return memory.failed;
}

long memory_held(void)
{
	return memory.held;
}

/* More than there can be, so that who lends refuses by himself. */
static const size_t too_much = PTRDIFF_MAX / 2;

/* AddressSanitizer ends the program otherwise. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static bool is_exhausted(void)
{
	bool now;

	if (memory.paused)
		return false;
	memory.requests++;
	now = memory.fail_at > 0 && (memory.for_good ? memory.requests >= memory.fail_at : memory.requests == memory.fail_at);
	memory.failed |= now;
	return now;
}

static void *given(void *p)
{
	memory.held += p != NULL;
	return p;
}

void *memory_alloc(size_t size)
{
	return given(mem_lend(is_exhausted() ? too_much : size));
}

void *memory_resize(void *p, size_t size)
{
	if (p == NULL)
		return memory_alloc(size);
	return mem_lend_resize(p, is_exhausted() ? too_much : size);
}

void memory_free(void *p)
{
	memory.held -= p != NULL;
	mem_free(p);
}

char *memory_dup(const char *s)
{
	size_t len = strlen(s) + 1;
	char *copy = memory_alloc(len);

	return copy != NULL ? memcpy(copy, s, len) : NULL;
}

size_t memory_size(void *p)
{
	return malloc_usable_size(p);
}
