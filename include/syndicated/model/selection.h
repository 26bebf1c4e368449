#ifndef SYNDICATED_MODEL_SELECTION_H
#define SYNDICATED_MODEL_SELECTION_H
/*
 * Which items a feed holds: its tags, sources and patterns, compiled once. Pure; a selection is immutable after
 * selection_new() and may be used by any thread (each call brings its own match data). Patterns run in PCRE2 with
 * match and depth limits; a subject that exceeds them does not match (REL-27). What is searched for is only kept here:
 * the store knows its index and asks it (store.h).
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
/* What the feed searches for, or NULL. selection_accepts() knows nothing of it. */
const char *selection_search(const struct selection *s);
/* How many entries one source may lead, 0: any number; and whether a story is one entry, or each item of it. */
int64_t selection_per_source(const struct selection *s);
bool selection_merges(const struct selection *s);

/* Which rule decided about an item, for people (syndicatectl test-feed). */
enum selection_rule {
	SELECTION_TAKEN,      /* no rule speaks against it */
	SELECTION_NO_SOURCE,  /* its source has none of the tags and is none of those named */
	SELECTION_NO_MATCH,   /* the pattern of match for that field fits nothing */
	SELECTION_EXCLUDED,   /* the pattern of exclude for that field fits */
	SELECTION_TOO_COSTLY, /* a pattern took more work on this item than is allowed, and counts as not fitting */
	/* Said by those who know more than the item: */
	SELECTION_NOT_FOUND,  /* the search does not have it */
	SELECTION_OVER_CAP,   /* its source has as many entries as it may */
};
enum { SELECTION_QUOTE_BYTES = 96 };
struct selection_verdict {
	enum selection_rule rule;
	enum item_field field;             /* that the deciding pattern is for */
	char quote[SELECTION_QUOTE_BYTES]; /* what it fits in the item, or "": clean, one line, cut */
};
void selection_judge(const struct selection *s, const struct item_view *item, struct selection_verdict *ret);
const char *selection_rule_name(enum selection_rule r); /* "match" */

#endif
