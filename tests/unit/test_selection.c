/* Which items a feed takes in; patterns that would run for ever do not (REL-27). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/model/selection.h"

/* The views hold char *, since they own what they point to; here it is literals, which nobody writes to. */
#pragma GCC diagnostic ignored "-Wdiscarded-qualifiers"

static char *source_tags[] = {"news", "linux"};
static char *one_tag[] = {"linux"};
static char *other_tag[] = {"sport"};
static char *this_name[] = {"lwn"};
static char *other_name[] = {"heise"};
static struct person authors[] = {{.name = NULL}, {.name = "Ada Løvelace"}};
static struct category categories[] = {{.term = "Räder"}, {.label = "matched too"}};
static struct source_view source = {.name = "lwn", .tags = {source_tags, 2}};

static const struct item_view item = {
	.source = &source,
	.item = {.title = "Kernel 7.0 is out", .summary = "Linus said so\non Sunday", .content = "<p>secretword <a href=\"https://b.example/\">behind</a></p>",
	         .link = "https://lwn.net/Articles/1/", .authors = authors, .n_authors = 2, .categories = categories,
	         .n_categories = 2},
};

static void test_accepts(void **state)
{
	static const struct {
		const char *name;
		struct feed_spec spec;
		bool want;
	} cases[] = {
		{"everything", {0}, true},
		{"one of its tags", {.tags = {one_tag, 1}}, true},
		{"none of its tags", {.tags = {other_tag, 1}}, false},
		{"named", {.sources = {this_name, 1}}, true},
		{"not named", {.sources = {other_name, 1}}, false},
		{"tag fits, name does not", {.tags = {one_tag, 1}, .sources = {other_name, 1}}, true},
		{"name fits, tag does not", {.tags = {other_tag, 1}, .sources = {this_name, 1}}, true},
		{"neither fits", {.tags = {other_tag, 1}, .sources = {other_name, 1}}, false},
		{"title, any case", {.match = {"KERNEL \\d"}}, true},
		{"summary", {.match = {"linus"}}, true},
		{"author, beyond ASCII and any case", {.match = {"LØVELACE"}}, true},
		{"category", {.match = {"\\bRÄDER\\b"}}, true},
		{"link", {.match = {"lwn\\.net/articles"}}, true},
		{"the content's words", {.match = {"^secretword behind$"}}, true},
		{"not the content's tags", {.match = {"href|<p>"}}, false},
		{"label", {.match = {"matched too"}}, true},
		{"start and end of a field", {.match = {"^kernel 7\\.0 is out$"}}, true},
		{"not across fields", {.match = {"out.*linus"}}, false},
		{"excluded", {.exclude = {"sunday"}}, false},
		{"exclude does not fit", {.exclude = {"monday"}}, true},
		{"match and exclude", {.match = {"kernel"}, .exclude = {"sunday"}}, false},
		{"pattern fits, source does not", {.tags = {other_tag, 1}, .match = {"kernel"}}, false},
		{"a field alone", {.match = {[FIELD_TITLE] = "kernel"}}, true},
		{"not in that field", {.match = {[FIELD_TITLE] = "linus"}}, false},
		{"the text is summary", {.match = {[FIELD_TEXT] = "sunday"}}, true},
		{"and content", {.match = {[FIELD_TEXT] = "secretword"}}, true},
		{"but no title", {.match = {[FIELD_TEXT] = "kernel"}}, false},
		{"author alone", {.match = {[FIELD_AUTHOR] = "^ada"}}, true},
		{"link alone", {.match = {[FIELD_LINK] = "^https://lwn"}}, true},
		{"category alone", {.match = {[FIELD_CATEGORY] = "räder"}}, true},
		{"all fields that are asked for", {.match = {[FIELD_TITLE] = "kernel", [FIELD_AUTHOR] = "linus"}}, false},
		{"one excluded field is enough", {.exclude = {[FIELD_TITLE] = "windows", [FIELD_LINK] = "lwn"}}, false},
		{"excluded only in its field", {.exclude = {[FIELD_LINK] = "kernel"}}, true},
		{"character, not byte", {.match = {"^ada l.velace$"}}, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct selection *s = selection_new(&cases[i].spec, NULL);
		assert_non_null(s);
		if (selection_accepts(s, &item) != cases[i].want)
			fail_msg("%s", cases[i].name);
		selection_free(s);
	}
}

static void test_bad_patterns(void **state)
{
	static char *const patterns[] = {"(", "a{2", "[z-a]", "(?<n>a)(?<n>b)", "\xff", "\\C", "*"};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		struct feed_spec spec = {.name = "tech", .exclude = {patterns[i]}};
		struct selection *s = selection_new(&spec, &err);
		if (i == 1) { /* not a quantifier, so it is text */
			assert_non_null(s);
			selection_free(s);
			continue;
		}
		assert_null(s);
		assert_int_equal(err.code, ERR_INVALID);
		assert_non_null(strstr(err.message, "'exclude' pattern of feed 'tech'"));
		assert_non_null(strstr(err.message, "at byte"));
		assert_null(selection_new(&spec, NULL));
	}
}

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

#ifdef SYN_SANITIZED
enum { SLOWNESS = 40 };
#else
enum { SLOWNESS = 2 };
#endif

