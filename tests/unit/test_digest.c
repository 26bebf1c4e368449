#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/fingerprint.h"

static void assert_digest(struct digest d, const char *want)
{
	char hex[2 * DIGEST_BYTES + 1];

	digest_hex(d.bytes, sizeof(d.bytes), hex);
	assert_string_equal(hex, want);
}

/* FIPS 180-2 appendix B; RFC 4231 sections 4.2, 4.3 and 4.7. */
static void test_vectors(void **state)
{
	char key[131];

	(void)state;
	assert_digest(digest_of("", 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest(digest_of("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	memset(key, 0x0b, 20);
	assert_digest(digest_hmac(key, 20, "Hi There", 8), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_digest(digest_hmac("Jefe", 4, "what do ya want for nothing?", 28),
	              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	assert_digest(digest_hmac(key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First", 54),
	              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static struct digest fields(const char *a, const char *b)
{
	struct digest_state *s = digest_begin();

	digest_add_field(s, a);
	digest_add_field(s, b);
	return digest_end(s);
}

static void test_running(void **state)
{
	struct digest_state *s = digest_begin();

	(void)state;
	digest_add(s, "a", 1);
	digest_add(s, "bc", 2);
	struct digest d = digest_end(s), whole = digest_of("abc", 3);
	assert_true(digest_equal(&d, &whole, sizeof(d)));
	struct digest variants[] = {fields("ab", "c"), fields("a", "bc"), fields(NULL, "abc"), fields("", "abc"), fields("abc", NULL)};
	for (size_t i = 0; i < 5; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(digest_equal(&variants[i], &variants[j], sizeof(d)));
}

/* RFC 4648 section 10, and what section 3 lets a strict decoder refuse. */
static void test_base64(void **state)
{
	static const struct { const char *text, *base64; } rows[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
		{"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}};
	static const char *const bad[] = {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm9v\n", "__79", "=Zg=",
		"Zg=a", NULL};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT(100);
		digest_append_base64(&b, rows[i].text, strlen(rows[i].text));
		assert_string_equal(buf_str(&b), rows[i].base64);
		buf_clear(&b);
		assert_int_equal(digest_decode_base64(rows[i].base64, &b), 0);
		assert_string_equal(buf_str(&b), rows[i].text);
		buf_done(&b);
	}
	for (size_t i = 0; bad[i] != NULL; i++) {
		struct buf b = BUF_INIT(100);
		buf_append_str(&b, "x");
		print_message("# %s\n", bad[i]);
		assert_int_equal(digest_decode_base64(bad[i], &b), ERR_INVALID);
		assert_string_equal(buf_str(&b), "x");
		buf_done(&b);
	}
	struct buf small = BUF_INIT(2);
	assert_int_equal(digest_decode_base64("Zm9v", &small), ERR_TOO_BIG);
	buf_done(&small);
}

static void test_base32_and_random(void **state)
{
	char out[32];
	uint8_t a[16], b[16];

	(void)state;
	digest_base32("", 0, out);
	assert_string_equal(out, "");
	digest_base32("f", 1, out);
	assert_string_equal(out, "cr");
	digest_base32("foobar", 6, out);
	assert_string_equal(out, "csqpyrk1e8");
	digest_base32("\xff\xff\xff\xff\xff", 5, out);
	assert_string_equal(out, "zzzzzzzz");
	digest_random(a, sizeof(a));
	digest_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

/* Fields laid down in a buf are those that are added one by one. */
static void test_fields_of_fingerprints(void **state)
{
	static const char *const fields[] = {"a", "", NULL, "a longer one, in two pieces", NULL};
	struct fingerprint_state *s = fingerprint_new();
	struct buf b = BUF_INIT(1000), small = BUF_INIT(10);
	struct fingerprint added, laid;
	size_t begin;

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		fingerprint_add_field(s, fields[i]);
	added = fingerprint_next(s);
	for (size_t i = 0; i < 3; i++)
		fingerprint_append_field(&b, fields[i]);
	begin = fingerprint_begin_field(&b);
	buf_append_str(&b, "a longer one,");
	buf_append_str(&b, " in two pieces");
	fingerprint_end_field(&b, begin);
	fingerprint_append_field(&b, NULL);
	laid = fingerprint_of(b.bytes, b.len);
	assert_memory_equal(&laid, &added, sizeof(laid));
	fingerprint_append_field(&small, "too long for it");
	fingerprint_append_field(&small, "x");
	assert_int_equal(buf_error(&small), ERR_TOO_BIG);
	buf_done(&b);
	buf_done(&small);
	fingerprint_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors), cmocka_unit_test(test_running), cmocka_unit_test(test_base64),
	                                   cmocka_unit_test(test_base32_and_random), cmocka_unit_test(test_fields_of_fingerprints)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
