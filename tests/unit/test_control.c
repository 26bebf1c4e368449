/*
 * The control socket from end to end: control/ with a daemon made of answers, net/unix_client and syndicatectl against
 * it over a real Unix socket. Answers late and clients that go (REL-50), foreign text on a terminal (REL-30).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <getopt.h>
#include <jansson.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/control.h"
#include "syndicated/ctl.h"
#include "syndicated/net/server.h"
#include "syndicated/net/unix_client.h"

enum { LATE_MS = 150, PATIENCE_MS = 5000 };

struct world {
	char dir[32];
	char path[64];
	struct loop *loop;
	struct control *control;
	struct loop_timer *timer;
	struct control_call *late;
	pthread_t thread;
	char asked[64]; /* what the last op was asked for */
};

/* ---- the daemon ---- */

static void op_status(struct control_call *call, void *ctx)
{
	const struct control_webhook hook = {
		.name = "ho\"ok",
		.feed = "all",
		.state = "waiting",
		.pending = 3,
		.dead = 1,
		.next_ms = TIME_UNKNOWN,
		.last_attempt_ms = 1763888400000,
		.last_success_ms = TIME_UNKNOWN,
		.last_status = 503,
		.last_message = "red \x1b[31m text",
	};
	const struct control_status s = {
		.version = "9.9",
		.config_path = "/etc/x.conf",
		.started_ms = 1763888400000, /* 2025-11-23 09:00:00 */
		.now_ms = 1763888401000,
		.sources = 2,
		.sources_failing = 1,
		.items = 5,
		.database_bytes = INT64_C(5) << 30,
		.polls = {.total = 10, .uncounted = 2, .requests = 12, .status_200 = 3, .status_304 = 5, .status_429 = 1, .unconditional = 4,
		          .received_bytes = 40960, .first_items = 7, .new_items = 4, .changed_items = 1,
		          .outcomes = {[POLL_OK] = 3, [POLL_NOT_MODIFIED] = 5, [POLL_LIMITED] = 1, [POLL_GONE] = 1}, .delays = {[1] = 3, [CONTROL_DELAYS - 1] = 1}},
		.webhooks = &hook,
		.n_webhooks = 1,
	};

	(void)ctx;
	control_answer_status(call, &s);
}

static void answer_late(void *ctx)
{
	struct world *w = ctx;
	char *names[] = {(char[]){"lwn"}, (char[]){"broken"}};
	char *tags[] = {(char[]){"news"}};
	struct problem problem = {.code = (char[]){"bad-date"}, .text = (char[]){"a date makes no sense"}, .line = 7};
	struct source_view well = {
		.name = names[0], .title = names[0], .url = names[0], .tags = {tags, 1}, .last_start_ms = clock_unix_ms(&clock_system) - 185000,
		.last_success_ms = 1763888400000, .next_due_ms = clock_unix_ms(&clock_system) + 725000, .due_reason = (char[]){"poll.min"},
		.items = 12, .interval_ms = 900000, .problems = {&problem, 1, 1},
	};
	struct source_view ill = {
		.name = names[1], .title = names[1], .url = names[1], .last_start_ms = TIME_UNKNOWN, .last_success_ms = TIME_UNKNOWN,
		.next_due_ms = TIME_UNKNOWN, .failures = 4, .last_message = (char[]){"its \xc2\x9b\xe9\x07 name does not resolve"},
	};
	struct source_view *views[] = {&well, &ill};
	const struct source_list list = {views, 2};
	struct control_call *call = w->late;

	w->late = NULL;
	if (call)
		control_answer_sources(call, &list);
}

