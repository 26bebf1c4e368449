#include "daemon_internal.h"

#include <stdio.h>
#include <string.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

enum {
	REPORT_BYTES = 1 << 20,
	CHANGES_SHOWN = 200, /* changes of sources that a reload lists */
};

struct reload {
	struct daemon *daemon;
	struct plan *plan;
	struct control_call *call; /* NULL: asked for by signal */
	struct buf changes;
};

/* ---- the sources and webhooks of a plan, in the store ---- */

struct sync {
	const struct plan *plan;
	struct buf *changes;
	size_t n_changes;
};

static void host_of(const char *url, char out[STORE_HOST_BYTES], void *ctx)
{
	const struct sync *s = ctx;

	_Static_assert(STORE_HOST_BYTES == HOST_NAME_BYTES, "a group's name is kept whole");
	host_rules_name(s->plan->hosts, url, out);
}

static void note_change(const struct source_spec *old, const struct source_spec *new, void *ctx)
{
	struct sync *s = ctx;

	if (s->changes && s->n_changes++ < CHANGES_SHOWN)
		config_diff_source(old, new, s->changes);
}

static int sync_sources(void *store, struct sync *s, int64_t now, struct err *err)
{
	const struct config *c = s->plan->config;
	const struct store_sync_rules rules = {
		.now_ms = now,
		.due_ms = now - STORE_LATE_MS,
		.config = plan_needs_sources(s->plan) ? NULL : &c->sources_are,
		.host_of = host_of,
		.changed = note_change,
		.ctx = s,
	};
	struct store_sync ret;
	int rc = store_sync_sources(store, c->sources, c->n_sources, &rules, &ret, err);

	if (rc == 0)
		log_info("sources: %zu configured (%zu added, %zu changed, %zu retired, %zu revived)", c->n_sources, ret.added, ret.changed,
		         ret.retired, ret.revived);
	if (s->n_changes > CHANGES_SHOWN)
		buf_append_printf(s->changes, "... and %zu more sources\n", s->n_changes - CHANGES_SHOWN);
	return rc;
}

int reload_sync_store(void *store, const struct plan *plan, struct buf *changes, struct err *err)
{
	const struct config *c = plan->config;
	struct sync sync = {.plan = plan, .changes = changes};
	int64_t now = clock_unix_ms(&clock_system);
	int rc = 0;

	if (c->sources_left_out)
		log_info("sources: %zu configured, as before", plan->n_sources);
	else
		rc = sync_sources(store, &sync, now, err);
	if (rc == 0)
		rc = store_sync_webhooks(store, c->webhooks, c->n_webhooks, now, err);
	if (rc == 0)
		rc = store_set_story_rules(store, &c->stories, now, err);
	if (rc == 0)
		log_info("webhooks: %zu; feeds: %zu", c->n_webhooks, c->n_feeds);
	return rc;
}

/* A report has a line for each complaint; each becomes a line of the log. */
static void log_lines(enum log_level level, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len)
			log_write(level, "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void answer(struct control_call *call, int status, const char *message)
{
	if (call && status == 200)
		control_answer_done(call, message);
	else if (call)
		control_answer_error(call, status, message);
}

static void finish(struct reload *r)
{
	notify_ready("Running");
	r->daemon->reloading = false;
	plan_unref(r->plan);
	buf_done(&r->changes);
	mem_free(r);
}

static int store_run(void *store, void *arg, struct err *err)
{
	struct reload *r = arg;

	return reload_sync_store(store, r->plan, &r->changes, err);
}

static void put_in_force(struct daemon *d, struct plan *plan)
{
	struct plan *old = d->plan;

	d->plan = plan_ref(plan);
	log_set_threshold(plan->config->log_level);
	client_set_policy(d->client, plan->policy);
	poller_set_plan(d->poller, plan);
	dispatch_set_plan(d->dispatch, plan);
	publisher_set_plan(d->publisher, plan);
	plan_unref(old);
}

static void store_done(int result, const struct err *err, void *arg)
{
	struct reload *r = arg;
	const char *changes = buf_str(&r->changes);

	if (result < 0) {
		log_error("reload: the store could not take the new sources: %s; the old configuration stays in force", err->message);
		answer(r->call, 500, err->message);
	} else {
		plan_forget_sources(r->plan);
		put_in_force(r->daemon, r->plan);
		log_info("reload: done%s", *changes ? "; what changed:" : ", nothing changed");
		log_lines(LOG_LEVEL_INFO, changes);
		answer(r->call, 200, *changes ? changes : "nothing changed");
	}
	finish(r);
}

static void refuse(struct reload *r, const struct buf *report)
{
	log_error("reload: %s has errors; the old configuration stays in force:", r->daemon->config_path);
	log_lines(LOG_LEVEL_ERROR, buf_str(report));
	answer(r->call, 422, buf_str(report));
	finish(r);
}

void reload_start(struct daemon *d, struct control_call *call)
{
	struct buf report = BUF_INIT(REPORT_BYTES);
	struct reload *r;

	if (d->reloading || d->stopping) {
		answer(call, 409, d->stopping ? "the daemon is stopping" : "a reload is under way");
		return;
	}
	notify_reloading();
	d->reloading = true;
	r = mem_new(struct reload);
	r->daemon = d;
	r->call = call;
	r->changes = BUF_INIT(REPORT_BYTES);
	r->plan = plan_load(d->config_path, d->plan, &report);
	if (r->plan) {
		log_lines(LOG_LEVEL_WARNING, buf_str(&report));
		config_diff(d->plan->config, r->plan->config, &r->changes);
		job_thread_submit(d->writer, &(struct job){.run = store_run, .done = store_done, .arg = r});
	} else {
		refuse(r, &report);
	}
	buf_done(&report);
}
