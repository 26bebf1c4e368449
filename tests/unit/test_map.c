#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"

static void test_basics(void **state)
{
	struct map *m = map_new();
	int one, two;
	char key[] = "key";

	(void)state;
	assert_null(map_get(m, "key"));
	assert_null(map_remove(m, "key"));
	assert_null(map_put(m, key, &one));
	key[0] = 'x'; /* the map has its own copy */
	assert_ptr_equal(map_get(m, "key"), &one);
	assert_ptr_equal(map_put(m, "key", &two), &one);
	assert_null(map_put(m, "", &one));
	assert_int_equal(map_count(m), 2);
	assert_ptr_equal(map_remove(m, "key"), &two);
	assert_null(map_get(m, "key"));
	assert_ptr_equal(map_get(m, ""), &one);
	assert_null(map_free(m, NULL));
	assert_null(map_free(NULL, NULL));
}

/* Against a plain array, through growth and many removals. */
static void test_like_an_array(void **state)
{
	enum { KEYS = 700, STEPS = 60000 };
	struct map *m = map_new();
	char *model[KEYS] = {NULL};
	size_t count = 0;
	uint32_t random = 12345;

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		char key[24];
		random = random * 1664525u + 1013904223u;
		unsigned k = (random >> 8) % KEYS;
		snprintf(key, sizeof(key), "%.*skey%u", (int)(k % 9), "aaaaaaaaa", k);
		count -= model[k] != NULL;
		if (random >> 31) {
			char *value = mem_dup_str(key);
			assert_ptr_equal(map_put(m, key, value), model[k]);
			mem_free(model[k]);
			model[k] = value;
		} else {
			assert_ptr_equal(map_remove(m, key), model[k]);
			mem_free(model[k]);
			model[k] = NULL;
		}
		count += model[k] != NULL;
		assert_int_equal(map_count(m), count);
		assert_ptr_equal(map_get(m, key), model[k]);
	}
	size_t cursor = 0, seen = 0;
	const char *key;
	void *value;
	while (map_next(m, &cursor, &key, &value)) {
		assert_string_equal(key, value);
		seen++;
	}
	assert_int_equal(seen, count);
	map_free(m, mem_free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_basics), cmocka_unit_test(test_like_an_array)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
