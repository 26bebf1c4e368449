/* Addresses without what changes by itself: sessions, signatures, what busts caches; and those of advertisers. */
#include "mask_internal.h"

#include <string.h>

enum { RANDOM_BYTES = 16 };

/* Of servers, with a dot behind; and how a path, or the address behind "http:", begins. */
#define LABEL(text) { text, sizeof(text) - 1 }
static const struct span ad_labels[] = {
	LABEL("doubleclick"), LABEL("googlesyndication"), LABEL("googleadservices"), LABEL("adservice"), LABEL("feedads"), LABEL("adsystem"),
	LABEL("taboola"), LABEL("outbrain"), LABEL("pheedo"), LABEL("rss2.ads"), LABEL("buysellads"), LABEL("carbonads"), LABEL("criteo"),
};
static const struct span ad_paths[] = {
	LABEL("/adclick"), LABEL("/~ff/"), LABEL("/~a/"), LABEL("/~at/"), LABEL("/ads/"), LABEL("//ads."), LABEL("//ad."), LABEL("//adserver."),
};

/* ---- a look ---- */

enum { URL_LOOK = 64, URL_STEP = 16 };

/* The first byte in the lowest bit. */
struct url_look {
	uint64_t alnum, digit, mark; /* "." and "/" */
	uint64_t end;                /* "?" and "#" */
};

#ifdef __SSE2__
static inline void look_at_step(const char *s, size_t at, struct url_look *l)
{
	__m128i v = mask_step(s + at), digits = mask_among(v, '0', 10), letters = mask_letters(v);
	__m128i marks = mask_among(v, '.', 2), ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('?')), _mm_cmpeq_epi8(v, _mm_set1_epi8('#')));

	l->alnum |= mask_bits(_mm_or_si128(digits, letters), at);
	l->digit |= mask_bits(digits, at);
	l->mark |= mask_bits(marks, at);
	l->end |= mask_bits(ends, at);
}
#else
static void look_at_step(const char *s, size_t at, struct url_look *l)
{
	for (size_t n = at; n < at + URL_STEP; n++) {
		l->alnum |= (uint64_t)is_class(s[n], ALNUM) << n;
		l->digit |= (uint64_t)is_class(s[n], DIGIT) << n;
		l->mark |= (uint64_t)(s[n] == '.' || s[n] == '/') << n;
		l->end |= (uint64_t)(s[n] == '?' || s[n] == '#') << n;
	}
}
#endif

/* Of at most URL_LOOK bytes. The last step reads some of them twice rather than any that are behind. */
static struct url_look look_at_url(const char *s, size_t len)
{
	struct url_look l = { 0 };
	char few[URL_STEP] = "";

	if (len < URL_STEP) {
		memcpy(few, s, len);
		look_at_step(few, 0, &l);
		return l;
	}
	for (size_t at = 0; at + URL_STEP <= len; at += URL_STEP)
		look_at_step(s, at, &l);
	look_at_step(s, len - URL_STEP, &l);
	return l;
}

/* ---- what changes ---- */

/* Hexadecimal with a digit in it, or letters and digits in a wild mixture: nobody has written that. */
bool mask_is_random(struct span w)
{
	size_t digits = 0, hex = 0, turns = 0;

	for (size_t i = 0; i < w.len; i++) {
		char c = text_lower(w.s[i]);
		bool digit = text_is_digit(c);

		digits += digit;
		hex += digit || (c >= 'a' && c <= 'f');
		turns += i > 0 && digit != text_is_digit(w.s[i - 1]);
	}
	if (digits == w.len)
		return digits >= 9; /* a time in seconds or more */
	if (digits == 0)
		return false;
	return (hex == w.len && w.len >= RANDOM_HEX_BYTES) || (w.len >= RANDOM_BYTES && turns >= 4);
}

/* Byte by byte; with stars for what is random. */
static char *put_url_slowly(const char *s, const char *end, char *to)
{
	while (s < end && *s != '?' && *s != '#') {
		const char *from = s;
		unsigned digits = 0;

		for (; s < end && is_class(*s, ALNUM); s++) {
			digits += is_class(*s, DIGIT);
			*to++ = *s;
		}
		if (s == from) {
			*to++ = *s++;
		} else if (digits && s - from >= RANDOM_HEX_BYTES && mask_is_random((struct span){ from, (size_t)(s - from) })) {
			to -= s - from;
			*to++ = '*';
		}
	}
	return to;
}

