/*
 * libmicrohttpd on our loop. It runs without threads of its own: its epoll descriptor is one event of ours, its timeout
 * one timer, and MHD_run() does what there is to do.
 *
 * The life of an exchange: the URI callback makes it (with the request target as it was sent), the access handler is
 * called once when the headers are there and then for the body, the handler of our user runs once the request is whole.
 * If it answers at once, the answer is queued; otherwise the connection is suspended until it does. The exchange is
 * freed when libmicrohttpd says that the request is over, which is never while it is suspended: so a user may always
 * answer, also when the client has gone.
 *
 * What cannot be caught here: a folded header line (obs-fold) is unfolded, and a target or header value with a NUL
 * is cut at it, before we see them. What is left is judged like any other.
 */
#include "syndicated/net/server.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server_check.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

struct server {
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct loop_fd *watch;
	struct loop_timer *timer;
	server_handler *handler;
	void *ctx;
	bool allow_body;
	bool is_unix;
	struct exchange *suspended; /* list */
};

struct prepared_reply {
	struct MHD_Response *response;
	unsigned status;
};

enum exchange_state { READING, HANDED_OVER, ANSWERED, QUEUED };

struct exchange {
	struct server *server;
	struct MHD_Connection *connection;
	struct exchange *prev, *next; /* among the suspended */
	enum exchange_state state;
	bool suspended;
	bool bad_target;
	char *method;
	char *path;
	struct buf body;
	struct MHD_Response *response; /* a reference of ours */
	unsigned status;
};

static const char page_policy[] = "default-src 'none'; img-src https: http:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
                                  "frame-ancestors 'none'";
static const char strict_policy[] = "default-src 'none'; sandbox";

/* ---- driving ---- */

static void run(struct server *s)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	(void)MHD_run(s->daemon);
	if (MHD_get_timeout(s->daemon, &wait_ms) == MHD_YES)
		loop_timer_set(s->timer, wait_ms < 60000 ? (int64_t)wait_ms : 60000);
	else
		loop_timer_set(s->timer, -1);
}

static void readable(int fd, int what, void *ctx)
{
	(void)fd;
	(void)what;
	run(ctx);
}

static void timer_fired(void *ctx)
{
	run(ctx);
}

/* ---- answers ---- */

static void add_header(struct MHD_Response *r, const char *name, const char *value)
{
	(void)MHD_add_response_header(r, name, value);
}

/* REL-57: on every reply, whatever it is. */
static void add_common_headers(struct MHD_Response *r, bool is_page)
{
	add_header(r, "X-Content-Type-Options", "nosniff");
	add_header(r, "Content-Security-Policy", is_page ? page_policy : strict_policy);
	add_header(r, "Referrer-Policy", "no-referrer");
}

static struct MHD_Response *make_response(const void *body, size_t len, const char *content_type)
{
	/* The copying mode does not write to what it is given; its prototype only forgets to say so. */
	union {
		const void *in;
		void *out;
	} bytes = {.in = len ? body : ""};
	struct MHD_Response *r = MHD_create_response_from_buffer(len, bytes.out, MHD_RESPMEM_MUST_COPY);

	if (content_type)
		add_header(r, "Content-Type", content_type);
	add_common_headers(r, content_type && text_has_prefix_nocase(content_type, "text/html"));
	return r;
}

static void leave_suspended(struct exchange *x)
{
	if (x->prev)
		x->prev->next = x->next;
	else
		x->server->suspended = x->next;
	if (x->next)
		x->next->prev = x->prev;
	x->suspended = false;
}

/* Takes the reference. Only the first answer counts. */
static void answer(struct exchange *x, unsigned status, struct MHD_Response *response)
{
	if (x->state >= ANSWERED) {
		MHD_destroy_response(response);
		return;
	}
	x->status = status;
	x->response = response;
	x->state = ANSWERED;
	if (x->suspended) {
		leave_suspended(x);
		MHD_resume_connection(x->connection);
		loop_timer_set(x->server->timer, 0);
	}
}

static enum MHD_Result queue_answer(struct exchange *x)
{
	enum MHD_Result rc = MHD_queue_response(x->connection, x->status, x->response);

	MHD_destroy_response(x->response);
	x->response = NULL;
	x->state = QUEUED;
	return rc;
}

/* libmicrohttpd would say "Content-Length: 0", which RFC 9110 section 8.6 forbids: a cache may believe it. */
static struct MHD_Response *make_not_modified(size_t len, const char *content_type)
{
	struct MHD_Response *r = make_response(NULL, 0, content_type);
	char length[24];

