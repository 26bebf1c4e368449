/*
 * Where the software of a site has its feeds when its page does not say. Only for pages that name none: a guess is
 * offered as one.
 */
#include <string.h>

#include "discover_rules.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

#define RSS "application/rss+xml"
#define ATOM "application/atom+xml"

/* By what a page is recognised. */
enum sign { GENERATOR, SITE_NAME, HOST, ASSET };

/*
 * Templates: {1} is the first segment of the page's path, {2} the first two, {only} the first of exactly one, {@} the
 * first when it begins with "@", {path} the whole path without a "/" at its end (may be nothing), {channel} a YouTube
 * channel. Rows whose place holders cannot be filled do not apply.
 */
struct guess_row {
	enum sign sign;
	const char *word;
	const char *address;
	const char *type;
	const char *reason;
};

static const struct guess_row guesses[] = {
	/* Sites with an address a person, a project or a channel: the most exact first. */
	{ SITE_NAME, "YouTube", "https://www.youtube.com/feeds/videos.xml?channel_id={channel}", ATOM, "channel pages dropped their link" },
	{ HOST, "youtube.com", "https://www.youtube.com/feeds/videos.xml?channel_id={channel}", ATOM, "the same" },
	{ HOST, "github.com", "/{2}/releases.atom", ATOM, "named on the releases page only" },
	{ HOST, "github.com", "/{2}/commits.atom", ATOM, "the default branch" },
	{ HOST, "github.com", "/{2}/tags.atom", ATOM, "projects that only tag" },
	{ HOST, "github.com", "/{only}.atom", ATOM, "what a person does" },
	{ SITE_NAME, "GitLab", "/{2}/-/releases.atom", ATOM, "since GitLab 15" },
	{ SITE_NAME, "GitLab", "/{2}.atom", ATOM, "activity of a project" },
	{ SITE_NAME, "GitLab", "/{only}.atom", ATOM, "activity of a group or person" },
	{ HOST, "codeberg.org", "/{2}/releases.rss", RSS, "Forgejo" },
	{ HOST, "codeberg.org", "/{2}.rss", RSS, "Forgejo" },
	{ HOST, "reddit.com", "{path}/.rss", ATOM, "every list has one, in spite of its name in Atom" },
	{ SITE_NAME, "reddit", "{path}/.rss", ATOM, "the same" },
	{ HOST, "medium.com", "/feed/{path}", RSS, "a person or a publication" },
	{ SITE_NAME, "Medium", "/feed", RSS, "a publication on a host of its own" },
	{ HOST, "substack.com", "/feed", RSS, "every publication" },
	{ ASSET, "substack", "/feed", RSS, "a publication on a host of its own" },
	{ HOST, "bsky.app", "{path}/rss", RSS, "profiles" },
	{ HOST, "lemmy.world", "/feeds/{2}.xml", RSS, "communities: /feeds/c/name.xml" },
	{ HOST, "stackoverflow.com", "/feeds/{2}", ATOM, "tags and questions" },
	{ HOST, "dev.to", "/feed/{only}", RSS, "a person or an organisation" },
	{ HOST, "vimeo.com", "/{only}/videos/rss", RSS, "a channel's videos" },
	{ HOST, "sourceforge.net", "/{2}/rss", RSS, "a project's files: /projects/name" },
	{ HOST, "pypi.org", "/rss/{2}/releases.xml", RSS, "a project's releases: /project/name" },
	{ GENERATOR, "Mastodon", "/{@}.rss", RSS, "a person's public posts" },
	{ SITE_NAME, "Mastodon", "/{@}.rss", RSS, "the same" },
	{ ASSET, "mastodon", "/{@}.rss", RSS, "instances that changed their name" },
	{ HOST, "tumblr.com", "/rss", RSS, "name.tumblr.com" },
	{ GENERATOR, "tumblr", "/rss", RSS, "blogs on a host of their own" },
	{ ASSET, "tumblr", "/rss", RSS, "themes that leave the generator out" },
	/* Software that says its name. */
	{ GENERATOR, "WordPress", "/feed/", RSS, "with pretty addresses, which nearly all have" },
	{ GENERATOR, "WordPress", "/?feed=rss2", RSS, "always" },
	{ GENERATOR, "WooCommerce", "/feed/", RSS, "WordPress underneath" },
	{ GENERATOR, "Elementor", "/feed/", RSS, "the same" },
	{ ASSET, "wordpress", "/feed/", RSS, "WordPress that hides its version" },
	{ GENERATOR, "ClassicPress", "/feed/", RSS, "a fork of WordPress" },
	{ GENERATOR, "blogger", "/feeds/posts/default", ATOM, "Blogger" },
	{ HOST, "blogspot.com", "/feeds/posts/default", ATOM, "the same" },
	{ GENERATOR, "Ghost", "/rss/", RSS, "Ghost" },
	{ GENERATOR, "Hugo", "/index.xml", RSS, "the name unless configured" },
	{ GENERATOR, "Quarto", "/index.xml", RSS, "Quarto" },
	{ GENERATOR, "Jekyll", "/feed.xml", ATOM, "jekyll-feed" },
	{ GENERATOR, "Publii", "/feed.xml", ATOM, "Publii" },
	{ GENERATOR, "Micro.blog", "/feed.xml", RSS, "Micro.blog" },
	{ GENERATOR, "Eleventy", "/feed/feed.xml", ATOM, "eleventy-base-blog" },
	{ GENERATOR, "Eleventy", "/feed.xml", ATOM, "handmade" },
	{ GENERATOR, "Astro", "/rss.xml", RSS, "@astrojs/rss in its tutorial" },
	{ GENERATOR, "Gatsby", "/rss.xml", RSS, "gatsby-plugin-feed" },
	{ GENERATOR, "Nikola", "/rss.xml", RSS, "Nikola" },
	{ GENERATOR, "Bludit", "/rss.xml", RSS, "its plugin" },
	{ GENERATOR, "Drupal", "/rss.xml", RSS, "the front page's view" },
	{ GENERATOR, "Backdrop", "/rss.xml", RSS, "a fork of Drupal" },
	{ GENERATOR, "Docusaurus", "/blog/atom.xml", ATOM, "its blog" },
	{ GENERATOR, "Hexo", "/atom.xml", ATOM, "hexo-generator-feed" },
	{ GENERATOR, "Zola", "/atom.xml", ATOM, "generate_feeds" },
	{ GENERATOR, "Octopress", "/atom.xml", ATOM, "Octopress" },
	{ GENERATOR, "Movable Type", "/atom.xml", ATOM, "Movable Type" },
	{ GENERATOR, "http://www.typepad.com", "/atom.xml", ATOM, "TypePad writes its address" },
	{ GENERATOR, "Pelican", "/feeds/all.atom.xml", ATOM, "FEED_ALL_ATOM" },
	{ GENERATOR, "Joomla", "/?format=feed&type=rss", RSS, "Joomla" },
	{ GENERATOR, "Textpattern", "/rss/", RSS, "Textpattern" },
	{ GENERATOR, "Typecho", "/feed/", RSS, "Typecho" },
	{ GENERATOR, "Serendipity", "/feeds/index.rss2", RSS, "Serendipity" },
	{ GENERATOR, "SPIP", "/spip.php?page=backend", RSS, "SPIP" },
	{ GENERATOR, "DokuWiki", "/feed.php", RSS, "changed pages" },
	{ GENERATOR, "MediaWiki", "/index.php?title=Special:RecentChanges&feed=atom", ATOM, "changed pages" },
	{ GENERATOR, "Discourse", "/latest.rss", RSS, "new topics" },
	{ GENERATOR, "vBulletin", "/external.php?type=RSS2", RSS, "new threads" },
	{ GENERATOR, "XenForo", "/forums/-/index.rss", RSS, "new threads" },
	{ GENERATOR, "Wix.com", "/blog-feed.xml", RSS, "its blog" },
	{ GENERATOR, "Squarespace", "/blog?format=rss", RSS, "its blog" },
	{ ASSET, "squarespace", "/blog?format=rss", RSS, "the same; the generator is seldom there" },
	{ ASSET, "shopify", "/blogs/news.atom", ATOM, "a shop's news" },
	{ GENERATOR, "Weebly", "/1/feed", RSS, "the first blog" },
};

