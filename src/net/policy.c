/* The address policy. The table is polling.md section 6; everything that it does not name and that is not global unicast is refused. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/net/policy.h"

/* All addresses are judged in one form: 16 bytes, IPv4 as ::ffff:a.b.c.d. */
struct network {
	uint8_t bytes[16];
	unsigned bits;
};

struct policy {
	struct network *allowed;
	size_t n_allowed;
	struct network *own; /* addresses of this machine (polling.md section 6) */
	size_t n_own;
};

struct rule {
	const char *network;
	const char *reason;
};

static const struct rule forbidden[] = {
	{"0.0.0.0/8", "an unspecified address"},
	{"10.0.0.0/8", "a private address"},
	{"100.64.0.0/10", "a private address (shared address space)"},
	{"127.0.0.0/8", "a private address (loopback)"},
	{"169.254.0.0/16", "a link-local address"},
	{"172.16.0.0/12", "a private address"},
	{"192.0.0.0/24", "a reserved address"},
	{"192.0.2.0/24", "an address for documentation"},
	{"192.31.196.0/24", "a reserved address"},
	{"192.52.193.0/24", "a reserved address"},
	{"192.88.99.0/24", "a reserved address"},
	{"192.168.0.0/16", "a private address"},
	{"192.175.48.0/24", "a reserved address"},
	{"198.18.0.0/15", "an address for benchmarks"},
	{"198.51.100.0/24", "an address for documentation"},
	{"203.0.113.0/24", "an address for documentation"},
	{"224.0.0.0/4", "a multicast address"},
	{"240.0.0.0/4", "a reserved address"},
	{"168.63.129.16/32", "an address of the cloud's own services"},
	{"100:0:0:1::/64", "a reserved address"},
	{"100::/64", "a reserved address"},
	{"2001::/23", "a reserved address (Teredo, ORCHID, benchmarks)"},
	{"2001:db8::/32", "an address for documentation"},
	{"3fff::/20", "an address for documentation"},
	{"5f00::/16", "a reserved address"},
	{"64:ff9b:1::/48", "an address translated into a local network"},
	{"fc00::/7", "a private address"},
	{"fe80::/10", "a link-local address"},
	{"fec0::/10", "a private address (site-local)"},
	{"ff00::/8", "a multicast address"},
};

/* Prefixes that carry an IPv4 address, and where. They are unpacked and judged as IPv4 (R103). */
struct carrier {
	const char *network;
	size_t offset;
};

static const struct carrier carriers[] = {
	{"::ffff:0:0:0/96", 12},
	{"64:ff9b::/96", 12},
	{"2002::/16", 2},
	{"::/96", 12},
};

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool is_mapped(const uint8_t bytes[16])
{
	return memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0;
}

static void map_ipv4(const void *four_bytes, uint8_t out[16])
{
	uint8_t four[4];

	memcpy(four, four_bytes, 4);
	memcpy(out, mapped_prefix, sizeof mapped_prefix);
	memcpy(out + 12, four, 4);
}

static bool parse_network(const char *text, struct network *ret)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	int64_t bits;
	uint8_t four[4];

	if (len >= sizeof address)
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, four) == 1) {
		bits = 32;
		if (slash && !text_to_int64(slash + 1, 0, 32, &bits))
			return false;
		map_ipv4(four, ret->bytes);
		ret->bits = 96 + (unsigned)bits;
		return true;
	}
	bits = 128;
	if (inet_pton(AF_INET6, address, ret->bytes) != 1 || (slash && !text_to_int64(slash + 1, 0, 128, &bits)))
		return false;
	ret->bits = (unsigned)bits;
	return true;
}

static bool network_holds(const struct network *n, const uint8_t bytes[16])
{
	unsigned whole = n->bits / 8;
	unsigned rest = n->bits % 8;
	uint8_t mask = (uint8_t)(0xff << (8 - rest));

	/* ::/0 means all of IPv6, not IPv4 as well: the mapped form is only ours. */
	if (n->bits < 96 && is_mapped(bytes))
		return false;
	if (memcmp(n->bytes, bytes, whole) != 0)
		return false;
	return rest == 0 || (n->bytes[whole] & mask) == (bytes[whole] & mask);
}

static bool any_holds(const struct network *list, size_t n, const uint8_t bytes[16])
{
	for (size_t i = 0; i < n; i++) {
		if (network_holds(&list[i], bytes))
			return true;
	}
	return false;
}

static bool bytes_of(const struct sockaddr *address, uint8_t out[16])
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
		map_ipv4(&in->sin_addr, out);
		return true;
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
		memcpy(out, &in6->sin6_addr, 16);
		return true;
	}
	return false;
}

static bool unpack_ipv4(const uint8_t bytes[16], uint8_t out[16])
{
	struct network n;

	if (is_mapped(bytes))
		return false;
	for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++) {
		if (parse_network(carriers[i].network, &n) && network_holds(&n, bytes)) {
			map_ipv4(bytes + carriers[i].offset, out);
			return true;
		}
	}
	return false;
}

