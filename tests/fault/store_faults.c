/*
 * The store on a disk that fails (REL-72). Each script is played once for every n: the n-th call to the disk fails, once or
 * from then on; or the power is cut there. Then: nothing crashed; what was reported as done is there after reopening, and
 * what was reported as failed is not, in whole or in part; the database is sound; and the store goes on as soon as the disk
 * does, without being opened again.
 *
 * What must be there is known by playing again, on a disk that works, only what succeeded, and comparing every row.
 * FAULT_EVERY=k takes every k-th n only, for want of time by default; with 1 it takes all. FAULT_SEEDS says how many power cuts
 * are made at each n.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "../lib/store_dir.h"
#include "check.h"
#include "memory.h"
#include "script.h"
#include "syndicated/base/mem.h"
#include "vfs.h"

enum { DUMP_BYTES = 64 << 20, HISTORIES = 4096, HISTORY_BYTES = 256 };

#ifdef __SANITIZE_ADDRESS__
enum { EVERY = 40 };
#else
enum { EVERY = 11 };
#endif
enum { MEMORY_EVERY = 5 }; /* there are far more requests for memory than calls to the disk */

static const char database[] = "syndicated.db";

/* ---- SQLite's memory fails as its disk does ---- */

static void *sqlite_alloc(int size)
{
	return memory_alloc((size_t)size);
}

static void *sqlite_resize(void *p, int size)
{
	return memory_resize(p, (size_t)size);
}

static int sqlite_size(void *p)
{
	return (int)memory_size(p);
}

static int sqlite_round(int size)
{
	return (size + 7) & ~7;
}

static int sqlite_begin(void *ctx)
{
	(void)ctx;
	return SQLITE_OK;
}

static void sqlite_end(void *ctx)
{
	(void)ctx;
}

/* Without its own small blocks aside, each request is one that can fail. */
static void lend_to_sqlite(void)
{
	static sqlite3_mem_methods methods = {sqlite_alloc, memory_free, sqlite_resize, sqlite_size, sqlite_round, sqlite_begin, sqlite_end, NULL};

	assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
	assert_int_equal(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
}

static void begin_trouble(const struct fault *f)
{
	if (f->kind == FAULT_MEMORY)
		memory_fail_at(f->n, f->for_good);
	else
		fault_begin(f);
}

static long end_trouble(const struct fault *f)
{
	long requests = memory_requests();

	if (f->kind != FAULT_MEMORY)
		return fault_end();
	memory_stop();
	return requests;
}

static bool was_trouble(const struct fault *f)
{
	return f->kind == FAULT_MEMORY ? memory_has_failed() : fault_has_struck();
}

/* ---- directories ---- */

static void make_dir(char dir[32], const char *what)
{
	(void)snprintf(dir, 32, "%s-XXXXXX", what);
	assert_non_null(mkdtemp(dir));
}

static void read_file(const char *dir, struct buf *out)
{
	char path[64], bytes[65536];
	size_t n;
	FILE *in;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, database);
	in = fopen(path, "re");
	assert_non_null(in);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		buf_append(out, bytes, n);
	(void)fclose(in);
}

static void write_file(const char *dir, const struct buf *bytes)
{
	char path[64];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, database);
	out = fopen(path, "we");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes->bytes, 1, bytes->len, out), bytes->len);
	assert_int_equal(fclose(out), 0);
}

/* ---- what was done: 'A' to 'F' a job, '|' the end of a transaction, '!' the store was opened ---- */

struct history {
	char text[HISTORY_BYTES];
	size_t len;
};

static void note(struct history *h, char c)
{
	assert_true(h->len + 1 < HISTORY_BYTES);
	h->text[h->len++] = c;
	h->text[h->len] = '\0';
}

/* A transaction in which nothing was done leaves nothing. */
static void note_batch(struct history *h, size_t batch, unsigned done)
{
	if (!done)
		return;
	note(h, (char)('0' + batch));
	for (unsigned i = 0; i < JOBS_MAX; i++)
		if (done & 1u << i)
			note(h, (char)('A' + i));
	note(h, '|');
}

