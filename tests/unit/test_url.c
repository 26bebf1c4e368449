#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <curl/curl.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/clean.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Both, so that a run shows all rows that fail. */
static int differs(const char *what, const char *got, const char *want)
{
	if (got && want ? strcmp(got, want) == 0 : got == want)
		return 0;
	print_message("# %s\n#   got  %s\n#   want %s\n", what, got ? got : "(none)", want ? want : "(none)");
	return 1;
}

struct row {
	const char *reference, *base, *want;
};

/* Each row by both functions, and again on its own result. */
static int run_rows(const struct row *rows, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		auto_free char *got = clean_url(rows[i].reference, rows[i].base), *base = clean_url(rows[i].base, NULL), *again = clean_url(got, NULL);
		struct buf b = BUF_INIT(100000);
		bool ok;

		buf_append_str(&b, "x");
		ok = clean_url_append(rows[i].reference, strlen(rows[i].reference), base, &b);
		bad += differs(rows[i].reference, got, rows[i].want) + differs(rows[i].reference, again, got);
		bad += differs(rows[i].reference, ok ? buf_str(&b) + 1 : NULL, got) + (ok || b.len == 1 ? 0 : 1);
		buf_done(&b);
	}
	return bad;
}

/* RFC 3986 sections 5.4.1 and 5.4.2, all of them. */
static void test_rfc3986(void **state)
{
#define B "http://a/b/c/d;p?q"
	static const struct row rows[] = {
		{"g:h", B, NULL}, /* no web page */
		{"g", B, "http://a/b/c/g"}, {"./g", B, "http://a/b/c/g"}, {"g/", B, "http://a/b/c/g/"}, {"/g", B, "http://a/g"},
		{"//g", B, "http://g/"}, {"?y", B, "http://a/b/c/d;p?y"}, {"g?y", B, "http://a/b/c/g?y"}, {"#s", B, "http://a/b/c/d;p?q#s"},
		{"g#s", B, "http://a/b/c/g#s"}, {"g?y#s", B, "http://a/b/c/g?y#s"}, {";x", B, "http://a/b/c/;x"}, {"g;x", B, "http://a/b/c/g;x"},
		{"g;x?y#s", B, "http://a/b/c/g;x?y#s"},
		{"", B, NULL}, /* the RFC says the base; an empty link in a feed says nothing */
		{".", B, "http://a/b/c/"}, {"./", B, "http://a/b/c/"}, {"..", B, "http://a/b/"}, {"../", B, "http://a/b/"},
		{"../g", B, "http://a/b/g"}, {"../..", B, "http://a/"}, {"../../", B, "http://a/"}, {"../../g", B, "http://a/g"},
		{"../../../g", B, "http://a/g"}, {"../../../../g", B, "http://a/g"}, {"/./g", B, "http://a/g"}, {"/../g", B, "http://a/g"},
		{"g.", B, "http://a/b/c/g."}, {".g", B, "http://a/b/c/.g"}, {"g..", B, "http://a/b/c/g.."}, {"..g", B, "http://a/b/c/..g"},
		{"./../g", B, "http://a/b/g"}, {"./g/.", B, "http://a/b/c/g/"}, {"g/./h", B, "http://a/b/c/g/h"}, {"g/../h", B, "http://a/b/c/h"},
		{"g;x=1/./y", B, "http://a/b/c/g;x=1/y"}, {"g;x=1/../y", B, "http://a/b/c/y"}, {"g?y/./x", B, "http://a/b/c/g?y/./x"},
		{"g?y/../x", B, "http://a/b/c/g?y/../x"}, {"g#s/./x", B, "http://a/b/c/g#s/./x"}, {"g#s/../x", B, "http://a/b/c/g#s/../x"},
		{"http:g", B, "http://a/b/c/g"}, /* "for backward compatibility", as all browsers */
	};
#undef B

	(void)state;
	assert_int_equal(run_rows(rows, COUNT(rows)), 0);
}

