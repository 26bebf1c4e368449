/* Decisions: design.md section 5, features.md section 5 "Reading of it" 1 to 5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/story.h"

#define MINUTE ((int64_t)60000)
#define DAY    (1440 * MINUTE)
#define NOON   ((int64_t)1795435200000)

static const char quake[] = "A strong earthquake of magnitude 6.4 shook the Halden valley on Monday and damaged the old Kingsbridge dam";
static const char quake_too[] = "Kingsbridge dam damaged as earthquake of magnitude 6.4 shakes Halden valley, rescuers said on Monday";

struct world {
	struct story_index *x;
	int64_t next_id;
};

static struct world begin(void)
{
	struct story_rules r;

	story_rules_default(&r);
	r.related_from = 0;
	return (struct world){ .x = story_index_new(&r), .next_id = 1 };
}

static void end(struct world *w)
{
	w->x = story_index_free(w->x);
}

static struct story_decision ask(struct world *w, const char *title, const char *text, int64_t source, int64_t time_ms)
{
	const struct story_text t = { .title = title, .summary = text };
	struct story_features f;
	struct story_decision d;

	story_features_make(&t, &f);
	story_index_match(w->x, &f, source, time_ms, &d);
	return d;
}

/* Asks, and adds the item where it was told to; the item's id is the next one. */
static struct story_decision tell(struct world *w, const char *title, const char *text, int64_t source, int64_t time_ms)
{
	const struct story_text t = { .title = title, .summary = text };
	struct story_decision d = ask(w, title, text, source, time_ms);
	struct story_place p = { .item_id = w->next_id++, .source_id = source, .group_id = d.group_id, .time_ms = time_ms };
	struct story_features f;

	p.story_id = d.story_id ? d.story_id : p.item_id;
	story_features_make(&t, &f);
	assert_int_equal(story_index_add(w->x, &p, &f), 0);
	return d;
}

static void assert_veto(const struct story_decision *d, int64_t story_id, enum story_veto want)
{
	assert_int_not_equal(d->story_id, story_id);
	for (uint32_t i = 0; i < d->n_candidates; i++) {
		if (d->candidates[i].story_id == story_id) {
			assert_string_equal(story_veto_words(d->candidates[i].veto), story_veto_words(want));
			return;
		}
	}
	fail_msg("story %d is no candidate", (int)story_id);
}

static void test_same_story(void **state)
{
	struct world w = begin();
	struct story_decision d;

	(void)state;
	assert_int_equal(tell(&w, NULL, quake, 1, NOON).rule, STORY_NEW);
	d = tell(&w, NULL, quake_too, 2, NOON + MINUTE);
	assert_int_equal(d.rule, STORY_SIMILAR);
	assert_int_equal(d.story_id, 1);
	assert_int_equal(d.group_id, 1);
	assert_int_equal(d.candidates[0].veto, STORY_TAKEN);
	d = ask(&w, NULL, "The farmers' union welcomes lower prices of grain and milk in Eastmarch", 3, NOON + MINUTE);
	assert_int_equal(d.rule, STORY_NEW);
	assert_int_equal(d.group_id, 0);
	end(&w);
}

/* Among the first items of all every word looks rare, "the" as well. */
static void test_nothing_is_related_to_the_first_items(void **state)
{
	struct story_decision d;
	struct story_rules r;
	struct world w = {.next_id = 1};

	(void)state;
	story_rules_default(&r);
	w.x = story_index_new(&r);
	(void)tell(&w, NULL, quake, 1, NOON);
	d = ask(&w, NULL, quake_too, 1, NOON + MINUTE);
	assert_int_equal(d.group_id, 0);
	for (uint32_t i = 1; i < r.related_from; i++) {
		char text[128];

		(void)snprintf(text, sizeof(text), "alpha%u beta%u gamma%u delta%u epsilon%u zeta%u", i, i, i, i, i, i);
		(void)tell(&w, NULL, text, 2, NOON);
	}
	d = ask(&w, NULL, quake_too, 1, NOON + MINUTE);
	assert_int_equal(d.group_id, 1);
	end(&w);
}

static void test_own_source_never(void **state)
{
	struct world w = begin();
	struct story_decision d;

	(void)state;
	(void)tell(&w, NULL, quake, 1, NOON);
	d = ask(&w, NULL, quake_too, 1, NOON + MINUTE);
	assert_veto(&d, 1, STORY_OWN_SOURCE);
	assert_int_equal(d.group_id, 1); /* but it is related */
	assert_int_equal(d.related[0].story_id, 1);
	end(&w);
}