	(void)snprintf(length, sizeof(length), "%zu", len);
	(void)MHD_set_response_options(r, MHD_RF_INSANITY_HEADER_CONTENT_LENGTH, MHD_RO_END);
	add_header(r, "Content-Length", length);
	return r;
}

struct prepared_reply *prepared_reply_new(int status, const void *body, size_t len, const struct server_header *headers, size_t n_headers)
{
	struct prepared_reply *r = mem_new(struct prepared_reply);
	const char *content_type = NULL;

	for (size_t i = 0; i < n_headers; i++)
		if (text_equal_nocase(headers[i].name, "Content-Type"))
			content_type = headers[i].value;
	r->status = (unsigned)status;
	r->response = status == 304 ? make_not_modified(len, content_type) : make_response(body, len, content_type);
	for (size_t i = 0; i < n_headers; i++)
		if (!text_equal_nocase(headers[i].name, "Content-Type"))
			add_header(r->response, headers[i].name, headers[i].value);
	return r;
}

struct prepared_reply *prepared_reply_free(struct prepared_reply *r)
{
	if (!r)
		return NULL;
	MHD_destroy_response(r->response);
	mem_free(r);
	return NULL;
}

/* A prepared reply is queued at once when that is allowed, since its response cannot be referenced otherwise. */
void exchange_reply_prepared(struct exchange *x, const struct prepared_reply *r)
{
	if (x->state != HANDED_OVER)
		return;
	x->state = QUEUED;
	(void)MHD_queue_response(x->connection, r->status, r->response);
}

void exchange_reply(struct exchange *x, int status, const char *content_type, const void *body, size_t len)
{
	answer(x, (unsigned)status, make_response(body, len, content_type));
}

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
		{400, "400 Bad Request\n"},       {403, "403 Forbidden\n"},         {404, "404 Not Found\n"},
		{405, "405 Method Not Allowed\n"}, {413, "413 Content Too Large\n"}, {500, "500 Internal Server Error\n"},
		{503, "503 Service Unavailable\n"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Error\n";
}

static struct MHD_Response *make_error(const struct exchange *x, int status)
{
	const char *text = reason(status);
	struct MHD_Response *r = make_response(text, strlen(text), "text/plain; charset=utf-8");

	if (status == 405)
		add_header(r, "Allow", x->server->allow_body ? "GET, HEAD, POST" : "GET, HEAD");
	return r;
}

void exchange_reply_error(struct exchange *x, int status)
{
	answer(x, (unsigned)status, make_error(x, status));
}

/* For requests that break the rules: nothing more is read from this connection. */
static void refuse(struct exchange *x, int status)
{
	struct MHD_Response *r = make_error(x, status);

	add_header(r, "Connection", "close");
	answer(x, (unsigned)status, r);
}

/* ---- requests ---- */

struct header_check {
	unsigned hosts;
	bool bad;
	bool has_body;
};

static enum MHD_Result look_at_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value,
                                      size_t value_len)
{
	struct header_check *c = cls;

	(void)kind;
	if (!server_check_header(name, name_len, value ? value : "", value_len))
		c->bad = true;
	if (text_equal_nocase(name, "Host"))
		c->hosts++;
	if (text_equal_nocase(name, "Transfer-Encoding") || (text_equal_nocase(name, "Content-Length") && strcmp(value ? value : "", "0") != 0))
		c->has_body = true;
	return MHD_YES;
}

/* 0, or the status to refuse with. */
static int judge(const struct exchange *x, const char *version)
{
	struct header_check c = {0};
	const struct server *s = x->server;
	bool is_get = strcmp(x->method, "GET") == 0 || strcmp(x->method, "HEAD") == 0;

	(void)MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, look_at_header, &c);
	if (x->bad_target || c.bad || c.hosts > 1)
		return 400;
	if (!s->is_unix && c.hosts == 0 && strcmp(version, "HTTP/1.0") != 0)
		return 400;
	if (!is_get && !(s->allow_body && strcmp(x->method, "POST") == 0))
		return 405;
	if (c.has_body && !s->allow_body)
		return 413;
	return 0;
}

static void *see_target(void *cls, const char *target, struct MHD_Connection *connection)
{
	struct exchange *x = mem_new(struct exchange);

	x->server = cls;
	x->connection = connection;
	x->bad_target = !server_check_target(target);
	x->body = BUF_INIT(LIMIT_REQUEST_BODY_BYTES);
	return x;
}

