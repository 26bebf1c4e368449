/*
 * ISO 8601 and what is made of it: RFC 3339, W3CDTF, the texts of SQL, Go, Java and Ruby. Calendar, week and ordinal
 * dates, extended, basic and reduced; a lone century or "--11-23" do not say which day it was and are no dates here.
 */
#include "date.h"

#include "syndicated/base/text.h"

static bool split(int64_t v, struct date_moment *m) /* YYYYMMDD */
{
	m->year = v / 10000;
	m->month = v / 100 % 100;
	m->day = v % 100;
	return true;
}

static bool from_ordinal(int64_t day, struct date_moment *m)
{
	if (day < 1 || day > 365 + (date_days_in_month(m->year, 2) == 29))
		return false;
	for (m->month = 1; day > date_days_in_month(m->year, m->month); m->month++)
		day -= date_days_in_month(m->year, m->month);
	m->day = day;
	return true;
}

/* Week 1 is the one with January 4th; days count from Monday. The year before or after may own the day. */
static bool from_week(int64_t week, int64_t weekday, struct date_moment *m)
{
	int64_t first = (date_weekday(m->year, 1, 4) + 6) % 7; /* of January 4th, Monday is 0 */
	int64_t day = 4 - first + (week - 1) * 7 + weekday - 1, length = 365 + (date_days_in_month(m->year, 2) == 29);
	unsigned january_1 = date_weekday(m->year, 1, 1);
	bool long_year = january_1 == 4 || (length == 366 && january_1 == 3);

	if (week < 1 || week > 52 + long_year || weekday < 1 || weekday > 7)
		return false;
	if (day < 1) {
		m->year--;
		day += 365 + (m->year > 0 && date_days_in_month(m->year, 2) == 29);
	} else if (day > length) {
		m->year++;
		day -= length;
	}
	return m->year > 0 && from_ordinal(day, m);
}

/* "W48-1", "W481", "W48" */
static bool week(const char **s, struct date_moment *m)
{
	int64_t v, weekday = 1;
	size_t n = date_digits(++*s, &v);

	*s += n;
	if (n == 3) {
		weekday = v % 10;
		v /= 10;
	} else if (n != 2) {
		return false;
	} else if (**s == '-' && date_is_digit((*s)[1])) {
		if (date_digits(++*s, &weekday) != 1)
			return false;
		++*s;
	}
	return m->year > 0 && from_week(v, weekday, m);
}

/* Behind "2026-": month, month and day, ordinal day or week. */
static bool extended(const char **s, struct date_moment *m)
{
	char separator = *(*s)++;
	int64_t v;
	size_t n = date_digits(*s, &v);

	if (separator == '-' && text_lower(**s) == 'w')
		return week(s, m);
	*s += n;
	if (n == 3 && separator == '-' && m->year > 0)
		return from_ordinal(v, m);
	if (n < 1 || n > 2)
		return false;
	m->month = v;
	if (**s != separator)
		return separator != '.';
	++*s;
	n = date_digits(*s, &m->day);
	if (n == 4 || n == 6) { /* the time follows with nothing between */
		m->day = ((*s)[0] - '0') * 10 + ((*s)[1] - '0');
		n = 2;
	}
	*s += n;
	return n == 1 || n == 2;
}

/* Digits alone. Six of them are a month of a year only where they are no YYMMDD. */
static bool basic(size_t n, int64_t v, const char **s, struct date_moment *m)
{
	*s += n;
	m->month = m->day = 1;
	switch (n) {
	case 4:
		m->year = v;
		/* A number alone is a year only if it may well be one. */
		return **s || (v >= 1500 && v < 2200);
	case 6:
		m->year = v / 100;
		m->month = v % 100;
		return !**s && m->year >= 1900 && m->year < 2100 && (m->year % 100 < 1 || m->year % 100 > 12);
	case 7:
		m->year = v / 1000;
		return m->year > 0 && from_ordinal(v % 1000, m);
	case 8:
		return split(v, m);
	case 10:
		m->hour = v % 100;
		return split(v / 100, m);
	case 12:
	case 14:
		if (n == 14) {
			m->second = v % 100;
			v /= 100;
		}
		m->minute = v % 100;
		m->hour = v / 100 % 100;
		return split(v / 10000, m);
	default:
		return false;
	}
}

