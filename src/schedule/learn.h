#ifndef SYNDICATED_SCHEDULE_LEARN_H
#define SYNDICATED_SCHEDULE_LEARN_H
/* The constants of the rule that are shared by its halves: learning and looking ahead. Reasons: doc/schedule.md. */
#include "syndicated/schedule.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define DAY_MS  (24 * HOUR_MS)

#define HALF_LIFE_DAYS   14.0 /* of the rate */
#define RECENT_DAYS      0.25 /* of the burst */
#define PROFILE_DAYS     56.0 /* of the hours of the day */
#define PRIOR_ITEMS      0.25 /* an unknown source: a quarter of an item ... */
#define PRIOR_DAYS       3.5  /* ... in half a week */
#define PRIOR_HOUR       1.5  /* items in every hour of the day, so that the clock bends only after some dozen */
#define BURST_SHARE      0.3  /* of the items come because others just did */
#define DEFAULT_PRICE_H  0.05
#define DEFAULT_LEAN     0.5

/* l as it is days later, without news. */
void learned_fade(struct schedule_learned *l, double days);

#endif
