/*
 * The facts about URLs that no standard tells: which parameters track, which hosts show the same pages, where AMP copies
 * and redirectors keep the address they stand for. Sources: the vendors' own documentation of their click identifiers
 * and campaign tags. What is in doubt stays out: two names for a page cost a second entry that the story stage can still
 * join, one name for two pages loses an article for good.
 *
 * The result is part of stored keys. A new row renames the pages it touches, once: the release notes say so.
 */
#include "url_rules.h"

#include <assert.h>
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "url.h"

/* A word whose length need not be counted again. */
struct word {
	const char *s;
	size_t len;
};
#define W(literal) { (literal), sizeof(literal) - 1 }
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_hex(char c)
{
	return text_is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

/* word is lower case and not empty; a star at its end stands for anything. Most words are ruled out by their first letter. */
static inline bool matches(const char *s, size_t len, const char *word)
{
	size_t n;

	if (len == 0 || lower(s[0]) != word[0])
		return false;
	n = strlen(word);
	if (word[n - 1] == '*') {
		if (len < --n)
			return false;
	} else if (len != n) {
		return false;
	}
	for (size_t i = 1; i < n; i++) {
		if (lower(s[i]) != word[i])
			return false;
	}
	return true;
}

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(s + len - n, end, n) == 0;
}

/* ---- parameters ---- */

/* Ordered by the first character, which is how they are found. */
static const char *const trackers[] = {
	".tsrc",                                                   /* Yahoo */
	"__cft__*", "__hs*", "__s", "__source", "__tn__", "__twitter_impression", /* Facebook, HubSpot, Drip, CNBC, Facebook, Twitter */
	"_ga", "_gl", "_hsenc", "_hsmi", "_ke", "_kx", "_openstat", /* Google Analytics, HubSpot, Klaviyo, Openstat */
	"action_object_map", "action_ref_map", "action_type_map",   /* Facebook */
	"amp_gsa", "amp_js_v", "amp_latest_update_time",            /* added by AMP viewers */
	"at_bbc_team", "at_campaign", "at_custom*", "at_format", "at_link_*", "at_medium", "at_ptr_*", /* AT Internet: BBC, French press */
	"bsft_*",                                                  /* Blueshift */
	"cjevent", "cm_mmc*", "cmpid", "cvid",                      /* Commission Junction, IBM, several, Bing */
	"dclid", "dm_i",                                           /* Google, dotdigital */
	"ef_id", "elq", "elqaid", "elqat", "elqcampaignid", "elqtrack", "elqtrackid", "epik", /* Adobe, Eloqua, Pinterest */
	"fb_action_ids", "fb_action_types", "fb_ref", "fb_source", "fbclid", "feature_code_tracking", "ftag", "ftcamp",
	"gad_campaignid", "gad_source", "gbraid", "gclid", "gclsrc", "guccounter", "guce_*", /* Google, Yahoo */
	"hmb_campaign", "hmb_medium", "hmb_source", "hsa_*", "hsctatracking", "hss_channel",
	"igsh", "igshid", "intcmp", "irclickid", "irgwc", "itm_*",   /* Instagram, several, Impact */
	"li_fat_id",                                               /* LinkedIn */
	"matomo_*", "mbid", "mc_cid", "mc_eid", "mibextid", "mkt_tok", "mkwid", "msclkid", "mtm_*",
	"nr_email_referer", "ns_campaign", "ns_linkname", "ns_mchannel", "ns_source", /* comScore */
	"ocid", "oly_anon_id", "oly_enc_id", "openstat",            /* Microsoft, BBC; Omeda; Openstat */
	"piwik_*", "pk_*",                                         /* Matomo's old names */
	"rb_clickid", "rdt_cid", "ref_src", "ref_url", "rss_source",
	"s_cid", "s_kwcid", "sc_campaign", "sc_channel", "sc_cid", "sc_content", "sc_medium", "sc_outcome", "sc_geo", "sccid",
	"share_source", "sms_ss", "soc_src", "soc_trk", "spm", "sr_share", "srsltid", "sscid", "syclid",
	"trk_contact", "trk_module", "trk_msg", "trk_sid", "ttclid", "twclid", "tw_*",
	"usqp", "utm_*",                                           /* AMP links of Google, Urchin and everybody since */
	"vero_conv", "vero_id", "vgo_ee",                           /* Vero, ActiveCampaign */
	"wbraid", "wickedid", "wickedsource", "wprss", "wt.mc_*", "wt_mc", "wt_mc_*", "wt_zmc", /* Google, Wicked, Washington Post, Webtrends */
	"xtor",                                                    /* AT Internet */
	"yadclid", "yclid", "ymclid", "ysclid",                      /* Yandex */
};

