/*
 * Dates in any order and language: RFC 822 and its relatives, asctime and date(1), JavaScript, RFC 850, what people
 * write. The text is read once from left to right; numbers with a mark of what they are (":", "h", a CJK unit, am) are
 * that, the others wait until the end, when date_order.c says which is day, month and year.
 */
#include "date.h"

#include <string.h>

#include "date_reader.h"
#include "syndicated/base/text.h"

static char before(const struct date_reader *r)
{
	return r->s > r->start ? r->s[-1] : ' ';
}

/* Day, month and year are there, whichever is which. */
static bool complete(const struct date_reader *r)
{
	return r->n_fields + r->have_year + (r->have_month || r->month.months) + r->have_day >= 3;
}

static bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* 'y', 'm', 'd', 'H', 'M', 'S' when s is at the sign of a unit in Chinese, Japanese, Korean or Mongolian. */
static char cjk_unit(const char *s, size_t *ret_len)
{
	static const struct { char text[12]; char unit; } units[] = {
		{ "年", 'y' }, { "년", 'y' }, { "月", 'm' }, { "월", 'm' }, { "日", 'd' }, { "일", 'd' }, { "号", 'd' }, { "號", 'd' }, { "時", 'H' },
		{ "时", 'H' }, { "点", 'H' }, { "點", 'H' }, { "시", 'H' }, { "分", 'M' }, { "분", 'M' }, { "秒", 'S' }, { "초", 'S' }, { "-р сар", 'm' },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (has_prefix(s, units[i].text)) {
			*ret_len = strlen(units[i].text);
			return units[i].unit;
		}
	}
	return '\0';
}

static void set_zone(struct date_reader *r, enum date_zone_rank rank, int64_t minutes)
{
	if (rank > r->zone) {
		r->zone = rank;
		r->m->offset_minutes = minutes;
		r->m->place_len = 0;
	}
	r->last = LAST_ZONE;
}

/* A name in words or of tz. Returns its length, 0 for none. */
static size_t read_long_zone(struct date_reader *r, const char *s)
{
	int64_t minutes = 0;
	size_t n = date_zone_words(s, &minutes), place = n ? 0 : date_zone_place(s);

	if (place && r->zone < ZONE_NAME) {
		set_zone(r, ZONE_NAME, 0);
		r->m->place_at = (uint8_t)(s - r->start);
		r->m->place_len = (uint8_t)place;
	} else if (n) {
		set_zone(r, ZONE_NAME, minutes);
	}
	return n + place;
}

/* Behind the hour: minutes, seconds, a fraction, with ":" or "." between. A second time is not read. */
static void read_time(struct date_reader *r, int64_t hour, size_t digits)
{
	struct date_moment scratch = { 0 }, *m = r->have_time ? &scratch : r->m;
	char separator = *r->s;
	size_t n;

	if (digits > 2)
		r->bad = true;
	m->hour = hour;
	n = date_digits(++r->s, &m->minute);
	r->s += n;
	if (n > 2)
		r->bad = true;
	if (*r->s == separator && date_is_digit(r->s[1])) {
		n = date_digits(++r->s, &m->second);
		r->s += n;
		if (n > 2)
			r->bad = true;
	}
	if (((*r->s == '.' || *r->s == ',') || (*r->s == ':' && m->second)) && date_is_digit(r->s[1])) {
		r->s++;
		m->ms = date_fraction(&r->s, 1000);
	}
	r->have_time = true;
	r->last = LAST_TIME;
}

/* Is the character that begins at s of a script other than Latin? From U+0370 on all are but U+1E00 to U+1EFF. */
static bool beyond_latin(const char *s)
{
	unsigned char a = (unsigned char)s[0], b = (unsigned char)s[1];

	return a >= 0xCD && !(a == 0xCD && b < 0xB0) && !(a == 0xE1 && b >= 0xB8 && b <= 0xBB);
}

