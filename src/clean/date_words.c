/*
 * Names of months and days and marks of am and pm in the languages of the web, taken from ICU once. A word is kept as
 * the 64-bit hash of its letters in lower case without accents, blanks and points, so that every way to write it is the
 * same row; the words themselves are not needed, and the table stays small. Sorted for binary search.
 */
#include "date.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ures.h>
#include <unicode/ustring.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* Variants that only have words of their own are named with their country. */
static const char locales[] = "en af am ar ar_DZ ar_IQ ar_MA as az az_Cyrl be bg bn br bs bs_Cyrl ca cs cy da de de_AT el eo es es_MX et eu fa fi fil "
                              "fo fr fr_CA fr_CH fy ga gd gl gu he hi hr hu hy id is it ja ka kk km kn ko ku ky lb lo lt lv mk ml mn mr ms mt "
                              "my nb ne nl nn or pa pl ps pt pt_PT rm ro ru sd si sk sl so sq sr sr_Latn sv sw ta te tg th ti tk tr ug uk ur "
                              "uz uz_Cyrl vi yi zh zh_Hant zu";

/* What ICU does not have but feeds do. */
static const struct { char language[3]; const char *word; uint16_t months; uint8_t weekdays, halves; } extra[] = {
	{ "en", "sept", 1 << 8, 0, 0 }, { "en", "tues", 0, 1 << 2, 0 }, { "en", "weds", 0, 1 << 3, 0 }, { "en", "thur", 0, 1 << 4, 0 },
	{ "en", "thurs", 0, 1 << 4, 0 }, { "de", "mrz", 1 << 2, 0, 0 }, { "id", "peb", 1 << 1, 0, 0 }, { "id", "agt", 1 << 7, 0, 0 },
	{ "id", "nop", 1 << 10, 0, 0 }, { "id", "ags", 1 << 7, 0, 0 }, { "ms", "ogos", 1 << 7, 0, 0 }, { "es", "setiembre", 1 << 8, 0, 0 },
	{ "ru", "сент", 1 << 8, 0, 0 }, { "ru", "нояб", 1 << 10, 0, 0 }, { "lt", "rgp", 1 << 7, 0, 0 }, { "lt", "rgs", 1 << 8, 0, 0 },
	{ "sr", "martu", 1 << 2, 0, 0 }, { "sr", "maju", 1 << 4, 0, 0 }, { "sr", "junu", 1 << 5, 0, 0 }, { "sr", "julu", 1 << 6, 0, 0 },
	{ "cs", "cvn", 1 << 5, 0, 0 }, { "cs", "cvc", 1 << 6, 0, 0 }, { "zh", "凌晨", 0, 0, DATE_AM }, { "zh", "早上", 0, 0, DATE_AM },
	{ "zh", "早晨", 0, 0, DATE_AM }, { "zh", "中午", 0, 0, DATE_PM }, { "zh", "傍晚", 0, 0, DATE_PM }, { "zh", "晚上", 0, 0, DATE_PM },
	{ "ko", "새벽", 0, 0, DATE_AM }, { "ko", "아침", 0, 0, DATE_AM }, { "ko", "저녁", 0, 0, DATE_PM }, { "ko", "밤", 0, 0, DATE_PM },
	{ "vi", "sáng", 0, 0, DATE_AM }, { "vi", "chiều", 0, 0, DATE_PM }, { "vi", "tối", 0, 0, DATE_PM },
	{ "el", "μμ", 0, 0, DATE_PM }, { "el", "πμ", 0, 0, DATE_AM }, { "sq", "pd", 0, 0, DATE_AM }, { "tr", "öö", 0, 0, DATE_AM },
	{ "tr", "ös", 0, 0, DATE_PM }, { "ar", "كانون الثاني", 1 << 0, 0, 0 }, { "ar", "شباط", 1 << 1, 0, 0 }, { "ar", "آذار", 1 << 2, 0, 0 },
	{ "ar", "نيسان", 1 << 3, 0, 0 }, { "ar", "أيار", 1 << 4, 0, 0 }, { "ar", "حزيران", 1 << 5, 0, 0 }, { "ar", "تموز", 1 << 6, 0, 0 },
	{ "ar", "آب", 1 << 7, 0, 0 }, { "ar", "أيلول", 1 << 8, 0, 0 }, { "ar", "تشرين الأول", 1 << 9, 0, 0 },
	{ "ar", "تشرين الثاني", 1 << 10, 0, 0 }, { "ar", "كانون الأول", 1 << 11, 0, 0 },
};

struct row {
	uint64_t hash;
	uint16_t language; /* packed; 0: the row is of all its languages together */
	uint16_t months;
	uint8_t weekdays, halves;
	bool weak; /* made from the first letters of a name, not a word by itself */
};

