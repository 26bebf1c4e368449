#include "daemon_internal.h"

#include "syndicated/base/clock.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/store.h"

/* A question from the control socket that a job thread answers. */
struct question {
	struct daemon *daemon;
	struct control_call *call;
	char *name; /* of a source; or what is searched for */
	size_t limit;
	bool only_failing;
	struct store_wish wish;
	struct store_counts counts;
	struct webhook_view *webhooks;
	size_t n_webhooks;
	struct source_list *sources;
	struct item_list *items;
};

static struct question *ask(struct daemon *d, struct control_call *call)
{
	struct question *q = mem_new(struct question);

	q->daemon = d;
	q->call = call;
	return q;
}

static void forget(struct question *q)
{
	webhook_views_free(q->webhooks, q->n_webhooks);
	source_list_free(q->sources);
	item_list_free(q->items);
	mem_free(q->name);
	mem_free(q);
}

bool operation_failed(struct control_call *call, int result, const struct err *err)
{
	if (result == 0)
		return false;
	control_answer_error(call, result == ERR_NOT_FOUND ? 404 : result == ERR_INVALID ? 409 : 500, err->message);
	return true;
}

static bool refused(struct question *q, int result, const struct err *err)
{
	if (!operation_failed(q->call, result, err))
		return false;
	forget(q);
	return true;
}

/* ---- status ---- */

static int status_run(void *reader, void *arg, struct err *err)
{
	struct question *q = arg;
	int rc = store_read_counts(reader, &q->counts, err);

	return rc < 0 ? rc : store_read_webhooks(reader, &q->webhooks, &q->n_webhooks, err);
}

static size_t list_webhooks(const struct question *q, struct control_webhook *out)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n_webhooks; i++) {
		const struct webhook_view *w = &q->webhooks[i];
		const char *feed = NULL;
		const char *state = dispatch_state(q->daemon->dispatch, w->name, &feed);

		if (!state)
			continue; /* no longer configured; its rows wait for it to come back */
		out[n++] = (struct control_webhook){
			.name = w->name,
			.feed = feed,
			.state = state,
			.cursor = w->cursor,
			.pending = w->pending,
			.dead = w->dead,
			.next_ms = w->next_ms,
			.last_attempt_ms = w->last_attempt_ms,
			.last_success_ms = w->last_success_ms,
			.last_status = w->last_status,
			.last_message = w->last_message,
		};
	}
	return n;
}

static void status_done(int result, const struct err *err, void *arg)
{
	struct question *q = arg;
	const struct daemon *d = q->daemon;
	struct control_webhook *webhooks;
	struct control_status status;

	if (refused(q, result, err))
		return;
	webhooks = mem_new_array(struct control_webhook, q->n_webhooks + 1);
	status = (struct control_status){
		.version = PACKAGE_VERSION,
		.config_path = d->config_path,
		.started_ms = d->started_ms,
		.now_ms = clock_unix_ms(&clock_system),
		.sources = q->counts.sources,
		.sources_failing = q->counts.sources_failing,
		.sources_unverified = (int64_t)d->plan->n_unverified,
		.items = q->counts.items,
		.stories = q->counts.stories,
		.last_seq = q->counts.last_seq,
		.database_bytes = q->counts.database_bytes,
		.in_flight = (int64_t)poller_in_flight(d->poller),
		.ingest_workers = (int64_t)pool_workers(d->pool),
		.worker_restarts = pool_restarts(d->pool),
		.trouble = poller_trouble(d->poller),
		.webhooks = webhooks,
		.n_webhooks = list_webhooks(q, webhooks),
	};
	control_answer_status(q->call, &status);
	mem_free(webhooks);
	forget(q);
}

static void op_status(struct control_call *call, void *ctx)
{
	struct daemon *d = ctx;

	job_thread_submit(d->reader, &(struct job){.run = status_run, .done = status_done, .arg = ask(d, call)});
}

/* ---- sources and items ---- */

static int sources_run(void *reader, void *arg, struct err *err)
{
	struct question *q = arg;

	return q->only_failing ? store_read_failing(reader, &q->sources, err) : store_read_sources(reader, &q->sources, err);
}

static void sources_done(int result, const struct err *err, void *arg)
{
	struct question *q = arg;

	if (refused(q, result, err))
		return;
	for (size_t i = 0; i < q->sources->n; i++)
		q->sources->sources[i]->unverified = plan_is_unverified(q->daemon->plan, q->sources->sources[i]->name);
	control_answer_sources(q->call, q->sources);
	forget(q);
}

static void op_sources(struct control_call *call, bool only_failing, void *ctx)
{
	struct daemon *d = ctx;
	struct question *q = ask(d, call);

	q->only_failing = only_failing;
	job_thread_submit(d->reader, &(struct job){.run = sources_run, .done = sources_done, .arg = q});
}

