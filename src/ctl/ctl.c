#include "syndicated/ctl.h"

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/net/unix_client.h"

enum { EXIT_USAGE = 2, TIMEOUT_MS = 30000, ANSWER_BYTES = 256 << 20, TYPO_DISTANCE = 2 };

static const char default_socket[] = "/run/syndicated/control.sock";

struct request {
	const char *socket;
	const char *source; /* of items */
	const char *limit;
	bool json;
	bool failing; /* of sources */
	const char *merge;    /* of stories */
	const char *related;
	const char *argument;
	const char *second_argument;
	struct buf path;
};

static void path_items(struct request *r)
{
	buf_append_printf(&r->path, "/items?limit=%s", r->limit ? r->limit : "20");
	if (r->source) {
		buf_append_str(&r->path, "&source=");
		unix_client_escape(&r->path, r->source);
	}
}

static void path_sources(struct request *r)
{
	buf_append_str(&r->path, r->failing ? "/sources?failing=1" : "/sources");
}

static void path_explain(struct request *r)
{
	buf_append_str(&r->path, "/sources/");
	unix_client_escape(&r->path, r->argument);
	buf_append_str(&r->path, "/explain");
}

static void path_search(struct request *r)
{
	buf_append_printf(&r->path, "/search?limit=%s&q=", r->limit ? r->limit : "20");
	unix_client_escape(&r->path, r->argument);
}

static void path_item(struct request *r, const char *what)
{
	buf_append_str(&r->path, "/items/");
	unix_client_escape(&r->path, r->argument);
	buf_append_str(&r->path, what);
}

static void path_explain_item(struct request *r)
{
	path_item(r, "/explain");
}

static void path_split(struct request *r)
{
	path_item(r, "/split");
}

static void path_join(struct request *r)
{
	path_item(r, "/join?with=");
	unix_client_escape(&r->path, r->second_argument);
}

static void path_stories(struct request *r)
{
	buf_append_printf(&r->path, "/stories?limit=%s", r->limit ? r->limit : "20");
	if (r->merge)
		buf_append_str(&r->path, "&merge=");
	if (r->merge)
		unix_client_escape(&r->path, r->merge);
	if (r->related)
		buf_append_str(&r->path, "&related=");
	if (r->related)
		unix_client_escape(&r->path, r->related);
}

static void path_test_feed(struct request *r)
{
	buf_append_str(&r->path, "/feeds/");
	unix_client_escape(&r->path, r->argument);
	buf_append_printf(&r->path, "/test?limit=%s", r->limit ? r->limit : "20");
}

static void path_poll(struct request *r)
{
	buf_append_str(&r->path, "/sources/");
	unix_client_escape(&r->path, r->argument);
	buf_append_str(&r->path, "/poll");
}

static const struct command {
	const char *name, *argument, *method, *path;
	void (*make_path)(struct request *r); /* when path is NULL */
	void (*show)(const json_t *answer);
	const char *help, *example;
} commands[] = {
	{"status", NULL, "GET", "/status", NULL, show_status, "what the daemon is doing, and how its webhooks are", "syndicatectl status"},
	{"sources", NULL, "GET", NULL, path_sources, show_sources, "every source: last and next poll, and why it fails; --failing: those alone",
	 "syndicatectl sources --failing"},
	{"explain source", "NAME", "GET", NULL, path_explain, show_explain, "when a source is polled next, and why then",
	 "syndicatectl explain source lwn"},
	{"test-feed", "NAME", "GET", NULL, path_test_feed, show_trials, "which of the newest items a feed takes, and which rule decided; --limit N",
	 "syndicatectl test-feed balkans --limit 50"},
	{"search", "WORDS", "GET", NULL, path_search, show_items, "stored items with these words, newest first; --limit N",
	 "syndicatectl search 'kernel AND (release OR \"long term\")'"},
	{"explain item", "ID", "GET", NULL, path_explain_item, show_item, "why an item is in its story, and what else came into question",
	 "syndicatectl explain item 4711"},
	{"split", "ID", "POST", NULL, path_split, show_message, "let an item begin a story of its own", "syndicatectl split 4711"},
	{"join", "ID OTHER", "POST", NULL, path_join, show_message, "put an item into the story of another", "syndicatectl join 4711 4702"},
	{"stories", NULL, "GET", NULL, path_stories, show_replay,
	 "what other thresholds would make of the stories of the last days; --merge 0.3, --related 0.2, --limit N; changes nothing",
	 "syndicatectl stories --merge 0.3"},
	{"poll", "NAME", "POST", NULL, path_poll, show_message, "poll one source now, also one that was given up", "syndicatectl poll lwn"},
	{"refresh", "NAME", "POST", NULL, path_poll, show_message, "the same", "syndicatectl refresh lwn"},
	{"reload", NULL, "POST", "/reload", NULL, show_message, "read the configuration again; a bad file changes nothing", "syndicatectl reload"},
	{"items", NULL, "GET", NULL, path_items, show_items, "the newest items; --source NAME, --limit N", "syndicatectl items --source lwn --limit 5"},
};
enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void usage(FILE *out)
{
	(void)fputs("Usage: syndicatectl [--socket PATH] [--json] COMMAND\n\n", out);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		char head[64];

		(void)snprintf(head, sizeof(head), "%s%s%s", commands[i].name, commands[i].argument ? " " : "",
		               commands[i].argument ? commands[i].argument : "");
		(void)fprintf(out, "  %-20s %s\n  %-20s   %s\n", head, commands[i].help, "", commands[i].example);
	}
	(void)fprintf(out, "\n  -s, --socket PATH  the control socket ($SYNDICATED_SOCKET, or %s)\n"
	                   "  -j, --json         the answer as the daemon gives it\n"
	                   "  -h, --help         this text\n"
	                   "  -V, --version      the version\n",
	              default_socket);
}

