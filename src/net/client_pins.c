/* The addresses that a transfer may connect to, in libcurl's notation: it looks up nothing itself (R85, R105). */
#include <arpa/inet.h>
#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/mem.h"
#include "client_internal.h"

static void append_address(struct buf *out, const struct sockaddr_storage *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text, sizeof text);
		buf_append_printf(out, "[%s]", text);
	} else {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text, sizeof text);
		buf_append_str(out, text);
	}
}

/* libcurl may look for "news.example." without its last dot; the pin has to be found either way. NULL: there is none. */
static char *without_root_dot(const struct http_transfer *t, const char *pin)
{
	size_t len = strlen(t->url.host);

	if (len < 2 || t->url.host[len - 1] != '.')
		return NULL;
	return mem_printf("+%.*s%s", (int)(len - 1), t->url.host, pin + 1 + len);
}

static void add_line(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer) /* else there is no memory, and nothing is sent */
		*list = longer;
}

bool transfer_pin(struct http_transfer *t, const struct resolved_address *addresses, size_t n, bool *ret_private)
{
	struct buf pin = BUF_INIT(16 * 1024);
	bool any = false;

	*ret_private = false;
	buf_append_printf(&pin, "+%s:%d:", t->url.host, t->url.port);
	for (size_t i = 0; i < n; i++) {
		const struct sockaddr *address = (const struct sockaddr *)(const void *)&addresses[i].address;
		if (!transfer_allows(t, address))
			continue;
		*ret_private |= policy_is_private_allowed(client_policy(t->client), address);
		buf_append_str(&pin, any ? "," : "");
		append_address(&pin, &addresses[i].address);
		any = true;
	}
	if (any && buf_error(&pin) == 0) {
		auto_free char *dotless = without_root_dot(t, buf_str(&pin));
		add_line(&t->pins, buf_str(&pin));
		if (dotless)
			add_line(&t->pins, dotless);
	}
	buf_done(&pin);
	if (any)
		t->blocked[0] = '\0';
	return any;
}

void transfer_pin_proxy(struct http_transfer *t, const struct resolved_address *addresses, size_t n)
{
	struct buf pin = BUF_INIT(16 * 1024);

	buf_append_printf(&pin, "+%s:%d:", t->proxy_host.host, t->proxy_host.port);
	for (size_t i = 0; i < n; i++) {
		buf_append_str(&pin, i ? "," : "");
		append_address(&pin, &addresses[i].address);
	}
	add_line(&t->pins, buf_str(&pin));
	buf_done(&pin);
}
