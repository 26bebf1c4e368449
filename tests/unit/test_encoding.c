#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unicode/ucnv.h>
#include <cmocka.h>

#include "syndicated/base/text.h"
#include "../../src/parse/charset.h"
#include "../../src/parse/encoding.h"

#define ROW(bytes) bytes, sizeof(bytes) - 1
#define R "\xEF\xBF\xBD"
#define RU "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82" /* UTF-8 */
#define RU_1251 "\xCF\xF0\xE8\xE2\xE5\xF2"
#define E_ "\xC3\xA9"

static void codes_of(const struct problem_list *l, char out[200])
{
	out[0] = '\0';
	for (size_t i = 0; i < l->n; i++)
		snprintf(out + strlen(out), 200 - strlen(out), "%s%s:%u", i ? " " : "", l->items[i].code, l->items[i].line);
}

/* REL-11, REL-12. codes: each problem with its line. A row each for the table at the top of encoding.c, and more. */
static void test_encodings(void **state)
{
	static const struct { const char *name, *in; size_t len; const char *type, *want, *codes; } rows[] = {
		/* What the bytes prove. */
		{"UTF-8", ROW("<a>" E_ "</a>"), NULL, "<a>" E_ "</a>", ""},
		{"its mark", ROW("\xEF\xBB\xBF<a/>"), NULL, "<a/>", ""},
		{"UTF-16 with mark", ROW("\xFF\xFE<\0a\0\xE9\0"), NULL, "<a" E_, ""},
		{"UTF-16 without", ROW("\0<\0a\0\xE9"), NULL, "<a" E_, ""},
		{"UTF-16 behind white space", ROW("\n\0 \0<\0a\0"), NULL, "<a", ""},
		{"UTF-16, JSON", ROW("{\0\"\0\xE9\0"), NULL, "{\"" E_, ""},
		{"UTF-32 with mark", ROW("\xFF\xFE\0\0<\0\0\0"), NULL, "<", ""},
		{"UTF-32 without", ROW("\0\0\0<\0\0\0a\0\1\xF6\0"), NULL, "<a\xF0\x9F\x98\x80", ""},
		{"half a pair", ROW("\xFF\xFE<\0\0\xD8<\0"), NULL, "<" R "<", "encoding-damaged:1"},
		{"half a unit at the end", ROW("\xFF\xFE<\0a\0\n\0b"), NULL, "<a\n" R, "encoding-damaged:2"},
		{"mark of the other order", ROW("\xFE\xFF<\0a\0"), NULL, "<a", "encoding-wrong:1"},
		{"mark of UTF-16 before ASCII", ROW("\xFF\xFE<a>" E_ "</a>"), NULL, "<a>" E_ "</a>", "encoding-wrong:1"},
		{"UTF-16 declared as what it is not", ROW("\xFF\xFE<\0?\0x\0m\0l\0 \0e\0n\0c\0o\0d\0i\0n\0g\0=\0'\0u\0t\0f\0-\0008\0'\0?\0>\0<\0a\0"), NULL, "<a", ""},
		{"EBCDIC", ROW("\x4C\x6F\xA7\x94\x93\x40\x85\x95\x83\x96\x84\x89\x95\x87\x7E\x7D\x83\x97\xF2\xF7\xF3\x7D\x6F\x6E\x4C\x81\x6E\xC0"), NULL,
		 "<a>\xC3\xA4", ""}, /* cp273: 0xC0 is a-umlaut */
		/* What is said. */
		{"declaration", ROW("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<a>\xE9</a>"), NULL, "\n<a>" E_ "</a>", ""},
		{"in single quotes, with blanks, in capitals", ROW("<?XML version = '1.0'\n ENCODING = 'Windows-1251' ?><a>" RU_1251), NULL, "<a>" RU, ""},
		{"without quotes", ROW("<?xml encoding=koi8-r?><a>\xC1"), NULL, "<a>\xD0\xB0", "broken-declaration:1"},
		{"in typographic quotes", ROW("<?xml version=\xE2\x80\x9C" "1.0\xE2\x80\x9D encoding=\xE2\x80\x9CUTF-8\xE2\x80\x9D?><a/>"), NULL, "<a/>", "broken-declaration:1"},
		{"without end, in UTF-16", ROW("\xFF\xFE<\0?\0x\0m\0l\0 \0v\0=\0'\0=\0'\0>\0<\0a\0"), NULL, "<a", "broken-declaration:1"},
		{"header", ROW("<a>" RU_1251), "text/xml; charset=windows-1251", "<a>" RU, ""},
		{"header before declaration", ROW("<?xml encoding='koi8-r'?><a>" RU_1251), "text/xml;charset=\"CP1251\"", "<a>" RU, ""},
		{"header without charset", ROW("<a>" E_), "text/xml", "<a>" E_, ""},
		{"Shift_JIS", ROW("<a>\x82\xA0</a>"), "text/xml; charset=\"Shift_JIS\"", "<a>\xE3\x81\x82</a>", ""},
		{"ISO-2022-JP", ROW("<a>\x1B$B$\"\x1B(B</a>"), "text/xml; charset=iso-2022-jp", "<a>\xE3\x81\x82</a>", ""},
		{"ISO-2022-JP, not said", ROW("<a>\n\x1B$B$\"\x1B(B</a>"), NULL, "<a>\n\xE3\x81\x82</a>", "encoding-guessed:2"},
		{"ISO-2022-JP of 1978, not said", ROW("<a>\x1B$@$\"\x1B(J</a>"), NULL, "<a>\xE3\x81\x82</a>", "encoding-guessed:1"},
		{"ISO-2022-JP that says UTF-8", ROW("<?xml encoding='utf-8'?><a>\x1B$B$\"\x1B(B</a>"), NULL, "<a>\xE3\x81\x82</a>", "encoding-wrong:1"},
		{"ISO-2022-JP that says Shift_JIS", ROW("<a>\x1B$B$\"\x1B(B</a>"), "text/xml; charset=shift_jis", "<a>\xE3\x81\x82</a>", "encoding-wrong:1"},
		{"ESC alone", ROW("<a>\x1B[1m \x1B</a>"), NULL, "<a>[1m </a>", "control-characters:1"},
		{"ESC in UTF-8", ROW("<a>\x1B$B" E_ "</a>"), NULL, "<a>$B" E_ "</a>", "control-characters:1"},
		{"page", ROW("<html><meta charset=windows-1251><p>" RU_1251), NULL, "<html><meta charset=windows-1251><p>" RU, ""},
		{"C1 is windows-1252", ROW("<?xml encoding='iso-8859-1'?><a>\x93\x94\xE9"), NULL, "<a>\xE2\x80\x9C\xE2\x80\x9D" E_, ""},
		/* Lies, in the order of the table. */
		{"iso-8859-1 is UTF-8", ROW("<?xml encoding='iso-8859-1'?>\n<a>" E_), NULL, "\n<a>" E_, "encoding-wrong:2"},
		{"header says windows-1251, is UTF-8", ROW("<a>" RU), "text/xml; charset=windows-1251", "<a>" RU, "encoding-wrong:1"},
		{"GBK that could be UTF-8", ROW("<?xml encoding='gbk'?><a>\xC4\xA3</a>"), NULL, "<a>\xE6\xA8\xA1</a>", ""},
		{"GBK that is UTF-8", ROW("<?xml encoding='gbk'?><a>\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD</a>"), NULL,
		 "<a>\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD</a>", "encoding-wrong:1"},
		{"an item of windows-1252 in UTF-8", ROW("<a>" RU "\n\xAB" "caf\xE9\xBB \x93q\x94</a>"), NULL,
		 "<a>" RU "\n\xC2\xAB" "caf" E_ "\xC2\xBB \xE2\x80\x9Cq\xE2\x80\x9D</a>", "encoding-mixed:2"},
		{"UTF-8 cut short in text", ROW("<a>\n" RU "\xD0...</a>" E_), NULL, "<a>\n" RU R "...</a>" E_, "encoding-damaged:2"},
		{"a curly quote cut short", ROW("<a>" E_ "q\xE2\x80</a>"), NULL, "<a>" E_ "q" R "</a>", "encoding-damaged:1"},
		{"UTF-8 cut at the end", ROW("<a>caf\xC3"), NULL, "<a>caf" R, "encoding-damaged:1"},
		{"CESU-8", ROW("<a>\xED\xA0\xBD\xED\xB8\x80</a>"), NULL, "<a>\xF0\x9F\x98\x80</a>", "encoding-damaged:1"},
		{"a lone surrogate", ROW("<a>\xED\xA0\xBD</a>"), NULL, "<a>" R "</a>", "encoding-damaged:1"},
		{"nothing said, windows-1252", ROW("<a>\ncaf\xE9</a>"), NULL, "<a>\ncaf" E_ "</a>", "encoding-guessed:2"},
		{"UTF-8 said, Russian", ROW("<?xml encoding='utf-8'?><a>\xC2\xF1\xE5 \xEB\xFE\xE4\xE8 \xF0\xEE\xE6\xE4\xE0\xFE\xF2\xF1\xFF \xF1\xE2\xEE\xE1\xEE\xE4\xED\xFB\xEC\xE8 \xE8 "
		 "\xF0\xE0\xE2\xED\xFB\xEC\xE8 \xE2 \xF1\xE2\xEE\xE5\xEC \xE4\xEE\xF1\xF2\xEE\xE8\xED\xF1\xF2\xE2\xE5</a>"), NULL,
		 "<a>Все люди рождаются свободными и равными в своем достоинстве</a>", "encoding-guessed:1"},
		{"ASCII said, bytes above", ROW("<?xml encoding='us-ascii'?><a>caf\xE9</a>"), NULL, "<a>caf" E_ "</a>", "encoding-guessed:1"},
		{"ASCII said, UTF-8", ROW("<?xml encoding='us-ascii'?><a>" E_), NULL, "<a>" E_, "encoding-wrong:1"},
		{"iso-8859-1 said, UTF-8 with one bad byte", ROW("<?xml encoding='iso-8859-1'?><a>" RU " caf\xE9 x"), NULL, "<a>" RU " caf" E_ " x", "encoding-mixed:1"},
		{"header says UTF-8, declaration is right", ROW("<?xml encoding='windows-1251'?><a>" RU_1251), "text/xml; charset=utf-8", "<a>" RU, "encoding-wrong:1"},
		{"header says iso-8859-1, declaration is right", ROW("<?xml encoding='windows-1251'?><a>\xC2\xF1\xE5 \xEB\xFE\xE4\xE8 \xF0\xEE\xE6\xE4\xE0\xFE\xF2\xF1\xFF \xF1\xE2\xEE\xE1\xEE\xE4\xED\xFB\xEC\xE8 \xE8 \xF0\xE0\xE2\xED\xFB\xEC\xE8</a>"),
		 "text/xml; charset=iso-8859-1", "<a>Все люди рождаются свободными и равными</a>", "encoding-wrong:1"},
		{"header says EUC-JP, which it cannot be", ROW("<?xml encoding='windows-1251'?><a>" RU_1251 " " RU_1251 "\xE0 \xE0 \xE0 \xE0"), "text/xml; charset=euc-jp",
		 "<a>" RU " " RU "\xD0\xB0 \xD0\xB0 \xD0\xB0 \xD0\xB0", "encoding-wrong:1"},
		{"UTF-16 declared, is ASCII", ROW("<?xml encoding='UTF-16'?><a/>"), NULL, "<a/>", "encoding-wrong:1"},
		{"UTF-7", ROW("<a>+ADw-</a>"), "text/xml; charset=UTF-7", "<a>+ADw-</a>", "encoding-refused:1"},
		{"HZ", ROW("<?xml encoding='hz-gb-2312'?><a>~{<:~}</a>"), NULL, "<a>~{<:~}</a>", "encoding-refused:1"},
		{"unknown", ROW("<?xml encoding='x-nope'?><a>" E_), NULL, "<a>" E_, "encoding-unknown:1"},
		{"double-encoded is left alone", ROW("<a>\xC3\x83\xC2\xA9</a>"), NULL, "<a>\xC3\x83\xC2\xA9</a>", ""},
		/* Scrubbing, and where the document begins. */
		{"controls", ROW("<a>\na\0b\x01" "c\x7F"), NULL, "<a>\nabc\x7F", "control-characters:2"},
		{"controls in the declaration", ROW("<\0\0?xml version='1.0'?>\n<a/>"), NULL, "\n<a/>", "control-characters:1"},
		{"the same behind a converter", ROW("\xFF\xFE<\0\x01\0?\0x\0m\0l\0 \0?\0>\0<\0a\0"), NULL, "<a", "control-characters:1"},
		{"U+FFFE", ROW("<a>\xEF\xBF\xBE"), NULL, "<a>" R, "encoding-damaged:1"},
		{"controls behind a converter", ROW("<?xml encoding='koi8-r'?><a>\n\x01\xC1\x02z"), NULL, "<a>\n\xD0\xB0z", "control-characters:2"},
		{"junk", ROW("Warning\n<?xml encoding='koi8-r'?><a>\xC1"), NULL, "<a>\xD0\xB0", "leading-junk:1"},
		{"white space", ROW("\n<?xml version='1.0'?><a/>"), NULL, "<a/>", "leading-space:1"},
		{"two marks", ROW("\xEF\xBB\xBF\xEF\xBB\xBF<?xml version='1.0'?><a/>"), NULL, "<a/>", "leading-junk:1"},
		{"nothing", ROW(""), NULL, "", ""},
	};

	(void)state;
	encoding_init();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct problem_list problems = {0};
		struct utf8_text text;
		char codes[200];

		print_message("# %s\n", rows[i].name);
		encoding_to_utf8(rows[i].in, rows[i].len, rows[i].type, &text, &problems);
		codes_of(&problems, codes);
		assert_int_equal(text.len, strlen(rows[i].want));
		assert_memory_equal(text.s, rows[i].want, text.len);
		assert_string_equal(codes, rows[i].codes);
		assert_true(text_is_clean(text.s, text.len));
		utf8_text_done(&text);
		problem_list_done(&problems);
	}
}

