/* How a transfer ended, in our terms and in words for people. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "client_internal.h"

void transfer_fail(struct http_transfer *t, enum http_error error, const char *format, ...)
{
	va_list args;

	t->reply.error = error;
	va_start(args, format);
	vsnprintf(t->reply.message, sizeof t->reply.message, format, args);
	va_end(args);
}

bool transfer_lacked_memory(const struct http_transfer *t)
{
	return mem_refusals() != t->refusals;
}

struct meaning {
	CURLcode code;
	enum http_error error;
	const char *text;
};

static const struct meaning meanings[] = {
	{CURLE_COULDNT_RESOLVE_HOST, HTTP_DNS_TEMPORARY, "the name could not be looked up now (DNS)"},
	{CURLE_URL_MALFORMAT, HTTP_BAD_URL, "the URL cannot be read"},
	{CURLE_UNSUPPORTED_PROTOCOL, HTTP_BROKEN, "the answer is not HTTP"},
	{CURLE_SSL_CONNECT_ERROR, HTTP_TLS, "the encrypted connection could not be set up"},
	{CURLE_SSL_CIPHER, HTTP_TLS, "the server offers no cipher that we accept"},
	{CURLE_SSL_CERTPROBLEM, HTTP_TLS, "the server asks for a certificate of ours"},
	{CURLE_SSL_CACERT_BADFILE, HTTP_LOCAL, "the file of trusted certificates cannot be read"},
	{CURLE_PARTIAL_FILE, HTTP_BROKEN, "the answer ended early"},
	{CURLE_GOT_NOTHING, HTTP_BROKEN, "the server closed the connection without an answer"},
	{CURLE_RECV_ERROR, HTTP_BROKEN, "the connection broke while the answer was read"},
	{CURLE_SEND_ERROR, HTTP_BROKEN, "the connection broke while the request was sent"},
	{CURLE_WEIRD_SERVER_REPLY, HTTP_BROKEN, "the answer is not HTTP"},
	{CURLE_HTTP2, HTTP_HTTP2, "the server broke the HTTP/2 protocol"},
	{CURLE_HTTP2_STREAM, HTTP_HTTP2, "the server broke off the HTTP/2 stream"},
	{CURLE_FILESIZE_EXCEEDED, HTTP_TOO_BIG, "the answer is larger than allowed"},
	{CURLE_OUT_OF_MEMORY, HTTP_LOCAL, "out of memory"},
	{CURLE_FAILED_INIT, HTTP_LOCAL, "the transfer could not be set up"},
};

static void tell_certificate(struct http_transfer *t)
{
	/* Numbers of OpenSSL's X509_V_ERR_*: 7 another key's signature, 9 not yet valid, 10 expired, 18 self-signed, 19 to 21 unknown issuer,
	   62 wrong name, 64 wrong address. */
	long verify = t->tls_key ? tls_distrust(client_tls(t->client), t->tls_key) : 0;

	if (strstr(t->curl_message, "target host name")) /* libcurl's own comparison, of which OpenSSL knows nothing */
		verify = 62;
	switch (verify) {
	case 10:
		transfer_fail(t, HTTP_TLS_CERT, "the certificate has expired");
		break;
	case 9:
		transfer_fail(t, HTTP_TLS_CERT, "the certificate is not valid yet");
		break;
	case 18:
		transfer_fail(t, HTTP_TLS_CERT, "the certificate is signed by itself only");
		break;
	case 7: /* who signed it is not whom we trust under that name */
	case 19:
	case 20:
	case 21:
		transfer_fail(t, HTTP_TLS_CERT, "the certificate is signed by nobody that we trust");
		break;
	case 0:
	case 62:
	case 64:
		transfer_fail(t, HTTP_TLS_CERT, "the certificate is not for %.255s", t->url.host);
		break;
	default:
		transfer_fail(t, HTTP_TLS_CERT, "the certificate could not be verified");
	}
}

static void tell_timeout(struct http_transfer *t)
{
	curl_off_t connected = 0;

	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connected);
	if (connected == 0)
		transfer_fail(t, HTTP_CONNECT, "no connection to %.255s port %d in time", t->url.host, t->url.port);
	else if (t->reply.duration_ms + 100 >= t->timeout_ms)
		transfer_fail(t, HTTP_TIMEOUT, "no whole answer within %.3g s", (double)t->timeout_ms / 1000);
	else
		transfer_fail(t, HTTP_TIMEOUT, "the answer was too slow (under %d bytes/s for %d s)", LIMIT_LOW_SPEED_BYTES_S,
		              LIMIT_LOW_SPEED_S);
}

static void tell_connect(struct http_transfer *t)
{
	char *ip = NULL;
	long number = 0;

	curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &ip);
	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	transfer_fail(t, HTTP_CONNECT, "%s by %.255s port %d", number == 111 ? "connection refused" : "no connection accepted",
	              ip && ip[0] ? ip : t->url.host, t->url.port);
}

static void tell_code(struct http_transfer *t, CURLcode code)
{
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
		if (meanings[i].code == code) {
			transfer_fail(t, meanings[i].error, "%s", meanings[i].text);
			return;
		}
	}
	transfer_fail(t, HTTP_BROKEN, "the transfer failed: %s", curl_easy_strerror(code));
}

/* libcurl's answer to a header line over its own limit is the same as to memory that is really gone. */
static void tell_memory(struct http_transfer *t)
{
	curl_off_t first_byte = 0;

	curl_easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte);
	if (first_byte > 0)
		transfer_fail(t, HTTP_TOO_BIG, "the answer has a longer header line than allowed");
	else
		tell_code(t, CURLE_OUT_OF_MEMORY);
}

