#include "world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../../src/daemon/poller_internal.h"
#include "syndicated/base/mem.h"
#include "syndicated/net/resolver.h"

enum { LONGEST_JUMP_MS = 30000, LONGEST_IDLE_MS = 3600000, LOOK_US = 100 /* real */ };

_Noreturn void sim_fail(const char *what, const struct err *err)
{
	(void)fprintf(stderr, "simulation: %s: %s\n", what, err && err->message[0] ? err->message : strerror(errno));
	exit(2);
}

/* ---- time ---- */

int64_t sim_wall(const struct sim_time *t)
{
	return t->mono_ms + t->wall_less_mono_ms;
}

static int64_t wall_now(void *ctx)
{
	return sim_wall(ctx);
}

static int64_t mono_now(void *ctx)
{
	return ((const struct sim_time *)ctx)->mono_ms;
}

/* ---- what may be shared ---- */

void *sim_shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		sim_fail("memory", NULL);
	return p;
}

char *sim_dir_new(void)
{
	char *dir = mem_printf("%s/simulation-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");

	if (!mkdtemp(dir))
		sim_fail(dir, NULL);
	return dir;
}

void sim_dir_remove(char *dir)
{
	char *command = mem_printf("rm -rf %s", dir);

	if (system(command) != 0)
		sim_fail(command, NULL);
	mem_free(command);
	mem_free(dir);
}

/* ---- the poller's process ---- */

struct world {
	const struct sim_world *options;
	struct clock clock;
	struct loop *loop;
	struct plan *plan;
	struct job_thread *writer;
	struct poller *poller;
	struct loop_timer *timer;
	size_t next_event;
	int64_t next_due_ms; /* wall; 0: not asked for */
	bool hurrying;       /* a job of ours is with the store */
	bool stopping;
};

static int hurry_run(void *store, void *arg, struct err *err)
{
	(void)store;
	(void)arg;
	(void)err;
	return 0;
}

static void hurry_done(int result, const struct err *err, void *arg)
{
	(void)result;
	(void)err;
	((struct world *)arg)->hurrying = false;
}

/* Patient jobs wait for others in real time, which the virtual one would wait for. */
static void hurry(struct world *w)
{
	w->hurrying = true;
	job_thread_submit(w->writer, &(struct job){.run = hurry_run, .done = hurry_done, .arg = w});
}

static bool is_calm(const struct world *w)
{
	const struct poller *p = w->poller;

	return p->in_flight.n == 0 && !p->claiming && !w->hurrying && job_thread_waiting(w->writer) == 0;
}

/* A poller that has nothing to do wakes twice a minute all the same. Weeks of that are no test: they are skipped. */
static int ask_run(void *store, void *arg, struct err *err)
{
	struct world *w = arg;
	int64_t now = sim_wall(w->options->time);
	int rc = store_next_due(store, now, &w->next_due_ms, err);

	if (w->next_due_ms > now + LONGEST_IDLE_MS) /* or nothing is */
		w->next_due_ms = now + LONGEST_IDLE_MS;
	return rc;
}

static void ask_done(int result, const struct err *err, void *arg)
{
	if (result < 0)
		sim_fail("next due", err);
	((struct world *)arg)->hurrying = false;
}

static bool is_idle(const struct world *w)
{
	const struct poller *p = w->poller;
	int64_t now = w->options->time->mono_ms;

	return !p->trouble && p->quiet_until_ms <= now && p->waiting.n == 0 && !p->kept_back && p->wake_ms >= now + LONGEST_JUMP_MS / 2;
}

static bool let_happen(struct world *w, bool is_amid)
{
	const struct sim_world *o = w->options;
	const struct sim_event *e = &o->events[w->next_event];

	if (w->next_event == o->n_events || o->time->mono_ms < e->at_ms || e->is_amid != is_amid)
		return false;
	w->next_event++;
	e->happen(o->ctx, e->by_ms);
	return true;
}

/* To when the poller wants to look again, or something is due, or happens. */
static void jump(struct world *w)
{
	const struct sim_world *o = w->options;
	int64_t now = o->time->mono_ms, to = w->poller->wake_ms, idle_until = w->next_due_ms - o->time->wall_less_mono_ms;

	if (is_idle(w) && w->next_due_ms == 0) {
		w->hurrying = true;
		job_thread_submit(w->writer, &(struct job){.run = ask_run, .done = ask_done, .arg = w});
		return;
	}
	if (w->next_due_ms && idle_until > to)
		to = w->poller->wake_ms = idle_until;
	else if (to > now + LONGEST_JUMP_MS)
		to = now + LONGEST_JUMP_MS;
	w->next_due_ms = 0;
	if (w->next_event < o->n_events && !o->events[w->next_event].is_amid && o->events[w->next_event].at_ms < to)
		to = o->events[w->next_event].at_ms;
	if (to > now)
		o->time->mono_ms = to;
	(void)let_happen(w, false);
	poller_wake(w->poller);
}

