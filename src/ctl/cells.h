#ifndef CTL_CELLS_H
#define CTL_CELLS_H
/* Pieces of an answer as text for a terminal: no control characters of foreign text reach it (REL-30). */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* At most `width` characters, the rest as "…", filled up with spaces; 0: all of it. */
void put_text(const char *s, size_t width);
void print_lines(FILE *out, const char *s); /* each line keeps its line */
const char *text_of(const json_t *o, const char *key); /* "" when there is none */
long long number_of(const json_t *o, const char *key);
void relative(const json_t *o, const char *key, char *out, size_t size); /* "3 min ago", "in 12 min", "now", "never" */
void size_for_people(long long bytes, char *out, size_t size);
size_t width_of(const json_t *rows, const char *key, size_t least, size_t most); /* the widest text of a column */

#endif