/* Names that track on one site only, and mean something elsewhere. */
static const struct { const char *host, *name; } site_trackers[] = {
	{ "youtube.com", "feature" }, { "youtube.com", "si" }, { "youtube.com", "pp" }, { "youtu.be", "si" }, { "youtu.be", "feature" },
	{ "x.com", "s" }, { "x.com", "t" }, { "twitter.com", "s" }, { "twitter.com", "t" }, { "open.spotify.com", "si" },
	{ "facebook.com", "rdid" }, { "facebook.com", "sfnsn" }, { "facebook.com", "refid" }, { "facebook.com", "share_url" },
	{ "nytimes.com", "smid" }, { "nytimes.com", "smtyp" }, { "nytimes.com", "emc" }, { "nytimes.com", "partner" },
	{ "nytimes.com", "rref" }, { "nytimes.com", "referringsource" }, { "nytimes.com", "unlocked_article_code" },
	{ "theguardian.com", "cmp" }, { "theguardian.com", "cmp_bunit" }, { "dailymail.co.uk", "ito" }, { "forbes.com", "sh" },
	{ "bloomberg.com", "srnd" }, { "bloomberg.com", "sref" }, { "wsj.com", "mod" }, { "wsj.com", "reflink" },
	{ "marketwatch.com", "mod" }, { "marketwatch.com", "siteid" }, { "barrons.com", "mod" }, { "reuters.com", "feedtype" },
	{ "reuters.com", "feedname" }, { "reuters.com", "taid" }, { "npr.org", "ft" }, { "npr.org", "f" }, { "npr.org", "sc" },
	{ "linkedin.com", "trk" }, { "linkedin.com", "trackingid" }, { "aljazeera.com", "traffic_source" }, { "cnn.com", "eref" },
	{ "washingtonpost.com", "tid" }, { "instagram.com", "img_index" }, { "medium.com", "sk" },
};

/* "?from=rss": that word as a value names the way and not the page, whatever a site means by the name otherwise. */
static const char *const ways[] = { "cid", "cmp", "cmpid", "emc", "from", "medium", "origin", "partner", "ref", "source", "src", "via" };
static const char *const way_values[] = { "atom", "feed", "feedburner", "rss", "rss-*", "rss.*", "rss0*", "rss1*", "rss2*", "rss_*", "rssfeed*" };

/* AMP by parameter; "amp" alone counts as "amp=1". */
static const char *const amp_parameters[] = { "amp", "amp=", "amp=1", "amp=true", "output=amp", "outputtype=amp", "_amp=1", "_amp=true" };

/* Sessions: the value must look like one. "sid" is a story's id for some, hence 32 and the rule of what is left. */
static const struct { const char *name; size_t min_hex; } sessions[] = {
	{ "phpsessid", 1 }, { "jsessionid", 1 }, { "aspsessionid*", 1 }, { "asp.net_sessionid", 1 }, { "cfid", 1 }, { "cftoken", 1 },
	{ "oscsid", 16 }, { "zenid", 16 }, { "sessionid", 16 }, { "session_id", 16 }, { "sessid", 16 }, { "sid", 32 }, { "s", 32 },
};

static bool is_tracker(const char *name, size_t len)
{
	char first = lower(name[0]);
	size_t low = 0, high = COUNT(trackers);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (trackers[middle][0] < first)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < COUNT(trackers) && trackers[low][0] == first; low++) {
		if (matches(name, len, trackers[low]))
			return true;
	}
	return false;
}

