#ifndef NET_CLIENT_INTERNAL_H
#define NET_CLIENT_INTERNAL_H
/* What client.c, client_transfer.c and client_end.c share: one transfer, how it is set up, and how its end is told. */
#include <curl/curl.h>

#include "syndicated/net/client.h"
#include "hsts.h"
#include "http2_trouble.h"
#include "tls.h"
#include "url_host.h"

enum { CLIENT_IDLE_CONNECTION_S = 30 };

/* What a handle is set up for, apart from what differs with every transfer. */
enum easy_use {
	EASY_ANY,   /* nothing that could be used again */
	EASY_HTTP,  /* a GET as most are, */
	EASY_HTTPS, /* and with TLS */
};

struct http_transfer { /* kept with its handle for the next one, so that libcurl is told most only once */
	struct client *client;
	struct http_transfer *prev, *next;
	struct http_transfer *next_ended;
	struct loop_timer *timer; /* of what ended before libcurl had it: client_start() never calls back */
	struct resolve_request *lookup;
	http_done_cb *cb;
	void *ctx;
	struct url_host url;
	CURL *easy;
	enum easy_use set_up_for;
	bool needs_reset; /* it broke or was repeated, which libcurl counts in the handle */
	bool in_multi;
	struct curl_slist *pins;
	struct curl_slist *headers; /* one block */
	bool is_post;
	bool wants_times;
	bool has_login; /* perhaps: in the URL */
	char *user_agent; /* for the proxy too; NULL: it is among the headers, or there is none */
	char *body;
	size_t body_len;
	int64_t timeout_ms;
	int64_t started_mono_ms;
	unsigned refusals; /* of memory, when it began */
	size_t max_reply_bytes;
	bool cut_reply;
	struct {
		bool own, insecure;
		char *ca_file, *cert_file, *key_file;
	} trust;
	char *tls_key; /* of the session; NULL: no TLS */
	char *proxy, *proxy_login;
	struct url_host proxy_host;
	bool is_private; /* the target's network is one that the operator named */
	char *host_port;
	bool plain_tls;
	bool plain_http; /* HTTP/1.1 */
	char curl_message[CURL_ERROR_SIZE];
	unsigned n_asked; /* how often the request was sent: libcurl repeats what a connection did not take */
	bool http2_refused, http2_calm; /* what the server said when it ended HTTP/2 */
	/* What the callbacks found; the first one wins. */
	bool was_cut;
	enum http_error stop; /* HTTP_DONE: nothing */
	const char *stop_reason;
	char stop_text[320];
	char blocked[256];
	size_t header_lines;
	bool head_is_whole; /* the empty line behind it has come */
	size_t header_bytes;
	struct http_reply reply;
};

const struct policy *client_policy(const struct client *c);
struct tls *client_tls(const struct client *c);
struct hsts *client_hsts(const struct client *c);
struct http2_trouble *client_http2_trouble(const struct client *c);
const char *client_ca_file(const struct client *c);

/* True when t may connect to this address; else t->blocked says why not. */
bool transfer_allows(struct http_transfer *t, const struct sockaddr *address);
/* Sets every option of t->easy that is not as this transfer needs it (R94). */
void transfer_set_up(struct http_transfer *t, int64_t left_ms, bool fresh_connection, bool own_connection);

/* ---- client_pins.c ---- */

/* Keeps the addresses that t may connect to; false, with the reason in t->blocked, when it is none. */
bool transfer_pin(struct http_transfer *t, const struct resolved_address *addresses, size_t n, bool *ret_private);
/* Those of its proxy, all of them: that is the operator's word. */
void transfer_pin_proxy(struct http_transfer *t, const struct resolved_address *addresses, size_t n);

/* ---- client_headers.c ---- */

/* No field could be two. */
bool headers_are_safe(const struct http_request *r);
/* libcurl's list of the fields, one block to be freed with mem_free(); NULL: there is none. */
struct curl_slist *transfer_headers(const struct http_request *r);

/* A library went without memory since t began, and may have left anything out; then the end is none that the server made. */
bool transfer_lacked_memory(const struct http_transfer *t);
/* Fills error, message and the figures of t->reply from libcurl's result. */
void transfer_conclude(struct http_transfer *t, CURLcode code);
/* Sets error and message. */
void transfer_fail(struct http_transfer *t, enum http_error error, const char *format, ...) format_printf(3, 4);

#endif