/* Clean UTF-8 is not copied, whatever stands in front of it, and lines are counted. */
static void test_borrowed(void **state)
{
	static const char in[] = "\xEF\xBB\xBF\n<?xml version='1.0'\nencoding='utf-8'?>\n\n<a>" E_ "</a>";
	struct problem_list problems = {0};
	struct utf8_text text;

	(void)state;
	encoding_to_utf8(in, sizeof(in) - 1, NULL, &text, &problems);
	assert_true(text.s > in && text.s + text.len == in + sizeof(in) - 1);
	assert_int_equal(text.first_line, 3);
	assert_null(text.owned.bytes);
	utf8_text_done(&text);
	problem_list_done(&problems);
}

struct sample { const char *charset, *label, *text; };

#define LATIN "Fran\xC3\xA7" "ais d\xC3\xA9j\xC3\xA0 vu"
#define CYR "Привет, мир"
static const struct sample samples[] = {
	{"UTF-16LE", "utf-16le", CYR}, {"UTF-16BE", "utf-16be", CYR}, {"UTF-32LE", "utf-32le", CYR}, {"UTF-32BE", "utf-32be", CYR},
	{"windows-1252", "windows-1252", LATIN " \xE2\x82\xAC"}, {"ISO-8859-1", "iso-8859-1", LATIN}, {"ISO-8859-2", "iso-8859-2", "Za\xC5\xBC\xC3\xB3\xC5\x82\xC4\x87"},
	{"ISO-8859-3", "iso-8859-3", "\xC4\xA6" "aber \xC4\x9D"}, {"ISO-8859-4", "latin4", "\xC4\x80\xC4\x93\xC4\xAB"}, {"ISO-8859-5", "iso-8859-5", CYR},
	{"ISO-8859-6", "iso-8859-6", "مرحبا"}, {"ISO-8859-7", "greek", "Καλημέρα"}, {"ISO-8859-8", "iso-8859-8-i", "שלום"}, {"ISO-8859-9", "iso-8859-9", "Türkçe ışık"},
	{"ISO-8859-10", "iso-8859-10", "Þórður"}, {"ISO-8859-13", "iso-8859-13", "ąčęėįšųūž"}, {"ISO-8859-14", "iso-8859-14", "Ŵy ŷ"}, {"ISO-8859-15", "latin9", "œuvre €"},
	{"windows-874", "tis-620", "สวัสดี"}, {"windows-1250", "windows-1250", "Zażółć gęślą"}, {"windows-1251", "cp1251", CYR}, {"windows-1253", "windows-1253", "Καλημέρα"},
	{"windows-1254", "windows-1254", "Türkçe ışık"}, {"windows-1255", "windows-1255", "שלום"}, {"windows-1256", "windows-1256", "مرحبا"},
	{"windows-1257", "windows-1257", "ąčęėįšųūž"}, {"windows-1258", "windows-1258", "Đ ơ ư ₫"}, {"KOI8-R", "koi8-r", CYR}, {"KOI8-U", "koi8-u", "Привіт, їжак"},
	{"macintosh", "macintosh", LATIN}, {"x-mac-cyrillic", "x-mac-cyrillic", CYR}, {"x-mac-ce", "x-mac-ce", "Zażółć"}, {"x-mac-greek", "x-mac-greek", "Καλημέρα"},
	{"x-mac-turkish", "x-mac-turkish", "ışık"}, {"IBM866", "ibm866", CYR}, {"IBM855", "cp855", CYR}, {"IBM437", "cp437", LATIN}, {"IBM850", "cp850", LATIN},
	{"IBM852", "cp852", "Zażółć"}, {"IBM862", "cp862", "שלום"},
	{"windows-936", "gb2312", "你好世界"}, {"gb18030", "gb18030", "你好 \xF0\x9F\x98\x80"}, {"windows-950", "big5", "你好世界"}, {"Big5-HKSCS", "big5-hkscs", "喺香港嘅"},
	{"EUC-TW", "euc-tw", "你好世界"}, {"windows-31j", "shift_jis", "日本語のテスト ①"}, {"EUC-JP", "euc-jp", "日本語のテスト"}, {"ISO-2022-JP", "iso-2022-jp", "日本語のテスト"},
	{"windows-949", "euc-kr", "안녕하세요 똠"}, {"IBM037", "cp037", LATIN}, {"IBM500", "ibm500", LATIN}, {"IBM1047", "ibm-1047", LATIN}, {"IBM273", "ibm273", LATIN},
};