/* The letters at s. Latin ones end where others begin: Telugu puts its endings right behind "PM". */
static size_t letters(const char *s)
{
	size_t n = 0;

	while (date_is_letter(s[n])) {
		if ((unsigned char)s[n] >= 0xCD && n && (unsigned char)s[n - 1] < 0x80 && beyond_latin(s + n))
			break;
		n++;
	}
	return n;
}

/* Up to `words` words with a blank, point, comma, hyphen or apostrophe between them. 0 when there are not that many. */
static size_t joined(const char *s, unsigned words)
{
	size_t n = letters(s), gap;

	while (--words) {
		for (gap = 0; gap < 2 && s[n + gap] && strchr(" .,-'", s[n + gap]); gap++)
			;
		if (gap == 0 || !date_is_letter(s[n + gap]))
			return 0;
		n += gap + letters(s + n + gap);
	}
	return n;
}

static bool has_meaning(struct date_meaning m)
{
	return m.months || m.weekdays || m.halves;
}

#define MOST_WORDS 4u /* of one name: November is four in Somali */

/* The most words at s that together mean something. */
static struct date_meaning longest(const char *s, const char *language, size_t *ret_len)
{
	struct date_meaning m = { 0 };

	for (unsigned words = MOST_WORDS; words > 0; words--) {
		size_t n = joined(s, words);

		m = n ? date_words_find(s, n, language) : m;
		if (has_meaning(m)) {
			*ret_len = n;
			break;
		}
	}
	return m;
}

/* "azaroaren" is a form of "azaroa": endings of up to four letters are forgiven where `least` bytes stay. */
static struct date_meaning by_stem(const char *s, size_t n, size_t least, const char *language)
{
	struct date_meaning m = { 0 };

	for (unsigned cut = 0; cut < 4 && n > least && !m.months; cut++) {
		do
			n--;
		while (((unsigned char)s[n] & 0xC0) == 0x80);
		if (n < least)
			break;
		m = date_words_find(s, n, language);
	}
	m.weekdays = 0;
	m.halves = 0;
	return m;
}

/* The most words at s of which together something is the stem; of the last one three letters have to be in it. */
static struct date_meaning longest_stem(const char *s, const char *language, size_t *ret_len)
{
	struct date_meaning m = { 0 };

	for (unsigned words = MOST_WORDS; words > 0 && !m.months; words--) {
		size_t n = joined(s, words);

		m = by_stem(s, n, words > 1 ? joined(s, words - 1) + 4 : 4, language);
		*ret_len = m.months ? n : *ret_len;
	}
	return m;
}

static void set_half(struct date_reader *r, unsigned halves)
{
	if (r->m->am || r->m->pm || halves == (DATE_AM | DATE_PM))
		return;
	r->m->am = halves == DATE_AM;
	r->m->pm = halves == DATE_PM;
	r->last = LAST_TIME;
}

/* Is the next thing at s a number with the look of an hour? "14.05" is one, "14.05.2026" is none. */
static bool before_time(const char *s)
{
	size_t n, unit_len;

	while (*s == ' ' || *s == '.')
		s++;
	n = date_digits(s, NULL);
	if (n < 1 || n > 2)
		return false;
	s += n;
	if (*s == '.') {
		n = 1 + date_digits(s + 1, NULL);
		return n == 3 && !(s[n] && strchr("./-", s[n]) && date_is_digit(s[n + 1]) && date_digits(s + n + 1, NULL) > 2);
	}
	return *s == ':' || cjk_unit(s + (*s == ' '), &unit_len) == 'H';
}

/* Day and year are still to come behind the name of a month at s: "Nov 23, 2026", not "Nov 2026" or "Nov 26 09:05". */
static bool before_day_and_year(const char *s)
{
	size_t n;

	s += strcspn(s, "0123456789");
	n = date_digits(s, NULL);
	if (n < 1 || n > 2 || before_time(s))
		return false;
	s += n;
	s += strcspn(s, "0123456789");
	return date_is_digit(*s) && !before_time(s);
}

