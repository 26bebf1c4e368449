/* The operator's log (REL-40): one line a message whatever is in it, cut at its limit, in the form its reader wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "syndicated/base/log.h"

/* What one log_write() puts on standard error. */
static size_t capture(const char *text, char *out, size_t size)
{
	int saved = dup(STDERR_FILENO), pair[2];
	ssize_t n;

	assert_int_equal(pipe(pair), 0);
	(void)dup2(pair[1], STDERR_FILENO);
	log_warning("%s", text);
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	(void)close(pair[1]);
	n = read(pair[0], out, size - 1);
	(void)close(pair[0]);
	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static void foreign_text_cannot_forge_a_line(void **state)
{
	static const char *const texts[] = {"a\nb", "a\r\nb", "tab\there", "esc \033[31mred", "bell\a", "del\177", "nel \302\205 x"};
	char out[8192];

	(void)state;
	log_init(LOG_LEVEL_INFO);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t n = capture(texts[i], out, sizeof(out));

		assert_true(n > 0 && out[n - 1] == '\n');
		for (size_t k = 0; k + 1 < n; k++)
			assert_true((unsigned char)out[k] >= 0x20 && out[k] != 0x7f);
	}
}

static void a_line_is_cut(void **state)
{
	char text[20000], out[65536];
	size_t n;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_init(LOG_LEVEL_INFO);
	n = capture(text, out, sizeof(out));
	assert_in_range(n, 1900, 2200);
	assert_int_equal(out[n - 1], '\n');
}

static void below_the_threshold_nothing_is_written(void **state)
{
	char out[256];

	(void)state;
	log_init(LOG_LEVEL_ERROR);
	assert_int_equal(capture("quiet", out, sizeof(out)), 0);
	assert_false(log_enabled(LOG_LEVEL_WARNING));
	log_set_threshold(LOG_LEVEL_DEBUG);
	assert_true(capture("loud", out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "loud"));
}

/* Only the stream that the journal named gets its priorities; a redirected one gets times for people. */
static void the_journal_gets_priorities(void **state)
{
	int pair[2], saved = dup(STDERR_FILENO);
	char out[256], stream[64];
	struct stat st;
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(fstat(pair[1], &st), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	(void)setenv("JOURNAL_STREAM", stream, 1);
	(void)dup2(pair[1], STDERR_FILENO);
	log_init(LOG_LEVEL_INFO);
	log_warning("for the journal");
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	log_init(LOG_LEVEL_INFO);
	(void)unsetenv("JOURNAL_STREAM");
	n = read(pair[0], out, sizeof(out) - 1);
	(void)close(pair[0]);
	(void)close(pair[1]);
	out[n > 0 ? n : 0] = '\0';
	assert_string_equal(out, "<4>for the journal\n");
	(void)capture("for people", out, sizeof(out));
	assert_non_null(strstr(out, "warning: for people"));
}

static void levels_have_names(void **state)
{
	enum log_level level = LOG_LEVEL_ERROR;

	(void)state;
	assert_true(log_level_parse("debug", &level) && level == LOG_LEVEL_DEBUG);
	assert_true(log_level_parse("warning", &level) && level == LOG_LEVEL_WARNING);
	assert_false(log_level_parse("loud", &level));
	assert_false(log_level_parse("", &level));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_text_cannot_forge_a_line), cmocka_unit_test(a_line_is_cut),
		cmocka_unit_test(below_the_threshold_nothing_is_written), cmocka_unit_test(the_journal_gets_priorities),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
