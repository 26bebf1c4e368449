/*
 * Runs the real scheduler over posting times and prints what came of it as one line of JSON. doc/schedule.md says what the
 * figures mean; tests/sim/check holds them on sources that are made up.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim.h"

#include "syndicated/base/text.h"

static const char usage[] =
    "usage: schedule [options] SERIES.json    {\"name\": [unix seconds, ...], ...}\n"
    "       schedule [options] --generate N   N made-up sources over 180 days\n"
    "  --min DURATION   poll.min, 15m          --price HOURS  of a poll, in hours that an item waits; the daemon's\n"
    "  --max DURATION   poll.max, 24h          --budget K     find the price that makes K polls a source and day\n"
    "  --seed N         of phases and jitter   --lean X       0.5: least mean delay; towards 1: least median\n"
    "  --no-jitter                             --part 1|2     only every second source\n"
    "  --bytes-304 N, --bytes-200 N            what an answer weighs on the wire\n";

struct arguments {
	struct run_options run;
	const char *path;
	size_t generate;
	uint64_t seed;
	double budget;
};

enum { MIN = 256, MAX, SEED, PRICE, BUDGET, LEAN, NO_JITTER, PART, GENERATE, BYTES_304, BYTES_200 };

static bool take_number(const char *text, double low, double high, double *ret)
{
	char *end;

	*ret = strtod(text, &end);
	return end != text && !*end && *ret >= low && *ret <= high;
}

static bool take_option(struct arguments *a, int option, const char *value)
{
	double n = 0;

	switch (option) {
	case MIN:
		return text_to_duration_ms(value, &a->run.policy.min_ms);
	case MAX:
		return text_to_duration_ms(value, &a->run.policy.max_ms);
	case NO_JITTER:
		a->run.no_jitter = true;
		return true;
	case PRICE:
		return take_number(value, 1e-9, 1e9, &a->run.policy.poll_price_h);
	case BUDGET:
		return take_number(value, 1e-3, 1e5, &a->budget);
	case LEAN:
		return take_number(value, 0.01, 1, &a->run.policy.lean);
	default:
		break;
	}
	if (!take_number(value, 0, 1e9, &n))
		return false;
	if (option == SEED)
		a->seed = (uint64_t)n;
	else if (option == PART)
		a->run.part = (int)n;
	else if (option == GENERATE)
		a->generate = (size_t)n;
	else if (option == BYTES_304)
		a->run.bytes_304 = (int64_t)n;
	else
		a->run.bytes_200 = (int64_t)n;
	return true;
}

static bool read_arguments(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
	    {"min", required_argument, NULL, MIN},
	    {"max", required_argument, NULL, MAX},
	    {"seed", required_argument, NULL, SEED},
	    {"price", required_argument, NULL, PRICE},
	    {"budget", required_argument, NULL, BUDGET},
	    {"lean", required_argument, NULL, LEAN},
	    {"no-jitter", no_argument, NULL, NO_JITTER},
	    {"part", required_argument, NULL, PART},
	    {"generate", required_argument, NULL, GENERATE},
	    {"bytes-304", required_argument, NULL, BYTES_304},
	    {"bytes-200", required_argument, NULL, BYTES_200},
	    {NULL, 0, NULL, 0},
	};

	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option == '?')
			return false;
		if (!take_option(a, option, optarg)) {
			(void)fprintf(stderr, "cannot use the value '%s'\n", optarg);
			return false;
		}
	}
	a->path = argv[optind];
	return a->path ? argc == optind + 1 && !a->generate : a->generate > 0;
}

static void print_result(const struct run_result *r)
{
	printf("{\"mean_delay_h\": %.4f, \"median_delay_h\": %.4f, \"p90_delay_h\": %.4f, \"polls_per_source_day\": %.4f, "
	       "\"items\": %zu, \"sources\": %zu, \"source_mean_delay_h\": %.4f, \"missed\": %zu, \"empty\": %.4f, "
	       "\"early\": %zu, \"price_h\": %.6g}\n",
	       r->mean_h, r->median_h, r->p90_h, r->polls_per_day, r->items, r->sources, r->source_mean_h, r->missed,
	       r->empty, r->early, r->price_h);
}

int main(int argc, char **argv)
{
	struct arguments a = {.run.policy = {.min_ms = 15 * 60000, .max_ms = 24 * 3600000}, .seed = 1};
	struct series_list list = {0};
	struct run_result r;

	if (!read_arguments(argc, argv, &a)) {
		(void)fputs(usage, stderr);
		return 2;
	}
	if (!a.path)
		series_generate(a.generate, a.seed, &list);
	else if (!series_load(a.path, a.seed, &list))
		return 1;
	r = a.budget > 0 ? run_at_budget(&list, &a.run, a.budget) : run_all(&list, &a.run);
	print_result(&r);
	series_list_done(&list);
	return 0;
}
