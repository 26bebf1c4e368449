/* The table of encodings: the labels of the WHATWG Encoding Standard, IANA's, and what feeds say besides. */
#include "charset.h"

#include <stdbool.h>
#include <string.h>

#include "syndicated/base/text.h"

/* The superset that browsers use stands for the historic subset: windows-1252 for iso-8859-1, gb18030 for gb2312. */
static const struct charset charsets[] = {
	{ "UTF-8", CHARSET_UTF8, "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 utf8n utf8mb4 utf8mb3 utf8bom utf8sig csutf8 utf 65001 cp65001" },
	{ "US-ASCII", CHARSET_ASCII, "usascii ascii ansix341968 ansix341986 isoir6 iso646us iso646irv1991 us cp367 ibm367 csascii 7bit" },
	{ "windows-1252", CHARSET_LATIN,
	  "iso88591 latin1 l1 cp1252 windows1252 xcp1252 win1252 1252 ansi cp819 ibm819 isoir100 iso885911987 csisolatin1 88591 cswindows1252 windowslatin1 westerneuropean" },
	{ "ISO-8859-2", CHARSET_SINGLE, "iso88592 latin2 l2 isoir101 iso885921987 csisolatin2 88592" },
	{ "ISO-8859-3", CHARSET_SINGLE, "iso88593 latin3 l3 isoir109 iso885931988 csisolatin3" },
	{ "ISO-8859-4", CHARSET_SINGLE, "iso88594 latin4 l4 isoir110 iso885941988 csisolatin4" },
	{ "ISO-8859-5", CHARSET_SINGLE, "iso88595 cyrillic isoir144 iso885951988 csisolatincyrillic" },
	{ "ISO-8859-6", CHARSET_SINGLE,
	  "iso88596 arabic asmo708 ecma114 isoir127 iso885961987 csisolatinarabic iso88596e csiso88596e iso88596i csiso88596i" },
	{ "ISO-8859-7", CHARSET_SINGLE, "iso88597 greek greek8 ecma118 elot928 isoir126 iso885971987 csisolatingreek suneugreek" },
	{ "ISO-8859-8", CHARSET_SINGLE,
	  "iso88598 hebrew visual isoir138 iso885981988 csisolatinhebrew iso88598e csiso88598e iso88598i csiso88598i logical" },
	{ "windows-1254", CHARSET_SINGLE,
	  "windows1254 cp1254 xcp1254 win1254 1254 iso88599 latin5 l5 isoir148 iso885991989 csisolatin5 cswindows1254" },
	{ "ISO-8859-10", CHARSET_SINGLE, "iso885910 latin6 l6 isoir157 iso8859101992 csisolatin6" },
	{ "ISO-8859-13", CHARSET_SINGLE, "iso885913 latin7 l7 csiso885913" },
	{ "ISO-8859-14", CHARSET_SINGLE, "iso885914 latin8 l8 isoir199 iso8859141998 isoceltic csiso885914" },
	{ "ISO-8859-15", CHARSET_SINGLE, "iso885915 latin9 l9 latin0 csisolatin9 csiso885915" },
	{ "ISO-8859-16", CHARSET_SINGLE, "iso885916 latin10 l10 isoir226 iso8859162001 csiso885916" },
	{ "windows-874", CHARSET_SINGLE, "windows874 dos874 cp874 iso885911 tis620 tis6200 tis62025291 tis62025330 isoir166 cstis620" },
	{ "windows-1250", CHARSET_SINGLE, "windows1250 cp1250 xcp1250 win1250 1250 cswindows1250" },
	{ "windows-1251", CHARSET_SINGLE, "windows1251 cp1251 xcp1251 win1251 1251 ansi1251 cswindows1251" },
	{ "windows-1253", CHARSET_SINGLE, "windows1253 cp1253 xcp1253 win1253 1253 cswindows1253" },
	{ "windows-1255", CHARSET_SINGLE, "windows1255 cp1255 xcp1255 win1255 1255 cswindows1255" },
	{ "windows-1256", CHARSET_SINGLE, "windows1256 cp1256 xcp1256 win1256 1256 cswindows1256" },
	{ "windows-1257", CHARSET_SINGLE, "windows1257 cp1257 xcp1257 win1257 1257 cswindows1257" },
	{ "windows-1258", CHARSET_SINGLE, "windows1258 cp1258 xcp1258 win1258 1258 cswindows1258" },
	{ "KOI8-R", CHARSET_SINGLE, "koi8r koi8 koi cskoi8r cp878" },
	{ "KOI8-U", CHARSET_SINGLE, "koi8u koi8ru cskoi8u cp1168" },
	{ "macintosh", CHARSET_SINGLE, "macintosh mac xmacroman macroman csmacintosh" },
	{ "x-mac-cyrillic", CHARSET_SINGLE, "xmaccyrillic xmacukrainian maccyrillic" },
	{ "x-mac-ce", CHARSET_SINGLE, "xmacce macce xmaccentraleurroman maccentraleurope" },
	{ "x-mac-greek", CHARSET_SINGLE, "xmacgreek macgreek" },
	{ "x-mac-turkish", CHARSET_SINGLE, "xmacturkish macturkish" },
	{ "IBM866", CHARSET_SINGLE, "ibm866 cp866 866 csibm866 dos866" },
	{ "IBM855", CHARSET_SINGLE, "ibm855 cp855 855 csibm855" },
	{ "IBM437", CHARSET_SINGLE, "ibm437 cp437 437 cspc8codepage437" },
	{ "IBM737", CHARSET_SINGLE, "ibm737 cp737" },
	{ "IBM775", CHARSET_SINGLE, "ibm775 cp775 cspc775baltic" },
	{ "IBM850", CHARSET_SINGLE, "ibm850 cp850 850 cspc850multilingual" },
	{ "IBM852", CHARSET_SINGLE, "ibm852 cp852 852 cspcp852" },
	{ "IBM857", CHARSET_SINGLE, "ibm857 cp857 csibm857" },
	{ "IBM858", CHARSET_SINGLE, "ibm858 cp858 ibm00858 cp00858 ccsid00858" },
	{ "IBM860", CHARSET_SINGLE, "ibm860 cp860 csibm860" },
	{ "IBM861", CHARSET_SINGLE, "ibm861 cp861 csibm861" },
	{ "IBM862", CHARSET_SINGLE, "ibm862 cp862 cspc862latinhebrew" },
	{ "IBM863", CHARSET_SINGLE, "ibm863 cp863 csibm863" },
	{ "IBM864", CHARSET_SINGLE, "ibm864 cp864 csibm864" },
	{ "IBM865", CHARSET_SINGLE, "ibm865 cp865 csibm865" },
	{ "IBM869", CHARSET_SINGLE, "ibm869 cp869 csibm869" },
	{ "gb18030", CHARSET_DOUBLE,
	  "gb18030 gbk gb2312 gb gb231280 gb2312gbk xgbk csgb2312 csgbk chinese csiso58gb231280 isoir58 euccn xeuccn cp936 ms936 windows936 cngb" },
	{ "Big5-HKSCS", CHARSET_DOUBLE, "big5 big5hkscs cnbig5 xxbig5 csbig5 big5eten cp950 ms950 windows950 big5hkscs2004 csbig5hkscs" },
	{ "EUC-TW", CHARSET_DOUBLE, "euctw xeuctw cns11643" },
	{ "windows-31j", CHARSET_DOUBLE, "shiftjis sjis xsjis mskanji csshiftjis windows31j cswindows31j cp932 ms932 windows932 xmscp932 shiftjisx0213" },
	{ "EUC-JP", CHARSET_DOUBLE, "eucjp xeucjp ujis cseucpkdfmtjapanese eucjpms eucjpwin cp51932" },
	{ "windows-949", CHARSET_DOUBLE,
	  "euckr xeuckr cseuckr cp949 ms949 windows949 uhc ksc56011987 ksc56011989 ksc5601 ksx1001 korean isoir149 csksc56011987" },
	{ "ISO-2022-JP", CHARSET_ESCAPED, "iso2022jp iso2022jp1 iso2022jp2 csiso2022jp csiso2022jp2 cp50220 cp50221 jis" },
	{ "UTF-16", CHARSET_WIDE, "utf16 ucs2 iso10646ucs2 csunicode unicode csutf16" },
	{ "UTF-16LE", CHARSET_WIDE, "utf16le unicodelittle ucs2le unicodefeff csutf16le" },
	{ "UTF-16BE", CHARSET_WIDE, "utf16be unicodebig ucs2be unicodefffe csutf16be" },
	{ "UTF-32", CHARSET_WIDE, "utf32 ucs4 iso10646ucs4 csucs4 csutf32" },
	{ "UTF-32LE", CHARSET_WIDE, "utf32le ucs4le csutf32le" },
	{ "UTF-32BE", CHARSET_WIDE, "utf32be ucs4be csutf32be" },
	{ "IBM037", CHARSET_EBCDIC, "ibm037 cp037 ibm37 cp37 ebcdiccpus ebcdiccpca ebcdiccpwt ebcdiccpnl csibm037" },
	{ "IBM1047", CHARSET_EBCDIC, "ibm1047 cp1047 ibm01047 ebcdiclatin1" },
	{ "IBM500", CHARSET_EBCDIC, "ibm500 cp500 ebcdiccpbe ebcdiccpch csibm500" },
	{ "IBM1140", CHARSET_EBCDIC, "ibm1140 ibm01140 cp1140 cp01140 ccsid01140 ebcdicus37euro" },
	{ "IBM273", CHARSET_EBCDIC, "ibm273 cp273 csibm273" },
	{ "IBM277", CHARSET_EBCDIC, "ibm277 cp277 ebcdiccpdk ebcdiccpno csibm277" },
	{ "IBM278", CHARSET_EBCDIC, "ibm278 cp278 ebcdiccpfi ebcdiccpse csibm278" },
	{ "IBM280", CHARSET_EBCDIC, "ibm280 cp280 ebcdiccpit csibm280" },
	{ "IBM284", CHARSET_EBCDIC, "ibm284 cp284 ebcdiccpes csibm284" },
	{ "IBM285", CHARSET_EBCDIC, "ibm285 cp285 ebcdiccpgb csibm285" },
	{ "IBM297", CHARSET_EBCDIC, "ibm297 cp297 ebcdiccpfr csibm297" },
	{ "IBM1025", CHARSET_EBCDIC, "ibm1025 cp1025" },
	{ "IBM1026", CHARSET_EBCDIC, "ibm1026 cp1026 csibm1026" },
	{ "UTF-7", CHARSET_REFUSED, "utf7 unicode11utf7 csunicode11utf7 csutf7 xunicode20utf7 utf7imap" },
	{ "HZ-GB-2312", CHARSET_REFUSED, "hzgb2312 hz" },
	{ "ISO-2022-CN", CHARSET_REFUSED, "iso2022cn iso2022cnext csiso2022cn" },
	{ "ISO-2022-KR", CHARSET_REFUSED, "iso2022kr csiso2022kr" },
	{ "SCSU", CHARSET_REFUSED, "scsu bocu1 csscsu csbocu1 cesu8 cscesu8" },
	{ "replacement", CHARSET_REFUSED, "replacement" },
};

enum { MAX_LABEL = 40, N_CHARSETS = sizeof(charsets) / sizeof(charsets[0]) };

const struct charset *charset_at(size_t i)
{
	return i < N_CHARSETS ? &charsets[i] : NULL;
}

const struct charset *charset_get(const char *name)
{
	for (size_t i = 0; i < N_CHARSETS; i++) {
		if (strcmp(charsets[i].name, name) == 0)
			return &charsets[i];
	}
	return NULL;
}

static bool has_label(const char *labels, const char *label, size_t len)
{
	for (const char *at = labels; (at = strstr(at, label)); at += len) {
		if ((at == labels || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	}
	return false;
}

const struct charset *charset_find(const char *label, size_t len)
{
	char plain[MAX_LABEL];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text_lower(label[i]);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
			continue;
		if (n == sizeof(plain) - 1)
			return NULL;
		plain[n++] = c;
	}
	plain[n] = '\0';
	for (size_t i = 0; n && i < N_CHARSETS; i++) {
		if (has_label(charsets[i].labels, plain, n))
			return &charsets[i];
	}
	return NULL;
}