/* Answers after a while, as the store's reader does. */
static void op_explain(struct control_call *call, const char *name, void *ctx)
{
	struct world *w = ctx;
	struct source_view v = {.name = (char[]){"lwn"}, .url = (char[]){"https://lwn.test/f"}, .next_due_ms = NEVER_DUE_MS,
	                        .last_start_ms = 1763888400000, .last_success_ms = TIME_UNKNOWN,
	                        .health = {.state = SOURCE_GONE, .state_since_ms = 1763888400000, .poll_url = (char[]){"https://new.test/f"},
	                                   .moving_to = (char[]){"https://newer.test/"}, .moving_polls = 3, .moving_since_ms = 1763888400000}};
	struct poll_history h = {.n = 2, .polls = {{.started_ms = 1763888400000, .duration_ms = 1230, .outcome = POLL_GONE, .status = 410},
	                                           {.started_ms = 1763880000000, .outcome = POLL_OK, .status = 200, .new_items = 4,
	                                            .fresh_ms = 3600000, .is_redirected = true}}};
	struct event_view event = {.seq = 9, .id = (char[]){"evt_x"}, .type = EVENT_SOURCE_GONE, .time_ms = 1763888400000,
	                           .report = {.message = (char[]){"gone \x1b[31m"}}};
	struct event_list events = {.events = &event, .n = 1};
	char *sentences[] = {(char[]){"because of \x1b]0;evil\a"}, (char[]){"second sentence"}};
	struct string_list because = {.items = sentences, .n = 2};
	const struct control_explain e = {.source = &v, .history = &h, .events = &events, .because = &because, .host_group = "lwn.test",
	                                  .host_pause_ms = 1001, .trouble = "no network"};

	(void)snprintf(w->asked, sizeof(w->asked), "%s", name);
	control_answer_explain(call, &e);
}

static void op_sources(struct control_call *call, bool only_failing, void *ctx)
{
	struct world *w = ctx;

	w->late = call;
	(void)snprintf(w->asked, sizeof(w->asked), "%s", only_failing ? "failing" : "all");
	loop_timer_set(w->timer, LATE_MS);
}

static void op_items(struct control_call *call, const char *source_name, size_t limit, void *ctx)
{
	struct world *w = ctx;
	struct source_view source = {.name = (char[]){"lwn"}, .title = (char[]){"LWN"}};
	struct item_view item = {.id = 41, .uid = (char[]){"itm_x"}, .first_seen_ms = 1763888400000, .revision = 1, .source = &source};
	const struct item_list list = {.items = &item, .n = 1};

	item.item.title = (char[]){"evil \x1b]0;title\x07 \xe2\x80\xae text"};
	item.item.published_ms = TIME_UNKNOWN;
	(void)snprintf(w->asked, sizeof(w->asked), "%s %zu", source_name ? source_name : "-", limit);
	control_answer_items(call, &list);
}

static void op_test_feed(struct control_call *call, const char *feed, size_t limit, void *ctx)
{
	struct world *w = ctx;
	struct source_view source = {.name = (char[]){"lwn"}, .title = (char[]){"LWN"}};
	struct item_view items[2] = {{.id = 41, .source = &source, .item = {.title = (char[]){"evil \x1b[31m"}}}, {.id = 40, .source = &source}};
	struct selection_verdict verdicts[2] = {{.rule = SELECTION_TAKEN, .field = FIELD_TITLE, .quote = "evil"},
	                                        {.rule = SELECTION_EXCLUDED, .field = FIELD_ANY, .quote = "ads"}};
	const struct control_trial trials[2] = {{&items[0], &verdicts[0]}, {&items[1], &verdicts[1]}};

	items[1].item.link = (char[]){"https://lwn.test/40"};
	(void)snprintf(w->asked, sizeof(w->asked), "%s %zu", feed, limit);
	control_answer_trials(call, feed, trials, 2);
}

static void op_explain_item(struct control_call *call, int64_t id, void *ctx)
{
	struct world *w = ctx;
	struct source_view source = {.name = (char[]){"lwn"}, .title = (char[]){"LWN"}};
	struct item_view items[2] = {{.id = 40, .source = &source, .placed = PLACED_NEW},
	                             {.id = 41, .source = &source, .placed = PLACED_SIMILAR, .likeness_permille = 420}};
	const struct story_view story = {.id = 7, .uid = (char[]){"urn:uuid:x"}, .items = items, .n_items = 2};
	const struct control_note candidate = {.story_id = 7, .item_id = 40, .likeness_permille = 420, .title = "evil \x1b[31m", .source = "lwn",
	                                       .why = "the numbers differ"};
	const struct control_item item = {.id = id, .story = &story, .candidates = id == 41 ? &candidate : NULL, .n_candidates = 1,
	                                  .related = &candidate, .n_related = 1};

	items[1].item.title = (char[]){"evil \x1b]0;title\x07"};
	(void)snprintf(w->asked, sizeof(w->asked), "%lld", (long long)id);
	control_answer_item(call, &item);
}

