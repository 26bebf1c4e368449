#ifndef SYNDICATED_CLEAN_DATE_H
#define SYNDICATED_CLEAN_DATE_H
/*
 * Private to the reading of dates. date.c is the entry and the fast path; date_scan.c makes the text plain; date_iso.c
 * reads ISO 8601 and its profiles; date_free.c and date_order.c everything people and programs write besides; date_words.c knows the names
 * of months and days, date_zone.c those of time zones.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_TEXT_BYTES 256u /* of plain text that are looked at; what is behind is no date */

struct date_moment {
	int64_t year, month, day, hour, minute, second, ms;
	int64_t offset_minutes; /* east of Greenwich */
	bool am, pm;
	bool buddhist; /* years may be of the Buddhist era, as in Thailand */
	bool arabic; /* in Arabic letters or digits: no American wrote it, and years may be of the Hijra, by sun or moon */
	uint8_t place_at, place_len; /* in the plain text: a name of tz, whose offset on that day counts instead; 0 long: none */
};

static inline bool date_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ASCII letters and all of what is beyond ASCII: after date_plain() only letters are left there. */
static inline bool date_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* How many digits s begins with, and their value; *ret is meaningless beyond 18 of them. ret may be NULL. */
size_t date_digits(const char *s, int64_t *ret);
/* A fraction's digits as milliseconds of a unit of unit_ms; moves *s behind them. */
int64_t date_fraction(const char **s, int64_t unit_ms);
int64_t date_days_in_month(int64_t year, int64_t month);
/* 0 is Sunday. The date is one of the calendar. */
unsigned date_weekday(int64_t year, int64_t month, int64_t day);
/* TIME_UNKNOWN when a field is out of its range. */
int64_t date_to_ms(const struct date_moment *m);

/*
 * Copies text with what is not of the date taken away: markup, character references, blanks and digits and punctuation of
 * other scripts become ASCII. Sets m->buddhist and m->arabic where letters or digits of Thai or Arabic were seen.
 */
size_t date_plain(const char *text, char out[DATE_TEXT_BYTES], struct date_moment *m);

/* ISO 8601, RFC 3339, W3CDTF from the first byte to the last. False leaves it to date_read_free(). */
bool date_read_iso(const char *plain, struct date_moment *ret);
/* Any other order of day, month, year, time and zone. False for what is no date. */
bool date_read_free(const char *plain, const char *language, struct date_moment *ret);

/* The name of a zone in minutes east of Greenwich. */
bool date_zone_name(const char *name, size_t len, int64_t *ret_minutes);
/* How long the name in words at s is ("Eastern Daylight Time"), 0 for none, and its minutes east of Greenwich. */
size_t date_zone_words(const char *s, int64_t *ret_minutes);
/* How long the name of a zone of tz at s is ("America/New_York"); 0 for none. */
size_t date_zone_place(const char *s);
/* The offset that m's place, in the plain text, has at m, which date_to_ms() takes. False when it cannot be told. */
bool date_place_offset(const char *plain, const struct date_moment *m, int64_t *ret_minutes);
/* Loads what the three above read, so that they open no file afterwards. */
void date_zone_init(void);
/* s is at a sign. Returns the end of "+hh", "+hhmm", "+hh:mm", "+h" or NULL when it is no offset. */
const char *date_zone_offset(const char *s, int64_t *ret_minutes);

/* What a word may mean: bit n for month n + 1, for weekday n (0 is Sunday), for am and pm. All zero: nothing. */
struct date_meaning {
	uint16_t months;
	uint8_t weekdays;
	uint8_t halves; /* DATE_AM, DATE_PM */
	bool weekday_elsewhere; /* some language that the text may be in has it for a day of the week */
};
#define DATE_AM 1u
#define DATE_PM 2u

void date_words_init(void);
/* English first, then the language (a BCP 47 tag or NULL), then all languages together. Blanks and dots in the word do not count. */
struct date_meaning date_words_find(const char *word, size_t len, const char *language);
/* The same for the language's tag: true when its first subtag is `code`. */
bool date_language_is(const char *tag, const char *code);

#endif