/*
 * A mark of am or pm ends at `after`; is the number before it, which begins at `from`, a day all the same? The marks of some
 * language are words of others: "6 de septiembre de 2021". And a mark may be of the time behind it: "2026-11-06 PM 09:05".
 */
static bool day_before_mark(const struct date_reader *r, const char *from, const char *after)
{
	struct date_meaning m;
	size_t len = 0;

	if (complete(r))
		return false;
	if (r->n_fields && from > r->start && strchr("./-", from[-1]))
		return true;
	if (before_time(after))
		return true;
	after += strspn(after, " .");
	m = longest(after, r->language, &len);
	if (!has_meaning(m))
		m = longest_stem(after, r->language, &len);
	return m.months && !before_day_and_year(after + len);
}

/* "05", " 05" or "05 min 30 s" behind "14 h"; `n` is the length of the word for hours. */
static void read_minutes(struct date_reader *r, size_t n)
{
	if (*r->s == ' ' && date_is_digit(r->s[1]) && date_digits(r->s + 1, NULL) == 2 && r->s[3] != ':' && n <= 2)
		r->s++;
	if (!date_is_digit(*r->s) || date_digits(r->s, NULL) > 2)
		return;
	r->s += date_digits(r->s, &r->m->minute);
	n = *r->s == ' ';
	n += letters(r->s + n);
	if (n < 1 || n > 4 || text_lower(r->s[*r->s == ' ']) != 'm')
		return;
	n += r->s[n] == ' ';
	if (date_is_digit(r->s[n]) && date_digits(r->s + n, NULL) <= 2) {
		r->s += n;
		r->s += date_digits(r->s, &r->m->second);
	}
}

static bool is_hour_word(const char *word, size_t n)
{
	static const char *const hours[] = { "h", "hs", "hrs", "hr", "u", "uhr", "uur", "godz", "horas", "heures", "o'clock" };

	for (size_t i = 0; i < sizeof(hours) / sizeof(hours[0]); i++) {
		if (n == strlen(hours[i]) && text_has_prefix_nocase(word, hours[i]))
			return true;
	}
	return false;
}

/* "9 pm", "12 noon", "14 h", "14h05", "14 Uhr": words behind a number that make it an hour. */
static bool read_hour(struct date_reader *r, int64_t value, const char *after)
{
	const char *word = *after == ' ' ? after + 1 : after;
	size_t n = letters(word), len = n;
	bool hours = is_hour_word(word, n);
	struct date_meaning m = { 0 };

	if (n == 0 || value > 24 || (!hours && (value < 1 || value > 12)))
		return false;
	if (!hours) {
		m = longest(word, r->language, &len);
		if (has_prefix(word, "noon") || has_prefix(word, "midnight")) {
			m.halves = *word == 'n' ? DATE_PM : DATE_AM;
			len = n;
		}
		if (!m.halves || m.months)
			return false;
	}
	if (day_before_mark(r, r->s, word + len))
		return false;
	r->m->hour = value;
	r->have_time = true;
	r->last = LAST_TIME;
	set_half(r, m.halves);
	r->s = word + len;
	if (hours)
		read_minutes(r, n);
	return true;
}

static bool set_unit(struct date_reader *r, char unit, int64_t value, size_t digits)
{
	struct date_moment *m = r->m;

	switch (unit) {
	case 'y':
		m->year = r->era ? r->era + value : digits <= 2 ? value + 2000 : value;
		r->have_year = true;
		break;
	case 'm':
		m->month = value;
		r->have_month = true;
		break;
	case 'd':
		m->day = value;
		r->have_day = true;
		break;
	case 'H':
		m->hour = value;
		r->have_time = true;
		r->last = LAST_TIME;
		return true;
	case 'M':
		m->minute = value;
		r->last = LAST_TIME;
		return true;
	case 'S':
		m->second = value;
		r->last = LAST_TIME;
		return true;
	default:
		return false;
	}
	r->last = LAST_NUMBER;
	return true;
}