/* What feeds and pages have besides: read as browsers read it. */
static void test_lenient(void **state)
{
	static const struct row rows[] = {
		{"http://e.org/a", NULL, "http://e.org/a"},
		{"../x?q#f", "https://e.org/a/b/c", "https://e.org/a/x?q#f"},
		{"//o.org/p", "https://e.org/a", "https://o.org/p"},
		{"/p q", "http://e.org/", "http://e.org/p%20q"},
		{"  \t\r\n http://e.org/a \n", NULL, "http://e.org/a"},
		{"\xEF\xBB\xBF\xC2\xA0http://e.org/a\xC2\xA0\xE2\x80\x8B", NULL, "http://e.org/a"},
		{"http://e.\norg/lo\tng\r\n/path", NULL, "http://e.org/long/path"},
		{"http:\\\\e.org\\a\\b?c\\d", NULL, "http://e.org/a/b?c%5Cd"},
		{"\\a", "http://e.org/b/c", "http://e.org/a"},
		{"\\\\o.org\\a", "http://e.org/b/c", "http://o.org/a"},
		{"a\\..\\b", "http://e.org/c/", "http://e.org/c/b"},
		{"http:/e.org/a", NULL, "http://e.org/a"}, {"http:e.org/a", NULL, "http://e.org/a"}, {"http:////e.org/a", NULL, "http://e.org/a"},
		{"https:/a", "http://e.org/b/c", "https://a/"}, {"http:/a", "http://e.org/b/c", "http://e.org/a"},
		{"http:a", "https://e.org/b/c", "http://a/"}, {"https:?x", "https://e.org/b/c", "https://e.org/b/c?x"},
		{"///o.org/x", "https://e.org/", "https://o.org/x"},
		{"HTTP://E.org/A", NULL, "http://E.org/A"}, {"hTtPs://e.org", NULL, "https://e.org/"},
		{"http://e.org?a", NULL, "http://e.org/?a"}, {"http://e.org#a", NULL, "http://e.org/#a"},
		{"http://e.org/a?", NULL, "http://e.org/a"}, {"http://e.org/a#", NULL, "http://e.org/a"}, {"http://e.org/a?#", NULL, "http://e.org/a"},
		{"?", "http://e.org/a?b#c", "http://e.org/a"}, {"#", "http://e.org/a?b#c", "http://e.org/a?b"},
		{"x", "http://e.org/a#/b/c", "http://e.org/x"}, {"x", "http://e.org/a?b/c", "http://e.org/x"}, {"x", "http://e.org", "http://e.org/x"},
		{"x", "HTTP://e.org/a\\b", "http://e.org/a/x"}, {"#n", "http://e.org/a/b?c#d", "http://e.org/a/b?c#n"},
		{"./x:y", "http://e.org/a/b", "http://e.org/a/x:y"}, {"?a:b", "http://e.org/a", "http://e.org/a?a:b"},
		{"1:2", "http://e.org/a/", "http://e.org/a/1:2"},
		{"http://e.org/%2e%2E/a/%2e/b/.%2e/c", NULL, "http://e.org/a/c"},
		{"http://e.org/a//b/../c", NULL, "http://e.org/a//c"}, {"http://e.org/.well-known/..x/...", NULL, "http://e.org/.well-known/..x/..."},
		{"http://e.org/a/..", NULL, "http://e.org/"}, {"http://e.org/a/.?b", NULL, "http://e.org/a/?b"},
		{"http://e.org/a b<c>\"d\"|e^f`{g}", NULL, "http://e.org/a%20b%3Cc%3E%22d%22%7Ce%5Ef%60%7Bg%7D"},
		{"http://e.org/?a[]=1&b=[2]", NULL, "http://e.org/?a[]=1&b=[2]"},
		{"http://e.org/x?a b#c d", NULL, "http://e.org/x?a%20b#c%20d"}, {"http://e.org/#a#b", NULL, "http://e.org/#a#b"},
		{"http://e.org/100%/%u0431/%c3%A4", NULL, "http://e.org/100%/%u0431/%c3%A4"},
		{"http://e.org/?a=1&amp;b=2", NULL, "http://e.org/?a=1&amp;b=2"},
		{"http://e.org/\xC3\xA4?\xC3\xA4#\xC3\xA4", NULL, "http://e.org/%C3%A4?%C3%A4#%C3%A4"},
		{"\xC9\x99l", "http://e.org/a/", "http://e.org/a/%C9%99l"}, {"http://e.org/\xFF", NULL, "http://e.org/%FF"},
		{"feed:http://e.org/a", NULL, "http://e.org/a"}, {"feed:https://e.org/a", NULL, "https://e.org/a"},
		{"feed://e.org/a", NULL, "http://e.org/a"}, {"FEED://https://e.org/a", NULL, "https://e.org/a"},
		{"feed:e.org", "http://e.org/", NULL}, {"itpc://e.org/a", NULL, "http://e.org/a"},
		{"www.e.org/x", "http://e.org/a/", "http://e.org/a/www.e.org/x"}, /* as in browsers; clean_url_guess() differs */
		{"http:", "http://e.org/a", NULL}, {"http://", NULL, NULL}, {"http:///", NULL, NULL}, {"https://?a", NULL, NULL},
		{"a", NULL, NULL}, {"a", "file:///etc/", NULL}, {"#", NULL, NULL}, {" \t ", "http://e.org/", NULL}, {"", "http://e.org/", NULL},
	};

	(void)state;
	assert_int_equal(run_rows(rows, COUNT(rows)), 0);
}

