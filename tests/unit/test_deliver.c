/* One event to one webhook: push.md sections 0, 1, 2 and 8; the attempt against a real server on 127.0.0.1. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/deliver.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define NOON   ((int64_t)1795435200 * SECOND) /* 2026-11-23 12:00:00 GMT */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/* The vector that the libraries of Standard Webhooks agree on (push.md section 0; W7, W9, W10). */
static void test_fixed_vector(void **state)
{
	static const char body[] = "{\"test\": 2432232314}";
	struct buf out = BUF_INIT(256);

	(void)state;
	deliver_sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, strlen(body), &out);
	assert_string_equal(buf_str(&out), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	buf_done(&out);
}

/* W10: 24 to 64 bytes. */
static void test_secrets(void **state)
{
	static const struct {
		const char *secret;
		bool ok;
	} cases[] = {
	    {SECRET, true},
	    {NULL, false},
	    {"", false},
	    {"whsec_", false},
	    {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false},
	    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=", false}, /* 23 bytes */
	    {"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
	     true}, /* 64 */
	    {"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	     false}, /* 65 */
	    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", false},
	    {"WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf key = BUF_INIT(256);

		assert_int_equal(webhook_secret_decode(cases[i].secret, &key), cases[i].ok ? 0 : ERR_INVALID);
		webhook_secret_forget(&key);
		assert_null(key.bytes);
	}
}

static enum deliver_verdict judge_failure(int status, const char *retry_after, int64_t attempts, int64_t ended_ms, int64_t *ret_next_ms)
{
	const struct deliver_answer answer = {.status = status, .retry_after = retry_after, .ended_ms = ended_ms};

	return deliver_judge(&answer, attempts, NOON, 0, ret_next_ms);
}

/* W25, W26, X2: ten attempts; the delay before each, without jitter at the middle of the random range. */
static void test_whole_schedule(void **state)
{
	static const int64_t delays[] = {0,        5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR,
					 5 * HOUR, 10 * HOUR,  14 * HOUR,  20 * HOUR,   24 * HOUR};
	int64_t now = NOON, next;

	(void)state;
	for (int64_t n = 0; n < 9; n++) {
		int64_t least = INT64_MAX, most = 0, delay = delays[n + 1];

		for (uint64_t r = 0; r < 3000; r++) {
			assert_int_equal(deliver_judge(&(struct deliver_answer){.status = 500, .ended_ms = now}, n, NOON,
						       r * UINT64_C(0x9e3779b97f4a7c15), &next), DELIVER_AGAIN);
			least = next - now < least ? next - now : least;
			most = next - now > most ? next - now : most;
		}
		assert_in_range(least, delay * 80 / 100, delay * 81 / 100);
		assert_in_range(most, delay * 119 / 100, delay * 120 / 100);
		now += delay;
	}
	assert_in_range(now - NOON, 75 * HOUR, 76 * HOUR); /* W26 */
	assert_int_equal(judge_failure(500, NULL, 9, now, &next), DELIVER_GIVE_UP);
	assert_int_equal(judge_failure(500, NULL, 1000000, now, &next), DELIVER_GIVE_UP);
}

/* D-6, W20 to W24, X3, X4; a date is read by the clock of who wrote it. attempts is 0, so that the next delay is 4 to 6 s by itself. */
static void test_judge(void **state)
{
	static const struct {
		enum http_error error;
		int status;
		const char *retry_after;
		enum deliver_verdict want;
		int64_t least, most;
		const char *date; /* of the endpoint's clock; ours shows NOON, 12:00 */
	} cases[] = {
	    {HTTP_DONE, 503, "Mon, 23 Nov 2026 15:00:00 GMT", DELIVER_AGAIN, 3600000, 3600000, "Mon, 23 Nov 2026 14:00:00 GMT"},
	    {HTTP_DONE, 503, "Mon, 23 Nov 2026 11:00:00 GMT", DELIVER_AGAIN, 3600000, 3600000, "Mon, 23 Nov 2026 10:00:00 GMT"},
	    {HTTP_DONE, 503, "Mon, 23 Nov 2026 13:00:00 GMT", DELIVER_AGAIN, 4000, 6000, "Mon, 23 Nov 2026 13:30:00 GMT"},
	    {HTTP_DONE, 503, "Mon, 23 Nov 2026 13:00:00 GMT", DELIVER_AGAIN, 3600000, 3600000, "today"},
	    {HTTP_DONE, 503, "3600", DELIVER_AGAIN, 3600000, 3600000, "Mon, 23 Nov 2026 14:00:00 GMT"},
	    {HTTP_DONE, 200, NULL, DELIVER_OK, 0, 0, NULL},
	    {HTTP_DONE, 204, "60", DELIVER_OK, 0, 0, NULL},
	    {HTTP_DONE, 299, NULL, DELIVER_OK, 0, 0, NULL},
	    {HTTP_DONE, 301, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DONE, 302, NULL, DELIVER_AGAIN, 4000, 6000, NULL}, /* W21 */
	    {HTTP_DONE, 400, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DONE, 404, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DONE, 408, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DONE, 503, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DONE, 410, NULL, DELIVER_DISABLE, 0, 0, NULL}, /* W22 */
	    {HTTP_DONE, 413, NULL, DELIVER_GIVE_UP, 0, 0, NULL},
	    {HTTP_DONE, 415, NULL, DELIVER_GIVE_UP, 0, 0, NULL},
	    {HTTP_DONE, 429, NULL, DELIVER_AGAIN, 60000, 60000, NULL},
	    {HTTP_TIMEOUT, 0, NULL, DELIVER_AGAIN, 60000, 60000, NULL}, /* X3 */
	    {HTTP_DONE, 429, "3600", DELIVER_AGAIN, 3600000, 3600000, NULL},
	    {HTTP_DONE, 429, "1", DELIVER_AGAIN, 60000, 60000, NULL},
	    {HTTP_DONE, 503, "3600", DELIVER_AGAIN, 3600000, 3600000, NULL},
	    {HTTP_DONE, 503, "0", DELIVER_AGAIN, 4000, 6000, NULL}, /* W24 */
	    {HTTP_DONE, 503, "99.2", DELIVER_AGAIN, 100000, 100000, NULL},
	    {HTTP_DONE, 503, "99.0", DELIVER_AGAIN, 99000, 99000, NULL}, /* X4 */
	    {HTTP_DONE, 503, "Mon, 23 Nov 2026 13:00:00 GMT", DELIVER_AGAIN, 3600000, 3600000, NULL},
	    {HTTP_DONE, 503, "Mon, 23 Nov 2026 11:00:00 GMT", DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DONE, 503, "Fri, 31 Dec 9999 23:59:59 GMT", DELIVER_AGAIN, 86400000, 86400000, NULL},
	    {HTTP_DONE, 503, "99999999999999999999999", DELIVER_AGAIN, 86400000, 86400000, NULL},
	    {HTTP_DONE, 503, "soon", DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DONE, 503, "-5", DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DONE, 503, "5x", DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DONE, 503, "", DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_CONNECT, 0, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_DNS_PERMANENT, 0, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_BLOCKED, 0, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_BROKEN, 200, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	    {HTTP_TLS_CERT, 410, NULL, DELIVER_AGAIN, 4000, 6000, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (uint64_t r = 0; r < 50; r++) {
			int64_t next = NOON;

			const struct deliver_answer answer = {cases[i].error, cases[i].status, cases[i].retry_after, cases[i].date, NOON};

			assert_int_equal(deliver_judge(&answer, 0, NOON, r * UINT64_C(0x9e3779b97f4a7c15), &next), cases[i].want);
			if (next - NOON < cases[i].least || next - NOON > cases[i].most)
				print_error("case %zu: %lld ms\n", i, (long long)(next - NOON));
			assert_in_range(next - NOON, cases[i].least, cases[i].most);
		}
}

/* 8.5: four days also end it. */
static void test_age(void **state)
{
	int64_t next;

	(void)state;
	assert_int_equal(judge_failure(500, NULL, 0, NOON + 96 * HOUR - 7 * SECOND, &next), DELIVER_AGAIN);
	assert_int_equal(judge_failure(500, NULL, 0, NOON + 96 * HOUR, &next), DELIVER_GIVE_UP);
	assert_int_equal(judge_failure(503, "86400", 3, NOON + 73 * HOUR, &next), DELIVER_GIVE_UP);
}

/* 8.12 F-1. */
static void test_initial(void **state)
{
	static const struct {
		int64_t rank, initial;
		bool want;
	} cases[] = {{0, INITIAL_NONE, true},
		     {1, INITIAL_NONE, false},
		     {1, INITIAL_ALL, true},
		     {900, INITIAL_ALL, true},
		     {5, 5, true},
		     {6, 5, false},
		     {0, 5, true},
		     {1, 1, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct event_view e = {.initial_rank = cases[i].rank};

		assert_int_equal(deliver_wants_initial(&e, cases[i].initial), cases[i].want);
	}
}

/* An event whose every text is as bad as clean text can be. The fields are literals or the caller's. */
static struct event_view hostile_event(struct source_view *source, const char *text)
{
	struct event_view e = {.seq = 48213, .type = EVENT_ITEM_CREATED, .time_ms = NOON + 120, .story_items = 1};
	char *t = mem_dup_str(text);

	source->uid = mem_dup_str("src_x");
	source->name = mem_dup_str("name");
	source->title = t;
	source->url = mem_dup_str("https://example.org/feed");
	e.id = mem_dup_str("evt_x");
	e.story_uid = mem_dup_str("urn:uuid:x");
	e.item.uid = mem_dup_str("itm_x");
	e.item.first_seen_ms = NOON;
	e.item.revision = 1;
	e.item.source = source;
	e.item.item.guid = t;
	e.item.item.title = t;
	e.item.item.summary = t;
	e.item.item.link = mem_dup_str("https://example.org/1");
	e.item.item.published_ms = TIME_UNKNOWN;
	e.item.item.updated_ms = NOON;
	return e;
}

static void free_event(struct event_view *e)
{
	struct source_view *s = e->item.source;

	mem_free(s->uid);
	mem_free(s->name);
	mem_free(s->title); /* also guid, title and summary */
	mem_free(s->url);
	mem_free(e->id);
	mem_free(e->story_uid);
	mem_free(e->item.uid);
	mem_free(e->item.item.link);
}

static const char *const item_fields[] = {
    "id",         "guid",       "url",          "title",     "summary", "content_html", "content_truncated",
    "authors",    "categories", "language",     "published", "updated", "first_seen",   "date_source",
    "enclosures", "image",      "comments_url", "comments_count", "in_reply_to", "links", "season", "episode", "place", "origin", "rights",
    "revision"};
static const char *const story_fields[] = {"id", "items", "is_new", "related"};
static const char *const source_fields[] = {"id", "name", "title", "url", "site_url", "feed_id", "tags"};

static void expect_fields(const json_t *object, const char *const *names, size_t n)
{
	assert_int_equal(json_object_size(object), n);
	for (size_t i = 0; i < n; i++)
		assert_non_null(json_object_get(object, names[i]));
}

/* W15 to W18: valid JSON whatever the text, all fields always, the same bytes for the same event. */
static void test_body(void **state)
{
	static const char *const texts[] = {"", "\"\\/</script>\n\t\r",
					    "\360\237\230\200 \342\200\250\342\200\251 \303\251",
					    "{\"type\":\"item.deleted\"}", "%s%n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct source_view source = {0};
		struct event_view e = hostile_event(&source, texts[i]);
		struct buf a = BUF_INIT(LIMIT_WEBHOOK_BODY_BYTES), b = BUF_INIT(LIMIT_WEBHOOK_BODY_BYTES);
		json_t *root, *data, *item;

		deliver_body(&e, "desk", "https://news.example.org", &a);
		deliver_body(&e, "desk", "https://news.example.org", &b);
		assert_string_equal(buf_str(&a), buf_str(&b));
		root = json_loadb(a.bytes, a.len, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(root);
		assert_string_equal(json_string_value(json_object_get(root, "type")), "item.created");
		assert_string_equal(json_string_value(json_object_get(root, "timestamp")), "2026-11-23T12:00:00.120Z");
		assert_string_equal(json_string_value(json_object_get(root, "id")), "evt_x");
		assert_int_equal(json_integer_value(json_object_get(root, "seq")), 48213);
		data = json_object_get(root, "data");
		assert_int_equal(json_object_size(data), 4);
		item = json_object_get(data, "item");
		expect_fields(item, item_fields, sizeof(item_fields) / sizeof(*item_fields));
		expect_fields(json_object_get(data, "source"), source_fields,
			      sizeof(source_fields) / sizeof(*source_fields));
		expect_fields(json_object_get(data, "story"), story_fields, sizeof(story_fields) / sizeof(*story_fields));
		assert_string_equal(json_string_value(json_object_get(item, "title")), texts[i]);
		assert_true(json_is_null(json_object_get(item, "published")));
		assert_string_equal(json_string_value(json_object_get(item, "updated")), "2026-11-23T12:00:00Z");
		assert_true(json_is_true(json_object_get(json_object_get(data, "story"), "is_new")));
		assert_string_equal(json_string_value(json_object_get(json_object_get(data, "feed"), "name")), "desk");
		assert_null(strchr(buf_str(&a), '\n')); /* minified */
		json_decref(root);
		buf_done(&a);
		buf_done(&b);
		free_event(&e);
	}
}

/* What the parser keeps is in the body, links by an allow-list; the events of a story have the body of the item's. */
static void test_body_details(void **state)
{
	static const char want[] =
		"\"comments_url\":null,\"comments_count\":7,\"in_reply_to\":\"tag:x,2026:1\",\"links\":[{\"rel\":\"license\",\"url\":"
		"\"https://example.org/by\",\"type\":\"text/html\",\"language\":null,\"title\":null},{\"rel\":\"transcript\",\"url\":"
		"\"http://example.org/t.srt\",\"type\":null,\"language\":\"en\",\"title\":\"T\"}],\"season\":\"2\",\"episode\":\"4.5\","
		"\"place\":{\"latitude\":59.33,\"longitude\":-18.065},\"origin\":{\"feed_id\":null,\"title\":\"Blog\",\"url\":"
		"\"https://blog.example/feed\",\"site_url\":null},\"rights\":null,";
	char s[14][32] = {"license", "https://example.org/by", "text/html", "transcript", "http://example.org/t.srt", "en", "T", "edit",
	                  "javascript:x", "2", "4.5", "59.33 -18.065", "Blog", "https://blog.example/feed"};
	char id[] = "tag:x,2026:1", via[] = "VIA";
	struct link links[] = {{.rel = s[0], .url = s[1], .type = s[2]}, {.rel = s[3], .url = s[4], .language = s[5], .title = s[6]},
	                       {.rel = s[7], .url = s[1]}, {.rel = via, .url = s[8]}};
	struct story_brief brief = {.uid = s[0], .title = s[6], .source = s[12]};
	struct source_view source = {0};
	struct event_view e = hostile_event(&source, "text");
	struct item *item = &e.item.item;
	struct buf out = BUF_INIT(LIMIT_WEBHOOK_BODY_BYTES);

	(void)state;
	e.type = EVENT_STORY_CREATED;
	e.related = (struct story_briefs){&brief, 1};
	item->links = links;
	item->n_links = 4;
	item->comments_count = 7;
	item->in_reply_to = id;
	item->season = s[9];
	item->episode = s[10];
	item->location = s[11];
	item->origin = (struct origin){.title = s[12], .url = s[13]};
	deliver_body(&e, "desk", "https://news.example.org", &out);
	assert_non_null(strstr(buf_str(&out), want));
	assert_non_null(strstr(buf_str(&out), "{\"type\":\"story.created\","));
	assert_non_null(strstr(buf_str(&out), "\"story\":{\"id\":\"urn:uuid:x\",\"items\":1,\"is_new\":true,\"related\":[{\"id\":\"license\","
	                                      "\"title\":\"T\",\"url\":null,\"source\":\"Blog\"}]}"));
	buf_done(&out);
	free_event(&e);
}

/* LIMIT_WEBHOOK_TEXT_BYTES, cut between characters; LIMIT_WEBHOOK_BODY_BYTES holds whatever the item has. */
static void test_body_limits(void **state)
{
	struct source_view source = {0};
	struct buf text = BUF_INIT(4096), out = BUF_INIT(2 * LIMIT_WEBHOOK_BODY_BYTES);
	struct event_view e;
	struct category categories[64] = {{0}};
	char *term = mem_alloc_zero(1, 8001);
	json_t *root, *item;

	(void)state;
	for (int i = 0; i < 400; i++)
		buf_append_str(&text, "\342\202\254"); /* three bytes: 500 is not between two */
	e = hostile_event(&source, buf_str(&text));
	memset(term, '"', 8000);
	for (size_t i = 0; i < 64; i++)
		categories[i].term = term;
	e.item.item.categories = categories;
	e.item.item.n_categories = 64;
	deliver_body(&e, "all", "http://127.0.0.1", &out);
	assert_in_range(out.len, 100, LIMIT_WEBHOOK_BODY_BYTES);
	root = json_loadb(out.bytes, out.len, 0, NULL);
	item = json_object_get(json_object_get(root, "data"), "item");
	assert_int_equal(json_string_length(json_object_get(item, "summary")), 498);
	assert_true(json_is_true(json_object_get(item, "content_truncated")));
	expect_fields(item, item_fields, sizeof(item_fields) / sizeof(*item_fields));
	json_decref(root);
	free_event(&e);
	buf_done(&text);
	buf_done(&out);
	mem_free(term);
}

/* --- one attempt against a receiver in its own thread --- */

struct receiver {
	int fd;
	int port;
	const char *answer;
	char request[8192];
	size_t len;
	pthread_t thread;
};

/* Reads until the announced body is whole, then answers and closes. */
static void *receive(void *arg)
{
	struct receiver *r = arg;
	int fd = accept(r->fd, NULL, NULL);
	const char *head_end = NULL, *length;
	int64_t want = -1;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, r->request + r->len, sizeof(r->request) - 1 - r->len)) > 0) {
		r->len += (size_t)n;
		r->request[r->len] = '\0';
		head_end = strstr(r->request, "\r\n\r\n");
		length = strcasestr(r->request, "\r\ncontent-length:");
		if (head_end && length)
			want = strtol(length + 17, NULL, 10);
		if (head_end && want >= 0 && (int64_t)(r->len - (size_t)(head_end + 4 - r->request)) >= want)
			break;
	}
	if (fd >= 0) {
		n = write(fd, r->answer, strlen(r->answer));
		(void)n;
		(void)close(fd);
	}
	return NULL;
}

static void start_receiver(struct receiver *r, const char *answer)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);

	memset(r, 0, sizeof(*r));
	r->answer = answer;
	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(r->fd >= 0);
	assert_int_equal(bind(r->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(r->fd, 4), 0);
	assert_int_equal(getsockname(r->fd, (struct sockaddr *)&a, &len), 0);
	r->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&r->thread, NULL, receive, r), 0);
}

struct done {
	struct loop *loop;
	struct deliver_result result;
	int calls;
};

static void take_result(const struct deliver_result *result, void *ctx)
{
	struct done *d = ctx;

	d->result = *result;
	d->calls++;
	loop_stop(d->loop);
}

/* Runs one attempt to its end; the receiver, when there is one, is joined. */
static struct deliver_result attempt(struct receiver *r, const char *url, const char *body)
{
	struct string_list networks = {0};
	struct done done = {0};
	struct policy *policy;
	struct resolver *resolver;
	struct client *client;
	const struct client_options options = {0};
	const struct deliver_attempt a = {.url = url,
					  .secret = SECRET,
					  .event_id = "evt_x",
					  .body = body,
					  .body_len = strlen(body),
					  .attempts = 2,
					  .created_ms = 0,
					  .timeout_ms = 5000,
					  .user_agent = "tester/1"};

	string_list_add(&networks, "127.0.0.0/8");
	done.loop = loop_new(NULL);
	resolver = resolver_new(done.loop);
	policy = policy_new(&networks, NULL);
	client = client_new(done.loop, resolver, policy, &options, NULL);
	assert_non_null(client);
	assert_non_null(deliver_start(client, &a, take_result, &done));
	assert_int_equal(done.calls, 0);
	loop_run(done.loop);
	assert_int_equal(done.calls, 1);
	client_free(client);
	policy_free(policy);
	resolver_free(resolver);
	loop_free(done.loop);
	string_list_done(&networks);
	if (r) {
		assert_int_equal(pthread_join(r->thread, NULL), 0);
		(void)close(r->fd);
	}
	return done.result;
}

static char *header_of(const char *request, const char *name)
{
	char *needle = mem_printf("\r\n%s: ", name);
	const char *hit = strcasestr(request, needle);
	char *value = hit ? mem_dup_bytes(hit + strlen(needle), strcspn(hit + strlen(needle), "\r")) : NULL;

	if (!value)
		print_error("no %s in: %s\n", name, request);
	assert_non_null(value);
	mem_free(needle);
	return value;
}

/* W1 to W7, 8.3: what arrives can be verified from what arrived. */
static void test_attempt(void **state)
{
	struct receiver r;
	struct deliver_result result;
	struct buf want = BUF_INIT(256);
	char *url, *id, *timestamp, *signature, *number, *type, *agent;
	int64_t unix_s = 0;

	(void)state;
	start_receiver(&r, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
	url = mem_printf("http://127.0.0.1:%d/hook?token=1", r.port);
	result = attempt(&r, url, "{\"a\":1}");
	assert_int_equal(result.verdict, DELIVER_OK);
	assert_int_equal(result.status, 204);
	assert_string_equal(result.message, "");
	assert_true(text_has_prefix(r.request, "POST /hook?token=1 HTTP/1.1\r\n"));
	id = header_of(r.request, "webhook-id");
	timestamp = header_of(r.request, "webhook-timestamp");
	signature = header_of(r.request, "webhook-signature");
	number = header_of(r.request, "webhook-attempt");
	type = header_of(r.request, "content-type");
	agent = header_of(r.request, "user-agent");
	assert_string_equal(id, "evt_x");
	assert_string_equal(number, "3");
	assert_string_equal(type, "application/json");
	assert_string_equal(agent, "tester/1");
	assert_true(text_to_int64(timestamp, result.started_ms / 1000, result.started_ms / 1000, &unix_s));
	deliver_sign(SECRET, id, unix_s, "{\"a\":1}", 7, &want);
	assert_string_equal(signature, buf_str(&want));
	assert_string_equal(strstr(r.request, "\r\n\r\n") + 4, "{\"a\":1}");
	buf_done(&want);
	mem_free(url);
	mem_free(id);
	mem_free(timestamp);
	mem_free(signature);
	mem_free(number);
	mem_free(type);
	mem_free(agent);
}

/* W21: a redirect is not followed; the message says where it points, without the query. */
static void test_attempt_redirect(void **state)
{
	struct receiver r;
	struct deliver_result result;
	char *url;

	(void)state;
	start_receiver(&r, "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/new?token=abc\r\nContent-Length: "
			   "0\r\nConnection: close\r\n\r\n");
	url = mem_printf("http://127.0.0.1:%d/", r.port);
	result = attempt(&r, url, "{}");
	assert_int_equal(result.verdict, DELIVER_GIVE_UP); /* created at 0: older than four days */
	assert_int_equal(result.status, 301);
	assert_non_null(strstr(result.message, "redirects are not followed"));
	assert_non_null(strstr(result.message, "http://127.0.0.1:1/new"));
	assert_null(strstr(result.message, "abc"));
	mem_free(url);
}

/* LIMIT_WEBHOOK_REPLY_BYTES: a receiver that talks too much has still received. */
static void test_attempt_long_reply(void **state)
{
	struct receiver r;
	struct buf answer = BUF_INIT(1u << 20);
	char *url;

	(void)state;
	buf_append_printf(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %u\r\nConnection: close\r\n\r\n",
			  4 * LIMIT_WEBHOOK_REPLY_BYTES);
	for (unsigned i = 0; i < 4 * LIMIT_WEBHOOK_REPLY_BYTES; i++)
		buf_append_char(&answer, 'x');
	start_receiver(&r, buf_str(&answer));
	url = mem_printf("http://127.0.0.1:%d/", r.port);
	assert_int_equal(attempt(&r, url, "{}").verdict, DELIVER_OK);
	mem_free(url);
	buf_done(&answer);
}

static void test_attempt_without_receiver(void **state)
{
	struct deliver_result result = attempt(NULL, "http://127.0.0.1:1/", "{}");

	(void)state;
	assert_int_equal(result.status, 0);
	assert_int_equal(result.verdict, DELIVER_GIVE_UP);
	assert_true(strlen(result.message) > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fixed_vector),
	    cmocka_unit_test(test_secrets),
	    cmocka_unit_test(test_whole_schedule),
	    cmocka_unit_test(test_judge),
	    cmocka_unit_test(test_age),
	    cmocka_unit_test(test_initial),
	    cmocka_unit_test(test_body),
	    cmocka_unit_test(test_body_details), cmocka_unit_test(test_body_limits),
	    cmocka_unit_test(test_attempt),
	    cmocka_unit_test(test_attempt_redirect),
	    cmocka_unit_test(test_attempt_long_reply),
	    cmocka_unit_test(test_attempt_without_receiver),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("deliver", tests, NULL, NULL);
}
