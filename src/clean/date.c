/*
 * Dates as feeds write them. The two forms that nearly all feeds use are read where they stand; anything else is first
 * made plain, then given to the reader of ISO 8601 and to the reader of everything else. What none understands is
 * unknown: a wrong date does more harm in a feed than none. So every field must be in its range, numbers that could be
 * two dates are none unless a written rule decides (date_order.c), and only what cannot change the date is forgiven: a
 * wrong day of the week, a missing zone (UTC), text behind.
 */
#include "syndicated/clean.h"

#include <string.h>

#include "date.h"
#include "syndicated/base/text.h"

#define YEAR_1_MS INT64_C(-62135596800000)
#define YEAR_10000_MS INT64_C(253402300800000)
/* Years that are of the Buddhist era in a Thai text. */
#define BUDDHIST_FIRST 2400
#define BUDDHIST_LAST 2700
/* Years that are of the Hijra in a text in Arabic letters: Iran counts them by the sun (1400 is 2021), others by the moon (1442). */
#define HIJRA_FIRST 1300
#define HIJRA_LAST 1499
/* A number alone is a time only in these years; others count something else. */
#define EPOCH_FIRST_S INT64_C(631152000)  /* 1990 */
#define EPOCH_LAST_S INT64_C(2145916800)  /* 2038 */

size_t date_digits(const char *s, int64_t *ret)
{
	size_t n = 0;
	int64_t v = 0;

	for (; date_is_digit(s[n]); n++) {
		if (n < 18)
			v = v * 10 + (s[n] - '0');
	}
	if (ret)
		*ret = v;
	return n;
}

int64_t date_fraction(const char **s, int64_t unit_ms)
{
	int64_t value = 0, scale = 1;

	for (; date_is_digit(**s); (*s)++) {
		if (scale < 1000000000) {
			value = value * 10 + (**s - '0');
			scale *= 10;
		}
	}
	return value * unit_ms / scale;
}

int64_t date_days_in_month(int64_t y, int64_t m)
{
	static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)) ? 29 : days[m - 1];
}

/* Days since 1970-01-01 of a date in the Gregorian calendar, year 1 to 9999. */
static inline int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
	uint32_t m = (uint32_t)month, y = (uint32_t)year - (m <= 2), day_of_year; /* years begin in March here */

	day_of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + (uint32_t)day - 1;
	return (int64_t)(y * 365 + y / 4 - y / 100 + y / 400 + day_of_year) - 719468;
}

unsigned date_weekday(int64_t y, int64_t m, int64_t d)
{
	return (unsigned)((days_from_civil(y, m, d) + 719468 + 3) % 7);
}

int64_t date_to_ms(const struct date_moment *m)
{
	int64_t ms;

	if (m->year < 1 || m->year > 9999 || m->month < 1 || m->month > 12 || m->day < 1 || (m->day > 28 && m->day > date_days_in_month(m->year, m->month)))
		return TIME_UNKNOWN;
	/* A second 60 is a leap second, and the next second to us; 24:00 is the end of the day. */
	if (m->hour > 24 || m->minute > 59 || m->second > 60 || (m->hour == 24 && (m->minute || m->second || m->ms)))
		return TIME_UNKNOWN;
	ms = ((days_from_civil(m->year, m->month, m->day) * 24 + m->hour) * 60 + m->minute - m->offset_minutes) * 60000 + m->second * 1000 + m->ms;
	/* The first moment of year 1 is how .NET and Go write that they have no time. */
	return ms <= YEAR_1_MS || ms >= YEAR_10000_MS ? TIME_UNKNOWN : ms;
}

static inline bool two_digits(const char *s, int64_t *ret)
{
	unsigned high = (unsigned)(unsigned char)s[0] - '0', low;

	if (high > 9)
		return false;
	low = (unsigned)(unsigned char)s[1] - '0';
	*ret = high * 10 + low;
	return low <= 9;
}

static inline bool four_digits(const char *s, int64_t *ret)
{
	int64_t high, low;

	if (!two_digits(s, &high) || !two_digits(s + 2, &low))
		return false;
	*ret = high * 100 + low;
	return true;
}

/* "09:00:03" */
static inline bool clock(const char *s, struct date_moment *m)
{
	return two_digits(s, &m->hour) && s[2] == ':' && two_digits(s + 3, &m->minute) && s[5] == ':' && two_digits(s + 6, &m->second);
}