/* REL-11: encode by ICU, decode by ours; declared in the document, and once more by the header alone. */
static void test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		for (int by_header = 0; by_header < 2; by_header++) {
			struct problem_list problems = {0};
			struct utf8_text text;
			char document[800], want[600], type[100], bytes[3200];
			UErrorCode status = U_ZERO_ERROR;
			int32_t n;

			snprintf(want, sizeof(want), "<rss><title>%s %s %s %s</title></rss>", samples[i].text, samples[i].text, samples[i].text, samples[i].text);
			snprintf(document, sizeof(document), "<?xml version=\"1.0\"%s%s%s?>%s", by_header ? "" : " encoding=\"", by_header ? "" : samples[i].label,
			         by_header ? "" : "\"", want);
			snprintf(type, sizeof(type), "application/rss+xml; charset=%s", samples[i].label);
			print_message("# %s\n", samples[i].charset);
			n = ucnv_convert(samples[i].charset, "UTF-8", bytes, sizeof(bytes), document, (int32_t)strlen(document), &status);
			assert_true(U_SUCCESS(status));
			if (by_header && memcmp(bytes, "\x4C\x6F", 2) == 0)
				continue; /* EBCDIC is known by its declaration only */
			encoding_to_utf8(bytes, (size_t)n, by_header ? type : NULL, &text, &problems);
			assert_int_equal(text.len, strlen(want));
			assert_memory_equal(text.s, want, text.len);
			assert_int_equal(problems.n, 0);
			utf8_text_done(&text);
			problem_list_done(&problems);
		}
	}
	assert_true(sizeof(samples) / sizeof(samples[0]) >= 40);
}