struct table {
	uint16_t languages[128]; /* that words are known of */
	size_t n_languages;
	struct row *rows;
	size_t n, capacity;
	const UNormalizer2 *nfd;
	uint32_t recent[1024]; /* rows by their hash: most names come several times in one language */
};

static struct table words;

static bool has_language(uint16_t language)
{
	for (size_t i = 0; i < words.n_languages; i++) {
		if (words.languages[i] == language)
			return true;
	}
	return false;
}

/* Up to three letters of a language's code. */
static uint16_t pack(const char *tag)
{
	static const char aliases[][2][4] = { { "no", "nb" }, { "nn", "nb" }, { "iw", "he" }, { "in", "id" }, { "tl", "fil" }, { "sh", "sr" } };
	uint16_t v = 0;
	size_t n = 0;
	char code[4] = "";

	for (; n < 3 && tag[n] && date_is_letter(tag[n]) && (unsigned char)tag[n] < 0x80; n++)
		code[n] = text_lower(tag[n]);
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (strcmp(code, aliases[i][0]) == 0)
			memcpy(code, aliases[i][1], sizeof(code));
	}
	for (size_t i = 0; code[i]; i++)
		v = (uint16_t)(v << 5 | (code[i] & 31));
	return v;
}

bool date_language_is(const char *tag, const char *code)
{
	size_t n = strlen(code);

	return tag && text_has_prefix_nocase(tag, code) && (tag[n] == '\0' || tag[n] == '-' || tag[n] == '_');
}

static bool accent(UChar32 c)
{
	return (c >= 0x0300 && c <= 0x036F) || (c >= 0x0591 && c <= 0x05C7) || (c >= 0x064B && c <= 0x0655) || c == 0x0670 || c == 0x0640 ||
	       c == 0x02BC; /* an apostrophe in the table of ICU */
}

/* Letters that Unicode does not take apart, and one letter with two codes. */
static UChar32 plain_letter(UChar32 c)
{
	switch (c) {
	case 0x0131: return 'i';
	case 0x0142: return 'l';
	case 0x00F8: return 'o';
	case 0x0111:
	case 0x00F0: return 'd';
	case 0x0259: return 'e';
	case 0x03C2: return 0x03C3;
	case 0x06CC:
	case 0x0649: return 0x064A;
	case 0x06A9: return 0x0643;
	default: return c;
	}
}

static bool is_letter(UChar32 c)
{
	return ((U_GC_L_MASK | U_GC_M_MASK) >> u_charType(c) & 1) != 0;
}

static void add_letter(uint64_t *hash, UChar32 c)
{
	c = plain_letter(c);
	if (!accent(c) && is_letter(c))
		*hash = (*hash ^ (uint64_t)c) * UINT64_C(0x100000001B3);
}

#define HASH_START UINT64_C(0xCBF29CE484222325)

static UChar32 next_unit(const UChar *s, int32_t len, int32_t *i)
{
	UChar32 c = s[(*i)++];

	if (c >= 0xD800 && c < 0xDC00 && *i < len)
		c = (c - 0xD800) * 0x400 + (s[(*i)++] - 0xDC00) + 0x10000;
	return c;
}

/* Adds one character, whose letters without accents it finds in memory; no file is read for that. */
static void add_character(uint64_t *hash, UChar32 c)
{
	UChar parts[16];
	UErrorCode status = U_ZERO_ERROR;
	int32_t n, i = 0;

	if (c < 0x80) {
		c = (UChar32)(unsigned char)text_lower((char)c);
		if (c >= 'a' && c <= 'z')
			*hash = (*hash ^ (uint64_t)c) * UINT64_C(0x100000001B3);
		return;
	}
	if (c == 0x0130) /* its small letter is i with a dot to spare */
		c = 'i';
	c = u_tolower(c);
	n = unorm2_getDecomposition(words.nfd, c, parts, (int32_t)(sizeof(parts) / sizeof(parts[0])), &status);
	if (n < 0 || U_FAILURE(status)) {
		add_letter(hash, c);
		return;
	}
	while (i < n) {
		c = next_unit(parts, n, &i);
		add_letter(hash, c);
	}
}

static uint64_t hash_utf8(const char *s, size_t len)
{
	uint64_t hash = HASH_START;
	size_t at = 0;

	while (at < len)
		add_character(&hash, (UChar32)text_next(s, len, &at));
	return hash;
}

static void unite(struct row *to, const struct row *from)
{
	to->months |= from->months;
	to->weekdays |= from->weekdays;
	to->halves |= from->halves;
}

enum kind { MONTH, WEEKDAY, HALF };

