/*
 * Dates as feeds write them. One scanner cuts the text into numbers, words and signs; two readers try it: ISO 8601 and
 * RFC 3339 (a year of four digits first), then RFC 822 and its relatives (a name of a month somewhere). What neither
 * understands is unknown: a wrong date does more harm in a feed than none.
 */
#include "syndicated/clean.h"

#include <string.h>

#include "syndicated/base/text.h"

struct moment {
	int64_t year, month, day, hour, minute, second, ms;
	int64_t offset_minutes;
	bool pm, am;
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	c = text_lower(c);
	return c >= 'a' && c <= 'z';
}

/* Days since 1970-01-01 of a date in the Gregorian calendar. */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, year_of_era, day_of_year;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int64_t days_in_month(int64_t y, int64_t m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)) ? 29 : days[m - 1];
}

static int64_t to_ms(struct moment *m)
{
	if (m->pm && m->hour < 12)
		m->hour += 12;
	if (m->am && m->hour == 12)
		m->hour = 0;
	if (m->year < 1900 || m->year > 9999 || m->month < 1 || m->month > 12 || m->day < 1 || m->day > days_in_month(m->year, m->month))
		return TIME_UNKNOWN;
	if (m->hour > 24 || m->minute > 59 || m->second > 60 || (m->hour == 24 && (m->minute || m->second)))
		return TIME_UNKNOWN;
	if (m->offset_minutes < -24 * 60 || m->offset_minutes > 24 * 60)
		return TIME_UNKNOWN;
	return ((days_from_civil(m->year, m->month, m->day) * 24 + m->hour) * 60 + m->minute - m->offset_minutes) * 60000 + m->second * 1000 + m->ms;
}

static void skip_space(const char **s)
{
	while (text_is_space(**s))
		(*s)++;
}

/* Up to `max` digits; how many there were. */
static int number(const char **s, int max, int64_t *ret)
{
	int n = 0;

	*ret = 0;
	while (n < max && digit(**s)) {
		*ret = *ret * 10 + (*(*s)++ - '0');
		n++;
	}
	return n;
}

/* RFC 822 section 5.1 and what else is common; minutes east of Greenwich. */
static bool named_zone(const char *name, size_t len, int64_t *ret)
{
	static const struct {
		const char *name;
		int minutes;
	} zones[] = {
		{ "UT", 0 }, { "UTC", 0 }, { "GMT", 0 }, { "Z", 0 }, { "WET", 0 }, { "EST", -300 }, { "EDT", -240 }, { "CST", -360 },
		{ "CDT", -300 }, { "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 }, { "ET", -300 }, { "CT", -360 },
		{ "MT", -420 }, { "PT", -480 }, { "AKST", -540 }, { "AKDT", -480 }, { "HST", -600 }, { "AST", -240 }, { "ADT", -180 },
		{ "NST", -210 }, { "NDT", -150 }, { "BST", 60 }, { "IST", 330 }, { "CET", 60 }, { "MET", 60 }, { "CEST", 120 },
		{ "MEST", 120 }, { "WEST", 60 }, { "EET", 120 }, { "EEST", 180 }, { "MSK", 180 }, { "MSD", 240 }, { "JST", 540 },
		{ "KST", 540 }, { "HKT", 480 }, { "SGT", 480 }, { "AZT", 240 }, { "AEST", 600 }, { "AEDT", 660 }, { "NZST", 720 },
		{ "NZDT", 780 },
		/* RFC 822's military letters had wrong signs; RFC 2822 section 4.3 says to take them for -0000. */
		{ "A", 0 }, { "M", 0 }, { "N", 0 }, { "Y", 0 },
	};
	char plain[8];

	if (len >= sizeof(plain))
		return false;
	memcpy(plain, name, len);
	plain[len] = '\0';
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (text_equal_nocase(zones[i].name, plain)) {
			*ret = zones[i].minutes;
			return true;
		}
	}
	return false;
}

/* What is behind the time: am or pm, an offset, a name, a name with an offset, a comment. False for what is no zone. */
static bool zone(const char **s, struct moment *m)
{
	skip_space(s);
	while (**s && **s != '(') {
		const char *from = *s;
		int64_t hours = 0, minutes = 0;

		if (**s == '+' || **s == '-') {
			int sign = *(*s)++ == '-' ? -1 : 1, n = number(s, 2, &hours);

			if (**s == ':')
				(*s)++;
			if (n == 0 || (number(s, 2, &minutes) == 1) || digit(**s) || minutes > 59)
				return false;
			m->offset_minutes = sign * (hours * 60 + minutes);
		} else if (letter(**s)) {
			while (letter(**s))
				(*s)++;
			if (*s - from == 2 && text_lower(from[1]) == 'm' && (text_lower(*from) == 'a' || text_lower(*from) == 'p')) {
				m->am = text_lower(*from) == 'a';
				m->pm = !m->am;
			} else if (!named_zone(from, (size_t)(*s - from), &m->offset_minutes)) {
				return false;
			}
		} else {
			return false;
		}
		skip_space(s);
	}
	return true;
}

