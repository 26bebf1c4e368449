/* The address policy: vectors of polling.md section 6 (R98 to R105, REL-34). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "syndicated/net/policy.h"

static struct sockaddr_storage address_of(const char *text)
{
	struct sockaddr_storage a = {0};

	if (inet_pton(AF_INET, text, &((struct sockaddr_in *)(void *)&a)->sin_addr) == 1)
		a.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)(void *)&a)->sin6_addr) == 1)
		a.ss_family = AF_INET6;
	else
		fail_msg("not an address: %s", text);
	return a;
}

static bool allows(const struct policy *p, const char *text)
{
	struct sockaddr_storage a = address_of(text);
	const char *reason;
	bool ok = policy_allows_address(p, (struct sockaddr *)&a, &reason);

	assert_true(ok == (reason == NULL));
	return ok;
}

static const char *const refused[] = {
	"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
	"169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.31.196.1", "192.52.193.1",
	"192.88.99.1", "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
	"239.1.2.3", "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.1.2.3",
	"::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
	"2002:c0a8:101::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1", "5f00::1", "fc00::1",
	"fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "100::1", "100:0:0:1::1", "4000::1", "8000::1", "e000::1",
	"2a00:1450::5efe:127.0.0.1", "2a00:1450::200:5efe:10.0.0.1",
};

static const char *const allowed[] = {
	"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "172.15.255.255",
	"172.32.0.0", "192.0.1.1", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.17",
	"2606:4700::1111", "2a00:1450::1", "2001:200::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
};

static void test_vectors(void **state)
{
	struct policy *p = policy_new(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		if (allows(p, refused[i]))
			fail_msg("%s is allowed", refused[i]);
	}
	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
		if (!allows(p, allowed[i]))
			fail_msg("%s is refused", allowed[i]);
	}
	policy_free(p);
}

static void test_allow_networks(void **state)
{
	char a[] = "10.1.0.0/16", b[] = "::1", c[] = "fd00::/8";
	char *items[] = {a, b, c};
	struct string_list list = {items, 3};
	struct policy *p = policy_new(&list, NULL);

	(void)state;
	assert_true(allows(p, "10.1.2.3"));
	assert_false(allows(p, "10.2.0.0"));
	assert_true(allows(p, "::1"));
	assert_false(allows(p, "127.0.0.1"));
	assert_true(allows(p, "fd12::1"));
	assert_false(allows(p, "fc00::1"));
	policy_free(p);
}

static void test_hosts(void **state)
{
	static const char *const bad[] = {"localhost", "LOCALHOST.", "a.localhost", "printer.local", "x.internal"};
	char loopback[] = "127.0.0.0/8";
	char *items[] = {loopback};
	struct string_list list = {items, 1};
	struct policy *closed = policy_new(NULL, NULL);
	struct policy *open = policy_new(&list, NULL);

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_false(policy_allows_host(closed, bad[i], NULL));
		assert_true(policy_allows_host(open, bad[i], NULL));
	}
	assert_true(policy_allows_host(closed, "mylocalhost", NULL));
	assert_true(policy_allows_host(closed, "news.example", NULL));
	policy_free(closed);
	policy_free(open);
}

static void test_networks(void **state)
{
	static const char *const bad[] = {"", "10.0.0.0/33", "10.0.0/8", "::/129", "a/8", "10.0.0.0/", "10.0.0.0/-1", "/8"};
	struct err err = {0};
	char wrong[] = "10.0.0.0/99";
	char *items[] = {wrong};
	struct string_list list = {items, 1};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(policy_network_is_valid(bad[i]));
	assert_true(policy_network_is_valid("10.0.0.0/8"));
	assert_null(policy_new(&list, &err));
	assert_non_null(strstr(err.message, "10.0.0.0/99"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_allow_networks),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_networks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
