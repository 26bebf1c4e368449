/*
 * The HTTP client on libcurl's multi_socket interface. No callback of ours runs inside libcurl: a finished transfer is
 * taken off the multi handle and told when libcurl has returned, so a callback may start, cancel or free anything. What
 * ends before it got to libcurl is told from a timer, since client_start() never calls back.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/digest.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "client_internal.h"

enum { SPARE_TRANSFERS = 64, IDLE_CONNECTIONS = 64, IDLE_CONNECTION_S = CLIENT_IDLE_CONNECTION_S };

struct client {
	struct loop *loop;
	struct resolver *resolver;
	const struct policy *policy;
	char *ca_bundle;
	struct tls *tls;
	struct hsts *hsts;
	struct http2_trouble *http2_trouble;
	CURLM *multi;
	struct loop_timer *timer;
	struct http_transfer *transfers;
	struct http_transfer *ended; /* to be told, oldest first */
	size_t n_transfers;
	struct http_transfer *spare; /* that ended; with their handles, mostly still set up */
	size_t n_spare;
	bool *ret_freed; /* set by client_free() for deliver() */
	int64_t fresh_until_mono_ms; /* connections made before a new policy or a suspend are not used again */
};

static bool deliver(struct http_transfer *t);

/* libcurl is done with it; it waits to be told. */
static void end_transfer(struct http_transfer *t, CURLcode code)
{
	struct client *c = t->client;
	struct http_transfer **last = &c->ended;

	transfer_conclude(t, code);
	curl_multi_remove_handle(c->multi, t->easy);
	t->in_multi = false;
	while (*last)
		last = &(*last)->next_ended;
	*last = t;
}

static void drain_done(struct client *c)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left))) {
		struct http_transfer *t = NULL;
		CURLcode code = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		end_transfer(t, code);
	}
}

/* It may be cancelled while it waits to be told. */
static void leave_ended(struct client *c, const struct http_transfer *t)
{
	struct http_transfer **place = &c->ended;

	while (*place && *place != t)
		place = &(*place)->next_ended;
	if (*place)
		*place = t->next_ended;
}

static CURLM *new_multi(struct client *c);

/*
 * libcurl that got no memory may not have said what it waits for, so that what is under way would never end; and some of its
 * tables are unfit for use (7.88 divides by zero in one). Only a new one is safe.
 */
static void start_over(struct client *c)
{
	for (struct http_transfer *t = c->transfers; t; t = t->next)
		if (t->in_multi)
			end_transfer(t, CURLE_OUT_OF_MEMORY);
	curl_multi_cleanup(c->multi);
	c->multi = new_multi(c);
	tls_start_over(c->tls);
	loop_timer_set(c->timer, 0); /* they are told from there */
}

static void act(struct client *c, curl_socket_t fd, int mask)
{
	unsigned refusals = mem_refusals();
	int running;

	if (c->multi)
		curl_multi_socket_action(c->multi, fd, mask, &running);
	drain_done(c);
	if (mem_refusals() != refusals)
		start_over(c);
	while (c->ended && deliver(c->ended))
		continue;
}

static void on_fd(int fd, int what, void *ctx)
{
	int mask = (what & LOOP_READ ? CURL_CSELECT_IN : 0) | (what & LOOP_WRITE ? CURL_CSELECT_OUT : 0);

	act(ctx, fd, mask);
}

static void on_timer(void *ctx)
{
	act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

/* R82: only arms. */
static int set_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct client *c = ctx;

	(void)multi;
	loop_timer_set(c->timer, timeout_ms);
	return 0;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *fd_ctx)
{
	struct client *c = ctx;
	struct loop_fd *watch = fd_ctx;
	int mask = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		loop_fd_free(watch);
		curl_multi_assign(c->multi, fd, NULL);
	} else if (watch) {
		loop_fd_set(watch, mask);
	} else {
		curl_multi_assign(c->multi, fd, loop_fd_new(c->loop, fd, mask, on_fd, c));
	}
	return 0;
}

/* NULL when there is no memory; it is tried again for the next transfer. */
static CURLM *new_multi(struct client *c)
{
	CURLM *multi = curl_multi_init();

	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
	return multi;
}

static void deliver_later(void *ctx)
{
	(void)deliver(ctx);
}

static void end_later(struct http_transfer *t)
{
	t->reply.ended_unix_ms = clock_unix_ms(&clock_system);
	t->reply.duration_ms = clock_mono_ms(&clock_system) - t->started_mono_ms;
	t->timer = loop_timer_new(t->client->loop, deliver_later, t);
	loop_timer_set(t->timer, 0);
}

static void fail_later(struct http_transfer *t, enum http_error error, const char *message)
{
	transfer_fail(t, error, "%s", message);
	end_later(t);
}

