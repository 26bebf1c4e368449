/*
 * The pool of ingest workers against a worker that misbehaves on purpose (issue "The spine", acceptance: a worker that
 * is made to crash and one made to loop cost one poll each and are replaced), and against the real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/daemon/pool.h"
#include "syndicated/base/clock.h"
#include "syndicated/base/mem.h"

enum { JOB_MS = 400, PATIENCE_MS = 20000 };

struct world {
	struct loop *loop;
	struct loop_timer *patience;
	struct pool *pool;
	size_t open;
	char *program; /* the pool keeps the pointer */
};

struct expectation {
	struct world *world;
	const char *document;
	enum ingest_status status;
	const char *message_has;
	size_t items;
	int called;
	enum ingest_status got;
	char message[256];
	size_t got_items;
};

static void give_up(void *ctx)
{
	loop_stop(((struct world *)ctx)->loop);
}

static struct world *new_world(const char *program, size_t workers, int64_t job_ms)
{
	struct world *w = mem_new(struct world);
	struct pool_options options = {.workers = workers, .argument = "--ingest-worker", .job_ms = job_ms};
	struct err err = {0};

	w->program = program[0] == '/' ? mem_dup_str(program) : mem_printf("%s/%s", getenv("top_builddir"), program);
	options.program = w->program;
	w->loop = loop_new(&err);
	w->patience = loop_timer_new(w->loop, give_up, w);
	w->pool = pool_start(w->loop, &options, &err);
	assert_non_null(w->pool);
	return w;
}

static void free_world(struct world *w)
{
	pool_free(w->pool);
	loop_timer_free(w->patience);
	loop_free(w->loop);
	mem_free(w->program);
	mem_free(w);
}

static void done(enum ingest_status status, struct feed_document *document, const char *message, void *ctx)
{
	struct expectation *e = ctx;

	e->called++;
	e->got = status;
	e->got_items = document ? document->n_items : 0;
	(void)snprintf(e->message, sizeof(e->message), "%s", message ? message : "");
	feed_document_free(document);
	if (--e->world->open == 0)
		loop_stop(e->world->loop);
}

static void submit(struct world *w, struct expectation *e)
{
	struct buf body = BUF_INIT(1 << 20);

	e->world = w;
	w->open++;
	buf_append_str(&body, e->document);
	(void)pool_submit(w->pool, &(struct ingest_request){.url = "http://feeds.example/f.xml", .content_type = "application/rss+xml"}, &body, done, e);
}

static void run_all(struct world *w, struct expectation *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		submit(w, &e[i]);
	loop_timer_set(w->patience, PATIENCE_MS);
	loop_run(w->loop);
	for (size_t i = 0; i < n; i++) {
		if (e[i].called != 1 || e[i].got != e[i].status || !strstr(e[i].message, e[i].message_has))
			print_error("job %zu '%.20s': called %d, status %d, message '%s'\n", i, e[i].document, e[i].called, (int)e[i].got, e[i].message);
		assert_int_equal(e[i].called, 1);
		assert_int_equal(e[i].got, e[i].status);
		assert_non_null(strstr(e[i].message, e[i].message_has));
		assert_int_equal(e[i].got_items, e[i].items);
	}
}

#define BAD "tests/lib/bad_worker"

/* Each misbehaviour costs exactly its own job; the ones before and after it are served. */
static void bad_jobs_cost_themselves_only(void **state)
{
	struct world *w = new_world(BAD, 1, JOB_MS);
	struct expectation jobs[] = {
		{.document = "first", .status = INGEST_NOT_A_FEED, .message_has = "first"},
		{.document = "crash", .status = INGEST_CRASHED, .message_has = "crash"},
		{.document = "second", .status = INGEST_NOT_A_FEED, .message_has = "second"},
		{.document = "loop", .status = INGEST_OVERRAN, .message_has = "too long"},
		{.document = "third", .status = INGEST_NOT_A_FEED, .message_has = "third"},
		{.document = "garbage", .status = INGEST_CRASHED, .message_has = "crash"},
		{.document = "fourth", .status = INGEST_NOT_A_FEED, .message_has = "fourth"},
		{.document = "half", .status = INGEST_CRASHED, .message_has = "crash"},
		{.document = "fifth", .status = INGEST_NOT_A_FEED, .message_has = "fifth"},
	};

	(void)state;
	run_all(w, jobs, sizeof(jobs) / sizeof(jobs[0]));
	assert_int_equal(pool_restarts(w->pool), 4);
	assert_int_equal(pool_workers(w->pool), 1);
	free_world(w);
}

/* A worker that says it retires is replaced without blame, also when its end and its last result arrive together. */
static void retiring_costs_nothing(void **state)
{
	struct world *w = new_world(BAD, 2, JOB_MS);
	struct expectation jobs[20];

	(void)state;
	for (size_t i = 0; i < 20; i++)
		jobs[i] = (struct expectation){.document = i % 3 ? "stays" : "retire", .status = INGEST_NOT_A_FEED, .message_has = ""};
	run_all(w, jobs, 20);
	assert_int_equal(pool_restarts(w->pool), 7);
	free_world(w);
}

/* A looping worker does not hold up the jobs of the other. */
static void others_go_on(void **state)
{
	struct world *w = new_world(BAD, 2, JOB_MS);
	struct expectation jobs[] = {
		{.document = "loop", .status = INGEST_OVERRAN, .message_has = "too long"},
		{.document = "a", .status = INGEST_NOT_A_FEED, .message_has = "a"},
		{.document = "b", .status = INGEST_NOT_A_FEED, .message_has = "b"},
		{.document = "c", .status = INGEST_NOT_A_FEED, .message_has = "c"},
	};

	(void)state;
	run_all(w, jobs, 4);
	assert_int_equal(pool_restarts(w->pool), 1);
	free_world(w);
}

/* A program that cannot even start is tried again with pauses, not in a busy loop, and stopping still works. */
static void a_missing_worker_does_not_spin(void **state)
{
	struct world *w = new_world("/nonexistent/worker", 2, JOB_MS);

	(void)state;
	loop_timer_set(w->patience, 300);
	loop_run(w->loop);
	assert_true(pool_restarts(w->pool) <= 2);
	free_world(w);
}

static const char rss[] = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>T</title><link>http://feeds.example/</link>"
                          "<item><title>One</title><link>http://feeds.example/1</link></item>"
                          "<item><title>Two</title><link>http://feeds.example/2</link></item></channel></rss>";

/* The real worker behind its sandbox reads a feed, and says what is none. */
static void the_real_worker_reads_feeds(void **state)
{
	struct world *w = new_world("syndicated", 2, 10000);
	struct expectation jobs[] = {
		{.document = rss, .status = INGEST_OK, .message_has = "", .items = 2},
		{.document = "<!doctype html><html><body>hello</body></html>", .status = INGEST_NOT_A_FEED, .message_has = "HTML"},
		{.document = "", .status = INGEST_NOT_A_FEED, .message_has = ""},
		{.document = rss, .status = INGEST_OK, .message_has = "", .items = 2},
	};

	(void)state;
	run_all(w, jobs, 4);
	assert_int_equal(pool_restarts(w->pool), 0);
	free_world(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_jobs_cost_themselves_only), cmocka_unit_test(retiring_costs_nothing),
		cmocka_unit_test(others_go_on),                  cmocka_unit_test(a_missing_worker_does_not_spin),
		cmocka_unit_test(the_real_worker_reads_feeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
