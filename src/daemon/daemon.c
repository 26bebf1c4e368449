/*
 * The program put together: every part started in the order of the list below and stopped in the reverse, signals, and
 * the end. Which stage's output goes into which stage's input is in poller.c (source to store), publisher.c and
 * dispatch.c (event log to readers).
 *
 * Stopping: first nothing new begins, then what is in flight may finish for STOP_GRACE_MS, then it is dropped and its
 * claims are given back; then the job threads finish their queues, and the loop turns once more so that every answer
 * finds its owner before the owners are freed. A second signal cuts the grace short.
 */
#include "syndicated/daemon.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon_internal.h"
#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

enum {
	STOP_GRACE_MS = 2000, /* polling.md R97; SIGTERM to exit within 5 s */
	REPORT_BYTES = 1 << 20,
	LISTEN_FD_FIRST = 3,
	FEW_ADDRESSES = 1 << 30,
};

static void log_grew(void *ctx)
{
	struct daemon *d = ctx;

	publisher_log_grew(d->publisher);
	dispatch_log_grew(d->dispatch);
}

/* ---- stopping ---- */

static void went_idle(void *ctx)
{
	struct daemon *d = ctx;

	if (d->stopping && poller_in_flight(d->poller) == 0 && dispatch_in_flight(d->dispatch) == 0)
		loop_stop(d->loop);
}

static void grace_is_over(void *ctx)
{
	struct daemon *d = ctx;

	log_info("stopping: dropping %zu polls and %zu deliveries in flight; they are done again after the next start",
	         poller_in_flight(d->poller), dispatch_in_flight(d->dispatch));
	poller_abandon(d->poller);
	dispatch_abandon(d->dispatch);
	loop_stop(d->loop);
}

static void begin_stop(struct daemon *d, const char *why)
{
	if (d->stopping) {
		grace_is_over(d);
		return;
	}
	log_info("stopping: %s", why);
	notify_stopping();
	d->stopping = true;
	publisher_stop(d->publisher);
	loop_timer_set(d->stop_timer, STOP_GRACE_MS);
	poller_stop(d->poller);
	dispatch_stop(d->dispatch);
}

static void signalled(int signo, void *ctx)
{
	struct daemon *d = ctx;

	if (signo == SIGHUP)
		reload_start(d, NULL);
	else
		begin_stop(d, signo == SIGINT ? "interrupted" : "asked to end");
}

/* ---- proof of life for the watchdog ---- */

static int answer_run(void *store, void *arg, struct err *err)
{
	int64_t seq;

	(void)arg;
	return store_last_seq(store, &seq, err);
}

static void answer_done(int result, const struct err *err, void *arg)
{
	struct daemon *d = arg;

	(void)result; /* a disk that is full or fails is not cured by a restart: what is served goes on being served */
	(void)err;
	d->store_asked = false;
	d->store_answered = true;
}

static bool is_alive(void *ctx)
{
	struct daemon *d = ctx;
	bool alive = d->store_answered;

	if (!d->store_asked) {
		d->store_asked = true;
		job_thread_submit(d->writer, &(struct job){.run = answer_run, .done = answer_done, .arg = d});
		d->store_answered = false;
	}
	return alive;
}

/* ---- starting ---- */

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Where addresses are few the C library has no room for a heap a thread, and would give each small block a page (REL-77). */
static void fit_into_memory(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < FEW_ADDRESSES)
		mem_share_heap();
}

static int listen_all(struct daemon *d, int passed_fds, struct err *err)
{
	const struct string_list *listen = &d->plan->config->listen;
	int rc = 0;

	for (int i = 0; rc == 0 && i < passed_fds; i++)
		rc = serve_listen_fd(d->serve, LISTEN_FD_FIRST + i, err);
	for (size_t i = 0; rc == 0 && !passed_fds && i < listen->n; i++)
		rc = serve_listen(d->serve, listen->items[i], err);
	return rc;
}

static void serve_health(struct daemon *d)
{
	static const char ok[] = "ok\n";
	const struct serve_document document = {
		.content_type = "text/plain; charset=utf-8",
		.bytes = ok,
		.len = sizeof(ok) - 1,
		.etag = "\"ok\"",
		.last_modified_ms = d->started_ms,
	};

	serve_set(d->serve, "/healthz", &document);
}