static void add_row(struct row row)
{
	uint32_t *recent = &words.recent[(row.hash ^ row.hash >> 32) % (sizeof(words.recent) / sizeof(words.recent[0]))];
	struct row *last = *recent < words.n ? &words.rows[*recent] : NULL;

	if (last && last->hash == row.hash && last->language == row.language && last->weak == row.weak) {
		unite(last, &row);
		return;
	}
	if (words.n == words.capacity) {
		words.capacity = words.capacity ? words.capacity * 2 : 8192;
		words.rows = mem_resize_array(words.rows, words.capacity, sizeof(struct row));
	}
	*recent = (uint32_t)words.n;
	words.rows[words.n++] = row;
}

static void add_meaning(uint64_t hash, uint16_t language, bool weak, enum kind kind, int32_t value)
{
	struct row row = { .hash = hash, .language = language, .weak = weak };

	if (kind == MONTH)
		row.months = (uint16_t)(1u << value);
	else if (kind == WEEKDAY)
		row.weekdays = (uint8_t)(1u << value);
	else
		row.halves = (uint8_t)(1u << value);
	add_row(row);
}

/* A name of ICU; "11月" and the like are read without a table. Of a full name the first three letters are a word too. */
static void add_name(const UChar *name, int32_t len, uint16_t language, bool full, enum kind kind, int32_t value)
{
	uint64_t hash = HASH_START;
	int32_t i = 0, letters = 0;
	UChar32 c;

	while (i < len) {
		c = next_unit(name, len, &i);
		if (c < 0x80 && date_is_digit((char)c))
			return;
		add_character(&hash, c);
		letters++;
		if (full && letters == 3 && i < len && c < 0x0530)
			add_meaning(hash, language, true, kind, value);
	}
	if (hash != HASH_START)
		add_meaning(hash, language, false, kind, value);
}

static void add_names(const UResourceBundle *names, uint16_t language, bool full, enum kind kind)
{
	int32_t n = ures_getSize(names);

	if ((kind == MONTH && n != 12) || (kind == WEEKDAY && n != 7) || (kind == HALF && n != 2))
		return;
	for (int32_t i = 0; i < n; i++) {
		UErrorCode status = U_ZERO_ERROR;
		int32_t len;
		const UChar *name = ures_getStringByIndex(names, i, &len, &status);

		if (U_SUCCESS(status))
			add_name(name, len, language, full, kind, i);
	}
}

/* monthNames and dayNames: by context, then by width. What a locale does not have of its own, its parent has. */
static void add_widths(const UResourceBundle *calendar, const char *key, uint16_t language, enum kind kind)
{
	static const char *const contexts[] = { "format", "stand-alone" }, *const widths[] = { "wide", "abbreviated", "short" };
	UErrorCode status = U_ZERO_ERROR;
	UResourceBundle *top = ures_getByKey(calendar, key, NULL, &status), *context = NULL, *width = NULL;

	for (size_t i = 0; U_SUCCESS(status) && i < 2; i++) {
		UErrorCode in_context = U_ZERO_ERROR;

		context = ures_getByKey(top, contexts[i], context, &in_context);
		for (size_t k = 0; U_SUCCESS(in_context) && k < (kind == WEEKDAY ? 3u : 2u); k++) {
			UErrorCode in_width = U_ZERO_ERROR;

			width = ures_getByKey(context, widths[k], width, &in_width);
			if (U_SUCCESS(in_width))
				add_names(width, language, k == 0, kind);
		}
	}
	ures_close(width);
	ures_close(context);
	ures_close(top);
}

static void add_halves(const UResourceBundle *calendar, uint16_t language)
{
	static const char *const keys[] = { "AmPmMarkers", "AmPmMarkersAbbr" };

	for (size_t i = 0; i < 2; i++) {
		UErrorCode status = U_ZERO_ERROR;
		UResourceBundle *names = ures_getByKey(calendar, keys[i], NULL, &status);

		if (U_SUCCESS(status))
			add_names(names, language, false, HALF);
		ures_close(names);
	}
}

static void add_locale(const char *locale)
{
	UErrorCode status = U_ZERO_ERROR;
	UResourceBundle *bundle = ures_open(NULL, locale, &status);
	UResourceBundle *calendars = ures_getByKey(bundle, "calendar", NULL, &status);
	UResourceBundle *calendar = ures_getByKey(calendars, "gregorian", NULL, &status);

	if (U_SUCCESS(status)) {
		add_widths(calendar, "monthNames", pack(locale), MONTH);
		add_widths(calendar, "dayNames", pack(locale), WEEKDAY);
		add_halves(calendar, pack(locale));
	}
	ures_close(calendar);
	ures_close(calendars);
	ures_close(bundle);
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->language < y->language ? -1 : x->language > y->language;
}

static bool same_meaning(const struct row *a, const struct row *b)
{
	return a->months == b->months && a->weekdays == b->weekdays && a->halves == b->halves;
}

