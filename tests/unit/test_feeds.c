/* Every feed of tests/corpus/feeds comes out as its .want.json says (features: formats and namespaces; REL-10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/golden.h"
#include "syndicated/base/mem.h"
#include "syndicated/clean.h"
#include "syndicated/parse.h"

static bool update;

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* The first line that differs, from both: a whole document would tell nobody anything. */
static void show_difference(const char *got, const char *want)
{
	unsigned line = 1;

	while (*got && *got == *want) {
		const char *g = strchr(got, '\n'), *w = strchr(want, '\n');

		if (!g || !w || g - got != w - want || strncmp(got, want, (size_t)(g - got)) != 0)
			break;
		got = g + 1;
		want = w + 1;
		line++;
	}
	print_error("line %u\n  got:  %.*s\n  want: %.*s\n", line, (int)strcspn(got, "\n"), got, (int)strcspn(want, "\n"), want);
}

static void test_golden(void **state)
{
	const struct golden *g = *state;
	auto_free char *got = golden_ingest(g->bytes, g->len), *want = NULL;
	size_t want_len = 0;

	if (update) {
		write_file(g->want_path, got);
		return;
	}
	want = golden_read(g->want_path, &want_len);
	if (!want)
		fail_msg("%s is missing: make update-golden, and read what it says", g->want_path);
	if (strcmp(got, want) != 0) {
		show_difference(got, want);
		fail_msg("%s does not come out as %s says", g->name, g->want_path);
	}
}

int main(void)
{
	size_t n;
	struct golden *all = golden_load(&n);
	struct CMUnitTest *tests = mem_resize_array(NULL, n, sizeof(*tests));
	int r;

	parse_init();
	clean_init();
	update = getenv("UPDATE_GOLDEN") != NULL;
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){ .name = all[i].name, .test_func = test_golden, .initial_state = &all[i] };
	r = _cmocka_run_group_tests("feeds", tests, n, NULL, NULL);
	mem_free(tests);
	golden_free(all, n);
	return r;
}
