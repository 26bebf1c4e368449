/*
 * Which encoding, in this order: byte order mark; zero bytes that only UTF-16 or UTF-32 have; charset of the HTTP
 * header (RFC 7303 section 3.2 puts it before the declaration); XML declaration; UTF-8. A name that is not on the list
 * is passed over (REL-11). What claims to be UTF-8 (or nothing) and is not, is read as windows-1252: that is what
 * such feeds are in nearly every case.
 */
#include "encoding.h"

#include <stdbool.h>
#include <string.h>
#include <unicode/ucnv.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* Labels without punctuation, in lower case. The superset that browsers use stands for the historic subset. */
static const struct label {
	const char *label;
	const char *converter; /* "" means UTF-8, which needs none */
} labels[] = {
	{ "utf8", "" }, { "unicode11utf8", "" },
	{ "usascii", "windows-1252" }, { "ascii", "windows-1252" }, { "ansix341968", "windows-1252" },
	{ "iso88591", "windows-1252" }, { "latin1", "windows-1252" }, { "l1", "windows-1252" },
	{ "cp1252", "windows-1252" }, { "windows1252", "windows-1252" }, { "xcp1252", "windows-1252" }, { "ansi", "windows-1252" },
	{ "iso88592", "ISO-8859-2" }, { "latin2", "ISO-8859-2" }, { "iso88593", "ISO-8859-3" }, { "iso88594", "ISO-8859-4" },
	{ "iso88595", "ISO-8859-5" }, { "cyrillic", "ISO-8859-5" }, { "iso88596", "ISO-8859-6" }, { "arabic", "ISO-8859-6" },
	{ "iso88597", "ISO-8859-7" }, { "greek", "ISO-8859-7" }, { "iso88598", "ISO-8859-8" }, { "iso88598i", "ISO-8859-8" },
	{ "hebrew", "ISO-8859-8" }, { "iso88599", "windows-1254" }, { "latin5", "windows-1254" },
	{ "iso885910", "ISO-8859-10" }, { "iso885911", "windows-874" }, { "tis620", "windows-874" }, { "windows874", "windows-874" },
	{ "iso885913", "ISO-8859-13" }, { "iso885914", "ISO-8859-14" }, { "iso885915", "ISO-8859-15" }, { "latin9", "ISO-8859-15" },
	{ "iso885916", "ISO-8859-16" },
	{ "windows1250", "windows-1250" }, { "cp1250", "windows-1250" }, { "windows1251", "windows-1251" },
	{ "cp1251", "windows-1251" }, { "win1251", "windows-1251" }, { "windows1253", "windows-1253" }, { "cp1253", "windows-1253" },
	{ "windows1254", "windows-1254" }, { "cp1254", "windows-1254" }, { "windows1255", "windows-1255" },
	{ "windows1256", "windows-1256" }, { "windows1257", "windows-1257" }, { "cp1257", "windows-1257" },
	{ "windows1258", "windows-1258" },
	{ "koi8r", "KOI8-R" }, { "koi8", "KOI8-R" }, { "koi8u", "KOI8-U" }, { "koi8ru", "KOI8-U" },
	{ "gb18030", "gb18030" }, { "gbk", "gb18030" }, { "gb2312", "gb18030" }, { "xgbk", "gb18030" }, { "cp936", "gb18030" },
	{ "big5", "windows-950" }, { "big5hkscs", "Big5-HKSCS" }, { "cp950", "windows-950" },
	{ "shiftjis", "windows-31j" }, { "sjis", "windows-31j" }, { "xsjis", "windows-31j" }, { "windows31j", "windows-31j" },
	{ "mskanji", "windows-31j" }, { "cp932", "windows-31j" },
	{ "eucjp", "EUC-JP" }, { "xeucjp", "EUC-JP" }, { "iso2022jp", "ISO-2022-JP" },
	{ "euckr", "windows-949" }, { "ksc56011987", "windows-949" }, { "ksc5601", "windows-949" }, { "cp949", "windows-949" },
	{ "utf16", "UTF-16" }, { "utf16le", "UTF-16LE" }, { "utf16be", "UTF-16BE" },
	{ "utf32", "UTF-32" }, { "utf32le", "UTF-32LE" }, { "utf32be", "UTF-32BE" }, { "ucs2", "UTF-16" }, { "iso10646ucs2", "UTF-16" },
	{ "macintosh", "macintosh" }, { "xmacroman", "macintosh" }, { "ibm866", "IBM866" }, { "cp866", "IBM866" },
};

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