static void add_transfer(struct http_transfer *t, bool is_private)
{
	struct client *c = t->client;
	int64_t now = clock_mono_ms(&clock_system), left_ms = t->timeout_ms - (now - t->started_mono_ms);

	if (!t->easy)
		t->easy = curl_easy_init();
	if (!t->easy) {
		fail_later(t, HTTP_LOCAL, "out of memory");
		return;
	}
	transfer_set_up(t, left_ms > 1 ? left_ms : 1, now < c->fresh_until_mono_ms, is_private);
	if (!c->multi)
		c->multi = new_multi(c);
	if (transfer_lacked_memory(t)) { /* an option may not have been taken: another request than we want would be sent */
		fail_later(t, HTTP_LOCAL, "out of memory");
		return;
	}
	t->in_multi = curl_multi_add_handle(c->multi, t->easy) == CURLM_OK;
	if (!t->in_multi)
		fail_later(t, HTTP_LOCAL, "the transfer could not be set up");
	if (transfer_lacked_memory(t))
		start_over(c);
}

/* Its address is the operator's word and not looked at (R105); that of the target was before. */
static void proxy_resolved(enum resolve_status status, const struct resolved_address *addresses, size_t n, const char *message, void *ctx)
{
	struct http_transfer *t = ctx;

	t->lookup = NULL;
	if (status != RESOLVE_OK) {
		transfer_fail(t, status == RESOLVE_BUSY ? HTTP_LOCAL : HTTP_CONNECT, "the proxy %.200s cannot be found: %.200s", t->proxy_host.host, message);
		end_later(t);
	} else {
		transfer_pin_proxy(t, addresses, n);
		add_transfer(t, t->is_private);
	}
}

/* The target may be asked. Through a proxy, that one has to be found first, by our own resolver too (R85). */
static void proceed(struct http_transfer *t, bool is_private)
{
	const char *rest = t->proxy ? strstr(t->proxy, "://") : NULL;
	auto_free char *as_http = rest ? mem_printf("http%s", rest) : NULL;
	char message[256];

	t->is_private = is_private;
	if (!t->proxy)
		add_transfer(t, is_private);
	else if (!as_http || !url_host_parse(as_http, &t->proxy_host, message, sizeof message))
		fail_later(t, HTTP_LOCAL, "the address of the proxy cannot be read");
	else if (t->proxy_host.is_literal)
		add_transfer(t, is_private);
	else
		t->lookup = resolver_start(t->client->resolver, t->proxy_host.host, proxy_resolved, t);
}

static void resolved(enum resolve_status status, const struct resolved_address *addresses, size_t n, const char *message, void *ctx)
{
	struct http_transfer *t = ctx;
	bool is_private;

	t->lookup = NULL;
	if (status == RESOLVE_NO_SUCH_NAME)
		fail_later(t, HTTP_DNS_PERMANENT, message);
	else if (status == RESOLVE_BUSY)
		fail_later(t, HTTP_LOCAL, message);
	else if (status != RESOLVE_OK)
		fail_later(t, HTTP_DNS_TEMPORARY, message);
	else if (!transfer_pin(t, addresses, n, &is_private))
		fail_later(t, HTTP_BLOCKED, t->blocked);
	else
		proceed(t, is_private);
}

/* Kept for the next one, with its handle, unless the client is gone (NULL), has enough of them, or memory was missing. */
static void retire(struct client *c, struct http_transfer *t)
{
	CURL *easy = t->easy;
	enum easy_use set_up_for = t->needs_reset ? EASY_ANY : t->set_up_for;

	if (!c || c->n_spare >= SPARE_TRANSFERS || transfer_lacked_memory(t)) {
		curl_easy_cleanup(easy);
		mem_free(t);
		return;
	}
	*t = (struct http_transfer){.easy = easy, .set_up_for = set_up_for, .next = c->spare};
	c->spare = t;
	c->n_spare++;
}

static struct http_transfer *take_spare(struct client *c)
{
	struct http_transfer *t = c->spare;

	if (!t)
		return mem_new(struct http_transfer);
	c->spare = t->next;
	c->n_spare--;
	t->next = NULL;
	return t;
}

/* Everything of it but itself and its handle, in which the reply's headers live. */
static void leave(struct http_transfer *t)
{
	struct client *c = t->client;

	if (t->lookup)
		resolver_cancel(t->lookup);
	if (t->in_multi) {
		curl_multi_remove_handle(c->multi, t->easy);
		t->needs_reset = true;
	}
	leave_ended(c, t);
	if (t->prev)
		t->prev->next = t->next;
	else
		c->transfers = t->next;
	if (t->next)
		t->next->prev = t->prev;
	c->n_transfers--;
	loop_timer_free(t->timer);
	curl_slist_free_all(t->pins);
	mem_free(t->headers);
	url_host_done(&t->url);
	mem_free(t->user_agent);
	mem_free(t->body);
	mem_free(t->trust.ca_file);
	mem_free(t->trust.cert_file);
	mem_free(t->trust.key_file);
	if (t->tls_key)
		tls_forget_distrust(client_tls(t->client), t->tls_key);
	mem_free(t->tls_key);
	mem_free(t->host_port);
	url_host_done(&t->proxy_host);
	mem_free(t->proxy);
	mem_free_secret(t->proxy_login);
}