static void add_field(struct date_reader *r, int64_t value, size_t digits, const char *from)
{
	char c = from > r->start ? from[-1] : ' ';

	if (digits == 8 && r->n_fields == 0 && !r->month.months) {
		r->fields[0] = (struct date_field){ value / 10000, 4, ' ', false };
		r->fields[1] = (struct date_field){ value / 100 % 100, 2, '-', false };
		r->fields[2] = (struct date_field){ value % 100, 2, '-', false };
		r->n_fields = 3;
		return;
	}
	if (digits > 4 || r->n_fields == 3) {
		r->bad = true;
		return;
	}
	/* "23. 11. 2026" has its points before the blanks. */
	if (c == ' ' && from - r->start >= 2 && strchr("./-", from[-2]))
		c = from[-2];
	else if (!strchr("./-", c))
		c = c == '\'' ? '\'' : ' ';
	r->fields[r->n_fields++] = (struct date_field){ value, digits, c, c == '\'' };
	r->last = LAST_NUMBER;
}

/* Numbers behind a whole date: "1500 GMT", "14.05"; else text that follows. */
static void after_date(struct date_reader *r, int64_t value, size_t digits, const char *from)
{
	char c = from > r->start ? from[-1] : ' ';

	/* "mars 23.11.2026": one number too many for a date whose month has a name. */
	r->bad = r->bad || (r->last == LAST_NUMBER && (c == '.' || c == '/') && date_is_digit(from[-2]));
	r->last = LAST_OTHER;
	if (r->have_time)
		return;
	if (digits == 4 && c == ' ' && value < 2400 && value % 100 < 60 && (*r->s == ' ' || *r->s == '\0')) {
		r->m->hour = value / 100;
		r->m->minute = value % 100;
		r->have_time = true;
		r->last = LAST_TIME;
	} else if (digits <= 2 && *r->s == '.' && date_digits(r->s + 1, NULL) == 2) {
		read_time(r, value, digits);
	} else if (c == '.' || c == '/' || c == '-') {
		r->bad = true; /* 192.0.2.1 is no date */
	}
}

static void read_number(struct date_reader *r)
{
	const char *from = r->s;
	int64_t value;
	size_t n = date_digits(from, &value), unit_len;
	const char *after = from + n;
	char unit = cjk_unit(after + (*after == ' '), &unit_len);

	if (unit && *after == ' ' && date_is_letter(after[1 + unit_len])) /* a word that only begins like a unit */
		unit = '\0';
	if (*after == ':' && date_is_digit(after[1]) && (n <= 2 || r->have_time)) {
		r->s = after;
		read_time(r, value, n);
	} else if (unit) {
		r->s = after + (*after == ' ') + unit_len;
		set_unit(r, unit, value, n);
	} else if (r->marker) {
		r->s = after;
		set_unit(r, r->marker, value, n);
		r->marker = '\0';
	} else if (n <= 2 && !r->have_time && read_hour(r, value, after)) {
		return;
	} else if (r->last == LAST_ZONE && from > r->start && date_is_letter(from[-1])) {
		r->s = after; /* EST5EDT */
	} else {
		r->s = after;
		if (complete(r))
			after_date(r, value, n, from);
		else
			add_field(r, value, n, from);
	}
}

/* Is the sign at s one of an offset, not of a date's parts? */
static bool sign_of_offset(const struct date_reader *r)
{
	if (!r->have_time || r->zone == ZONE_OFFSET || !date_is_digit(r->s[1]))
		return false;
	return r->last == LAST_TIME || r->last == LAST_ZONE || (complete(r) && before(r) == ' ');
}

