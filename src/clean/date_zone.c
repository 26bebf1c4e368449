/* Time zones in dates: names in a sorted table, names in words, names of tz by ICU, and offsets. */
#include "date.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "syndicated/base/text.h"

/*
 * Where a name has several meanings, the one of RFC 822 counts, then the one most feeds mean (IST is India, BST Britain,
 * AST the Atlantic coast). Sorted; minutes east of Greenwich.
 */
static const struct zone {
	char name[6];
	int16_t minutes;
} zones[] = {
	{ "ACDT", 630 }, { "ACST", 570 }, { "ADT", -180 }, { "AEDT", 660 }, { "AEST", 600 }, { "AFT", 270 }, { "AKDT", -480 }, { "AKST", -540 },
	{ "ALMT", 300 }, { "AMT", -240 }, { "ANAT", 720 }, { "ART", -180 }, { "AST", -240 }, { "AWDT", 540 }, { "AWST", 480 }, { "AZOST", 0 },
	{ "AZOT", -60 }, { "AZST", 300 }, { "AZT", 240 }, { "BDT", 360 }, { "BNT", 480 }, { "BOT", -240 }, { "BRST", -120 }, { "BRT", -180 },
	{ "BST", 60 }, { "BTT", 360 }, { "CAT", 120 }, { "CDT", -300 }, { "CEDT", 120 }, { "CEST", 120 }, { "CET", 60 }, { "CHADT", 825 },
	{ "CHAST", 765 }, { "ChST", 600 }, { "CLST", -180 }, { "CLT", -240 }, { "COT", -300 }, { "CST", -360 }, { "CT", -360 }, { "CVT", -60 },
	{ "EASST", -300 }, { "EAST", -360 }, { "EAT", 180 }, { "ECT", -300 }, { "EDT", -240 }, { "EEDT", 180 }, { "EEST", 180 }, { "EET", 120 },
	{ "EGST", 0 }, { "EGT", -60 }, { "EST", -300 }, { "ET", -300 }, { "FET", 180 }, { "FJT", 720 }, { "FKST", -180 }, { "FNT", -120 },
	{ "GALT", -360 }, { "GET", 240 }, { "GFT", -180 }, { "GMT", 0 }, { "GST", 240 }, { "GYT", -240 }, { "HADT", -540 },
	{ "HAE", -240 }, { "HAST", -600 }, { "HDT", -540 }, { "HKT", 480 }, { "HNE", -300 }, { "HOVT", 420 }, { "HST", -600 }, { "ICT", 420 },
	{ "IDT", 180 }, { "IRDT", 270 }, { "IRKT", 480 }, { "IRST", 210 }, { "IST", 330 }, { "JST", 540 }, { "KGT", 360 }, { "KRAT", 420 },
	{ "KST", 540 }, { "LHDT", 660 }, { "LHST", 630 }, { "LINT", 840 }, { "MAGT", 660 }, { "MDT", -360 }, { "MEST", 120 }, { "MESZ", 120 },
	{ "MET", 60 }, { "MEWT", 60 }, { "MEZ", 60 }, { "MMT", 390 }, { "MSD", 240 }, { "MSK", 180 }, { "MST", -420 }, { "MT", -420 },
	{ "MUT", 240 }, { "MVT", 300 }, { "MYT", 480 }, { "NDT", -150 }, { "NFT", 660 }, { "NOVT", 420 }, { "NPT", 345 }, { "NST", -210 },
	{ "NT", -210 }, { "NZDT", 780 }, { "NZST", 720 }, { "NZT", 720 }, { "OMST", 360 }, { "PDT", -420 }, { "PET", -300 }, { "PETT", 720 },
	{ "PGT", 600 }, { "PHT", 480 }, { "PKT", 300 }, { "PMDT", -120 }, { "PMST", -180 }, { "PST", -480 }, { "PT", -480 }, { "PYST", -180 },
	{ "PYT", -240 }, { "RET", 240 }, { "SAKT", 660 }, { "SAMT", 240 }, { "SAST", 120 }, { "SBT", 660 }, { "SCT", 240 }, { "SGT", 480 },
	{ "SRET", 660 }, { "SRT", -180 }, { "SST", -660 }, { "TJT", 300 }, { "TLT", 540 }, { "TMT", 300 }, { "TOT", 780 }, { "TRT", 180 },
	{ "ULAT", 480 }, { "UT", 0 }, { "UTC", 0 }, { "UYST", -120 }, { "UYT", -180 }, { "UZT", 300 }, { "VET", -240 }, { "VLAT", 600 },
	{ "WAST", 120 }, { "WAT", 60 }, { "WEDT", 60 }, { "WEST", 60 }, { "WET", 0 }, { "WIB", 420 }, { "WIT", 540 }, { "WITA", 480 },
	{ "YAKT", 540 }, { "YEKT", 300 },
};