/* Whether letters and digits, at least RANDOM_HEX_BYTES in a row, have a digit among them. */
static bool may_have_random(const struct url_look *l, size_t len)
{
	uint64_t run = l->alnum & mask_bits_below(len);

	for (unsigned n = 1; n < RANDOM_HEX_BYTES; n *= 2)
		run &= run >> n; /* where 2 n in a row begin */
	for (unsigned n = 1; n < RANDOM_HEX_BYTES; n *= 2)
		run |= run << n; /* all that are in such rows */
	return run & l->digit;
}

/* How many bytes of a look are read before the next: not the letters and digits it ends in, unless nothing follows. 0: there is nothing else. */
static size_t whole_parts(const struct url_look *l, size_t len, size_t left)
{
	uint64_t gaps = ~l->alnum & mask_bits_below(len);

	if (len == left)
		return len;
	return gaps ? 64 - (size_t)__builtin_clzll(gaps) : 0;
}

char *mask_put_url(const char *s, size_t len, char *to)
{
	const char *end = s + len;

	while (s < end) {
		size_t left = (size_t)(end - s), n = left < URL_LOOK ? left : URL_LOOK;
		struct url_look l = look_at_url(s, n);

		if (l.end) {
			n = (size_t)__builtin_ctzll(l.end);
			end = s + n;
		} else {
			n = whole_parts(&l, n, left);
		}
		if ((n == 0 && s < end) || may_have_random(&l, n))
			return put_url_slowly(s, end, to);
		memcpy(to, s, n);
		to += n;
		s += n;
	}
	return to;
}

void mask_url(const char *s, size_t len, struct buf *out)
{
	char *room = buf_reserve(out, len);

	if (room)
		buf_grew(out, (size_t)(mask_put_url(s, len, room) - room));
}

/* Pairs of bytes, of which the low bits count, that ad_labels end in and that stand behind the "/" of ad_paths. */
static uint32_t label_ends[LETTERS], path_begins[LETTERS];

static void add_pair(uint32_t *pairs, const char *s)
{
	pairs[s[0] & (LETTERS - 1)] |= (uint32_t)1 << (s[1] & (LETTERS - 1));
}

static bool has_pair(const uint32_t *pairs, const char *s)
{
	return pairs[s[0] & (LETTERS - 1)] >> (s[1] & (LETTERS - 1)) & 1;
}

void mask_read_advertisers(void)
{
	for (size_t i = 0; i < sizeof(ad_labels) / sizeof(*ad_labels); i++)
		add_pair(label_ends, ad_labels[i].s + ad_labels[i].len - 2);
	for (size_t i = 0; i < sizeof(ad_paths) / sizeof(*ad_paths); i++)
		add_pair(path_begins, ad_paths[i].s + 1);
}

static bool ends_in_ad_label(const char *begin, const char *end)
{
	if (end - begin < 2 || !has_pair(label_ends, end - 2))
		return false;
	for (size_t i = 0; i < sizeof(ad_labels) / sizeof(*ad_labels); i++) {
		const struct span *l = &ad_labels[i];

		if ((size_t)(end - begin) >= l->len && end[-1] == l->s[l->len - 1] && memcmp(end - l->len, l->s, l->len) == 0)
			return true;
	}
	return false;
}

static bool begins_ad_path(const char *begin, const char *end)
{
	if (end - begin < 3 || !has_pair(path_begins, begin + 1))
		return false;
	for (size_t i = 0; i < sizeof(ad_paths) / sizeof(*ad_paths); i++) {
		const struct span *p = &ad_paths[i];

		if ((size_t)(end - begin) >= p->len && memcmp(begin, p->s, p->len) == 0)
			return true;
	}
	return false;
}

bool mask_is_advertiser(struct span url)
{
	const char *end = url.s + url.len;

	for (const char *s = url.s; s < end; s += URL_LOOK) {
		struct url_look l = look_at_url(s, (size_t)(end - s) < URL_LOOK ? (size_t)(end - s) : URL_LOOK);

		for (uint64_t marks = l.mark; marks; marks &= marks - 1) {
			const char *mark = s + __builtin_ctzll(marks);

			if (*mark == '.' ? ends_in_ad_label(url.s, mark) : begins_ad_path(mark, end))
				return true;
		}
	}
	return false;
}