static const char *find_rule(const uint8_t bytes[16])
{
	struct network n;

	for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
		if (parse_network(forbidden[i].network, &n) && network_holds(&n, bytes))
			return forbidden[i].reason;
	}
	return NULL;
}

static bool is_isatap(const uint8_t b[16])
{
	return (b[8] & 0xfd) == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe;
}

/* NULL when the address is public. */
static const char *find_reason(const struct policy *p, const uint8_t bytes[16])
{
	static const uint8_t loopback[16] = {[15] = 1};
	uint8_t unpacked[16];
	const char *reason;

	if (any_holds(p->own, p->n_own, bytes))
		return "an address of this machine";
	if (memcmp(bytes, loopback, sizeof loopback) == 0)
		return "a private address (loopback)";
	if (unpack_ipv4(bytes, unpacked))
		return find_reason(p, unpacked);
	reason = find_rule(bytes);
	if (reason || is_mapped(bytes))
		return reason;
	if (is_isatap(bytes))
		return "an address that carries another one (ISATAP)";
	return (bytes[0] & 0xe0) == 0x20 ? NULL : "a reserved address";
}

bool policy_is_private_allowed(const struct policy *p, const struct sockaddr *address)
{
	uint8_t bytes[16];

	return bytes_of(address, bytes) && any_holds(p->allowed, p->n_allowed, bytes);
}

bool policy_allows_address(const struct policy *p, const struct sockaddr *address, const char **ret_reason)
{
	uint8_t bytes[16];
	const char *reason = "not an internet address";

	if (bytes_of(address, bytes))
		reason = any_holds(p->allowed, p->n_allowed, bytes) ? NULL : find_reason(p, bytes);
	if (ret_reason)
		*ret_reason = reason;
	return reason == NULL;
}

static bool allows_loopback(const struct policy *p)
{
	static const uint8_t six[16] = {[15] = 1};
	static const uint8_t four[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};

	return any_holds(p->allowed, p->n_allowed, four) || any_holds(p->allowed, p->n_allowed, six);
}

/* suffix is lower case. */
static bool ends_with(const char *host, size_t len, const char *suffix)
{
	size_t n = strlen(suffix), i = 0;

	while (len >= n && i < n && text_lower(host[len - n + i]) == suffix[i])
		i++;
	return i == n;
}

bool policy_allows_host(const struct policy *p, const char *host, const char **ret_reason)
{
	static const char *const suffixes[] = {"localhost", "local", "internal"};
	size_t len = strlen(host);
	bool ok = true;

	if (len > 0 && host[len - 1] == '.')
		len--;
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0] && ok; i++) {
		size_t n = strlen(suffixes[i]);
		if (ends_with(host, len, suffixes[i]) && ((len == n && i == 0) || (len > n && host[len - n - 1] == '.')))
			ok = allows_loopback(p);
	}
	if (ret_reason)
		*ret_reason = ok ? NULL : "a name of this machine or of a local network";
	return ok;
}

bool policy_network_is_valid(const char *network)
{
	struct network n;

	return network && parse_network(network, &n);
}

/* Failure to list the interfaces is no error: private addresses are refused by the table anyhow. */
static void read_own_addresses(struct policy *p)
{
	struct ifaddrs *all = NULL;
	size_t n = 0;

	if (getifaddrs(&all) < 0)
		return;
	for (struct ifaddrs *i = all; i; i = i->ifa_next)
		n++;
	p->own = mem_new_array(struct network, n + 1);
	for (struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (i->ifa_addr && bytes_of(i->ifa_addr, p->own[p->n_own].bytes))
			p->own[p->n_own++].bits = 128;
	}
	freeifaddrs(all);
}

struct policy *policy_new(const struct string_list *allow_networks, struct err *err)
{
	struct policy *p = mem_new(struct policy);
	size_t n = allow_networks ? allow_networks->n : 0;

	p->allowed = mem_new_array(struct network, n + 1);
	for (size_t i = 0; i < n; i++) {
		if (!parse_network(allow_networks->items[i], &p->allowed[i])) {
			err_set(err, ERR_INVALID, "\"%.64s\" is not a network; write it like 10.0.0.0/8 or fd00::/8",
			        allow_networks->items[i]);
			return policy_free(p);
		}
	}
	p->n_allowed = n;
	read_own_addresses(p);
	/* The reasons of the table name loopback and private addresses better than "of this machine". */
	for (size_t i = 0; i < p->n_own;) {
		if (find_rule(p->own[i].bytes) || (p->own[i].bytes[15] == 1 && p->own[i].bytes[0] == 0))
			p->own[i] = p->own[--p->n_own];
		else
			i++;
	}
	return p;
}

struct policy *policy_free(struct policy *p)
{
	if (p) {
		mem_free(p->allowed);
		mem_free(p->own);
		mem_free(p);
	}
	return NULL;
}