static bool is_any(const char *s, size_t len, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (matches(s, len, words[i]))
			return true;
	}
	return false;
}

/* The host itself, or one below it. */
static bool host_is(const char *host, const char *site)
{
	size_t n = strlen(host), m = strlen(site);

	return n >= m && strcmp(host + n - m, site) == 0 && (n == m || host[n - m - 1] == '.');
}

static bool is_site_tracker(const char *name, size_t len, const char *host)
{
	for (size_t i = 0; i < COUNT(site_trackers); i++) {
		if (matches(name, len, site_trackers[i].name) && host_is(host, site_trackers[i].host))
			return true;
	}
	return false;
}

static bool is_session(const char *name, size_t len, const char *value, size_t value_len)
{
	size_t hex = 0;

	while (hex < value_len && is_hex(value[hex]))
		hex++;
	for (size_t i = 0; i < COUNT(sessions); i++) {
		size_t min = sessions[i].min_hex;

		if (matches(name, len, sessions[i].name) && value_len && (min == 1 || (hex == value_len && hex >= min)))
			return true;
	}
	return false;
}

enum parameter_kind url_rules_parameter(const char *p, size_t len, const char *host)
{
	const char *equals;
	size_t name, value;

	if (len > 4 && matches(p, 4, "amp;")) { /* the rest of an "&amp;" that was escaped twice */
		p += 4;
		len -= 4;
	}
	equals = memchr(p, '=', len);
	name = equals ? (size_t)(equals - p) : len;
	value = equals ? len - name - 1 : 0;
	if (name == 0)
		return PARAMETER_PAGE;
	if (is_tracker(p, name) || is_any(p, len, amp_parameters, COUNT(amp_parameters)))
		return PARAMETER_TRACKER;
	if (value && is_any(p, name, ways, COUNT(ways)) && is_any(equals + 1, value, way_values, COUNT(way_values)))
		return PARAMETER_TRACKER;
	if (is_site_tracker(p, name, host))
		return PARAMETER_TRACKER;
	return value && is_session(p, name, equals + 1, value) ? PARAMETER_SESSION : PARAMETER_PAGE;
}

/* ---- paths ---- */

/* Words in a segment that are parted by "-" or "_". */
static unsigned count_words(const char *s, size_t len)
{
	unsigned words = 0;
	bool in = false;

	for (size_t i = 0; i < len; i++) {
		bool part = s[i] == '-' || s[i] == '_';

		words += !part && !in;
		in = !part;
	}
	return words;
}

static size_t longest_number(const char *s, size_t len)
{
	size_t run = 0, best = 0;

	for (size_t i = 0; i < len; i++) {
		run = text_is_digit(s[i]) ? run + 1 : 0;
		best = run > best ? run : best;
	}
	return best;
}

/* A segment that names one article wherever it stands: the words of a headline, or a number no two articles share. */
static bool names_article(const char *s, size_t len)
{
	return (len >= 16 && count_words(s, len) >= 4) || longest_number(s, len) >= 6;
}

static size_t last_segment(const char *path, size_t len)
{
	while (len && path[len - 1] != '/')
		len--;
	return len;
}

/* What a server sends for the folder itself, by old custom of all of them. */
static const char *const index_files[] = { /* all with "i" or "d", which url_rules_path() looks at first */
	"index.html", "index.htm", "index.shtml", "index.xhtml", "index.php", "index.asp", "index.aspx", "index.jsp", "index.cgi",
	"default.aspx", "default.asp", "default.htm", "default.html",
};

/*
 * ".../a-headline-of-words/amp" and "x.amp.html". Only behind what names an article: ".../someone/amp" is the repository
 * or the product of that name.
 */
