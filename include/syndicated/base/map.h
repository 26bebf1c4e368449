#ifndef SYNDICATED_BASE_MAP_H
#define SYNDICATED_BASE_MAP_H
/*
 * A string-keyed map of pointers, hashed with a random seed so that foreign keys cannot degrade it. Keys are copied,
 * values are the caller's. Not thread safe.
 */
#include <stdbool.h>
#include <stddef.h>

struct map;
struct map *map_new(void);
struct map *map_free(struct map *m, void (*free_value)(void *value)); /* NULL-safe; free_value may be NULL; returns NULL */
void *map_get(const struct map *m, const char *key);                   /* NULL when absent */
void *map_put(struct map *m, const char *key, void *value);            /* returns the value replaced, or NULL */
void *map_remove(struct map *m, const char *key);                      /* returns what was there, or NULL */
size_t map_count(const struct map *m);

/* Steps through all entries in no order: start with *cursor = 0. False at the end. The map must not change meanwhile. */
bool map_next(const struct map *m, size_t *cursor, const char **ret_key, void **ret_value);

#endif