/* "+0400" or, with colon, "+04:00", and nothing behind. */
static inline bool plain_offset(const char *s, bool colon, struct date_moment *m)
{
	int64_t hours, minutes;

	if ((*s != '+' && *s != '-') || !two_digits(s + 1, &hours) || (colon && s[3] != ':') || !two_digits(s + (colon ? 4 : 3), &minutes))
		return false;
	if (s[colon ? 6 : 5] || hours > 23 || minutes > 59)
		return false;
	m->offset_minutes = (*s == '-' ? -1 : 1) * (hours * 60 + minutes);
	return true;
}

#define MONTH_KEY(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))
static inline int64_t short_month(const char *s)
{
	/* Bit 5 makes letters small and leaves no other byte to look like one. */
	switch (MONTH_KEY((unsigned char)s[0] | 0x20, (unsigned char)s[1] | 0x20, (unsigned char)s[2] | 0x20)) {
	case MONTH_KEY('j', 'a', 'n'): return 1;
	case MONTH_KEY('f', 'e', 'b'): return 2;
	case MONTH_KEY('m', 'a', 'r'): return 3;
	case MONTH_KEY('a', 'p', 'r'): return 4;
	case MONTH_KEY('m', 'a', 'y'): return 5;
	case MONTH_KEY('j', 'u', 'n'): return 6;
	case MONTH_KEY('j', 'u', 'l'): return 7;
	case MONTH_KEY('a', 'u', 'g'): return 8;
	case MONTH_KEY('s', 'e', 'p'): return 9;
	case MONTH_KEY('o', 'c', 't'): return 10;
	case MONTH_KEY('n', 'o', 'v'): return 11;
	case MONTH_KEY('d', 'e', 'c'): return 12;
	default: return 0;
	}
}

/* "Mon, 23 Nov 2026 09:00:03 GMT" with or without the day of the week, GMT, UTC or an offset. */
static bool read_fast_mail(const char *s, struct date_moment *m)
{
	if (!date_is_digit(*s)) {
		if (!s[0] || !s[1] || !s[2] || s[3] != ',' || s[4] != ' ')
			return false;
		s += 5;
	}
	if (two_digits(s, &m->day)) {
		s += 2;
	} else {
		if (!date_is_digit(*s))
			return false;
		m->day = *s++ - '0';
	}
	if (s[0] != ' ' || !s[1] || !s[2] || !s[3] || s[4] != ' ')
		return false;
	m->month = short_month(s + 1);
	if (!m->month || !four_digits(s + 5, &m->year) || s[9] != ' ' || !clock(s + 10, m) || s[18] != ' ')
		return false;
	s += 19;
	if ((s[0] == 'G' && s[1] == 'M' && s[2] == 'T' && !s[3]) || (s[0] == 'U' && s[1] == 'T' && s[2] == 'C' && !s[3]))
		return true;
	if ((*s == '+' || *s == '-') && s[1] == '0' && s[2] == '0' && s[3] == '0' && s[4] == '0' && !s[5])
		return true;
	return plain_offset(s, false, m);
}

/* "2026-11-23T09:00:03.25+04:00" */
static bool read_fast_iso(const char *s, struct date_moment *m)
{
	if (!four_digits(s, &m->year) || s[4] != '-' || !two_digits(s + 5, &m->month) || s[7] != '-' || !two_digits(s + 8, &m->day))
		return false;
	if ((s[10] != 'T' && s[10] != ' ') || !clock(s + 11, m))
		return false;
	s += 19;
	if (*s == '.') {
		s++;
		m->ms = date_fraction(&s, 1000);
	}
	return (s[0] == 'Z' && !s[1]) || plain_offset(s, true, m);
}

/* Seconds, milliseconds, microseconds or nanoseconds since 1970: which one, only one of them makes plausible. */
static int64_t plausible_epoch(int64_t v, size_t digits, const char *fraction)
{
	int64_t per_second = 1;

	if (digits > 18)
		return TIME_UNKNOWN;
	while (v / per_second > EPOCH_LAST_S)
		per_second *= 1000;
	if (v / per_second < EPOCH_FIRST_S)
		return TIME_UNKNOWN;
	if (per_second == 1)
		return v * 1000 + (*fraction == '.' ? (fraction++, date_fraction(&fraction, 1000)) : 0);
	return v / (per_second / 1000);
}

