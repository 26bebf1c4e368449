/* Media RSS: pictures and files. A thumbnail is no enclosure; a file is. */
#include "reader.h"

#include "syndicated/base/text.h"

static void start_thumbnail(struct reader *r, const struct xml_element *e)
{
	reader_fill(r, SLOT_THUMBNAIL, 4, xml_attribute(e, "url"), RAW_TEXT_PLAIN);
}

static void start_content(struct reader *r, const struct xml_element *e)
{
	const char *medium = xml_attribute(e, "medium"), *type = xml_attribute(e, "type");

	if ((medium && text_equal_nocase(medium, "image")) || (type && text_has_prefix_nocase(type, "image/")))
		reader_fill(r, SLOT_THUMBNAIL, 2, xml_attribute(e, "url"), RAW_TEXT_PLAIN);
	reader_add_enclosure(r, e, xml_attribute(e, "url"), xml_attribute(e, "fileSize"));
}

/* Groups and files hold more of the same, which belongs to the item all the same. Their titles are the file's. */
static const struct rule rows[] = {
	{ "group", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_ITEM, NULL, NULL },
	{ "content", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_ITEM, start_content, NULL },
	{ "thumbnail", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, 0, PLACE_NONE, start_thumbnail, NULL },
	{ "category", PLACE_ITEM, HOLDS_PLAIN, SLOT_CATEGORY, 0, PLACE_NONE, NULL, NULL },
	{ "description", PLACE_ITEM, HOLDS_GUESS, SLOT_SUMMARY, 1, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://search.yahoo.com/mrss/", "http://video.search.yahoo.com/mrss/", "http://www.rssboard.org/media-rss", NULL };
const struct namespace_table ns_media = { uris, "media", rows };
