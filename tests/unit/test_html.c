#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <libxml/HTMLparser.h>

#include "../../src/clean/html.h"
#include "syndicated/base/buf.h"
#include "syndicated/clean.h"

#define REL " rel=\"nofollow noopener noreferrer\""
#define LAZY " loading=\"lazy\" referrerpolicy=\"no-referrer\""
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct row {
	const char *in, *want;
};

static void clean_row(enum html_path path, const char *in, struct buf *out)
{
	buf_clear(out);
	(void)html_clean_by(path, in, strlen(in), "http://e.org/d/", out, NULL);
}

/* Each row by both readers, where the reader of plain HTML takes it; and cleaning again changes nothing (REL-23). */
static void check_rows(const struct row *rows, size_t n)
{
	struct buf out = BUF_INIT(10000), again = BUF_INIT(10000);

	for (size_t i = 0; i < n; i++) {
		print_message("# %s\n", rows[i].in);
		clean_row(HTML_PATH_AUTO, rows[i].in, &out);
		assert_string_equal(buf_str(&out), rows[i].want);
		clean_row(HTML_PATH_AUTO, buf_str(&out), &again);
		assert_string_equal(buf_str(&again), rows[i].want);
		clean_row(HTML_PATH_LIBXML2, rows[i].in, &again);
		assert_string_equal(buf_str(&again), rows[i].want);
	}
	buf_done(&out);
	buf_done(&again);
}