static void print_counts(struct buf *out, void *ctx)
{
	metrics_print(poller_counts(ctx), out);
}

/* The store, its two connections, and what is served before the first request can come. */
static int start_store(struct daemon *d, struct err *err)
{
	const char *dir = d->plan->config->state_dir;
	struct store *store = store_open(dir, err);
	struct store_reader *reader = NULL;
	bool check_more;
	int rc;

	if (!store)
		return err->code;
	check_more = !store_was_checked(store);
	rc = store_begin(store, err);
	if (rc == 0)
		rc = reload_sync_store(store, d->plan, NULL, err);
	if (rc == 0)
		rc = store_commit(store, err);
	plan_forget_sources(d->plan);
	keep_hsts_read(store, &d->hsts);
	if (rc == 0 && !(reader = store_reader_open(dir, err)))
		rc = err->code;
	if (rc == 0)
		rc = publisher_first(d->publisher, reader, err);
	if (rc == 0 && (d->writer = store_thread_start(d->loop, store, err)))
		store = NULL;
	if (rc == 0 && d->writer && (d->reader = reader_thread_start(d->loop, reader, err)))
		reader = NULL;
	store_reader_close(reader);
	store_close(store);
	if (rc == 0 && !d->reader)
		rc = err->code;
	return rc < 0 ? rc : care_start(d, check_more, err);
}

static int start_workers(struct daemon *d, struct err *err)
{
	int64_t wanted = d->plan->config->ingest_workers;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	const struct pool_options options = {
		.workers = wanted > 0 ? (size_t)wanted : cores > 0 ? (size_t)cores : 1,
		.program = "/proc/self/exe",
		.argument = "--ingest-worker",
		.job_ms = LIMIT_WORKER_JOB_MS,
	};

	d->pool = pool_start(d->loop, &options, err);
	return d->pool ? 0 : err->code;
}

static int start_client(struct daemon *d, struct err *err)
{
	const struct client_options options = {0};

	d->resolver = resolver_new(d->loop);
	d->client = client_new(d->loop, d->resolver, d->plan->policy, &options, err);
	if (!d->client)
		return err->code;
	keep_hsts_start(d, &d->hsts);
	buf_done(&d->hsts);
	return 0;
}

static int start_control(struct daemon *d, struct err *err)
{
	struct control_ops ops = operations_template;

	ops.ctx = d;
	d->control = control_start(d->loop, d->plan->config->control, &ops, err);
	return d->control ? 0 : err->code;
}

static void start_pipe(struct daemon *d)
{
	const struct poller_env poller_env = {
		.loop = d->loop, .clock = &clock_system, .writer = d->writer, .client = d->client, .pool = d->pool,
		.log_grew = log_grew, .idle = went_idle, .ctx = d,
	};
	const struct dispatch_env dispatch_env = {
		.loop = d->loop, .clock = &clock_system, .writer = d->writer, .reader = d->reader, .client = d->client,
		.idle = went_idle, .ctx = d,
	};

	d->dispatch = dispatch_new(&dispatch_env, d->plan);
	d->poller = poller_new(&poller_env, d->plan);
}

static int start_loop(struct daemon *d, struct err *err)
{
	static const int signals[SIGNALS] = {SIGTERM, SIGINT, SIGHUP};

	(void)signal(SIGPIPE, SIG_IGN);
	d->loop = loop_new(err);
	if (!d->loop)
		return err->code;
	for (int i = 0; i < SIGNALS; i++)
		d->signals[i] = loop_signal_new(d->loop, signals[i], signalled, d);
	d->stop_timer = loop_timer_new(d->loop, grace_is_over, d);
	d->serve = serve_new(d->loop);
	return 0;
}

/*
 * Order matters in three places: the workers are forked before the threads exist, the port is bound before the store is
 * opened, so that a second daemon on the same configuration ends without having touched anything, and it is ready only
 * when the feeds can be served.
 */
