#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/queue.h"

enum { PER_THREAD = 5000 };

static void test_order_and_bounds(void **state)
{
	struct queue *q = queue_new(3);
	int items[4];
	void *got[4];

	(void)state;
	assert_int_equal(queue_take(q, got, 4, 0), 0);
	for (int round = 0; round < 5; round++) { /* goes round the ring */
		for (int i = 0; i < 3; i++)
			assert_int_equal(queue_push(q, &items[i]), 0);
		assert_int_equal(queue_push(q, &items[3]), ERR_FULL);
		assert_int_equal(queue_take(q, got, 2, -1), 2);
		assert_ptr_equal(got[0], &items[0]);
		assert_ptr_equal(got[1], &items[1]);
		assert_int_equal(queue_length(q), 1);
		assert_int_equal(queue_take(q, got, 4, -1), 1);
		assert_ptr_equal(got[0], &items[2]);
	}
	assert_int_equal(queue_push(q, &items[0]), 0);
	queue_close(q);
	assert_true(queue_is_closed(q));
	assert_int_equal(queue_push(q, &items[1]), ERR_CLOSED);
	assert_int_equal(queue_take(q, got, 4, -1), 1);
	assert_int_equal(queue_take(q, got, 4, -1), 0);
	assert_null(queue_free(q));
	assert_null(queue_free(NULL));
}

static void test_timeout(void **state)
{
	struct queue *q = queue_new(1);
	void *got[1];
	int64_t start = clock_mono_ms(&clock_system);

	(void)state;
	assert_int_equal(queue_take(q, got, 1, 30), 0);
	assert_true(clock_mono_ms(&clock_system) - start >= 29);
	queue_free(q);
}

static void *push_hurried_later(void *arg)
{
	static int item;

	(void)usleep(20000);
	assert_int_equal(queue_push(arg, &item), 0);
	return NULL;
}

/* What nobody waits for is gathered: until enough is there, something is hurried, or the time is over. */
static void test_patience(void **state)
{
	struct queue *q = queue_new(8);
	int64_t start = clock_mono_ms(&clock_system);
	pthread_t thread;
	void *got[3];
	int item;

	(void)state;
	assert_int_equal(queue_push_patient(q, &item), 0);
	assert_int_equal(queue_take_batch(q, got, 3, 3, -1, 30), 1);
	assert_in_range(clock_mono_ms(&clock_system) - start, 29, 5000);
	for (int i = 0; i < 4; i++)
		assert_int_equal(queue_push_patient(q, &item), 0);
	assert_int_equal(queue_take_batch(q, got, 3, 3, -1, 3600000), 3);
	assert_int_equal(pthread_create(&thread, NULL, push_hurried_later, q), 0);
	assert_int_equal(queue_take_batch(q, got, 3, 3, -1, 3600000), 2);
	pthread_join(thread, NULL);
	assert_int_equal(queue_push_patient(q, &item), 0);
	queue_close(q);
	assert_int_equal(queue_take_batch(q, got, 3, 3, -1, 3600000), 1);
	assert_int_equal(queue_take_batch(q, got, 3, 3, -1, 3600000), 0);
	queue_free(q);
}

static void *push_many(void *arg)
{
	static char item;

	for (int i = 0; i < PER_THREAD;)
		i += queue_push(arg, &item) == 0;
	return NULL;
}

static void test_threads(void **state)
{
	struct queue *q = queue_new(16);
	pthread_t threads[3];
	void *got[8];
	size_t total = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, push_many, q), 0);
	while (total < (size_t)3 * PER_THREAD)
		total += queue_take(q, got, 8, -1);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(queue_length(q), 0);
	queue_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_and_bounds), cmocka_unit_test(test_timeout), cmocka_unit_test(test_patience),
	                                   cmocka_unit_test(test_threads)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
