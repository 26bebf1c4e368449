/* Text to features, and features to bytes and back: design.md section 5, features.md section 5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/story.h"

static struct story_features of(const char *title, const char *summary, const char *source)
{
	const struct story_text t = { .title = title, .summary = summary, .source_title = source };
	struct story_features f;

	story_features_make(&t, &f);
	return f;
}

static size_t common(const struct story_features *a, const struct story_features *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_terms; i++)
		for (size_t j = 0; j < b->n_terms; j++)
			n += a->terms[i] == b->terms[j];
	return n;
}

static void assert_same_terms(const char *a, const char *b)
{
	struct story_features x = of(NULL, a, NULL), y = of(NULL, b, NULL);

	assert_true(x.n_terms > 0);
	assert_int_equal(x.n_terms, y.n_terms);
	assert_int_equal(common(&x, &y), x.n_terms);
}

static void test_words_meet(void **state)
{
	(void)state;
	assert_same_terms("Ђорђе Његош посетио Љубовију и Џеп", "Đorđe Njegoš posetio Ljuboviju i Džep"); /* both scripts of Serbian */
	assert_same_terms("İSTANBUL Iğdır ışık", "istanbul ığdır IŞIK");                              /* four letters i */
	assert_same_terms("GƏNCƏDƏ Şəki", "gəncədə ŞƏKİ");
	assert_same_terms("МОСКВА и Йошкар-Ола", "Москва И йошкар-ола");
	assert_same_terms("Felt's garden", "Felt’s GARDEN");
	assert_same_terms("Zürich café", "Zurich cafe\xcc\x81");
	assert_same_terms("１２３ points", "123 points");
}

static void test_ideographs(void **state)
{
	struct story_features a = of(NULL, "中央银行宣布新的预算方案", NULL), b = of(NULL, "新的预算方案由中央银行批准", NULL);

	(void)state;
	assert_in_range(a.n_terms, 4, 12); /* words, neither one run nor letters */
	assert_true(common(&a, &b) >= 3);
}

static void test_source_name_is_ignored(void **state)
{
	struct story_features plain = of("Bridge repair takes until autumn", NULL, "Daily Courier");
	struct story_features named = of("Bridge repair takes until autumn - Daily Courier", NULL, "Daily Courier");
	struct story_features other = of("Bridge repair takes until autumn - twice as long", NULL, "Daily Courier");
	struct story_features all = of("Daily Courier | Daily", NULL, "Daily Courier");

	(void)state;
	assert_memory_equal(&plain, &named, sizeof(plain));
	assert_true(other.n_terms > plain.n_terms);
	assert_true(all.n_terms > 0);
}

static void assert_numbers(const char *text, size_t n, ...)
{
	struct story_features f = of(NULL, text, NULL);
	va_list want;

	assert_int_equal(f.n_numbers, n);
	va_start(want, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(f.numbers[i].kind, va_arg(want, int));
		assert_int_equal(f.numbers[i].value, va_arg(want, int));
	}
	va_end(want);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_numbers("won 91-73 on the day", 1, STORY_NUMBER_SCORE, 91 << 16 | 73);
	assert_numbers("lost 1:3 at home", 1, STORY_NUMBER_SCORE, 3 << 16 | 1);
	assert_numbers("победил 2–0", 1, STORY_NUMBER_SCORE, 2 << 16);
	assert_numbers("a quake of 5.4, 1,200 homes", 2, STORY_NUMBER_WHOLE, 1200, STORY_NUMBER_DECIMAL, 540);
	assert_numbers("a quake of 5,4 and 1.200 homes", 2, STORY_NUMBER_WHOLE, 1200, STORY_NUMBER_DECIMAL, 540);
	assert_numbers("magnitude 6. 1 quake", 1, STORY_NUMBER_DECIMAL, 610);
	assert_numbers("at 19:30 sharp", 2, STORY_NUMBER_WHOLE, 19, STORY_NUMBER_WHOLE, 30); /* no score */
	assert_numbers("on 12.11.2026", 0);
	assert_numbers("see https://e.example/774411?utm_id=99 now", 0);
}

static void test_many_numbers_are_bounded(void **state)
{
	char text[4096] = "";
	struct story_features f;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 300; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "x%d %d ", i, 1000 + i * 7);
	(void)snprintf(text + n, sizeof(text) - n, "score 3:1");
	f = of(NULL, text, NULL);
	assert_int_equal(f.n_numbers, STORY_NUMBERS);
	assert_int_equal(f.n_terms, STORY_TERMS);
	assert_int_equal(f.numbers[STORY_NUMBERS - 1].kind, STORY_NUMBER_SCORE); /* says most, so it stays */
}

/* Only bodies long enough are recognised as copies. */
static void test_short_bodies_have_no_sample(void **state)
{
	struct story_features f = of("title", "one two three four five six seven eight nine ten", NULL);

	(void)state;
	assert_int_equal(f.n_shingles, 0);
	assert_int_equal(f.body_words, 10);
}

/* ---- bytes ---- */

static struct story_features long_item(void)
{
	char text[4096] = "";
	size_t n = 0;

	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "word%c%c %d ", 'a' + i % 26, 'a' + i / 26, i * 31);
	return of("A title of five words", text, NULL);
}

static void test_codec(void **state)
{
	struct story_features f = long_item(), back;
	struct buf b = BUF_INIT(STORY_BLOB_BYTES);

	(void)state;
	assert_true(f.n_shingles == STORY_SHINGLES);
	story_features_encode(&f, &b);
	assert_int_equal(buf_error(&b), 0); /* the largest item fits */
	assert_int_equal(story_features_decode(b.bytes, b.len, &back), 0);
	assert_memory_equal(&f, &back, sizeof(f));
	buf_done(&b);
}

/* Whatever the bytes are: refused, or a set of features that encodes to those bytes again. */
static void check_hostile(const char *bytes, size_t len)
{
	struct story_features f;
	struct buf b = BUF_INIT(STORY_BLOB_BYTES);

	if (story_features_decode(bytes, len, &f) == 0) {
		story_features_encode(&f, &b);
		assert_int_equal(b.len, len);
		assert_memory_equal(b.bytes, bytes, len);
	} else {
		assert_int_equal(f.n_terms + f.n_numbers + f.n_shingles, 0);
	}
	buf_done(&b);
}

static void test_hostile_bytes(void **state)
{
	struct story_features f = long_item();
	struct buf b = BUF_INIT(STORY_BLOB_BYTES);
	unsigned seed = 1;

	(void)state;
	story_features_encode(&f, &b);
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(story_features_decode(b.bytes, n, &f), ERR_CORRUPT);
	for (int round = 0; round < 20000; round++) {
		size_t at = (seed = seed * 1103515245 + 12345) / 65536 % b.len;
		char old = b.bytes[at];

		b.bytes[at] = (char)(seed >> 8);
		check_hostile(b.bytes, b.len);
		b.bytes[at] = old;
	}
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_meet),
		cmocka_unit_test(test_ideographs),
		cmocka_unit_test(test_source_name_is_ignored),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_many_numbers_are_bounded),
		cmocka_unit_test(test_short_bodies_have_no_sample),
		cmocka_unit_test(test_codec),
		cmocka_unit_test(test_hostile_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
