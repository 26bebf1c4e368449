/* How sources are doing, in the store: events in the poll's transaction, moves, joins, waking (polling.md R47 to R67). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../lib/store_dir.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

#define NOW  ((int64_t)1700000000000)
#define HOUR ((int64_t)3600000)
#define DAY  (24 * HOUR)

static char dir[64];
static struct store *s;
static struct store_reader *r;
static struct err err;

/* What the next poll decides. */
static struct source_health wanted; /* strings borrowed */
static struct poll_due due;
static int64_t retry_after;
static struct store_wish wish;

static void must(int rc)
{
	if (rc < 0)
		fail_msg("%d: %s", rc, err.message);
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "health-test-XXXXXX");
	if (!mkdtemp(dir) || !(s = store_open(dir, &err)) || !(r = store_reader_open(dir, &err)))
		return -1;
	return 0;
}

static int tear_down(void **state)
{

	(void)state;
	r = store_reader_close(r);
	s = store_close(s);
	return store_dir_remove(dir);
}

/* names and urls by turns, NULL at the end */
static struct store_sync sync_to(int64_t now, ...)
{
	const struct store_sync_rules rules = {.now_ms = now, .due_ms = now, .host_of = store_dir_host_of};
	struct source_spec specs[4] = {0};
	struct store_sync ret = {0};
	size_t n = 0;
	va_list args;
	char *name;

	va_start(args, now);
	while ((name = va_arg(args, char *)))
		specs[n++] = (struct source_spec){.name = name, .url = va_arg(args, char *), .poll_min_ms = 60000, .poll_max_ms = DAY};
	va_end(args);
	must(store_begin(s, &err));
	must(store_sync_sources(s, specs, n, &rules, &ret, &err));
	must(store_commit(s, &err));
	return ret;
}

static void no_limit(const char *host, int64_t gap_ms, struct store_host_limit *ret, void *ctx)
{
	(void)host;
	(void)gap_ms;
	(void)ctx;
	*ret = (struct store_host_limit){.concurrent = 10};
}

/* "a http://..., " of all that is due; ids by the first letter of the name. */
static int64_t ids[128];

static const char *claim(int64_t now)
{
	static char out[512];
	const struct store_claim rules = {.now_ms = now, .lease_ms = HOUR, .max = 10, .max_late = 10, .limit = no_limit};
	struct source_task *tasks;
	size_t n, len = 0;

	must(store_begin(s, &err));
	must(store_claim_due(s, &rules, &tasks, &n, &err));
	must(store_commit(s, &err));
	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		ids[(unsigned char)tasks[i].name[0]] = tasks[i].source_id;
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s %s at %s, ", tasks[i].name, tasks[i].url, tasks[i].host);
		source_task_done(&tasks[i]);
	}
	mem_free(tasks);
	return out;
}

static void decide(const struct poll_record *record, const struct poll_effect *effect, struct poll_due *ret, void *ctx)
{
	struct source_health *h = effect->health;

	(void)ctx;
	h->state = wanted.state;
	h->state_since_ms = record->ended_ms;
	h->failing_since_ms = wanted.failing_since_ms;
	h->run_since_ms = wanted.run_since_ms;
	h->moving_since_ms = wanted.moving_since_ms;
	if (wanted.poll_url)
		mem_set_str(&h->poll_url, wanted.poll_url);
	if (wanted.moving_to)
		mem_set_str(&h->moving_to, wanted.moving_to);
	*ret = due;
	if (ret->due_ms == 0)
		ret->due_ms = record->ended_ms + HOUR;
}

static int64_t stored_due; /* of the last poll */
static const char *stored_reason;

static void record(char name, int64_t now, enum poll_outcome outcome)
{
	const struct poll_record p = {.source_id = ids[(unsigned char)name], .outcome = outcome, .started_ms = now, .ended_ms = now + 500,
	                              .status = 200, .keep_validators = true, .decide = decide, .fresh_ms = HOUR, .retry_after_ms = retry_after};
	struct poll_effect effect;

	must(store_begin(s, &err));
	must(store_record_poll(s, &p, &effect, &err));
	must(store_commit(s, &err));
	assert_null(effect.health);
	stored_due = effect.due_ms;
	stored_reason = effect.due_reason;
	assert_int_equal(effect.n_events, due.n_events);
	due = (struct poll_due){0};
	retry_after = 0;
	wanted = (struct source_health){0};
}