static void stop(struct world *w)
{
	if (!w->stopping)
		poller_stop(w->poller);
	w->stopping = true;
}

static void tick(void *ctx)
{
	struct world *w = ctx;

	if (w->stopping)
		return;
	if (w->options->time->mono_ms >= w->options->end_ms) {
		stop(w);
		return;
	}
	if (is_calm(w))
		jump(w);
	else if (w->poller->in_flight.n > 0 && let_happen(w, true))
		poller_wake(w->poller);
	else if (job_thread_waiting(w->writer) > 0 && !w->hurrying)
		hurry(w);
	else
		(void)usleep(LOOK_US);
	loop_timer_set(w->timer, 0);
}

static void asked_to_end(int signo, void *ctx)
{
	(void)signo;
	stop(ctx);
}

static void idle(void *ctx)
{
	loop_stop(((struct world *)ctx)->loop);
}

static void last_turn(void *arg)
{
	loop_stop(arg);
}

static void ignore(void *ctx)
{
	(void)ctx;
}

static void host_of(const char *url, char out[STORE_HOST_BYTES], void *ctx)
{
	host_rules_name(((const struct plan *)ctx)->hosts, url, out);
}

static struct store *open_store(const struct sim_world *o, struct plan *plan)
{
	struct err err = {0};
	struct store_sync sync;
	const struct store_sync_rules rules = {.now_ms = sim_wall(o->time), .due_ms = sim_wall(o->time) - STORE_LATE_MS, .host_of = host_of, .ctx = plan};
	struct store *store = store_open(o->dir, &err);

	if (!store || store_begin(store, &err) < 0 ||
	    store_sync_sources(store, plan->config->sources, plan->config->n_sources, &rules, &sync, &err) < 0 || store_commit(store, &err) < 0)
		sim_fail("store", &err);
	return store;
}

static void run(struct world *w, struct client *client, struct pool *pool)
{
	struct loop_signal *term;

	w->poller = poller_new(&(struct poller_env){.loop = w->loop, .clock = &w->clock, .writer = w->writer, .client = client, .pool = pool,
	                                           .log_grew = ignore, .idle = idle, .ctx = w},
	                       w->plan);
	w->timer = loop_timer_new(w->loop, tick, w);
	term = loop_signal_new(w->loop, SIGTERM, asked_to_end, w);
	poller_wake(w->poller);
	loop_timer_set(w->timer, 0);
	loop_run(w->loop);
	job_thread_stop(w->writer);
	loop_post(w->loop, last_turn, w->loop);
	loop_run(w->loop); /* every answer finds its owner */
	(void)loop_signal_free(term);
	(void)loop_timer_free(w->timer);
	(void)poller_free(w->poller);
}

void sim_world_run(const struct sim_world *options)
{
	struct buf report = BUF_INIT(1 << 20);
	struct err err = {0};
	struct world w = {.options = options, .clock = {wall_now, mono_now, options->time}, .loop = loop_new(&err),
	                  .plan = plan_load(options->config, NULL, &report)};
	char *program = mem_printf("%s/syndicated", getenv("top_builddir") ? getenv("top_builddir") : ".");
	const struct pool_options pool_options = {.workers = 1, .program = program, .argument = "--ingest-worker", .job_ms = 10000};
	const struct client_options client_options = {0};
	struct resolver *resolver;
	struct client *client;
	struct pool *pool;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (access(program, X_OK) < 0) /* every document would be one that could not be read, for as long as it takes */
		sim_fail(program, NULL);
	if (!w.plan)
		sim_fail(buf_str(&report), &err);
	pool = pool_start(w.loop, &pool_options, &err);
	w.writer = store_thread_start(w.loop, open_store(options, w.plan), &err);
	resolver = resolver_new(w.loop);
	client = client_new(w.loop, resolver, w.plan->policy, &client_options, &err);
	if (!pool || !w.writer || !client)
		sim_fail("start", &err);
	run(&w, client, pool);
	client_free(client);
	resolver_free(resolver);
	(void)pool_free(pool);
	(void)job_thread_free(w.writer);
	plan_unref(w.plan);
	(void)loop_free(w.loop);
	mem_free(program);
	buf_done(&report);
}