static bool date(const char **s, struct date_moment *m, bool *ret_with_time)
{
	int64_t v;
	size_t n = date_digits(*s, &v);

	*ret_with_time = n >= 10;
	if (n == 4 && (*s)[4] && text_is_space((*s)[4]))
		return false;
	if (!basic(n, v, s, m))
		return false;
	if (n == 4 && (**s == '-' || **s == '/' || **s == '.'))
		return extended(s, m);
	if (n == 4 && text_lower(**s) == 'w')
		return week(s, m);
	return true;
}

/* "09-00-03", as names of files have it: an hour with an offset has nothing of that form behind it. */
static bool hyphened(const char **s, struct date_moment *m)
{
	int64_t *const parts[] = { &m->hour, &m->minute, &m->second };
	const char *at = *s;

	if (!date_is_digit(at[0]) || !date_is_digit(at[1]) || at[2] != '-')
		return false;
	for (size_t i = 0; i < 3; i++, at += 2) {
		if ((i && *at++ != '-') || date_digits(at, parts[i]) != 2)
			return false;
	}
	*s = at;
	return true;
}

static void read_fraction(const char **s, int64_t unit_ms, struct date_moment *m)
{
	if ((**s == '.' || **s == ',') && date_is_digit((*s)[1])) {
		++*s;
		m->ms = date_fraction(s, unit_ms);
	}
}

/* "09:00:03", "090003", "0900", "09", each with a fraction of its last unit. */
static bool time_of_day(const char **s, struct date_moment *m)
{
	int64_t v, unit_ms = 1000;
	size_t n, k;

	if (hyphened(s, m)) {
		read_fraction(s, 1000, m);
		return true;
	}
	m->minute = m->second = 0;
	n = date_digits(*s, &v);
	*s += n;
	if (n == 6) {
		m->second = v % 100;
		v /= 100;
	}
	if (n == 4 || n == 6) {
		m->minute = v % 100;
		m->hour = v / 100;
		unit_ms = n == 4 ? 60000 : 1000;
	} else if (n == 1 || n == 2) {
		m->hour = v;
		unit_ms = 3600000;
		if (**s != ':' && n == 1)
			return false;
		if (**s == ':') {
			k = date_digits(++*s, &m->minute);
			*s += k;
			unit_ms = 60000;
			if (k < 1 || k > 2)
				return false;
		}
		if (unit_ms == 60000 && **s == ':' && date_is_digit((*s)[1])) {
			k = date_digits(++*s, &m->second);
			*s += k;
			unit_ms = 1000;
			if (k > 2)
				return false;
		}
	} else {
		return false;
	}
	read_fraction(s, unit_ms, m);
	return true;
}

/* Offset and short names of zones, where the offset counts, then the end or what cannot belong to a date. */
static bool zone(const char *s, struct date_moment *m)
{
	bool have_offset = false, have_name = false;
	int64_t minutes;

	for (;; ) {
		while (*s == ' ')
			s++;
		if ((*s == '+' || *s == '-') && date_is_digit(s[1])) {
			s = date_zone_offset(s, &minutes);
			if (!s)
				return false;
			if (!have_offset)
				m->offset_minutes = minutes;
			have_offset = true;
		} else if (date_is_letter(*s)) {
			const char *from = s;

			while (date_is_letter(*s))
				s++;
			if (!date_zone_name(from, (size_t)(s - from), &minutes))
				return false;
			if (!have_offset)
				m->offset_minutes = minutes;
			have_name = true;
		} else {
			return *s == '\0' || ((*s == '(' || *s == '[') && (have_offset || have_name)); /* else a zone may be in there */
		}
	}
}

bool date_read_iso(const char *s, struct date_moment *m)
{
	bool with_time, blank;

	if (!date(&s, m, &with_time))
		return false;
	if (with_time || !*s)
		return zone(s, m);
	if (*s == '+') /* an XML Schema date may have a zone */
		return zone(s, m);
	blank = *s == ' ';
	while (*s == ' ' || *s == '_' || *s == ',')
		s++;
	if (text_lower(*s) == 't') {
		s++;
		blank = false;
	}
	while (*s == ' ')
		s++;
	/* "2026-11-23 14.05" is a time with a point, not a fraction of an hour. */
	if (blank && date_is_digit(s[0]) && date_is_digit(s[1]) && s[2] == '.')
		return false;
	return (*s == 'Z' && !s[1]) || (time_of_day(&s, m) && zone(s, m));
}