static void move_to(char *url, const char *host)
{
	static char old_url[] = "http://a.test/f";

	wanted.poll_url = url;
	due = (struct poll_due){.events = {EVENT_SOURCE_MOVED}, .n_events = 1, .has_moved = true, .moved_host = host,
	                        .report = {.old_url = old_url, .new_url = url}};
}

static struct source_view *look(struct source_story *story, const char *name)
{
	must(store_read_source(r, name, story, &err));
	return story->source->sources[0];
}

/* Events lie in the log between those of items, with what was known then; ids are derived and differ; old ones are purged. */
static void test_events(void **state)
{
	struct event_list *events;
	struct source_story story;

	(void)state;
	(void)sync_to(NOW, "a", "http://a.test/f", NULL);
	(void)claim(NOW);
	wanted = (struct source_health){.state = SOURCE_DORMANT, .failing_since_ms = NOW - DAY};
	due = (struct poll_due){.due_ms = NOW + 7 * DAY, .failures = 21, .events = {EVENT_SOURCE_FAILING, EVENT_SOURCE_DORMANT}, .n_events = 2,
	                        .report = {.outcome = POLL_MISSING, .status = 404, .message = (char[]){"no such document"}}};
	record('a', NOW, POLL_MISSING);
	must(store_read_events(r, 0, 10, &events, &err));
	assert_int_equal(events->n, 2);
	assert_int_equal(events->events[1].type, EVENT_SOURCE_DORMANT);
	assert_int_equal(events->events[1].report.state, SOURCE_DORMANT);
	assert_int_equal(events->events[1].report.failures, 21);
	assert_int_equal(events->events[1].report.failing_since_ms, NOW - DAY);
	assert_int_equal(events->events[1].report.next_poll_ms, NOW + 7 * DAY);
	assert_string_equal(events->events[1].report.message, "no such document");
	assert_string_equal(events->events[1].source->name, "a");
	assert_string_not_equal(events->events[0].id, events->events[1].id);
	assert_int_equal(events->last_seq, 2);
	event_list_free(events);

	assert_int_equal(look(&story, "a")->health.state, SOURCE_DORMANT);
	assert_int_equal(story.events->n, 2);
	assert_int_equal(story.events->events[0].type, EVENT_SOURCE_DORMANT); /* the newest first */
	assert_int_equal(story.history.n, 1);
	assert_int_equal(story.history.polls[0].outcome, POLL_MISSING);
	assert_int_equal(story.history.polls[0].duration_ms, 500);
	assert_string_equal(story.host, "a.test");
	source_story_done(&story);

	must(store_dir_purge(s, NOW + 10 * DAY, 90 * DAY, 1000, &err));
	must(store_read_events(r, 0, 10, &events, &err));
	assert_int_equal(events->n, 2);
	event_list_free(events);
	for (int64_t days = 20; days <= 80; days += 20) /* time passes: a leap would be doubted */
		(void)claim(NOW + days * DAY);
	must(store_dir_purge(s, NOW + 91 * DAY, 90 * DAY, 1000, &err));
	must(store_read_events(r, 0, 10, &events, &err));
	assert_int_equal(events->n, 0);
	assert_int_equal(events->last_seq, 2);
	event_list_free(events);
}

