/* The text of a date made plain: what the readers of dates need not know about markup and scripts ends here. */
#include "date.h"

#include <string.h>

#include <unicode/uchar.h>

#include "syndicated/base/text.h"

struct scan {
	const char *s;
	char *out;
	size_t n;
	struct date_moment *m;
};

static void put_char(struct scan *scan, char c)
{
	if (c == ' ' && (scan->n == 0 || scan->out[scan->n - 1] == ' '))
		return;
	scan->out[scan->n++] = c;
}

/* Signs that stand for one of ASCII in the dates of some script; 0 for what is none. */
static char ascii_sign(uint32_t c)
{
	static const struct { uint16_t from; char to; } signs[] = {
		{ 0x060C, ',' }, { 0x066B, '.' }, { 0x066C, ',' }, { 0x06D4, '.' }, { 0x2019, '\'' }, { 0x2018, '\'' }, { 0x02BC, '\'' }, { 0x2024, '.' },
		{ 0x2044, '/' }, { 0x2212, '-' }, { 0x2215, '/' }, { 0x2236, ':' }, { 0x3001, ',' }, { 0x3002, '.' }, { 0x00B7, '.' }, { 0x00BA, ' ' },
		{ 0x00AA, ' ' }, { 0xFE55, ':' }, { 0x3010, '(' }, { 0x3011, ')' },
	};

	if (c >= 0xFF01 && c <= 0xFF5E) /* full width */
		return (char)(c - 0xFEE0);
	if (c >= 0x2010 && c <= 0x2015)
		return '-';
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (signs[i].from == c)
			return signs[i].to;
	}
	return '\0';
}

static void put(struct scan *scan, uint32_t c)
{
	int digit;
	char sign, utf8[4];
	size_t len;

	if (c < 0x80) {
		put_char(scan, c <= ' ' || c == 0x7F ? ' ' : (char)c);
		return;
	}
	scan->m->buddhist = scan->m->buddhist || (c >= 0x0E00 && c <= 0x0E7F);
	scan->m->arabic = scan->m->arabic || (c >= 0x0600 && c <= 0x06FF) || c == 0x200F; /* the mark of right to left */
	digit = u_charDigitValue((UChar32)c);
	sign = ascii_sign(c);
	if (digit >= 0 && digit <= 9 && u_charType((UChar32)c) == U_DECIMAL_DIGIT_NUMBER) {
		put_char(scan, (char)('0' + digit));
	} else if (sign) {
		put_char(scan, sign);
	} else if (u_isUWhiteSpace((UChar32)c)) {
		put_char(scan, ' ');
	} else if (u_isalpha((UChar32)c) || (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK)) {
		len = text_encode(c, utf8);
		memcpy(scan->out + scan->n, utf8, len);
		scan->n += len;
	} else if (!(U_GET_GC_MASK((UChar32)c) & U_GC_CF_MASK)) { /* marks of direction and joiners leave no trace */
		put_char(scan, ' ');
	}
}

static void skip_markup(struct scan *scan)
{
	const char *close;

	if (text_has_prefix(scan->s, "<![CDATA[")) {
		scan->s += 9;
		return;
	}
	close = strchr(scan->s, '>');
	scan->s = close ? close + 1 : scan->s + strlen(scan->s);
	put_char(scan, ' ');
}

static bool numeric_reference(const char *s, uint32_t *ret)
{
	bool hex = text_lower(s[2]) == 'x';
	uint32_t v = 0;
	size_t i = hex ? 3 : 2;

	for (; s[i] && s[i] != ';' && i < 10; i++) {
		char c = text_lower(s[i]);

		if (date_is_digit(c))
			v = v * (hex ? 16 : 10) + (uint32_t)(c - '0');
		else if (hex && c >= 'a' && c <= 'f')
			v = v * 16 + (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	*ret = v;
	return s[i] == ';';
}

/* A character reference left over from one escaping too many. Of a letter with an accent the letter is enough. */
static void put_reference(struct scan *scan)
{
	static const char *const accents[] = { "acute", "grave", "circ", "uml", "tilde", "cedil", "caron", "ring" };
	const char *end = memchr(scan->s, ';', strnlen(scan->s, 11));
	uint32_t c = ' ';

	if (!end) {
		put_char(scan, ' ');
		scan->s++;
		return;
	}
	if (scan->s[1] == '#') {
		if (!numeric_reference(scan->s, &c) || c > 0x10FFFF)
			c = ' ';
	} else if (text_has_prefix(scan->s, "&amp;")) {
		c = '&';
	}
	for (size_t i = 0; i < sizeof(accents) / sizeof(accents[0]); i++) {
		if (scan->s[1] != ';' && text_has_prefix(scan->s + 2, accents[i]))
			c = (unsigned char)scan->s[1];
	}
	scan->s = end + 1;
	if (c != '&') {
		put(scan, c);
	} else if (text_has_prefix(scan->s, "nbsp;")) { /* escaped twice */
		scan->s += 5;
		put_char(scan, ' ');
	}
}

size_t date_plain(const char *text, char out[DATE_TEXT_BYTES], struct date_moment *m)
{
	struct scan scan = { .s = text, .out = out, .m = m };
	size_t len = strlen(text);

	while (*scan.s && scan.n + 5 < DATE_TEXT_BYTES) {
		size_t at = (size_t)(scan.s - text);

		if (*scan.s == '<') {
			skip_markup(&scan);
		} else if (*scan.s == '&') {
			put_reference(&scan);
		} else if (*scan.s == ']' && text_has_prefix(scan.s, "]]>")) {
			scan.s += 3;
		} else if ((unsigned char)*scan.s < 0x80) {
			put(&scan, (unsigned char)*scan.s++);
		} else {
			put(&scan, text_next(text, len, &at));
			scan.s = text + at;
		}
	}
	while (scan.n && (out[scan.n - 1] == ' ' || out[scan.n - 1] == '"'))
		scan.n--;
	out[scan.n] = '\0';
	return scan.n;
}
