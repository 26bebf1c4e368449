/* Times as text: RFC 3339 and HTTP dates, always in UTC and in English, with no look at the locale or TZ. */
#include "syndicated/base/text.h"

#include <stdio.h>
#include <string.h>

static const char day_names[7][10] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

#define MIN_UNIX_MS INT64_C(-62167219200000) /* 0000-01-01T00:00:00Z */
#define MAX_UNIX_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

struct civil {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second, ms;
	int weekday; /* 0 is Sunday */
};

static int64_t divide_down(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that leap days come last. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = divide_down(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

static struct civil civil_from_ms(int64_t unix_ms)
{
	struct civil t;

	if (unix_ms < MIN_UNIX_MS)
		unix_ms = MIN_UNIX_MS;
	if (unix_ms > MAX_UNIX_MS)
		unix_ms = MAX_UNIX_MS;
	int64_t days = divide_down(unix_ms, 86400000);
	int rest = (int)(unix_ms - days * 86400000);
	t.ms = rest % 1000;
	t.second = rest / 1000 % 60;
	t.minute = rest / 60000 % 60;
	t.hour = rest / 3600000;
	t.weekday = (int)(((days + 4) % 7 + 7) % 7);
	int64_t shifted = days + 719468;
	int64_t era = divide_down(shifted, 146097);
	int64_t day_of_era = shifted - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month = (int)((5 * day_of_year + 2) / 153);
	t.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	t.month = month < 10 ? month + 3 : month - 9;
	t.year = (int)(year_of_era + era * 400 + (t.month <= 2));
	return t;
}

void text_from_time_ms(int64_t unix_ms, bool with_ms, char out[TEXT_RFC3339_BYTES])
{
	struct civil t = civil_from_ms(unix_ms);
	char fraction[8] = "";

	if (with_ms)
		snprintf(fraction, sizeof(fraction), ".%03u", (unsigned)t.ms % 1000);
	snprintf(out, TEXT_RFC3339_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u%sZ", (unsigned)t.year % 10000, (unsigned)t.month % 100,
	         (unsigned)t.day % 100, (unsigned)t.hour % 100, (unsigned)t.minute % 100, (unsigned)t.second % 100, fraction);
}

void text_http_date(int64_t unix_ms, char out[TEXT_RFC3339_BYTES])
{
	struct civil t = civil_from_ms(unix_ms);

	snprintf(out, TEXT_RFC3339_BYTES, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", day_names[t.weekday], (unsigned)t.day % 100,
	         month_names[t.month - 1], (unsigned)t.year % 10000, (unsigned)t.hour % 100, (unsigned)t.minute % 100,
	         (unsigned)t.second % 100);
}

/* Goes through s from left to right and remembers its first failure. */
struct reader {
	const char *s;
	bool failed;
};

static int read_number(struct reader *r, int digits)
{
	int v = 0;

	for (int i = 0; i < digits && !r->failed; i++, r->s++) {
		if (*r->s < '0' || *r->s > '9')
			r->failed = true;
		else
			v = v * 10 + (*r->s - '0');
		if (r->failed)
			break;
	}
	return v;
}

static void expect(struct reader *r, const char *literal)
{
	if (!r->failed && text_has_prefix(r->s, literal))
		r->s += strlen(literal);
	else
		r->failed = true;
}

static int read_month(struct reader *r)
{
	for (int i = 0; i < 12 && !r->failed; i++) {
		if (text_has_prefix(r->s, month_names[i])) {
			r->s += 3;
			return i + 1;
		}
	}
	r->failed = true;
	return 1;
}

/* The weekday itself is not compared with the date: servers get it wrong, and it adds nothing. */
static bool read_weekday(struct reader *r, bool full)
{
	for (int i = 0; i < 7; i++) {
		size_t len = full ? strlen(day_names[i]) : 3;
		if (strncmp(r->s, day_names[i], len) == 0) {
			r->s += len;
			return true;
		}
	}
	return false;
}

static void read_clock_time(struct reader *r, struct civil *t)
{
	t->hour = read_number(r, 2);
	expect(r, ":");
	t->minute = read_number(r, 2);
	expect(r, ":");
	t->second = read_number(r, 2);
}

/* RFC 9110 section 5.6.7: two digits that seem more than 50 years ahead mean the past. "Now" would make this impure; 1970 to 2069 does. */
static int full_year(int two_digits)
{
	return two_digits < 70 ? 2000 + two_digits : 1900 + two_digits;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static void read_imf_fixdate(struct reader *r, struct civil *t)
{
	expect(r, ", ");
	t->day = read_number(r, 2);
	expect(r, " ");
	t->month = read_month(r);
	expect(r, " ");
	t->year = read_number(r, 4);
	expect(r, " ");
	read_clock_time(r, t);
	expect(r, " GMT");
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" */
static void read_rfc850(struct reader *r, struct civil *t)
{
	expect(r, ", ");
	t->day = read_number(r, 2);
	expect(r, "-");
	t->month = read_month(r);
	expect(r, "-");
	t->year = full_year(read_number(r, 2));
	expect(r, " ");
	read_clock_time(r, t);
	expect(r, " GMT");
}

/* "Sun Nov  6 08:49:37 1994" */
static void read_asctime(struct reader *r, struct civil *t)
{
	expect(r, " ");
	t->month = read_month(r);
	expect(r, " ");
	if (!r->failed && *r->s == ' ') {
		r->s++;
		t->day = read_number(r, 1);
	} else {
		t->day = read_number(r, 2);
	}
	expect(r, " ");
	read_clock_time(r, t);
	expect(r, " ");
	t->year = read_number(r, 4);
}

static bool is_real(const struct civil *t)
{
	static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (t->year % 4 == 0 && t->year % 100 != 0) || t->year % 400 == 0;
	int length = lengths[t->month - 1] + (t->month == 2 && leap);

	/* 60 is a leap second; it becomes the next second. */
	return t->day >= 1 && t->day <= length && t->hour <= 23 && t->minute <= 59 && t->second <= 60;
}

bool text_parse_http_date(const char *s, int64_t *ret_unix_ms)
{
	struct reader r = {.s = s};
	struct civil t = {.month = 1};

	if (s == NULL)
		return false;
	if (read_weekday(&r, true))
		read_rfc850(&r, &t);
	else if (!read_weekday(&r, false))
		return false;
	else if (*r.s == ',')
		read_imf_fixdate(&r, &t);
	else
		read_asctime(&r, &t);
	if (r.failed || *r.s != '\0' || !is_real(&t))
		return false;
	int64_t seconds = days_from_civil(t.year, t.month, t.day) * 86400 + t.hour * 3600 + t.minute * 60 + t.second;
	*ret_unix_ms = seconds * 1000;
	return true;
}