/* A moved source is asked at its new URL and paced with its new host; the file's new URL is the same source. */
static void test_move(void **state)
{
	char b[] = "http://b.test/f";
	struct source_story story;
	struct store_sync sync;

	(void)state;
	(void)sync_to(NOW, "a", "http://a.test/f", NULL);
	assert_string_equal(claim(NOW), "a http://a.test/f at a.test, ");
	move_to(b, "b.test");
	record('a', NOW, POLL_OK);
	assert_string_equal(claim(NOW + 2 * HOUR), "a http://b.test/f at b.test, ");
	record('a', NOW + 2 * HOUR, POLL_OK);
	assert_string_equal(look(&story, "a")->url, "http://a.test/f");
	assert_string_equal(story.source->sources[0]->health.poll_url, b);
	source_story_done(&story);

	sync = sync_to(NOW, "a", "http://a.test/f", NULL); /* the same file: nothing changes */
	assert_int_equal(sync.changed + sync.added + sync.retired, 0);
	sync = sync_to(NOW, "a", "http://b.test/f", NULL);
	assert_int_equal(sync.added + sync.retired, 0);
	assert_string_equal(look(&story, "a")->url, b);
	assert_null(story.source->sources[0]->health.poll_url);
	assert_int_equal(story.source->sources[0]->polls, 2);
	source_story_done(&story);
	assert_string_equal(claim(NOW + 4 * HOUR), "a http://b.test/f at b.test, ");
	record('a', NOW + 4 * HOUR, POLL_OK);
	sync = sync_to(NOW, "a", "http://b.test/f", "c", "http://a.test/f", NULL); /* somebody new at the old address */
	assert_int_equal(sync.added, 1);
}

/* R54, from both sides: it moves to where another is, and another comes to where it moved. */
static void test_join(void **state)
{
	char b[] = "http://b.test/f";
	struct source_story story;

	(void)state;
	(void)sync_to(NOW, "a", "http://a.test/f", "b", "http://b.test/f", NULL);
	(void)claim(NOW);
	move_to(b, "b.test");
	record('a', NOW, POLL_OK);
	assert_int_equal(stored_due, NEVER_DUE_MS); /* not what decide() said */
	assert_string_equal(stored_reason, "joined");
	record('b', NOW, POLL_OK);
	assert_true(stored_due < NEVER_DUE_MS);
	assert_int_equal(look(&story, "a")->health.state, SOURCE_JOINED);
	assert_string_equal(story.source->sources[0]->joined, "b");
	assert_int_equal(story.source->sources[0]->next_due_ms, NEVER_DUE_MS);
	assert_string_equal(story.events->events[0].report.joined, "b");
	source_story_done(&story);
	assert_int_equal(store_make_due(s, "a", NOW, &wish, &err), ERR_INVALID);
	assert_non_null(strstr(err.message, "'b'"));
	(void)sync_to(NOW + HOUR, "another-name", "http://a.test/f", "b", "http://b.test/f", NULL); /* what changes, does not wake it */
	assert_int_equal(look(&story, "another-name")->health.state, SOURCE_JOINED);
	assert_int_equal(story.source->sources[0]->next_due_ms, NEVER_DUE_MS);
	source_story_done(&story);
	(void)sync_to(NOW + HOUR, "a", "http://a.test/f", "b", "http://b.test/f", NULL);
	assert_string_equal(claim(NOW + DAY), "b http://b.test/f at b.test, ");
	record('b', NOW + DAY, POLL_OK);

	(void)sync_to(NOW + DAY, "a", "http://a.test/f", NULL); /* b goes: a takes its place */
	assert_string_equal(claim(NOW + DAY), "a http://b.test/f at b.test, ");
	record('a', NOW + DAY, POLL_OK);
	(void)sync_to(NOW + 2 * DAY, "a", "http://a.test/f", "c", "http://b.test/f", NULL); /* b is back, under another name */
	assert_string_equal(claim(NOW + 2 * DAY), "a http://b.test/f at b.test, c http://b.test/f at b.test, ");
}

static void test_join_of_a_new_one(void **state)
{
	char b[] = "http://b.test/f";
	struct source_story story;

	(void)state;
	(void)sync_to(NOW, "a", "http://a.test/f", NULL);
	(void)claim(NOW);
	move_to(b, "b.test");
	record('a', NOW, POLL_OK);
	(void)claim(NOW + HOUR); /* under way while the other comes */
	(void)sync_to(NOW + HOUR, "a", "http://a.test/f", "b", "http://b.test/f", NULL);
	record('a', NOW + HOUR, POLL_OK);
	assert_int_equal(look(&story, "a")->health.state, SOURCE_JOINED);
	source_story_done(&story);
	assert_string_equal(claim(NOW + DAY), "b http://b.test/f at b.test, ");
}

