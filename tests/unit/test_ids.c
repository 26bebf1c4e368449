/* Ids are in people's readers and receivers' databases: these values, computed by another program, never change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/model/ids.h"

static const struct item_key key = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255}};

static void test_fixed_values(void **state)
{
	char source[ID_BYTES], item[ID_BYTES], story[ID_BYTES], event[ID_BYTES];

	(void)state;
	id_of_source("https://example.org/feed.xml", source);
	id_of_item(source, &key, item);
	id_of_story(item, story);
	id_of_event("item.created", item, 1, event);
	assert_string_equal(source, "src_qk05wfm6gp1knyrnrmrmg4146w");
	assert_string_equal(item, "itm_jmjq5w5h4x5a5rgtrfa5zt2bfg");
	assert_string_equal(story, "urn:uuid:f41a9ee3-8d49-804b-9799-6bd2cdf8069a");
	assert_string_equal(event, "evt_038b47jsz20t9q6qw2f02wnzr0");
}

/* RFC 9562 sections 4.1 and 5.8: version and variant, 8-4-4-4-12 lower-case hex. */
static void test_story_is_a_uuid(void **state)
{
	char uid[ID_BYTES];

	(void)state;
	for (char name[] = "itm_a"; name[4] <= 'z'; name[4]++) {
		id_of_story(name, uid);
		assert_int_equal(strlen(uid), 45);
		assert_memory_equal(uid, "urn:uuid:", 9);
		assert_int_equal(strspn(uid + 9, "0123456789abcdef-"), 36);
		assert_true(uid[17] == '-' && uid[22] == '-' && uid[27] == '-' && uid[32] == '-');
		assert_int_equal(uid[23], '8');
		assert_non_null(strchr("89ab", uid[28]));
	}
}

/* push.md W8: no full stop, since the id is a part of what is signed. */
static void test_no_full_stop(void **state)
{
	char id[ID_BYTES];

	(void)state;
	id_of_event("item.updated", "itm_x.y", 12, id);
	assert_null(strchr(id, '.'));
	id_of_source("http://a.b/c.d", id);
	assert_null(strchr(id, '.'));
}

static void test_each_part_counts(void **state)
{
	char ids[6][ID_BYTES];
	struct item_key other = key;

	(void)state;
	other.bytes[15] ^= 1;
	id_of_event("item.created", "itm_x", 1, ids[0]);
	id_of_event("item.created", "itm_x", 2, ids[1]);
	id_of_event("item.updated", "itm_x", 1, ids[2]);
	id_of_event("item.created", "itm_x1", 1, ids[3]);
	id_of_item("src_a", &key, ids[4]);
	id_of_item("src_a", &other, ids[5]);
	for (int i = 0; i < 6; i++) {
		for (int k = 0; k < i; k++)
			assert_string_not_equal(ids[i], ids[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_values), cmocka_unit_test(test_story_is_a_uuid),
		cmocka_unit_test(test_no_full_stop), cmocka_unit_test(test_each_part_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