/* Hosts and ports: names, addresses, IDN, userinfo. */
static void test_hosts(void **state)
{
	static const struct row rows[] = {
		{"http://e.org:8080/a", NULL, "http://e.org:8080/a"}, {"http://e.org:80/a", NULL, "http://e.org:80/a"},
		{"http://e.org:/a", NULL, "http://e.org/a"}, {"http://e.org:0080/a", NULL, "http://e.org:80/a"},
		{"http://e.org:65535/", NULL, "http://e.org:65535/"}, {"http://e.org:65536/", NULL, NULL}, {"http://e.org:99999/", NULL, NULL},
		{"http://e.org:99999999999999999999/", NULL, NULL}, {"http://e.org:8a/", NULL, NULL}, {"http://e.org:-1/", NULL, NULL},
		{"http://[2001:DB8::0:1]:81/a", NULL, "http://[2001:db8::1]:81/a"}, {"http://[::1/", NULL, NULL}, {"http://::1/", NULL, NULL},
		{"x", "http://[::1]/a/b", "http://[::1]/a/x"}, {"http://[e.org]/", NULL, NULL}, {"http://[]/", NULL, NULL},
		{"http://127.0.0.1/a", NULL, "http://127.0.0.1/a"}, {"http://1.2/", NULL, "http://1.0.0.2/"}, {"http://0x7f.1/", NULL, "http://127.0.0.1/"},
		{"http://2130706433/", NULL, "http://127.0.0.1/"}, {"https://%33/a", NULL, NULL}, {"http://%31%32%37.1/", NULL, NULL}, {"http://e.%30x7f/", NULL, NULL},
		{"http://4chan.org/a", NULL, "http://4chan.org/a"}, {"http://360.cn/a", NULL, "http://360.cn/a"},
		{"http://e.org./a", NULL, "http://e.org./a"}, {"http://a_b.e.org/", NULL, "http://a_b.e.org/"}, {"http://localhost/", NULL, "http://localhost/"},
		{"http://%65.org/a", NULL, "http://e.org/a"}, {"http://e%2Forg/", NULL, NULL}, {"http://e%00.org/", NULL, NULL}, {"http://e%0a.org/", NULL, NULL},
		{"http://e%20.org/", NULL, NULL}, {"http://e org/", NULL, NULL}, {"http://e<b>.org/", NULL, NULL}, {"http://e\".org/", NULL, NULL},
		{"http://./", NULL, NULL}, {"http://%2e/", NULL, NULL},
		{"http://a%7Eb.org/", NULL, NULL}, {"http://a%25b.org/", NULL, NULL}, {"x", "http://a%7Eb.org/", NULL}, {"//e.org/", "http://a%.org/", NULL},
		{"http://\xC3\xA4.org/\xC3\xA4", NULL, "http://\xC3\xA4.org/%C3%A4"}, {"//\xD0\xB0\xD0\xB7.az", "https://e.org/", "https://\xD0\xB0\xD0\xB7.az/"},
		{"http://xn--4ca.org/", NULL, "http://xn--4ca.org/"},
		{"http://a\xE2\x84\x80.org/", NULL, NULL},          /* U+2100 maps to "a/c" */
		{"http://\xEF\xBC\x91.\xEF\xBC\x92/", NULL, NULL},  /* wide "1.2" hides an address */
		{"http://e\xE2\x80\xAEgro.x/", NULL, NULL},         /* right-to-left override */
		{"http://\xFF.org/", NULL, NULL},
		{"http://u:p@e.org/a", NULL, "http://u:p@e.org/a"}, {"x", "http://u@e.org/a", "http://u@e.org/x"},
		{"http://a@b@e.org/", NULL, "http://a%40b@e.org/"}, {"http://a b@e.org/", NULL, "http://a%20b@e.org/"}, {"http://@e.org/", NULL, "http://e.org/"},
		{"http://u:p@/", NULL, NULL}, {"http://e.org\\@o.org/", NULL, "http://e.org/@o.org/"}, {"http://e.org#@o.org/", NULL, "http://e.org/#@o.org/"},
		{"http://e.org?@o.org/", NULL, "http://e.org/?@o.org/"},
	};

	(void)state;
	assert_int_equal(run_rows(rows, COUNT(rows)), 0);
}