/* Dormant, gone and disabled ones are taken up again when somebody asks for it, and by no edit of their entry (R55). */
static void test_waking(void **state)
{
	static const enum source_state states[] = {SOURCE_DORMANT, SOURCE_GONE, SOURCE_DISABLED};
	struct source_story story;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int64_t now = NOW + (int64_t)i * DAY;

		(void)sync_to(now, "a", "http://a.test/f", NULL);
		must(store_make_due(s, "a", now, &wish, &err));
		assert_true(*claim(now));
		wanted.state = states[i];
		due.due_ms = NEVER_DUE_MS;
		due.failures = 5;
		record('a', now, POLL_GONE);
		assert_string_equal(claim(now + 10 * HOUR), "");
		(void)sync_to(now, "a", "http://a.test/f", NULL); /* no change */
		(void)sync_to(now + 10 * HOUR, "renamed", "http://a.test/f", NULL);
		assert_string_equal(claim(now + 11 * HOUR), "");
		assert_int_equal(look(&story, "renamed")->health.state, states[i]);
		source_story_done(&story);
		(void)sync_to(now + 11 * HOUR, "a", "http://a.test/f", NULL);
		must(store_make_due(s, "a", now + 11 * HOUR, &wish, &err));
		assert_true(*claim(now + 11 * HOUR));
		assert_int_equal(look(&story, "a")->health.state, SOURCE_FAILING);
		assert_int_equal(story.source->sources[0]->failures, 0);
		source_story_done(&story);
		record('a', now + 11 * HOUR, POLL_OK);
	}
}

/* ---- due times that no poll decides ---- */

#define MINUTE ((int64_t)60000)

static char the_name[] = "a", the_url[] = "http://a.test/f";

static struct source_spec spec_of(int64_t min, int64_t max)
{
	return (struct source_spec){.name = the_name, .url = the_url, .poll_min_ms = min, .poll_max_ms = max};
}

static void sync_spec(int64_t now, const struct source_spec *spec, size_t n)
{
	const struct store_sync_rules rules = {.now_ms = now, .due_ms = now - STORE_LATE_MS, .host_of = store_dir_host_of};
	struct store_sync ret;

	must(store_sync_sources(s, spec, n, &rules, &ret, &err));
}

/* One poll that ended at NOW + 500, due again after so long for that reason. */
static void polled(const struct source_spec *spec, enum poll_outcome outcome, int64_t after_ms, const char *reason)
{
	sync_spec(NOW, spec, 1);
	assert_true(*claim(NOW));
	due.due_ms = NOW + 500 + after_ms;
	due.reason = reason;
	record('a', NOW, outcome);
}

static int64_t due_now(void)
{
	struct source_story story;
	int64_t ret = look(&story, "a")->next_due_ms;

	source_story_done(&story);
	return ret;
}

static void ask(int64_t now, enum wish_answer why, int64_t due_ms)
{
	must(store_make_due(s, "a", now, &wish, &err));
	assert_int_equal(wish.why, why);
	assert_int_equal(wish.due_ms, due_ms);
}

/* R62: five minutes from the end of one to the start of the next, or poll.min where that is less; then at once. */
static void test_asked_for_too_soon(void **state)
{
	struct source_spec hourly = spec_of(HOUR, DAY), often = spec_of(1000, DAY);
	int64_t end = NOW + 500;

	(void)state;
	polled(&hourly, POLL_OK, 10 * HOUR, "rate");
	ask(NOW + MINUTE, WISH_TOO_SOON, end + 5 * MINUTE);
	assert_int_equal(wish.gap_ms, LIMIT_POLL_BY_HAND_MS);
	assert_string_equal(claim(end + 5 * MINUTE - 1), "");
	ask(NOW + 2 * MINUTE, WISH_TOO_SOON, end + 5 * MINUTE); /* asking twice changes nothing */
	assert_true(*claim(end + 5 * MINUTE));
	ask(end + 5 * MINUTE, WISH_UNDER_WAY, end + 5 * MINUTE);
	due.due_ms = NOW + 10 * HOUR;
	record('a', NOW + 6 * MINUTE, POLL_OK);
	ask(NOW + HOUR, WISH_AT_ONCE, NOW + HOUR);
	assert_true(*claim(NOW + HOUR));
	record('a', NOW + HOUR, POLL_OK);
	sync_spec(NOW + HOUR, &often, 1);
	ask(NOW + HOUR + 600, WISH_TOO_SOON, NOW + HOUR + 1500);
	ask(NOW + HOUR + 1500, WISH_AT_ONCE, NOW + HOUR + 1500);
}