static void op_search(struct control_call *call, const char *query, size_t limit, void *ctx)
{
	op_items(call, query, limit, ctx);
}

static void op_split(struct control_call *call, int64_t id, void *ctx)
{
	struct world *w = ctx;

	(void)snprintf(w->asked, sizeof(w->asked), "split %lld", (long long)id);
	control_answer_done(call, "it is split");
}

static void op_join(struct control_call *call, int64_t id, int64_t with, void *ctx)
{
	struct world *w = ctx;

	(void)snprintf(w->asked, sizeof(w->asked), "join %lld %lld", (long long)id, (long long)with);
	control_answer_done(call, "it is joined");
}

static void op_replay(struct control_call *call, int64_t merge, int64_t related, size_t limit, void *ctx)
{
	struct world *w = ctx;
	const struct control_change change = {.item_id = 5, .item = "5 lwn: evil \x1b[31m", .joins = "3 heise: x", .leaves = "2 lwn: y",
	                                      .likeness_permille = 310};
	const struct control_replay r = {.items = 10, .stories_now = 8, .stories_then = 7, .differing = 1, .merge = .3, .related = .2,
	                                 .changes = &change, .n = 1};

	(void)snprintf(w->asked, sizeof(w->asked), "%lld %lld %zu", (long long)merge, (long long)related, limit);
	control_answer_replay(call, &r);
}

static void op_poll(struct control_call *call, const char *source_name, void *ctx)
{
	struct world *w = ctx;

	(void)snprintf(w->asked, sizeof(w->asked), "%s", source_name);
	if (strcmp(source_name, "nobody") == 0)
		control_answer_error(call, 404, "there is no source 'nobody'");
	else
		control_answer_done(call, "it is due now");
}

static void op_reload(struct control_call *call, void *ctx)
{
	(void)ctx;
	control_answer_error(call, 409, "line 3: \"caf\xe9\" is \x1b[31m\xc2\x9bnot\na name");
}

/* ---- the world ---- */

static void *turn(void *arg)
{
	loop_run(arg);
	return NULL;
}

static int start(void **state)
{
	struct world *w = mem_new(struct world);
	const struct control_ops ops = {
		.status = op_status, .sources = op_sources, .explain = op_explain, .items = op_items, .test_feed = op_test_feed,
		.search = op_search, .explain_item = op_explain_item, .split = op_split, .join = op_join, .replay = op_replay,
		.poll = op_poll, .reload = op_reload, .ctx = w,
	};
	struct err err = {0};

	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/test_control.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->path, sizeof(w->path), "%s/sock", w->dir);
	w->loop = loop_new(&err);
	w->timer = loop_timer_new(w->loop, answer_late, w);
	w->control = control_start(w->loop, w->path, &ops, &err);
	assert_non_null(w->control);
	*state = w;
	return pthread_create(&w->thread, NULL, turn, w->loop);
}

static int stop(void **state)
{
	struct world *w = *state;

	loop_stop(w->loop);
	(void)pthread_join(w->thread, NULL);
	assert_null(control_free(w->control));
	assert_int_not_equal(access(w->path, F_OK), 0); /* the socket goes with the daemon */
	loop_timer_free(w->timer);
	loop_free(w->loop);
	(void)rmdir(w->dir);
	mem_free(w);
	return 0;
}

