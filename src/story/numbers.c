/*
 * Numbers as people write them in news: "1,200", "5.4", "91-73", "3:1". What could be a date, a time of day or a
 * season is none of them, since two reports of one event name those differently.
 */
#include <string.h>

#include "syndicated/base/text.h"
#include "story_internal.h"

enum { MAX_DIGITS = 9, MAX_SCORE = 250, MAX_SCORE_TEXT = 3 };

struct digits {
	uint32_t whole;
	uint32_t fraction;
	unsigned fraction_digits;
	bool odd; /* more than one separator, letters, too long */
};

static void take_separator(struct digits *d, const struct word *w, size_t *i, unsigned *n)
{
	size_t left = (size_t)w->bytes - *i - 1, run = 0;

	while (run < left && text_is_digit(w->text[*i + 1 + run]))
		run++;
	if (run == 3 && *n <= 3)
		return; /* thousands */
	if (run == 0 || run != left || run > 2) {
		d->odd = true;
		return;
	}
	for (size_t k = 0; k < run; k++)
		d->fraction = d->fraction * 10 + (uint32_t)(w->text[*i + 1 + k] - '0');
	d->fraction_digits = (unsigned)run;
	*i += run;
}

static struct digits read_digits(const struct word *w)
{
	struct digits d = { 0 };
	unsigned n = 0;

	for (size_t i = 0; i < w->bytes && !d.odd; i++) {
		if (w->text[i] == '.')
			take_separator(&d, w, &i, &n);
		else if (text_is_digit(w->text[i]) && n < MAX_DIGITS)
			d.whole = d.whole * 10 + (uint32_t)(w->text[i] - '0'), n++;
		else
			d.odd = true;
	}
	return d;
}

/* How many bytes of hyphen, dash or colon stand there; 0: something else. */
static size_t score_mark(const char *s, size_t len)
{
	if (len >= 1 && (s[0] == '-' || s[0] == ':'))
		return 1;
	return len >= 3 && (memcmp(s, "–", 3) == 0 || memcmp(s, "：", 3) == 0 || memcmp(s, "−", 3) == 0) ? 3 : 0;
}

/* 19:30 is a time; 2009-10 is a season, 0-5 digits of a telephone number are not there either. */
static bool is_score(const struct number_reader *r, const struct word *w, uint32_t value)
{
	size_t between = (size_t)(w->at - r->last_end);

	if (value > MAX_SCORE || r->waiting.value > MAX_SCORE || w->bytes > MAX_SCORE_TEXT || score_mark(r->last_end, between) != between)
		return false;
	return !(r->last_end[0] == ':' && w->bytes == 2);
}

/* "6. 1", as texts that went through a tokeniser have it. */
static bool is_torn_decimal(const struct number_reader *r, const struct word *w, uint32_t value)
{
	return value < 10 && r->waiting.value < 10 && w->bytes == 1 && w->at - r->last_end == 2 && memcmp(r->last_end, ". ", 2) == 0;
}

static struct story_number decimal_of(uint32_t whole, uint32_t hundredths)
{
	const uint32_t most = 1000000;

	return (struct story_number){ .kind = STORY_NUMBER_DECIMAL, .value = (whole < most ? whole : most) * 100 + hundredths };
}

static struct story_number score_of(uint32_t a, uint32_t b)
{
	return (struct story_number){ .kind = STORY_NUMBER_SCORE, .value = a > b ? a << 16 | b : b << 16 | a };
}

static bool join_halves(const struct number_reader *r, const struct word *w, const struct digits *d, struct story_number *ret)
{
	if (!r->last_end || d->odd || d->fraction_digits)
		return false;
	if (is_score(r, w, d->whole))
		*ret = score_of(r->waiting.value, d->whole);
	else if (is_torn_decimal(r, w, d->whole))
		*ret = decimal_of(r->waiting.value, d->whole * 10);
	else
		return false;
	return true;
}

bool number_end(struct number_reader *r, struct story_number *ret)
{
	bool waits = r->waits;

	*ret = r->waiting;
	*r = (struct number_reader){ 0 };
	return waits;
}

bool number_next(struct number_reader *r, const struct word *w, struct story_number *ret)
{
	struct digits d;
	bool waited;

	if (!w->number)
		return number_end(r, ret);
	d = read_digits(w);
	if (join_halves(r, w, &d, ret)) {
		*r = (struct number_reader){ 0 };
		return true;
	}
	waited = number_end(r, ret);
	r->waits = !d.odd;
	r->last_end = d.odd || d.fraction_digits ? NULL : w->at + w->raw_bytes;
	if (d.fraction_digits)
		r->waiting = decimal_of(d.whole, d.fraction * (d.fraction_digits == 1 ? 10 : 1));
	else
		r->waiting = (struct story_number){ .kind = STORY_NUMBER_WHOLE, .value = d.whole };
	return waited;
}

static uint64_t rank(struct story_number n)
{
	return (uint64_t)n.kind << 32 | n.value;
}

/* Scores say most, then decimals; of plain numbers those stay whose bits, mixed, are least: in a copy the same ones. */
static uint64_t importance(struct story_number n)
{
	return (uint64_t)n.kind << 32 | (n.value * 0x9E3779B1u ^ 0xFFFFFFFFu);
}

static void drop_least(struct story_features *f)
{
	size_t least = 0;

	for (size_t i = 1; i < f->n_numbers; i++)
		if (importance(f->numbers[i]) < importance(f->numbers[least]))
			least = i;
	f->n_numbers--;
	memmove(f->numbers + least, f->numbers + least + 1, (f->n_numbers - least) * sizeof(f->numbers[0]));
}

void number_add(struct story_features *f, struct story_number n)
{
	size_t at = 0;

	while (at < f->n_numbers && rank(f->numbers[at]) < rank(n))
		at++;
	if (at < f->n_numbers && rank(f->numbers[at]) == rank(n))
		return;
	if (f->n_numbers == STORY_NUMBERS) {
		struct story_features with = *f;

		drop_least(&with);
		/* Whichever says less: the new one, or one that is there. */
		for (size_t i = 0; i < f->n_numbers; i++) {
			if (importance(f->numbers[i]) < importance(n)) {
				*f = with;
				number_add(f, n);
				return;
			}
		}
		return;
	}
	memmove(f->numbers + at + 1, f->numbers + at, (f->n_numbers - at) * sizeof(f->numbers[0]));
	f->numbers[at] = n;
	f->n_numbers++;
}
