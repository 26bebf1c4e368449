#ifndef CLEAN_URL_H
#define CLEAN_URL_H
/*
 * URLs inside clean/: one table of bytes, the scan that knows a finished URL, the slow way for everything else. Offsets
 * count bytes from the start of the URL.
 */
#include <stdbool.h>
#include <stddef.h>

#include "syndicated/base/buf.h"

/* What a byte may stand in as it is. */
enum {
	URL_HOST = 1,       /* letters, digits, "-", ".", "_": a host nobody needs to look at */
	URL_PATH = 2,       /* all a path may have, without "." and "%", at which the scan looks closer */
	URL_QUERY = 4,      /* all a path, query or fragment may have, "%" included */
	URL_USERINFO = 8,
	URL_UNRESERVED = 16, /* RFC 3986 section 2.3: means the same percent-encoded or not */
};
extern const unsigned char url_class[256];

/* The first byte at or behind p that is not of this class, or end. */
const char *url_skip(const char *p, const char *end, unsigned char class);

struct url_parts {
	size_t host, host_end; /* without userinfo; with the brackets of IPv6 */
	size_t path;           /* behind the port; a path is never empty */
	size_t query;          /* at the "?", or where it would be */
	size_t fragment;       /* at the "#", or where it would be */
	size_t end;
};

/*
 * True when s is finished: clean_url() would give back the same bytes, and libcurl as well. One pass. A URL that needs a
 * closer look (userinfo, IPv4, IPv6, IDN) is not, however finished it may be.
 */
bool url_scan(const char *s, size_t len, struct url_parts *ret);
/* The parts of what clean_url() returned, which is not checked again. */
void url_split(const char *s, struct url_parts *ret);

/* The host of a finished URL is a name, not an address: then lower case, labels and dots mean what they seem to. */
bool url_host_is_name(const char *s, size_t len);

/* RFC 3986 section 5 for any reference; base is finished or NULL. Appends nothing and returns false for what is no web URL. */
bool url_resolve(const char *reference, size_t len, const char *base, struct buf *out);
/* The scheme's length, without its colon; 0 when there is none. */
size_t url_scheme_length(const char *s, size_t len);

/* The ASCII form of an internationalised name (UTS 46), NUL terminated; 0 when it is none or too long. Else its length. */
enum { URL_HOST_MAX = 1024 };
size_t url_host_to_ascii(const char *s, size_t len, char out[URL_HOST_MAX]);

/* Loads what ICU reads from files. Once, before the sandbox; without it the first internationalised host does. */
void clean_url_init(void);

#endif
