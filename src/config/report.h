#ifndef SYNDICATED_CONFIG_REPORT_H
#define SYNDICATED_CONFIG_REPORT_H
/*
 * Complaints about configuration files. They are collected with their places, put in the order of the files and lines,
 * and written once: "file:line:col: error: message", the source line, and a caret under the place.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"

struct config_file {
	char *path;
	char *dir; /* absolute; what relative paths in this file are relative to */
	char *text;
	size_t len;
	size_t index; /* in the order of reading */
};

struct place { /* line 0: the file as a whole */
	const struct config_file *file;
	uint32_t line; /* both 1-based; columns count characters */
	uint32_t column;
};

struct complaint {
	struct place place;
	bool is_warning;
	char *text;
};

struct report {
	struct complaint *items;
	size_t n;
	size_t errors; /* also those not kept */
	size_t warnings;
};

void report_error(struct report *r, struct place where, const char *format, ...) format_printf(3, 4);
void report_warning(struct report *r, struct place where, const char *format, ...) format_printf(3, 4);
void report_write(struct report *r, struct buf *out); /* sorts r */
void report_done(struct report *r);

#endif