/* R69: since when it is so is told by the clock as it is now, and lasts as long as it lasted. */
static void test_since_follows_the_clock(void **state)
{
	struct source_story story;
	const struct source_view *v;
	const int64_t year = 365 * DAY;

	(void)state;
	(void)sync_to(NOW, "a", "http://a.test/f", NULL);
	(void)claim(NOW);
	wanted = (struct source_health){.state = SOURCE_DORMANT, .failing_since_ms = NOW - DAY, .run_since_ms = NOW - HOUR, .moving_since_ms = NOW - MINUTE};
	record('a', NOW, POLL_MISSING);
	v = look(&story, "a");
	assert_int_equal(story.clock_shift_ms, 0);
	source_story_done(&story);
	must(store_clock_stepped(s, year, &err));
	v = look(&story, "a"); /* the reader was open before */
	assert_int_equal(story.clock_shift_ms, year);
	assert_int_equal(v->health.state_since_ms, year + NOW + 500);
	assert_int_equal(v->health.failing_since_ms, year + NOW - DAY);
	assert_int_equal(v->health.run_since_ms, year + NOW - HOUR);
	assert_int_equal(v->health.moving_since_ms, year + NOW - MINUTE);
	source_story_done(&story);
	must(store_clock_stepped(s, -year, &err));
	(void)claim(NOW + DAY);
	record('a', NOW + DAY, POLL_OK); /* what is not, is not at any time */
	must(store_clock_stepped(s, year, &err));
	v = look(&story, "a");
	assert_int_equal(v->health.failing_since_ms, 0);
	assert_int_equal(v->health.run_since_ms, 0);
	assert_int_equal(v->health.moving_since_ms, 0);
	source_story_done(&story);
}

/* R39, R72: a Retry-After holds, whoever asks and whatever is edited; and it is over when it is over. R69: a set clock moves it along. */
static void test_asked_for_before_retry_after(void **state)
{
	struct source_spec spec = spec_of(MINUTE, DAY), shorter = spec_of(MINUTE, 2 * MINUTE);
	int64_t until = NOW + 500 + 6 * HOUR, year = 365 * DAY;

	(void)state;
	retry_after = 6 * HOUR;
	polled(&spec, POLL_NOT_MODIFIED, 7 * HOUR, "Retry-After"); /* with jitter */
	ask(NOW + HOUR, WISH_RETRY_AFTER, until);
	shorter.ignores_hints = shorter.poll_min_is_own = true;
	sync_spec(NOW + HOUR, &shorter, 1);
	assert_int_equal(due_now(), until);
	sync_spec(NOW + 2 * HOUR, NULL, 0);
	sync_spec(NOW + 3 * HOUR, &spec, 1);
	assert_int_equal(due_now(), until);
	must(store_clock_stepped(s, year, &err));
	ask(NOW + year + 4 * HOUR, WISH_RETRY_AFTER, until + year);
	assert_string_equal(claim(until + year - 1), "");
	assert_true(*claim(until + year));
	record('a', until + year, POLL_OK);
	ask(until + year + HOUR, WISH_AT_ONCE, until + year + HOUR);
}

/* R72: a redirect with Retry-After, whose look waits for another host: it does not go on before. */
static void test_asked_for_between_hops(void **state)
{
	struct source_spec spec = spec_of(HOUR, DAY);
	struct store_parked parked = {.trail = "9 9\n302 https://hub/x\n", .host_name = "hub", .due_ms = NOW + HOUR, .now_ms = NOW + 500};

	(void)state;
	sync_spec(NOW, &spec, 1);
	assert_true(*claim(NOW));
	parked.source_id = ids['a'];
	must(store_park(s, &parked, &err));
	ask(NOW + MINUTE, WISH_RETRY_AFTER, NOW + HOUR);
	assert_string_equal(claim(NOW + HOUR - 1), "");
	assert_true(*claim(NOW + HOUR));
}