static const struct {
	const char *part; /* of an address that the page loads from */
	const char *name;
	const char *reason;
} assets[] = {
	{ "substackcdn.com", "substack", "scripts of every publication" },
	{ "/wp-content/", "wordpress", "themes and plugins" },
	{ "/wp-includes/", "wordpress", "its own scripts" },
	{ "static1.squarespace.com", "squarespace", "scripts and styles" },
	{ "cdn.shopify.com", "shopify", "scripts and styles" },
	{ "assets.tumblr.com", "tumblr", "scripts and styles" },
	{ "/packs/js/common", "mastodon", "its scripts, by the name its build gives them" },
	{ "/packs/common", "mastodon", "the same, newer and older" },
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

const char *discover_asset(const char *href)
{
	for (size_t i = 0; i < COUNT(assets); i++) {
		if (strstr(href, assets[i].part))
			return assets[i].name;
	}
	return NULL;
}

struct page_path {
	const char *host, *path;
	size_t host_len, len; /* of path, without "/" at its end */
};

static struct page_path split(const char *url)
{
	const char *host = url ? strstr(url, "://") : NULL;
	struct page_path p = { .host = "", .path = "" };

	if (!host)
		return p;
	p.host = host + 3;
	p.host_len = strcspn(p.host, "/?#:");
	p.path = p.host + strcspn(p.host, "/?#");
	p.len = strcspn(p.path, "?#");
	while (p.len && p.path[p.len - 1] == '/')
		p.len--;
	return p;
}

static bool host_is(const struct page_path *p, const char *word)
{
	size_t n = strlen(word);

	return p->host_len >= n && text_has_prefix_nocase(p->host + p->host_len - n, word) && (p->host_len == n || p->host[p->host_len - n - 1] == '.');
}

static bool row_applies(const struct guess_row *r, const struct page_facts *f, const struct page_path *p)
{
	switch (r->sign) {
	case GENERATOR:
		return f->generator && text_has_prefix_nocase(f->generator, r->word);
	case SITE_NAME:
		return text_equal_nocase(f->site_name, r->word);
	case HOST:
		return host_is(p, r->word);
	case ASSET:
		return f->asset && strcmp(f->asset, r->word) == 0;
	default:
		return false;
	}
}

/* How long the first n segments of the path are together, without the first "/"; 0 when there are not as many. */
static size_t segments(const struct page_path *p, size_t n)
{
	size_t at = 0;

	for (; n && at < p->len; n--) {
		at++; /* the "/" */
		while (at < p->len && p->path[at] != '/')
			at++;
	}
	return n || at < 2 ? 0 : at - 1;
}

static bool is_named(const char *name, size_t len, const char *word)
{
	return strlen(word) == len && strncmp(name, word, len) == 0;
}

/* Appends what the place holder stands for; false when there is no such thing. */
static bool fill(const char *name, size_t len, const struct page_facts *f, const struct page_path *p, struct buf *out)
{
	size_t n = 0;

	if (is_named(name, len, "channel")) {
		buf_append_str(out, f->channel ? f->channel : "");
		return f->channel != NULL;
	}
	if (is_named(name, len, "path")) {
		bool behind_slash = out->len && out->bytes[out->len - 1] == '/' && p->len;

		buf_append(out, p->path + behind_slash, p->len - behind_slash);
		return true;
	}
	if (is_named(name, len, "1") || is_named(name, len, "@") || is_named(name, len, "only"))
		n = segments(p, 1);
	else if (is_named(name, len, "2"))
		n = segments(p, 2);
	if (n == 0 || (*name == '@' && p->path[1] != '@') || (*name == 'o' && n + 1 != p->len))
		return false;
	buf_append(out, p->path + 1, n);
	return true;
}

static bool write_address(const char *template, const struct page_facts *f, const struct page_path *p, struct buf *out)
{
	while (*template) {
		size_t n = strcspn(template, "{");

		buf_append(out, template, n);
		template += n;
		if (*template == '{') {
			n = strcspn(template, "}");
			if (!fill(template + 1, n - 1, f, p, out))
				return false;
			template += n + 1;
		}
	}
	return buf_error(out) == 0;
}

void discover_guess(const struct page_facts *facts, discover_guess_cb *cb, void *ctx)
{
	struct page_path p = split(facts->url);

	for (size_t i = 0; i < COUNT(guesses); i++) {
		struct buf address = BUF_INIT(LIMIT_URL_BYTES);

		if (row_applies(&guesses[i], facts, &p) && write_address(guesses[i].address, facts, &p, &address))
			cb(buf_str(&address), guesses[i].type, ctx);
		buf_done(&address);
	}
}
