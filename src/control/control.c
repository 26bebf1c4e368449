#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control_internal.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/net/server.h"

enum { CONNECTIONS = 32, IDLE_S = 30, ITEMS_DEFAULT = 20, ITEMS_MAX = 1000 };

struct control {
	struct server *server;
	struct control_ops ops;
	char *path;
};

/* RFC 9110 section 15.5.6: a 405 says what is allowed. */
static void refuse_method(struct control_call *call, const char *allowed)
{
	static const char body[] = "{\"error\":\"this command takes another method\"}";
	const struct server_header headers[] = {{"Content-Type", "application/json"}, {"Allow", allowed}};
	struct prepared_reply *r = prepared_reply_new(405, body, sizeof(body) - 1, headers, 2);

	exchange_reply_prepared(call->exchange, r);
	prepared_reply_free(r);
	mem_free(call);
}

/* ---- commands ---- */

static void do_status(const struct control *c, struct control_call *call, const char *name)
{
	(void)name;
	c->ops.status(call, c->ops.ctx);
}

static void do_sources(const struct control *c, struct control_call *call, const char *name)
{
	const char *failing = exchange_query(call->exchange, "failing");

	(void)name;
	c->ops.sources(call, failing && strcmp(failing, "1") == 0, c->ops.ctx);
}

static void do_explain(const struct control *c, struct control_call *call, const char *name)
{
	c->ops.explain(call, name, c->ops.ctx);
}

/* False, and the call has its answer, when the number makes no sense. */
static bool take_limit(struct control_call *call, int64_t *ret)
{
	const char *wanted = exchange_query(call->exchange, "limit");

	*ret = ITEMS_DEFAULT;
	if (!wanted || text_to_int64(wanted, 1, ITEMS_MAX, ret))
		return true;
	control_answer_error(call, 400, "limit must be a number between 1 and 1000");
	return false;
}

static void do_items(const struct control *c, struct control_call *call, const char *name)
{
	int64_t limit;

	(void)name;
	if (take_limit(call, &limit))
		c->ops.items(call, exchange_query(call->exchange, "source"), (size_t)limit, c->ops.ctx);
}

static void do_search(const struct control *c, struct control_call *call, const char *name)
{
	const char *query = exchange_query(call->exchange, "q");
	int64_t limit;

	(void)name;
	if (!query || !*query)
		control_answer_error(call, 400, "a search needs words, as q=");
	else if (take_limit(call, &limit))
		c->ops.search(call, query, (size_t)limit, c->ops.ctx);
}

static bool take_item(struct control_call *call, const char *said, int64_t *ret)
{
	if (said && text_to_int64(said, 1, INT64_MAX, ret))
		return true;
	control_answer_error(call, 400, "an item is named by its number; 'syndicatectl items' lists the newest");
	return false;
}

static void do_explain_item(const struct control *c, struct control_call *call, const char *name)
{
	int64_t id;

	if (take_item(call, name, &id))
		c->ops.explain_item(call, id, c->ops.ctx);
}

static void do_split(const struct control *c, struct control_call *call, const char *name)
{
	int64_t id;

	if (take_item(call, name, &id))
		c->ops.split(call, id, c->ops.ctx);
}

static void do_join(const struct control *c, struct control_call *call, const char *name)
{
	int64_t id, with;

	if (take_item(call, name, &id) && take_item(call, exchange_query(call->exchange, "with"), &with))
		c->ops.join(call, id, with, c->ops.ctx);
}

/* A threshold as the configuration says it, in thousandths; -1 when it is not said. */
static bool take_share(struct control_call *call, const char *key, int64_t *ret)
{
	const char *said = exchange_query(call->exchange, key);
	char *end = NULL;
	double value;

	*ret = -1;
	if (!said)
		return true;
	value = strtod(said, &end);
	if (*said && !*end && value >= 0 && value <= 1) {
		*ret = (int64_t)(value * 1000 + 0.5);
		return true;
	}
	control_answer_error(call, 400, "a threshold is a number from 0 to 1 such as 0.25");
	return false;
}

