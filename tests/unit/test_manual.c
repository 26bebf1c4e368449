/* Every option of the configuration is in syndicated.yaml(5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/mem.h"
#include "syndicated/config.h"

static char *read_page(void)
{
	char *path = mem_printf("%s/man/syndicated.yaml.5", getenv("top_srcdir"));
	struct buf page = BUF_INIT(1 << 20);
	FILE *f = fopen(path, "r");
	char *bytes = NULL, *room;

	assert_non_null(f);
	while ((room = buf_reserve(&page, 4096))) {
		size_t n = fread(room, 1, 4096, f);

		if (n == 0)
			break;
		buf_grew(&page, n);
	}
	(void)fclose(f);
	mem_free(path);
	assert_int_equal(buf_take(&page, &bytes, NULL), 0);
	return bytes;
}

/* As an item's tag: ".It Cm a" or ".It Cm a , b". */
static int has_tag(const char *page, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = page; (p = strstr(p, name)); p++) {
		const char *line = p;

		while (line > page && line[-1] != '\n')
			line--;
		if (strncmp(line, ".It Cm ", 7) == 0 && p[-1] == ' ' && (p[len] == '\n' || p[len] == ' '))
			return 1;
	}
	return 0;
}

static void every_option_is_explained(void **state)
{
	struct buf options = BUF_INIT(1 << 20);
	char *page = read_page(), *line, *save = NULL;
	int n = 0;

	(void)state;
	config_describe(&options);
	for (line = strtok_r(options.bytes, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t len = strcspn(line, " \t:");
		auto_free char *name = mem_dup_bytes(line, len);

		if (strcmp(name, "sources") == 0 || strcmp(name, "feeds") == 0 || strcmp(name, "webhooks") == 0 || strcmp(name, "hosts") == 0 ||
		    strcmp(name, "tags") == 0)
			continue; /* have sections of their own */
		if (!has_tag(page, name))
			print_error("syndicated.yaml(5) does not explain '%s'\n", name);
		assert_true(has_tag(page, name));
		n++;
	}
	assert_in_range(n, 30, 200);
	buf_done(&options);
	mem_free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_option_is_explained)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