static struct store *must_open(const char *dir)
{
	struct err err = {0};
	struct store *s = store_open(dir, &err);

	if (!s)
		fail_msg("cannot be opened: %s", err.message);
	return s;
}

struct ground { /* what a script begins with, and what was learned of it */
	const struct script *script;
	struct buf base; /* no bytes: no file */
	struct {
		char text[HISTORY_BYTES];
		char *dump;
	} known[HISTORIES];
	size_t n_known;
	long runs, struck, open_failed;
};

static void replay(const struct ground *g, const char *text, const char *dir)
{
	struct store *s = NULL;

	for (const char *p = text; *p; p++) {
		unsigned wanted = 0, done = 0;
		struct err err = {0};
		size_t batch = (size_t)(*p - '0');

		if (*p == '!') {
			store_close(s);
			s = must_open(dir);
			continue;
		}
		for (p++; *p != '|'; p++)
			wanted |= 1u << (*p - 'A');
		if (script_run(s, g->script->batches[batch], wanted, &done, &err) < 0 || done != wanted)
			fail_msg("'%s' cannot be played: %s", text, err.message);
	}
	store_close(s);
}

static const char *dump_of(struct ground *g, const char *text)
{
	struct buf dump = BUF_INIT(DUMP_BYTES);
	char dir[32];

	for (size_t i = 0; i < g->n_known; i++)
		if (strcmp(g->known[i].text, text) == 0)
			return g->known[i].dump;
	make_dir(dir, "replay");
	if (g->base.len)
		write_file(dir, &g->base);
	replay(g, text, dir);
	check_dump(dir, &dump);
	assert_int_equal(store_dir_remove(dir), 0);
	assert_true(g->n_known < HISTORIES);
	(void)snprintf(g->known[g->n_known].text, HISTORY_BYTES, "%s", text);
	assert_int_equal(buf_take(&dump, &g->known[g->n_known].dump, NULL), 0);
	return g->known[g->n_known++].dump;
}

/* ---- one run ---- */

struct run {
	struct ground *g;
	struct fault fault;
	bool reopens; /* at the first failure, as a daemon that is restarted */
	char dir[32];
	struct store *s;
	struct history done;
	struct history doubtful; /* with the transaction whose commit failed: after a restart, all of it may be there */
	struct err err;
};

static void complain(struct run *r, const char *what, const char *more)
{
	fail_msg("%s, n %ld (%s)%s%s, played '%s': %s: %s", r->g->script->name, r->fault.n, r->fault.kind == FAULT_MEMORY ? "memory" : fault_where(), r->fault.for_good ? " for good" : "",
	         r->reopens ? ", reopened" : "", r->done.text, what, more);
}

/* Every failure has a reason, and a disk that fails is not a database that is damaged. */
static void must_explain(struct run *r, int rc)
{
	if (rc != ERR_IO || !r->err.message[0])
		complain(r, "the failure is not explained as one of the disk", r->err.message);
}

static void must_be_sound(struct run *r)
{
	struct buf complaint = BUF_INIT(1 << 20);

	if (!check_is_sound(r->dir, &complaint))
		complain(r, "the database is not sound", buf_str(&complaint));
	buf_done(&complaint);
}

static bool holds_exactly(struct run *r, const char *text, struct buf *difference)
{
	const char *want = dump_of(r->g, text);
	struct buf got = BUF_INIT(DUMP_BYTES);
	bool same;

	check_dump(r->dir, &got);
	same = strcmp(want, buf_str(&got)) == 0;
	if (!same && difference)
		check_difference(want, buf_str(&got), difference);
	buf_done(&got);
	return same;
}

static void must_hold(struct run *r, bool after_restart)
{
	struct buf difference = BUF_INIT(1 << 20);

	must_be_sound(r);
	if (after_restart && r->doubtful.len && holds_exactly(r, r->doubtful.text, NULL))
		r->done = r->doubtful;
	else if (!holds_exactly(r, r->done.text, &difference))
		complain(r, "what is stored is not what was reported", buf_str(&difference));
	r->doubtful.len = 0;
	buf_done(&difference);
}

