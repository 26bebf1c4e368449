/* What libcurl is told for one transfer, and what it asks of us while it runs: addresses, headers, bytes. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "syndicated/base/limits.h"
#include "client_internal.h"

enum { RECEIVE_BYTES = 16 * 1024, HTTP2_ENHANCE_YOUR_CALM = 11 };

static void say_refused(struct http_transfer *t, const struct sockaddr *address, const char *reason)
{
	char text[INET6_ADDRSTRLEN] = "?";
	const void *bytes = address->sa_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr
	                                                    : (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;

	inet_ntop(address->sa_family, bytes, text, sizeof text);
	snprintf(t->blocked, sizeof t->blocked, "refused: %s is %s; add it to allow-networks to allow it", text, reason);
}

bool transfer_allows(struct http_transfer *t, const struct sockaddr *address)
{
	const struct policy *policy = client_policy(t->client);
	const char *reason = NULL;

	if (!policy_allows_address(policy, address, &reason))
		say_refused(t, address, reason);
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

	if (purpose != CURLSOCKTYPE_IPCXN || (!t->proxy && !transfer_allows(t, &address->addr)))
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
	bool allowed;

	(void)local_ip, (void)port, (void)local_port;
	if (++t->n_asked > 1 + LIMIT_REQUEST_REPEATS) {
		t->stop = HTTP_BROKEN;
		t->stop_reason = "the server takes no request";
		return CURL_PREREQFUNC_ABORT;
	}
	if (t->proxy)
		allowed = true; /* ip is the proxy's */
	else if (inet_pton(AF_INET, ip, &four.sin_addr) == 1)
		allowed = transfer_allows(t, (struct sockaddr *)(void *)&four);
	else
		allowed = inet_pton(AF_INET6, ip, &six.sin6_addr) == 1 && transfer_allows(t, (struct sockaddr *)(void *)&six);
	t->reply.n_requests += allowed;
	return allowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_transfer *t = ctx;

	if (size * n <= 2)
		t->head_is_whole = true; /* the empty line; a trailer may follow the body */
	else if (size * n > 5 && memcmp(p, "HTTP/", 5) == 0)
		t->head_is_whole = false;
	t->header_lines++;
	t->header_bytes += size * n;
	if (t->header_lines <= LIMIT_HEADER_LINES && t->header_bytes <= LIMIT_HEADER_BYTES)
		return size * n;
	t->stop = HTTP_TOO_BIG;
	t->stop_reason = "the answer has more header lines than allowed";
	return 0;
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
	if (len > room) {
		t->stop = HTTP_TOO_BIG;
		t->stop_reason = "the answer is larger than allowed";
		return 0;
	}
	buf_append(&t->reply.body, p, len);
	return len;
}

/* Why HTTP/2 ended is told in libcurl's talk and nowhere else: what a GOAWAY says, and streams that are refused. */
static int hear(CURL *easy, curl_infotype type, char *p, size_t len, void *ctx)
{
	static const char goaway[] = "GOAWAY, error=", refused[] = "REFUSED_STREAM";
	struct http_transfer *t = ctx;
	const char *said;

	(void)easy;
	if (type != CURLINFO_TEXT)
		return 0;
	said = memmem(p, len, goaway, sizeof goaway - 1);
	if (said) {
		long code = strtol(said + sizeof goaway - 1, NULL, 10); /* libcurl ends its lines with a null byte */

		t->http2_calm |= code == HTTP2_ENHANCE_YOUR_CALM;
		t->http2_refused |= code != 0;
	} else if (memmem(p, len, refused, sizeof refused - 1)) {
		t->http2_refused = true;
	}
	return 0;
}

/* All that libcurl does not do for us: trust that is read once, and sessions of more hosts than its own eight. */
static CURLcode set_up_tls(CURL *easy, void *context, void *ctx)
{
	struct http_transfer *t = ctx;
	const char *ca_file = t->trust.ca_file ? t->trust.ca_file : client_ca_file(t->client);

	(void)easy;
	if (tls_set_up(client_tls(t->client), context, t->trust.insecure ? NULL : ca_file, t->tls_key))
		return CURLE_OK;
	t->stop = t->trust.ca_file ? HTTP_TLS : HTTP_LOCAL; /* one source's file is no trouble of all */
	(void)snprintf(t->stop_text, sizeof t->stop_text, "the trusted certificates in %.200s cannot be read; check that path and who may read it", ca_file);
	t->stop_reason = t->stop_text;
	return CURLE_SSL_CACERT_BADFILE;
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
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->curl_message);
}