static void test_numbers_veto(void **state)
{
	struct world w = begin();
	struct story_decision d;

	(void)state;
	(void)tell(&w, NULL, quake, 1, NOON);
	d = ask(&w, NULL, "Kingsbridge dam damaged as earthquake of magnitude 5.1 shakes Halden valley, rescuers said on Monday", 2, NOON);
	assert_veto(&d, 1, STORY_OTHER_MAGNITUDE);
	d = ask(&w, NULL, "Kingsbridge dam damaged as earthquake of magnitude 6.3 shakes Halden valley, rescuers said on Monday", 2, NOON);
	assert_int_equal(d.story_id, 1); /* agencies differ by that */
	(void)tell(&w, NULL, "Northport beat Westbury 3-1 in the Halden cup after a late goal by Harper", 1, NOON);
	d = ask(&w, NULL, "Northport beat Westbury 2-0 in the Halden cup after a late goal by Harper", 2, NOON);
	assert_veto(&d, 2, STORY_OTHER_SCORE);
	(void)tell(&w, NULL, "Exchange report: main index closes at 4312 points, turnover of shares grows", 1, NOON);
	d = ask(&w, NULL, "Exchange report: main index closes at 4388 points, turnover of shares grows", 2, NOON);
	assert_veto(&d, 3, STORY_OTHER_NUMBERS);
	end(&w);
}

static void test_recurring_titles(void **state)
{
	struct world w = begin();
	struct story_decision d;
	static const char text[] = "What the day brings: parliament, weather and sport at a glance";

	(void)state;
	(void)tell(&w, "Morning Briefing", text, 1, NOON);
	(void)tell(&w, "Morning Briefing", text, 1, NOON + DAY);
	d = ask(&w, "Morning Briefing", text, 2, NOON + DAY);
	assert_int_equal(d.rule, STORY_NEW);
	assert_veto(&d, 2, STORY_RECURRING);
	end(&w);
}

static void test_too_short(void **state)
{
	struct world w = begin();
	struct story_decision d;

	(void)state;
	(void)tell(&w, NULL, "Business highlights", 1, NOON);
	d = ask(&w, NULL, "Business highlights", 2, NOON);
	assert_veto(&d, 1, STORY_TOO_SHORT);
	end(&w);
}

static void test_story_cap(void **state)
{
	struct world w = begin();
	struct story_rules r;
	struct story_decision d;

	(void)state;
	story_rules_default(&r);
	r.story_items = 3;
	story_index_set_rules(w.x, &r);
	for (int i = 1; i <= 3; i++)
		(void)tell(&w, NULL, quake, i, NOON + i);
	d = ask(&w, NULL, quake, 9, NOON + MINUTE);
	assert_veto(&d, 1, STORY_FULL);
	end(&w);
}

static void test_window(void **state)
{
	struct world w = begin();
	struct story_rules r;

	(void)state;
	story_rules_default(&r);
	(void)tell(&w, NULL, quake, 1, NOON);
	assert_int_equal(ask(&w, NULL, quake_too, 2, NOON + r.window_ms).story_id, 1);
	assert_int_equal(ask(&w, NULL, quake_too, 2, NOON + r.window_ms + 1).story_id, 0); /* also before it is forgotten */
	story_index_expire(w.x, NOON + r.window_ms);
	assert_int_equal(story_index_items(w.x), 1);
	story_index_expire(w.x, NOON + r.window_ms + 1);
	assert_int_equal(story_index_items(w.x), 0);
	end(&w);
}

static void test_errors(void **state)
{
	struct world w = begin();
	struct story_features f = { 0 };
	struct story_place p = { .item_id = 1, .source_id = 1, .story_id = 1 };

	(void)state;
	assert_int_equal(story_index_add(w.x, &p, &f), 0);
	assert_int_equal(story_index_add(w.x, &p, &f), ERR_EXISTS);
	assert_int_equal(story_index_move(w.x, 2, 1, 0), ERR_NOT_FOUND);
	p.item_id = 0;
	assert_int_equal(story_index_add(w.x, &p, &f), ERR_INVALID);
	story_index_remove(w.x, 77);
	story_index_remove(w.x, 1);
	assert_int_equal(story_index_items(w.x), 0);
	end(&w);
}

/* ---- a made-up stream ---- */

/* Words are numbers here; every third item tells a story of the last hundred. */
static struct story_features made(unsigned i)
{
	struct story_features f = { .n_terms = 30 };
	unsigned story = i % 3 ? i : i - i * 7919u % 100u;

