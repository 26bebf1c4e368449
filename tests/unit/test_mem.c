#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/mem.h"

static void test_strings(void **state)
{
	char *s = mem_dup_str("one");

	(void)state;
	assert_null(mem_dup_str(NULL));
	mem_set_str(&s, s + 1); /* from inside what is freed */
	assert_string_equal(s, "ne");
	mem_set_str(&s, NULL);
	assert_null(s);
	s = mem_printf("%d-%s", 7, "x");
	assert_string_equal(s, "7-x");
	mem_free(s);
	auto_free char *bytes = mem_dup_bytes("a\0b", 3);
	assert_memory_equal(bytes, "a\0b", 4);
	mem_free(NULL);
}

static void test_arena(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t size = 0; size < 40000; size = size * 3 + 1) {
		char *p = arena_alloc(a, size);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	assert_string_equal(arena_dup(a, "abc", 2), "ab");
	assert_false(arena_full(a));
	arena_free(a);
	assert_null(arena_free(NULL));
}

/* What was handed out first goes first; what came later stays readable, whatever its size. */
static void test_arena_release(void **state)
{
	enum { PIECES = 3000 };
	struct arena *a = arena_new(0);
	size_t before[PIECES + 1];
	char *piece[PIECES];

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		size_t len = i % 50 == 0 ? 70000 : i % 7 == 0 ? 5000 : i % 100;

		before[i] = arena_used_bytes(a);
		piece[i] = arena_alloc(a, len + 1);
		memset(piece[i], (int)('a' + i % 26), len);
	}
	before[PIECES] = arena_used_bytes(a);
	for (size_t i = 0; i < PIECES; i += 100) {
		arena_release(a, before[i]);
		for (size_t k = i; k < PIECES; k++)
			assert_true(piece[k][0] == '\0' || piece[k][0] == (char)('a' + k % 26));
	}
	arena_release(a, before[PIECES]);
	assert_int_equal(arena_used_bytes(a), before[PIECES]);
	assert_string_equal(arena_dup_str(a, "still useful"), "still useful");
	assert_null(arena_dup_str(a, NULL));
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	arena_free(a);
}

static void test_arena_maximum(void **state)
{
	struct arena *a = arena_new(64);

	(void)state;
	assert_non_null(arena_alloc(a, 64));
	assert_false(arena_full(a));
	assert_null(arena_alloc(a, 1));
	assert_true(arena_full(a));
	a = arena_free(a);
	a = arena_new(64);
	assert_null(arena_alloc(a, SIZE_MAX));
	assert_null(arena_dup(a, "", SIZE_MAX));
	assert_null(arena_alloc(a, 65));
	assert_true(arena_full(a));
	arena_free(a);
}

/* REL-73: what could not be lent is counted, so that who used the library can tell. */
static void test_lending(void **state)
{
	unsigned before = mem_refusals();
	char *s = mem_lend_dup("lent");

	(void)state;
	s = mem_lend_resize(s, 100);
	assert_string_equal(s, "lent");
	mem_free(s);
	assert_int_equal(mem_refusals(), before);
	assert_null(mem_lend(PTRDIFF_MAX / 2));
	assert_int_equal(mem_refusals(), before + 1);
}

const char *__asan_default_options(void);
const char *__asan_default_options(void) /* it ends the program otherwise */
{
	return "allocator_may_return_null=1";
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lending), cmocka_unit_test(test_strings), cmocka_unit_test(test_arena), cmocka_unit_test(test_arena_release),
	                                   cmocka_unit_test(test_arena_maximum)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
