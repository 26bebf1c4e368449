/*
 * Bytes to UTF-8 by ICU. Encodings of one byte a character are asked of ICU once, as a table of 128 characters, and
 * then read here: ASCII in runs, the rest by the table. Others stream through ucnv_convertEx() into the buffer.
 *
 * ICU's data is a library that is mapped when the process starts, so a converter opened later opens no file; only its
 * table of names is looked for, at the first converter. charset_init() makes that happen before the sandbox.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/uclean.h>
#include <unicode/ucsdet.h>

#include "charset.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum {
	PIECE_BYTES = 64 << 10,
	PIVOT_UNITS = 8192,
	SAMPLE_BYTES = 8000,       /* as much as ICU's detector looks at */
	MIN_SAMPLE_HIGH = 4,       /* fewer bytes than that say nothing */
	MIN_CONFIDENCE = 20,       /* of 100: for letters that are no Latin ones */
	MIN_CONFIDENCE_LATIN = 45, /* French is easily taken for Romanian, and windows-1252 is by far the most common */
};

/* The one encoding of the list that ICU lacks: its characters from 0xA0. */
static const uint16_t latin10[96] = {
	0x00A0, 0x0104, 0x0105, 0x0141, 0x20AC, 0x201E, 0x0160, 0x00A7, 0x0161, 0x00A9, 0x0218, 0x00AB,
	0x0179, 0x00AD, 0x017A, 0x017B, 0x00B0, 0x00B1, 0x010C, 0x0142, 0x017D, 0x201D, 0x00B6, 0x00B7,
	0x017E, 0x010D, 0x0219, 0x00BB, 0x0152, 0x0153, 0x0178, 0x017C, 0x00C0, 0x00C1, 0x00C2, 0x0102,
	0x00C4, 0x0106, 0x00C6, 0x00C7, 0x00C8, 0x00C9, 0x00CA, 0x00CB, 0x00CC, 0x00CD, 0x00CE, 0x00CF,
	0x0110, 0x0143, 0x00D2, 0x00D3, 0x00D4, 0x0150, 0x00D6, 0x015A, 0x0170, 0x00D9, 0x00DA, 0x00DB,
	0x00DC, 0x0118, 0x021A, 0x00DF, 0x00E0, 0x00E1, 0x00E2, 0x0103, 0x00E4, 0x0107, 0x00E6, 0x00E7,
	0x00E8, 0x00E9, 0x00EA, 0x00EB, 0x00EC, 0x00ED, 0x00EE, 0x00EF, 0x0111, 0x0144, 0x00F2, 0x00F3,
	0x00F4, 0x0151, 0x00F6, 0x015B, 0x0171, 0x00F9, 0x00FA, 0x00FB, 0x00FC, 0x0119, 0x021B, 0x00FF,
};

struct table {
	char utf8[128][3];
	unsigned char len[128];
	bool undefined[128];
};

static void set_row(struct table *t, size_t i, uint32_t c)
{
	char utf8[4];
	size_t n = text_encode(c, utf8);

	memcpy(t->utf8[i], utf8, 3);
	t->len[i] = (unsigned char)n;
	t->undefined[i] = c == 0xFFFD;
}

static void make_table(struct table *t, UConverter *converter)
{
	for (size_t i = 0; i < 128; i++) {
		const char byte = (char)(0x80 + i);
		UErrorCode status = U_ZERO_ERROR;
		UChar units[4];
		int32_t n;

		if (!converter) {
			set_row(t, i, i < 0x20 ? (uint32_t)(0x80 + i) : latin10[i - 0x20]);
			continue;
		}
		n = ucnv_toUChars(converter, units, 4, &byte, 1, &status);
		set_row(t, i, U_SUCCESS(status) && n == 1 ? units[0] : 0xFFFD);
	}
}

/* Bytes from here that are ASCII, in steps of eight. */
static size_t ascii_run(const unsigned char *p, size_t len)
{
	size_t n = 0;

	for (uint64_t w; len - n >= sizeof(w); n += sizeof(w)) {
		memcpy(&w, p + n, sizeof(w));
		if (w & UINT64_C(0x8080808080808080))
			break;
	}
	return n;
}

/* One piece; `to` has room for three times its length and two more. */
static size_t convert_piece(const struct table *t, const unsigned char *p, size_t len, char *to, size_t *errors)
{
	size_t n = 0, i = 0;

	while (i < len) {
		size_t row, run;

		if (p[i] >= 0x80) {
			row = p[i++] - 0x80u;
			memcpy(to + n, t->utf8[row], 3);
			n += t->len[row];
			*errors += t->undefined[row];
			continue;
		}
		run = ascii_run(p + i, len - i);
		memcpy(to + n, p + i, run);
		n += run;
		i += run;
		while (i < len && p[i] < 0x80)
			to[n++] = (char)p[i++];
	}
	return n;
}

static size_t convert_single(UConverter *converter, const char *bytes, size_t len, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)bytes;
	struct table t;
	size_t errors = 0;

	make_table(&t, converter);
	for (size_t at = 0; at < len; at += PIECE_BYTES) {
		size_t n = len - at < PIECE_BYTES ? len - at : PIECE_BYTES;
		char *to = buf_reserve(out, 3 * n + 2);

		if (!to)
			break;
		buf_grew(out, convert_piece(&t, p + at, n, to, &errors));
	}
	return errors;
}

/* ICU's way to say U+FFFD, and counting it. A sequence of no bytes is the end of the text, not an error. */
static void count_error(const void *context, UConverterToUnicodeArgs *args, const char *bytes, int32_t len,
                        UConverterCallbackReason reason, UErrorCode *status)
{
	size_t *errors;

	memcpy(&errors, &context, sizeof(errors));
	if (reason <= UCNV_IRREGULAR)
		++*errors;
	UCNV_TO_U_CALLBACK_SUBSTITUTE(NULL, args, bytes, len, reason, status);
}

