#ifndef SYNDICATED_CONFIG_H
#define SYNDICATED_CONFIG_H
/*
 * The configuration file: YAML read with libfyaml, given meaning by one table of options. All errors of a file (and of
 * the files it includes) are reported at once, each as "file:line:col: error: ..." with the source line and a caret;
 * unknown and repeated keys are errors that name the nearest known key. Blocking file reads; never logs.
 */
#include <stdbool.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/fingerprint.h"
#include "syndicated/base/log.h"
#include "syndicated/model/spec.h"

struct config {
	struct string_list listen;
	char *base_url; /* without a trailing slash; made from listen when not given */
	char *title;
	char *state_dir;
	char *control;  /* path of the Unix socket */
	struct string_list allow_networks;
	char *user_agent; /* NULL: our own */
	enum log_level log_level;

	int64_t poll_min_ms;
	int64_t poll_max_ms;
	int64_t poll_hold_down_ms;
	int64_t fetch_concurrent;
	int64_t fetch_timeout_ms;
	int64_t fetch_max_bytes;
	char *fetch_proxy;            /* NULL: none */
	char *fetch_proxy_login_file; /* NULL: none */
	char *fetch_proxy_login;      /* what it holds, "user:password"; never logged, never printed */
	int64_t fetch_rate; /* starts a second of sources that are behind */
	int64_t host_concurrent;
	int64_t host_gap_ms;
	struct story_spec stories;
	int64_t keep_age_ms;
	int64_t keep_items;
	int64_t ingest_workers; /* 0: one a core */

	struct source_spec *sources;
	size_t n_sources;
	struct feed_spec *feeds; /* "all" is the first */
	size_t n_feeds;
	struct webhook_spec *webhooks;
	size_t n_webhooks;
	struct tag_spec *tags;
	size_t n_tags;
	struct host_spec *hosts;
	size_t n_hosts;

	struct fingerprint sources_are; /* of the text of all sources and of what they take from the rest */
	bool sources_left_out;          /* by config_load_unless_known() */
};

/* What only others know. */
struct config_asks {
	/*
	 * Recognises sources_are: then the blocks of sources are not read again, which of a large configuration is nearly all the
	 * time and memory. The configuration has every other value of the main file then. Not asked when sources are written in
	 * another way than as a block of lines. NULL: they are read.
	 */
	bool (*is_known)(const struct config *c, void *ctx);
	/* Whether a feed's search is right; the message says what is not. NULL: nobody can tell. */
	int (*check_search)(const char *query, struct err *err);
	void *ctx;
};
/*
 * Reads path and what it includes. On failure returns a negative error, leaves *ret untouched and appends every
 * complaint to report. On success report may hold warnings. asks may be NULL.
 */
must_check int config_load(const char *path, const struct config_asks *asks, struct config **ret, struct buf *report);
struct config *config_free(struct config *c);
/* Frees the sources once they are stored. */
void config_forget_sources(struct config *c);

/* The effective configuration as YAML that config_load() takes again; secrets are not in it, their files are named. */
void config_print(const struct config *c, struct buf *out);

/* What a change from old to new means besides sources, a line each, for the log and syndicatectl: "+ source lwn", "- webhook desk", "poll.min 15m -> 5m".
 * Lines about options that only a restart changes end in "(after a restart)". Empty when nothing changed. */
void config_diff(const struct config *old, const struct config *new, struct buf *out);
/* The same of one source: old NULL is a new one, new NULL one that went. */
void config_diff_source(const struct source_spec *old, const struct source_spec *new, struct buf *out);

/* For tests and the manual: every option's name, type, default and one line of help, a line each. */
void config_describe(struct buf *out);

#endif
