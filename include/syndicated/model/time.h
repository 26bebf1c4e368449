#ifndef SYNDICATED_MODEL_TIME_H
#define SYNDICATED_MODEL_TIME_H
/* Times are milliseconds since 1970-01-01T00:00:00Z in int64_t, named ..._ms. What a feed does not say is TIME_UNKNOWN, never 0. */
#include <stdint.h>
#define TIME_UNKNOWN INT64_MIN
#endif