/* REL-20, REL-22, REL-25: http and https only, whatever hides the scheme. */
static void test_hostile(void **state)
{
	static const char *const none[] = {
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", " java\tscript:alert(1)", "java\nscript:alert(1)", "java\r\nscript:x", "\x01javascript:alert(1)",
		"\x1F\x7Fjavascript:x", "jav\x01" "ascript:x", "javascript\t:x", "java\x7Fscript:x", "\xC2\xA0javascript:x", "\xEF\xBB\xBFjavascript:x",
		"\xE2\x80\x8Bjavascript:x", "javascript://e.org/%0Aalert(1)", "javascript:http://e.org/", "vbscript:x", "livescript:x", "mocha:x",
		"data:text/html,x", "DATA:text/html;base64,PHA+", "data:image/svg+xml,<svg/>", "file:///etc/passwd", "file:c:\\x", "ftp://e.org/", "gopher://e.org/",
		"mailto:a@e.org", "tel:1", "blob:http://e.org/x", "filesystem:http://e.org/x", "about:blank", "view-source:http://e.org/", "ws://e.org/",
		"wss://e.org/", "chrome://x", "intent://e.org#Intent;end", "jar:http://e.org!/", "urn:isbn:1", "tag:e.org,2026:1", "magnet:?xt=urn:x", "exec:ls",
		"feed:javascript:alert(1)", "feed:data:text/html,x", "feed:file:///x", "feed:feed:javascript:x", "feed://javascript:alert(1)", "http+x://e.org/",
		"httpx://e.org", "https-x:e.org", "s3://b/k", "dict://e.org:11211/x", "ldap://e.org",
	};
	/* A browser sees paths in these, and so do we: what matters is that "http" is in front. */
	static const struct row paths[] = {
		{"javascript%3Aalert(1)", "http://e.org/", "http://e.org/javascript%3Aalert(1)"},
		{"javascript&colon;alert(1)", "http://e.org/", "http://e.org/javascript&colon;alert(1)"},
		{"&#106;avascript:x", "http://e.org/", "http://e.org/&#106;avascript:x"},
		{"%6aavascript:x", "http://e.org/", "http://e.org/%6aavascript:x"},
		{"/javascript:x", "http://e.org/", "http://e.org/javascript:x"},
		{"http://e.org/\"onclick=\"x", NULL, "http://e.org/%22onclick=%22x"},
		{"http://e.org/'><script>", NULL, "http://e.org/'%3E%3Cscript%3E"},
		{"http://e.org/\x01\x02\x1b[0m", NULL, "http://e.org/[0m"},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		const struct row rows[] = { {none[i], "https://e.org/a/b", NULL}, {none[i], NULL, NULL} };

		bad += run_rows(rows, COUNT(rows));
	}
	assert_int_equal(bad + run_rows(paths, COUNT(paths)), 0);
}

static void test_limits(void **state)
{
	auto_free char *longest = mem_new_array(char, 4 * LIMIT_URL_BYTES + 1), *got = NULL;
	struct buf b = BUF_INIT(20);

	(void)state;
	memset(longest, 'a', 4 * LIMIT_URL_BYTES);
	memcpy(longest, "http://e.org/", 13);
	assert_null(clean_url(longest, NULL));
	longest[LIMIT_URL_BYTES + 1] = '\0';
	assert_null(clean_url(longest, NULL));
	assert_null(clean_url(longest + 13, "http://e.org/aaaaaaaaaaaaaaaa"));
	longest[LIMIT_URL_BYTES] = '\0';
	got = clean_url(longest, NULL);
	assert_string_equal(got ? got : "", longest);
	memset(longest + 13, ' ', LIMIT_URL_BYTES - 14); /* grows threefold when escaped */
	assert_null(clean_url(longest, NULL));
	assert_null(clean_url(NULL, "http://e.org/"));

	/* Only the bytes given count, and no room is the buffer's error. */
	assert_true(clean_url_append("http://e.org/abcdef", 14, NULL, &b));
	assert_string_equal(buf_str(&b), "http://e.org/a");
	assert_true(clean_url_append("http://e.org/", 13, NULL, &b));
	assert_int_equal(buf_error(&b), ERR_TOO_BIG);
	buf_done(&b);
}

static void test_guess(void **state)
{
	static const struct row rows[] = {
		{"www.e.org", NULL, "http://www.e.org/"}, {" www.e.org/x?y ", NULL, "http://www.e.org/x?y"}, {"WWW.E.ORG", "https://o.org/f", "https://WWW.E.ORG/"},
		{"e.org/x", NULL, "http://e.org/x"}, {"news.e.com", "https://o.de/a/", "https://news.e.com/"}, {"e.com:8080/x", NULL, "http://e.com:8080/x"},
		{"e.az/x", "https://e.az/rss", "https://e.az/x"}, {"news.e.az/x", "https://www.e.az/rss", "https://news.e.az/x"},
		{"news.e.az/x", "https://e.az/rss", "https://news.e.az/x"}, {"xe.az/x", "https://e.az/rss/", "https://e.az/rss/xe.az/x"},
		{"e.az/x", "https://m.e.az/rss", "https://e.az/x"},
		{"index.html", "http://e.org/a/", "http://e.org/a/index.html"}, {"index.pl/x", "http://e.org/a/", "http://e.org/a/index.pl/x"},
		{"index.php/2026/x", "http://e.org/a/", "http://e.org/a/index.php/2026/x"}, {"notes.md", "http://e.org/", "http://e.org/notes.md"},
		{"/www.e.org/x", "http://o.org/", "http://o.org/www.e.org/x"}, {"www./x", "http://o.org/", "http://o.org/www./x"},
		{"e.com:alert(1)", NULL, NULL}, {"javascript:alert(1)", "http://e.org/", NULL}, {"www.e.org:javascript", NULL, NULL},
		{"http://e.org/a", NULL, "http://e.org/a"}, {"mailto:a@www.e.org", NULL, NULL}, {"", "http://e.org/", NULL}, {"a.b", NULL, NULL},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_free char *got = clean_url_guess(rows[i].reference, rows[i].base);

		bad += differs(rows[i].reference, got, rows[i].want);
	}
	assert_int_equal(bad, 0);
	assert_null(clean_url_guess(NULL, NULL));
}