/* A number and nothing else. Ten digits can be YYYYMMDDhh as well; from 2033 on that is the likelier reading. */
static int64_t read_epoch(const char *s)
{
	int64_t v, nanoseconds;
	size_t n;

	if (*s == '@')
		s++;
	n = date_digits(s, &v);
	if (n == 19) { /* nanoseconds, one digit more than is kept */
		if (s[0] > '2')
			return TIME_UNKNOWN;
		nanoseconds = s[18] - '0';
		v = v * 10 + nanoseconds;
		n = 18;
		s++;
	}
	if (n < 9 || n == 14 || (s[n] && !(s[n] == '.' && date_is_digit(s[n + 1]) && s[n + 1 + date_digits(s + n + 1, NULL)] == '\0')))
		return TIME_UNKNOWN;
	if (n == 10 && v >= 1900000000)
		return TIME_UNKNOWN;
	return plausible_epoch(v, n, s + n);
}

/* /Date(1479891603000+0100)/ as .NET writes JSON; the offset is for show only. */
static bool read_dotnet(const char *s, int64_t *ret_ms)
{
	const char *open = strstr(s, "Date(");
	bool negative;
	int64_t v;
	size_t n;

	if (!open)
		return false;
	s = open + 5;
	negative = *s == '-';
	n = date_digits(s += negative, &v);
	if (n == 0 || n > 15 || (s[n] != ')' && s[n] != '+' && s[n] != '-'))
		return false;
	*ret_ms = negative ? -v : v;
	return *ret_ms > YEAR_1_MS && *ret_ms < YEAR_10000_MS;
}

static void settle_half(struct date_moment *m)
{
	if (m->pm && m->hour < 12)
		m->hour += 12;
	if (m->am && m->hour == 12)
		m->hour = 0;
}

static bool any_language(const char *tag, const char *const *codes)
{
	for (; *codes; codes++) {
		if (date_language_is(tag, *codes))
			return true;
	}
	return false;
}

/* Years of the era that the text's script or language may count in are made ours; false where there are two such eras. */
static bool settle_era(struct date_moment *m)
{
	if (m->buddhist && m->year >= BUDDHIST_FIRST && m->year <= BUDDHIST_LAST)
		m->year -= 543;
	return !(m->arabic && m->year >= HIJRA_FIRST && m->year <= HIJRA_LAST);
}

static int64_t read_slowly(const char *text, const char *language)
{
	static const char *const arabic[] = { "fa", "ar", "ur", "ps", "ug", "sd", "ckb", NULL };
	char plain[DATE_TEXT_BYTES];
	struct date_moment script = { 0 }, m;
	int64_t ms, minutes = 0;

	if (date_plain(text, plain, &script) == 0)
		return TIME_UNKNOWN;
	if (read_dotnet(plain, &ms))
		return ms;
	ms = read_epoch(plain);
	if (ms != TIME_UNKNOWN)
		return ms;
	if (language) {
		script.buddhist = script.buddhist || date_language_is(language, "th");
		script.arabic = script.arabic || any_language(language, arabic);
	}
	m = script;
	if (!date_read_iso(plain, &m)) {
		m = script;
		if (!date_read_free(plain, language, &m))
			return TIME_UNKNOWN;
	}
	if (!settle_era(&m))
		return TIME_UNKNOWN;
	settle_half(&m);
	ms = date_to_ms(&m);
	if (ms == TIME_UNKNOWN || !m.place_len)
		return ms;
	return date_place_offset(plain, &m, &minutes) ? ms - minutes * 60000 : TIME_UNKNOWN;
}

int64_t clean_date_in(const char *text, const char *language)
{
	struct date_moment m = { 0 };

	if (!text)
		return TIME_UNKNOWN;
	while (*text <= ' ' && text_is_space(*text))
		text++;
	if (read_fast_mail(text, &m))
		return date_to_ms(&m);
	m.offset_minutes = 0;
	if (read_fast_iso(text, &m) && m.year > HIJRA_LAST && m.year < BUDDHIST_FIRST)
		return date_to_ms(&m);
	return read_slowly(text, language);
}

int64_t clean_date(const char *text)
{
	return clean_date_in(text, NULL);
}
