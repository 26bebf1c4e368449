/* syndicatectl explain source NAME: the rule, the header and the history behind the next poll, in sentences. */
#include "daemon_internal.h"

#include <stdio.h>
#include <string.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/schedule.h"
#include "syndicated/store.h"

enum { DURATION_BYTES = 32 };

struct question {
	struct daemon *daemon;
	struct control_call *call;
	char *name;
	struct source_story story;
};

/* ---- sentences ---- */

static void say(struct string_list *out, char *sentence)
{
	string_list_add(out, sentence);
	mem_free(sentence);
}

static void duration(int64_t ms, char out[DURATION_BYTES])
{
	static const struct {
		int64_t ms;
		const char *name;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (ms < 2 * units[i].ms && i + 1 < sizeof(units) / sizeof(*units))
			continue;
		(void)snprintf(out, DURATION_BYTES, "%lld %s", (long long)(ms / units[i].ms), units[i].name);
		return;
	}
}

/* Reasons are literals of the scheduler; one that is not here speaks for itself. */
static const struct {
	const char *reason, *text;
} reasons[] = {
	{"poll.min", "the configuration allows no shorter interval (poll.min)"},
	{"rate", "that is how often something new is to be expected"},
	{"no validators", "its server offers neither ETag nor Last-Modified, so every poll costs it a whole document"},
	{"poll.max", "the configuration allows no longer interval (poll.max)"},
	{"max-age", "the server promises with Cache-Control or Expires that nothing changes before"},
	{"ttl", "the feed itself says how long it stays as it is (ttl or updatePeriod)"},
	{"skipHours", "the feed itself names hours or days at which nothing appears (skipHours, skipDays)"},
	{"Retry-After", "the server asked for so much time (Retry-After, or a limit that is used up)"},
	{"back-off", "it is failing, and each failure in a row doubles the wait"},
	{"dormant", "it has failed for so long that it is asked once a week only"},
	{"gone", "the server said that it was removed for good (410); it is asked once more, a week after that"},
	{"disabled", "it was given up; syndicatectl poll takes it up again"},
	{"joined", "it moved to where another source is, and that one is polled"},
	{"moved", "it has just moved to a new address"},
};

static void say_rule(const struct source_view *v, struct string_list *out)
{
	char interval[DURATION_BYTES];

	if (!v->due_reason) {
		say(out, mem_printf("it has not been polled yet"));
		return;
	}
	duration(v->interval_ms, interval);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (strcmp(reasons[i].reason, v->due_reason) != 0)
			continue;
		if (v->next_due_ms == NEVER_DUE_MS)
			say(out, mem_printf("no poll is planned: %s", reasons[i].text));
		else
			say(out, mem_printf("%s after the last poll, because %s", interval, reasons[i].text));
		return;
	}
	say(out, mem_printf("%s after the last poll, because of %s", interval, v->due_reason));
}

static void say_hop(const struct source_story *story, struct string_list *out)
{
	if (story->is_between_hops)
		say(out, mem_printf("it has just been redirected, and waits for the turn of %s", story->host));
}

static void say_hints(const struct poll_history *h, struct string_list *out)
{
	char text[DURATION_BYTES];

	if (h->n == 0)
		return;
	if (h->polls[0].retry_after_ms) {
		duration(h->polls[0].retry_after_ms, text);
		say(out, mem_printf("the last answer asked for %s of peace (Retry-After, or a limit that is used up)", text));
	}
	if (h->polls[0].fresh_ms) {
		duration(h->polls[0].fresh_ms, text);
		say(out, mem_printf("the last answer is good for %s (Cache-Control or Expires)", text));
	}
}

static void say_failure(const struct source_view *v, int64_t now_ms, struct string_list *out)
{
	const struct source_health *h = &v->health;
	const struct outcome_rule *rule = outcome_rule(h->run_outcome, h->run_outcome == POLL_LIMITED ? 503 : 0);
	char since[DURATION_BYTES], left[DURATION_BYTES];

	if (v->failures == 0 || h->failing_since_ms == 0)
		return;
	duration(now_ms - h->failing_since_ms, since);
	say(out, mem_printf("it has been failing for %s, %lld times in a row: %s", since, (long long)v->failures,
	                    v->last_message ? v->last_message : poll_outcome_text(v->last_outcome)));
	if (source_state_is_given_up(h->state))
		return;
	if (h->run_polls == 0) {
		say(out, mem_printf("it is never given up for that"));
		return;
	}
	duration(now_ms - h->run_since_ms, since);
	duration(rule->give_up_ms, left);
	say(out, mem_printf("it is asked once a week only after %s and %lld polls like this (so far %s and %lld)", left,
	                    (long long)rule->give_up_tries, since, (long long)h->run_polls));
}