/* features.md A1 to A4, B11. */
static void test_canonical(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{"HTTP://WWW.E.org:80/a/#x", "https://e.org/a"}, {"https://e.org:8443/a/../b", "https://e.org:8443/b"}, {"http://e.org:443/a", "https://e.org/a"},
		{"https://e.org./a", "https://e.org/a"}, {"https://u:p@e.org/a", "https://e.org/a"},
		/* Tracking goes, the rest keeps its order. */
		{"https://e.org/a?utm_source=x&id=3&fbclid=1&b=2&UTM_medium=y", "https://e.org/a?id=3&b=2"}, {"https://e.org/?gclid=1", "https://e.org"},
		{"https://e.org/a?utm=1", "https://e.org/a?utm=1"}, {"https://e.org/a?b=1&amp;utm_source=x", "https://e.org/a?b=1"},
		{"https://e.org/a?%75tm_source=x&c", "https://e.org/a?c"}, {"https://e.org/a?&&b&&", "https://e.org/a?b"}, {"https://e.org/a?b=", "https://e.org/a?b="},
		{"https://e.org/a?from=rss", "https://e.org/a"}, {"https://e.org/a?source=rss----1a2b---4", "https://e.org/a"}, {"https://e.org/a?from=2026", "https://e.org/a?from=2026"},
		{"https://e.org/a?source=rsstoday", "https://e.org/a?source=rsstoday"}, {"https://e.org/a?ref=baku", "https://e.org/a?ref=baku"},
		{"https://www.youtube.com/watch?v=1&feature=share&si=2", "https://youtube.com/watch?v=1"}, {"https://e.org/watch?v=1&si=2", "https://e.org/watch?v=1&si=2"},
		{"https://e.org/a?yclid=1&_openstat=2&ysclid=3&spm=4&xtor=RSS-1&wt_mc=x&WT.mc_id=y&.tsrc=rss&__tn__=1&srsltid=2", "https://e.org/a"},
		/* Sessions. */
		{"https://e.org/a;jsessionid=1A2B3C?b=1", "https://e.org/a?b=1"}, {"https://e.org/a;jsessionid=1A/b", "https://e.org/a/b"},
		{"https://e.org/a?b=1&PHPSESSID=abc", "https://e.org/a?b=1"}, {"https://e.org/t?f=1&sid=0123456789abcdef0123456789abcdef", "https://e.org/t?f=1"},
		{"https://e.org/t?sid=0123456789abcdef0123456789abcdef", "https://e.org/t?sid=0123456789abcdef0123456789abcdef"},
		{"https://e.org/t?f=1&sid=42", "https://e.org/t?f=1&sid=42"}, {"https://e.org/..;jsessionid=1/b", "https://e.org/..;jsessionid=1/b"},
		/* Paths. */
		{"https://e.org/a/index.html", "https://e.org/a"}, {"https://e.org/index.php", "https://e.org"}, {"https://e.org/a/Default.aspx?x=1", "https://e.org/a?x=1"},
		{"https://e.org/index.php/a", "https://e.org/index.php/a"}, {"https://e.org/xindex.html", "https://e.org/xindex.html"}, {"https://e.org/a///", "https://e.org/a"},
		{"https://e.org/A", "https://e.org/A"}, {"https://e.org//a", "https://e.org//a"},
		/* Escapes. */
		{"https://e.org/%7ea/%c3%a4%2f%41", "https://e.org/~a/%C3%A4%2FA"}, {"https://e.org/\xC3\xA4", "https://e.org/%C3%A4"}, {"https://e.org/a+b%20c", "https://e.org/a+b%20c"},
		{"https://e.org/100%", "https://e.org/100%25"}, {"https://e.org/%%34%31", "https://e.org/%2541"}, {"https://e.org/%2541", "https://e.org/%2541"},
		/* Fragments. */
		{"https://e.org/#!/a/b", "https://e.org#!/a/b"}, {"https://e.org/x#/a", "https://e.org/x#/a"}, {"https://e.org/x#!", "https://e.org/x"}, {"https://e.org/x#/", "https://e.org/x"},
		/* Hosts. */
		{"http://\xC3\xA4.org/", "https://xn--4ca.org"}, {"http://\xC3\x84.ORG/a", "https://xn--4ca.org/a"}, {"https://XN--4CA.org/a", "https://xn--4ca.org/a"},
		{"https://e\xE3\x80\x82org/a", "https://e.org/a"}, {"https://www.e.org/", "https://www.e.org"}, {"https://www.e.org/?utm_source=x", "https://www.e.org"},
		{"https://www.e.org/?p=12", "https://e.org?p=12"}, {"https://www.com/a", "https://www.com/a"}, {"https://www.www.e.org/a", "https://e.org/a"},
		{"https://[2001:DB8::1]:80/a", "https://[2001:db8::1]/a"}, {"http://1.2/a", "https://1.0.0.2/a"},
		{"https://m.e.org/a", "https://m.e.org/a"}, {"https://m.e.org/news/four-words-of-headline", "https://e.org/news/four-words-of-headline"},
		{"https://mobile.e.org/1234567", "https://e.org/1234567"}, {"https://m.www.e.org/1234567", "https://e.org/1234567"}, {"https://m.org/1234567", "https://m.org/1234567"},
		{"https://az.m.wikipedia.org/wiki/Bak%C4%B1", "https://az.wikipedia.org/wiki/Bak%C4%B1"}, {"https://m.facebook.com/a", "https://facebook.com/a"},
		{"https://mobile.twitter.com/a/status/1?s=20", "https://x.com/a/status/1"}, {"https://old.reddit.com/r/a/", "https://reddit.com/r/a"},
		/* AMP. */
		{"https://e.org/2026/four-words-of-headline/amp/", "https://e.org/2026/four-words-of-headline"}, {"https://e.org/someone/amp", "https://e.org/someone/amp"},
		{"https://e.org/amp", "https://e.org/amp"}, {"https://e.org/a?amp=1", "https://e.org/a"}, {"https://e.org/a?amp&b", "https://e.org/a?b"},
		{"https://e.org/a?outputType=amp", "https://e.org/a"}, {"https://e.org/a?amp=12", "https://e.org/a?amp=12"}, {"https://e.org/a.amp.html", "https://e.org/a.html"},
		{"https://amp.e.org/four-words-of-headline.amp", "https://e.org/four-words-of-headline"}, {"https://e.org/guitar.amp", "https://e.org/guitar.amp"},
		{"https://cdn.ampproject.org/c/s/www.e.org/a/index.html?amp=1", "https://e.org/a"}, {"https://e-org.cdn.ampproject.org/v/s/e.org/a?amp_js_v=0.1&usqp=mq3", "https://e.org/a"},
		{"https://e-org.cdn.ampproject.org/c/e.org/a", "https://e.org/a"}, {"https://www.google.com/amp/s/e.org/a", "https://e.org/a"},
		{"https://cdn.ampproject.org/i/s/e.org/a.png", "https://cdn.ampproject.org/i/s/e.org/a.png"}, {"https://cdn.ampproject.org/c/s/nohost", "https://cdn.ampproject.org/c/s/nohost"},
		/* Redirectors with the address in clear, and those without. */
		{"https://www.google.com/url?sa=t&url=https%3A%2F%2Fwww.e.org%2Fa%3Fb%3D1%26utm_source%3Dx&ct=ga", "https://e.org/a?b=1"},
		{"https://www.google.co.uk/url?q=http://e.org/a", "https://e.org/a"}, {"https://google.evil.example/url?q=http://e.org/a", "https://google.evil.example/url?q=http://e.org/a"},
		{"https://l.facebook.com/l.php?u=https%3A%2F%2Fe.org%2Fa&h=AT0", "https://e.org/a"}, {"https://l.facebook.com/l.php?u=javascript:x", "https://l.facebook.com/l.php?u=javascript:x"},
		{"https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fe.org%252Fa", "https://e.org/a"},
		{"https://out.reddit.com/t3_x?url=https%3A%2F%2Fe.org%2Fa&token=1", "https://e.org/a"}, {"https://vk.com/away.php?to=https%3A%2F%2Fe.org%2Fa", "https://e.org/a"},
		{"https://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fe.org%2fa&c=1", "https://e.org/a"},
		{"http://us.rd.yahoo.com/dailynews/rss/*http://e.org/a", "https://e.org/a"}, {"https://go.theregister.com/feed/www.e.org/a", "https://e.org/a"},
		{"https://news.google.com/rss/articles/CBMi?oc=5", "https://news.google.com/rss/articles/CBMi?oc=5"}, {"http://feeds.feedburner.com/~r/e/~3/x/", "https://feeds.feedburner.com/~r/e/~3/x"},
		{"https://e.org/login?url=https%3A%2F%2Fo.org%2F", "https://e.org/login?url=https%3A%2F%2Fo.org%2F"}, {"https://www.google.com/search?q=http://e.org/a", "https://google.com/search?q=http://e.org/a"},
		{"mailto:a@b", NULL}, {"/a", NULL}, {"", NULL},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_free char *got = clean_url_canonical(rows[i].in), *again = clean_url_canonical(got);

		bad += differs(rows[i].in, got, rows[i].want) + differs(got ? got : "", again, got);
	}
	assert_int_equal(bad, 0);
	assert_null(clean_url_canonical(NULL));
}