/* The disk works again, and the store is opened as by the next start. */
static void restart(struct run *r)
{
	char after[32];

	r->s = store_close(r->s);
	(void)end_trouble(&r->fault);
	if (r->fault.kind == FAULT_POWER && fault_has_struck()) {
		make_dir(after, "cut");
		assert_int_equal(fault_after_power_cut(after), 0);
		assert_int_equal(store_dir_remove(r->dir), 0);
		memcpy(r->dir, after, sizeof(after));
	}
	must_hold(r, true);
	r->s = must_open(r->dir);
	note(&r->done, '!');
}

/* Jobs that `wanted` has a bit for; returns those that are not done. */
static unsigned play(struct run *r, size_t batch, unsigned wanted)
{
	unsigned done = 0;
	int rc;

	r->err = (struct err){0};
	rc = script_run(r->s, r->g->script->batches[batch], wanted, &done, &r->err);
	if (rc < 0 || done != wanted)
		must_explain(r, r->err.code);
	r->doubtful = r->done;
	note_batch(rc < 0 ? &r->doubtful : &r->done, batch, rc < 0 ? wanted : done);
	return wanted & ~done;
}

static unsigned all_jobs(const struct job *batch)
{
	unsigned n = 0;

	while (n < JOBS_MAX && batch[n].run)
		n++;
	return (1u << n) - 1;
}

/* As the daemon does: what could not be stored is tried again, when the disk may work again. */
static void play_again(struct run *r, size_t batch, unsigned left)
{
	if (r->reopens || r->fault.kind == FAULT_POWER)
		restart(r);
	else if (r->fault.for_good)
		return;
	left = play(r, batch, left);
	if (left)
		complain(r, "it does not go on after the fault", r->err.message);
}

static void open_it(struct run *r)
{
	r->s = store_open(r->dir, &r->err);
	if (r->s) {
		note(&r->done, '!');
		return;
	}
	r->g->open_failed++;
	must_explain(r, r->err.code);
	r->doubtful = r->done;
	note(&r->doubtful, '!');
	restart(r);
}

static void play_all(struct run *r)
{
	unsigned left[BATCHES_MAX] = {0};
	size_t n = script_batches(r->g->script);

	for (size_t i = 0; i < n; i++) {
		unsigned all = all_jobs(r->g->script->batches[i]), jobs = play(r, i, all);

		left[i] = jobs;
		if (jobs && (r->reopens || r->fault.kind == FAULT_POWER || !r->fault.for_good)) {
			play_again(r, i, jobs);
			left[i] = 0;
		}
	}
	(void)end_trouble(&r->fault);
	for (size_t i = 0; i < n; i++)
		if (left[i] && play(r, i, left[i]))
			complain(r, "it does not go on when the disk works again", r->err.message);
}

static long run_once(struct ground *g, const struct fault *fault, bool reopens)
{
	struct run r = {.g = g, .fault = *fault, .reopens = reopens};
	long calls;

	make_dir(r.dir, "fault");
	if (g->base.len)
		write_file(r.dir, &g->base);
	begin_trouble(fault);
	open_it(&r);
	play_all(&r);
	r.s = store_close(r.s);
	calls = end_trouble(fault);
	must_hold(&r, false);
	if (store_dir_remove(r.dir) != 0)
		complain(&r, "something is left behind in", r.dir);
	g->runs++;
	g->struck += was_trouble(fault);
	return calls;
}

/* ---- every n ---- */

static long number(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text && strtol(text, NULL, 10) > 0 ? strtol(text, NULL, 10) : otherwise;
}

static void at_every_n(struct ground *g, enum fault_kind kind, bool for_good, bool reopens, long seeds)
{
	struct fault fault = {.kind = kind, .for_good = for_good};
	long every = kind == FAULT_MEMORY ? number("ALLOC_EVERY", EVERY * MEMORY_EVERY) : number("FAULT_EVERY", EVERY), first = 1 + number("FAULT_FIRST", 0), runs = g->runs, struck = g->struck;
	bool more = true;

	for (long n = first; more; n += every) {
		fault.n = n;
		for (long seed = 0; seed < seeds; seed++) {
			fault.seed = (uint64_t)(n * 1000 + seed);
			(void)run_once(g, &fault, reopens);
		}
		more = was_trouble(&fault);
	}
	printf("# %s: %ld runs, %ld faults\n", g->script->name, g->runs - runs, g->struck - struck);
}

