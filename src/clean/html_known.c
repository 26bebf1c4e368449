/*
 * What is known of the web: players whose page can be linked to instead, addresses that only count readers, pictures that
 * only wait for a script, and the boxes of buttons that publishing services put under each item. Tables; a new one is a row.
 */
#include "html.h"

#include <string.h>

#include "syndicated/base/text.h"

struct parts {
	struct html_slice host, path, query; /* path with its slash; query without "?" */
};

static struct parts split(struct html_slice url)
{
	struct parts p = { { "", 0 }, { "", 0 }, { "", 0 } };
	const char *at = url.s, *end = url.s + url.len, *colon = memchr(at, ':', url.len), *from;

	if (!colon || end - colon < 3)
		return p;
	for (from = at = colon + 3; at < end && *at != '/' && *at != '?' && *at != '#'; at++) {
		if (*at == '@')
			from = at + 1;
	}
	p.host = (struct html_slice){ from, (size_t)(at - from) };
	for (from = at; at < end && *at != '?' && *at != '#'; at++)
		;
	p.path = (struct html_slice){ from, (size_t)(at - from) };
	if (at < end && *at == '?') {
		for (from = ++at; at < end && *at != '#'; at++)
			;
		p.query = (struct html_slice){ from, (size_t)(at - from) };
	}
	return p;
}

static bool equal_nocase(const char *s, const char *lower, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text_lower(s[i]) != lower[i])
			return false;
	}
	return true;
}

#define WORD(literal) { literal, sizeof(literal) - 1 } /* lengths in the tables: they are gone through for each picture */

/* The host or one under it. */
static bool is_host(struct html_slice host, struct html_slice name)
{
	return host.len >= name.len && text_lower(host.s[host.len - 1]) == name.s[name.len - 1] &&
	       equal_nocase(host.s + host.len - name.len, name.s, name.len) && (host.len == name.len || host.s[host.len - name.len - 1] == '.');
}

static bool has_prefix(struct html_slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && memcmp(s.s, prefix, n) == 0;
}

static bool contains(struct html_slice s, const char *word)
{
	return memmem(s.s, s.len, word, strlen(word)) != NULL;
}

/* ---- players ---- */

enum take { TAKE_NAME, TAKE_PATH, TAKE_PARAMETER, TAKE_BEHIND_V, TAKE_ADDRESS, TAKE_ALL };