static int compare(const void *key, const void *element)
{
	const char *a = key, *b = ((const struct zone *)element)->name;

	while (*a && text_lower(*a) == text_lower(*b)) {
		a++;
		b++;
	}
	return (unsigned char)text_lower(*a) - (unsigned char)text_lower(*b);
}

bool date_zone_name(const char *name, size_t len, int64_t *ret_minutes)
{
	char plain[sizeof(zones[0].name)];
	const struct zone *found;

	if (len == 0 || len >= sizeof(plain))
		return false;
	if (len == 1) {
		/* RFC 822 gave the military letters wrong signs; RFC 2822 section 4.3 says to take them for -0000. J is none. */
		if (!date_is_letter(*name) || (unsigned char)*name >= 0x80 || text_lower(*name) == 'j')
			return false;
		*ret_minutes = 0;
		return true;
	}
	memcpy(plain, name, len);
	plain[len] = '\0';
	found = bsearch(plain, zones, sizeof(zones) / sizeof(zones[0]), sizeof(zones[0]), compare);
	if (!found || (len == 2 && found->minutes && memcmp(found->name, plain, 2) != 0)) /* "et", "pt" and "mt" are words in several languages */
		return false;
	*ret_minutes = found->minutes;
	return true;
}

size_t date_zone_words(const char *s, int64_t *ret_minutes)
{
	/* As JavaScript writes them, from CLDR or from Windows; minutes of the standard time. */
	static const struct { const char *name; int16_t minutes; } regions[] = {
		{ "Eastern", -300 }, { "Central", -360 }, { "Mountain", -420 }, { "Pacific", -480 }, { "Alaska", -540 }, { "Alaskan", -540 },
		{ "Hawaii-Aleutian", -600 }, { "Hawaiian", -600 }, { "Atlantic", -240 }, { "Newfoundland", -210 }, { "US Eastern", -300 },
		{ "US Mountain", -420 }, { "Brasilia", -180 }, { "E. South America", -180 }, { "Argentina", -180 }, { "Colombia", -300 },
		{ "Greenwich", 0 }, { "GMT", 0 }, { "Coordinated", 0 }, { "British", 0 }, { "Western European", 0 }, { "Central European", 60 },
		{ "Central Europe", 60 }, { "W. Europe", 60 }, { "Romance", 60 }, { "Eastern European", 120 }, { "E. Europe", 120 }, { "FLE", 120 },
		{ "GTB", 120 }, { "Israel", 120 }, { "South Africa", 120 }, { "Central Africa", 120 }, { "East Africa", 180 }, { "West Africa", 60 },
		{ "Moscow", 180 }, { "Russian", 180 }, { "Arabian", 180 }, { "Gulf", 240 }, { "Pakistan", 300 }, { "India", 330 }, { "Indochina", 420 },
		{ "SE Asia", 420 }, { "China", 480 }, { "Singapore", 480 }, { "Hong Kong", 480 }, { "Taipei", 480 }, { "Philippine", 480 },
		{ "Japan", 540 }, { "Tokyo", 540 }, { "Korean", 540 }, { "Korea", 540 }, { "Australian Western", 480 }, { "Australian Central", 570 },
		{ "Australian Eastern", 600 }, { "AUS Eastern", 600 }, { "New Zealand", 720 },
	};
	static const struct { const char *name; int16_t minutes; } kinds[] = {
		{ " Standard Time", 0 }, { " Daylight Time", 60 }, { " Summer Time", 60 }, { " Mean Time", 0 }, { " Universal Time", 0 },
	};

	for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		size_t n = strlen(regions[i].name);

		for (size_t k = 0; text_has_prefix_nocase(s, regions[i].name) && k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			if (text_has_prefix_nocase(s + n, kinds[k].name)) {
				*ret_minutes = regions[i].minutes + kinds[k].minutes;
				return n + strlen(kinds[k].name);
			}
		}
	}
	return 0;
}