static size_t without_amp(char *path, size_t len)
{
	size_t at = last_segment(path, len), before;

	if (len - at < 3 || (!ends_with(path, len, "amp") && !ends_with(path, len, "html")))
		return len;
	if (len - at == 3 && at > 1 && memcmp(path + at, "amp", 3) == 0) {
		before = last_segment(path, at - 1);
		return names_article(path + before, at - 1 - before) ? at - 1 : len;
	}
	if (len - at > strlen(".amp.html") && ends_with(path, len, ".amp.html")) {
		memcpy(path + len - strlen(".amp.html"), ".html", strlen(".html"));
		return len - strlen(".amp");
	}
	if (ends_with(path, len, ".amp") && names_article(path + at, len - at - strlen(".amp")))
		return len - strlen(".amp");
	return len;
}

/* A path with and without a slash at its end is one page: every server sends the one to the other, or shows both. */
size_t url_rules_path(char *path, size_t len)
{
	size_t before;

	do {
		size_t at;

		before = len;
		while (len && path[len - 1] == '/')
			len--;
		at = last_segment(path, len);
		if (at && at < len && (lower(path[at]) == 'i' || lower(path[at]) == 'd') && is_any(path + at, len - at, index_files, COUNT(index_files)))
			len = at;
		len = without_amp(path, len);
	} while (len != before);
	return len;
}

/* ---- hosts ---- */

/* The same pages under the same paths, said by the sites themselves. Nothing on the right is on the left. */
static const struct { struct word from, to; } host_names[] = {
	{ W("twitter.com"), W("x.com") }, { W("mobile.twitter.com"), W("x.com") }, { W("m.twitter.com"), W("x.com") }, { W("mobile.x.com"), W("x.com") },
	{ W("m.facebook.com"), W("facebook.com") }, { W("mbasic.facebook.com"), W("facebook.com") }, { W("touch.facebook.com"), W("facebook.com") },
	{ W("web.facebook.com"), W("facebook.com") }, { W("m.youtube.com"), W("youtube.com") }, { W("m.imdb.com"), W("imdb.com") },
	{ W("old.reddit.com"), W("reddit.com") }, { W("new.reddit.com"), W("reddit.com") }, { W("np.reddit.com"), W("reddit.com") },
	{ W("m.reddit.com"), W("reddit.com") }, { W("amp.reddit.com"), W("reddit.com") }, { W("m.vk.com"), W("vk.com") }, { W("m.ok.ru"), W("ok.ru") },
	{ W("m.soundcloud.com"), W("soundcloud.com") }, { W("m.twitch.tv"), W("twitch.tv") }, { W("mobile.nytimes.com"), W("nytimes.com") },
	{ W("amp.theguardian.com"), W("theguardian.com") }, { W("amp.dw.com"), W("dw.com") }, { W("m.dw.com"), W("dw.com") },
};

/* "en.m.wikipedia.org": the Wikimedia projects put the label second. */
static const char *const wikis[] = {
	".m.wikipedia.org", ".m.wiktionary.org", ".m.wikinews.org", ".m.wikiquote.org", ".m.wikisource.org", ".m.wikibooks.org",
	".m.wikiversity.org", ".m.wikivoyage.org", ".m.wikimedia.org",
};

/*
 * Labels for small screens. By themselves they prove nothing (m.example.org may be another site), so the path must name
 * the article: two articles under one such path in one domain is what we do not believe.
 */
static const char *const small_screens[] = { "m.", "mobile.", "touch.", "amp." };

static size_t drop_front(char *host, size_t len, size_t n)
{
	memmove(host, host + n, len - n + 1);
	return len - n;
}

static size_t replace_host(char *host, size_t len)
{
	for (size_t i = 0; i < COUNT(host_names); i++) {
		const struct word *from = &host_names[i].from, *to = &host_names[i].to;

		if (len == from->len && host[0] == from->s[0] && memcmp(host, from->s, len) == 0) {
			memcpy(host, to->s, to->len + 1);
			return to->len;
		}
	}
	if (!ends_with(host, len, ".org") || !memmem(host, len, ".m.wiki", strlen(".m.wiki")))
		return len;
	for (size_t i = 0; i < COUNT(wikis); i++) {
		size_t n = strlen(wikis[i]);

		if (len > n && ends_with(host, len, wikis[i])) {
			memmove(host + len - n, host + len - n + 2, n - 1);
			return len - 2;
		}
	}
	return len;
}

