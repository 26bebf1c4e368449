/* The only file of this folder that knows ICU. */
#include "words.h"

#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/story.h"

enum { UNITS = 160 };

struct words {
	UBreakIterator *breaks;
	const UNormalizer2 *decompose;
	UText text;
	const char *bytes;
	int32_t at;
};

/* From U+0400; NULL: stays as it is. Serbian where it has the letter, for Serbian is what comes in both scripts. */
static const char *const cyrillic[] = {
	NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, /* capitals are folded */
	NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	"a", "b", "v", "g", "d", "e", "z", "z", "i", "j", "k", "l", "m", "n", "o", "p", /* а to п */
	"r", "s", "t", "u", "f", "h", "c", "c", "s", "sc", "", "y", "", "e", "ju", "ja", /* р to я */
	"e", "e", "dj", "g", "e", "dz", "i", "i", "j", "lj", "nj", "c", "k", "i", "u", "dz", /* ѐ to џ */
};

struct words *words_open(void)
{
	struct words *w = mem_new(struct words);
	UErrorCode status = U_ZERO_ERROR;

	w->text = (UText)UTEXT_INITIALIZER;
	w->breaks = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
	w->decompose = unorm2_getNFKDInstance(&status);
	return U_SUCCESS(status) ? w : words_close(w);
}

struct words *words_close(struct words *w)
{
	if (w && w->breaks)
		ubrk_close(w->breaks);
	if (w)
		utext_close(&w->text);
	mem_free(w);
	return NULL;
}

void words_start(struct words *w, const char *text, size_t len)
{
	UErrorCode status = U_ZERO_ERROR;

	w->bytes = text;
	(void)utext_openUTF8(&w->text, text, (int64_t)len, &status);
	ubrk_setUText(w->breaks, &w->text, &status);
	w->at = U_SUCCESS(status) ? ubrk_first(w->breaks) : UBRK_DONE;
}

static void put(struct word *r, const char *s, size_t n)
{
	if (n > sizeof(r->text) - r->bytes)
		return;
	memcpy(r->text + r->bytes, s, n);
	r->bytes = (uint8_t)(r->bytes + n);
	r->letters++;
}

static void put_character(struct word *r, UChar32 c)
{
	char utf8[4];

	if (c >= 0x0300 && c <= 0x036F)
		return;
	if (c == 0x0131)
		put(r, "i", 1);
	else if (c == 0x0111)
		put(r, "dj", 2);
	else if (c >= 0x0400 && c < 0x0460 && cyrillic[c - 0x0400])
		put(r, cyrillic[c - 0x0400], strlen(cyrillic[c - 0x0400]));
	else if (u_isdigit(c))
		put(r, &"0123456789"[u_charDigitValue(c)], 1);
	else if (u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK || u_charType(c) == U_COMBINING_SPACING_MARK)
		put(r, utf8, text_encode((uint32_t)c, utf8));
	else if (c == '.' || c == ',')
		put(r, ".", 1); /* of a number: 1.000 and 1,000 meet */
}

/* Of a word of Cyrillic nothing is decomposed, since its marks make letters of their own. */
static int32_t fold(struct words *w, const struct word *r, UChar *out)
{
	UChar raw[UNITS], folded[UNITS];
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = 0;

	(void)u_strFromUTF8(raw, UNITS, &n, r->at, (int32_t)r->raw_bytes, &status);
	n = u_strFoldCase(folded, UNITS, raw, n, U_FOLD_CASE_DEFAULT, &status);
	if (U_SUCCESS(status) && n > 0 && folded[0] >= 0x0400 && folded[0] < 0x0530) {
		memcpy(out, folded, (size_t)n * sizeof(*out));
		return n;
	}
	n = unorm2_normalize(w->decompose, folded, n, out, UNITS, &status);
	return U_SUCCESS(status) ? n : 0;
}

static void fold_any(struct words *w, struct word *r)
{
	UChar units[UNITS];
	char utf8[UNITS * 3];
	int32_t n = fold(w, r, units), bytes = 0;
	UErrorCode status = U_ZERO_ERROR;
	size_t at = 0;

	(void)u_strToUTF8(utf8, (int32_t)sizeof(utf8), &bytes, units, n, &status);
	while (U_SUCCESS(status) && at < (size_t)bytes)
		put_character(r, (UChar32)text_next(utf8, (size_t)bytes, &at));
}

static bool fold_ascii(struct word *r)
{
	for (size_t i = 0; i < r->raw_bytes; i++) {
		char c = r->at[i];

		if ((unsigned char)c >= 0x80) {
			r->bytes = r->letters = 0;
			return false;
		}
		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (c == ',')
			c = '.';
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')
			put(r, &c, 1);
	}
	return true;
}

/* "Felt's" is Felt. */
static void drop_possessive(struct word *r)
{
	static const char *const ends[] = { "'s", "’s", "'S", "’S" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (r->raw_bytes > n && memcmp(r->at + r->raw_bytes - n, ends[i], n) == 0) {
			r->raw_bytes -= n;
			return;
		}
	}
}

static void describe(struct words *w, int32_t status, struct word *r)
{
	size_t first = 0;
	UChar32 c;

	c = (UChar32)text_next(r->at, r->raw_bytes, &first);
	r->capital = u_isupper(c) || u_istitle(c);
	r->number = u_isdigit(c);
	r->ideographic = status >= UBRK_WORD_KANA;
	drop_possessive(r);
	if (r->raw_bytes > WORD_BYTES * 2)
		r->raw_bytes = text_clean_prefix(r->at, WORD_BYTES * 2);
	if (!fold_ascii(r))
		fold_any(w, r);
}

bool words_next(struct words *w, struct word *ret)
{
	while (w->at != UBRK_DONE) {
		int32_t from = w->at, status;

		w->at = ubrk_next(w->breaks);
		if (w->at == UBRK_DONE)
			break;
		status = ubrk_getRuleStatus(w->breaks);
		if (status < UBRK_WORD_NUMBER)
			continue;
		*ret = (struct word){ .at = w->bytes + from, .raw_bytes = (size_t)(w->at - from) };
		describe(w, status, ret);
		if (ret->bytes)
			return true;
	}
	return false;
}

void story_init(void)
{
	static const char scripts[] = "word 汉字断词 かな ภาษาไทย ພາສາລາວ မြန်မာ ភាសាខ្មែរ 한국어";
	struct words *w = words_open();
	struct word word;

	if (!w)
		return;
	words_start(w, scripts, sizeof(scripts) - 1);
	while (words_next(w, &word)) {
	}
	words_close(w);
}
