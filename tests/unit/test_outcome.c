/* Names of outcomes and events are stored: they are told apart, found again, and complete (polling.md section 4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/model/outcome.h"
#include "syndicated/model/view.h"

static void test_each_has_name_and_text(void **state)
{
	(void)state;
	for (unsigned o = 0; o < POLL_OUTCOMES; o++) {
		assert_non_null(poll_outcome_name((enum poll_outcome)o));
		assert_true(strlen(poll_outcome_text((enum poll_outcome)o)) > 10);
	}
}

static void test_names_parse_back(void **state)
{
	enum poll_outcome parsed;

	(void)state;
	for (unsigned o = 0; o < POLL_OUTCOMES; o++) {
		parsed = POLL_OUTCOMES;
		assert_true(poll_outcome_parse(poll_outcome_name((enum poll_outcome)o), &parsed));
		assert_int_equal(parsed, o); /* also finds two with the same name */
	}
}

static void test_unknown_names_are_refused(void **state)
{
	static const char *const names[] = {"", "OK", "ok ", "not modified", "outcomes"};
	enum poll_outcome parsed = POLL_GONE;
	enum event_type type = EVENT_ITEM_UPDATED;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_false(poll_outcome_parse(names[i], &parsed));
		assert_false(event_type_parse(names[i], &type));
	}
	assert_false(poll_outcome_parse(NULL, &parsed));
	assert_int_equal(parsed, POLL_GONE);
	assert_int_equal(type, EVENT_ITEM_UPDATED);
	assert_true(event_type_parse("story.created", &type) && event_type_is_of_item(type));
	assert_true(event_type_parse("source.held", &type) && !event_type_is_of_item(type));
	assert_false(event_type_parse("story.deleted", &type));
}

static void test_success(void **state)
{
	(void)state;
	for (unsigned o = 0; o < POLL_OUTCOMES; o++) {
		bool want = o == POLL_OK || o == POLL_UNCHANGED || o == POLL_NOT_MODIFIED || o == POLL_DAMAGED;
		assert_int_equal(poll_outcome_is_success((enum poll_outcome)o), want);
	}
}

static void test_event_names(void **state)
{
	enum event_type type = EVENT_TYPES;

	(void)state;
	assert_string_equal(event_type_name(EVENT_ITEM_CREATED), "item.created");
	assert_string_equal(event_type_name(EVENT_ITEM_UPDATED), "item.updated");
	assert_true(event_type_parse("item.updated", &type));
	assert_int_equal(type, EVENT_ITEM_UPDATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_has_name_and_text), cmocka_unit_test(test_names_parse_back),
		cmocka_unit_test(test_unknown_names_are_refused), cmocka_unit_test(test_success),
		cmocka_unit_test(test_event_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
