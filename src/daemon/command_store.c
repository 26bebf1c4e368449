/* syndicated --backup, --restore and --check-store: care for the store without a daemon, or beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/config.h"
#include "syndicated/daemon.h"
#include "syndicated/store.h"

enum { REPORT_BYTES = 16 << 20 };

/* Only where the store is matters here; a configuration with errors says so, and nothing is done. */
static char *find_state_dir(const char *config_path)
{
	struct buf report = BUF_INIT(REPORT_BYTES);
	struct config *config = NULL;
	char *dir = NULL;

	if (config_load(config_path, NULL, &config, &report) == 0)
		dir = mem_dup_str(config->state_dir);
	else
		(void)fputs(buf_str(&report), stderr);
	config_free(config);
	buf_done(&report);
	return dir;
}

static int complain(const struct err *err)
{
	(void)fprintf(stderr, "syndicated: %s\n", err->message);
	return EXIT_FAILURE;
}

static int backup(const char *dir, const char *file, bool force)
{
	struct err err = {0};

	if (store_backup(dir, file, force, &err) < 0)
		return complain(&err);
	(void)printf("%s holds the store as it is now\n", file);
	return EXIT_SUCCESS;
}

static int restore(const char *dir, const char *file)
{
	struct store_restored r;
	struct err err = {0};

	if (store_restore(dir, file, &r, &err) < 0)
		return complain(&err);
	(void)printf("restored: %lld items; the log goes on behind seq %lld\n", (long long)r.items, (long long)r.last_seq);
	if (r.kept[0])
		(void)printf("the store of before is %s; remove it when all is well\n", r.kept);
	return EXIT_SUCCESS;
}

static int check(const char *dir)
{
	struct buf findings = BUF_INIT(REPORT_BYTES);
	struct err err = {0};
	bool all = false;
	int rc = store_check(dir, &findings, &all, &err);

	(void)fputs(buf_str(&findings), stdout);
	buf_done(&findings);
	if (rc < 0)
		return complain(&err);
	(void)printf("the store in %s is sound%s\n", dir, all ? "" : " (its index of words is only checked while no daemon runs)");
	return EXIT_SUCCESS;
}

int command_store(const char *config_path, enum store_command command, const char *file, bool force)
{
	auto_free char *dir = find_state_dir(config_path);

	if (!dir)
		return EXIT_FAILURE;
	switch (command) {
	case STORE_BACKUP:
		return backup(dir, file, force);
	case STORE_RESTORE:
		return restore(dir, file);
	case STORE_CHECK:
	default:
		return check(dir);
	}
}
