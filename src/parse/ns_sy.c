/* How often a feed says it changes (polling.md R36, R37). */
#include "reader.h"

static const struct rule rows[] = {
	{ "updatePeriod", PLACE_FEED, HOLDS_PLAIN, SLOT_PERIOD, RANK_PERIOD_SY, PLACE_NONE, NULL, NULL },
	{ "updateFrequency", PLACE_FEED, HOLDS_PLAIN, SLOT_FREQUENCY, RANK_FREQUENCY_SY, PLACE_NONE, NULL, NULL },
	{ "updateBase", PLACE_FEED, HOLDS_PLAIN, SLOT_BASE, RANK_BASE_SY, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://purl.org/rss/1.0/modules/syndication/", NULL };
static const char *const prefixes[] = { "sy", "syn", NULL };
const struct namespace_table ns_sy = { uris, prefixes, rows };
