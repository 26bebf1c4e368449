#ifndef SYNDICATED_CONFIG_OPTIONS_H
#define SYNDICATED_CONFIG_OPTIONS_H
/*
 * The one table of options: what the file may say, of which type and range, where it goes in the structs, what it is
 * when not said, and one line of help. Reading, printing, comparing and describing all walk this table.
 */
#include "syndicated/base/buf.h"
#include "syndicated/base/err.h"
#include "syndicated/config.h"

enum option_scope { SCOPE_MAIN, SCOPE_SOURCE, SCOPE_FEED, SCOPE_WEBHOOK, SCOPE_HOST, SCOPE_TAG, SCOPES };

enum option_type {
	OPTION_TEXT, /* char *, one line; min and max are its length in bytes */
	OPTION_URL,
	OPTION_NAME,
	OPTION_PATH,        /* made absolute */
	OPTION_SECRET_FILE, /* a path in which ${CREDENTIALS_DIRECTORY} may stand */
	OPTION_PROXY,
	OPTION_PATTERN,
	OPTION_DURATION, /* int64_t, ms */
	OPTION_SIZE,     /* int64_t, bytes */
	OPTION_INTEGER,  /* int64_t */
	OPTION_SHARE,    /* int64_t, thousandths, written as 0.25 */
	OPTION_INITIAL,  /* int64_t: none, all or a count */
	OPTION_CHOICE,   /* an enum */
	OPTION_SWITCH,   /* bool with two words */
	OPTION_TEXTS,    /* struct string_list, also written as one text */
	OPTION_NAMES,
	OPTION_ADDRESSES,
	OPTION_NETWORKS,
	OPTION_HEADERS, /* "Name: value" */
	OPTION_INCLUDE, /* what is not stored in a struct but followed */
	OPTION_SOURCES,
	OPTION_FEEDS,
	OPTION_WEBHOOKS,
	OPTION_HOSTS,
	OPTION_TAGS,
};

enum { /* flags */
       OPTION_REQUIRED = 1,
       OPTION_RESTART = 2,   /* a reload does not change it */
       OPTION_INHERITED = 4, /* -1 until the main value is known */
       OPTION_KEY = 8,       /* names the entry; shown in the title of a difference, not as a line of it */
};

struct choice {
	const char *word;
	int value;
};

struct option {
	const char *path; /* "poll.min": min in the block poll */
	enum option_type type;
	size_t offset;
	const char *standard; /* as the file would say it; NULL: nothing */
	int64_t min;
	int64_t max;
	const struct choice *choices; /* ends with a NULL word */
	unsigned flags;
	const char *help;
};

struct option_table {
	const char *what;   /* "source" */
	const char *prefix; /* for the description: "sources[]." */
	const struct option *options;
	size_t n;
};

extern const struct option_table option_tables[SCOPES];

/* Puts the defaults of a scope into a zeroed struct. */
void option_set_defaults(enum option_scope scope, void *base);
/* Frees what the options of a scope own in a struct. */
void option_clear_all(enum option_scope scope, void *base);
bool option_is_list(const struct option *o);
bool option_is_number(const struct option *o); /* int64_t */
bool option_is_block(const struct option *o); /* sources, feeds, webhooks, hosts, include: not a value */
/* "a duration such as 15m" */
const char *option_expects(const struct option *o);
/* Reads one value (or one element of a list) into the struct. dir makes relative paths absolute. */
must_check int option_parse(const struct option *o, const char *text, const char *dir, void *base, struct err *err);
/* The value as the file would say it, quoted where YAML needs it; nothing when it is absent. */
void option_format(const struct option *o, const void *base, struct buf *out);
bool option_is_set(const struct option *o, const void *base);
void yaml_append_text(struct buf *out, const char *text);

/* "https://host..." with a host, and nothing that cannot be in a URL. */
must_check int url_check(const char *url, struct err *err);
/* The host and path as a name: "lwn-net-headlines-rss". out holds 65 bytes. */
#define NAME_BYTES_MAX 64u
void url_make_name(const char *url, char out[NAME_BYTES_MAX + 1]);
bool name_is_valid(const char *name);

#endif
