#ifndef CLEAN_URL_RULES_H
#define CLEAN_URL_RULES_H
/* What does not say which page it is: tables of url_rules.c, asked by url_canonical.c. Names and hosts are lower case. */
#include <stdbool.h>
#include <stddef.h>

enum parameter_kind {
	PARAMETER_PAGE,    /* may say which page it is: stays */
	PARAMETER_TRACKER, /* says who clicked where */
	PARAMETER_SESSION, /* looks like a session: goes when something else is left that says which page it is */
};
/* name with the "=" and the value behind it, if any; up to the next "&". */
enum parameter_kind url_rules_parameter(const char *parameter, size_t len, const char *host);

/* The host under which the same pages are; shortens or replaces *host in place and returns the new length. */
size_t url_rules_host(char *host, size_t len, const char *path, size_t path_len, bool has_query);

/* A path without what may stand at its end and names the same page; returns the new length. */
size_t url_rules_path(char *path, size_t len);

/* The address in clear that a redirector or cache was given; NULL for none. Caller frees. query is where path ends. */
char *url_rules_target(const char *host, const char *path, const char *query);

/* Aborts when a table is out of order: a bug, found when the program starts. */
void url_rules_check(void);

#endif
