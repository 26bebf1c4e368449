#include "discover_rules.h"

#include <string.h>

#include "syndicated/base/text.h"

#define RSS "application/rss+xml"
#define ATOM "application/atom+xml"
#define JSON "application/feed+json"
#define RDF "application/rdf+xml"

struct type_row {
	const char *type;
	enum feed_type kind;
	const char *reason;
};

static const struct type_row types[] = {
	{ RSS, FEED_TYPE_SURE, "what everybody writes for RSS, though never registered" },
	{ ATOM, FEED_TYPE_SURE, "RFC 4287 section 7" },
	{ JSON, FEED_TYPE_SURE, "JSON Feed 1.1" },
	{ RDF, FEED_TYPE_SURE, "RSS 1.0 section 1; FOAF files have it as well, but seldom with rel=alternate" },
	{ "application/rss", FEED_TYPE_SURE, "seen for the first" },
	{ "application/atom", FEED_TYPE_SURE, "seen for the second" },
	{ "application/x-rss+xml", FEED_TYPE_SURE, "the unregistered form of the unregistered" },
	{ "application/x-atom+xml", FEED_TYPE_SURE, "before RFC 4287" },
	{ "application/x.atom+xml", FEED_TYPE_SURE, "before RFC 4287, Blogger" },
	{ "text/rss+xml", FEED_TYPE_SURE, "text/xml and RSS in one" },
	{ "text/atom+xml", FEED_TYPE_SURE, "the same for Atom" },
	{ "text/rss", FEED_TYPE_SURE, "seen" },
	{ "text/atom", FEED_TYPE_SURE, "seen" },
	{ "application/rdf", FEED_TYPE_SURE, "seen" },
	{ "application/xml", FEED_TYPE_HINT, "sitemaps and service descriptions have it too" },
	{ "text/xml", FEED_TYPE_HINT, "the same" },
	{ "application/json", FEED_TYPE_HINT, "WordPress names its whole REST interface so; JSON Feed 1.0 had no other" },
	{ "", FEED_TYPE_HINT, "rel says it, or the address" },
};

/* Where in an address a word stands. The path is what is before "?" and "#", without a "/" at its end. */
enum part { PATH_END, PATH_HAS, QUERY_HAS, HOST_IS, HOST_BEGINS };

struct address_row {
	enum part part;
	const char *word;
	const char *type;
	const char *reason;
};

static const struct address_row feed_addresses[] = {
	{ PATH_END, ".rss", RSS, "a file name ending for nothing else" },
	{ PATH_END, ".atom", ATOM, "the same" },
	{ PATH_END, ".rdf", RDF, "RSS 1.0" },
	{ PATH_END, "/feed", NULL, "WordPress and all that copy it" },
	{ PATH_END, "/feeds", NULL, "seen on handmade sites" },
	{ PATH_END, "/rss", RSS, "Ghost, Tumblr, Textpattern" },
	{ PATH_END, "/rss2", RSS, "WordPress, by format" },
	{ PATH_END, "/atom", ATOM, "WordPress, by format" },
	{ PATH_END, "atom.xml", ATOM, "Movable Type, Hexo, Octopress" },
	{ PATH_END, "rss.xml", RSS, "Drupal, Gatsby, Astro" },
	{ PATH_END, "rss2.xml", RSS, "the same with its version" },
	{ PATH_END, "feed.xml", NULL, "Jekyll" },
	{ PATH_END, "feeds.xml", NULL, "the same" },
	{ PATH_END, "feed.json", JSON, "JSON Feed's usual name" },
	{ PATH_END, "index.xml", RSS, "Hugo, Radio UserLand" },
	{ PATH_END, "/rss.php", RSS, "handmade" },
	{ PATH_END, "/feed.php", NULL, "DokuWiki" },
	{ PATH_END, "/rss.aspx", RSS, "handmade" },
	{ PATH_END, "/rss.asp", RSS, "handmade" },
	{ PATH_END, "/backend.php", RSS, "PHP-Nuke and SPIP" },
	{ PATH_HAS, "/feeds/posts/", ATOM, "Blogger" },
	{ PATH_HAS, "/feed/", NULL, "a feed of a part: /feed/podcast" },
	{ PATH_HAS, "/rss/", RSS, "newspapers: /rss/politics.xml" },
	{ PATH_HAS, "/feeds/", NULL, "Django, Pelican: /feeds/all.atom.xml" },
	{ PATH_HAS, "/feeds/videos.xml", ATOM, "YouTube" },
	{ QUERY_HAS, "feed=rss", RSS, "WordPress without pretty addresses" },
	{ QUERY_HAS, "feed=atom", ATOM, "the same, and MediaWiki" },
	{ QUERY_HAS, "format=feed", NULL, "Joomla" },
	{ QUERY_HAS, "format=rss", RSS, "Squarespace, Flickr, Trac" },
	{ QUERY_HAS, "format=atom", ATOM, "GitLab, Flickr" },
	{ QUERY_HAS, "alt=rss", RSS, "Blogger" },
	{ QUERY_HAS, "type=rss", RSS, "Joomla" },
	{ QUERY_HAS, "page=backend", RSS, "SPIP" },
	{ HOST_IS, "feeds.feedburner.com", NULL, "FeedBurner; its path says nothing" },
	{ HOST_IS, "feeds2.feedburner.com", NULL, "the same" },
	{ HOST_IS, "feedproxy.google.com", NULL, "the same" },
	{ HOST_BEGINS, "feeds.", NULL, "publishers that keep feeds on a host of their own" },
	{ HOST_BEGINS, "rss.", RSS, "the same" },
};