static void say_move(const struct source_view *v, int64_t now_ms, struct string_list *out)
{
	const struct source_health *h = &v->health;
	char since[DURATION_BYTES];

	if (h->poll_url)
		say(out, mem_printf("it moved: it is polled at %s; put that into the configuration", h->poll_url));
	if (v->joined)
		say(out, mem_printf("source '%s' is at that address already; this one can be removed from the configuration", v->joined));
	if (!h->moving_to)
		return;
	duration(now_ms - h->moving_since_ms, since);
	say(out, mem_printf("permanent redirects lead to %s, on %lld polls in %s; after %d polls in %d days it has moved", h->moving_to,
	                    (long long)h->moving_polls, since, SCHEDULE_MOVE_POLLS, SCHEDULE_MOVE_DAYS));
}

static void say_rate(const struct source_story *story, int64_t now_ms, struct string_list *out)
{
	struct schedule_learned l = {0};

	if (!story->learned || !schedule_learned_decode(story->learned, story->learned_len, &l) || l.at_ms == 0)
		return;
	schedule_learned_shift(&l, story->clock_shift_ms);
	say(out, mem_printf("%.2g new items a day are expected at this hour, as far as is learned", schedule_rate(&l, now_ms)));
}

/* ---- what is an item of it ---- */

/* In auto, what is relied on beside the guid, and since when: only what its documents have shown. */
static void say_evidence(const struct identity_view *v, struct string_list *out)
{
	if (v->guids_change >= 2)
		say(out, mem_printf("its guids change from poll to poll, so items are known by link, title and text"));
	if (v->guids_repeat)
		say(out, mem_printf("one guid is on different items in it, so the link or title has to agree as well"));
	if (v->links_repeat)
		say(out, mem_printf("one link is on different items in it, so the title has to agree as well"));
	if (!v->guids_change && !v->guids_repeat && !v->links_repeat)
		say(out, mem_printf("items are known by guid, or by link, title and text where that is missing or changed (identity: auto)"));
}

static void say_identity(const struct identity_view *v, const char *name, int64_t now_ms, struct string_list *out)
{
	static const char *const rules[IDENTITY_RULES] = {
		[IDENTITY_GUID] = "guid", [IDENTITY_LINK] = "link", [IDENTITY_LINK_TITLE] = "link+title", [IDENTITY_DIGEST] = "digest"};

	if (v->rule > IDENTITY_AUTO && v->rule < IDENTITY_RULES)
		say(out, mem_printf("the configuration says what makes an item the same: %s", rules[v->rule]));
	else
		say_evidence(v, out);
	if (v->numbers_change >= 3)
		say(out, mem_printf("its items have counters in them: a change in nothing but numbers is none"));
	if (v->updates >= LIMIT_SOURCE_UPDATES_A_DAY && v->updates_day == now_ms / 86400000)
		say(out, mem_printf("%lld changes of its items were announced today; further ones are only stored", (long long)v->updates));
	if (v->held)
		say(out, mem_printf("%lld of its items are held, since too many were new at once; syndicatectl release %s announces them",
		                    (long long)v->held, name));
}

/* ---- the op ---- */

static void forget(struct question *q)
{
	source_story_done(&q->story);
	mem_free(q->name);
	mem_free(q);
}

static int explain_run(void *reader, void *arg, struct err *err)
{
	struct question *q = arg;

	return store_read_source(reader, q->name, &q->story, err);
}

/* How long the host is to be left alone because it asked for it; 0 when it is but the gap between two starts. */
static int64_t pause_ms(const struct question *q, int64_t now_ms)
{
	const struct host_rule rule = host_rules_get(q->daemon->plan->hosts, q->story.host);
	const struct pacing_learned learned = {.gap_ms = q->story.host_gap_ms};
	int64_t left_ms = q->story.host_not_before_ms - now_ms;

	return left_ms > pacing_gap_ms(&rule, &learned) ? left_ms : 0;
}

static void answer(struct question *q)
{
	struct source_view *v = q->story.source->sources[0];
	const struct poller *poller = q->daemon->poller;
	int64_t now = clock_unix_ms(&clock_system);
	struct string_list because = {0};
	struct control_explain e = {
		.source = v,
		.history = &q->story.history,
		.events = q->story.events,
		.because = &because,
		.host_group = q->story.host,
		.host_pause_ms = pause_ms(q, now),
		.trouble = poller_trouble(poller),
	};

	v->unverified = plan_is_unverified(q->daemon->plan, v->name);
	say_hop(&q->story, &because);
	say_rule(v, &because);
	say_rate(&q->story, now, &because);
	say_hints(&q->story.history, &because);
	say_failure(v, now, &because);
	say_move(v, now, &because);
	say_identity(&q->story.identity, v->name, now, &because);
	control_answer_explain(q->call, &e);
	string_list_done(&because);
}

static void explain_done(int result, const struct err *err, void *arg)
{
	struct question *q = arg;

	if (result == 0)
		answer(q);
	else
		control_answer_error(q->call, result == ERR_NOT_FOUND ? 404 : 500, err->message);
	forget(q);
}

void explain_source(struct control_call *call, const char *source_name, void *ctx)
{
	struct daemon *d = ctx;
	struct question *q = mem_new(struct question);

	q->daemon = d;
	q->call = call;
	q->name = mem_dup_str(source_name);
	job_thread_submit(d->reader, &(struct job){.run = explain_run, .done = explain_done, .arg = q});
}