static void test_fails_once(void **state)
{
	at_every_n(*state, FAULT_IO, false, false, 1);
}

static void test_fails_for_good(void **state)
{
	at_every_n(*state, FAULT_IO, true, false, 1);
}

static void test_fails_until_restart(void **state)
{
	at_every_n(*state, FAULT_IO, true, true, 1);
}

static void test_full_once(void **state)
{
	at_every_n(*state, FAULT_FULL, false, false, 1);
}

static void test_full_for_a_while(void **state)
{
	at_every_n(*state, FAULT_FULL, true, false, 1);
}

static void test_no_memory_once(void **state)
{
	at_every_n(*state, FAULT_MEMORY, false, false, 1);
}

static void test_no_memory_for_a_while(void **state)
{
	at_every_n(*state, FAULT_MEMORY, true, false, 1);
}

static void test_power_cut(void **state)
{
	at_every_n(*state, FAULT_POWER, false, false, number("FAULT_SEEDS", 2));
}

/* ---- grounds ---- */

/* What is left after all of a script, by a daemon that was started twice, so that no claim is held. */
static void lay(struct ground *g)
{
	struct ground *before;
	char dir[32];

	if (!g->script->after)
		return;
	before = mem_new(struct ground);
	before->script = g->script->after;
	make_dir(dir, "ground");
	{
		struct run r = {.g = before};

		memcpy(r.dir, dir, sizeof(dir));
		r.s = must_open(dir);
		play_all(&r);
		store_close(r.s);
	}
	store_close(must_open(dir));
	read_file(dir, &g->base);
	assert_int_equal(store_dir_remove(dir), 0);
	mem_free(before);
}

static void forget(struct ground *g)
{
	for (size_t i = 0; i < g->n_known; i++)
		mem_free(g->known[i].dump);
	buf_done(&g->base);
	mem_free(g);
}

/* A disk that works, so that what the other tests compare with is what must be. */
static void test_undisturbed(void **state)
{
	struct ground *g = *state;

	buf_init(&g->base, DUMP_BYTES);
	lay(g);
	printf("# %s: %ld calls to the disk, %zu bytes to begin with\n", g->script->name, run_once(g, &(struct fault){.kind = FAULT_NONE}, false), g->base.len);
}

enum { TESTS = 9 };

int main(void)
{
	static const struct CMUnitTest each[TESTS] = {
		{"undisturbed", test_undisturbed, NULL, NULL, NULL},
		{"fails once", test_fails_once, NULL, NULL, NULL},
		{"fails for good", test_fails_for_good, NULL, NULL, NULL},
		{"fails until it is restarted", test_fails_until_restart, NULL, NULL, NULL},
		{"full once", test_full_once, NULL, NULL, NULL},
		{"full for a while", test_full_for_a_while, NULL, NULL, NULL},
		{"power cut", test_power_cut, NULL, NULL, NULL},
		{"no memory once", test_no_memory_once, NULL, NULL, NULL},
		{"no memory for a while", test_no_memory_for_a_while, NULL, NULL, NULL},
	};
	struct CMUnitTest tests[SCRIPTS * TESTS];
	struct ground *grounds[SCRIPTS];
	int failed;

	lend_to_sqlite();
	fault_vfs_register();
	for (size_t i = 0; i < SCRIPTS * TESTS; i++) {
		if (i % TESTS == 0) {
			grounds[i / TESTS] = mem_new(struct ground);
			grounds[i / TESTS]->script = scripts[i / TESTS];
		}
		tests[i] = each[i % TESTS];
		tests[i].name = mem_printf("%s: %s", scripts[i / TESTS]->name, each[i % TESTS].name);
		tests[i].initial_state = grounds[i / TESTS];
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < SCRIPTS * TESTS; i++)
		mem_free((char *)(uintptr_t)tests[i].name);
	for (size_t i = 0; i < SCRIPTS; i++)
		forget(grounds[i]);
	return failed;
}