static const struct address_row no_feed_addresses[] = {
	{ PATH_END, ".html", NULL, "a page about feeds, or a list of them" },
	{ PATH_END, ".htm", NULL, "the same" },
	{ PATH_END, ".pdf", NULL, "a document" },
	{ PATH_END, ".zip", NULL, "a program" },
	{ PATH_END, ".png", NULL, "the icon" },
	{ PATH_END, ".gif", NULL, "the icon" },
	{ PATH_END, ".svg", NULL, "the icon" },
	{ PATH_END, ".opml", NULL, "a list of feeds" },
	{ PATH_HAS, "/wiki/", NULL, "an article that explains RSS" },
	{ HOST_IS, "feedly.com", NULL, "a reader's \"subscribe\" button; the feed is in its query, in a form of its own" },
	{ HOST_IS, "inoreader.com", NULL, "the same" },
	{ HOST_IS, "netvibes.com", NULL, "the same" },
	{ HOST_IS, "newsblur.com", NULL, "the same" },
	{ HOST_IS, "theoldreader.com", NULL, "the same" },
	{ HOST_IS, "add.my.yahoo.com", NULL, "the same" },
	{ HOST_IS, "feedburner.google.com", NULL, "the form for e-mail" },
	{ HOST_IS, "feedvalidator.org", NULL, "the \"valid RSS\" badge" },
	{ HOST_IS, "validator.w3.org", NULL, "the same" },
	{ HOST_IS, "linkedin.com", NULL, "/feed is its front page" },
	{ HOST_IS, "facebook.com", NULL, "the same" },
	{ HOST_IS, "twitter.com", NULL, "a share button" },
	{ HOST_IS, "x.com", NULL, "the same" },
};

/* Titles are in the language of the site, addresses mostly in English. */
static const char *const comment_words[] = {
	"comment", "replies", "discussion", "kommentar", "komentar", "komentarz", "koment\xC3\xA1\xC5\x99", "comentario", "coment\xC3\xA1rio",
	"commenti", "reacties", "yorum", "hozz\xC3\xA1sz\xC3\xB3l", "\xD0\xBA\xD0\xBE\xD0\xBC\xD0\xBC\xD0\xB5\xD0\xBD\xD1\x82\xD0\xB0\xD1\x80",
	"\xE3\x82\xB3\xE3\x83\xA1\xE3\x83\xB3\xE3\x83\x88", "\xE8\xAF\x84\xE8\xAE\xBA", "\xE8\xA9\x95\xE8\xAB\x96",
};

/* Not "feed" or "XML" alone: a page talks of news feeds, animal feed and sitemaps as well. */
static const char *const feed_words[] = { "rss", "atom", "rss2", "rssfeed", "webfeed", "jsonfeed" };

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- an address in parts ---- */

struct address {
	const char *scheme, *host, *path, *query;
	size_t scheme_len, host_len, path_len, query_len;
};

static struct address split(const char *href)
{
	struct address a = { .scheme = href, .host = href, .path = href };
	size_t n = strcspn(href, ":/?#");

	if (href[n] == ':') {
		a.scheme_len = n;
		a.path += n + 1;
	}
	if (a.path[0] == '/' && a.path[1] == '/') {
		a.host = a.path + 2;
		a.host_len = strcspn(a.host, "/?#:");
		a.path = a.host + strcspn(a.host, "/?#");
	}
	a.path_len = strcspn(a.path, "?#");
	a.query = a.path + a.path_len;
	a.query_len = strcspn(a.query, "#");
	while (a.path_len > 1 && a.path[a.path_len - 1] == '/')
		a.path_len--;
	return a;
}

