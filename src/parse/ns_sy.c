/* How often a feed says it changes (polling.md R36, R37). */
#include "reader.h"

static const struct rule rows[] = {
	{ "updatePeriod", PLACE_FEED, HOLDS_PLAIN, SLOT_PERIOD, 1, PLACE_NONE, NULL, NULL },
	{ "updateFrequency", PLACE_FEED, HOLDS_PLAIN, SLOT_FREQUENCY, 1, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://purl.org/rss/1.0/modules/syndication/", NULL };
const struct namespace_table ns_sy = { uris, "sy", rows };
