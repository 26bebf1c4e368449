#ifndef SYNDICATED_CLEAN_DATE_READER_H
#define SYNDICATED_CLEAN_DATE_READER_H
/* What date_free.c finds in a text from left to right, and date_order.c puts in order. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "date.h"

enum date_last { LAST_OTHER, LAST_NUMBER, LAST_TIME, LAST_ZONE };
enum date_zone_rank { ZONE_NONE, ZONE_LETTER, ZONE_NAME, ZONE_OFFSET }; /* a better one replaces a lesser one */

struct date_field {
	int64_t value;
	size_t digits;
	char separator; /* before it: one of "./-", or ' ' */
	bool apostrophe;
};

struct date_reader {
	const char *start, *s;
	const char *language;
	struct date_moment *m;
	struct date_field fields[3];
	size_t n_fields, n_before_month;
	struct date_meaning month; /* what the word that may be a month may mean */
	uint8_t weekdays;
	bool have_year, have_month, have_day, have_time;
	bool bad; /* contradicts itself */
	char marker; /* 'y', 'm', 'd': a word said what the next number is */
	int64_t era; /* first year of it, minus one */
	enum date_last last;
	enum date_zone_rank zone;
};

/* Fills in what is open of r->m; false when the numbers are no date or could be two. */
bool date_settle(struct date_reader *r);

#endif
