/* Jobs that are undone together, and done again one by one when one of them fails. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/daemon/job_thread.h"

enum { JOBS = 6 };

/* What the resource remembers, a letter a job. */
struct notebook {
	char kept[64], pending[64], log[256];
};

struct letter {
	struct notebook *book;
	struct loop *loop;
	char c;
	bool fails;
	int result;
	unsigned *left;
};

static void note(char *to, char c)
{
	size_t n = strlen(to);

	to[n] = c;
	to[n + 1] = '\0';
}

static void begin_again(void *resource)
{
	struct notebook *b = resource;

	note(b->log, '^');
	b->kept[0] = b->pending[0] = '\0';
}

static int mark(void *resource, struct err *err)
{
	struct notebook *b = resource;

	(void)err;
	note(b->log, '(');
	b->pending[0] = '\0';
	return 0;
}

static int keep(void *resource, struct err *err)
{
	struct notebook *b = resource;

	(void)err;
	note(b->log, ')');
	for (const char *p = b->pending; *p; p++)
		note(b->kept, *p);
	return 0;
}

static void undo(void *resource)
{
	note(((struct notebook *)resource)->log, '!');
}

static int run_letter(void *resource, void *arg, struct err *err)
{
	struct notebook *b = resource;
	struct letter *l = arg;

	note(b->log, l->c);
	if (!strchr(b->log, '('))
		note(b->kept, l->c); /* what comes first stands in no part of its own */
	else
		note(b->pending, l->c);
	return l->fails ? err_set(err, ERR_INVALID, "%c fails", l->c) : 0;
}

static void letter_done(int result, const struct err *err, void *arg)
{
	struct letter *l = arg;

	l->result = result;
	if (result < 0)
		assert_int_equal(err->message[0], l->c);
	if (--*l->left == 0)
		loop_stop(l->loop);
}

/* Waits on the job thread until all are queued, so that they are one batch. */
static pthread_barrier_t queued;

static int wait_for_all(void *resource, void *arg, struct err *err)
{
	(void)resource;
	(void)arg;
	(void)err;
	(void)pthread_barrier_wait(&queued);
	return 0;
}

static void wait_done(int result, const struct err *err, void *arg)
{
	(void)err;
	(void)arg;
	assert_int_equal(result, 0);
}

/* letters: those in upper case fail; '.' before one: it does not repeat. */
static void run_letters(const char *letters, struct notebook *b, int results[JOBS])
{
	const struct job_thread_ops ops = {.name = "test", .queue_length = 16, .batch = 16, .begin_again = begin_again, .mark = mark, .keep = keep, .undo = undo};
	struct letter all[JOBS] = {0};
	struct err err = {0};
	struct loop *loop = loop_new(&err);
	struct job_thread *t = job_thread_start(loop, &ops, b, &err);
	unsigned left = 0;

	assert_non_null(t);
	(void)pthread_barrier_init(&queued, NULL, 2);
	job_thread_submit(t, &(struct job){.run = wait_for_all, .done = wait_done, .arg = NULL}); /* a batch of its own */
	while (job_thread_waiting(t))
		;
	for (const char *p = letters; *p; p++) {
		bool alone = *p == '.';
		struct letter *l = &all[left];

		p += alone;
		*l = (struct letter){.book = b, .loop = loop, .c = *p, .fails = *p < 'a', .left = &left};
		left++;
		job_thread_submit(t, &(struct job){.run = run_letter, .done = letter_done, .arg = l, .repeats = !alone});
	}
	(void)pthread_barrier_wait(&queued);
	loop_run(loop);
	job_thread_stop(t);
	(void)job_thread_free(t);
	(void)pthread_barrier_destroy(&queued);
	loop_free(loop);
	for (size_t i = 0; i < JOBS; i++)
		results[i] = all[i].result;
}

static void test_groups(void **state)
{
	static const struct {
		const char *letters, *log, *kept;
		int failed; /* which */
	} table[] = {
		{"abc", "abc", "abc", -1},
		{"aBc", "aB^(a)(B!(c)", "ac", 1},
		{".ab.cd", "a(b)(c)(d)", "abcd", -1},
		{".abc.d", "a(bc)(d)", "abcd", -1},
		{"ab.Cde", "ab(C!(de)", "abde", 2},
		{"abc.deF", "abc(d)(eF!(e)(F!", "abcde", 5},
		{".Abc", "A^(bc)", "bc", 0},
		{"A", "A^", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct notebook b = {0};
		int results[JOBS];

		run_letters(table[i].letters, &b, results);
		assert_string_equal(b.log, table[i].log);
		assert_string_equal(b.kept, table[i].kept);
		for (int k = 0; k < JOBS; k++)
			assert_int_equal(results[k], k == table[i].failed ? ERR_INVALID : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
