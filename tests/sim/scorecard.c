/*
 * A scorecard self-test (polling.md R119, T1, T10, T11): the real poller, store, client and ingest workers poll an origin in
 * real time over loopback, while the clock they all ask is virtual and jumps to the next due time whenever nothing is in
 * flight. The process of the poller is killed and stopped at random and started again, some virtual time later.
 *
 *	scorecard [--sources N] [--days N] [--seed N]      (1000 sources for 10 days)
 *
 * Prints one JSON line; exit status 1 unless every column that must be zero is.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/daemon/poller.h"
#include "scorecard.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/net/resolver.h"
#include "syndicated/store.h"

#define HOUR   ((int64_t)3600000)
#define MINUTE ((int64_t)60000)
#define DAY    (24 * HOUR)

enum { START_MS_PER_S = 1000, LONGEST_JUMP_MS = 30000 };

static struct scorecard *card;

static int64_t virtual_now(void *ctx)
{
	(void)ctx;
	return card->now_ms;
}

static const struct clock virtual_clock = {virtual_now, virtual_now, NULL};

static _Noreturn void fail(const char *what, const struct err *err)
{
	(void)fprintf(stderr, "scorecard: %s: %s\n", what, err && err->message[0] ? err->message : strerror(errno));
	exit(2);
}

/* ---- the poller's process ---- */

struct world {
	struct loop *loop;
	struct plan *plan;
	struct job_thread *writer;
	struct poller *poller;
	struct loop_timer *timer;
	int64_t end_ms;
	int64_t next_due_ms;
	bool asking;
	int calm; /* questions in a row that found nothing in flight: a claim may have been behind the first */
	bool stopping;
};

static void arm(struct world *w)
{
	loop_timer_set(w->timer, 0);
}

static int ask_run(void *store, void *arg, struct err *err)
{
	struct world *w = arg;

	return store_next_due(store, card->now_ms, &w->next_due_ms, err);
}

/* To the next due time, or a step: gaps of hosts, leases and the bucket have times of their own. */
static void ask_done(int result, const struct err *err, void *arg)
{
	struct world *w = arg;
	int64_t now = card->now_ms, jump = LONGEST_JUMP_MS;

	if (result < 0)
		fail("next due", err);
	w->asking = false;
	w->calm = poller_in_flight(w->poller) == 0 ? w->calm + 1 : 0;
	if (w->calm >= 2) {
		w->calm = 0;
		if (w->next_due_ms > now && w->next_due_ms - now < jump)
			jump = w->next_due_ms - now;
		card->now_ms = now + jump;
		poller_wake(w->poller);
	}
	arm(w);
}

static void tick(void *ctx)
{
	struct world *w = ctx;

	if (w->stopping)
		return;
	if (card->now_ms >= w->end_ms) {
		w->stopping = true;
		poller_stop(w->poller);
	} else if (poller_in_flight(w->poller) == 0 && !w->asking && job_thread_waiting(w->writer) == 0) {
		w->asking = true;
		job_thread_submit(w->writer, &(struct job){ask_run, ask_done, w});
	} else {
		arm(w);
	}
}