static void forget_reply(struct http_transfer *t)
{
	buf_done(&t->reply.body);
	mem_free(t->reply.location);
}

static void free_transfer(struct http_transfer *t)
{
	struct client *c = t->client;

	leave(t);
	forget_reply(t);
	retire(c, t);
}

/*
 * The callback may free the client, so the transfer is taken off it first and is nothing but its reply. False: it did, and
 * there is no client any more.
 */
static bool deliver(struct http_transfer *t)
{
	struct client *c = t->client;
	bool freed = false;
	bool *outer = c->ret_freed;

	if (transfer_lacked_memory(t)) {
		t->reply.error = HTTP_LOCAL;
		(void)snprintf(t->reply.message, sizeof t->reply.message, "out of memory");
	}
	if (buf_error(&t->reply.body) < 0 && t->reply.error == HTTP_DONE)
		t->reply.error = HTTP_TOO_BIG;
	leave(t);
	c->ret_freed = &freed;
	t->cb(&t->reply, t->ctx);
	forget_reply(t);
	if (!freed)
		c->ret_freed = outer;
	retire(freed ? NULL : c, t);
	return !freed;
}

static void copy_trust(struct http_transfer *t, const struct http_trust *trust)
{
	if (!trust)
		return;
	t->trust.own = true;
	t->trust.insecure = trust->insecure;
	t->trust.ca_file = mem_dup_str(trust->ca_file);
	t->trust.cert_file = mem_dup_str(trust->cert_file);
	t->trust.key_file = mem_dup_str(trust->key_file);
}

/* A session may only be taken up again by who would have made it: the same host, port, trust and certificate of ours. */
static char *make_tls_key(const struct http_transfer *t)
{
	char *key = mem_printf("%s:%d%s %s %s", t->url.host, t->url.port, t->trust.insecure ? " insecure" : "",
	                       t->trust.ca_file ? t->trust.ca_file : "", t->trust.cert_file ? t->trust.cert_file : "");

	for (char *p = key; *p && *p != ' '; p++)
		*p = text_lower(*p);
	return key;
}

/* What is remembered of a server that speaks TLS is remembered under its name and port. */
static void name_server(struct http_transfer *t)
{
	if (!t->url.is_https)
		return;
	t->tls_key = make_tls_key(t);
	t->host_port = mem_printf("%s:%d", t->url.host, t->url.port);
	if (http2_is_avoided(t->client->http2_trouble, t->host_port, clock_unix_ms(&clock_system)))
		t->plain_http = true;
}

static struct http_transfer *new_transfer(struct client *c, const struct http_request *r)
{
	struct http_transfer *t = take_spare(c);

	t->client = c;
	t->refusals = mem_refusals();
	t->is_post = strcmp(r->method, "POST") == 0;
	t->user_agent = r->proxy ? mem_dup_str(r->user_agent) : NULL;
	t->has_login = strchr(r->url, '@') != NULL;
	t->body = r->body ? mem_dup_bytes(r->body, r->body_len) : NULL;
	t->body_len = r->body_len;
	t->timeout_ms = r->timeout_ms;
	t->max_reply_bytes = r->max_reply_bytes;
	t->cut_reply = r->cut_reply;
	t->proxy = mem_dup_str(r->proxy);
	t->proxy_login = mem_dup_str(r->proxy_login);
	t->plain_tls = r->plain_tls;
	copy_trust(t, r->trust);
	t->started_mono_ms = clock_mono_ms(&clock_system);
	buf_init(&t->reply.body, r->max_reply_bytes + 1);
	t->headers = transfer_headers(r);
	t->next = c->transfers;
	if (t->next)
		t->next->prev = t;
	c->transfers = t;
	c->n_transfers++;
	return t;
}

static void start_literal(struct http_transfer *t)
{
	const struct sockaddr *address = (const struct sockaddr *)(const void *)&t->url.literal.address;

	if (transfer_allows(t, address))
		proceed(t, policy_is_private_allowed(t->client->policy, address));
	else
		fail_later(t, HTTP_BLOCKED, t->blocked);
}

struct http_transfer *client_start(struct client *c, const struct http_request *request, http_done_cb *cb, void *ctx)
{
	struct http_transfer *t = new_transfer(c, request);
	const char *reason = NULL;
	char message[256] = "";