/* R62: a request that no poll tells of counts too: one whose claim was lost, that was dropped, or whose source was taken out meanwhile. */
static void test_asked_for_after_a_lost_one(void **state)
{
	struct source_spec spec = spec_of(HOUR, DAY);
	int64_t lost;

	(void)state;
	sync_spec(NOW, &spec, 1);
	assert_true(*claim(NOW));
	assert_string_equal(claim(NOW + HOUR), ""); /* the lease is over */
	lost = NOW + 5000 + HOUR;
	assert_int_equal(due_now(), lost);
	assert_true(*claim(lost));
	must(store_unclaim(s, ids['a'], lost + HOUR, NULL, lost + 200, &err));
	must(store_note_request(s, ids['a'], lost + 200, &err));
	ask(lost + MINUTE, WISH_TOO_SOON, lost + 200 + 5 * MINUTE);
	assert_true(*claim(lost + 200 + 5 * MINUTE));
	sync_spec(lost + 6 * MINUTE, NULL, 0);
	sync_spec(lost + 7 * MINUTE, &spec, 1);
	assert_int_equal(due_now(), lost + 200 + 5 * MINUTE + 5000 + HOUR);
}

/* R62, R39: taken out and put back, a source is due when it would have been; never sooner than poll.min. */
static void test_put_back(void **state)
{
	struct source_spec spec = spec_of(HOUR, DAY), longer = spec_of(2 * HOUR, DAY);

	(void)state;
	polled(&spec, POLL_OK, HOUR, "poll.min");
	sync_spec(NOW + MINUTE, NULL, 0);
	assert_string_equal(claim(NOW + DAY), "");
	sync_spec(NOW + 2 * MINUTE, &spec, 1);
	assert_int_equal(due_now(), NOW + 500 + HOUR);
	sync_spec(NOW + 3 * MINUTE, NULL, 0);
	sync_spec(NOW + 4 * MINUTE, &longer, 1);
	assert_int_equal(due_now(), NOW + 500 + 2 * HOUR);
	assert_true(*claim(NOW + 3 * HOUR));
}

/* R55: what said 410 has said so also when it is put back; one that was never to be asked again has its week from the last request on. */
static void test_put_back_when_gone(void **state)
{
	struct source_spec spec = spec_of(HOUR, DAY);
	struct source_story story;

	(void)state;
	wanted.state = SOURCE_GONE;
	polled(&spec, POLL_GONE, 7 * DAY, "gone");
	sync_spec(NOW + DAY, NULL, 0);
	sync_spec(NOW + 2 * DAY, &spec, 1);
	assert_int_equal(due_now(), NOW + 500 + 7 * DAY);
	assert_int_equal(look(&story, "a")->health.state, SOURCE_GONE);
	source_story_done(&story);
	assert_true(*claim(NOW + 8 * DAY));
	wanted.state = SOURCE_DISABLED;
	due.due_ms = NEVER_DUE_MS;
	record('a', NOW + 8 * DAY, POLL_GONE);
	sync_spec(NOW + 9 * DAY, NULL, 0);
	sync_spec(NOW + 9 * DAY, &spec, 1);
	assert_int_equal(due_now(), NOW + 8 * DAY + 500 + 7 * DAY);
	assert_int_equal(look(&story, "a")->health.state, SOURCE_DISABLED);
	source_story_done(&story);
}

