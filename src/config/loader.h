#ifndef SYNDICATED_CONFIG_LOADER_H
#define SYNDICATED_CONFIG_LOADER_H
/* What the files of config/ share while a configuration is being read. */
#include "options.h"
#include "yaml.h"

struct entries { /* the node that each source, feed or webhook came from; NULL: made by us */
	const struct yaml_node **nodes;
	size_t n;
	size_t capacity;
};

struct loader {
	struct config *config;
	const struct config_asks *asks; /* or NULL */
	struct report report;
	struct arena *arena;
	struct config_file **files;
	size_t n_files;
	struct entries sources;
	struct entries feeds;
	struct entries webhooks;
	struct entries hosts;
	struct entries tags;
	size_t source_capacity;
	size_t feed_capacity;
	size_t webhook_capacity;
	size_t host_capacity;
	size_t tag_capacity;
	bool leave_out_sources;
	struct fingerprint_state *fingerprint;
	const struct yaml_node *root; /* of the main file */
};

/* Reads the main file into l->config; everything that is wrong is in the report. */
void load_file(struct loader *l, const char *path);

/* The checks that look at more than one value; fills in what is derived: names, inherited values, base_url. */
void check_all(struct loader *l);
/* The place of a value in an entry, or of the entry. */
struct place place_in(const struct yaml_node *entry, const char *key, const char *subkey);

/* Reads secret-file and checks what is in it. */
void load_secret(struct loader *l, struct webhook_spec *w, struct place where);
/* Makes access->authorization of the file that login names. */
void load_login(struct loader *l, struct source_access *access, const struct yaml_node *entry);
void load_proxy_login(struct loader *l);
/* Expands the path of a file that libraries will read later, and complains when that would fail. */
void load_key_path(struct loader *l, const char *option, char **path, struct place where);

/* Keeps the nearest of the candidates that it is shown. */
struct suggestion {
	const char *wanted;
	char best[80];
	unsigned distance;
};
void suggest(struct suggestion *s, const char *candidate);
/* "; did you mean 'x'?" in out, or nothing. */
const char *suggestion_text(const struct suggestion *s, char out[160]);

#endif