static void read_sign(struct date_reader *r)
{
	const char *end;
	int64_t minutes;

	if (!sign_of_offset(r)) {
		r->s++;
		return;
	}
	end = date_zone_offset(r->s, &minutes);
	/* "09:00 -23.11.2026" is a dash. */
	if (end && *end && strchr("./-", *end) && date_is_digit(end[1])) {
		r->s++;
		return;
	}
	if (!end) {
		r->bad = true;
		r->s += 1 + date_digits(r->s + 1, NULL);
		return;
	}
	set_zone(r, ZONE_OFFSET, minutes);
	r->s = end;
}

/* Comments nest and have quoted characters (RFC 5322 section 3.2.2). A zone in one counts if there is none outside. */
static void read_comment(struct date_reader *r)
{
	const char *from = r->s + 1;
	size_t depth = 0, n;
	int64_t minutes;

	if (!r->have_time && before_time(from)) { /* "23 November 2026 (14:05)" */
		r->s++;
		return;
	}
	do {
		depth += *r->s == '(' || *r->s == '[';
		depth -= *r->s == ')' || *r->s == ']';
		if (*r->s == '\\' && r->s[1])
			r->s++;
		r->s++;
	} while (*r->s && depth);
	n = letters(from);
	if (r->have_time && read_long_zone(r, from))
		return;
	if (!r->have_time || n < 2 || !date_zone_name(from, n, &minutes))
		return;
	set_zone(r, ZONE_NAME, minutes);
	if (from[n] == '+' || from[n] == '-')
		date_zone_offset(from + n, &r->m->offset_minutes);
}

static void note_month(struct date_reader *r, struct date_meaning m, const char *after)
{
	if (!r->month.months || (r->month.weekday_elsewhere && !m.weekday_elsewhere)) {
		r->month = m;
		r->n_before_month = r->n_fields;
	} else if (!m.weekday_elsewhere && m.months != r->month.months && !(complete(r) && (r->have_time || before_time(after)))) {
		r->bad = true;
	}
}

static bool note_meaning(struct date_reader *r, struct date_meaning m, const char *after)
{
	/* "în 08:05" is Friday in Kurdish */
	if (m.halves && (r->last == LAST_TIME || (!m.weekday_elsewhere && before_time(after))))
		set_half(r, m.halves);
	else if (m.months)
		note_month(r, m, after);
	else if (m.weekdays)
		r->weekdays = r->weekdays ? r->weekdays : m.weekdays;
	else
		return m.halves != 0;
	return true;
}

/* Words that say what the number behind them is, and eras. */
static bool note_marker(struct date_reader *r, size_t n)
{
	static const struct { const char *word; char unit; int16_t era; } markers[] = {
		{ "ngày", 'd', 0 }, { "tháng", 'm', 0 }, { "thg", 'm', 0 }, { "năm", 'y', 0 }, { "令和", 0, 2018 }, { "平成", 0, 1988 },
		{ "昭和", 0, 1925 }, { "民國", 0, 1911 }, { "民国", 0, 1911 },
	};

	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
		bool vietnamese = markers[i].unit != 0;

		if (vietnamese ? n != strlen(markers[i].word) || !text_has_prefix_nocase(r->s, markers[i].word)
		               : !has_prefix(r->s, markers[i].word))
			continue;
		r->marker = markers[i].unit;
		r->era = markers[i].era ? markers[i].era : r->era;
		return true;
	}
	return false;
}

static size_t character(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[n] & 0xC0) == 0x80)
		n++;
	return n;
}

/* Thai to Khmer, and from the radicals of CJK on: words are not set apart there. U+0E00 to U+17FF but not Georgian to Ogham. */
static bool unspaced(const char *s)
{
	unsigned char a = (unsigned char)s[0], b = (unsigned char)s[1];

	return (a == 0xE0 && (b >= 0xB8 && b <= 0xBB)) || (a == 0xE1 && ((b >= 0x80 && b <= 0x81) || b == 0x9E || b == 0x9F)) ||
	       (a == 0xE2 && b >= 0xBA) || (a >= 0xE3 && a <= 0xEF);
}