static void asked_to_end(int signo, void *ctx)
{
	struct world *w = ctx;

	(void)signo;
	if (!w->stopping)
		poller_stop(w->poller);
	w->stopping = true;
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

static struct store *open_store(const char *dir, struct plan *plan)
{
	struct err err = {0};
	struct store_sync sync;
	const struct store_sync_rules rules = {.now_ms = card->now_ms, .due_ms = card->now_ms, .host_of = host_of, .ctx = plan};
	struct store *store = store_open(dir, &err);

	if (!store || store_begin(store, &err) < 0 ||
	    store_sync_sources(store, plan->config->sources, plan->config->n_sources, &rules, &sync, &err) < 0 || store_commit(store, &err) < 0)
		fail("store", &err);
	return store;
}

static int run_poller(const char *dir, const char *config, int64_t end_ms)
{
	struct buf report = BUF_INIT(1 << 20);
	struct err err = {0};
	struct world w = {.end_ms = end_ms, .loop = loop_new(&err), .plan = plan_load(config, NULL, &report)};
	char *program = mem_printf("%s/syndicated", getenv("top_builddir") ? getenv("top_builddir") : ".");
	const struct pool_options options = {.workers = 1, .program = program, .argument = "--ingest-worker", .job_ms = 10000};
	const struct client_options client_options = {0};
	struct resolver *resolver;
	struct client *client;
	struct pool *pool;
	struct loop_signal *term;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!w.plan)
		fail(buf_str(&report), &err);
	pool = pool_start(w.loop, &options, &err);
	w.writer = store_thread_start(w.loop, open_store(dir, w.plan), &err);
	resolver = resolver_new(w.loop);
	client = client_new(w.loop, resolver, w.plan->policy, &client_options, &err);
	if (!pool || !w.writer || !client)
		fail("start", &err);
	w.poller = poller_new(&(struct poller_env){.loop = w.loop, .clock = &virtual_clock, .writer = w.writer, .client = client, .pool = pool,
	                                          .log_grew = ignore, .idle = idle, .ctx = &w},
	                      w.plan);
	w.timer = loop_timer_new(w.loop, tick, &w);
	term = loop_signal_new(w.loop, SIGTERM, asked_to_end, &w);
	poller_wake(w.poller);
	arm(&w);
	loop_run(w.loop);
	job_thread_stop(w.writer);
	loop_post(w.loop, last_turn, w.loop);
	loop_run(w.loop); /* every answer finds its owner */
	(void)loop_signal_free(term);
	(void)loop_timer_free(w.timer);
	(void)poller_free(w.poller);
	client_free(client);
	resolver_free(resolver);
	(void)pool_free(pool);
	(void)job_thread_free(w.writer);
	plan_unref(w.plan);
	(void)loop_free(w.loop);
	mem_free(program);
	buf_done(&report);
	return 0;
}

/* ---- the parent ---- */

static int listen_anywhere(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 256) < 0 || getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		fail("listen", NULL);
	*port = ntohs(a.sin_port);
	return fd;
}

/* Each source at an address of its own, so that none waits for another's host. */
static void write_config(const char *path, const char *dir, int port, unsigned n)
{
	FILE *f = fopen(path, "w");

	if (!f)
		fail(path, NULL);
	(void)fprintf(f, "state-dir: %s\ncontrol: %s/control.sock\nallow-networks: [127.0.0.0/8]\nsources:\n", dir, dir);
	for (unsigned i = 0; i < n; i++)
		(void)fprintf(f, "  - {url: \"http://127.%u.%u.1:%d/feed/%u\", name: s%u}\n", 1 + i / 250, 1 + i % 250, port, i, i);
	(void)fclose(f);
}

static uint64_t take(const char *s)
{
	return strtoull(s, NULL, 10);
}

static unsigned dice(uint64_t *state, unsigned sides)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*state >> 33) % sides;
}

static void print(unsigned days, uint64_t seed, unsigned kills, unsigned stops)
{
	const struct scorecard *c = card;

	printf("{\"scorecard\": \"polling.md R119\", \"seed\": %llu, \"source_days\": %llu, \"kills\": %u, \"restarts\": %u, \"requests\": %llu, "
	       "\"conditional\": %llu, \"not_modified\": %llu, \"errors_served\": %llu, \"unconditional_after_the_first\": %llu, "
	       "\"if_none_match_stale\": %llu, \"if_none_match_bogus\": %llu, \"if_modified_since_stale\": %llu, \"if_modified_since_bogus\": %llu, "
	       "\"cookies\": %llu, \"referrers\": %llu, \"query_arguments\": %llu, \"foreign_user_agents\": %llu, \"gaps_under_min\": %llu}\n",
	       (unsigned long long)seed, (unsigned long long)days * c->n_sources, kills, stops, (unsigned long long)c->requests,
	       (unsigned long long)c->conditional, (unsigned long long)c->not_modified, (unsigned long long)c->errors,
	       (unsigned long long)c->unconditional_again, (unsigned long long)c->etag_stale, (unsigned long long)c->etag_bogus,
	       (unsigned long long)c->date_stale, (unsigned long long)c->date_bogus, (unsigned long long)c->cookies,
	       (unsigned long long)c->referrers, (unsigned long long)c->query_arguments, (unsigned long long)c->bad_agents,
	       (unsigned long long)c->too_soon);
}

