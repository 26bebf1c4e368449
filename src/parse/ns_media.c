/*
 * Media RSS: pictures and files. A thumbnail is no enclosure; a file is one, marked as media, so that an item's own
 * enclosures stay first. What stands inside a file's element is said of the file.
 */
#include "reader.h"

#include "syndicated/base/text.h"

static void start_thumbnail(struct reader *r, const struct xml_element *e)
{
	reader_fill(r, SLOT_THUMBNAIL, RANK_THUMBNAIL_MEDIA, xml_attribute(e, "url"), RAW_TEXT_PLAIN);
}

static void start_content(struct reader *r, const struct xml_element *e)
{
	const char *medium = xml_attribute(e, "medium"), *type = xml_attribute(e, "type");
	struct raw_enclosure *n;

	if ((medium && text_equal_nocase(medium, "image")) || (type && text_has_prefix_nocase(type, "image/")))
		reader_fill(r, SLOT_THUMBNAIL, RANK_THUMBNAIL_CONTENT, xml_attribute(e, "url"), RAW_TEXT_PLAIN);
	n = reader_add_enclosure(r, e, xml_attribute(e, "url"), xml_attribute(e, "fileSize"));
	if (!n)
		return;
	n->is_media = true;
	n->medium = reader_keep(r, medium);
	n->width = reader_keep(r, xml_attribute(e, "width"));
	n->height = reader_keep(r, xml_attribute(e, "height"));
}

static void start_player(struct reader *r, const struct xml_element *e)
{
	reader_add_link(r, e, xml_attribute(e, "url"), "related");
}

static void start_credit(struct reader *r, const struct xml_element *e)
{
	reader_remember(r, REMEMBER_REL, xml_attribute(e, "role"));
}

static void end_credit(struct reader *r, const char *text)
{
	const char *role = reader_remembered(r, REMEMBER_REL);

	if (role && text_equal_nocase(role, "author"))
		reader_fill(r, SLOT_AUTHOR, RANK_AUTHOR_MEDIA, text, RAW_TEXT_PLAIN);
}

static void start_category(struct reader *r, const struct xml_element *e)
{
	reader_remember(r, REMEMBER_SCHEME, xml_attribute(e, "scheme"));
	reader_remember(r, REMEMBER_LABEL, xml_attribute(e, "label"));
}

static void end_category(struct reader *r, const char *text)
{
	reader_add_category(r, text, reader_remembered(r, REMEMBER_SCHEME), reader_remembered(r, REMEMBER_LABEL));
}

enum { IN_ITEM = PLACE_ITEM | PLACE_MEDIA };

static const struct rule rows[] = {
	{ "group", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_MEDIA, NULL, NULL },
	{ "content", IN_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_MEDIA, start_content, NULL },
	{ "thumbnail", IN_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_thumbnail, NULL },
	{ "player", IN_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_NONE, start_player, NULL },
	{ "title", IN_ITEM, HOLDS_GUESS, SLOT_TITLE, RANK_TITLE_MEDIA, PLACE_NONE, NULL, NULL },
	{ "description", IN_ITEM, HOLDS_GUESS, SLOT_SUMMARY, RANK_SUMMARY_MEDIA, PLACE_NONE, NULL, NULL },
	{ "category", IN_ITEM, HOLDS_PLAIN, SLOT_CATEGORY, RANK_ANY, PLACE_NONE, start_category, end_category },
	{ "copyright", IN_ITEM, HOLDS_PLAIN, SLOT_RIGHTS, RANK_RIGHTS_MEDIA, PLACE_NONE, NULL, NULL },
	{ "credit", IN_ITEM, HOLDS_PLAIN, SLOT_AUTHOR, RANK_AUTHOR_MEDIA, PLACE_NONE, start_credit, end_credit },
	{ 0 },
};
static const char *const uris[] = { "http://search.yahoo.com/mrss/", "http://video.search.yahoo.com/mrss/", "http://www.rssboard.org/media-rss",
	                            "http://search.yahoo.com/mrss", "http://tools.search.yahoo.com/mrss/", NULL };
static const char *const prefixes[] = { "media", NULL };
const struct namespace_table ns_media = { uris, prefixes, rows };
