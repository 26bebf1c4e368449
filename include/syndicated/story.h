#ifndef SYNDICATED_STORY_H
#define SYNDICATED_STORY_H
/*
 * Which items tell the same thing: items of different sources to stories, and stories to groups of related ones. No
 * store, no I/O, no clock: the caller says what time it is and keeps what must last (doc/stories.md).
 *
 *   story_features_make()    text -> features: pure, for the ingest worker
 *   story_features_encode()  features -> bytes for the store, and back; decoding trusts nothing
 *   story_index_match()      features -> a decision, from what was added before and nothing else
 *   story_index_add()        what the caller made of it; also when it loads the window at start
 *
 * An index is bounded: items older than the window and those beyond the maximum are forgotten, the oldest first. The
 * same calls give the same decisions on every machine, and an item that was added and removed leaves no trace in them.
 * One thread at a time. An item that is forgotten stays in its story in the store.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"

#define STORY_TERMS 64u     /* different words that are kept of an item: of its title first */
#define STORY_NUMBERS 24u
#define STORY_SHINGLES 64u  /* the sample of a long body */
#define STORY_BLOB_BYTES 768u /* the largest encoding; about 250 for a headline with a summary */
#define STORY_CANDIDATES 5u
#define STORY_RELATED 5u

/* ---- features ---- */

/* Plain text in clean UTF-8; each may be NULL. The caller owns it. */
struct story_text {
	const char *title;
	const char *summary;
	const char *content;
	const char *source_title; /* the source's own name, which is ignored at the end of a title: "Headline - Reuters" */
};

enum story_number_kind { STORY_NUMBER_WHOLE, STORY_NUMBER_DECIMAL, STORY_NUMBER_SCORE, STORY_NUMBER_KINDS };

struct story_number {
	uint8_t kind;
	uint32_t value; /* whole: itself; decimal: hundredths; score: the larger in the upper 16 bits. All capped */
};

struct story_features {
	uint64_t title_key;   /* of the title's words without its numbers; 0: no title worth it */
	uint16_t n_terms;
	uint16_t n_numbers;
	uint16_t n_shingles;  /* 0: the body is too short to be recognised as a wire copy */
	uint16_t body_words;  /* capped */
	uint32_t terms[STORY_TERMS]; /* hashes, ascending */
	uint8_t weights[STORY_TERMS]; /* of unit length together, times 240 */
	struct story_number numbers[STORY_NUMBERS]; /* ascending by kind, then value */
	uint32_t shingles[STORY_SHINGLES]; /* the smallest hashes of the body's runs of words, ascending */
};

/* Before a process gives up its files: makes ICU load the dictionaries of scripts without spaces. */
void story_init(void);

/* Takes time linear in the text, of which it reads the first 64 KiB of each part. */
void story_features_make(const struct story_text *t, struct story_features *ret);

/* At most STORY_BLOB_BYTES; the same features give the same bytes for ever (what is stored depends on it). */
void story_features_encode(const struct story_features *f, struct buf *out);
/* ERR_CORRUPT for bytes that no encoder wrote. */
must_check int story_features_decode(const void *bytes, size_t len, struct story_features *ret);

/* ---- rules ---- */

struct story_rules {
	int64_t window_ms;     /* how long an item is looked at */
	uint32_t max_items;    /* how many at most */
	double merge;          /* cosine to a story's mean from which an item is one of the story */
	double related;        /* cosine to a group's mean from which a story is one of the group */
	uint32_t related_from; /* items that must have been seen before: until then it is not known which words all use */
	double wire;           /* share of the shorter body that is in the other from which both are one wire copy */
	uint32_t story_items;  /* a story takes no more by likeness */
	uint32_t group_items;
	uint32_t min_terms;    /* fewer words say nothing */
	uint32_t min_common;   /* different words in common, at least */
	double fade;           /* part of the likeness that is gone at the end of the window */
	double prior_items;    /* items that are imagined to be seen before the first one: without, early words have no weight */
	double prior_uses;     /* and how often each word in them */
	uint32_t work;         /* places that a search looks at, rarest words first: what bounds its time */
};

