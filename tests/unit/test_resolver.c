/* The resolver's pool (polling.md R85, 5.1): one look-up a name, a cache, and freeing while a thread hangs. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <poll.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/base/clock.h"
#include "syndicated/net/resolver.h"

static atomic_int lookups;
static atomic_int hanging;

static enum resolve_status fake(const char *host, struct resolved_address *ret, size_t max, size_t *ret_n)
{
	atomic_fetch_add(&lookups, 1);
	(void)max;
	*ret_n = 0;
	if (strcmp(host, "slow.example") == 0) {
		atomic_fetch_add(&hanging, 1);
		poll(NULL, 0, 400);
		atomic_fetch_sub(&hanging, 1);
	}
	if (strcmp(host, "none.example") == 0)
		return RESOLVE_NO_SUCH_NAME;
	ret[0].address.ss_family = AF_INET;
	ret[0].len = sizeof(struct sockaddr_in);
	*ret_n = 1;
	return RESOLVE_OK;
}

struct seen {
	struct loop *loop;
	int wanted, calls;
	enum resolve_status status;
	size_t n;
	char message[256];
};

static void answered(enum resolve_status status, const struct resolved_address *a, size_t n, const char *message, void *ctx)
{
	struct seen *s = ctx;

	(void)a;
	s->status = status;
	s->n = n;
	memcpy(s->message, message, strlen(message) + 1);
	if (++s->calls == s->wanted)
		loop_stop(s->loop);
}

static void test_single_flight_and_cache(void **state)
{
	struct seen s = {.loop = loop_new(NULL), .wanted = 50};
	struct resolver *r = resolver_new_with(s.loop, fake);

	(void)state;
	atomic_store(&lookups, 0);
	for (int i = 0; i < 50; i++)
		resolver_start(r, "a.example", answered, &s);
	assert_int_equal(s.calls, 0);
	loop_run(s.loop);
	assert_int_equal(s.calls, 50);
	assert_int_equal(atomic_load(&lookups), 1);
	s.wanted = 51;
	resolver_start(r, "a.example", answered, &s);
	loop_run(s.loop);
	assert_int_equal(atomic_load(&lookups), 1);
	resolver_flush(r);
	s.wanted = 52;
	resolver_start(r, "a.example", answered, &s);
	loop_run(s.loop);
	assert_int_equal(atomic_load(&lookups), 2);
	assert_int_equal(s.n, 1);
	s.wanted = 53;
	resolver_start(r, "none.example", answered, &s);
	loop_run(s.loop);
	assert_int_equal(s.status, RESOLVE_NO_SUCH_NAME);
	assert_string_equal(s.message, "the name none.example does not exist (DNS)");
	resolver_free(r);
	loop_free(s.loop);
}

static void test_free_does_not_wait(void **state)
{
	struct seen s = {.loop = loop_new(NULL), .wanted = 1};
	struct resolver *r = resolver_new_with(s.loop, fake);
	int64_t before;

	(void)state;
	resolver_cancel(resolver_start(r, "a.example", answered, &s));
	resolver_start(r, "slow.example", answered, &s);
	for (int i = 0; i < 200 && atomic_load(&hanging) == 0; i++)
		poll(NULL, 0, 5);
	assert_int_equal(atomic_load(&hanging), 1);
	before = clock_mono_ms(&clock_system);
	resolver_free(r);
	assert_true(clock_mono_ms(&clock_system) - before < 100);
	loop_free(s.loop);
	while (atomic_load(&hanging) > 0)
		poll(NULL, 0, 5);
	poll(NULL, 0, 50);
	assert_int_equal(s.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single_flight_and_cache),
		cmocka_unit_test(test_free_does_not_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