static const struct player {
	struct html_slice host; /* empty: any */
	const char *path;
	enum take take;        /* TAKE_NAME: up to the next slash; TAKE_PATH: all of it; TAKE_BEHIND_V: a parameter without the "v" before it; TAKE_ADDRESS: a parameter that is an address */
	const char *parameter;
	const char *target;    /* what is taken is put behind this; a leading "/": on the same host */
	const char *label;
} players[] = {
	{ WORD("youtube.com"), "/embed/videoseries", TAKE_PARAMETER, "list", "https://www.youtube.com/playlist?list=", "YouTube" },
	{ WORD("youtube.com"), "/embed/", TAKE_NAME, NULL, "https://www.youtube.com/watch?v=", "YouTube" },
	{ WORD("youtube.com"), "/v/", TAKE_NAME, NULL, "https://www.youtube.com/watch?v=", "YouTube" },
	{ WORD("youtube.com"), "/watch", TAKE_PARAMETER, "v", "https://www.youtube.com/watch?v=", "YouTube" },
	{ WORD("youtube-nocookie.com"), "/embed/videoseries", TAKE_PARAMETER, "list", "https://www.youtube.com/playlist?list=", "YouTube" },
	{ WORD("youtube-nocookie.com"), "/embed/", TAKE_NAME, NULL, "https://www.youtube.com/watch?v=", "YouTube" },
	{ WORD("youtube-nocookie.com"), "/v/", TAKE_NAME, NULL, "https://www.youtube.com/watch?v=", "YouTube" },
	{ WORD("youtu.be"), "/", TAKE_NAME, NULL, "https://www.youtube.com/watch?v=", "YouTube" },
	{ WORD("player.vimeo.com"), "/video/", TAKE_NAME, NULL, "https://vimeo.com/", "Vimeo" },
	{ WORD("vimeo.com"), "/moogaloop.swf", TAKE_PARAMETER, "clip_id", "https://vimeo.com/", "Vimeo" },
	{ WORD("dailymotion.com"), "/embed/video/", TAKE_NAME, NULL, "https://www.dailymotion.com/video/", "Dailymotion" },
	{ WORD("dailymotion.com"), "/player", TAKE_PARAMETER, "video", "https://www.dailymotion.com/video/", "Dailymotion" },
	{ WORD("dailymotion.com"), "/swf/video/", TAKE_NAME, NULL, "https://www.dailymotion.com/video/", "Dailymotion" },
	{ WORD("w.soundcloud.com"), "/player", TAKE_ADDRESS, "url", NULL, "SoundCloud" },
	{ WORD("open.spotify.com"), "/embed/", TAKE_PATH, NULL, "https://open.spotify.com/", "Spotify" },
	{ WORD("open.spotify.com"), "/embed-podcast/", TAKE_PATH, NULL, "https://open.spotify.com/", "Spotify" },
	{ WORD("embed.spotify.com"), "/", TAKE_ALL, NULL, NULL, "Spotify" },
	{ WORD("bandcamp.com"), "/EmbeddedPlayer", TAKE_ALL, NULL, NULL, "Bandcamp" },
	{ WORD("player.twitch.tv"), "/", TAKE_PARAMETER, "channel", "https://www.twitch.tv/", "Twitch" },
	{ WORD("player.twitch.tv"), "/", TAKE_BEHIND_V, "video", "https://www.twitch.tv/videos/", "Twitch" },
	{ WORD("clips.twitch.tv"), "/embed", TAKE_PARAMETER, "clip", "https://clips.twitch.tv/", "Twitch" },
	{ WORD("embed.ted.com"), "/talks/", TAKE_PATH, NULL, "https://www.ted.com/talks/", "TED" },
	{ WORD("embed-ssl.ted.com"), "/talks/", TAKE_PATH, NULL, "https://www.ted.com/talks/", "TED" },
	{ WORD("archive.org"), "/embed/", TAKE_PATH, NULL, "https://archive.org/details/", "Internet Archive" },
	{ WORD("embed.podcasts.apple.com"), "/", TAKE_PATH, NULL, "https://podcasts.apple.com/", "Apple Podcasts" },
	{ WORD("embed.music.apple.com"), "/", TAKE_PATH, NULL, "https://music.apple.com/", "Apple Music" },
	{ WORD("mixcloud.com"), "/widget/iframe", TAKE_ADDRESS, "feed", NULL, "Mixcloud" },
	{ WORD("odysee.com"), "/$/embed/", TAKE_PATH, NULL, "https://odysee.com/", "Odysee" },
	{ WORD("rumble.com"), "/embed/", TAKE_ALL, NULL, NULL, "Rumble" },
	{ WORD("streamable.com"), "/e/", TAKE_NAME, NULL, "https://streamable.com/", "Streamable" },
	{ WORD("streamable.com"), "/o/", TAKE_NAME, NULL, "https://streamable.com/", "Streamable" },
	{ WORD("giphy.com"), "/embed/", TAKE_NAME, NULL, "https://giphy.com/gifs/", "Giphy" },
	{ WORD("media.ccc.de"), "/v/", TAKE_NAME, NULL, "https://media.ccc.de/v/", "media.ccc.de" },
	{ WORD("player.bilibili.com"), "/player.html", TAKE_PARAMETER, "bvid", "https://www.bilibili.com/video/", "Bilibili" },
	{ WORD("facebook.com"), "/plugins/video.php", TAKE_ADDRESS, "href", NULL, "Facebook" },
	{ WORD("nebula.tv"), "/embed/", TAKE_NAME, NULL, "https://nebula.tv/videos/", "Nebula" },
	{ { NULL, 0 }, "/videos/embed/", TAKE_NAME, NULL, "/videos/watch/", "PeerTube" },
};