const char *encoding_find(const char *label, size_t len)
{
	char plain[32];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text_lower(label[i]);

		if (!is_alnum(c))
			continue;
		if (n == sizeof(plain) - 1)
			return NULL;
		plain[n++] = c;
	}
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (strcmp(labels[i].label, plain) == 0)
			return labels[i].converter;
	}
	return NULL;
}

/* The encoding that the first bytes prove, and how many of them are the mark; NULL when they prove nothing. */
static const char *sniff(const unsigned char *p, size_t len, size_t *mark)
{
	static const struct {
		const char bytes[5];
		size_t n;
		size_t mark;
		const char *name;
	} rows[] = { /* Longer patterns first: FF FE 00 00 is UTF-32, not UTF-16 and a NUL. */
		{ "\xFF\xFE\0\0", 4, 4, "UTF-32LE" }, { "\0\0\xFE\xFF", 4, 4, "UTF-32BE" },
		{ "<\0\0\0", 4, 0, "UTF-32LE" }, { "\0\0\0<", 4, 0, "UTF-32BE" },
		{ "\xEF\xBB\xBF", 3, 3, "" }, { "\xFF\xFE", 2, 2, "UTF-16LE" }, { "\xFE\xFF", 2, 2, "UTF-16BE" },
		{ "<\0", 2, 0, "UTF-16LE" }, { "\0<", 2, 0, "UTF-16BE" }, { "{\0", 2, 0, "UTF-16LE" }, { "\0{", 2, 0, "UTF-16BE" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (len >= rows[i].n && memcmp(p, rows[i].bytes, rows[i].n) == 0) {
			*mark = rows[i].mark;
			return rows[i].name;
		}
	}
	*mark = 0;
	return NULL;
}

/* Where the XML declaration is in text that is ASCII in its first bytes: its start and length, or length 0. */
static size_t find_declaration(const char *s, size_t len, size_t *start)
{
	size_t at = 0;
	const char *end;

	while (at < len && text_is_space(s[at]))
		at++;
	*start = at;
	if (len - at < 7 || memcmp(s + at, "<?xml", 5) != 0 || !text_is_space(s[at + 5]))
		return 0;
	end = memchr(s + at, '>', len - at);
	return end ? (size_t)(end - (s + at)) + 1 : 0;
}

/* The value behind `name` and "=" in s: bare, or in either quote. */
static size_t find_value(const char *s, size_t len, const char *name, const char **ret)
{
	size_t n = strlen(name);

	for (size_t i = 0; i + n < len; i++) {
		size_t at = i + n, from;
		char quote = 0;

		if (!text_has_prefix_nocase(s + i, name))
			continue;
		while (at < len && text_is_space(s[at]))
			at++;
		if (at == len || s[at] != '=')
			continue;
		at++;
		while (at < len && text_is_space(s[at]))
			at++;
		if (at < len && (s[at] == '"' || s[at] == '\''))
			quote = s[at++];
		from = at;
		while (at < len && (quote ? s[at] != quote : s[at] != ';' && s[at] != '?' && !text_is_space(s[at])))
			at++;
		*ret = s + from;
		return at - from;
	}
	return 0;
}

/*
 * The converter a label asks for, or NULL. A document whose declaration could be read byte by byte is not in UTF-16
 * or UTF-32, whatever it says.
 */
static const char *believe(const char *label, size_t len, const char *where, struct problem_list *problems)
{
	const char *name;

	if (len == 0)
		return NULL;
	name = encoding_find(label, len);
	if (!name) {
		problem_add(problems, "encoding-unknown", 0, "The %s names the encoding \"%.*s\", which is not read; it was guessed instead.",
		            where, (int)(len > 40 ? 40 : len), label);
		return NULL;
	}
	if (text_has_prefix(name, "UTF-16") || text_has_prefix(name, "UTF-32")) {
		problem_add(problems, "encoding-wrong", 0, "The %s says %s, but the document is not in it.", where, name);
		return NULL;
	}
	return name;
}

static const char *choose(const char *bytes, size_t len, const char *content_type, struct problem_list *problems)
{
	auto_free char *head = mem_dup_bytes(bytes, len < 1024 ? len : 1024);
	size_t head_len = len < 1024 ? len : 1024;
	const char *label = NULL, *name = NULL;
	size_t n, start;

	if (content_type) {
		n = find_value(content_type, strlen(content_type), "charset", &label);
		name = believe(label, n, "HTTP header", problems);
	}
	if (!name) {
		n = find_declaration(head, head_len, &start);
		n = n ? find_value(head + start, n, "encoding", &label) : 0;
		name = believe(label, n, "XML declaration", problems);
	}
	return name;
}

/* Decodes by ICU. Lone surrogates and impossible sequences become U+FFFD (REL-11). False when ICU has no such converter. */
static bool convert(const char *bytes, size_t len, const char *name, struct buf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	UConverter *converter = ucnv_open(name, &status);
	const char *at = bytes, *end = bytes + len;
	uint32_t high = 0;

	if (!converter || U_FAILURE(status))
		return false;
	do {
		UChar units[4096];
		UChar *to = units;

		status = U_ZERO_ERROR;
		ucnv_toUnicode(converter, &to, units + 4096, &at, end, NULL, true, &status);
		for (const UChar *u = units; u < to; u++) {
			char utf8[4];
			uint32_t c = *u;

			if (c >= 0xD800 && c < 0xDC00) {
				high = c;
				continue;
			}
			if (c >= 0xDC00 && c < 0xE000)
				c = high ? 0x10000 + ((high - 0xD800) << 10) + (c - 0xDC00) : 0xFFFD;
			high = 0;
			buf_append(out, utf8, text_encode(c, utf8));
		}
	} while (status == U_BUFFER_OVERFLOW_ERROR);
	ucnv_close(converter);
	return true;
}

/* The declaration has done its work; what reads the text now is not to believe it. Lines keep their numbers. */
static void blank_declaration(char *s, size_t len)
{
	size_t start, n = find_declaration(s, len, &start);

	for (size_t i = start; i < start + n; i++) {
		if (s[i] != '\n' && s[i] != '\r')
			s[i] = ' ';
	}
}

static bool is_utf8(const char *s, size_t len)
{
	struct buf clean = BUF_INIT(3 * len + 16);
	bool same;

	if (text_is_clean(s, len))
		return true;
	/* Control characters are no reason to take UTF-8 for something else: only a replacement character is. */
	text_scrub(&clean, s, len);
	same = true;
	for (size_t i = 0, j = 0; i < len && same; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			continue;
		same = j < clean.len && clean.bytes[j++] == s[i];
	}
	buf_done(&clean);
	return same;
}

void encoding_to_utf8(const char *bytes, size_t len, const char *content_type, struct buf *out, struct problem_list *problems)
{
	struct buf converted = BUF_INIT(out->max_bytes);
	size_t mark, from = out->len;
	const char *name = sniff((const unsigned char *)bytes, len, &mark);

	bytes += mark;
	len -= mark;
	if (!name)
		name = choose(bytes, len, content_type, problems);
	if ((!name || *name == '\0') && !mark && !is_utf8(bytes, len)) {
		problem_add(problems, "encoding-guessed", 0, "The document is not in UTF-8 as it should be; it was read as windows-1252.");
		name = "windows-1252";
	}
	if (name && *name && convert(bytes, len, name, &converted)) {
		bytes = buf_str(&converted);
		len = converted.len;
	}
	if (!text_is_clean(bytes, len))
		problem_add(problems, "encoding-damaged", 0, "The document holds bytes or characters that its encoding or XML does not allow; they were replaced.");
	text_scrub(out, bytes, len);
	if (out->len > from)
		blank_declaration(out->bytes + from, out->len - from);
	buf_done(&converted);
}