/* Two pages never become one. */
static void test_unequal(void **state)
{
	static const struct { const char *a, *b; } rows[] = {
		{"https://e.org/a", "https://e.org/A"}, {"https://e.org/a", "https://e.org/b"}, {"https://e.org/?p=1", "https://e.org/?p=2"}, {"https://e.org/a?b=1&c=2", "https://e.org/a?c=2&b=1"},
		{"https://e.org/a", "https://a.e.org/a"}, {"https://e.org/a", "https://e.org:8080/a"}, {"https://e.org/a%2Fb", "https://e.org/a/b"}, {"https://e.org/a?x=%26y", "https://e.org/a?x=&y"},
		{"https://e.org/#!/a", "https://e.org/#!/b"}, {"https://e.org/a.html", "https://e.org/a"}, {"https://m.e.org/a", "https://e.org/a"}, {"https://www2.e.org/a", "https://e.org/a"},
		{"https://e.org/?id=1&sid=1", "https://e.org/?id=1&sid=2"}, {"https://github.com/someone/amp", "https://github.com/someone"}, {"https://e.org/tag/amp", "https://e.org/tag"},
		{"https://a.blogspot.com/a", "https://b.blogspot.com/a"}, {"https://e.org/a?page=1", "https://e.org/a"}, {"https://e.org/a?lang=az", "https://e.org/a?lang=en"},
		{"https://en.wikipedia.org/wiki/A", "https://az.m.wikipedia.org/wiki/A"}, {"https://www.pool.ntp.org/", "https://pool.ntp.org/"}, {"https://e.org/a+b", "https://e.org/a%2Bb"},
		{"https://e.org/a?source=1", "https://e.org/a?source=2"}, {"https://youtube.com/watch?v=a", "https://youtube.com/watch?v=b"}, {"https://e.org/2026/11/a", "https://e.org/2026/12/a"},
		{"https://news.google.com/rss/articles/A", "https://news.google.com/rss/articles/B"}, {"https://t.co/a", "https://t.co/b"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_free char *a = clean_url_canonical(rows[i].a), *b = clean_url_canonical(rows[i].b);

		assert_non_null(a);
		assert_non_null(b);
		if (strcmp(a, b) == 0)
			fail_msg("%s and %s both become %s", rows[i].a, rows[i].b, a);
	}
}

/* ---- properties over generated URLs ---- */

static uint64_t seed;

static uint32_t next_random(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static void add_some(struct buf *b, const char *const *pieces, size_t n, uint32_t most)
{
	for (uint32_t i = next_random(most + 1); i > 0; i--)
		buf_append_str(b, pieces[next_random((uint32_t)n)]);
}

static const char *const path_pieces[] = {
	"/", "/", "/", "a", "b-c", "four-words-of-headline", "1234567", ".", "..", "%2e", "%2E", "%41", "%c3%a4", "%", "%zz", "%25", "%2541", "\xC3\xA4", " ", "\\", "index.html", "index.php",
	"amp", ".amp.html", ".amp", ";jsessionid=1A", ";x", "@", ":", "|", "[", "'", "c", "s", "e.org", "www.e.org", "~", "*http://e.org/a", "default.aspx", "\t", "\x01", "%%34%31",
};
static const char *const query_pieces[] = {
	"&", "&", "&", "=", "utm_source=x", "amp;utm_source=x", "a=1", "b", "amp=1", "amp", "sid=0123456789abcdef0123456789abcdef", "PHPSESSID=x", "url=http%3A%2F%2Fe.org%2Fa",
	"u=https://www.google.com/url?q=http://e.org", "q=http://www.e.org/a%3Futm_source%3Dx", "q=%68ttp://e.org", "%75tm_id=1", "?", "/", "%26", " ", "\xC3\xA4", "from=rss", "%", "%5", "to=https://e.org:80",
};
static const char *const hosts[] = {
	"e.org", "www.e.org", "WWW.E.org", "m.e.org", "amp.e.org", "e.org.", "e.org:80", "e.org:443", "e.org:8080", "e.org:080", "e.org:", "e.org:70000", "1.2", "1.2.", "www.1.2", "0x7f.1",
	"127.0.0.1", "[::1]", "[2001:DB8::0:1]:80", "\xC3\xA4.org", "xn--4ca.org", "u:p@e.org", "@e.org", "%65.org", "www.google.com", "google.co.uk", "l.facebook.com", "cdn.ampproject.org",
	"e-org.cdn.ampproject.org", "mobile.twitter.com", "m.youtube.com", "en.m.wikipedia.org", "us.rd.yahoo.com", "vk.com", "www.www.e.org", "m.www.m.e.org", "a_b.c", "localhost", "", "www.", "m.", "\xEF\xBC\x91.org", ".", "..",
	"e..org", "go.theregister.com", "out.reddit.com", "www.reddit.com", "-a.org", "www.x.com", "t.co",
};

static void generate_tail(struct buf *b)
{
	add_some(b, path_pieces, COUNT(path_pieces), 7);
	if (next_random(2)) {
		buf_append_str(b, "?");
		add_some(b, query_pieces, COUNT(query_pieces), 6);
	}
	if (next_random(4) == 0) {
		buf_append_str(b, next_random(2) ? "#!/" : "#");
		add_some(b, path_pieces, COUNT(path_pieces), 3);
	}
}

static void generate_absolute(struct buf *b)
{
	static const char *const schemes[] = {"http://", "https://", "https://", "HTTP://", "http:/", "feed://"};

	buf_append_str(b, schemes[next_random(4 + next_random(3))]);
	buf_append_str(b, hosts[next_random(next_random(2) ? 5 : (uint32_t)COUNT(hosts))]);
	if (next_random(8))
		buf_append_str(b, "/");
	if (next_random(8) == 0)
		buf_append_str(b, next_random(2) ? "url" : "amp/s/www.e.org/");
	generate_tail(b);
}

/* What libcurl alone makes of an absolute URL. */
static char *by_curl(const char *url)
{
	CURLU *u = curl_url();
	char *s = NULL, *ret = NULL;

	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK && curl_url_get(u, CURLUPART_URL, &s, 0) == CURLUE_OK)
		ret = mem_dup_str(s);
	curl_free(s);
	curl_url_cleanup(u);
	return ret;
}

static bool is_sound(const char *s)
{
	const char *authority = strstr(s, "://") + 3, *path = strchr(authority, '/');

	if ((strncmp(s, "http://", 7) != 0 && strncmp(s, "https://", 8) != 0) || !path || path == authority || strlen(s) > LIMIT_URL_BYTES)
		return false;
	for (const char *p = s; *p; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7F || strchr("\"<>\\^`{|}", *p) || ((unsigned char)*p > 0x7F && p > path))
			return false;
	}
	return true;
}