/* REL-27. The subject is the longest summary that can be stored. */
static void test_catastrophic_patterns(void **state)
{
	/* None ends in a certain character, since PCRE2 would look for that one first and not even start. */
	static char *const patterns[] = {
		"(a+)+$", "(a|a)*[bc]", "(a*)*[bc]", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){20}[bc]", "(?:(?:a?){30}){30}[bc]",
		"(a+a+)+[bc]", "a.*a.*a.*a.*[bc]", "((a|b)*c)*d|(x+x+)+y", "a+[bc]", "(?=(a+))a*[bc]", "(?:a|aa)+$", ".*.*.*[bc]",
	};
	char *summary = mem_alloc_zero(LIMIT_SUMMARY_BYTES + 1, 1);
	struct item_view long_item = {.source = &source, .item = {.summary = summary}};

	(void)state;
	memset(summary, 'a', LIMIT_SUMMARY_BYTES - 1);
	summary[LIMIT_SUMMARY_BYTES - 1] = '!';
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		struct feed_spec spec = {.name = "x", .match = {patterns[i]}};
		struct selection *s = selection_new(&spec, NULL);
		assert_non_null(s);
		int64_t took = INT64_MAX;
		/* The least of three, and twice the 50 ms: the other half of a busy core makes CPU time longer. Without a limit it is hours. */
		for (int k = 0; k < 3 && took > 50000 * SLOWNESS; k++) {
			int64_t start = cpu_us();
			assert_false(selection_accepts(s, &long_item));
			took = cpu_us() - start < took ? cpu_us() - start : took;
		}
		print_message("# %s: %d us\n", patterns[i], (int)took);
		if (took > 50000 * SLOWNESS)
			fail_msg("%s took %d us", patterns[i], (int)took);
		selection_free(s);
	}
	mem_free(summary);
}

/* The limits leave room for what people write: the word at the very end of a long text is found. */
static void test_long_text_still_matches(void **state)
{
	char *summary = mem_alloc_zero(LIMIT_SUMMARY_BYTES + 1, 1);
	struct item_view long_item = {.source = &source, .item = {.summary = summary}};
	struct feed_spec spec = {.name = "x", .match = {"linux|kernel|\\brust\\b|c\\+\\+|systemd|wayland|python 3\\.\\d+|needle$"}};

	(void)state;
	for (size_t i = 0; i + 8 < LIMIT_SUMMARY_BYTES; i += 8)
		memcpy(summary + i, "lorem ip", 8);
	memcpy(summary + LIMIT_SUMMARY_BYTES - 7, " needle", 7);
	memset(summary + LIMIT_SUMMARY_BYTES - 8, '.', 1);
	struct selection *s = selection_new(&spec, NULL);
	assert_true(selection_accepts(s, &long_item));
	selection_free(s);
	mem_free(summary);
}

/* Of a content beyond the limit the beginning counts, and it is found at its end. */
static void test_long_content(void **state)
{
	size_t len = 2 * LIMIT_MATCH_TEXT_BYTES;
	char *content = mem_alloc_zero(len + 1, 1);
	struct item_view long_item = {.source = &source, .item = {.content = content}};
	struct feed_spec spec = {.name = "x", .match = {[FIELD_TEXT] = "linux|kernel|\\brust\\b|systemd|needle"}};
	struct selection *s = selection_new(&spec, NULL);
	struct selection_verdict v;

	(void)state;
	for (size_t i = 0; i < len; i += 8)
		memcpy(content + i, "lorem ip", 8);
	memcpy(content + LIMIT_MATCH_TEXT_BYTES - 8, " needle ", 8);
	selection_judge(s, &long_item, &v);
	assert_int_equal(v.rule, SELECTION_TAKEN);
	assert_int_equal(v.field, FIELD_TEXT);
	assert_string_equal(v.quote, "needle");
	memcpy(content + LIMIT_MATCH_TEXT_BYTES - 8, "lorem ip needle ", 16);
	selection_judge(s, &long_item, &v);
	assert_int_equal(v.rule, SELECTION_NO_MATCH);
	selection_free(s);
	mem_free(content);
}

/* The rule that decided, for people. */
static void test_verdicts(void **state)
{
	static const struct {
		struct feed_spec spec;
		enum selection_rule rule;
		enum item_field field;
		const char *quote;
	} cases[] = {
		{{.match = {"kernel \\d"}}, SELECTION_TAKEN, FIELD_ANY, "Kernel 7"},
		{{.match = {[FIELD_AUTHOR] = "l.*"}}, SELECTION_TAKEN, FIELD_AUTHOR, "Løvelace"},
		{{.match = {[FIELD_TITLE] = "kernel", [FIELD_LINK] = "heise"}}, SELECTION_NO_MATCH, FIELD_LINK, ""},
		{{.exclude = {[FIELD_TEXT] = "so\\non"}}, SELECTION_EXCLUDED, FIELD_TEXT, "so on"},
		{{.tags = {other_tag, 1}}, SELECTION_NO_SOURCE, FIELD_ANY, ""},
		{{0}, SELECTION_TAKEN, FIELD_ANY, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct selection *s = selection_new(&cases[i].spec, NULL);
		struct selection_verdict v;

		selection_judge(s, &item, &v);
		assert_int_equal(v.rule, cases[i].rule);
		assert_int_equal(v.field, cases[i].field);
		assert_string_equal(v.quote, cases[i].quote);
		selection_free(s);
	}
}

static void test_string_list(void **state)
{
	struct string_list l = {0}, copy;

	(void)state;
	string_list_add(&l, "a");
	string_list_add(&l, "");
	string_list_copy(&copy, &l);
	string_list_done(&l);
	assert_int_equal(l.n, 0);
	assert_true(string_list_has(&copy, "a"));
	assert_true(string_list_has(&copy, ""));
	assert_false(string_list_has(&copy, "A"));
	assert_false(string_list_has(&copy, NULL));
	string_list_done(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_bad_patterns),
		cmocka_unit_test(test_catastrophic_patterns),
		cmocka_unit_test(test_long_text_still_matches),
		cmocka_unit_test(test_long_content),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_string_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