/* The rows of one language and word become one; in it words go before beginnings, and beginnings of two names are none. */
static size_t merge_language(const struct row *from, size_t n, struct row *to)
{
	struct row strong = from[0], weak = from[0];

	strong.months = weak.months = 0;
	strong.weekdays = weak.weekdays = strong.halves = weak.halves = 0;
	strong.weak = false;
	weak.weak = true;
	for (size_t i = 0; i < n; i++)
		unite(from[i].weak ? &weak : &strong, &from[i]);
	if (strong.months | strong.weekdays | strong.halves)
		*to = strong;
	else if ((weak.months & (weak.months - 1)) == 0 && (weak.weekdays & (weak.weekdays - 1)) == 0)
		*to = weak;
	else
		return 0;
	return 1;
}

/* All rows of one word: one if the languages agree and it is no am or pm, else one for each behind one of all. Returns how many were put in `to`. */
static size_t merge_word(const struct row *from, size_t n, struct row *to)
{
	size_t out = 1, k, kept = 1;
	bool strong = false, agree = true;

	for (size_t i = 0; i < n; i = k) {
		for (k = i; k < n && from[k].language == from[i].language; k++)
			;
		out += merge_language(from + i, k - i, to + out);
	}
	for (size_t i = 1; i < out; i++)
		strong = strong || !to[i].weak;
	to[0] = (struct row){ .hash = from[0].hash };
	for (size_t i = 1; i < out; i++) {
		if (to[i].weak && strong)
			continue;
		to[kept] = to[i];
		unite(&to[0], &to[kept]);
		agree = agree && same_meaning(&to[1], &to[kept]);
		kept++;
	}
	return kept == 1 ? 0 : agree && !to[0].halves ? 1 : kept;
}

static void merge(void)
{
	struct row *merged = mem_new_array(struct row, words.n * 2);
	size_t n = 0, k;

	qsort(words.rows, words.n, sizeof(*words.rows), compare_rows);
	for (size_t i = 0; i < words.n; i = k) {
		for (k = i; k < words.n && words.rows[k].hash == words.rows[i].hash; k++)
			;
		n += merge_word(words.rows + i, k - i, merged + n);
	}
	mem_free(words.rows);
	words.rows = mem_resize_array(merged, n, sizeof(struct row));
	words.n = words.capacity = n;
}

static void add_extra(void)
{
	for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++) {
		add_row((struct row){ .hash = hash_utf8(extra[i].word, strlen(extra[i].word)), .language = pack(extra[i].language),
		                      .months = extra[i].months, .weekdays = extra[i].weekdays, .halves = extra[i].halves });
	}
}

static void make_table(void)
{
	char name[8];
	UErrorCode status = U_ZERO_ERROR;

	words.nfd = unorm2_getNFDInstance(&status);
	for (const char *s = locales; *s; s += *s == ' ') {
		size_t n = strcspn(s, " ");

		memcpy(name, s, n);
		name[n] = '\0';
		add_locale(name);
		if (!has_language(pack(name)) && words.n_languages < sizeof(words.languages) / sizeof(words.languages[0]))
			words.languages[words.n_languages++] = pack(name);
		s += n;
	}
	add_extra();
	merge();
}

void date_words_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, make_table);
}

static const struct row *find(uint64_t hash)
{
	size_t low = 0, high = words.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (words.rows[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low < words.n && words.rows[low].hash == hash ? &words.rows[low] : NULL;
}

/*
 * "de" is a mark of am in Hungarian and a word of many languages. Where the document's language is known, a mark in Latin letters
 * has to be one of it or of English; other letters cannot be a word of another language so easily. That it is English says
 * nothing: many programs say it of all they write.
 */
static bool knows_halves(uint16_t language, const char *word)
{
	return language && language != pack("en") && (unsigned char)*word < 0xCA && has_language(language);
}

struct date_meaning date_words_find(const char *word, size_t len, const char *language)
{
	const struct row *all, *chosen, *end;
	uint16_t hint = language ? pack(language) : 0, english = pack("en");

	date_words_init();
	all = chosen = find(hash_utf8(word, len));
	if (!all)
		return (struct date_meaning){ 0 };
	end = words.rows + words.n;
	for (const struct row *row = all + 1; row < end && row->hash == all->hash; row++) {
		if (row->language == english || (row->language == hint && chosen == all))
			chosen = row;
	}
	return (struct date_meaning){
		.months = chosen->months,
		.weekdays = chosen->weekdays,
		.halves = chosen == all && knows_halves(hint, word) ? 0 : chosen->halves,
		.weekday_elsewhere = (chosen->language == hint && hint && hint != english ? chosen : all)->weekdays != 0,
	};
}