/* Each label of the table is found in any spelling, is there once, and ICU has what it asks for. */
static void test_labels(void **state)
{
	static const struct { const char *label, *want; } rows[] = {
		{"UTF-8", "UTF-8"}, {"utf_8", "UTF-8"}, {"iso8859-1", "windows-1252"}, {"ISO_8859-1:1987", "windows-1252"}, {"l1", "windows-1252"},
		{"ISO-8859-11", "windows-874"}, {"x-sjis", "windows-31j"}, {"ks_c_5601-1987", "windows-949"}, {"csISOLatin2", "ISO-8859-2"},
		{"x-x-big5", "Big5-HKSCS"}, {"utf-7", "UTF-7"}, {"", NULL}, {" ", NULL}, {"8", NULL}, {"utf", "UTF-8"}, {"nope", NULL}, {"iso", NULL},
		{"utf8 utf8n", NULL}, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
	};
	size_t read = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct charset *c = charset_find(rows[i].label, strlen(rows[i].label));

		print_message("# %s\n", rows[i].label);
		assert_string_equal(c ? c->name : "", rows[i].want ? rows[i].want : "");
	}
	for (size_t i = 0; charset_at(i); i++) {
		const struct charset *c = charset_at(i);
		struct buf out = BUF_INIT(100);

		for (const char *p = c->labels; *p; p += strcspn(p, " "), p += strspn(p, " ")) {
			print_message("# %s\n", p);
			assert_ptr_equal(charset_find(p, strcspn(p, " ")), c);
		}
		if (c->kind != CHARSET_UTF8 && c->kind != CHARSET_ASCII && c->kind != CHARSET_REFUSED) {
			static const char letter[] = "A\0\0\0", ebcdic[] = "\xC1";

			assert_int_equal(charset_convert(c, c->kind == CHARSET_EBCDIC ? ebcdic : letter, 1, &out), c->kind == CHARSET_WIDE);
			assert_string_equal(buf_str(&out), c->kind == CHARSET_WIDE ? R : "A");
			read++;
		}
		buf_done(&out);
	}
	assert_true(read >= 60);
	assert_string_equal(charset_get("ISO-8859-16")->name, "ISO-8859-16");
}

