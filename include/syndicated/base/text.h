#ifndef SYNDICATED_BASE_TEXT_H
#define SYNDICATED_BASE_TEXT_H
/*
 * Small tools for text. All text inside the program is valid UTF-8 that XML 1.0 may hold: text_scrub() makes it so at
 * the border, everything behind may rely on it. ASCII functions never look at the locale.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"

/* True when the bytes are valid UTF-8 (no overlong forms, no surrogates) and every character is legal in XML 1.0. */
bool text_is_clean(const char *s, size_t len);
/* How many bytes from the start are clean in that sense: where the first bad one stands, or len. */
size_t text_clean_prefix(const char *s, size_t len);

size_t text_count_lines(const char *s, size_t len); /* line feeds */

/* Appends s to out with invalid bytes and characters illegal in XML replaced by U+FFFD. C0 controls other than tab, LF, CR are dropped. */
void text_scrub(struct buf *out, const char *s, size_t len);

/* The largest n <= max such that the first n bytes of s end on a character boundary. s is clean. */
size_t text_cut(const char *s, size_t len, size_t max);

/* Collapses runs of white space (also NBSP) to one space and trims both ends, in place; returns the new length. */
size_t text_collapse(char *s, size_t len);

/* Decodes one character of clean text at *pos and moves *pos behind it; 0 at the end. */
uint32_t text_next(const char *s, size_t len, size_t *pos);
/* Writes one code point as UTF-8 (U+FFFD when it is none) and returns its length, 1 to 4. */
size_t text_encode(uint32_t codepoint, char out[4]);
/* What a character or number is meant to be: 0x80 to 0x9F as windows-1252 has them (its five holes and all others: the same). */
uint32_t text_meant(uint32_t codepoint);
/* Whether clean text holds any of these, and the text with what they are meant to be: half as long again at most. */
bool text_has_c1(const char *s, size_t len);
void text_append_meant(struct buf *out, const char *s, size_t len);

static inline bool text_is_space(char c) /* space, tab, LF, CR, FF, VT */
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline const char *text_behind_space(const char *s)
{
	while (text_is_space(*s))
		s++;
	return s;
}

static inline char text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool text_equal_nocase(const char *a, const char *b); /* ASCII case only; NULL equals only NULL */
bool text_has_prefix(const char *s, const char *prefix);
bool text_has_prefix_nocase(const char *s, const char *prefix);
bool text_is_empty(const char *s); /* NULL or "" */

/* Whole-string decimal integer within [min, max]; false and *ret untouched otherwise. */
bool text_to_int64(const char *s, int64_t min, int64_t max, int64_t *ret);
/* Digits alone, at least one and of any number; more than max is max. False and *ret untouched otherwise. */
bool text_to_capped(const char *s, size_t len, int64_t max, int64_t *ret);

/* Edit distance (insert, delete, replace, swap), at most `limit`; `limit + 1` when further apart. For "did you mean". */
unsigned text_distance(const char *a, const char *b, unsigned limit);

/* Durations and sizes as people write them: "500ms" "30s" "15m" "24h" "90d"; "64KiB" "16MiB" "1GiB" or plain bytes. */
bool text_to_duration_ms(const char *s, int64_t *ret_ms);
bool text_to_size_bytes(const char *s, int64_t *ret_bytes);
/* The inverse, in the largest unit that is exact: 900000 -> "15m". */
void text_from_duration_ms(int64_t ms, char out[32]);
void text_from_size_bytes(int64_t bytes, char out[32]);

/* "2026-11-23T09:00:03Z", always UTC; with ms behind a point when `with_ms`. Years outside 0000..9999 are clamped. */
#define TEXT_RFC3339_BYTES 32
void text_from_time_ms(int64_t unix_ms, bool with_ms, char out[TEXT_RFC3339_BYTES]);
/* "Mon, 23 Nov 2026 09:00:03 GMT" (RFC 9110 IMF-fixdate). */
void text_http_date(int64_t unix_ms, char out[TEXT_RFC3339_BYTES]);
/* Any of the three HTTP-date forms of RFC 9110 section 5.6.7. */
bool text_parse_http_date(const char *s, int64_t *ret_unix_ms);

/* The URL without userinfo: what may be shown and published of one that carries credentials. Caller frees; NULL for NULL. */
char *text_without_userinfo(const char *url);
/* The URL without userinfo and with query values hidden, for logs and messages (REL-40). Truncates to size. */
void text_redact_url(const char *url, char *out, size_t size);

#endif