	t->cb = cb;
	t->ctx = ctx;
	if (!headers_are_safe(request)) {
		fail_later(t, HTTP_BAD_URL, "a header field holds a line feed");
	} else if (!url_host_parse(request->url, &t->url, message, sizeof message)) {
		fail_later(t, HTTP_BAD_URL, message);
	} else if (!policy_allows_host(c->policy, t->url.host, &reason)) {
		snprintf(message, sizeof message, "refused: %.100s is %s; add it to allow-networks to allow it", t->url.host, reason);
		fail_later(t, HTTP_BLOCKED, message);
	} else {
		if (!t->url.is_https && !t->url.is_literal && hsts_covers(c->hsts, t->url.host, clock_unix_ms(&clock_system)))
			url_host_make_https(&t->url);
		name_server(t);
		if (t->url.is_literal)
			start_literal(t);
		else
			t->lookup = resolver_start(c->resolver, t->url.host, resolved, t);
	}
	return t;
}

void client_cancel(struct http_transfer *t)
{
	free_transfer(t);
}

size_t client_in_flight(const struct client *c)
{
	return c->n_transfers;
}

const struct policy *client_policy(const struct client *c)
{
	return c->policy;
}

struct tls *client_tls(const struct client *c)
{
	return c->tls;
}

struct hsts *client_hsts(const struct client *c)
{
	return c->hsts;
}

struct http2_trouble *client_http2_trouble(const struct client *c)
{
	return c->http2_trouble;
}

bool client_save_hsts(struct client *c, struct buf *out)
{
	if (!hsts_has_changed(c->hsts))
		return false;
	hsts_save(c->hsts, out);
	return true;
}

void client_restore_hsts(struct client *c, const char *text)
{
	hsts_restore(c->hsts, text, clock_unix_ms(&clock_system));
}

const char *client_ca_file(const struct client *c)
{
	return c->ca_bundle;
}

struct client_figures client_figures(const struct client *c)
{
	struct tls_figures f = tls_figures(c->tls);

	return (struct client_figures){f.full, f.resumed, f.sessions, f.session_bytes, f.stores_read};
}

/* By then libcurl has closed those that are idle now. */
static void leave_old_connections(struct client *c)
{
	c->fresh_until_mono_ms = clock_mono_ms(&clock_system) + (IDLE_CONNECTION_S + 1) * 1000;
}

void client_set_policy(struct client *c, const struct policy *policy)
{
	c->policy = policy;
	leave_old_connections(c);
}

void client_network_changed(struct client *c)
{
	leave_old_connections(c);
	resolver_flush(c->resolver);
}

static char *find_ca_bundle(const char *configured)
{
	static const char *const places[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

	if (configured)
		return mem_dup_str(configured);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (access(places[i], R_OK) == 0)
			return mem_dup_str(places[i]);
	}
	return mem_dup_str(places[0]);
}

struct client *client_new(struct loop *loop, struct resolver *resolver, const struct policy *policy, const struct client_options *options,
                          struct err *err)
{
	struct client *c;

	if (options && options->ca_bundle && access(options->ca_bundle, R_OK) < 0) {
		err_set(err, ERR_IO, "the file of trusted certificates %s cannot be read", options->ca_bundle);
		return NULL;
	}
	digest_lend_memory();
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_lend, mem_free, mem_lend_resize, mem_lend_dup, mem_lend_zero) != CURLE_OK) {
		err_set(err, ERR_IO, "libcurl could not be set up");
		return NULL;
	}
	if (!tls_fits_libcurl(err)) {
		curl_global_cleanup();
		return NULL;
	}
	c = mem_new(struct client);
	c->tls = tls_new();
	c->hsts = hsts_new(LIMIT_HSTS_HOSTS);
	c->http2_trouble = http2_trouble_new();
	c->loop = loop;
	c->resolver = resolver;
	c->policy = policy;
	c->ca_bundle = find_ca_bundle(options ? options->ca_bundle : NULL);
	c->timer = loop_timer_new(loop, on_timer, c);
	c->multi = new_multi(c);
	return c;
}

struct client *client_free(struct client *c)
{
	if (!c)
		return NULL;
	if (c->ret_freed)
		*c->ret_freed = true;
	while (c->transfers)
		free_transfer(c->transfers);
	while (c->spare)
		retire(NULL, take_spare(c));
	curl_multi_cleanup(c->multi);
	tls_free(c->tls);
	hsts_free(c->hsts);
	http2_trouble_free(c->http2_trouble);
	loop_timer_free(c->timer);
	mem_free(c->ca_bundle);
	mem_free(c);
	curl_global_cleanup();
	return NULL;
}