/* A result is sound, stable, and to libcurl the same bytes; and canonical once is canonical for good. */
static void check_properties(const char *reference, const char *base)
{
	auto_free char *url = clean_url(reference, base);
	auto_free char *again = clean_url(url, base), *curl = url ? by_curl(url) : NULL, *canonical = clean_url_canonical(url), *twice = clean_url_canonical(canonical);

	if (!url) {
		assert_null(canonical);
		return;
	}
	if (!is_sound(url))
		fail_msg("<%s> on <%s> comes out as <%s>", reference, base ? base : "", url);
	if (differs(reference, again, url) || differs(reference, curl, url) || differs(reference, twice, canonical))
		fail_msg("of <%s> on <%s>", reference, base ? base : "");
	assert_non_null(canonical);
}

static void test_properties(void **state)
{
	const char *given = getenv("TEST_SEED"), *rounds = getenv("TEST_ROUNDS");
	struct buf b = BUF_INIT(100000), base = BUF_INIT(100000);

	(void)state;
	seed = given ? strtoull(given, NULL, 10) : 20261123;
	print_message("# TEST_SEED=%llu\n", (unsigned long long)seed);
	for (long i = rounds ? strtol(rounds, NULL, 10) : 20000; i > 0; i--) {
		auto_free char *cleaned = NULL;

		buf_clear(&b);
		buf_clear(&base);
		generate_absolute(&base);
		cleaned = clean_url(buf_str(&base), NULL);
		check_properties(buf_str(&base), NULL);
		if (next_random(8) == 0)
			buf_append_str(&b, "//");
		generate_tail(&b);
		check_properties(buf_str(&b), cleaned);
	}
	buf_done(&b);
	buf_done(&base);
}