/* R39, R40, R62: an edit moves a due time only where it makes the old one wrong. Times from the end of the poll; the edit is an hour after it. */
static void test_edited(void **state)
{
	static const struct {
		const char *reason;
		int64_t due, old_max, new_min, new_max, want;
		bool ignores, own;
	} cases[] = {
		{"rate", 20 * HOUR, DAY, HOUR, DAY, 20 * HOUR, false, false},
		{"rate", 20 * HOUR, DAY, HOUR, 6 * HOUR, 6 * HOUR, false, false},
		{"rate", 5 * HOUR, DAY, HOUR, 6 * HOUR, 5 * HOUR, false, false},
		{"rate", 26 * HOUR, DAY, HOUR, 2 * DAY, 26 * HOUR, false, false}, /* jitter, and a longer poll.max */
		{"rate", 2 * HOUR, DAY, 3 * HOUR, DAY, 3 * HOUR, false, false},
		{"max-age", 24 * HOUR, DAY, HOUR, 2 * HOUR, 24 * HOUR, false, false},
		{"max-age", 24 * HOUR, DAY, HOUR, DAY, HOUR, true, false},
		{"skipHours", 30 * HOUR, DAY, HOUR, 2 * HOUR, 30 * HOUR, false, true},
		{"back-off", 7 * DAY, DAY, HOUR, 2 * HOUR, 7 * DAY, true, true},
		{"dormant", 7 * DAY, DAY, HOUR, 2 * HOUR, 7 * DAY, true, true},
		{"no validators", 4 * HOUR, DAY, 2 * HOUR, DAY, 2 * HOUR, false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct source_spec old = spec_of(HOUR, cases[i].old_max), new = spec_of(cases[i].new_min, cases[i].new_max);
		char other[] = "a2";

		polled(&old, POLL_OK, cases[i].due, cases[i].reason);
		old.name = other;
		sync_spec(NOW + 500 + HOUR, &old, 1); /* another name says nothing of when */
		new.ignores_hints = cases[i].ignores;
		new.poll_min_is_own = cases[i].own;
		sync_spec(NOW + 500 + HOUR, &new, 1);
		if (due_now() - NOW - 500 != cases[i].want)
			fail_msg("%zu: due after %lld min", i, (long long)((due_now() - NOW - 500) / MINUTE));
		(void)tear_down(NULL);
		(void)set_up(NULL);
	}
}

/* R67: what was counted before it was known to be our trouble. */
static void test_forgive(void **state)
{
	struct source_story story;

	(void)state;
	(void)sync_to(NOW, "a", "http://a.test/f", NULL);
	(void)claim(NOW);
	wanted = (struct source_health){.state = SOURCE_FAILING, .failing_since_ms = NOW};
	due.failures = 1;
	due.due_ms = NOW + DAY;
	record('a', NOW, POLL_CONNECT);
	must(store_begin(s, &err));
	must(store_forgive(s, &ids['a'], 1, NOW + HOUR, &err));
	must(store_commit(s, &err));
	assert_int_equal(look(&story, "a")->health.state, SOURCE_OK);
	assert_int_equal(story.source->sources[0]->failures, 0);
	source_story_done(&story);
	assert_true(*claim(NOW + HOUR));
}

/* A name that is nearly right gets the right one; the list of those that fail has them alone. */
static void test_names(void **state)
{
	struct source_list *list;
	struct source_story story;

	(void)state;
	(void)sync_to(NOW, "heise", "http://a.test/f", "golem", "http://b.test/f", NULL);
	assert_int_equal(store_read_source(r, "hiese", &story, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.message, "did you mean 'heise'?"));
	assert_int_equal(store_make_due(s, "golm", NOW, &wish, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.message, "did you mean 'golem'?"));
	assert_int_equal(store_read_source(r, "something-else", &story, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.message, "syndicatectl sources"));
	(void)claim(NOW);
	wanted.state = SOURCE_CHALLENGE;
	record('g', NOW, POLL_CHALLENGE);
	record('h', NOW, POLL_OK);
	must(store_read_failing(r, &list, &err));
	assert_int_equal(list->n, 1);
	assert_string_equal(list->sources[0]->name, "golem");
	source_list_free(list);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ROW(test_events), ROW(test_move), ROW(test_join), ROW(test_join_of_a_new_one), ROW(test_waking), ROW(test_asked_for_too_soon), ROW(test_since_follows_the_clock), ROW(test_asked_for_before_retry_after),
		ROW(test_asked_for_between_hops), ROW(test_asked_for_after_a_lost_one), ROW(test_put_back), ROW(test_put_back_when_gone), ROW(test_edited),
		ROW(test_forgive), ROW(test_names),
	};

	return cmocka_run_group_tests_name("store health", tests, NULL, NULL);
}