static struct html_slice parameter_of(struct html_slice query, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0, end; i < query.len; i = end + 1) {
		for (end = i; end < query.len && query.s[end] != '&'; end++)
			;
		if (end - i > n && memcmp(query.s + i, name, n) == 0 && query.s[i + n] == '=')
			return (struct html_slice){ query.s + i + n + 1, end - i - n - 1 };
	}
	return (struct html_slice){ "", 0 };
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = text_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoded. Control characters and what is no ASCII stay as they are. */
static void append_decoded(struct buf *out, struct html_slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		int high = s.s[i] == '%' && i + 2 < s.len ? hex(s.s[i + 1]) : -1, low = high >= 0 ? hex(s.s[i + 2]) : -1;
		int c = low >= 0 ? high * 16 + low : 0;

		if (c > ' ' && c < 0x7F) {
			buf_append_char(out, (char)c);
			i += 2;
		} else {
			buf_append_char(out, s.s[i]);
		}
	}
}

/* Letters, digits and a few signs: an identifier, and nothing with a meaning in an address. */
static size_t name_length(struct html_slice s, bool path)
{
	size_t n = 0;

	for (; n < s.len; n++) {
		char c = text_lower(s.s[n]);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' && c != '~' && !(path && c && strchr("/:@%", c)))
			break;
	}
	return n;
}

static bool append_page(const struct player *p, const struct parts *url, struct html_slice whole, struct buf *out)
{
	struct html_slice s = { url->path.s + strlen(p->path), url->path.len - strlen(p->path) };

	if (p->take == TAKE_ALL) {
		buf_append(out, whole.s, whole.len);
		return true;
	}
	if (p->parameter)
		s = parameter_of(url->query, p->parameter);
	if (p->take == TAKE_ADDRESS) {
		append_decoded(out, s);
		return text_has_prefix_nocase(buf_str(out), "https://");
	}
	s.len = name_length(s, p->take == TAKE_PATH);
	if (s.len == 0)
		return false;
	if (p->target[0] == '/')
		buf_append(out, whole.s, (size_t)(url->path.s - whole.s));
	buf_append_str(out, p->target);
	if (p->take == TAKE_BEHIND_V && s.s[0] == 'v')
		s = (struct html_slice){ s.s + 1, s.len - 1 };
	buf_append(out, s.s, s.len);
	return true;
}

bool html_player_page(struct html_slice url, struct buf *out, const char **ret_label)
{
	struct parts parts = split(url);

	for (size_t i = 0; i < sizeof(players) / sizeof(players[0]); i++) {
		const struct player *p = &players[i];

		if ((p->host.len && !is_host(parts.host, p->host)) || !has_prefix(parts.path, p->path))
			continue;
		if (append_page(p, &parts, url, out)) {
			*ret_label = p->label;
			return buf_error(out) == 0;
		}
		buf_clear(out);
	}
	return false;
}

/* ---- trackers ---- */