#define PLACE_BYTES 48u /* the longest name of tz has 32 letters */

static bool place_name(const char *s, size_t len, UChar ret[PLACE_BYTES])
{
	if (len >= PLACE_BYTES)
		return false;
	for (size_t i = 0; i < len; i++)
		ret[i] = (UChar)s[i];
	ret[len] = 0;
	return true;
}

size_t date_zone_place(const char *s)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar name[PLACE_BYTES], canonical[64];
	size_t n = 0;
	bool slash = false;

	for (; date_is_digit(s[n]) || (date_is_letter(s[n]) && (unsigned char)s[n] < 0x80) || (s[n] && strchr("/_-+", s[n])); n++)
		slash = slash || s[n] == '/';
	if (!slash || !place_name(s, n, name))
		return 0;
	(void)ucal_getCanonicalTimeZoneID(name, (int32_t)n, canonical, (int32_t)(sizeof(canonical) / sizeof(canonical[0])), NULL, &status);
	return U_SUCCESS(status) || status == U_MEMORY_ALLOCATION_ERROR ? n : 0; /* unknown rather than of UTC */
}

bool date_place_offset(const char *plain, const struct date_moment *m, int64_t *ret_minutes)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar name[PLACE_BYTES];
	UCalendar *calendar;
	int64_t ms;

	if (!place_name(plain + m->place_at, m->place_len, name))
		return false;
	calendar = ucal_open(name, (int32_t)m->place_len, "en", UCAL_GREGORIAN, &status);
	if (U_FAILURE(status))
		return false;
	ucal_setDateTime(calendar, (int32_t)m->year, (int32_t)m->month - 1, (int32_t)m->day, (int32_t)m->hour, (int32_t)m->minute,
	                 (int32_t)m->second, &status);
	ms = ucal_get(calendar, UCAL_ZONE_OFFSET, &status);
	ms += ucal_get(calendar, UCAL_DST_OFFSET, &status);
	ucal_close(calendar);
	*ret_minutes = ms / 60000;
	return U_SUCCESS(status);
}

void date_zone_init(void)
{
	static const char place[] = "Europe/Paris";
	const struct date_moment m = { .year = 2000, .month = 7, .day = 1, .place_len = (uint8_t)date_zone_place(place) };
	int64_t minutes;

	if (m.place_len)
		(void)date_place_offset(place, &m, &minutes);
}

const char *date_zone_offset(const char *s, int64_t *ret_minutes)
{
	bool negative = *s++ == '-';
	int64_t hours, minutes = 0;
	size_t n = date_digits(s, &hours), k;

	s += n;
	if (n >= 3 && n <= 6) {
		if (n == 5)
			return NULL;
		if (n == 6)
			hours /= 100; /* seconds, which no zone has today */
		minutes = hours % 100;
		hours /= 100;
	} else if (n == 0 || n > 6) {
		return NULL;
	} else if (*s == ':' && date_is_digit(s[1])) {
		k = date_digits(s + 1, &minutes);
		if (k > 2 || (k == 1 && minutes != 0))
			return NULL;
		s += 1 + k;
		if (s[0] == ':' && date_is_digit(s[1]) && date_is_digit(s[2]))
			s += 3;
	}
	if (hours > 23 || minutes > 59 || (n == 3 && hours == 0)) /* "-040" has lost a digit, nobody knows which */
		return NULL;
	*ret_minutes = (negative ? -1 : 1) * (hours * 60 + minutes);
	return s;
}
