/* Cursors and deliveries: nothing is sent from twice, nothing is forgotten (push.md F-3). */
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
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

enum { NOW = 1000000, LEASE = 1000 };

static char dir[64];
static struct store *s;
static struct err err;

static void must(int rc)
{
	if (rc < 0)
		fail_msg("%d: %s", rc, err.message);
}

static int set_up(void **state)
{
	char name[] = "desk";
	struct webhook_spec spec = {.name = name};

	(void)state;
	(void)snprintf(dir, sizeof(dir), "deliveries-test-XXXXXX");
	if (!mkdtemp(dir) || !(s = store_open(dir, &err)))
		return -1;
	return store_sync_webhooks(s, &spec, 1, NOW, &err);
}

static int tear_down(void **state)
{

	(void)state;
	s = store_close(s);
	return store_dir_remove(dir);
}

/* Claims what is due; returns how many, and the id of the first. */
static size_t claim(int64_t now, int64_t *ret_id)
{
	struct delivery *d = NULL;
	size_t n = 0;

	must(store_claim_deliveries(s, "desk", now, LEASE, 10, &d, &n, &err));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(d[i].body_len, 4);
		assert_memory_equal(d[i].body, "body", 4);
		if (i == 0 && ret_id)
			*ret_id = d[i].id;
		delivery_done(&d[i]);
	}
	mem_free(d);
	return n;
}

static int fan_out(int64_t from, int64_t to)
{
	struct delivery_new d = {.seq = to, .event_id = "evt_x", .body = "body", .body_len = 4};

	return store_fan_out(s, &(struct store_fan_out){.webhook = "desk", .from = from, .to = to, .deliveries = &d, .n = 1}, NOW, &err);
}

static int64_t next_delivery(void)
{
	int64_t next = -1;

	must(store_next_delivery(s, "desk", &next, &err));
	return next;
}

static void end(int64_t id, enum delivery_state how, int64_t next_ms)
{
	struct attempt a = {.delivery_id = id, .started_ms = NOW, .duration_ms = 1, .status = 200, .state = how, .next_ms = next_ms};

	must(store_record_attempt(s, &a, &err));
}

static void test_cursor(void **state)
{
	int64_t cursor = -1;

	(void)state;
	must(store_get_cursor(s, "desk", &cursor, &err));
	assert_int_equal(cursor, 0);
	assert_int_equal(store_get_cursor(s, "none", &cursor, &err), ERR_NOT_FOUND);
	must(fan_out(0, 5));
	assert_int_equal(fan_out(0, 5), ERR_EXISTS);
	must(store_get_cursor(s, "desk", &cursor, &err));
	assert_int_equal(cursor, 5);
	assert_int_equal(claim(NOW, NULL), 1);
}

static void test_life(void **state)
{
	int64_t id = 0;

	(void)state;
	assert_true(next_delivery() == INT64_MAX);
	must(fan_out(0, 1));
	assert_int_equal(claim(NOW, &id), 1);
	assert_int_equal(claim(NOW, NULL), 0);
	end(id, DELIVERY_RETRY, NOW + 50);
	assert_int_equal(claim(NOW + 49, NULL), 0);
	assert_int_equal(next_delivery(), NOW + 50);
	assert_int_equal(claim(NOW + 50, &id), 1);
	s = store_close(s); /* a restart frees the lease and keeps the delivery */
	s = store_open(dir, &err);
	assert_non_null(s);
	assert_int_equal(claim(NOW + 50, &id), 1);
	end(id, DELIVERY_ACKNOWLEDGED, 0);
	assert_int_equal(claim(NOW + 90000, NULL), 0);
	must(fan_out(1, 2));
	end(id, DELIVERY_ACKNOWLEDGED, 0); /* repeated: it must not end another delivery */
	assert_int_equal(claim(NOW, &id), 1);
	end(id, DELIVERY_DEAD, 0);
	assert_int_equal(claim(NOW + 90000, NULL), 0);
	assert_true(next_delivery() == INT64_MAX);
}

static void test_savepoint(void **state)
{
	(void)state;
	must(store_begin(s, &err));
	must(fan_out(0, 1));
	must(store_savepoint(s, &err));
	must(fan_out(1, 2));
	store_rollback_to(s);
	must(store_commit(s, &err));
	assert_int_equal(claim(NOW, NULL), 1);
	must(fan_out(1, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cursor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_savepoint, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