static void do_replay(const struct control *c, struct control_call *call, const char *name)
{
	int64_t merge, related, limit;

	(void)name;
	if (take_share(call, "merge", &merge) && take_share(call, "related", &related) && take_limit(call, &limit))
		c->ops.replay(call, merge, related, (size_t)limit, c->ops.ctx);
}

static void do_test_feed(const struct control *c, struct control_call *call, const char *name)
{
	int64_t limit;

	if (take_limit(call, &limit))
		c->ops.test_feed(call, name, (size_t)limit, c->ops.ctx);
}

static void do_poll(const struct control *c, struct control_call *call, const char *name)
{
	c->ops.poll(call, name, c->ops.ctx);
}

static void do_reload(const struct control *c, struct control_call *call, const char *name)
{
	(void)name;
	c->ops.reload(call, c->ops.ctx);
}

/* A path is prefix, name, suffix; without a suffix it is the prefix alone. */
static const struct command {
	const char *method, *prefix, *suffix;
	void (*run)(const struct control *c, struct control_call *call, const char *name);
} commands[] = {
	{"GET", "/status", NULL, do_status},
	{"GET", "/sources", NULL, do_sources},
	{"GET", "/items", NULL, do_items},
	{"GET", "/search", NULL, do_search},
	{"GET", "/items/", "/explain", do_explain_item},
	{"POST", "/items/", "/split", do_split},
	{"POST", "/items/", "/join", do_join},
	{"GET", "/stories", NULL, do_replay},
	{"GET", "/feeds/", "/test", do_test_feed},
	{"POST", "/sources/", "/poll", do_poll},
	{"GET", "/sources/", "/explain", do_explain},
	{"POST", "/reload", NULL, do_reload},
};

/* The name in the path, or NULL when the path is not this command's. Caller frees. */
static char *match(const struct command *c, const char *path)
{
	size_t prefix = strlen(c->prefix), suffix = c->suffix ? strlen(c->suffix) : 0, len = strlen(path);

	if (!c->suffix)
		return strcmp(path, c->prefix) == 0 ? mem_dup_str("") : NULL;
	if (len <= prefix + suffix || !text_has_prefix(path, c->prefix) || strcmp(path + len - suffix, c->suffix) != 0)
		return NULL;
	return mem_dup_bytes(path + prefix, len - prefix - suffix);
}

static void handle(struct exchange *x, void *ctx)
{
	const struct control *c = ctx;
	struct control_call *call = mem_new(struct control_call);
	const char *allowed = NULL; /* the path is right, the method is not */

	call->exchange = x;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		auto_free char *name = match(&commands[i], exchange_path(x));

		if (name && strcmp(commands[i].method, exchange_method(x)) == 0) {
			commands[i].run(c, call, name);
			return;
		}
		if (name)
			allowed = commands[i].method;
	}
	if (allowed)
		refuse_method(call, allowed);
	else
		control_answer_error(call, 404, "there is no such command");
}

struct control *control_start(struct loop *loop, const char *socket_path, const struct control_ops *ops, struct err *err)
{
	struct control *c;
	struct server_options options = {
		.allow_body = true,
		.is_unix = true,
		.max_connections = CONNECTIONS,
		.idle_timeout_s = IDLE_S,
	};

	options.listen_fd = server_listen(socket_path, err);
	if (options.listen_fd < 0) {
		err_prefix(err, "the control socket");
		return NULL;
	}
	c = mem_new(struct control);
	c->ops = *ops;
	c->path = mem_dup_str(socket_path);
	c->server = server_new(loop, &options, handle, c, err);
	if (!c->server)
		return control_free(c);
	return c;
}

struct control *control_free(struct control *c)
{
	if (!c)
		return NULL;
	server_free(c->server);
	(void)unlink(c->path);
	mem_free(c->path);
	mem_free(c);
	return NULL;
}
