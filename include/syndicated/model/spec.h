#ifndef SYNDICATED_MODEL_SPEC_H
#define SYNDICATED_MODEL_SPEC_H
/*
 * What the operator asked for: sources, feeds and webhooks as the configuration names them. Made by config/, handed
 * to the stages by daemon/. Each is owned by the struct config it came in; stages copy what they keep.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"

struct string_list {
	char **items;
	size_t n;
};
void string_list_add(struct string_list *l, const char *s);
bool string_list_has(const struct string_list *l, const char *s);
void string_list_copy(struct string_list *to, const struct string_list *from);
void string_list_done(struct string_list *l);

/* How a source wants to be asked. Nearly all have nothing of it. */
struct source_access {
	char *home;                 /* the configured URL: fields, login and trust are for its origin only (polling.md R26). NULL: the URL asked */
	char *user_agent;           /* NULL: as everywhere */
	struct string_list headers; /* "Name: value" */
	char *basic_file;           /* holds "user:password" */
	char *bearer_file;          /* holds a token */
	char *authorization;        /* made of one of them: never logged, never printed */
	char *proxy;                /* "http://host:port", "socks5://host:port", "none"; NULL: as everywhere */
	char *ca_file;              /* trust these instead of the system's */
	char *cert_file;            /* our certificate, for servers that ask for one */
	char *key_file;             /* NULL: it is in cert_file */
	bool verify;                /* false: believe any certificate (polling.md R96) */
	bool deltas;                /* ask for what is new only (RFC 3229, polling.md R24) */
};
bool source_access_is_plain(const struct source_access *a); /* nothing that is not everywhere so */
void source_access_copy(struct source_access *to, const struct source_access *from);
void source_access_done(struct source_access *a); /* overwrites what is secret */

enum update_policy { UPDATE_ANNOUNCE, UPDATE_QUIET, UPDATE_IGNORE };

struct source_spec {
	char *url;
	char *name;  /* unique; made from the URL when not given */
	char *title; /* overrides the feed's own; NULL */
	struct string_list tags;
	int64_t priority;
	int64_t poll_min_ms;
	int64_t poll_max_ms;
	bool poll_min_is_own; /* it was set for this source, to something else than for all */
	bool ignores_hints;   /* poll.hints: ignore */
	enum update_policy update;
	struct source_access access;
};

/* Whom a Retry-After or a 429 holds back: all sources of the host (polling.md R43), or the one that was answered so. */
enum host_limits { HOST_LIMITS_STANDARD, HOST_LIMITS_OF_HOST, HOST_LIMITS_OF_SOURCE };

struct host_spec {
	char *name;         /* a registrable domain, a host of a split one, or an address with or without a port */
	int64_t concurrent; /* -1: as host.concurrent */
	int64_t gap_ms;     /* -1: as host.gap */
	bool split;         /* each host name under the domain is paced for itself */
	enum host_limits limits;
};

struct tag_spec { /* what sources with this tag take from it, unless they say it themselves */
	char *name;
	int64_t poll_min_ms; /* -1: as poll.min */
	int64_t poll_max_ms;
};

struct story_spec { /* which items of different sources are told once: story.h */
	int64_t window_ms;
	int64_t merge_permille;   /* likeness from which an item is one of a story, */
	int64_t related_permille; /* and from which two stories are related. 1000: never */
};

/* What a pattern may look at. The text is summary and content, as words. */
enum item_field { FIELD_ANY, FIELD_TITLE, FIELD_TEXT, FIELD_AUTHOR, FIELD_LINK, FIELD_CATEGORY, ITEM_FIELDS };
const char *item_field_name(enum item_field f); /* "title"; "any" */

struct feed_spec {
	char *name; /* "all" always exists */
	char *title;
	struct string_list tags;    /* any of these; none: all sources */
	struct string_list sources; /* and/or these names; none: all */
	/* PCRE2, case-insensitive; NULL: not asked. All of match must be found, none of exclude. */
	char *match[ITEM_FIELDS];
	char *exclude[ITEM_FIELDS];
	char *search;               /* words that title or text must hold, in FTS5's language; NULL: not asked */
	bool merge_duplicates;      /* duplicates: merge | keep */
	int64_t per_source;         /* entries that one source may lead; 0: as many as there are */
	int64_t limit;              /* entries in the document */
};

enum { INITIAL_NONE = 0, INITIAL_ALL = -1 }; /* or a positive count: the newest n of a source's first fetch */

struct webhook_spec {
	char *name;
	char *feed;
	char *url;
	char *secret; /* the bytes of the "whsec_..." line in secret-file, without white space; never logged, never printed */
	char *secret_file;
	struct string_list events; /* names of event types; never empty once loaded */
	int64_t initial;
	int64_t timeout_ms;
};

/*
 * The key of a webhook's secret: "whsec_" and base64 of 24 to 64 bytes (push.md W10). Appends it to ret_key, which the
 * caller wipes with webhook_secret_forget(); ERR_INVALID for anything else, NULL too.
 */
must_check int webhook_secret_decode(const char *secret, struct buf *ret_key);
/* Overwrites the key before it is freed: it must not be found in a core file of a later fault. */
void webhook_secret_forget(struct buf *key);

#endif