static bool has_word(const char *s, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= len; i++) {
		if (text_has_prefix_nocase(s + i, word))
			return true;
	}
	return false;
}

/* A word that begins with a letter may also be the whole of the path, or follow a "/", "-", "_" or ".". */
static bool path_ends(const char *path, size_t len, const char *word)
{
	size_t n = strlen(word);

	if (word[0] == '/' && len == n - 1 && text_has_prefix_nocase(path, word + 1))
		return true; /* "feed", relative */
	if (len < n || !text_has_prefix_nocase(path + len - n, word))
		return false;
	return len == n || word[0] == '/' || word[0] == '.' || strchr("/-_.", path[len - n - 1]);
}

/* The host itself, or one below it. */
static bool host_is(const struct address *a, const char *word)
{
	size_t n = strlen(word);

	return a->host_len >= n && text_has_prefix_nocase(a->host + a->host_len - n, word) && (a->host_len == n || a->host[a->host_len - n - 1] == '.');
}

/* At the start of a parameter: "?feed=rss2", "&feed=rss2". */
static bool query_has(const struct address *a, const char *word)
{
	for (size_t i = 0; i + strlen(word) < a->query_len; i++) {
		if (strchr("?&;", a->query[i]) && text_has_prefix_nocase(a->query + i + 1, word))
			return true;
	}
	return false;
}

static bool row_matches(const struct address_row *r, const struct address *a)
{
	switch (r->part) {
	case PATH_END:
		return path_ends(a->path, a->path_len, r->word);
	case PATH_HAS:
		return has_word(a->path, a->path_len, r->word);
	case QUERY_HAS:
		return query_has(a, r->word);
	case HOST_IS:
		return host_is(a, r->word);
	case HOST_BEGINS:
		return a->host_len > strlen(r->word) && text_has_prefix_nocase(a->host, r->word);
	default:
		return false;
	}
}

static const struct address_row *find_row(const struct address_row *rows, size_t n, const char *href)
{
	struct address a = split(href);

	for (size_t i = 0; i < n; i++) {
		if (row_matches(&rows[i], &a))
			return &rows[i];
	}
	return NULL;
}

/* ---- the questions ---- */

enum feed_type discover_feed_type(const char *type)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		if (strcmp(type ? type : "", types[i].type) == 0)
			return types[i].kind;
	}
	return FEED_TYPE_NONE;
}

bool discover_type_is_xml_feed(const char *type)
{
	return type && discover_feed_type(type) == FEED_TYPE_SURE && strcmp(type, JSON) != 0;
}

const char *discover_type_of_address(const char *href)
{
	const struct address_row *r = find_row(feed_addresses, COUNT(feed_addresses), href);

	return r ? r->type : NULL;
}

bool discover_is_feed_address(const char *href)
{
	return find_row(feed_addresses, COUNT(feed_addresses), href) != NULL;
}

bool discover_is_no_feed_address(const char *href)
{
	struct address a = split(href);

	if (a.scheme_len == 4 && (text_has_prefix_nocase(href, "http") || text_has_prefix_nocase(href, "feed")))
		a.scheme_len = 0;
	if (a.scheme_len == 5 && text_has_prefix_nocase(href, "https"))
		a.scheme_len = 0;
	return a.scheme_len || *href == '#' || *href == '\0' || find_row(no_feed_addresses, COUNT(no_feed_addresses), href);
}

static bool is_word_letter(char c)
{
	char lower = text_lower(c);

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Words, so that "atomic" and "Rossi" are none; a link of a sentence's length talks about something else. */
bool discover_is_feed_text(const char *text)
{
	enum { SHORT_TEXT = 60 };

	if (!text || strlen(text) > SHORT_TEXT)
		return false;
	for (size_t at = 0; text[at];) {
		size_t n = 0;

		while (text[at] && !is_word_letter(text[at]))
			at++;
		while (is_word_letter(text[at + n]))
			n++;
		for (size_t i = 0; i < COUNT(feed_words); i++) {
			if (strlen(feed_words[i]) == n && text_has_prefix_nocase(text + at, feed_words[i]))
				return true;
		}
		at += n;
	}
	return false;
}

bool discover_is_about_comments(const char *title, const char *href)
{
	for (size_t i = 0; i < COUNT(comment_words); i++) {
		if ((title && has_word(title, strlen(title), comment_words[i])) || has_word(href, strlen(href), comment_words[i]))
			return true;
	}
	return false;
}