/* Chosen on the train part of ECB+ (doc/stories.md). */
void story_rules_default(struct story_rules *ret);

/* ---- index ---- */

enum story_rule {
	STORY_NEW,     /* none fits: a story of its own */
	STORY_SIMILAR, /* as like the story's mean as rules.merge asks */
	STORY_WIRE,    /* the same long text as an item of the story */
};

enum story_veto {
	STORY_TAKEN,      /* no veto: the story chosen */
	STORY_UNLIKE,     /* not like enough; no veto either */
	STORY_LESS_LIKE,  /* like enough, but another is more */
	STORY_OWN_SOURCE, /* the story has an item of this source */
	STORY_FULL,       /* the story has rules.story_items items */
	STORY_OTHER_SCORE,     /* 2:1 is not 3:0 */
	STORY_OTHER_MAGNITUDE, /* 5.4 is not 6.8 */
	STORY_OTHER_NUMBERS,   /* the same words with other numbers: a report that comes every day or week */
	STORY_UPDATE,     /* passages of the story among other news: a later report */
	STORY_RECURRING,  /* a title that a source uses again and again */
	STORY_TOO_SHORT,  /* too few words, or too few in common */
	STORY_VETOES,
};

struct story_candidate {
	int64_t story_id;
	double likeness; /* cosine to the story's mean, faded */
	double copied;   /* share of the shorter body that is in the other's; 0: not compared */
	enum story_veto veto;
};

struct story_decision {
	enum story_rule rule;
	int64_t story_id;   /* 0 for STORY_NEW */
	int64_t group_id;   /* 0: a group of its own */
	double score;       /* what the rule measured */
	double group_score;
	uint32_t n_candidates;
	struct story_candidate candidates[STORY_CANDIDATES]; /* the best first */
	uint32_t n_related;
	struct story_candidate related[STORY_RELATED]; /* other stories of the group that are most like it */
};

struct story_index;
/* The rules are copied. Memory grows with what is added. */
struct story_index *story_index_new(const struct story_rules *rules);
struct story_index *story_index_free(struct story_index *x); /* NULL-safe, returns NULL */
/* Other thresholds for what comes; window and maximum hold from the next story_index_expire(). */
void story_index_set_rules(struct story_index *x, const struct story_rules *rules);

/* Changes nothing. What is older than the window at now_ms is not seen. */
void story_index_match(struct story_index *x, const struct story_features *f, int64_t source_id, int64_t now_ms,
                       struct story_decision *ret);

/*
 * An item of a story and of a group, whoever decided it: match, the same URL, a person. Ids are the caller's, over 0. An
 * unknown story is begun, as is an unknown group; group_id 0 means the group that the story has, else one with the
 * story's id. A known story keeps the group it has. Items are added in the order of their times. ERR_EXISTS for a known
 * item, ERR_INVALID for an id of 0 or less. Past twice rules.max_items the oldest are forgotten at once.
 */
struct story_place {
	int64_t item_id;
	int64_t source_id;
	int64_t story_id;
	int64_t group_id;
	int64_t time_ms;
};
must_check int story_index_add(struct story_index *x, const struct story_place *p, const struct story_features *f);

/* A purged item, or one whose transaction was rolled back. An item that is not there is none. */
void story_index_remove(struct story_index *x, int64_t item_id);
/* Split and join. What the story had of a group it keeps; group_id as for adding. ERR_NOT_FOUND: it is out of the window. */
must_check int story_index_move(struct story_index *x, int64_t item_id, int64_t story_id, int64_t group_id);

/* After a commit: forgets what is too old or too much. Not during a transaction, since what is forgotten does not come back. */
void story_index_expire(struct story_index *x, int64_t now_ms);

size_t story_index_items(const struct story_index *x);
size_t story_index_bytes(const struct story_index *x); /* memory it holds */

/* In words, for explain. */
const char *story_rule_words(enum story_rule r);
const char *story_veto_words(enum story_veto v);

#endif
