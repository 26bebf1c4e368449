/* What libcurl is told for one transfer, and what it asks of us while it runs: addresses, headers, bytes. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "syndicated/base/limits.h"
#include "client_internal.h"

enum { RECEIVE_BYTES = 16 * 1024 };

bool transfer_allows(struct http_transfer *t, const struct sockaddr *address)
{
	const struct policy *policy = client_policy(t->client);
	const char *reason = NULL;
	char text[INET6_ADDRSTRLEN] = "?";
	const void *bytes = address->sa_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr
	                                                    : (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;

	inet_ntop(address->sa_family, bytes, text, sizeof text);
	if (!policy_allows_address(policy, address, &reason))
		snprintf(t->blocked, sizeof t->blocked, "refused: %s is %s; add it to allow-networks to allow it", text, reason);
	else if (!url_port_is_public(t->url.port) && !policy_is_private_allowed(policy, address))
		snprintf(t->blocked, sizeof t->blocked, "refused: port %d is not one of the web", t->url.port);
	else
		return true;
	return false;
}

/* The last word on every connection, on the very address (R100). */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_transfer *t = ctx;
	int fd;

	if (purpose != CURLSOCKTYPE_IPCXN || !transfer_allows(t, &address->addr))
		return CURL_SOCKET_BAD;
	t->blocked[0] = '\0'; /* another address of the name may have been refused */
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
		t->stop = HTTP_LOCAL;
		t->stop_reason = "this machine has no free descriptor for a connection";
	}
	return fd;
}

/* A connection that is used again does not pass open_socket() (R102). */
static int check_connection(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
	struct http_transfer *t = ctx;
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};

	(void)local_ip, (void)port, (void)local_port;
	if (inet_pton(AF_INET, ip, &four.sin_addr) == 1)
		return transfer_allows(t, (struct sockaddr *)(void *)&four) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
	if (inet_pton(AF_INET6, ip, &six.sin6_addr) == 1 && transfer_allows(t, (struct sockaddr *)(void *)&six))
		return CURL_PREREQFUNC_OK;
	return CURL_PREREQFUNC_ABORT;
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_transfer *t = ctx;

	(void)p;
	t->header_lines++;
	t->header_bytes += size * n;
	if (t->header_lines <= LIMIT_HEADER_LINES && t->header_bytes <= LIMIT_HEADER_BYTES)
		return size * n;
	t->stop = HTTP_TOO_BIG;
	t->stop_reason = "the answer has more header lines than allowed";
	return 0;
}

static bool is_bomb(struct http_transfer *t, size_t decoded)
{
	curl_off_t wire = 0;

	if (decoded <= LIMIT_EXPANSION_FREE_BYTES)
		return false;
	/* libcurl counts a chunked read after it was decoded: one receive buffer may be missing. */
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire);
	return decoded / LIMIT_EXPANSION_RATIO > (size_t)wire + RECEIVE_BYTES;
}

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct http_transfer *t = ctx;
	size_t len = size * n;
	size_t room = t->max_reply_bytes - t->reply.body.len;

	if (len > room && t->cut_reply) {
		buf_append(&t->reply.body, p, room);
		t->was_cut = true;
		return 0;
	}
	if (is_bomb(t, t->reply.body.len + len)) {
		t->stop = HTTP_TOO_BIG;
		t->stop_reason = "the answer unpacks to far more than was sent (a compression bomb)";
		return 0;
	}
	if (len > room) {
		t->stop = HTTP_TOO_BIG;
		t->stop_reason = "the answer is larger than allowed";
		return 0;
	}
	buf_append(&t->reply.body, p, len);
	return len;
}

/* Wire bytes that decode to nothing count too. */
static int check_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	struct http_transfer *t = ctx;

	(void)total, (void)up_total, (void)up_now;
	if (now <= (curl_off_t)t->max_reply_bytes + RECEIVE_BYTES || t->stop != HTTP_DONE || t->was_cut)
		return 0;
	if (t->cut_reply) {
		t->was_cut = true;
	} else {
		t->stop = HTTP_TOO_BIG;
		t->stop_reason = "the answer is larger than allowed";
	}
	return 1;
}

static void set_callbacks(struct http_transfer *t)
{
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, check_connection);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, check_progress);
	curl_easy_setopt(e, CURLOPT_XFERINFODATA, t);
	curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
}

static void set_limits(struct http_transfer *t, int64_t left_ms)
{
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)left_ms);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)(left_ms < LIMIT_CONNECT_MS ? left_ms : LIMIT_CONNECT_MS));
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, (long)LIMIT_LOW_SPEED_BYTES_S);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)LIMIT_LOW_SPEED_S);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
	curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)CLIENT_IDLE_CONNECTION_S);
}

static void set_request(struct http_transfer *t)
{
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_URL, t->url.url);
	if (strcmp(t->method, "POST") == 0) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_len);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, t->body ? t->body : "");
	} else {
		curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(e, CURLOPT_RESOLVE, t->pins);
	if (t->user_agent)
		curl_easy_setopt(e, CURLOPT_USERAGENT, t->user_agent);
	if (t->accept_compressed)
		curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, ""); /* all that libcurl was built with: gzip, deflate, br, zstd */
}

/* All that is the same for every transfer (R94). CAPATH is cleared, or OpenSSL searches a folder a handshake (performance.md 2). */
static void set_rules(struct http_transfer *t, const char *ca_bundle)
{
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_CAINFO, ca_bundle);
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
}

void transfer_set_up(struct http_transfer *t, const char *ca_bundle, int64_t left_ms)
{
	set_rules(t, ca_bundle);
	set_callbacks(t);
	set_limits(t, left_ms);
	set_request(t);
}
