#include "cells.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/clock.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* ---- cells ---- */

/* Text for a terminal: no control characters, at most `width` characters, the rest as "…". */
static void print_text(FILE *out, const char *s, size_t width)
{
	size_t len = strlen(s), at = 0, shown = 0;

	while (at < len) {
		size_t from = at;
		uint32_t c = text_next(s, len, &at);

		if (width && shown + 1 == width && at < len) {
			(void)fputs("…", out);
			shown++;
			break;
		}
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
			(void)fputc(' ', out);
		else
			(void)fwrite(s + from, 1, at - from, out);
		shown++;
	}
	for (; shown < width; shown++)
		(void)fputc(' ', out);
}

void put_text(const char *s, size_t width)
{
	print_text(stdout, s, width);
}

/* Each line keeps its line: a difference has one for each change. */
void print_lines(FILE *out, const char *s)
{
	while (*s) {
		size_t len = strcspn(s, "\n");
		auto_free char *line = mem_dup_bytes(s, len);

		print_text(out, line, 0);
		(void)fputc('\n', out);
		s += len + (s[len] == '\n');
	}
}

const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

long long number_of(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

static bool parse_time(const char *s, int64_t *ret_ms)
{
	struct tm t = {0};
	const char *end = strptime(s, "%Y-%m-%dT%H:%M:%S", &t);

	if (!end)
		return false;
	*ret_ms = (int64_t)timegm(&t) * 1000;
	return true;
}

/* "3 min ago", "in 12 min", "now", "never". */
void relative(const json_t *o, const char *key, char *out, size_t size)
{
	static const struct {
		int64_t ms;
		const char *name;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
	int64_t then, away;

	if (!parse_time(text_of(o, key), &then)) {
		(void)snprintf(out, size, "never");
		return;
	}
	away = then - clock_unix_ms(&clock_system);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t n = (away < 0 ? -away : away) / units[i].ms;

		if (n == 0)
			continue;
		(void)snprintf(out, size, away < 0 ? "%lld %s ago" : "in %lld %s", (long long)n, units[i].name);
		return;
	}
	(void)snprintf(out, size, "now");
}

void size_for_people(long long bytes, char *out, size_t size)
{
	if (bytes >= 1LL << 30)
		(void)snprintf(out, size, "%.1f GiB", (double)bytes / (double)(1LL << 30));
	else if (bytes >= 1LL << 20)
		(void)snprintf(out, size, "%.1f MiB", (double)bytes / (double)(1LL << 20));
	else
		(void)snprintf(out, size, "%.0f KiB", (double)bytes / 1024);
}

/* The widest text of a column, within bounds. */
size_t width_of(const json_t *rows, const char *key, size_t least, size_t most)
{
	size_t width = least, i;
	json_t *row;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
		size_t n = 0, at = 0, len = strlen(text_of(row, key));

		while (at < len) {
			(void)text_next(text_of(row, key), len, &at);
			n++;
		}
		width = n > width ? n : width;
	}
	return width < most ? width : most;
}
