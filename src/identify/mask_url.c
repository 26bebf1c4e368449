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

char *mask_put_url(const char *s, size_t len, char *to)
{
	const char *end = s + len;

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

void mask_url(const char *s, size_t len, struct buf *out)
{
	char *room = buf_reserve(out, len);

	if (room)
		buf_grew(out, (size_t)(mask_put_url(s, len, room) - room));
}

static bool ends_in_ad_label(const char *begin, const char *end)
{
	for (size_t i = 0; i < sizeof(ad_labels) / sizeof(*ad_labels); i++) {
		const struct span *l = &ad_labels[i];

		if ((size_t)(end - begin) >= l->len && end[-1] == l->s[l->len - 1] && memcmp(end - l->len, l->s, l->len) == 0)
			return true;
	}
	return false;
}

static bool begins_ad_path(const char *begin, const char *end)
{
	for (size_t i = 0; i < sizeof(ad_paths) / sizeof(*ad_paths); i++) {
		const struct span *p = &ad_paths[i];

		if ((size_t)(end - begin) >= p->len && begin[1] == p->s[1] && memcmp(begin, p->s, p->len) == 0)
			return true;
	}
	return false;
}

bool mask_is_advertiser(struct span url)
{
	for (const char *s = url.s, *end = url.s + url.len; s < end; s++)
		if ((*s == '.' && ends_in_ad_label(url.s, s)) || (*s == '/' && begins_ad_path(s, end)))
			return true;
	return false;
}