static void read_figures(struct http_transfer *t)
{
	curl_off_t body = 0;
	long head = 0;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	curl_easy_getinfo(t->easy, CURLINFO_HEADER_SIZE, &head);
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->reply.wire_bytes = (int64_t)body + head;
	t->reply.status = (int)status;
	t->reply.headers = t->easy;
	t->reply.is_https = t->url.is_https;
}

/* From one moment of the transfer to another, which it may not have come to. */
static int64_t part_ms(const struct http_transfer *t, CURLINFO from, CURLINFO to)
{
	curl_off_t from_us = 0, to_us = 0;

	curl_easy_getinfo(t->easy, from, &from_us);
	curl_easy_getinfo(t->easy, to, &to_us);
	return to_us > from_us ? (int64_t)(to_us - from_us) / 1000 : 0;
}

static void read_times(struct http_transfer *t)
{
	struct http_times *times = &t->reply.times; /* the look-up is ours */

	times->connect_ms = part_ms(t, CURLINFO_NAMELOOKUP_TIME_T, CURLINFO_CONNECT_TIME_T);
	times->tls_ms = part_ms(t, CURLINFO_CONNECT_TIME_T, CURLINFO_APPCONNECT_TIME_T);
	times->answer_ms = part_ms(t, CURLINFO_PRETRANSFER_TIME_T, CURLINFO_STARTTRANSFER_TIME_T);
}

static void read_location(struct http_transfer *t)
{
	bool is_redirect = t->reply.status >= 300 && t->reply.status <= 399 && t->reply.status != 304;
	const char *location = is_redirect ? http_reply_header(&t->reply, "Location") : NULL;
	char absolute[LIMIT_URL_BYTES + 1];

	if (location && url_resolve_location(t->url.parsed, location, absolute, sizeof absolute, t->reply.message, sizeof t->reply.message))
		t->reply.location = mem_dup_str(absolute);
}

/* What the TLS library says is for experts, but it is the only clue to what a server does wrong. */
static void tell_tls(struct http_transfer *t)
{
	const char *detail = strrchr(t->curl_message, ':');

	transfer_fail(t, HTTP_TLS, "the encrypted connection could not be set up%s%.200s%s", detail ? " (" : "", detail ? detail + 1 : "",
	              detail ? ")" : "");
}

/* HTTP/2's 429 comes as a reason to close the stream or the connection, and libcurl tells it in words only. */
static void tell_http2(struct http_transfer *t, CURLcode code)
{
	if (t->http2_calm || strstr(t->curl_message, "ENHANCE_YOUR_CALM") || strstr(t->curl_message, "(err 11)"))
		transfer_fail(t, HTTP_CALM, "the server asks for fewer requests (HTTP/2 ENHANCE_YOUR_CALM)");
	else
		tell_code(t, code);
}

/* A connection or stream that ended with a reason of HTTP/2's looks to libcurl like any that broke (R91). */
static void tell_refusal(struct http_transfer *t)
{
	if (t->reply.error == HTTP_BROKEN && (t->http2_calm || t->http2_refused))
		tell_http2(t, CURLE_HTTP2_STREAM);
}

/* What this answer says of the server, for the next request. */
static void learn(struct http_transfer *t)
{
	int64_t now = clock_unix_ms(&clock_system);
	const char *field = NULL;

	if (!t->host_port)
		return;
	if (t->reply.error == HTTP_HTTP2)
		http2_failed(client_http2_trouble(t->client), t->host_port, now);
	else if (t->reply.error == HTTP_DONE && !t->plain_tls) /* that HTTP/1.1 works says nothing */
		http2_worked(client_http2_trouble(t->client), t->host_port, now);
	if (t->reply.error == HTTP_DONE && !t->url.is_literal && !t->trust.insecure)
		field = http_reply_header(&t->reply, "Strict-Transport-Security");
	if (field)
		hsts_learn(client_hsts(t->client), t->url.host, field, now);
}

void transfer_conclude(struct http_transfer *t, CURLcode code)
{
	t->reply.ended_unix_ms = clock_unix_ms(&clock_system);
	t->reply.duration_ms = clock_mono_ms(&clock_system) - t->started_mono_ms;
	t->needs_reset = code != CURLE_OK || t->n_asked != 1;
	t->reply.curl_code = (int)code;
	read_figures(t);
	if (t->wants_times)
		read_times(t);
	if (transfer_lacked_memory(t)) {
		tell_code(t, CURLE_OUT_OF_MEMORY);
		return;
	}
	if (t->blocked[0])
		transfer_fail(t, HTTP_BLOCKED, "%s", t->blocked);
	else if (t->stop != HTTP_DONE)
		transfer_fail(t, t->stop, "%s", t->stop_reason);
	else if (code == CURLE_OK && !t->head_is_whole)
		tell_code(t, CURLE_PARTIAL_FILE);
	else if (code == CURLE_OK || t->was_cut)
		read_location(t);
	else if (code == CURLE_OUT_OF_MEMORY)
		tell_memory(t);
	else if (code == CURLE_PEER_FAILED_VERIFICATION)
		tell_certificate(t);
	else if (code == CURLE_SSL_CONNECT_ERROR && t->tls_key && tls_distrust(client_tls(t->client), t->tls_key))
		tell_certificate(t);
	else if (code == CURLE_SSL_CONNECT_ERROR)
		tell_tls(t);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		tell_timeout(t);
	else if (code == CURLE_COULDNT_CONNECT)
		tell_connect(t);
	else if (code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM)
		tell_http2(t, code);
	else
		tell_code(t, code);
	tell_refusal(t);
	learn(t);
	if (t->tls_key && (t->reply.error == HTTP_TLS || t->reply.error == HTTP_TLS_CERT))
		tls_forget(client_tls(t->client), t->tls_key);
}
