/*
 * syndicated: polls feeds, recognises what it has seen, keeps it, and publishes it again as one feed and as webhooks.
 *
 * A map of the program. Data flows one way; each folder is a stage, and only daemon/ knows them all:
 *
 *   config/    syndicated.yaml to structs          schedule/  when to look again, which host may be asked
 *   fetch/     one polite conditional GET          parse/     bytes to raw feed      \
 *   store/     SQLite: one transaction a poll      clean/     raw feed to safe items  > in a sandboxed worker
 *   publish/   stories to Atom and pages           identify/  items to keys          /
 *   serve/     GET of a ready document             deliver/   signed webhooks, retried
 *   control/   the Unix socket                     ctl/       syndicatectl
 *   base/ model/ net/   what all of them stand on
 *   daemon/    poller.c (source to store), publisher.c and dispatch.c (event log to readers), pool.c and worker.c
 *              (the processes that touch foreign bytes), daemon.c (start, stop, signals), reload.c, operations.c;
 *              command_parse.c and command_discover.c (syndicated parse, opml and discover)
 *
 * The contracts between them are in include/syndicated/; doc/architecture.md has the picture and the reasons.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/config.h"
#include "syndicated/store.h"
#include "syndicated/daemon.h"

enum { EXIT_USAGE = 2, REPORT_BYTES = 16 << 20 };

static const char help[] =
	"Usage: syndicated [-c FILE]                      run, in the foreground\n"
	"       syndicated [-c FILE] --check-config       check the configuration and say all that is wrong\n"
	"       syndicated [-c FILE] --print-config       print the configuration in force, with defaults\n"
	"       syndicated parse [--base URL] [--problems] FILE|-\n"
	"                                                 print a feed as JSON, as syndicated reads it\n"
	"       syndicated opml FILE|-                    print the sources of an OPML file as configuration\n"
	"       syndicated discover [--json] [--base URL] [--allow-networks CIDR[,CIDR]] URL|FILE|-\n"
	"                                                 list the feeds that a page names\n"
	"\n"
	"  -c, --config FILE   the configuration (" DEFAULT_CONFIG ")\n"
	"  -h, --help          this text\n"
	"  -V, --version       the version\n"
	"\n"
	"SIGHUP reloads the configuration, SIGTERM ends. See syndicated(8), syndicated.yaml(5), syndicatectl(1).\n";

enum { OPTION_CHECK = 256, OPTION_PRINT, OPTION_WORKER };

static const struct option options[] = {
	{"config", required_argument, NULL, 'c'},
	{"check-config", no_argument, NULL, OPTION_CHECK},
	{"print-config", no_argument, NULL, OPTION_PRINT},
	{"ingest-worker", no_argument, NULL, OPTION_WORKER}, /* for ourselves */
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

static int check_config(const char *path, bool print)
{
	struct buf report = BUF_INIT(REPORT_BYTES);
	struct buf out = BUF_INIT(REPORT_BYTES);
	struct config *config = NULL;
	const struct config_asks asks = {.check_search = store_search_check};
	int rc = config_load(path, &asks, &config, &report);

	(void)fputs(buf_str(&report), stderr);
	if (rc == 0 && print) {
		config_print(config, &out);
		(void)fputs(buf_str(&out), stdout);
	} else if (rc == 0) {
		(void)printf("%s: ok: %zu sources, %zu feeds, %zu webhooks\n", path, config->n_sources, config->n_feeds, config->n_webhooks);
	}
	config_free(config);
	buf_done(&report);
	buf_done(&out);
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const char *config_path = DEFAULT_CONFIG;
	int mode = 0;
	int c;

	if (argc > 1 && strcmp(argv[1], "parse") == 0)
		return command_parse(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "opml") == 0)
		return command_opml(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "discover") == 0)
		return command_discover(argc - 1, argv + 1);
	while ((c = getopt_long(argc, argv, "c:hV", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			config_path = optarg;
			break;
		case 'h':
			(void)fputs(help, stdout);
			return EXIT_SUCCESS;
		case 'V':
			(void)puts(PACKAGE_STRING);
			return EXIT_SUCCESS;
		case OPTION_WORKER:
			return worker_main();
		case OPTION_CHECK:
		case OPTION_PRINT:
			mode = c;
			break;
		default:
			(void)fputs("Try 'syndicated --help'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "syndicated: '%s' is no command; try 'syndicated --help'\n", argv[optind]);
		return EXIT_USAGE;
	}
	return mode ? check_config(config_path, mode == OPTION_PRINT) : daemon_run(config_path);
}
