/* Podcasts, by Apple and by Google's copy of it. Everything here is second choice to what plain RSS says. */
#include "reader.h"

static void fill_image(struct reader *r, const char *url)
{
	if (reader_item(r))
		reader_fill(r, SLOT_THUMBNAIL, RANK_THUMBNAIL_ITUNES, url, RAW_TEXT_PLAIN);
	else
		reader_fill(r, SLOT_LOGO, RANK_LOGO_ITUNES, url, RAW_TEXT_PLAIN);
}

static void start_image(struct reader *r, const struct xml_element *e)
{
	const char *href = xml_attribute(e, "href");

	fill_image(r, href ? href : xml_attribute(e, "url"));
}

static void end_image(struct reader *r, const char *text)
{
	fill_image(r, text);
}

static void start_category(struct reader *r, const struct xml_element *e)
{
	reader_add_category(r, xml_attribute(e, "text"), "http://www.itunes.com/", NULL);
}

/* Apple's way of saying that a feed has moved; a redirect says it better, and only that is believed. */
static void end_new_url(struct reader *r, const char *text)
{
	reader_add_link(r, NULL, text, "successor-version");
}

static const struct rule rows[] = {
	{ "author", PLACE_BOTH, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_ITUNES, PLACE_NONE, NULL, NULL },
	{ "duration", PLACE_ITEM, HOLDS_PLAIN, SLOT_DURATION, RANK_DURATION_ITUNES, PLACE_NONE, NULL, NULL },
	{ "image", PLACE_BOTH, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, start_image, end_image },
	{ "category", PLACE_BOTH, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_FEED, start_category, NULL },
	{ "title", PLACE_ITEM, HOLDS_PLAIN, SLOT_TITLE, RANK_TITLE_ITUNES, PLACE_NONE, NULL, NULL },
	{ "subtitle", PLACE_BOTH, HOLDS_GUESS, SLOT_SUMMARY, RANK_SUMMARY_SUBTITLE, PLACE_NONE, NULL, NULL },
	{ "summary", PLACE_BOTH, HOLDS_HTML, SLOT_SUMMARY, RANK_SUMMARY_ITUNES, PLACE_NONE, NULL, NULL },
	{ "season", PLACE_ITEM, HOLDS_PLAIN, SLOT_SEASON, RANK_SEASON_ITUNES, PLACE_NONE, NULL, NULL },
	{ "episode", PLACE_ITEM, HOLDS_PLAIN, SLOT_EPISODE, RANK_EPISODE_ITUNES, PLACE_NONE, NULL, NULL },
	{ "new-feed-url", PLACE_FEED, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_new_url },
	{ 0 },
};
static const char *const uris[] = { "http://www.itunes.com/dtds/podcast-1.0.dtd", "http://example.com/dtds/podcast-1.0.dtd", NULL };
static const char *const prefixes[] = { "itunes", NULL };
const struct namespace_table ns_itunes = { uris, prefixes, rows };

static const struct rule google_rows[] = {
	{ "author", PLACE_BOTH, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_PODCAST, PLACE_NONE, NULL, NULL },
	{ "image", PLACE_BOTH, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_image, NULL },
	{ "description", PLACE_BOTH, HOLDS_HTML, SLOT_SUMMARY, RANK_SUMMARY_SUBTITLE, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const google_uris[] = { "http://www.google.com/schemas/play-podcasts/1.0", "http://www.google.com/schemas/play-podcasts/1.0/play-podcasts.xsd", NULL };
static const char *const google_prefixes[] = { "googleplay", NULL };
const struct namespace_table ns_googleplay = { google_uris, google_prefixes, google_rows };