	for (unsigned k = 0; k < f.n_terms; k++) {
		unsigned word = k < 6 ? 1000 + k * 10 + (story + k) % 5 : k < 22 ? 10000 + story * 16 + k : 9000000 + i * 16 + k;

		f.terms[k] = word;
		f.weights[k] = (uint8_t)(30 + word % 23);
	}
	f.n_shingles = story % 2 ? 0 : STORY_SHINGLES;
	for (unsigned k = 0; k < f.n_shingles; k++)
		f.shingles[k] = (k + 1) * 1000003u + story % 97;
	return f;
}

static struct story_decision put(struct story_index *x, unsigned i, bool as_told)
{
	struct story_features f = made(i);
	struct story_decision d;
	struct story_place p = { .item_id = i + 1, .source_id = 1 + i % 50, .time_ms = NOON + i * MINUTE };

	story_index_match(x, &f, p.source_id, p.time_ms, &d);
	p.story_id = as_told && d.story_id ? d.story_id : p.item_id;
	p.group_id = as_told ? d.group_id : 0;
	assert_int_equal(story_index_add(x, &p, &f), 0);
	return d;
}

static struct story_index *made_index(void)
{
	struct story_rules r;

	story_rules_default(&r);
	r.window_ms = 800 * MINUTE;
	r.max_items = 700;
	return story_index_new(&r);
}

static void test_deterministic(void **state)
{
	struct story_index *a = made_index(), *b = made_index();
	unsigned told = 0;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct story_decision x = put(a, i, true), y = put(b, i, true);

		assert_memory_equal(&x, &y, sizeof(x));
		told += x.rule != STORY_NEW;
		story_index_expire(a, NOON + i * MINUTE);
		story_index_expire(b, NOON + i * MINUTE);
		assert_true(story_index_items(a) <= 700);
	}
	assert_true(told > 300); /* or the test tests nothing */
	story_index_free(a);
	story_index_free(b);
}

/* One index sees transactions that are rolled back, items that are purged and moved to and fro; the other never does. */
static void test_removed_is_never_added(void **state)
{
	struct story_index *a = made_index(), *b = made_index();

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct story_decision x, y;

		if (i % 7 == 0) {
			for (unsigned k = 0; k < 5; k++)
				(void)put(a, i + k, k % 2);
			for (unsigned k = 5; k-- > 0;)
				story_index_remove(a, i + k + 1);
		}
		x = put(a, i, true);
		y = put(b, i, true);
		assert_memory_equal(&x, &y, sizeof(x));
		if (i % 11 == 0) {
			assert_int_equal(story_index_move(a, i + 1, 1000000, 0), 0);
			assert_int_equal(story_index_move(a, i + 1, y.story_id ? y.story_id : i + 1, y.group_id), 0);
		}
		story_index_expire(a, NOON + i * MINUTE);
		story_index_expire(b, NOON + i * MINUTE);
	}
	story_index_free(a);
	story_index_free(b);
}

static void test_split_and_join(void **state)
{
	struct world w = begin();

	(void)state;
	(void)tell(&w, NULL, quake, 1, NOON);
	(void)tell(&w, NULL, quake_too, 2, NOON);
	assert_int_equal(story_index_move(w.x, 2, 55, 0), 0);
	assert_int_equal(story_index_move(w.x, 1, 55, 0), 0);
	assert_int_equal(ask(&w, NULL, quake, 3, NOON).story_id, 55);
	end(&w);
}

/* What comes and goes leaves nothing: memory follows the window. */
static void test_memory_is_bounded(void **state)
{
	struct story_index *x = made_index();
	size_t early = 0;

	(void)state;
	for (unsigned i = 0; i < 12000; i++) {
		(void)put(x, i, true);
		story_index_expire(x, NOON + i * MINUTE);
		if (i == 3000)
			early = story_index_bytes(x);
	}
	assert_true(story_index_bytes(x) < early + early / 4);
	assert_true(story_index_bytes(x) / story_index_items(x) < 3000);
	/* Without anyone to call expire it is bounded as well. */
	for (unsigned i = 12000; i < 15000; i++)
		(void)put(x, i, true);
	assert_true(story_index_items(x) <= 1400);
	story_index_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_story),
		cmocka_unit_test(test_own_source_never),
		cmocka_unit_test(test_nothing_is_related_to_the_first_items),
		cmocka_unit_test(test_numbers_veto),
		cmocka_unit_test(test_recurring_titles),
		cmocka_unit_test(test_too_short),
		cmocka_unit_test(test_story_cap),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_removed_is_never_added),
		cmocka_unit_test(test_split_and_join),
		cmocka_unit_test(test_memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
