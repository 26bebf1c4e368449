#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syndicated/base/mem.h"
#include "syndicated/identify.h"

static void add(struct feed_document *d, const char *guid, const char *url, const char *title)
{
	struct item *i = feed_document_add_item(d);

	i->guid = arena_dup_str(d->arena, guid);
	i->canonical_url = arena_dup_str(d->arena, url);
	i->link = arena_dup_str(d->arena, url);
	i->title = arena_dup_str(d->arena, title);
}

static int same(const struct item_key *a, const struct item_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void test_keys(void **state)
{
	struct feed_document *d = feed_document_new();
	struct item *i;

	(void)state;
	add(d, "g", "https://e.org/1", "a");
	add(d, NULL, "https://e.org/1", "a");
	add(d, NULL, NULL, "a");
	add(d, "shared", "https://e.org/2", "b");
	add(d, "shared", "https://e.org/3", "c");
	add(d, "g", "https://e.org/1", "a");  /* a twin */
	add(d, "g", "https://e.org/1", "a2"); /* another item with the same guid and link (B14) */
	identify_document(d);
	assert_true(d->items[5].twin);
	feed_document_drop_twins(d);
	i = d->items;
	assert_int_equal(d->n_items, 6);
	assert_string_equal(i[0].key_rule, "guid+link");
	assert_string_equal(i[1].key_rule, "link");
	assert_string_equal(i[2].key_rule, "digest");
	assert_false(same(&i[0].key, &i[1].key));
	assert_true(i[0].has_url_key && same(&i[0].url_key, &i[1].url_key));
	assert_false(i[2].has_url_key);
	assert_false(same(&i[3].key, &i[4].key));
	assert_false(same(&i[0].key, &i[5].key));
	assert_true(i[0].guid_is_shared && i[5].guid_is_shared && !i[1].guid_is_shared);
	assert_false(same(&i[0].digest, &i[5].digest));
	feed_document_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_keys) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
