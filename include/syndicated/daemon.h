#ifndef SYNDICATED_DAEMON_H
#define SYNDICATED_DAEMON_H
/* The program put together. Only main.c calls this. */
#include <stdbool.h>

#include "syndicated/base/err.h"

/* Runs until SIGTERM or SIGINT; returns an exit status. Messages go to the log. */
int daemon_run(const char *config_path);

/* The ingest worker: reads jobs from descriptor 3 until it closes; never returns before. Enters the sandbox first. */
int worker_main(void);

/* syndicated parse [--base URL] [--problems] FILE */
int command_parse(int argc, char **argv);
/* syndicated opml FILE: the sources of an OPML file as configuration */
int command_opml(int argc, char **argv);
/* syndicated discover [--json] [--base URL] [--allow-networks CIDR[,CIDR]] URL|FILE|-: the feeds that a page names */
int command_discover(int argc, char **argv);

enum store_command { STORE_BACKUP, STORE_RESTORE, STORE_CHECK };
/* syndicated --backup FILE [--force], --restore FILE, --check-store */
int command_store(const char *config_path, enum store_command command, const char *file, bool force);

#endif