/* Asks, checks the status, and gives back the JSON. */
static json_t *ask(const struct world *w, const char *method, const char *path, const char *body, int want)
{
	struct buf answer = BUF_INIT(1 << 20);
	struct err err = {0};
	int status = 0, rc = unix_client_request(w->path, method, path, body, PATIENCE_MS, &status, &answer, &err);
	json_t *o = json_loadb(buf_str(&answer), answer.len, 0, NULL);

	if (rc != 0 || status != want || !o)
		print_error("%s %s: %d '%s', status %d: %s\n", method, path, rc, err.message, status, buf_str(&answer));
	assert_int_equal(rc, 0);
	assert_int_equal(status, want);
	assert_non_null(o);
	buf_done(&answer);
	return o;
}

static const char *str(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "(none)";
}

/* ---- control/ ---- */

static void times_and_nulls(void **state)
{
	json_t *o = ask(*state, "GET", "/status", NULL, 200);
	json_t *hook = json_array_get(json_object_get(o, "webhooks"), 0);

	assert_string_equal(str(o, "started"), "2025-11-23T09:00:00Z");
	assert_string_equal(str(o, "now"), "2025-11-23T09:00:01Z");
	assert_int_equal(json_integer_value(json_object_get(o, "database_bytes")), INT64_C(5) << 30);
	assert_string_equal(str(hook, "name"), "ho\"ok");
	assert_string_equal(str(hook, "last_attempt"), "2025-11-23T09:00:00Z");
	assert_true(json_is_null(json_object_get(hook, "next")));
	assert_true(json_is_null(json_object_get(hook, "last_success")));
	json_decref(o);
	o = ask(*state, "GET", "/items", NULL, 200);
	assert_true(json_is_null(json_object_get(json_array_get(json_object_get(o, "items"), 0), "published")));
	json_decref(o);
}

/* R118: what status says of polls; what never happened is no member, and nothing is divided by nothing. */
static void counters(void **state)
{
	json_t *o = ask(*state, "GET", "/status", NULL, 200), *polls = json_object_get(o, "polls");
	char *successes = json_dumps(json_object_get(polls, "successes"), JSON_SORT_KEYS), *errors = json_dumps(json_object_get(polls, "errors"), JSON_SORT_KEYS);
	json_t *delays = json_object_get(polls, "delays"), *second = json_array_get(delays, 1), *last = json_array_get(delays, CONTROL_DELAYS - 1);

	assert_string_equal(successes, "{\"not-modified\": 5, \"ok\": 3}");
	assert_string_equal(errors, "{\"gone\": 1, \"limited\": 1}");
	assert_int_equal(json_integer_value(json_object_get(polls, "total")), 10);
	assert_int_equal(json_integer_value(json_object_get(polls, "requests")), 12);
	assert_int_equal(json_integer_value(json_object_get(polls, "status_429")), 1);
	assert_int_equal(json_integer_value(json_object_get(polls, "unconditional")), 4);
	assert_true(json_real_value(json_object_get(polls, "polls_per_new_item")) == 2.5);
	assert_true(json_real_value(json_object_get(polls, "bytes_per_new_item")) == 10240);
	assert_int_equal(json_array_size(delays), CONTROL_DELAYS);
	assert_int_equal(json_integer_value(json_object_get(second, "up_to_seconds")), 300);
	assert_int_equal(json_integer_value(json_object_get(second, "items")), 3);
	assert_true(json_is_null(json_object_get(last, "up_to_seconds")));
	assert_int_equal(json_integer_value(json_object_get(last, "items")), 1);
	free(successes);
	free(errors);
	json_decref(o);
}

static void a_late_answer(void **state)
{
	json_t *o = ask(*state, "GET", "/sources", NULL, 200);
	json_t *a = json_object_get(o, "sources"), *well = json_array_get(a, 0), *ill = json_array_get(a, 1);

	assert_int_equal(json_array_size(a), 2);
	assert_string_equal(str(well, "outcome"), "ok");
	assert_string_equal(json_string_value(json_array_get(json_object_get(well, "tags"), 0)), "news");
	assert_int_equal(json_integer_value(json_object_get(well, "interval_seconds")), 900);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(json_object_get(well, "problems"), 0), "line")), 7);
	assert_true(json_is_null(json_object_get(ill, "outcome"))); /* never polled: no outcome is claimed */
	assert_true(json_is_null(json_object_get(ill, "last_poll")));
	json_decref(o);
}