/* The one table that is ours. */
static void test_latin10(void **state)
{
	struct buf out = BUF_INIT(100);

	(void)state;
	assert_int_equal(charset_convert(charset_get("ISO-8859-16"), "\xAA\xBA\xDE\xFE\xA4\xE9", 6, &out), 0);
	assert_string_equal(buf_str(&out), "ȘșȚț€é");
	buf_done(&out);
}

/* Documents of some length in what nobody declared. */
static void test_guess(void **state)
{
	static const struct { const char *charset, *text; } rows[] = {
		{"windows-1251", "Все люди рождаются свободными и равными в своем достоинстве и правах"},
		{"KOI8-R", "Все люди рождаются свободными и равными в своем достоинстве и правах"},
		{"ISO-8859-7", "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα"},
		{"windows-1252", "Alle Menschen sind frei und gleich an W\xC3\xBCrde geboren \xE2\x80\x93 mit Vernunft und Gewissen begabt, br\xC3\xBC" "derlich"},
		{"windows-1252", "Tous les \xC3\xAAtres humains naissent libres et \xC3\xA9gaux en dignit\xC3\xA9 et en droits, dou\xC3\xA9s de raison"},
		{"windows-31j", "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。"},
		{"EUC-JP", "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。"},
		{"gb18030", "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。"},
		{"windows-949", "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char document[2000], bytes[2000];
		struct problem_list problems = {0};
		UErrorCode status = U_ZERO_ERROR;
		struct utf8_text text;
		int32_t n;

		snprintf(document, sizeof(document), "<rss><description>%s</description><title>%s</title></rss>", rows[i].text, rows[i].text);
		n = ucnv_convert(rows[i].charset, "UTF-8", bytes, sizeof(bytes), document, (int32_t)strlen(document), &status);
		encoding_to_utf8(bytes, (size_t)n, NULL, &text, &problems);
		print_message("# %s: %s\n", rows[i].charset, problems.n ? problems.items[0].text : "");
		assert_int_equal(text.len, strlen(document));
		assert_memory_equal(text.s, document, text.len);
		utf8_text_done(&text);
		problem_list_done(&problems);
	}
}

/* Whatever bytes and whatever label: what comes out is clean, and no more than the contract says. */
static void test_any_bytes(void **state)
{
	static const char hard[] = "<>?\xC3\xA9\xED\xA0\x80\xE2\x80 \x1B$B\0\xEF\xBB\xBF{(";
	uint32_t seed = 12345;

	(void)state;
	for (size_t round = 0; round < 3000; round++) {
		const struct charset *c = charset_at(round % 80);
		char bytes[200], type[64];
		struct problem_list problems = {0};
		struct utf8_text text;
		size_t len = round % sizeof(bytes);

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = round % 3 ? (char)(seed >> 24) : hard[(seed >> 16) % (sizeof(hard) - 1)];
		}
		snprintf(type, sizeof(type), "a/b; charset=%s", c ? c->name : "none");
		encoding_to_utf8(bytes, len, type, &text, &problems);
		assert_true(text_is_clean(text.s, text.len));
		assert_true(text.len <= 4 * len + 256);
		utf8_text_done(&text);
		problem_list_done(&problems);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encodings), cmocka_unit_test(test_borrowed), cmocka_unit_test(test_round_trip), cmocka_unit_test(test_labels),
		cmocka_unit_test(test_latin10), cmocka_unit_test(test_guess), cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
