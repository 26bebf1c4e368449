/*
 * How long a recording lasts. Apple's way is seconds or [h:]mm:ss; met are also fractions, ISO 8601 (PT1H2M3S) and
 * numbers with their units (1h 2m, 90 min). Fractions of a second are dropped.
 */
#include "feed.h"

#include <string.h>

#include "syndicated/base/text.h"

enum { MAX_SECONDS = 10000000 };

/* A number at *s, in thousandths; -1 for none and for one that is too big. */
static int64_t take_number(const char **s)
{
	const char *p = *s;
	int64_t v = 0, unit = 1000;

	if (!text_is_digit(*p))
		return -1;
	for (; text_is_digit(*p) && v <= MAX_SECONDS; p++)
		v = v * 10 + *p - '0';
	if (v > MAX_SECONDS)
		return -1;
	v *= 1000;
	if (*p == '.' && text_is_digit(p[1])) {
		while (text_is_digit(*++p)) {
			unit /= 10;
			v += (*p - '0') * unit;
		}
	}
	*s = p;
	return v;
}

/* The seconds of the unit at *s, by its first letter; 0 for none. */
static int64_t take_unit(const char **s)
{
	static const char letters[] = "dhms";
	static const int64_t seconds[] = { 86400, 3600, 60, 1 };
	const char *p = text_behind_space(*s), *letter = *p ? strchr(letters, text_lower(*p)) : NULL;

	if (!letter)
		return 0;
	while (text_lower(*p) >= 'a' && text_lower(*p) <= 'z')
		p++;
	p += *p == '.';
	p = text_behind_space(p);
	*s = text_behind_space(p + (*p == ','));
	return seconds[letter - letters];
}

/* "1h 2m 3s", "P1DT2H": each unit less than the one before. */
static int64_t with_units(const char *s, int64_t v)
{
	int64_t total = 0, last = INT64_MAX, unit;

	while (v >= 0 && (unit = take_unit(&s)) && unit < last) {
		total += v * unit;
		last = unit;
		if (*s == 'T' || *s == 't')
			s++;
		if (!*s)
			return total / 1000 <= MAX_SECONDS ? total / 1000 : -1;
		v = take_number(&s);
	}
	return -1;
}

/* "1:02:03" and "63". */
static int64_t with_colons(const char *s, int64_t v)
{
	int64_t total = v;

	while (*s == ':' && s[1]) {
		s++;
		v = take_number(&s);
		if (v < 0 || total / 1000 > MAX_SECONDS)
			return -1;
		total = total * 60 + v;
	}
	s += *s == ':';
	return *s ? -1 : total / 1000;
}

int64_t clean_seconds(const char *s)
{
	bool iso = s && (*s == 'P' || *s == 'p');
	int64_t v;

	if (!s)
		return -1;
	s += iso;
	s += iso && (*s == 'T' || *s == 't');
	v = take_number(&s);
	if (v < 0)
		return -1;
	return iso || (*s && *s != ':') ? with_units(s, v) : with_colons(s, v);
}