/* A prefix of labels may go when a domain of two labels is left. */
static bool has_label(const char *host, size_t len, const char *label)
{
	size_t n;

	if (host[0] != label[0])
		return false;
	n = strlen(label);
	return len > n && memcmp(host, label, n) == 0 && memchr(host + n, '.', len - n) != NULL && host[n] != '.';
}

static bool path_names_article(const char *path, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t n = 0;

		while (at + n < len && path[at + n] != '/')
			n++;
		if (names_article(path + at, n))
			return true;
		at += n + 1;
	}
	return false;
}

/*
 * "www." goes where there is a path: the known hosts that show something else without it (pool.ntp.org) do so at their
 * root, and feeds change between the two when a site moves. At the root it stays, which costs nothing: articles have paths.
 */
size_t url_rules_host(char *host, size_t len, const char *path, size_t path_len, bool has_query)
{
	size_t before;

	do {
		before = len;
		if ((path_len || has_query) && has_label(host, len, "www."))
			len = drop_front(host, len, strlen("www."));
		len = replace_host(host, len);
		for (size_t i = 0; i < COUNT(small_screens); i++) {
			if (has_label(host, len, small_screens[i]) && path_names_article(path, path_len))
				len = drop_front(host, len, strlen(small_screens[i]));
		}
	} while (len != before);
	return len;
}

/* ---- redirectors and caches ---- */

/*
 * Where the address stands in clear. The host is given without "www."; "google.*" is any national one. A path ending in
 * a star is followed by host and path of the page; others have the address in a parameter. Those that hide it
 * (feedproxy.google.com, news.google.com/rss/articles, t.co) stay what they are: to follow them takes the network.
 */
static const struct { struct word host; const char *path, *parameter, *scheme; } redirectors[] = {
	{ W("google.*"), "/amp/s/*", NULL, "https://" }, { W("google.*"), "/amp/*", NULL, "http://" },
	{ W("google.*"), "/url", "url", NULL }, { W("google.*"), "/url", "q", NULL }, { W("news.google.com"), "/news/url", "url", NULL },
	{ W("*.ampproject.org"), "/c/s/*", NULL, "https://" }, { W("*.ampproject.org"), "/v/s/*", NULL, "https://" },
	{ W("*.ampproject.org"), "/c/*", NULL, "http://" }, { W("*.ampproject.org"), "/v/*", NULL, "http://" },
	{ W("bing-amp.com"), "/c/s/*", NULL, "https://" }, { W("*.bing-amp.com"), "/c/s/*", NULL, "https://" },
	{ W("l.facebook.com"), "/l.php", "u", NULL }, { W("lm.facebook.com"), "/l.php", "u", NULL }, { W("facebook.com"), "/l.php", "u", NULL },
	{ W("l.instagram.com"), "/", "u", NULL }, { W("out.reddit.com"), "/*", "url", NULL }, { W("youtube.com"), "/redirect", "q", NULL },
	{ W("t.umblr.com"), "/redirect", "z", NULL }, { W("vk.com"), "/away.php", "to", NULL }, { W("away.vk.com"), "/away.php", "to", NULL },
	{ W("steamcommunity.com"), "/linkfilter/", "url", NULL }, { W("steamcommunity.com"), "/linkfilter/", "u", NULL },
	{ W("duckduckgo.com"), "/l/", "uddg", NULL }, { W("bing.com"), "/news/apiclick.aspx", "url", NULL },
	{ W("*.safelinks.protection.outlook.com"), "/", "url", NULL }, { W("slack-redir.net"), "/link", "url", NULL },
	{ W("linkedin.com"), "/redir/redirect", "url", NULL }, { W("exit.sc"), "/", "url", NULL },
	{ W("go.theregister.com"), "/feed/*", NULL, "https://" },
};

/* "google.de", "google.com.br", "google.co.uk". */
static bool is_national(const char *ending)
{
	size_t n = strcspn(ending, ".");

	if (n < 2 || n > 3)
		return false;
	return ending[n] == '\0' || strlen(ending + n + 1) == 2;
}