/* REL-20, 21, 29, 31, 32, 42, 90. */
static void test_allow_list(void **state)
{
	static const struct row rows[] = {
		{"<p onclick=x>Hi</p>", "<p>Hi</p>"},
		{"a<script>alert(1)</script>b", "ab"},
		{"<style>x{}</style><svg><path/></svg><b>y</b>", "<b>y</b>"},
		{"<svg><p>x</p></svg>", "<p>x</p>"},
		{"<svg><title>Logo</title><g><text>t</text></g>z</svg>", "Logot"},
		{"<math><mi>x</mi><annotation>\\x</annotation></math>", "x"},
		{"<a href=\"javascript:alert(1)\">x</a>", "x"},
		{"<a href=\"java\tscript:alert(1)\">x</a>", "x"},
		{"<a name=top>x</a>", "x"},
		{"<a href=\"y\">x</a>", "<a href=\"http://e.org/d/y\"" REL ">x</a>"},
		{"<a href=\" mailto:a@b.org \">x</a>", "<a href=\"mailto:a@b.org\"" REL ">x</a>"},
		{"<a href=y></a>z", "z"},
		{"<img src=data:image/svg+xml,x>", ""},
		{"<img src=/t.gif alt='a\"b'>", "<img src=\"http://e.org/t.gif\" alt=\"a&#34;b\"" LAZY ">"},
		{"<img src=/t.gif width=100% height=' 20px '>", "<img src=\"http://e.org/t.gif\" height=\"20\"" LAZY ">"},
		{"<blink id=x style=y>t</blink>", "t"},
		{"<!-- c --><!doctype html><?php x ?>x", "x"},
		{"1 &lt; 2 &amp; 3 > 2 \"q\" 'r'", "1 &lt; 2 &amp; 3 &gt; 2 \"q\" 'r'"},
		{"<form><input value=x><button formaction=javascript:1>b</button></form>", "b"},
		{"<p dir=RTL lang='de\" x' title=''>x</p>", "<p dir=\"RTL\">x</p>"},
		{"<td colspan=2>x", "x"},
		{"<iframe src=http://evil.example/></iframe>x", "x"},
		{"a < b", "a &lt; b"},
		{"<title>t</title><textarea>u</textarea><noembed>v</noembed>w", "w"},
		{"<textarea>never closed", "never closed"},
		{"<p>a\r\nb\rc</p>", "<p>a\nb\nc</p>"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

/* REL-91: what is written is in a grammar that all parsers read alike. */
static void test_content_model(void **state)
{
	static const struct row rows[] = {
		{"<p>a<div>b</div>c</p>", "<p>a</p><div>b</div>c"},
		{"<p>a<p>b", "<p>a</p><p>b</p>"},
		{"<p><span>a<div>b</div></span></p>c", "<p><span>a</span></p><div>b</div>c"},
		{"<p>a<table><tr><td>b</table>", "<p>a</p><table><tbody><tr><td>b</td></tr></tbody></table>"},
		{"<table>a<tr><td>b</table>", "<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>"},
		{"<table><col><tr><td>b</table>", "<table><colgroup><col></colgroup><tbody><tr><td>b</td></tr></tbody></table>"},
		{"<tr><td>a</td></tr>", "a"},
		{"<a href=/1>a<a href=/2>b</a>", "<a href=\"http://e.org/1\"" REL ">a</a><a href=\"http://e.org/2\"" REL ">b</a>"},
		{"<a href=/1>a<b><a href=/2>b</a></b></a>", "<a href=\"http://e.org/1\"" REL ">a<b></b></a><a href=\"http://e.org/2\"" REL ">b</a>"},
		{"<h1>a<h2>b</h2></h1>", "<h1>a</h1><h2>b</h2>"},
		{"<ul><li>a<div><li>b</ul>", "<ul><li>a<div></div></li><li>b</li></ul>"},
		{"<pre>\n\na</pre>", "<pre>a</pre>"},
		{"<b><i>a</b>b</i>", "<b><i>a</i></b>b"},
		{"<rt>a</rt>", "a"},
		{"<ruby>a<rt>b<rt>c</ruby>", "<ruby>a<rt>b</rt><rt>c</rt></ruby>"},
		{"a</p></div>b", "ab"},
		{"x<br></br>y", "x<br><br>y"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void test_pictures(void **state)
{
#define IMG(path) "<img src=\"http://e.org" path "\"" LAZY ">"
	static const struct row rows[] = {
		{"<img src=data:x data-src=/a>", IMG("/a")},
		{"<img src=/img/blank.gif data-lazy-src=/a>", IMG("/a")},
		{"<img data-original=/a>", IMG("/a")},
		{"<img src=/real.jpg data-src=/a>", IMG("/real.jpg")},
		{"<img srcset='/s 100w, /l 900w, /m 300w'>", IMG("/l")},
		{"<img srcset='/one, /two 2x'>", IMG("/two")},
		{"<img src=data:x data-srcset='/a,b 2x,'>", IMG("/a,b")},
		{"<picture><source srcset='/p.webp 2x'><img src=data:x></picture>", IMG("/p.webp")},
		{"<img src=data:x><noscript><img src=/n></noscript>", IMG("/n")},
		{"<img src=data:x data-src=/n><noscript>text <img src=/n></noscript>", IMG("/n")},
		{"<noscript><img src=/n></noscript><img src=data:x data-src=/n>", IMG("/n")},
		{"<img src=/t width=1 height=1><img src=/t width=0><img src=/t style='height: 1px;width:1px'>", ""},
		{"<img src=/t height=1>", "<img src=\"http://e.org/t\" height=\"1\"" LAZY ">"},
		{"<img src=http://feeds.feedburner.com/~r/x/~4/y><img src=https://pixel.wp.com/b.gif?x><img src=//ad.doubleclick.net/x>", ""},
		{"<img src=http://feeds.feedburner.com/real.png>", "<img src=\"http://feeds.feedburner.com/real.png\"" LAZY ">"},
		{"<a href=http://feedburner.com/~ff/x><img src=http://feedburner.com/~ff/x?d=1></a>", ""},
		{"<div class='x feedflare'><a href=/x>share</a></div>y", "y"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void test_players(void **state)
{
#define FILM(name, label) \
	TO("https://www.youtube.com/watch?v=" name, "<img src=\"https://i.ytimg.com/vi/" name "/hqdefault.jpg\" alt=\"" label "\"" LAZY ">")
#define TO(url, label) "<a href=\"" url "\"" REL ">" label "</a>"
	static const struct row rows[] = {
		{"<iframe src='https://www.youtube.com/embed/aB-_9?rel=0' title='A film'></iframe>", FILM("aB-_9", "A film")},
		{"<iframe src=//www.youtube-nocookie.com/embed/x1></iframe>", FILM("x1", "YouTube")},
		{"<iframe data-src=https://www.youtube.com/embed/videoseries?list=PL1></iframe>", TO("https://www.youtube.com/playlist?list=PL1", "YouTube")},
		{"<object><param name=movie value=x><embed src=http://www.youtube.com/v/x1&hl=en></embed>junk</object>", FILM("x1", "YouTube")},
		{"<object data=http://e.org/x.svg>what it <b>shows</b></object>", "what it <b>shows</b>"},
		{"<object data=http://www.youtube.com/v/x1>junk</object>", FILM("x1", "YouTube")},
		{"<iframe src=https://player.vimeo.com/video/12?h=x></iframe>", TO("https://vimeo.com/12", "Vimeo")},
		{"<iframe src=https://www.dailymotion.com/embed/video/x7></iframe>", TO("https://www.dailymotion.com/video/x7", "Dailymotion")},
		{"<iframe src='https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/a/b&color=1'></iframe>", TO("https://soundcloud.com/a/b", "SoundCloud")},
		{"<iframe src=https://open.spotify.com/embed/episode/1a></iframe>", TO("https://open.spotify.com/episode/1a", "Spotify")},
		{"<iframe src=https://bandcamp.com/EmbeddedPlayer/album=1/size=large></iframe>", TO("https://bandcamp.com/EmbeddedPlayer/album=1/size=large", "Bandcamp")},
		{"<iframe src='https://player.twitch.tv/?parent=x&video=v12'></iframe>", TO("https://www.twitch.tv/videos/12", "Twitch")},
		{"<iframe src=https://tube.example/videos/embed/0a-1b></iframe>", TO("https://tube.example/videos/watch/0a-1b", "PeerTube")},
		{"<iframe src=https://embed.ted.com/talks/a_b></iframe>", TO("https://www.ted.com/talks/a_b", "TED")},
		{"<iframe src=https://archive.org/embed/x/y.mp3></iframe>", TO("https://archive.org/details/x/y.mp3", "Internet Archive")},
		{"<iframe src=https://notyoutube.com/embed/x></iframe><iframe src='javascript:1//youtube.com/embed/x'></iframe>", ""},
		{"<video src=/v/clip.mp4 title=T>no</video>", TO("http://e.org/v/clip.mp4", "T")},
		{"<audio controls><source src=/a.ogg><source src=/a.mp3>no</audio>z", TO("http://e.org/a.ogg", "a.ogg") "z"},
		{"<table><tr><iframe src=https://youtu.be/x></iframe></table>", "<table><tbody><tr><td>" FILM("x", "YouTube") "</td></tr></tbody></table>"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void test_references(void **state)
{
	static const struct row rows[] = {
		{"&eacute;&Zcaron;&hellip;&rsquo;&apos;&euro;&nbsp;", "é\xC5\xBD…’'€\xC2\xA0"},
		{"&copy 2020 &copyx; &copy=1", "© 2020 &amp;copyx; &amp;copy=1"},
		{"<a href='?a=1&copy=2&amp;b=3&lt=4'>x</a>", "<a href=\"http://e.org/d/?a=1&amp;copy=2&amp;b=3&amp;lt=4\"" REL ">x</a>"},
		{"&#146;&#x41&#66;&#0;&#xD800;&#x110000;&#99999999999;&#13;", "’AB\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\n"},
		{"&amp;lt;b&amp;gt; &lt;b&gt; &; &# &#; &#x; &unknown;", "&amp;lt;b&amp;gt; &lt;b&gt; &amp;; &amp;# &amp;#; &amp;#x; &amp;unknown;"},
		{"&NewLine;&Tab;x&lbrack;&colon;&plus;", "\n\tx[:+"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void test_text(void **state)
{
	static const struct row rows[] = {
		{"<p>a</p><p>b</p>", "a b"},
		{"x<script>y</script>&eacute;&nbsp; z", "x\xC3\xA9 z"},
		{"a<b>b</b>c<br>d", "abc d"},
		{"<table><tr><td>a</td><td>b</td></tr></table>c", "a b c"},
		{"<ul><li>a<li>b</ul>", "a b"},
		{"he said <q>no</q>.", "he said “no”."},
		{"soft&shy;hyphen zero\xE2\x80\x8Bwidth joined\xE2\x80\x8D", "softhyphen zerowidth joined\xE2\x80\x8D"},
		{"see <a href=/x><img src=/y alt='the map'></a>; <a href=/x>words <img src=/y alt=no></a>", "see ; words"},
		{"  lead\n\n  and   trail, quite long to be copied by eights  ", "lead and trail, quite long to be copied by eights"},
		{"<style>a</style><title>b</title><noscript>c</noscript>d", "d"},
		{"\xE6\xBC\xA2\xE5\xAD\x97 \xD0\xB9\xC2\xA0\xC2\xA0x", "\xE6\xBC\xA2\xE5\xAD\x97 \xD0\xB9 x"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT(1000), html = BUF_INIT(1000), both = BUF_INIT(1000);

		print_message("# %s\n", rows[i].in);
		clean_html_to_text(rows[i].in, strlen(rows[i].in), &out);
		assert_string_equal(buf_str(&out), rows[i].want);
		clean_html_with_text(rows[i].in, strlen(rows[i].in), "http://e.org/", &html, &both);
		assert_string_equal(buf_str(&both), rows[i].want);
		buf_done(&out);
		buf_done(&html);
		buf_done(&both);
	}
}

/* Output and text are appended and cut at the room there is, between characters. */
static void test_cut(void **state)
{
	static const char in[] = "<p>\xC3\xA9\xC3\xA9 &lt;&lt; <a href=\"/x\">y</a> <b>bold</b></p>";

	(void)state;
	for (size_t room = 4; room < 200; room++) {
		struct buf out = BUF_INIT(room), text = BUF_INIT(room), again = BUF_INIT(room);

		buf_append_str(&out, "pre-");
		buf_append_str(&text, "pre-");
		clean_html_with_text(in, sizeof(in) - 1, "http://e.org/", &out, &text);
		assert_int_equal(buf_error(&out), 0);
		assert_int_equal(buf_error(&text), 0);
		assert_memory_equal(buf_str(&out), "pre-", 4);
		assert_memory_equal(buf_str(&text), "pre-", 4);
		assert_true(room > 190 || out.len <= room);
		clean_html(out.bytes + 4, out.len - 4, "http://e.org/", &again);
		assert_string_equal(buf_str(&again), out.bytes + 4);
		buf_done(&out);
		buf_done(&text);
		buf_done(&again);
	}
}

static double cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/*
 * REL-92: a mebibyte of anything, in linear time, flattened under LIMIT_HTML_DEPTH, and no more than what html_write.c
 * says it can be. The times leave room for sanitizers and busy machines; quadratic behaviour takes minutes.
 */
static void test_limits(void **state)
{
	static const struct {
		const char *unit;
		size_t max_out; /* for a mebibyte; 0: the limit of an item */
	} rows[] = {
		{"<div>", 128 * 11 + 8}, {"<a href=", 0}, {"<a href=/x>", 200}, {"<b>", 128 * 7 + 8}, {"<i></b>", 128 * 7 + 8}, {"<img src=a>", 0}, {"<iframe>", 0}, {"<xmp></xm", 0},
		{"<table><td>", 0}, {"<table>", 64}, {"<ul><li>", 0}, {"<p><b>", 0}, {"<svg>", 8}, {"<svg><p>", 0}, {"<", 0}, {"&", 0}, {">", 0}, {"&nbsp", 0}, {"<!--", 0}, {"</p>", 8},
		{"<picture><source srcset=a><img>", 0}, {"<object>", 8}, {"<h1><a href=/x>", 0}, {"<dl><dd>", 0}, {"<ruby><rt>", 0}, {"<noscript><img src=a>", 200},
		{"<a a1 a2 a3 a4=\"", 0}, {"<pre>\n", 128 * 11 + 8},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf in = BUF_INIT(2u << 20), out = BUF_INIT(8u << 20), text = BUF_INIT(2u << 20);
		double began;

		while (in.len < (1u << 20))
			buf_append_str(&in, rows[i].unit);
		began = cpu_ms();
		clean_html_with_text(buf_str(&in), in.len, "http://e.org/", &out, &text);
		print_message("# %s: %.0f ms, %zu bytes\n", rows[i].unit, cpu_ms() - began, out.len);
		assert_true(cpu_ms() - began < 5000);
		assert_int_equal(buf_error(&out), 0);
		assert_true(out.len <= (rows[i].max_out ? rows[i].max_out : LIMIT_ITEM_BYTES));
		buf_done(&in);
		buf_done(&out);
		buf_done(&text);
	}
}

/* ---- the table of what closes what is that of the parser that is installed ---- */

struct probe {
	const char *first, *second;
	bool first_open, closed;
};

static void probe_start(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
	struct probe *p = ctx;

	(void)attributes;
	if (!p->first_open && strcmp((const char *)name, p->first) == 0)
		p->first_open = true;
	else if (strcmp((const char *)name, p->second) == 0)
		p->second = "";
}

static void probe_end(void *ctx, const xmlChar *name)
{
	struct probe *p = ctx;

	if (p->second[0] && strcmp((const char *)name, p->first) == 0)
		p->closed = true;
}

static bool libxml2_closes(const char *first, const char *second)
{
	struct probe p = { .first = first, .second = second };
	htmlSAXHandler sax = { .startElement = probe_start, .endElement = probe_end };
	htmlParserCtxtPtr parser = htmlNewParserCtxt();
	char in[100];

	*parser->sax = sax;
	parser->userData = &p;
	(void)snprintf(in, sizeof(in), "<html><body><%s><%s>x", first, second);
	(void)htmlCtxtReadMemory(parser, in, (int)strlen(in), NULL, "UTF-8", HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
	htmlFreeParserCtxt(parser);
	return p.closed;
}

static void test_closed_by(void **state)
{
	(void)state;
	for (unsigned a = 1; a < EL_COUNT; a++) {
		for (unsigned b = 1; b < EL_COUNT; b++) {
			const struct html_policy *first = &html_policies[a], *second = &html_policies[b];

			/* Those that are never open in the output, or that the reader of plain HTML leaves alone, do not matter. */
			if (first->as != a || second->as != b || (first->flags | second->flags) & IS_VOID)
				continue;
			if (html_closes(b, a) != libxml2_closes(first->name, second->name))
				fail_msg("<%s> in <%s>", second->name, first->name);
		}
	}
}

/* Three tags each way: what the reader of plain HTML takes, it reads as libxml2 does, and the output is stable. */
static void test_triples(void **state)
{
	struct buf out = BUF_INIT(10000), other = BUF_INIT(10000);
	unsigned taken = 0;

	(void)state;
	for (unsigned n = 0; n < 64 * 64 * 64; n++) {
		const char *names[3];
		char in[200];

		for (unsigned k = 0, rest = n; k < 3; k++, rest /= 64)
			names[k] = html_policies[1 + rest % 64].name;
		(void)snprintf(in, sizeof(in), "<%s href=/a>1<%s href=/b>2<%s href=/c>3</%s>4</%s>", names[0], names[1], names[2], names[n % 2 ? 1 : 2], names[n % 3 ? 1 : 0]);
		clean_row(HTML_PATH_LIBXML2, in, &out);
		buf_clear(&other);
		if (html_clean_by(HTML_PATH_PLAIN, in, strlen(in), "http://e.org/d/", &other, NULL)) {
			taken++;
			assert_string_equal(buf_str(&other), buf_str(&out));
		}
		clean_row(HTML_PATH_AUTO, buf_str(&out), &other);
		if (strcmp(buf_str(&other), buf_str(&out)) != 0)
			fail_msg("%s gives %s and then %s", in, buf_str(&out), buf_str(&other));
	}
	print_message("# %u were plain\n", taken);
	assert_true(taken > 1000);
	buf_done(&out);
	buf_done(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allow_list), cmocka_unit_test(test_content_model), cmocka_unit_test(test_pictures), cmocka_unit_test(test_players),
		cmocka_unit_test(test_references), cmocka_unit_test(test_text), cmocka_unit_test(test_cut), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_closed_by), cmocka_unit_test(test_triples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