static void set_post(struct http_transfer *t)
{
	curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_len);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->body ? t->body : "");
}

/* What differs with every transfer. */
static void set_request(struct http_transfer *t, int64_t left_ms, bool fresh_connection, bool own_connection)
{
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)left_ms);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)(left_ms < LIMIT_CONNECT_MS ? left_ms : LIMIT_CONNECT_MS));
	curl_easy_setopt(e, CURLOPT_URL, NULL); /* of the transfer before */
	curl_easy_setopt(e, CURLOPT_CURLU, t->url.parsed); /* what was checked is what is asked */
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(e, CURLOPT_RESOLVE, t->pins);
	/* With trust of its own a connection is not shared, because libcurl does not know that it has any. */
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, fresh_connection || t->trust.own ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, own_connection || t->trust.own ? 1L : 0L);
}

/* All that is the same for every transfer (R94). */
static void set_rules(CURL *e)
{
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, (long)LIMIT_LOW_SPEED_BYTES_S);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)LIMIT_LOW_SPEED_S);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
	curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)CLIENT_IDLE_CONNECTION_S);
}

/*
 * libcurl is told of no file of certificates: it would read it for every connection that it does not verify, and keep
 * one only; that one it would put in the place of ours, so its cache is off.
 */
static void set_tls(struct http_transfer *t)
{
	CURL *e = t->easy;
	bool http2 = !t->plain_tls && !t->plain_http && !t->trust.own;

	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
	if (http2) {
		curl_easy_setopt(e, CURLOPT_DEBUGFUNCTION, hear);
		curl_easy_setopt(e, CURLOPT_DEBUGDATA, t);
		curl_easy_setopt(e, CURLOPT_VERBOSE, 1L);
	}
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2 | (t->plain_tls ? (long)CURL_SSLVERSION_MAX_TLSv1_2 : 0L));
	curl_easy_setopt(e, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(e, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(e, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, t->trust.insecure ? 0L : 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, t->trust.insecure ? 0L : 2L);
	curl_easy_setopt(e, CURLOPT_SSL_CTX_FUNCTION, set_up_tls);
	curl_easy_setopt(e, CURLOPT_SSL_CTX_DATA, t);
	if (t->trust.cert_file) {
		curl_easy_setopt(e, CURLOPT_SSLCERT, t->trust.cert_file);
		curl_easy_setopt(e, CURLOPT_SSLKEY, t->trust.key_file ? t->trust.key_file : t->trust.cert_file);
	}
}

/* R87: without a word here libcurl obeys the environment. Our look at the target's addresses came before (R105). */
static void set_proxy(struct http_transfer *t)
{
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_PROXY, t->proxy ? t->proxy : "");
	curl_easy_setopt(e, CURLOPT_NOPROXY, t->proxy ? "" : "*");
	if (t->proxy)
		curl_easy_setopt(e, CURLOPT_PROXYUSERPWD, t->proxy_login);
}

static enum easy_use use_of(const struct http_transfer *t)
{
	if (t->is_post || t->body || t->proxy || t->has_login || t->trust.own || t->plain_tls || t->plain_http)
		return EASY_ANY;
	return t->url.is_https ? EASY_HTTPS : EASY_HTTP;
}

static void set_all(struct http_transfer *t)
{
	curl_easy_reset(t->easy);
	set_rules(t->easy);
	set_proxy(t);
	if (t->url.is_https)
		set_tls(t);
	set_callbacks(t);
	/* One write and its answer: nothing that could wait for an acknowledgement, and one call less. */
	if (!t->url.is_https && !t->body)
		curl_easy_setopt(t->easy, CURLOPT_TCP_NODELAY, 0L);
	if (t->is_post)
		set_post(t);
	if (t->user_agent)
		curl_easy_setopt(t->easy, CURLOPT_USERAGENT, t->user_agent);
}

void transfer_set_up(struct http_transfer *t, int64_t left_ms, bool fresh_connection, bool own_connection)
{
	enum easy_use use = use_of(t);

	if (use == EASY_ANY || use != t->set_up_for)
		set_all(t);
	t->set_up_for = use;
	set_request(t, left_ms, fresh_connection, own_connection);
}