static size_t convert_stream(UConverter *from, const char *bytes, size_t len, struct buf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	UConverter *to = ucnv_open("UTF-8", &status);
	UChar pivot[PIVOT_UNITS], *pivot_source = pivot, *pivot_target = pivot;
	const char *at = bytes;
	size_t errors = 0;
	bool first = true;

	ucnv_setToUCallBack(from, count_error, &errors, NULL, NULL, &status);
	while (U_SUCCESS(status)) {
		size_t room = (size_t)(bytes + len - at) / 2 * 3 + 64, most = out->max_bytes - out->len;
		char *start, *end;

		if (room > most)
			room = most ? most : 1;
		end = start = buf_reserve(out, room);
		if (!start)
			break;
		ucnv_convertEx(to, from, &end, start + room, &at, bytes + len, pivot, &pivot_source, &pivot_target, pivot + PIVOT_UNITS,
		               first, true, &status);
		first = false;
		buf_grew(out, (size_t)(end - start));
		if (status != U_BUFFER_OVERFLOW_ERROR)
			break;
		status = U_ZERO_ERROR;
	}
	ucnv_close(to);
	return errors;
}

size_t charset_convert(const struct charset *c, const char *bytes, size_t len, struct buf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	UConverter *converter = ucnv_open(c->name, &status);
	size_t errors;

	if (!converter && c->kind == CHARSET_SINGLE) /* latin10, which ICU has not */
		return convert_single(NULL, bytes, len, out);
	if (!converter)
		return len;
	if (c->kind == CHARSET_SINGLE || c->kind == CHARSET_LATIN)
		errors = convert_single(converter, bytes, len, out);
	else
		errors = convert_stream(converter, bytes, len, out);
	ucnv_close(converter);
	return errors;
}

/*
 * The detector counts what follows what in the first 8 KiB, and markup is most of a feed. So it gets the stretches
 * between tags that hold a byte above ASCII. "<" and ">" are no second byte in any encoding it knows.
 */
static size_t take_sample(const char *bytes, size_t len, char sample[SAMPLE_BYTES], size_t *high)
{
	size_t n = 0, from = 0;

	*high = 0;
	for (size_t at = 0, in_run = 0; at <= len && n < SAMPLE_BYTES; at++) {
		if (at < len && bytes[at] != '<' && bytes[at] != '>' && at - from < SAMPLE_BYTES / 4) {
			in_run += (unsigned char)bytes[at] >= 0x80;
			continue;
		}
		if (in_run) {
			size_t take = at - from < SAMPLE_BYTES - n ? at - from : SAMPLE_BYTES - n;

			memcpy(sample + n, bytes + from, take);
			n += take;
			if (n < SAMPLE_BYTES)
				sample[n++] = '\n';
			*high += in_run;
		}
		in_run = 0;
		from = at + (at < len && (bytes[at] == '<' || bytes[at] == '>'));
	}
	return n;
}

static bool is_latin(const struct charset *c)
{
	static const char *const names[] = { "windows-1252", "windows-1250", "windows-1254", "ISO-8859-2" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(c->name, names[i]) == 0)
			return true;
	}
	return false;
}

static const struct charset *judge(const UCharsetMatch *const *matches, int32_t n)
{
	for (int32_t i = 0; i < n; i++) {
		UErrorCode status = U_ZERO_ERROR;
		const char *name = ucsdet_getName(matches[i], &status);
		int32_t confidence = ucsdet_getConfidence(matches[i], &status);
		const struct charset *c = U_SUCCESS(status) && name ? charset_find(name, strlen(name)) : NULL;

		if (!c || (c->kind != CHARSET_LATIN && c->kind != CHARSET_SINGLE && c->kind != CHARSET_DOUBLE))
			continue;
		if (confidence >= (is_latin(c) ? MIN_CONFIDENCE_LATIN : MIN_CONFIDENCE))
			return c;
	}
	return charset_get("windows-1252");
}

const struct charset *charset_guess(const char *bytes, size_t len)
{
	UErrorCode status = U_ZERO_ERROR;
	UCharsetDetector *detector;
	const struct charset *c = charset_get("windows-1252");
	const UCharsetMatch **matches;
	char sample[SAMPLE_BYTES];
	int32_t n_matches = 0;
	size_t high, n = take_sample(bytes, len, sample, &high);

	if (high < MIN_SAMPLE_HIGH)
		return c;
	detector = ucsdet_open(&status);
	ucsdet_setText(detector, sample, (int32_t)n, &status);
	matches = ucsdet_detectAll(detector, &n_matches, &status);
	if (matches && U_SUCCESS(status))
		c = judge((const UCharsetMatch *const *)matches, n_matches);
	ucsdet_close(detector);
	return c;
}

static void *lend(const void *ctx, size_t size)
{
	(void)ctx;
	return mem_lend(size);
}

static void *lend_again(const void *ctx, void *old, size_t size)
{
	(void)ctx;
	return mem_lend_resize(old, size);
}

static void take_back(const void *ctx, void *p)
{
	(void)ctx;
	mem_free(p);
}

void charset_init(void)
{
	struct buf out = BUF_INIT(64);
	UErrorCode status = U_ZERO_ERROR;

	u_setMemoryFunctions(NULL, lend, lend_again, take_back, &status);

	(void)charset_convert(charset_get("windows-1251"), "\xCF", 1, &out);
	(void)charset_convert(charset_get("EUC-JP"), "\xA4\xA2", 2, &out);
	(void)charset_guess("\xCF\xF0\xE8\xE2\xE5\xF2 \xEC\xE8\xF0", 10);
	buf_done(&out);
}