/* hh:mm[:ss[.fff]] with ":" (or "." in a few feeds); hhmm[ss] as ISO 8601 has it too. */
static bool time_of_day(const char **s, struct moment *m)
{
	int n = number(s, 2, &m->hour);

	if (n == 0)
		return false;
	if (n == 2 && digit(**s)) {
		if (number(s, 2, &m->minute) != 2)
			return false;
		return number(s, 2, &m->second) != 1;
	}
	if (**s != ':')
		return n == 2; /* an hour alone is ISO 8601 */
	(*s)++;
	if (number(s, 2, &m->minute) == 0)
		return false;
	if (**s == ':') {
		(*s)++;
		if (number(s, 2, &m->second) == 0)
			return false;
	}
	if ((**s == '.' || **s == ',') && digit((*s)[1])) {
		int64_t unit = 100;

		for ((*s)++; digit(**s); (*s)++, unit /= 10)
			m->ms += (**s - '0') * unit;
	}
	return true;
}

/* YYYY, YYYY-MM, YYYY-MM-DD, YYYYMMDD, YYYY-DDD; then T or a space and the time. */
static bool read_iso(const char *s, struct moment *m)
{
	int64_t v;
	int n;
	char separator;

	m->month = m->day = 1;
	if (number(&s, 4, &m->year) != 4)
		return false;
	separator = *s == '-' || *s == '/' || *s == '.' ? *s++ : '\0';
	if (!separator && digit(*s)) {
		if (number(&s, 2, &m->month) != 2 || number(&s, 2, &m->day) != 2)
			return false;
	} else if (separator) {
		n = number(&s, 3, &v);
		if (n == 3) { /* ordinal date */
			m->day = v;
			for (m->month = 1; m->month < 12 && m->day > days_in_month(m->year, m->month); m->month++)
				m->day -= days_in_month(m->year, m->month);
		} else if (n == 0) {
			return false;
		} else {
			m->month = v;
			if (*s == separator) {
				s++;
				if (number(&s, 2, &m->day) == 0)
					return false;
			}
		}
	}
	skip_space(&s);
	if (*s == 'T' || *s == 't')
		s++;
	skip_space(&s);
	if (*s == '\0')
		return true;
	return time_of_day(&s, m) && zone(&s, m);
}

static int64_t month_of(const char *name, size_t len)
{
	static const char *const months[] = { "january", "february", "march", "april", "may", "june", "july", "august", "september",
		                              "october", "november", "december" };

	if (len < 3)
		return 0;
	for (int64_t i = 0; i < 12; i++) {
		size_t n = 0;

		while (n < len && months[i][n] && text_lower(name[n]) == months[i][n])
			n++;
		if (n == len || (n >= 3 && len == 4 && name[3] == 't')) /* "Sept" */
			return i + 1;
	}
	return 0;
}

/* RFC 2822 section 4.3: two digits below 50 are this century, three digits are years since 1900. */
static int64_t full_year(int64_t year, int digits)
{
	if (digits >= 4)
		return year;
	return digits == 3 || year >= 50 ? year + 1900 : year + 2000;
}

/* [weekday,] day month year time zone; also asctime's order, "November 23, 2026", and "23-Nov-26". */
static bool read_mail(const char *s, struct moment *m)
{
	bool have_day = false, have_year = false, have_time = false;

	while (*s && *s != '(') {
		const char *from = s;
		int64_t v;
		int n;

		if (digit(*s)) {
			n = number(&s, 4, &v);
			if (digit(*s))
				return false;
			if (*s == ':' && !have_time) {
				s = from;
				if (!time_of_day(&s, m))
					return false;
				have_time = true;
				if (have_year)
					return m->month && have_day && zone(&s, m);
			} else if (!have_day && n <= 2) {
				m->day = v;
				have_day = true;
				if (s[0] && strchr("snrt", text_lower(s[0])) && letter(s[1]) && !letter(s[2]))
					s += 2; /* 1st, 2nd, 3rd, 4th */
			} else if (!have_year) {
				m->year = full_year(v, n);
				have_year = true;
			} else {
				return false;
			}
		} else if (letter(*s)) {
			while (letter(*s))
				s++;
			v = month_of(from, (size_t)(s - from));
			if (v && !m->month)
				m->month = v;
			else if (have_time && named_zone(from, (size_t)(s - from), &v))
				m->offset_minutes = v; /* asctime with a zone before the year */
			/* Else the name of a day, right or wrong. */
		} else if (text_is_space(*s) || strchr(",-/.", *s)) {
			s++;
		} else {
			return false;
		}
	}
	return have_day && have_year && m->month;
}

int64_t clean_date(const char *text)
{
	struct moment iso = { 0 }, mail = { 0 };
	size_t n = 0;

	if (!text)
		return TIME_UNKNOWN;
	skip_space(&text);
	while (digit(text[n]))
		n++;
	if (n >= 4 && read_iso(text, &iso))
		return to_ms(&iso);
	if (read_mail(text, &mail))
		return to_ms(&mail);
	return TIME_UNKNOWN;
}