static int start(struct daemon *d, int passed_fds, struct err *err)
{
	int rc = start_loop(d, err);

	if (rc == 0)
		rc = start_workers(d, err);
	if (rc == 0)
		rc = start_control(d, err);
	if (rc == 0)
		rc = listen_all(d, passed_fds, err);
	if (rc < 0)
		return rc;
	d->publisher = publisher_new(d->loop, d->serve, d->plan);
	rc = start_store(d, err);
	if (rc < 0)
		return rc;
	publisher_start(d->publisher, d->reader);
	rc = start_client(d, err);
	if (rc < 0)
		return rc;
	start_pipe(d);
	housekeeping_start(d);
	serve_health(d);
	serve_set_figures(d->serve, "/metrics", METRICS_CONTENT_TYPE, print_counts, d->poller);
	d->watchdog = watchdog_new(d->loop, is_alive, d);
	poller_wake(d->poller);
	return 0;
}

static void stop_loop_soon(void *arg)
{
	loop_stop(arg);
}

/* Everything posted before this call has run when it returns. */
static void drain_loop(struct daemon *d)
{
	loop_post(d->loop, stop_loop_soon, d->loop);
	loop_run(d->loop);
}

static void stop(struct daemon *d)
{
	d->stopping = true;
	d->watchdog = watchdog_free(d->watchdog);
	if (d->purge_timer)
		housekeeping_stop(d);
	keep_hsts_stop(d);
	care_stop(d);
	job_thread_stop(d->reader);
	if (d->reader && d->poller)
		drain_loop(d); /* answers of the reader may still give the writer work */
	job_thread_stop(d->writer);
	if (d->writer && d->poller)
		for (int i = 0; i < 2; i++) /* answers, and the refusals of what the answers asked for */
			drain_loop(d);
	d->control = control_free(d->control);
	d->dispatch = dispatch_free(d->dispatch);
	d->poller = poller_free(d->poller);
	d->publisher = publisher_free(d->publisher);
	d->client = client_free(d->client);
	buf_done(&d->hsts);
	d->resolver = resolver_free(d->resolver);
	d->pool = pool_free(d->pool);
	d->serve = serve_free(d->serve);
	care_free(d);
	d->writer = job_thread_free(d->writer);
	d->reader = job_thread_free(d->reader);
	loop_timer_free(d->stop_timer);
	for (int i = 0; i < SIGNALS; i++)
		loop_signal_free(d->signals[i]);
	d->loop = loop_free(d->loop);
	d->plan = plan_unref(d->plan);
}

/* Complaints about the file go to standard error as they are: they have a place and a caret of their own. */
static int load(struct daemon *d)
{
	struct buf report = BUF_INIT(REPORT_BYTES);

	d->plan = plan_load(d->config_path, NULL, &report);
	if (report.len)
		(void)!write(STDERR_FILENO, report.bytes, report.len);
	buf_done(&report);
	return d->plan ? 0 : ERR_INVALID;
}

int daemon_run(const char *config_path)
{
	struct daemon d = {.config_path = config_path, .started_ms = clock_unix_ms(&clock_system), .store_answered = true};
	int passed_fds = notify_listen_fds();
	struct err err = {0};
	int status = EXIT_FAILURE;

	log_init(LOG_LEVEL_INFO);
	if (load(&d) < 0) {
		log_error("%s has errors (above); nothing was started", config_path);
		return EXIT_FAILURE;
	}
	log_set_threshold(d.plan->config->log_level);
	raise_descriptor_limit();
	fit_into_memory();
	if (start(&d, passed_fds, &err) < 0) {
		log_error("cannot start: %s", err.message);
	} else {
		log_info("syndicated %s is ready: %s/feed.atom", PACKAGE_VERSION, d.plan->config->base_url);
		notify_ready("Running");
		loop_run(d.loop);
		status = d.stopping ? EXIT_SUCCESS : EXIT_FAILURE; /* so that a supervisor starts it again */
		if (!d.stopping)
			log_error("the system no longer says when something is to be done; ending");
	}
	stop(&d);
	if (status == EXIT_SUCCESS)
		log_info("stopped");
	return status;
}