static bool is_clean(unsigned days)
{
	const struct scorecard *c = card;

	return c->unconditional_again + c->etag_stale + c->etag_bogus + c->date_stale + c->date_bogus + c->cookies + c->referrers +
	               c->query_arguments + c->bad_agents + c->too_soon == 0 &&
	       c->requests >= (uint64_t)days * c->n_sources && c->conditional > c->requests / 2;
}

/* Runs the poller until the virtual end, in pieces: most end by kill -9, some by SIGTERM, at a moment nobody chose. */
static void run_all(const char *dir, const char *config, int64_t end_ms, uint64_t *random, unsigned *kills, unsigned *stops)
{
	while (card->now_ms < end_ms) {
		int status, signo = dice(random, 3) ? SIGKILL : SIGTERM;
		pid_t child = fork();

		if (child < 0)
			fail("fork", NULL);
		if (child == 0) {
			exit(run_poller(dir, config, end_ms));
		}
		for (unsigned left = 300 + dice(random, 2500); left > 0 && card->now_ms < end_ms; left--)
			(void)usleep(START_MS_PER_S);
		if (card->now_ms < end_ms && kill(child, signo) == 0)
			*(signo == SIGKILL ? kills : stops) += 1;
		if (waitpid(child, &status, 0) < 0 || (WIFEXITED(status) && WEXITSTATUS(status) != 0))
			fail("the poller", NULL);
		card->epoch += WIFSIGNALED(status);
		card->now_ms += dice(random, 4) ? (int64_t)dice(random, 120000) : (int64_t)dice(random, 3 * 3600000);
	}
}

int main(int argc, char **argv)
{
	unsigned n = 1000, days = 10, kills = 0, stops = 0;
	uint64_t seed = 1, random;
	char dir[] = "/tmp/scorecard-XXXXXX", *config, *clean_up;
	pid_t origin;
	int port, listener;
	bool clean;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--sources") == 0)
			n = (unsigned)take(argv[i + 1]);
		else if (strcmp(argv[i], "--days") == 0)
			days = (unsigned)take(argv[i + 1]);
		else if (strcmp(argv[i], "--seed") == 0)
			seed = take(argv[i + 1]);
	}
	random = seed;
	log_init(getenv("SCORECARD_DEBUG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	(void)curl_global_init(CURL_GLOBAL_ALL);
	card = mmap(NULL, sizeof *card, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (card == MAP_FAILED || !mkdtemp(dir))
		fail("memory and directory", NULL);
	*card = (struct scorecard){.now_ms = 1767225600000, .n_sources = n, .min_gap_ms = 15 * MINUTE};
	listener = listen_anywhere(&port);
	config = mem_printf("%s/scorecard.yaml", dir);
	write_config(config, dir, port, n);
	origin = fork();
	if (origin == 0)
		scorecard_origin(listener, card, seed);
	close(listener);
	run_all(dir, config, card->now_ms + (int64_t)days * DAY, &random, &kills, &stops);
	(void)kill(origin, SIGKILL);
	(void)waitpid(origin, NULL, 0);
	print(days, seed, kills, stops);
	clean = is_clean(days);
	clean_up = mem_printf("rm -rf %s", dir);
	if (system(clean_up) != 0)
		fail("cleaning up", NULL);
	mem_free(clean_up);
	mem_free(config);
	return clean ? EXIT_SUCCESS : EXIT_FAILURE;
}
