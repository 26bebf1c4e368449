#ifndef DAEMON_PLAN_H
#define DAEMON_PLAN_H
/*
 * A loaded configuration with what is compiled from it. Immutable and counted: a job on the reader thread keeps the plan
 * it began with while a reload puts another in its place.
 */
#include <stdatomic.h>

#include "syndicated/base/map.h"
#include "syndicated/config.h"
#include "syndicated/model/selection.h"
#include "syndicated/net/policy.h"
#include "syndicated/schedule.h"

struct plan {
	atomic_int refs;
	struct config *config;
	struct selection **selections; /* one for each of config->feeds */
	struct policy *policy;
	struct host_rules *hosts;
	char *user_agent;
	struct map *accesses; /* by name, of the sources that have any */
	size_t n_unverified;  /* of them, those whose certificates are believed whatever they are (polling.md R96) */
	size_t n_sources; /* configured; the list itself goes once the store has it */
};

/*
 * NULL when the configuration has errors; all of them are in report then. Sources that the store has already are left out:
 * those of the plan in force, or, when that is NULL, those of the last run.
 */
struct plan *plan_load(const char *path, const struct plan *in_force, struct buf *report);
void plan_forget_sources(struct plan *p); /* the store has them */
struct plan *plan_ref(struct plan *p);
struct plan *plan_unref(struct plan *p); /* NULL-safe, returns NULL; any thread */

/* How a source wants to be asked; NULL: nothing special. Lives as long as the plan. */
const struct source_access *plan_access(const struct plan *p, const char *name);

bool plan_is_unverified(const struct plan *p, const char *name);

/* Whether the configuration holds something of sources that the store does not keep: then they are read again at each start. */
bool plan_needs_sources(const struct plan *p);

/* Index of a feed in config->feeds; 0, which is "all", when there is none of that name. */
size_t plan_feed_index(const struct plan *p, const char *name);

#endif
