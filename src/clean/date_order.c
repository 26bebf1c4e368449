/*
 * Which of the numbers of a date is the day, which the month, which the year:
 *
 *  - A number of three or more digits, or behind an apostrophe, is the year; so is one that cannot be a day.
 *  - With a name of a month: day before year.
 *  - Numbers only: year first if it has four digits. Else a number beyond 12 is the day. If both can be: day.month with
 *    points and day-month with hyphens; with slashes month/day, as in the United States, unless a language other than
 *    American English is given or it is in Arabic script.
 *  - Two digits each, and more than one reading is left: unknown. In Arabic script a year first is so, for the era is not known.
 */
#include "date_reader.h"

#include <string.h>

#include "syndicated/base/text.h"

/* RFC 2822 section 4.3: two digits below 50 are this century, three digits are years since 1900. */
static int64_t full_year(const struct date_reader *r, const struct date_field *f)
{
	if (f->digits >= 4)
		return f->value;
	if (f->digits <= 2 && r->m->buddhist && f->value >= 40)
		return f->value + 1957;
	return f->digits == 3 || f->value >= 50 ? f->value + 1900 : f->value + 2000;
}

static bool year_like(const struct date_field *f)
{
	return f->digits >= 3 || f->apostrophe || f->value > 31 || f->value == 0;
}

/* The one bit of a set; -1 for none or several. */
static int only(unsigned set)
{
	return set && (set & (set - 1)) == 0 ? __builtin_ctz(set) : -1;
}

/* A word that is one month here and another there: the day of the week may know. */
static bool settle_month(struct date_reader *r)
{
	int month = only(r->month.months), weekday = only(r->weekdays), found = -1;

	for (int i = 0; month < 0 && weekday >= 0 && i < 12; i++) {
		if (!(r->month.months >> i & 1) || r->m->day < 1 || r->m->day > date_days_in_month(r->m->year, i + 1))
			continue;
		if (date_weekday(r->m->year, i + 1, r->m->day) != (unsigned)weekday)
			continue;
		if (found >= 0)
			return false;
		found = i;
	}
	r->m->month = (month >= 0 ? month : found) + 1;
	return r->m->month > 0;
}

/* Which of the fields is the day and which the year is plain when the month has a name. */
static bool settle_named(struct date_reader *r)
{
	const struct date_field *a = &r->fields[0], *b = &r->fields[1];
	size_t n = r->n_fields;

	if (n + r->have_year + r->have_day > 2 || (!r->have_year && n == 0))
		return false;
	if (r->have_year || r->have_day) {
		if (n == 1 && r->have_year)
			r->m->day = a->value;
		else if (n == 1)
			r->m->year = full_year(r, a);
		else if (n == 0 && !r->have_day)
			r->m->day = 1;
	} else if (n == 1) {
		if (a->digits != 4 || r->have_time)
			return false;
		r->m->year = a->value;
		r->m->day = 1;
	} else {
		bool year_first = year_like(a) && !year_like(b);

		if (r->n_before_month == 2 && !year_like(a) && !year_like(b)) /* "5 days to 23 Nov" */
			return false;
		r->m->year = full_year(r, year_first ? a : b);
		r->m->day = year_first ? b->value : a->value;
		if (year_first ? b->digits > 2 : a->digits > 2)
			return false;
	}
	/* A year of one digit is a number that means something else. */
	if (r->m->year < 1 || (!r->have_year && n == 2 && b->digits == 1 && a->digits < 3))
		return false;
	return !r->month.months || settle_month(r);
}

static bool month_first(const struct date_reader *r, char separator)
{
	if (separator != '/' || r->m->arabic)
		return false;
	if (!r->language || !*r->language)
		return true;
	if (!date_language_is(r->language, "en"))
		return date_language_is(r->language, "fil");
	return strlen(r->language) < 5 || text_equal_nocase(r->language + 3, "US") || text_equal_nocase(r->language + 3, "PH");
}

/* Two numbers that are day and month in this order or that. */
static void set_day_and_month(struct date_reader *r, const struct date_field *a, const struct date_field *b, bool month_before)
{
	if (a->value > 12)
		month_before = false;
	else if (b->value > 12)
		month_before = true;
	r->m->month = month_before ? a->value : b->value;
	r->m->day = month_before ? b->value : a->value;
}

static bool settle_three(struct date_reader *r)
{
	const struct date_field *f = r->fields;
	char separator = f[1].separator;
	bool asian = date_language_is(r->language, "ja") || date_language_is(r->language, "zh") || date_language_is(r->language, "ko") ||
	             date_language_is(r->language, "hu");

	if (f[1].separator != f[2].separator || separator == ' ' || separator == '\'')
		return false;
	if (f[0].digits == 4 && f[1].digits <= 2 && f[2].digits <= 2) {
		r->m->year = f[0].value;
		set_day_and_month(r, &f[1], &f[2], true);
	} else if (f[2].digits == 4 && f[0].digits <= 2 && f[1].digits <= 2) {
		r->m->year = f[2].value;
		set_day_and_month(r, &f[0], &f[1], month_first(r, separator));
	} else if (f[0].digits == 2 && f[1].digits == 2 && f[2].digits == 2) {
		bool year_first = asian || f[0].value > 31 || f[0].value == 0;
		bool could_be_first = f[0].value > 0 && f[1].value <= 12 && f[2].value <= 31 && f[2].value > 0;

		/* 26-11-23 may be of ISO 8601:1988, and nobody can tell. */
		if (!year_first && separator == '-' && could_be_first && f[0].value <= 31)
			return false;
		if (year_first && r->m->arabic)
			return false;
		r->m->year = full_year(r, &f[year_first ? 0 : 2]);
		set_day_and_month(r, &f[year_first], &f[year_first + 1], year_first || month_first(r, separator));
	} else {
		return false;
	}
	return true;
}

/* "11/2026" and "2026/11" are months; other pairs are no date. */
static bool settle_two(struct date_reader *r)
{
	const struct date_field *a = &r->fields[0], *b = &r->fields[1];

	if (r->have_time || (b->separator != '/' && b->separator != '-') || a->digits + b->digits > 6)
		return false;
	if (a->digits == 4)
		r->m->year = a->value, r->m->month = b->value;
	else if (b->digits == 4)
		r->m->year = b->value, r->m->month = a->value;
	else
		return false;
	r->m->day = 1;
	return true;
}

bool date_settle(struct date_reader *r)
{
	if (r->bad)
		return false;
	if (r->have_month && !r->month.months)
		return settle_named(r);
	if (r->have_month || (r->have_year && r->have_day))
		return r->month.months && !r->have_month && settle_named(r);
	if (r->month.months)
		return settle_named(r);
	return r->n_fields == 3 ? settle_three(r) : r->n_fields == 2 && !r->have_year && !r->have_day && settle_two(r);
}