static void suspend(struct exchange *x)
{
	struct server *s = x->server;

	x->suspended = true;
	x->prev = NULL;
	x->next = s->suspended;
	if (x->next)
		x->next->prev = x;
	s->suspended = x;
	MHD_suspend_connection(x->connection);
}

static enum MHD_Result begin(struct exchange *x, const char *url, const char *method, const char *version)
{
	int status;

	x->method = mem_dup_str(method);
	x->path = mem_dup_str(url);
	status = judge(x, version);
	if (status == 0)
		return MHD_YES;
	refuse(x, status);
	return queue_answer(x);
}

static enum MHD_Result take_body(struct exchange *x, const char *data, size_t *len)
{
	buf_append(&x->body, data, *len);
	*len = 0;
	return MHD_YES;
}

static enum MHD_Result finish(struct exchange *x)
{
	if (x->state == READING) {
		x->state = HANDED_OVER;
		if (buf_error(&x->body) < 0)
			refuse(x, 413);
		else
			x->server->handler(x, x->server->ctx);
	}
	if (x->state == ANSWERED)
		return queue_answer(x);
	if (x->state == HANDED_OVER && !x->suspended)
		suspend(x);
	return MHD_YES;
}

static enum MHD_Result handle_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                              const char *upload_data, size_t *upload_data_size, void **con_cls)
{
	struct exchange *x = *con_cls;

	(void)cls;
	(void)connection;
	if (!x->method)
		return begin(x, url, method, version);
	if (x->state == QUEUED)
		return MHD_YES;
	if (*upload_data_size)
		return take_body(x, upload_data, upload_data_size);
	return finish(x);
}

static void completed(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *con_cls;

	(void)cls;
	(void)connection;
	(void)why;
	if (!x)
		return;
	if (x->response)
		MHD_destroy_response(x->response);
	buf_done(&x->body);
	mem_free(x->method);
	mem_free(x->path);
	mem_free(x);
	*con_cls = NULL;
}

const char *exchange_method(const struct exchange *x)
{
	return x->method;
}

const char *exchange_path(const struct exchange *x)
{
	return x->path;
}

const char *exchange_header(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

const char *exchange_query(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *exchange_body(const struct exchange *x, size_t *ret_len)
{
	*ret_len = x->body.len;
	return buf_str(&x->body);
}

/* ---- the server ---- */

static void swallow_log(void *cls, const char *format, va_list args)
{
	(void)cls;
	(void)format;
	(void)args; /* what a client did wrong is the client's affair */
}

static struct MHD_Daemon *start_daemon(struct server *s, const struct server_options *o)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

	return MHD_start_daemon(flags, 0, NULL, NULL, handle_request, s, MHD_OPTION_EXTERNAL_LOGGER, swallow_log, NULL, MHD_OPTION_LISTEN_SOCKET,
	                        o->listen_fd, MHD_OPTION_CONNECTION_LIMIT, o->max_connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	                        o->is_unix ? 0U : o->max_per_address, MHD_OPTION_CONNECTION_TIMEOUT, o->idle_timeout_s,
	                        MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_URI_LOG_CALLBACK, see_target, s,
	                        MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_END); /* judge() is stricter, and answers in our form */
}

struct server *server_new(struct loop *loop, const struct server_options *options, server_handler *handler, void *ctx, struct err *err)
{
	struct server *s = mem_new(struct server);
	const union MHD_DaemonInfo *info;

	s->loop = loop;
	s->handler = handler;
	s->ctx = ctx;
	s->allow_body = options->allow_body;
	s->is_unix = options->is_unix;
	s->daemon = start_daemon(s, options);
	info = s->daemon ? MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info) {
		(void)err_set(err, ERR_IO, "cannot start the HTTP server: the system refused its epoll descriptor or memory");
		if (s->daemon)
			MHD_stop_daemon(s->daemon);
		else
			(void)close(options->listen_fd);
		mem_free(s);
		return NULL;
	}
	s->timer = loop_timer_new(loop, timer_fired, s);
	s->watch = loop_fd_new(loop, info->epoll_fd, LOOP_READ, readable, s);
	run(s);
	return s;
}

struct server *server_free(struct server *s)
{
	if (!s)
		return NULL;
	while (s->suspended)
		exchange_reply_error(s->suspended, 503);
	s->watch = loop_fd_free(s->watch);
	MHD_stop_daemon(s->daemon);
	loop_timer_free(s->timer);
	mem_free(s);
	return NULL;
}
