/*
 * A scorecard self-test (polling.md R119, T1, T10, T11): the poller in virtual time (world.h) against an origin that judges it,
 * killed and stopped at random and started again, some virtual time later.
 *
 *	scorecard [--sources N] [--days N] [--seed N]      (1000 sources for 10 days)
 *
 * Prints one JSON line; exit status 1 unless every column that must be zero is.
 */
#include <curl/curl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scorecard.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"

enum { START_MS_PER_S = 1000 };

static struct scorecard *card;

/* Each source at an address of its own, so that none waits for another's host. */
static void write_config(const char *path, const char *dir, int port, unsigned n)
{
	FILE *f = fopen(path, "w");

	if (!f)
		sim_fail(path, NULL);
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
static void run_all(const char *dir, const char *config, int port, int64_t end_ms, uint64_t *random, unsigned *kills, unsigned *stops)
{
	while (card->time.mono_ms < end_ms) {
		int status, signo = dice(random, 3) ? SIGKILL : SIGTERM;
		pid_t child = fork();

		if (child < 0)
			sim_fail("fork", NULL);
		if (child == 0) {
			sim_world_run(&(struct sim_world){.dir = dir, .config = config, .time = &card->time, .end_ms = end_ms});
			exit(0);
		}
		for (unsigned left = 300 + dice(random, 2500); left > 0 && card->time.mono_ms < end_ms; left--)
			(void)usleep(START_MS_PER_S);
		if (card->time.mono_ms < end_ms && kill(child, signo) == 0)
			*(signo == SIGKILL ? kills : stops) += 1;
		if (waitpid(child, &status, 0) < 0 || (WIFEXITED(status) && WEXITSTATUS(status) != 0))
			sim_fail("the poller", NULL);
		loopback_settle(port); /* what it sent belongs to before */
		card->epoch += WIFSIGNALED(status);
		card->time.mono_ms += dice(random, 4) ? (int64_t)dice(random, 120000) : (int64_t)dice(random, 3 * 3600000);
	}
}

int main(int argc, char **argv)
{
	unsigned n = 1000, days = 10, kills = 0, stops = 0;
	uint64_t seed = 1, random;
	char *dir = sim_dir_new(), *config;
	pid_t origin;
	int port = 0, listener;
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
	card = sim_shared(sizeof *card);
	*card = (struct scorecard){.time.mono_ms = SIM_START, .n_sources = n, .min_gap_ms = 15 * SIM_MINUTE};
	listener = loopback_listen(&port);
	config = mem_printf("%s/scorecard.yaml", dir);
	write_config(config, dir, port, n);
	origin = fork();
	if (origin == 0)
		scorecard_origin(listener, port, card, seed);
	close(listener);
	run_all(dir, config, port, card->time.mono_ms + (int64_t)days * SIM_DAY, &random, &kills, &stops);
	(void)kill(origin, SIGKILL);
	(void)waitpid(origin, NULL, 0);
	print(days, seed, kills, stops);
	clean = is_clean(days);
	sim_dir_remove(dir);
	mem_free(config);
	return clean ? EXIT_SUCCESS : EXIT_FAILURE;
}
