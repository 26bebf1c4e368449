#ifndef SYNDICATED_MODEL_SELECTION_H
#define SYNDICATED_MODEL_SELECTION_H
/*
 * Which items a feed holds: its tags, sources and patterns, compiled once. Pure; a selection is immutable after
 * selection_new() and may be used by any thread (each call brings its own match data). Patterns run in PCRE2 with
 * match and depth limits; a subject that exceeds them does not match (REL-27).
 */
#include <stdbool.h>

#include "syndicated/base/err.h"
#include "syndicated/model/spec.h"
#include "syndicated/model/view.h"

struct selection;
/* NULL, with a message that names the pattern and the place in it, when a pattern does not compile. */
struct selection *selection_new(const struct feed_spec *spec, struct err *err);
struct selection *selection_free(struct selection *s);
/* By tags and names alone: for events about a source, which patterns say nothing of. */
bool selection_accepts_source(const struct selection *s, const struct source_view *source);
bool selection_accepts(const struct selection *s, const struct item_view *item);

#endif
