#ifndef SYNDICATED_BASE_LOG_H
#define SYNDICATED_BASE_LOG_H
/*
 * The operator's log, on standard error: with journald's "<N>" priority prefix when JOURNAL_STREAM says that the
 * journal reads it, with a time and level for people otherwise. Stages do not log (debug excepted); the daemon does, once.
 *
 * error: the operator must act. warning: degraded, continuing. info: a state changed. debug: the rest.
 * Control characters of the whole line are escaped and it is cut at 2,000 characters (REL-40): text from outside cannot forge a line.
 * A secret is never given to this module. Any thread.
 */
#include <stdbool.h>

#include "syndicated/base/err.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_init(enum log_level threshold);
void log_set_threshold(enum log_level threshold);
bool log_level_parse(const char *name, enum log_level *ret);
bool log_enabled(enum log_level level);

/* One line; line feeds and control characters in the result are escaped. */
void log_write(enum log_level level, const char *format, ...) format_printf(2, 3);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