static const struct {
	struct html_slice host;
	const char *path; /* anywhere in path or query; "" for all of the host */
} tracking[] = {
	{ WORD("feedburner.com"), "/~r/" }, { WORD("feedburner.com"), "/~4/" }, { WORD("feedburner.com"), "/~ff/" }, { WORD("feedproxy.google.com"), "/~r/" },
	{ WORD("feedsportal.com"), "" }, { WORD("doubleclick.net"), "" }, { WORD("google-analytics.com"), "" }, { WORD("googleadservices.com"), "" },
	{ WORD("googlesyndication.com"), "" }, { WORD("pixel.wp.com"), "" }, { WORD("stats.wordpress.com"), "" }, { WORD("stats.wp.com"), "" },
	{ WORD("feeds.wordpress.com"), "/1.0/" }, { WORD("pixel.quantserve.com"), "" }, { WORD("scorecardresearch.com"), "" }, { WORD("facebook.com"), "/tr" },
	{ WORD("pheedo.com"), "" }, { WORD("rss.buysellads.com"), "" }, { WORD("analytics.twitter.com"), "" }, { WORD("bat.bing.com"), "" },
	{ WORD("track.hubspot.com"), "" }, { WORD("blogger.googleusercontent.com"), "/tracker/" }, { WORD("blogger.com"), "/tracker/" },
	{ WORD("counter.theconversation.com"), "" }, { WORD("pixel.newscred.com"), "" }, { WORD("pixel.mathtag.com"), "" }, { WORD("feedads.g.doubleclick.net"), "" },
	{ WORD("a.rfihub.com"), "" }, { WORD("segapi.quora.com"), "" }, { WORD("creatives.commindo-media.de"), "" }, { WORD("vg01.met.vgwort.de"), "" },
	{ WORD("vgwort.de"), "/na/" }, { WORD("statcounter.com"), "" }, { WORD("sitemeter.com"), "" }, { WORD("chartbeat.net"), "" }, { WORD("mediaplex.com"), "" },
	{ WORD("ivwbox.de"), "" }, { WORD("ioam.de"), "" }, { WORD("mf.feeds.reuters.com"), "" }, { WORD("rss.nytimes.com"), "/c/" }, { WORD("pixel.parsely.com"), "" },
};

bool html_is_tracker(struct html_slice url)
{
	struct parts p = split(url);
	struct html_slice rest = { p.path.s, (size_t)(url.s + url.len - p.path.s) };

	for (size_t i = 0; i < sizeof(tracking) / sizeof(tracking[0]); i++) {
		if (is_host(p.host, tracking[i].host) && (tracking[i].path[0] == '\0' || contains(rest, tracking[i].path)))
			return true;
	}
	return false;
}

/* ---- placeholders and junk ---- */

bool html_is_placeholder(struct html_slice src)
{
	static const struct html_slice names[] = { WORD("blank.gif"), WORD("blank.png"), WORD("spacer.gif"), WORD("spacer.png"), WORD("pixel.gif"), WORD("pixel.png"), WORD("transparent.gif"), WORD("transparent.png"),
		WORD("1x1.gif"), WORD("1x1.png"), WORD("1x1.trans.gif"), WORD("clear.gif"), WORD("clear.png"), WORD("placeholder.gif"), WORD("placeholder.png"), WORD("placeholder.jpg"), WORD("placeholder.svg"),
		WORD("lazy.gif"), WORD("lazy.png"), WORD("lazyload.gif"), WORD("grey.gif"), WORD("gray.gif"), WORD("loading.gif"), WORD("loader.gif"), WORD("x.gif"), WORD("dot.gif"), WORD("trans.gif"), WORD("empty.gif") };
	size_t end = 0, from;

	if (src.len == 0 || (src.len >= 5 && equal_nocase(src.s, "data:", 5)) || (src.len >= 6 && equal_nocase(src.s, "about:", 6)))
		return true;
	while (end < src.len && src.s[end] != '?' && src.s[end] != '#')
		end++;
	for (from = end; from && src.s[from - 1] != '/'; from--)
		;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (end - from == names[i].len && equal_nocase(src.s + from, names[i].s, end - from))
			return true;
	}
	return false;
}

bool html_is_junk(struct html_slice class_names)
{
	static const char *const names[] = { "feedflare", "mf-viral", "sharedaddy", "addtoany_share_save_container", "addtoany_content", "share-buttons",
		"social-share", "sociable", "jp-relatedposts", "blogger-post-footer", "wp-socializer", "ssba", "shariff" };

	for (size_t i = 0, end; i < class_names.len; i = end + 1) {
		for (end = i; end < class_names.len && !text_is_space(class_names.s[end]); end++)
			;
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (end - i == strlen(names[k]) && equal_nocase(class_names.s + i, names[k], end - i))
				return true;
		}
	}
	return false;
}
