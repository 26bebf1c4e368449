/* Where an item happened: GeoRSS in its simple and its GML form, and W3C's basic geo. */
#include "reader.h"

#include <string.h>

#include "syndicated/base/text.h"

/* "latitude longitude", with a space or a comma between; clean/ checks the numbers. */
static void end_point(struct reader *r, const char *text)
{
	char latitude[32];
	size_t n;

	while (text_is_space(*text))
		text++;
	n = strcspn(text, " ,\t\r\n");
	if (n == 0 || n >= sizeof(latitude))
		return;
	memcpy(latitude, text, n);
	latitude[n] = '\0';
	reader_fill(r, SLOT_LATITUDE, RANK_LATITUDE_GEORSS, latitude, RAW_TEXT_PLAIN);
	reader_fill(r, SLOT_LONGITUDE, RANK_LONGITUDE_GEORSS, text + n + strspn(text + n, " ,\t\r\n"), RAW_TEXT_PLAIN);
}

static const struct rule rows[] = {
	{ "point", PLACE_ITEM, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_point },
	{ "where", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_GEO, NULL, NULL },
	{ 0 },
};
static const char *const uris[] = { "http://www.georss.org/georss", NULL };
static const char *const prefixes[] = { "georss", NULL };
const struct namespace_table ns_georss = { uris, prefixes, rows };

static const struct rule gml_rows[] = {
	{ "Point", PLACE_GEO, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_GEO, NULL, NULL },
	{ "pos", PLACE_GEO, HOLDS_PLAIN, SLOT_NONE, RANK_ANY, PLACE_NONE, NULL, end_point },
	{ 0 },
};
static const char *const gml_uris[] = { "http://www.opengis.net/gml", NULL };
static const char *const gml_prefixes[] = { "gml", NULL };
const struct namespace_table ns_gml = { gml_uris, gml_prefixes, gml_rows };

static const struct rule geo_rows[] = {
	{ "Point", PLACE_ITEM, HOLDS_NOTHING, SLOT_NONE, RANK_ANY, PLACE_ITEM, NULL, NULL },
	{ "lat", PLACE_ITEM, HOLDS_PLAIN, SLOT_LATITUDE, RANK_LATITUDE_GEO, PLACE_NONE, NULL, NULL },
	{ "long", PLACE_ITEM, HOLDS_PLAIN, SLOT_LONGITUDE, RANK_LONGITUDE_GEO, PLACE_NONE, NULL, NULL },
	{ 0 },
};
static const char *const geo_uris[] = { "http://www.w3.org/2003/01/geo/wgs84_pos#", NULL };
static const char *const geo_prefixes[] = { "geo", NULL };
const struct namespace_table ns_geo = { geo_uris, geo_prefixes, geo_rows };