static bool host_matches(const char *host, size_t len, const struct word *rule)
{
	size_t n = rule->len;

	if (rule->s[0] == '*')
		return len > n && host[len - 1] == rule->s[n - 1] && memcmp(host + len - (n - 1), rule->s + 1, n - 1) == 0;
	if (host[0] != rule->s[0])
		return false;
	if (rule->s[n - 1] == '*')
		return strncmp(host, rule->s, n - 1) == 0 && is_national(host + n - 1);
	return len == n && memcmp(host, rule->s, n) == 0;
}

static bool path_matches(const char *path, size_t len, const char *rule)
{
	size_t n = strlen(rule);

	if (rule[n - 1] == '*')
		return len >= n - 1 && memcmp(path, rule, n - 1) == 0;
	/* "/l" and "/l/" are one. */
	while (n > 1 && rule[n - 1] == '/')
		n--;
	while (len > 1 && path[len - 1] == '/')
		len--;
	return len == n && memcmp(path, rule, n) == 0;
}

static unsigned hex_value(char c)
{
	return text_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(lower(c) - 'a' + 10);
}

/* Percent-decoded once; NULL when that is no web URL. */
static char *decoded_url(const char *s, size_t len)
{
	auto_free char *copy = mem_dup_bytes(s, len);
	size_t w = 0;

	for (size_t r = 0; r < len; r++) {
		if (copy[r] == '%' && len - r > 2 && is_hex(copy[r + 1]) && is_hex(copy[r + 2])) {
			copy[w++] = (char)(hex_value(copy[r + 1]) << 4 | hex_value(copy[r + 2]));
			r += 2;
		} else {
			copy[w++] = copy[r];
		}
	}
	copy[w] = '\0';
	if (strlen(copy) != w)
		return NULL;
	return text_has_prefix_nocase(copy, "http://") || text_has_prefix_nocase(copy, "https://") ? clean_url(copy, NULL) : NULL;
}

static char *parameter_url(const char *query, const char *name)
{
	for (const char *p = query; *p;) {
		size_t len = strcspn(p, "&#"), n = strlen(name);

		if (len > n && matches(p, n, name) && p[n] == '=')
			return decoded_url(p + n + 1, len - n - 1);
		p += len + (p[len] == '&');
		if (p[0] == '#')
			break;
	}
	return NULL;
}

/* host/path?query as it stands in the path of a cache; the host must be one. */
static char *path_url(const char *scheme, const char *rest)
{
	size_t host = strcspn(rest, "/?#"), len = strcspn(rest, "#");
	auto_free char *url = NULL;

	if (!url_host_is_name(rest, host) || !memchr(rest, '.', host) || url_skip(rest, rest + host, URL_HOST) != rest + host)
		return NULL;
	url = mem_printf("%s%.*s", scheme, (int)len, rest);
	return clean_url(url, NULL);
}

/* Yahoo News: rd.yahoo.com, some path, a star, and the address in clear. */
static char *starred_url(const char *host, const char *path)
{
	const char *star = host_is(host, "rd.yahoo.com") ? strchr(path, '*') : NULL;

	if (!star)
		return NULL;
	return decoded_url(star + 1, strcspn(star + 1, "#"));
}

char *url_rules_target(const char *host, const char *path, const char *query)
{
	size_t path_len = (size_t)(query - path), len;

	if (strncmp(host, "www.", 4) == 0)
		host += 4;
	len = strlen(host);
	for (size_t i = 0; i < COUNT(redirectors); i++) {
		char *target;

		if (!host_matches(host, len, &redirectors[i].host) || !path_matches(path, path_len, redirectors[i].path))
			continue;
		if (redirectors[i].parameter)
			target = parameter_url(*query == '?' ? query + 1 : "", redirectors[i].parameter);
		else
			target = path_url(redirectors[i].scheme, path + strlen(redirectors[i].path) - 1);
		if (target)
			return target;
	}
	return starred_url(host, path);
}

void url_rules_check(void)
{
	for (size_t i = 1; i < COUNT(trackers); i++)
		assert(trackers[i - 1][0] <= trackers[i][0]);
}