/* The longest beginning that means something; else one character is skipped. Thai abbreviations have points inside. */
static void read_unspaced(struct date_reader *r)
{
	size_t most = 0, n = 0;

	while (n < 60 && (date_is_letter(r->s[n]) || (n && r->s[n] == '.' && (unsigned char)r->s[n + 1] >= 0x80))) {
		n += character(r->s + n);
		if (has_meaning(date_words_find(r->s, n, r->language)))
			most = n;
	}
	if (most) {
		struct date_meaning m = date_words_find(r->s, most, r->language);

		note_meaning(r, m, r->s + most);
		r->s += most;
		return;
	}
	note_marker(r, 0);
	r->s += character(r->s);
}

static bool read_zone_word(struct date_reader *r, size_t n)
{
	int64_t minutes;
	size_t longer = r->have_time && r->s[n] ? read_long_zone(r, r->s) : 0;

	r->s += longer;
	if (longer)
		return true;
	if (!r->have_time || !date_zone_name(r->s, n, &minutes))
		return false;
	if (n == 1 && (r->last != LAST_TIME || (before(r) == ' ' && *r->s >= 'a')))
		return false;
	set_zone(r, n == 1 ? ZONE_LETTER : ZONE_NAME, minutes);
	r->s += n;
	if (*r->s == ' ' && (r->s[1] == '+' || r->s[1] == '-') && date_is_digit(r->s[2]))
		r->s++;
	return true;
}

/* Several zones have names that are of a month somewhere (MEZ, AWST, UZT); one month is enough. */
static bool zone_not_month(const struct date_reader *r)
{
	return r->last == LAST_TIME && (r->month.months || r->have_month || complete(r));
}

static void read_word(struct date_reader *r)
{
	size_t n = letters(r->s), len = n;
	bool glued = date_is_digit(before(r));
	struct date_meaning m;

	if (unspaced(r->s)) {
		read_unspaced(r);
		return;
	}
	m = longest(r->s, r->language, &len);
	if (glued && n <= 2 && r->last != LAST_TIME) { /* 1st, 2nd, 23e, T */
		r->s += n;
		return;
	}
	if (!(m.halves && r->last == LAST_TIME) && (!m.months || zone_not_month(r)) && read_zone_word(r, n))
		return;
	if (!has_meaning(m) && has_prefix(r->s, "\xD7\x91")) /* Hebrew "in" is one letter before the name */
		m = date_words_find(r->s + 2, n - 2, r->language);
	if (!has_meaning(m)) {
		len = n;
		m = longest_stem(r->s, r->language, &len);
	}
	if (!r->have_time && (m.months | m.weekdays) == 0 && n == 4 && text_has_prefix_nocase(r->s, "noon")) {
		r->m->hour = 12;
		r->have_time = true;
	}
	if (note_meaning(r, m, r->s + len)) {
		r->s += len;
		if (r->last != LAST_TIME || !m.halves)
			r->last = LAST_OTHER;
		return;
	}
	note_marker(r, n);
	if (!(n == 1 && r->last == LAST_TIME))
		r->last = LAST_OTHER;
	r->s += n;
}

bool date_read_free(const char *plain, const char *language, struct date_moment *m)
{
	struct date_reader r = { .start = plain, .s = plain, .language = language, .m = m };

	if ((*plain == '-' || *plain == '+') && date_is_digit(plain[1])) /* a year with a sign is not of this era */
		return false;
	while (*r.s && !r.bad) {
		if (date_is_digit(*r.s))
			read_number(&r);
		else if (date_is_letter(*r.s))
			read_word(&r);
		else if (*r.s == '(' || *r.s == '[')
			read_comment(&r);
		else if (*r.s == '+' || *r.s == '-')
			read_sign(&r);
		else
			r.s++;
	}
	return date_settle(&r);
}
