/* Podcasting 2.0: what listeners' programs agreed on after Apple's namespace stood still. */
#include "reader.h"

static void start_link(struct reader *r, const struct xml_element *e, const char *rel)
{
	reader_add_link(r, e, xml_attribute(e, "url"), rel);
}

static void start_chapters(struct reader *r, const struct xml_element *e)
{
	start_link(r, e, "chapters");
}

static void start_transcript(struct reader *r, const struct xml_element *e)
{
	start_link(r, e, "transcript");
}

static void start_funding(struct reader *r, const struct xml_element *e)
{
	start_link(r, e, "payment");
}

static const struct rule rows[] = {
	{ "season", PLACE_ITEM, HOLDS_PLAIN, SLOT_SEASON, RANK_SEASON_PODCAST, PLACE_NONE, NULL, NULL },
	{ "episode", PLACE_ITEM, HOLDS_PLAIN, SLOT_EPISODE, RANK_EPISODE_PODCAST, PLACE_NONE, NULL, NULL },
	{ "person", PLACE_BOTH, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_PODCAST, PLACE_NONE, NULL, NULL },
	{ "chapters", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_chapters, NULL },
	{ "transcript", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_transcript, NULL },
	{ "funding", PLACE_FEED, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_funding, NULL },
	{ 0 },
};
static const char *const uris[] = { "https://podcastindex.org/namespace/1.0",
	                            "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md", NULL };
static const char *const prefixes[] = { "podcast", NULL };
const struct namespace_table ns_podcast = { uris, prefixes, rows };