static const struct command *find_command(const char *name)
{
	const struct command *nearest = NULL;
	unsigned best = TYPO_DISTANCE + 1;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		unsigned d = text_distance(name, commands[i].name, TYPO_DISTANCE);

		if (d == 0)
			return &commands[i];
		if (d < best) {
			best = d;
			nearest = &commands[i];
		}
	}
	if (nearest)
		(void)fprintf(stderr, "syndicatectl: there is no command '%s'; did you mean '%s'?\n", name, nearest->name);
	else
		(void)fprintf(stderr, "syndicatectl: there is no command '%s'; 'syndicatectl --help' lists them\n", name);
	return NULL;
}

static int show_answer(const struct command *c, const struct request *r, int status, const struct buf *body)
{
	json_error_t where;
	json_t *answer = json_loadb(buf_str(body), body->len, JSON_REJECT_DUPLICATES, &where);
	const char *error = json_string_value(json_object_get(answer, "error"));
	int exit_status = status < 300 && answer ? EXIT_SUCCESS : EXIT_FAILURE;

	if (r->json)
		(void)printf("%s\n", buf_str(body));
	if (!answer)
		(void)fprintf(stderr, "syndicatectl: the answer (HTTP %d) makes no sense: %s\n", status, where.text);
	else if (exit_status != EXIT_SUCCESS)
		show_complaint(error ? error : "the daemon refused without saying why");
	else if (!r->json)
		c->show(answer);
	json_decref(answer);
	return exit_status;
}

static int run(const struct command *c, struct request *r)
{
	struct buf body = BUF_INIT(ANSWER_BYTES);
	struct err err = {0};
	int status = 0, rc;

	if (c->path)
		buf_append_str(&r->path, c->path);
	else
		c->make_path(r);
	rc = unix_client_request(r->socket, c->method, buf_str(&r->path), NULL, TIMEOUT_MS, &status, &body, &err);
	if (rc < 0) {
		(void)fprintf(stderr, "syndicatectl: %s\n", err.message);
		rc = EXIT_FAILURE;
	} else {
		rc = show_answer(c, r, status, &body);
	}
	buf_done(&body);
	return rc;
}

static const struct option options[] = {
	{"socket", required_argument, NULL, 's'}, {"json", no_argument, NULL, 'j'},  {"source", required_argument, NULL, 'S'},
	{"merge", required_argument, NULL, 'M'},  {"related", required_argument, NULL, 'R'},
	{"limit", required_argument, NULL, 'n'},  {"failing", no_argument, NULL, 'F'}, {"help", no_argument, NULL, 'h'},  {"version", no_argument, NULL, 'V'},
	{0},
};

/* -1 to go on, else the exit status. */
static int take_option(struct request *r, int option)
{
	switch (option) {
	case 's':
		r->socket = optarg;
		return -1;
	case 'j':
		r->json = true;
		return -1;
	case 'S':
		r->source = optarg;
		return -1;
	case 'M':
		r->merge = optarg;
		return -1;
	case 'R':
		r->related = optarg;
		return -1;
	case 'F':
		r->failing = true;
		return -1;
	case 'n':
		r->limit = optarg;
		return -1;
	case 'h':
		usage(stdout);
		return EXIT_SUCCESS;
	case 'V':
		(void)puts(PACKAGE_STRING);
		return EXIT_SUCCESS;
	default:
		(void)fputs("Try 'syndicatectl --help'.\n", stderr);
		return EXIT_USAGE;
	}
}

/* A command is a word, or two when the first says what kind of thing is asked about. */
static const struct command *take_command(int argc, char **argv)
{
	auto_free char *words = NULL;

	if (strcmp(argv[optind], "explain") != 0)
		return find_command(argv[optind++]);
	words = mem_printf("explain %s", optind + 1 < argc ? argv[optind + 1] : "source");
	optind += optind + 1 < argc ? 2 : 1;
	return find_command(words);
}

/* "ID OTHER" are two. */
static int arguments_of(const struct command *c)
{
	if (!c->argument)
		return 0;
	return strchr(c->argument, ' ') ? 2 : 1;
}

int ctl_main(int argc, char **argv)
{
	const char *from_environment = getenv("SYNDICATED_SOCKET");
	struct request r = {.socket = from_environment ? from_environment : default_socket, .path = BUF_INIT(64 << 10)};
	const struct command *c;
	int option, status;

	while ((option = getopt_long(argc, argv, "s:jhV", options, NULL)) != -1)
		if ((status = take_option(&r, option)) >= 0)
			return status;
	if (optind == argc) {
		usage(stderr);
		return EXIT_USAGE;
	}
	c = take_command(argc, argv);
	if (!c)
		return EXIT_USAGE;
	if (argc - optind != arguments_of(c)) {
		(void)fprintf(stderr, "syndicatectl: usage: syndicatectl %s%s%s\n", c->name, c->argument ? " " : "", c->argument ? c->argument : "");
		return EXIT_USAGE;
	}
	r.argument = c->argument ? argv[optind] : NULL;
	r.second_argument = arguments_of(c) > 1 ? argv[optind + 1] : NULL;
	status = run(c, &r);
	buf_done(&r.path);
	return status;
}