static int items_run(void *reader, void *arg, struct err *err)
{
	struct question *q = arg;

	return store_read_items(reader, q->name, q->limit, &q->items, err);
}

static int search_run(void *reader, void *arg, struct err *err)
{
	struct question *q = arg;
	const struct store_search s = {.query = q->name, .limit = q->limit};

	return store_search_items(reader, &s, &q->items, err);
}

static void items_done(int result, const struct err *err, void *arg)
{
	struct question *q = arg;

	if (refused(q, result, err))
		return;
	control_answer_items(q->call, q->items);
	forget(q);
}

static void op_items(struct control_call *call, const char *source_name, size_t limit, void *ctx)
{
	struct daemon *d = ctx;
	struct question *q = ask(d, call);

	q->name = mem_dup_str(source_name);
	q->limit = limit;
	job_thread_submit(d->reader, &(struct job){.run = items_run, .done = items_done, .arg = q});
}

static void op_search(struct control_call *call, const char *query, size_t limit, void *ctx)
{
	struct daemon *d = ctx;
	struct question *q = ask(d, call);

	q->name = mem_dup_str(query);
	q->limit = limit;
	job_thread_submit(d->reader, &(struct job){.run = search_run, .done = items_done, .arg = q});
}

/* ---- poll now, reload ---- */

static int poll_run(void *store, void *arg, struct err *err)
{
	struct question *q = arg;

	return store_make_due(store, q->name, clock_unix_ms(&clock_system), &q->wish, err);
}

/* What will happen, when, and why then. */
static char *tell_wish(const struct store_wish *w)
{
	char at[TEXT_RFC3339_BYTES], gap[32];

	text_from_time_ms(w->due_ms, false, at);
	text_from_duration_ms(w->gap_ms, gap);
	switch (w->why) {
	case WISH_UNDER_WAY:
		return mem_printf("it is being polled at this moment");
	case WISH_TOO_SOON:
		return mem_printf("will be polled at %s, because it was asked just now, and %s have to be between two requests", at, gap);
	case WISH_RETRY_AFTER:
		return mem_printf("will be polled at %s, because its server asked for peace until then (Retry-After)", at);
	case WISH_HOST_PAUSED:
		return mem_printf("will be polled at %s, because its host is left alone until then", at);
	case WISH_AT_ONCE:
		break;
	}
	return mem_printf("due now; it is polled as soon as its host may be asked");
}

static void poll_done(int result, const struct err *err, void *arg)
{
	struct question *q = arg;
	auto_free char *answer = NULL;

	if (refused(q, result, err))
		return;
	poller_try_now(q->daemon->poller);
	answer = tell_wish(&q->wish);
	control_answer_done(q->call, answer);
	forget(q);
}

static void op_poll(struct control_call *call, const char *source_name, void *ctx)
{
	struct daemon *d = ctx;
	struct question *q = ask(d, call);

	q->name = mem_dup_str(source_name);
	job_thread_submit(d->writer, &(struct job){.run = poll_run, .done = poll_done, .arg = q});
}

/* ---- items that were held ---- */

static int release_run(void *store, void *arg, struct err *err)
{
	struct question *q = arg;

	return store_release_held(store, q->name, clock_unix_ms(&clock_system), &q->limit, err);
}

static void release_done(int result, const struct err *err, void *arg)
{
	struct question *q = arg;
	auto_free char *message = NULL;

	if (refused(q, result, err))
		return;
	if (q->limit) {
		publisher_log_grew(q->daemon->publisher);
		dispatch_log_grew(q->daemon->dispatch);
	}
	message = q->limit ? mem_printf("%zu items are announced now", q->limit) : mem_printf("none of its items is held");
	control_answer_done(q->call, message);
	forget(q);
}

static void op_release(struct control_call *call, const char *source_name, void *ctx)
{
	struct daemon *d = ctx;
	struct question *q = ask(d, call);

	q->name = mem_dup_str(source_name);
	job_thread_submit(d->writer, &(struct job){.run = release_run, .done = release_done, .arg = q});
}

static void op_reload(struct control_call *call, void *ctx)
{
	reload_start(ctx, call);
}

const struct control_ops operations_template = {
	.status = op_status,
	.sources = op_sources,
	.explain = explain_source,
	.items = op_items,
	.search = op_search,
	.explain_item = explain_item,
	.split = split_item,
	.join = join_items,
	.replay = replay_stories,
	.test_feed = test_feed,
	.poll = op_poll,
	.release = op_release,
	.reload = op_reload,
	.backup = care_backup,
};