/* What needs no escaping is what libcurl makes of it by itself: there is one reading of a URL in the program. */
static void test_same_as_curl(void **state)
{
	static const char *const plain[] = {"a", "/", "/", "b.c", ".", "..", "%41", ";x", "=", "&", "~", ":"};
	static const char *const bases[] = {"http://e.org/", "https://e.org/a/b", "http://e.org:81/a/b/?c=d", "http://127.0.0.1/a/b/c/d"};
	struct buf b = BUF_INIT(100000);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		const char *base = bases[next_random(COUNT(bases))];
		auto_free char *got = NULL;
		CURLU *u = curl_url();
		char *s = NULL;

		buf_clear(&b);
		buf_append_str(&b, next_random(3) ? "x" : "/x");
		add_some(&b, plain, COUNT(plain), 8);
		if (!strchr(buf_str(&b), ':') && curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK && curl_url_set(u, CURLUPART_URL, buf_str(&b), 0) == CURLUE_OK &&
		    curl_url_get(u, CURLUPART_URL, &s, 0) == CURLUE_OK) {
			got = clean_url(buf_str(&b), base);
			if (differs(buf_str(&b), got, s))
				fail_msg("on %s", base);
		}
		curl_free(s);
		curl_url_cleanup(u);
	}
	buf_done(&b);
}

/* Every URL of a file of lines, when TEST_URLS names one; canonical ones as well. */
static void test_file(void **state)
{
	const char *path = getenv("TEST_URLS");
	FILE *f = path ? fopen(path, "r") : NULL;
	char line[LIMIT_URL_BYTES + 2];
	unsigned n = 0;

	(void)state;
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		check_properties(line, NULL);
		check_properties(line, "http://e.org/a/b");
		n++;
	}
	print_message("# %u URLs of %s\n", n, path);
	(void)fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3986), cmocka_unit_test(test_lenient), cmocka_unit_test(test_hosts), cmocka_unit_test(test_hostile), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_guess), cmocka_unit_test(test_canonical), cmocka_unit_test(test_unequal), cmocka_unit_test(test_properties),
		cmocka_unit_test(test_same_as_curl), cmocka_unit_test(test_file),
	};

	clean_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