static void commands_and_complaints(void **state)
{
	static const struct {
		const char *method, *path, *body;
		int status;
		const char *asked; /* of an op; NULL: none is called */
	} rows[] = {
		{"GET", "/items", NULL, 200, "- 20"},
		{"GET", "/items?limit=1&source=lwn", NULL, 200, "lwn 1"},
		{"GET", "/items?limit=1000&source=a%26b%20c", NULL, 200, "a&b c 1000"},
		{"GET", "/search?q=a%20OR%20%22b%22&limit=3", NULL, 200, "a OR \"b\" 3"},
		{"GET", "/search?q=", NULL, 400, NULL},
		{"GET", "/items/41/explain", NULL, 200, "41"},
		{"GET", "/items/x/explain", NULL, 400, NULL},
		{"GET", "/items/0/explain", NULL, 400, NULL},
		{"POST", "/items/41/split", NULL, 200, "split 41"},
		{"GET", "/items/41/split", NULL, 405, NULL},
		{"POST", "/items/41/join?with=40", NULL, 200, "join 41 40"},
		{"POST", "/items/41/join", NULL, 400, NULL},
		{"GET", "/stories", NULL, 200, "-1 -1 20"},
		{"GET", "/stories?merge=0.25&related=.1&limit=5", NULL, 200, "250 100 5"},
		{"GET", "/stories?merge=1.5", NULL, 400, NULL},
		{"GET", "/stories?merge=nan", NULL, 400, NULL},
		{"GET", "/feeds/desk/test", NULL, 200, "desk 20"},
		{"GET", "/feeds/de%20sk/test?limit=3", NULL, 200, "de sk 3"},
		{"GET", "/feeds/desk/test?limit=0", NULL, 400, NULL},
		{"GET", "/items?limit=0", NULL, 400, NULL},
		{"GET", "/items?limit=1001", NULL, 400, NULL},
		{"GET", "/items?limit=-1", NULL, 400, NULL},
		{"GET", "/items?limit=99999999999999999999", NULL, 400, NULL},
		{"GET", "/items?limit=5x", NULL, 400, NULL},
		{"GET", "/items?limit=", NULL, 400, NULL},
		{"POST", "/sources/lwn/poll", NULL, 200, "lwn"},
		{"POST", "/sources/lwn/poll", "{\"ignored\": true}", 200, "lwn"},
		{"POST", "/sources/caf%C3%A9%20a%2Fb/poll", NULL, 200, "caf\xc3\xa9 a/b"},
		{"POST", "/sources/poll/poll", NULL, 200, "poll"},
		{"GET", "/sources/lwn/explain", NULL, 200, "lwn"},
		{"POST", "/sources/lwn/explain", NULL, 405, NULL},
		{"GET", "/sources?failing=1", NULL, 200, "failing"},
		{"POST", "/sources/nobody/poll", NULL, 404, "nobody"},
		{"POST", "/sources/poll", NULL, 404, NULL},
		{"GET", "/sources/lwn/poll", NULL, 405, NULL},
		{"GET", "/reload", NULL, 405, NULL},
		{"POST", "/status", NULL, 405, NULL},
		{"GET", "/", NULL, 404, NULL},
		{"GET", "/statusx", NULL, 404, NULL},
		{"GET", "/status/", NULL, 404, NULL},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *o;

		w->asked[0] = '\0';
		o = ask(w, rows[i].method, rows[i].path, rows[i].body, rows[i].status);
		assert_string_equal(w->asked, rows[i].asked ? rows[i].asked : "");
		assert_int_equal(json_is_string(json_object_get(o, "error")), rows[i].status != 200);
		json_decref(o);
	}
}

/* A complaint may quote bytes of a file; JSON must be UTF-8 all the same. */
static void complaints_are_utf8(void **state)
{
	json_t *o = ask(*state, "POST", "/reload", NULL, 409);

	assert_true(strncmp(str(o, "error"), "line 3: \"caf\xef\xbf\xbd\" is ", 20) == 0);
	json_decref(o);
}

