#ifndef SYNDICATED_CONFIG_YAML_H
#define SYNDICATED_CONFIG_YAML_H
/*
 * A YAML file as a tree in which every node knows its place. libfyaml does the syntax (its events, not its document:
 * those carry the places and cost less for 100,000 sources); repeated keys, anchors and encodings are checked here.
 */
#include "report.h"

#include "syndicated/base/mem.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	bool is_null; /* a text that is absent, "~" or "null" and not quoted */
	struct place place;
	const char *text;        /* NUL terminated, holds no NUL */
	struct yaml_node *key;   /* of a value in a map */
	struct yaml_node *first; /* children of a list or map */
	struct yaml_node *last;
	struct yaml_node *next;
	size_t n;
};

/* Parses f->text. NULL when it is empty or wrong; what is wrong is in the report. The tree lives as long as the arena. */
struct yaml_node *yaml_parse(const struct config_file *f, struct arena *arena, struct report *report);

/* The value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* "a list", "a block of keys", "nothing", "text": for "expected ..., got ...". */
const char *yaml_kind_text(const struct yaml_node *n);

#endif