/* REL-50: who gives up waiting harms nobody; the late answer goes nowhere and the next is served. */
static void clients_that_go(void **state)
{
	const struct world *w = *state;
	struct buf answer = BUF_INIT(1 << 20);
	struct err err = {0};
	int status = 0;

	assert_int_equal(unix_client_request(w->path, "GET", "/sources", NULL, 30, &status, &answer, &err), ERR_TIMEOUT);
	assert_non_null(strstr(err.message, w->path));
	(void)usleep(2 * LATE_MS * 1000);
	buf_done(&answer);
	json_decref(ask(w, "GET", "/status", NULL, 200));
}

static void raw(const struct world *w, const char *request, char *answer, size_t size)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t n = 0;
	ssize_t got;

	memcpy(a.sun_path, w->path, strlen(w->path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	while (n + 1 < size && (got = read(fd, answer + n, size - 1 - n)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	(void)close(fd);
}

/* RFC 9110 section 15.5.6; and over a Unix socket a Host is not asked for. */
static void a_405_says_what_is_allowed(void **state)
{
	static const struct {
		const char *target, *allowed;
	} rows[] = {
		{"POST /status", "Allow: GET\r\n"},
		{"GET /reload", "Allow: POST\r\n"},
		{"GET /sources/a/poll", "Allow: POST\r\n"},
		{"DELETE /status", "Allow: GET, HEAD, POST\r\n"},
	};
	char answer[4096], request[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(request, sizeof(request), "%s HTTP/1.1\r\nConnection: close\r\n\r\n", rows[i].target);
		raw(*state, request, answer, sizeof(answer));
		assert_true(strncmp(answer, "HTTP/1.1 405", 12) == 0);
		assert_non_null(strstr(answer, rows[i].allowed));
		assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff"));
	}
}

static void a_body_has_a_limit(void **state)
{
	const struct world *w = *state;
	char *big = mem_alloc_zero(1, LIMIT_REQUEST_BODY_BYTES + 2);
	struct buf answer = BUF_INIT(1 << 20);
	struct err err = {0};
	int status = 0;

	memset(big, 'b', LIMIT_REQUEST_BODY_BYTES + 1);
	assert_int_equal(unix_client_request(w->path, "POST", "/sources/lwn/poll", big, PATIENCE_MS, &status, &answer, &err), 0);
	assert_int_equal(status, 413);
	buf_done(&answer);
	mem_free(big);
	json_decref(ask(w, "GET", "/status", NULL, 200));
}

/* ---- the socket ---- */

static int bind_unix(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static int try(const char *path, struct err *err)
{
	struct buf answer = BUF_INIT(1 << 20);
	int status, rc = unix_client_request(path, "GET", "/status", NULL, PATIENCE_MS, &status, &answer, err);

	buf_done(&answer);
	return rc;
}

static void why_it_cannot_be_reached(void **state)
{
	const struct world *w = *state;
	struct err err = {0};
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/none", w->dir);
	assert_int_equal(try(path, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.message, path));
	assert_non_null(strstr(err.message, "is the daemon running"));
	(void)close(bind_unix(path));
	assert_int_equal(try(path, &err), ERR_CLOSED);
	assert_non_null(strstr(err.message, "not running"));
	if (geteuid() != 0) { /* root may everything */
		assert_int_equal(chmod(path, 0), 0);
		assert_int_equal(try(path, &err), ERR_REFUSED);
		assert_non_null(strstr(err.message, "Permission denied"));
	}
	(void)unlink(path);
}

static void who_may_have_the_path(void **state)
{
	const struct world *w = *state;
	struct err err = {0};
	struct stat st;
	char path[96], long_path[200];
	FILE *file;
	int fd;

	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(server_listen(w->path, &err), ERR_EXISTS); /* a second daemon does not take it away */
	json_decref(ask(w, "GET", "/status", NULL, 200));
	(void)snprintf(path, sizeof(path), "%s/stale", w->dir);
	(void)close(bind_unix(path)); /* a leftover of a run that was killed is replaced */
	fd = server_listen(path, &err);
	assert_true(fd >= 0);
	(void)close(fd);
	(void)unlink(path);
	file = fopen(path, "w"); /* a mistaken path must not cost a file */
	assert_non_null(file);
	(void)fclose(file);
	assert_true(server_listen(path, &err) < 0);
	assert_non_null(strstr(err.message, path));
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	(void)unlink(path);
	memset(long_path, 'a', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(server_listen(long_path, &err), ERR_INVALID);
	assert_true(try(long_path, &err) < 0);
}

/* ---- syndicatectl ---- */

enum { ARGS_MAX = 12, OUTPUT_BYTES = 1 << 14 };

static size_t read_back(FILE *f, char *out)
{
	size_t n;

	rewind(f);
	n = fread(out, 1, OUTPUT_BYTES - 1, f);
	out[n] = '\0';
	(void)fclose(f);
	return n;
}

/* Runs it with words as its arguments, what it prints caught. */
static int ctl(const struct world *w, const char *words, char *out, char *complaint)
{
	auto_free char *copy = mem_printf("syndicatectl --socket %s %s", w->path, words);
	char *argv[ARGS_MAX] = {0}, *rest = copy, *word;
	FILE *caught[2] = {tmpfile(), tmpfile()};
	int argc = 0, kept[2], status;

	while (argc < ARGS_MAX - 1 && (word = strsep(&rest, " ")))
		argv[argc++] = word;
	for (int i = 0; i < 2; i++) {
		(void)fflush(i ? stderr : stdout);
		kept[i] = dup(i + 1);
		(void)dup2(fileno(caught[i]), i + 1);
	}
	optind = 0; /* getopt begins anew */
	status = ctl_main(argc, argv);
	for (int i = 0; i < 2; i++) {
		(void)fflush(i ? stderr : stdout);
		(void)dup2(kept[i], i + 1);
		(void)close(kept[i]);
	}
	(void)read_back(caught[0], out);
	(void)read_back(caught[1], complaint);
	return status;
}

static const struct {
	const char *words;
	int status;
	const char *out;       /* somewhere in what it prints */
	const char *complaint; /* somewhere in what it complains; NULL: it does not */
} ctl_rows[] = {
	{"status", 0, "sources   2, of which 1 fail", NULL},
	{"status", 0, "5.0 GiB", NULL},
	{"status", 0, "3 waiting, 1 given up", NULL},
	{"--json status", 0, "{\"version\":\"9.9\"", NULL},
	{"sources", 0, "3 min ago", NULL},
	{"sources", 0, "in 12 min", NULL},
	{"sources", 0, "problem: a date makes no sense (line 7)", NULL},
	{"sources", 0, "name does not resolve (4 times in a row)", NULL},
	{"sources --failing", 0, "in 12 min", NULL},
	{"explain source lwn", 0, "state      gone, since", NULL},
	{"explain source lwn", 0, "because of", NULL},
	{"explain source lwn", 0, "lwn.test: paused for 2 s", NULL},
	{"explain source lwn", 0, "source.gone", NULL},
	{"explain source lwn", 0, "4 new, redirected, fresh for 60 min", NULL},
	{"--json explain source lwn", 0, "\"moving\":{\"to\":\"https://newer.test/\",\"polls\":3", NULL},
	{"explain source", 2, "", "usage: syndicatectl explain source NAME"},
	{"explain", 2, "", "usage: syndicatectl explain source NAME"},
	{"explain sorce lwn", 2, "", "did you mean 'explain source'"},
	{"explain item 41", 0, "its words tell what the story tells (0.42)", NULL},
	{"explain item 41", 0, "likeness 0.42; the numbers differ", NULL},
	{"explain item 40", 0, "it began this story", NULL},
	{"explain item 40", 0, "is forgotten: it is older than stories.window", NULL},
	{"explain itm 40", 2, "", "did you mean 'explain item'"},
	{"split 41", 0, "it is split\n", NULL},
	{"join 41 40", 0, "it is joined\n", NULL},
	{"join 41", 2, "", "usage: syndicatectl join ID OTHER"},
	{"stories --merge 0.3", 0, "would be 7 stories; they are 8 now", NULL},
	{"stories", 0, "leaves 2 lwn: y\n    joins 3 heise: x (0.31)", NULL},
	{"stories --merge x", 1, "", "a threshold is a number from 0 to 1"},
	{"test-feed desk", 0, "1 of the newest 2 items are in the feed desk", NULL},
	{"test-feed desk", 0, "in   match.title", NULL},
	{"test-feed desk", 0, "out  exclude ", NULL},
	{"test-feed desk", 0, "https://lwn.test/40  (\"ads\")", NULL},
	{"refresh lwn", 0, "it is due now\n", NULL},
	{"items --source lwn --limit 1", 0, "lwn", NULL},
	{"items --limit 0", 1, "", "limit must be a number"},
	{"poll lwn", 0, "it is due now\n", NULL},
	{"poll nobody", 1, "", "there is no source 'nobody'"},
	{"--json poll nobody", 1, "{\"error\":", "there is no source 'nobody'"},
	{"reload", 1, "", "not\na name\n"},
	{"poll", 2, "", "usage: syndicatectl poll NAME"},
	{"poll a b", 2, "", "usage: syndicatectl poll NAME"},
	{"status x", 2, "", "usage: syndicatectl status"},
	{"statsu", 2, "", "did you mean 'status'"},
	{"frobnicate", 2, "", "--help"},
	{"--nonsense", 2, "", "--help"},
	{"--help", 0, "syndicatectl items --source lwn --limit 5", NULL},
	{"--version", 0, PACKAGE_VERSION, NULL},
};

/* REL-30: nothing that a feed says reaches a terminal as a command. */
static void assert_harmless(const char *words, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (((unsigned char)*p < 0x20 && *p != '\n') || *p == 0x7f)
			print_error("%s: byte 0x%02x in '%s'\n", words, (unsigned char)*p, text);
		assert_false(((unsigned char)*p < 0x20 && *p != '\n') || *p == 0x7f);
	}
	assert_null(strstr(text, "\xc2\x9b")); /* the one-byte CSI */
	assert_null(strstr(text, "\xe2\x80\xae")); /* right-to-left override */
}

static void what_people_see(void **state)
{
	static char out[OUTPUT_BYTES], complaint[OUTPUT_BYTES];

	for (size_t i = 0; i < sizeof(ctl_rows) / sizeof(ctl_rows[0]); i++) {
		int status = ctl(*state, ctl_rows[i].words, out, complaint);
		const char *wanted = ctl_rows[i].complaint;

		if (status != ctl_rows[i].status || !strstr(out, ctl_rows[i].out) || (wanted ? !strstr(complaint, wanted) : *complaint))
			print_error("%s: %d\n%s\n%s\n", ctl_rows[i].words, status, out, complaint);
		assert_int_equal(status, ctl_rows[i].status);
		assert_non_null(strstr(out, ctl_rows[i].out));
		if (wanted)
			assert_non_null(strstr(complaint, wanted));
		else
			assert_string_equal(complaint, "");
		if (!strstr(ctl_rows[i].words, "--json"))
			assert_harmless(ctl_rows[i].words, out);
		assert_harmless(ctl_rows[i].words, complaint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(times_and_nulls, start, stop),
		cmocka_unit_test_setup_teardown(counters, start, stop),
		cmocka_unit_test_setup_teardown(a_late_answer, start, stop),
		cmocka_unit_test_setup_teardown(commands_and_complaints, start, stop),
		cmocka_unit_test_setup_teardown(complaints_are_utf8, start, stop),
		cmocka_unit_test_setup_teardown(clients_that_go, start, stop),
		cmocka_unit_test_setup_teardown(a_405_says_what_is_allowed, start, stop),
		cmocka_unit_test_setup_teardown(a_body_has_a_limit, start, stop),
		cmocka_unit_test_setup_teardown(why_it_cannot_be_reached, start, stop),
		cmocka_unit_test_setup_teardown(who_may_have_the_path, start, stop),
		cmocka_unit_test_setup_teardown(what_people_see, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
